// SPDX-License-Identifier: GPL-2.0-only
/*
 * AF_ALG: keying a socket from the kernel's keyrings
 *
 * ALG_SET_KEY_BY_KEY_SERIAL hands an algorithm the bytes of a key that user
 * space can name but need not be able to read.
 *
 * Lock order: socket lock, then key->sem.  The reverse is not allowed: AF_ALG
 * touches user memory under the socket lock, and a page fault may end up in a
 * file system that wants a key.
 *
 * Waiting for a key that is still being built comes before either lock, since
 * user space decides how long that takes.  The same goes for key->sem: it may be
 * held by a task that reads an encrypted key, whose master user space builds, and
 * once a writer queues behind that task, a reader waits for both.  So nobody
 * waits for key->sem with a socket locked.
 */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/key.h>
#include <linux/key-type.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/rwsem.h>
#include <linux/string.h>
#include <crypto/if_alg.h>
#include <keys/encrypted-type.h>
#include <keys/user-type.h>
/* Last, since it redefines pr_fmt and claims short macro names. */
#include <keys/trusted-type.h>

#include "af_alg_key.h"
#include "af_alg_key_symmetric.h"

/* The secret inside a key's payload: good for as long as key->sem is held. */
struct key_bytes {
	const u8 *data;
	unsigned int len;
};

typedef struct key_bytes key_view_t(const void *payload);

static struct key_bytes af_alg_view_user(const void *payload)
{
	const struct user_key_payload *user = payload;

	return (struct key_bytes){ user->data, user->datalen };
}

/* The plaintext: reading the key gives user space no more than a sealed blob. */
static struct key_bytes af_alg_view_encrypted(const void *payload)
{
	const struct encrypted_key_payload *encrypted = payload;

	return (struct key_bytes){ encrypted->decrypted_data,
				   encrypted->decrypted_datalen };
}

/* The array is one byte longer than any key, so only key_len tells the size. */
static struct key_bytes af_alg_view_trusted(const void *payload)
{
	const struct trusted_key_payload *trusted = payload;

	return (struct key_bytes){ trusted->key, trusted->key_len };
}

/*
 * Encrypted and trusted keys are known by name, since their types may live in
 * modules that this file must neither need nor load.  No other type gives its
 * payload away: a key made for one purpose must not become an oracle here.
 */
static key_view_t *af_alg_find_view(const struct key_type *type)
{
	if (type == &key_type_user || type == &key_type_logon)
		return af_alg_view_user;
	if (!strcmp(type->name, "encrypted"))
		return af_alg_view_encrypted;
	if (!strcmp(type->name, "trusted"))
		return af_alg_view_trusted;
	return NULL;
}

/*
 * Called with the socket locked and key->sem held for reading.
 *
 * Let the algorithm take the key from where it is.  Nothing is copied, so there
 * is nothing to wipe, and neither an update nor a revocation can come between
 * the check and the use.
 *
 * key->sem also makes key->type safe to look at.  A type's module goes away
 * only after every key of the type was turned into a dead one under that
 * semaphore, and key_validate() refuses those.
 */
static int af_alg_set_key(const struct alg_sock *ask, struct key *key)
{
	struct key_bytes bytes;
	const void *payload;
	key_view_t *view;
	int err;

	err = key_validate(key);
	if (err)
		return err;

	view = af_alg_find_view(key->type);
	if (!view)
		return -ENOPROTOOPT;

	payload = dereference_key_locked(key);
	if (!payload)
		return -EKEYREVOKED;

	bytes = view(payload);
	return ask->type->setkey(ask->private, bytes.data, bytes.len);
}

/* Op sockets that have begun to work with a key rely on it to stay. */
static int af_alg_check_keyable(const struct alg_sock *ask)
{
	if (af_alg_key_is_used(ask))
		return -EBUSY;
	if (!ask->type || !ask->type->setkey)
		return -ENOPROTOOPT;
	return 0;
}

/*
 * Returns false if a task has key->sem to itself or waits to have it, else true
 * with the result in *@err.
 */
