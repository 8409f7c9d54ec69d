// SPDX-License-Identifier: GPL-2.0-only
/* keyed-tls(1) as a server of clients that do what no client does. */
#include "../kselftest_harness.h"
#include "keyed_tls.h"
#include "tls13_puppet.h"

enum {
	CLOSE_NOTIFY = 0, UNEXPECTED = 10, BAD_MAC = 20, OVERFLOW = 22, FAILURE = 40,
	ILLEGAL = 47, DECODE = 50, DECRYPT = 51, VERSION = 70, USER_CANCELED = 90,
	MISSING = 109, NONE = -1,
};

/* The most connections that the server has at a time */
#define PLACES	32

/* The hash is part of what PSKs are for. */
enum { TICKET = 32, NONCE_MAX = 255 };

/*
 * struct ticket - what the server gave
 * @has:	it gave one
 * @bytes:	what it wants to see again
 * @psk:	the key
 */
struct ticket {
	bool has;
	uint8_t bytes[TICKET];
	struct peer_secret psk;
};

/* A client that is connected */
struct stage {
	struct puppet puppet;
	struct text message;
	struct peer_secret own, peer;
	struct ticket ticket;
	bool retried, resumed;
};

/*
 * struct client_hello - what a hello has that is wrong
 */
struct client_hello {
	unsigned int legacy, suite, version, group, listed, scheme;
	const uint8_t *public;
	size_t public_size;
	bool no_versions, no_groups, no_share, no_signatures, no_modes, no_key;
	bool twice, two_shares, unlisted, early, cookie, compressed, session;
	bool no_extensions, behind_psk, two_binders, cut, longer, huge;
	const struct ticket *ticket;
	bool bad_binder;
	int random;
};

static const uint8_t zeros[65];

/* --- a hello -------------------------------------------------------------- */

static void put_one_share(struct stage *s, struct text *share,
			  const struct client_hello *hello)
{
	uint8_t public[PEER_PUBLIC_MAX];
	size_t size;

	if (!s->puppet.pair)
		s->puppet.pair = peer_pair("X25519");
	size = peer_public(s->puppet.pair, public);
	put_number(share, hello->group ?: X25519, 2);
	if (hello->public_size)
		size = hello->public_size;
	put_number(share, size, 2);
	put(share, hello->public ?: public, size);
}

static void put_shares(struct stage *s, const struct client_hello *hello)
{
	struct text *share = calloc(1, sizeof(*share));
	size_t at = put_later(share, 2);

	for (int i = 0; i < 1 + hello->two_shares && !hello->no_key; i++)
		put_one_share(s, share, hello);
	put_length(share, at, 2);
	put_extension(&s->message, EXT_KEY_SHARE, share->bytes, share->size);
	free(share);
}

static void put_groups(struct stage *s, const struct client_hello *hello)
{
	const unsigned int listed = hello->listed ?: X25519;
	const uint8_t groups[] = { 0, 4, 0, listed, 0, hello->unlisted ? listed : P256 };

	put_extension(&s->message, EXT_GROUPS, groups, sizeof(groups));
}

/* The ticket, and as many binders as are wanted, of zeros. */
static void put_ticket(struct stage *s, const struct client_hello *hello)
{
	const size_t hash = s->puppet.suite->size;
	struct text psk = {};
	size_t at = put_later(&psk, 2);

	put_number(&psk, TICKET, 2);
	put(&psk, hello->ticket->bytes, TICKET);
	put_number(&psk, 0, 4);
	put_length(&psk, at, 2);
	at = put_later(&psk, 2);
	for (int i = 0; i < 1 + hello->two_binders; i++) {
		put_number(&psk, hash, 1);
		put(&psk, zeros, hash);
	}
	put_length(&psk, at, 2);
	put_extension(&s->message, EXT_PSK, psk.bytes, psk.size);
}

