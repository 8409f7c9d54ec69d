// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the secrets of TLS 1.3: the traces of RFC 8448, which need
 * secrets that user space cannot add, and the end of a key at its last record
 */

#include <crypto/hash.h>
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "symmetric.h"
#include "tls13.h"

#define SUITE		"tls13-aes128gcm-sha256"
#define HASH_SIZE	SHA256_DIGEST_SIZE
/* The longest record of the traces that the tests use */
#define RECORD_MAX	128
#define HEADER_SIZE	5

static size_t tls13_hex(const char *hex, u8 *bytes)
{
	size_t size = strlen(hex) / 2;

	return hex2bin(bytes, hex, size) ? 0 : size;
}

static struct symmetric_key *tls13_good(struct kunit *test,
					struct symmetric_key *sk)
{
	KUNIT_ASSERT_FALSE(test, IS_ERR(sk));
	return sk;
}

/*
 * Computes an HMAC of a text with the key @secret, whose bytes are wiped by
 * now.
 */
static void tls13_hmac(struct kunit *test, const char *secret, u8 *mac)
{
	struct crypto_shash *tfm = crypto_alloc_shash("hmac(sha256)", 0, 0);
	u8 bytes[HASH_SIZE];

	KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
	KUNIT_ASSERT_EQ(test, (size_t)HASH_SIZE, tls13_hex(secret, bytes));
	KUNIT_EXPECT_EQ(test, 0, crypto_shash_setkey(tfm, bytes, HASH_SIZE));
	KUNIT_EXPECT_EQ(test, 0, crypto_shash_tfm_digest(tfm, "text", 4, mac));
	crypto_free_shash(tfm);
}

static void tls13_is(struct kunit *test, struct symmetric_key *sk,
		     const char *secret)
{
	u8 got[HASH_SIZE], want[HASH_SIZE];

	tls13_hmac(test, secret, want);
	KUNIT_ASSERT_EQ(test, 0, crypto_shash_tfm_digest(sk->tfm, "text", 4,
							 got));
	KUNIT_EXPECT_EQ(test, 0, memcmp(want, got, HASH_SIZE));
}

/*
 * Derives the child with this label and compares it; the caller puts the child.
 */
static struct symmetric_key *tls13_derived(struct kunit *test,
					   struct symmetric_key *parent,
					   const char *label,
					   const char *context,
					   const char *secret)
{
	struct symmetric_form *form;
	struct symmetric_key *sk;

	form = kunit_kzalloc(test, sizeof(*form), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, form);
	form->tls.label = tls13_label_find(label, ~0UL);
	KUNIT_ASSERT_NOT_NULL(test, form->tls.label);
	form->tls.size = tls13_hex(context, form->tls.context);
	sk = tls13_good(test, tls13_child(parent, form));
	if (secret)
		tls13_is(test, sk, secret);
	return sk;
}

static void tls13_derived_is(struct kunit *test, struct symmetric_key *parent,
			     const char *label, const char *context,
			     const char *secret)
{
	symmetric_key_put(tls13_derived(test, parent, label, context, secret));
}

/* A struct key that is complete only as far as the operations read it. */
static struct key *tls13_key(struct kunit *test, struct symmetric_key *sk)
{
	struct key *key = kunit_kzalloc(test, sizeof(*key), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, key);
	key->type = &key_type_symmetric;
	key->payload.data[0] = sk;
	return key;
}

/*
 * Checks that @sk seals @inner into this record, which begins with its header,
 * or that it opens the record to @inner.
 */
