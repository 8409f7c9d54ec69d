/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RSASSA-PSS: what "enc=pss" means for an RSA key
 */
#ifndef _CRYPTO_ASYMMETRIC_KEYS_PUBLIC_KEY_PSS_H
#define _CRYPTO_ASYMMETRIC_KEYS_PUBLIC_KEY_PSS_H

#include <linux/types.h>

struct kernel_pkey_query;
struct public_key;

bool pss_wanted(const struct public_key *pkey, const char *encoding);
int pss_query(const struct public_key *pkey, const char *hash,
	      struct kernel_pkey_query *info);
int pss_sign(const struct public_key *pkey, const char *hash, const u8 *digest,
	     size_t digest_size, u8 *out, size_t out_size);
int pss_verify(const struct public_key *pkey, const char *hash,
	       const u8 *digest, size_t digest_size, const u8 *signature,
	       size_t signature_size);

#endif /* _CRYPTO_ASYMMETRIC_KEYS_PUBLIC_KEY_PSS_H */
