// SPDX-License-Identifier: GPL-2.0-only
/*
 * keyed-tls(1) with the programs of OpenSSL: every suite, and every group, in each role.
 * "make tls" has all pairs of them.
 */
#include "../kselftest_harness.h"
#include "keyed_tls.h"

#define URL	"https://localhost:4433/page"
#define GET	"keyed-tls get --verbose --ca good.crt --connect 127.0.0.1 "

/* s_client tells whether it believes the server, and asks as a browser does. */
#define S_CLIENT \
	"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 60 openssl s_client -quiet " \
	"-connect 127.0.0.1:4433 -CAfile good.crt -verify_return_error " \
	"-servername localhost "

FIXTURE(tls)
{
	struct kt kt;
	pid_t server;
};

FIXTURE_VARIANT(tls)
{
	const char *suite;
	const char *openssl_suite;
	const char *group;
	const char *openssl_group;
};

FIXTURE_VARIANT_ADD(tls, aes128_x25519) {
	"aes-128-gcm", "TLS_AES_128_GCM_SHA256", "x25519", "X25519",
};

FIXTURE_VARIANT_ADD(tls, aes128_p256) {
	"aes-128-gcm", "TLS_AES_128_GCM_SHA256", "p256", "P-256",
};

FIXTURE_VARIANT_ADD(tls, aes256_x25519) {
	"aes-256-gcm", "TLS_AES_256_GCM_SHA384", "x25519", "X25519",
};

FIXTURE_VARIANT_ADD(tls, chacha_x25519) {
	"chacha20-poly1305", "TLS_CHACHA20_POLY1305_SHA256", "x25519", "X25519",
};

FIXTURE_SETUP(tls)
{
	REQUIRE_KEYED_TLS(&self->kt);
}

FIXTURE_TEARDOWN(tls)
{
	if (self->server > 0)
		kt_stop(self->server);
	kt_end(&self->kt);
}

/* What --verbose tells of one connection. */
static bool told(const char *file, const char *suite, const char *group,
		 const char *how)
{
	return sh("grep -q -x 'TLS 1.3 %s %s %s' %s", suite, group, how, file) == 0;
}

/* Shows: KT-6, KT-7, KT-8, KT-24, KT-29. The server takes one suite and group. */
TEST_F_TIMEOUT(tls, client, 300)
{
	const bool retried = strcmp(variant->group, "p256") == 0;

	self->server = kt_start("server", "openssl s_server -accept 4433 -WWW "
				"-cert good.crt -key good.key -ciphersuites %s -groups %s",
				variant->openssl_suite, variant->openssl_group);
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_EQ(0, sh(GET "--resume @s " URL " >first 2>first.err"));
	EXPECT_EQ(0, sh(GET "--resume @s " URL " >second 2>second.err"));
	EXPECT_EQ(0, sh(GET "--ciphersuite %s --group %s " URL " >third 2>third.err",
			variant->suite, variant->group));
	EXPECT_EQ(0, sh("cmp page first && cmp page second && cmp page third"));
	EXPECT_TRUE(told("first.err", variant->suite, variant->group,
			 retried ? "full retried" : "full"));
	EXPECT_TRUE(told("second.err", variant->suite, variant->group,
			 retried ? "resumed retried" : "resumed"));
	EXPECT_TRUE(told("third.err", variant->suite, variant->group, "full")) {
		TH_LOG("%s", kt_said("third.err"));
	}
}

