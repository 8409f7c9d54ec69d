/* SPDX-License-Identifier: GPL-2.0-only */
/* Hashes of data that is signed; no key is ever hashed here. */
#ifndef KEYS_PKCS11_HASH_H
#define KEYS_PKCS11_HASH_H

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/nettle-meta.h>

#include "cryptoki.h"

/**
 * struct hash - a hash algorithm
 * @name: Its name in the kernel.
 * @mechanism: Its number in PKCS#11.
 * @mgf: The mask generation function of PSS with this hash.
 * @nettle: Its implementation.
 */
struct hash {
	const char			*name;
	ck_mechanism_type_t		mechanism;
	ck_rsa_pkcs_mgf_type_t		mgf;
	const struct nettle_hash	*nettle;
};

/* State of a hash that is being computed */
union hash_state {
	struct sha1_ctx		sha1;
	struct sha256_ctx	sha256;
	struct sha512_ctx	sha512;
};

extern const struct hash hash_sha1, hash_sha224, hash_sha256, hash_sha384,
	hash_sha512;

const struct hash *hash_of(ck_mechanism_type_t mechanism);

#endif /* KEYS_PKCS11_HASH_H */
