/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_LOG_H
#define REQUEST_KEYD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

/**
 * enum log_target - Where lines go
 * @LOG_TO_STDERR: To a person, or to whoever reads standard error.
 * @LOG_TO_JOURNAL: The same, with the level as journald takes it.
 * @LOG_TO_SYSLOG: To syslog.
 */
enum log_target {
	LOG_TO_STDERR,
	LOG_TO_JOURNAL,
	LOG_TO_SYSLOG,
};

/**
 * log_open - Say where lines go
 * @target: Where.
 * @verbose: Log what is of LOG_DEBUG as well.
 */
void log_open(enum log_target target, bool verbose);

/**
 * log_say - Log one line
 * @level: LOG_ERR and the like.
 * @format: As printf() takes it, without a newline.
 *
 * Nothing that others wrote may be among the arguments unless log_escape() has
 * been over it: a line break in it would forge a line.
 */
__attribute__((format(printf, 2, 3)))
void log_say(int level, const char *format, ...);

/**
 * log_with - Log one line that has parts
 * @level: As log_say() takes it.
 * @fields: The parts, each as NAME=VALUE and a newline; journald keeps them by
 *	name, and others see only the line.
 * @format: As log_say() takes it; what holds for its arguments holds for @fields.
 */
__attribute__((format(printf, 3, 4)))
void log_with(int level, const char *fields, const char *format, ...);

/**
 * log_escape - Make any bytes fit for a line
 * @out: The text: printable ASCII, no quotes, backslashes doubled, the rest as
 *	\xNN; an ellipsis if it had to be cut.
 * @size: Room for it, at least 8.
 * @data: The bytes.
 * @len: How many.
 *
 * Return: @out.
 */
const char *log_escape(char *out, size_t size, const void *data, size_t len);

#endif /* REQUEST_KEYD_LOG_H */
