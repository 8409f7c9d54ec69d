/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys of type "fscrypt-provisioning"
 */
#ifndef _FSCRYPT_PROVISIONING_H
#define _FSCRYPT_PROVISIONING_H

#include <crypto/sha2.h>
#include <linux/err.h>
#include <linux/key-type.h>
#include <linux/types.h>
#include <linux/uuid.h>
#include <uapi/linux/fscrypt.h>
#include <uapi/linux/fscrypt_provisioning.h>

struct fscrypt_master_key_secret;
struct super_block;

/* Limits */
#define FSCRYPT_PROV_KEY_MIN		16
#define FSCRYPT_PROV_KEY_MAX		64
/* A parent below the strength of the strongest policy is no root of trust. */
#define FSCRYPT_PROV_PARENT_MIN		32

/* A derived key is one block of output, so one HMAC expands it. */
static_assert(FSCRYPT_PROV_KEY_MAX <= SHA512_DIGEST_SIZE);
static_assert(FSCRYPT_PROV_KEY_MAX == FSCRYPT_MAX_KEY_SIZE);
static_assert(FSCRYPT_PROVISIONING_LABEL_MAX <= U8_MAX);
static_assert(FSCRYPT_PROVISIONING_UUID_SIZE == UUID_SIZE);

/**
 * struct fscrypt_prov_key - what a provisioning key keeps in the kernel
 * @type: one of FSCRYPT_KEY_SPEC_TYPE_*
 * @size: size of @raw
 * @sealed: the key was derived, user space never had it
 * @bound: the key is for @fs_uuid only
 * @fs_uuid: the filesystem of a bound key
 * @raw: the secret
 *
 * Everything but @raw is fixed from instantiation to destruction and may be
 * read without a lock.  @raw is read under the read-locked and wiped under the
 * write-locked key semaphore.  It is wiped in place, which leaves nothing for a
 * lockless reader of the other members to trip over.
 */
struct fscrypt_prov_key {
	u32 type;
	u32 size;
	bool sealed;
	bool bound;
	uuid_t fs_uuid;
	u8 raw[];
};

/* provisioning.c */

extern struct key_type key_type_fscrypt_provisioning;

int fscrypt_prov_get(const struct super_block *sb, key_serial_t serial,
		     u32 type, struct fscrypt_master_key_secret *secret);

/* provisioning_form.c */

void fscrypt_prov_free(struct fscrypt_prov_key *prov);
bool fscrypt_prov_is_form(const void *data, size_t size);
struct fscrypt_prov_key *fscrypt_prov_parse_plain(const void *data,
						  size_t size);
struct fscrypt_prov_key *fscrypt_prov_parse_form(const void *data, size_t size);

/* provisioning_sealed.c */

#ifdef CONFIG_FS_ENCRYPTION_SEALED_KEYS
int fscrypt_prov_derive(const struct fscrypt_provisioning_form *form, u8 *raw);
#else
static inline int
fscrypt_prov_derive(const struct fscrypt_provisioning_form *form, u8 *raw)
{
	return -EOPNOTSUPP;
}
#endif

/* provisioning_symmetric.c */

#ifdef CONFIG_FS_ENCRYPTION_SYMMETRIC_PARENTS
bool fscrypt_prov_is_symmetric(const struct key *key);
int fscrypt_prov_extract_symmetric(struct crypto_shash *tfm,
				   const struct key *key, u8 *prk);
#else
static inline bool fscrypt_prov_is_symmetric(const struct key *key)
{
	return false;
}

static inline int fscrypt_prov_extract_symmetric(struct crypto_shash *tfm,
						 const struct key *key, u8 *prk)
{
	return -EKEYREJECTED;
}
#endif

#endif /* _FSCRYPT_PROVISIONING_H */
