/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLS: traffic secrets of TLS 1.3 that a socket takes by their serial
 *
 * The socket's own transforms, IVs and crypto information stay empty then.  What
 * asks for one of them asks here.
 */
#ifndef _TLS_SECRET_H
#define _TLS_SECRET_H

#include <crypto/aead.h>
#include <net/tls.h>

struct tls_secret;

#ifdef CONFIG_TLS_KEY_SERIAL

struct tls_secret *tls_secret_get(struct sock *sk, sockptr_t optval,
				  unsigned int optlen, bool tx);
void tls_secret_info(struct tls_secret *secret, struct tls_crypto_info *info);
int tls_secret_take(struct tls_secret *secret, char *rec_seq);
int tls_secret_enter(struct tls_secret *secret, struct aead_request *req,
		     u8 *nonce, const char *rec_seq);
void tls_secret_leave(struct tls_secret *secret, struct aead_request *req,
		      u8 *nonce, int err);
unsigned int tls_secret_reqsize(struct tls_secret *secret);
int tls_secret_ended(struct tls_context *ctx);
int tls_secret_refused(struct tls_context *ctx, int err);
void tls_secret_put(struct tls_secret *secret);

#else /* !CONFIG_TLS_KEY_SERIAL */

static inline struct tls_secret *tls_secret_get(struct sock *sk,
						sockptr_t optval,
						unsigned int optlen, bool tx)
{
	return ERR_PTR(-ENOPROTOOPT);
}

static inline void tls_secret_info(struct tls_secret *secret,
				   struct tls_crypto_info *info)
{
}

static inline int tls_secret_take(struct tls_secret *secret, char *rec_seq)
{
	return -EOPNOTSUPP;
}

static inline int tls_secret_enter(struct tls_secret *secret,
				   struct aead_request *req, u8 *nonce,
				   const char *rec_seq)
{
	return -EOPNOTSUPP;
}

static inline void tls_secret_leave(struct tls_secret *secret,
				    struct aead_request *req, u8 *nonce, int err)
{
}

static inline unsigned int tls_secret_reqsize(struct tls_secret *secret)
{
	return 0;
}

static inline int tls_secret_ended(struct tls_context *ctx)
{
	return 0;
}

static inline int tls_secret_refused(struct tls_context *ctx, int err)
{
	return err;
}

static inline void tls_secret_put(struct tls_secret *secret)
{
}

#endif /* CONFIG_TLS_KEY_SERIAL */

/* All sealed records of TLS 1.3 look like data: RFC 8446, 5.2. */
static inline bool tls_secret_allows(const struct tls_context *ctx, u8 type)
{
	return likely(!ctx->rx_secret) || type == TLS_RECORD_TYPE_DATA;
}

/*
 * Let @req be made, by a transform of the socket's or by that of a secret, which
 * waits for its completion before it ends.
 */
static inline int tls_secret_begin(struct tls_secret *secret,
				   struct crypto_aead *aead,
				   struct aead_request *req, u8 *nonce,
				   const char *rec_seq)
{
	if (unlikely(secret))
		return tls_secret_enter(secret, req, nonce, rec_seq);
	aead_request_set_tfm(req, aead);
	return 0;
}

/* @req has its completion: @err.  Nothing is to be found in what is freed. */
static inline void tls_secret_done(struct tls_secret *secret,
				   struct aead_request *req, u8 *nonce, int err)
{
	if (unlikely(secret))
		tls_secret_leave(secret, req, nonce, err);
}

static inline unsigned int tls_secret_room(struct tls_secret *secret,
					   struct crypto_aead *aead)
{
	return unlikely(secret) ? tls_secret_reqsize(secret) :
				  crypto_aead_reqsize(aead);
}

/*
 * What a call returns that has moved nothing: whether the socket's error was read
 * by somebody else, or it looks like the end of the stream, a secret's end is told.
 */
static inline int tls_secret_result(struct tls_context *ctx, int ret)
{
	return ret > 0 ? ret : tls_secret_ended(ctx) ?: ret;
}

#endif /* _TLS_SECRET_H */
