/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Comparison of master keys that are found by a descriptor
 */
#ifndef _FSCRYPT_SECRET_MATCH_H
#define _FSCRYPT_SECRET_MATCH_H

#include <crypto/algapi.h>

#include "fscrypt_private.h"

/**
 * fscrypt_descriptor_clash() - detect a second key for one descriptor
 * @mk: the key that has the descriptor, with its semaphore held
 * @secret: the key that is being added under the same descriptor
 *
 * An identifier is a hash of the key, so equal identifiers mean equal keys.  A
 * descriptor is chosen by the caller and says nothing.  A key whose removal has
 * begun has no bytes left to compare with.
 *
 * Return: true if @mk is present and has other bytes than @secret
 */
static inline bool
fscrypt_descriptor_clash(const struct fscrypt_master_key *mk,
			 const struct fscrypt_master_key_secret *secret)
{
	if (mk->mk_spec.type != FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR)
		return false;
	if (!mk->mk_secret.size)
		return false;
	return mk->mk_secret.size != secret->size ||
	       crypto_memneq(mk->mk_secret.raw, secret->raw, secret->size);
}

#endif /* _FSCRYPT_SECRET_MATCH_H */
