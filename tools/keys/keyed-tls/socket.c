// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol.h"
#include "socket.h"

static const char upper_protocol[] = "tls";

static int set(int fd, int level, int option, const void *value, socklen_t size)
{
	return setsockopt(fd, level, option, value, size) ? -errno : 0;
}

/* Where there is such an option, no key has the serial 0. */
int socket_prepare(int fd)
{
	const key_serial none = 0;
	int err = set(fd, IPPROTO_TCP, TCP_ULP, upper_protocol,
		      sizeof(upper_protocol) - 1);

	if (!err)
		err = set(fd, SOL_TLS, TLS_TX_BY_KEY_SERIAL, &none, sizeof(none));
	return err == -EINVAL ? 0 : err;
}

int socket_take(int fd, key_serial own, key_serial peer)
{
	return set(fd, SOL_TLS, TLS_TX_BY_KEY_SERIAL, &own, sizeof(own)) ?:
	       set(fd, SOL_TLS, TLS_RX_BY_KEY_SERIAL, &peer, sizeof(peer));
}

/*
 * union control - the type of a record beside its text
 */
union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(uint8_t))];
};

ssize_t socket_send(int fd, uint8_t type, const void *text, size_t size)
{
	struct iovec part = { (void *)text, size };
	union control control = {
		.head = {
			.cmsg_len = CMSG_LEN(sizeof(type)),
			.cmsg_level = SOL_TLS,
			.cmsg_type = TLS_SET_RECORD_TYPE,
		},
	};
	const struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.head), &type, sizeof(type));
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* Only text without a type is the end of the connection. */
ssize_t socket_receive(int fd, int flags, uint8_t *type, void *text, size_t room)
{
	struct iovec part = { text, room };
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(fd, &message, flags);
	const struct cmsghdr *head = got < 0 ? NULL : CMSG_FIRSTHDR(&message);

	*type = 0;
	if (head && head->cmsg_level == SOL_TLS &&
	    head->cmsg_type == TLS_GET_RECORD_TYPE)
		memcpy(type, CMSG_DATA(head), sizeof(*type));
	return got;
}
