// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/keyctl.h>
#include <linux/symmetric_key.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mac.h"

/*
 * No other data that is authenticated with the key begins like this by chance.
 */
#define PURPOSE		"linux-keys LUKS2 token 1"
/* LUKS2 has 40 bytes for the UUID. */
#define UUID_MAX	40

static long keyctl(int op, void *two, const void *three, const void *four,
		   void *five)
{
	long ret = syscall(__NR_keyctl, op, two, three, four, five);

	return ret < 0 ? -errno : ret;
}

/*
 * Without callout information the kernel only searches and asks nobody to make
 * a key.
 */
static int mac_find_key(const char *description)
{
	long key;

	do {
		key = syscall(__NR_request_key, "symmetric", description, NULL,
			      0);
	} while (key < 0 && errno == EINTR);
	return key < 0 ? -errno : key;
}

/* A key of another algorithm would compute another passphrase, or none. */
static int mac_check_key(int key)
{
	struct keyctl_pkey_query query = {};
	long err = keyctl(KEYCTL_PKEY_QUERY, (void *)(long)key, NULL, "",
			  &query);

	if (err)
		return err;
	if (query.__spare[SYMMETRIC_QUERY_ALG] != SYMMETRIC_ALG_HMAC_SHA256 ||
	    !(query.__spare[SYMMETRIC_QUERY_USES] & SYMMETRIC_USE_MAC))
		return -EMEDIUMTYPE;
	return 0;
}

static int mac_sign(int key, const uint8_t *in, size_t len, uint8_t *out)
{
	struct keyctl_pkey_params params = {
		.key_id = key, .in_len = len, .out_len = MAC_SIZE,
	};
	long ret = keyctl(KEYCTL_PKEY_SIGN, &params, "", in, out);

	if (ret < 0)
		return ret;
	return ret == MAC_SIZE ? 0 : -EMEDIUMTYPE;
}

int mac_of_slot(const char *description, const char *uuid, const uint8_t *salt,
		uint8_t *passphrase)
{
	uint8_t in[sizeof(PURPOSE) + UUID_MAX + SALT_SIZE];
	size_t uuid_size = uuid ? strlen(uuid) + 1 : 0;
	uint8_t *at = in;
	int key, err;

	if (uuid_size < 2 || uuid_size > UUID_MAX)
		return -EINVAL;
	key = mac_find_key(description);
	if (key < 0)
		return key;
	err = mac_check_key(key);
	if (err)
		return err;

	at = mempcpy(at, PURPOSE, sizeof(PURPOSE));
	at = mempcpy(at, uuid, uuid_size);
	at = mempcpy(at, salt, SALT_SIZE);
	return mac_sign(key, in, at - in, passphrase);
}
