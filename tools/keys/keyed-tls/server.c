// SPDX-License-Identifier: GPL-2.0-only
#include <sys/random.h>

#include "error.h"
#include "server.h"

#define SIGNATURE_MAX	2048
/* More tickets of a client are not looked at */
#define TICKETS_LOOKED_AT	8

static void __attribute__((noreturn))
reject(struct server *server, enum alert alert, const char *why)
{
	channel_judge(&server->channel, (struct verdict){ alert, why });
	abort();
}

static void draw(void *bytes, size_t size)
{
	if (getrandom(bytes, size, 0) != (ssize_t)size)
		fail("cannot draw random bytes: %s", strerror(errno));
}

/* --- what is chosen ------------------------------------------------------- */

static bool has_ticket(const struct server *server,
		       const struct client_hello *hello,
		       const struct suite *suite)
{
	struct reader identities = hello->identities, ticket;

	for (int i = 0; i < TICKETS_LOOKED_AT && identities.left; i++) {
		ticket = read_vector(&identities, 2, 1, UINT16_MAX);
		read_number(&identities, 4);
		if (ticket_find(server->tickets, suite, &ticket))
			return true;
	}
	return false;
}

/* A suite by whose hash the client can resume comes first, and then the table's order. */
static void choose_suite(struct server *server, const struct client_hello *hello)
{
	const struct suite *first = NULL;

	for (int i = 0; i < SUITES; i++) {
		if ((server->only && server->only != &suites[i]) ||
		    !has_number(hello->suites, suites[i].code))
			continue;
		server->suite = &suites[i];
		if (server->tickets && has_ticket(server, hello, &suites[i]))
			return;
		first = first ?: server->suite;
	}
	server->suite = first;
	if (!first)
		reject(server, ALERT_HANDSHAKE_FAILURE,
		       "has no cipher suite of ours");
}

/* A group that the client gave a share of spares it another hello. */
static void choose_group(struct server *server, const struct client_hello *hello,
			 const uint8_t **public)
{
	const struct group *later = NULL;

	for (size_t i = 0; i < server->group_count; i++) {
		const struct group *group = server->groups[i];

		channel_judge(&server->channel,
			      find_share(hello, group, public));
		server->group = group;
		if (*public)
			return;
		if (!later && has_number(hello->groups, group->code))
			later = group;
	}
	server->group = later;
	if (!later)
		reject(server, ALERT_HANDSHAKE_FAILURE, "has no group of ours");
}

/* --- the second hello ----------------------------------------------------- */

static void write_versions(struct writer *hello)
{
	write_number(hello, EXT_VERSIONS, 2);
	write_number(hello, 2, 2);
	write_number(hello, TLS13_VERSION, 2);
}

static void begin_hello(struct server *server, struct writer *hello,
			const struct client_hello *client,
			const uint8_t *random)
{
	write_hello(hello, SERVER_HELLO, random);
	write_number(hello, client->session.left, 1);
	write_bytes(hello, client->session.at, client->session.left);
	write_number(hello, server->suite->code, 2);
	write_number(hello, 0, 1);
}

/* Middleboxes that a client fears get to see one. */
static void send_spec(struct server *server, const struct client_hello *client)
{
	static const uint8_t spec = 1;

	if (client->session.left)
		record_send(&server->channel.records, RECORD_CHANGE_CIPHER_SPEC,
			    &spec, sizeof(spec));
}

static void send_retry(struct server *server, const struct client_hello *client)
{
	uint8_t bytes[256];
	struct writer hello = { .bytes = bytes, .room = sizeof(bytes) };
	size_t extensions;

	begin_hello(server, &hello, client, retry_random);
	extensions = write_later(&hello, 2);
	write_versions(&hello);
	write_number(&hello, EXT_KEY_SHARE, 2);
	write_number(&hello, 2, 2);
	write_number(&hello, server->group->code, 2);
	write_length(&hello, extensions, 2);
	message_send(&server->channel, &hello);
	send_spec(server, client);
}

/* It is the first one with the share that was asked for. */
static void check_second(struct server *server, const struct client_hello *hello,
			 const uint8_t **public)
{
	struct reader shares = hello->shares;

	if (memcmp(server->same, hello->same, sizeof(server->same)) != 0)
		reject(server, ALERT_ILLEGAL_PARAMETER,
		       "sent another second hello");
	channel_judge(&server->channel,
		      find_share(hello, server->group, public));
	read_number(&shares, 2);
	read_vector(&shares, 2, 1, UINT16_MAX);
	if (!*public || !read_whole(&shares))
		reject(server, ALERT_ILLEGAL_PARAMETER,
		       "did not send the share that was asked for");
}

