// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: a secret of TLS 1.3, from its making to its death
 */

#include <crypto/aead.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "symmetric.h"
#include "tls13.h"

/**
 * tls13_alloc - a new secret, without its bytes
 * @kind: what it is
 * @suite: the chain's suite
 * @role: the chain's role
 * @uses: SYMMETRIC_USE_*
 *
 * Return: the object with one reference, or an error pointer
 */
struct symmetric_key *tls13_alloc(enum tls13_kind kind,
				  const struct tls13_suite *suite,
				  enum tls13_role role, u32 uses)
{
	struct symmetric_key *sk = symmetric_alloc(suite->hash_size);

	if (!sk)
		return ERR_PTR(-ENOMEM);
	sk->alg = tls13_alg(kind, suite->hash);
	sk->uses = uses;
	/* The peer has them all */
	sk->origin = SYMMETRIC_ORIGIN_OUTSIDE;
	sk->size = suite->hash_size;
	sk->tls = kzalloc(sizeof(*sk->tls), GFP_KERNEL);
	if (!sk->tls) {
		symmetric_key_put(sk);
		return ERR_PTR(-ENOMEM);
	}
	sk->tls->kind = kind;
	sk->tls->suite = suite;
	sk->tls->role = role;
	return sk;
}

/**
 * tls13_key_up - make the transforms of a secret that has its bytes
 * @sk: the secret
 *
 * Return: 0 or an error of the crypto API
 */
int tls13_key_up(struct symmetric_key *sk)
{
	int err = symmetric_key_up(sk);

	if (!err && tls13_is_traffic(sk->tls->kind))
		err = tls13_record_up(sk);
	return err;
}

/**
 * tls13_wipe - wipe what a key has beside other symmetric keys
 * @sk: the key, of any algorithm, in which no request runs; under its sinks_mutex
 */
void tls13_wipe(struct symmetric_key *sk)
{
	struct tls13 *tls = sk->tls;

	if (!tls)
		return;
	crypto_free_aead(tls->aead);
	tls->aead = NULL;
	memzero_explicit(tls->iv, sizeof(tls->iv));
}

/**
 * tls13_free - free what a key has beside other symmetric keys
 * @sk: the key, of any algorithm, which was wiped
 */
void tls13_free(struct symmetric_key *sk)
{
	kfree(sk->tls);
}

/* What the crypto API takes for an AEAD, whose parts it does not tell */
#define TLS13_AEAD_CHARGE	1024

/**
 * tls13_quota - what a key takes beside other symmetric keys
 * @sk: the key, of any algorithm
 *
 * Return: bytes to be charged
 */
size_t tls13_quota(const struct symmetric_key *sk)
{
	if (!sk->tls)
		return 0;
	return sizeof(*sk->tls) + (sk->tls->aead ? TLS13_AEAD_CHARGE : 0);
}
