// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLS 1.3 with OpenSSL's server: a client whose memory never has a secret.
 *
 * The client is as small as possible for an honest server: it checks Finished
 * and not the certificate, and accepts only one order of messages.  The server
 * logs its secrets, and searches for them in the client's memory.
 */
#include <endian.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "../kselftest_harness.h"
#include "pkey_openssl.h"
#include "symmetric_ktls.h"
#include "symmetric_tls13.h"

#define MESSAGE_MAX	8192
#define TICKET_MAX	1024
#define SECRETS_MAX	16
#define LONG_TEXT	50000
/* Length of the parts of a secret that are searched for */
#define PART		16

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };
enum {
	CLIENT_HELLO = 1, SERVER_HELLO = 2, NEW_SESSION_TICKET = 4,
	ENCRYPTED_EXTENSIONS = 8, CERTIFICATE = 11, CERTIFICATE_VERIFY = 15,
	FINISHED = 20, KEY_UPDATE = 24,
};
enum {
	EXT_GROUPS = 10, EXT_SIGNATURES = 13, EXT_PSK = 41, EXT_VERSIONS = 43,
	EXT_PSK_MODES = 45, EXT_KEY_SHARE = 51,
};

/* --- the server ----------------------------------------------------------- */

/* The server's lines in the log of secrets, in their order. */
static uint8_t secrets[SECRETS_MAX][PEER_HASH_MAX];
static int secret_count;

/* "LABEL client-random secret", in hex */
static void log_secret(const SSL *ssl, const char *line)
{
	const char *hex = strrchr(line, ' ') + 1;
	unsigned int byte;

	if (secret_count == SECRETS_MAX)
		_exit(90);
	for (int i = 0; i < PEER_HASH_MAX && sscanf(hex + 2 * i, "%2x", &byte) == 1;
	     i++)
		secrets[secret_count][i] = byte;
	secret_count++;
}

/* What is read of a memory that is searched */
static uint8_t bytes[1 << 16];

/* Whether this program's own copies of the secrets are from @from to @to. */
static bool has_own_copies(unsigned long from, unsigned long to)
{
	unsigned long log = (unsigned long)secrets, read = (unsigned long)bytes;

	return (log < to && from < log + sizeof(secrets)) ||
	       (read < to && from < read + sizeof(bytes));
}

/*
 * Returns how many parts of secrets are in the memory of @task.  Of this task's own
 * memory only OpenSSL's part counts, so that the search is known to find some.
 */
static int look(pid_t task)
{
	unsigned long from, to;
	char path[64], line[512], rights[8];
	int mem, found = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/mem", task);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", task);
	maps = fopen(path, "re");
	if (mem < 0 || !maps)
		_exit(91);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 ||
		    rights[0] != 'r' || strstr(line, "[v"))
			continue;
		if (task == getpid() && has_own_copies(from, to))
			continue;
		for (; from < to; from += sizeof(bytes) - PEER_HASH_MAX) {
			size_t size = to - from < sizeof(bytes) ? to - from :
							      sizeof(bytes);
			ssize_t got = pread(mem, bytes, size, from);

			for (int i = 0; got > 0 && i < secret_count; i++)
				for (int at = 0; at < 2; at++)
					if (memmem(bytes, got,
						   secrets[i] + at * PART, PART))
						found++;
		}
	}
	fclose(maps);
	close(mem);
	return found;
}

static SSL_CTX *server_context(const struct peer_suite *suite)
{
	static const char * const names[] = {
		"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
		"TLS_CHACHA20_POLY1305_SHA256",
	};
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *pair = pair_of_openssl();
	X509 *cert = X509_new();

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 24L * 60 * 60);
	X509_set_pubkey(cert, pair);
	X509_sign(cert, pair, EVP_sha256());
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(ctx, names[suite - peer_suites]);
	SSL_CTX_use_certificate(ctx, cert);
	SSL_CTX_use_PrivateKey(ctx, pair);
	SSL_CTX_set_keylog_callback(ctx, log_secret);
	return ctx;
}