static void put_extensions(struct stage *s, const struct client_hello *hello)
{
	const unsigned int version = hello->version ?: 0x0304;
	const uint8_t versions[] = { 2, version >> 8, version };
	const unsigned int scheme = hello->scheme ?: 0x0804;
	const uint8_t schemes[] = { 0, 2, scheme >> 8, scheme };

	for (int i = 0; i < 1 + hello->twice && !hello->no_versions; i++)
		put_extension(&s->message, EXT_VERSIONS, versions, sizeof(versions));
	if (!hello->no_groups)
		put_groups(s, hello);
	if (!hello->no_signatures)
		put_extension(&s->message, EXT_SIGNATURES, schemes, sizeof(schemes));
	if (!hello->no_share)
		put_shares(s, hello);
	if (!hello->no_modes)
		put_extension(&s->message, EXT_PSK_MODES, "\1\1", 2);
	if (hello->early)
		put_extension(&s->message, EXT_EARLY_DATA, "", 0);
	if (hello->cookie)
		put_extension(&s->message, EXT_COOKIE, "\0\1x", 3);
	if (hello->huge)
		put_extension(&s->message, 0xfafa, s->message.bytes, 16384);
	if (hello->ticket)
		put_ticket(s, hello);
	if (hello->behind_psk)
		put_extension(&s->message, 0xfafa, "", 0);
}

/* The binder is over all that is before the list of binders. */
static void bind_hello(struct stage *s, const struct client_hello *hello)
{
	const struct peer_suite *suite = s->puppet.suite;
	const size_t before = s->message.size - suite->size - 3;
	struct text *all = calloc(1, sizeof(*all));
	struct peer_secret early, binder, key;
	uint8_t hash[PEER_HASH_MAX];

	put(all, s->puppet.messages.bytes, s->puppet.messages.size);
	put(all, s->message.bytes, before);
	peer_hash(suite, all->bytes, all->size, hash);
	free(all);
	peer_extract(suite, NULL, hello->ticket->psk.bytes, suite->size, &early);
	peer_derive(suite, &early, "res binder", NULL, &binder);
	peer_expand(suite, &binder, "finished", NULL, 0, key.bytes, suite->size);
	peer_hmac(suite, &key, hash, suite->size,
		  s->message.bytes + s->message.size - suite->size);
	s->message.bytes[s->message.size - 1] ^= hello->bad_binder;
}

static void write_hello(struct stage *s, const struct client_hello *hello)
{
	struct text *m = &s->message;
	uint8_t random[32] = { hello->random };
	size_t at;

	message_begin(m, CLIENT_HELLO);
	put_number(m, hello->legacy ?: 0x0303, 2);
	put(m, random, sizeof(random));
	put_number(m, hello->session ? 32 : 0, 1);
	put(m, zeros, hello->session ? 32 : 0);
	put_number(m, 2, 2);
	put_number(m, hello->suite ?: s->puppet.suite->code, 2);
	put(m, hello->compressed ? "\2\1\0" : "\1\0", 2 + hello->compressed);
	if (!hello->no_extensions) {
		at = put_later(m, 2);
		put_extensions(s, hello);
		put_length(m, at, 2);
	}
	if (hello->cut)
		m->size -= 3;
	if (hello->longer)
		put_number(m, 0, 1);
	message_end(m);
	if (hello->ticket && !hello->two_binders && !hello->behind_psk)
		bind_hello(s, hello);
}

static void say_hello(struct stage *s, const struct client_hello *hello)
{
	write_hello(s, hello);
	puppet_message(&s->puppet, &s->message);
}

/* --- an honest client ----------------------------------------------------- */

static const uint8_t retry_random[4] = { 0xcf, 0x21, 0xad, 0x74 };

