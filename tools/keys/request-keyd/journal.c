// SPDX-License-Identifier: GPL-2.0-only
#include "journal.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "limits.h"

/*
 * Sends a datagram of journald's native protocol, which has a field on each
 * line.
 */
int journal_send(const char *name, int level, const char *line,
		 const char *fields)
{
	static const struct sockaddr_un address = {
		.sun_family = AF_UNIX,
		.sun_path = "/run/systemd/journal/socket",
	};
	static int fd = -1;
	char text[JOURNAL_MAX];
	int len;

	if (fd < 0)
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	len = snprintf(text, sizeof(text),
		       "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n%s",
		       level, name, line, fields);
	if (len < 0 || len >= (int)sizeof(text))
		return -1;
	return sendto(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL,
		      (const struct sockaddr *)&address,
		      sizeof(address)) == len ? 0 : -1;
}
