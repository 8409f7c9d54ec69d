/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private keys for key agreement, which are keys of type "asymmetric", for
 * kernel code that agrees on a secret with them
 */
#ifndef _KEYS_AGREEMENT_TYPE_H
#define _KEYS_AGREEMENT_TYPE_H

#include <linux/types.h>

struct key;

/* Bytes of a shared secret, and of the longest public part */
#define AGREEMENT_SECRET_SIZE	32
#define AGREEMENT_PUBLIC_MAX	65

/**
 * struct agreement_public - the public part of a pair
 * @size: size of @bytes
 * @bytes: the encoding of the curve's standard: RFC 7748 for X25519, an
 *	uncompressed point for P-256
 */
struct agreement_public {
	size_t size;
	u8 bytes[AGREEMENT_PUBLIC_MAX];
};

int agreement_public_of(const struct key *key, struct agreement_public *own);
int agreement_compute(struct key *key, const struct agreement_public *peer,
		      u8 secret[AGREEMENT_SECRET_SIZE]);
int agreement_consume(struct key *key, const struct agreement_public *peer,
		      u8 secret[AGREEMENT_SECRET_SIZE]);

#endif /* _KEYS_AGREEMENT_TYPE_H */
