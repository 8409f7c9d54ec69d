// SPDX-License-Identifier: GPL-2.0-only
/*
 * AF_ALG: sockets that hold a symmetric key, and end with it
 *
 * The algorithm that a socket is bound to is never keyed with such a key.  It says
 * what requests need, and stays.  A second object of the same implementation is
 * keyed, and each request is made with that one, in a bracket of the key's: see
 * keys/symmetric-type.h.  When the key dies, the second object is freed, and with
 * it all that was computed from the bytes.
 *
 * Lock order: socket lock, then the key's sinks_mutex.  A task that kills the key
 * has key->sem and sinks_mutex and takes no lock of a socket; so it waits for no
 * socket that is stuck in a page fault.
 *
 * A parent's key changes only while none of its children works with one, under
 * the parent's lock.  A child begins to work under that lock, too.  From then on
 * it reads its parent's key without it.
 */

#include <crypto/algapi.h>
#include <linux/crypto.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/symmetric_key.h>
#include <keys/symmetric-type.h>

#include "af_alg_key_symmetric.h"

/* Type, colon, algorithm: how a key names what it is for */
#define AF_ALG_NAME_MAX	(sizeof_field(struct af_alg_type, name) + 1 + \
			 CRYPTO_MAX_ALG_NAME)

/**
 * struct af_alg_symmetric - the key of a socket
 * @sink: what the key knows of it
 * @key: the key's object, with a reference
 * @type: type of the socket, with a reference to its module
 * @parent: the socket
 * @private: the keyed object of @type; NULL once the key is dead
 * @tfm: its transform, to be read in a bracket only
 */
struct af_alg_symmetric {
	struct symmetric_sink sink;
	struct symmetric_key *key;
	const struct af_alg_type *type;
	struct alg_sock *parent;
	void *private;
	struct crypto_tfm *tfm;
};

static struct af_alg_symmetric *
af_alg_symmetric_of_sink(struct symmetric_sink *sink)
{
	return container_of(sink, struct af_alg_symmetric, sink);
}

/*
 * Tasks may sleep until data comes that nobody can send any more.
 *
 * The socket outlives this: it is detached before it goes.  An accepted socket has
 * its wait queue while it is listed, since one with such a key has no asynchronous
 * request that could outlive its file.
 */
static void af_alg_symmetric_kick(struct symmetric_sink *sink)
{
	struct alg_sock *parent = af_alg_symmetric_of_sink(sink)->parent;
	struct alg_sock *child;

	spin_lock_bh(&parent->children_lock);
	list_for_each_entry(child, &parent->children, sibling)
		wake_up_interruptible_all(sk_sleep(&child->sk));
	spin_unlock_bh(&parent->children_lock);
}

static void af_alg_symmetric_unkey(struct symmetric_sink *sink)
{
	struct af_alg_symmetric *as = af_alg_symmetric_of_sink(sink);

	as->type->release(as->private);
	as->private = NULL;
	as->tfm = NULL;
}

static const struct symmetric_sink_ops af_alg_symmetric_ops = {
	.kick = af_alg_symmetric_kick,
	.free = af_alg_symmetric_unkey,
};

static int af_alg_symmetric_key(struct symmetric_sink *sink, const u8 *bytes,
				size_t size)
{
	struct af_alg_symmetric *as = af_alg_symmetric_of_sink(sink);

	return as->type->setkey(as->private, bytes, size);
}

/**
 * af_alg_is_symmetric - tell whether a key ends the sockets that have it
 * @key: a key that was looked up
 *
 * The type is no module, so a pointer to it can be compared under no lock.
 *
 * Return: true if af_alg_symmetric_set() is for this key
 */
bool af_alg_is_symmetric(const struct key *key)
{
	return key->type == &key_type_symmetric;
}
EXPORT_SYMBOL_GPL(af_alg_is_symmetric);

/*
 * The socket's binding: a type, with a reference to its module, and the name
 * of the implementation.
 */
static const struct af_alg_type *
af_alg_symmetric_look(struct sock *psk, char driver[CRYPTO_MAX_ALG_NAME],
		      int (*check)(const struct alg_sock *ask))
{
	struct alg_sock *ask = alg_sk(psk);
	const struct af_alg_type *type;
	int err;

	lock_sock(psk);
	err = check(ask);
	if (err) {
		type = ERR_PTR(err);
		goto out;
	}
	type = ask->type;
	if (!type->tfm) {
		type = ERR_PTR(-EKEYREJECTED);
		goto out;
	}
	__module_get(type->owner);
	strscpy(driver, crypto_tfm_alg_driver_name(type->tfm(ask->private)),
		CRYPTO_MAX_ALG_NAME);
out:
	release_sock(psk);
	return type;
}

/* No lock is held: this may wait for a module. */
static struct af_alg_symmetric *
af_alg_symmetric_alloc(const struct af_alg_type *type, const char *driver,
		       const struct key *key)
{
	struct af_alg_symmetric *as;
	void *private;

	as = kzalloc(sizeof(*as), GFP_KERNEL_ACCOUNT);
	if (!as)
		return ERR_PTR(-ENOMEM);
	private = type->bind(driver, 0, 0);
	if (IS_ERR(private)) {
		kfree(as);
		return ERR_CAST(private);
	}
	as->sink.ops = &af_alg_symmetric_ops;
	as->key = symmetric_key_get(key);
	as->type = type;
	as->private = private;
	as->tfm = type->tfm(private);
	return as;
}

/*
 * The socket may have been bound anew while it was not locked.
 *
 * Its requests are laid out for what it is bound to, so the other object must need
 * no more.  That it has the same size of tags is not only for this: a tag that is
 * cut short lets forgeries through.
 */
