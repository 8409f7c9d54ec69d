// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: the process that opened one.
 *
 * A user's service for its own programs ends with that process: what is left of
 * it may be a descriptor in the hands of another user.  While it lives security
 * modules say whether it may trace the requester.
 */

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include "service.h"

/*
 * Whether the opener has no more rights than when it opened the service.  It may
 * run a set-user-id program, which any security module lets trace, while somebody
 * else has the descriptor.
 */
static bool key_service_opener_is_no_more(const struct key_service *service,
					  const struct task_struct *opener)
{
	const struct cred *was = service->cred, *is = __task_cred(opener);

	return is->user_ns == was->user_ns &&
	       uid_eq(is->uid, was->uid) && uid_eq(is->euid, was->euid) &&
	       uid_eq(is->suid, was->suid) && gid_eq(is->gid, was->gid) &&
	       gid_eq(is->egid, was->egid) && gid_eq(is->sgid, was->sgid) &&
	       cap_issubset(is->cap_permitted, was->cap_permitted);
}

/*
 * Whether security modules let the opener trace the requester.  They look at what
 * the opener is now, not at what it was: an opener that has confined itself since
 * has given rights up.
 *
 * They are asked as when a program offers itself to a tracer, which is the
 * question that takes no lock and that current, the requester, has to ask.
 */
bool key_service_may_trace_current(const struct key_service *service)
{
	struct task_struct *opener;
	bool may;

	rcu_read_lock();
	opener = key_service_live_task(service->process);
	may = opener && key_service_opener_is_no_more(service, opener) &&
	      security_ptrace_traceme(opener) == 0;
	rcu_read_unlock();
	return may;
}

/*
 * A thread of the opener's process has ended, with the list of tasks and the
 * queue of its pid locked.  If it was the last one the service is closed from
 * the work.
 */
static int key_service_opener_ends(wait_queue_entry_t *entry, unsigned int mode,
				   int sync, void *key)
{
	struct key_service *service =
		container_of(entry, struct key_service, opener_end);

	if (key_service_process_lives(service->process))
		return 0;

	/* Once: the work drops the one reference that is taken here */
	list_del_init(&entry->entry);
	if (refcount_inc_not_zero(&service->usage))
		queue_work(system_unbound_wq, &service->opener_work);
	return 1;
}

static void key_service_opener_ended(struct work_struct *work)
{
	struct key_service *service =
		container_of(work, struct key_service, opener_work);

	key_service_close(service);
	key_service_put(service);
}

/*
 * Note the process that opens a service.
 */
void key_service_note_opener(struct key_service *service)
{
	service->process = get_pid(task_tgid(current));
	init_waitqueue_func_entry(&service->opener_end,
				  key_service_opener_ends);
	INIT_LIST_HEAD(&service->opener_end.entry);
	INIT_WORK(&service->opener_work, key_service_opener_ended);
}

/*
 * Have a service end with its opener's process, which is the caller's.  A service
 * of a namespace outlives that process, as the daemon may be restarted.
 */
void key_service_watch_opener(struct key_service *service)
{
	if (service->scope == KEY_SERVICE_SCOPE_UID)
		add_wait_queue(&service->process->wait_pidfd,
			       &service->opener_end);
}

/*
 * The service is closed, for whatever reason: the pid must not find it any more.
 */
void key_service_unwatch_opener(struct key_service *service)
{
	if (service->scope == KEY_SERVICE_SCOPE_UID)
		remove_wait_queue(&service->process->wait_pidfd,
				  &service->opener_end);
}

static void key_service_log_filter(struct audit_buffer *ab,
				   const struct key_service_pattern *pattern)
{
	audit_log_format(ab, " key_type=");
	audit_log_untrustedstring(ab, *pattern->type ? pattern->type : "*");
	audit_log_format(ab, " prefix=");
	audit_log_untrustedstring(ab, pattern->prefix ?: "");
}

/*
 * Tell the audit log of a service that is about to be open.
 */
void key_service_audit_open(const struct key_service *service)
{
	struct audit_buffer *ab;
	unsigned int i;

	if (!audit_enabled)
		return;
	ab = audit_log_start(audit_context(), GFP_KERNEL, AUDIT_KERNEL_OTHER);
	if (!ab)
		return;
	audit_log_format(ab, "op=key-service-open scope=%u", service->scope);
	for (i = 0; i < service->filters->count; i++)
		key_service_log_filter(ab, &service->filters->patterns[i]);
	audit_log_task_info(ab);
	audit_log_format(ab, " res=1");
	audit_log_end(ab);
}
