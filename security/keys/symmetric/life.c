// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: the live object, from its making to its death
 *
 * A *bracket*, symmetric_enter() to symmetric_leave(), encloses one
 * cryptographic request, for an asynchronous one until its completion.  It never
 * encloses a copy from or to user space, an allocation, a lock or a bio: a page
 * fault can be held up for ever by userfaultfd, and a task that revokes the key
 * waits for the last bracket.
 *
 * Killing is the same from revoke, invalidate and expiry: symmetric_kill().
 * tools/verification/keys/symmetric.pml has the orders in which all of this can
 * happen.
 *
 * Revoking waits under the key's semaphore.  It may, since neither a bracket
 * nor an attached sink takes that; a second task that revokes waits there, too,
 * and so has the promise as well.
 *
 * A user decides how long a bracket of his lasts, as the task in it gets a
 * processor only when the scheduler says so.  So a task that waits for brackets
 * can be killed, and the worker does not wait at all: thousands of workers that
 * wait would stop the work of others.
 */

#include <crypto/hash.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "symmetric.h"

/* Of our own, so that a mutex that a worker waits for holds up only this */
static struct workqueue_struct *symmetric_wq;

/*
 * Nobody gets in from here on.  The reason is there before the sign that makes
 * others look at it.
 */
static void symmetric_mark_dead(struct symmetric_key *sk, int reason)
{
	cmpxchg(&sk->reason, 0, reason);
	atomic_long_fetch_or(SYMMETRIC_DEAD, &sk->brackets);
}

/**
 * symmetric_end - end a key where nobody can wait
 * @sk: the object, to which the caller has a reference
 * @reason: as symmetric_kill() has it
 *
 * No request begins any more.  What takes a mutex is left to the worker.
 *
 * Context: any, in a bracket also
 */
void symmetric_end(struct symmetric_key *sk, int reason)
{
	symmetric_mark_dead(sk, reason);
	queue_work(symmetric_wq, &sk->work);
}

static void symmetric_expire(struct symmetric_key *sk)
{
	symmetric_end(sk, -EKEYEXPIRED);
}

static enum hrtimer_restart symmetric_timer(struct hrtimer *timer)
{
	symmetric_expire(container_of(timer, struct symmetric_key, timer));
	return HRTIMER_NORESTART;
}

static void symmetric_worker(struct work_struct *work);

/**
 * symmetric_alloc - a new object, without a key and without a limit in time
 * @size: room for bytes
 *
 * Return: the object with one reference, or NULL
 */
struct symmetric_key *symmetric_alloc(unsigned int size)
{
	struct symmetric_key *sk;

	sk = kzalloc(struct_size(sk, bytes, size), GFP_KERNEL_ACCOUNT);
	if (!sk)
		return NULL;
	refcount_set(&sk->usage, 1);
	sk->expiry = TIME64_MAX;
	hrtimer_init(&sk->timer, CLOCK_REALTIME, HRTIMER_MODE_ABS);
	sk->timer.function = symmetric_timer;
	INIT_WORK(&sk->work, symmetric_worker);
	init_waitqueue_head(&sk->drained);
	mutex_init(&sk->sinks_mutex);
	INIT_LIST_HEAD(&sk->sinks);
	return sk;
}

/* The clock can go back, and what was expired once stays so. */
static bool symmetric_time_is_up(struct symmetric_key *sk)
{
	if (ktime_get_real_seconds() < READ_ONCE(sk->expiry))
		return false;
	symmetric_expire(sk);
	return true;
}

static int symmetric_dead_one(struct symmetric_key *sk)
{
	if (atomic_long_read_acquire(&sk->brackets) < 0)
		return READ_ONCE(sk->reason);
	return symmetric_time_is_up(sk) ? READ_ONCE(sk->reason) : 0;
}

/**
 * symmetric_dead - tell why a key cannot be used
 * @sk: the object, to which the caller has a reference
 *
 * The answer is old at once; only a bracket holds death up.
 *
 * Context: any, softirq included.  Neither sleeps nor takes a lock.
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
int symmetric_dead(struct symmetric_key *sk)
{
	int err = sk->root ? symmetric_dead_one(sk->root) : 0;

	return err ?: symmetric_dead_one(sk);
}
EXPORT_SYMBOL_GPL(symmetric_dead);

static int symmetric_enter_one(struct symmetric_key *sk)
{
	int err = symmetric_dead_one(sk);
	long running;

	if (err)
		return err;
	running = atomic_long_read(&sk->brackets);
	do {
		if (running < 0) {
			/* Pairs with symmetric_mark_dead() */
			smp_rmb();
			return READ_ONCE(sk->reason);
		}
	} while (!atomic_long_try_cmpxchg_acquire(&sk->brackets, &running,
						  running + 1));
	return 0;
}

static void symmetric_leave_one(struct symmetric_key *sk)
{
	if (atomic_long_dec_return(&sk->brackets) != SYMMETRIC_DEAD)
		return;
	wake_up(&sk->drained);
	/* No task waits for an expired key, or the task was killed. */
	queue_work(symmetric_wq, &sk->work);
}

/**
 * symmetric_enter - begin a bracket
 * @sk: the object, to which the caller has a reference
 *
 * A view's bracket is one of its root's as well: the root's bytes are used.
 *
 * Context: any, softirq included.  Neither sleeps nor takes a lock.
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
int symmetric_enter(struct symmetric_key *sk)
{
	int err;

	if (sk->root) {
		err = symmetric_enter_one(sk->root);
		if (err)
			return err;
	}
	err = symmetric_enter_one(sk);
	if (err && sk->root)
		symmetric_leave_one(sk->root);
	return err;
}
EXPORT_SYMBOL_GPL(symmetric_enter);

/**
 * symmetric_leave - end a bracket
 * @sk: the object, to which the caller has a reference until this returns:
 *	the task that kills may be gone as soon as the count is zero
 *
 * Context: any, softirq included
 */