static bool af_alg_try_set_key(struct sock *sk, struct key *key, int *err)
{
	struct af_alg_symmetric *old = NULL;
	struct alg_sock *ask = alg_sk(sk);
	bool done = true;

	lock_sock(sk);
	*err = af_alg_check_keyable(ask);
	if (*err)
		goto out;

	done = down_read_trylock(&key->sem);
	if (done) {
		*err = af_alg_set_key(ask, key);
		up_read(&key->sem);
		if (!*err)
			old = af_alg_symmetric_take(ask);
	}
out:
	release_sock(sk);
	af_alg_symmetric_put(old);
	return done;
}

/*
 * Wait with nothing locked until key->sem can be had.  A fatal signal ends the
 * wait, so it does no harm that others may be faster again and again.
 */
static int af_alg_set_key_or_wait(struct sock *sk, struct key *key)
{
	int err;

	while (!af_alg_try_set_key(sk, key, &err)) {
		err = down_read_killable(&key->sem);
		if (err)
			return err;
		up_read(&key->sem);
	}
	return err;
}

/*
 * A program that may search for a key may use it.  The state of a key is told before
 * that permission is asked, here as everywhere that takes a serial: callers
 * learn nothing that keyctl(2) would not tell them.
 */
static struct key *af_alg_find_key(sockptr_t optval, unsigned int optlen)
{
	key_serial_t serial;
	key_ref_t ref;

	if (optlen != sizeof(serial))
		return ERR_PTR(-EINVAL);
	if (copy_from_sockptr(&serial, optval, sizeof(serial)))
		return ERR_PTR(-EFAULT);

	ref = lookup_user_key(serial, 0, KEY_NEED_SEARCH);
	if (IS_ERR(ref))
		return ERR_CAST(ref);
	return key_ref_to_ptr(ref);
}

/**
 * af_alg_set_key_by_serial - Key an algorithm from a key in the keyrings
 * @sock: an AF_ALG socket made by socket(2), bound to an algorithm
 * @optval: where the serial is, a key_serial_t
 * @optlen: size of what is at @optval, in bytes
 *
 * Answers ALG_SET_KEY_BY_KEY_SERIAL.  The caller needs Search permission on the
 * key, which must be of type user, logon, encrypted or trusted.  The socket
 * keeps no link to the key: what becomes of the key later does not matter to it.
 * A symmetric key has to be for the socket's algorithm; the socket ends with it.
 *
 * While user space builds the key, the socket stays free for others.  So what
 * was asked of the socket before that is asked again after it, and a bind(2)
 * that came in between decides which algorithm gets the key.
 *
 * Context: Process context, may sleep.  Takes the socket lock, and key->sem for
 *          reading inside it, which it never waits for there; the caller holds
 *          neither.
 * Return: 0, or -EBUSY, -ENOPROTOOPT, -EINVAL, -EFAULT, -ENOKEY, -ERESTARTSYS,
 *         -EINTR, -EKEYREVOKED, -EKEYEXPIRED, -EIO, -EACCES, -EKEYREJECTED, the
 *         error a key was rejected with, or the algorithm's own error.
 */
int af_alg_set_key_by_serial(struct socket *sock, sockptr_t optval,
			     unsigned int optlen)
{
	struct sock *sk = sock->sk;
	struct alg_sock *ask = alg_sk(sk);
	struct key *key;
	bool slow;
	int err;

	slow = lock_sock_fast(sk);
	err = af_alg_check_keyable(ask);
	unlock_sock_fast(sk, slow);
	if (err)
		return err;

	key = af_alg_find_key(optval, optlen);
	if (IS_ERR(key))
		return PTR_ERR(key);

	if (af_alg_is_symmetric(key))
		err = af_alg_symmetric_set(sk, key, af_alg_check_keyable);
	else
		err = af_alg_set_key_or_wait(sk, key);
	key_put(key);
	return err;
}
EXPORT_SYMBOL_GPL(af_alg_set_key_by_serial);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("AF_ALG keys by serial");