static void receive_one(struct server *server, struct message *message,
			struct client_hello *hello)
{
	struct channel *channel = &server->channel;

	message_expect(channel, CLIENT_HELLO, message);
	channel->records.plain_at = true;
	channel_boundary(channel);
	channel_judge(channel, parse_client_hello(message->bytes, message->size,
						  hello));
}

/* The hello that counts; the transcript has what came before it. */
static void receive_hello(struct server *server, struct message *message,
			  struct client_hello *hello, const uint8_t **public)
{
	struct transcript *transcript = &server->channel.transcript;

	receive_one(server, message, hello);
	choose_suite(server, hello);
	choose_group(server, hello, public);
	if (*public)
		return;
	memcpy(server->same, hello->same, sizeof(server->same));
	server->retried = true;
	transcript_add(transcript, message->bytes, message->size);
	transcript_begin(transcript, server->suite);
	transcript_retry(transcript);
	send_retry(server, hello);
	receive_one(server, message, hello);
	check_second(server, hello, public);
}

/* --- a ticket ------------------------------------------------------------- */

/* A client that has the ticket and not its key is none of ours. */
static void check_binder(struct server *server, const struct message *message,
			 const struct client_hello *hello,
			 const struct reader *binder)
{
	uint8_t hash[HASH_MAX];

	transcript_hash_with(&server->channel.transcript, server->suite,
			     message->bytes, hello->bound, hash);
	if (binder->left != server->suite->size ||
	    !schedule_is_binder(&server->channel.schedule, hash, binder->at))
		reject(server, ALERT_DECRYPT_ERROR,
		       "has not the key of its ticket");
}

/* Begins the chain by the first ticket that is good; returns which, or -1. */
static int begin_chain(struct server *server, const struct message *message,
		       const struct client_hello *hello)
{
	struct schedule *schedule = &server->channel.schedule;
	struct reader identities = hello->identities, binders = hello->binders;
	struct reader ticket, binder;
	key_serial psk;

	for (int i = 0; i < TICKETS_LOOKED_AT && identities.left &&
	     server->tickets && hello->modes; i++) {
		ticket = read_vector(&identities, 2, 1, UINT16_MAX);
		read_number(&identities, 4);
		binder = read_vector(&binders, 1, BINDER_MIN, UINT8_MAX);
		psk = ticket_find(server->tickets, server->suite, &ticket);
		if (!psk)
			continue;
		schedule_begin(schedule, server->suite, psk);
		check_binder(server, message, hello, &binder);
		/* Of two connections with one ticket one has it. */
		if (key_unlink(psk, server->tickets) == 0) {
			server->resumed = true;
			return i;
		}
	}
	schedule_begin(schedule, server->suite, 0);
	return -1;
}

/* --- the server's flight -------------------------------------------------- */

static void send_hello(struct server *server, const struct client_hello *client,
		       key_serial pair, int ticket)
{
	uint8_t bytes[256], random[RANDOM_SIZE], public[PUBLIC_MAX];
	struct writer hello = { .bytes = bytes, .room = sizeof(bytes) };
	size_t extensions, size = key_public(pair, public, sizeof(public));

	draw(random, sizeof(random));
	begin_hello(server, &hello, client, random);
	extensions = write_later(&hello, 2);
	write_versions(&hello);
	write_number(&hello, EXT_KEY_SHARE, 2);
	write_number(&hello, 4 + size, 2);
	write_number(&hello, server->group->code, 2);
	write_number(&hello, size, 2);
	write_bytes(&hello, public, size);
	if (ticket >= 0) {
		write_number(&hello, EXT_PSK, 2);
		write_number(&hello, 2, 2);
		write_number(&hello, ticket, 2);
	}
	write_length(&hello, extensions, 2);
	message_send(&server->channel, &hello);
	if (!server->retried)
		send_spec(server, client);
}

static void send_certificate(struct server *server)
{
	uint8_t bytes[MESSAGE_HEADER + MESSAGE_MAX];
	struct writer message = { .bytes = bytes, .room = sizeof(bytes) };

	write_message(&message, CERTIFICATE);
	write_bytes(&message, server->certificate, server->certificate_size);
	message_send(&server->channel, &message);
}

