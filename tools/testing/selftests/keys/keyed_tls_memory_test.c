// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in the memory of keyed-tls(1) while a connection is there: none of the
 * secrets that OpenSSL, at the other end, logs, and not the private key.  OpenSSL's
 * own memory has them, so a search finds what there is.
 */
#include <openssl/ssl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "../kselftest_harness.h"
#include "keyed_tls.h"

#define SECRETS_MAX	32
/* What is looked for: any such part of a secret */
#define PART		16
/* Where the private exponent begins in PKCS#8, and all that follows is private */
#define PRIVATE_AT	300
#define PAGE		"HTTP/1.0 200 OK\r\n\r\n"

#define PRIVATE_MAX	((sizeof(pkey_rsa_pkcs8) - PRIVATE_AT) / PART)

/*
 * struct judge - what is looked for, and where it is looked at
 * @count:	how many secrets there are
 * @secrets:	the secrets
 * @private:	parts of the private key, as a file has them and as OpenSSL does, which
 *		has numbers with their lowest byte first
 * @bytes:	a part of the memory that is searched
 *
 * It has a mapping of its own, where nobody searches: else it would find itself.
 */
struct judge {
	int count;
	uint8_t secrets[SECRETS_MAX][PEER_HASH_MAX];
	uint8_t private[2][PRIVATE_MAX][PART];
	uint8_t bytes[1 << 20];
};

static struct judge *judge;

static int new_judge(void)
{
	judge = mmap(NULL, sizeof(*judge), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (judge == MAP_FAILED)
		return -errno;
	for (size_t i = 0; i < PRIVATE_MAX; i++)
		for (int at = 0; at < PART; at++) {
			uint8_t byte = pkey_rsa_pkcs8[PRIVATE_AT + i * PART + at];

			judge->private[0][i][at] = byte;
			judge->private[1][i][PART - 1 - at] = byte;
		}
	return 0;
}

/* "LABEL client-random secret", in hex */
static void log_secret(const SSL *ssl, const char *line)
{
	const char *hex = strrchr(line, ' ') + 1;
	unsigned int byte;

	if (judge->count == SECRETS_MAX)
		abort();
	for (int i = 0; i < PEER_HASH_MAX && sscanf(hex + 2 * i, "%2x", &byte) == 1;
	     i++)
		judge->secrets[judge->count][i] = byte;
	judge->count++;
}

static bool has(const uint8_t *bytes, size_t size, const uint8_t *part)
{
	return memmem(bytes, size, part, PART);
}

/*
 * struct found - what was found
 * @secrets:	parts of secrets that the peer logs
 * @private:	parts of the private key, in both orders of bytes
 * @searched:	bytes that were searched
 */
struct found {
	int secrets;
	int private[2];
	size_t searched;
};

static void search(const uint8_t *bytes, size_t size, struct found *found)
{
	for (int i = 0; i < judge->count; i++)
		for (int at = 0; at < 2; at++)
			found->secrets += has(bytes, size,
					      judge->secrets[i] + at * PART);
	for (int order = 0; order < 2; order++)
		for (size_t i = 0; i < PRIVATE_MAX; i++)
			if (has(bytes, size, judge->private[order][i]))
				found->private[order]++;
	found->searched += size;
}

/* Parts overlap, so that nothing is cut in two. */
static void search_file(int fd, off_t from, off_t to, struct found *found)
{
	static uint8_t bytes[1 << 20];

	while (from < to) {
		off_t want = to - from;
		ssize_t got;

		if (want > (off_t)sizeof(bytes))
			want = sizeof(bytes);
		got = pread(fd, bytes, want, from);

		if (got <= 0)
			break;
		search(bytes, got, found);
		from += (size_t)got == sizeof(bytes) ? got - PEER_HASH_MAX : got;
	}
}

static struct found search_task(pid_t task)
{
	unsigned long from, to;
	struct found found = {};
	char path[64], line[512], rights[8];
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", task);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", task);
	maps = fopen(path, "re");
	if (mem < 0 || !maps)
		abort();
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) == 3 &&
		    from != (unsigned long)judge && !strstr(line, "[v"))
			search_file(mem, from, to, &found);
	fclose(maps);
	close(mem);
	return found;
}