/* A hash stands for the first hello then. */
static void take_retry(struct stage *s, const struct text *hello)
{
	const size_t size = s->puppet.suite->size;
	uint8_t hash[PEER_HASH_MAX];

	puppet_hash(&s->puppet, hash);
	s->puppet.messages.size = 0;
	put(&s->puppet.messages, "\xfe\0\0", 3);
	put_number(&s->puppet.messages, size, 1);
	put(&s->puppet.messages, hash, size);
	put(&s->puppet.messages, hello->bytes, hello->size);
	s->retried = true;
}

static void take_hello(struct stage *s, const struct text *hello)
{
	const uint8_t *at = hello->bytes + 4 + 2 + 32, *end;

	at += 1 + *at + 2 + 1;
	end = at + 2 + get_number(at, 2);
	for (at += 2; at < end; at += 4 + get_number(at + 2, 2)) {
		if (get_number(at, 2) == EXT_KEY_SHARE)
			memcpy(s->puppet.share, at + 8, 32);
		if (get_number(at, 2) == EXT_PSK)
			s->resumed = true;
	}
	put(&s->puppet.messages, hello->bytes, hello->size);
}

/* ServerHello or HelloRetryRequest, and what may come besides */
static bool hear_hello(struct stage *s)
{
	struct text *text = calloc(1, sizeof(*text));
	int type;

	do {
		type = puppet_read(&s->puppet, text);
	} while (type == SPEC);
	if (type == HANDSHAKE && memcmp(text->bytes + 6, retry_random, 4) == 0)
		take_retry(s, text);
	else if (type == HANDSHAKE)
		take_hello(s, text);
	free(text);
	return type == HANDSHAKE;
}

/* All up to the server's Finished; each message is a record of its own. */
static bool hear_flight(struct stage *s)
{
	struct text *text = calloc(1, sizeof(*text));
	int type;

	do {
		type = puppet_read(&s->puppet, text);
		if (type == HANDSHAKE)
			put(&s->puppet.messages, text->bytes, text->size);
	} while (type == SPEC || (type == HANDSHAKE && text->bytes[0] != FINISHED));
	free(text);
	return type == HANDSHAKE;
}

/* The client is to say Finished. */
static void greet(struct stage *s, const struct client_hello *hello)
{
	say_hello(s, hello);
	if (!hear_hello(s))
		abort();
	s->puppet.psk = s->resumed ? hello->ticket->psk.bytes : NULL;
	if (!puppet_agree(&s->puppet) || !hear_flight(s))
		abort();
	puppet_application(&s->puppet, &s->own, &s->peer);
}

static void finish(struct stage *s)
{
	puppet_finished(&s->puppet, false);
	puppet_set_own(&s->puppet, &s->own);
	puppet_set_peer(&s->puppet, &s->peer);
}

static void shake_hands(struct stage *s)
{
	static const struct client_hello honest;

	greet(s, &honest);
	finish(s);
}

static void say(struct stage *s, const char *text)
{
	puppet_record(&s->puppet, DATA, text, strlen(text));
}

#define QUESTION	"GET / HTTP/1.0\r\n\r\n"

/* The text of the answer up to close_notify, which has to come. */
static bool hear_answer(struct stage *s, struct text *answer)
{
	struct text *text = calloc(1, sizeof(*text));
	int type;

	answer->size = 0;
	while ((type = puppet_read(&s->puppet, text)) == DATA || type == HANDSHAKE)
		if (type == DATA && answer->size + text->size < PUPPET_TEXT_MAX)
			put(answer, text->bytes, text->size);
	put_number(answer, 0, 1);
	type = type == ALERT ? text->bytes[1] : NONE;
	free(text);
	return type == CLOSE_NOTIFY;
}

/* --- hellos --------------------------------------------------------------- */

#define HELLO(name, ...) \
static void name(struct stage *s) \
{ \
	static const struct client_hello hello = { __VA_ARGS__ }; \
	say_hello(s, &hello); \
}

static const struct ticket unknown_ticket;
static uint8_t off_curve[65] = { 4, 1, 2, 3 };

