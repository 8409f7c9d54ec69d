// SPDX-License-Identifier: GPL-2.0-only
#include <sys/random.h>

#include "client.h"
#include "error.h"

static void __attribute__((noreturn))
illegal(struct client *client, const char *why)
{
	channel_judge(&client->channel,
		      (struct verdict){ ALERT_ILLEGAL_PARAMETER, why });
	abort();
}

/* --- ClientHello ---------------------------------------------------------- */

static size_t begin_extension(struct writer *hello, enum extension type)
{
	write_number(hello, type, 2);
	return write_later(hello, 2);
}

static void write_suites(const struct client *client, struct writer *hello)
{
	size_t at = write_later(hello, 2);

	for (int i = 0; i < SUITES; i++)
		if (!client->only || client->only == &suites[i])
			write_number(hello, suites[i].code, 2);
	write_length(hello, at, 2);
}

static void write_name(const struct client *client, struct writer *hello)
{
	size_t at = begin_extension(hello, EXT_SERVER_NAME);
	size_t list = write_later(hello, 2), name;

	write_number(hello, 0, 1);
	name = write_later(hello, 2);
	write_bytes(hello, client->host, strlen(client->host));
	write_length(hello, name, 2);
	write_length(hello, list, 2);
	write_length(hello, at, 2);
}

static void write_groups(const struct client *client, struct writer *hello)
{
	size_t at = begin_extension(hello, EXT_GROUPS);
	size_t list = write_later(hello, 2);

	for (size_t i = 0; i < client->group_count; i++)
		write_number(hello, client->groups[i]->code, 2);
	write_length(hello, list, 2);
	write_length(hello, at, 2);
}

static void write_share(struct client *client, struct writer *hello)
{
	size_t at = begin_extension(hello, EXT_KEY_SHARE);
	size_t list = write_later(hello, 2), key;
	uint8_t public[PUBLIC_MAX];
	size_t size;

	key_end(&client->pair);
	client->pair = key_new_pair(client->group->line);
	size = key_public(client->pair, public, sizeof(public));
	write_number(hello, client->group->code, 2);
	key = write_later(hello, 2);
	write_bytes(hello, public, size);
	write_length(hello, key, 2);
	write_length(hello, list, 2);
	write_length(hello, at, 2);
}

/* Of signatures in a certificate by others, those are taken that are in use. */
static void write_signatures(struct writer *hello)
{
	static const uint8_t own[] = { 0, 2, 0x08, 0x04 };
	static const uint8_t others[] = {
		0, 12, 0x08, 0x04, 0x08, 0x05, 0x08, 0x06, 0x04, 0x01,
		0x05, 0x01, 0x06, 0x01,
	};
	size_t at = begin_extension(hello, EXT_SIGNATURES);

	write_bytes(hello, own, sizeof(own));
	write_length(hello, at, 2);
	at = begin_extension(hello, EXT_SIGNATURES_CERT);
	write_bytes(hello, others, sizeof(others));
	write_length(hello, at, 2);
}

static void write_cookie(struct writer *hello, const struct reader *cookie)
{
	size_t at = begin_extension(hello, EXT_COOKIE);

	write_number(hello, cookie->left, 2);
	write_bytes(hello, cookie->at, cookie->left);
	write_length(hello, at, 2);
}

/* The ticket, and behind it room for the binder, which ends the message. */
static void write_psk(const struct client *client, struct writer *hello)
{
	static const uint8_t zeros[HASH_MAX];
	const struct session *session = &client->session;
	const size_t size = session->suite->size;
	size_t at = begin_extension(hello, EXT_PSK);

	write_number(hello, 2 + session->size + 4, 2);
	write_number(hello, session->size, 2);
	write_bytes(hello, session->ticket, session->size);
	write_number(hello, session_age(session), 4);
	write_number(hello, 1 + size, 2);
	write_number(hello, size, 1);
	write_bytes(hello, zeros, size);
	write_length(hello, at, 2);
}

/* The binder is over the message up to where the list of binders begins. */
static void bind(struct client *client, struct writer *hello)
{
	const struct suite *suite = client->suite ?: client->session.suite;
	const size_t before = hello->size - suite->size - 3;
	struct channel *channel = &client->channel;
	uint8_t hash[HASH_MAX];

	write_length(hello, 1, 3);
	if (hello->bad)
		fail("the hello has become too long");
	schedule_begin(&channel->schedule, suite, client->session.psk);
	transcript_hash_with(&channel->transcript, suite, hello->bytes, before,
			     hash);
	schedule_binder(&channel->schedule, hash,
			hello->bytes + hello->size - suite->size);
}

