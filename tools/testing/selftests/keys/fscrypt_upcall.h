/* SPDX-License-Identifier: GPL-2.0-only */
/* A provisioning key that stays under construction, see upcall.h. */
#ifndef SELFTESTS_KEYS_FSCRYPT_UPCALL_H
#define SELFTESTS_KEYS_FSCRYPT_UPCALL_H

#include "upcall.h"

static inline int prov_upcall_request(const void *arg)
{
	key_serial_t key = key_request("fscrypt-provisioning", "slow", arg,
				       KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? key : 0;
}

/* Starts construction; the key lands in the session keyring. */
static inline int prov_upcall_start(struct upcall *upcall)
{
	struct sockaddr_un address;
	char name[32];
	socklen_t len;
	int listener, err = 0;

	if (upcall_route.err)
		return upcall_route.err;

	snprintf(name, sizeof(name), UPCALL_PREFIX "%d", getpid());
	listener = result(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	if (listener < 0)
		return listener;
	len = upcall_address(&address, name);
	if (bind(listener, (struct sockaddr *)&address, len) ||
	    listen(listener, 1))
		err = -errno;
	if (!err) {
		upcall->requester = task_start(prov_upcall_request, name);
		upcall->link = upcall_accept(listener);
		err = upcall->link < 0 ? upcall->link : 0;
	}
	close(listener);
	if (err)
		return err;

	upcall->key = upcall_answer(upcall->link);
	return upcall->key < 0 ? upcall->key : 0;
}

#endif /* SELFTESTS_KEYS_FSCRYPT_UPCALL_H */
