// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: a cipher's transform for sinks, which ends with the key
 *
 * The sink has a transform of its own besides, which is never keyed: it says what
 * its requests need, and stays when the key is dead.
 */

#include <crypto/skcipher.h>
#include <keys/symmetric-skcipher.h>
#include <linux/slab.h>

#include "symmetric.h"

static struct symmetric_skcipher *
symmetric_skcipher_of(struct symmetric_sink *sink)
{
	return container_of(sink, struct symmetric_skcipher, sink);
}

static void symmetric_skcipher_free(struct symmetric_sink *sink)
{
	struct symmetric_skcipher *sc = symmetric_skcipher_of(sink);

	crypto_free_skcipher(sc->tfm);
	sc->tfm = NULL;
}

/* A request is one sector of a disk or so: there is nothing to hurry up. */
static const struct symmetric_sink_ops symmetric_skcipher_ops = {
	.free = symmetric_skcipher_free,
};

static int symmetric_skcipher_key(struct symmetric_sink *sink, const u8 *bytes,
				  size_t size)
{
	struct symmetric_skcipher *sc = symmetric_skcipher_of(sink);

	if (size != sc->size)
		return -EINVAL;
	return crypto_skcipher_setkey(sc->tfm, bytes, size);
}

/*
 * Requests were laid out for @like, so what is keyed has to be the same
 * implementation, also if a faster one was loaded since.
 */
static struct crypto_skcipher *
symmetric_skcipher_alloc(struct crypto_skcipher *like, u32 mask)
{
	struct crypto_skcipher *tfm;

	tfm = crypto_alloc_skcipher(crypto_skcipher_driver_name(like), 0, mask);
	if (IS_ERR(tfm))
		return tfm;
	if (crypto_skcipher_reqsize(tfm) <= crypto_skcipher_reqsize(like) &&
	    crypto_skcipher_alignmask(tfm) <= crypto_skcipher_alignmask(like) &&
	    crypto_skcipher_ivsize(tfm) == crypto_skcipher_ivsize(like))
		return tfm;
	crypto_free_skcipher(tfm);
	return ERR_PTR(-ENOENT);
}

static int symmetric_skcipher_attach(struct symmetric_skcipher *sc,
				     struct symmetric_key *sk,
				     const struct symmetric_purpose *purpose,
				     struct crypto_skcipher *like, u32 mask)
{
	int err;

	sc->tfm = symmetric_skcipher_alloc(like, mask);
	if (IS_ERR(sc->tfm))
		return PTR_ERR(sc->tfm);
	err = symmetric_sink_attach(&sc->sink, sk, purpose,
				    symmetric_skcipher_key);
	if (err)
		crypto_free_skcipher(sc->tfm);
	return err;
}

/**
 * symmetric_skcipher_get - a transform that is keyed, as long as the key lives
 * @key: a key that was looked up, and is not under construction
 * @purpose: what it has to be for
 * @size: bytes that it has to have
 * @like: a transform of the cipher; requests that are laid out for it will do
 * @mask: as for crypto_alloc_skcipher()
 *
 * Context: process, under no lock of the sink that is taken by its requests
 * Return: the transform; -EKEYREJECTED if @key is for something else, -EKEYREVOKED,
 * -EKEYEXPIRED, -EINVAL if it has another size, -ENOMEM, or what the crypto API says
 */
struct symmetric_skcipher *
symmetric_skcipher_get(const struct key *key,
		       const struct symmetric_purpose *purpose,
		       unsigned int size, struct crypto_skcipher *like,
		       u32 mask)
{
	struct symmetric_key *sk = symmetric_key_get(key);
	struct symmetric_skcipher *sc;
	int err;

	if (IS_ERR(sk))
		return ERR_CAST(sk);
	err = -ENOMEM;
	sc = kzalloc(sizeof(*sc), GFP_KERNEL);
	if (!sc)
		goto error_put;
	sc->sink.ops = &symmetric_skcipher_ops;
	sc->size = size;
	err = symmetric_skcipher_attach(sc, sk, purpose, like, mask);
	if (!err)
		return sc;
	kfree(sc);
error_put:
	symmetric_key_put(sk);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(symmetric_skcipher_get);

/**
 * symmetric_skcipher_put - give a transform back
 * @sc: one whose requests have ended, or NULL
 *
 * Context: process.  Waits for no request.
 */
void symmetric_skcipher_put(struct symmetric_skcipher *sc)
{
	struct symmetric_key *sk;

	if (!sc)
		return;
	sk = sc->sink.sk;
	symmetric_sink_detach(&sc->sink);
	kfree(sc);
	symmetric_key_put(sk);
}
EXPORT_SYMBOL_GPL(symmetric_skcipher_put);
