// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: the processes that read requests, and those that made them.
 *
 * Requests that a process has read go back to the queue when it ends.  For that the
 * service has an entry in the wait queue of the process's struct pid, which pidfds
 * use, too.  The entry is made with the process's first read, so that the reads after
 * it cost no more than a look.
 *
 * The entries belong to the open file: when that is released none is left, so they
 * hold no reference to the service.
 */

#include <linux/err.h>
#include <linux/file.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "service.h"

/**
 * struct key_service_reader - A process that has read from a service
 * @node: Place among the service's readers, with its lock held.
 * @service: The service.
 * @pid: The process, with a reference.
 * @wait: Place among those who are told of the process's end.
 */
struct key_service_reader {
	struct rb_node		node;
	struct key_service	*service;
	struct pid		*pid;
	wait_queue_entry_t	wait;
};

static struct key_service_reader *key_service_reader_at(struct rb_node *node)
{
	return rb_entry(node, struct key_service_reader, node);
}

static int key_service_compare_pid(const void *pid, const struct rb_node *node)
{
	const struct pid *have =
		rb_entry(node, struct key_service_reader, node)->pid;

	return (const struct pid *)pid < have ? -1 :
	       (const struct pid *)pid > have;
}

static int key_service_compare_reader(struct rb_node *a, const struct rb_node *b)
{
	return key_service_compare_pid(key_service_reader_at(a)->pid, b);
}

/*
 * Whether the end of the calling process will be noticed.
 */
bool key_service_knows_reader(const struct key_service *service)
{
	lockdep_assert_held(&service->lock);
	return rb_find(task_tgid(current), &service->readers, key_service_compare_pid);
}

/*
 * Interrupts are off and the lock of all tasks is held, so nothing that others take
 * with interrupts on may be taken here: a work looks what there is to do.
 */
static int key_service_reader_may_end(wait_queue_entry_t *wait, unsigned int mode,
				      int flags, void *key)
{
	struct key_service_reader *reader =
		container_of(wait, struct key_service_reader, wait);

	queue_work(system_unbound_wq, &reader->service->reap);
	return 0;
}

/*
 * Note that the calling process reads.
 *
 * Return: 0, or -ENOMEM.
 */
int key_service_add_reader(struct key_service *service)
{
	struct key_service_reader *reader;
	struct rb_node *other;

	reader = kzalloc(sizeof(*reader), GFP_KERNEL_ACCOUNT);
	if (!reader)
		return -ENOMEM;
	reader->service = service;
	reader->pid = get_pid(task_tgid(current));
	init_waitqueue_func_entry(&reader->wait, key_service_reader_may_end);

	spin_lock(&service->lock);
	other = rb_find_add(&reader->node, &service->readers, key_service_compare_reader);
	spin_unlock(&service->lock);
	if (other) {
		/* Another thread was faster */
		put_pid(reader->pid);
		kfree(reader);
		return 0;
	}
	/* The process runs, so it cannot have ended before this */
	add_wait_queue(&reader->pid->wait_pidfd, &reader->wait);
	return 0;
}

/* It is in no tree any more, so nobody else comes to this */
static void key_service_free_reader(struct key_service_reader *reader)
{
	remove_wait_queue(&reader->pid->wait_pidfd, &reader->wait);
	put_pid(reader->pid);
	kfree(reader);
}

/*
 * Find the first thread of a process, which has ended only with all the others.
 * Called under RCU.
 *
 * Return: the thread, or NULL if the process has ended.
 */
struct task_struct *key_service_live_task(struct pid *pid)
{
	struct task_struct *task = pid_task(pid, PIDTYPE_TGID);

	if (task && READ_ONCE(task->exit_state) && thread_group_empty(task))
		return NULL;
	return task;
}

bool key_service_process_lives(struct pid *pid)
{
	bool lives;

	rcu_read_lock();
	lives = key_service_live_task(pid);
	rcu_read_unlock();
	return lives;
}

static struct key_service_reader *key_service_take_ended(struct key_service *service)
{
	struct key_service_reader *reader = NULL;
	struct rb_node *node;

	spin_lock(&service->lock);
	for (node = rb_first(&service->readers); node; node = rb_next(node)) {
		if (!key_service_process_lives(key_service_reader_at(node)->pid)) {
			reader = key_service_reader_at(node);
			rb_erase(node, &service->readers);
			break;
		}
	}
	spin_unlock(&service->lock);
	return reader;
}

/*
 * Queue again what processes have read that have ended.
 */
void key_service_reap(struct work_struct *work)
{
	struct key_service *service =
		container_of(work, struct key_service, reap);
	struct key_service_reader *reader;

	while ((reader = key_service_take_ended(service))) {
		key_service_take_from(service, reader->pid);
		key_service_free_reader(reader);
		cond_resched();
	}
}

static struct key_service_reader *key_service_take_reader(struct key_service *service)
{
	struct rb_node *node;

	spin_lock(&service->lock);
	node = rb_first(&service->readers);
	if (node)
		rb_erase(node, &service->readers);
	spin_unlock(&service->lock);
	return node ? key_service_reader_at(node) : NULL;
}

/*
 * The file is gone, and with it all its readers.  Afterwards nobody looks at
 * the service because some process ended.
 */
void key_service_forget_readers(struct key_service *service)
{
	struct key_service_reader *reader;

	while ((reader = key_service_take_reader(service)))
		key_service_free_reader(reader);
	/* It may have one in hand, whose end queues it once more */
	cancel_work_sync(&service->reap);
}

/*
 * A descriptor of a process lets its owner do nothing that it could not do by the
 * process's number, but for the wrong process.  Yet nobody is to be shown one that
 * a pid namespace or a security module hides.
 */
static int key_service_open_pidfd(struct pid *pid)
{
	struct task_struct *task;
	struct file *file;
	bool allowed;
	int fd;

	if (!pid_nr_ns(pid, task_active_pid_ns(current)))
		return -ESRCH;
	task = get_pid_task(pid, PIDTYPE_TGID);
	if (!task)
		return -ESRCH;
	allowed = ptrace_may_access(task, PTRACE_MODE_READ_REALCREDS);
	put_task_struct(task);
	if (!allowed)
		return -EPERM;

	fd = pidfd_prepare(pid, 0, &file);
	if (fd < 0)
		return fd == -EINVAL ? -ESRCH : fd;
	fd_install(fd, file);
	return fd;
}

static long key_service_request_pidfd(struct key_service *service,
				      const u64 __user *_id)
{
	struct key_request *req;
	struct pid *pid;
	long ret;
	u64 id;

	if (copy_from_user(&id, _id, sizeof(id)))
		return -EFAULT;
	req = key_service_find(service, id);
	if (!req)
		return -ENOENT;
	pid = get_pid(req->place->tgid);
	key_service_let_go(req);
	ret = key_service_open_pidfd(pid);
	put_pid(pid);
	return ret;
}

/**
 * keyctl_service_pidfd - Get a descriptor of the process that made a request
 * @fd: Descriptor of the service.
 * @_id: Number of a request that was read and is unanswered.
 *
 * The caller has to see the process and to be allowed to inspect it, whatever the
 * service's opener was.
 *
 * Return: a descriptor that is closed on exec, or an error.
 */
long keyctl_service_pidfd(int fd, const u64 __user *_id)
{
	struct file *file = key_service_fget(fd);
	long ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = key_service_request_pidfd(file->private_data, _id);
	fput(file);
	return ret;
}
