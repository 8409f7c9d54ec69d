// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: where a request is while a service has it.
 *
 * The service holds a reference to it, from key_service_push() until somebody
 * takes it out: the end of the request, or the end of the service.
 */

#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/pid.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <trace/events/key_request.h>
#include "service.h"

static struct key_request *key_service_request_at(struct rb_node *node)
{
	return rb_entry(node, struct key_service_place, node)->request;
}

static u64 key_service_id_at(const struct rb_node *node)
{
	return rb_entry(node, struct key_service_place, node)->request->id;
}

static bool key_service_has_lower_id(struct rb_node *a, const struct rb_node *b)
{
	return key_service_id_at(a) < key_service_id_at(b);
}

static int key_service_compare_id(const void *id, const struct rb_node *node)
{
	const u64 wanted = *(const u64 *)id;
	const u64 have = key_service_id_at(node);

	return wanted < have ? -1 : wanted > have;
}

/* The oldest request that was not read, or NULL */
static struct key_request *key_service_first_queued(struct key_service *service)
	__must_hold(&service->lock)
{
	struct key_service_place *place =
		list_first_entry_or_null(&service->queue,
					 struct key_service_place, link);

	return place ? place->request : NULL;
}

/* One is woken for one request; a task that polls may be woken by all of them */
static void key_service_wake_reader(struct key_service *service)
{
	if (wq_has_sleeper(&service->wait))
		wake_up_interruptible_poll(&service->wait,
					   EPOLLIN | EPOLLRDNORM);
}

static void key_service_take_out(struct key_service *service, struct key_request *req)
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
 * Take a reference for a task that answers the request without the lock.  It may
 * end meanwhile, and with that let its type go, whose code is still needed; but
 * here it is known that it has not.
 */
