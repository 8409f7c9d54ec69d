// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that are revoked during use: a call returns the right result or an
 * error, and later calls fail.  scripts/secrets searches for the bytes.
 */
#include "../kselftest_harness.h"
#include "pkey_openssl.h"
#include "symmetric.h"
#include "task.h"
#include "trusted.h"

#define ROUNDS		20
/*
 * How long the key is used before it is revoked, and by how much longer in each
 * round
 */
#define ROUND_MS	2

static const uint8_t digest[PKEY_DIGEST] = { 1, 2, 3, 4, 5, 6, 7, 8 };

/*
 * struct race - a key that a child uses until the key ends
 * @key:	the key
 * @half: public half that verifies signatures of @key, and is not revoked
 * @begun: pipe with a byte once the use has begun
 */
struct race {
	key_serial_t key;
	key_serial_t half;
	int begun;
};

/*
 * Runs @use in a child until it fails, and revokes the key meanwhile.  Returns
 * the last result.
 */
static int race_run(int (*use)(const void *arg), key_serial_t key,
		    key_serial_t half, int round)
{
	struct race race = { key, half };
	int ends[2], err;
	pid_t task;
	char go;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	race.begun = ends[1];
	task = task_start(use, &race);
	close(ends[1]);
	err = read(ends[0], &go, 1) == 1 ? 0 : -EPIPE;
	close(ends[0]);
	sleep_ms(ROUND_MS * (round % 4));
	if (!err)
		err = key_revoke(key);
	return err ?: task_result(task);
}

static void race_begins(const struct race *race)
{
	if (write(race->begun, "", 1) != 1)
		_exit(TASK_ODD);
}

/*
 * A signature by a partly wiped key could reveal the key, so each signature is
 * verified.
 */
static int sign_until_end(const void *arg)
{
	const struct race *race = arg;
	uint8_t out[PKEY_RSA_BYTES];
	long ret;

	for (race_begins(race);;) {
		ret = pkey_sign(race->key, PKEY_PKCS1_SHA256, digest,
				sizeof(digest), out);
		if (ret != PKEY_RSA_BYTES)
			return ret;
		ret = pkey_verify(race->half, PKEY_PKCS1_SHA256, digest,
				  sizeof(digest), out, sizeof(out));
		if (ret)
			return -EBADMSG;
	}
}

/* Shows: AP-11, AP-37. A pair makes valid signatures, or none. */
TEST(pair_revoked_while_it_signs)
{
	key_serial_t key, half;
	EVP_PKEY *pair;

	REQUIRE_PAIR(key);
	pair = pair_of_openssl();
	half = add_certificate(pair, "half of a pair");
	ASSERT_LT(0, half);
	for (int i = 0; i < ROUNDS; i++) {
		key = pkey_add_rsa("pair");
		ASSERT_LT(0, key);
		EXPECT_EQ(-EKEYREVOKED, race_run(sign_until_end, key, half, i));
	}
	EVP_PKEY_free(pair);
}

/* Shows: AP-37. The end of a public half is no end of the pair. */
TEST(half_revoked)
{
	struct keyctl_pkey_query query;
	key_serial_t key, half;
	EVP_PKEY *pair;

	REQUIRE_PAIR(key);
	pair = pair_of_openssl();
	half = add_certificate(pair, "half of a pair");
	ASSERT_LT(0, half);
	EXPECT_EQ(0, key_revoke(half));
	EXPECT_EQ(-EKEYREVOKED, pkey_query(half, PKEY_PKCS1, &query));
	EXPECT_EQ(0, pkey_query(key, PKEY_PKCS1, &query));
	EVP_PKEY_free(pair);
}

static int update_until_end(const void *arg)
{
	const struct race *race = arg;
	char text[ENCRYPTED_TEXT_MAX];
	long ret;

	for (race_begins(race);;) {
		ret = key_update(race->key, "update user:master", 18);
		if (ret < 0)
			return ret;
		ret = key_read(race->key, text, sizeof(text));
		if (ret < 0)
			return ret;
	}
}

/*
 * Shows: AP-39. An encrypted key is updated and read while its payload is
 * freed.
 */
TEST(encrypted_revoked_while_it_is_used)
{
	static const char master[] = "0123456789abcdef0123456789abcdef";
	key_serial_t key;
	int err;

	SKIP_IF(return, lacks_keys());
	ASSERT_LT(0, session_new());
	ASSERT_LT(0, key_add_user("master", master, sizeof(master) - 1));
	for (int i = 0; i < ROUNDS; i++) {
		key = key_add("encrypted", "key", "new user:master 32", 18,
			      KEY_SPEC_SESSION_KEYRING);
		if (key == -ENODEV)
			SKIP(return, "needs CONFIG_ENCRYPTED_KEYS");
		ASSERT_LT(0, key);
		ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL)));
		err = race_run(update_until_end, key, 0, i);
		/* KEYCTL_READ does not tell why a key is dead */
		EXPECT_TRUE(err == -EKEYREVOKED || err == -ENOKEY) {
			TH_LOG("%d", err);
		}
		ASSERT_EQ(0, key_unlink(key, KEY_SPEC_SESSION_KEYRING));
	}
}

static int encrypt_until_end(const void *arg)
{
	const struct race *race = arg;
	char text[ENCRYPTED_TEXT_MAX];
	key_serial_t key;
	long ret;

	for (race_begins(race);;) {
		key = key_add("encrypted", "child", "new trusted:parent 32", 21,
			      KEY_SPEC_PROCESS_KEYRING);
		if (key < 0)
			return key;
		/*
		 * Reading the key searches for the master again, to wrap the
		 * key.
		 */
		ret = key_read(key, text, sizeof(text));
		if (ret < 0)
			return ret;
		ret = key_unlink(key, KEY_SPEC_PROCESS_KEYRING);
		if (ret < 0)
			return ret;
		key = sym_add("derived",
			      "derive from=%d label=x alg=hkdf-sha512 for=derive",
			      race->key);
		if (key < 0)
			return key;
	}
}

/*
 * Shows: AP-40. Other keys are sealed under a trusted key while its payload is
 * freed.
 */
TEST(trusted_revoked_while_it_is_used)
{
	struct trusted_parent parent = { .hash = "sha256" };
	key_serial_t key;
	int tpm, err;

	SKIP_IF(return, lacks_keys());
	SKIP_IF(return, lacks_ours("ours only: there are no symmetric keys"));
	if (!kernel.has[SYMBOL_TRUSTED])
		SKIP(return, "needs CONFIG_TRUSTED_KEYS_TPM");
	tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	if (tpm < 0)
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, tpm2_create_primary(tpm, &parent.handle));
	for (int i = 0; i < ROUNDS / 4; i++) {
		key = trusted_new("parent", TRUSTED_MIN, &parent);
		ASSERT_LT(0, key);
		err = race_run(encrypt_until_end, key, 0, i);
		EXPECT_TRUE(err == -EKEYREVOKED || err == -ENOKEY) {
			TH_LOG("%d", err);
		}
		ASSERT_EQ(0, key_unlink(key, KEY_SPEC_SESSION_KEYRING));
	}
	EXPECT_EQ(0, tpm2_flush(tpm, parent.handle));
	close(tpm);
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
