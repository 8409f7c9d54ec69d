// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of symmetric keys: published vectors, many with sizes that the
 * type refuses, and the events of a key's life that a sink sees
 */

#include <crypto/hash.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "symmetric.h"

/* Long enough for a thread that is not blocked to go on */
#define HELD_MS		100
#define LIMIT		(10 * HZ)
/* The pause between two checks */
#define STEP_MS		20

/* The longest text in this file */
#define TEXT_MAX	160

static size_t test_hex(const char *hex, u8 *bytes)
{
	size_t size = strlen(hex) / 2;

	return hex2bin(bytes, hex, size) ? 0 : size;
}

/* An object with the bytes of @hex, whose number @alg may not allow. */
static struct symmetric_key *test_object(struct kunit *test, const char *alg,
					 const char *hex)
{
	size_t size = strlen(hex) / 2;
	struct symmetric_key *sk = symmetric_alloc(size);

	KUNIT_ASSERT_NOT_NULL(test, sk);
	sk->alg = symmetric_alg_find(alg);
	KUNIT_ASSERT_NOT_NULL(test, sk->alg);
	sk->uses = sk->alg->group->uses;
	sk->origin = SYMMETRIC_ORIGIN_OUTSIDE;
	sk->size = size;
	KUNIT_ASSERT_EQ(test, size, test_hex(hex, sk->bytes));
	KUNIT_ASSERT_EQ(test, 0, symmetric_key_up(sk));
	return sk;
}

/* A struct key that is complete only as far as the operations read it. */
static struct key *test_key(struct kunit *test, struct symmetric_key *sk)
{
	struct key *key = kunit_kzalloc(test, sizeof(*key), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, key);
	key->type = &key_type_symmetric;
	key->payload.data[0] = sk;
	return key;
}

static const struct {
	const char *key, *text, *sha256, *sha384, *sha512;
} rfc4231[] = {
	{
		"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		"4869205468657265",
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
		"afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
		"faea9ea9076ede7f4af152e8b2fa9cb6",
		"87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
		"daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
	}, {
		"4a656665",
		"7768617420646f2079612077616e7420666f72206e6f7468696e673f",
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
		"8e2240ca5e69e2c78b3239ecfab21649",
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
	}, {
		"0102030405060708090a0b0c0d0e0f10111213141516171819",
		"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
		"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
		"3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e"
		"6801dd23c4a7d679ccf8a386c674cffb",
		"b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
		"a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
	},
};

static void test_mac(struct kunit *test, const char *alg, const char *secret,
		     const char *text, const char *want)
{
	struct symmetric_key *sk = test_object(test, alg, secret);
	struct kernel_pkey_params params = {
		.key = test_key(test, sk),
		.op = kernel_pkey_sign,
		.out_len = SHA512_DIGEST_SIZE,
	};
	u8 in[TEXT_MAX], mac[SHA512_DIGEST_SIZE], expected[SHA512_DIGEST_SIZE];
	size_t size = test_hex(want, expected);

	params.in_len = test_hex(text, in);
	KUNIT_EXPECT_EQ(test, (int)size, symmetric_use(&params, in, mac));
	KUNIT_EXPECT_EQ(test, 0, memcmp(expected, mac, size));
	params.in2_len = size;
	KUNIT_EXPECT_EQ(test, 0, symmetric_verify(&params, in, expected));
	expected[size - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, -EKEYREJECTED,
			symmetric_verify(&params, in, expected));
	symmetric_key_put(sk);
}

/* Shows: SY-33, SY-34. RFC 4231. */
static void hmac_vectors(struct kunit *test)
{
	for (size_t i = 0; i < ARRAY_SIZE(rfc4231); i++) {
		test_mac(test, "hmac-sha256", rfc4231[i].key, rfc4231[i].text,
			 rfc4231[i].sha256);
		test_mac(test, "hmac-sha384", rfc4231[i].key, rfc4231[i].text,
			 rfc4231[i].sha384);
		test_mac(test, "hmac-sha512", rfc4231[i].key, rfc4231[i].text,
			 rfc4231[i].sha512);
	}
}

