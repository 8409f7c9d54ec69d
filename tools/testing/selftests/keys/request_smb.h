/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file server that only offers Kerberos as the way to log in, which suffices
 * to make a client request keys.
 */
#ifndef SELFTESTS_KEYS_REQUEST_SMB_H
#define SELFTESTS_KEYS_REQUEST_SMB_H

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>

#include "task.h"

#define SMB_PREFIX	4
#define SMB_HEADER	64
#define SMB_NEGOTIATE	64
#define SMB_MESSAGE_MAX	4096

/* Places in the header of a message. */
#define SMB_AT_SIZE	4
#define SMB_AT_COMMAND	12
#define SMB_AT_CREDITS	14
#define SMB_AT_FLAGS	16
#define SMB_AT_ID	24

/* Places in the body of an answer to the first message. */
#define SMB_AT_MODE	2
#define SMB_AT_DIALECT	4
#define SMB_AT_MAX	28
#define SMB_AT_TOKEN	56

#define SMB_SIGNING	1
#define SMB_DIALECT_2_1	0x0210
#define SMB_SERVER	1
#define SMB_CREDITS	16
#define SMB_BUFFER	65536

enum smb_command {
	SMB_COMMAND_NEGOTIATE,
	SMB_COMMAND_LOGIN,
};

/* SPNEGO's first token, with Kerberos 5 as the only mechanism. */
static const uint8_t smb_kerberos[] = {
	0x60, 0x1b,
	0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02,
	0xa0, 0x11, 0x30, 0x0f, 0xa0, 0x0d, 0x30, 0x0b,
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02,
};

static inline void smb_put16(uint8_t *at, uint16_t value)
{
	value = htole16(value);
	memcpy(at, &value, sizeof(value));
}

static inline void smb_put32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

/* Listens on this machine only; returns a descriptor and sets @port. */
static inline int smb_listen(int *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, len) || listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)&address, &len))
		return -errno;
	*port = ntohs(address.sin_port);
	return fd;
}

static inline int smb_accept(int listener)
{
	struct pollfd client = { .fd = listener, .events = POLLIN };

	if (poll(&client, 1, TASK_LIMIT_MS) != 1)
		return -ETIMEDOUT;
	return result(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

static inline int smb_read_all(int fd, void *data, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		struct pollfd more = { .fd = fd, .events = POLLIN };

		if (poll(&more, 1, TASK_LIMIT_MS) != 1)
			return -ETIMEDOUT;
		n = read(fd, (char *)data + got, len - got);
		if (n <= 0)
			return n ? -errno : -EPIPE;
		got += n;
	}
	return 0;
}

/* Reads a message; returns its length without the prefix. */
static inline int smb_read(int fd, uint8_t *message)
{
	uint32_t len;
	int err = smb_read_all(fd, &len, SMB_PREFIX);

	if (err)
		return err;
	len = ntohl(len);
	if (len < SMB_HEADER || len > SMB_MESSAGE_MAX)
		return -EMSGSIZE;
	return smb_read_all(fd, message, len) ?: (int)len;
}

/* Answers the client's first message. */
static inline int smb_answer_negotiate(int fd, const uint8_t *request)
{
	uint8_t text[SMB_PREFIX + SMB_HEADER + SMB_NEGOTIATE +
		     sizeof(smb_kerberos)] = {};
	uint8_t *header = text + SMB_PREFIX, *body = header + SMB_HEADER;
	uint32_t len = htonl(sizeof(text) - SMB_PREFIX);

	memcpy(text, &len, sizeof(len));
	memcpy(header, "\xfeSMB", 4);
	smb_put16(header + SMB_AT_SIZE, SMB_HEADER);
	smb_put16(header + SMB_AT_COMMAND, SMB_COMMAND_NEGOTIATE);
	smb_put16(header + SMB_AT_CREDITS, SMB_CREDITS);
	smb_put32(header + SMB_AT_FLAGS, SMB_SERVER);
	memcpy(header + SMB_AT_ID, request + SMB_AT_ID, 8);

	/* The token's first byte counts as part of the fixed body. */
	smb_put16(body, SMB_NEGOTIATE + 1);
	smb_put16(body + SMB_AT_MODE, SMB_SIGNING);
	smb_put16(body + SMB_AT_DIALECT, SMB_DIALECT_2_1);
	for (int i = 0; i < 3; i++)
		smb_put32(body + SMB_AT_MAX + 4 * i, SMB_BUFFER);
	smb_put16(body + SMB_AT_TOKEN, SMB_HEADER + SMB_NEGOTIATE);
	smb_put16(body + SMB_AT_TOKEN + 2, sizeof(smb_kerberos));
	memcpy(body + SMB_NEGOTIATE, smb_kerberos, sizeof(smb_kerberos));
	return write(fd, text, sizeof(text)) == sizeof(text) ? 0 : -errno;
}

#endif /* SELFTESTS_KEYS_REQUEST_SMB_H */
