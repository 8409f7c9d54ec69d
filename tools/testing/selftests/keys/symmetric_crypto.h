/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The documented computations of symmetric keys, done again with OpenSSL.
 * These functions do not use the kernel, so they can show whether the kernel is
 * right.
 */
#ifndef SELFTESTS_KEYS_SYMMETRIC_CRYPTO_H
#define SELFTESTS_KEYS_SYMMETRIC_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest key, and of the longest digest */
#define CRYPTO_KEY_MAX	64

/*
 * struct crypto_child - parameters of a derived key
 * @hash:	bits of the parent's hash: 256 or 512
 * @group:	name of its group of uses
 * @alg:	name of its algorithm
 * @size:	bytes
 * @label:	the label
 * @uuid: 16 bytes of the UUID of its volume, or NULL
 */
struct crypto_child {
	int hash;
	const char *group;
	const char *alg;
	size_t size;
	const char *label;
	const uint8_t *uuid;
};

/* HKDF by Documentation/security/keys/symmetric.rst. */
void crypto_child(const struct crypto_child *child, const uint8_t *secret,
		  size_t secret_size, uint8_t bytes[CRYPTO_KEY_MAX]);

/* HMAC with SHA-@bits. */
void crypto_hmac(int bits, const uint8_t *key, size_t key_size,
		 const void *in, size_t size, uint8_t mac[CRYPTO_KEY_MAX]);

/*
 * Opens a blob of nonce, ciphertext and tag.  Returns the size of the text, or -1
 * if the tag is wrong.
 */
long crypto_open(const uint8_t key[32], const void *aad, size_t aad_size,
		 const uint8_t *blob, size_t size, uint8_t *text);

#endif /* SELFTESTS_KEYS_SYMMETRIC_CRYPTO_H */
