// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: secrets of TLS 1.3 from other ones (RFC 8446, 7.1)
 *
 *	          0 -> extract <- PSK or 0
 *	                  |
 *	                early -> res-binder
 *	                  |
 *	               derived
 *	                  |
 *	   private key -> agree <- the peer's public key
 *	                  |
 *	              handshake -> c-hs-traffic, s-hs-traffic
 *	                  |
 *	               derived
 *	                  |
 *	             extract <- 0
 *	                  |
 *	               master -> c-ap-traffic, s-ap-traffic, exp-master, res-master
 *
 * The same traffic secret in two keys would count records from zero twice, which
 * for GCM is one nonce twice.  So nothing is derived twice from one end of an
 * agreement: a private key and a salt are used up, and each secret gives each child
 * once.  What was taken is taken, whatever fails afterwards: a child may have been
 * there for a moment.
 */

#include <crypto/hash.h>
#include <linux/bitops.h>
#include <linux/string.h>

#include "../internal.h"
#include "symmetric.h"
#include "tls13.h"

/* A salt is used once; it has no labels, so this is none's. */
#define TLS13_SALT_BIT	0

/**
 * struct tls13_parent - a secret that was looked up
 * @ref: its key, with a reference
 * @sk: its object
 */
struct tls13_parent {
	key_ref_t ref;
	struct symmetric_key *sk;
};

static void tls13_put(struct tls13_parent *parent)
{
	key_ref_put(parent->ref);
}

/* A view has no secrets to give, and is none of these. */
static int tls13_get(key_serial_t serial, struct tls13_parent *parent)
{
	struct key *key;

	parent->ref = lookup_user_key(serial, 0, KEY_NEED_SEARCH);
	if (IS_ERR(parent->ref))
		return PTR_ERR(parent->ref);
	key = key_ref_to_ptr(parent->ref);
	if (key->type == &key_type_symmetric) {
		parent->sk = symmetric_of(key);
		if (parent->sk->tls)
			return 0;
	}
	tls13_put(parent);
	return -EKEYREJECTED;
}

static int tls13_get_kind(key_serial_t serial, enum tls13_kind kind,
			  struct tls13_parent *parent)
{
	int err = tls13_get(serial, parent);

	if (err)
		return err;
	if (parent->sk->tls->kind == kind)
		return 0;
	/* A PSK without an agreement: nothing fresh would go in */
	err = kind == TLS13_SALT_MASTER &&
	      parent->sk->tls->kind == TLS13_SALT_HANDSHAKE ?
	      -EOPNOTSUPP : -EKEYREJECTED;
	tls13_put(parent);
	return err;
}

/* Give @sk back unless all went well. */
static struct symmetric_key *tls13_made(struct symmetric_key *sk, int err)
{
	if (!err)
		err = tls13_key_up(sk);
	if (!err)
		return sk;
	symmetric_key_put(sk);
	return ERR_PTR(err);
}

/* --- extract -------------------------------------------------------------- */

static const u8 tls13_zeros[TLS13_HASH_MAX];

/* HKDF-Extract by a salt of zeros */
static int tls13_extract_first(const struct tls13_suite *suite, const u8 *secret,
			       u8 *out)
{
	struct crypto_shash *tfm;
	int err;

	tfm = crypto_alloc_shash(suite->hmac, 0, CRYPTO_NOLOAD);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = crypto_shash_setkey(tfm, tls13_zeros, suite->hash_size);
	if (!err)
		err = crypto_shash_tfm_digest(tfm, secret, suite->hash_size,
					      out);
	crypto_free_shash(tfm);
	return err;
}

/* A salt that is dead or was used extracts nothing. */
static int tls13_extract_by(struct symmetric_key *salt, const u8 *secret,
			    size_t size, u8 *out)
{
	int err = symmetric_enter(salt);

	if (err)
		return err;
	if (test_and_set_bit(TLS13_SALT_BIT, &salt->tls->given))
		err = -EALREADY;
	else
		err = crypto_shash_tfm_digest(salt->tfm, secret, size, out);
	symmetric_leave(salt);
	return err;
}

/*
 * The bytes are copied: the transform below is allocated, which no bracket
 * encloses.
 */
static int tls13_psk_bytes(struct symmetric_key *psk, u8 *bytes)
{
	int err = symmetric_enter(psk);

	if (err)
		return err;
	memcpy(bytes, psk->bytes, psk->size);
	symmetric_leave(psk);
	return 0;
}

/*
 * A PSK is for the hash that it was made by, and for the end that it was made at:
 * one that served both ends would let a message be reflected to its sender.
 */
