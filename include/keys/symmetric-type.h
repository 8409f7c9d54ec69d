/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys of type "symmetric", for code of the kernel that uses them: sinks
 *
 * A sink goes on using a key without a system call for each use: a block
 * device, a filesystem.  When the key dies, the sink's transforms die with it.
 *
 *	sk = symmetric_key_get(key);		before any lock of the sink
 *	symmetric_sink_attach(&sink, sk, ...);	keys the sink's transforms
 *	...
 *	err = symmetric_enter(sk);		each cryptographic request
 *	if (!err) {
 *		... the request, until its completion ...
 *		symmetric_leave(sk);
 *	}
 *	...
 *	symmetric_sink_detach(&sink);
 *	symmetric_key_put(sk);
 */
#ifndef _KEYS_SYMMETRIC_TYPE_H
#define _KEYS_SYMMETRIC_TYPE_H

#include <linux/err.h>
#include <linux/key.h>
#include <linux/list.h>
#include <linux/types.h>

struct crypto_shash;
struct delayed_work;
struct symmetric_key;
struct symmetric_sink;

extern struct key_type key_type_symmetric;

/* Bytes of the longest key */
#define SYMMETRIC_SIZE_MAX	64

/**
 * struct symmetric_sink_ops - what happens to a sink when its key dies
 * @kick: hurry up requests that are under way, and wake tasks that wait to make
 *	one.  Neither sleeps nor takes a lock under which the key is used.  NULL if
 *	requests are short
 * @free: free whatever was made of the key's bytes; called once, when the key
 *	dies or the sink is detached.  No request with the key runs then, and
 *	none will.  The caller holds the key's sinks_mutex, so @free takes no
 *	lock and puts no reference.
 */
struct symmetric_sink_ops {
	void (*kick)(struct symmetric_sink *sink);
	void (*free)(struct symmetric_sink *sink);
};

/**
 * struct symmetric_sink - a user of a key that makes no system calls
 * @link: in the key's list of sinks, under its sinks_mutex; empty if the key is
 *	dead or the sink was detached
 * @sk: the key, from attaching to detaching
 * @ops: called when the key dies
 */
struct symmetric_sink {
	struct list_head link;
	struct symmetric_key *sk;
	const struct symmetric_sink_ops *ops;
};

/**
 * struct symmetric_purpose - what a sink takes a key for
 * @alg: name of the algorithm, as in "alg="
 * @use: the use, one of SYMMETRIC_USE_*
 * @uuid: the %UUID_SIZE bytes of the UUID of the sink's volume, or NULL.  A key
 *	that is bound to another volume is refused; most keys are bound to none.
 */
struct symmetric_purpose {
	const char *alg;
	u32 use;
	const u8 *uuid;
};

struct symmetric_key *symmetric_key_get(const struct key *key);
void symmetric_key_put(struct symmetric_key *sk);
int symmetric_dead(struct symmetric_key *sk);
int symmetric_enter(struct symmetric_key *sk);
void symmetric_leave(struct symmetric_key *sk);
void symmetric_queue(struct delayed_work *work, unsigned long delay);
int symmetric_sink_attach(struct symmetric_sink *sink, struct symmetric_key *sk,
			  const struct symmetric_purpose *purpose,
			  int (*set_key)(struct symmetric_sink *sink,
					 const u8 *bytes, size_t size));
void symmetric_sink_detach(struct symmetric_sink *sink);
int symmetric_extract_by(struct symmetric_key *sk, struct crypto_shash *tfm,
			 u8 *prk);

#endif /* _KEYS_SYMMETRIC_TYPE_H */
