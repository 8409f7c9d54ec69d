// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: code of the kernel that uses them without system calls
 *
 * A sink looks its key up and waits for it before it takes a lock of its own:
 * sinks_mutex is the innermost lock.  Attaching looks for death under it, so a
 * sink is either seen by the task that kills the key or not attached.
 */

#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "symmetric.h"

static bool symmetric_is_for(const struct symmetric_key *sk,
			     const struct symmetric_purpose *purpose)
{
	if (sk->root || !(sk->uses & purpose->use) ||
	    strcmp(sk->alg->name, purpose->alg) != 0)
		return false;
	if (!sk->uuid_size)
		return true;
	return purpose->uuid &&
	       memcmp(sk->uuid, purpose->uuid, sk->uuid_size) == 0;
}

/**
 * symmetric_sink_attach - attach a sink to a key
 * @sink: zeroed but for its operations
 * @sk: the object, to which the caller has a reference until it has detached
 * @purpose: what the sink takes a key for
 * @set_key: keys the sink's transforms with the bytes that it is given, and does
 *	not keep them.  Under sinks_mutex: takes no lock of the sink, and allocates
 *	nothing but what setting a key of the crypto API does.  A task that revokes the
 *	key waits meanwhile, but uses of the key do not.
 *
 * A view is no key for sinks: they would not be found when the root dies.
 *
 * Context: process, under any lock but a key's
 * Return: 0, -EKEYREJECTED if the key is for something else, -EKEYREVOKED,
 * -EKEYEXPIRED, or an error of @set_key
 */
int symmetric_sink_attach(struct symmetric_sink *sink, struct symmetric_key *sk,
			  const struct symmetric_purpose *purpose,
			  int (*set_key)(struct symmetric_sink *sink,
					 const u8 *bytes, size_t size))
{
	int err;

	INIT_LIST_HEAD(&sink->link);
	if (!symmetric_is_for(sk, purpose))
		return -EKEYREJECTED;

	mutex_lock(&sk->sinks_mutex);
	err = symmetric_dead(sk);
	if (!err)
		err = set_key(sink, sk->bytes, sk->size);
	if (!err) {
		sink->sk = sk;
		list_add(&sink->link, &sk->sinks);
	}
	mutex_unlock(&sk->sinks_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(symmetric_sink_attach);

/**
 * symmetric_sink_detach - detach a sink
 * @sink: a sink that was attached, and whose requests have ended
 *
 * The sink's callback frees all that was made of the bytes, unless the key died
 * and it has run.  It is done under sinks_mutex: somebody who revokes
 * the key meanwhile has promised that nothing of it is left.
 *
 * Context: process, under any lock but a key's.  Does not wait for requests.
 */
void symmetric_sink_detach(struct symmetric_sink *sink)
{
	mutex_lock(&sink->sk->sinks_mutex);
	if (!list_empty(&sink->link)) {
		list_del_init(&sink->link);
		sink->ops->free(sink);
	}
	mutex_unlock(&sink->sk->sinks_mutex);
}
EXPORT_SYMBOL_GPL(symmetric_sink_detach);
