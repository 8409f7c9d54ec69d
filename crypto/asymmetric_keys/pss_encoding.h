/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EMSA-PSS (RFC 8017, 9.1), the encoding that is around a digest before RSA signs
 * it
 */
#ifndef _CRYPTO_ASYMMETRIC_KEYS_PSS_ENCODING_H
#define _CRYPTO_ASYMMETRIC_KEYS_PSS_ENCODING_H

#include <crypto/sha2.h>
#include <linux/math.h>
#include <linux/types.h>

struct crypto_shash;

/* The longest digest, and so the longest salt */
#define PSS_DIGEST_MAX	SHA512_DIGEST_SIZE

/* Bytes of an encoding of so many bits */
static inline size_t pss_encoding_size(size_t bits)
{
	return DIV_ROUND_UP(bits, 8);
}

bool pss_encoding_fits(struct crypto_shash *hash, size_t bits);
int pss_encode(struct crypto_shash *hash, const u8 *digest, const u8 *salt,
	       u8 *em, size_t bits);
int pss_check(struct crypto_shash *hash, const u8 *digest, u8 *em, size_t bits);

#endif /* _CRYPTO_ASYMMETRIC_KEYS_PSS_ENCODING_H */
