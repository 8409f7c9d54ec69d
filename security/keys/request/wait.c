// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: wait for a key, or for the end of one's own request.
 */

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>
#include "request.h"

/* Leave a request alone; fails if it has to be waited for to the end */
static bool key_request_abandon(struct key_request *req)
{
	const struct key_request_route *route;

	/*
	 * Say so, then look at the route.  key_helper_ask() has the route set before it
	 * looks whether anybody is still there, so one of both sees the other.
	 */
	cmpxchg(&req->state, KEY_REQUEST_ROUTED, KEY_REQUEST_ABANDONED);
	route = READ_ONCE(req->route);
	if (!route->may_leave || route->may_leave(req))
		return true;
	cmpxchg(&req->state, KEY_REQUEST_ABANDONED, KEY_REQUEST_ROUTED);
	return false;
}

/*
 * Would the caller find this request's key if it asked again?  If not, it would
 * have another one made.
 */
static bool key_request_can_join(const struct key_request *req,
				 struct keyring_search_context *ctx)
{
	key_ref_t key_ref = key_query_search(ctx);
	bool found;

	if (IS_ERR(key_ref))
		return false;
	found = key_ref_to_ptr(key_ref) == key_request_key(req);
	key_ref_put(key_ref);
	return found;
}

/*
 * Sleep until the request ends, for @limit jiffies at most.
 *
 * Return: 0 at the end of the request, -ERESTARTSYS after a signal that ends a
 * sleep in @mode, -ETIME after @limit.
 */
static int key_request_sleep(struct key_request *req, unsigned int mode, long limit)
{
	struct wait_queue_head *queue = __var_waitqueue(&req->state);
	struct wait_bit_queue_entry entry;
	int ret;

	init_wait_var_entry(&entry, &req->state, 0);
	for (;;) {
		ret = prepare_to_wait_event(queue, &entry.wq_entry, mode);
		if (key_request_has_ended(req)) {
			ret = 0;
			break;
		}
		if (ret < 0)
			break;
		if (!limit) {
			ret = -ETIME;
			break;
		}
		limit = schedule_timeout(limit);
	}
	finish_wait(queue, &entry.wq_entry);
	return ret;
}

static int key_request_wait_for_end(struct key_request *req, unsigned int mode)
{
	return key_request_sleep(req, mode, MAX_SCHEDULE_TIMEOUT);
}

/*
 * Leave the request as soon as it may go on without.
 *
 * Return: 0 if it has ended before, an error if it was left.
 */
static int key_request_leave_or_wait(struct key_request *req, unsigned int mode)
{
	while (!key_request_abandon(req)) {
		if (key_request_sleep(req, mode, KEY_REQUEST_LEAVE_CHECK) == 0)
			return 0;
	}
	return fatal_signal_pending(current) ? -EINTR : -ERESTARTSYS;
}

/*
 * Wait for the end of one's own request, whose key @ctx can search for.  A killed
 * task leaves as soon as it may, and the request goes on without.  So does
 * request_key(2) after any signal: it asks again then, and waits like others,
 * but only where it would find the key.  With @to_end nothing ends the wait early.
 *
 * A program's call holds no locks, so it may be frozen here; a call from within
 * the kernel may hold any.
 *
 * Return: how the request ended, -EINTR or -ERESTARTSYS.
 */
int key_request_wait(struct key_request *req,
		     struct keyring_search_context *ctx, bool to_end)
{
	bool program = req->origin == KEY_ORIGIN_USER;
	unsigned int freezable = program ? TASK_FREEZABLE : 0;
	unsigned int asleep = TASK_UNINTERRUPTIBLE | freezable;
	int ret;

	might_sleep();
	if (to_end)
		ret = key_request_wait_for_end(req, asleep);
	else if (program)
		ret = key_request_wait_for_end(req, TASK_INTERRUPTIBLE | freezable);
	else
		ret = key_request_wait_for_end(req, TASK_KILLABLE);
	if (ret < 0 && !fatal_signal_pending(current) && !key_request_can_join(req, ctx))
		ret = key_request_wait_for_end(req, TASK_KILLABLE | freezable);
	if (ret < 0)
		ret = key_request_leave_or_wait(req, asleep);
	return ret < 0 ? ret : req->result;
}

static int key_wait_until_made(struct key *key, unsigned int mode)
{
	return wait_on_bit(&key->flags, KEY_FLAG_USER_CONSTRUCT, mode);
}

static int key_wait_outcome(const struct key *key)
{
	int ret = key_read_state(key);

	return ret < 0 ? ret : key_validate(key);
}

/*
 * Wait for a key on behalf of the kernel.  The caller may hold locks that others
 * need before they can be frozen, so while the system goes to sleep nobody starts
 * to wait, except a task that has lent something to the key type's actor (@to_end).
 *
 * Return: as wait_for_key_construction(), or -EBUSY.
 */
int key_wait_as_kernel(struct key *key, bool to_end)
{
	int ret;

	if (key_under_construction(key)) {
		if (!key_sleep_delay(to_end))
			return -EBUSY;
		ret = key_wait_until_made(key, to_end ? TASK_UNINTERRUPTIBLE :
						    TASK_KILLABLE);
		key_sleep_allow();
		if (ret)
			return -EINTR;
	}
	return key_wait_outcome(key);
}

/**
 * wait_for_key_construction - Wait for a key that may be under construction
 * @key: The key.
 * @intr: Whether any signal ends the wait, or only a fatal one.
 *
 * Return: 0 if the key can be used; the error it was rejected with; what
 * key_validate() has against it; -ERESTARTSYS after a signal; or, if @intr is
 * false, -EINTR after a fatal one and -EBUSY while the system goes to sleep.
 */
int wait_for_key_construction(struct key *key, bool intr)
{
	if (!intr)
		return key_wait_as_kernel(key, false);
	if (key_wait_until_made(key, TASK_INTERRUPTIBLE))
		return -ERESTARTSYS;
	return key_wait_outcome(key);
}
EXPORT_SYMBOL(wait_for_key_construction);
