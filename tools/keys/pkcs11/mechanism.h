/* SPDX-License-Identifier: GPL-2.0-only */
/* Mechanisms: the computations that the kernel offers. */
#ifndef KEYS_PKCS11_MECHANISM_H
#define KEYS_PKCS11_MECHANISM_H

#include <stdbool.h>
#include <stddef.h>

#include "hash.h"

/**
 * enum mechanism_scheme - scheme of a mechanism
 * @SCHEME_PKCS1: RSA with the encodings of PKCS#1 v1.5.
 * @SCHEME_PSS: RSA with PSS.
 * @SCHEME_RAW: RSA without an encoding.
 * @SCHEME_MAC: HMAC.
 * @SCHEME_NEW_MAC: Generation of a key for HMAC.
 */
enum mechanism_scheme {
	SCHEME_PKCS1,
	SCHEME_PSS,
	SCHEME_RAW,
	SCHEME_MAC,
	SCHEME_NEW_MAC,
};

/**
 * struct mechanism - a mechanism
 * @type: Its number in PKCS#11.
 * @scheme: Its scheme.
 * @hash: Its hash; NULL if it has none, or if a parameter names the hash.
 * @flags: CKF_* of its uses.
 */
struct mechanism {
	ck_mechanism_type_t	type;
	enum mechanism_scheme	scheme;
	const struct hash	*hash;
	ck_flags_t		flags;
};

#define MECHANISM_INFO_MAX	32

const struct mechanism *mechanism_of(ck_mechanism_type_t type);
const struct mechanism *mechanism_of_mac(const struct hash *hash);
ck_rv_t mechanism_take(const struct ck_mechanism *given, ck_flags_t use,
		       const struct mechanism **mechanism,
		       const struct hash **hash);
void mechanism_info(char info[MECHANISM_INFO_MAX],
		    const struct mechanism *mechanism, const struct hash *hash);
bool mechanism_hashes(const struct mechanism *mechanism);
bool mechanism_takes_parts(const struct mechanism *mechanism);

#endif /* KEYS_PKCS11_MECHANISM_H */
