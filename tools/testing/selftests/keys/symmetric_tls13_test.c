// SPDX-License-Identifier: GPL-2.0-only
/*
 * Secrets of TLS 1.3: lines, kinds, labels, and programs that try to use a
 * secret twice.  OpenSSL is the peer.
 */
#include "../kselftest_harness.h"
#include "symmetric_tls13.h"

#include <openssl/x509.h>

#define ROUNDS		20
#define RACERS		2
#define HANDSHAKES	1000
#define TEST_UID	7310

FIXTURE(tls)
{
	struct tls tls;
};

FIXTURE_VARIANT(tls)
{
	int suite;
	const char *role;
	const char *curve;
};

FIXTURE_VARIANT_ADD(tls, client) { 0, "client", "X25519" };
FIXTURE_VARIANT_ADD(tls, server) { 0, "server", "X25519" };
FIXTURE_VARIANT_ADD(tls, client_sha384) { 1, "client", "P-256" };
FIXTURE_VARIANT_ADD(tls, server_sha384) { 1, "server", "P-256" };
FIXTURE_VARIANT_ADD(tls, client_chacha) { 2, "client", "X25519" };

FIXTURE_SETUP(tls)
{
	REQUIRE_TLS13();
	ASSERT_EQ(0, tls_connect(&self->tls, &peer_suites[variant->suite],
				 variant->role, variant->curve));
}

FIXTURE_TEARDOWN(tls)
{
}

static bool is_client(const struct tls *tls)
{
	return strcmp(tls->role, "client") == 0;
}

/* Shows: TL-8, TL-9, TL-10, TL-12. Both ends have the same secrets. */
TEST_F(tls, finished)
{
	struct tls *tls = &self->tls;
	const struct peer_suite *suite = tls->suite;
	struct peer_secret c_fin, s_fin;
	uint8_t want[PEER_HASH_MAX], mac[PEER_HASH_MAX];
	key_serial_t own, other;
	long size = suite->size;

	peer_expand(suite, &tls->peer_c_hs, "finished", NULL, 0, c_fin.bytes,
		    size);
	peer_expand(suite, &tls->peer_s_hs, "finished", NULL, 0, s_fin.bytes,
		    size);
	own = tls_derive(suite, is_client(tls) ? tls->c_hs : tls->s_hs,
			 "finished", NULL);
	other = tls_derive(suite, is_client(tls) ? tls->s_hs : tls->c_hs,
			   "finished", NULL);
	ASSERT_LT(0, own);
	ASSERT_LT(0, other);
	ASSERT_EQ(size, sym_mac(own, tls->hash, size, mac, size));
	peer_hmac(suite, is_client(tls) ? &c_fin : &s_fin, tls->hash, size,
		  want);
	EXPECT_EQ(0, memcmp(want, mac, size));
	peer_hmac(suite, is_client(tls) ? &s_fin : &c_fin, tls->hash, size,
		  want);
	EXPECT_EQ(0, sym_verify(other, tls->hash, size, want, size));
	want[0] ^= 1;
	EXPECT_EQ(-EKEYREJECTED, sym_verify(other, tls->hash, size, want,
					    size));
	/* an end cannot verify its own Finished, and cannot make the other's */
	EXPECT_EQ(-EOPNOTSUPP, sym_verify(own, tls->hash, size, mac, size));
	EXPECT_EQ(-EOPNOTSUPP, sym_mac(other, tls->hash, size, mac, size));
}

