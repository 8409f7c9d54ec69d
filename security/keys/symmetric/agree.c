// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: a key that is agreed on with a peer
 *
 * The shared secret goes through HKDF as a parent does, with both public keys:
 * whoever makes the other end take another public key gets another key.
 */

#include <crypto/hash.h>
#include <keys/agreement-type.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "../internal.h"
#include "symmetric.h"

/* Unlike that of keys which are derived from keys */
static const u8 symmetric_agree_salt[] = "key type symmetric, agreement";

#define AGREE_HMAC	"hmac(sha512)"

/**
 * struct symmetric_shared - what a key is made of
 * @size: size of @bytes
 * @bytes: the secret; then both public keys, the smaller one first, which is the
 *	same at either end
 */
struct symmetric_shared {
	size_t size;
	u8 bytes[AGREEMENT_SECRET_SIZE + 2 * AGREEMENT_PUBLIC_MAX];
};

static void symmetric_shared_add(struct symmetric_shared *shared,
				 const struct agreement_public *public)
{
	memcpy(shared->bytes + shared->size, public->bytes, public->size);
	shared->size += public->size;
}

static int symmetric_share(struct key *key, const struct agreement_public *peer,
			   struct symmetric_shared *shared)
{
	struct agreement_public own;
	bool own_first;
	int err;

	err = agreement_public_of(key, &own);
	if (!err)
		err = agreement_compute(key, peer, shared->bytes);
	if (err)
		return err;
	/* They are of one curve, so of one size */
	own_first = memcmp(own.bytes, peer->bytes, own.size) < 0;
	shared->size = AGREEMENT_SECRET_SIZE;
	symmetric_shared_add(shared, own_first ? &own : peer);
	symmetric_shared_add(shared, own_first ? peer : &own);
	return 0;
}

static int symmetric_agree_with(struct key *key,
				const struct symmetric_form *form,
				struct symmetric_key *sk)
{
	struct symmetric_shared shared;
	struct symmetric_info info;
	struct crypto_shash *tfm;
	int err = symmetric_share(key, &form->peer, &shared);

	if (err)
		return err;
	tfm = symmetric_hkdf_extract(AGREE_HMAC, symmetric_agree_salt,
				     sizeof(symmetric_agree_salt) - 1,
				     shared.bytes, shared.size);
	memzero_explicit(&shared, sizeof(shared));
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	symmetric_info_fill(&info, form);
	err = symmetric_hkdf_expand(tfm, &info, sk->bytes, form->size);
	crypto_free_shash(tfm);
	return err;
}

/**
 * symmetric_agree - make the bytes of a key that is agreed on
 * @form: an "agree" line, not of TLS
 * @sk: receives bytes and origin
 *
 * Context: process, under no key's semaphore
 * Return: 0, an error of the look-up, -EKEYREJECTED, -EALREADY, -EKEYREVOKED, or
 * an error of the crypto API
 */
int symmetric_agree(const struct symmetric_form *form, struct symmetric_key *sk)
{
	key_ref_t ref = lookup_user_key(form->serial, 0, KEY_NEED_SEARCH);
	int err;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	err = symmetric_agree_with(key_ref_to_ptr(ref), form, sk);
	/* The peer has it, too */
	sk->origin = SYMMETRIC_ORIGIN_OUTSIDE;
	key_ref_put(ref);
	return err;
}
