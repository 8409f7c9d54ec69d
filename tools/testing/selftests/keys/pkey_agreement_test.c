// SPDX-License-Identifier: GPL-2.0-only
/*
 * Private keys for key agreement: how they are made, which parts can be read,
 * and which calls they refuse.  symmetric_agree_test has the computations.
 */
#include "../kselftest_harness.h"
#include "pkey_openssl.h"
#include "task.h"

#define STRANGER_ID	63002
#define PUBLIC_MAX	65
#define PRIVATE_SIZE	32
/* Offset of the private key in PKCS#8 of X25519, as OpenSSL writes it */
#define X25519_AT	16
#define X25519_DER	48
/* ... and in PKCS#8 of P-256 */
#define P256_AT		36

/* Permissions of a key that nobody may read */
#define RIGHTS_OF_NEW	(POSSESSOR(RIGHT_VIEW | RIGHT_SEARCH | RIGHT_LINK | \
				   RIGHT_SETATTR) | OWNER(RIGHT_VIEW))

static const struct curve {
	const char *line;
	const char *shown;
	const char *openssl;
	size_t public_size;
	uint32_t bits;
} curves[] = {
	{ "new x25519", "new.x25519", "X25519", 32, 255 },
	{ "new p256", "new.p256", "P-256", 65, 256 },
};

static key_serial_t add_text(const char *text)
{
	return key_add("asymmetric", "pair", text, strlen(text),
		       KEY_SPEC_SESSION_KEYRING);
}

static EVP_PKEY *pair_by_openssl(const struct curve *curve)
{
	return curve->public_size == 32 ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519") :
					  EVP_EC_gen(curve->openssl);
}

static size_t public_by_openssl(EVP_PKEY *pair, uint8_t *out)
{
	uint8_t *bytes = NULL;
	size_t size = EVP_PKEY_get1_encoded_public_key(pair, &bytes);

	if (size <= PUBLIC_MAX)
		memcpy(out, bytes, size);
	OPENSSL_free(bytes);
	return size;
}

/* PKCS#8 as OpenSSL writes it; returns its size. */
static size_t der_of(EVP_PKEY *pair, uint8_t der[PKCS8_MAX])
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pair);
	uint8_t *at = der;
	int size = i2d_PKCS8_PRIV_KEY_INFO(info, &at);

	PKCS8_PRIV_KEY_INFO_free(info);
	return size;
}

static key_serial_t add_der(const uint8_t *der, size_t size)
{
	return key_add("asymmetric", "pair", der, size,
		       KEY_SPEC_SESSION_KEYRING);
}

FIXTURE(agreement)
{
	uint8_t der[PKCS8_MAX];
	uint8_t read[PUBLIC_MAX + 1];
	uint8_t want[PUBLIC_MAX];
};

FIXTURE_SETUP(agreement)
{
	SKIP_IF(return, lacks_keys());
	SKIP_IF(return, lacks_ours("ours only: there are no such pairs"));
	ASSERT_LT(0, session_new());
}

FIXTURE_TEARDOWN(agreement)
{
}

/*
 * Shows: AP-41, AP-43. New keys differ from each other; the public part of one
 * key does not change.
 */
TEST_F(agreement, made_by_the_kernel)
{
	uint8_t again[PUBLIC_MAX + 1];
	key_serial_t key;

	for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
		const struct curve *curve = &curves[i];
		long size = curve->public_size;

		key = add_text(curve->line);
		ASSERT_LT(0, key);
		EXPECT_EQ(size, key_read(key, NULL, 0));
		ASSERT_EQ(size, key_read(key, self->read, sizeof(self->read)));
		ASSERT_EQ(size, key_read(key, again, sizeof(again)));
		EXPECT_EQ(0, memcmp(self->read, again, size));
		/* the buffer gets all bytes, or none */
		memset(again, 0xa5, sizeof(again));
		EXPECT_EQ(size, key_read(key, again, size - 1));
		for (size_t byte = 0; byte < sizeof(again); byte++)
			EXPECT_EQ(0xa5, again[byte]);

		key = add_text(curve->line);
		ASSERT_LT(0, key);
		ASSERT_EQ(size, key_read(key, again, sizeof(again)));
		EXPECT_NE(0, memcmp(self->read, again, size));
	}
	EXPECT_LT(0, add_text("new x25519\n"));
}

