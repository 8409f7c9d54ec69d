/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cipher's transform that ends with its symmetric key, for sinks that encrypt
 *
 *	sc = symmetric_skcipher_get(key, ...);
 *	...
 *	err = symmetric_skcipher_enter(sc);	each request
 *	if (!err) {
 *		skcipher_request_set_tfm(req, sc->tfm);
 *		... the request, until its completion ...
 *		symmetric_skcipher_leave(sc);
 *	}
 *	...
 *	symmetric_skcipher_put(sc);
 */
#ifndef _KEYS_SYMMETRIC_SKCIPHER_H
#define _KEYS_SYMMETRIC_SKCIPHER_H

#include <keys/symmetric-type.h>

struct crypto_skcipher;

/**
 * struct symmetric_skcipher - a transform that ends with its key
 * @sink: the key's record of this transform; has a reference to the key's
 *	object
 * @tfm: the transform, to be read inside a bracket only; NULL once the key is dead
 * @size: number of bytes that the key must have
 */
struct symmetric_skcipher {
	struct symmetric_sink sink;
	struct crypto_skcipher *tfm;
	unsigned int size;
};

#ifdef CONFIG_SYMMETRIC_SKCIPHER

struct symmetric_skcipher *
symmetric_skcipher_get(const struct key *key,
		       const struct symmetric_purpose *purpose,
		       unsigned int size, struct crypto_skcipher *like,
		       u32 mask);
void symmetric_skcipher_put(struct symmetric_skcipher *sc);

static inline int symmetric_skcipher_enter(struct symmetric_skcipher *sc)
{
	return symmetric_enter(sc->sink.sk);
}

static inline void symmetric_skcipher_leave(struct symmetric_skcipher *sc)
{
	symmetric_leave(sc->sink.sk);
}

static inline int symmetric_skcipher_dead(struct symmetric_skcipher *sc)
{
	return symmetric_dead(sc->sink.sk);
}

#else /* !CONFIG_SYMMETRIC_SKCIPHER */

static inline struct symmetric_skcipher *
symmetric_skcipher_get(const struct key *key,
		       const struct symmetric_purpose *purpose,
		       unsigned int size, struct crypto_skcipher *like,
		       u32 mask)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void symmetric_skcipher_put(struct symmetric_skcipher *sc)
{
}

static inline int symmetric_skcipher_enter(struct symmetric_skcipher *sc)
{
	return -ENOKEY;
}

static inline void symmetric_skcipher_leave(struct symmetric_skcipher *sc)
{
}

static inline int symmetric_skcipher_dead(struct symmetric_skcipher *sc)
{
	return -ENOKEY;
}

#endif /* CONFIG_SYMMETRIC_SKCIPHER */

#endif /* _KEYS_SYMMETRIC_SKCIPHER_H */
