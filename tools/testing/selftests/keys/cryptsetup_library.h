/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes that a program opens by itself, with libcryptsetup. */
#ifndef SELFTESTS_KEYS_CRYPTSETUP_LIBRARY_H
#define SELFTESTS_KEYS_CRYPTSETUP_LIBRARY_H

#include <libcryptsetup.h>

#include "cryptsetup.h"

/* Drops the library's messages: the tests check only its error numbers. */
static inline void say_nothing(int level, const char *message, void *unused)
{
}

static inline struct crypt_device *load_disk(void)
{
	struct crypt_device *cd;

	crypt_set_log_callback(NULL, say_nothing, NULL);
	if (crypt_init(&cd, getenv("IMAGE")))
		return NULL;
	if (!crypt_load(cd, CRYPT_LUKS2, NULL))
		return cd;
	crypt_free(cd);
	return NULL;
}

static inline int open_disk(struct crypt_device *cd, uint32_t flags)
{
	return crypt_activate_by_passphrase(cd, DISK_NAME, CRYPT_ANY_SLOT,
					    DISK_PASSPHRASE,
					    strlen(DISK_PASSPHRASE), flags);
}

static inline key_serial_t find_key(void)
{
	return key_request("logon", DISK_KEY, NULL, 0);
}

#endif /* SELFTESTS_KEYS_CRYPTSETUP_LIBRARY_H */