static void tls13_record_is(struct kunit *test, struct symmetric_key *sk,
			    const char *inner, const char *record)
{
	u8 *text = kunit_kzalloc(test, RECORD_MAX, GFP_KERNEL);
	u8 *sealed = kunit_kzalloc(test, RECORD_MAX, GFP_KERNEL);
	u8 *out = kunit_kzalloc(test, RECORD_MAX, GFP_KERNEL);
	struct kernel_pkey_params params = {
		.key = tls13_key(test, sk), .aad_len = HEADER_SIZE,
		.aad = sealed, .out_len = RECORD_MAX,
	};
	size_t text_size, sealed_size;

	KUNIT_ASSERT_TRUE(test, text && sealed && out);
	KUNIT_ASSERT_LE(test, strlen(record) / 2, (size_t)RECORD_MAX);
	text_size = tls13_hex(inner, text);
	sealed_size = tls13_hex(record, sealed) - HEADER_SIZE;
	if (sk->uses & SYMMETRIC_USE_SEAL) {
		params.in_len = text_size;
		KUNIT_EXPECT_EQ(test, (int)sealed_size,
				tls13_seal(&params, text, out));
		KUNIT_EXPECT_EQ(test, 0, memcmp(out, sealed + HEADER_SIZE,
						sealed_size));
	} else {
		params.in_len = sealed_size;
		KUNIT_EXPECT_EQ(test, (int)text_size,
				tls13_open(&params, sealed + HEADER_SIZE, out));
		KUNIT_EXPECT_EQ(test, 0, memcmp(out, text, text_size));
	}
}

/*
 * RFC 8448, 3, by the messages up to ServerHello, up to each Finished, and up
 * to the last one
 */
#define HASH_HELLO \
	"860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"
#define HASH_SERVER \
	"9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13"
#define HASH_CLIENT \
	"209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d"

#define EARLY \
	"33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"
#define EARLY_DERIVED \
	"6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"
#define SHARED \
	"8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"
#define RESUMED_PSK \
	"4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3"

#define CLIENT_FINISHED \
	"14000020a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2" \
	"edd5ce6116"
#define CLIENT_FINISHED_RECORD \
	"170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc" \
	"44d87f38f80338ac98fc46deb384bd1caeacab6867d726c40546"
#define CLIENT_DATA \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
	"202122232425262728292a2b2c2d2e2f303117"
#define CLIENT_DATA_RECORD \
	"1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f" \
	"2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae6" \
	"3aeebb21694915e4"

/* The handshake secret from the agreed secret @shared, without a PSK. */
static struct symmetric_key *tls13_to_handshake(struct kunit *test,
						enum tls13_role role,
						const char *shared,
						const char *secret)
{
	struct symmetric_key *early, *salt, *sk;
	u8 bytes[AGREEMENT_SECRET_SIZE];

	early = tls13_good(test, tls13_early(tls13_suite_find(SUITE), role,
					     NULL));
	tls13_is(test, early, EARLY);
	salt = tls13_derived(test, early, "derived", "", EARLY_DERIVED);
	KUNIT_ASSERT_EQ(test, sizeof(bytes), tls13_hex(shared, bytes));
	sk = tls13_good(test, tls13_handshake(salt, bytes));
	tls13_is(test, sk, secret);
	/* a salt can be used once */
	KUNIT_EXPECT_EQ(test, (long)-EALREADY,
			PTR_ERR(tls13_handshake(salt, bytes)));
	symmetric_key_put(salt);
	symmetric_key_put(early);
	return sk;
}

