// SPDX-License-Identifier: GPL-2.0-only
/* keyed-tls(1) --ktls: sockets have the secrets, and OpenSSL is at the other end. */
#include <sys/stat.h>

#include "../kselftest_harness.h"
#include "filter.h"
#include "keyed_tls.h"

#define URL	"https://localhost:4433/page"
#define GET	"keyed-tls get --verbose --ktls --ca good.crt --connect 127.0.0.1 "
#define S_CLIENT \
	"timeout 60 openssl s_client -connect 127.0.0.1:4433 -CAfile good.crt " \
	"-verify_return_error -servername localhost "

FIXTURE(ktls)
{
	struct kt kt;
	pid_t server;
};

FIXTURE_VARIANT(ktls)
{
	const char *suite;
	const char *openssl_suite;
};

FIXTURE_VARIANT_ADD(ktls, aes128) { "aes-128-gcm", "TLS_AES_128_GCM_SHA256" };
FIXTURE_VARIANT_ADD(ktls, aes256) { "aes-256-gcm", "TLS_AES_256_GCM_SHA384" };
FIXTURE_VARIANT_ADD(ktls, chacha) {
	"chacha20-poly1305", "TLS_CHACHA20_POLY1305_SHA256",
};

FIXTURE_SETUP(ktls)
{
	REQUIRE_KEYED_TLS(&self->kt);
}

FIXTURE_TEARDOWN(ktls)
{
	if (self->server > 0)
		kt_stop(self->server);
	kt_end(&self->kt);
}

/* Shows: KT-41, KT-29. Its tickets come through the socket, too. */
TEST_F_TIMEOUT(ktls, client, 300)
{
	self->server = kt_start("server", "openssl s_server -accept 4433 -WWW "
				"-cert good.crt -key good.key -ciphersuites %s",
				variant->openssl_suite);
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_EQ(0, sh(GET "--resume @s " URL " >first 2>first.err")) {
		TH_LOG("%s", kt_said("first.err"));
	}
	EXPECT_EQ(0, sh(GET "--resume @s " URL " >second 2>second.err"));
	EXPECT_EQ(0, sh("cmp page first && cmp page second"));
	EXPECT_EQ(0, sh("grep -q -x 'TLS 1.3 %s x25519 full' first.err", variant->suite));
	EXPECT_EQ(0, sh("grep -q -x 'TLS 1.3 %s x25519 resumed' second.err",
			variant->suite));
}

/*
 * Shows: KT-41, KT-11. The client asks and closes its half at once, by close_notify,
 * and takes the page with its good end.
 */
TEST_F_TIMEOUT(ktls, server, 300)
{
	self->server = kt_start("server", "keyed-tls serve --ktls --verbose --count 2 "
				"good.crt %d page", self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, sh("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | " S_CLIENT
				"-quiet -ciphersuites %s %s session >%d.got 2>%d.err",
				variant->openssl_suite, i ? "-sess_in" : "-sess_out",
				i, i)) {
			TH_LOG("%s", kt_said("server.err"));
		}
		EXPECT_EQ(0, sh("sed '1,/^\\r$/d' %d.got | cmp page -", i));
	}
	EXPECT_EQ(0, kt_wait(self->server));
	self->server = 0;
	EXPECT_EQ(0, sh("grep -c 'TLS 1.3 %s x25519 full' server.err | grep -q -x 1",
			variant->suite));
	EXPECT_EQ(0, sh("grep -c 'TLS 1.3 %s x25519 resumed' server.err | grep -q -x 1",
			variant->suite));
}

