// SPDX-License-Identifier: GPL-2.0-only
#include "known.h"

#include <string.h>

#include "kernel.h"
#include "lock.h"

#define KNOWN_KEYS	64

/**
 * struct known_key - a key whose public numbers have been computed
 * @serial: The key, 0 if there is none.
 * @public: The numbers.
 * @two: Result of encrypting 2 with the key.
 */
struct known_key {
	int32_t			serial;
	struct rsa_public	public;
	uint8_t			two[RSA_BYTES_MAX];
};

/* @known_lock guards both variables. */
static struct known_key known_keys[KNOWN_KEYS];
static unsigned int known_next;
static struct lock known_lock;

ck_rv_t known_start(void)
{
	memset(known_keys, 0, sizeof(known_keys));
	return lock_create(&known_lock);
}

void known_end(void)
{
	lock_destroy(&known_lock);
}

static bool known_look_up(int32_t serial, const uint8_t *two, size_t size,
			  struct rsa_public *public)
{
	bool found = false;
	unsigned int i;

	if (lock_take(&known_lock))
		return false;
	for (i = 0; !found && i < KNOWN_KEYS; i++) {
		found = known_keys[i].serial == serial &&
			known_keys[i].public.len == size &&
			!memcmp(known_keys[i].two, two, size);
		if (found)
			*public = known_keys[i].public;
	}
	lock_give(&known_lock);
	return found;
}

static void known_remember(int32_t serial, const uint8_t *two, size_t size,
			   const struct rsa_public *public)
{
	struct known_key *key;

	if (lock_take(&known_lock))
		return;
	key = &known_keys[known_next];
	known_next = (known_next + 1) % KNOWN_KEYS;
	key->serial = serial;
	key->public = *public;
	memcpy(key->two, two, size);
	lock_give(&known_lock);
}

/**
 * known_public - find the public numbers of a key
 * @serial: The key, with which the caller may encrypt.
 * @size: Bytes of its modulus.
 * @public: Gets the numbers.
 *
 * The serial may belong to another key by now, so the function checks that the
 * key still encrypts 2 to the same number.
 *
 * Return: false if they were not found.
 */
bool known_public(int32_t serial, size_t size, struct rsa_public *public)
{
	uint8_t text[RSA_BYTES_MAX] = { 0 }, two[RSA_BYTES_MAX] = { 0 };

	if (size < RSA_BYTES_MIN || size > RSA_BYTES_MAX)
		return false;
	text[size - 1] = 2;
	if (kernel_pkey(KEYCTL_PKEY_ENCRYPT, serial, RSA_RAW, text, size,
			two, size) != (long)size)
		return false;
	if (known_look_up(serial, two, size, public))
		return true;
	if (!rsa_find_public(serial, size, public))
		return false;
	known_remember(serial, two, size, public);
	return true;
}
