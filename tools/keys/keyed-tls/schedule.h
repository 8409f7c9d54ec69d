/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The key schedule (RFC 8446, 7.1) by serial numbers.  The kernel derives; what is
 * derived from is ended as soon as nothing more comes of it.
 */
#ifndef KEYED_TLS_SCHEDULE_H
#define KEYED_TLS_SCHEDULE_H

#include <stdbool.h>

#include "keys.h"
#include "protocol.h"
#include "suite.h"

/*
 * struct schedule - the secrets that a connection has now
 * @suite:	their suite
 * @server:	this end is the server
 * @early:	the early secret
 * @master:	the master secret
 * @own:	traffic secret of what is sent
 * @peer:	traffic secret of what is received
 * @res:	the resumption master secret
 */
struct schedule {
	const struct suite *suite;
	bool server;
	key_serial early;
	key_serial master;
	key_serial own;
	key_serial peer;
	key_serial res;
};

/* Begins a chain, of a @psk or without one (0).  One begun before ends. */
void schedule_begin(struct schedule *schedule, const struct suite *suite,
		    key_serial psk);

/* The binder of the PSK by a hash of the hello; the other end's is right or not. */
void schedule_binder(struct schedule *schedule, const uint8_t *hash,
		     uint8_t *binder);
bool schedule_is_binder(struct schedule *schedule, const uint8_t *hash,
			const uint8_t *binder);

/*
 * Agrees by a pair, which ends, and the peer's public key; then the schedule has
 * the traffic secrets of the handshake.  False if the key is no good.
 */
bool schedule_agree(struct schedule *schedule, key_serial *pair,
		    const uint8_t *public, size_t size, const uint8_t *hash);

/* Finished of this end; and whether the other end's is right. */
void schedule_finished(struct schedule *schedule, const uint8_t *hash,
		       uint8_t *mac);
bool schedule_is_finished(struct schedule *schedule, const uint8_t *hash,
			  const uint8_t *mac);

/* The traffic secrets of what follows the handshake. */
void schedule_application(struct schedule *schedule, const uint8_t *hash,
			  key_serial *own, key_serial *peer);

/* The resumption master secret, and PSKs that come of it in a keyring of others. */
void schedule_resumption(struct schedule *schedule, const uint8_t *hash);
key_serial schedule_psk(struct schedule *schedule, const uint8_t *nonce,
			size_t size, key_serial where, const char *name);

/* The next traffic secret; the one before has ended. */
void schedule_update(key_serial *traffic);

#endif /* KEYED_TLS_SCHEDULE_H */