/* A core that the kernel writes at the end of a process */
static struct found search_core(pid_t task)
{
	struct found found = {};
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "core.%d", task);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return found;
	search_file(fd, 0, lseek(fd, 0, SEEK_END), &found);
	close(fd);
	return found;
}

FIXTURE(memory)
{
	struct kt kt;
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
	pid_t task;
	char pattern[256];
};

FIXTURE_VARIANT(memory)
{
	const char *suite;
	const char *options;
};

FIXTURE_VARIANT_ADD(memory, aes128) { "TLS_AES_128_GCM_SHA256", "" };
FIXTURE_VARIANT_ADD(memory, aes256) { "TLS_AES_256_GCM_SHA384", "" };
FIXTURE_VARIANT_ADD(memory, chacha) { "TLS_CHACHA20_POLY1305_SHA256", "" };
FIXTURE_VARIANT_ADD(memory, socket) { "TLS_AES_128_GCM_SHA256", "--ktls" };

#define PATTERN	"/proc/sys/kernel/core_pattern"

FIXTURE_SETUP(memory)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char core[80];

	REQUIRE_KEYED_TLS(&self->kt);
	ASSERT_EQ(0, new_judge());
	snprintf(self->pattern, sizeof(self->pattern), "%s", kt_said(PATTERN));
	snprintf(core, sizeof(core), "%s/core.%%p", self->kt.folder);
	ASSERT_EQ(0, file_write(PATTERN, core));
	ASSERT_EQ(0, setrlimit(RLIMIT_CORE, &all));
}

FIXTURE_TEARDOWN(memory)
{
	SSL_free(self->ssl);
	SSL_CTX_free(self->ctx);
	if (self->task > 0)
		kt_stop(self->task);
	EXPECT_EQ(0, file_write(PATTERN, self->pattern));
	kt_end(&self->kt);
}

static SSL *new_ssl(SSL_CTX *ctx, const char *suite, int fd)
{
	SSL *ssl;

	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(ctx, suite);
	SSL_CTX_set_keylog_callback(ctx, log_secret);
	judge->count = 0;
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	return ssl;
}

static bool updated;

static void see_message(int sent, int version, int type, const void *bytes, size_t size,
			SSL *ssl, void *arg)
{
	if (!sent && type == SSL3_RT_HANDSHAKE && size &&
	    *(const uint8_t *)bytes == SSL3_MT_KEY_UPDATE)
		updated = true;
}

/* The other end's KeyUpdate comes without data. */
static bool hear_update(SSL *ssl)
{
	struct pollfd fd = { .fd = SSL_get_fd(ssl), .events = POLLIN };
	char text[16];

	updated = false;
	SSL_set_msg_callback(ssl, see_message);
	fcntl(fd.fd, F_SETFL, O_NONBLOCK);
	while (!updated && poll(&fd, 1, KT_LIMIT_MS) == 1)
		if (SSL_read(ssl, text, sizeof(text)) <= 0 &&
		    SSL_get_error(ssl, -1) != SSL_ERROR_WANT_READ)
			break;
	fcntl(fd.fd, F_SETFL, 0);
	return updated;
}

/*
 * Both are searched in the same way.  OpenSSL has numbers of the private key, and of
 * secrets those that it still has a use for.
 */
#define EXPECT_SECRETS_AT_ONE_END(found) do { \
	const struct found _there = search_task(getpid()); \
	\
	EXPECT_LE(4, judge->count); \
	EXPECT_LT(0, (off_t)(found).searched); \
	EXPECT_EQ(0, (found).secrets); \
	EXPECT_EQ(0, (found).private[0]); \
	EXPECT_EQ(0, (found).private[1]); \
	EXPECT_LT(0, _there.secrets); \
	EXPECT_LT(0, _there.private[1]); \
} while (0)

/*
 * Shows: KT-1. The client, whose keys are new ones the second time unless a socket has
 * them, is looked at, and leaves a core.
 */