/* Shows: AP-42. The kernel computes the same public parts as OpenSSL. */
TEST_F(agreement, brought_along)
{
	for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
		const struct curve *curve = &curves[i];
		EVP_PKEY *pair = pair_by_openssl(curve);
		key_serial_t key = add_pair(pair, "pair");

		ASSERT_LT(0, key);
		ASSERT_EQ(curve->public_size,
			  public_by_openssl(pair, self->want));
		ASSERT_EQ((long)curve->public_size,
			  key_read(key, self->read, sizeof(self->read)));
		EXPECT_EQ(0, memcmp(self->want, self->read,
				    curve->public_size));
		EVP_PKEY_free(pair);
	}
}

/* RFC 7748, 6.1: Alice. */
static const uint8_t alice_private[PRIVATE_SIZE] = {
	0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
	0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
	0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a,
};

static const uint8_t alice_public[PRIVATE_SIZE] = {
	0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
	0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
	0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a,
};

/* Shows: AP-42. */
TEST_F(agreement, published)
{
	EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL,
						      alice_private,
						      PRIVATE_SIZE);
	key_serial_t key = add_pair(pair, "Alice");

	ASSERT_LT(0, key);
	ASSERT_EQ(PRIVATE_SIZE, key_read(key, self->read, sizeof(self->read)));
	EXPECT_EQ(0, memcmp(alice_public, self->read, PRIVATE_SIZE));
	EVP_PKEY_free(pair);
}

/*
 * Shows: AP-42. The file may have attributes, and the public key of the second
 * version.
 */
TEST_F(agreement, optional_parts)
{
	static const uint8_t attributes[] = { 0xa0, 2, 0x05, 0x00 };
	static const uint8_t public[] = { 0x81, 2, 0x00, 0x12 };
	EVP_PKEY *pair = pair_by_openssl(&curves[0]);
	size_t size = der_of(pair, self->der);

	ASSERT_EQ((size_t)X25519_DER, size);
	memcpy(self->der + size, attributes, sizeof(attributes));
	self->der[1] += sizeof(attributes);
	size += sizeof(attributes);
	EXPECT_LT(0, add_der(self->der, size));
	memcpy(self->der + size, public, sizeof(public));
	self->der[1] += sizeof(public);
	size += sizeof(public);
	/* the first version has no public key */
	EXPECT_GT(0, add_der(self->der, size));
	self->der[4] = 1;
	EXPECT_LT(0, add_der(self->der, size));
	self->der[4] = 2;
	EXPECT_GT(0, add_der(self->der, size));
	EVP_PKEY_free(pair);
}

/* Shows: AP-12, AP-42. A file that is truncated, damaged, or too long. */
TEST_F(agreement, damaged)
{
	for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
		EVP_PKEY *pair = pair_by_openssl(&curves[i]);
		size_t size = der_of(pair, self->der);

		for (size_t len = 1; len < size; len++)
			EXPECT_GT(0, add_der(self->der, len));
		EXPECT_GT(0, add_der(self->der, size + 1));
		EVP_PKEY_free(pair);
	}
	EXPECT_EQ(-EBADMSG, add_text("new"));
	EXPECT_EQ(-EBADMSG, add_text("new "));
	EXPECT_EQ(-EBADMSG, add_text("new x448"));
	EXPECT_EQ(-EBADMSG, add_text("new x25519 "));
	EXPECT_EQ(-EBADMSG, add_text("new x25519\n\n"));
	EXPECT_EQ(-EBADMSG, add_text("new X25519"));
}

/* Shows: AP-42. Numbers that are no private keys of the curve. */
TEST_F(agreement, out_of_range)
{
	EVP_PKEY *pair = pair_by_openssl(&curves[1]);
	size_t size = der_of(pair, self->der);

	memset(self->der + P256_AT, 0, PRIVATE_SIZE);
	EXPECT_EQ(-EINVAL, add_der(self->der, size));
	memset(self->der + P256_AT, 0xff, PRIVATE_SIZE);
	EXPECT_EQ(-EINVAL, add_der(self->der, size));
	EVP_PKEY_free(pair);
	pair = pair_by_openssl(&curves[0]);
	size = der_of(pair, self->der);
	/* a private key of another length, in an otherwise valid file */
	self->der[1]--;
	self->der[13]--;
	self->der[15]--;
	EXPECT_EQ(-EINVAL, add_der(self->der, size - 1));
	EVP_PKEY_free(pair);
}