HELLO(no_tls13, .version = 0x0303)
HELLO(no_versions, .no_versions = true)
HELLO(no_extensions, .no_extensions = true)
HELLO(no_groups, .no_groups = true)
HELLO(no_share, .no_share = true)
HELLO(no_signatures, .no_signatures = true)
HELLO(no_modes, .no_modes = true, .ticket = &unknown_ticket)
HELLO(other_suite, .suite = 0x1304)
HELLO(other_group, .listed = 0x18, .unlisted = true, .no_key = true)
HELLO(other_scheme, .scheme = 0x0403)
HELLO(hello_twice, .twice = true)
HELLO(hello_cut, .cut = true)
HELLO(hello_longer, .longer = true)
HELLO(hello_legacy, .legacy = 0x0301)
HELLO(hello_compressed, .compressed = true)
HELLO(hello_huge, .huge = true)
HELLO(early_data, .early = true)
HELLO(cookie, .cookie = true)
HELLO(two_shares, .two_shares = true)
HELLO(unlisted_share, .listed = P256, .unlisted = true)
HELLO(short_share, .public = zeros, .public_size = 31)
HELLO(low_order, .public = zeros)
HELLO(no_point, .group = P256, .public = off_curve, .public_size = 65)
HELLO(behind_psk, .ticket = &unknown_ticket, .behind_psk = true)
HELLO(two_binders, .ticket = &unknown_ticket, .two_binders = true)

/* --- second hellos -------------------------------------------------------- */

static void again(struct stage *s, const struct client_hello *second)
{
	static const struct client_hello first = { .no_key = true };

	say_hello(s, &first);
	if (!hear_hello(s) || !s->retried)
		abort();
	say_hello(s, second);
}

#define SECOND(name, ...) \
static void name(struct stage *s) \
{ \
	static const struct client_hello hello = { __VA_ARGS__ }; \
	again(s, &hello); \
}

SECOND(again_no_share, .no_key = true)
SECOND(again_two_shares, .two_shares = true)
SECOND(again_other_group, .group = P256, .public = off_curve, .public_size = 65)
SECOND(again_other_random, .random = 7)
SECOND(again_other_groups, .listed = X25519, .unlisted = true)
SECOND(again_other_suite, .suite = 0x1303)
SECOND(again_no_modes, .no_modes = true)

/* --- other messages ------------------------------------------------------- */

static void garbage(struct stage *s)
{
	puppet_raw(&s->puppet, QUESTION, strlen(QUESTION));
}

static void spec_first(struct stage *s)
{
	static const uint8_t spec[] = { SPEC, 3, 3, 0, 1, 1 };

	puppet_raw(&s->puppet, spec, sizeof(spec));
}

static void spec_twice(struct stage *s)
{
	static const uint8_t spec[] = { SPEC, 3, 3, 0, 1, 1 };
	static const struct client_hello honest;

	greet(s, &honest);
	puppet_raw(&s->puppet, spec, sizeof(spec));
	puppet_raw(&s->puppet, spec, sizeof(spec));
	puppet_set_peer(&s->puppet, &s->peer);
}

static void hello_and_more(struct stage *s)
{
	static const struct client_hello honest;

	write_hello(s, &honest);
	put_number(&s->message, FINISHED, 1);
	puppet_record(&s->puppet, HANDSHAKE, s->message.bytes, s->message.size);
}

/* The server has its own keys for data by then, and its alert is by these. */
static void no_finished(struct stage *s)
{
	static const struct client_hello honest;

	greet(s, &honest);
	say(s, QUESTION);
	puppet_set_peer(&s->puppet, &s->peer);
}

static void wrong_finished(struct stage *s)
{
	static const struct client_hello honest;

	greet(s, &honest);
	puppet_finished(&s->puppet, true);
	puppet_set_peer(&s->puppet, &s->peer);
}