static void send_signature(struct server *server)
{
	struct channel *channel = &server->channel;
	uint8_t bytes[MESSAGE_HEADER + 4 + SIGNATURE_MAX];
	struct writer message = { .bytes = bytes, .room = sizeof(bytes) };
	uint8_t hash[HASH_MAX], text[SIGNED_MAX], signature[SIGNATURE_MAX];
	uint8_t digest[32];
	long size;

	transcript_hash(&channel->transcript, hash);
	size = write_signed(true, hash, server->suite->size, text);
	hash_sha256(text, size, digest);
	size = key_sign(server->key, digest, signature, sizeof(signature));
	if (size < 0) {
		record_alert(&channel->records, ALERT_INTERNAL_ERROR);
		fail("cannot sign with key %d: %s", server->key,
		     key_cause(size));
	}
	write_message(&message, CERTIFICATE_VERIFY);
	write_number(&message, RSA_PSS_RSAE_SHA256, 2);
	write_number(&message, size, 2);
	write_bytes(&message, signature, size);
	message_send(channel, &message);
}

static void send_flight(struct server *server)
{
	uint8_t bytes[MESSAGE_HEADER + 2];
	struct writer message = { .bytes = bytes, .room = sizeof(bytes) };

	write_message(&message, ENCRYPTED_EXTENSIONS);
	write_number(&message, 0, 2);
	message_send(&server->channel, &message);
	if (!server->resumed) {
		send_certificate(server);
		send_signature(server);
	}
	channel_finish(&server->channel);
}

/* --- the end of the handshake --------------------------------------------- */

static void send_ticket(struct server *server)
{
	uint8_t ticket[TICKET_SIZE], age_add[4];
	uint8_t bytes[MESSAGE_HEADER + 4 + 4 + 1 + TICKET_SIZE + 2 +
		      TICKET_SIZE + 2];
	struct writer message = { .bytes = bytes, .room = sizeof(bytes) };

	draw(ticket, sizeof(ticket));
	draw(age_add, sizeof(age_add));
	ticket_keep(server->tickets, &server->channel.schedule, ticket,
		    server->life);
	write_message(&message, NEW_SESSION_TICKET);
	write_number(&message, server->life, 4);
	write_bytes(&message, age_add, sizeof(age_add));
	write_number(&message, TICKET_SIZE, 1);
	write_bytes(&message, ticket, TICKET_SIZE);
	write_number(&message, TICKET_SIZE, 2);
	write_bytes(&message, ticket, TICKET_SIZE);
	write_number(&message, 0, 2);
	channel_send(&server->channel, &message);
}

static void finish(struct server *server)
{
	struct channel *channel = &server->channel;
	struct schedule *schedule = &channel->schedule;
	uint8_t hash[HASH_MAX];
	key_serial own, peer;

	transcript_hash(&channel->transcript, hash);
	schedule_application(schedule, hash, &own, &peer);
	key_end(&schedule->own);
	schedule->own = own;
	record_set_own(&channel->records, own);
	channel_expect_finished(channel);
	key_end(&schedule->peer);
	schedule->peer = peer;
	record_set_peer(&channel->records, peer);
	transcript_hash(&channel->transcript, hash);
	schedule_resumption(schedule, hash);
	channel_begin(channel);
	if (server->tickets && server->modes)
		send_ticket(server);
	key_end(&schedule->res);
}

static void agree(struct server *server, key_serial *pair, const uint8_t *public)
{
	struct channel *channel = &server->channel;
	uint8_t hash[HASH_MAX];

	transcript_hash(&channel->transcript, hash);
	if (!schedule_agree(&channel->schedule, pair, public,
			    server->group->size, hash))
		reject(server, ALERT_ILLEGAL_PARAMETER,
		       "sent something for a public key");
	record_set_own(&channel->records, channel->schedule.own);
	record_set_peer(&channel->records, channel->schedule.peer);
}

void server_handshake(struct server *server)
{
	struct channel *channel = &server->channel;
	uint8_t peer_public[PUBLIC_MAX];
	struct client_hello hello;
	struct message message;
	const uint8_t *public;
	key_serial pair;
	int ticket;

	channel->schedule.server = true;
	receive_hello(server, &message, &hello, &public);
	memcpy(peer_public, public, server->group->size);
	server->modes = hello.modes;
	ticket = begin_chain(server, &message, &hello);
	if (!server->resumed && !hello.has.signatures)
		reject(server, ALERT_MISSING_EXTENSION, "left out an extension");
	if (!server->resumed && !hello.pss)
		reject(server, ALERT_HANDSHAKE_FAILURE,
		       "does not take rsa_pss_rsae_sha256");
	transcript_add(&channel->transcript, message.bytes, message.size);
	if (!server->retried)
		transcript_begin(&channel->transcript, server->suite);
	pair = key_new_pair(server->group->line);
	send_hello(server, &hello, pair, ticket);
	agree(server, &pair, peer_public);
	send_flight(server);
	finish(server);
}