/* Shows: TL-29. */
TEST_F(tls, exporter)
{
	struct tls *tls = &self->tls;
	const struct peer_suite *suite = tls->suite;
	struct peer_secret exp, exporter;
	uint8_t want[255], got[255];
	size_t size = suite->size;
	key_serial_t key, out;

	key = tls_derive(suite, tls->master, "exp-master", tls->hash);
	ASSERT_LT(0, key);
	out = sym_add("out", "derive from=%d tls=exporter label=EXPORTER-a",
		      key);
	ASSERT_LT(0, out);
	peer_derive(suite, &tls->peer_master, "exp master", tls->hash, &exp);
	peer_derive(suite, &exp, "EXPORTER-a", NULL, &exporter);
	for (size_t len = 1; len <= sizeof(want); len += 127) {
		peer_expand(suite, &exporter, "exporter", tls->hash, size, want,
			    len);
		ASSERT_EQ((long)len, sym_mac(out, tls->hash, size, got, len));
		EXPECT_EQ(0, memcmp(want, got, len));
	}
	EXPECT_EQ(-EINVAL, sym_mac(out, tls->hash, size, got, 0));
	EXPECT_EQ(-EINVAL, sym_mac(out, tls->hash, size, got, 256));
	EXPECT_EQ(-EINVAL, sym_mac(out, tls->hash, size - 1, got, 16));
	EXPECT_EQ(-EINVAL, sym_mac(out, tls->hash, size + 1, got, 16));
	EXPECT_EQ(-EOPNOTSUPP, sym_verify(out, tls->hash, size, want, 16));
	/*
	 * exported any number of times; a label of TLS has no special meaning
	 * here
	 */
	EXPECT_LT(0, sym_add("again", "derive from=%d tls=exporter label=EXPORTER-a",
			     key));
	EXPECT_LT(0, sym_add("traffic", "derive from=%d tls=exporter label=c-ap-traffic",
			     key));
	EXPECT_EQ(-EINVAL, sym_add("none", "derive from=%d tls=exporter", key));
}

/*
 * Shows: TL-8, TL-12, TL-15, TL-16. The secret of a ticket, and all secrets
 * that follow.
 */
TEST_F(tls, resumption)
{
	struct tls *tls = &self->tls, next = { .suite = tls->suite };
	const struct peer_suite *suite = tls->suite;
	struct peer_secret res, psk, binder, fin;
	uint8_t mac[PEER_HASH_MAX], record[64] = {}, text[64];
	key_serial_t key, other, bind;
	long size = suite->size;

	key = tls_derive(suite, tls->master, "res-master", tls->hash);
	ASSERT_LT(0, key);
	peer_derive(suite, &tls->peer_master, "res master", tls->hash, &res);
	peer_expand(suite, &res, "resumption", "\x01\x02", 2, psk.bytes, size);
	other = sym_add("other", "derive from=%d tls=resumption", key);
	key = sym_add("psk", "derive from=%d tls=resumption nonce=0102", key);
	ASSERT_LT(0, key);
	ASSERT_LT(0, other);

	/* the PSK of the other end, and one for another hash */
	EXPECT_EQ(-EKEYREJECTED, tls_early(suite, is_client(tls) ? "server" :
					   "client", key));
	if (variant->suite != 1)
		EXPECT_EQ(-EKEYREJECTED, tls_early(&peer_suites[1], tls->role,
						   key));
	next.role = tls->role;
	next.early = tls_early(suite, tls->role, key);
	ASSERT_LT(0, next.early);
	bind = tls_derive(suite, next.early, "res-binder", NULL);
	ASSERT_LT(0, bind);
	bind = tls_derive(suite, bind, "finished", NULL);
	ASSERT_LT(0, bind);
	ASSERT_EQ(0, tls_go(&next, variant->curve, psk.bytes));
	peer_derive(suite, &next.peer_early, "res binder", NULL, &binder);
	peer_expand(suite, &binder, "finished", NULL, 0, fin.bytes, size);
	peer_hmac(suite, &fin, tls->hash, size, mac);
	if (is_client(tls)) {
		ASSERT_EQ(size, sym_mac(bind, tls->hash, size, text, size));
		EXPECT_EQ(0, memcmp(mac, text, size));
	} else {
		EXPECT_EQ(0, sym_verify(bind, tls->hash, size, mac, size));
	}

	/* the agreed secret has been used */
	key = is_client(tls) ? next.c_ap : next.s_ap;
	ASSERT_EQ(20, tls_seal(key, "hey\x17", 4, record));
	EXPECT_TRUE(peer_open(suite, is_client(tls) ? &next.peer_c_ap :
			      &next.peer_s_ap, 0, record, 20, text));
	EXPECT_EQ(0, memcmp(text, "hey\x17", 4));

	/* without a PSK there is no binder */
	key = tls_early(suite, tls->role, 0);
	ASSERT_LT(0, key);
	EXPECT_EQ(-EKEYREJECTED, tls_derive(suite, key, "res-binder", NULL));
	EXPECT_LT(0, tls_early(suite, tls->role, other));
}

