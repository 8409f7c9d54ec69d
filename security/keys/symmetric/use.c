// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: what KEYCTL_PKEY_* do with them
 *
 * The core has copied everything into the kernel and checked what symmetric_query()
 * tells it to check, so a bracket here encloses one computation.
 */

#include <crypto/algapi.h>
#include <crypto/chacha20poly1305.h>
#include <crypto/hash.h>
#include <linux/random.h>

#include "symmetric.h"

/* A blob is the nonce, the ciphertext, the tag. */
#define SYMMETRIC_BLOB_EXTRA	(XCHACHA20POLY1305_NONCE_SIZE + \
				 CHACHA20POLY1305_AUTHTAG_SIZE)

static const struct {
	u32 use;
	u32 op;
} symmetric_ops[] = {
	{ SYMMETRIC_USE_MAC,	KEYCTL_SUPPORTS_SIGN },
	{ SYMMETRIC_USE_VERIFY,	KEYCTL_SUPPORTS_VERIFY },
	{ SYMMETRIC_USE_SEAL,	KEYCTL_SUPPORTS_ENCRYPT },
	{ SYMMETRIC_USE_OPEN,	KEYCTL_SUPPORTS_DECRYPT },
};

/**
 * symmetric_query - KEYCTL_PKEY_QUERY, and what the core checks before a use
 * @params: the key
 * @info: zeroed; receives the answer
 *
 * Sealed and open blobs have one limit: keyctl(1) gives a decryption as much
 * room as an encryption may take.
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
int symmetric_query(const struct kernel_pkey_params *params,
		    struct kernel_pkey_query *info)
{
	struct symmetric_key *sk = symmetric_of(params->key);
	int err = symmetric_dead(sk);

	if (err)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(symmetric_ops); i++)
		if (sk->uses & symmetric_ops[i].use)
			info->supported_ops |= symmetric_ops[i].op;
	info->key_size = sk->size * BITS_PER_BYTE;
	if (sk->uses & (SYMMETRIC_USE_MAC | SYMMETRIC_USE_VERIFY)) {
		info->max_data_size = SYMMETRIC_DATA_MAX;
		info->max_sig_size = sk->alg->digest_size;
	}
	if (sk->uses & (SYMMETRIC_USE_SEAL | SYMMETRIC_USE_OPEN)) {
		info->max_enc_size = SYMMETRIC_DATA_MAX;
		info->max_dec_size = SYMMETRIC_DATA_MAX;
	}
	info->spare[SYMMETRIC_QUERY_ALG] = sk->alg->id;
	info->spare[SYMMETRIC_QUERY_USES] = sk->uses;
	info->spare[SYMMETRIC_QUERY_ORIGIN] = sk->origin;
	tls13_query(sk, info);
	return 0;
}

static int symmetric_hmac(struct symmetric_key *sk, const void *in, size_t size,
			  u8 *mac)
{
	int err = symmetric_enter(sk);

	if (err)
		return err;
	err = crypto_shash_tfm_digest(symmetric_bearer(sk)->tfm, in, size, mac);
	symmetric_leave(sk);
	return err;
}

static int symmetric_mac(struct kernel_pkey_params *params, const void *in,
			 void *out)
{
	struct symmetric_key *sk = symmetric_of(params->key);
	int err;

	if (params->out_len < sk->alg->digest_size)
		return -EOVERFLOW;
	err = symmetric_hmac(sk, in, params->in_len, out);
	return err ?: sk->alg->digest_size;
}

static int symmetric_seal(struct kernel_pkey_params *params, const void *in,
			  u8 *out)
{
	struct symmetric_key *sk = symmetric_of(params->key);
	u8 *cipher = out + XCHACHA20POLY1305_NONCE_SIZE;
	int err;

	if (params->in_len > SYMMETRIC_DATA_MAX - SYMMETRIC_BLOB_EXTRA)
		return -EMSGSIZE;
	if (params->out_len < params->in_len + SYMMETRIC_BLOB_EXTRA)
		return -EOVERFLOW;
	get_random_bytes(out, XCHACHA20POLY1305_NONCE_SIZE);
	err = symmetric_enter(sk);
	if (err)
		return err;
	xchacha20poly1305_encrypt(cipher, in, params->in_len, params->aad,
				  params->aad_len, out,
				  symmetric_bearer(sk)->bytes);
	symmetric_leave(sk);
	return params->in_len + SYMMETRIC_BLOB_EXTRA;
}

static int symmetric_open(struct kernel_pkey_params *params, const u8 *in,
			  u8 *out)
{
	struct symmetric_key *sk = symmetric_of(params->key);
	size_t text;
	bool right;
	int err;

	if (params->in_len < SYMMETRIC_BLOB_EXTRA)
		return -EBADMSG;
	text = params->in_len - SYMMETRIC_BLOB_EXTRA;
	if (params->out_len < text)
		return -EOVERFLOW;
	err = symmetric_enter(sk);
	if (err)
		return err;
	right = xchacha20poly1305_decrypt(out,
					  in + XCHACHA20POLY1305_NONCE_SIZE,
					  params->in_len -
					  XCHACHA20POLY1305_NONCE_SIZE,
					  params->aad, params->aad_len, in,
					  symmetric_bearer(sk)->bytes);
	symmetric_leave(sk);
	return right ? text : -EBADMSG;
}

/**
 * symmetric_use - KEYCTL_PKEY_SIGN, _ENCRYPT and _DECRYPT
 * @params: the key, the operation, which the key has, and the lengths
 * @in: data
 * @out: receives the result
 *
 * Return: size of the result, -EMSGSIZE, -EBADMSG, -EOVERFLOW, -EKEYREVOKED,
 * -EKEYEXPIRED, or an error of the crypto API
 */
int symmetric_use(struct kernel_pkey_params *params, const void *in, void *out)
{
	if (tls13_uses(symmetric_of(params->key)))
		return tls13_use(params, in, out);
	switch (params->op) {
	case kernel_pkey_sign:
		return symmetric_mac(params, in, out);
	case kernel_pkey_encrypt:
		return symmetric_seal(params, in, out);
	case kernel_pkey_decrypt:
		return symmetric_open(params, in, out);
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * symmetric_verify - KEYCTL_PKEY_VERIFY
 * @params: the key and the lengths
 * @in: data
 * @in2: what should be its MAC
 *
 * Return: 0, -EKEYREJECTED, -EKEYREVOKED, -EKEYEXPIRED, or an error of the crypto
 * API
 */
int symmetric_verify(struct kernel_pkey_params *params, const void *in,
		     const void *in2)
{
	struct symmetric_key *sk = symmetric_of(params->key);
	u8 mac[SHA512_DIGEST_SIZE];
	int err;

	err = symmetric_hmac(sk, in, params->in_len, mac);
	/* A MAC that was cut short is none, and the time tells nothing */
	if (!err && (params->in2_len != sk->alg->digest_size ||
		     crypto_memneq(mac, in2, sk->alg->digest_size)))
		err = -EKEYREJECTED;
	memzero_explicit(mac, sizeof(mac));
	return err;
}
