// SPDX-License-Identifier: GPL-2.0-only
/* ALG_SET_KEY_BY_KEY_SERIAL: key types, their bytes, and the algorithms. */
#include "encrypted.h"
#include "kernel.h"
#include "pkey.h"

#include "../kselftest_harness.h"

/*
 * An older harness always runs the teardown in the test's process, which
 * suffices here.
 */
#ifndef FIXTURE_TEARDOWN_PARENT
#define FIXTURE_TEARDOWN_PARENT FIXTURE_TEARDOWN
#endif

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/fscrypt.h>
#include <linux/rtnetlink.h>
#include <sched.h>

#define SHA256_BLOCK	64
#define SHA256_LEN	32
#define FIPS_HMAC_MIN	14

/* Bytes in which any truncation, gap or repetition can be noticed. */
static void fill(uint8_t *bytes, size_t len, uint8_t seed)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = seed + i * 7 + (i >> 8);
}

static bool fips_mode(void)
{
	FILE *file = fopen("/proc/sys/crypto/fips_enabled", "re");
	int enabled = 0;

	if (!file)
		return false;
	if (fscanf(file, "%d", &enabled) != 1)
		enabled = 0;
	fclose(file);
	return enabled;
}

/*
 * True if the hmac(sha256) socket has the key @bytes.  HMAC replaces a key that
 * is longer than a block by its digest.  This function does so beforehand, so
 * that the reference key does not exceed the socket's memory limit.
 */
static bool hmac_has_key(int fd, const void *bytes, size_t len)
{
	uint8_t digest[SHA256_LEN];
	int hash, op;
	ssize_t got;

	if (len <= SHA256_BLOCK)
		return alg_has_key(fd, &alg_hmac, bytes, len);

	hash = alg_open(&alg_sha256);
	if (hash < 0)
		return false;
	op = alg_accept(hash);
	got = alg_digest(op, bytes, len, digest, sizeof(digest));
	close(op);
	close(hash);
	return got == SHA256_LEN &&
	       alg_has_key(fd, &alg_hmac, digest, sizeof(digest));
}

FIXTURE(vector)
{
};

FIXTURE_VARIANT(vector)
{
	const char *type;
	const char *description;
};

FIXTURE_VARIANT_ADD(vector, user) { "user", "vector" };
FIXTURE_VARIANT_ADD(vector, logon) { "logon", "selftest:vector" };
FIXTURE_VARIANT_ADD(vector, set_key) { NULL, NULL };

FIXTURE_SETUP(vector)
{
	SKIP_IF(return, lacks_option());
	ASSERT_LT(0, session_new());
}

FIXTURE_TEARDOWN(vector)
{
}

static const char vector_key[] = { '0', '1', '2', '3', '4', '5', '6', '7',
				   '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };

static int set_vector_key(int fd, const char *type, const char *description)
{
	key_serial_t key;

	if (!type)
		return alg_set_key(fd, vector_key, sizeof(vector_key));
	key = key_add(type, description, vector_key, sizeof(vector_key),
		      KEY_SPEC_SESSION_KEYRING);
	return key < 0 ? key : alg_set_serial(fd, key);
}

/* Shows: AA-3, AA-42. Published test vectors, for every way to set the key. */
TEST_F(vector, cbc_aes)
{
	static const uint8_t expected[] = {
		0x3b, 0xfd, 0x04, 0xcc, 0x0d, 0x7e, 0xd5, 0x53,
		0x58, 0xe2, 0xcb, 0xe1, 0x9d, 0xe2, 0x13, 0x83,
	};
	struct fingerprint print;
	int fd;

	OPEN_ALG(return, fd, &alg_cbc);
	ASSERT_EQ(0, set_vector_key(fd, variant->type,
				    variant->description));
	print = alg_fingerprint(fd, &alg_cbc);
	ASSERT_EQ((ssize_t)sizeof(expected), print.len);
	EXPECT_EQ(0, memcmp(expected, print.bytes, sizeof(expected)));
}

/* Shows: AA-3, AA-42. */
TEST_F(vector, hmac_sha256)
{
	static const uint8_t expected[] = {
		0xbc, 0xaa, 0x92, 0x84, 0x32, 0x47, 0xbc, 0x25,
		0x80, 0x80, 0xd2, 0x82, 0x4b, 0xdd, 0xeb, 0xa4,
		0xaf, 0xb1, 0xbd, 0x61, 0xb4, 0x68, 0x8c, 0xa6,
		0x5f, 0x60, 0xa2, 0x14, 0xe1, 0xd9, 0x75, 0x9e,
	};
	struct fingerprint print;
	int fd;

	OPEN_ALG(return, fd, &alg_hmac);
	ASSERT_EQ(0, set_vector_key(fd, variant->type,
				    variant->description));
	print = alg_fingerprint(fd, &alg_hmac);
	ASSERT_EQ((ssize_t)sizeof(expected), print.len);
	EXPECT_EQ(0, memcmp(expected, print.bytes, sizeof(expected)));
}

FIXTURE(payload)
{
	int fd;
	uint8_t bytes[KEY_PAYLOAD_MAX + 1];
};

FIXTURE_VARIANT(payload)
{
	const char *type;
	const char *description;
	const char *other_description;
};

FIXTURE_VARIANT_ADD(payload, user) { "user", "one", "another" };

FIXTURE_VARIANT_ADD(payload, logon) {
	"logon", "selftest:one", "service:another"
};

FIXTURE_SETUP(payload)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	fill(self->bytes, sizeof(self->bytes), 1);
}