static void certificate(struct stage *s)
{
	static const struct client_hello honest;

	greet(s, &honest);
	message_begin(&s->message, CERTIFICATE);
	put(&s->message, zeros, 4);
	puppet_message(&s->puppet, &s->message);
	puppet_set_peer(&s->puppet, &s->peer);
}

static void ticket_of_client(struct stage *s)
{
	shake_hands(s);
	message_begin(&s->message, NEW_SESSION_TICKET);
	put(&s->message, zeros, 20);
	puppet_message(&s->puppet, &s->message);
}

static void sent_again(struct stage *s)
{
	shake_hands(s);
	say(s, "GET / HTTP/1.0\r\n");
	puppet_raw(&s->puppet, s->puppet.record.bytes, s->puppet.record.size);
}

static void too_long(struct stage *s)
{
	static const uint8_t header[] = { DATA, 3, 3, 16641 >> 8, 16641 & 0xff };

	shake_hands(s);
	puppet_raw(&s->puppet, header, sizeof(header));
}

static void no_question(struct stage *s)
{
	shake_hands(s);
	say(s, "GET / HTTP/1.0\r\n");
}

static void forged_end(struct stage *s)
{
	shake_hands(s);
	puppet_plain_alerts(&s->puppet, WARNING, CLOSE_NOTIFY, 1);
}

static void forged_end_of_question(struct stage *s)
{
	shake_hands(s);
	say(s, "GET / HTTP/1.0\r\n");
	puppet_update(&s->puppet, 0);
	puppet_plain_alerts(&s->puppet, WARNING, CLOSE_NOTIFY, 1);
}

static void flooding(struct stage *s)
{
	puppet_plain_alerts(&s->puppet, WARNING, USER_CANCELED, 65);
}

static void gives_up(struct stage *s)
{
	const uint8_t alert[] = { 2, 48 };

	shake_hands(s);
	puppet_record(&s->puppet, ALERT, alert, sizeof(alert));
}

/* A client that cannot open the server's records can only say so in the open. */
static void gives_up_plainly(struct stage *s)
{
	static const struct client_hello honest;

	say_hello(s, &honest);
	if (!hear_hello(s))
		abort();
	puppet_plain_alerts(&s->puppet, FATAL, ILLEGAL, 1);
}

/*
 * struct play - what a client does, and what the server makes of it
 * @name:	for messages
 * @act:	what the client does
 * @code:	what the server ends with
 * @alert:	the alert that the client gets
 * @says:	part of the server's line
 */
struct play {
	const char *name;
	void (*act)(struct stage *s);
	int code;
	int alert;
	const char *says;
};

#define PLAY(act, alert, says)	{ #act, act, KT_REFUSED, alert, says }
#define END(act, says)		{ #act, act, KT_ENDED, NONE, says }

static const struct play unexpected[] = {
	PLAY(garbage, UNEXPECTED, "does not speak TLS"),
	PLAY(spec_first, UNEXPECTED, "change_cipher_spec"),
	PLAY(spec_twice, UNEXPECTED, "change_cipher_spec"),
	PLAY(hello_and_more, UNEXPECTED, "change of keys"),
	PLAY(no_finished, UNEXPECTED, "no place here"),
	PLAY(certificate, UNEXPECTED, "no place here"),
	PLAY(ticket_of_client, UNEXPECTED, "no place here"),
	PLAY(forged_end, UNEXPECTED, "not sealed"),
	PLAY(forged_end_of_question, UNEXPECTED, "not sealed"),
	PLAY(flooding, UNEXPECTED, "without data"),
};

static const struct play records[] = {
	PLAY(sent_again, BAD_MAC, "sent again"),
	PLAY(too_long, OVERFLOW, "too long"),
	PLAY(wrong_finished, DECRYPT, "Finished"),
};

