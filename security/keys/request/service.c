// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: open and close, and the lists of those that are open.
 */

#include <linux/anon_inodes.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/hash.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include "service.h"

static_assert(sizeof(struct key_service_params) == KEY_SERVICE_PARAMS_SIZE_1);
static_assert(sizeof(struct key_service_answer) == KEY_SERVICE_ANSWER_SIZE_1);
static_assert(sizeof(struct key_service_request) ==
	      KEY_SERVICE_REQUEST_SIZE_1);
static_assert(sizeof(struct key_service_filter) == 16);
static_assert(offsetof(struct key_service_params, filters) == 8);
static_assert(offsetof(struct key_service_params, max_pending) == 20);
static_assert(offsetof(struct key_service_request, id) == 8);
static_assert(offsetof(struct key_service_request, flags) == 16);
static_assert(offsetof(struct key_service_request, deadline) == 56);
static_assert(offsetof(struct key_service_request, type_offset) == 80);
static_assert(offsetof(struct key_service_request, callout_len) == 100);
static_assert(offsetof(struct key_service_answer, id) == 8);
static_assert(offsetof(struct key_service_answer, flags) == 16);
static_assert(offsetof(struct key_service_answer, __reserved) == 28);
static_assert((int)KEY_SERVICE_ORIGIN_KERNEL == (int)KEY_ORIGIN_KERNEL);
static_assert((int)KEY_SERVICE_ORIGIN_USER == (int)KEY_ORIGIN_USER);

/* Open services; each list in the order they are asked, and read under RCU */
static struct hlist_head services[1 << KEY_SERVICE_HASH_BITS];
static DEFINE_SPINLOCK(services_lock);

/* kernel.keys.services_per_user: most services of one user, but for root */
unsigned int key_services_per_user = KEY_SERVICES_PER_USER;

/* So that nothing is to be done for a request while there are none */
atomic_t key_services_open = ATOMIC_INIT(0);
atomic64_t key_service_last_seq = ATOMIC64_INIT(0);

struct hlist_head *key_service_bucket(u32 scope, unsigned long anchor)
{
	return &services[hash_long(anchor + scope, KEY_SERVICE_HASH_BITS)];
}

static int key_service_charge_user(kuid_t uid)
{
	struct key_user *user = key_user_lookup(uid);

	if (!user)
		return -ENOMEM;
	if (atomic_inc_return(&user->nservices) <=
	    READ_ONCE(key_services_per_user) ||
	    uid_eq(uid, GLOBAL_ROOT_UID))
		return 0;
	atomic_dec(&user->nservices);
	key_user_put(user);
	return -EDQUOT;
}

static void key_service_uncharge_user(kuid_t uid)
{
	/* key_service_charge_user() has left a reference, so this one cannot fail */
	struct key_user *user = key_user_lookup(uid);

	atomic_dec(&user->nservices);
	key_user_put(user);
	key_user_put(user);
}

/* Undo the charges of @cred from its own namespace up to, without, @end */
static void key_service_uncharge_opener(const struct cred *cred,
					const struct user_namespace *end)
{
	const struct user_namespace *ns;
	kuid_t uid = cred->euid;

	for (ns = cred->user_ns; ns != end; ns = ns->parent) {
		key_service_uncharge_user(uid);
		uid = ns->owner;
	}
}

/*
 * A service counts for its opener and for the makers of the user namespaces that
 * the opener is in: a user with ids to give away is still one user.
 */
static int key_service_charge_opener(const struct cred *cred)
{
	const struct user_namespace *ns;
	kuid_t uid = cred->euid;
	int ret;

	for (ns = cred->user_ns; ns; ns = ns->parent) {
		ret = key_service_charge_user(uid);
		if (ret < 0) {
			key_service_uncharge_opener(cred, ns);
			return ret;
		}
		uid = ns->owner;
	}
	return 0;
}

static bool key_service_comes_before(const struct key_service_entry *a,
				     const struct key_service_entry *b)
{
	if (a->specificity != b->specificity)
		return a->specificity > b->specificity;
	return a->service->seq < b->service->seq;
}

static void key_service_add_entry(struct hlist_head *bucket,
				  struct key_service_entry *entry)
	__must_hold(&services_lock)
{
	struct key_service_entry *other, *before = NULL;

	lockdep_assert_held(&services_lock);
	hlist_for_each_entry(other, bucket, link) {
		if (key_service_comes_before(entry, other))
			break;
		before = other;
	}
	if (before)
		hlist_add_behind_rcu(&entry->link, &before->link);
	else
		hlist_add_head_rcu(&entry->link, bucket);
}

static void key_service_register(struct key_service *service)
{
	struct hlist_head *bucket = key_service_bucket(service->scope,
						       service->anchor);
	unsigned int i;

	spin_lock(&services_lock);
	service->seq = atomic64_inc_return(&key_service_last_seq);
	for (i = 0; i < service->nentries; i++)
		key_service_add_entry(bucket, &service->entries[i]);
	spin_unlock(&services_lock);
	atomic_inc(&key_services_open);
}

