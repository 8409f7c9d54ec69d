// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: /proc/key-requests, those in flight.
 *
 * A line shows, separated by blanks: number of the request, its age in seconds,
 * route, state, origin, serial number of the key, uid and pid of the requester,
 * seconds left, type, description.
 */

#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include <linux/user_namespace.h>
#include "request.h"

static const char *const state_names[] = {
	[KEY_REQUEST_STARTED]	= "started",
	[KEY_REQUEST_ROUTED]	= "routed",
	[KEY_REQUEST_ABANDONED]	= "abandoned",
	[KEY_REQUEST_ANSWERED]	= "answered",
	[KEY_REQUEST_FAILED]	= "failed",
};

/* A key that its reader possesses may be viewed more often than others */
static bool key_requests_possesses(struct key *key, const struct cred *cred)
{
	struct keyring_search_context ctx = {
		.index_key		= key->index_key,
		.cred			= cred,
		.match_data.cmp		= lookup_user_key_possessed,
		.match_data.raw_data	= key,
		.match_data.lookup_type	= KEYRING_SEARCH_LOOKUP_DIRECT,
		.flags			= KEYRING_SEARCH_NO_STATE_CHECK |
					  KEYRING_SEARCH_NO_UPDATE_TIME |
					  KEYRING_SEARCH_RECURSE,
	};
	key_ref_t key_ref;

	key_ref = search_cred_keyrings_rcu(&ctx);
	if (IS_ERR(key_ref))
		return false;
	key_ref_put(key_ref);
	return true;
}

static bool key_requests_may_view(struct seq_file *m, struct key *key)
{
	const struct cred *cred = m->file->f_cred;

	/* Not key->user, which KEYCTL_CHOWN may put at any moment */
	if (!kuid_has_mapping(seq_user_ns(m), key->uid))
		return false;
	if (key_task_permission(make_key_ref(key, false), cred,
				KEY_NEED_VIEW) == 0)
		return true;
	/* The search may be long, so only where it can make a difference */
	return (READ_ONCE(key->perm) & KEY_POS_VIEW) && key_requests_possesses(key, cred) &&
	       key_task_permission(make_key_ref(key, true), cred,
				   KEY_NEED_VIEW) == 0;
}

static void key_requests_show_time_left(struct seq_file *m, const struct key_request *req)
{
	unsigned long deadline = READ_ONCE(req->deadline);
	long left = deadline - jiffies;

	if (deadline)
		seq_printf(m, " %ld", max(left, 0L) / HZ);
	else
		seq_puts(m, " -");
}

/*
 * Show a text that a program has chosen: it must neither look like another line
 * nor command the terminal that it is shown on.
 */
void key_request_show_text(struct seq_file *m, const char *text, size_t len)
{
	seq_escape_mem(m, text, len,
		       ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND, "\\");
}

static int key_requests_show(struct seq_file *m, void *v)
{
	struct key_request *req = list_entry_rcu(v, struct key_request, link);
	struct pid_namespace *ns = proc_pid_ns(file_inode(m->file)->i_sb);
	const struct key_request_route *route = READ_ONCE(req->route);
	struct key *key = key_request_key(req);

	if (!key_requests_may_view(m, key))
		return 0;

	seq_printf(m, "%llu %lld %s %s %s %08x %u %d", req->id,
		   div_s64(ktime_ms_delta(ktime_get(), req->started),
			   MSEC_PER_SEC),
		   route ? route->name : "-",
		   state_names[READ_ONCE(req->state)],
		   req->origin == KEY_ORIGIN_KERNEL ? "kernel" : "user",
		   key_serial(key),
		   from_kuid_munged(seq_user_ns(m), key->uid),
		   key_request_pid(&req->rka, ns));
	key_requests_show_time_left(m, req);
	seq_printf(m, " %s ", key->type->name);
	key_request_show_text(m, key->description, strlen(key->description));
	seq_putc(m, '\n');
	return 0;
}

static void *key_requests_start(struct seq_file *m, loff_t *pos)
	__acquires(RCU)
{
	rcu_read_lock();
	return seq_list_start_rcu(&key_requests, *pos);
}

static void *key_requests_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_list_next_rcu(v, &key_requests, pos);
}

static void key_requests_stop(struct seq_file *m, void *v)
	__releases(RCU)
{
	rcu_read_unlock();
}

static const struct seq_operations requests_ops = {
	.start	= key_requests_start,
	.next	= key_requests_next,
	.stop	= key_requests_stop,
	.show	= key_requests_show,
};

static int key_requests_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &requests_ops);
}

static const struct proc_ops requests_proc_ops = {
	.proc_flags	= PROC_ENTRY_PERMANENT,
	.proc_open	= key_requests_open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_write	= key_requests_write,
	.proc_release	= seq_release,
};

static int __init key_requests_init(void)
{
	/* Without the file everything else still works */
	if (!proc_create("key-requests", 0644, NULL, &requests_proc_ops))
		pr_warn("cannot create /proc/key-requests\n");
	return 0;
}
fs_initcall(key_requests_init);