static int tls13_extract_psk(struct symmetric_key *psk, struct symmetric_key *sk)
{
	u8 bytes[TLS13_HASH_MAX];
	int err;

	if (psk->tls->suite->hash != sk->tls->suite->hash ||
	    psk->tls->role != sk->tls->role)
		return -EKEYREJECTED;
	err = tls13_psk_bytes(psk, bytes);
	if (err)
		return err;
	err = tls13_extract_first(sk->tls->suite, bytes, sk->bytes);
	memzero_explicit(bytes, sizeof(bytes));
	sk->tls->has_psk = true;
	return err;
}

/**
 * tls13_early - make an early secret, with which a chain starts
 * @suite: the chain's suite
 * @role: the chain's role
 * @psk: a PSK, or NULL
 *
 * Return: the object with a reference, or an error pointer
 */
struct symmetric_key *tls13_early(const struct tls13_suite *suite,
				  enum tls13_role role,
				  struct symmetric_key *psk)
{
	struct symmetric_key *sk = tls13_alloc(TLS13_EARLY, suite, role,
					       SYMMETRIC_USE_TLS13);

	if (IS_ERR(sk))
		return sk;
	return tls13_made(sk, psk ? tls13_extract_psk(psk, sk) :
			      tls13_extract_first(suite, tls13_zeros,
						  sk->bytes));
}

static struct symmetric_key *tls13_extract(enum tls13_kind kind,
					   struct symmetric_key *salt,
					   const u8 *secret, size_t size)
{
	struct symmetric_key *sk = tls13_alloc(kind, salt->tls->suite,
					       salt->tls->role,
					       SYMMETRIC_USE_TLS13);

	if (IS_ERR(sk))
		return sk;
	return tls13_made(sk, tls13_extract_by(salt, secret, size, sk->bytes));
}

/**
 * tls13_handshake - make a handshake secret
 * @salt: the salt that an early secret gave
 * @secret: what was agreed on
 *
 * Return: the object with a reference, or an error pointer
 */
struct symmetric_key *tls13_handshake(struct symmetric_key *salt,
				      const u8 secret[AGREEMENT_SECRET_SIZE])
{
	return tls13_extract(TLS13_HANDSHAKE, salt, secret,
			     AGREEMENT_SECRET_SIZE);
}

/**
 * tls13_master - make a master secret
 * @salt: the salt that a handshake secret gave
 *
 * Return: the object with a reference, or an error pointer
 */
struct symmetric_key *tls13_master(struct symmetric_key *salt)
{
	return tls13_extract(TLS13_MASTER, salt, tls13_zeros, salt->size);
}

static struct symmetric_key *tls13_make_early(const struct tls13_form *tls)
{
	struct tls13_parent psk;
	struct symmetric_key *sk;
	int err;

	if (!tls->psk)
		return tls13_early(tls->suite, tls->role, NULL);
	err = tls13_get_kind(tls->psk, TLS13_PSK, &psk);
	if (err)
		return ERR_PTR(err);
	sk = tls13_early(tls->suite, tls->role, psk.sk);
	tls13_put(&psk);
	return sk;
}

static struct symmetric_key *tls13_make_master(const struct tls13_form *tls)
{
	struct tls13_parent salt;
	struct symmetric_key *sk;
	int err;

	err = tls13_get_kind(tls->salt, TLS13_SALT_MASTER, &salt);
	if (err)
		return ERR_PTR(err);
	sk = tls13_master(salt.sk);
	tls13_put(&salt);
	return sk;
}

/* --- agree ---------------------------------------------------------------- */

/* The private key goes first: whatever fails then, it has agreed on nothing. */
static struct symmetric_key *tls13_agree(struct key *key,
					 const struct agreement_public *peer,
					 struct symmetric_key *salt)
{
	u8 secret[AGREEMENT_SECRET_SIZE];
	struct symmetric_key *sk;
	int err;

	err = agreement_consume(key, peer, secret);
	if (err)
		return ERR_PTR(err);
	sk = tls13_handshake(salt, secret);
	memzero_explicit(secret, sizeof(secret));
	return sk;
}

static struct symmetric_key *
tls13_make_handshake(const struct symmetric_form *form)
{
	key_ref_t ref = lookup_user_key(form->serial, 0, KEY_NEED_SEARCH);
	struct tls13_parent salt;
	struct symmetric_key *sk;
	int err;

	if (IS_ERR(ref))
		return ERR_CAST(ref);
	err = tls13_get_kind(form->tls.salt, TLS13_SALT_HANDSHAKE, &salt);
	if (err) {
		sk = ERR_PTR(err);
	} else {
		sk = tls13_agree(key_ref_to_ptr(ref), &form->peer, salt.sk);
		tls13_put(&salt);
	}
	key_ref_put(ref);
	return sk;
}