FIXTURE_TEARDOWN(payload)
{
	close(self->fd);
}

/*
 * Shows: AA-42, AA-50. The key is the whole payload and nothing else, whatever
 * its length; only FIPS mode requires more than one byte.
 */
TEST_F(payload, any_length)
{
	static const size_t lengths[] = {
		1, FIPS_HMAC_MIN - 1, FIPS_HMAC_MIN, 20, SHA256_BLOCK,
		SHA256_BLOCK + 1, 1023, 1024, 4096, 20481, KEY_PAYLOAD_MAX,
	};
	bool fips = fips_mode();

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		bool taken = !fips || lengths[i] >= FIPS_HMAC_MIN;
		key_serial_t key = key_add(variant->type, variant->description,
					   self->bytes, lengths[i],
					   KEY_SPEC_SESSION_KEYRING);

		ASSERT_LT(0, key);
		EXPECT_EQ(taken ? 0 : -EINVAL, alg_set_serial(self->fd, key));
		if (taken)
			EXPECT_TRUE(hmac_has_key(self->fd, self->bytes,
						 lengths[i]));
	}
}

/*
 * Shows: AA-42. An empty payload is no key, and neither is one above the limit.
 */
TEST_F(payload, length_limits)
{
	EXPECT_EQ(-EINVAL, key_add(variant->type, variant->description, NULL, 0,
				   KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(-EINVAL, key_add(variant->type, variant->description,
				   self->bytes, KEY_PAYLOAD_MAX + 1,
				   KEY_SPEC_SESSION_KEYRING));
}

/* Shows: AA-42. The description of the key does not affect the algorithm. */
TEST_F(payload, description_ignored)
{
	key_serial_t key;

	key = key_add(variant->type, variant->other_description, self->bytes,
		      SHA256_LEN, KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, alg_set_serial(self->fd, key));
	EXPECT_TRUE(hmac_has_key(self->fd, self->bytes, SHA256_LEN));
}

/* Shows: AA-42. After an update the new bytes and their length are used. */
TEST_F(payload, updated)
{
	static const size_t lengths[] = { 40, 17, 41 };
	key_serial_t key = key_add(variant->type, variant->description,
				   self->bytes, SHA256_LEN,
				   KEY_SPEC_SESSION_KEYRING);

	ASSERT_LT(0, key);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		ASSERT_EQ(0, key_update(key, self->bytes + i, lengths[i]));
		EXPECT_EQ(0, alg_set_serial(self->fd, key));
		EXPECT_TRUE(hmac_has_key(self->fd, self->bytes + i,
					 lengths[i]));
	}
}

#define MASTER_NAME		"selftest-master"
#define OTHER_MASTER_NAME	"selftest-master-2"
#define MASTER			"user:" MASTER_NAME
#define OTHER_MASTER		"user:" OTHER_MASTER_NAME

static const char master[] = "only a test knows this master key";
static const char other_master[] = "or this one";

FIXTURE(encrypted)
{
	int fd;
	key_serial_t master;
	key_serial_t key;
	uint8_t plain[ENCRYPTED_MAX + ENCRYPTED_BLOCK];
};

FIXTURE_VARIANT(encrypted)
{
	const char *format;
	size_t len;
};

FIXTURE_VARIANT_ADD(encrypted, default_shortest) { "default", ENCRYPTED_MIN };
FIXTURE_VARIANT_ADD(encrypted, default_32) { "default", 32 };
FIXTURE_VARIANT_ADD(encrypted, default_odd) { "default", 333 };
FIXTURE_VARIANT_ADD(encrypted, default_longest) { "default", ENCRYPTED_MAX };
FIXTURE_VARIANT_ADD(encrypted, ecryptfs) { "ecryptfs", ENCRYPTED_ECRYPTFS };
FIXTURE_VARIANT_ADD(encrypted, enc32) { "enc32", ENCRYPTED_ENC32 };

/* The ecryptfs format requires sixteen hexadecimal digits as description. */
#define ENCRYPTED_NAME	"0123456789abcdef"

FIXTURE_SETUP(encrypted)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	self->master = key_add_user(MASTER_NAME, master, strlen(master));
	ASSERT_LT(0, self->master);
	self->key = encrypted_new(ENCRYPTED_NAME, variant->format, MASTER,
				  variant->len);
	if (self->key == -ENODEV)
		SKIP(return, "needs CONFIG_ENCRYPTED_KEYS");
	ASSERT_LT(0, self->key);
}

