// SPDX-License-Identifier: GPL-2.0-only
/*
 * X25519 (RFC 7748) for key agreement
 */

#include <crypto/algapi.h>
#include <crypto/curve25519.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "agreement.h"

/* id-X25519, without parameters (RFC 8410) */
static const u8 x25519_algorithm[] = { DER_OID, 3, 0x2b, 0x65, 0x6e };

/* The generic code takes the same time for all keys, and is never a module. */
static int x25519_multiply(const u8 *private, const u8 *point, u8 *out)
{
	u8 scalar[CURVE25519_KEY_SIZE];

	memcpy(scalar, private, sizeof(scalar));
	curve25519_clamp_secret(scalar);
	curve25519_generic(out, scalar, point);
	memzero_explicit(scalar, sizeof(scalar));
	return 0;
}

/* The string of bytes is wrapped in one more. */
static bool x25519_unwrap(struct der *wrapped, struct der *private)
{
	return der_take(wrapped, DER_OCTET_STRING, private) && !wrapped->left;
}

/* Any 32 bytes are. */
static bool x25519_is_private(const u8 *private)
{
	return true;
}

static int x25519_make_public(const u8 *private, u8 *public)
{
	return x25519_multiply(private, curve25519_base_point, public);
}

/* A point of low order gives zero, whatever the private part is. */
static int x25519_agree(const u8 *private, const u8 *peer, u8 *secret)
{
	x25519_multiply(private, peer, secret);
	return crypto_memneq(secret, curve25519_null_point,
			     CURVE25519_KEY_SIZE) ? 0 : -EKEYREJECTED;
}

const struct agreement_curve agreement_x25519 = {
	.name		= "x25519",
	.key_bits	= 255,
	.public_size	= CURVE25519_KEY_SIZE,
	.algorithm	= x25519_algorithm,
	.algorithm_size	= sizeof(x25519_algorithm),
	.unwrap		= x25519_unwrap,
	.is_private	= x25519_is_private,
	.make_public	= x25519_make_public,
	.agree		= x25519_agree,
};

static_assert(CURVE25519_KEY_SIZE == AGREEMENT_PRIVATE_SIZE);
static_assert(CURVE25519_KEY_SIZE == AGREEMENT_SECRET_SIZE);
