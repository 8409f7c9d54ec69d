// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: which keyring a new key goes to.
 */

#include <linux/bug.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/keyctl.h>
#include "request.h"

/*
 * The keyring that the request being answered by this task asked for.  A task
 * that answers may fill it without owning it, and possesses it no more than who
 * asked did.
 */
static key_ref_t key_dest_requestor(const struct cred *cred)
{
	struct request_key_auth *rka;
	key_ref_t dest;

	if (!cred->request_key_auth)
		return NULL;
	rka = request_key_auth_get(cred->request_key_auth);
	if (!rka)
		return NULL;
	dest = make_key_ref(key_get(rka->dest_keyring), rka->dest_possessed);
	request_key_auth_put(rka);
	return dest;
}

static struct key *key_dest_user_session(void)
{
	struct key *keyring;
	int ret;

	ret = look_up_user_keyrings(NULL, &keyring);
	return ret < 0 ? ERR_PTR(ret) : keyring;
}

static struct key *key_dest_user(void)
{
	struct key *keyring;
	int ret;

	ret = look_up_user_keyrings(&keyring, NULL);
	return ret < 0 ? ERR_PTR(ret) : keyring;
}

/*
 * The first keyring that exists, starting with the one named.
 */
static struct key *key_dest_default(const struct cred *cred)
{
	switch (cred->jit_keyring) {
	case KEY_REQKEY_DEFL_DEFAULT:
	case KEY_REQKEY_DEFL_REQUESTOR_KEYRING:
	case KEY_REQKEY_DEFL_THREAD_KEYRING:
		if (cred->thread_keyring)
			return key_get(cred->thread_keyring);
		fallthrough;
	case KEY_REQKEY_DEFL_PROCESS_KEYRING:
		if (cred->process_keyring)
			return key_get(cred->process_keyring);
		fallthrough;
	case KEY_REQKEY_DEFL_SESSION_KEYRING:
		if (cred->session_keyring)
			return key_get(cred->session_keyring);
		fallthrough;
	case KEY_REQKEY_DEFL_USER_SESSION_KEYRING:
		return key_dest_user_session();
	case KEY_REQKEY_DEFL_USER_KEYRING:
		return key_dest_user();
	default:
		/* Nobody can have set it to anything else */
		WARN_ON_ONCE(1);
		return ERR_PTR(-EINVAL);
	}
}

/*
 * Choose the keyring for a new key.
 *
 * Return: the keyring, with a reference to drop and with whether it is possessed,
 * or an error.
 */
key_ref_t key_request_destination(const struct key_query *query)
{
	const struct cred *cred = current_cred();
	struct key *keyring;
	key_ref_t dest;
	int ret;

	/* The caller has shown before that it may write to the keyring it named */
	if (query->dest_keyring)
		return make_key_ref(key_get(query->dest_keyring),
				    query->dest_possessed);

	if (cred->jit_keyring == KEY_REQKEY_DEFL_DEFAULT ||
	    cred->jit_keyring == KEY_REQKEY_DEFL_REQUESTOR_KEYRING) {
		dest = key_dest_requestor(cred);
		if (dest)
			return dest;
	}

	keyring = key_dest_default(cred);
	if (IS_ERR(keyring))
		return ERR_CAST(keyring);
	dest = make_key_ref(keyring, true);
	ret = key_permission(dest, KEY_NEED_WRITE);
	if (ret < 0) {
		key_ref_put(dest);
		return ERR_PTR(ret);
	}
	return dest;
}