FIXTURE_TEARDOWN(encrypted)
{
	close(self->fd);
}

/*
 * Shows: AA-43. The key has random bytes, which the test gets by unwrapping the
 * blob itself.
 */
TEST_F(encrypted, random_bytes)
{
	ASSERT_EQ((ssize_t)variant->len,
		  encrypted_read(self->key, master, strlen(master),
				 self->plain));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(hmac_has_key(self->fd, self->plain, variant->len));
}

/*
 * Shows: AA-43. The key has bytes that were given, so the test need not unwrap
 * the blob.
 */
TEST_F(encrypted, given_bytes)
{
	key_serial_t key;

	ASSERT_EQ(0, key_unlink(self->key, KEY_SPEC_SESSION_KEYRING));
	fill(self->plain, variant->len, 3);
	key = encrypted_new_of(ENCRYPTED_NAME, variant->format, MASTER,
			       self->plain, variant->len);
	if (key == -EINVAL)
		SKIP(return, "needs CONFIG_USER_DECRYPTED_DATA");
	ASSERT_LT(0, key);
	EXPECT_EQ(0, alg_set_serial(self->fd, key));
	EXPECT_TRUE(hmac_has_key(self->fd, self->plain, variant->len));
}

/* Shows: AA-43. The text that KEYCTL_READ returns is not the key. */
TEST_F(encrypted, not_the_blob)
{
	static char blob[ENCRYPTED_TEXT_MAX];
	long len = key_read(self->key, blob, sizeof(blob));

	ASSERT_LT(0, len);
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_LT(0, alg_fingerprint(self->fd, &alg_hmac).len);
	EXPECT_FALSE(hmac_has_key(self->fd, blob, len));
}

/* Shows: AA-43. Another master wraps the same plaintext. */
TEST_F(encrypted, master_changed)
{
	static const char update[] = "update default " OTHER_MASTER;
	struct fingerprint before, after;

	ASSERT_LT(0, key_add_user(OTHER_MASTER_NAME, other_master,
				  strlen(other_master)));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	before = alg_fingerprint(self->fd, &alg_hmac);
	ASSERT_EQ(0, key_update(self->key, update, strlen(update)));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	after = alg_fingerprint(self->fd, &alg_hmac);
	EXPECT_TRUE(same_fingerprint(&before, &after));

	ASSERT_EQ((ssize_t)variant->len,
		  encrypted_read(self->key, other_master, strlen(other_master),
				 self->plain));
	EXPECT_TRUE(hmac_has_key(self->fd, self->plain, variant->len));
}

/*
 * Shows: AA-47. Once an encrypted key is unwrapped, it does not need its master
 * key.
 */
TEST_F(encrypted, master_revoked)
{
	ASSERT_EQ((ssize_t)variant->len,
		  encrypted_read(self->key, master, strlen(master),
				 self->plain));
	ASSERT_EQ(0, key_revoke(self->master));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(hmac_has_key(self->fd, self->plain, variant->len));
}