/* Shows: TL-11, TL-13. No secret can be derived twice, or with another hash. */
TEST_F(tls, twice)
{
	static const char * const of_master[] = {
		"c-ap-traffic", "s-ap-traffic", "exp-master", "res-master",
	};
	struct tls *tls = &self->tls;
	const struct peer_suite *suite = tls->suite;
	key_serial_t salt;

	EXPECT_EQ(-EALREADY, tls_derive(suite, tls->early, "derived", NULL));
	EXPECT_EQ(-EALREADY, tls_derive(suite, tls->handshake, "c-hs-traffic",
					tls->hash));
	EXPECT_EQ(-EALREADY, tls_derive(suite, tls->handshake, "derived",
					NULL));
	EXPECT_LT(0, tls_derive(suite, tls->c_hs, "finished", NULL));
	EXPECT_EQ(-EALREADY, tls_derive(suite, tls->c_hs, "finished", NULL));
	tls_derive(suite, tls->master, "exp-master", tls->hash);
	tls_derive(suite, tls->master, "res-master", tls->hash);
	tls->hash[0] ^= 1;
	EXPECT_EQ(-EALREADY, tls_derive(suite, tls->handshake, "s-hs-traffic",
					tls->hash));
	for (size_t i = 0; i < ARRAY_SIZE(of_master); i++)
		EXPECT_EQ(-EALREADY, tls_derive(suite, tls->master, of_master[i],
						tls->hash));
	/* a salt without an agreed secret can be extracted once */
	salt = tls_early(suite, tls->role, 0);
	ASSERT_LT(0, salt);
	salt = tls_derive(suite, salt, "derived", NULL);
	ASSERT_LT(0, salt);
	EXPECT_EQ(-EOPNOTSUPP, tls_master(salt));
}

