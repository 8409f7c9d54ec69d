// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "journal.h"
#include "limits.h"

#define NAME	"request-keyd"

static enum log_target target = LOG_TO_STDERR;
static bool verbose;

void log_open(enum log_target to, bool all)
{
	target = to;
	verbose = all;
	if (to == LOG_TO_SYSLOG)
		openlog(NAME, LOG_PID, LOG_DAEMON);
}

static void log_put_line(int level, const char *line)
{
	switch (target) {
	case LOG_TO_STDERR:
		fprintf(stderr, NAME ": %s\n", line);
		break;
	case LOG_TO_JOURNAL:
		fprintf(stderr, "<%d>%s\n", level, line);
		break;
	case LOG_TO_SYSLOG:
		syslog(level, "%s", line);
		break;
	}
}

void log_say(int level, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;

	if (level == LOG_DEBUG && !verbose)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log_put_line(level, line);
}

void log_with(int level, const char *fields, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (target != LOG_TO_JOURNAL || journal_send(NAME, level, line, fields))
		log_put_line(level, line);
}

/* Writes @c to @out, escaped if necessary; returns the number of bytes. */
static size_t log_escape_byte(char *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	if (c == '\\') {
		memcpy(out, "\\\\", 2);
		return 2;
	}
	if (c >= ' ' && c < 0x7f && c != '"') {
		*out = c;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[c >> 4];
	out[3] = digits[c & 0xf];
	return 4;
}

const char *log_escape(char *out, size_t size, const void *data, size_t len)
{
	static const char cut[] = "...";
	const unsigned char *bytes = data;
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		char escaped[4];
		size_t n = log_escape_byte(escaped, bytes[i]);

		/* sizeof() includes the 0 at the end, which needs room, too. */
		if (used + n + sizeof(cut) > size) {
			memcpy(out + used, cut, sizeof(cut));
			return out;
		}
		memcpy(out + used, escaped, n);
		used += n;
	}
	out[used] = '\0';
	return out;
}