/* Shows: AA-43. The lengths in the row are the limits of the key type. */
TEST(encrypted_limits)
{
	key_serial_t key;

	SKIP_IF(return, lacks_keys());
	ASSERT_LT(0, session_new());
	ASSERT_LT(0, key_add_user(MASTER_NAME, master, strlen(master)));
	key = encrypted_new("key", "default", MASTER, ENCRYPTED_MIN - 1);
	if (key == -ENODEV)
		SKIP(return, "needs CONFIG_ENCRYPTED_KEYS");
	EXPECT_EQ(-EINVAL, key);
	EXPECT_EQ(-EINVAL, encrypted_new("key", "default", MASTER,
					 ENCRYPTED_MAX + 1));
	EXPECT_EQ(-EINVAL, encrypted_new("key", "enc32", MASTER,
					 ENCRYPTED_ENC32 + 1));
	EXPECT_EQ(-EINVAL, encrypted_new(ENCRYPTED_NAME, "ecryptfs", MASTER,
					 ENCRYPTED_ECRYPTFS - 1));
}

/* Keys of types whose payload is no key for AF_ALG. */
FIXTURE(other_type)
{
	int fd;
};

FIXTURE_VARIANT(other_type)
{
	const char *name;
	const char *config;
	const void *payload;
	size_t len;
};

/* struct fscrypt_provisioning_key_payload with a key at its end. */
static const struct {
	uint32_t type;
	uint32_t reserved;
	uint8_t raw[FSCRYPT_MAX_KEY_SIZE];
} provisioning = {
	.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER,
};

/* PrivateKeyInfo of an RSA key whose numbers the kernel does not check here. */
static const uint8_t pkcs8[] = {
	0x30, 0x1a,
	0x02, 0x01, 0x00,
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
	0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
	0x04, 0x06, 0x30, 0x04, 0x02, 0x02, 0x12, 0x34,
};

FIXTURE_VARIANT_ADD(other_type, keyring) {
	.name = "keyring", .config = "CONFIG_KEYS",
};

FIXTURE_VARIANT_ADD(other_type, big_key) {
	.name = "big_key", .config = "CONFIG_BIG_KEYS",
	.payload = vector_key, .len = sizeof(vector_key),
};

FIXTURE_VARIANT_ADD(other_type, asymmetric) {
	.name = "asymmetric",
	.config = "CONFIG_ASYMMETRIC_KEY_TYPE and CONFIG_PKCS8_PRIVATE_KEY_PARSER",
	.payload = pkcs8, .len = sizeof(pkcs8),
};

FIXTURE_VARIANT_ADD(other_type, fscrypt_provisioning) {
	.name = "fscrypt-provisioning", .config = "CONFIG_FS_ENCRYPTION",
	.payload = &provisioning, .len = sizeof(provisioning),
};

FIXTURE_VARIANT_ADD(other_type, dns_resolver) {
	.name = "dns_resolver", .config = "CONFIG_DNS_RESOLVER",
	.payload = "192.0.2.1", .len = sizeof("192.0.2.1"),
};

FIXTURE_SETUP(other_type)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
}

FIXTURE_TEARDOWN(other_type)
{
	close(self->fd);
}

static key_serial_t
add_other_type(const FIXTURE_VARIANT(other_type) *variant)
{
	return key_add(variant->name, "selftest", variant->payload,
		       variant->len, KEY_SPEC_SESSION_KEYRING);
}

/* Shows: AA-45. */
TEST_F(other_type, refused)
{
	key_serial_t key = add_other_type(variant);

	if (key == -EBADMSG && lacks_ours("loads no parser")) {
		pkey_load_parser();
		key = add_other_type(variant);
	}
	/*
	 * EBADMSG: the kernel has no parser for this payload of type
	 * "asymmetric".
	 */
	if (key == -ENODEV || key == -EBADMSG)
		SKIP(return, "needs %s", variant->config);
	ASSERT_LT(0, key);
	EXPECT_EQ(-ENOPROTOOPT, alg_set_serial(self->fd, key));
	EXPECT_EQ(-ENOKEY, alg_fingerprint(self->fd, &alg_hmac).len);
}

FIXTURE(bad_length)
{
	int fd;
	uint8_t bytes[64];
};