/* Shows: KT-6, KT-7, KT-8, KT-11, KT-32, KT-36. The client takes one suite. */
TEST_F_TIMEOUT(tls, server, 300)
{
	static const char * const how[] = {
		"full", "resumed", "full", "full retried",
	};
	const char *others = strcmp(variant->group, "p256") ? "P-256:X25519" :
							      "X25519:P-256";
	const char *one = variant->openssl_group;

	self->server = kt_start("server", "keyed-tls serve --verbose --group %s "
				"--count 4 good.crt %d page", variant->group,
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_EQ(0, sh(S_CLIENT "-ciphersuites %s -groups %s -sess_out session "
			">0.got 2>0.err", variant->openssl_suite, one));
	EXPECT_EQ(0, sh(S_CLIENT "-ciphersuites %s -groups %s -sess_in session "
			">1.got 2>1.err", variant->openssl_suite, one));
	/* A ticket is good once. */
	EXPECT_EQ(0, sh(S_CLIENT "-ciphersuites %s -groups %s -sess_in session "
			">2.got 2>2.err", variant->openssl_suite, one));
	/* The share is of another group than the server takes. */
	EXPECT_EQ(0, sh(S_CLIENT "-ciphersuites %s -groups %s >3.got 2>3.err",
			variant->openssl_suite, others));
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(0, sh("sed '1,/^\\r$/d' %d.got | cmp page -", i));
	EXPECT_EQ(0, kt_wait(self->server));
	self->server = 0;
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(0, sh("sed -n %dp server.err | grep -q -x 'TLS 1.3 %s %s %s'",
				i + 1, variant->suite, variant->group, how[i])) {
			TH_LOG("%s", kt_said("server.err"));
		}
	}
}

FIXTURE(both)
{
	struct kt kt;
	pid_t server;
};

FIXTURE_SETUP(both)
{
	REQUIRE_KEYED_TLS(&self->kt);
}

FIXTURE_TEARDOWN(both)
{
	if (self->server > 0)
		kt_stop(self->server);
	kt_end(&self->kt);
}

/* Shows: KT-9, KT-10, KT-36. Both ends change their keys all the time. */
TEST_F_TIMEOUT(both, new_keys, 300)
{
	self->server = kt_start("server", "keyed-tls serve --verbose --key-update 2 "
				"--count 3 --no-tickets good.crt %d page",
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_EQ(0, sh(GET "--key-update 1 --resume @s " URL " >got 2>err"));
	EXPECT_EQ(0, sh("cmp page got"));
	EXPECT_EQ(0, sh(GET "--resume @s " URL " >got 2>err && cmp page got"));
	/* There was no ticket. */
	EXPECT_TRUE(told("err", "aes-128-gcm", "x25519", "full"));
	EXPECT_EQ(0, sh(S_CLIENT ">got 2>err"));
	EXPECT_EQ(0, sh("sed '1,/^\\r$/d' got | cmp page -"));
	EXPECT_EQ(0, kt_wait(self->server));
	self->server = 0;
}

/*
 * struct wrong - a certificate that is not for this
 * @cert:	what it says
 * @ca:		authorities that the client believes
 * @url:	what it asks for
 * @alert:	what the server is told
 */
struct wrong {
	struct kt_cert cert;
	const char *ca;
	const char *url;
	const char *alert;
};

static const struct wrong wrongs[] = {
	{ { "bad.crt", "localhost", NULL, 1 }, "other.crt", "https://localhost:4433/",
	  "unknown_ca" },
	{ { "bad.crt", "otherhost", NULL, 1 }, "bad.crt", "https://localhost:4433/",
	  "bad_certificate" },
	{ { "bad.crt", "localhost", NULL, 1 }, "bad.crt", "https://127.0.0.1:4433/",
	  "bad_certificate" },
	{ { "bad.crt", NULL, "127.0.0.2", 1 }, "bad.crt", "https://127.0.0.1:4433/",
	  "bad_certificate" },
	{ { "bad.crt", NULL, NULL, 1 }, "bad.crt", "https://localhost:4433/",
	  "bad_certificate" },
	{ { "bad.crt", "localhost", NULL, -1 }, "bad.crt", "https://localhost:4433/",
	  "certificate_expired" },
};

/* Shows: KT-12, KT-25. OpenSSL is told by the alert, and was asked for nothing. */
TEST_F_TIMEOUT(both, wrong_certificates, 300)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
		const struct wrong *wrong = &wrongs[i];

		ASSERT_EQ(0, kt_write_cert(&wrong->cert, self->kt.pair));
		self->server = kt_start("server", "openssl s_server -accept 4433 "
					"-naccept 1 -WWW -msg -cert bad.crt -key good.key");
		ASSERT_TRUE(kt_ready(self->server));
		EXPECT_EQ(KT_REFUSED, sh("keyed-tls get --connect 127.0.0.1 --ca %s %s "
					 ">got 2>err", wrong->ca, wrong->url));
		EXPECT_EQ(0, sh("test ! -s got && test $(wc -l <err) = 1"));
		EXPECT_EQ(0, sh("grep -q '^keyed-tls: .*(%s)$' err", wrong->alert)) {
			TH_LOG("%zu: %s", i, kt_said("err"));
		}
		kt_wait(self->server);
		self->server = 0;
		EXPECT_EQ(0, sh("tr -d ' \\n' <server.out | "
				"grep -q '<<<TLS1.3,Alert.*fatal%s'", wrong->alert)) {
			TH_LOG("%zu: %s", i, kt_said("server.out"));
		}
		EXPECT_NE(0, sh("grep -q 'ApplicationData, GET' server.out"));
	}
}

