// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: a key from another one, by HKDF (RFC 5869)
 *
 * Everything a child is for is an input, each with its length, so that no two
 * purposes have the same bytes and no short key is the start of a long one.
 * Extract is never skipped: for anyone with Search, AF_ALG computes HMAC keyed
 * by a trusted key, and that alone would be Expand.
 */

#include <crypto/hash.h>
#include <keys/encrypted-type.h>
#include <keys/trusted-type.h>
#include <linux/export.h>
#include <linux/kconfig.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "../internal.h"
#include "symmetric.h"

/*
 * A salt of our own: the intermediate key is unlike that of others who derive
 * from the same parent, fscrypt-provisioning among them.
 */
static const u8 symmetric_salt[] = "key type symmetric, HKDF-Extract";

static const char symmetric_info_head[] = "key type symmetric 1";

/* Their hash, for want of one that an algorithm names */
#define SEALED_PARENT_HMAC	"hmac(sha512)"

static void symmetric_info_add(struct symmetric_info *info, const void *part,
			       u8 size)
{
	info->bytes[info->size++] = size;
	memcpy(info->bytes + info->size, part, size);
	info->size += size;
}

/**
 * symmetric_info_fill - what HKDF is told of a child
 * @info: receives it
 * @form: the line
 *
 * The layout is in Documentation/security/keys/symmetric.rst.
 */
void symmetric_info_fill(struct symmetric_info *info,
			 const struct symmetric_form *form)
{
	const char *group = form->alg->group->name;
	u8 size[] = { form->size >> 8, form->size };
	u8 sealed_form = !!form->keeper;

	info->size = 0;
	symmetric_info_add(info, symmetric_info_head,
			   sizeof(symmetric_info_head) - 1);
	symmetric_info_add(info, group, strlen(group));
	symmetric_info_add(info, form->alg->name, strlen(form->alg->name));
	symmetric_info_add(info, size, sizeof(size));
	symmetric_info_add(info, form->uuid, form->uuid_size);
	symmetric_info_add(info, form->label, form->label_size);
	symmetric_info_add(info, &sealed_form, sizeof(sealed_form));
}

/**
 * symmetric_hkdf_extract - HKDF-Extract
 * @hash: the HMAC to use
 * @salt: the salt, not empty
 * @salt_size: how many bytes
 * @secret: the parent's bytes
 * @size: how many
 *
 * Context: process.  Allocates, but loads no module.
 * Return: a transform that is keyed for symmetric_hkdf_expand(), or an error
 * pointer
 */
struct crypto_shash *symmetric_hkdf_extract(const char *hash, const u8 *salt,
					    size_t salt_size, const u8 *secret,
					    size_t size)
{
	u8 prk[SHA512_DIGEST_SIZE];
	struct crypto_shash *tfm;
	int err;

	tfm = crypto_alloc_shash(hash, 0, CRYPTO_NOLOAD);
	if (IS_ERR(tfm))
		return tfm;
	err = crypto_shash_setkey(tfm, salt, salt_size);
	if (!err)
		err = crypto_shash_tfm_digest(tfm, secret, size, prk);
	if (!err)
		err = crypto_shash_setkey(tfm, prk,
					  crypto_shash_digestsize(tfm));
	memzero_explicit(prk, sizeof(prk));
	if (!err)
		return tfm;
	crypto_free_shash(tfm);
	return ERR_PTR(err);
}

/* One block: the hash of the block before, the info and a counter. */
static int symmetric_hkdf_block(struct crypto_shash *tfm, const u8 *before,
				size_t before_size,
				const struct symmetric_info *info, u8 counter,
				u8 *block)
{
	u8 text[SHA512_DIGEST_SIZE + SYMMETRIC_INFO_MAX + sizeof(counter)];
	size_t size = before_size;
	int err;

	memcpy(text, before, before_size);
	memcpy(text + size, info->bytes, info->size);
	size += info->size;
	text[size++] = counter;
	err = crypto_shash_tfm_digest(tfm, text, size, block);
	memzero_explicit(text, sizeof(text));
	return err;
}

/**
 * symmetric_hkdf_expand - HKDF-Expand
 * @tfm: of symmetric_hkdf_extract()
 * @info: what the output is for
 * @out: receives @size bytes, only on success
 * @size: how many, at most 255 blocks
 *
 * Context: any that may take its time
 * Return: 0 or an error of the crypto API
 */
int symmetric_hkdf_expand(struct crypto_shash *tfm,
			  const struct symmetric_info *info, u8 *out,
			  size_t size)
{
	size_t digest = crypto_shash_digestsize(tfm), before = 0, part;
	u8 block[SHA512_DIGEST_SIZE];
	u8 counter = 0;
	int err = 0;

	for (size_t done = 0; !err && done < size; done += part) {
		err = symmetric_hkdf_block(tfm, block, before, info, ++counter,
					   block);
		part = min(digest, size - done);
		if (!err)
			memcpy(out + done, block, part);
		before = digest;
	}
	memzero_explicit(block, sizeof(block));
	if (err)
		memzero_explicit(out, size);
	return err;
}

/**
 * symmetric_extract - make a parent's transform
 * @hash: the HMAC to use
 * @secret: the parent's bytes
 * @size: how many
 *
 * Return: as symmetric_hkdf_extract()
 */
struct crypto_shash *symmetric_extract(const char *hash, const u8 *secret,
				       size_t size)
{
	return symmetric_hkdf_extract(hash, symmetric_salt,
				      sizeof(symmetric_salt) - 1, secret, size);
}

