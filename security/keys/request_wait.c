// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: wait for a key, or for the end of one's own request.
 */

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>
#include "request.h"

static bool has_ended(const struct key_request *req)
{
	/* Pairs with the exchange in announce_end() */
	return smp_load_acquire(&req->state) >= KEY_REQUEST_ANSWERED;
}

/* Requests with a helper that nobody waits for any more */
static atomic_t unattended = ATOMIC_INIT(0);

/*
 * A request has ended that somebody may have left.
 */
void key_request_left(struct key_request *req)
{
	if (test_and_clear_bit(KEY_REQUEST_UNATTENDED, &req->flags))
		atomic_dec(&unattended);
}

/*
 * May a request with a helper go on while nobody waits for it?  Called when its
 * task leaves it, or, if that was before, when the helper is to be started.
 *
 * A helper runs as root, outside of whatever limits the tasks of who asks.  As
 * long as each has a task that waits for it, that limit holds for both.
 */
bool key_request_leave(struct key_request *req)
{
	/* Both may come here when a service hands the request on */
	if (test_and_set_bit(KEY_REQUEST_UNATTENDED, &req->flags))
		return true;
	if (atomic_inc_return(&unattended) > KEY_REQUESTS_UNATTENDED_MAX) {
		key_request_left(req);
		return false;
	}
	/*
	 * Whoever ends the request changes the state before it looks here.  To
	 * count was a full barrier.
	 */
	if (has_ended(req))
		key_request_left(req);
	return true;
}

/* Leave a request alone; fails if it has to be waited for to the end */
static bool abandon(struct key_request *req)
{
	/*
	 * Say so, then look at the route.  ask_helper() has the route set before it
	 * looks whether anybody is still there, so one of both sees the other.
	 */
	cmpxchg(&req->state, KEY_REQUEST_ROUTED, KEY_REQUEST_ABANDONED);
	if (READ_ONCE(req->route) != &key_route_helper ||
	    key_request_leave(req))
		return true;
	cmpxchg(&req->state, KEY_REQUEST_ABANDONED, KEY_REQUEST_ROUTED);
	return false;
}

/*
 * Wait for the end of one's own request.  Who is killed leaves at once, and the
 * request goes on without, unless too many do so already.
 *
 * A program's call holds no locks, so it may be frozen here; a call from within
 * the kernel may hold any.
 *
 * Return: how the request ended, or -EINTR.
 */
int key_request_wait(struct key_request *req)
{
	unsigned int freezable = req->origin == KEY_ORIGIN_USER ?
				 TASK_FREEZABLE : 0;
	unsigned int mode = TASK_KILLABLE | freezable;

	might_sleep();
	if (___wait_var_event(&req->state, has_ended(req), mode, 0, 0,
			      schedule()) < 0) {
		if (abandon(req))
			return -EINTR;
		mode = TASK_UNINTERRUPTIBLE | freezable;
		___wait_var_event(&req->state, has_ended(req), mode, 0, 0,
				  schedule());
	}
	return req->result;
}

/**
 * wait_for_key_construction - Wait for a key that may be under construction
 * @key: The key.
 * @intr: Whether any signal ends the wait, or only a fatal one.
 *
 * Return: 0 if the key can be used; the error it was rejected with; what
 * key_validate() has against it; -ERESTARTSYS after a signal, or -EINTR if
 * @intr is false.
 */
int wait_for_key_construction(struct key *key, bool intr)
{
	int ret;

	ret = wait_on_bit(&key->flags, KEY_FLAG_USER_CONSTRUCT,
			  intr ? TASK_INTERRUPTIBLE : TASK_KILLABLE);
	if (ret)
		return intr ? -ERESTARTSYS : -EINTR;

	ret = key_read_state(key);
	if (ret < 0)
		return ret;
	return key_validate(key);
}
EXPORT_SYMBOL(wait_for_key_construction);