/* Shows: KT-41. Sockets at both ends have the secrets. */
TEST_F_TIMEOUT(ktls, both, 300)
{
	self->server = kt_start("server", "keyed-tls serve --ktls --count 1 "
				"--ciphersuite %s good.crt %d page", variant->suite,
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_EQ(0, sh(GET URL " >got 2>err && cmp page got")) {
		TH_LOG("%s", kt_said("err"));
	}
	EXPECT_EQ(0, kt_wait(self->server));
	self->server = 0;
}

FIXTURE(ktls_end)
{
	struct kt kt;
	pid_t server;
	int fifo;
};

FIXTURE_SETUP(ktls_end)
{
	REQUIRE_KEYED_TLS(&self->kt);
	self->fifo = -1;
}

FIXTURE_TEARDOWN(ktls_end)
{
	if (self->server > 0)
		kt_stop(self->server);
	if (self->fifo >= 0)
		close(self->fifo);
	kt_end(&self->kt);
}

/*
 * Shows: KT-42. A server that takes new keys after two records is told that the
 * connection is over, and the page has no good end.
 */
TEST_F_TIMEOUT(ktls_end, new_keys_of_server, 120)
{
	self->server = kt_start("server", "keyed-tls serve --key-update 2 --count 1 "
				"good.crt %d page", self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_EQ(KT_ENDED, sh(GET URL " >got 2>err"));
	EXPECT_TRUE(kt_says("err", "has new keys, which a socket cannot take")) {
		TH_LOG("%s", kt_said("err"));
	}
	EXPECT_NE(0, sh("cmp page got 2>/dev/null"));
}

/*
 * Shows: KT-42. "K" has s_client send a KeyUpdate, and it goes on until the server has
 * ended the connection.
 */
TEST_F_TIMEOUT(ktls_end, new_keys_of_client, 120)
{
	pid_t client;

	self->server = kt_start("server", "keyed-tls serve --ktls --count 1 --no-tickets "
				"good.crt %d page", self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	ASSERT_EQ(0, mkfifo("hold", 0600));
	client = kt_start("client", "sh -c \"{ echo K; cat hold; } | " S_CLIENT "-msg\"");
	EXPECT_EQ(KT_ENDED, kt_wait(self->server));
	self->server = 0;
	EXPECT_TRUE(kt_says("server.err", "has new keys, which a socket cannot take")) {
		TH_LOG("%s", kt_said("server.err"));
	}
	EXPECT_EQ(0, sh(": >hold"));
	EXPECT_NE(-1, kt_wait(client));
	EXPECT_EQ(0, sh("tr -d ' \n' <client.out | "
			"grep -q '<<<TLS1.3,Alert.*close_notify'")) {
		TH_LOG("%s", kt_said("client.out"));
	}
}

/* The keys that a client has in a keyring of this session */
static long ring_of_client(void)
{
	return keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "keyring", "keyed-tls",
		      0);
}

/*
 * Shows: KT-43. The client waits for a page when the secrets of its socket are
 * revoked; the server gets no alert.
 */
TEST_F_TIMEOUT(ktls_end, revoked, 120)
{
	pid_t client;
	long ring;

	ASSERT_EQ(0, mkfifo("answer", 0600));
	/* It writes what comes from the fifo, so that no page ever ends. */
	self->server = kt_start("server", "sh -c 'exec openssl s_server -accept 4433 "
				"-naccept 1 -msg -cert good.crt -key good.key <answer'");
	self->fifo = open("answer", O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fifo);
	ASSERT_TRUE(kt_ready(self->server));
	client = kt_start("client", GET "--keyring @s " URL);
	/* The question is there: the handshake is over. */
	ASSERT_EQ(0, sh("for i in $(seq 600); do grep -q '^GET /page' server.out && exit 0; "
			"sleep 0.1; done; exit 1")) {
		TH_LOG("%s", kt_said("client.err"));
	}
	ring = ring_of_client();
	ASSERT_LT(0, ring);
	/* The first one ends the client, and the client ends the others. */
	sh("for key in $(keyctl rlist %ld); do keyctl revoke $key; done 2>/dev/null",
	   ring);
	EXPECT_EQ(KT_HERE, kt_wait(client));
	EXPECT_TRUE(kt_says("client.err", "cannot open a record: the key was revoked")) {
		TH_LOG("%s", kt_said("client.err"));
	}
	EXPECT_NE(-1, kt_wait(self->server));
	self->server = 0;
	/* A good end would be an alert. */
	EXPECT_NE(0, sh("tr -d ' \n' <server.out | grep -q '<<<TLS1.3,Alert'")) {
		TH_LOG("%s", kt_said("server.out"));
	}
}

/* Shows: KT-42. */
TEST_F(ktls_end, usage)
{
	EXPECT_EQ(KT_USAGE, sh(GET "--key-update 3 " URL " 2>err"));
	EXPECT_TRUE(kt_says("err", "a socket never takes new keys"));
}

/* Sockets have no option of TLS, as on a kernel that gives them no keys. */
static int deny_options_of_tls(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_setsockopt, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOL_TLS, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOPROTOOPT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return filter_install(filter, ARRAY_SIZE(filter));
}

/* Shows: KT-44. The server hears nothing. */
TEST_F_TIMEOUT(ktls_end, no_such_option, 120)
{
	self->server = kt_start("server", "openssl s_server -accept 4433 -naccept 1 "
				"-msg -cert good.crt -key good.key");
	ASSERT_TRUE(kt_ready(self->server));
	ASSERT_EQ(0, deny_options_of_tls());
	EXPECT_EQ(KT_HERE, sh(GET URL " >got 2>err"));
	EXPECT_TRUE(kt_says("err", "the sockets of this kernel take no keys")) {
		TH_LOG("%s", kt_said("err"));
	}
	EXPECT_NE(-1, kt_wait(self->server));
	self->server = 0;
	EXPECT_NE(0, sh("grep -q ClientHello server.out"));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
