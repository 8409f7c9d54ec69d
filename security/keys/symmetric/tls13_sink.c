// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: traffic secrets that connections take
 *
 * A connection has the secret's own transform, which ends with the secret.  It
 * takes the number of the next record in the same step, so nobody else has a number
 * from then on.
 */

#include <crypto/aead.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/key.h>

#include <keys/symmetric-tls13.h>

#include "symmetric.h"
#include "tls13.h"

static struct symmetric_tls13 *tls13_sink_of(struct symmetric_sink *sink)
{
	return container_of(sink, struct symmetric_tls13, sink);
}

static void tls13_sink_kick(struct symmetric_sink *sink)
{
	struct symmetric_tls13 *secret = tls13_sink_of(sink);

	secret->kick(secret);
}

/* The transform is the secret's, which frees it next. */
static void tls13_sink_free(struct symmetric_sink *sink)
{
	tls13_sink_of(sink)->aead = NULL;
}

static const struct symmetric_sink_ops tls13_sink_ops = {
	.kick = tls13_sink_kick,
	.free = tls13_sink_free,
};

static bool tls13_sink_wants(const struct symmetric_tls13 *secret,
			     const struct symmetric_key *sk)
{
	return sk->tls && tls13_is_traffic(sk->tls->kind) &&
	       sk->uses & secret->use;
}

/**
 * tls13_sink_init - name the secret that a connection wants
 * @secret: as struct symmetric_tls13 has it
 * @sk: a key, of any algorithm, with a reference for @secret
 *
 * Return: 0, or -EKEYREJECTED if it is no such secret
 */
int tls13_sink_init(struct symmetric_tls13 *secret, struct symmetric_key *sk)
{
	if (!tls13_sink_wants(secret, sk))
		return -EKEYREJECTED;
	secret->sink.ops = &tls13_sink_ops;
	secret->sk = sk;
	secret->suite = sk->tls->suite->code;
	secret->request_size = sk->tls->request_size -
			       sizeof(struct aead_request);
	return 0;
}

/**
 * symmetric_tls13_get - look a traffic secret up
 * @secret: as struct symmetric_tls13 has it; receives suite and size of requests
 * @serial: serial of the key
 *
 * A secret that has ended is found as well: taking it tells.
 *
 * Context: process, under no lock.  Waits for a key that is being made.
 * Return: 0, -EKEYREJECTED if it is no such secret, or an error of the look-up
 */
int symmetric_tls13_get(struct symmetric_tls13 *secret, key_serial_t serial)
{
	key_ref_t ref = lookup_user_key(serial, 0, KEY_NEED_SEARCH);
	struct symmetric_key *sk;
	int err;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	sk = symmetric_key_get(key_ref_to_ptr(ref));
	key_ref_put(ref);
	if (IS_ERR(sk))
		return PTR_ERR(sk);
	err = tls13_sink_init(secret, sk);
	if (err)
		symmetric_key_put(sk);
	return err;
}
EXPORT_SYMBOL_GPL(symmetric_tls13_get);

/* Under sinks_mutex: the secret lives, and its bytes are needed no more. */
static int tls13_sink_take(struct symmetric_sink *sink, const u8 *bytes,
			   size_t size)
{
	struct symmetric_tls13 *secret = tls13_sink_of(sink);
	struct tls13 *tls = secret->sk->tls;
	s64 number = atomic64_xchg(&tls->number, TLS13_TAKEN);

	if (number < 0)
		return -EALREADY;
	if (number >= tls->suite->records)
		return -EKEYEXPIRED;
	secret->number = number;
	secret->aead = tls->aead;
	return 0;
}

/**
 * symmetric_tls13_take - take a secret, and the number of its next record
 * @secret: what symmetric_tls13_get() has found
 *
 * Context: process, under any lock but a key's
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED if it has ended, -EALREADY if it was
 * taken, -EKEYEXPIRED if there is no number left, which ends it
 */
int symmetric_tls13_take(struct symmetric_tls13 *secret)
{
	struct symmetric_key *sk = secret->sk;
	const struct symmetric_purpose purpose = {
		.alg = sk->alg->name,
		.use = secret->use,
	};
	int err;

	err = symmetric_sink_attach(&secret->sink, sk, &purpose,
				    tls13_sink_take);
	if (err == -EKEYEXPIRED)
		symmetric_end(sk, -EKEYEXPIRED);
	return err;
}
EXPORT_SYMBOL_GPL(symmetric_tls13_take);

/**
 * symmetric_tls13_enter - begin a bracket for one record
 * @secret: a secret that was taken
 * @number: the record's number
 * @nonce: receives the record's nonce, on success
 *
 * Context: any, softirq included
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
int symmetric_tls13_enter(struct symmetric_tls13 *secret, u64 number,
			  u8 nonce[SYMMETRIC_TLS13_NONCE])
{
	struct symmetric_key *sk = secret->sk;
	int err;

	BUILD_BUG_ON(SYMMETRIC_TLS13_NONCE != TLS13_IV_SIZE);

	if (number >= sk->tls->suite->records)
		symmetric_end(sk, -EKEYEXPIRED);
	err = symmetric_enter(sk);
	if (!err)
		tls13_nonce(sk->tls, number, nonce);
	return err;
}
EXPORT_SYMBOL_GPL(symmetric_tls13_enter);

/**
 * symmetric_tls13_leave - end a bracket
 * @secret: a secret that was taken
 * @err: 0, or the error of the request
 *
 * A forgery ends the secret, as it ends the connection.  So does a record that could
 * not be sealed: another one would have its number.
 *
 * Context: any, softirq included
 */
void symmetric_tls13_leave(struct symmetric_tls13 *secret, int err)
{
	if (err == -EBADMSG || (err && secret->use == SYMMETRIC_USE_SEAL))
		symmetric_end(secret->sk, -EKEYREVOKED);
	symmetric_leave(secret->sk);
}
EXPORT_SYMBOL_GPL(symmetric_tls13_leave);

/**
 * symmetric_tls13_forged - end a secret whose connection was sent a forgery
 * @secret: a secret that was taken
 *
 * Context: any, softirq included
 */
void symmetric_tls13_forged(struct symmetric_tls13 *secret)
{
	symmetric_end(secret->sk, -EKEYREVOKED);
}
EXPORT_SYMBOL_GPL(symmetric_tls13_forged);

/**
 * symmetric_tls13_put - give a secret back, which ends it if it was taken
 * @secret: what symmetric_tls13_get() has found, and whose requests have ended
 *
 * No kick comes any more.  A call of keyctl(2) may still be in a request from before
 * the secret was taken; closing a file must not wait for that.
 *
 * Context: process, under no lock of the connection that requests take
 */
void symmetric_tls13_put(struct symmetric_tls13 *secret)
{
	if (secret->sink.sk) {
		symmetric_sink_detach(&secret->sink);
		symmetric_end(secret->sk, -EKEYREVOKED);
	}
	symmetric_key_put(secret->sk);
}
EXPORT_SYMBOL_GPL(symmetric_tls13_put);
