// SPDX-License-Identifier: GPL-2.0-only
/*
 * KEYCTL_PKEY_*: RSASSA-PSS.  OpenSSL verifies what the kernel signs, and the
 * reverse, with moduli of all eight lengths within a byte.
 */
#include "../kselftest_harness.h"
#include "pkey_openssl.h"
#include "task.h"

#define PSS_DIGEST_MAX	64
/* Lengths of moduli in bits; the kernel takes these and a few longer ones. */
#define SHORT_BITS	1024
#define SHORT_BYTES	(SHORT_BITS / 8)
/* A short modulus has no room for two digests of SHA-512. */
#define PSS_TOO_LONG	"enc=pss hash=sha512"

#define MAY_SIGN	((uint32_t)(KEYCTL_SUPPORTS_SIGN | KEYCTL_SUPPORTS_VERIFY))

static const struct hash {
	const char *info;
	const char *name;
	size_t size;
} hashes[] = {
	{ "enc=pss hash=sha256", "SHA256", 32 },
	{ "enc=pss hash=sha384", "SHA384", 48 },
	{ "enc=pss hash=sha512", "SHA512", 64 },
};

static const uint8_t digest[PSS_DIGEST_MAX] = { 8, 7, 6, 5, 4, 3, 2, 1 };

/*
 * struct pss - parameters of OpenSSL for signing or verifying
 * @hash: hash of the digest
 * @mgf: hash of the mask
 * @salt: length of the salt, or RSA_PSS_SALTLEN_*
 */
struct pss {
	const struct hash *hash;
	const char *mgf;
	int salt;
};

/* @op is EVP_PKEY_sign_init() or EVP_PKEY_verify_init(). */
static EVP_PKEY_CTX *pss_context(EVP_PKEY *pair, int (*op)(EVP_PKEY_CTX *),
				 const struct pss *pss)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair, NULL);

	if (op(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(pss->hash->name)) > 0 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_get_digestbyname(pss->mgf)) > 0 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, pss->salt) > 0)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static bool signed_by_openssl(EVP_PKEY *pair, const struct pss *pss,
			      uint8_t *out)
{
	EVP_PKEY_CTX *ctx = pss_context(pair, EVP_PKEY_sign_init, pss);
	size_t size = PKEY_RSA_BYTES;
	bool good = ctx && EVP_PKEY_sign(ctx, out, &size, digest,
					 pss->hash->size) > 0;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

/* Uses a salt as long as the digest, and the same hash for the mask. */
static bool verified_by_openssl(EVP_PKEY *pair, const struct hash *hash,
				const uint8_t *signature, size_t len)
{
	const struct pss pss = { hash, hash->name, hash->size };
	EVP_PKEY_CTX *ctx = pss_context(pair, EVP_PKEY_verify_init, &pss);
	bool good = ctx && EVP_PKEY_verify(ctx, signature, len, digest,
					   hash->size) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

FIXTURE(pss)
{
	key_serial_t key;
	EVP_PKEY *pair;
	uint8_t out[PKEY_RSA_BYTES];
	struct keyctl_pkey_query query;
};

FIXTURE_SETUP(pss)
{
	SKIP_IF(return, lacks_ours("ours only: there is no enc=pss"));
	REQUIRE_PAIR(self->key);
	self->pair = pair_of_openssl();
	ASSERT_NE(NULL, self->pair);
}

FIXTURE_TEARDOWN(pss)
{
	EVP_PKEY_free(self->pair);
}

/* Shows: AP-30. */
TEST_F(pss, query)
{
	static const char * const wrong[] = {
		"enc=pss", "enc=pss hash=sha1", "enc=pss hash=sha224",
		"enc=pss hash=md5", "enc=pss hash=nosuch", "enc=PSS hash=sha256",
		"enc=pss hash=SHA256",
	};
	struct keyctl_pkey_query *q = &self->query;

	for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
		memset(q, 0xff, sizeof(*q));
		ASSERT_EQ(0, pkey_query(self->key, hashes[i].info, q));
		EXPECT_EQ(MAY_SIGN, q->supported_ops);
		EXPECT_EQ(8U * PKEY_RSA_BYTES, q->key_size);
		EXPECT_EQ(hashes[i].size, q->max_data_size);
		EXPECT_EQ(PKEY_RSA_BYTES, q->max_sig_size);
		EXPECT_EQ(0, q->max_enc_size);
		EXPECT_EQ(0, q->max_dec_size);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, pkey_query(self->key, wrong[i], q));
		EXPECT_EQ(-EINVAL, pkey_sign(self->key, wrong[i], digest, 32,
					     self->out));
		EXPECT_EQ(-EINVAL, pkey_verify(self->key, wrong[i], digest, 32,
					       self->out, PKEY_RSA_BYTES));
	}
}