/* --- derive --------------------------------------------------------------- */

/* One's own direction seals and authenticates; the other opens and verifies. */
static u32 tls13_child_uses(const struct tls13 *parent,
			    const struct tls13_label *label,
			    enum tls13_role sender)
{
	bool own = sender == parent->role;

	switch (label->to) {
	case TLS13_TRAFFIC_HS:
	case TLS13_TRAFFIC_AP:
		return SYMMETRIC_USE_TLS13 | (own ? SYMMETRIC_USE_SEAL :
						    SYMMETRIC_USE_OPEN);
	case TLS13_FINISHED:
		return own ? SYMMETRIC_USE_MAC : SYMMETRIC_USE_VERIFY;
	case TLS13_EXPORTER:
		return SYMMETRIC_USE_EXPORT;
	default:
		return SYMMETRIC_USE_TLS13;
	}
}

/* It is the client who sends a binder. */
static enum tls13_role tls13_child_sender(const struct tls13 *parent,
					  const struct tls13_label *label)
{
	if (parent->kind == TLS13_BINDER)
		return TLS13_CLIENT;
	return label->sender ?: parent->sender;
}

/*
 * The hash is one of the suite's; and an early secret that anybody can compute
 * binds nothing.
 */
static bool tls13_may_derive(const struct tls13 *parent,
			     const struct tls13_label *label,
			     const struct tls13_form *tls)
{
	if (label->context == TLS13_MESSAGES &&
	    tls->size != parent->suite->hash_size)
		return false;
	return label->to != TLS13_BINDER || parent->has_psk;
}

static int tls13_give(struct symmetric_key *parent,
		      const struct tls13_label *label,
		      const struct symmetric_form *form, u8 *bytes)
{
	int err = symmetric_enter(parent);

	if (err)
		return err;
	if (!label->many && test_and_set_bit(tls13_label_bit(label),
					     &parent->tls->given))
		err = -EALREADY;
	else
		err = tls13_expand_label(parent, label, form, bytes);
	symmetric_leave(parent);
	return err;
}

static struct symmetric_key *tls13_make_child(struct symmetric_key *parent,
					      const struct tls13_label *label,
					      const struct symmetric_form *form)
{
	const struct tls13 *tls = parent->tls;
	enum tls13_role sender = tls13_child_sender(tls, label);
	struct symmetric_key *sk;

	sk = tls13_alloc(label->to, tls->suite, tls->role,
			 tls13_child_uses(tls, label, sender));
	if (IS_ERR(sk))
		return sk;
	sk->tls->sender = sender;
	sk = tls13_made(sk, tls13_give(parent, label, form, sk->bytes));
	/* The next one counts from zero, and this one no further */
	if (!IS_ERR(sk) && label->ends)
		symmetric_kill(parent, -EKEYREVOKED);
	return sk;
}

/**
 * tls13_child - derive a secret from another one
 * @parent: the parent
 * @form: a "derive" line, with its label
 *
 * Return: the object with a reference, or an error pointer
 */
struct symmetric_key *tls13_child(struct symmetric_key *parent,
				  const struct symmetric_form *form)
{
	const struct tls13_label *label;

	label = tls13_label_find(form->tls.label->name, BIT(parent->tls->kind));
	if (!label || !tls13_may_derive(parent->tls, label, &form->tls))
		return ERR_PTR(-EKEYREJECTED);
	return tls13_make_child(parent, label, form);
}

static struct symmetric_key *tls13_derive(const struct symmetric_form *form)
{
	struct tls13_parent parent;
	struct symmetric_key *sk;
	int err;

	err = tls13_get(form->serial, &parent);
	if (err)
		return ERR_PTR(err);
	sk = tls13_child(parent.sk, form);
	tls13_put(&parent);
	return sk;
}

/**
 * tls13_make - make what a line asks for that says something of TLS
 * @form: the line, read
 *
 * Context: process, under no key's semaphore
 * Return: the object with a reference, or an error pointer
 */
struct symmetric_key *tls13_make(const struct symmetric_form *form)
{
	switch (form->verb) {
	case SYMMETRIC_EXTRACT:
		return form->tls.starts ? tls13_make_early(&form->tls) :
					  tls13_make_master(&form->tls);
	case SYMMETRIC_AGREE:
		return tls13_make_handshake(form);
	default:
		return tls13_derive(form);
	}
}