/* Shows: TL-12, TL-18. Each label, and each secret that does not allow it. */
TEST_F(tls, wrong_parent)
{
	static const struct {
		const char *label;
		bool hash;
		const char *parents;
	} labels[] = {
		{ "derived", false, "eh" }, { "res-binder", false, "e" },
		{ "c-hs-traffic", true, "h" }, { "s-hs-traffic", true, "h" },
		{ "c-ap-traffic", true, "m" }, { "s-ap-traffic", true, "m" },
		{ "exp-master", true, "m" }, { "res-master", true, "m" },
		{ "finished", false, "t" }, { "traffic-upd", false, "a" },
		{ "resumption", false, "" },
	};
	struct tls *tls = &self->tls;
	const struct peer_suite *suite = tls->suite;
	key_serial_t mac = sym_add("mac", "new alg=hmac-sha256 for=mac");
	key_serial_t hkdf = sym_add("hkdf", "new alg=hkdf-sha256 for=derive");
	const struct {
		char kind;
		key_serial_t key;
	} parents[] = {
		{ 'e', tls->early }, { 'h', tls->handshake }, { 'm', tls->master },
		{ 't', tls->c_hs }, { 'a', tls->s_ap }, { '-', mac },
		{ '-', hkdf }, { '-', KEY_SPEC_SESSION_KEYRING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		for (size_t j = 0; j < ARRAY_SIZE(parents) - 1; j++) {
			if (strchr(labels[i].parents, parents[j].kind))
				continue;
			EXPECT_EQ(-EKEYREJECTED,
				  tls_derive(suite, parents[j].key,
					     labels[i].label,
					     labels[i].hash ? tls->hash : NULL)) {
				TH_LOG("%s of %c", labels[i].label,
				       parents[j].kind);
			}
		}
	/*
	 * they are no parents of other keys, and a salt or a PSK has no other
	 * use
	 */
	for (size_t j = 0; j < ARRAY_SIZE(parents) - 3; j++) {
		EXPECT_EQ(-EKEYREJECTED,
			  sym_add("child", "derive from=%d label=x alg=hkdf-sha512 for=derive",
				  parents[j].key));
		EXPECT_EQ(-EKEYREJECTED, tls_master(parents[j].key));
		EXPECT_EQ(-EKEYREJECTED, tls_early(suite, tls->role,
						   parents[j].key));
	}
	EXPECT_EQ(-EKEYREJECTED, tls_early(suite, tls->role, hkdf));
	EXPECT_EQ(-EKEYREJECTED, tls_master(hkdf));
	EXPECT_EQ(-ENOKEY, tls_master(key_unused_serial()));
	EXPECT_EQ(-ENOKEY, tls_derive(suite, key_unused_serial(), "derived",
				      NULL));
}

/* Shows: TL-12. A hash of another suite, or a truncated one. */
TEST_F(tls, wrong_hash)
{
	static const size_t sizes[] = { 1, 31, 32, 33, 47, 48, 49, 64, 255 };
	struct tls *tls = &self->tls;
	uint8_t hash[255] = {};
	key_serial_t early = tls_early(tls->suite, tls->role, 0);

	ASSERT_LT(0, early);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (sizes[i] != tls->suite->size)
			EXPECT_EQ(-EKEYREJECTED,
				  tls_derive_n(tls->master, "res-master", hash,
					       sizes[i]));
	/* no secret was used up */
	EXPECT_LT(0, tls_derive(tls->suite, tls->master, "res-master",
				tls->hash));
}

/* Shows: TL-18, TL-28. The results of a query for each kind of secret. */
TEST_F(tls, query_and_read)
{
	struct tls *tls = &self->tls;
	const key_serial_t keys[] = {
		tls->early, tls->handshake, tls->master, tls->c_hs, tls->s_ap,
	};
	static const uint32_t algs[] = {
		SYMMETRIC_ALG_TLS13_EARLY, SYMMETRIC_ALG_TLS13_HANDSHAKE,
		SYMMETRIC_ALG_TLS13_MASTER, SYMMETRIC_ALG_TLS13_TRAFFIC,
		SYMMETRIC_ALG_TLS13_TRAFFIC,
	};
	struct keyctl_pkey_query query;
	uint8_t text[64];
	bool own;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		own = (i == 3) == is_client(tls);
		ASSERT_EQ(0, key_set_rights(keys[i], POSSESSOR(RIGHT_ALL)));
		EXPECT_EQ(-EOPNOTSUPP, key_read(keys[i], text, sizeof(text)));
		ASSERT_EQ(0, sym_query(keys[i], &query));
		EXPECT_EQ(algs[i], query.__spare[SYMMETRIC_QUERY_ALG]);
		EXPECT_EQ((uint32_t)SYMMETRIC_ORIGIN_OUTSIDE,
			  query.__spare[SYMMETRIC_QUERY_ORIGIN]);
		EXPECT_EQ(tls->suite->code,
			  query.__spare[SYMMETRIC_QUERY_TLS13_SUITE]);
		EXPECT_EQ(is_client(tls) ? 1U : 2U,
			  query.__spare[SYMMETRIC_QUERY_TLS13_ROLE]);
		EXPECT_EQ(8 * tls->suite->size, query.key_size);
		EXPECT_EQ(i < 3 ? 0 : own ? (uint32_t)KEYCTL_SUPPORTS_ENCRYPT :
				  (uint32_t)KEYCTL_SUPPORTS_DECRYPT,
			  query.supported_ops);
		EXPECT_EQ(i < 3 ? 0 : TLS_RECORD_MAX, query.max_enc_size);
		EXPECT_EQ(i < 3 ? 0 : TLS_RECORD_MAX, query.max_dec_size);
		if (i < 3) {
			EXPECT_EQ(-EOPNOTSUPP, sym_mac(keys[i], "", 0, text, 64));
			EXPECT_EQ(-EOPNOTSUPP, sym_seal(keys[i], "", "", 0, text,
							64));
		}
	}
}

/*
 * Shows: TL-30. A secret ends like any other key, and its children do not end
 * with it.
 */
TEST_F(tls, revoked)
{
	struct tls *tls = &self->tls;
	uint8_t record[64];

	ASSERT_EQ(0, key_revoke(tls->master));
	EXPECT_EQ(-EKEYREVOKED, tls_derive(tls->suite, tls->master, "res-master",
					   tls->hash));
	EXPECT_EQ(17, tls_seal(is_client(tls) ? tls->c_ap : tls->s_ap, "\x17", 1,
			       record));
	ASSERT_EQ(0, key_invalidate(is_client(tls) ? tls->c_ap : tls->s_ap));
	EXPECT_EQ(-ENOKEY, tls_seal(is_client(tls) ? tls->c_ap : tls->s_ap,
				    "\x17", 1, record));
}

FIXTURE(lines)
{
	key_serial_t pair, early, salt;
};

FIXTURE_SETUP(lines)
{
	REQUIRE_TLS13();
	self->pair = tls_pair("new x25519");
	ASSERT_LT(0, self->pair);
	self->early = tls_early(&peer_suites[0], "client", 0);
	ASSERT_LT(0, self->early);
	self->salt = tls_derive(&peer_suites[0], self->early, "derived", NULL);
	ASSERT_LT(0, self->salt);
}

FIXTURE_TEARDOWN(lines)
{
}

/*
 * Shows: TL-6. The kernel looks up no key before the line is valid: 1 is no
 * valid serial.
 */
TEST_F(lines, wrong)
{
	static const char * const wrong[] = {
		"extract", "extract salt=0", "extract salt=1 psk=1",
		"extract salt=0 suite=tls13-aes128gcm-sha256",
		"extract salt=0 role=client",
		"extract salt=0 suite=tls13-aes128ccm-sha256 role=client",
		"extract salt=0 suite=tls13-aes128gcm-sha256 role=both",
		"extract salt=0 suite=tls13-aes128gcm-sha256 role=client psk=0",
		"extract salt=00 suite=tls13-aes128gcm-sha256 role=client",
		"extract salt=0 suite=tls13-aes128gcm-sha256 role=client label=x",
		"extract salt=0 salt=0 suite=tls13-aes128gcm-sha256 role=client",
		"extract salt=0 suite=tls13-aes128gcm-sha256 role=client alg=hmac-sha256",
		"extract salt=1 suite=tls13-aes128gcm-sha256",
		"extract salt=1 role=client", "extract salt=-1",
		"extract salt=1 tls=derived", "extract suite=tls13-aes128gcm-sha256",
		"agree with=1 peer=00 salt=0", "agree with=1 salt=1",
		"agree peer=00 salt=1", "agree with=1 peer=00 salt=1 label=x",
		"agree with=1 peer=0 salt=1", "agree with=1 peer=0g salt=1",
		"agree with=1 peer=00 salt=1 alg=hmac-sha256 for=mac",
		"agree with=1 peer=00 salt=1 for=tls13", "agree with=1 peer=00",
		"agree with=1 peer=00 alg=hmac-sha256 for=mac",
		"agree with=0 peer=00 salt=1",
		"derive tls=derived", "derive from=1 tls=", "derive from=1 tls=no",
		"derive from=1 tls=DERIVED", "derive from=1 tls=c hs traffic",
		"derive from=1 tls=derived hash=00", "derive from=1 hash=00",
		"derive from=1 tls=c-hs-traffic", "derive from=1 nonce=00",
		"derive from=1 tls=c-hs-traffic hash=0",
		"derive from=1 tls=c-hs-traffic hash=00 hash=00",
		"derive from=1 tls=c-hs-traffic hash=00 nonce=00",
		"derive from=1 tls=c-hs-traffic nonce=00",
		"derive from=1 tls=finished label=x",
		"derive from=1 tls=finished alg=hmac-sha256 for=mac",
		"derive from=1 tls=exporter hash=00",
		"derive from=1 label=x alg=hmac-sha256 for=mac hash=00",
		"new alg=tls13-traffic for=seal", "new alg=hmac-sha256 for=tls13",
		"new alg=hmac-sha256 for=export", "view of=1 for=tls13",
		"new alg=hmac-sha256 for=mac tls=derived",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, sym_add("line", "%s", wrong[i])) {
			TH_LOG("%s", wrong[i]);
		}
	}
}

