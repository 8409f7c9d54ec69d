// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provisioning keys that are derived from a symmetric key
 *
 * Such a parent is for deriving alone.  Its bytes never key a filesystem, and
 * it can be revoked while a key is derived from it.
 */

#include <crypto/hash.h>
#include <keys/symmetric-type.h>

#include "fscrypt_private.h"
#include "provisioning.h"

/**
 * fscrypt_prov_is_symmetric() - tell whether a parent is of type "symmetric"
 * @key: the parent
 *
 * Return: true if fscrypt_prov_extract_symmetric() has to be asked
 */
bool fscrypt_prov_is_symmetric(const struct key *key)
{
	return key->type == &key_type_symmetric;
}

/**
 * fscrypt_prov_extract_symmetric() - HKDF-Extract with a symmetric key
 * @tfm: HMAC, keyed by the salt
 * @key: the parent, which is not under construction
 * @prk: receives the digest, only on success
 *
 * Context: may sleep, not under the parent's semaphore
 * Return: 0, -EKEYREJECTED if @key is for something else, -EKEYREVOKED,
 * -EKEYEXPIRED, or an error of the crypto API
 */
int fscrypt_prov_extract_symmetric(struct crypto_shash *tfm,
				   const struct key *key, u8 *prk)
{
	struct symmetric_key *sk = symmetric_key_get(key);
	int err;

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	err = symmetric_extract_by(sk, tfm, prk);
	symmetric_key_put(sk);
	return err;
}