static void send_hello(struct client *client, const struct reader *cookie)
{
	static const uint8_t versions[] = { 2, 3, 4 }, modes[] = { 1, PSK_DHE_KE };
	uint8_t bytes[HELLO_MAX];
	struct writer hello = { .bytes = bytes, .room = sizeof(bytes) };
	size_t extensions, at;

	write_hello(&hello, CLIENT_HELLO, client->random);
	write_number(&hello, 0, 1);
	write_suites(client, &hello);
	write_number(&hello, 0x0100, 2);
	extensions = write_later(&hello, 2);
	if (client->named)
		write_name(client, &hello);
	at = begin_extension(&hello, EXT_VERSIONS);
	write_bytes(&hello, versions, sizeof(versions));
	write_length(&hello, at, 2);
	write_groups(client, &hello);
	write_signatures(&hello);
	write_share(client, &hello);
	if (cookie && cookie->left)
		write_cookie(&hello, cookie);
	at = begin_extension(&hello, EXT_PSK_MODES);
	write_bytes(&hello, modes, sizeof(modes));
	write_length(&hello, at, 2);
	if (client->session.size)
		write_psk(client, &hello);
	write_length(&hello, extensions, 2);
	if (client->session.size)
		bind(client, &hello);
	message_send(&client->channel, &hello);
}

/* --- ServerHello ---------------------------------------------------------- */

static bool is_offered(const struct client *client, const struct suite *suite)
{
	return !client->only || client->only == suite;
}

/* A group that was offered without a share */
static bool can_change_to(const struct client *client, const struct group *group)
{
	for (size_t i = 0; i < client->group_count; i++)
		if (client->groups[i] == group)
			return group != client->group;
	return false;
}

/* Only one is answered, and only if there is something to do better. */
static void retry(struct client *client, const struct message *message,
		  const struct server_hello *hello)
{
	struct channel *channel = &client->channel;

	if (client->retried)
		refuse(&channel->records, ALERT_UNEXPECTED_MESSAGE,
		       "the server wants a third hello");
	if (!is_offered(client, hello->suite))
		illegal(client, "chose a cipher suite that was not offered");
	if (hello->group && !can_change_to(client, hello->group))
		illegal(client, "wants a group that it has, or was not offered");
	if (!hello->group && !hello->cookie.left)
		illegal(client, "wants the same hello again");
	client->retried = true;
	client->suite = hello->suite;
	channel_boundary(channel);
	transcript_begin(&channel->transcript, hello->suite);
	transcript_retry(&channel->transcript);
	transcript_add(&channel->transcript, message->bytes, message->size);
	if (client->session.size &&
	    client->session.suite->size != hello->suite->size)
		client->session.size = 0;
	if (hello->group)
		client->group = hello->group;
	send_hello(client, &hello->cookie);
}

static void check_hello(struct client *client, const struct server_hello *hello)
{
	static const struct verdict unasked = {
		ALERT_UNSUPPORTED_EXTENSION,
		"sent an extension that was not asked for",
	};
	static const struct verdict no_share = {
		ALERT_MISSING_EXTENSION, "sent no public key",
	};

	if (hello->session.left)
		illegal(client, "sent a session id that it was not given");
	if (!is_offered(client, hello->suite) ||
	    (client->suite && client->suite != hello->suite))
		illegal(client, "chose a cipher suite that was not offered");
	if (hello->psk && !client->session.size)
		channel_judge(&client->channel, unasked);
	if (hello->psk && client->session.suite->size != hello->suite->size)
		illegal(client, "chose a ticket of another hash");
	if (!hello->public)
		channel_judge(&client->channel, no_share);
	if (hello->group != client->group)
		illegal(client, "sent a public key of another group");
}

/* The chain has the suite that was chosen, and the PSK only if that was. */
static void begin_chain(struct client *client, const struct server_hello *hello)
{
	struct schedule *schedule = &client->channel.schedule;

	client->resumed = hello->psk;
	if (!hello->psk || schedule->suite != hello->suite)
		schedule_begin(schedule, hello->suite,
			       hello->psk ? client->session.psk : 0);
	key_end(&client->session.psk);
}

static void take_hello(struct client *client, const struct message *message,
		       const struct server_hello *hello)
{
	struct channel *channel = &client->channel;
	uint8_t hash[HASH_MAX];

	check_hello(client, hello);
	channel_boundary(channel);
	begin_chain(client, hello);
	if (!client->suite)
		transcript_begin(&channel->transcript, hello->suite);
	client->suite = hello->suite;
	transcript_add(&channel->transcript, message->bytes, message->size);
	transcript_hash(&channel->transcript, hash);
	if (!schedule_agree(&channel->schedule, &client->pair, hello->public,
			    hello->group->size, hash))
		illegal(client, "sent something for a public key");
	record_set_own(&channel->records, channel->schedule.own);
	record_set_peer(&channel->records, channel->schedule.peer);
}

