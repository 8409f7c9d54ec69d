// SPDX-License-Identifier: GPL-2.0-only
/* keyed-tls(1) as a client of servers that do what no server does. */
#include "../kselftest_harness.h"
#include "keyed_tls.h"
#include "tls13_puppet.h"

enum {
	CLOSE_NOTIFY = 0, UNEXPECTED = 10, BAD_MAC = 20, OVERFLOW = 22,
	ILLEGAL = 47, DECODE = 50, DECRYPT = 51, VERSION = 70, MISSING = 109,
	USER_CANCELED = 90, UNSUPPORTED = 110, NONE = -1,
};

/* What each case has besides: a server that has heard the hello */
struct stage {
	struct puppet puppet;
	EVP_PKEY *key;
	struct text message;
	struct peer_secret own, peer;
};

/* --- an honest server ----------------------------------------------------- */

/* Where the client's share is in its hello; its group is X25519 by the options. */
static bool find_share(struct stage *s, const struct text *hello)
{
	const uint8_t *at = hello->bytes + 4 + 2 + 32, *end;

	s->puppet.session.size = 0;
	put(&s->puppet.session, at + 1, *at);
	at += 1 + *at;
	at += 2 + get_number(at, 2);
	at += 1 + *at;
	end = at + 2 + get_number(at, 2);
	for (at += 2; at < end; at += 4 + get_number(at + 2, 2))
		if (get_number(at, 2) == EXT_KEY_SHARE &&
		    get_number(at + 6, 2) == X25519) {
			memcpy(s->puppet.share, at + 10, 32);
			return true;
		}
	return false;
}

static bool hear_hello(struct stage *s)
{
	struct text *hello = calloc(1, sizeof(*hello));
	bool good = puppet_read(&s->puppet, hello) == HANDSHAKE &&
		    find_share(s, hello);

	put(&s->puppet.messages, hello->bytes, hello->size);
	free(hello);
	return good;
}

/*
 * struct server_hello - what a hello has that is wrong
 */
struct server_hello {
	unsigned int legacy, suite, compression, version, group;
	const uint8_t *random;
	const uint8_t *public;
	size_t public_size;
	bool session, no_version, no_share, retry, twice;
	int more;
};

static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02,
	0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static void put_share(struct stage *s, const struct server_hello *hello)
{
	uint8_t public[PEER_PUBLIC_MAX];
	struct text share = {};
	size_t size;

	put_number(&share, hello->group ?: X25519, 2);
	if (!hello->retry) {
		s->puppet.pair = peer_pair("X25519");
		size = peer_public(s->puppet.pair, public);
		if (hello->public_size)
			size = hello->public_size;
		put_number(&share, size, 2);
		put(&share, hello->public ?: public, size);
	}
	put_extension(&s->message, EXT_KEY_SHARE, share.bytes, share.size);
}

static void write_hello(struct stage *s, const struct server_hello *hello)
{
	static const uint8_t random[32] = { 1, 2, 3 };
	struct text *m = &s->message;
	struct text version = {};
	size_t at;

	message_begin(m, SERVER_HELLO);
	put_number(m, hello->legacy ?: 0x0303, 2);
	put(m, hello->retry ? retry_random : random, 32);
	put_number(m, s->puppet.session.size + hello->session, 1);
	put(m, s->puppet.session.bytes, s->puppet.session.size);
	put_number(m, 0, hello->session);
	put_number(m, hello->suite ?: s->puppet.suite->code, 2);
	put_number(m, hello->compression, 1);
	at = put_later(m, 2);
	put_number(&version, hello->version ?: 0x0304, 2);
	for (int i = 0; i < 1 + hello->twice && !hello->no_version; i++)
		put_extension(m, EXT_VERSIONS, version.bytes, version.size);
	if (!hello->no_share)
		put_share(s, hello);
	if (hello->more)
		put_extension(m, hello->more, "\0", 2);
	put_length(m, at, 2);
	message_end(m);
}

static void say_hello(struct stage *s, const struct server_hello *hello)
{
	write_hello(s, hello);
	puppet_message(&s->puppet, &s->message);
}

static void say_extensions(struct stage *s)
{
	message_begin(&s->message, ENCRYPTED_EXTENSIONS);
	put_number(&s->message, 0, 2);
	puppet_message(&s->puppet, &s->message);
}

static void write_certificate(struct stage *s)
{
	uint8_t der[KT_CERT_MAX];
	size_t size = kt_read_cert("good.crt", der), list, one;

	message_begin(&s->message, CERTIFICATE);
	put_number(&s->message, 0, 1);
	list = put_later(&s->message, 3);
	one = put_later(&s->message, 3);
	put(&s->message, der, size);
	put_length(&s->message, one, 3);
	put_number(&s->message, 0, 2);
	put_length(&s->message, list, 3);
	message_end(&s->message);
}

static void say_certificate(struct stage *s)
{
	write_certificate(s);
	puppet_message(&s->puppet, &s->message);
}

static void say_verify(struct stage *s)
{
	message_begin(&s->message, CERTIFICATE_VERIFY);
	put_signature(&s->puppet, &s->message, s->key);
	puppet_message(&s->puppet, &s->message);
}

