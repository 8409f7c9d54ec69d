// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hashes that give their key away: HMAC over a hash that is not one-way reveals
 * its key.
 */
#include "../kselftest_harness.h"
#include "kernel.h"

#define REFUSED "ours only: the base makes an HMAC of any hash without a key"

static int open_named(const char *type, const char *name)
{
	const struct alg alg = { .type = type, .name = name };
	int fd = alg_open(&alg);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/*
 * Shows: AA-73. Such an HMAC is refused by itself, and as a part of another
 * algorithm.
 */
TEST(hmac_of_no_hash)
{
	static const char * const bare[] = { "poly1305", "xxhash64" };
	static const char * const hmacs[] = {
		"hmac(poly1305)", "hmac(poly1305-generic)", "hmac(xxhash64)",
		"hmac(xxhash64-generic)",
	};

	SKIP_IF(return, lacks_keys());
	for (size_t i = 0; i < ARRAY_SIZE(bare); i++) {
		if (open_named("hash", bare[i]) == -ENOENT)
			SKIP(return, "needs CONFIG_CRYPTO_POLY1305 and CONFIG_CRYPTO_XXHASH");
		ASSERT_EQ(0, open_named("hash", bare[i]));
	}
	SKIP_IF(return, lacks_ours(REFUSED));
	for (size_t i = 0; i < ARRAY_SIZE(hmacs); i++) {
		int err = open_named("hash", hmacs[i]);

		/*
		 * 6.1 returns ENOENT for every template that could not be
		 * instantiated
		 */
		EXPECT_TRUE(err == -EINVAL || err == -ENOENT) {
			TH_LOG("%s: %d", hmacs[i], err);
		}
	}
	EXPECT_GT(0, open_named("aead",
				"authenc(hmac(poly1305),cbc(aes))"));
	EXPECT_GT(0, open_named("aead",
				"authenc(hmac(xxhash64),cbc(aes))"));
}

/* Shows: AA-73. HMACs over one-way hashes are still available. */
TEST(hmac_of_hashes)
{
	SKIP_IF(return, lacks_keys());
	if (open_named("hash", "sha256") == -ENOENT)
		SKIP(return, "needs CONFIG_CRYPTO_SHA256");
	EXPECT_EQ(0, open_named("hash", "hmac(sha256)"));
	EXPECT_EQ(0, open_named("aead", "authenc(hmac(sha256),cbc(aes))"));
}

/*
 * Shows: AA-74. Documentation/crypto/keys-by-serial.rst warns of this: the key
 * can be computed from the output.
 */
TEST(crc32_is_its_key)
{
	static const struct alg crc32 = { .type = "hash", .name = "crc32" };
	static const uint8_t key[4] = { 0x12, 0x34, 0x56, 0x78 };
	uint8_t digest[4];
	key_serial_t serial;
	int fd, op;

	SKIP_IF(return, lacks_option());
	fd = alg_open(&crc32);
	if (fd == -ENOENT)
		SKIP(return, "needs CONFIG_CRYPTO_CRC32");
	ASSERT_LE(0, fd);
	ASSERT_LT(0, session_new());
	serial = key_add("logon", "test:crc", key, sizeof(key),
			 KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, serial);
	ASSERT_EQ(0, alg_set_serial(fd, serial));
	op = alg_accept(fd);
	ASSERT_LE(0, op);
	ASSERT_EQ((ssize_t)sizeof(digest),
		  alg_digest(op, "", 0, digest, sizeof(digest)));
	EXPECT_EQ(0, memcmp(key, digest, sizeof(key)));
	close(op);
	close(fd);
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