/* One connection: a question, an answer, new keys, and another answer. */
static void serve_one(SSL_CTX *ctx, int fd, bool resumed)
{
	SSL *ssl = SSL_new(ctx);
	char text[64] = {};

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) <= 0)
		_exit(92);
	if (!!SSL_session_reused(ssl) != resumed)
		_exit(93);
	if (SSL_read(ssl, text, sizeof(text)) != 4 || memcmp(text, "ping", 4))
		_exit(94);
	if (SSL_write(ssl, "pong", 4) != 4)
		_exit(95);
	/* both directions get new keys */
	if (!SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) ||
	    SSL_write(ssl, "more", 4) != 4)
		_exit(96);
	if (SSL_read(ssl, text, sizeof(text)) != 4 || memcmp(text, "done", 4))
		_exit(97);
	/*
	 * While the connection exists, the client's memory has no part of its
	 * secrets
	 */
	if (look(getppid()))
		_exit(98);
	if (!look(getpid()))
		_exit(99);
	SSL_shutdown(ssl);
	SSL_free(ssl);
}

/* A connection whose client's socket seals and opens: what it sends comes back. */
static void serve_socket(SSL_CTX *ctx, int fd)
{
	static char text[LONG_TEXT];
	SSL *ssl = SSL_new(ctx);
	int got, size = 0;

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) <= 0)
		_exit(92);
	while (size < LONG_TEXT) {
		got = SSL_read(ssl, text + size, LONG_TEXT - size);
		if (got <= 0)
			_exit(94);
		size += got;
	}
	if (SSL_write(ssl, text, LONG_TEXT) != LONG_TEXT)
		_exit(95);
	if (look(getppid()))
		_exit(98);
	if (!look(getpid()))
		_exit(99);
	SSL_shutdown(ssl);
	SSL_free(ssl);
	_exit(0);
}

static pid_t serve(const struct peer_suite *suite, int fds[2], bool twice)
{
	int client[2][2];
	pid_t child;

	for (int i = 0; i < 2; i++)
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client[i]))
			return -errno;
	child = fork();
	if (!child) {
		SSL_CTX *ctx = server_context(suite);

		for (int i = 0; i < 1 + twice; i++)
			serve_one(ctx, client[i][1], i);
		_exit(0);
	}
	for (int i = 0; i < 2; i++) {
		fds[i] = client[i][0];
		close(client[i][1]);
	}
	return child;
}

/* --- messages ------------------------------------------------------------- */

/*
 * struct text - a buffer that is written
 * @size: number of bytes
 * @bytes:	the bytes
 */
struct text {
	size_t size;
	uint8_t bytes[MESSAGE_MAX];
};