static void tls13_handshake_part(struct kunit *test, struct symmetric_key *sk)
{
	struct symmetric_key *client, *server;

	client = tls13_derived(test, sk, "c-hs-traffic", HASH_HELLO,
			       "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21");
	server = tls13_derived(test, sk, "s-hs-traffic", HASH_HELLO,
			       "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
	tls13_derived_is(test, server, "finished", "",
			 "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8");
	tls13_derived_is(test, client, "finished", "",
			 "b80ad01015fb2f0bd65ff7d4da5d6bf83f84821d1f87fdc7d3c75b5a7b42d9c4");
	tls13_record_is(test, client, CLIENT_FINISHED, CLIENT_FINISHED_RECORD);
	symmetric_key_put(client);
	symmetric_key_put(server);
}

static void tls13_application_part(struct kunit *test, struct symmetric_key *sk)
{
	struct symmetric_key *client, *res, *psk;
	u8 want[HASH_SIZE];

	client = tls13_derived(test, sk, "c-ap-traffic", HASH_SERVER,
			       "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
	tls13_record_is(test, client, CLIENT_DATA, CLIENT_DATA_RECORD);
	symmetric_key_put(client);
	tls13_derived_is(test, sk, "s-ap-traffic", HASH_SERVER,
			 "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643");
	tls13_derived_is(test, sk, "exp-master", HASH_SERVER,
			 "fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50");
	res = tls13_derived(test, sk, "res-master", HASH_CLIENT,
			    "7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c");
	psk = tls13_derived(test, res, "resumption", "0000", NULL);
	tls13_hex(RESUMED_PSK, want);
	KUNIT_EXPECT_EQ(test, 0, memcmp(want, psk->bytes, HASH_SIZE));
	symmetric_key_put(psk);
	symmetric_key_put(res);
}

static void tls13_simple(struct kunit *test, enum tls13_role role)
{
	struct symmetric_key *handshake, *salt, *master;

	handshake = tls13_to_handshake(test, role, SHARED,
				       "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac");
	tls13_handshake_part(test, handshake);
	salt = tls13_derived(test, handshake, "derived", "",
			     "43de77e0c77713859a944db9db2590b53190a65b3ee2e4f12dd7a0bb7ce254b4");
	master = tls13_good(test, tls13_master(salt));
	tls13_is(test, master,
		 "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919");
	KUNIT_EXPECT_EQ(test, (long)-EALREADY, PTR_ERR(tls13_master(salt)));
	tls13_application_part(test, master);
	symmetric_key_put(master);
	symmetric_key_put(salt);
	symmetric_key_put(handshake);
}

/* Shows: TL-12, TL-15, TL-21, TL-22. RFC 8448, 3: every secret, at either end. */
static void tls13_rfc8448_simple(struct kunit *test)
{
	tls13_simple(test, TLS13_CLIENT);
	tls13_simple(test, TLS13_SERVER);
}

/* Shows: TL-12. RFC 8448, 5: P-256 after a HelloRetryRequest. */
static void tls13_rfc8448_retry(struct kunit *test)
{
	static const char hash[] =
		"8aa8e828ec2f8a884fec95a3139de01c15a3daa7ff5bfc3f4bfcc21b438d7bf8";
	struct symmetric_key *sk;

	sk = tls13_to_handshake(test, TLS13_SERVER,
				"c142ce13ca11b5c2233652e63ad3d97844f1621fbfb9de69d547dc8fedeabeb4",
				"ce022e5e6e81e50736d773f2d3adfce8220d049bf510f0dbfac927ef4243b148");
	tls13_derived_is(test, sk, "c-hs-traffic", hash,
			 "158aa7ab8855073582b41d674b4055cabcc534728f659314861b4e08e2011566");
	tls13_derived_is(test, sk, "s-hs-traffic", hash,
			 "3403e781e2af7b6508da28574f6e95a1abf162de83a97927c37672a4a0cef8a1");
	symmetric_key_put(sk);
}

/* The PSK of RFC 8448, 3, which no line of add_key() could add. */
static struct symmetric_key *tls13_psk(struct kunit *test, enum tls13_role role)
{
	struct symmetric_key *sk;

	sk = tls13_good(test, tls13_alloc(TLS13_PSK, tls13_suite_find(SUITE),
					  role, SYMMETRIC_USE_TLS13));
	tls13_hex(RESUMED_PSK, sk->bytes);
	KUNIT_ASSERT_EQ(test, 0, tls13_key_up(sk));
	return sk;
}

/* Shows: TL-8, TL-12, TL-16. RFC 8448, 4: the part without early data. */
static void tls13_rfc8448_resumed(struct kunit *test)
{
	const struct tls13_suite *suite = tls13_suite_find(SUITE);
	struct symmetric_key *psk = tls13_psk(test, TLS13_CLIENT), *early, *sk;

	KUNIT_EXPECT_EQ(test, (long)-EKEYREJECTED,
			PTR_ERR(tls13_early(suite, TLS13_SERVER, psk)));
	early = tls13_good(test, tls13_early(suite, TLS13_CLIENT, psk));
	tls13_is(test, early,
		 "9b2188e9b2fc6d64d71dc329900e20bb41915000f678aa839cbb797cb7d8332c");
	sk = tls13_derived(test, early, "res-binder", "",
			   "69fe131a3bbad5d63c64eebcc30e395b9d8107726a13d074e389dbc8a4e47256");
	tls13_derived_is(test, sk, "finished", "",
			 "5588673e72cb59c87d220caffe94f2dea9a3b1609f7d50e90a48227db9ed7eaa");
	symmetric_key_put(sk);
	tls13_derived_is(test, early, "derived", "",
			 "5f1790bbd82c5e7d376ed2e1e52f8e6038c9346db61b43be9a52f77ef3998e80");
	symmetric_key_put(early);
	symmetric_key_put(psk);
}

/*
 * Shows: TL-27. The last record number of GCM can be used, and no record after
 * it.
 */
static void tls13_last_record(struct kunit *test)
{
	struct symmetric_key *handshake, *sk;
	struct kernel_pkey_params params = {
		.in_len = 1, .aad_len = HEADER_SIZE, .out_len = RECORD_MAX,
		.aad = (const u8 []){ 23, 3, 3, 0, 1 + TLS13_TAG_SIZE },
	};
	u8 *out = kunit_kzalloc(test, RECORD_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, out);
	handshake = tls13_to_handshake(test, TLS13_CLIENT, SHARED,
				       "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac");
	sk = tls13_derived(test, handshake, "c-hs-traffic", HASH_HELLO, NULL);
	params.key = tls13_key(test, sk);
	atomic64_set(&sk->tls->number, (1 << 24) - 1);
	KUNIT_EXPECT_EQ(test, 1 + TLS13_TAG_SIZE,
			tls13_seal(&params, out, out + RECORD_MAX / 2));
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED,
			tls13_seal(&params, out, out + RECORD_MAX / 2));
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED, symmetric_dead(sk));
	KUNIT_EXPECT_PTR_EQ(test, (struct crypto_aead *)NULL, sk->tls->aead);
	symmetric_key_put(sk);
	symmetric_key_put(handshake);
}