static void key_service_unregister(struct key_service *service)
{
	unsigned int i;

	spin_lock(&services_lock);
	for (i = 0; i < service->nentries; i++)
		hlist_del_rcu(&service->entries[i].link);
	spin_unlock(&services_lock);
	atomic_dec(&key_services_open);
}

/* Free the members that a search under RCU may still look at */
static void key_service_free(struct rcu_head *rcu)
{
	struct key_service *service =
		container_of(rcu, struct key_service, rcu);

	put_pid(service->process);
	put_pid_ns(service->pid_ns);
	put_user_ns(service->reach);
	kfree(service);
}

/*
 * Drop a reference to a service.
 */
void key_service_put(struct key_service *service)
{
	if (!refcount_dec_and_test(&service->usage))
		return;

	/* Credentials are freed after a grace period as well */
	key_service_uncharge_opener(service->cred, NULL);
	put_cred(service->cred);
	if (service->tag)
		key_put_tag(service->tag);
	key_service_filters_free(service->filters);
	call_rcu(&service->rcu, key_service_free);
}

/*
 * Take no more requests.  The drain work moves the unanswered ones on: the task
 * that closes may be on its way out, with no namespaces any more.
 */
void key_service_close(struct key_service *service)
{
	bool closed;

	spin_lock(&service->lock);
	closed = service->closed;
	WRITE_ONCE(service->closed, true);
	spin_unlock(&service->lock);
	if (closed)
		return;

	key_service_unwatch_opener(service);
	key_service_unregister(service);
	wake_up_interruptible_all(&service->wait);
	if (READ_ONCE(service->pending))
		key_service_start_drain(service);
}

/**
 * key_service_domain_gone - Close the services of a network namespace
 * @tag: Domain tag of the namespace, which takes no more keys.
 */
void key_service_domain_gone(const struct key_tag *tag)
{
	unsigned long anchor = (unsigned long)tag;
	struct key_service *service, *found;
	struct key_service_entry *entry;
	struct hlist_head *bucket;

	bucket = key_service_bucket(KEY_SERVICE_SCOPE_NET_NS, anchor);
	do {
		found = NULL;
		spin_lock(&services_lock);
		hlist_for_each_entry(entry, bucket, link) {
			service = entry->service;
			if (service->tag == tag &&
			    refcount_inc_not_zero(&service->usage)) {
				found = service;
				break;
			}
		}
		spin_unlock(&services_lock);
		if (found) {
			key_service_close(found);
			key_service_put(found);
			cond_resched();
		}
	} while (found);
}

static int key_service_check_params(const struct key_service_params *params, u32 scope)
{
	if (params->flags & ~(KEY_SERVICE_NONBLOCK | KEY_SERVICE_NO_FALLBACK))
		return -EINVAL;
	if (params->filter_count > KEY_SERVICE_FILTERS_MAX ||
	    !params->filter_count != !params->filters)
		return -EINVAL;
	if (scope == KEY_SERVICE_SCOPE_UID && !params->filter_count)
		return -EINVAL;
	if (params->timeout_ms > KEY_SERVICE_TIMEOUT_MAX ||
	    params->max_pending > KEY_SERVICE_PENDING_MAX)
		return -EINVAL;
	return 0;
}

static struct user_namespace *key_service_reach_of(u32 scope)
{
	return scope == KEY_SERVICE_SCOPE_NET_NS ?
	       current->nsproxy->net_ns->user_ns : current_user_ns();
}

/*
 * Whether root of the host answers for a user namespace: it made that namespace and
 * those around it.  A user that makes one and unmakes it at will must not have the
 * kernel wait for it.
 */
static bool key_service_host_made(const struct user_namespace *ns)
{
	for (; ns->parent; ns = ns->parent)
		if (!uid_eq(ns->owner, GLOBAL_ROOT_UID))
			return false;
	return true;
}

static int key_service_check_privilege(u32 scope)
{
	if (scope == KEY_SERVICE_SCOPE_UID)
		return 0;
	return ns_capable(key_service_reach_of(scope), CAP_SYS_ADMIN) ? 0 : -EPERM;
}

/* Set the object that the scope is about, from the opener as it is now */
static void key_service_set_anchor(struct key_service *service)
{
	struct net *net = current->nsproxy->net_ns;

	switch (service->scope) {
	case KEY_SERVICE_SCOPE_UID:
		service->anchor = __kuid_val(service->cred->uid);
		break;
	case KEY_SERVICE_SCOPE_USER_NS:
		service->anchor = (unsigned long)service->cred->user_ns;
		break;
	case KEY_SERVICE_SCOPE_NET_NS:
		service->tag = net->key_domain;
		refcount_inc(&service->tag->usage);
		service->net_ns = net->ns.inum;
		service->anchor = (unsigned long)service->tag;
		break;
	}
}