TEST_F_TIMEOUT(memory, client, 300)
{
	char text[512];
	struct found found;

	self->ctx = SSL_CTX_new(TLS_server_method());
	ASSERT_EQ(1, SSL_CTX_use_certificate_file(self->ctx, "good.crt",
						  SSL_FILETYPE_PEM));
	ASSERT_EQ(1, SSL_CTX_use_PrivateKey(self->ctx, self->kt.pair));
	self->fd = kt_listen();
	ASSERT_LE(0, self->fd);
	self->task = kt_start("client", "keyed-tls get %s --ca good.crt "
			      "--connect 127.0.0.1 https://localhost:4433/",
			      variant->options);
	self->ssl = new_ssl(self->ctx, variant->suite,
			    accept4(self->fd, NULL, NULL, SOCK_CLOEXEC));
	ASSERT_EQ(1, SSL_accept(self->ssl));
	ASSERT_LT(0, SSL_read(self->ssl, text, sizeof(text)));
	ASSERT_LT(0, SSL_write(self->ssl, PAGE, strlen(PAGE)));
	found = search_task(self->task);
	EXPECT_SECRETS_AT_ONE_END(found);
	if (!*variant->options) {
		ASSERT_EQ(1, SSL_key_update(self->ssl, SSL_KEY_UPDATE_REQUESTED));
		ASSERT_LT(0, SSL_write(self->ssl, "page", 4));
		ASSERT_TRUE(hear_update(self->ssl));
		found = search_task(self->task);
		EXPECT_SECRETS_AT_ONE_END(found);
	}
	ASSERT_EQ(0, kill(self->task, SIGQUIT));
	EXPECT_EQ(-1, kt_wait(self->task));
	found = search_core(self->task);
	EXPECT_SECRETS_AT_ONE_END(found);
	self->task = 0;
	close(self->fd);
}

/* The process that has the connection */
static pid_t child_of(pid_t parent)
{
	return sh("pgrep -P %d >child", parent) ? -1 : atoi(kt_said("child"));
}

/* Shows: KT-1. So is the server, and the process that waits for others. */
TEST_F_TIMEOUT(memory, server, 300)
{
	struct found found;
	char text[64];
	pid_t child;

	self->ctx = SSL_CTX_new(TLS_client_method());
	/* What finds a private key in this process, where it is */
	ASSERT_EQ(1, SSL_CTX_use_certificate_file(self->ctx, "good.crt",
						  SSL_FILETYPE_PEM));
	ASSERT_EQ(1, SSL_CTX_use_PrivateKey(self->ctx, self->kt.pair));
	self->task = kt_start("server", "keyed-tls serve %s good.crt %d page",
			      variant->options, self->kt.key);
	ASSERT_TRUE(kt_ready(self->task));
	self->fd = kt_connect();
	self->ssl = new_ssl(self->ctx, variant->suite, self->fd);
	ASSERT_EQ(1, SSL_connect(self->ssl));
	if (!*variant->options) {
		ASSERT_EQ(1, SSL_key_update(self->ssl, SSL_KEY_UPDATE_NOT_REQUESTED));
	}
	ASSERT_LT(0, SSL_write(self->ssl, "GET / ", 6));
	child = child_of(self->task);
	ASSERT_LT(0, child);
	found = search_task(child);
	EXPECT_SECRETS_AT_ONE_END(found);
	found = search_task(self->task);
	EXPECT_SECRETS_AT_ONE_END(found);
	ASSERT_EQ(0, kill(child, SIGQUIT));
	/* The peer sees the end of it, when the core is written. */
	EXPECT_GE(0, SSL_read(self->ssl, text, sizeof(text)));
	found = search_core(child);
	EXPECT_SECRETS_AT_ONE_END(found);
}

FIXTURE(keys)
{
	struct kt kt;
	SSL_CTX *ctx;
	SSL *ssl;
	int listener;
	pid_t client;
};

