// SPDX-License-Identifier: GPL-2.0-only
/*
 * ECDH on P-256 (SEC 1, 3.3.1) for key agreement
 *
 * By the crypto API: how the functions below it take a private key differs from
 * kernel to kernel.
 */

#include <crypto/ecdh.h>
#include <crypto/kpp.h>
#include <linux/err.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "agreement.h"

#define P256_SIZE		32
/* x and y */
#define P256_POINT_SIZE		(2 * P256_SIZE)
/* The byte before an uncompressed point */
#define P256_UNCOMPRESSED	0x04
/* The version of an ECPrivateKey */
static const u8 p256_version[] = { 1 };

/* id-ecPublicKey, secp256r1 */
static const u8 p256_algorithm[] = {
	DER_OID, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	DER_OID, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
};

/* Private keys are below the order of the curve by more than 2. */
static const u8 p256_order_less_2[P256_SIZE] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
	0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
};

/* ECPrivateKey (RFC 5915): a version, the key, and what can be told from it */
static bool p256_unwrap(struct der *wrapped, struct der *private)
{
	struct der parts;

	return der_take(wrapped, DER_SEQUENCE, &parts) && !wrapped->left &&
	       der_take_known(&parts, DER_INTEGER, p256_version,
			      sizeof(p256_version)) &&
	       der_take(&parts, DER_OCTET_STRING, private);
}

/* Whether it is above 1 tells of one key in 2^255. */
static bool p256_is_private(const u8 *private)
{
	static const u8 one[P256_SIZE] = { [P256_SIZE - 1] = 1 };

	return memcmp(private, one, P256_SIZE) > 0 &&
	       memcmp(private, p256_order_less_2, P256_SIZE) < 0;
}

static int p256_set_key(struct crypto_kpp *tfm, const u8 *private)
{
	struct ecdh params = { .key = (char *)private, .key_size = P256_SIZE };
	unsigned int size = crypto_ecdh_key_len(&params);
	char *encoded;
	int err;

	encoded = kmalloc(size, GFP_KERNEL);
	if (!encoded)
		return -ENOMEM;
	err = crypto_ecdh_encode_key(encoded, size, &params);
	if (!err)
		err = crypto_kpp_set_secret(tfm, encoded, size);
	kfree_sensitive(encoded);
	return err;
}

/* With @peer a secret is computed, else the public part. */
static int p256_run(struct crypto_kpp *tfm, const u8 *peer, u8 *out, size_t size)
{
	struct scatterlist from, to;
	DECLARE_CRYPTO_WAIT(wait);
	struct kpp_request *req;
	int err;

	req = kpp_request_alloc(tfm, GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	sg_init_one(&to, out, size);
	kpp_request_set_output(req, &to, size);
	if (peer)
		sg_init_one(&from, peer, P256_POINT_SIZE);
	kpp_request_set_input(req, peer ? &from : NULL,
			      peer ? P256_POINT_SIZE : 0);
	kpp_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG |
				 CRYPTO_TFM_REQ_MAY_SLEEP, crypto_req_done,
				 &wait);
	err = crypto_wait_req(peer ? crypto_kpp_compute_shared_secret(req) :
				     crypto_kpp_generate_public_key(req), &wait);
	kpp_request_free(req);
	return err;
}

/* @out and @peer are in memory that a scatterlist may point to. */
static int p256_multiply(const u8 *private, const u8 *peer, u8 *out, size_t size)
{
	struct crypto_kpp *tfm;
	int err;

	tfm = crypto_alloc_kpp("ecdh-nist-p256", 0, CRYPTO_NOLOAD);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = p256_set_key(tfm, private);
	if (!err)
		err = p256_run(tfm, peer, out, size);
	crypto_free_kpp(tfm);
	return err;
}

static int p256_make_public(const u8 *private, u8 *public)
{
	u8 *point = kmalloc(P256_POINT_SIZE, GFP_KERNEL);
	int err;

	if (!point)
		return -ENOMEM;
	err = p256_multiply(private, NULL, point, P256_POINT_SIZE);
	if (!err) {
		public[0] = P256_UNCOMPRESSED;
		memcpy(public + 1, point, P256_POINT_SIZE);
	}
	kfree(point);
	return err;
}

/* ECDH says EINVAL of what is no point of the curve. */
static int p256_agree(const u8 *private, const u8 *peer, u8 *secret)
{
	u8 *both;
	int err;

	if (peer[0] != P256_UNCOMPRESSED)
		return -EKEYREJECTED;
	both = kmalloc(P256_POINT_SIZE + P256_SIZE, GFP_KERNEL);
	if (!both)
		return -ENOMEM;
	memcpy(both, peer + 1, P256_POINT_SIZE);
	err = p256_multiply(private, both, both + P256_POINT_SIZE, P256_SIZE);
	if (!err)
		memcpy(secret, both + P256_POINT_SIZE, P256_SIZE);
	kfree_sensitive(both);
	return err == -EINVAL ? -EKEYREJECTED : err;
}

const struct agreement_curve agreement_p256 = {
	.name		= "p256",
	.key_bits	= 256,
	.public_size	= 1 + P256_POINT_SIZE,
	.algorithm	= p256_algorithm,
	.algorithm_size	= sizeof(p256_algorithm),
	.unwrap		= p256_unwrap,
	.is_private	= p256_is_private,
	.make_public	= p256_make_public,
	.agree		= p256_agree,
};

static_assert(P256_SIZE == AGREEMENT_PRIVATE_SIZE);
static_assert(P256_SIZE == AGREEMENT_SECRET_SIZE);
static_assert(1 + P256_POINT_SIZE == AGREEMENT_PUBLIC_MAX);