/*
 * struct pair_case - a key that the client does not take
 */
struct pair_case {
	const char *command;
	const char *alert;
};

static const struct pair_case pair_cases[] = {
	{ "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
	  "-subj /CN=ec -addext subjectAltName=DNS:localhost -keyout bad.key -out bad.crt",
	  "handshake_failure" },
	{ "openssl req -x509 -newkey rsa:1024 -nodes -days 2 -subj /CN=short "
	  "-addext subjectAltName=DNS:localhost -keyout bad.key -out bad.crt",
	  "bad_certificate" },
};

/* Shows: KT-12, KT-26. OpenSSL has no signature for the one, the other is too short. */
TEST_F_TIMEOUT(both, wrong_keys, 300)
{
	static const int codes[] = { KT_ENDED, KT_REFUSED };

	for (size_t i = 0; i < ARRAY_SIZE(pair_cases); i++) {
		ASSERT_EQ(0, sh("%s 2>made", pair_cases[i].command));
		self->server = kt_start("server", "openssl s_server -accept 4433 "
					"-naccept 1 -WWW -cipher DEFAULT@SECLEVEL=0 "
					"-cert bad.crt -key bad.key");
		ASSERT_TRUE(kt_ready(self->server));
		EXPECT_EQ(codes[i], sh("keyed-tls get --connect 127.0.0.1 --ca bad.crt "
				       "https://localhost:4433/ >got 2>err"));
		EXPECT_EQ(0, sh("grep -q '(%s)$' err", pair_cases[i].alert)) {
			TH_LOG("%zu: %s", i, kt_said("err"));
		}
		kt_wait(self->server);
		self->server = 0;
	}
}