FIXTURE_VARIANT(bad_length)
{
	const struct alg *alg;
	size_t len;
};

FIXTURE_VARIANT_ADD(bad_length, cbc_15) { &alg_cbc, 15 };
FIXTURE_VARIANT_ADD(bad_length, cbc_17) { &alg_cbc, 17 };
FIXTURE_VARIANT_ADD(bad_length, cbc_33) { &alg_cbc, 33 };
FIXTURE_VARIANT_ADD(bad_length, xts_16) { &alg_xts, 16 };
FIXTURE_VARIANT_ADD(bad_length, xts_33) { &alg_xts, 33 };
FIXTURE_VARIANT_ADD(bad_length, gcm_15) { &alg_gcm, 15 };
FIXTURE_VARIANT_ADD(bad_length, crc32c_3) { &alg_crc32c, 3 };
FIXTURE_VARIANT_ADD(bad_length, crc32c_16) { &alg_crc32c, 16 };

FIXTURE_SETUP(bad_length)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, variant->alg);
	ASSERT_LT(0, session_new());
	fill(self->bytes, sizeof(self->bytes), 5);
}

FIXTURE_TEARDOWN(bad_length)
{
	close(self->fd);
}

/*
 * Shows: AA-48. The kernel neither truncates nor pads the key to make it fit.
 */
TEST_F(bad_length, refused)
{
	key_serial_t key = key_add_user("key", self->bytes, variant->len);

	ASSERT_LT(0, key);
	EXPECT_EQ(-EINVAL, alg_set_serial(self->fd, key));
}

/*
 * Shows: AA-54. The implementation may keep or drop the old key, but it must
 * not use the refused bytes or a part of them.
 */
TEST_F(bad_length, keeps_or_loses_old_key)
{
	key_serial_t good, bad;
	struct fingerprint old, now;

	good = key_add_user("good", self->bytes + 1, variant->alg->key_len);
	ASSERT_LT(0, good);
	bad = key_add_user("bad", self->bytes, variant->len);
	ASSERT_LT(0, bad);

	ASSERT_EQ(0, alg_set_serial(self->fd, good));
	old = alg_fingerprint(self->fd, variant->alg);
	ASSERT_LT(0, old.len);
	EXPECT_EQ(-EINVAL, alg_set_serial(self->fd, bad));
	now = alg_fingerprint(self->fd, variant->alg);
	if (now.len != -ENOKEY)
		EXPECT_TRUE(same_fingerprint(&old, &now));
	EXPECT_EQ(0, alg_set_serial(self->fd, good));
	now = alg_fingerprint(self->fd, variant->alg);
	EXPECT_TRUE(same_fingerprint(&old, &now));
}

FIXTURE(algorithm)
{
	uint8_t bytes[KEY_PAYLOAD_MAX];
};

FIXTURE_SETUP(algorithm)
{
	SKIP_IF(return, lacks_option());
	ASSERT_LT(0, session_new());
	fill(self->bytes, sizeof(self->bytes), 9);
}

FIXTURE_TEARDOWN(algorithm)
{
}

/*
 * Shows: AA-54. A failure before the algorithm gets the bytes changes nothing.
 */
TEST_F(algorithm, early_failure_keeps_key)
{
	const struct alg * const algs[] = { &alg_hmac, &alg_cbc, &alg_gcm };
	key_serial_t good, revoked, hidden;

	good = key_add_user("good", self->bytes, 16);
	ASSERT_LT(0, good);
	revoked = key_add_user("revoked", self->bytes + 1, 16);
	ASSERT_EQ(0, key_revoke(revoked));
	hidden = key_add_user("hidden", self->bytes + 2, 16);
	ASSERT_EQ(0, key_set_rights(hidden, POSSESSOR(RIGHT_VIEW)));

	for (size_t i = 0; i < ARRAY_SIZE(algs); i++) {
		int fd;

		OPEN_ALG(return, fd, algs[i]);
		ASSERT_EQ(0, alg_set_serial(fd, good));
		EXPECT_EQ(-EINVAL, sockopt_set(fd, SOL_ALG,
					       ALG_SET_KEY_BY_KEY_SERIAL,
					       &good, sizeof(good) - 1));
		EXPECT_EQ(-EFAULT, sockopt_set(fd, SOL_ALG,
					       ALG_SET_KEY_BY_KEY_SERIAL, NULL,
					       sizeof(good)));
		EXPECT_EQ(-EINVAL, alg_set_serial(fd, 0));
		EXPECT_EQ(-ENOKEY, alg_set_serial(fd, key_unused_serial()));
		EXPECT_EQ(-EKEYREVOKED, alg_set_serial(fd, revoked));
		EXPECT_EQ(-EACCES, alg_set_serial(fd, hidden));
		EXPECT_EQ(-ENOPROTOOPT,
			  alg_set_serial(fd, KEY_SPEC_SESSION_KEYRING));
		EXPECT_TRUE(alg_has_key(fd, algs[i], self->bytes, 16));
		close(fd);
	}
}

