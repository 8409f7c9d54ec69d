// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: the users that a request is charged to.
 *
 * Users share the things that requests can run short of.  A user with ids to give
 * away is still one user, so a request is charged to the user behind it and to
 * the users that made the user namespaces that it comes from.
 */

#include <linux/cred.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include "request.h"

/* A user who is counted is not counted again */
static bool key_payers_add(struct key_payers *payers, kuid_t uid)
{
	struct key_user *user;
	unsigned int i;

	for (i = 0; i < payers->count; i++)
		if (uid_eq(payers->users[i]->uid, uid))
			return true;

	user = key_user_lookup(uid);
	if (!user)
		return false;
	payers->users[payers->count++] = user;
	return true;
}

/*
 * Collect the user behind the request, which is that of the task and not of
 * credentials that the kernel has put on for it, and the makers of the user
 * namespaces.
 */
static bool key_payers_collect(struct key_payers *payers)
{
	const struct cred *cred = current_real_cred();
	const struct user_namespace *ns;
	kuid_t uid = cred->uid;

	for (ns = cred->user_ns; ns; ns = ns->parent) {
		if (!key_payers_add(payers, uid))
			return false;
		uid = ns->owner;
	}
	return true;
}

/*
 * Find the payers of what the calling task requests.  The first is the user behind
 * it.
 *
 * Return: the payers, to be given back, or NULL if memory is short.
 */
struct key_payers *key_payers_find(void)
{
	unsigned int most = current_real_cred()->user_ns->level + 1;
	struct key_payers *payers;

	payers = kzalloc(struct_size(payers, users, most), GFP_KERNEL_ACCOUNT);
	if (payers && !key_payers_collect(payers)) {
		key_payers_free(payers);
		return NULL;
	}
	return payers;
}

void key_payers_free(struct key_payers *payers)
{
	unsigned int i;

	if (!payers)
		return;
	for (i = 0; i < payers->count; i++)
		key_user_put(payers->users[i]);
	kfree(payers);
}
