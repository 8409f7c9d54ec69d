// SPDX-License-Identifier: GPL-2.0-only
#include "mechanism.h"

#include <stdio.h>

#include "module.h"
#include "probe.h"
#include "slot.h"

#define SIGNS		(CKF_SIGN | CKF_VERIFY)
#define CRYPTS		(CKF_ENCRYPT | CKF_DECRYPT)
/*
 * Key sizes: in bits for RSA, within the kernel's limits, and in bytes for a
 * MAC
 */
#define RSA_MIN_BITS	512
#define RSA_MAX_BITS	4096
#define MAC_MIN_BYTES	32
#define MAC_MAX_BYTES	64

static const struct mechanism mechanisms[] = {
	{ CKM_RSA_PKCS, SCHEME_PKCS1, NULL, SIGNS | CRYPTS },
	{ CKM_SHA1_RSA_PKCS, SCHEME_PKCS1, &hash_sha1, SIGNS },
	{ CKM_SHA224_RSA_PKCS, SCHEME_PKCS1, &hash_sha224, SIGNS },
	{ CKM_SHA256_RSA_PKCS, SCHEME_PKCS1, &hash_sha256, SIGNS },
	{ CKM_SHA384_RSA_PKCS, SCHEME_PKCS1, &hash_sha384, SIGNS },
	{ CKM_SHA512_RSA_PKCS, SCHEME_PKCS1, &hash_sha512, SIGNS },
	{ CKM_RSA_PKCS_PSS, SCHEME_PSS, NULL, SIGNS },
	{ CKM_SHA1_RSA_PKCS_PSS, SCHEME_PSS, &hash_sha1, SIGNS },
	{ CKM_SHA224_RSA_PKCS_PSS, SCHEME_PSS, &hash_sha224, SIGNS },
	{ CKM_SHA256_RSA_PKCS_PSS, SCHEME_PSS, &hash_sha256, SIGNS },
	{ CKM_SHA384_RSA_PKCS_PSS, SCHEME_PSS, &hash_sha384, SIGNS },
	{ CKM_SHA512_RSA_PKCS_PSS, SCHEME_PSS, &hash_sha512, SIGNS },
	{ CKM_RSA_X_509, SCHEME_RAW, NULL, SIGNS | CRYPTS },
	{ CKM_SHA256_HMAC, SCHEME_MAC, &hash_sha256, SIGNS },
	{ CKM_SHA384_HMAC, SCHEME_MAC, &hash_sha384, SIGNS },
	{ CKM_SHA512_HMAC, SCHEME_MAC, &hash_sha512, SIGNS },
	{ CKM_GENERIC_SECRET_KEY_GEN, SCHEME_NEW_MAC, NULL, CKF_GENERATE },
};

#define MECHANISMS	(sizeof(mechanisms) / sizeof(*mechanisms))

/* Only a call shows whether the kernel computes this mechanism. */
const struct mechanism *mechanism_of(ck_mechanism_type_t type)
{
	unsigned int i;

	for (i = 0; i < MECHANISMS; i++)
		if (mechanisms[i].type == type &&
		    (mechanisms[i].scheme != SCHEME_RAW ||
		     module.config.raw_rsa))
			return &mechanisms[i];
	return NULL;
}

const struct mechanism *mechanism_of_mac(const struct hash *hash)
{
	unsigned int i;

	for (i = 0; i < MECHANISMS; i++)
		if (mechanisms[i].scheme == SCHEME_MAC &&
		    mechanisms[i].hash == hash)
			return &mechanisms[i];
	return NULL;
}

/* Does the module hash the data, and not the program? */
bool mechanism_hashes(const struct mechanism *mechanism)
{
	return mechanism->hash && mechanism->scheme != SCHEME_MAC;
}

bool mechanism_takes_parts(const struct mechanism *mechanism)
{
	return mechanism->hash;
}

/* Writes the information string with encoding and hash for the kernel. */
void mechanism_info(char info[MECHANISM_INFO_MAX],
		    const struct mechanism *mechanism, const struct hash *hash)
{
	static const char *const encodings[] = {
		[SCHEME_PKCS1] = "enc=pkcs1",
		[SCHEME_PSS] = "enc=pss",
		[SCHEME_RAW] = "enc=raw",
		[SCHEME_MAC] = "",
		[SCHEME_NEW_MAC] = "",
	};

	snprintf(info, MECHANISM_INFO_MAX, "%s%s%s",
		 encodings[mechanism->scheme],
		 hash && mechanism->scheme != SCHEME_MAC ? " hash=" : "",
		 hash && mechanism->scheme != SCHEME_MAC ? hash->name : "");
}

