/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_LOG_H
#define REQUEST_KEYD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

/**
 * enum log_target - where lines are written
 * @LOG_TO_STDERR: Standard error.
 * @LOG_TO_JOURNAL: Standard error with journald's level prefixes, or journald's
 *	socket.
 * @LOG_TO_SYSLOG: syslog(3).
 */
enum log_target {
	LOG_TO_STDERR,
	LOG_TO_JOURNAL,
	LOG_TO_SYSLOG,
};

/**
 * log_open - Choose where lines are written
 * @target: The target.
 * @verbose: Log lines of LOG_DEBUG as well.
 */
void log_open(enum log_target target, bool verbose);

/**
 * log_say - Log one line
 * @level: LOG_ERR and the like.
 * @format: Format of printf(), without a newline.
 *
 * Text from others must be passed through log_escape() before it becomes an
 * argument: a line break in it would forge a line.
 */
__attribute__((format(printf, 2, 3)))
void log_say(int level, const char *format, ...);

/**
 * log_with - Log one line together with fields
 * @level: As in log_say().
 * @fields: The fields, each as NAME=VALUE and a newline; journald stores them
 *	by name, other targets ignore them.
 * @format: As in log_say(); text from others must be escaped in @fields as
 *	well.
 */
__attribute__((format(printf, 3, 4)))
void log_with(int level, const char *fields, const char *format, ...);

/**
 * log_escape - Make any bytes fit for a line
 * @out: Gets the text: printable ASCII without quotes, doubled backslashes, all
 *	other bytes as \xNN; an ellipsis if the text was cut.
 * @size: Size of @out, at least 8.
 * @data: The bytes.
 * @len: How many.
 *
 * Return: @out.
 */
const char *log_escape(char *out, size_t size, const void *data, size_t len);

#endif /* REQUEST_KEYD_LOG_H */
