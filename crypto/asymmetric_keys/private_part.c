// SPDX-License-Identifier: GPL-2.0-only
/*
 * The private part of a key pair: copied for an operation, wiped for good
 *
 * An operation may be under way while somebody revokes the pair.  It works on a
 * copy of its own, made all at once: half a private key makes signatures of
 * which some give the other half away.
 */

#include <crypto/public_key.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "private_part.h"

/*
 * Guards the bytes, and key_is_wiped, of all pairs.  One lock is enough for
 * copies of a few hundred bytes.  The innermost lock.
 */
static DEFINE_RWLOCK(private_part_lock);

/**
 * public_key_copy - copy a key's bytes for an operation
 * @pkey: the key, of which it may have the private part
 * @to: receives @pkey->keylen bytes, which the caller wipes
 *
 * Context: process
 * Return: 0, or -EKEYREVOKED if they were wiped
 */
int public_key_copy(const struct public_key *pkey, void *to)
{
	int err = 0;

	read_lock(&private_part_lock);
	if (pkey->key_is_wiped)
		err = -EKEYREVOKED;
	else
		memcpy(to, pkey->key, pkey->keylen);
	read_unlock(&private_part_lock);
	return err;
}
EXPORT_SYMBOL_GPL(public_key_copy);

/**
 * public_key_wipe - wipe the private part of a key that is revoked
 * @pkey: the key; one that has the public part alone is left as it is
 *
 * Context: process, under any lock
 */
void public_key_wipe(struct public_key *pkey)
{
	if (!pkey->key_is_private)
		return;
	write_lock(&private_part_lock);
	pkey->key_is_wiped = true;
	memzero_explicit(pkey->key, pkey->keylen);
	write_unlock(&private_part_lock);
}
EXPORT_SYMBOL_GPL(public_key_wipe);