static void put(struct text *text, const void *bytes, size_t size)
{
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

static void put_number(struct text *text, unsigned int number, size_t bytes)
{
	uint32_t be = htobe32(number);

	put(text, (uint8_t *)&be + sizeof(be) - bytes, bytes);
}

/* Fill in the length of everything behind @at, in @bytes bytes. */
static void put_length(struct text *text, size_t at, size_t bytes)
{
	uint32_t be = htobe32(text->size - at - bytes);

	memcpy(text->bytes + at, (uint8_t *)&be + sizeof(be) - bytes, bytes);
}

static unsigned int number(const uint8_t *at, size_t bytes)
{
	unsigned int value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

/*
 * struct ticket - a server's ticket for the next connection
 * @psk:	the key
 * @age_add: number that is added to the ticket's age
 * @size: size of @bytes; 0 if there is no ticket
 * @bytes: the ticket, which the client sends back
 */
struct ticket {
	key_serial_t psk;
	uint32_t age_add;
	size_t size;
	uint8_t bytes[TICKET_MAX];
};

/*
 * struct client - a connection
 * @fd:		socket
 * @tls:	the keys
 * @p256: whether it uses P-256
 * @pair:	the private key
 * @ticket: ticket of the last connection, and for the next
 * @resumed: whether the server has accepted the ticket
 * @messages:	all messages so far
 * @in: messages that were received and not parsed yet
 * @at:		where the next one begins
 * @open: key that opens the server's records, if they are sealed
 */
struct client {
	int fd;
	struct tls tls;
	bool p256;
	key_serial_t pair;
	struct ticket ticket;
	bool resumed;
	struct text messages;
	struct text in;
	size_t at;
	key_serial_t open;
};

static void hash_messages(struct client *c)
{
	peer_hash(c->tls.suite, c->messages.bytes, c->messages.size,
		  c->tls.hash);
}

static bool read_all(int fd, uint8_t *bytes, size_t size)
{
	ssize_t got;

	for (; size; size -= got, bytes += got) {
		got = read(fd, bytes, size);
		if (got <= 0)
			return false;
	}
	return true;
}

/* Reads the next record's text; returns its type, or a negative error. */
static int read_record(struct client *c, struct text *text)
{
	static uint8_t record[TLS_RECORD_MAX + PEER_HEADER];
	size_t size;
	long ret;

	do {
		if (!read_all(c->fd, record, PEER_HEADER))
			return -EPIPE;
		size = number(record + 3, 2);
		if (size > TLS_RECORD_MAX ||
		    !read_all(c->fd, record + PEER_HEADER, size))
			return -EPIPE;
	} while (record[0] == CHANGE_CIPHER_SPEC);
	text->size = size;
	memcpy(text->bytes, record + PEER_HEADER, size);
	if (record[0] != DATA)
		return record[0];
	ret = tls_open(c->open, record + PEER_HEADER, size, text->bytes);
	if (ret < 0)
		return ret;
	while (ret && !text->bytes[ret - 1])
		ret--;
	if (!ret)
		return -EPROTO;
	text->size = ret - 1;
	return text->bytes[ret - 1];
}

static bool write_record(struct client *c, key_serial_t key, int type,
			 const void *bytes, size_t size)
{
	struct text inner = {}, record = {};
	uint8_t sealed[MESSAGE_MAX];

	put(&inner, bytes, size);
	if (!key) {
		put_number(&record, type, 1);
		put_number(&record, 0x0301, 2);
		put_number(&record, size, 2);
		put(&record, bytes, size);
	} else {
		put_number(&inner, type, 1);
		if (tls_seal(key, inner.bytes, inner.size, sealed) !=
		    (long)inner.size + PEER_TAG)
			return false;
		record.size = PEER_HEADER;
		peer_header(inner.size + PEER_TAG, record.bytes);
		put(&record, sealed, inner.size + PEER_TAG);
	}
	return write(c->fd, record.bytes, record.size) == (ssize_t)record.size;
}

/*
 * Reads the next message, of @type, into *@message, beginning with its header;
 * returns its size or 0.  The message is added to the hash unless it comes
 * after the handshake.
 */
static size_t read_message(struct client *c, int type, const uint8_t **message,
			   bool counts)
{
	struct text text = {};
	size_t size;

	for (;;) {
		size_t left = c->in.size - c->at;

		*message = c->in.bytes + c->at;
		size = left < 4 ? 4 : 4 + number(*message + 1, 3);
		if (left >= size)
			break;
		if (read_record(c, &text) != HANDSHAKE ||
		    c->in.size + text.size > MESSAGE_MAX)
			return 0;
		put(&c->in, text.bytes, text.size);
	}
	if ((*message)[0] != type)
		return 0;
	c->at += size;
	if (counts)
		put(&c->messages, *message, size);
	return size;
}

/* --- the handshake -------------------------------------------------------- */

static void put_extension(struct text *hello, int type, const void *bytes,
			  size_t size)
{
	put_number(hello, type, 2);
	put_number(hello, size, 2);
	put(hello, bytes, size);
}

static bool put_key_share(struct client *c, struct text *hello)
{
	int group = c->p256 ? 0x17 : 0x1d;
	const uint8_t groups[] = { 0, 2, 0, group };
	uint8_t public[PEER_PUBLIC_MAX];
	struct text share = {};
	long size;

	c->pair = tls_pair(c->p256 ? "new p256" : "new x25519");
	size = key_read(c->pair, public, sizeof(public));
	if (c->pair < 0 || size < 0)
		return false;
	put_extension(hello, EXT_GROUPS, groups, sizeof(groups));
	put_number(&share, 4 + size, 2);
	put_number(&share, group, 2);
	put_number(&share, size, 2);
	put(&share, public, size);
	put_extension(hello, EXT_KEY_SHARE, share.bytes, share.size);
	return true;
}

/* Writes the ticket, and a binder of zeros at the end of the message. */
static void put_psk(struct client *c, struct text *hello)
{
	const size_t hash = c->tls.suite->size, ticket = c->ticket.size;
	static const uint8_t zeros[PEER_HASH_MAX];
	struct text psk = {};

	put_number(&psk, 2 + ticket + 4, 2);
	put_number(&psk, ticket, 2);
	put(&psk, c->ticket.bytes, ticket);
	put_number(&psk, c->ticket.age_add, 4);
	put_number(&psk, 1 + hash, 2);
	put_number(&psk, hash, 1);
	put(&psk, zeros, hash);
	put_extension(hello, EXT_PSK, psk.bytes, psk.size);
}

/* The binder authenticates everything before the list of binders. */
static bool put_binder(struct client *c, struct text *hello)
{
	const size_t hash = c->tls.suite->size, before = hello->size - hash - 3;
	uint8_t so_far[PEER_HASH_MAX];
	key_serial_t key;

	peer_hash(c->tls.suite, hello->bytes, before, so_far);
	key = tls_derive(c->tls.suite, c->tls.early, "res-binder", NULL);
	key = tls_derive(c->tls.suite, key, "finished", NULL);
	return key > 0 && sym_mac(key, so_far, hash,
				  hello->bytes + hello->size - hash, hash) ==
			  (long)hash;
}

static bool send_hello(struct client *c)
{
	static const uint8_t versions[] = { 2, 3, 4 }, modes[] = { 1, 1 };
	static const uint8_t signatures[] = { 0, 2, 8, 4 };
	uint8_t random[32] = { 1, 2, 3 };
	struct text hello = {};
	size_t extensions;

	c->tls.early = tls_early(c->tls.suite, "client", c->ticket.size ?
				 c->ticket.psk : 0);
	if (c->tls.early < 0)
		return false;
	put_number(&hello, CLIENT_HELLO, 1);
	put_number(&hello, 0, 3);
	put_number(&hello, 0x0303, 2);
	put(&hello, random, sizeof(random));
	put_number(&hello, 0, 1);
	put_number(&hello, 2, 2);
	put_number(&hello, c->tls.suite->code, 2);
	put_number(&hello, 0x0100, 2);
	extensions = hello.size;
	put_number(&hello, 0, 2);
	put_extension(&hello, EXT_VERSIONS, versions, sizeof(versions));
	put_extension(&hello, EXT_SIGNATURES, signatures, sizeof(signatures));
	put_extension(&hello, EXT_PSK_MODES, modes, sizeof(modes));
	if (!put_key_share(c, &hello))
		return false;
	if (c->ticket.size)
		put_psk(c, &hello);
	put_length(&hello, extensions, 2);
	put_length(&hello, 1, 3);
	if (c->ticket.size && !put_binder(c, &hello))
		return false;
	put(&c->messages, hello.bytes, hello.size);
	return write_record(c, 0, HANDSHAKE, hello.bytes, hello.size);
}

/* Reads the server's share, and whether the server accepts the ticket. */
static const uint8_t *read_hello(struct client *c, size_t *size)
{
	const uint8_t *hello, *share = NULL, *at;
	size_t all = read_message(c, SERVER_HELLO, &hello, true);

	if (all < 44 || number(hello + 39 + hello[38], 2) != c->tls.suite->code)
		return NULL;
	for (at = hello + 39 + hello[38] + 5; at + 4 <= hello + all;
	     at += 4 + number(at + 2, 2)) {
		if (number(at, 2) == EXT_PSK)
			c->resumed = true;
		if (number(at, 2) == EXT_KEY_SHARE)
			share = at + 4;
	}
	if (!share || number(share, 2) != (c->p256 ? 0x17u : 0x1du))
		return NULL;
	*size = number(share + 2, 2);
	return share + 4;
}

static bool agree(struct client *c)
{
	struct tls *tls = &c->tls;
	const uint8_t *share;
	key_serial_t salt;
	size_t size;

	share = read_hello(c, &size);
	if (!share)
		return false;
	if (c->ticket.size && !c->resumed)
		return false;
	hash_messages(c);
	salt = tls_derive(tls->suite, tls->early, "derived", NULL);
	tls->handshake = tls_agree(c->pair, share, size, salt);
	tls->c_hs = tls_derive(tls->suite, tls->handshake, "c-hs-traffic",
			       tls->hash);
	tls->s_hs = tls_derive(tls->suite, tls->handshake, "s-hs-traffic",
			       tls->hash);
	salt = tls_derive(tls->suite, tls->handshake, "derived", NULL);
	tls->master = tls_master(salt);
	c->open = tls->s_hs;
	return tls->c_hs > 0 && tls->s_hs > 0 && tls->master > 0;
}

static bool read_server(struct client *c)
{
	const uint8_t *message;
	key_serial_t key;
	size_t size;

	if (!read_message(c, ENCRYPTED_EXTENSIONS, &message, true))
		return false;
	if (!c->resumed && (!read_message(c, CERTIFICATE, &message, true) ||
			    !read_message(c, CERTIFICATE_VERIFY, &message, true)))
		return false;
	hash_messages(c);
	size = read_message(c, FINISHED, &message, true);
	key = tls_derive(c->tls.suite, c->tls.s_hs, "finished", NULL);
	return size == 4 + c->tls.suite->size &&
	       sym_verify(key, c->tls.hash, size - 4, message + 4, size - 4) == 0;
}

static bool send_finished(struct client *c)
{
	const size_t size = c->tls.suite->size;
	struct text message = {};
	key_serial_t key;

	key = tls_derive(c->tls.suite, c->tls.c_hs, "finished", NULL);
	put_number(&message, FINISHED, 1);
	put_number(&message, size, 3);
	if (sym_mac(key, c->tls.hash, size, message.bytes + 4, size) !=
	    (long)size)
		return false;
	message.size += size;
	put(&c->messages, message.bytes, message.size);
	return write_record(c, c->tls.c_hs, HANDSHAKE, message.bytes,
			    message.size);
}

static bool shake_hands(struct client *c)
{
	struct tls *tls = &c->tls;
	key_serial_t res;

	if (!send_hello(c) || !agree(c) || !read_server(c))
		return false;
	hash_messages(c);
	tls->c_ap = tls_derive(tls->suite, tls->master, "c-ap-traffic",
			       tls->hash);
	tls->s_ap = tls_derive(tls->suite, tls->master, "s-ap-traffic",
			       tls->hash);
	if (!send_finished(c))
		return false;
	hash_messages(c);
	res = tls_derive(tls->suite, tls->master, "res-master", tls->hash);
	c->open = tls->s_ap;
	c->ticket.psk = res;
	return tls->c_ap > 0 && tls->s_ap > 0 && res > 0;
}

/* --- what follows it ------------------------------------------------------ */

static bool read_ticket(struct client *c, key_serial_t res)
{
	const uint8_t *message, *at;
	size_t size = read_message(c, NEW_SESSION_TICKET, &message, false);
	char hex[HEX_MAX];

	if (size < 17)
		return false;
	c->ticket.age_add = number(message + 8, 4);
	c->ticket.psk = sym_add(tls_name("psk"),
				"derive from=%d tls=resumption nonce=%s", res,
				tls_hex(message + 13, message[12], hex));
	at = message + 13 + message[12];
	c->ticket.size = number(at, 2);
	if (c->ticket.psk < 0 || c->ticket.size > TICKET_MAX)
		return false;
	memcpy(c->ticket.bytes, at + 2, c->ticket.size);
	return true;
}

static bool read_text(struct client *c, const char *want)
{
	struct text text = {};

	return read_record(c, &text) == DATA && text.size == strlen(want) &&
	       memcmp(text.bytes, want, text.size) == 0;
}

/* The server has changed its keys, and wants the client to change its own. */
static bool update_keys(struct client *c)
{
	static const uint8_t answer[] = { KEY_UPDATE, 0, 0, 1, 0 };
	const uint8_t *message;

	if (!read_message(c, KEY_UPDATE, &message, false) || message[4] != 1)
		return false;
	c->open = tls_derive(c->tls.suite, c->tls.s_ap, "traffic-upd", NULL);
	if (c->open < 0 || !write_record(c, c->tls.c_ap, HANDSHAKE, answer,
					 sizeof(answer)))
		return false;
	c->tls.c_ap = tls_derive(c->tls.suite, c->tls.c_ap, "traffic-upd", NULL);
	return c->tls.c_ap > 0;
}

/*
 * The server gives two tickets after a full handshake, and one after a
 * resumption.
 */
static bool talk(struct client *c)
{
	key_serial_t res = c->ticket.psk;

	return write_record(c, c->tls.c_ap, DATA, "ping", 4) &&
	       read_ticket(c, res) && (c->resumed || read_ticket(c, res)) &&
	       read_text(c, "pong") && update_keys(c) && read_text(c, "more") &&
	       write_record(c, c->tls.c_ap, DATA, "done", 4);
}

FIXTURE(peer)
{
	struct client client;
	int fds[2];
};

FIXTURE_VARIANT(peer)
{
	int suite;
	bool p256;
};

FIXTURE_VARIANT_ADD(peer, aes128) { 0, false };
FIXTURE_VARIANT_ADD(peer, aes256_p256) { 1, true };
FIXTURE_VARIANT_ADD(peer, chacha) { 2, false };

FIXTURE_SETUP(peer)
{
	REQUIRE_TLS13();
	self->client.tls.suite = &peer_suites[variant->suite];
	self->client.p256 = variant->p256;
}

FIXTURE_TEARDOWN(peer)
{
}

/*
 * Shows: TL-8, TL-9, TL-12, TL-15, TL-17, TL-21, TL-22, TL-33. A handshake, and
 * another one with its ticket, with key updates in between.
 */
TEST_F_TIMEOUT(peer, handshake_and_resumption, 120)
{
	struct client *c = &self->client;
	pid_t server = serve(c->tls.suite, self->fds, true);
	struct ticket ticket;

	ASSERT_LT(0, server);
	for (int i = 0; i < 2; i++) {
		c->fd = self->fds[i];
		EXPECT_TRUE(shake_hands(c) && talk(c)) {
			TH_LOG("connection %d", i);
			break;
		}
		EXPECT_EQ(i == 1, c->resumed);
		ticket = c->ticket;
		memset(&c->messages, 0, sizeof(c->messages));
		memset(&c->in, 0, sizeof(c->in));
		c->at = 0;
		c->ticket = ticket;
	}
	/* The server's result, and whether it has found secrets */
	EXPECT_EQ(0, task_result(server));
}

/* The text that comes back, behind tickets, and the server's goodbye. */
static bool read_by_socket(int fd, char *text, size_t size)
{
	uint8_t type, other[TICKET_MAX];
	size_t at = 0;
	long got;

	while (at < size) {
		got = ktls_recv_type(fd, &type, text + at, size - at);
		if (got <= 0)
			return false;
		if (type == DATA)
			at += got;
		else if (type != HANDSHAKE)
			return false;
	}
	return ktls_recv_type(fd, &type, other, sizeof(other)) == 2 &&
	       type == ALERT && other[0] == 1 && other[1] == 0;
}

/*
 * Shows: TL-34, TL-49. The client gives its secrets to the socket when it has shaken
 * hands, and is a program that reads and writes from then on.
 */
TEST_F_TIMEOUT(peer, sockets, 120)
{
	static char text[LONG_TEXT], back[LONG_TEXT];
	struct client *c = &self->client;
	pid_t server;

	SKIP_IF(return, lacks_ours("ours only: no sockets take keys"));
	for (int i = 0; i < LONG_TEXT; i++)
		text[i] = i * 7 + i / 256;
	ASSERT_EQ(0, loopback_up());
	ASSERT_EQ(0, ktls_connect(self->fds));
	server = fork();
	if (!server)
		serve_socket(server_context(c->tls.suite), self->fds[1]);
	close(self->fds[1]);
	c->fd = self->fds[0];
	ASSERT_TRUE(shake_hands(c));
	ASSERT_EQ(0, ktls_ulp(c->fd));
	ASSERT_EQ(0, ktls_take(c->fd, TLS_TX_BY_KEY_SERIAL, c->tls.c_ap));
	ASSERT_EQ(0, ktls_take(c->fd, TLS_RX_BY_KEY_SERIAL, c->tls.s_ap));
	ASSERT_EQ(LONG_TEXT, write(c->fd, text, LONG_TEXT));
	EXPECT_TRUE(read_by_socket(c->fd, back, LONG_TEXT));
	EXPECT_EQ(0, memcmp(text, back, LONG_TEXT));
	EXPECT_EQ(0, task_result(server));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
