// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLS: traffic secrets of TLS 1.3 that a socket takes by their serial
 *
 * The socket never has the secret's bytes: its records are sealed or opened by the
 * secret's transform, each in a bracket.  The secret's end is the connection's, for
 * good.  Setting the socket's error is not enough for that, as reading it clears
 * it.  So each call asks the secret, and TCP is made to abort, which has to wait
 * for the socket's lock and is left to a worker.
 *
 * Locks: the key is looked up before the socket is locked.  The secret is taken
 * under the socket's lock, inside of which is sinks_mutex.  Whoever ends the secret
 * has sinks_mutex and takes no lock of the socket.
 */

#include <keys/symmetric-tls13.h>
#include <linux/slab.h>
#include <linux/symmetric_key.h>
#include <linux/workqueue.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "tls.h"
#include "tls_secret.h"

/**
 * struct tls_secret - a traffic secret that a socket takes
 * @tls13: the secret
 * @sk: the socket, which has it until it is closed
 * @reason: why the secret has ended, for @abort
 * @abort: aborts the connection once the secret has ended
 */
struct tls_secret {
	struct symmetric_tls13 tls13;
	struct sock *sk;
	int reason;
	struct delayed_work abort;
};

/* The pause before the next look at a socket that is locked */
#define TLS_SECRET_PAUSE	(HZ / 10)

/*
 * A user keeps the lock for as long as he likes: a call that copies has it while a
 * page of his is fetched.  Some hundreds of workers that wait for such locks would
 * stop all other work of their kind, so none waits.
 */
static void tls_secret_abort(struct work_struct *work)
{
	struct tls_secret *secret = container_of(to_delayed_work(work),
						 struct tls_secret, abort);

	if (!tcp_try_abort(secret->sk, -secret->reason))
		symmetric_queue(&secret->abort, TLS_SECRET_PAUSE);
}

/*
 * A task that sleeps for room or for a record wakes up now, even if another one has
 * locked the socket.  The socket is there: it gives the secret back before it goes.
 */
static void tls_secret_kick(struct symmetric_tls13 *tls13)
{
	struct tls_secret *secret = container_of(tls13, struct tls_secret, tls13);

	secret->reason = symmetric_tls13_dead(tls13);
	tls_err_abort(secret->sk, secret->reason);
	symmetric_queue(&secret->abort, 0);
}

static int tls_secret_read(sockptr_t optval, unsigned int optlen,
			   key_serial_t *serial)
{
	if (sockptr_is_null(optval) || optlen != sizeof(*serial))
		return -EINVAL;
	if (copy_from_sockptr(serial, optval, sizeof(*serial)))
		return -EFAULT;
	return 0;
}

/**
 * tls_secret_get - look the secret up that an option names
 * @sk: the socket
 * @optval: the option's value, a serial
 * @optlen: its size
 * @tx: the socket seals, and does not open
 *
 * Context: process.  The socket is not locked: this may wait for the key.
 * Return: the secret, to be given back by tls_secret_put(); -EINVAL, -EFAULT,
 * -ENOBUFS, -EKEYREJECTED, or an error of the look-up
 */
struct tls_secret *tls_secret_get(struct sock *sk, sockptr_t optval,
				  unsigned int optlen, bool tx)
{
	struct tls_secret *secret;
	key_serial_t serial;
	int err;

	err = tls_secret_read(optval, optlen, &serial);
	if (err)
		return ERR_PTR(err);
	/* The key's owner is charged no more once the key is collected. */
	secret = sock_kmalloc(sk, sizeof(*secret), GFP_KERNEL);
	if (!secret)
		return ERR_PTR(-ENOBUFS);
	memset(secret, 0, sizeof(*secret));
	secret->sk = sk;
	INIT_DELAYED_WORK(&secret->abort, tls_secret_abort);
	secret->tls13.use = tx ? SYMMETRIC_USE_SEAL : SYMMETRIC_USE_OPEN;
	secret->tls13.kick = tls_secret_kick;
	err = symmetric_tls13_get(&secret->tls13, serial);
	if (!err)
		return secret;
	sock_kfree_s(sk, secret, sizeof(*secret));
	return ERR_PTR(err);
}