static struct key_request *key_service_hold(struct key_service *service,
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
static void key_service_place_left(struct key_request *req)
{
	key_service_uncharge(req->place);
}

static void key_service_put_in(struct key_service *service, struct key_request *req,
			       u32 order)
	__must_hold(&service->lock)
{
	struct key_service_place *place = req->place;

	refcount_inc(&req->rka.usage);
	place->seq = service->seq;
	place->order = order;
	place->read = false;
	place->again = false;
	list_add_tail(&place->link, &service->queue);
	WRITE_ONCE(service->pending, service->pending + 1);
	WRITE_ONCE(place->service, service);
}

static int key_service_check_room(const struct key_service *service, bool within)
	__must_hold(&service->lock)
{
	lockdep_assert_held(&service->lock);
	/* One that makes its requests fail when it closes has begun to do so */
	if (service->closed)
		return service->no_fallback ? -EBUSY : 0;
	if (within && service->pending < service->max_pending)
		return 1;
	return service->scope == KEY_SERVICE_SCOPE_UID ? 0 : -EBUSY;
}

/*
 * Jiffies that the service has for an answer.  What the kernel waits at most is
 * for all services together: one user may have many, and close them one after the
 * other.  Where no time is left the service is asked all the same and times out:
 * nobody is to choose the host's helper by being slow.
 */
static unsigned long key_service_limit_for(const struct key_service *service,
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
 * Queue a request.  Called under RCU, with the caller's own reference to the
 * request, which is @within the limits of its payers or not.
 *
 * Return: 1 if the service has it now; 0 if it is closed, or has no room and is
 * the user's own; -EBUSY if it has no room and is a namespace's.
 */
int key_service_push(struct key_service *service, struct key_request *req,
		     u32 order, bool within)
{
	bool ended;
	int ret;

	spin_lock(&service->lock);
	ret = key_service_check_room(service, within);
	if (ret <= 0) {
		spin_unlock(&service->lock);
		return ret;
	}
	key_request_set_deadline(req, key_service_limit_for(service, req));
	key_request_routed(req, &key_route_service);
	key_service_put_in(service, req, order);

	/* Pairs with the full barrier of key_request_end() setting KEY_REQUEST_ENDED */
	smp_mb();
	ended = test_bit(KEY_REQUEST_ENDED, &req->flags);
	if (ended)
		key_service_take_out(service, req);
	spin_unlock(&service->lock);

	if (ended) {
		key_service_place_left(req);
		key_request_put(req);
	} else {
		key_service_wake_reader(service);
	}
	return ret;
}

/*
 * Whether what the service has said is to last for a limited time only: root of a
 * container, or a user who has its service, could fill the quota of the host's root.
 */
static bool key_service_is_limited(const struct key_service *service,
				   const struct key_request *req)
{
	return req->origin == KEY_ORIGIN_KERNEL && !service->of_host;
}

static void key_service_limit_life(struct key *key)
{
	time64_t latest = ktime_get_real_seconds() + KEY_SERVICE_LIFETIME_KERNEL;

	if (!key_under_construction(key) && key_expiry_wall(key) > latest)
		key_set_expiry(key, key_expiry_in(KEY_SERVICE_LIFETIME_KERNEL));
}

/*
 * The request has ended: take it from the service that has it.
 */
void key_service_forget(struct key_request *req)
{
	/* Pairs with the release in key_service_place_new() */
	struct key_service_place *place = smp_load_acquire(&req->place);
	bool mine = false, limited = false;
	struct key_service *service;

	/* If it gets one now, key_service_push() will see that it has ended */
	if (!place)
		return;

	rcu_read_lock();
	service = READ_ONCE(place->service);
	if (service) {
		spin_lock(&service->lock);
		mine = place->service == service;
		if (mine) {
			limited = key_service_is_limited(service, req);
			key_service_take_out(service, req);
		}
		spin_unlock(&service->lock);
	}
	rcu_read_unlock();
	if (!mine)
		return;
	if (limited)
		key_service_limit_life(key_request_key(req));
	key_service_place_left(req);
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

/* Bytes of the next record, 0 if there is none; its type's name goes to @type */
static size_t key_service_peek_size(struct key_service *service, char *type)
	__must_hold(&service->lock)
{
	struct key_request *req = key_service_first_queued(service);

	lockdep_assert_held(&service->lock);
	if (service->closed || !req)
		return 0;
	strscpy(type, req->type->name, KEY_SERVICE_TYPE_SIZE);
	return key_service_record_size(req, type);
}

/*
 * How long a buffer has to be for the next request, or 0 if there is none.
 */
size_t key_service_next_size(struct key_service *service)
{
	char type[KEY_SERVICE_TYPE_SIZE];
	size_t size;

	spin_lock(&service->lock);
	size = key_service_peek_size(service, type);
	spin_unlock(&service->lock);
	return size;
}

/* To be looked at, but not to be answered: its type may go meanwhile */
static struct key_request *key_service_take_first(struct key_service *service, size_t room,
						  char *type)
	__must_hold(&service->lock)
{
	size_t size = key_service_peek_size(service, type);
	struct key_request *req;

	lockdep_assert_held(&service->lock);
	if (service->closed)
		return NULL;
	if (!size)
		return ERR_PTR(-EAGAIN);
	if (size > room)
		return ERR_PTR(-EMSGSIZE);
	if (!key_service_knows_reader(service))
		return ERR_PTR(-ESRCH);

	req = key_service_first_queued(service);
	list_del(&req->place->link);
	req->place->read = true;
	req->place->reader = task_tgid(current);
	rb_add(&req->place->node, &service->taken, key_service_has_lower_id);
	refcount_inc(&req->rka.usage);
	return req;
}

/*
 * Take the oldest request that was not read, if its record fits into @room.  The
 * name of its type is copied to @type, which has KEY_SERVICE_TYPE_SIZE bytes.
 *
 * Return: the request, with a reference to drop; NULL if the service is closed;
 * -EAGAIN if there is none; -EMSGSIZE; -ESRCH if the process has to be added to
 * the readers first.
 */
struct key_request *key_service_take(struct key_service *service, size_t room,
				     char *type)
{
	struct key_request *req;

	spin_lock(&service->lock);
	req = key_service_take_first(service, room, type);
	spin_unlock(&service->lock);

	/* A record that one reader has no room for is still there for another */
	if (req == ERR_PTR(-EMSGSIZE))
		key_service_wake_reader(service);
	return req;
}

/* Out of those that were read, and before all others */
static void key_service_unread(struct key_service *service, struct key_request *req)
	__must_hold(&service->lock)
{
	lockdep_assert_held(&service->lock);
	rb_erase(&req->place->node, &service->taken);
	req->place->read = false;
	list_add(&req->place->link, &service->queue);
}

/*
 * Queue a request again, before all others: its record could not be copied.
 */
void key_service_give_back(struct key_service *service,
			   struct key_request *req)
{
	spin_lock(&service->lock);
	if (req->place->service == service && req->place->read)
		key_service_unread(service, req);
	spin_unlock(&service->lock);
	key_service_wake_reader(service);
}

static struct key_request *key_service_find_read(struct key_service *service, u64 id)
	__must_hold(&service->lock)
{
	struct rb_node *node;

	lockdep_assert_held(&service->lock);
	if (service->closed)
		return NULL;
	node = rb_find(&id, &service->taken, key_service_compare_id);
	return node ? key_service_request_at(node) : NULL;
}

/*
 * Queue a request again, before all others: whoever has read it does not answer.
 *
 * Return: 0, or -ENOENT if no such request was read and is unanswered.
 */
int key_service_release(struct key_service *service, u64 id)
{
	struct key_request *req;

	spin_lock(&service->lock);
	req = key_service_find_read(service, id);
	if (req) {
		key_service_unread(service, req);
		req->place->again = true;
	}
	spin_unlock(&service->lock);
	if (!req)
		return -ENOENT;
	key_service_wake_reader(service);
	return 0;
}

static ktime_t key_service_started_at(const struct list_head *link)
{
	return list_entry(link, struct key_service_place, link)->request->started;
}

static int key_service_compare_age(void *unused, const struct list_head *a,
				   const struct list_head *b)
{
	return ktime_compare(key_service_started_at(a), key_service_started_at(b));
}

/*
 * Queue again, before all others, what a process has read that has ended.
 */
void key_service_take_from(struct key_service *service,
			   const struct pid *reader)
{
	struct key_service_place *place;
	struct rb_node *node, *next;
	unsigned int count = 0;
	LIST_HEAD(back);

	spin_lock(&service->lock);
	for (node = rb_first(&service->taken); node; node = next) {
		next = rb_next(node);
		place = key_service_request_at(node)->place;
		if (place->reader != reader)
			continue;
		rb_erase(node, &service->taken);
		place->read = false;
		place->again = true;
		list_add_tail(&place->link, &back);
		count++;
	}
	list_sort(NULL, &back, key_service_compare_age);
	list_splice(&back, &service->queue);
	spin_unlock(&service->lock);

	while (count--)
		key_service_wake_reader(service);
}

/*
 * Copy the numbers of at most @room requests that were read and are unanswered,
 * the lowest ones above @after.
 *
 * Return: how many there were.
 */
unsigned int key_service_list_read(struct key_service *service, u64 *ids,
				   unsigned int room, u64 after)
{
	struct rb_node *node, *first = NULL;
	unsigned int n = 0;

	spin_lock(&service->lock);
	node = service->taken.rb_node;
	while (node) {
		if (key_service_id_at(node) > after) {
			first = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	for (node = first; node && n < room; node = rb_next(node))
		ids[n++] = key_service_id_at(node);
	spin_unlock(&service->lock);
	return n;
}

/*
 * Find a request that was read and is unanswered.
 *
 * Return: the request, to be let go, or NULL.
 */
struct key_request *key_service_find(struct key_service *service, u64 id)
{
	struct key_request *req;

	spin_lock(&service->lock);
	req = key_service_find_read(service, id);
	if (req)
		key_service_hold(service, req);
	spin_unlock(&service->lock);
	return req;
}

/*
 * Let a request take its next route at once.  It leaves the service now; the rest
 * is the work's, since to start a helper takes more than the caller may wait for.
 *
 * Return: 0, or -ENOENT if no such request was read and is unanswered.
 */
int key_service_pass(struct key_service *service, u64 id)
{
	struct key_request *req;

	spin_lock(&service->lock);
	req = key_service_find_read(service, id);
	if (req) {
		key_service_hold(service, req);
		key_service_take_out(service, req);
		key_service_place_left(req);
		list_add_tail(&req->place->link, &service->passed);
	}
	spin_unlock(&service->lock);
	if (!req)
		return -ENOENT;
	key_service_start_drain(service);
	return 0;
}

static struct key_request *key_service_take_passed(struct key_service *service)
{
	struct key_service_place *place;

	spin_lock(&service->lock);
	place = list_first_entry_or_null(&service->passed,
					 struct key_service_place, link);
	if (place)
		list_del(&place->link);
	spin_unlock(&service->lock);
	return place ? place->request : NULL;
}

/* Of those that a closed service has left */
static struct key_request *key_service_take_any(struct key_service *service)
{
	struct key_request *req = NULL;
	struct rb_node *node;

	spin_lock(&service->lock);
	if (!service->closed)
		goto out;
	node = rb_first(&service->taken);
	req = node ? key_service_request_at(node) : key_service_first_queued(service);
	if (req) {
		key_service_hold(service, req);
		key_service_take_out(service, req);
		key_service_place_left(req);
	}
out:
	spin_unlock(&service->lock);
	return req;
}

/*
 * Send a request on its next route, in the name of the requester.  Nothing here
 * waits for an answer.
 */
static void key_service_send_on(struct key_request *req)
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

/* The references of the service, and of key_service_hold() */
static void key_service_let_go_twice(struct key_request *req)
{
	key_request_put(req);
	key_service_let_go(req);
	cond_resched();
}

/*
 * Have requests moved to their next routes: those that were passed, and those that
 * a closed service has left.
 */
void key_service_start_drain(struct key_service *service)
{
	refcount_inc(&service->usage);
	if (!queue_work(system_unbound_wq, &service->drain))
		key_service_put(service);
}

/*
 * Move requests to their next routes.
 */
void key_service_drain(struct work_struct *work)
{
	struct key_service *service =
		container_of(work, struct key_service, drain);
	struct key_request *req;

	while ((req = key_service_take_passed(service))) {
		key_service_send_on(req);
		key_service_let_go_twice(req);
	}
	while ((req = key_service_take_any(service))) {
		if (service->no_fallback)
			key_request_end(req, NULL, -EBUSY, KEY_CAUSE_CLOSED);
		else
			key_service_send_on(req);
		key_service_let_go_twice(req);
	}
	key_service_put(service);
}
