// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: which of them may answer a request, and which is asked first.
 *
 * A service may answer requests of those that its opener could have controlled
 * anyway.  Nearest comes first: the user's own services, those of the key's
 * network namespace, those of the user namespaces from the requester's upwards;
 * in each of these the narrower filter, then the older one.
 */

#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/user_namespace.h>
#include "service.h"

/* Where a scope comes in the order */
static const u8 scope_distance[] = {
	[KEY_SERVICE_SCOPE_UID]		= 0,
	[KEY_SERVICE_SCOPE_NET_NS]	= 1,
	[KEY_SERVICE_SCOPE_USER_NS]	= 2,
};

/*
 * A number that is lower for services that are asked earlier; @level is how
 * many user namespaces up from the requester's.  The older of two that have the
 * same comes first.
 */
u32 key_service_order(u32 scope, unsigned int level, u32 specificity)
{
	return scope_distance[scope] << 24 | level << 8 |
	       (KEY_SERVICE_SPECIFICITIES - 1 - specificity);
}

static bool key_service_is_past(const struct key_service_place *place,
				const struct key_service *service, u32 order)
{
	if (service->seq > place->horizon)
		return true;
	if (order != place->order)
		return order < place->order;
	return service->seq <= place->seq;
}

static bool key_service_has_only_ids(const struct cred *cred, kuid_t uid, kgid_t gid)
{
	return uid_eq(cred->uid, uid) && uid_eq(cred->euid, uid) &&
	       uid_eq(cred->suid, uid) && uid_eq(cred->fsuid, uid) &&
	       gid_eq(cred->gid, gid) && gid_eq(cred->egid, gid) &&
	       gid_eq(cred->sgid, gid) && gid_eq(cred->fsgid, gid);
}

/*
 * Whether the opener could trace the requester, by what either was at the time: a
 * set-user-id program may ask in its user's name, and must not be answered by
 * it.  Nor can a process trace one that it does not see: two containers may
 * have a user in common.  Security modules have their say besides.
 */
static bool key_service_could_trace(const struct key_service *service,
				    const struct key_request *req)
{
	const struct cred *opener = service->cred;
	const struct cred *cred = req->place->cred;

	return !req->place->mm_ns &&
	       pid_nr_ns(req->place->tgid, service->pid_ns) &&
	       cred->user_ns == opener->user_ns &&
	       key_service_has_only_ids(opener, opener->uid, opener->gid) &&
	       key_service_has_only_ids(cred, opener->uid, opener->gid) &&
	       cap_issubset(cred->cap_permitted, opener->cap_permitted);
}

/*
 * Security modules judge the task that asks, and a request may also be offered
 * by one that gives it up: then they were asked when it was made.
 */
static bool key_service_modules_allow(const struct key_service *service,
				      const struct key_request *req)
{
	return req->place->traceable ||
	       (task_tgid(current) == req->place->tgid &&
		key_service_may_trace_current(service));
}

/*
 * The opener has to control the requester.  Only a network's keys that the kernel
 * wants are made for anybody, as they are the network's.  A request of the kernel's
 * may hold locks that others need, so it takes a service that root of the host
 * answers for.
 */
static bool key_service_may_answer(const struct key_service *service,
				   const struct key_request *req)
{
	if (req->origin == KEY_ORIGIN_KERNEL)
		return service->scope != KEY_SERVICE_SCOPE_UID &&
		       service->host_controls;

	switch (service->scope) {
	case KEY_SERVICE_SCOPE_UID:
		return key_service_could_trace(service, req) &&
		       key_service_modules_allow(service, req);
	case KEY_SERVICE_SCOPE_NET_NS:
		return in_userns(service->reach, req->place->cred->user_ns);
	default:
		return true;	/* the requester's namespaces led here */
	}
}

/*
 * Whether security modules let each service of its user that could be asked trace
 * the caller, who makes the request.
 */
static bool key_service_all_may_trace(const struct key_request *req)
{
	unsigned long anchor = __kuid_val(req->place->cred->uid);
	struct key_service_entry *entry;
	struct key_service *service;
	struct hlist_head *bucket;
	bool all = true;

	bucket = key_service_bucket(KEY_SERVICE_SCOPE_UID, anchor);
	rcu_read_lock();
	hlist_for_each_entry_rcu(entry, bucket, link) {
		service = entry->service;
		if (service->scope == KEY_SERVICE_SCOPE_UID &&
		    service->anchor == anchor && key_service_could_trace(service, req) &&
		    key_service_wants(entry, key_request_key(req)))
			all &= key_service_may_trace_current(service);
	}
	rcu_read_unlock();
	return all;
}

/*
 * Ask the services of one user, namespace or domain in their order.  @within says
 * whether the request keeps to the limits of its payers.
 *
 * Return: 1 if one of them has it now, 0 if the search goes on.  -EBUSY if there
 * was one of a namespace that is over a limit: what a namespace answers itself
 * must not get to the helper of the host by pressure.
 */