#ifdef CONFIG_TLS_KEY_SERIAL

#include <keys/symmetric-tls13.h>

/* A connection that counts how often it was told of the end. */
struct tls13_connection {
	struct symmetric_tls13 secret;
	int kicks;
};

static void tls13_kick(struct symmetric_tls13 *secret)
{
	container_of(secret, struct tls13_connection, secret)->kicks++;
}

/* A connection that has not taken the secret yet; @number is that of its next record. */
static void tls13_connection(struct kunit *test, enum tls13_role role, u64 number,
			     struct tls13_connection *c)
{
	struct symmetric_key *handshake, *sk;

	handshake = tls13_to_handshake(test, role, SHARED,
				       "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac");
	sk = tls13_derived(test, handshake, "c-hs-traffic", HASH_HELLO, NULL);
	symmetric_key_put(handshake);
	atomic64_set(&sk->tls->number, number);
	*c = (struct tls13_connection) {
		.secret.use = role == TLS13_CLIENT ? SYMMETRIC_USE_SEAL :
						     SYMMETRIC_USE_OPEN,
		.secret.kick = tls13_kick,
	};
	KUNIT_ASSERT_EQ(test, 0, tls13_sink_init(&c->secret, sk));
}

/* Whether one record may be sealed or opened; @err is what comes of that. */
static int tls13_one_record(struct tls13_connection *c, u64 number, int err)
{
	u8 nonce[SYMMETRIC_TLS13_NONCE];
	int ret = symmetric_tls13_enter(&c->secret, number, nonce);

	if (!ret)
		symmetric_tls13_leave(&c->secret, err);
	return ret;
}