/* Shows: TL-6. Suites and groups of TLS that the kernel does not have. */
TEST_F(lines, refused)
{
	static const uint8_t hash[32];

	EXPECT_EQ(-EOPNOTSUPP, tls_derive_n(self->early, "c-e-traffic", hash,
					    sizeof(hash)));
	EXPECT_EQ(-EOPNOTSUPP, tls_derive_n(self->early, "e-exp-master", hash,
					    sizeof(hash)));
	EXPECT_EQ(-EOPNOTSUPP, tls_derive_n(self->early, "ext-binder", NULL, 0));
	EXPECT_EQ(-EOPNOTSUPP, tls_master(self->salt));
}

/* Tells whether /proc/keys has this for a pair. */
static bool pair_is_shown_as(key_serial_t pair, const char *text)
{
	char line[512];

	key_line(pair, line, sizeof(line));
	return strstr(line, text);
}

/*
 * Shows: TL-9, AP-45. A request that fails neither uses nor uses up the secrets.  What is
 * used up is shown to be.
 */
TEST_F(lines, private_key_of_others)
{
	EVP_PKEY *pair = peer_pair("X25519");
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pair);
	uint8_t der[256], *at = der, public[PEER_PUBLIC_MAX];
	int size = i2d_PKCS8_PRIV_KEY_INFO(info, &at);
	key_serial_t key = key_add("asymmetric", "pair", der, size,
				   KEY_SPEC_SESSION_KEYRING);

	ASSERT_LT(0, key);
	ASSERT_EQ(32U, peer_public(pair, public));
	EXPECT_EQ(-EKEYREJECTED, tls_agree(key, public, 32, self->salt));
	EXPECT_EQ(-EKEYREJECTED, tls_agree(self->early, public, 32, self->salt));
	EXPECT_EQ(-EKEYREJECTED, tls_agree(self->pair, public, 31, self->salt));
	EXPECT_EQ(-EKEYREJECTED, tls_agree(self->pair, public, 32, self->early));
	/* neither secret was used up */
	EXPECT_TRUE(pair_is_shown_as(key, ": PKCS8.x25519 ["));
	EXPECT_TRUE(pair_is_shown_as(self->pair, ": new.x25519 ["));
	EXPECT_LT(0, tls_agree(self->pair, public, 32, self->salt));
	EXPECT_EQ(-EALREADY, tls_agree(self->pair, public, 32, self->salt));
	EXPECT_TRUE(pair_is_shown_as(self->pair, ": new.x25519 spent ["));
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pair);
}