/* Shows: AP-44. */
TEST_F(agreement, query)
{
	struct keyctl_pkey_query query, want = {};
	key_serial_t key;

	for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
		key = add_text(curves[i].line);
		ASSERT_LT(0, key);
		memset(&query, 0xff, sizeof(query));
		ASSERT_EQ(0, pkey_query(key, "", &query));
		want.key_size = curves[i].bits;
		EXPECT_EQ(0, memcmp(&want, &query, sizeof(query)));
		EXPECT_EQ(-EINVAL, pkey_query(key, "enc=pkcs1", &query));
		EXPECT_EQ(-EINVAL, pkey_query(key, "hash=sha256", &query));
		EXPECT_EQ(-EINVAL, pkey_query(key, "aad=00", &query));
	}
}

/* Shows: AP-44. The keys neither sign nor decrypt, not even an empty text. */
TEST_F(agreement, no_operation)
{
	static const int ops[] = {
		KEYCTL_PKEY_ENCRYPT, KEYCTL_PKEY_DECRYPT, KEYCTL_PKEY_SIGN,
		KEYCTL_PKEY_VERIFY,
	};
	struct pkey_call call = {
		.info = "", .in = "", .second = self->read,
	};

	for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
		call.key = add_text(curves[i].line);
		ASSERT_LT(0, call.key);
		for (size_t op = 0; op < ARRAY_SIZE(ops); op++) {
			call.op = ops[op];
			call.in_len = 0;
			EXPECT_EQ(-EOPNOTSUPP, pkey_do(&call));
			call.in_len = 1;
			EXPECT_EQ(-EINVAL, pkey_do(&call));
		}
	}
}

/* Shows: AP-13, AP-43. RSA keys cannot be read, as on the base. */
TEST_F(agreement, others_are_not_read)
{
	key_serial_t rsa = pkey_add_rsa("rsa"), key = add_text("new x25519");
	char text[128];

	ASSERT_LT(0, rsa);
	EXPECT_EQ(-EOPNOTSUPP, key_read(rsa, self->read, sizeof(self->read)));
	ASSERT_LT(0, key_describe(rsa, text, sizeof(text)));
	EXPECT_EQ(RIGHTS_OF_NEW, strtoul(strchr(strchr(strchr(text, ';') + 1,
						       ';') + 1, ';') + 1,
					 NULL, 16)) {
		TH_LOG("%s", text);
	}
	ASSERT_LT(0, key_describe(key, text, sizeof(text)));
	EXPECT_EQ(RIGHTS_OF_NEW, strtoul(strchr(strchr(strchr(text, ';') + 1,
						       ';') + 1, ';') + 1,
					 NULL, 16)) {
		TH_LOG("%s", text);
	}
	ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL)));
	EXPECT_EQ(-EOPNOTSUPP, key_update(key, "new x25519", 10));
}

static int read_as_stranger(const void *arg)
{
	static const struct caller stranger = {
		.uid = STRANGER_ID, .gid = STRANGER_ID, .stranger = true,
	};
	const key_serial_t *key = arg;
	uint8_t bytes[PUBLIC_MAX];
	int err = caller_become(&stranger);
	long ret;

	if (err)
		return -TASK_ODD;
	ret = key_read(*key, bytes, sizeof(bytes));
	return ret == PRIVATE_SIZE ? 0 : ret;
}

/*
 * Shows: AP-43. A caller without Read permission that does not possess the key
 * gets nothing.
 */
TEST_F(agreement, rights_to_read)
{
	key_serial_t key = add_text("new x25519");

	ASSERT_LT(0, key);
	EXPECT_EQ(-EACCES, task_run(read_as_stranger, &key));
	ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL) |
				    OTHER(RIGHT_ALL & ~RIGHT_READ)));
	EXPECT_EQ(-EACCES, task_run(read_as_stranger, &key));
	ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL) |
				    OTHER(RIGHT_READ)));
	EXPECT_EQ(0, task_run(read_as_stranger, &key));
	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, key_read(key, self->read, sizeof(self->read)));
}

/*
 * Shows: AP-45. /proc/keys shows the curve and the origin, and no byte of the
 * key.
 */
TEST_F(agreement, proc)
{
	char line[512];
	key_serial_t key = add_text("new x25519");

	ASSERT_LT(0, key);
	key_line(key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, "pair: new.x25519 []\n")) {
		TH_LOG("%s", line);
	}
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