/* Shows: TL-46. A connection counts on to the last record, and no further. */
static void tls13_last_record_of_a_socket(struct kunit *test)
{
	const u64 last = (1 << 24) - 1;
	struct tls13_connection c;

	tls13_connection(test, TLS13_CLIENT, last - 1, &c);
	KUNIT_ASSERT_EQ(test, 0, symmetric_tls13_take(&c.secret));
	KUNIT_EXPECT_EQ(test, last - 1, c.secret.number);
	KUNIT_EXPECT_EQ(test, 0, tls13_one_record(&c, last - 1, 0));
	KUNIT_EXPECT_EQ(test, 0, tls13_one_record(&c, last, 0));
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED, tls13_one_record(&c, last + 1, 0));
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED, tls13_one_record(&c, last, 0));
	flush_work(&c.secret.sk->work);
	KUNIT_EXPECT_EQ(test, 1, c.kicks);
	KUNIT_EXPECT_PTR_EQ(test, (struct crypto_aead *)NULL, c.secret.aead);
	symmetric_tls13_put(&c.secret);
}

/* Shows: TL-38, TL-46. Nothing is left to be taken. */
static void tls13_no_record_for_a_socket(struct kunit *test)
{
	struct tls13_connection c;

	tls13_connection(test, TLS13_CLIENT, 1 << 24, &c);
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED, symmetric_tls13_take(&c.secret));
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED, symmetric_tls13_dead(&c.secret));
	KUNIT_EXPECT_EQ(test, 0, c.kicks);
	symmetric_tls13_put(&c.secret);
}

/*
 * Shows: TL-36, TL-45. A record that could not be sealed would share its number with
 * the next one; one that could not be opened for want of memory is there still.
 */
static void tls13_failed_records(struct kunit *test)
{
	struct tls13_connection c;

	tls13_connection(test, TLS13_CLIENT, 0, &c);
	KUNIT_ASSERT_EQ(test, 0, symmetric_tls13_take(&c.secret));
	KUNIT_EXPECT_EQ(test, 0, tls13_one_record(&c, 0, -ENOMEM));
	KUNIT_EXPECT_EQ(test, -EKEYREVOKED, tls13_one_record(&c, 0, 0));
	symmetric_tls13_put(&c.secret);

	tls13_connection(test, TLS13_SERVER, 0, &c);
	KUNIT_ASSERT_EQ(test, 0, symmetric_tls13_take(&c.secret));
	KUNIT_EXPECT_EQ(test, 0, tls13_one_record(&c, 0, -ENOMEM));
	KUNIT_EXPECT_EQ(test, 0, tls13_one_record(&c, 0, -EBADMSG));
	KUNIT_EXPECT_EQ(test, -EKEYREVOKED, tls13_one_record(&c, 0, 0));
	symmetric_tls13_put(&c.secret);
}

#define TLS13_SOCKET_CASES \
	KUNIT_CASE(tls13_last_record_of_a_socket), \
	KUNIT_CASE(tls13_no_record_for_a_socket), \
	KUNIT_CASE(tls13_failed_records),
#else
#define TLS13_SOCKET_CASES
#endif /* CONFIG_TLS_KEY_SERIAL */

static struct kunit_case tls13_cases[] = {
	KUNIT_CASE(tls13_rfc8448_simple),
	KUNIT_CASE(tls13_rfc8448_retry),
	KUNIT_CASE(tls13_rfc8448_resumed),
	KUNIT_CASE(tls13_last_record),
	TLS13_SOCKET_CASES
	{}
};

static struct kunit_suite tls13_suite = {
	.name = "symmetric_keys_tls13",
	.test_cases = tls13_cases,
};

kunit_test_suite(tls13_suite);

MODULE_LICENSE("GPL");