/* Shows: AA-49. */
TEST_F(algorithm, unkeyed_hash)
{
	key_serial_t key = key_add_user("key", self->bytes, 16);
	int fd;

	OPEN_ALG(return, fd, &alg_sha256);
	EXPECT_EQ(-ENOSYS, alg_set_serial(fd, key));
	EXPECT_LT(0, alg_fingerprint(fd, &alg_sha256).len);
}

/* Shows: AA-3, AA-48. The other key lengths of these algorithms. */
TEST_F(algorithm, other_lengths)
{
	const struct {
		const struct alg *alg;
		size_t len;
	} cases[] = {
		{ &alg_cbc, 24 }, { &alg_cbc, 32 }, { &alg_gcm, 24 },
		{ &alg_gcm, 32 }, { &alg_xts, 32 }, { &alg_xts, 64 },
		{ &alg_crc32c, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		key_serial_t key = key_add_user("key", self->bytes + i,
						cases[i].len);
		int fd;

		OPEN_ALG(return, fd, cases[i].alg);
		EXPECT_EQ(0, alg_set_serial(fd, key));
		EXPECT_TRUE(alg_has_key(fd, cases[i].alg, self->bytes + i,
					cases[i].len));
		close(fd);
	}
}

static const struct alg alg_authenc = {
	.type = "aead", .name = "authenc(hmac(sha256),cbc(aes))",
	.iv_len = 16, .text_len = 16, .tag_len = 32,
	.config = "CONFIG_CRYPTO_USER_API_AEAD and CONFIG_CRYPTO_AUTHENC",
};

/* The number of the attribute in crypto/authenc.h. */
#define AUTHENC_KEYA_PARAM	1

struct authenc_key {
	struct rtattr head;
	uint32_t encryption_len;
	uint8_t bytes[SHA256_LEN + 16];
};

/* Shows: AA-51. The payload has the same format as for ALG_SET_KEY. */
TEST_F(algorithm, authenc)
{
	struct authenc_key framed = {
		.head.rta_len = RTA_LENGTH(sizeof(uint32_t)),
		.head.rta_type = AUTHENC_KEYA_PARAM,
		.encryption_len = htonl(16),
	};
	key_serial_t key, bare;
	int fd;

	OPEN_ALG(return, fd, &alg_authenc);
	fill(framed.bytes, sizeof(framed.bytes), 11);
	key = key_add("logon", "selftest:authenc", &framed, sizeof(framed),
		      KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, key);
	bare = key_add_user("bare", framed.bytes, sizeof(framed.bytes));
	ASSERT_LT(0, bare);

	EXPECT_EQ(-EINVAL, alg_set_serial(fd, bare));
	EXPECT_EQ(0, alg_set_serial(fd, key));
	EXPECT_TRUE(alg_has_key(fd, &alg_authenc, &framed, sizeof(framed)));
}

#define SHORT_TAG	12
#define AAD_LEN	20

/*
 * Encrypts and decrypts one message with associated data and a shortened tag.
 */
static ssize_t aead_round_trip(int fd, uint8_t *sealed, uint8_t *opened)
{
	static const uint8_t iv[12] = "unique once";
	static const char in[] = "associated data and then the text";
	const size_t in_len = sizeof(in);
	struct alg_text text = {
		.direction = ALG_OP_ENCRYPT, .iv = iv, .iv_len = sizeof(iv),
		.in = in, .in_len = in_len, .aad_len = AAD_LEN,
	};
	ssize_t got;
	int op;

	op = alg_accept(fd);
	if (op < 0)
		return op;
	got = alg_crypt(op, &text, sealed, in_len + SHORT_TAG);
	if (got == (ssize_t)in_len + SHORT_TAG) {
		text.direction = ALG_OP_DECRYPT;
		text.in = sealed;
		text.in_len = got;
		got = alg_crypt(op, &text, opened, in_len);
	}
	close(op);
	if (got == (ssize_t)in_len && memcmp(opened, in, in_len) != 0)
		return -EBADMSG;
	return got;
}

/*
 * Shows: AA-3, AA-4. Tag size, vector, direction and length work as with
 * ALG_SET_KEY.
 */
TEST_F(algorithm, aead_with_everything)
{
	uint8_t sealed[2][ALG_OUT_MAX] = {}, opened[ALG_OUT_MAX];
	key_serial_t key = key_add_user("key", self->bytes, 16);
	int by_serial, by_bytes;

	OPEN_ALG(return, by_serial, &alg_gcm);
	OPEN_ALG(return, by_bytes, &alg_gcm);
	ASSERT_EQ(0, sockopt_set(by_serial, SOL_ALG, ALG_SET_AEAD_AUTHSIZE,
				 NULL, SHORT_TAG));
	ASSERT_EQ(0, alg_set_serial(by_serial, key));
	ASSERT_EQ(0, alg_set_key(by_bytes, self->bytes, 16));
	ASSERT_EQ(0, sockopt_set(by_bytes, SOL_ALG, ALG_SET_AEAD_AUTHSIZE,
				 NULL, SHORT_TAG));

	EXPECT_LT(0, aead_round_trip(by_serial, sealed[0], opened));
	EXPECT_LT(0, aead_round_trip(by_bytes, sealed[1], opened));
	EXPECT_EQ(0, memcmp(sealed[0], sealed[1], sizeof(sealed[0])));
}

#define RANDOM_LEN	32

static ssize_t random_read(int fd, uint8_t *out)
{
	int op = alg_accept(fd);
	ssize_t got;

	if (op < 0)
		return op;
	got = result(recv(op, out, RANDOM_LEN, 0));
	close(op);
	return got;
}

static const struct alg alg_prng = {
	.type = "rng", .name = "ansi_cprng", .key_len = 48,
	.config = "CONFIG_CRYPTO_USER_API_RNG and CONFIG_CRYPTO_ANSI_CPRNG",
};

#define PRNG_MIN	32

/* Shows: AA-52. The seed determines all later output, which can be compared. */
TEST_F(algorithm, rng_seed)
{
	uint8_t out[3][RANDOM_LEN] = {};
	key_serial_t shorter, key, other;
	int fd;

	OPEN_ALG(return, fd, &alg_prng);
	shorter = key_add_user("short", self->bytes, PRNG_MIN - 1);
	key = key_add_user("key", self->bytes, alg_prng.key_len);
	other = key_add_user("other", self->bytes + 1, alg_prng.key_len);

	EXPECT_EQ(-EINVAL, alg_set_serial(fd, shorter));
	ASSERT_EQ(0, alg_set_serial(fd, key));
	ASSERT_EQ(RANDOM_LEN, random_read(fd, out[0]));
	ASSERT_EQ(0, alg_set_key(fd, self->bytes, alg_prng.key_len));
	ASSERT_EQ(RANDOM_LEN, random_read(fd, out[1]));
	ASSERT_EQ(0, alg_set_serial(fd, other));
	ASSERT_EQ(RANDOM_LEN, random_read(fd, out[2]));

	EXPECT_EQ(0, memcmp(out[0], out[1], RANDOM_LEN));
	EXPECT_NE(0, memcmp(out[0], out[2], RANDOM_LEN));
}

/* A generator of known entropy, so that only the key makes a difference. */
static int open_drbg(const uint8_t *entropy)
{
	int fd = alg_open(&alg_drbg), err;

	if (fd < 0)
		return fd;
	err = sockopt_set(fd, SOL_ALG, ALG_SET_DRBG_ENTROPY, entropy, 64);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/* Shows: AA-52. For a DRBG the bytes are a personalisation string. */
TEST_F(algorithm, rng_personalisation)
{
	uint8_t out[3][RANDOM_LEN] = {};
	key_serial_t key, other;
	int fd;

	OPEN_ALG(return, fd, &alg_drbg);
	close(fd);
	key = key_add_user("key", self->bytes, 23);
	other = key_add_user("other", self->bytes + 1, 23);

	fd = open_drbg(self->bytes);
	if (fd == -ENOPROTOOPT)
		SKIP(return, "needs CONFIG_CRYPTO_USER_API_RNG_CAVP");
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, alg_set_serial(fd, key));
	ASSERT_EQ(RANDOM_LEN, random_read(fd, out[0]));
	close(fd);

	fd = open_drbg(self->bytes);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, alg_set_key(fd, self->bytes, 23));
	ASSERT_EQ(RANDOM_LEN, random_read(fd, out[1]));
	close(fd);

	fd = open_drbg(self->bytes);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, alg_set_serial(fd, other));
	ASSERT_EQ(RANDOM_LEN, random_read(fd, out[2]));
	close(fd);

	EXPECT_EQ(0, memcmp(out[0], out[1], RANDOM_LEN));
	EXPECT_NE(0, memcmp(out[0], out[2], RANDOM_LEN));
}

