/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The route of the key services: requests answered from a descriptor.
 *
 *   service.c        open and close; the lists of open services
 *   service_filter.c which keys a service is asked for
 *   service_match.c  which services may answer a request, and in which
 *                    order they are asked
 *   service_place.c  what they know of a request, and what it is charged
 *   service_queue.c  where a request is while a service has it
 *   service_file.c   what can be done with a descriptor
 *   service_task.c   the processes that read, and those that asked
 *   service_grant.c  the authority to answer as a helper does
 *   service_opener.c the process that opened a service
 *
 * A request is with one service at most.  The task that takes it out, under the
 * service's lock, decides where it goes next.
 */

#ifndef _SECURITY_KEYS_REQUEST_SERVICE_H
#define _SECURITY_KEYS_REQUEST_SERVICE_H

#include <linux/fs.h>
#include <linux/key_service.h>
#include <linux/poll.h>
#include <linux/rbtree.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "request.h"

/**
 * struct key_service_place - What the services know of a request
 * @request: The request.
 * @cred: Credentials that it was made with.
 * @tgid: Process that made it.
 * @horizon: Services opened later than this one were not there when it was
 *	made, and are not asked.
 * @seq: The service that has or had it last; with @order the point that the
 *	search goes on from.
 * @order: How near and specific that service is, see key_service_order().
 * @session: Session keyring of the requester, or zero.
 * @net_ns: Inode number of the network namespace of the key or of the requester;
 *	zero if unknown.
 * @mm_ns: User namespace in which a process has to be privileged to trace the
 *	requester, or NULL if the requester's own user could.
 * @traceable: Security modules let every service of its user trace the requester.
 * @read: It was read: it is in the tree, by @node, and not in the queue.
 * @again: It was read, and came back.
 * @oversized: Its record is longer than any may be.
 * @service: The service that has it now, or NULL.
 * @reader: Process that has read it, to be compared only.
 * @link: Place in the service's queue.
 * @node: Place among those that were read.
 *
 * @service changes, and @read, @again, @reader, @link and @node are used, with that
 * service's lock held.  @seq and @order belong to the task that puts the request
 * there, and then to the task that takes it out.  The rest does not change.  The
 * place is apart from the request, so that a request that is made while no service
 * is open stays small.
 */
struct key_service_place {
	struct key_request	*request;
	const struct cred	*cred;
	struct pid		*tgid;
	u64			horizon;
	u64			seq;
	u32			order;
	key_serial_t		session;
	u32			net_ns;
	struct user_namespace	*mm_ns;
	bool			traceable;
	bool			read;
	bool			again;
	bool			oversized;
	struct key_service	*service;
	const struct pid	*reader;
	union {
		struct list_head	link;
		struct rb_node		node;
	};
};

/**
 * struct key_service_pattern - One filter of a service
 * @type: Name of the key type, or empty for any.
 * @prefix_len: Length of @prefix, zero for any.
 * @prefix: The start of the descriptions.
 */
struct key_service_pattern {
	char		type[KEY_SERVICE_TYPE_SIZE];
	size_t		prefix_len;
	const char	*prefix;
};

/**
 * struct key_service_filters - Which keys a service is asked for
 * @rcu: For the end of it, as it is searched under RCU.
 * @count: How many filters there are, at least one.
 * @patterns: Each of them; their prefixes lie behind them.
 */
struct key_service_filters {
	struct rcu_head			rcu;
	unsigned int			count;
	struct key_service_pattern	patterns[];
};

/* How narrow a filter can be, see key_service_specificity() */
#define KEY_SERVICE_SPECIFICITIES	4

/**
 * struct key_service_entry - A service among those of its bucket
 * @link: Place in the list of the bucket, until it is closed.
 * @service: The service.
 * @specificity: How narrow the filters are that it has this entry for.
 */
struct key_service_entry {
	struct hlist_node	link;
	struct key_service	*service;
	u32			specificity;
};

/**
 * struct key_service - An open service
 * @entries: Its places in the list of its bucket, the first @nentries of them.
 * @nentries: How many it has: one for each width of filter.
 * @filters: Which keys it is asked for.
 * @seq: Services opened later have higher ones.
 * @scope: One of KEY_SERVICE_SCOPE_*.
 * @anchor: The user, user namespace or domain tag that @scope is about.
 * @tag: Domain tag, with a reference, or NULL.  It does not keep the network
 *	namespace alive.
 * @net_ns: Inode number of the network namespace of @tag.
 * @cred: Credentials of the opener.
 * @pid_ns: Process id namespace of the opener.
 * @reach: User namespace whose requests it may see all of, and those below it.
 * @of_host: The opener is root of the host.
 * @no_fallback: Requests that are unanswered when it is closed fail.
 * @host_controls: Root of the host opened it, or made all the namespaces that
 *	@reach is in.
 * @process: Process that opened it.
 * @opener_end: Waits for the end of @process, in scope UID.
 * @opener_work: Closes it then.
 * @timeout: Jiffies an answer may take.
 * @max_pending: Most requests it has at a time.
 * @usage: References: of the file, of the work.
 * @drain: Moves requests to their next route: those that were passed, and once it
 *	is closed all others.
 * @reap: Queues again what a process has read that ended; none is left when the
 *	file is released.
 * @rcu: For the end of it, as it is searched under RCU.
 * @wait: Where readers wait.
 * @lock: Guards what follows, and the place of each request that it has.
 * @queue: Requests that were not read yet.
 * @taken: Requests that were read and not answered, by id.
 * @passed: Requests that are no longer with it and wait for @drain.
 * @readers: Processes that have read, by the address of their struct pid.
 * @pending: How many are in @queue and @taken.
 * @closed: It takes no more requests.
 *
 * Where nothing else is said a field does not change while it is open.
 */
