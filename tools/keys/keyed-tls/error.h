/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the program ends.  It has one line for each error, and nothing to wipe: keys
 * are the kernel's, and exit() has them revoked, see keys_open().
 */
#ifndef KEYED_TLS_ERROR_H
#define KEYED_TLS_ERROR_H

#define TOOL_NAME	"keyed-tls"
#include "../tool.h"

/* Beside EXIT_FAILURE, which is about this machine, and EXIT_USAGE */
enum {
	EXIT_REFUSED = 3,	/* what the peer sent was refused */
	EXIT_ENDED = 4,		/* the peer has ended the connection */
	EXIT_ANSWER = 5,	/* the page was not had by HTTP */
};

static inline void tool_wipe(void)
{
}

static inline void __attribute__((noreturn, format(printf, 2, 3)))
leave(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tool_leave(status, format, args);
}

#endif /* KEYED_TLS_ERROR_H */