static bool key_service_has_entry(const struct key_service *service, u32 specificity)
{
	unsigned int i;

	for (i = 0; i < service->nentries; i++)
		if (service->entries[i].specificity == specificity)
			return true;
	return false;
}

/* It is met once for each width of filter that it has */
static void key_service_make_entries(struct key_service *service)
{
	const struct key_service_filters *filters = service->filters;
	struct key_service_entry *entry;
	unsigned int i;
	u32 width;

	for (i = 0; i < filters->count; i++) {
		width = key_service_specificity(&filters->patterns[i]);
		if (key_service_has_entry(service, width))
			continue;
		entry = &service->entries[service->nentries++];
		entry->service = service;
		entry->specificity = width;
	}
}

/* The filters are the service's, unless this fails */
static struct key_service *key_service_alloc(const struct key_service_params *params,
					     u32 scope,
					     struct key_service_filters *filters)
{
	struct key_service *service;
	unsigned int ms = params->timeout_ms ?: KEY_SERVICE_TIMEOUT_DEFAULT;
	int ret;

	ret = key_service_charge_opener(current_cred());
	if (ret < 0)
		return ERR_PTR(ret);
	service = kzalloc(sizeof(*service), GFP_KERNEL_ACCOUNT);
	if (!service) {
		key_service_uncharge_opener(current_cred(), NULL);
		return ERR_PTR(-ENOMEM);
	}

	service->scope = scope;
	service->filters = filters;
	key_service_make_entries(service);
	service->cred = get_current_cred();
	service->pid_ns = get_pid_ns(task_active_pid_ns(current));
	service->reach = get_user_ns(key_service_reach_of(scope));
	service->of_host = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	service->no_fallback = params->flags & KEY_SERVICE_NO_FALLBACK;
	service->host_controls = service->of_host || key_service_host_made(service->reach);
	key_service_note_opener(service);
	service->timeout = msecs_to_jiffies(ms);
	service->max_pending = params->max_pending ?:
			       KEY_SERVICE_PENDING_DEFAULT;
	key_service_set_anchor(service);

	refcount_set(&service->usage, 1);
	INIT_WORK(&service->drain, key_service_drain);
	INIT_WORK(&service->reap, key_service_reap);
	init_waitqueue_head(&service->wait);
	spin_lock_init(&service->lock);
	INIT_LIST_HEAD(&service->queue);
	INIT_LIST_HEAD(&service->passed);
	service->taken = RB_ROOT;
	service->readers = RB_ROOT;
	return service;
}

/* Gives the service away, also if it fails */
static int key_service_install(struct key_service *service, u32 flags)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		key_service_put(service);
		return fd;
	}
	/* An inode of its own, for security modules to see and to label */
	file = anon_inode_own_getfile("[key-service]", &key_service_fops,
				      service,
				      O_RDWR | (flags & KEY_SERVICE_NONBLOCK ?
						O_NONBLOCK : 0));
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		key_service_put(service);
		return PTR_ERR(file);
	}

	file->f_mode |= FMODE_NOWAIT;
	key_service_audit_open(service);
	key_service_watch_opener(service);
	key_service_register(service);
	fd_install(fd, file);
	return fd;
}

/**
 * keyctl_service_open - Open a key service
 * @scope: One of KEY_SERVICE_SCOPE_*.
 * @_params: Describes the service.
 * @size: Size of @_params as its caller knows it.
 *
 * The scope is compared whole: a filter of system calls that has looked at all of
 * its bits must have seen what counts.
 *
 * Return: a file descriptor, or an error.
 */
long keyctl_service_open(unsigned long scope,
			 const struct key_service_params __user *_params,
			 size_t size)
{
	struct key_service_filters *filters;
	struct key_service_params params;
	struct key_service *service;
	int ret;

	if (scope < KEY_SERVICE_SCOPE_UID || scope > KEY_SERVICE_SCOPE_NET_NS)
		return -EINVAL;
	if (size < KEY_SERVICE_PARAMS_SIZE_1)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(&params, sizeof(params), _params, size);
	if (ret < 0)
		return ret;
	ret = key_service_check_params(&params, scope);
	if (ret < 0)
		return ret;
	ret = key_service_check_privilege(scope);
	if (ret < 0)
		return ret;
	filters = key_service_filters_get(&params,
					  scope != KEY_SERVICE_SCOPE_UID);
	if (IS_ERR(filters))
		return PTR_ERR(filters);

	service = key_service_alloc(&params, scope, filters);
	if (IS_ERR(service)) {
		key_service_filters_free(filters);
		return PTR_ERR(service);
	}
	return key_service_install(service, params.flags);
}