struct key_service {
	struct key_service_entry	entries[KEY_SERVICE_SPECIFICITIES];
	unsigned int		nentries;
	struct key_service_filters	*filters;
	u64			seq;
	u32			scope;
	unsigned long		anchor;
	struct key_tag		*tag;
	u32			net_ns;
	const struct cred	*cred;
	struct pid_namespace	*pid_ns;
	struct user_namespace	*reach;
	bool			of_host;
	bool			no_fallback;
	bool			host_controls;
	struct pid		*process;
	wait_queue_entry_t	opener_end;
	struct work_struct	opener_work;
	unsigned long		timeout;
	unsigned int		max_pending;
	refcount_t		usage;
	struct work_struct	drain;
	struct work_struct	reap;
	struct rcu_head		rcu;
	wait_queue_head_t	wait;
	spinlock_t		lock;		/* guards what follows */
	struct list_head	queue;
	struct rb_root		taken;
	struct list_head	passed;
	struct rb_root		readers;
	unsigned int		pending;
	bool			closed;
};

/* service.c */
extern atomic_t key_services_open;
extern atomic64_t key_service_last_seq;
struct hlist_head *key_service_bucket(u32 scope, unsigned long anchor);
void key_service_put(struct key_service *service);
void key_service_close(struct key_service *service);

/* service_filter.c */
u32 key_service_specificity(const struct key_service_pattern *pattern);
struct key_service_filters *
key_service_filters_get(const struct key_service_params *params, bool any_type);
void key_service_filters_free(struct key_service_filters *filters);
bool key_service_wants(const struct key_service_entry *entry,
		       const struct key *key);

/* service_opener.c */
bool key_service_may_trace_current(const struct key_service *service);
void key_service_note_opener(struct key_service *service);
void key_service_watch_opener(struct key_service *service);
void key_service_unwatch_opener(struct key_service *service);
void key_service_audit_open(const struct key_service *service);

/* service_match.c */
u32 key_service_order(u32 scope, unsigned int level, u32 specificity);
int key_service_offer(struct key_request *req);

/* service_place.c */
int key_service_place_new(struct key_request *req);
bool key_service_charge(struct key_service_place *place);
void key_service_uncharge(struct key_service_place *place);

/* service_queue.c */
void key_service_forget(struct key_request *req);
int key_service_push(struct key_service *service, struct key_request *req,
		     u32 order, bool within);
struct key_request *key_service_take(struct key_service *service, size_t room,
				     char *type);
size_t key_service_next_size(struct key_service *service);
void key_service_give_back(struct key_service *service,
			   struct key_request *req);
struct key_request *key_service_find(struct key_service *service, u64 id);
void key_service_let_go(struct key_request *req);
int key_service_pass(struct key_service *service, u64 id);
int key_service_release(struct key_service *service, u64 id);
void key_service_take_from(struct key_service *service,
			   const struct pid *reader);
unsigned int key_service_list_read(struct key_service *service, u64 *ids,
				   unsigned int room, u64 after);
void key_service_start_drain(struct key_service *service);
void key_service_drain(struct work_struct *work);
size_t key_service_record_size(const struct key_request *req, const char *type);

/* service_task.c */
bool key_service_knows_reader(const struct key_service *service)
	__must_hold(&service->lock);
int key_service_add_reader(struct key_service *service);
void key_service_reap(struct work_struct *work);
struct task_struct *key_service_live_task(struct pid *pid);
bool key_service_process_lives(struct pid *pid);
void key_service_forget_readers(struct key_service *service);

/* service_file.c */
extern const struct file_operations key_service_fops;
struct file *key_service_fget(int fd);

/*
 * Whether the requester is outside of what the service's opener controls.  The owner
 * of a network counts, not the opener's namespace, in which it may be nobody.  Both
 * the requester counts and the task in whose name it asks, if it answers for another.
 * A process that has entered a namespace still has the memory, and the keyrings,
 * of where it came from until it runs another program.
 */
static inline bool key_service_is_foreign(const struct key_service *service,
					  const struct key_request *req)
{
	const struct key_service_place *place = req->place;

	return !in_userns(service->reach, place->cred->user_ns) ||
	       !in_userns(service->reach, req->rka.cred->user_ns) ||
	       (place->mm_ns && !in_userns(service->reach, place->mm_ns));
}

static inline bool key_service_has_work(const struct key_service *service)
{
	return !list_empty(&service->queue) ||
	       READ_ONCE(service->closed);
}

#endif /* _SECURITY_KEYS_REQUEST_SERVICE_H */