/*
 * Shows: TL-5, TL-9. The private key is used up for every other use, whatever
 * the result is.
 */
TEST_F(lines, used_up)
{
	uint8_t public[PEER_PUBLIC_MAX], zeros[32] = {};
	EVP_PKEY *peer = peer_pair("X25519");
	char text[HEX_MAX];

	ASSERT_EQ(32U, peer_public(peer, public));
	EXPECT_EQ(-EKEYREJECTED, tls_agree(self->pair, zeros, 32, self->salt));
	EXPECT_EQ(-EALREADY, tls_agree(self->pair, public, 32, self->salt));
	EXPECT_EQ(-EALREADY,
		  sym_add("agreed", "agree with=%d peer=%s label=x alg=hmac-sha256 for=mac",
			  self->pair, tls_hex(public, 32, text)));
	/* the public part can still be read */
	EXPECT_EQ(32, key_read(self->pair, public, sizeof(public)));

	/* a used salt makes the private key used up, too */
	self->pair = tls_pair("new x25519");
	ASSERT_LT(0, tls_agree(self->pair, public, 32, self->salt));
	self->pair = tls_pair("new x25519");
	EXPECT_EQ(-EALREADY, tls_agree(self->pair, public, 32, self->salt));
	self->early = tls_early(&peer_suites[0], "client", 0);
	self->salt = tls_derive(&peer_suites[0], self->early, "derived", NULL);
	ASSERT_LT(0, self->salt);
	EXPECT_EQ(-EALREADY, tls_agree(self->pair, public, 32, self->salt));
	EVP_PKEY_free(peer);
}

