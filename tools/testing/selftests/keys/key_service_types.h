/* SPDX-License-Identifier: GPL-2.0-only */
/* The key types of requests that a service can get. */
#ifndef SELFTESTS_KEYS_KEY_SERVICE_TYPES_H
#define SELFTESTS_KEYS_KEY_SERVICE_TYPES_H

#include "key_service.h"

/* The config of the tests has at least this number of them. */
#define KEY_TYPES_MIN	6

/*
 * Key types that a program may request, a valid description of each, and
 * whether an answer never waits.
 */
static const struct {
	const char *type, *description;
	bool at_once;
} key_types[] = {
	{ "user", "d", true },
	{ "logon", "a:b", true },
	{ "big_key", "d", false },
	{ "encrypted", "d", false },
	{ "trusted", "d", false },
	{ "asymmetric", "d", false },
	{ "fscrypt-provisioning", "d", false },
	{ "dns_resolver", "d", false },
	{ "rxrpc", "a:1", false },
	{ "rxrpc_s", "1:2", false },
	{ "ceph", "d", false },
	{ "cifs.idmap", "d", false },
	{ "id_resolver", "d", false },
	{ "pkcs7_test", "d", false },
	{ "psk", "d", false },
};

/*
 * Returns false if the kernel has no such type, since the request then ends at
 * once.
 */
static inline bool comes_to_service(int fd, pid_t asker)
{
	while (!service_readable(fd, 1))
		if (task_ended(asker, 0))
			return service_readable(fd, 0);
	return true;
}

#endif /* SELFTESTS_KEYS_KEY_SERVICE_TYPES_H */
