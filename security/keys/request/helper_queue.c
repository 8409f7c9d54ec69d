// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: helper programs that wait for a place to run in.
 *
 * So many run at a time, and the others wait, first come, first served, until the
 * process of one has ended.  The process of a request which is over counts, too,
 * since it is the processes that use up the machine.  Only a payer that has places
 * of its own left goes before others that have none.
 */

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "helper.h"

static DEFINE_SPINLOCK(helper_queue_lock);

/* Prepared helpers in the order they came; under helper_queue_lock */
static LIST_HEAD(helper_queue);

static void key_helper_start_waiting(struct work_struct *work);
static DECLARE_WORK(start_work, key_helper_start_waiting);

/*
 * Find out whether a prepared helper can run now.  If not, it waits, and
 * key_helper_start_late() is called for it later, unless its request ends before.
 *
 * Return: 1 if it can, 0 if it waits, -EBUSY if the request has ended.
 */
int key_helper_queue(struct key_helper *helper)
{
	struct key_request *req = helper->req;
	int ret = 0;

	spin_lock(&helper_queue_lock);
	/* key_request_end() sets this before it takes helper_queue_lock */
	if (test_bit(KEY_REQUEST_ENDED, &req->flags)) {
		ret = -EBUSY;
	} else if (key_helper_watch_take_place(helper->watch)) {
		ret = 1;
	} else {
		list_add_tail(&helper->link, &helper_queue);
		req->helper = helper;
	}
	spin_unlock(&helper_queue_lock);
	return ret;
}

static struct key_helper *key_helper_next_startable(void)
{
	struct key_helper *helper, *found = NULL;

	/* key_sleep_after() starts the helpers that wait now */
	if (key_sleep_is_near())
		return NULL;
	spin_lock(&helper_queue_lock);
	list_for_each_entry(helper, &helper_queue, link) {
		if (!key_helper_watch_take_place(helper->watch))
			continue;
		list_del(&helper->link);
		helper->req->helper = NULL;
		found = helper;
		break;
	}
	spin_unlock(&helper_queue_lock);
	return found;
}

static void key_helper_start_waiting(struct work_struct *work)
{
	struct key_helper *helper;

	while ((helper = key_helper_next_startable()))
		key_helper_start_late(helper);
}

/*
 * A place is free: the next task that waits for one takes it.
 */
void key_helper_queue_run(void)
{
	/* key_helper_queue() tries to take a place with helper_queue_lock held */
	spin_lock(&helper_queue_lock);
	if (!list_empty(&helper_queue))
		queue_work(system_unbound_wq, &start_work);
	spin_unlock(&helper_queue_lock);
}

/*
 * The request has ended: its helper need not start any more.
 */
void key_helper_forget(struct key_request *req)
{
	struct key_helper *helper;

	spin_lock(&helper_queue_lock);
	helper = req->helper;
	req->helper = NULL;
	if (helper)
		list_del(&helper->link);
	spin_unlock(&helper_queue_lock);
	if (helper)
		key_helper_free(helper);
}
