// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: where a request is while a service has it.
 *
 * The service holds a reference to it, from key_service_push() until somebody
 * takes it out: the end of the request, or the end of the service.
 */

#include <linux/cred.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <trace/events/key_request.h>
#include "request_service.h"

static struct key_request *request_at(struct rb_node *node)
{
	return rb_entry(node, struct key_service_place, node)->request;
}

static u64 id_at(const struct rb_node *node)
{
	return rb_entry(node, struct key_service_place, node)->request->id;
}

static bool has_lower_id(struct rb_node *a, const struct rb_node *b)
{
	return id_at(a) < id_at(b);
}

static int compare_id(const void *id, const struct rb_node *node)
{
	const u64 wanted = *(const u64 *)id;
	const u64 have = id_at(node);

	return wanted < have ? -1 : wanted > have;
}

/* The oldest request that was not read, or NULL */
static struct key_request *first_queued(struct key_service *service)
	__must_hold(&service->lock)
{
	struct key_service_place *place =
		list_first_entry_or_null(&service->queue,
					 struct key_service_place, link);

	return place ? place->request : NULL;
}

/* One is woken for one request; who polls may be woken by all of them */
static void wake_reader(struct key_service *service)
{
	if (wq_has_sleeper(&service->wait))
		wake_up_interruptible_poll(&service->wait,
					   EPOLLIN | EPOLLRDNORM);
}

static void take_out(struct key_service *service, struct key_request *req)
	__must_hold(&service->lock)
{
	lockdep_assert_held(&service->lock);
	if (req->place->read)
		rb_erase(&req->place->node, &service->taken);
	else
		list_del(&req->place->link);
	WRITE_ONCE(service->pending, service->pending - 1);
	WRITE_ONCE(req->place->service, NULL);
}

/*
 * A reference for who is going to answer the request without the lock.  It may
 * end meanwhile, and with that let its type go, whose code is still needed; but
 * here it is known that it has not.
 */
static struct key_request *hold(struct key_service *service,
				struct key_request *req)
	__must_hold(&service->lock)
{
	lockdep_assert_held(&service->lock);
	key_type_pin(req->type);
	refcount_inc(&req->rka.usage);
	return req;
}

/*
 * Drop what a function here has returned.
 */
void key_service_let_go(struct key_request *req)
{
	key_type_put(req->type);
	key_request_put(req);
}

/* With the request taken out, the service's reference goes to the caller */
static void leave_service(struct key_request *req)
{
	key_service_uncharge(req->place);
}

static void put_in(struct key_service *service, struct key_request *req,
		   u32 order)
	__must_hold(&service->lock)
{
	struct key_service_place *place = req->place;

	refcount_inc(&req->rka.usage);
	place->seq = service->seq;
	place->order = order;
	place->read = false;
	list_add_tail(&place->link, &service->queue);
	WRITE_ONCE(service->pending, service->pending + 1);
	WRITE_ONCE(place->service, service);
}

/*
 * Jiffies that the service has for an answer.  What the kernel waits at most is
 * for all services together: one user may have many, and close them one after the
 * other.  Where no time is left the service is asked all the same and times out:
 * nobody is to choose the host's helper by being slow.
 */
static unsigned long limit_for(const struct key_service *service,
			       const struct key_request *req)
{
	s64 left;

	if (req->origin == KEY_ORIGIN_USER || service->of_host)
		return service->timeout;
	left = KEY_SERVICE_TIMEOUT_KERNEL -
	       ktime_ms_delta(ktime_get(), req->started);
	return min(service->timeout, msecs_to_jiffies(max_t(s64, left, 1)));
}

/*
 * Queue a request, unless the service is closed or has enough.  Called under
 * RCU, with the caller's own reference to the request.
 */
bool key_service_push(struct key_service *service, struct key_request *req,
		      u32 order)
{
	bool ended;

	spin_lock(&service->lock);
	if (service->closed || service->pending >= service->max_pending) {
		spin_unlock(&service->lock);
		return false;
	}
	key_request_set_deadline(req, limit_for(service, req));
	key_request_routed(req, &key_route_service);
	put_in(service, req, order);

	/* Whoever ends the request looks where it is after it has said so */
	smp_mb();
	ended = test_bit(KEY_REQUEST_ENDED, &req->flags);
	if (ended)
		take_out(service, req);
	spin_unlock(&service->lock);

	if (ended) {
		leave_service(req);
		key_request_put(req);
	} else {
		wake_reader(service);
	}
	return true;
}

/*
 * The request has ended: take it from the service that has it.
 */