#define OPTMEM_MAX	"/proc/sys/net/core/optmem_max"
#define LIMIT		1024

FIXTURE(memory_limit)
{
	char saved[32];
	bool shared;
	int limit_fd;
	int fd;
	uint8_t bytes[KEY_PAYLOAD_MAX];
};

/*
 * The limit belongs to the network namespace; before 6.8 there is one for the
 * whole machine, which has to be restored even if the test dies.
 */
FIXTURE_SETUP(memory_limit)
{
	char limit[16];
	ssize_t len;
	int own;

	SKIP_IF(return, lacks_option());
	SKIP_IF(return, lacks_symbols());
	self->limit_fd = open(OPTMEM_MAX, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->limit_fd);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	own = open(OPTMEM_MAX, O_RDWR | O_CLOEXEC);
	if (own >= 0) {
		self->limit_fd = own;
	} else {
		len = pread(self->limit_fd, self->saved,
			    sizeof(self->saved) - 1, 0);
		ASSERT_LT(0, len);
		self->shared = true;
	}

	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	fill(self->bytes, sizeof(self->bytes), 13);
	len = snprintf(limit, sizeof(limit), "%d", LIMIT);
	ASSERT_EQ(len, pwrite(self->limit_fd, limit, len, 0));
}

FIXTURE_TEARDOWN_PARENT(memory_limit)
{
	int fd;

	if (!self->shared)
		return;
	fd = open(OPTMEM_MAX, O_WRONLY | O_CLOEXEC);
	EXPECT_LT(0, write(fd, self->saved, strlen(self->saved)));
	close(fd);
}

