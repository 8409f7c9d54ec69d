// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provisioning keys that are derived from a trusted or encrypted key
 *
 * The parent is never used as a filesystem key itself.  Whoever uses the same
 * parent for another purpose, or learns a derived key, learns nothing about the
 * parent or about any other key derived from it.
 */

#include <crypto/hash.h>
#include <keys/encrypted-type.h>
#include <keys/trusted-type.h>
#include <linux/key.h>
#include <linux/string.h>

#include "fscrypt_private.h"
#include "provisioning.h"

#define SEALED_HMAC	"hmac(sha512)"
#define SEALED_VERSION	1

/*
 * A salt of our own, rather than none: fscrypt's derivation of file keys is
 * unsalted, and so is what others tend to publish as a fingerprint of a secret.
 * Even the intermediate key is then unlike any of theirs.
 */
static const u8 sealed_salt[] = "fscrypt-provisioning sealed key";

/**
 * struct sealed_info - what a derived key depends on besides the parent
 * @purpose: names the use, with its terminating zero, so no other use that
 *	names itself in this way can be a prefix of it
 * @version: %SEALED_VERSION
 * @type: one of FSCRYPT_KEY_SPEC_TYPE_*
 * @raw_size: size of the key, so a short key is not the start of a long one
 * @flags: FSCRYPT_PROVISIONING_FLAG_*
 * @fs_uuid: filesystem of a bound key, else zero
 * @label_size: size of the label
 * @label: the label, followed by the block counter of HKDF-Expand
 *
 * Bytes only, so that a sealed parent gives the same keys on every machine.
 */
struct sealed_info {
	u8 purpose[sizeof("fscrypt-provisioning")];
	u8 version;
	u8 type;
	u8 raw_size;
	u8 flags;
	u8 fs_uuid[FSCRYPT_PROVISIONING_UUID_SIZE];
	u8 label_size;
	u8 label[FSCRYPT_PROVISIONING_LABEL_MAX + 1];
};

/*
 * Trusted and encrypted keys are made by the kernel, leave it only as
 * ciphertext, and cannot be read.  What user space brought in itself (user and
 * logon keys) is no root of trust: the plain form serves that.
 *
 * The types are known by name, as they may live in modules that fscrypt must
 * neither need nor load.  key->sem keeps the type: when its module goes, its keys
 * are turned into dead ones under that semaphore, and prov_check_parent() refuses those.
 */
static int prov_parent_secret(const struct key *key, const u8 **secret, size_t *size)
{
	if (!strcmp(key->type->name, "trusted")) {
		const struct trusted_key_payload *p =
			dereference_key_locked(key);

		*secret = p->key;
		*size = p->key_len;
	} else if (!strcmp(key->type->name, "encrypted")) {
		const struct encrypted_key_payload *p =
			dereference_key_locked(key);

		*secret = p->decrypted_data;
		*size = p->decrypted_datalen;
	} else {
		return -EKEYREJECTED;
	}
	return *size < FSCRYPT_PROV_PARENT_MIN ? -EKEYREJECTED : 0;
}

/*
 * How long a key is under construction is up to whoever makes it, and who waits
 * here may be answering a request for which others wait: as good as none.
 */
static int prov_check_parent(const struct key *key)
{
	int state = key_read_state(key);

	if (state == KEY_IS_UNINSTANTIATED)
		return -ENOKEY;
	return state < 0 ? state : key_validate(key);
}

/* The secret does not leave the parent's semaphore. */
static int prov_extract_sealed(struct crypto_shash *tfm, struct key *key, u8 *prk)
{
	const u8 *secret;
	size_t size;
	int err;

	down_read(&key->sem);
	err = prov_check_parent(key);
	if (!err)
		err = prov_parent_secret(key, &secret, &size);
	if (!err)
		err = crypto_shash_tfm_digest(tfm, secret, size, prk);
	up_read(&key->sem);
	return err;
}

/* HKDF-Extract with the parent's secret */
static int prov_hkdf_extract(struct crypto_shash *tfm, key_serial_t parent, u8 *prk)
{
	key_ref_t ref;
	struct key *key;
	int err;

	ref = lookup_user_key(parent, KEY_LOOKUP_PARTIAL, KEY_NEED_SEARCH);
	if (IS_ERR(ref))
		return PTR_ERR(ref);

	key = key_ref_to_ptr(ref);
	if (!fscrypt_prov_is_symmetric(key)) {
		err = prov_extract_sealed(tfm, key, prk);
	} else {
		err = prov_check_parent(key);
		if (!err)
			err = fscrypt_prov_extract_symmetric(tfm, key, prk);
	}

	key_ref_put(ref);
	return err;
}

/* HKDF-Expand: the limits allow for one block, so the counter is always 1 */
static int prov_hkdf_expand(struct crypto_shash *tfm,
			    const struct fscrypt_provisioning_form *form, u8 *okm)
{
	struct sealed_info info = {
		.purpose	= "fscrypt-provisioning",
		.version	= SEALED_VERSION,
		.type		= form->type,
		.raw_size	= form->raw_size,
		.flags		= form->flags,
		.label_size	= form->label_size,
	};

	memcpy(info.fs_uuid, form->fs_uuid, sizeof(info.fs_uuid));
	memcpy(info.label, form->label, form->label_size);
	info.label[form->label_size] = 1;

	return crypto_shash_tfm_digest(tfm, (const u8 *)&info,
				       offsetof(struct sealed_info, label) +
				       form->label_size + 1, okm);
}

/**
 * fscrypt_prov_derive() - derive a filesystem key from a parent key
 * @form: a valid payload that names the parent
 * @raw: receives @form->raw_size bytes, only on success
 *
 * HKDF (RFC 5869) with SHA-512.  The transform is allocated before the parent
 * is locked, since the allocation may have to load a module.
 *
 * Context: May sleep, but waits for no program, except for one that loads a module.
 * Return: 0, -ENOKEY if the parent is still being made, -EKEYREJECTED if it is of a
 * wrong type or too short, what the look-up with Search permission gives, or an error
 * of the crypto API
 */
int fscrypt_prov_derive(const struct fscrypt_provisioning_form *form, u8 *raw)
{
	u8 prk[SHA512_DIGEST_SIZE];
	u8 okm[SHA512_DIGEST_SIZE];
	struct crypto_shash *tfm;
	int err;

	tfm = crypto_alloc_shash(SEALED_HMAC, 0, FSCRYPT_CRYPTOAPI_MASK);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);

	err = crypto_shash_setkey(tfm, sealed_salt, sizeof(sealed_salt) - 1);
	if (!err)
		err = prov_hkdf_extract(tfm, form->parent, prk);
	if (!err)
		err = crypto_shash_setkey(tfm, prk, sizeof(prk));
	if (!err)
		err = prov_hkdf_expand(tfm, form, okm);
	if (!err)
		memcpy(raw, okm, form->raw_size);

	memzero_explicit(prk, sizeof(prk));
	memzero_explicit(okm, sizeof(okm));
	crypto_free_shash(tfm);
	return err;
}