static int key_service_offer_in_scope(struct key_request *req, u32 scope,
				      unsigned long anchor, unsigned int level, bool within)
{
	struct hlist_head *bucket = key_service_bucket(scope, anchor);
	struct key_service_entry *entry;
	struct key_service *service;
	int ret, busy = 0;
	u32 order;

	hlist_for_each_entry_rcu(entry, bucket, link) {
		service = entry->service;
		if (service->scope != scope || service->anchor != anchor)
			continue;
		order = key_service_order(scope, level, entry->specificity);
		if (key_service_is_past(req->place, service, order) ||
		    !key_service_wants(entry, key_request_key(req)) ||
		    !key_service_may_answer(service, req))
			continue;
		ret = key_service_push(service, req, order, within);
		if (ret > 0)
			return ret;
		busy = busy ?: ret;
	}
	return busy;
}

static int key_service_offer_to_namespaces(struct key_request *req, bool within)
{
	const struct user_namespace *ns = req->place->cred->user_ns;
	unsigned int level = 0;
	int ret = 0;

	for (; ns && !ret; ns = ns->parent, level++)
		ret = key_service_offer_in_scope(req, KEY_SERVICE_SCOPE_USER_NS,
						 (unsigned long)ns, level, within);
	return ret;
}

static int key_service_offer_to_all(struct key_request *req, bool within)
{
	const struct key_tag *tag = key_request_key(req)->domain_tag;
	uid_t uid = __kuid_val(req->place->cred->uid);
	int ret = 0;

	rcu_read_lock();
	if (req->origin == KEY_ORIGIN_USER)
		ret = key_service_offer_in_scope(req, KEY_SERVICE_SCOPE_UID, uid, 0,
						 within);
	if (!ret && tag != &key_default_domain_tag && !READ_ONCE(tag->removed))
		ret = key_service_offer_in_scope(req, KEY_SERVICE_SCOPE_NET_NS,
						 (unsigned long)tag, 0, within);
	if (!ret)
		ret = key_service_offer_to_namespaces(req, within);
	rcu_read_unlock();
	return ret;
}

/*
 * Give a request to the next service that may and can answer it.  Which has had
 * it before is not asked again, nor is one that was opened after the request
 * was made: a service that dies of a request must not get it again and again.
 *
 * A shortage is no reason to go on: whoever can run out of memory or of a share at
 * will could choose to be answered by the host's helper instead of by its
 * container's service.
 *
 * Return: 1 if there was one, 0 if not, or an error.
 */
int key_service_offer(struct key_request *req)
{
	bool within;
	int ret;

	if (!req->place) {
		if (!atomic_read(&key_services_open))
			return 0;
		/* Nobody could take an answer for an unregistered type */
		if (!req->type)
			return 0;
		ret = key_service_place_new(req);
		if (ret < 0)
			return ret;
		if (req->origin == KEY_ORIGIN_USER)
			req->place->traceable = key_service_all_may_trace(req);
	}

	within = key_service_charge(req->place) && !req->place->oversized;
	ret = key_service_offer_to_all(req, within);
	if (ret <= 0)
		key_service_uncharge(req->place);
	return ret;
}

enum maker {
	MAKER_UNKNOWN,
	MAKER_OTHER,
	MAKER_SERVICE,	/* of a program, by its request */
};

static enum maker key_service_maker_of(const struct key *key)
{
	const struct key_request_route *route = NULL;
	enum maker maker = MAKER_OTHER;
	const struct key_request *req;

	rcu_read_lock();
	list_for_each_entry_rcu(req, &key_requests, link) {
		if (key_request_key(req) != key)
			continue;
		route = READ_ONCE(req->route);
		if (req->origin == KEY_ORIGIN_USER &&
		    route == &key_route_service)
			maker = MAKER_SERVICE;
		break;
	}
	rcu_read_unlock();
	return route ? maker : MAKER_UNKNOWN;
}

/*
 * Whether a program has asked a service for a key that is under construction.  If
 * so, how long it takes is up to whoever has the service.  For a moment after a
 * key is linked and before it is answered nobody has been asked for it; a service
 * that is opened in that moment may be.
 *
 * May sleep.
 */
bool key_service_makes(const struct key *key)
{
	enum maker maker = MAKER_OTHER;

	while (key_under_construction(key)) {
		maker = key_service_maker_of(key);
		if (maker != MAKER_UNKNOWN)
			break;
		if (fatal_signal_pending(current))
			break;
		schedule_timeout_killable(1);
	}
	return maker == MAKER_SERVICE;
}

const struct key_request_route key_route_service = {
	.name	= "service",
	.waits	= true,
	.offer	= key_service_offer,
	.forget	= key_service_forget,
};