static const struct play hellos[] = {
	PLAY(hello_twice, ILLEGAL, "twice"),
	PLAY(hello_cut, DECODE, "malformed"),
	PLAY(hello_longer, DECODE, "malformed"),
	PLAY(hello_legacy, ILLEGAL, "TLS 1.3 does not have"),
	PLAY(hello_compressed, ILLEGAL, "TLS 1.3 does not have"),
	PLAY(hello_huge, OVERFLOW, "too long"),
	PLAY(early_data, ILLEGAL, "early data"),
	PLAY(cookie, ILLEGAL, "cookie"),
	PLAY(two_shares, ILLEGAL, "two shares"),
	PLAY(unlisted_share, ILLEGAL, "a group it has not"),
	PLAY(short_share, ILLEGAL, "another length"),
	PLAY(low_order, ILLEGAL, "public key"),
	PLAY(no_point, ILLEGAL, "public key"),
	PLAY(behind_psk, ILLEGAL, "behind its tickets"),
	PLAY(two_binders, ILLEGAL, "more binders"),
};

static const struct play nothing_in_common[] = {
	PLAY(no_tls13, VERSION, "TLS 1.3"),
	PLAY(no_versions, VERSION, "TLS 1.3"),
	PLAY(no_extensions, VERSION, "TLS 1.3"),
	PLAY(no_groups, MISSING, "left out"),
	PLAY(no_share, MISSING, "left out"),
	PLAY(no_signatures, MISSING, "left out"),
	PLAY(no_modes, MISSING, "left out"),
	PLAY(other_suite, FAILURE, "cipher suite"),
	PLAY(other_group, FAILURE, "group"),
	PLAY(other_scheme, FAILURE, "rsa_pss_rsae_sha256"),
};

static const struct play seconds[] = {
	PLAY(again_no_share, ILLEGAL, "asked for"),
	PLAY(again_two_shares, ILLEGAL, "two shares"),
	PLAY(again_other_group, ILLEGAL, "asked for"),
	PLAY(again_other_random, ILLEGAL, "another second hello"),
	PLAY(again_other_groups, ILLEGAL, "another second hello"),
	PLAY(again_other_suite, ILLEGAL, "another second hello"),
	PLAY(again_no_modes, ILLEGAL, "another second hello"),
};

static const struct play ends[] = {
	END(no_question, "without close_notify"),
	END(gives_up, "(unknown_ca)"),
	END(gives_up_plainly, "(illegal_parameter)"),
};

/* --- the plays ------------------------------------------------------------ */

FIXTURE(hostile)
{
	struct kt kt;
	pid_t server;
	struct stage *stage;
};

FIXTURE_SETUP(hostile)
{
	REQUIRE_KEYED_TLS(&self->kt);
	self->stage = malloc(sizeof(*self->stage));
	ASSERT_NE(NULL, self->stage);
}

FIXTURE_TEARDOWN(hostile)
{
	if (self->server > 0)
		kt_stop(self->server);
	free(self->stage);
	kt_end(&self->kt);
}

static void begin(struct stage *s, const struct peer_suite *suite)
{
	memset(s, 0, sizeof(*s));
	s->puppet.suite = suite;
	s->puppet.fd = kt_connect();
	if (s->puppet.fd < 0)
		abort();
}

static void end(struct stage *s)
{
	close(s->puppet.fd);
	EVP_PKEY_free(s->puppet.pair);
}

#define RUN_PLAYS(plays) do { \
	for (size_t _i = 0; _i < ARRAY_SIZE(plays); _i++) { \
		const struct play *play = &(plays)[_i]; \
		\
		self->server = kt_start("server", "keyed-tls serve --once good.crt %d page", \
					self->kt.key); \
		ASSERT_TRUE(kt_ready(self->server)); \
		begin(self->stage, &peer_suites[0]); \
		play->act(self->stage); \
		shutdown(self->stage->puppet.fd, SHUT_WR); \
		EXPECT_EQ(play->alert, puppet_alert(&self->stage->puppet)) { \
			TH_LOG("%s: %s", play->name, kt_said("server.err")); \
		} \
		EXPECT_EQ(play->code, kt_wait(self->server)) { \
			TH_LOG("%s: %s", play->name, kt_said("server.err")); \
		} \
		self->server = 0; \
		EXPECT_TRUE(kt_says("server.err", play->says)) { \
			TH_LOG("%s: %s", play->name, kt_said("server.err")); \
		} \
		EXPECT_EQ(1, sh("exit $(wc -l <server.err)")); \
		end(self->stage); \
	} \
} while (0)

