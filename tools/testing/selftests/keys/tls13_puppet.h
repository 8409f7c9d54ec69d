/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An end of TLS 1.3 that does what it is told, be it right or wrong.  Its keys are
 * OpenSSL's work (tls13_crypto.h), its messages are made here.
 */
#ifndef SELFTESTS_KEYS_TLS13_PUPPET_H
#define SELFTESTS_KEYS_TLS13_PUPPET_H

#include "tls13_crypto.h"

#define PUPPET_TEXT_MAX	40000

enum { SPEC = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };
enum {
	CLIENT_HELLO = 1, SERVER_HELLO = 2, NEW_SESSION_TICKET = 4,
	ENCRYPTED_EXTENSIONS = 8, CERTIFICATE = 11, CERTIFICATE_REQUEST = 13,
	CERTIFICATE_VERIFY = 15, FINISHED = 20, KEY_UPDATE = 24,
};
enum {
	EXT_GROUPS = 10, EXT_SIGNATURES = 13, EXT_PSK = 41, EXT_EARLY_DATA = 42,
	EXT_VERSIONS = 43, EXT_COOKIE = 44, EXT_PSK_MODES = 45, EXT_KEY_SHARE = 51,
};
enum { X25519 = 0x1d, P256 = 0x17 };

/* struct text - bytes that are written */
struct text {
	size_t size;
	uint8_t bytes[PUPPET_TEXT_MAX];
};

void put(struct text *text, const void *bytes, size_t size);
void put_number(struct text *text, unsigned int number, size_t size);
/* Room for a length, and that length once what it is of was put. */
size_t put_later(struct text *text, size_t size);
void put_length(struct text *text, size_t at, size_t size);
void put_extension(struct text *text, int type, const void *bytes, size_t size);
unsigned int get_number(const uint8_t *at, size_t size);

/*
 * struct puppet - an end of a connection
 * @fd:		socket
 * @server:	it is the server
 * @suite:	its suite
 * @messages:	all messages so far
 * @pair:	its X25519 pair, or none yet
 * @session:	legacy_session_id
 * @share:	the other end's public key
 * @psk:	the PSK that is used, or NULL
 * @own:	traffic secret of what it sends
 * @peer:	traffic secret of what it gets
 * @has_own:	what it sends is sealed
 * @has_peer:	what it gets is sealed
 * @own_number:	of the next record
 * @peer_number: of the next record
 * @record:	the last record that it sent
 */
struct puppet {
	int fd;
	bool server;
	const struct peer_suite *suite;
	struct text messages;
	EVP_PKEY *pair;
	struct text session;
	uint8_t share[PEER_PUBLIC_MAX];
	const uint8_t *psk;
	struct peer_secret early, handshake, master;
	struct peer_secret own, peer;
	bool has_own, has_peer;
	uint64_t own_number, peer_number;
	struct text record;
};

/* Bytes, or a record, which is sealed if there are keys. */
void puppet_raw(struct puppet *puppet, const void *bytes, size_t size);
void puppet_record(struct puppet *puppet, int type, const void *bytes,
		   size_t size);
/* The same with an inner of one's own. */
void puppet_inner(struct puppet *puppet, const void *inner, size_t size);

/* The next record's text and type; -1 at the end, -2 if it cannot be opened. */
int puppet_read(struct puppet *puppet, struct text *text);
/* The alert that comes sooner or later, or -1. */
int puppet_alert(struct puppet *puppet);

/* A message is begun, filled, and sent; it counts for the hash. */
void message_begin(struct text *message, int type);
void message_end(struct text *message);
void puppet_message(struct puppet *puppet, struct text *message);

void puppet_hash(const struct puppet *puppet, uint8_t hash[PEER_HASH_MAX]);

/* The keys of what follows the hellos, or Finished of the server. */
bool puppet_agree(struct puppet *puppet);
void puppet_application(struct puppet *puppet, struct peer_secret *own,
			struct peer_secret *peer);
void puppet_set_own(struct puppet *puppet, const struct peer_secret *secret);
void puppet_set_peer(struct puppet *puppet, const struct peer_secret *secret);
void puppet_next(struct puppet *puppet, bool own);

/* Alerts in the open: anybody between the two ends can say them. */
enum { WARNING = 1, FATAL = 2 };
void puppet_plain_alerts(struct puppet *puppet, int level, int alert, int count);

/* A KeyUpdate, without its change of keys. */
void puppet_update(struct puppet *puppet, int request);

/* Finished, with one bit turned around or not. */
void puppet_finished(struct puppet *puppet, bool wrong);

/* The body of CertificateVerify, by a key. */
void put_signature(const struct puppet *puppet, struct text *message,
		   EVP_PKEY *key);

#endif /* SELFTESTS_KEYS_TLS13_PUPPET_H */
