/* SPDX-License-Identifier: GPL-2.0-only */
/* The client's half of a handshake. */
#ifndef KEYED_TLS_CLIENT_H
#define KEYED_TLS_CLIENT_H

#include "certificate.h"
#include "channel.h"
#include "session.h"

/*
 * struct client - a client's connection
 * @channel:	the connection
 * @trust:	whom it believes
 * @host:	name or address of the server
 * @named:	it is a name, which the server is told
 * @only:	the one suite it offers, or NULL
 * @groups:	groups it offers
 * @group_count: how many
 * @group:	the one that it has a share of: the first, or what the server wants
 * @sessions:	where it keeps sessions; its keyring is 0 if it keeps none
 * @session:	the session that it tries to resume
 * @resumed:	the server takes it
 * @retried:	the server wanted another hello
 * @pair:	its key pair
 * @suite:	the suite that the server chose
 * @random:	its random bytes
 */
struct client {
	struct channel channel;
	struct trust trust;
	const char *host;
	bool named;
	const struct suite *only;
	const struct group *groups[GROUPS];
	size_t group_count;
	const struct group *group;
	struct sessions sessions;
	struct session session;
	bool resumed;
	bool retried;
	key_serial pair;
	const struct suite *suite;
	uint8_t random[RANDOM_SIZE];
};

/* After it, the channel takes and gives data. */
void client_handshake(struct client *client);

#endif /* KEYED_TLS_CLIENT_H */
