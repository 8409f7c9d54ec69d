/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The key schedule and the records of TLS 1.3, done again with OpenSSL.  These
 * functions do not use the kernel, so they can show whether the kernel is
 * right.
 */
#ifndef SELFTESTS_KEYS_TLS13_CRYPTO_H
#define SELFTESTS_KEYS_TLS13_CRYPTO_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_HASH_MAX	48
#define PEER_PUBLIC_MAX	65
#define PEER_TAG	16
#define PEER_HEADER	5

/*
 * struct peer_suite - a cipher suite
 * @name: name in "suite="
 * @code: number in TLS
 * @hash: OpenSSL's hash
 * @size:	bytes of its digest
 * @cipher: OpenSSL's cipher
 * @key:	bytes of its key
 */
struct peer_suite {
	const char *name;
	uint16_t code;
	const EVP_MD *(*hash)(void);
	size_t size;
	const EVP_CIPHER *(*cipher)(void);
	size_t key;
};

extern const struct peer_suite peer_suites[3];

/* A secret of the schedule. */
struct peer_secret {
	uint8_t bytes[PEER_HASH_MAX];
};

/* HKDF-Extract.  If @salt or @ikm is NULL, zeros are used. */
void peer_extract(const struct peer_suite *suite, const struct peer_secret *salt,
		  const void *ikm, size_t size, struct peer_secret *out);

/* HKDF-Expand-Label */
void peer_expand(const struct peer_suite *suite, const struct peer_secret *secret,
		 const char *label, const void *context, size_t context_size,
		 void *out, size_t size);

/* Derive-Secret by the hash of no messages, if there is no @hash. */
void peer_derive(const struct peer_suite *suite, const struct peer_secret *secret,
		 const char *label, const uint8_t *hash, struct peer_secret *out);

/* The hash of some text. */
void peer_hash(const struct peer_suite *suite, const void *text, size_t size,
	       uint8_t out[PEER_HASH_MAX]);

/* HMAC by a secret. */
void peer_hmac(const struct peer_suite *suite, const struct peer_secret *secret,
	       const void *text, size_t size, uint8_t out[PEER_HASH_MAX]);

/* Private keys of "X25519" and "P-256", and their agreed secret of 32 bytes. */
EVP_PKEY *peer_pair(const char *curve);
size_t peer_public(EVP_PKEY *pair, uint8_t public[PEER_PUBLIC_MAX]);
bool peer_agree(EVP_PKEY *pair, const char *curve, const uint8_t *public,
		size_t size, uint8_t secret[32]);

/* The header of a record of @size bytes. */
void peer_header(size_t size, uint8_t header[PEER_HEADER]);

/*
 * Seals record @number by a traffic secret into @size + PEER_TAG bytes, or
 * opens it; returns false if it is no record of this number.
 */
bool peer_seal(const struct peer_suite *suite, const struct peer_secret *secret,
	       uint64_t number, const void *text, size_t size, uint8_t *record);
bool peer_open(const struct peer_suite *suite, const struct peer_secret *secret,
	       uint64_t number, const uint8_t *record, size_t size, uint8_t *text);

#endif /* SELFTESTS_KEYS_TLS13_CRYPTO_H */