/* The hellos are done, and what follows is sealed. */
static void greet(struct stage *s)
{
	static const struct server_hello honest;

	say_hello(s, &honest);
	puppet_agree(&s->puppet);
}

static void prove(struct stage *s)
{
	greet(s);
	say_extensions(s);
	say_certificate(s);
	say_verify(s);
}

/* The server has said everything; its data can follow. */
static void finish(struct stage *s)
{
	puppet_finished(&s->puppet, false);
	puppet_application(&s->puppet, &s->own, &s->peer);
	puppet_set_own(&s->puppet, &s->own);
}

/* The client's Finished and its question were read. */
static bool listen_to(struct stage *s)
{
	struct text *text = calloc(1, sizeof(*text));
	bool good = puppet_read(&s->puppet, text) == HANDSHAKE &&
		    text->bytes[0] == FINISHED;

	puppet_set_peer(&s->puppet, &s->peer);
	good = good && puppet_read(&s->puppet, text) == DATA &&
	       memcmp(text->bytes, "GET ", 4) == 0;
	free(text);
	return good;
}

static void shake_hands(struct stage *s)
{
	prove(s);
	finish(s);
	if (!listen_to(s))
		abort();
}

static void say(struct stage *s, const char *text)
{
	puppet_record(&s->puppet, DATA, text, strlen(text));
}

static void say_alert(struct stage *s, int alert)
{
	const uint8_t bytes[] = { alert ? 2 : 1, alert };

	puppet_record(&s->puppet, ALERT, bytes, sizeof(bytes));
}

#define PAGE	"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\npage"

static void serve(struct stage *s)
{
	shake_hands(s);
	say(s, PAGE);
	say_alert(s, CLOSE_NOTIFY);
}

/* --- what is no TLS ------------------------------------------------------- */

static void garbage(struct stage *s)
{
	static const char text[] = "HTTP/1.0 400 Bad Request\r\n\r\n";

	puppet_raw(&s->puppet, text, strlen(text));
}

static void raw_header(struct stage *s, int type, size_t size)
{
	const uint8_t header[] = { type, 3, 3, size >> 8, size };
	static const uint8_t zeros[20000];

	puppet_raw(&s->puppet, header, sizeof(header));
	puppet_raw(&s->puppet, zeros, size);
}

static void plain_too_long(struct stage *s)
{
	raw_header(s, HANDSHAKE, 16385);
}

static void sealed_too_long(struct stage *s)
{
	greet(s);
	raw_header(s, DATA, 16641);
}

static void text_too_long(struct stage *s)
{
	static uint8_t inner[16386] = { [16385] = HANDSHAKE };

	greet(s);
	puppet_inner(&s->puppet, inner, sizeof(inner));
}

static void text_too_long_by_zeros(struct stage *s)
{
	static uint8_t inner[16386] = { 1, HANDSHAKE };

	greet(s);
	puppet_inner(&s->puppet, inner, sizeof(inner));
}

static void empty_message(struct stage *s)
{
	puppet_record(&s->puppet, HANDSHAKE, "", 0);
}

static void sealed_too_early(struct stage *s)
{
	raw_header(s, DATA, 40);
}

static void unknown_message(struct stage *s)
{
	message_begin(&s->message, 99);
	puppet_message(&s->puppet, &s->message);
}

static void other_message(struct stage *s)
{
	message_begin(&s->message, FINISHED);
	put(&s->message, "0123456789abcdef0123456789abcdef", 32);
	puppet_message(&s->puppet, &s->message);
}

static void message_too_long(struct stage *s)
{
	static const uint8_t header[] = { SERVER_HELLO, 0, 0x80, 0 };

	puppet_record(&s->puppet, HANDSHAKE, header, sizeof(header));
}

/* --- hellos --------------------------------------------------------------- */

static void hello_of(struct stage *s, const struct server_hello *hello)
{
	say_hello(s, hello);
}

#define HELLO(name, ...) \
static void name(struct stage *s) \
{ \
	static const struct server_hello hello = { __VA_ARGS__ }; \
	hello_of(s, &hello); \
}

static const uint8_t zeros[65];

HELLO(hello_suite, .suite = 0x1302)
HELLO(hello_suite_unknown, .suite = 0x1304)
HELLO(hello_old, .no_version = true, .no_share = true)
HELLO(hello_version, .version = 0x0303)
HELLO(hello_legacy, .legacy = 0x0302)
HELLO(hello_compressed, .compression = 1)
HELLO(hello_session, .session = true)
HELLO(hello_low_order, .public = zeros)
HELLO(hello_short_key, .public = zeros, .public_size = 31)
HELLO(hello_group, .group = P256, .public = zeros, .public_size = 65)
HELLO(hello_no_share, .no_share = true)
HELLO(hello_ticket, .more = EXT_PSK)
HELLO(hello_unknown, .more = 0x1234)
HELLO(hello_twice, .twice = true)
HELLO(hello_cookie, .more = EXT_COOKIE)
HELLO(retry_same, .retry = true)
HELLO(retry_nothing, .retry = true, .no_share = true)
HELLO(retry_unknown, .retry = true, .group = 0x18)

