// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: how a request ends, and what its key keeps of that.
 */

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>
#include <trace/events/key_request.h>
#include "request.h"

/* kernel.keys.negative_timeout: seconds for which a failure is remembered */
unsigned int key_negative_timeout = KEY_NEGATIVE_TIMEOUT_DEFAULT;

/*
 * For how long the key of a failed request should answer for the next ones.
 * A shortage says nothing about the key, so it must not be remembered.
 */
static unsigned int key_negative_lifetime(int error)
{
	unsigned int lifetime = READ_ONCE(key_negative_timeout);

	switch (error) {
	case -ENOMEM:
	case -EDQUOT:
	case -EBUSY:
	case -EAGAIN:
	case -ENFILE:
	case -EMFILE:
	case -EINTR:
	case -EKEYREVOKED:
		return 0;
	case -ETIMEDOUT:
		return min_t(unsigned int, lifetime, KEY_TIMED_OUT_LIFETIME);
	default:
		return lifetime;
	}
}

/*
 * Return: false if the key had been answered before.
 */
static bool key_request_reject_key(struct key *key, int error, struct key *authkey)
{
	unsigned int stored = -error;

	if (stored >= KEY_FIRST_INTERNAL_ERROR)
		stored = ENOKEY;
	return key_reject_and_link(key, key_negative_lifetime(error), stored, NULL,
				   authkey) == 0;
}

/*
 * Give up a key under construction for which there is no request yet.
 */
void key_request_discard(struct key *key, int error)
{
	key_request_reject_key(key, error, NULL);
}

/* Whether the authority was given to a handler of a service, see key_service_make_authority() */
static bool request_key_auth_is_granted(const struct key *authkey)
{
	const struct request_key_auth *rka;
	bool granted;

	rcu_read_lock();
	rka = rcu_dereference(authkey->payload.rcu_data0);
	granted = rka && rka->request;
	rcu_read_unlock();
	return granted;
}

/*
 * Take an authority away.  That of a helper goes with the helper's session.  That
 * of a service's handler is linked to a keyring of a daemon that lives on, and
 * counts in nobody's quota: it has to be collected, link and all.
 */
static void request_key_auth_retire(struct key *authkey)
{
	bool granted = request_key_auth_is_granted(authkey);

	key_revoke(authkey);
	if (granted)
		key_invalidate(authkey);
}

/*
 * Keep a reference to the authorisation key until the end, in place of the one
 * kept so far, which authorises nobody any more.  Fails after the end.
 */
bool key_request_keep_authkey(struct key_request *req, struct key *authkey)
{
	struct key *old = NULL;
	bool ended;

	/* Once key_request_end() has looked, nothing may be put here */
	spin_lock(&key_request_lock);
	ended = test_bit(KEY_REQUEST_ENDED, &req->flags);
	if (!ended) {
		old = req->authkey;
		req->authkey = key_get(authkey);
	}
	spin_unlock(&key_request_lock);

	if (old)
		request_key_auth_retire(old);
	key_put(old);
	return !ended;
}

/*
 * Withdraw the authority to answer that was given so far.
 */
void key_request_drop_authkey(struct key_request *req)
{
	struct key *old;

	spin_lock(&key_request_lock);
	old = req->authkey;
	req->authkey = NULL;
	spin_unlock(&key_request_lock);

	if (old)
		request_key_auth_retire(old);
	key_put(old);
}

static struct key *key_request_leave_list(struct key_request *req)
{
	struct key *authkey;

	spin_lock(&key_request_lock);
	list_del_rcu(&req->link);
	authkey = req->authkey;
	req->authkey = NULL;
	spin_unlock(&key_request_lock);
	return authkey;
}

static void key_request_announce_end(struct key_request *req, int state)
{
	/*
	 * Pairs with the acquire in key_request_has_ended().  xchg() is a full barrier:
	 * the state is written before wake_up_var() looks for waiters, and before
	 * key_request_left() looks at req->unattended.  A plain store will not do: where
	 * cmpxchg() is made of a lock it would not see that.
	 */
	xchg(&req->state, state);
	wake_up_var(&req->state);
	key_request_left(req);
}