/*
 * Shows: AA-53. The limit counts copies that user space makes the kernel keep.
 * The series makes no copy of a key that the kernel already has.
 */
TEST_F(memory_limit, big_key)
{
	bool ours = kernel.has[SYMBOL_OURS];
	key_serial_t below, at, largest;

	below = key_add_user("below", self->bytes, LIMIT - 1);
	ASSERT_LT(0, below);
	at = key_add_user("at", self->bytes, LIMIT);
	ASSERT_LT(0, at);
	largest = key_add("logon", "selftest:largest", self->bytes,
			  KEY_PAYLOAD_MAX, KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, largest);

	EXPECT_EQ(0, alg_set_key(self->fd, self->bytes, LIMIT - 1));
	EXPECT_EQ(-ENOMEM, alg_set_key(self->fd, self->bytes, LIMIT));
	EXPECT_EQ(0, alg_set_serial(self->fd, below));
	EXPECT_EQ(ours ? 0 : -ENOMEM, alg_set_serial(self->fd, at));
	EXPECT_EQ(ours ? 0 : -ENOMEM, alg_set_serial(self->fd, largest));
}

/*
 * Shows: AA-53. A kernel that copies the key refuses the copy before it calls
 * the algorithm.
 */
TEST_F(memory_limit, before_algorithm)
{
	key_serial_t key = key_add_user("key", self->bytes, LIMIT);
	int fd;

	ASSERT_LT(0, key);
	OPEN_ALG(return, fd, &alg_cbc);
	EXPECT_EQ(kernel.has[SYMBOL_OURS] ? -EINVAL : -ENOMEM,
		  alg_set_serial(fd, key));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