static void receive_hello(struct client *client)
{
	struct channel *channel = &client->channel;
	struct server_hello hello;
	struct message message;

	for (;;) {
		message_expect(channel, SERVER_HELLO, &message);
		channel_judge(channel, parse_server_hello(message.bytes,
							  message.size, &hello));
		if (!hello.retry)
			break;
		if (hello.session.left)
			illegal(client, "sent a session id that it was not given");
		retry(client, &message, &hello);
	}
	take_hello(client, &message, &hello);
}

/* --- what the server is --------------------------------------------------- */

static void check_signature(struct client *client, EVP_PKEY *key)
{
	struct channel *channel = &client->channel;
	uint8_t hash[HASH_MAX], text[SIGNED_MAX];
	struct reader signature;
	struct message message;
	size_t size;

	transcript_hash(&channel->transcript, hash);
	size = write_signed(true, hash, client->suite->size, text);
	message_expect(channel, CERTIFICATE_VERIFY, &message);
	channel_judge(channel, parse_certificate_verify(&message.body,
							&signature));
	if (!is_signature(key, text, size, &signature))
		refuse(&channel->records, ALERT_DECRYPT_ERROR,
		       "the server has not the key of its certificate");
	transcript_add(&channel->transcript, message.bytes, message.size);
}

/* Returns whether the server wants a certificate, too. */
static bool check_server(struct client *client)
{
	struct channel *channel = &client->channel;
	struct message message;
	bool requested = false;
	struct chain chain;
	EVP_PKEY *key;

	message_receive(channel, &message);
	if (message.type == CERTIFICATE_REQUEST) {
		requested = true;
		channel_judge(channel, parse_certificate_request(&message.body));
		transcript_add(&channel->transcript, message.bytes,
			       message.size);
		message_receive(channel, &message);
	}
	if (message.type != CERTIFICATE)
		refuse(&channel->records, ALERT_UNEXPECTED_MESSAGE,
		       "the server sent no certificate");
	channel_judge(channel, parse_certificate(&message.body, &chain));
	channel_judge(channel, trust_check(&client->trust, &chain, client->host,
					   &key));
	transcript_add(&channel->transcript, message.bytes, message.size);
	check_signature(client, key);
	EVP_PKEY_free(key);
	return requested;
}

/* It has none. */
static void send_certificate(struct channel *channel)
{
	uint8_t bytes[MESSAGE_HEADER + 4];
	struct writer message = { .bytes = bytes, .room = sizeof(bytes) };

	write_message(&message, CERTIFICATE);
	write_number(&message, 0, 1);
	write_number(&message, 0, 3);
	message_send(channel, &message);
}

/* --- the end of the handshake --------------------------------------------- */

static void finish(struct client *client, bool requested)
{
	struct channel *channel = &client->channel;
	struct schedule *schedule = &channel->schedule;
	key_serial own, peer;
	uint8_t hash[HASH_MAX];

	channel_expect_finished(channel);
	transcript_hash(&channel->transcript, hash);
	schedule_application(schedule, hash, &own, &peer);
	key_end(&schedule->peer);
	schedule->peer = peer;
	record_set_peer(&channel->records, peer);
	if (requested)
		send_certificate(channel);
	channel_finish(channel);
	key_end(&schedule->own);
	schedule->own = own;
	record_set_own(&channel->records, own);
	transcript_hash(&channel->transcript, hash);
	schedule_resumption(schedule, hash);
	channel_begin(channel);
}

/* The last ticket is the one that counts. */
static void take_ticket(struct channel *channel, struct reader *body)
{
	const struct client *client = channel->context;
	struct new_ticket ticket;

	channel_judge(channel, parse_new_ticket(body, &ticket));
	if (client->sessions.keyring)
		session_keep(&client->sessions, &channel->schedule, &ticket);
}

void client_handshake(struct client *client)
{
	struct channel *channel = &client->channel;
	struct message message;
	bool requested = false;

	channel->ticket = take_ticket;
	channel->context = client;
	if (getrandom(client->random, sizeof(client->random), 0) !=
	    sizeof(client->random))
		fail("cannot draw random bytes: %s", strerror(errno));
	client->group = client->groups[0];
	if (client->sessions.keyring)
		session_take(&client->sessions, &client->session);
	if (client->session.size && !is_offered(client, client->session.suite))
		client->session.size = 0;
	send_hello(client, NULL);
	channel->records.plain_at = true;
	receive_hello(client);
	message_expect(channel, ENCRYPTED_EXTENSIONS, &message);
	channel_judge(channel, parse_encrypted_extensions(&message.body,
							  client->named));
	transcript_add(&channel->transcript, message.bytes, message.size);
	if (!client->resumed)
		requested = check_server(client);
	finish(client, requested);
}
