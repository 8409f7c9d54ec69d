// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces /sbin/request-key: answers for the key as its test orders, see
 * upcall.h.
 *
 * The kernel runs it as: request-key create KEY UID GID KEYRING KEYRING KEYRING
 */
#include "alg.h"
#include "upcall.h"

#define ARGUMENTS	8

static int connect_to_test(void)
{
	struct sockaddr_un address;
	char callout[64] = "";
	socklen_t len;
	long got;
	int fd;

	got = key_read(KEY_SPEC_REQKEY_AUTH_KEY, callout, sizeof(callout) - 1);
	if (got < 0 || strncmp(callout, UPCALL_PREFIX, strlen(UPCALL_PREFIX)))
		return -1;

	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	len = upcall_address(&address, callout);
	if (connect(fd, (struct sockaddr *)&address, len))
		return -1;
	return fd;
}

static int try_serial(key_serial_t serial)
{
	int fd = alg_open(&alg_hmac), err;

	if (fd < 0)
		return fd;
	err = alg_set_serial(fd, serial);
	close(fd);
	return err;
}

static int obey(key_serial_t key, const struct upcall_message *message)
{
	switch (message->order) {
	case UPCALL_INSTANTIATE:
		return keyctl(KEYCTL_INSTANTIATE, key, message->payload,
			      message->len, 0);
	case UPCALL_REJECT:
		return keyctl(KEYCTL_REJECT, key, message->seconds,
			      message->value, 0);
	case UPCALL_TRY_SERIAL:
		return try_serial(message->value);
	}
	return -EINVAL;
}

int main(int argc, char **argv)
{
	struct upcall_message message = {};
	key_serial_t key;
	int fd;

	if (argc != ARGUMENTS || strcmp(argv[1], "create") != 0)
		return 2;
	key = atoi(argv[2]);
	if (keyctl(KEYCTL_ASSUME_AUTHORITY, key) < 0)
		return 1;
	fd = connect_to_test();
	if (fd < 0)
		return 1;

	message.value = key;
	while (send(fd, &message, sizeof(message), MSG_NOSIGNAL) > 0 &&
	       recv(fd, &message, sizeof(message), 0) == sizeof(message))
		message.value = obey(key, &message);
	return 0;
}