static const struct {
	const char *secret, *salt, *info, *out;
} rfc5869[] = {
	{
		"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		"000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
		"34007208d5b887185865",
	}, {
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
		"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
		"404142434445464748494a4b4c4d4e4f",
		"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
		"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
		"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
		"b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
		"d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
		"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
		"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
		"59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
		"cc30c58179ec3e87c14c01d5c1f3434f1d87",
	},
};

/*
 * Shows: SY-24. RFC 5869: outputs of little more than one block, and of three
 * blocks.
 */
static void hkdf_vectors(struct kunit *test)
{
	u8 secret[TEXT_MAX], salt[TEXT_MAX], out[TEXT_MAX], want[TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rfc5869); i++) {
		size_t size = test_hex(rfc5869[i].out, want);
		struct symmetric_info info;
		struct crypto_shash *tfm;

		info.size = test_hex(rfc5869[i].info, info.bytes);
		tfm = symmetric_hkdf_extract("hmac(sha256)", salt,
					     test_hex(rfc5869[i].salt, salt),
					     secret,
					     test_hex(rfc5869[i].secret,
						      secret));
		KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
		KUNIT_EXPECT_EQ(test, 0,
				symmetric_hkdf_expand(tfm, &info, out, size));
		KUNIT_EXPECT_EQ(test, 0, memcmp(want, out, size));
		crypto_free_shash(tfm);
	}
}

static const struct {
	const char *line, *child;
	int info_size;
} derived[] = {
	{
		"derive from=1 label=demo alg=xchacha20-poly1305 for=open",
		"cb221c3542c829537676033991faae1639096f7793650d66b86de558f08f5ad5",
		56,
	}, {
		"derive from=1 label=demo alg=aes-xts-plain64 for=dm-crypt "
		"uuid=00112233-4455-6677-8899-aabbccddeeff",
		"1d746a79190f102bb29fd667832e373f59aa0e9e0e233759d2c4a39f580abee3"
		"5b20f1a13434e22aee85ec4bb9d3894f86ffb28ea809de4557cc62128804af67",
		73,
	},
};

static void test_derived(struct kunit *test, int i)
{
	u8 secret[SYMMETRIC_PARENT_MIN];
	u8 bytes[SYMMETRIC_SIZE_MAX], want[SYMMETRIC_SIZE_MAX];
	struct symmetric_form form;
	struct symmetric_info info;
	struct crypto_shash *tfm;

	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = i;
	KUNIT_ASSERT_EQ(test, 0,
			symmetric_form_parse(derived[i].line,
					     strlen(derived[i].line), &form));
	KUNIT_ASSERT_EQ(test, form.size, test_hex(derived[i].child, want));
	symmetric_info_fill(&info, &form);
	KUNIT_EXPECT_EQ(test, derived[i].info_size, (int)info.size);
	tfm = symmetric_extract("hmac(sha512)", secret, sizeof(secret));
	KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
	KUNIT_EXPECT_EQ(test, 0, symmetric_hkdf_expand(tfm, &info, bytes,
						       form.size));
	KUNIT_EXPECT_EQ(test, 0, memcmp(want, bytes, form.size));
	crypto_free_shash(tfm);
}

/*
 * Shows: SY-24, SY-25, SY-56. The first value is in symmetric.rst.  These
 * values must never change.
 */
static void info_vector(struct kunit *test)
{
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		test_derived(test, i);
}

static const char xchacha_key[] =
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";
static const char xchacha_text[] =
	"Ladies and Gentlemen of the class of '99: If I could offer you only "
	"one tip for the future, sunscreen would be it.";
