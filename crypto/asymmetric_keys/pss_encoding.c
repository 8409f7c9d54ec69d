// SPDX-License-Identifier: GPL-2.0-only
/*
 * EMSA-PSS (RFC 8017, 9.1) with MGF1 of the same hash and a salt as long as the
 * digest, which is what TLS 1.3 and every other protocol that uses it asks for
 *
 * The encoding is, from its first byte on:
 *
 *	zeros, a byte of one, the salt	under a mask made of what follows
 *	the hash of eight zero bytes, the digest and the salt
 *	a last byte that is always the same
 *
 * It has so many bits that it is below the modulus; what is left of its first
 * byte is zero.
 */

#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "pss_encoding.h"

#define PSS_ZEROS	8
#define PSS_ONE		0x01
#define PSS_LAST	0xbc

/**
 * pss_encoding_fits - tell whether there is room for a hash
 * @hash: the hash
 * @bits: those of the encoding
 *
 * Return: true if an encoding of so many bits has room for digest and salt
 */
bool pss_encoding_fits(struct crypto_shash *hash, size_t bits)
{
	size_t digest = crypto_shash_digestsize(hash);

	return pss_encoding_size(bits) >= 2 * digest + 2 /* PSS_ONE, PSS_LAST */;
}

/* Bits of the first byte that are not part of the encoding */
static u8 pss_unused(size_t bits)
{
	return 0xff << (8 - (pss_encoding_size(bits) * 8 - bits));
}

/* MGF1: put the mask over @bytes, or take it off. */
static int pss_mask(struct crypto_shash *hash, const u8 *seed, u8 *bytes,
		    size_t size)
{
	size_t digest = crypto_shash_digestsize(hash), part;
	u8 text[PSS_DIGEST_MAX + sizeof(__be32)], mask[PSS_DIGEST_MAX];
	u32 counter = 0;
	__be32 be;
	int err = 0;

	memcpy(text, seed, digest);
	for (size_t done = 0; !err && done < size; done += part) {
		part = min(digest, size - done);
		be = cpu_to_be32(counter++);
		memcpy(text + digest, &be, sizeof(be));
		err = crypto_shash_tfm_digest(hash, text, digest + sizeof(be),
					      mask);
		if (!err)
			crypto_xor(bytes + done, mask, part);
	}
	memzero_explicit(mask, sizeof(mask));
	return err;
}

static int pss_hash(struct crypto_shash *hash, const u8 *digest, const u8 *salt,
		    u8 *out)
{
	size_t size = crypto_shash_digestsize(hash);
	u8 text[PSS_ZEROS + 2 * PSS_DIGEST_MAX] = {};

	memcpy(text + PSS_ZEROS, digest, size);
	memcpy(text + PSS_ZEROS + size, salt, size);
	return crypto_shash_tfm_digest(hash, text, PSS_ZEROS + 2 * size, out);
}

/**
 * pss_encode - encode a digest
 * @hash: the hash, without a key
 * @digest: a digest of it
 * @salt: as many random bytes
 * @em: receives pss_encoding_size(@bits) bytes
 * @bits: for which pss_encoding_fits()
 *
 * Context: process
 * Return: 0 or an error of the crypto API
 */
int pss_encode(struct crypto_shash *hash, const u8 *digest, const u8 *salt,
	       u8 *em, size_t bits)
{
	size_t size = crypto_shash_digestsize(hash);
	size_t masked = pss_encoding_size(bits) - size - 1;
	int err;

	memset(em, 0, masked - size - 1);
	em[masked - size - 1] = PSS_ONE;
	memcpy(em + masked - size, salt, size);
	err = pss_hash(hash, digest, salt, em + masked);
	if (!err)
		err = pss_mask(hash, em + masked, em, masked);
	em[0] &= ~pss_unused(bits);
	em[masked + size] = PSS_LAST;
	return err;
}

/**
 * pss_check - check an encoding
 * @hash: the hash, without a key
 * @digest: a digest of it
 * @em: pss_encoding_size(@bits) bytes, which are changed
 * @bits: for which pss_encoding_fits()
 *
 * Context: process
 * Return: 0 if it is one of @digest with a salt as long as the digest,
 * -EKEYREJECTED if not, or an error of the crypto API
 */
int pss_check(struct crypto_shash *hash, const u8 *digest, u8 *em, size_t bits)
{
	size_t size = crypto_shash_digestsize(hash);
	size_t masked = pss_encoding_size(bits) - size - 1;
	u8 want[PSS_DIGEST_MAX];
	int err;

	if (em[masked + size] != PSS_LAST || em[0] & pss_unused(bits))
		return -EKEYREJECTED;
	err = pss_mask(hash, em + masked, em, masked);
	if (err)
		return err;
	em[0] &= ~pss_unused(bits);
	if (memchr_inv(em, 0, masked - size - 1) ||
	    em[masked - size - 1] != PSS_ONE)
		return -EKEYREJECTED;
	err = pss_hash(hash, digest, em + masked - size, want);
	if (!err && memcmp(want, em + masked, size) != 0)
		err = -EKEYREJECTED;
	return err;
}