/* Shows: KT-14, KT-15, KT-22, KT-39. */
TEST_F_TIMEOUT(hostile, out_of_place, 300)
{
	RUN_PLAYS(unexpected);
}

/* Shows: KT-16, KT-17, KT-21. */
TEST_F_TIMEOUT(hostile, records, 300)
{
	RUN_PLAYS(records);
}

/* Shows: KT-18, KT-19, KT-37. */
TEST_F_TIMEOUT(hostile, hellos, 300)
{
	RUN_PLAYS(hellos);
}

/* Shows: KT-20, KT-34. */
TEST_F_TIMEOUT(hostile, nothing_in_common, 300)
{
	RUN_PLAYS(nothing_in_common);
}

/* Shows: KT-8, KT-35. */
TEST_F_TIMEOUT(hostile, second_hellos, 300)
{
	RUN_PLAYS(seconds);
}

/* Shows: KT-12, KT-27. */
TEST_F_TIMEOUT(hostile, ends, 300)
{
	RUN_PLAYS(ends);
}

/* Takes the ticket that comes first after the handshake. */
static bool take_ticket(struct stage *s, struct ticket *ticket)
{
	const struct peer_suite *suite = s->puppet.suite;
	struct text *text = calloc(1, sizeof(*text));
	uint8_t hash[PEER_HASH_MAX];
	struct peer_secret res;
	const uint8_t *nonce;

	puppet_hash(&s->puppet, hash);
	peer_derive(suite, &s->puppet.master, "res master", hash, &res);
	ticket->has = puppet_read(&s->puppet, text) == HANDSHAKE &&
		      text->bytes[0] == NEW_SESSION_TICKET;
	if (ticket->has) {
		nonce = text->bytes + 4 + 8;
		memcpy(ticket->bytes, nonce + 1 + *nonce + 2, TICKET);
		peer_expand(suite, &res, "resumption", nonce + 1, *nonce,
			    ticket->psk.bytes, suite->size);
	}
	free(text);
	return ticket->has;
}

/* One whole connection, that asks with a ticket perhaps. */
static bool visit(struct stage *s, const struct peer_suite *suite,
		  const struct ticket *with, struct ticket *ticket)
{
	const struct client_hello hello = {
		.ticket = with, .session = true,
	};
	struct text *answer = calloc(1, sizeof(*answer));
	bool good;

	begin(s, suite);
	greet(s, &hello);
	finish(s);
	good = take_ticket(s, ticket);
	say(s, QUESTION);
	good = hear_answer(s, answer) && good &&
	       strncmp((char *)answer->bytes, "HTTP/1.0 200 OK\r\n", 17) == 0;
	free(answer);
	end(s);
	return good;
}

/*
 * Shows: KT-11, KT-21, KT-36, KT-38. A ticket is used once, by its own hash; a binder
 * that is wrong uses up nothing.
 */