static void hello_cut(struct stage *s)
{
	static const struct server_hello honest;

	write_hello(s, &honest);
	s->message.size -= 3;
	puppet_message(&s->puppet, &s->message);
}

static void hello_longer(struct stage *s)
{
	static const struct server_hello honest;

	write_hello(s, &honest);
	put_number(&s->message, 0, 1);
	puppet_message(&s->puppet, &s->message);
}

/* What follows a hello is under other keys. */
static void hello_and_more(struct stage *s)
{
	static const struct server_hello honest;

	write_hello(s, &honest);
	put_number(&s->message, ENCRYPTED_EXTENSIONS, 1);
	puppet_record(&s->puppet, HANDSHAKE, s->message.bytes, s->message.size);
}

/* A cookie is something new, another one is one too many. */
static void retry_twice(struct stage *s)
{
	static const struct server_hello retry = { .retry = true, .no_share = true };
	static const uint8_t cookie[] = { 0, 4, 1, 2, 3, 4 };

	for (int i = 0; i < 2; i++) {
		write_hello(s, &retry);
		put_extension(&s->message, EXT_COOKIE, cookie, sizeof(cookie));
		/* The extensions have grown. */
		put_length(&s->message, 4 + 2 + 32 + 1 + 2 + 1, 2);
		puppet_message(&s->puppet, &s->message);
		if (!i && !hear_hello(s))
			abort();
	}
}

/* --- what follows the hellos ---------------------------------------------- */

static void in_the_open(struct stage *s)
{
	greet(s);
	s->puppet.has_own = false;
	say_extensions(s);
}

static void no_type(struct stage *s)
{
	greet(s);
	puppet_inner(&s->puppet, zeros, 20);
}

static void inner_spec(struct stage *s)
{
	greet(s);
	puppet_record(&s->puppet, SPEC, "\1", 1);
}

static void inner_unknown(struct stage *s)
{
	greet(s);
	puppet_record(&s->puppet, 25, "\1", 1);
}

static void empty_sealed_message(struct stage *s)
{
	greet(s);
	puppet_record(&s->puppet, HANDSHAKE, "", 0);
}

static void data_too_early(struct stage *s)
{
	greet(s);
	say(s, "HTTP/1.0 200 OK\r\n\r\n");
}

static void extensions_of(struct stage *s, const void *bytes, size_t size)
{
	greet(s);
	message_begin(&s->message, ENCRYPTED_EXTENSIONS);
	put(&s->message, bytes, size);
	puppet_message(&s->puppet, &s->message);
}

static void extensions_unasked(struct stage *s)
{
	/* ALPN */
	extensions_of(s, "\0\4\0\x10\0\0", 6);
}

static void extensions_twice(struct stage *s)
{
	extensions_of(s, "\0\x08\0\0\0\0\0\0\0\0", 10);
}

static void extensions_cut(struct stage *s)
{
	extensions_of(s, "\0\4\0", 3);
}

static void extensions_longer(struct stage *s)
{
	extensions_of(s, "\0\0\0", 3);
}

static void no_certificate(struct stage *s)
{
	greet(s);
	say_extensions(s);
	puppet_finished(&s->puppet, false);
}

static void certificate_empty(struct stage *s)
{
	greet(s);
	say_extensions(s);
	message_begin(&s->message, CERTIFICATE);
	put(&s->message, "\0\0\0\0", 4);
	puppet_message(&s->puppet, &s->message);
}

static void certificate_cut(struct stage *s)
{
	greet(s);
	say_extensions(s);
	write_certificate(s);
	s->message.size -= 2;
	puppet_message(&s->puppet, &s->message);
}

static void certificate_context(struct stage *s)
{
	greet(s);
	say_extensions(s);
	message_begin(&s->message, CERTIFICATE);
	put(&s->message, "\1\0\0\0\0", 5);
	puppet_message(&s->puppet, &s->message);
}

static void signature_of_other(struct stage *s)
{
	struct text other;

	greet(s);
	say_extensions(s);
	say_certificate(s);
	message_begin(&s->message, CERTIFICATE_VERIFY);
	put_signature(&s->puppet, &s->message, s->key);
	/* One bit of it */
	other = s->message;
	other.bytes[other.size - 1] ^= 1;
	puppet_message(&s->puppet, &other);
}

/* PKCS#1 v1.5 has no place in TLS 1.3. */
static void signature_scheme(struct stage *s)
{
	greet(s);
	say_extensions(s);
	say_certificate(s);
	message_begin(&s->message, CERTIFICATE_VERIFY);
	put_signature(&s->puppet, &s->message, s->key);
	memcpy(s->message.bytes + 4, "\4\1", 2);
	puppet_message(&s->puppet, &s->message);
}

static void wrong_finished(struct stage *s)
{
	prove(s);
	puppet_finished(&s->puppet, true);
}

static void short_finished(struct stage *s)
{
	prove(s);
	message_begin(&s->message, FINISHED);
	put(&s->message, zeros, 31);
	puppet_message(&s->puppet, &s->message);
}

