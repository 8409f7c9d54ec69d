// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key type "fscrypt-provisioning" and its use by serial
 *
 * A provisioning key holds a filesystem key that only fscrypt can use: it has
 * neither a read nor an update method.  FS_IOC_ADD_ENCRYPTION_KEY takes it by
 * serial, so a filesystem can be unlocked again after a new mount without user
 * space keeping the bytes.
 */

#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fscrypt_private.h"
#include "provisioning.h"

/*
 * Runs before any lock of the key or its keyring is taken, which is what makes
 * it the place to look up a parent key.
 */
static int prov_preparse(struct key_preparsed_payload *prep)
{
	struct fscrypt_prov_key *prov;

	if (fscrypt_prov_is_form(prep->data, prep->datalen))
		prov = fscrypt_prov_parse_form(prep->data, prep->datalen);
	else
		prov = fscrypt_prov_parse_plain(prep->data, prep->datalen);
	if (IS_ERR(prov))
		return PTR_ERR(prov);

	prep->payload.data[0] = prov;
	/* The key that stays in the kernel counts, not the payload it was made from. */
	prep->quotalen = sizeof(struct fscrypt_provisioning_key_payload) +
			 prov->size;
	return 0;
}

static void prov_free_preparse(struct key_preparsed_payload *prep)
{
	fscrypt_prov_free(prep->payload.data[0]);
}

/* The key core holds the semaphore for writing, prov_copy() for reading. */
static void prov_revoke(struct key *key)
{
	struct fscrypt_prov_key *prov = key->payload.data[0];

	/* A key that failed to instantiate can be revoked and has no payload */
	if (prov)
		memzero_explicit(prov->raw, prov->size);
}

static void prov_destroy(struct key *key)
{
	fscrypt_prov_free(key->payload.data[0]);
}

static void prov_describe(const struct key *key, struct seq_file *m)
{
	const struct fscrypt_prov_key *prov;

	seq_puts(m, key->description);
	if (!key_is_positive(key))
		return;

	prov = key->payload.data[0];
	seq_printf(m, ": %u [%u]", key->datalen, prov->type);
	if (prov->sealed)
		seq_puts(m, " sealed");
	if (prov->bound)
		seq_printf(m, " %pUb", &prov->fs_uuid);
}

struct key_type key_type_fscrypt_provisioning = {
	.name		= "fscrypt-provisioning",
	.preparse	= prov_preparse,
	.free_preparse	= prov_free_preparse,
	.instantiate	= generic_key_instantiate,
	.revoke		= prov_revoke,
	.destroy	= prov_destroy,
	.describe	= prov_describe,
};

static int prov_copy(struct key *key, const struct super_block *sb, u32 type,
		     struct fscrypt_master_key_secret *secret)
{
	const struct fscrypt_prov_key *prov = key->payload.data[0];
	int err;

	if (prov->type != type)
		return -EKEYREJECTED;
	if (prov->bound && !uuid_equal(&prov->fs_uuid, &sb->s_uuid))
		return -EXDEV;

	/*
	 * The look-up found the key alive, but a revocation since then has
	 * wiped the bytes.  Under the semaphore it cannot come in between.
	 */
	down_read(&key->sem);
	err = key_validate(key);
	if (!err) {
		memcpy(secret->raw, prov->raw, prov->size);
		secret->size = prov->size;
	}
	up_read(&key->sem);
	return err;
}

/**
 * fscrypt_prov_get() - copy the key bytes out of a provisioning key
 * @sb: the filesystem that the key is to be added to
 * @serial: the key as the caller names it, special serials included
 * @type: the FSCRYPT_KEY_SPEC_TYPE_* that the caller wants
 * @secret: receives the bytes; the caller wipes it, whatever is returned
 *
 * May wait, interruptibly, for a key under construction.  No lock is held then.
 *
 * Return: 0, -EKEYREJECTED if the key is of another type or for another type
 * of policy, -EXDEV if it is bound to another filesystem, or what the look-up
 * with Search permission gives
 */
int fscrypt_prov_get(const struct super_block *sb, key_serial_t serial,
		     u32 type, struct fscrypt_master_key_secret *secret)
{
	key_ref_t ref;
	struct key *key;
	int err = -EKEYREJECTED;

	ref = lookup_user_key(serial, 0, KEY_NEED_SEARCH);
	if (IS_ERR(ref))
		return PTR_ERR(ref);

	key = key_ref_to_ptr(ref);
	if (key->type == &key_type_fscrypt_provisioning)
		err = prov_copy(key, sb, type, secret);

	key_ref_put(ref);
	return err;
}
