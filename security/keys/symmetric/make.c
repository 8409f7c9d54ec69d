// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: from a line to a live object
 *
 * The transform is allocated and keyed here, so no use of the key allocates one.
 * Nothing here loads a module: the key type is being looked up.
 */

#include <crypto/hash.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "../internal.h"
#include "symmetric.h"

/**
 * symmetric_key_up - make the transform of an object that has its bytes
 * @sk: the object
 *
 * HMAC needs the bytes no more, then.  Parents keep them for others that derive
 * by a salt of their own.
 *
 * Return: 0 or an error of the crypto API
 */
int symmetric_key_up(struct symmetric_key *sk)
{
	const struct symmetric_alg *alg = sk->alg;
	struct crypto_shash *tfm;
	int err;

	if (!alg->hash)
		return 0;
	if (sk->uses & SYMMETRIC_USE_DERIVE) {
		tfm = symmetric_extract(alg->hash, sk->bytes, sk->size);
		if (IS_ERR(tfm))
			return PTR_ERR(tfm);
		sk->tfm = tfm;
		return 0;
	}

	tfm = crypto_alloc_shash(alg->hash, 0, CRYPTO_NOLOAD);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = crypto_shash_setkey(tfm, sk->bytes, sk->size);
	if (err) {
		crypto_free_shash(tfm);
		return err;
	}
	memzero_explicit(sk->bytes, sk->size);
	sk->tfm = tfm;
	return 0;
}

/* Where the bytes come from decides who may know them. */
static int symmetric_make_secret(const struct symmetric_form *form,
				 struct symmetric_key *sk)
{
	switch (form->verb) {
	case SYMMETRIC_DERIVE:
		return symmetric_derive(form, sk);
	case SYMMETRIC_AGREE:
		return symmetric_agree(form, sk);
	case SYMMETRIC_LOAD:
		return symmetric_sealed_load(form, sk);
	case SYMMETRIC_RAW:
		sk->origin = SYMMETRIC_ORIGIN_OUTSIDE;
		memcpy(sk->bytes, form->key, sk->size);
		return 0;
	default:
		sk->origin = SYMMETRIC_ORIGIN_INSIDE;
		return get_random_bytes_wait(sk->bytes, sk->size);
	}
}

static struct symmetric_key *
symmetric_make_bytes(const struct symmetric_form *form)
{
	struct symmetric_key *sk;
	int err;

	/* A sealed form says how many once it is open. */
	sk = symmetric_alloc(form->size ?: SYMMETRIC_SIZE_MAX);
	if (!sk)
		return ERR_PTR(-ENOMEM);
	sk->alg = form->alg;
	sk->uses = form->uses;
	sk->size = form->size;
	sk->uuid_size = form->uuid_size;
	memcpy(sk->uuid, form->uuid, form->uuid_size);
	err = symmetric_make_secret(form, sk);
	if (!err && form->keeper && form->verb != SYMMETRIC_LOAD)
		err = symmetric_sealed_make(form, sk);
	if (!err)
		err = symmetric_key_up(sk);
	if (!err)
		return sk;
	symmetric_key_put(sk);
	return ERR_PTR(err);
}

/*
 * A view has less than its root, so it has no view itself: whoever has a bracket
 * is in two objects and not in a chain of them.
 */
static struct symmetric_key *symmetric_view(struct symmetric_key *root,
					    u32 uses)
{
	struct symmetric_key *sk;
	int err;

	if (uses & ~root->uses || uses == root->uses)
		return ERR_PTR(-EKEYREJECTED);
	err = symmetric_dead(root);
	if (err)
		return ERR_PTR(err);
	sk = symmetric_alloc(0);
	if (!sk)
		return ERR_PTR(-ENOMEM);
	refcount_inc(&root->usage);
	sk->root = root;
	sk->alg = root->alg;
	sk->uses = uses;
	sk->origin = root->origin;
	sk->size = root->size;
	return sk;
}

static struct symmetric_key *
symmetric_make_view(const struct symmetric_form *form)
{
	key_ref_t ref = lookup_user_key(form->serial, 0, KEY_NEED_SEARCH);
	struct symmetric_key *sk = ERR_PTR(-EKEYREJECTED);
	struct key *key;

	if (IS_ERR(ref))
		return ERR_CAST(ref);
	key = key_ref_to_ptr(ref);
	if (key->type == &key_type_symmetric)
		sk = symmetric_view(symmetric_of(key), form->uses);
	key_ref_put(ref);
	return sk;
}

/**
 * symmetric_make - make what a line asks for
 * @form: the line, read
 *
 * Context: process, under no key's semaphore.  May wait for random bytes.
 * Return: the object with a reference, or an error pointer
 */
struct symmetric_key *symmetric_make(const struct symmetric_form *form)
{
	if (form->verb == SYMMETRIC_VIEW)
		return symmetric_make_view(form);
	if (form->tls.seen)
		return tls13_make(form);
	return symmetric_make_bytes(form);
}

/**
 * symmetric_quota - what a key takes
 * @sk: the object
 *
 * Return: bytes to be charged
 */
size_t symmetric_quota(const struct symmetric_key *sk)
{
	size_t size = sizeof(*sk);

	/* A view keeps its root alive, also when nobody has a key for that any more. */
	if (sk->root)
		return size + symmetric_quota(sk->root);
	size += sk->size + sk->sealed_size;
	/* The states of HMAC before and after its text, which is its key */
	if (sk->tfm)
		size += sizeof(*sk->tfm) +
			2 * crypto_shash_statesize(sk->tfm);
	return size + tls13_quota(sk);
}
