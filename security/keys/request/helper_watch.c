// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: how the end of a helper program is noticed.
 *
 * No thread of the kernel waits for the program.  Such threads come from a
 * workqueue that has a few hundred for everybody: with as many programs that
 * hang, nobody else's work would be done, and that includes the time limits
 * which are to end such requests.  So the process calls back when it exits, as
 * it does for a program that polls a pidfd.
 */

#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "helper.h"

/**
 * struct key_helper_watch - A request that wants to know of a program's end
 * @entry: Among those that its process wakes; the process is in @entry.private.
 * @work: Reports the end from where one may sleep.
 * @req: The request it was started for, with a reference.
 * @place: The place it runs in; see key_place_take().
 * @status: How it ended, as wait(2) has it, or why it was not loaded.
 */
struct key_helper_watch {
	wait_queue_entry_t	entry;
	struct work_struct	work;
	struct key_request	*req;
	enum key_place		place;
	int			status;
};

/*
 * Called with tasklist_lock held, and also for what is not the end: a thread
 * may go before the others.
 */
static int key_helper_process_changed(wait_queue_entry_t *entry, unsigned int mode,
				      int sync, void *key)
{
	struct key_helper_watch *watch =
		container_of(entry, struct key_helper_watch, entry);
	struct task_struct *leader = pid_task(entry->private, PIDTYPE_TGID);

	if (!leader || !leader->exit_state || !thread_group_empty(leader))
		return 0;
	/* The last thread to exit has set the code, however it exited */
	if (!watch->status)
		watch->status = leader->signal->group_exit_code;
	list_del_init(&entry->entry);
	queue_work(system_unbound_wq, &watch->work);
	return 1;
}

static void key_helper_report_end(struct work_struct *work)
{
	struct key_helper_watch *watch =
		container_of(work, struct key_helper_watch, work);

	key_helper_ended(watch->req, watch->status);
	key_helper_watch_free(watch);
}

struct key_helper_watch *key_helper_watch_alloc(struct key_request *req)
{
	struct key_helper_watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL);

	if (!watch)
		return NULL;
	refcount_inc(&req->rka.usage);
	watch->req = req;
	INIT_WORK(&watch->work, key_helper_report_end);
	return watch;
}

/*
 * Find a place for the program to run in.  It has it until the watch is freed,
 * however the request ends before.
 */
bool key_helper_watch_take_place(struct key_helper_watch *watch)
{
	return key_place_take(&watch->place, watch->req->payers,
			      KEY_PLACE_RUNNING);
}

/*
 * Free a watch that has not begun, or is over.
 */
void key_helper_watch_free(struct key_helper_watch *watch)
{
	if (!watch)
		return;
	if (key_place_give(&watch->place, watch->req->payers,
			   KEY_PLACE_RUNNING))
		key_helper_queue_run();
	key_request_put(watch->req);
	kfree(watch);
}

/*
 * Watch the process that calls this.  From now on its exit frees the watch.
 */
void key_helper_watch_begin(struct key_helper_watch *watch)
{
	struct pid *pid = task_tgid(current);

	init_waitqueue_func_entry(&watch->entry, key_helper_process_changed);
	watch->entry.private = pid;
	add_wait_queue(&pid->wait_pidfd, &watch->entry);
}

/*
 * Note, in the process that is watched, that it is going to exit without having
 * been the program.
 */
void key_helper_watch_fail(struct key_helper_watch *watch, int error)
{
	watch->status = error;
}