void key_service_forget(struct key_request *req)
{
	/* Pairs with the release in take_identity() */
	struct key_service_place *place = smp_load_acquire(&req->place);
	struct key_service *service;
	bool mine = false;

	/* If it gets one now, key_service_push() will see that it has ended */
	if (!place)
		return;

	rcu_read_lock();
	service = READ_ONCE(place->service);
	if (service) {
		spin_lock(&service->lock);
		mine = place->service == service;
		if (mine)
			take_out(service, req);
		spin_unlock(&service->lock);
	}
	rcu_read_unlock();
	if (!mine)
		return;
	leave_service(req);
	/* Not the last one: whoever ends a request has one of its own */
	key_request_put(req);
}

/*
 * Size of a record, with the name of the key's type given: that may be gone.
 */
size_t key_service_record_size(const struct key_request *req, const char *type)
{
	const struct key *key = key_request_key(req);

	return sizeof(struct key_service_request) + strlen(type) + 1 +
	       key->index_key.desc_len + 1 + req->rka.callout_len + 1;
}

/* To be looked at, but not to be answered: its type may go meanwhile */
static struct key_request *take_first(struct key_service *service, size_t room,
				      char *type)
	__must_hold(&service->lock)
{
	struct key_request *req = first_queued(service);

	lockdep_assert_held(&service->lock);
	if (service->closed)
		return NULL;
	if (!req)
		return ERR_PTR(-EAGAIN);
	strscpy(type, req->type->name, KEY_SERVICE_TYPE_SIZE);
	if (key_service_record_size(req, type) > room)
		return ERR_PTR(-EMSGSIZE);

	list_del(&req->place->link);
	req->place->read = true;
	rb_add(&req->place->node, &service->taken, has_lower_id);
	refcount_inc(&req->rka.usage);
	return req;
}

/*
 * Take the oldest request that was not read, if its record fits into @room.  The
 * name of its type is copied to @type, which has KEY_SERVICE_TYPE_SIZE bytes.
 *
 * Return: the request, with a reference to drop; NULL if the service is closed;
 * -EAGAIN if there is none; -EMSGSIZE.
 */
struct key_request *key_service_take(struct key_service *service, size_t room,
				     char *type)
{
	struct key_request *req;

	spin_lock(&service->lock);
	req = take_first(service, room, type);
	spin_unlock(&service->lock);

	/* What one reader has no room for is still there for another */
	if (req == ERR_PTR(-EMSGSIZE))
		wake_reader(service);
	return req;
}

/*
 * Queue a request again, before all others: its record could not be copied.
 */
void key_service_give_back(struct key_service *service,
			   struct key_request *req)
{
	spin_lock(&service->lock);
	if (req->place->service == service && req->place->read) {
		rb_erase(&req->place->node, &service->taken);
		req->place->read = false;
		list_add(&req->place->link, &service->queue);
	}
	spin_unlock(&service->lock);
	wake_reader(service);
}

/*
 * Find a request that was read and is unanswered.
 *
 * Return: the request, to be let go, or NULL.
 */
struct key_request *key_service_find(struct key_service *service, u64 id)
{
	struct key_request *req = NULL;
	struct rb_node *node = NULL;

	spin_lock(&service->lock);
	if (!service->closed)
		node = rb_find(&id, &service->taken, compare_id);
	if (node)
		req = hold(service, request_at(node));
	spin_unlock(&service->lock);
	return req;
}

static struct key_request *take_any(struct key_service *service)
{
	struct key_request *req;
	struct rb_node *node;

	spin_lock(&service->lock);
	node = rb_first(&service->taken);
	if (node)
		req = request_at(node);
	else
		req = first_queued(service);
	if (req) {
		hold(service, req);
		take_out(service, req);
	}
	spin_unlock(&service->lock);
	return req;
}

/*
 * Send a request on its next route, in the name of who made it.  Nothing here
 * waits for an answer.
 */
static void send_on(struct key_request *req)
{
	const struct cred *old;

	if (test_bit(KEY_REQUEST_ENDED, &req->flags))
		return;
	key_request_set_deadline(req, 0);
	key_request_drop_authkey(req);

	old = override_creds(req->place->cred);
	key_request_dispatch(req, NULL);
	revert_creds(old);
}

/*
 * Move what a closed service has left to its next routes.
 */
void key_service_drain(struct work_struct *work)
{
	struct key_service *service =
		container_of(work, struct key_service, drain);
	struct key_request *req;

	while ((req = take_any(service))) {
		leave_service(req);
		send_on(req);
		key_request_put(req);
		key_service_let_go(req);
		cond_resched();
	}
	key_service_put(service);
}
