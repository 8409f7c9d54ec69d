// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: the object, its references, and the list of those in flight.
 */

#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/llist.h>
#include <linux/once.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <trace/events/key_request.h>
#include "request.h"

/* Requests that have not ended; readers may walk it under RCU */
LIST_HEAD(key_requests);
DEFINE_SPINLOCK(key_request_lock);

/*
 * Find in whose name a request is made: in the caller's, or, if the caller is itself
 * answering a request, in the name of the task that made that one.
 */
static int key_request_take_context(struct request_key_auth *rka)
{
	const struct cred *cred = current_cred();
	struct request_key_auth *outer;

	if (!cred->request_key_auth) {
		rka->cred = get_cred(cred);
		rka->pid = get_pid(task_pid(current));
		return 0;
	}

	outer = request_key_auth_get(cred->request_key_auth);
	if (!outer)
		return -EKEYREVOKED;
	rka->cred = get_cred(outer->cred);
	rka->pid = get_pid(outer->pid);
	request_key_auth_put(outer);
	return 0;
}

static void key_request_init_record(struct key_request *req, const struct key_query *query,
				    struct key *key, key_ref_t dest)
{
	struct request_key_auth *rka = &req->rka;

	refcount_set(&rka->usage, 1);
	rka->target_key = key_get(key);
	rka->dest_keyring = key_get(key_ref_to_ptr(dest));
	rka->dest_possessed = is_key_possessed(dest);
	rka->callout_info = req->callout;
	rka->callout_len = query->callout_len;
	memcpy(req->callout, query->callout_info, query->callout_len);
	strscpy(rka->op, "create", sizeof(rka->op));
}

/*
 * A number for the next request; zero is no request's.  Users see those of their
 * own requests, and must not learn from them how many others make: without the
 * secret of siphash() the numbers show no order.  Two requests in flight have the
 * same one with a chance of 2^-64.  Even that gives no right, as a service finds
 * only requests that it has itself.
 */
static u64 key_request_new_id(void)
{
	static siphash_key_t secret __read_mostly;
	static atomic64_t count;
	u64 id;

	get_random_once(&secret, sizeof(secret));
	do {
		id = siphash_1u64(atomic64_inc_return(&count), &secret);
	} while (!id);
	return id;
}

static void key_request_add(struct key_request *req)
{
	req->id = key_request_new_id();
	spin_lock(&key_request_lock);
	list_add_tail_rcu(&req->link, &key_requests);
	spin_unlock(&key_request_lock);
}

/*
 * Make the object for a query whose key is under construction.
 *
 * Return: the request, with a reference to drop, or an error.
 */
struct key_request *key_request_alloc(const struct key_query *query,
				      struct key *key, key_ref_t dest)
{
	struct key_request *req;
	int ret;

	req = kzalloc(struct_size(req, callout, query->callout_len + 1),
		      GFP_KERNEL_ACCOUNT);
	if (!req)
		return ERR_PTR(-ENOMEM);

	req->payers = key_payers_find();
	ret = req->payers ? key_request_take_context(&req->rka) : -ENOMEM;
	if (ret < 0) {
		key_payers_free(req->payers);
		kfree(req);
		return ERR_PTR(ret);
	}

	key_request_init_record(req, query, key, dest);
	req->started = ktime_get();
	req->state = KEY_REQUEST_STARTED;
	req->origin = query->origin;
	if (key_type_pin(query->type))
		req->type = query->type;
	key_request_add(req);
	trace_key_request_start(req->id, key,
				req->origin == KEY_ORIGIN_KERNEL,
				from_kuid(&init_user_ns, current_fsuid()));
	return req;
}

/*
 * An authorisation key that was invalidated before the request was answered no
 * longer entitles anybody to answer.  One that was invalidated by the answer
 * still tells a latecomer that it came late.
 */
static bool request_key_auth_is_withdrawn(const struct key *authkey,
			      const struct request_key_auth *rka)
{
	return test_bit(KEY_FLAG_INVALIDATED, &authkey->flags) &&
	       key_read_state(rka->target_key) == KEY_IS_UNINSTANTIATED;
}