static const char xchacha_aad[] = "50515253c0c1c2c3c4c5c6c7";
/* Nonce, ciphertext, tag */
static const char xchacha_blob[] =
	"404142434445464748494a4b4c4d4e4f5051525354555657"
	"bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
	"731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
	"2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
	"21f9664c97637da9768812f615c68b13b52e"
	"c0875924c1c7987947deafd8780acf49";

/* Shows: SY-36, SY-37. The vector of draft-irtf-cfrg-xchacha, A.3.1. */
static void xchacha_vector(struct kunit *test)
{
	struct symmetric_key *sk = test_object(test, "xchacha20-poly1305",
					       xchacha_key);
	u8 blob[TEXT_MAX], aad[TEXT_MAX], text[TEXT_MAX];
	struct kernel_pkey_params params = {
		.key = test_key(test, sk),
		.op = kernel_pkey_decrypt,
		.in_len = test_hex(xchacha_blob, blob),
		.out_len = sizeof(text),
		.aad = aad,
		.aad_len = test_hex(xchacha_aad, aad),
	};

	memset(text, 0x5a, sizeof(text));
	blob[params.in_len - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, -EBADMSG, symmetric_use(&params, blob, text));
	/*
	 * The kernel writes no plaintext of a forgery, not even into its own
	 * memory.
	 */
	KUNIT_EXPECT_PTR_EQ(test, NULL,
			    memchr_inv(text, 0x5a, sizeof(text)));
	blob[params.in_len - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, (int)strlen(xchacha_text),
			symmetric_use(&params, blob, text));
	KUNIT_EXPECT_EQ(test, 0,
			memcmp(xchacha_text, text, strlen(xchacha_text)));
	symmetric_key_put(sk);
}

/* Shows: SY-46, SY-51. Bytes and transform are freed when a key dies. */
static void wiped(struct kunit *test)
{
	struct symmetric_key *seal = test_object(test, "xchacha20-poly1305",
						 xchacha_key);
	struct symmetric_key *mac = test_object(test, "hmac-sha256",
						xchacha_key);

	/* The transform has the bytes, so the object does not keep them. */
	KUNIT_EXPECT_PTR_EQ(test, NULL, memchr_inv(mac->bytes, 0, mac->size));
	KUNIT_EXPECT_NOT_NULL(test, mac->tfm);
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(seal->bytes, 0, seal->size));
	symmetric_kill(seal, -EKEYREVOKED);
	symmetric_kill(mac, -EKEYEXPIRED);
	KUNIT_EXPECT_PTR_EQ(test, NULL, memchr_inv(seal->bytes, 0, seal->size));
	KUNIT_EXPECT_NULL(test, mac->tfm);
	KUNIT_EXPECT_EQ(test, -EKEYREVOKED, symmetric_enter(seal));
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED, symmetric_enter(mac));
	/* A second call changes nothing. */
	symmetric_kill(mac, -EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED, symmetric_enter(mac));
	symmetric_key_put(seal);
	symmetric_key_put(mac);
}

/**
 * struct test_sink - a sink whose transform is a copy of the bytes
 * @sink: the sink as the key sees it
 * @bytes: the copy
 * @keyed: whether there is a copy
 * @kicks: number of calls of the kick operation
 */
struct test_sink {
	struct symmetric_sink sink;
	u8 bytes[SYMMETRIC_SIZE_MAX];
	bool keyed;
	int kicks;
};

static void test_sink_kick(struct symmetric_sink *sink)
{
	container_of(sink, struct test_sink, sink)->kicks++;
}

static void test_sink_free(struct symmetric_sink *sink)
{
	struct test_sink *t = container_of(sink, struct test_sink, sink);

	memzero_explicit(t->bytes, sizeof(t->bytes));
	t->keyed = false;
}

static const struct symmetric_sink_ops test_sink_ops = {
	.kick = test_sink_kick,
	.free = test_sink_free,
};

static int test_sink_key(struct symmetric_sink *sink, const u8 *bytes,
			 size_t size)
{
	struct test_sink *t = container_of(sink, struct test_sink, sink);

	memcpy(t->bytes, bytes, size);
	t->keyed = true;
	return 0;
}

