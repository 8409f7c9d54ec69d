// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: wait for a key, or for the end of one's own request.
 */

#include <linux/export.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>
#include "request.h"

static bool has_ended(const struct key_request *req)
{
	/* Pairs with the release in announce_end() */
	return smp_load_acquire(&req->state) >= KEY_REQUEST_ANSWERED;
}

/*
 * Wait for the end of one's own request.  Who is killed leaves at once; the
 * request goes on without.
 *
 * A program's call holds no locks, so it may be frozen here; a call from within
 * the kernel may hold any.
 *
 * Return: how the request ended, or -EINTR.
 */
int key_request_wait(struct key_request *req)
{
	unsigned int mode = TASK_KILLABLE;
	int ret;

	if (req->origin == KEY_ORIGIN_USER)
		mode |= TASK_FREEZABLE;
	might_sleep();
	ret = ___wait_var_event(&req->state, has_ended(req), mode, 0, 0,
				schedule());
	if (ret < 0) {
		cmpxchg(&req->state, KEY_REQUEST_ROUTED,
			KEY_REQUEST_ABANDONED);
		return -EINTR;
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