/* Shows: KT-20. A server of TLS 1.2 says so, and a client of it is told. */
TEST_F_TIMEOUT(both, old_versions, 300)
{
	self->server = kt_start("server", "openssl s_server -accept 4433 -naccept 1 "
				"-WWW -tls1_2 -cert good.crt -key good.key");
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_EQ(KT_ENDED, sh(GET URL " >got 2>err"));
	EXPECT_EQ(0, sh("grep -q '(protocol_version)$' err"));
	kt_wait(self->server);
	self->server = kt_start("server", "keyed-tls serve --once good.crt %d page",
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_NE(0, sh(S_CLIENT "-tls1_2 >got 2>err"));
	EXPECT_EQ(0, sh("grep -q 'alert protocol version' err"));
	EXPECT_EQ(KT_REFUSED, kt_wait(self->server));
	self->server = 0;
	EXPECT_EQ(0, sh("grep -q '(protocol_version)$' server.err"));
}

/*
 * Shows: KT-29. A session is for one name and one set of authorities; who has another
 * one gets a full handshake, and the session is gone as well.
 */
TEST_F_TIMEOUT(both, sessions, 300)
{
	self->server = kt_start("server", "keyed-tls serve --verbose good.crt %d page",
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	ASSERT_EQ(0, sh("cat good.crt other.crt >both.crt"));
	EXPECT_EQ(0, sh(GET "--resume @s " URL " >got 2>err"));
	EXPECT_EQ(0, sh("keyctl search @s symmetric 'keyed-tls localhost:4433' >/dev/null"));
	/* No program reads the key. */
	EXPECT_NE(0, sh("keyctl print $(keyctl search @s symmetric "
			"'keyed-tls localhost:4433') 2>/dev/null"));
	EXPECT_EQ(0, sh(GET "--resume @s https://127.0.0.1:4433/ >got 2>err"));
	EXPECT_TRUE(told("err", "aes-128-gcm", "x25519", "full"));
	EXPECT_EQ(0, sh("keyed-tls get --verbose --ca both.crt --connect 127.0.0.1 "
			"--resume @s " URL " >got 2>err"));
	EXPECT_TRUE(told("err", "aes-128-gcm", "x25519", "full"));
	EXPECT_EQ(0, sh("keyed-tls get --verbose --ca both.crt --connect 127.0.0.1 "
			"--resume @s " URL " >got 2>err"));
	EXPECT_TRUE(told("err", "aes-128-gcm", "x25519", "resumed"));
	/* One by SHA-256 is none for a suite of SHA-384. */
	EXPECT_EQ(0, sh(GET "--resume @s --ciphersuite aes-256-gcm https://127.0.0.1:4433/ "
			">got 2>err"));
	EXPECT_TRUE(told("err", "aes-256-gcm", "x25519", "full"));
}

/*
 * Shows: KT-29. The system's authorities are others by a word of the environment: what
 * was believed with it is not believed without.
 */
TEST_F_TIMEOUT(both, sessions_of_the_system, 300)
{
	self->server = kt_start("server", "keyed-tls serve --verbose good.crt %d page",
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	ASSERT_EQ(0, sh("mkdir mine && "
			"cp good.crt mine/$(openssl x509 -noout -hash -in good.crt).0"));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, sh("SSL_CERT_DIR=$PWD/mine keyed-tls get --verbose "
				"--connect 127.0.0.1 --resume @s " URL " >got 2>err"));
		EXPECT_TRUE(told("err", "aes-128-gcm", "x25519", "full")) {
			TH_LOG("%s", kt_said("err"));
		}
	}
	EXPECT_EQ(KT_REFUSED, sh("keyed-tls get --connect 127.0.0.1 --resume @s " URL
				 " >got 2>err"));
	EXPECT_EQ(0, sh("test ! -s got"));
	EXPECT_EQ(KT_HERE, sh("keyctl search @s user 'keyed-tls localhost:4433' 2>/dev/null"));
}

/*
 * struct mistake - a command that comes to nothing
 * @command:	command; %d is the server's key
 * @code:	what it ends with
 * @says:	part of its line
 */
struct mistake {
	const char *command;
	int code;
	const char *says;
};

static const struct mistake mistakes[] = {
	{ "keyed-tls get http://localhost/", KT_USAGE, "is no https://" },
	{ "keyed-tls get https://localhost:0/", KT_USAGE, "is no https://" },
	{ "keyed-tls get https://localhost:65536/", KT_USAGE, "is no https://" },
	{ "keyed-tls get 'https://local host/'", KT_USAGE, "is no https://" },
	{ "keyed-tls get \"https://localhost/a b\"", KT_USAGE, "is no https://" },
	{ "keyed-tls get 'https://[127.0.0.1]/'", KT_USAGE, "is no https://" },
	{ "keyed-tls get --ciphersuite rc4 https://localhost/", KT_USAGE,
	  "rc4 is no cipher suite" },
	{ "keyed-tls get --group p521 https://localhost/", KT_USAGE, "p521 is no group" },
	{ "keyed-tls get --key-update 0 https://localhost/", KT_USAGE, "0 is no number" },
	{ "keyed-tls get --ca none https://localhost/", KT_HERE, "cannot read the certif" },
	{ "keyed-tls get --connect 127.0.0.1 https://localhost:4434/", KT_HERE,
	  "cannot connect to 127.0.0.1 port 4434: Connection refused" },
	{ "keyed-tls serve good.crt 0 page", KT_USAGE, "0 is no key" },
	{ "keyed-tls serve good.crt %d none", KT_HERE, "cannot read none" },
	{ "keyed-tls serve none %d page", KT_HERE, "cannot read none" },
	{ "keyed-tls serve page %d page", KT_HERE, "there is no certificate in page" },
	{ "keyed-tls serve another.crt %d page", KT_HERE, "is not that of the certificate" },
	{ "keyed-tls serve good.crt $(keyctl add user a b @s) page", KT_HERE,
	  "cannot sign with key" },
	{ "keyed-tls serve good.crt 2147483647 page", KT_HERE, "there is no such key" },
	{ "keyed-tls serve good.crt $(keyctl padd asymmetric x @s <new) page", KT_HERE,
	  "cannot sign with key" },
};

/* Shows: KT-33, KT-39. One line for each. */
TEST_F_TIMEOUT(both, mistakes, 300)
{
	char command[512];

	ASSERT_EQ(0, sh("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x "
			"-keyout another.key -out another.crt 2>made"));
	ASSERT_EQ(0, sh("printf 'new x25519' >new"));
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(command, sizeof(command), mistakes[i].command,
			 self->kt.key);
#pragma GCC diagnostic pop
		EXPECT_EQ(mistakes[i].code, sh("%s >got 2>err", command)) {
			TH_LOG("%s", command);
		}
		EXPECT_EQ(0, sh("test ! -s got && test $(wc -l <err) = 1 && "
				"grep -q '^keyed-tls: ' err"));
		EXPECT_TRUE(kt_says("err", mistakes[i].says)) {
			TH_LOG("%s: %s", command, kt_said("err"));
		}
	}
	EXPECT_EQ(0, sh("keyed-tls --help | grep -q '^usage: keyed-tls get'"));
	EXPECT_EQ(KT_USAGE, sh("keyed-tls 2>err"));
	EXPECT_EQ(KT_USAGE, sh("keyed-tls serve good.crt 2>err"));
}