/* --- change_cipher_spec --------------------------------------------------- */

static void raw_spec(struct stage *s, const char *bytes, size_t size)
{
	uint8_t record[16] = { SPEC, 3, 3, 0, size };

	memcpy(record + 5, bytes, size);
	puppet_raw(&s->puppet, record, 5 + size);
}

static void spec_twice(struct stage *s)
{
	raw_spec(s, "\1", 1);
	greet(s);
	raw_spec(s, "\1", 1);
}

static void spec_of_two(struct stage *s)
{
	greet(s);
	raw_spec(s, "\2", 1);
}

static void spec_longer(struct stage *s)
{
	greet(s);
	raw_spec(s, "\1\1", 2);
}

static void spec_too_late(struct stage *s)
{
	shake_hands(s);
	raw_spec(s, "\1", 1);
}

/* One may come. */
static void spec_once(struct stage *s)
{
	greet(s);
	raw_spec(s, "\1", 1);
	say_extensions(s);
	say_certificate(s);
	say_verify(s);
	finish(s);
	if (!listen_to(s))
		abort();
	say(s, PAGE);
	say_alert(s, CLOSE_NOTIFY);
}

/* --- records that were tampered with -------------------------------------- */

static void sent_again(struct stage *s)
{
	shake_hands(s);
	say(s, PAGE);
	puppet_raw(&s->puppet, s->puppet.record.bytes, s->puppet.record.size);
}

static void changed(struct stage *s)
{
	shake_hands(s);
	/* The record is made, and goes nowhere. */
	s->puppet.fd = -s->puppet.fd;
	say(s, PAGE);
	s->puppet.fd = -s->puppet.fd;
	s->puppet.record.bytes[7] ^= 1;
	puppet_raw(&s->puppet, s->puppet.record.bytes, s->puppet.record.size);
}

static void left_out(struct stage *s)
{
	shake_hands(s);
	s->puppet.own_number++;
	say(s, PAGE);
}

static void cut_inside(struct stage *s)
{
	shake_hands(s);
	s->puppet.fd = -s->puppet.fd;
	say(s, PAGE);
	s->puppet.fd = -s->puppet.fd;
	s->puppet.record.bytes[4]--;
	puppet_raw(&s->puppet, s->puppet.record.bytes,
		   s->puppet.record.size - 1);
}

static void shorter_than_tag(struct stage *s)
{
	shake_hands(s);
	raw_header(s, DATA, 16);
}

/* --- after the handshake -------------------------------------------------- */

static void update_of_two(struct stage *s)
{
	shake_hands(s);
	puppet_update(&s->puppet, 2);
}

static void update_and_more(struct stage *s)
{
	shake_hands(s);
	message_begin(&s->message, KEY_UPDATE);
	put_number(&s->message, 0, 1);
	message_end(&s->message);
	put_number(&s->message, KEY_UPDATE, 1);
	puppet_record(&s->puppet, HANDSHAKE, s->message.bytes, s->message.size);
}

/* The end of data is not in the middle of a message. */
static void half_a_message(struct stage *s)
{
	shake_hands(s);
	puppet_record(&s->puppet, HANDSHAKE, "\4\0", 2);
	say(s, PAGE);
}

static void hello_again(struct stage *s)
{
	static const struct server_hello honest;

	shake_hands(s);
	say_hello(s, &honest);
}

static void ticket_for_ever(struct stage *s)
{
	shake_hands(s);
	message_begin(&s->message, NEW_SESSION_TICKET);
	put_number(&s->message, 604801, 4);
	put_number(&s->message, 0, 4);
	put(&s->message, "\0\0\1x\0\0", 6);
	puppet_message(&s->puppet, &s->message);
}

static void ticket_cut(struct stage *s)
{
	shake_hands(s);
	message_begin(&s->message, NEW_SESSION_TICKET);
	put_number(&s->message, 1, 4);
	puppet_message(&s->puppet, &s->message);
}

static void no_data(struct stage *s)
{
	shake_hands(s);
	for (int i = 0; i < 65; i++)
		say(s, "");
}

static void little_data(struct stage *s)
{
	shake_hands(s);
	for (int i = 0; i < 64; i++)
		say(s, "");
	say(s, PAGE);
	say_alert(s, CLOSE_NOTIFY);
}

static void forged_end(struct stage *s)
{
	shake_hands(s);
	puppet_plain_alerts(&s->puppet, WARNING, CLOSE_NOTIFY, 1);
}

/* A page without a length ends where the connection does. */
static void forged_end_of_page(struct stage *s)
{
	shake_hands(s);
	say(s, "HTTP/1.0 200 OK\r\n\r\nhalf a ");
	puppet_update(&s->puppet, 0);
	puppet_plain_alerts(&s->puppet, WARNING, CLOSE_NOTIFY, 1);
}

static void flooding(struct stage *s)
{
	puppet_plain_alerts(&s->puppet, WARNING, USER_CANCELED, 65);
}

static void flooding_less(struct stage *s)
{
	puppet_plain_alerts(&s->puppet, WARNING, USER_CANCELED, 64);
	serve(s);
}