static int test_sink_refuses(struct symmetric_sink *sink, const u8 *bytes,
			     size_t size)
{
	return -ENOKEY;
}

static const struct symmetric_purpose test_purpose = {
	.alg = "hkdf-sha512", .use = SYMMETRIC_USE_DERIVE,
};

/*
 * Shows: SY-52. A sink refuses a key of another algorithm or use, and a dead
 * key.
 */
static void sink_refused(struct kunit *test)
{
	static const struct symmetric_purpose others[] = {
		{ .alg = "hkdf-sha256", .use = SYMMETRIC_USE_DERIVE },
		{ .alg = "hkdf-sha512", .use = SYMMETRIC_USE_SEAL },
	};
	struct symmetric_key *sk = test_object(test, "hkdf-sha512",
					       xchacha_key);
	struct test_sink t = { .sink.ops = &test_sink_ops };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		KUNIT_EXPECT_EQ(test, -EKEYREJECTED,
				symmetric_sink_attach(&t.sink, sk, &others[i],
						      test_sink_key));
	KUNIT_EXPECT_EQ(test, -ENOKEY,
			symmetric_sink_attach(&t.sink, sk, &test_purpose,
					      test_sink_refuses));
	KUNIT_EXPECT_TRUE(test, list_empty(&sk->sinks));
	symmetric_kill(sk, -EKEYEXPIRED);
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED,
			symmetric_sink_attach(&t.sink, sk, &test_purpose,
					      test_sink_key));
	KUNIT_EXPECT_FALSE(test, t.keyed);
	symmetric_key_put(sk);
}

/*
 * Shows: SY-52, SY-59. A key that is bound to a volume, a key for any sink, and
 * a sink without a volume.
 */
static void sink_volume(struct kunit *test)
{
	static const u8 mine[UUID_SIZE] = { 1 }, other[UUID_SIZE] = { 2 };
	struct symmetric_purpose purpose = test_purpose;
	struct symmetric_key *sk = test_object(test, "hkdf-sha512",
					       xchacha_key);
	struct test_sink t = { .sink.ops = &test_sink_ops };

	purpose.uuid = mine;
	KUNIT_ASSERT_EQ(test, 0, symmetric_sink_attach(&t.sink, sk, &purpose,
						       test_sink_key));
	symmetric_sink_detach(&t.sink);
	sk->uuid_size = sizeof(mine);
	memcpy(sk->uuid, mine, sizeof(mine));
	KUNIT_ASSERT_EQ(test, 0, symmetric_sink_attach(&t.sink, sk, &purpose,
						       test_sink_key));
	symmetric_sink_detach(&t.sink);
	purpose.uuid = other;
	KUNIT_EXPECT_EQ(test, -EKEYREJECTED,
			symmetric_sink_attach(&t.sink, sk, &purpose,
					      test_sink_key));
	purpose.uuid = NULL;
	KUNIT_EXPECT_EQ(test, -EKEYREJECTED,
			symmetric_sink_attach(&t.sink, sk, &purpose,
					      test_sink_key));
	symmetric_key_put(sk);
}

/*
 * Shows: SY-52, SY-53. The sink's transform is freed when the key dies, or when
 * the sink is detached.
 */
