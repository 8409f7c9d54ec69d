// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: the key that carries the authority to answer one.
 *
 * The program that is asked possesses it.  It shows the request's callout data and,
 * once assumed, opens the requester's keyrings to searches.  It grants neither Write
 * nor Setattr to anybody.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include "request.h"

static int request_key_auth_instantiate(struct key *authkey,
					struct key_preparsed_payload *prep)
{
	struct request_key_auth *rka = (struct request_key_auth *)prep->data;

	refcount_inc(&rka->usage);
	rcu_assign_keypointer(authkey, rka);
	return 0;
}

/*
 * Take the record out; afterwards the key is an empty shell.
 */
static struct request_key_auth *request_key_auth_take_record(struct key *authkey)
{
	struct request_key_auth *rka = get_request_key_auth(authkey);

	rcu_assign_keypointer(authkey, NULL);
	return rka;
}

/*
 * Called with the key's semaphore held, under which the request must not end:
 * a task that answers it at this moment takes that semaphore last.
 */
static void request_key_auth_revoke(struct key *authkey)
{
	struct request_key_auth *rka = request_key_auth_take_record(authkey);

	if (rka)
		key_request_auth_put_later(rka);
}

/* Called by the collector, without locks */
static void request_key_auth_destroy(struct key *authkey)
{
	request_key_auth_put(request_key_auth_take_record(authkey));
}

/* Called under RCU only, without the key's semaphore */
static void request_key_auth_describe(const struct key *authkey, struct seq_file *m)
{
	const struct request_key_auth *rka = dereference_key_rcu(authkey);
	struct pid_namespace *ns;

	if (!rka)
		return;
	ns = proc_pid_ns(file_inode(m->file)->i_sb);
	seq_printf(m, "key:%s pid:%d ci:%zu", authkey->description,
		   key_request_pid(rka, ns), rka->callout_len);
}

static long request_key_auth_read(const struct key *authkey, char *buffer, size_t buflen)
{
	const struct request_key_auth *rka = dereference_key_locked(authkey);

	if (!rka)
		return -EKEYREVOKED;
	if (buffer)
		memcpy(buffer, rka->callout_info,
		       min(buflen, rka->callout_len));
	return rka->callout_len;
}

struct key_type key_type_request_key_auth = {
	.name		= ".request_key_auth",
	.instantiate	= request_key_auth_instantiate,
	.describe	= request_key_auth_describe,
	.revoke		= request_key_auth_revoke,
	.destroy	= request_key_auth_destroy,
	.read		= request_key_auth_read,
};

/*
 * Make an authorisation key for a request.
 *
 * Return: the key, with a reference to drop and linked nowhere, or an error.
 */
struct key *request_key_auth_new(struct request_key_auth *rka)
{
	const struct cred *cred = current_cred();
	char description[KEY_REQUEST_HEX_SIZE];
	struct key *authkey;
	int ret;

	snprintf(description, sizeof(description), "%x",
		 key_serial(rka->target_key));
	authkey = key_alloc(&key_type_request_key_auth, description,
			    cred->fsuid, cred->fsgid, cred,
			    KEY_POS_VIEW | KEY_POS_READ | KEY_POS_SEARCH |
			    KEY_POS_LINK | KEY_USR_VIEW,
			    KEY_ALLOC_NOT_IN_QUOTA, NULL);
	if (IS_ERR(authkey))
		return authkey;

	ret = key_instantiate_and_link(authkey, rka, 0, NULL, NULL);
	if (ret < 0) {
		key_put(authkey);
		return ERR_PTR(ret);
	}
	return authkey;
}

/**
 * key_get_instantiation_authkey - Find the authority to answer a request
 * @target_id: Serial number of the key under construction.
 *
 * Only the caller's own keyrings are searched.
 *
 * Return: the authorisation key, with a reference to drop, or an error.
 */
struct key *key_get_instantiation_authkey(key_serial_t target_id)
{
	char description[KEY_REQUEST_HEX_SIZE];
	struct keyring_search_context ctx __uninitialized;
	key_ref_t key_ref;

	snprintf(description, sizeof(description), "%x", target_id);
	key_search_init(&ctx, &key_type_request_key_auth, description, NULL,
			KEYRING_SEARCH_RECURSE);
	rcu_read_lock();
	key_ref = search_process_keyrings_rcu(&ctx);
	rcu_read_unlock();

	if (key_ref == ERR_PTR(-EAGAIN))
		return ERR_PTR(-ENOKEY);
	return IS_ERR(key_ref) ? ERR_CAST(key_ref) : key_ref_to_ptr(key_ref);
}
