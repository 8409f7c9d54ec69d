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
 * that answers may fill it without owning it.
 */
static struct key *requestor_keyring(const struct cred *cred)
{
	struct request_key_auth *rka;
	struct key *dest;

	if (!cred->request_key_auth)
		return NULL;
	rka = request_key_auth_get(cred->request_key_auth);
	if (!rka)
		return NULL;
	dest = key_get(rka->dest_keyring);
	request_key_auth_put(rka);
	return dest;
}

static struct key *user_session_keyring(void)
{
	struct key *keyring;
	int ret;

	ret = look_up_user_keyrings(NULL, &keyring);
	return ret < 0 ? ERR_PTR(ret) : keyring;
}

static struct key *user_keyring(void)
{
	struct key *keyring;
	int ret;

	ret = look_up_user_keyrings(&keyring, NULL);
	return ret < 0 ? ERR_PTR(ret) : keyring;
}

/*
 * The first keyring that exists, starting with the one named.
 */
static struct key *default_keyring(const struct cred *cred)
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
		return user_session_keyring();
	case KEY_REQKEY_DEFL_USER_KEYRING:
		return user_keyring();
	default:
		/* Nobody can have set it to anything else */
		WARN_ON_ONCE(1);
		return ERR_PTR(-EINVAL);
	}
}

/*
 * Choose the keyring for a new key.
 *
 * Return: the keyring, with a reference to drop, or an error.
 */
struct key *key_request_destination(const struct key_query *query)
{
	const struct cred *cred = current_cred();
	struct key *dest;
	int ret;

	/* Whoever named a keyring has shown before that it may write to it */
	if (query->dest_keyring)
		return key_get(query->dest_keyring);

	if (cred->jit_keyring == KEY_REQKEY_DEFL_DEFAULT ||
	    cred->jit_keyring == KEY_REQKEY_DEFL_REQUESTOR_KEYRING) {
		dest = requestor_keyring(cred);
		if (dest)
			return dest;
	}

	dest = default_keyring(cred);
	if (IS_ERR(dest))
		return dest;
	ret = key_permission(make_key_ref(dest, true), KEY_NEED_WRITE);
	if (ret < 0) {
		key_put(dest);
		return ERR_PTR(ret);
	}
	return dest;
}