/**
 * request_key_auth_get - Get the record behind an authorisation key
 * @authkey: The authorisation key.
 *
 * Return: the record, with a reference to drop, or NULL if the authority is
 * gone.
 */
struct request_key_auth *request_key_auth_get(struct key *authkey)
{
	struct request_key_auth *rka = NULL;

	down_read(&authkey->sem);
	if (!test_bit(KEY_FLAG_REVOKED, &authkey->flags))
		rka = dereference_key_locked(authkey);
	if (rka && request_key_auth_is_withdrawn(authkey, rka))
		rka = NULL;
	if (rka)
		refcount_inc(&rka->usage);
	up_read(&authkey->sem);
	return rka;
}

static void request_key_auth_free(struct rcu_head *rcu)
{
	struct request_key_auth *rka =
		container_of(rcu, struct request_key_auth, rcu);

	put_pid(rka->pid);
	put_cred(rka->cred);
	if (rka->request)
		kfree(rka);
	else
		kfree_sensitive(container_of(rka, struct key_request, rka));
}

static void request_key_auth_put_grant(struct request_key_auth *rka)
{
	key_request_put(rka->request);
	key_put(rka->target_key);
	key_put(rka->dest_keyring);
	call_rcu(&rka->rcu, request_key_auth_free);
}

/**
 * request_key_auth_put - Drop a reference to a request
 * @rka: The request's record, or NULL.
 *
 * A reader that has the record under RCU may go on reading it until the grace
 * period is over.  May sleep.
 */
void request_key_auth_put(struct request_key_auth *rka)
{
	struct key_request *req;

	if (!rka || !refcount_dec_and_test(&rka->usage))
		return;
	if (rka->request) {
		request_key_auth_put_grant(rka);
		return;
	}

	/* Nobody can answer any more; do not leave others waiting for it */
	req = key_request_of(rka);
	key_request_end(req, NULL, -ENOKEY, KEY_CAUSE_LOST);

	key_put(rka->target_key);
	key_put(rka->dest_keyring);
	if (req->release)
		req->release(req);
	key_payers_free(req->payers);
	call_rcu(&rka->rcu, request_key_auth_free);
}

/*
 * Drop a reference to a request.
 */
void key_request_put(struct key_request *req)
{
	request_key_auth_put(&req->rka);
}

/*
 * A request has ended that somebody may have left.
 */
void key_request_left(struct key_request *req)
{
	key_place_give(&req->unattended, req->payers, KEY_PLACE_UNATTENDED);
}

/*
 * May a request with a helper go on while nobody waits for it?  Called when its
 * task leaves it, or, if that was before, when the helper is to be started.
 *
 * A helper runs as root, outside of any limit on the requester's tasks.  As long as
 * each helper has a task that waits for it, that limit holds for both.
 */
bool key_request_leave(struct key_request *req)
{
	/* Both may come here when a service hands the request on */
	if (!key_place_take(&req->unattended, req->payers,
			    KEY_PLACE_UNATTENDED))
		return false;
	/*
	 * key_request_announce_end() changes req->state before it gives the place back
	 * under key_places_lock.  So either this task sees the end, or that task sees
	 * the place.
	 */
	if (key_request_has_ended(req))
		key_request_left(req);
	return true;
}

/* Records whose last reference was dropped where nobody may wait */
static LLIST_HEAD(orphans);

static void request_key_auth_put_orphans(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&orphans);
	struct request_key_auth *rka, *next;

	llist_for_each_entry_safe(rka, next, list, orphan)
		request_key_auth_put(rka);
}

static DECLARE_WORK(orphan_work, request_key_auth_put_orphans);

/*
 * Drop a reference to a record with locks held that come after those which the
 * end of a request takes.
 */
void key_request_auth_put_later(struct request_key_auth *rka)
{
	if (refcount_dec_not_one(&rka->usage))
		return;
	if (llist_add(&rka->orphan, &orphans))
		queue_work(system_unbound_wq, &orphan_work);
}