void symmetric_leave(struct symmetric_key *sk)
{
	struct symmetric_key *root = sk->root;

	symmetric_leave_one(sk);
	if (root)
		symmetric_leave_one(root);
}
EXPORT_SYMBOL_GPL(symmetric_leave);

/**
 * symmetric_queue - have work of a sink done by a worker
 * @work: the work, which has been set up
 * @delay: jiffies until then
 *
 * For work that may have to wait for a lock which a user holds as long as he likes.
 *
 * Context: any
 */
void symmetric_queue(struct delayed_work *work, unsigned long delay)
{
	queue_delayed_work(symmetric_wq, work, delay);
}
EXPORT_SYMBOL_GPL(symmetric_queue);

static void symmetric_kick_sinks(struct symmetric_key *sk)
{
	struct symmetric_sink *sink;

	mutex_lock(&sk->sinks_mutex);
	list_for_each_entry(sink, &sk->sinks, link)
		if (sink->ops->kick)
			sink->ops->kick(sink);
	mutex_unlock(&sk->sinks_mutex);
}

/* Nothing is keyed anew, with zeros or otherwise, and nothing is allocated. */
static void symmetric_wipe(struct symmetric_key *sk)
{
	struct symmetric_sink *sink, *next;

	mutex_lock(&sk->sinks_mutex);
	list_for_each_entry_safe(sink, next, &sk->sinks, link) {
		list_del_init(&sink->link);
		sink->ops->free(sink);
	}
	crypto_free_shash(sk->tfm);
	sk->tfm = NULL;
	tls13_wipe(sk);
	if (!sk->root)
		memzero_explicit(sk->bytes, sk->size);
	mutex_unlock(&sk->sinks_mutex);
}

static bool symmetric_is_drained(struct symmetric_key *sk)
{
	/* Acquire: what was done in brackets is done */
	return atomic_long_read_acquire(&sk->brackets) == SYMMETRIC_DEAD;
}

/* If there are brackets, the last one's end queues the work again. */
static void symmetric_worker(struct work_struct *work)
{
	struct symmetric_key *sk = container_of(work, struct symmetric_key, work);

	symmetric_kick_sinks(sk);
	if (symmetric_is_drained(sk))
		symmetric_wipe(sk);
}

/**
 * symmetric_kill - end a key
 * @sk: the object
 * @reason: -EKEYREVOKED or -EKEYEXPIRED, told from now on unless the key is
 *	dead already
 *
 * When it returns no request with the key runs and none will, whichever other
 * task kills it at the same time, and bytes and transforms are gone.  If the
 * caller has a fatal signal, only this is sure: none will begin, and with the
 * end of the last one the worker wipes.
 *
 * Context: process.  Waits for brackets, but for nothing else.
 */
void symmetric_kill(struct symmetric_key *sk, int reason)
{
	symmetric_mark_dead(sk, reason);
	symmetric_kick_sinks(sk);
	if (wait_event_killable(sk->drained, symmetric_is_drained(sk)) == 0)
		symmetric_wipe(sk);
}

/**
 * symmetric_set_expiry - the end of a key was set or taken away
 * @sk: the object
 * @expiry: seconds of the wall clock, or TIME64_MAX
 *
 * The timer is the object's own, so that it fires for a key that is linked
 * nowhere, but has a sink.  A clock that is set makes it fire, too.
 *
 * Context: process, under the key's semaphore
 */
void symmetric_set_expiry(struct symmetric_key *sk, time64_t expiry)
{
	hrtimer_cancel(&sk->timer);
	WRITE_ONCE(sk->expiry, expiry);
	if (expiry != TIME64_MAX)
		hrtimer_start(&sk->timer, ktime_set(expiry, 0),
			      HRTIMER_MODE_ABS);
}

/**
 * symmetric_key_get - find the object of a key
 * @key: a key that the caller has looked up and has a reference to
 *
 * A dead key has one, too: symmetric_enter() tells.
 *
 * Return: the object with a reference, or -EKEYREJECTED if @key is of another
 * type
 */
struct symmetric_key *symmetric_key_get(const struct key *key)
{
	struct symmetric_key *sk;

	if (key->type != &key_type_symmetric)
		return ERR_PTR(-EKEYREJECTED);
	sk = symmetric_of(key);
	refcount_inc(&sk->usage);
	return sk;
}
EXPORT_SYMBOL_GPL(symmetric_key_get);

/**
 * symmetric_key_put - give a reference back
 * @sk: the object, or NULL
 *
 * Context: process, not under a sink's callback
 */
void symmetric_key_put(struct symmetric_key *sk)
{
	if (!sk || !refcount_dec_and_test(&sk->usage))
		return;
	hrtimer_cancel(&sk->timer);
	cancel_work_sync(&sk->work);
	symmetric_kill(sk, -EKEYREVOKED);
	symmetric_key_put(sk->root);
	tls13_free(sk);
	kfree(sk->sealed);
	kfree(sk);
}
EXPORT_SYMBOL_GPL(symmetric_key_put);

int __init symmetric_life_init(void)
{
	symmetric_wq = alloc_workqueue("symmetric", WQ_UNBOUND, 0);
	return symmetric_wq ? 0 : -ENOMEM;
}
