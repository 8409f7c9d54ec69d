// SPDX-License-Identifier: GPL-2.0-only
/*
 * RSASSA-PSS (RFC 8017, 8.1) with an RSA key: EMSA-PSS around raw RSA
 *
 * The crypto API has raw RSA and PKCS#1 v1.5 around it, and no PSS.
 */

#include <crypto/akcipher.h>
#include <crypto/hash.h>
#include <crypto/public_key.h>
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "der.h"
#include "private_part.h"
#include "pss_encoding.h"
#include "public_key_pss.h"

/* The hashes that TLS 1.3 has for it */
static const char * const pss_hashes[] = { "sha256", "sha384", "sha512" };

/**
 * struct pss - what one operation needs
 * @hash: the hash
 * @rsa: raw RSA with the key
 * @size: bytes of the modulus, and so of a signature
 * @bits: those of the encoding, one less than those of the modulus
 */
struct pss {
	struct crypto_shash *hash;
	struct crypto_akcipher *rsa;
	size_t size;
	size_t bits;
};

/**
 * pss_wanted - tell whether an operation is one of these
 * @pkey: the key
 * @encoding: the word after "enc="
 *
 * Return: true if it is
 */
bool pss_wanted(const struct public_key *pkey, const char *encoding)
{
	return encoding && strcmp(encoding, "pss") == 0 &&
	       strcmp(pkey->pkey_algo, "rsa") == 0;
}
EXPORT_SYMBOL_GPL(pss_wanted);

/* An algorithm that the kernel does not have is ENOPKG for these keys. */
static int pss_lack(int err)
{
	return err == -ENOENT ? -ENOPKG : err;
}

static int pss_find_hash(struct pss *pss, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pss_hashes); i++)
		if (name && strcmp(name, pss_hashes[i]) == 0)
			break;
	if (i == ARRAY_SIZE(pss_hashes))
		return -EINVAL;
	pss->hash = crypto_alloc_shash(name, 0, 0);
	return PTR_ERR_OR_ZERO(pss->hash);
}

/*
 * The modulus comes first in a public key, and after a version in a private one.
 * RSA has read the key by now, so it is there.
 */
static bool pss_find_modulus(const u8 *bytes, size_t size, bool is_private,
			     struct der *modulus)
{
	struct der key = { bytes, size }, parts;

	if (!der_take(&key, DER_SEQUENCE, &parts))
		return false;
	if (is_private && !der_take(&parts, DER_INTEGER, modulus))
		return false;
	if (!der_take(&parts, DER_INTEGER, modulus))
		return false;
	while (modulus->left && !*modulus->at) {
		modulus->at++;
		modulus->left--;
	}
	return modulus->left;
}

static int pss_set_key(struct pss *pss, const struct public_key *pkey,
		       const u8 *bytes)
{
	struct der modulus;
	int err;

	pss->rsa = crypto_alloc_akcipher("rsa", 0, 0);
	if (IS_ERR(pss->rsa))
		return PTR_ERR(pss->rsa);
	err = pkey->key_is_private ?
	      crypto_akcipher_set_priv_key(pss->rsa, bytes, pkey->keylen) :
	      crypto_akcipher_set_pub_key(pss->rsa, bytes, pkey->keylen);
	if (err)
		return err;
	if (!pss_find_modulus(bytes, pkey->keylen, pkey->key_is_private,
			      &modulus))
		return -EINVAL;
	pss->size = modulus.left;
	pss->bits = (modulus.left - 1) * BITS_PER_BYTE + fls(*modulus.at) - 1;
	if (pss->size != crypto_akcipher_maxsize(pss->rsa) ||
	    !pss_encoding_fits(pss->hash, pss->bits))
		return -EINVAL;
	return 0;
}

static void pss_close(struct pss *pss)
{
	if (!IS_ERR_OR_NULL(pss->rsa))
		crypto_free_akcipher(pss->rsa);
	if (!IS_ERR_OR_NULL(pss->hash))
		crypto_free_shash(pss->hash);
}

/* On failure there is nothing to close. */
static int pss_open(struct pss *pss, const struct public_key *pkey,
		    const char *hash)
{
	u8 *bytes;
	int err;

	*pss = (struct pss){};
	err = pss_find_hash(pss, hash);
	if (err)
		goto out;
	err = -ENOMEM;
	bytes = kmalloc(pkey->keylen, GFP_KERNEL);
	if (!bytes)
		goto out;
	err = public_key_copy(pkey, bytes);
	if (!err)
		err = pss_set_key(pss, pkey, bytes);
	kfree_sensitive(bytes);
out:
	if (err)
		pss_close(pss);
	return pss_lack(err);
}

/* Raw RSA, with the private part or the public one; both are @pss->size long. */
static int pss_rsa(const struct pss *pss, int (*op)(struct akcipher_request *),
		   const u8 *in, u8 *out)
{
	struct scatterlist from, to;
	struct akcipher_request *req;
	DECLARE_CRYPTO_WAIT(wait);
	int err;

	req = akcipher_request_alloc(pss->rsa, GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	sg_init_one(&from, in, pss->size);
	sg_init_one(&to, out, pss->size);
	akcipher_request_set_crypt(req, &from, &to, pss->size, pss->size);
	akcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG |
				      CRYPTO_TFM_REQ_MAY_SLEEP,
				      crypto_req_done, &wait);
	err = crypto_wait_req(op(req), &wait);
	akcipher_request_free(req);
	return err;
}

