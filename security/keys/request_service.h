/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The route of the key services: requests answered from a descriptor.
 *
 *   request_service.c        open and close; the lists of open services
 *   request_service_match.c  which services may answer a request, and in which
 *                            order they are asked
 *   request_service_queue.c  where a request is while a service has it
 *   request_service_file.c   what can be done with a descriptor
 *   request_service_grant.c  the authority to answer as a helper does
 *
 * A request is with one service at most.  Whoever takes it out of there, under
 * the service's lock, is the one who may say where it goes next.
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
 * @session: Session keyring of who made it, or zero.
 * @net_ns: Inode number of the network namespace of the key or of who made the
 *	request; zero if unknown.
 * @mm_ns: User namespace in which somebody has to be privileged to trace who
 *	made it, or NULL if its own user could.
 * @read: It was read: it is in the tree, by @node, and not in the queue.
 * @npayers: How many there are of @payers.
 * @service: Who has it now, NULL for nobody.
 * @link: Place in the service's queue.
 * @node: Place among those that were read.
 * @payers: Users whose shares of unanswered requests it takes: the one behind
 *	it, and those who made the user namespaces that it comes from.
 *
 * @service changes, and @read, @link and @node are used, with that service's
 * lock held.  @seq and @order belong to who put the request there, and then to
 * who takes it out.  The rest does not change.  It is apart from the
 * request so that one that is made while no service is open stays small.
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
	bool			read;
	u8			npayers;
	struct key_service	*service;
	union {
		struct list_head	link;
		struct rb_node		node;
	};
	struct key_user		*payers[];
};

/**
 * struct key_service - An open service
 * @link: Place in the list of its bucket, until it is closed.
 * @seq: Services opened later have higher ones.
 * @scope: One of KEY_SERVICE_SCOPE_*.
 * @specificity: How narrow its filter is, see key_service_specificity().
 * @anchor: The user, user namespace or domain tag that @scope is about.
 * @tag: Domain tag, with a reference, or NULL.  It does not keep the network
 *	namespace alive.
 * @net_ns: Inode number of the network namespace of @tag.
 * @cred: Credentials of who opened it.
 * @pid_ns: Process id namespace of who opened it.
 * @reach: User namespace whose requests it may see all of, and those below it.
 * @of_host: Whoever opened it is root of the host.
 * @timeout: Jiffies an answer may take.
 * @max_pending: Most requests it has at a time.
 * @usage: References: of the file, of the work.
 * @drain: Moves what is unanswered to the next route once it is closed.
 * @rcu: For the end of it, as it is searched under RCU.
 * @wait: Where readers wait.
 * @lock: Guards what follows, and the place of each request that it has.
 * @queue: Requests that were not read yet.
 * @taken: Requests that were read and not answered, by id.
 * @pending: How many are in both.
 * @closed: It takes no more requests.
 * @type: Name of the key type, or empty for any.
 * @prefix_len: Length of @prefix, zero for any.
 * @prefix: What descriptions start with.
 *
 * Where nothing else is said a field does not change while it is open.
 */
struct key_service {
	struct hlist_node	link;
	u64			seq;
	u32			scope;
	u32			specificity;
	unsigned long		anchor;
	struct key_tag		*tag;
	u32			net_ns;
	const struct cred	*cred;
	struct pid_namespace	*pid_ns;
	struct user_namespace	*reach;
	bool			of_host;
	unsigned long		timeout;
	unsigned int		max_pending;
	refcount_t		usage;
	struct work_struct	drain;
	struct rcu_head		rcu;
	wait_queue_head_t	wait;
	spinlock_t		lock;		/* guards what follows */
	struct list_head	queue;
	struct rb_root		taken;
	unsigned int		pending;
	bool			closed;
	char			type[KEY_SERVICE_TYPE_SIZE];
	size_t			prefix_len;
	char			prefix[];
};

/* request_service.c */
extern atomic_t key_services_open;
extern atomic64_t key_service_last_seq;
struct hlist_head *key_service_bucket(u32 scope, unsigned long anchor);
void key_service_put(struct key_service *service);
void key_service_close(struct key_service *service);

/* request_service_match.c */
u32 key_service_specificity(bool type, bool prefix);
u32 key_service_order(u32 scope, unsigned int level, u32 specificity);
int key_service_offer(struct key_request *req);
void key_service_uncharge(struct key_service_place *place);

/* request_service_queue.c */
bool key_service_push(struct key_service *service, struct key_request *req,
		      u32 order);
struct key_request *key_service_take(struct key_service *service, size_t room,
				     char *type);
void key_service_give_back(struct key_service *service,
			   struct key_request *req);
struct key_request *key_service_find(struct key_service *service, u64 id);
void key_service_let_go(struct key_request *req);
void key_service_drain(struct work_struct *work);
size_t key_service_record_size(const struct key_request *req, const char *type);

/* request_service_file.c */
extern const struct file_operations key_service_fops;

/*
 * Whether who asks is outside of what the service's opener controls.  The owner
 * of a network counts, not the opener's namespace, in which it may be nobody.
 * A process that has entered a namespace still has the memory, and the keyrings,
 * of where it came from until it runs another program.
 */
static inline bool key_service_is_foreign(const struct key_service *service,
					  const struct key_request *req)
{
	const struct key_service_place *place = req->place;

	return !in_userns(service->reach, place->cred->user_ns) ||
	       (place->mm_ns && !in_userns(service->reach, place->mm_ns));
}

static inline bool key_service_has_work(const struct key_service *service)
{
	return !list_empty(&service->queue) ||
	       READ_ONCE(service->closed);
}

#endif /* _SECURITY_KEYS_REQUEST_SERVICE_H */
