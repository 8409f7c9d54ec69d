/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AF_ALG: sockets that hold a symmetric key, and end with it
 *
 *	err = af_alg_symmetric_enter(sk, &req->base, &bracket);
 *	if (!err) {
 *		... the request, until its completion ...
 *		af_alg_symmetric_leave(&bracket);
 *	}
 *
 * The socket here is one that was accepted; its lock is held.  With a key of any
 * other kind these do nothing.
 */

#ifndef _CRYPTO_AF_ALG_KEY_SYMMETRIC_H
#define _CRYPTO_AF_ALG_KEY_SYMMETRIC_H

#include <crypto/if_alg.h>
#include <linux/crypto.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct key;

/**
 * struct af_alg_symmetric_bracket - a request that is made with a symmetric key
 * @as: the key; NULL if the socket has none, and once the request has completed
 * @req: the request
 * @complete: the callback that it was set up with
 * @data: what that is called with
 *
 * On the stack of the task that waits for the request.
 */
struct af_alg_symmetric_bracket {
	struct af_alg_symmetric *as;
	struct crypto_async_request *req;
	crypto_completion_t complete;
	void *data;
};

#ifdef CONFIG_SYMMETRIC_AF_ALG

/**
 * af_alg_holds_symmetric - tell whether a parent has a symmetric key
 * @ask: a socket that was bound, locked
 *
 * Return: true also if the key is dead
 */
static inline bool af_alg_holds_symmetric(const struct alg_sock *ask)
{
	return ask->symmetric;
}

static inline void af_alg_symmetric_init(struct alg_sock *ask)
{
	INIT_LIST_HEAD(&ask->children);
	spin_lock_init(&ask->children_lock);
}

bool af_alg_is_symmetric(const struct key *key);
int af_alg_symmetric_set(struct sock *psk, const struct key *key,
			 int (*check)(const struct alg_sock *ask));
void af_alg_symmetric_free(struct af_alg_symmetric *as);
int af_alg_symmetric_why(const struct af_alg_symmetric *as);
int af_alg_symmetric_begin(struct af_alg_symmetric_bracket *bracket,
			   struct af_alg_symmetric *as,
			   struct crypto_async_request *req);
void af_alg_symmetric_end(struct af_alg_symmetric_bracket *bracket);

/* Every call of AF_ALG runs the functions below, most often without such a key. */

/**
 * af_alg_symmetric_adopt - have the end of the key wake those who wait for a socket
 * @parent: the socket that was bound, locked
 * @child: the socket that was accepted
 */
static inline void af_alg_symmetric_adopt(struct alg_sock *parent,
					  struct alg_sock *child)
{
	spin_lock_bh(&parent->children_lock);
	list_add(&child->sibling, &parent->children);
	spin_unlock_bh(&parent->children_lock);
}

/**
 * af_alg_symmetric_disown - undo af_alg_symmetric_adopt()
 * @child: the socket that was accepted, which is closed
 *
 * Context: any but a hard interrupt's: a request that completes may close it.
 */
static inline void af_alg_symmetric_disown(struct alg_sock *child)
{
	struct alg_sock *parent = alg_sk(child->parent);

	spin_lock_bh(&parent->children_lock);
	list_del(&child->sibling);
	spin_unlock_bh(&parent->children_lock);
}

/**
 * af_alg_symmetric_take - take the key from a socket
 * @ask: a socket that was bound, locked, of which no child works with a key
 *
 * Return: what is to be put once the lock was released; or NULL
 */
static inline struct af_alg_symmetric *
af_alg_symmetric_take(struct alg_sock *ask)
{
	struct af_alg_symmetric *as = ask->symmetric;

	ask->symmetric = NULL;
	return as;
}

/**
 * af_alg_symmetric_put - let go of a key
 * @as: what no socket has any more; or NULL
 *
 * Context: process, under no key's semaphore.  Waits for no request.
 */
static inline void af_alg_symmetric_put(struct af_alg_symmetric *as)
{
	if (as)
		af_alg_symmetric_free(as);
}