static void short_alert(struct stage *s)
{
	shake_hands(s);
	puppet_record(&s->puppet, ALERT, "\2", 1);
}

/* --- ends ----------------------------------------------------------------- */

static void fatal_alert(struct stage *s)
{
	shake_hands(s);
	say_alert(s, ILLEGAL);
}

static void plain_alert(struct stage *s)
{
	say_alert(s, 40);
}

static void closed_early(struct stage *s)
{
	say_alert(s, CLOSE_NOTIFY);
}

static void truncated(struct stage *s)
{
	shake_hands(s);
	say(s, PAGE);
}

static void truncated_inside(struct stage *s)
{
	static const uint8_t header[] = { DATA, 3, 3, 0, 40, 1, 2, 3 };

	shake_hands(s);
	say(s, PAGE);
	puppet_raw(&s->puppet, header, sizeof(header));
}

static void silent(struct stage *s)
{
	char byte;

	shake_hands(s);
	/* Until the client has given up */
	while (recv(s->puppet.fd, &byte, 1, 0) > 0)
		;
}

/* Each byte comes in time, and all of them would not. */
static void dripping(struct stage *s)
{
	static const uint8_t header[] = { HANDSHAKE, 3, 3, 0x40, 0 };
	struct pollfd client = { .fd = s->puppet.fd, .events = POLLIN };

	puppet_raw(&s->puppet, header, sizeof(header));
	while (poll(&client, 1, 500) == 0)
		puppet_raw(&s->puppet, header, 1);
}

static void answer(struct stage *s, const char *text)
{
	shake_hands(s);
	say(s, text);
	say_alert(s, CLOSE_NOTIFY);
}

static void not_found(struct stage *s)
{
	answer(s, "HTTP/1.0 404 Not Found\r\n\r\nno page");
}

static void no_http(struct stage *s)
{
	answer(s, "220 mail.example ESMTP\r\n\r\n");
}

static void no_blank(struct stage *s)
{
	answer(s, "HTTP/1.1404\r\n\r\n");
}

static void no_status(struct stage *s)
{
	answer(s, "HTTP/1.0 \r\n\r\n");
}

static void long_status(struct stage *s)
{
	answer(s, "HTTP/1.0 2004 OK\r\n\r\npage");
}

static void status_alone(struct stage *s)
{
	answer(s, "HTTP/1.1 200\r\n\r\npage");
}

static void no_answer(struct stage *s)
{
	answer(s, "HTTP/1.0 200 OK\r\n");
}