/*
 * Shows: AP-30. A query returns the right operations for a public half and for
 * a short pair.
 */
TEST_F_TIMEOUT(pss, query_of_others, 60)
{
	EVP_PKEY *brief = EVP_RSA_gen(SHORT_BITS), *curve = EVP_EC_gen("P-256");
	key_serial_t half = add_certificate(self->pair, "half of a pair");
	key_serial_t key = add_pair(brief, "short");

	ASSERT_LT(0, half);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, pkey_query(half, hashes[0].info, &self->query));
	EXPECT_EQ((uint32_t)KEYCTL_SUPPORTS_VERIFY, self->query.supported_ops);
	EXPECT_EQ(0, pkey_query(key, hashes[1].info, &self->query));
	EXPECT_EQ(-EINVAL, pkey_query(key, PSS_TOO_LONG, &self->query));
	EXPECT_EQ(-EINVAL, pkey_sign(key, PSS_TOO_LONG, digest, 64, self->out));
	half = add_certificate(curve, "an elliptic curve");
	ASSERT_LT(0, half);
	EXPECT_EQ(-EINVAL, pkey_query(half, hashes[0].info, &self->query));
	EVP_PKEY_free(brief);
	EVP_PKEY_free(curve);
}

/*
 * Shows: AP-31, AP-33. Each hash, for signing and verifying; a public half
 * verifies as a pair does.
 */
TEST_F(pss, both_ways)
{
	key_serial_t half = add_certificate(self->pair, "half of a pair");
	uint8_t again[PKEY_RSA_BYTES];

	ASSERT_LT(0, half);
	for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
		const struct hash *hash = &hashes[i];
		const struct pss pss = { hash, hash->name, hash->size };

		ASSERT_EQ(PKEY_RSA_BYTES,
			  pkey_sign(self->key, hash->info, digest, hash->size,
				    self->out));
		EXPECT_TRUE(verified_by_openssl(self->pair, hash, self->out,
						PKEY_RSA_BYTES));
		EXPECT_EQ(0, pkey_verify(half, hash->info, digest, hash->size,
					 self->out, PKEY_RSA_BYTES));
		/* two signatures of one digest differ */
		ASSERT_EQ(PKEY_RSA_BYTES,
			  pkey_sign(self->key, hash->info, digest, hash->size,
				    again));
		EXPECT_NE(0, memcmp(again, self->out, PKEY_RSA_BYTES));

		ASSERT_TRUE(signed_by_openssl(self->pair, &pss, self->out));
		EXPECT_EQ(0, pkey_verify(self->key, hash->info, digest,
					 hash->size, self->out,
					 PKEY_RSA_BYTES));
		EXPECT_EQ(0, pkey_verify(half, hash->info, digest, hash->size,
					 self->out, PKEY_RSA_BYTES));
	}
	EXPECT_EQ(-EINVAL, pkey_sign(half, hashes[0].info, digest, 32,
				     self->out));
}

/*
 * Shows: AP-31, AP-33. The encoding is one bit shorter than the modulus, so its
 * first byte has zero to seven bits.
 */
TEST_F_TIMEOUT(pss, moduli, 150)
{
	const struct hash *hash = &hashes[0];
	const struct pss pss = { hash, hash->name, hash->size };

	for (int bits = SHORT_BITS - 7; bits <= SHORT_BITS; bits++) {
		EVP_PKEY *pair = EVP_RSA_gen(bits);
		key_serial_t key = add_pair(pair, "of many lengths");
		struct pkey_call call = {
			KEYCTL_PKEY_SIGN, key, hash->info, digest, hash->size,
			self->out, SHORT_BYTES,
		};

		ASSERT_LT(0, key);
		ASSERT_EQ(SHORT_BYTES, pkey_do(&call));
		EXPECT_TRUE(verified_by_openssl(pair, hash, self->out,
						SHORT_BYTES)) {
			TH_LOG("%d bits", bits);
		}
		ASSERT_TRUE(signed_by_openssl(pair, &pss, self->out));
		call.op = KEYCTL_PKEY_VERIFY;
		EXPECT_EQ(0, pkey_do(&call)) {
			TH_LOG("%d bits", bits);
		}
		EVP_PKEY_free(pair);
	}
}

