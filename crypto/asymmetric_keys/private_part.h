/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private part of a key pair
 */
#ifndef _CRYPTO_ASYMMETRIC_KEYS_PRIVATE_PART_H
#define _CRYPTO_ASYMMETRIC_KEYS_PRIVATE_PART_H

struct public_key;

int public_key_copy(const struct public_key *pkey, void *to);
void public_key_wipe(struct public_key *pkey);

#endif /* _CRYPTO_ASYMMETRIC_KEYS_PRIVATE_PART_H */
