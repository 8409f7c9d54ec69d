/* SPDX-License-Identifier: GPL-2.0-only */
/* ClientHello, ServerHello and HelloRetryRequest (RFC 8446, 4.1 and 4.2). */
#ifndef KEYED_TLS_HELLO_H
#define KEYED_TLS_HELLO_H

#include "bytes.h"
#include "protocol.h"
#include "suite.h"

/*
 * struct verdict - what is thought of a message
 * @alert:	why it is refused, or 0 if it is good
 * @why:	what the other end did, in words
 */
struct verdict {
	int alert;
	const char *why;
};

/*
 * struct extensions - a list of extensions, none of which is there twice
 * @list:	those that were not read yet
 * @types:	types of those that were
 * @count:	how many these are
 */
struct extensions {
	struct reader list;
	uint16_t types[EXTENSIONS_MAX];
	size_t count;
};

/* The next one; false at the end, or with a verdict that is not good. */
bool next_extension(struct extensions *extensions, int *type,
		    struct reader *body, struct verdict *verdict);

/*
 * struct client_hello - what a client wants
 * @random:	its random bytes
 * @session:	legacy_session_id, which it wants to see again
 * @suites:	its cipher suites
 * @tls13:	it speaks TLS 1.3
 * @groups:	its groups
 * @shares:	its public keys
 * @pss:	it takes rsa_pss_rsae_sha256
 * @modes:	it can resume with an agreement
 * @has:	which of groups, shares, signatures and PSKs there were
 * @identities:	tickets that it has
 * @binders:	a binder for each of them
 * @bound:	bytes of the message that the binders are over
 * @same:	hash of what a second hello has to have as the first one
 */
struct client_hello {
	const uint8_t *random;
	struct reader session;
	struct reader suites;
	bool tls13;
	struct reader groups;
	struct reader shares;
	bool pss;
	bool modes;
	struct {
		bool groups, shares, signatures, psk, modes;
	} has;
	struct reader identities;
	struct reader binders;
	size_t bound;
	uint8_t same[32];
};

/* @message is the whole message, and @size its size. */
struct verdict parse_client_hello(const uint8_t *message, size_t size,
				  struct client_hello *hello);

/* Whether a list of numbers of two bytes has one. */
bool has_number(struct reader list, uint16_t number);

/* The public key of a group, if the client gave one; its size is the group's. */
struct verdict find_share(const struct client_hello *hello,
			  const struct group *group, const uint8_t **public);

/*
 * struct server_hello - what a server has chosen
 * @retry:	it is a HelloRetryRequest
 * @session:	legacy_session_id_echo
 * @suite:	cipher suite
 * @group:	group, or NULL
 * @public:	its public key, NULL in a HelloRetryRequest
 * @psk:	it takes the ticket
 * @cookie:	what it wants to see again, of no bytes if there is none
 */
struct server_hello {
	bool retry;
	struct reader session;
	const struct suite *suite;
	const struct group *group;
	const uint8_t *public;
	bool psk;
	struct reader cookie;
};

struct verdict parse_server_hello(const uint8_t *message, size_t size,
				  struct server_hello *hello);

/* A message's header, and what begins a hello of either end. */
void write_message(struct writer *to, enum message_type type);
void write_hello(struct writer *to, enum message_type type,
		 const uint8_t *random);

/* The random bytes of a HelloRetryRequest */
extern const uint8_t retry_random[RANDOM_SIZE];

#endif /* KEYED_TLS_HELLO_H */