/**
 * symmetric_extract_by - HKDF-Extract of a parent's bytes by a salt of the caller's
 * @sk: the parent's object, to which the caller has a reference
 * @tfm: HMAC, keyed by the salt, which has to be unlike that of everybody else
 * @prk: receives the digest, only on success
 *
 * For code of the kernel that derives keys of its own kind.  Those live on when the
 * parent ends, as all children do.
 *
 * Context: process
 * Return: 0, -EKEYREJECTED if @sk is no parent or one for another hash, -EKEYREVOKED,
 * -EKEYEXPIRED, or an error of the crypto API
 */
int symmetric_extract_by(struct symmetric_key *sk, struct crypto_shash *tfm,
			 u8 *prk)
{
	int err;

	if (!(sk->uses & SYMMETRIC_USE_DERIVE) ||
	    crypto_shash_digestsize(tfm) != sk->alg->digest_size)
		return -EKEYREJECTED;
	err = symmetric_enter(sk);
	if (err)
		return err;
	err = crypto_shash_tfm_digest(tfm, sk->bytes, sk->size, prk);
	symmetric_leave(sk);
	return err;
}
EXPORT_SYMBOL_GPL(symmetric_extract_by);

static int symmetric_expand(struct crypto_shash *tfm,
			    const struct symmetric_form *form, u8 *bytes)
{
	struct symmetric_info info;

	symmetric_info_fill(&info, form);
	return symmetric_hkdf_expand(tfm, &info, bytes, form->size);
}

static int symmetric_derive_from_symmetric(struct symmetric_key *parent,
					   const struct symmetric_form *form,
					   struct symmetric_key *sk)
{
	int err;

	if (!(parent->uses & SYMMETRIC_USE_DERIVE))
		return -EKEYREJECTED;
	err = symmetric_enter(parent);
	if (err)
		return err;
	err = symmetric_expand(parent->tfm, form, sk->bytes);
	symmetric_leave(parent);
	sk->origin = parent->origin;
	return err;
}

/* So the master of an encrypted key is named if it is a trusted key. */
#define TRUSTED_MASTER	"trusted:"

/*
 * Under the parent's semaphore; no crypto here.  The types are known by name, as
 * they may live in modules.  When one goes, its keys are turned into dead ones
 * under that semaphore, and key_validate() has refused those.
 */
static int symmetric_sealed_secret(const struct key *key, u8 *secret,
				   size_t *size, u32 *origin)
{
	const u8 *bytes;

	if (!strcmp(key->type->name, "trusted")) {
		const struct trusted_key_payload *p =
			dereference_key_locked(key);

		bytes = p->key;
		*size = p->key_len;
		*origin = SYMMETRIC_ORIGIN_INSIDE;
	} else if (!strcmp(key->type->name, "encrypted")) {
		const struct encrypted_key_payload *p =
			dereference_key_locked(key);

		/* A program that knows another master knows the bytes */
		if (strncmp(p->master_desc, TRUSTED_MASTER,
			    strlen(TRUSTED_MASTER)) != 0)
			return -EKEYREJECTED;
		bytes = p->decrypted_data;
		*size = p->decrypted_datalen;
		*origin = IS_ENABLED(CONFIG_USER_DECRYPTED_DATA) ?
			  SYMMETRIC_ORIGIN_OUTSIDE : SYMMETRIC_ORIGIN_INSIDE;
	} else {
		return -EKEYREJECTED;
	}
	if (*size < SYMMETRIC_PARENT_MIN || *size > SYMMETRIC_PARENT_MAX)
		return -EKEYREJECTED;
	memcpy(secret, bytes, *size);
	return 0;
}

static int symmetric_derive_from_sealed(struct key *key,
					const struct symmetric_form *form,
					struct symmetric_key *sk)
{
	u8 secret[SYMMETRIC_PARENT_MAX];
	struct crypto_shash *tfm;
	size_t size;
	int err;

	if (form->alg->id != SYMMETRIC_ALG_HKDF_SHA512)
		return -EKEYREJECTED;
	down_read(&key->sem);
	err = key_validate(key);
	if (!err)
		err = symmetric_sealed_secret(key, secret, &size, &sk->origin);
	up_read(&key->sem);
	if (err)
		return err;

	tfm = symmetric_extract(SEALED_PARENT_HMAC, secret, size);
	memzero_explicit(secret, sizeof(secret));
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = symmetric_expand(tfm, form, sk->bytes);
	crypto_free_shash(tfm);
	return err;
}

/**
 * symmetric_derive - derive the bytes of a key
 * @form: a "derive" line
 * @sk: receives bytes and origin
 *
 * The parent is looked up with the rights of the caller, which for a handler of
 * request_key(2) are not those of the requester.
 *
 * Context: process, under no key's semaphore
 * Return: 0, an error of the look-up, -EKEYREJECTED, -EKEYREVOKED, -EKEYEXPIRED,
 * or an error of the crypto API
 */
int symmetric_derive(const struct symmetric_form *form,
		     struct symmetric_key *sk)
{
	key_ref_t ref = lookup_user_key(form->serial, 0, KEY_NEED_SEARCH);
	struct key *key;
	int err;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	key = key_ref_to_ptr(ref);
	if (key->type == &key_type_symmetric)
		err = symmetric_derive_from_symmetric(symmetric_of(key), form,
						      sk);
	else
		err = symmetric_derive_from_sealed(key, form, sk);
	key_ref_put(ref);
	return err;
}