/*
 * Whether somebody may have answered the key before an end for this cause.
 */
static bool key_cause_may_follow_answer(enum key_request_cause cause)
{
	return cause == KEY_CAUSE_TIMEOUT || cause == KEY_CAUSE_LOST ||
	       cause == KEY_CAUSE_TYPE_GONE || cause == KEY_CAUSE_NO_ANSWER;
}

/*
 * Take the request from the route that it was sent last, which may still have it.
 * Called with KEY_REQUEST_ENDED set by a full barrier.  A route that takes a request
 * in writes req->route first and looks at KEY_REQUEST_ENDED after a full barrier:
 * either this function sees the route, or the route sees the end.
 */
static void key_request_forget(struct key_request *req)
{
	const struct key_request_route *route = READ_ONCE(req->route);

	if (route && route->forget)
		route->forget(req);
}

/*
 * End a request.  Only the first call for it counts.  Without @authkey the one
 * that was kept is retired, if any.
 *
 * An error rejects the key, unless it was answered meanwhile.  Without one the
 * key must have been answered; if it was not, that is an error as well.
 */
void key_request_end(struct key_request *req, struct key *authkey, int error,
		     enum key_request_cause cause)
{
	struct key *key = key_request_key(req), *kept;

	if (test_and_set_bit(KEY_REQUEST_ENDED, &req->flags))
		return;
	key_request_forget(req);
	kept = key_request_leave_list(req);
	if (!authkey)
		authkey = kept;

	if (error >= 0 && key_read_state(key) == KEY_IS_UNINSTANTIATED) {
		error = -ENOKEY;
		cause = KEY_CAUSE_NO_ANSWER;
	}
	if (error < 0 && !key_request_reject_key(key, error, authkey) &&
	    key_cause_may_follow_answer(cause) && key_validate(key) == 0) {
		error = 0;
		cause = KEY_CAUSE_ANSWER;
	}
	/* An answer with this authority has invalidated it; any other end has not */
	if (authkey && (error >= 0 || !test_bit(KEY_FLAG_INVALIDATED,
						&authkey->flags)))
		request_key_auth_retire(authkey);

	req->result = error < 0 ? error : 0;
	req->cause = cause;
	trace_key_request_done(req->id, key, req->result, cause,
			       req->exit_status,
			       ktime_us_delta(ktime_get(), req->started));

	if (req->type)
		key_type_put(req->type);
	key_put(kept);
	key_request_announce_end(req, error < 0 ? KEY_REQUEST_FAILED :
				      KEY_REQUEST_ANSWERED);
}

/**
 * complete_request_key - Tell that a key type's actor is done
 * @authkey: The authorisation key that the actor was given.
 * @error: Negative if it failed.
 *
 * May sleep.
 */
void complete_request_key(struct key *authkey, int error)
{
	struct request_key_auth *rka;

	rka = request_key_auth_get(authkey);
	if (!rka)
		return;
	key_request_end(key_request_of(rka), authkey, error,
			error < 0 ? KEY_CAUSE_ACTOR : KEY_CAUSE_ANSWER);
	request_key_auth_put(rka);
}
EXPORT_SYMBOL(complete_request_key);

static struct key_request *key_request_next_of_type(const struct key_type *type)
{
	struct key_request *req, *found = NULL;

	spin_lock(&key_request_lock);
	list_for_each_entry(req, &key_requests, link) {
		if (req->type == type &&
		    !test_bit(KEY_REQUEST_ENDED, &req->flags) &&
		    refcount_inc_not_zero(&req->rka.usage)) {
			found = req;
			break;
		}
	}
	spin_unlock(&key_request_lock);
	return found;
}

/*
 * Give up the requests for keys of a type that is going away.
 */
void key_requests_cancel(const struct key_type *type)
{
	struct key_request *req;

	while ((req = key_request_next_of_type(type))) {
		key_request_end(req, NULL, -ENOKEY, KEY_CAUSE_TYPE_GONE);
		key_request_put(req);
	}
}