static int af_alg_symmetric_attach(struct alg_sock *ask,
				   struct af_alg_symmetric *as)
{
	char name[AF_ALG_NAME_MAX];
	const struct symmetric_purpose purpose = {
		.alg = name,
		.use = SYMMETRIC_USE_AF_ALG,
	};
	struct crypto_tfm *like;

	if (ask->type != as->type)
		return -EBUSY;
	like = as->type->tfm(ask->private);
	if (like->__crt_alg != as->tfm->__crt_alg)
		return -EBUSY;
	if (!as->type->fits(as->private, ask->private))
		return -EKEYREJECTED;

	snprintf(name, sizeof(name), "%s:%s", as->type->name,
		 crypto_tfm_alg_name(like));
	as->parent = ask;
	return symmetric_sink_attach(&as->sink, as->key, &purpose,
				     af_alg_symmetric_key);
}

/**
 * af_alg_symmetric_set - let a socket hold a key
 * @psk: a socket that was bound
 * @key: a symmetric key that was looked up
 * @check: tells whether the socket can take a key now; called with it locked
 *
 * When it fails, the socket keeps the key that it has.
 *
 * Context: process, under no lock.  May wait for a module.
 * Return: 0; an error of @check; -EBUSY if the socket was bound anew meanwhile;
 * -EKEYREJECTED if @key is not for the socket's algorithm; -EKEYREVOKED,
 * -EKEYEXPIRED, -ENOMEM, or what the crypto API says
 */
int af_alg_symmetric_set(struct sock *psk, const struct key *key,
			 int (*check)(const struct alg_sock *ask))
{
	struct alg_sock *ask = alg_sk(psk);
	char driver[CRYPTO_MAX_ALG_NAME];
	const struct af_alg_type *type;
	struct af_alg_symmetric *as;
	int err;

	type = af_alg_symmetric_look(psk, driver, check);
	if (IS_ERR(type))
		return PTR_ERR(type);
	as = af_alg_symmetric_alloc(type, driver, key);
	if (IS_ERR(as)) {
		module_put(type->owner);
		return PTR_ERR(as);
	}

	lock_sock(psk);
	err = check(ask);
	if (!err)
		err = af_alg_symmetric_attach(ask, as);
	if (!err)
		swap(ask->symmetric, as);
	release_sock(psk);

	/* The new one, if that did not work, else the old one or none */
	af_alg_symmetric_put(as);
	return err;
}
EXPORT_SYMBOL_GPL(af_alg_symmetric_set);

/**
 * af_alg_symmetric_free - let go of a key
 * @as: what no socket has any more
 *
 * Context: process, under no key's semaphore.  Waits for no request.
 */
void af_alg_symmetric_free(struct af_alg_symmetric *as)
{
	if (as->sink.sk)
		symmetric_sink_detach(&as->sink);
	else
		as->type->release(as->private);
	symmetric_key_put(as->key);
	module_put(as->type->owner);
	kfree(as);
}
EXPORT_SYMBOL_GPL(af_alg_symmetric_free);

/**
 * af_alg_symmetric_why - tell why a key cannot be used any more
 * @as: the key of a socket
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
int af_alg_symmetric_why(const struct af_alg_symmetric *as)
{
	return symmetric_dead(as->key);
}
EXPORT_SYMBOL_GPL(af_alg_symmetric_why);

/**
 * af_alg_symmetric_end - give the key back after a request
 * @bracket: that of the request, which has completed
 */
void af_alg_symmetric_end(struct af_alg_symmetric_bracket *bracket)
{
	struct af_alg_symmetric *as = bracket->as;
	struct crypto_async_request *req = bracket->req;

	/* Sizes are asked of it later, when the other may be gone. */
	req->tfm = as->type->tfm(as->parent->private);
	req->complete = bracket->complete;
	req->data = bracket->data;
	bracket->as = NULL;
	symmetric_leave(as->key);
}
EXPORT_SYMBOL_GPL(af_alg_symmetric_end);

/*
 * The key is given back here, and not by the task that waits.  A task that revokes
 * it waits, too, and its user would have to wait until the scheduler runs a task
 * that may be of another user and idle by policy.
 */
static void af_alg_symmetric_completed(af_alg_completed_t *completed, int err)
{
	struct af_alg_symmetric_bracket *bracket = af_alg_completion_data(completed);
	struct crypto_async_request *req = bracket->req;

	/* It has left the backlog. */
	if (err == -EINPROGRESS)
		return;
	af_alg_symmetric_end(bracket);
	crypto_request_complete(req, err);
}

/**
 * af_alg_symmetric_begin - have a request made with the key
 * @bracket: receives what is needed to end it
 * @as: the key of the socket that makes it, which is locked
 * @req: the request, which is set up but for its transform; its callback ignores
 *	-EINPROGRESS
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
int af_alg_symmetric_begin(struct af_alg_symmetric_bracket *bracket,
			   struct af_alg_symmetric *as,
			   struct crypto_async_request *req)
{
	int err = symmetric_enter(as->key);

	if (err)
		return err;
	bracket->as = as;
	bracket->req = req;
	bracket->complete = req->complete;
	bracket->data = req->data;
	req->complete = af_alg_symmetric_completed;
	req->data = bracket;
	req->tfm = as->tfm;
	req->flags &= ~CRYPTO_TFM_REQ_MAY_SLEEP;
	return 0;
}
EXPORT_SYMBOL_GPL(af_alg_symmetric_begin);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("AF_ALG sockets that end with their key");