/*
 * struct race - a line that several processes add at the same time
 * @go: pipe that is closed when they may begin
 * @line:	the line
 */
struct race {
	int go;
	char line[512];
};

static int race_ask(const void *arg)
{
	const struct race *race = arg;
	key_serial_t key;
	char byte;

	/* the read returns when the pipe is closed */
	if (read(race->go, &byte, 1))
		return -TASK_ODD;
	key = sym_add("racer", "%s", race->line);
	return key < 0 ? key : 0;
}

/*
 * Returns how many processes got the key; all others must get the error of a
 * used-up secret.
 */
static int race_run(struct race *race)
{
	pid_t tasks[RACERS];
	int ends[2], err, had = 0;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	race->go = ends[0];
	for (int i = 0; i < RACERS; i++) {
		tasks[i] = fork();
		if (!tasks[i]) {
			close(ends[1]);
			_exit(-race_ask(race));
		}
	}
	close(ends[0]);
	close(ends[1]);
	for (int i = 0; i < RACERS; i++) {
		err = task_result(tasks[i]);
		if (!err)
			had++;
		else if (err != -EALREADY)
			return err;
	}
	return had;
}

/*
 * Shows: TL-14. One label, one salt, one private key: only one of the processes
 * gets the key.
 */
TEST_F(lines, races)
{
	uint8_t public[PEER_PUBLIC_MAX];
	EVP_PKEY *peer = peer_pair("X25519");
	key_serial_t early, salt, pair;
	char hex[HEX_MAX];
	struct race race;

	tls_hex(public, peer_public(peer, public), hex);
	for (int i = 0; i < ROUNDS; i++) {
		early = tls_early(&peer_suites[0], "client", 0);
		ASSERT_LT(0, early);
		snprintf(race.line, sizeof(race.line),
			 "derive from=%d tls=derived", early);
		EXPECT_EQ(1, race_run(&race));

		/* the winner's salt has displaced the link of the other one */
		early = tls_early(&peer_suites[0], "client", 0);
		salt = tls_derive(&peer_suites[0], early, "derived", NULL);
		pair = tls_pair("new x25519");
		ASSERT_LT(0, salt);
		ASSERT_LT(0, pair);
		snprintf(race.line, sizeof(race.line),
			 "agree with=%d peer=%s salt=%d", pair, hex, salt);
		EXPECT_EQ(1, race_run(&race));
	}
	EVP_PKEY_free(peer);
}

/* Linux 6.1 gives the quota of keys back only when it has collected them. */
static int patient_handshake(int number)
{
	struct tls tls;
	int err = 0;

	for (int tries = 0; tries < 50; tries++) {
		err = tls_connect(&tls, &peer_suites[number % 3], "client",
				  "X25519");
		if (err != -EDQUOT && err != -ECANCELED)
			break;
		keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
		sleep_ms(100);
	}
	return err;
}

static int many_handshakes(const void *arg)
{
	int err = 0;

	if (setresgid(TEST_UID, TEST_UID, TEST_UID) ||
	    setresuid(TEST_UID, TEST_UID, TEST_UID) || session_new() < 0)
		return -TASK_ODD;
	/* The keys of a connection are freed when it is closed. */
	for (int i = 0; i < HANDSHAKES && !err; i++) {
		err = patient_handshake(i);
		keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
	}
	return err;
}

/*
 * Shows: TL-31, TL-32. Many connections one after the other, by a user with a
 * quota of two hundred keys.
 */
TEST_F_TIMEOUT(lines, quota, 170)
{
	pid_t task = task_start(many_handshakes, NULL);
	int err = TASK_STUCK;

	for (int i = 0; i < 16 && err == TASK_STUCK; i++)
		if (task_ended(task, TASK_LIMIT_MS))
			err = task_result(task);
	EXPECT_EQ(0, err);
	EXPECT_TRUE(quota_returns_to(TEST_UID, 0, 0, TASK_LIMIT_MS));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
