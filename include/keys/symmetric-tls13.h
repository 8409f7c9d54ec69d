/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traffic secrets of TLS 1.3, for connections that take one each way: sinks
 *
 *	err = symmetric_tls13_get(secret, serial);	under no lock of the connection
 *	err = symmetric_tls13_take(secret);	once; it counts on from secret->number
 *	...
 *	err = symmetric_tls13_enter(secret, number, nonce);	each record
 *	if (!err) {
 *		... the request with secret->aead, until its completion ...
 *		symmetric_tls13_leave(secret, err);
 *	}
 *	...
 *	symmetric_tls13_put(secret);
 */
#ifndef _KEYS_SYMMETRIC_TLS13_H
#define _KEYS_SYMMETRIC_TLS13_H

#include <keys/symmetric-type.h>

struct crypto_aead;

/* Bytes of a record's nonce */
#define SYMMETRIC_TLS13_NONCE	12

/**
 * struct symmetric_tls13 - a traffic secret that a connection takes
 * @sink: what the secret knows of it
 * @sk: the secret
 * @use: what the connection does: SYMMETRIC_USE_SEAL or SYMMETRIC_USE_OPEN
 * @kick: called when the secret ends, as the operation of sinks
 * @suite: what TLS calls the cipher suite
 * @request_size: bytes behind a request of @aead
 * @number: that of the next record when the connection took the secret
 * @aead: seals or opens records.  To be read in a bracket only; NULL once the
 *	secret has ended.
 *
 * The connection sets @use and @kick, and zeroes the rest.
 */
struct symmetric_tls13 {
	struct symmetric_sink sink;
	struct symmetric_key *sk;
	u32 use;
	void (*kick)(struct symmetric_tls13 *secret);
	u16 suite;
	unsigned int request_size;
	u64 number;
	struct crypto_aead *aead;
};

int symmetric_tls13_get(struct symmetric_tls13 *secret, key_serial_t serial);
int symmetric_tls13_take(struct symmetric_tls13 *secret);
int symmetric_tls13_enter(struct symmetric_tls13 *secret, u64 number,
			  u8 nonce[SYMMETRIC_TLS13_NONCE]);
void symmetric_tls13_leave(struct symmetric_tls13 *secret, int err);
void symmetric_tls13_forged(struct symmetric_tls13 *secret);
void symmetric_tls13_put(struct symmetric_tls13 *secret);

/**
 * symmetric_tls13_dead - tell why a connection has come to its end
 * @secret: a secret that it has, or NULL
 *
 * Return: 0, -EKEYREVOKED or -EKEYEXPIRED
 */
static inline int symmetric_tls13_dead(struct symmetric_tls13 *secret)
{
	return secret ? symmetric_dead(secret->sk) : 0;
}

#endif /* _KEYS_SYMMETRIC_TLS13_H */
