// SPDX-License-Identifier: GPL-2.0-only
#include "known.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <string.h>

#include "kernel.h"
#include "lock.h"

/* As many keys as a user may have by default, so that a search forgets none */
#define KNOWN_KEYS	256

/**
 * struct known_key - a key whose public numbers have been looked for
 * @serial: The key.
 * @two: Hash of the result of encrypting 2 with the key.
 * @found: Whether the numbers were found.
 * @public: The numbers.
 */
struct known_key {
	int32_t			serial;
	uint8_t			two[SHA256_DIGEST_SIZE];
	bool			found;
	struct rsa_public	public;
};

/* @known_lock guards these variables.  The oldest entry is replaced. */
static struct known_key known_keys[KNOWN_KEYS];
static unsigned int known_count;
static unsigned int known_next;
static struct lock known_lock;

ck_rv_t known_start(void)
{
	known_count = 0;
	known_next = 0;
	return lock_create(&known_lock);
}

void known_end(void)
{
	lock_destroy(&known_lock);
}

/* Has this key been looked at before?  Then @wanted gets what was found out. */
static bool known_look_up(struct known_key *wanted)
{
	bool known = false;
	unsigned int i;

	if (lock_take(&known_lock))
		return false;
	for (i = 0; !known && i < known_count; i++) {
		known = known_keys[i].serial == wanted->serial &&
			!memcmp(known_keys[i].two, wanted->two,
				sizeof(wanted->two));
		if (known)
			*wanted = known_keys[i];
	}
	lock_give(&known_lock);
	return known;
}

static void known_remember(const struct known_key *key)
{
	if (lock_take(&known_lock))
		return;
	known_keys[known_next] = *key;
	known_next = (known_next + 1) % KNOWN_KEYS;
	if (known_count < KNOWN_KEYS)
		known_count++;
	lock_give(&known_lock);
}

/* Names the key by what it makes of 2. */
static bool known_identify(int32_t serial, size_t size, struct known_key *key)
{
	uint8_t text[RSA_BYTES_MAX] = { 0 }, two[RSA_BYTES_MAX] = { 0 };
	struct sha256_ctx hash;

	text[size - 1] = 2;
	if (kernel_pkey(KEYCTL_PKEY_ENCRYPT, serial, RSA_RAW, text, size,
			two, size) != (long)size)
		return false;
	key->serial = serial;
	sha256_init(&hash);
	sha256_update(&hash, size, two);
	sha256_digest(&hash, sizeof(key->two), key->two);
	return true;
}

/**
 * known_public - find the public numbers of a key
 * @serial: The key, with which the caller may encrypt.
 * @size: Bytes of its modulus.
 * @public: Gets the numbers.
 *
 * The serial may belong to another key by now, so the function checks that the
 * key still encrypts 2 to the same number.  The function also remembers that a
 * key's numbers are not found: that takes longest to find out, and another user
 * who may link keys to the keyring can link many such keys.
 *
 * Return: false if they were not found.
 */
bool known_public(int32_t serial, size_t size, struct rsa_public *public)
{
	struct known_key key;
	int ret;

	if (size < RSA_BYTES_MIN || size > RSA_BYTES_MAX ||
	    !known_identify(serial, size, &key))
		return false;
	if (!known_look_up(&key)) {
		ret = rsa_find_public(serial, size, &key.public);
		/* If the kernel did not compute, nothing is known of the key. */
		if (ret && ret != -ERANGE)
			return false;
		key.found = !ret;
		known_remember(&key);
	}
	if (key.found)
		*public = key.public;
	return key.found;
}