/**
 * pss_query - KEYCTL_PKEY_QUERY, and what the core checks before an operation
 * @pkey: the key
 * @hash: the word after "hash=", or NULL
 * @info: zeroed; receives the answer
 *
 * Context: process
 * Return: 0, -EINVAL if the key or the hash is none for this, -ENOPKG if the
 * kernel lacks an algorithm, -EKEYREVOKED, or -ENOMEM
 */
int pss_query(const struct public_key *pkey, const char *hash,
	      struct kernel_pkey_query *info)
{
	struct pss pss;
	int err = pss_open(&pss, pkey, hash);

	if (err)
		return err;
	info->key_size = pss.size * BITS_PER_BYTE;
	info->max_data_size = crypto_shash_digestsize(pss.hash);
	info->max_sig_size = pss.size;
	info->supported_ops = KEYCTL_SUPPORTS_VERIFY;
	if (pkey->key_is_private)
		info->supported_ops |= KEYCTL_SUPPORTS_SIGN;
	pss_close(&pss);
	return 0;
}
EXPORT_SYMBOL_GPL(pss_query);

static int pss_sign_digest(const struct pss *pss, const u8 *digest, u8 *out)
{
	size_t before = pss->size - pss_encoding_size(pss->bits);
	u8 salt[PSS_DIGEST_MAX];
	u8 *em;
	int err;

	em = kzalloc(2 * pss->size, GFP_KERNEL);
	if (!em)
		return -ENOMEM;
	get_random_bytes(salt, crypto_shash_digestsize(pss->hash));
	err = pss_encode(pss->hash, digest, salt, em + before, pss->bits);
	if (!err)
		err = pss_rsa(pss, crypto_akcipher_decrypt, em, em + pss->size);
	if (!err)
		memcpy(out, em + pss->size, pss->size);
	kfree_sensitive(em);
	return err;
}

/**
 * pss_sign - sign a digest
 * @pkey: a pair
 * @hash: the word after "hash=", or NULL
 * @digest: the digest
 * @digest_size: its size
 * @out: receives the signature
 * @out_size: room there
 *
 * Context: process
 * Return: size of the signature, -EINVAL also for a digest that is none of
 * @hash, or as pss_query()
 */
int pss_sign(const struct public_key *pkey, const char *hash, const u8 *digest,
	     size_t digest_size, u8 *out, size_t out_size)
{
	struct pss pss;
	int ret;

	if (!pkey->key_is_private)
		return -EINVAL;
	ret = pss_open(&pss, pkey, hash);
	if (ret)
		return ret;
	if (digest_size != crypto_shash_digestsize(pss.hash))
		ret = -EINVAL;
	else if (out_size < pss.size)
		ret = -EOVERFLOW;
	else
		ret = pss_sign_digest(&pss, digest, out) ?: (int)pss.size;
	pss_close(&pss);
	return ret;
}
EXPORT_SYMBOL_GPL(pss_sign);

/* RSA says EINVAL of a number that is not below the modulus. */
static int pss_verify_digest(const struct pss *pss, const u8 *digest,
			     const u8 *signature)
{
	size_t before = pss->size - pss_encoding_size(pss->bits);
	u8 *em;
	int err;

	em = kmalloc(2 * pss->size, GFP_KERNEL);
	if (!em)
		return -ENOMEM;
	memcpy(em + pss->size, signature, pss->size);
	err = pss_rsa(pss, crypto_akcipher_encrypt, em + pss->size, em);
	if (err == -EINVAL || (!err && memchr_inv(em, 0, before)))
		err = -EKEYREJECTED;
	if (!err)
		err = pss_check(pss->hash, digest, em + before, pss->bits);
	kfree(em);
	return err;
}

/**
 * pss_verify - verify a signature
 * @pkey: a pair, or the public part of one
 * @hash: the word after "hash=", or NULL
 * @digest: the digest
 * @digest_size: its size
 * @signature: what should be a signature of it
 * @signature_size: its size
 *
 * Context: process
 * Return: 0, -EKEYREJECTED if it is none, -EINVAL also for a digest that is none
 * of @hash, or as pss_query()
 */
int pss_verify(const struct public_key *pkey, const char *hash,
	       const u8 *digest, size_t digest_size, const u8 *signature,
	       size_t signature_size)
{
	struct pss pss;
	int err = pss_open(&pss, pkey, hash);

	if (err)
		return err;
	if (digest_size != crypto_shash_digestsize(pss.hash))
		err = -EINVAL;
	else if (signature_size != pss.size)
		err = -EKEYREJECTED;
	else
		err = pss_verify_digest(&pss, digest, signature);
	pss_close(&pss);
	return err;
}
EXPORT_SYMBOL_GPL(pss_verify);

MODULE_DESCRIPTION("RSASSA-PSS signatures");
MODULE_LICENSE("GPL");