static void in_pieces(struct stage *s)
{
	answer(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n");
}

static void page_short(struct stage *s)
{
	answer(s, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\npage");
}

static void page_long(struct stage *s)
{
	answer(s, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\npage");
}

static void no_length(struct stage *s)
{
	answer(s, "HTTP/1.0 200 OK\r\nContent-Length: -4\r\n\r\npage");
}

/*
 * struct play - what a server does, and what the client makes of it
 * @name:	for messages
 * @act:	what the server does once it has heard the hello
 * @code:	what the client ends with
 * @alert:	the alert that the server gets
 * @says:	part of the client's line
 */
struct play {
	const char *name;
	void (*act)(struct stage *s);
	int code;
	int alert;
	const char *says;
};

#define PLAY(act, code, alert, says)	{ #act, act, code, alert, says }

static const struct play unexpected[] = {
	PLAY(garbage, KT_REFUSED, UNEXPECTED, "does not speak TLS"),
	PLAY(empty_message, KT_REFUSED, UNEXPECTED, "empty record"),
	PLAY(sealed_too_early, KT_REFUSED, UNEXPECTED, "before there are keys"),
	PLAY(unknown_message, KT_REFUSED, UNEXPECTED, "no place here"),
	PLAY(other_message, KT_REFUSED, UNEXPECTED, "no place here"),
	PLAY(hello_and_more, KT_REFUSED, UNEXPECTED, "change of keys"),
	PLAY(retry_twice, KT_REFUSED, UNEXPECTED, "third hello"),
	PLAY(in_the_open, KT_REFUSED, UNEXPECTED, "not sealed"),
	PLAY(no_type, KT_REFUSED, UNEXPECTED, "without a type"),
	PLAY(inner_spec, KT_REFUSED, UNEXPECTED, "unknown type"),
	PLAY(inner_unknown, KT_REFUSED, UNEXPECTED, "unknown type"),
	PLAY(empty_sealed_message, KT_REFUSED, UNEXPECTED, "empty record"),
	PLAY(data_too_early, KT_REFUSED, UNEXPECTED, "no place here"),
	PLAY(no_certificate, KT_REFUSED, UNEXPECTED, "no certificate"),
	PLAY(update_and_more, KT_REFUSED, UNEXPECTED, "change of keys"),
	PLAY(half_a_message, KT_REFUSED, UNEXPECTED, "no place here"),
	PLAY(hello_again, KT_REFUSED, UNEXPECTED, "no place here"),
	PLAY(no_data, KT_REFUSED, UNEXPECTED, "without data"),
	PLAY(little_data, 0, CLOSE_NOTIFY, ""),
	PLAY(forged_end, KT_REFUSED, UNEXPECTED, "not sealed"),
	PLAY(forged_end_of_page, KT_REFUSED, UNEXPECTED, "not sealed"),
	PLAY(flooding, KT_REFUSED, UNEXPECTED, "without data"),
	PLAY(flooding_less, 0, CLOSE_NOTIFY, ""),
};

static const struct play specs[] = {
	PLAY(spec_twice, KT_REFUSED, UNEXPECTED, "change_cipher_spec"),
	PLAY(spec_of_two, KT_REFUSED, UNEXPECTED, "change_cipher_spec"),
	PLAY(spec_longer, KT_REFUSED, UNEXPECTED, "change_cipher_spec"),
	PLAY(spec_too_late, KT_REFUSED, UNEXPECTED, "change_cipher_spec"),
	PLAY(spec_once, 0, CLOSE_NOTIFY, ""),
};

static const struct play sizes[] = {
	PLAY(plain_too_long, KT_REFUSED, OVERFLOW, "too long"),
	PLAY(sealed_too_long, KT_REFUSED, OVERFLOW, "too long"),
	PLAY(text_too_long, KT_REFUSED, OVERFLOW, "too long"),
	PLAY(text_too_long_by_zeros, KT_REFUSED, OVERFLOW, "too long"),
};

static const struct play tampered[] = {
	PLAY(sent_again, KT_REFUSED, BAD_MAC, "sent again"),
	PLAY(changed, KT_REFUSED, BAD_MAC, "changed"),
	PLAY(left_out, KT_REFUSED, BAD_MAC, "left out"),
	PLAY(cut_inside, KT_REFUSED, BAD_MAC, "changed"),
	PLAY(shorter_than_tag, KT_REFUSED, BAD_MAC, "changed"),
};

/* A socket's secret ends with such a record, so that there is no alert. */
static const struct play tampered_for_socket[] = {
	PLAY(changed, KT_REFUSED, NONE, "changed"),
	PLAY(left_out, KT_REFUSED, NONE, "left out"),
};

static const struct play malformed[] = {
	PLAY(hello_cut, KT_REFUSED, DECODE, "malformed"),
	PLAY(hello_longer, KT_REFUSED, DECODE, "malformed"),
	PLAY(extensions_cut, KT_REFUSED, DECODE, "malformed"),
	PLAY(extensions_longer, KT_REFUSED, DECODE, "malformed"),
	PLAY(certificate_cut, KT_REFUSED, DECODE, "malformed"),
	PLAY(certificate_empty, KT_REFUSED, DECODE, "no certificate"),
	PLAY(short_finished, KT_REFUSED, DECODE, "another length"),
	PLAY(ticket_cut, KT_REFUSED, DECODE, "malformed"),
	PLAY(short_alert, KT_REFUSED, DECODE, "malformed alert"),
};

static const struct play illegal[] = {
	PLAY(message_too_long, KT_REFUSED, ILLEGAL, "too long"),
	PLAY(hello_suite, KT_REFUSED, ILLEGAL, "not offered"),
	PLAY(hello_suite_unknown, KT_REFUSED, ILLEGAL, "not offered"),
	PLAY(hello_version, KT_REFUSED, ILLEGAL, "not offered"),
	PLAY(hello_legacy, KT_REFUSED, ILLEGAL, "TLS 1.3 does not have"),
	PLAY(hello_compressed, KT_REFUSED, ILLEGAL, "TLS 1.3 does not have"),
	PLAY(hello_session, KT_REFUSED, ILLEGAL, "session id"),
	PLAY(hello_low_order, KT_REFUSED, ILLEGAL, "public key"),
	PLAY(hello_short_key, KT_REFUSED, ILLEGAL, "public key"),
	PLAY(hello_group, KT_REFUSED, ILLEGAL, "group"),
	PLAY(hello_twice, KT_REFUSED, ILLEGAL, "twice"),
	PLAY(retry_same, KT_REFUSED, ILLEGAL, "group"),
	PLAY(retry_nothing, KT_REFUSED, ILLEGAL, "same hello"),
	PLAY(retry_unknown, KT_REFUSED, ILLEGAL, "group"),
	PLAY(extensions_twice, KT_REFUSED, ILLEGAL, "twice"),
	PLAY(certificate_context, KT_REFUSED, ILLEGAL, "context"),
	PLAY(signature_scheme, KT_REFUSED, ILLEGAL, "not offered"),
	PLAY(update_of_two, KT_REFUSED, ILLEGAL, "KeyUpdate"),
	PLAY(ticket_for_ever, KT_REFUSED, ILLEGAL, "too long"),
	PLAY(hello_no_share, KT_REFUSED, MISSING, "public key"),
};

static const struct play others[] = {
	PLAY(hello_old, KT_REFUSED, VERSION, "does not speak TLS 1.3"),
	PLAY(hello_ticket, KT_REFUSED, UNSUPPORTED, "not asked for"),
	PLAY(hello_unknown, KT_REFUSED, UNSUPPORTED, "not asked for"),
	PLAY(hello_cookie, KT_REFUSED, UNSUPPORTED, "not asked for"),
	PLAY(extensions_unasked, KT_REFUSED, UNSUPPORTED, "not asked for"),
	PLAY(wrong_finished, KT_REFUSED, DECRYPT, "Finished"),
	PLAY(signature_of_other, KT_REFUSED, DECRYPT, "not the key"),
};

static const struct play ends[] = {
	PLAY(serve, 0, CLOSE_NOTIFY, ""),
	PLAY(fatal_alert, KT_ENDED, NONE, "(illegal_parameter)"),
	PLAY(plain_alert, KT_ENDED, NONE, "(handshake_failure)"),
	PLAY(closed_early, KT_ENDED, NONE, "(close_notify)"),
	PLAY(truncated, KT_ENDED, NONE, "without close_notify"),
	PLAY(truncated_inside, KT_ENDED, NONE, "within a record"),
	PLAY(silent, KT_ENDED, NONE, "in time"),
	PLAY(dripping, KT_ENDED, NONE, "in time"),
};

static const struct play answers[] = {
	PLAY(not_found, KT_ANSWER, CLOSE_NOTIFY, "answers 404 Not Found"),
	PLAY(no_http, KT_ANSWER, CLOSE_NOTIFY, "HTTP/1"),
	PLAY(no_blank, KT_ANSWER, CLOSE_NOTIFY, "HTTP/1"),
	PLAY(no_status, KT_ANSWER, CLOSE_NOTIFY, "HTTP/1"),
	PLAY(long_status, KT_ANSWER, CLOSE_NOTIFY, "HTTP/1"),
	PLAY(status_alone, 0, CLOSE_NOTIFY, ""),
	PLAY(no_answer, KT_ANSWER, CLOSE_NOTIFY, "without an answer"),
	PLAY(in_pieces, KT_ANSWER, CLOSE_NOTIFY, "in pieces"),
	PLAY(page_short, KT_ANSWER, CLOSE_NOTIFY, "cut short"),
	PLAY(page_long, KT_ANSWER, CLOSE_NOTIFY, "more than the page"),
	PLAY(no_length, KT_ANSWER, CLOSE_NOTIFY, "no length"),
};

/* --- the plays ------------------------------------------------------------ */

FIXTURE(hostile)
{
	struct kt kt;
	int listener;
};

FIXTURE_SETUP(hostile)
{
	REQUIRE_KEYED_TLS(&self->kt);
	self->listener = kt_listen();
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(hostile)
{
	close(self->listener);
	kt_end(&self->kt);
}

#define CLIENT \
	"keyed-tls get %s --ca good.crt --connect 127.0.0.1 --timeout %d " \
	"--ciphersuite aes-128-gcm https://localhost:4433/page"

/* More options of the client, which a test may set before it begins */
static const char *options = "";

/* The time of a silent server is short, that of others is more than they need. */
static pid_t begin(struct stage *s, int listener, EVP_PKEY *key, int timeout)
{
	pid_t client = kt_start("client", CLIENT, options, timeout);

	memset(s, 0, sizeof(*s));
	s->key = key;
	s->puppet.server = true;
	s->puppet.suite = &peer_suites[0];
	s->puppet.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return client;
}

/* Returns what the client ended with; @alert is what it said before. */
static int run_play(int listener, EVP_PKEY *key, const struct play *play,
		    int *alert)
{
	struct stage *s = malloc(sizeof(*s));
	const bool late = play->act == silent || play->act == dripping;
	pid_t client = begin(s, listener, key, late ? 2 : 60);
	int code;

	*alert = NONE;
	if (hear_hello(s)) {
		play->act(s);
		shutdown(s->puppet.fd, SHUT_WR);
		*alert = puppet_alert(&s->puppet);
	}
	code = kt_wait(client);
	close(s->puppet.fd);
	EVP_PKEY_free(s->puppet.pair);
	free(s);
	return code;
}

#define RUN_PLAYS(plays) do { \
	for (size_t _i = 0; _i < ARRAY_SIZE(plays); _i++) { \
		const struct play *play = &(plays)[_i]; \
		int alert; \
		\
		EXPECT_EQ(play->code, run_play(self->listener, self->kt.pair, play, \
					       &alert)) { \
			TH_LOG("%s: %s", play->name, kt_said("client.err")); \
		} \
		EXPECT_EQ(play->alert, alert) { \
			TH_LOG("%s: %s", play->name, kt_said("client.err")); \
		} \
		EXPECT_TRUE(kt_says("client.err", play->says)) { \
			TH_LOG("%s: %s", play->name, kt_said("client.err")); \
		} \
		EXPECT_EQ(play->code ? 1 : 0, sh("exit $(wc -l <client.err)")) { \
			TH_LOG("%s: %s", play->name, kt_said("client.err")); \
		} \
	} \
} while (0)

/* Shows: KT-14, KT-22, KT-27, KT-39. */
TEST_F_TIMEOUT(hostile, out_of_place, 300)
{
	RUN_PLAYS(unexpected);
}

/* Shows: KT-15. */
TEST_F_TIMEOUT(hostile, change_cipher_spec, 300)
{
	RUN_PLAYS(specs);
}

/* Shows: KT-16. */
TEST_F_TIMEOUT(hostile, sizes, 300)
{
	RUN_PLAYS(sizes);
}

/* Shows: KT-17. */
TEST_F_TIMEOUT(hostile, tampered, 300)
{
	RUN_PLAYS(tampered);
}

/* Shows: KT-18. */
TEST_F_TIMEOUT(hostile, malformed, 300)
{
	RUN_PLAYS(malformed);
}

/* Shows: KT-19. */
TEST_F_TIMEOUT(hostile, illegal, 300)
{
	RUN_PLAYS(illegal);
}

/* Shows: KT-20, KT-21, KT-30. */
TEST_F_TIMEOUT(hostile, others, 300)
{
	RUN_PLAYS(others);
}

/* Shows: KT-11..13, KT-27. */
TEST_F_TIMEOUT(hostile, ends, 300)
{
	RUN_PLAYS(ends);
}

/*
 * Shows: KT-13. All bytes of the handshake are there when the client goes on, so that it
 * has to wait for none; but its time is up.
 */
TEST_F_TIMEOUT(hostile, late_at_once, 120)
{
	struct stage *s = malloc(sizeof(*s));
	pid_t client = begin(s, self->listener, self->kt.pair, 1);

	ASSERT_TRUE(hear_hello(s));
	ASSERT_EQ(0, kill(client, SIGSTOP));
	prove(s);
	finish(s);
	sleep_ms(2 * 1000 + 100);
	ASSERT_EQ(0, kill(client, SIGCONT));
	EXPECT_FALSE(listen_to(s));
	EXPECT_EQ(KT_ENDED, kt_wait(client));
	EXPECT_TRUE(kt_says("client.err", "in time"));
	close(s->puppet.fd);
	EVP_PKEY_free(s->puppet.pair);
	free(s);
}

/* Shows: KT-28. */
TEST_F_TIMEOUT(hostile, answers, 300)
{
	RUN_PLAYS(answers);
}

/* Shows: KT-43. */
TEST_F_TIMEOUT(hostile, tampered_for_socket, 300)
{
	options = "--ktls";
	RUN_PLAYS(tampered_for_socket);
}

/* Shows: KT-9. Its own KeyUpdate comes first, and what follows is by a new key. */
TEST_F_TIMEOUT(hostile, key_update, 120)
{
	struct stage *s = malloc(sizeof(*s));
	pid_t client = begin(s, self->listener, self->kt.pair, 60);
	struct text *text = calloc(1, sizeof(*text));
	static const uint8_t answer[] = { KEY_UPDATE, 0, 0, 1, 0 };

	ASSERT_TRUE(hear_hello(s));
	shake_hands(s);
	message_begin(&s->message, KEY_UPDATE);
	put_number(&s->message, 1, 1);
	puppet_message(&s->puppet, &s->message);
	puppet_next(&s->puppet, true);
	ASSERT_EQ(HANDSHAKE, puppet_read(&s->puppet, text));
	EXPECT_EQ(sizeof(answer), text->size);
	EXPECT_EQ(0, memcmp(text->bytes, answer, sizeof(answer)));
	puppet_next(&s->puppet, false);
	say(s, PAGE);
	say_alert(s, CLOSE_NOTIFY);
	EXPECT_EQ(CLOSE_NOTIFY, puppet_alert(&s->puppet));
	EXPECT_EQ(0, kt_wait(client));
	EXPECT_EQ(0, strcmp("page", kt_said("client.out")));
	close(s->puppet.fd);
}

/* Shows: KT-31. The certificate is an empty one, and no CertificateVerify follows. */
TEST_F_TIMEOUT(hostile, certificate_request, 120)
{
	static const uint8_t asked[] = { 0, 0, 8, 0, 13, 0, 4, 0, 2, 8, 4 };
	static const uint8_t empty[] = { CERTIFICATE, 0, 0, 4, 0, 0, 0, 0 };
	struct stage *s = malloc(sizeof(*s));
	pid_t client = begin(s, self->listener, self->kt.pair, 60);
	struct text *text = calloc(1, sizeof(*text));

	ASSERT_TRUE(hear_hello(s));
	greet(s);
	say_extensions(s);
	message_begin(&s->message, CERTIFICATE_REQUEST);
	put(&s->message, asked, sizeof(asked));
	puppet_message(&s->puppet, &s->message);
	say_certificate(s);
	say_verify(s);
	finish(s);
	ASSERT_EQ(HANDSHAKE, puppet_read(&s->puppet, text));
	EXPECT_EQ(sizeof(empty), text->size);
	EXPECT_EQ(0, memcmp(text->bytes, empty, sizeof(empty)));
	ASSERT_TRUE(listen_to(s));
	say(s, PAGE);
	say_alert(s, CLOSE_NOTIFY);
	EXPECT_EQ(CLOSE_NOTIFY, puppet_alert(&s->puppet));
	EXPECT_EQ(0, kt_wait(client));
	close(s->puppet.fd);
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
