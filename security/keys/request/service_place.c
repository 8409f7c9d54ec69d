// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: what they know of a request, and what it is charged for being with
 * one.
 */

#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include "service.h"

/* kernel.keys.service_requests_per_user: most unanswered ones, but for root */
unsigned int key_service_pending_per_user = KEY_SERVICE_PENDING_PER_USER;

static u32 key_service_net_ns_of(const struct key *key)
{
	const struct net *net;

	/* A task that is exiting has none */
	if (!current->nsproxy)
		return 0;
	net = current->nsproxy->net_ns;
	if (key->domain_tag != &key_default_domain_tag &&
	    key->domain_tag != net->key_domain)
		return 0;
	return net->ns.inum;
}

/*
 * Give back what key_service_place_new() took.
 */
static void key_service_place_free(struct key_request *req)
{
	struct key_service_place *place = req->place;

	if (!place)
		return;
	if (place->mm_ns)
		put_user_ns(place->mm_ns);
	put_cred(place->cred);
	put_pid(place->tgid);
	kfree(place);
}

/*
 * Note the requester.  It is the caller itself, also where it asks while
 * it answers another request: that gives it another's keyrings to search, but
 * it is the caller that is going to use what it is given.
 *
 * Return: 0, or -ENOMEM.
 */
int key_service_place_new(struct key_request *req)
{
	const struct key *key = key_request_key(req);
	struct key_service_place *place;

	place = kzalloc(sizeof(*place), GFP_KERNEL_ACCOUNT);
	if (!place)
		return -ENOMEM;
	place->request = req;
	place->oversized = key_service_record_size(req, req->type->name) >
			   KEY_SERVICE_RECORD_MAX;
	place->horizon = atomic64_read(&key_service_last_seq);
	place->tgid = get_pid(task_tgid(current));
	place->net_ns = key_service_net_ns_of(key);
	/* Zero, as it is, if there is no such keyring */
	key_search_session(current_cred(), &place->session);
	if (current->mm && get_dumpable(current->mm) != SUID_DUMP_USER)
		place->mm_ns = get_user_ns(current->mm->user_ns);
	place->cred = get_current_cred();
	req->release = key_service_place_free;
	/* key_service_forget() may load this pointer at any moment from now on */
	smp_store_release(&req->place, place);
	return 0;
}

/*
 * Give back what key_service_offer() has charged.
 */
void key_service_uncharge(struct key_service_place *place)
{
	const struct key_payers *payers = place->request->payers;
	unsigned int i;

	for (i = 0; i < payers->count; i++)
		atomic_dec(&payers->users[i]->npending);
}

static bool key_service_payer_has_room(const struct key_user *payer)
{
	return uid_eq(payer->uid, GLOBAL_ROOT_UID) ||
	       atomic_read(&payer->npending) <=
	       READ_ONCE(key_service_pending_per_user);
}

/* Whether each of those who pay for the request may have one more */
bool key_service_charge(struct key_service_place *place)
{
	const struct key_payers *payers = place->request->payers;
	bool within = true;
	unsigned int i;

	for (i = 0; i < payers->count; i++) {
		atomic_inc(&payers->users[i]->npending);
		within &= key_service_payer_has_room(payers->users[i]);
	}
	return within;
}