TEST_F_TIMEOUT(hostile, tickets, 300)
{
	const struct peer_suite *aes128 = &peer_suites[0], *aes256 = &peer_suites[1];
	const struct peer_suite *chacha = &peer_suites[2];
	struct stage *s = self->stage;
	struct ticket first, second, third, other;
	const struct client_hello bad = { .ticket = &second, .bad_binder = true };

	self->server = kt_start("server", "keyed-tls serve --count 6 good.crt %d page",
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	ASSERT_TRUE(visit(s, aes128, NULL, &first));
	EXPECT_FALSE(s->resumed);
	ASSERT_TRUE(visit(s, aes128, &first, &second));
	EXPECT_TRUE(s->resumed);
	/* The same one again */
	ASSERT_TRUE(visit(s, aes128, &first, &third));
	EXPECT_FALSE(s->resumed);
	/* By another suite of another hash, and of the same one */
	ASSERT_TRUE(visit(s, aes256, &third, &other));
	EXPECT_FALSE(s->resumed);
	begin(s, aes128);
	say_hello(s, &bad);
	EXPECT_EQ(DECRYPT, puppet_alert(&s->puppet));
	end(s);
	ASSERT_TRUE(visit(s, chacha, &second, &other));
	EXPECT_TRUE(s->resumed);
	EXPECT_EQ(KT_REFUSED, kt_wait(self->server));
	self->server = 0;
	EXPECT_EQ(0, sh("grep -q 'not the key of its ticket (decrypt_error)' server.err"));
}

/* Shows: KT-32. Whatever the path; and what is no GET. */
TEST_F_TIMEOUT(hostile, questions, 120)
{
	static const struct { const char *question, *answer; } questions[] = {
		{ "GET /any/path?at=all HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.0 200 " },
		{ "GET /\n\n", "HTTP/1.0 200 " },
		{ "POST / HTTP/1.0\r\n\r\n", "HTTP/1.0 405 " },
	};
	struct text *answer = calloc(1, sizeof(*answer));

	self->server = kt_start("server", "keyed-tls serve --count 3 good.crt %d page",
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		begin(self->stage, &peer_suites[0]);
		shake_hands(self->stage);
		say(self->stage, questions[i].question);
		EXPECT_TRUE(hear_answer(self->stage, answer));
		EXPECT_EQ(0, strncmp((char *)answer->bytes, questions[i].answer,
				     strlen(questions[i].answer)));
		end(self->stage);
	}
	EXPECT_EQ(0, kt_wait(self->server));
	self->server = 0;
	/* It listens a moment before it says so. */
	EXPECT_EQ(0, strcmp("port 4433\n", kt_said("server.out")));
	free(answer);
}

/* Shows: KT-13. Each byte of the question comes in time, and all of them would not. */
TEST_F_TIMEOUT(hostile, dripping_question, 120)
{
	struct stage *s = self->stage;
	struct pollfd server = { .events = POLLIN };
	int drops = 0;

	self->server = kt_start("server", "keyed-tls serve --once --no-tickets --timeout 2 "
				"good.crt %d page", self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	begin(s, &peer_suites[0]);
	shake_hands(s);
	server.fd = s->puppet.fd;
	for (; drops < 100 && poll(&server, 1, 500) == 0; drops++)
		say(s, "x");
	EXPECT_GT(100, drops);
	end(s);
	EXPECT_EQ(KT_ENDED, kt_wait(self->server));
	self->server = 0;
	EXPECT_TRUE(kt_says("server.err", "in time"));
}

/*
 * Shows: KT-22, KT-38. More connections than there are places send alerts that end
 * nothing, and stay; the one behind them has its page before their time is up.
 */
TEST_F_TIMEOUT(hostile, flooders, 120)
{
	struct stage *flooder = self->stage;
	int fds[PLACES + 1];

	self->server = kt_start("server", "keyed-tls serve --count %zu --timeout 300 "
				"good.crt %d page", ARRAY_SIZE(fds) + 1, self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		begin(flooder, &peer_suites[0]);
		fds[i] = flooder->puppet.fd;
		puppet_plain_alerts(&flooder->puppet, WARNING, USER_CANCELED, 1000);
	}
	EXPECT_EQ(0, sh("keyed-tls get --ca good.crt --connect 127.0.0.1 "
			"https://localhost:4433/ >got 2>err && cmp page got")) {
		TH_LOG("%s", kt_said("err"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	EXPECT_EQ(KT_REFUSED, kt_wait(self->server));
	self->server = 0;
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