/*
 * Checks the parameters of PSS: the kernel computes only the form that TLS
 * uses.
 */
static ck_rv_t mechanism_take_pss(const struct ck_mechanism *given,
				  const struct hash **hash)
{
	const struct ck_rsa_pkcs_pss_params *params = given->parameter;
	const struct hash *wanted;

	if (!params || given->parameter_len != sizeof(*params))
		return CKR_MECHANISM_PARAM_INVALID;
	wanted = hash_of(params->hash_alg);
	if (!wanted || (*hash && *hash != wanted) ||
	    params->mgf != wanted->mgf ||
	    params->s_len != wanted->nettle->digest_size)
		return CKR_MECHANISM_PARAM_INVALID;
	*hash = wanted;
	return CKR_OK;
}

/**
 * mechanism_take - find the mechanism that a program gives
 * @given: The program's CK_MECHANISM.
 * @use: CKF_SIGN or another flag of the intended use.
 * @mechanism: Gets the mechanism.
 * @hash: Gets the hash to name to the kernel, or NULL.
 *
 * Return: CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID.
 */
ck_rv_t mechanism_take(const struct ck_mechanism *given, ck_flags_t use,
		       const struct mechanism **mechanism,
		       const struct hash **hash)
{
	*mechanism = mechanism_of(given->mechanism);
	if (!*mechanism || !((*mechanism)->flags & use))
		return CKR_MECHANISM_INVALID;
	*hash = (*mechanism)->hash;
	if ((*mechanism)->scheme == SCHEME_PSS)
		return mechanism_take_pss(given, hash);
	return given->parameter_len ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

static bool mechanism_is_there(const struct mechanism *mechanism, int32_t probe)
{
	char info[MECHANISM_INFO_MAX];

	if (mechanism->scheme == SCHEME_MAC ||
	    mechanism->scheme == SCHEME_NEW_MAC)
		return probe_symmetric();
	if (mechanism->scheme == SCHEME_RAW && !module.config.raw_rsa)
		return false;
	/*
	 * A mechanism without a hash of its own can be used with all hashes, or
	 * with @hash.
	 */
	mechanism_info(info, mechanism, mechanism->hash ?:
		       mechanism->scheme == SCHEME_PSS ? &hash_sha256 : NULL);
	return probe_rsa(probe, info);
}

ck_rv_t C_GetMechanismList(ck_slot_id_t slot, ck_mechanism_type_t *list,
			   unsigned long *count)
{
	unsigned long room, found = 0;
	int32_t keyring, probe;
	unsigned int i;
	ck_rv_t rv;

	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!count)
		return CKR_ARGUMENTS_BAD;
	rv = slot_keyring(slot, &keyring);
	if (rv)
		return rv;
	room = list ? *count : 0;
	probe = probe_open();
	for (i = 0; i < MECHANISMS; i++) {
		if (!mechanism_is_there(&mechanisms[i], probe))
			continue;
		if (found < room)
			list[found] = mechanisms[i].type;
		found++;
	}
	probe_close(probe);
	*count = found;
	return list && found > room ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

ck_rv_t C_GetMechanismInfo(ck_slot_id_t slot, ck_mechanism_type_t type,
			   struct ck_mechanism_info *info)
{
	const struct mechanism *mechanism;
	int32_t keyring, probe;
	bool is_mac, there;
	ck_rv_t rv;

	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	rv = slot_keyring(slot, &keyring);
	if (rv)
		return rv;
	mechanism = mechanism_of(type);
	if (!mechanism)
		return CKR_MECHANISM_INVALID;
	probe = probe_open();
	there = mechanism_is_there(mechanism, probe);
	probe_close(probe);
	if (!there)
		return CKR_MECHANISM_INVALID;
	is_mac = mechanism->scheme == SCHEME_MAC ||
		mechanism->scheme == SCHEME_NEW_MAC;
	*info = (struct ck_mechanism_info){
		.min_key_size = is_mac ? MAC_MIN_BYTES : RSA_MIN_BITS,
		.max_key_size = is_mac ? MAC_MAX_BYTES : RSA_MAX_BITS,
		.flags = mechanism->flags,
	};
	if (mechanism->scheme == SCHEME_MAC) {
		info->min_key_size = mechanism->hash->nettle->digest_size;
		info->max_key_size = info->min_key_size;
	}
	return CKR_OK;
}
