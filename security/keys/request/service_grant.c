// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services: the authority to answer a request as a helper does.
 *
 * It has a record of its own, since what it opens is not always what a helper
 * gets.  A service of a network namespace may be asked for a key that somebody
 * outside of its opener's user namespace wants, such as the kernel itself: then
 * it can make that key, but it sees none of the requester's keyrings.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "service.h"

/*
 * The grant refers to keyrings as the requester did.  Possession is carried over,
 * as permission to write to a keyring must not become possession of the keys in it.
 */
static struct request_key_auth *key_service_make_grant(const struct key_service *service,
						       struct key_request *req,
						       key_ref_t keyring)
{
	bool foreign = key_service_is_foreign(service, req);
	const struct request_key_auth *rka = &req->rka;
	struct request_key_auth *grant;

	grant = kzalloc(sizeof(*grant), GFP_KERNEL_ACCOUNT);
	if (!grant)
		return NULL;
	refcount_set(&grant->usage, 1);
	refcount_inc(&req->rka.usage);
	grant->request = req;
	grant->target_key = key_get(rka->target_key);
	grant->dest_keyring = key_get(foreign ? key_ref_to_ptr(keyring) :
						rka->dest_keyring);
	grant->dest_possessed = foreign ? is_key_possessed(keyring) :
					  rka->dest_possessed;
	grant->cred = get_cred(foreign ? current_cred() : rka->cred);
	grant->callout_info = rka->callout_info;
	grant->callout_len = rka->callout_len;
	grant->pid = get_pid(rka->pid);
	strscpy(grant->op, rka->op, sizeof(grant->op));
	return grant;
}

/*
 * A new authorisation key each time, which takes the place of the one before:
 * it may be for another process that was given the descriptor.  It is linked
 * first, so that a failure takes nobody's authority away.
 */
static long key_service_make_authority(const struct key_service *service,
				       struct key_request *req, key_ref_t keyring_ref)
{
	struct key *keyring = key_ref_to_ptr(keyring_ref), *authkey;
	struct request_key_auth *grant;
	long ret;

	grant = key_service_make_grant(service, req, keyring_ref);
	if (!grant)
		return -ENOMEM;
	authkey = request_key_auth_new(grant);
	request_key_auth_put(grant);
	if (IS_ERR(authkey))
		return PTR_ERR(authkey);

	ret = key_link(keyring, authkey);
	if (ret == 0 && !key_request_keep_authkey(req, authkey)) {
		key_unlink(keyring, authkey);
		ret = -ENOENT;
	}
	if (ret == 0)
		ret = key_serial(authkey);
	else
		key_revoke(authkey);
	key_put(authkey);
	return ret;
}

static long key_service_assume(struct key_service *service,
			       const u64 __user *_id, key_serial_t keyring_id)
{
	struct key_request *req;
	key_ref_t keyring;
	long ret;
	u64 id;

	if (copy_from_user(&id, _id, sizeof(id)))
		return -EFAULT;
	req = key_service_find(service, id);
	if (!req)
		return -ENOENT;
	key_service_let_go(req);

	/* It may be a key that is being made: wait with nothing in hand */
	keyring = lookup_user_key(keyring_id, KEY_LOOKUP_CREATE,
				  KEY_NEED_WRITE);
	if (IS_ERR(keyring))
		return PTR_ERR(keyring);

	ret = -ENOENT;
	req = key_service_find(service, id);
	if (req) {
		ret = key_service_make_authority(service, req, keyring);
		key_service_let_go(req);
	}
	key_ref_put(keyring);
	return ret;
}

/**
 * keyctl_service_assume - Get the authority to answer a request
 * @fd: Descriptor of the service.
 * @_id: Number of a request that was read and is unanswered.
 * @keyring_id: Where to link the authorisation key.
 *
 * Return: serial number of the authorisation key, or an error.
 */
long keyctl_service_assume(int fd, const u64 __user *_id,
			   key_serial_t keyring_id)
{
	struct file *file = key_service_fget(fd);
	long ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = key_service_assume(file->private_data, _id, keyring_id);
	fput(file);
	return ret;
}

/**
 * key_request_answered - A request may have been answered by an authority
 * @rka: Record of the authority.
 *
 * With a service there is nobody whose end would be waited for.
 */
void key_request_answered(struct request_key_auth *rka)
{
	struct key_request *req = key_request_of(rka);

	if (READ_ONCE(req->route) == &key_route_service &&
	    !key_under_construction(key_request_key(req)))
		key_request_end(req, NULL, 0, KEY_CAUSE_ANSWER);
}