static void sink_ends(struct kunit *test)
{
	struct symmetric_key *sk = test_object(test, "hkdf-sha512",
					       xchacha_key);
	struct test_sink one = { .sink.ops = &test_sink_ops };
	struct test_sink two = { .sink.ops = &test_sink_ops };

	KUNIT_ASSERT_EQ(test, 0,
			symmetric_sink_attach(&one.sink, sk, &test_purpose,
					      test_sink_key));
	KUNIT_ASSERT_EQ(test, 0,
			symmetric_sink_attach(&two.sink, sk, &test_purpose,
					      test_sink_key));
	KUNIT_EXPECT_TRUE(test, one.keyed && two.keyed);
	symmetric_sink_detach(&one.sink);
	KUNIT_EXPECT_FALSE(test, one.keyed);
	KUNIT_EXPECT_TRUE(test, two.keyed);

	symmetric_kill(sk, -EKEYREVOKED);
	KUNIT_EXPECT_FALSE(test, two.keyed);
	KUNIT_EXPECT_EQ(test, 0, one.kicks);
	KUNIT_EXPECT_EQ(test, 1, two.kicks);
	symmetric_sink_detach(&two.sink);
	symmetric_key_put(sk);
}

/**
 * struct test_kill - a thread that kills a key
 * @sk: the object
 * @begun: completed right before the thread kills the key
 * @ended: completed after that
 */
struct test_kill {
	struct symmetric_key *sk;
	struct completion begun;
	struct completion ended;
};

static int test_killer(void *arg)
{
	struct test_kill *t = arg;

	complete(&t->begun);
	symmetric_kill(t->sk, -EKEYREVOKED);
	complete(&t->ended);
	return 0;
}

/* A thread of the kernel that a signal can kill */
static int test_mortal_killer(void *arg)
{
	allow_signal(SIGKILL);
	return test_killer(arg);
}

/*
 * Enters a bracket and starts @thread, which kills the key.  Returns once nobody gets
 * in any more, with a reference to the thread.
 */
static struct task_struct *test_kill_begin(struct kunit *test, struct test_kill *t,
					   int (*thread)(void *arg))
{
	struct task_struct *task;

	init_completion(&t->begun);
	init_completion(&t->ended);
	KUNIT_ASSERT_EQ(test, 0, symmetric_enter(t->sk));
	task = kthread_create(thread, t, "symmetric_kunit");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	get_task_struct(task);
	wake_up_process(task);
	KUNIT_EXPECT_NE(test, 0UL, wait_for_completion_timeout(&t->begun, LIMIT));
	for (int ms = 0; !symmetric_dead(t->sk) && ms < 10 * MSEC_PER_SEC;
	     ms += STEP_MS)
		msleep(STEP_MS);
	return task;
}

/*
 * Shows: SY-46. A thread that kills the key waits until symmetric_leave(); a
 * later symmetric_enter() fails.
 */
static void bracket_holds(struct kunit *test)
{
	struct symmetric_key *sk = test_object(test, "xchacha20-poly1305",
					       xchacha_key);
	struct test_kill t = { .sk = sk };

	put_task_struct(test_kill_begin(test, &t, test_killer));
	KUNIT_EXPECT_EQ(test, -EKEYREVOKED, symmetric_enter(sk));
	msleep(HELD_MS);
	KUNIT_EXPECT_FALSE(test, completion_done(&t.ended));
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(sk->bytes, 0, sk->size));
	symmetric_leave(sk);
	KUNIT_EXPECT_NE(test, 0UL, wait_for_completion_timeout(&t.ended, LIMIT));
	KUNIT_EXPECT_PTR_EQ(test, NULL, memchr_inv(sk->bytes, 0, sk->size));
	symmetric_key_put(sk);
}

/*
 * Shows: SY-47, SY-53. The object's own timer fires although nobody uses the
 * key.
 */
static void expires_alone(struct kunit *test)
{
	struct symmetric_key *sk = test_object(test, "hkdf-sha512",
					       xchacha_key);
	struct test_sink t = { .sink.ops = &test_sink_ops };

	KUNIT_ASSERT_EQ(test, 0,
			symmetric_sink_attach(&t.sink, sk, &test_purpose,
					      test_sink_key));
	symmetric_set_expiry(sk, ktime_get_real_seconds() + 1);
	for (int ms = 0; READ_ONCE(t.keyed) && ms < 10 * MSEC_PER_SEC;
	     ms += STEP_MS)
		msleep(STEP_MS);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(t.keyed));
	symmetric_set_expiry(sk, TIME64_MAX);
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED, symmetric_enter(sk));
	symmetric_sink_detach(&t.sink);
	symmetric_key_put(sk);
}

