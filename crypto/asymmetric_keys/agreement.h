/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private keys for key agreement
 */
#ifndef _CRYPTO_ASYMMETRIC_KEYS_AGREEMENT_H
#define _CRYPTO_ASYMMETRIC_KEYS_AGREEMENT_H

#include <crypto/public_key.h>
#include <keys/agreement-type.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "der.h"

/* Bytes of a private key, of any curve here */
#define AGREEMENT_PRIVATE_SIZE	32

/**
 * struct agreement_curve - a curve
 * @name: the word after "new", and in /proc/keys
 * @key_bits: what a query tells
 * @public_size: bytes of a public part
 * @algorithm: the parts of an AlgorithmIdentifier in PKCS#8
 * @algorithm_size: size of @algorithm
 * @unwrap: find the private key in what PKCS#8 wraps; false if it is not there
 * @is_private: tell whether bytes are a private key
 * @make_public: compute the public part of a private key
 * @agree: compute the secret that is shared with a public part of
 *	@public_size bytes; -EKEYREJECTED if that is no good point
 *
 * None of these takes a lock that others hold for long, and none loads a module.
 */
struct agreement_curve {
	const char *name;
	u32 key_bits;
	size_t public_size;
	const u8 *algorithm;
	size_t algorithm_size;
	bool (*unwrap)(struct der *wrapped, struct der *private);
	bool (*is_private)(const u8 *private);
	int (*make_public)(const u8 *private, u8 *public);
	int (*agree)(const u8 *private, const u8 *peer, u8 *secret);
};

/**
 * enum agreement_state - what became of the private part
 * @AGREEMENT_GONE: the key was revoked
 * @AGREEMENT_LIVE: it is there
 * @AGREEMENT_SPENT: an agreement has consumed it
 */
enum agreement_state {
	AGREEMENT_GONE = 0,
	AGREEMENT_LIVE,
	AGREEMENT_SPENT,
};

/**
 * struct agreement_pair - payload of a key
 * @pub: what others take the payload of a key of this type for: a public key of
 *	an algorithm that verifies nothing, without bytes.  First.
 * @curve: its curve
 * @made_here: the kernel drew the private part
 * @lock: guards @state and @private; the innermost lock
 * @state: what became of the private part
 * @private: the private part; zeros unless it is live
 * @public: the public part
 *
 * A member that names no lock is fixed when the key is made.
 */
struct agreement_pair {
	struct public_key pub;
	const struct agreement_curve *curve;
	bool made_here;
	spinlock_t lock;	/* guards state and private */
	enum agreement_state state;
	u8 private[AGREEMENT_PRIVATE_SIZE];
	u8 public[AGREEMENT_PUBLIC_MAX];
};

extern const struct agreement_curve agreement_x25519;
extern const struct agreement_curve agreement_p256;

int agreement_parse(const void *data, size_t size, struct agreement_pair *pair);

#endif /* _CRYPTO_ASYMMETRIC_KEYS_AGREEMENT_H */
