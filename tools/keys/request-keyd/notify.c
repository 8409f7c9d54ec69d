// SPDX-License-Identifier: GPL-2.0-only
/*
 * A service manager only needs one datagram at the socket $NOTIFY_SOCKET, so no
 * library is linked for it.
 */
#include "notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define USEC_PER_SEC	1000000
#define NSEC_PER_USEC	1000

/* Attaches a descriptor to the message, in @control. */
static void notify_attach(struct msghdr *message, char *control, size_t size,
			  int fd)
{
	struct cmsghdr *header;

	message->msg_control = control;
	message->msg_controllen = size;
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
}

void notify_with(const char *state, int passed)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char control[CMSG_SPACE(sizeof(passed))]
		__attribute__((aligned(__alignof__(struct cmsghdr)))) = { 0 };
	struct iovec text = { (char *)state, strlen(state) };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	struct msghdr message = {
		.msg_name = &address, .msg_iov = &text, .msg_iovlen = 1,
	};
	int fd;

	if (!len || len >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, len);
	/* An abstract name starts with a 0 byte, written as @. */
	if (*path == '@')
		address.sun_path[0] = '\0';
	message.msg_namelen = offsetof(struct sockaddr_un, sun_path) + len;
	if (passed >= 0)
		notify_attach(&message, control, sizeof(control), passed);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendmsg(fd, &message, MSG_NOSIGNAL);
	close(fd);
}

void notify(const char *state)
{
	notify_with(state, -1);
}

void notify_reloading(void)
{
	struct timespec now;
	char state[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)now.tv_sec * USEC_PER_SEC +
		 now.tv_nsec / NSEC_PER_USEC);
	notify(state);
}
