// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: the time limit of each, and the work that gives up those past it.
 */

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "request.h"

/* kernel.keys.request_timeout: seconds a helper may take, 0 for any */
unsigned int key_request_timeout;
unsigned int key_request_timeout_max = KEY_REQUEST_TIMEOUT_MAX;

static void key_deadline_watch(struct work_struct *work);
static DECLARE_DELAYED_WORK(deadline_work, key_deadline_watch);

/* Earliest deadline that the work waits for; under key_request_lock */
static unsigned long next_deadline;
static bool deadline_armed;

static void key_deadline_arm(unsigned long deadline)
	__must_hold(&key_request_lock)
{
	unsigned long now = jiffies;

	lockdep_assert_held(&key_request_lock);
	if (deadline_armed && !time_before(deadline, next_deadline))
		return;
	deadline_armed = true;
	next_deadline = deadline;
	mod_delayed_work(system_unbound_wq, &deadline_work,
			 time_after(deadline, now) ? deadline - now : 0);
}

/*
 * Start the clock of a request anew; a limit of zero stops it.
 */
void key_request_set_deadline(struct key_request *req, unsigned long limit)
{
	if (!limit && !req->deadline)
		return;
	spin_lock(&key_request_lock);
	/* Zero means none, so leave it out when jiffies wrap */
	WRITE_ONCE(req->deadline, limit ? (jiffies + limit) ?: 1 : 0);
	if (limit)
		key_deadline_arm(req->deadline);
	spin_unlock(&key_request_lock);
}

/*
 * Find a request whose time is up, and wait for the next deadline if there is
 * none.  One that is being answered is left alone: a key type may take long for
 * that, a TPM for instance, and the other requests have deadlines, too.
 */
static struct key_request *key_deadline_next_overdue(void)
{
	struct key_request *req, *overdue = NULL;

	spin_lock(&key_request_lock);
	deadline_armed = false;
	list_for_each_entry(req, &key_requests, link) {
		if (!req->deadline || test_bit(KEY_REQUEST_ENDED, &req->flags))
			continue;
		if (time_before(jiffies, req->deadline)) {
			key_deadline_arm(req->deadline);
		} else if (key_is_being_answered(key_request_key(req))) {
			key_deadline_arm(jiffies + KEY_REQUEST_ANSWER_CHECK);
		} else if (refcount_inc_not_zero(&req->rka.usage)) {
			overdue = req;
			break;
		}
	}
	spin_unlock(&key_request_lock);
	return overdue;
}

static void key_deadline_watch(struct work_struct *work)
{
	struct key_request *req;

	while ((req = key_deadline_next_overdue())) {
		key_request_end(req, NULL, -ETIMEDOUT, KEY_CAUSE_TIMEOUT);
		key_request_put(req);
	}
}