static u16 tls_secret_cipher(const struct tls_secret *secret)
{
	switch (secret->tls13.suite) {
	case 0x1301:
		return TLS_CIPHER_AES_GCM_128;
	case 0x1302:
		return TLS_CIPHER_AES_GCM_256;
	case 0x1303:
		return TLS_CIPHER_CHACHA20_POLY1305;
	default:
		return 0;
	}
}

/**
 * tls_secret_info - tell what the socket is to do
 * @secret: the secret
 * @info: receives version and cipher; what is behind them stays empty
 */
void tls_secret_info(struct tls_secret *secret, struct tls_crypto_info *info)
{
	info->version = TLS_1_3_VERSION;
	info->cipher_type = tls_secret_cipher(secret);
}

/**
 * tls_secret_take - take the secret for its socket
 * @secret: the secret
 * @rec_seq: receives the number of the next record, on success
 *
 * Context: process, under the socket's lock
 * Return: 0, -EKEYREVOKED, -EKEYEXPIRED or -EALREADY
 */
int tls_secret_take(struct tls_secret *secret, char *rec_seq)
{
	int err = symmetric_tls13_take(&secret->tls13);
	__be64 number = cpu_to_be64(secret->tls13.number);

	if (!err)
		memcpy(rec_seq, &number, sizeof(number));
	return err;
}

/**
 * tls_secret_enter - let a record be sealed or opened
 * @secret: the secret, which the socket has taken
 * @req: the request, for which there is as much room as tls_secret_reqsize() tells;
 *	receives the transform
 * @nonce: receives the record's nonce
 * @rec_seq: the record's number
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
int tls_secret_enter(struct tls_secret *secret, struct aead_request *req,
		     u8 *nonce, const char *rec_seq)
{
	__be64 number;
	int err;

	BUILD_BUG_ON(sizeof(number) != TLS_MAX_REC_SEQ_SIZE);

	memcpy(&number, rec_seq, sizeof(number));
	err = symmetric_tls13_enter(&secret->tls13, be64_to_cpu(number), nonce);
	if (!err)
		aead_request_set_tfm(req, secret->tls13.aead);
	return err;
}

/**
 * tls_secret_leave - a record was sealed or opened
 * @secret: the secret
 * @req: the request, which is wiped
 * @nonce: the record's nonce, which is wiped
 * @err: 0, or the error of the request
 *
 * Context: any, softirq included
 */
void tls_secret_leave(struct tls_secret *secret, struct aead_request *req,
		      u8 *nonce, int err)
{
	memzero_explicit(req->__ctx, secret->tls13.request_size);
	memzero_explicit(nonce, SYMMETRIC_TLS13_NONCE);
	symmetric_tls13_leave(&secret->tls13, err);
}

/**
 * tls_secret_reqsize - as crypto_aead_reqsize(), also once the secret has ended
 * @secret: the secret
 *
 * Return: bytes
 */
unsigned int tls_secret_reqsize(struct tls_secret *secret)
{
	return secret->tls13.request_size;
}

static int tls_secret_dead(struct tls_secret *secret)
{
	return secret ? symmetric_tls13_dead(&secret->tls13) : 0;
}

/**
 * tls_secret_ended - tell why a connection is at its end
 * @ctx: the socket's context
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
int tls_secret_ended(struct tls_context *ctx)
{
	return tls_secret_dead(ctx->tx_secret) ?:
	       tls_secret_dead(ctx->rx_secret);
}

/**
 * tls_secret_refused - a record came that can be none of the secret's
 * @ctx: the socket's context
 * @err: the error that a socket without a secret has
 *
 * A forged record ends the secret, also if its header tells.
 *
 * Context: any, softirq included
 * Return: @err, or -EBADMSG if there is a secret
 */
int tls_secret_refused(struct tls_context *ctx, int err)
{
	if (!ctx->rx_secret)
		return err;
	symmetric_tls13_forged(&ctx->rx_secret->tls13);
	return -EBADMSG;
}

/**
 * tls_secret_put - give a secret back
 * @secret: the secret, or NULL
 *
 * Context: process.  The socket is there and not locked, and has no requests.
 */
void tls_secret_put(struct tls_secret *secret)
{
	if (!secret)
		return;
	symmetric_tls13_put(&secret->tls13);
	/* It is queued by itself only, as no kick comes. */
	cancel_delayed_work_sync(&secret->abort);
	sock_kfree_s(secret->sk, secret, sizeof(*secret));
}