/* Whether the worker has nothing to do any more, within the limit */
static bool test_worker_idle(struct symmetric_key *sk)
{
	for (int ms = 0; ms < 10 * MSEC_PER_SEC; ms += STEP_MS) {
		if (!work_busy(&sk->work))
			return true;
		msleep(STEP_MS);
	}
	return false;
}

/*
 * Shows: SY-98. A key ends that no task waits for, in the middle of a request: no
 * worker waits either, and the bytes go with the last request.
 */
static void worker_waits_not(struct kunit *test)
{
	struct symmetric_key *sk = test_object(test, "hkdf-sha512",
					       xchacha_key);
	struct test_sink t = { .sink.ops = &test_sink_ops };

	KUNIT_ASSERT_EQ(test, 0,
			symmetric_sink_attach(&t.sink, sk, &test_purpose,
					      test_sink_key));
	KUNIT_ASSERT_EQ(test, 0, symmetric_enter(sk));
	KUNIT_ASSERT_EQ(test, 0, symmetric_enter(sk));
	symmetric_end(sk, -EKEYEXPIRED);
	KUNIT_EXPECT_TRUE(test, test_worker_idle(sk));
	KUNIT_EXPECT_EQ(test, 1, t.kicks);
	symmetric_leave(sk);
	KUNIT_EXPECT_TRUE(test, test_worker_idle(sk));
	KUNIT_EXPECT_TRUE(test, t.keyed);
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(sk->bytes, 0, sk->size));
	symmetric_leave(sk);
	KUNIT_EXPECT_TRUE(test, test_worker_idle(sk));
	KUNIT_EXPECT_FALSE(test, t.keyed);
	KUNIT_EXPECT_PTR_EQ(test, NULL, memchr_inv(sk->bytes, 0, sk->size));
	symmetric_sink_detach(&t.sink);
	symmetric_key_put(sk);
}

/*
 * Shows: SY-97. A task that kills the key and waits for a request is killed itself;
 * the key ends with the request all the same.
 */
static void killer_killed(struct kunit *test)
{
	struct symmetric_key *sk = test_object(test, "xchacha20-poly1305",
					       xchacha_key);
	struct test_kill t = { .sk = sk };
	struct task_struct *task = test_kill_begin(test, &t, test_mortal_killer);

	KUNIT_EXPECT_FALSE(test, completion_done(&t.ended));
	send_sig(SIGKILL, task, 1);
	KUNIT_EXPECT_NE(test, 0UL, wait_for_completion_timeout(&t.ended, LIMIT));
	put_task_struct(task);
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(sk->bytes, 0, sk->size));
	symmetric_leave(sk);
	KUNIT_EXPECT_TRUE(test, test_worker_idle(sk));
	KUNIT_EXPECT_PTR_EQ(test, NULL, memchr_inv(sk->bytes, 0, sk->size));
	symmetric_key_put(sk);
}

static struct kunit_case symmetric_cases[] = {
	KUNIT_CASE(hmac_vectors),
	KUNIT_CASE(hkdf_vectors),
	KUNIT_CASE(info_vector),
	KUNIT_CASE(xchacha_vector),
	KUNIT_CASE(wiped),
	KUNIT_CASE(sink_refused),
	KUNIT_CASE(sink_volume),
	KUNIT_CASE(sink_ends),
	KUNIT_CASE(bracket_holds),
	KUNIT_CASE(expires_alone),
	KUNIT_CASE(worker_waits_not),
	KUNIT_CASE(killer_killed),
	{}
};

static struct kunit_suite symmetric_suite = {
	.name = "symmetric_keys",
	.test_cases = symmetric_cases,
};

kunit_test_suite(symmetric_suite);

MODULE_LICENSE("GPL");