/* Shows: KT-5. A client that comes later is told, too. */
TEST_F_TIMEOUT(both, revoked_server, 300)
{
	self->server = kt_start("server", "keyed-tls serve --count 3 --no-tickets "
				"good.crt %d page", self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	EXPECT_EQ(0, sh(S_CLIENT ">got 2>err"));
	ASSERT_EQ(0, key_revoke(self->kt.key));
	EXPECT_NE(0, sh(S_CLIENT ">got 2>err"));
	EXPECT_EQ(0, sh("grep -q 'alert internal error' err")) {
		TH_LOG("%s", kt_said("err"));
	}
	EXPECT_EQ(KT_ENDED, sh(GET URL " >got 2>err"));
	EXPECT_EQ(0, sh("grep -q '(internal_error)$' err"));
	EXPECT_EQ(KT_HERE, kt_wait(self->server));
	self->server = 0;
	EXPECT_EQ(0, sh("grep -q 'the key was revoked' server.err"));
}

/* Shows: KT-38. Those who fail harm nobody else. */
TEST_F_TIMEOUT(both, crowd, 300)
{
	self->server = kt_start("server", "keyed-tls serve --count 10 good.crt %d page",
				self->kt.key);
	ASSERT_TRUE(kt_ready(self->server));
	/* It says nothing as long as the others are there. */
	ASSERT_EQ(0, sh("mkfifo hold; (cat hold) | openssl s_client -quiet "
			"-connect 127.0.0.1:4433 >held 2>&1 &"));
	ASSERT_EQ(0, sh("echo no | openssl s_client -quiet -tls1_2 "
			"-connect 127.0.0.1:4433 >no 2>&1; true"));
	ASSERT_EQ(0, sh("for i in 1 2 3 4 5 6 7 8; do (" GET URL " >got.$i 2>err.$i; "
			"echo $? >code.$i) & done; wait"));
	EXPECT_EQ(0, sh("for i in 1 2 3 4 5 6 7 8; do cmp page got.$i || exit; done"));
	EXPECT_EQ(0, sh(": >hold"));
	EXPECT_EQ(KT_REFUSED, kt_wait(self->server)) {
		TH_LOG("%s", kt_said("server.err"));
	}
	self->server = 0;
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