/* Shows: AP-33. A signature by other parameters is refused. */
TEST_F(pss, other_signatures)
{
	const struct hash *hash = &hashes[0];
	const struct pss others[] = {
		{ hash, hash->name, 0 },
		{ hash, hash->name, 20 },
		{ hash, hash->name, 33 },
		{ hash, hash->name, RSA_PSS_SALTLEN_MAX_SIGN },
		{ hash, "SHA1", hash->size },
		{ hash, "SHA512", hash->size },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_TRUE(signed_by_openssl(self->pair, &others[i],
					      self->out));
		EXPECT_EQ(-EKEYREJECTED,
			  pkey_verify(self->key, hash->info, digest, hash->size,
				      self->out, PKEY_RSA_BYTES));
	}
	ASSERT_EQ(PKEY_RSA_BYTES, pkey_sign(self->key, PKEY_PKCS1_SHA256,
					    digest, hash->size, self->out));
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(self->key, hash->info, digest, hash->size,
			      self->out, PKEY_RSA_BYTES));
}

/* Shows: AP-33. The error is the same for every kind of wrong signature. */
TEST_F(pss, forged)
{
	const struct hash *hash = &hashes[0];
	uint8_t other[PSS_DIGEST_MAX] = {};

	ASSERT_EQ(PKEY_RSA_BYTES, pkey_sign(self->key, hash->info, digest,
					    hash->size, self->out));
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(self->key, hash->info, other, hash->size,
			      self->out, PKEY_RSA_BYTES));
	for (int bit = 0; bit < 8 * PKEY_RSA_BYTES; bit += 101) {
		self->out[bit / 8] ^= 1 << bit % 8;
		EXPECT_EQ(-EKEYREJECTED,
			  pkey_verify(self->key, hash->info, digest, hash->size,
				      self->out, PKEY_RSA_BYTES));
		self->out[bit / 8] ^= 1 << bit % 8;
	}
	for (size_t len = 0; len < PKEY_RSA_BYTES; len += 51)
		EXPECT_EQ(-EKEYREJECTED,
			  pkey_verify(self->key, hash->info, digest, hash->size,
				      self->out, len));
	/* numbers beyond the modulus, and numbers that RSA does not change */
	memset(self->out, 0xff, PKEY_RSA_BYTES);
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(self->key, hash->info, digest, hash->size,
			      self->out, PKEY_RSA_BYTES));
	memset(self->out, 0, PKEY_RSA_BYTES);
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(self->key, hash->info, digest, hash->size,
			      self->out, PKEY_RSA_BYTES));
	self->out[PKEY_RSA_BYTES - 1] = 1;
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(self->key, hash->info, digest, hash->size,
			      self->out, PKEY_RSA_BYTES));
}

/* Shows: AP-32. A truncated or empty digest is refused. */
TEST_F(pss, digests)
{
	const char *info = hashes[1].info;
	const size_t sizes[] = { 0, 1, 32, 47, 49, 64, PKEY_RSA_BYTES };
	uint8_t text[PKEY_RSA_BYTES] = {};

	ASSERT_EQ(PKEY_RSA_BYTES, pkey_sign(self->key, info, text, 48,
					    self->out));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(-EINVAL, pkey_verify(self->key, info, text, sizes[i],
					       self->out, PKEY_RSA_BYTES));
		EXPECT_EQ(-EINVAL, pkey_sign(self->key, info, text, sizes[i],
					     self->out));
	}
}

/* Shows: AP-34. PSS is only for signatures. */
TEST_F(pss, nothing_is_encrypted)
{
	for (size_t len = 0; len <= 32; len += 32) {
		struct pkey_call call = {
			KEYCTL_PKEY_ENCRYPT, self->key, hashes[0].info, digest,
			len, self->out, 0,
		};

		EXPECT_EQ(-EINVAL, pkey_do(&call));
		call.op = KEYCTL_PKEY_DECRYPT;
		EXPECT_EQ(-EINVAL, pkey_do(&call));
	}
}

/* Shows: AP-26, AP-31. */
TEST_F(pss, room)
{
	struct pkey_call call = {
		KEYCTL_PKEY_SIGN, self->key, hashes[0].info, digest, 32,
		self->out, PKEY_RSA_BYTES - 1,
	};

	memset(self->out, 0xa5, sizeof(self->out));
	EXPECT_EQ(-EOVERFLOW, pkey_do(&call));
	for (size_t i = 0; i < sizeof(self->out); i++)
		EXPECT_EQ(0xa5, self->out[i]);
	call.second = NULL;
	call.second_len = PKEY_RSA_BYTES;
	REQUIRE_MEMORY_FOR_RSA();
	EXPECT_EQ(-EFAULT, pkey_do(&call));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