FIXTURE_SETUP(keys)
{
	REQUIRE_KEYED_TLS(&self->kt);
	ASSERT_EQ(0, new_judge());
	self->ctx = SSL_CTX_new(TLS_server_method());
	ASSERT_EQ(1, SSL_CTX_use_certificate_file(self->ctx, "good.crt",
						  SSL_FILETYPE_PEM));
	ASSERT_EQ(1, SSL_CTX_use_PrivateKey(self->ctx, self->kt.pair));
	self->listener = kt_listen();
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(keys)
{
	SSL_free(self->ssl);
	SSL_CTX_free(self->ctx);
	if (self->client > 0)
		kt_stop(self->client);
	close(self->listener);
	kt_end(&self->kt);
}

/* A client that has asked, and waits for the page. */
static bool client_asks(SSL_CTX *ctx, int listener, const char *options,
			pid_t *client, SSL **ssl)
{
	char text[512];

	*client = kt_start("client", "keyed-tls get %s --ca good.crt --connect 127.0.0.1 "
			   "https://localhost:4433/", options);
	*ssl = new_ssl(ctx, "TLS_AES_128_GCM_SHA256",
		       accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	return SSL_accept(*ssl) == 1 && SSL_read(*ssl, text, sizeof(text)) > 0;
}

#define KEYS_MAX	32

/* Symmetric keys whose description begins with @what, by the table that root has. */
static int find_keys(const char *what, key_serial_t keys[KEYS_MAX])
{
	FILE *file = fopen("/proc/keys", "re");
	char line[256], type[16], name[32];
	int count = 0;

	while (file && fgets(line, sizeof(line), file) && count < KEYS_MAX)
		if (sscanf(line, "%x %*s %*s %*s %*s %*s %*s %15s %31s", &keys[count],
			   type, name) == 3 && strcmp(type, "symmetric") == 0 &&
		    strcmp(name, what) == 0)
			count++;
	if (file)
		fclose(file);
	return count;
}

/*
 * Shows: KT-2, KT-4. A session that has the keyring ends the connection, and what the
 * server gets is no good end.
 */
TEST_F_TIMEOUT(keys, revoked, 120)
{
	char text[64];
	long ring;

	ASSERT_TRUE(client_asks(self->ctx, self->listener, "--keyring @s",
				&self->client, &self->ssl));
	ring = keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "keyring",
		      "keyed-tls", 0);
	ASSERT_LT(0, ring);
	ASSERT_LT(0, SSL_write(self->ssl, PAGE, strlen(PAGE)));
	ASSERT_EQ(0, sh("for key in $(keyctl rlist %ld); do keyctl revoke $key; done",
			ring));
	SSL_write(self->ssl, "page", 4);
	EXPECT_EQ(KT_HERE, kt_wait(self->client));
	self->client = 0;
	EXPECT_TRUE(kt_says("client.err", "cannot open a record: the key was revoked")) {
		TH_LOG("%s", kt_said("client.err"));
	}
	EXPECT_GE(0, SSL_read(self->ssl, text, sizeof(text)));
	EXPECT_EQ(0, SSL_get_shutdown(self->ssl) & SSL_RECEIVED_SHUTDOWN);
	EXPECT_EQ(0, strcmp(kt_said("client.out"), ""));
}

/* Shows: KT-2, KT-3. Nobody else can use the keys, and afterwards nobody at all. */
TEST_F_TIMEOUT(keys, ended, 120)
{
	static const char * const names[] = {
		"c-ap-traffic", "s-ap-traffic", "res-master",
	};
	key_serial_t keys[ARRAY_SIZE(names)][KEYS_MAX];
	char text[64];
	long state;

	ASSERT_TRUE(client_asks(self->ctx, self->listener, "", &self->client,
				&self->ssl));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(1, find_keys(names[i], keys[i])) {
			TH_LOG("%s", names[i]);
		}
		EXPECT_EQ(-EACCES, key_revoke(keys[i][0]));
		EXPECT_EQ(-EACCES, tls_seal(keys[i][0], "x", 1, (uint8_t *)text));
	}
	ASSERT_LT(0, SSL_write(self->ssl, PAGE, strlen(PAGE)));
	ASSERT_LE(0, SSL_shutdown(self->ssl));
	EXPECT_EQ(0, SSL_read(self->ssl, text, sizeof(text)));
	EXPECT_NE(0, SSL_get_shutdown(self->ssl) & SSL_RECEIVED_SHUTDOWN);
	EXPECT_EQ(0, kt_wait(self->client));
	self->client = 0;
	/* It is there no more, or it is revoked. */
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		state = key_state(keys[i][0]);
		EXPECT_TRUE(state == -EKEYREVOKED || state == -ENOKEY) {
			TH_LOG("%s: %ld", names[i], state);
		}
	}
}

int main(int argc, char **argv)
{
	/* Whoever is gone is told by what it said last. */
	signal(SIGPIPE, SIG_IGN);
	kernel_probe();
	return test_harness_run(argc, argv);
}
