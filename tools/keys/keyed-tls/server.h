/* SPDX-License-Identifier: GPL-2.0-only */
/* The server's half of a handshake. */
#ifndef KEYED_TLS_SERVER_H
#define KEYED_TLS_SERVER_H

#include "channel.h"
#include "session.h"

/*
 * struct server - a server's connection
 * @channel:	the connection
 * @key:	RSA key that signs
 * @certificate: what the Certificate message has behind its header
 * @certificate_size: bytes of that
 * @only:	the one suite it takes, or NULL
 * @groups:	groups it takes, in the order it likes them
 * @group_count: how many
 * @tickets:	keyring of tickets, or 0 if it gives none
 * @life:	seconds that a ticket lives
 * @suite:	the suite that was chosen
 * @group:	the group that was chosen
 * @resumed:	the client has a ticket
 * @retried:	the client was asked for another hello
 * @modes:	the client has a use for tickets
 * @same:	hash of what the second hello has as the first
 */
struct server {
	struct channel channel;
	key_serial key;
	const uint8_t *certificate;
	size_t certificate_size;
	const struct suite *only;
	const struct group *groups[GROUPS];
	size_t group_count;
	key_serial tickets;
	uint32_t life;
	const struct suite *suite;
	const struct group *group;
	bool resumed;
	bool retried;
	bool modes;
	uint8_t same[32];
};

/* After it, the channel takes and gives data. */
void server_handshake(struct server *server);

#endif /* KEYED_TLS_SERVER_H */