/**
 * af_alg_symmetric_dead - tell why a socket that was bound has no key any more
 * @ask: the socket, locked
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
static inline int af_alg_symmetric_dead(const struct alg_sock *ask)
{
	return ask->symmetric ? af_alg_symmetric_why(ask->symmetric) : 0;
}

/**
 * af_alg_symmetric_of - the key that a child works with
 * @sk: the socket, accepted
 *
 * A child that has not begun has none: its parent may just be given another.
 *
 * Return: the key, which stays while the child has its lock; or NULL
 */
static inline struct af_alg_symmetric *af_alg_symmetric_of(struct sock *sk)
{
	struct alg_sock *ask = alg_sk(sk);

	/* Pairs with the release in the type's check for a key */
	if (atomic_read_acquire(&ask->nokey_refcnt))
		return NULL;
	return alg_sk(ask->parent)->symmetric;
}

/**
 * af_alg_symmetric_ended - tell why a socket that was accepted can do nothing
 * @sk: the socket
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
static inline int af_alg_symmetric_ended(struct sock *sk)
{
	struct af_alg_symmetric *as = af_alg_symmetric_of(sk);

	return as ? af_alg_symmetric_why(as) : 0;
}

/**
 * af_alg_symmetric_enter - before a request
 * @sk: the socket that makes it, locked
 * @req: the request, which is set up but for its transform
 * @bracket: receives what is needed to give the key back, which happens when the
 *	request completes
 *
 * A task that revokes the key waits for the request.  So it must not wait for
 * memory, and its pages are the kernel's or pinned.
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
static inline int af_alg_symmetric_enter(struct sock *sk,
					 struct crypto_async_request *req,
					 struct af_alg_symmetric_bracket *bracket)
{
	struct af_alg_symmetric *as = af_alg_symmetric_of(sk);

	bracket->as = NULL;
	return as ? af_alg_symmetric_begin(bracket, as, req) : 0;
}

/**
 * af_alg_symmetric_leave - after a request
 * @bracket: that of the request, which has completed
 */
static inline void af_alg_symmetric_leave(struct af_alg_symmetric_bracket *bracket)
{
	if (bracket->as)
		af_alg_symmetric_end(bracket);
}

#else /* !CONFIG_SYMMETRIC_AF_ALG */

static inline bool af_alg_holds_symmetric(const struct alg_sock *ask)
{
	return false;
}

static inline void af_alg_symmetric_init(struct alg_sock *ask)
{
}

static inline void af_alg_symmetric_adopt(struct alg_sock *parent,
					  struct alg_sock *child)
{
}

static inline void af_alg_symmetric_disown(struct alg_sock *child)
{
}

static inline bool af_alg_is_symmetric(const struct key *key)
{
	return false;
}

static inline int af_alg_symmetric_set(struct sock *psk, const struct key *key,
				       int (*check)(const struct alg_sock *ask))
{
	return -ENOPROTOOPT;
}

static inline struct af_alg_symmetric *
af_alg_symmetric_take(struct alg_sock *ask)
{
	return NULL;
}

static inline void af_alg_symmetric_put(struct af_alg_symmetric *as)
{
}

static inline int af_alg_symmetric_dead(const struct alg_sock *ask)
{
	return 0;
}

static inline struct af_alg_symmetric *af_alg_symmetric_of(struct sock *sk)
{
	return NULL;
}

static inline int af_alg_symmetric_ended(struct sock *sk)
{
	return 0;
}

static inline int af_alg_symmetric_enter(struct sock *sk,
					 struct crypto_async_request *req,
					 struct af_alg_symmetric_bracket *bracket)
{
	return 0;
}

static inline void af_alg_symmetric_leave(struct af_alg_symmetric_bracket *bracket)
{
}

#endif /* CONFIG_SYMMETRIC_AF_ALG */

#endif /* _CRYPTO_AF_ALG_KEY_SYMMETRIC_H */
