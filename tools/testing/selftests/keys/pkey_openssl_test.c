// SPDX-License-Identifier: GPL-2.0-only
/*
 * KEYCTL_PKEY_*: OpenSSL decrypts what the kernel encrypts, and the reverse;
 * the same for signatures.
 */
#include "../kselftest_harness.h"
#include "pkey_openssl.h"

static const uint8_t digest[PKEY_DIGEST] = { 8, 7, 6, 5, 4, 3, 2, 1 };
static const char text[] = "attack at dawn";
#define TEXT_SIZE	((long)sizeof(text))

/* Returns the length of the output, or -1. */
static long sign_by_openssl(EVP_PKEY *pair, const void *hash, size_t len,
			    uint8_t *out, size_t size)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair, NULL);
	bool good = EVP_PKEY_sign_init(ctx) > 0 &&
		EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
		EVP_PKEY_sign(ctx, out, &size, hash, len) > 0;

	EVP_PKEY_CTX_free(ctx);
	return good ? (long)size : -1;
}

static long encrypt_by_openssl(EVP_PKEY *pair, int padding, const void *in,
			       size_t len, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair, NULL);
	size_t size = PKEY_RSA_BYTES;
	bool good = EVP_PKEY_encrypt_init(ctx) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, padding) > 0 &&
		EVP_PKEY_encrypt(ctx, out, &size, in, len) > 0;

	EVP_PKEY_CTX_free(ctx);
	return good ? (long)size : -1;
}

static long decrypt_by_openssl(EVP_PKEY *pair, const uint8_t *in, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair, NULL);
	size_t size = PKEY_RSA_BYTES;
	bool good = EVP_PKEY_decrypt_init(ctx) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
		EVP_PKEY_decrypt(ctx, out, &size, in, PKEY_RSA_BYTES) > 0;

	EVP_PKEY_CTX_free(ctx);
	return good ? (long)size : -1;
}

FIXTURE(peer)
{
	key_serial_t key;
	EVP_PKEY *pair;
	uint8_t kernels[PKEY_RSA_BYTES];
	uint8_t openssls[PKEY_RSA_BYTES];
};

FIXTURE_SETUP(peer)
{
	REQUIRE_PAIR(self->key);
	self->pair = pair_of_openssl();
	ASSERT_NE(NULL, self->pair);
}

FIXTURE_TEARDOWN(peer)
{
	EVP_PKEY_free(self->pair);
}

/* Shows: AP-15. A number below the modulus, raised to the exponent. */
TEST_F(peer, encrypt_raw)
{
	const uint8_t number[PKEY_RSA_BYTES] = { 0x12, 0x34, 0x56 };

	ASSERT_EQ(PKEY_RSA_BYTES,
		  encrypt_by_openssl(self->pair, RSA_NO_PADDING, number,
				     sizeof(number), self->openssls));
	EXPECT_EQ(PKEY_RSA_BYTES, pkey_encrypt(self->key, "", number,
					       sizeof(number), self->kernels));
	EXPECT_EQ(0, memcmp(self->openssls, self->kernels, PKEY_RSA_BYTES));
}

/* 6.12 refuses a number that RSA does not change; 6.1 returns it unchanged. */
static bool refused_or_left(long ret, const uint8_t *number, const uint8_t *out)
{
	return ret == -EINVAL || (ret == PKEY_RSA_BYTES &&
				  memcmp(number, out, PKEY_RSA_BYTES) == 0);
}

/*
 * Shows: AP-15, AP-17. Numbers that RSA does not change, and numbers beyond the
 * modulus.
 */
TEST_F(peer, numbers_out_of_range)
{
	uint8_t number[PKEY_RSA_BYTES] = {};
	long ret;

	ret = pkey_encrypt(self->key, "", number, sizeof(number), self->kernels);
	EXPECT_TRUE(refused_or_left(ret, number, self->kernels));
	number[PKEY_RSA_BYTES - 1] = 1;
	ret = pkey_encrypt(self->key, "", number, sizeof(number), self->kernels);
	EXPECT_TRUE(refused_or_left(ret, number, self->kernels));
	ret = pkey_decrypt(self->key, "", number, sizeof(number), self->kernels);
	EXPECT_TRUE(refused_or_left(ret, number, self->kernels));
	memset(number, 0xff, sizeof(number));
	EXPECT_EQ(-EINVAL, pkey_encrypt(self->key, "", number, sizeof(number),
					self->kernels));
	EXPECT_EQ(-EINVAL, pkey_decrypt(self->key, "", number, sizeof(number),
					self->kernels));
}

/* Shows: AP-16. */
TEST_F(peer, encrypt)
{
	uint8_t long_text[PKEY_RSA_BYTES] = { 1 };

	ASSERT_EQ(PKEY_RSA_BYTES, pkey_encrypt(self->key, PKEY_PKCS1, text,
					       sizeof(text), self->kernels));
	ASSERT_EQ(TEXT_SIZE, decrypt_by_openssl(self->pair, self->kernels,
						self->openssls));
	EXPECT_EQ(0, memcmp(text, self->openssls, sizeof(text)));

	/* two ciphertexts of one text differ */
	ASSERT_EQ(PKEY_RSA_BYTES, pkey_encrypt(self->key, PKEY_PKCS1, text,
					       sizeof(text), self->openssls));
	EXPECT_NE(0, memcmp(self->kernels, self->openssls, PKEY_RSA_BYTES));

	EXPECT_EQ(PKEY_RSA_BYTES,
		  pkey_encrypt(self->key, PKEY_PKCS1, long_text,
			       PKEY_RSA_BYTES - PKEY_PADDING, self->kernels));
	EXPECT_EQ(-EOVERFLOW,
		  pkey_encrypt(self->key, PKEY_PKCS1, long_text,
			       PKEY_RSA_BYTES - PKEY_PADDING + 1,
			       self->kernels));
}

/* Shows: AP-17. */
TEST_F(peer, decrypt_raw)
{
	const uint8_t number[PKEY_RSA_BYTES] = { 0x12, 0x34, 0x56 };

	ASSERT_EQ(PKEY_RSA_BYTES,
		  encrypt_by_openssl(self->pair, RSA_NO_PADDING, number,
				     sizeof(number), self->openssls));
	EXPECT_EQ(PKEY_RSA_BYTES,
		  pkey_decrypt(self->key, "", self->openssls, PKEY_RSA_BYTES,
			       self->kernels));
	EXPECT_EQ(0, memcmp(number, self->kernels, PKEY_RSA_BYTES));
}

/* Shows: AP-18. */
TEST_F(peer, decrypt)
{
	ASSERT_EQ(PKEY_RSA_BYTES,
		  encrypt_by_openssl(self->pair, RSA_PKCS1_PADDING, text,
				     sizeof(text), self->openssls));
	ASSERT_EQ(TEXT_SIZE, pkey_decrypt(self->key, PKEY_PKCS1,
					  self->openssls, PKEY_RSA_BYTES,
					  self->kernels));
	EXPECT_EQ(0, memcmp(text, self->kernels, sizeof(text)));
}

/* Shows: AP-19. */
TEST_F(peer, decrypt_damaged)
{
	const uint8_t number[PKEY_RSA_BYTES] = { 0x12, 0x34, 0x56 };

	ASSERT_EQ(PKEY_RSA_BYTES,
		  encrypt_by_openssl(self->pair, RSA_NO_PADDING, number,
				     sizeof(number), self->openssls));
	EXPECT_EQ(-EINVAL, pkey_decrypt(self->key, PKEY_PKCS1, self->openssls,
					PKEY_RSA_BYTES, self->kernels));
	EXPECT_EQ(-EINVAL, pkey_decrypt(self->key, PKEY_PKCS1, self->openssls,
					PKEY_RSA_BYTES - 1, self->kernels));
}

/* Shows: AP-20. */
TEST_F(peer, sign)
{
	uint8_t long_text[PKEY_RSA_BYTES] = { 1 };
	long ret;

	ASSERT_EQ(PKEY_RSA_BYTES,
		  sign_by_openssl(self->pair, digest, sizeof(digest),
				  self->openssls, PKEY_RSA_BYTES));
	ASSERT_EQ(PKEY_RSA_BYTES,
		  pkey_sign(self->key, PKEY_PKCS1_SHA256, digest,
			    sizeof(digest), self->kernels));
	EXPECT_EQ(0, memcmp(self->openssls, self->kernels, PKEY_RSA_BYTES));

	/* without hash= the signature does not say which hash it is */
	EXPECT_EQ(PKEY_RSA_BYTES, pkey_sign(self->key, PKEY_PKCS1, digest,
					    sizeof(digest), self->kernels));
	EXPECT_NE(0, memcmp(self->openssls, self->kernels, PKEY_RSA_BYTES));
	EXPECT_EQ(PKEY_RSA_BYTES,
		  pkey_sign(self->key, PKEY_PKCS1, long_text,
			    PKEY_RSA_BYTES - PKEY_PADDING, self->kernels));
	EXPECT_EQ(-EOVERFLOW,
		  pkey_sign(self->key, PKEY_PKCS1, long_text,
			    PKEY_RSA_BYTES - PKEY_PADDING + 1, self->kernels));

	ret = pkey_sign(self->key, "enc=raw", digest, sizeof(digest),
			self->kernels);
	EXPECT_TRUE(ret == -EINVAL || ret == -ENOSYS);
}

/* Shows: AP-21, AP-22. */
TEST_F(peer, verify)
{
	uint8_t other[PKEY_DIGEST] = {};
	long ret;

	ASSERT_EQ(PKEY_RSA_BYTES,
		  sign_by_openssl(self->pair, digest, sizeof(digest),
				  self->openssls, PKEY_RSA_BYTES));
	EXPECT_EQ(0, pkey_verify(self->key, PKEY_PKCS1_SHA256, digest,
				 sizeof(digest), self->openssls,
				 PKEY_RSA_BYTES));
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(self->key, PKEY_PKCS1_SHA256, other,
			      sizeof(other), self->openssls, PKEY_RSA_BYTES));
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(self->key, PKEY_PKCS1_SHA256, digest,
			      sizeof(digest) - 1, self->openssls,
			      PKEY_RSA_BYTES));
	EXPECT_EQ(-EINVAL,
		  pkey_verify(self->key, PKEY_PKCS1_SHA256, digest, 0,
			      self->openssls, PKEY_RSA_BYTES));
	EXPECT_EQ(-ENOSYS, pkey_verify(self->key, "enc=raw", digest,
				       sizeof(digest), self->openssls,
				       PKEY_RSA_BYTES));

	/* the padding of a damaged signature is wrong */
	self->openssls[PKEY_RSA_BYTES / 2] ^= 1;
	ret = pkey_verify(self->key, PKEY_PKCS1_SHA256, digest, sizeof(digest),
			  self->openssls, PKEY_RSA_BYTES);
	EXPECT_TRUE(ret == -EINVAL || ret == -EBADMSG);
}

/* Shows: AP-23. */
TEST_F(peer, public_half)
{
	key_serial_t half = add_certificate(self->pair, "half of a pair");
	struct keyctl_pkey_query query = {};

	if (half == -EBADMSG)
		SKIP(return, "needs CONFIG_X509_CERTIFICATE_PARSER");
	ASSERT_LT(0, half);
	EXPECT_EQ(0, pkey_query(half, PKEY_PKCS1, &query));
	EXPECT_EQ((uint32_t)(KEYCTL_SUPPORTS_ENCRYPT | KEYCTL_SUPPORTS_VERIFY),
		  query.supported_ops);
	EXPECT_EQ(8U * PKEY_RSA_BYTES, query.key_size);

	ASSERT_EQ(PKEY_RSA_BYTES,
		  pkey_sign(self->key, PKEY_PKCS1_SHA256, digest,
			    sizeof(digest), self->kernels));
	EXPECT_EQ(0, pkey_verify(half, PKEY_PKCS1_SHA256, digest,
				 sizeof(digest), self->kernels,
				 PKEY_RSA_BYTES));
	EXPECT_EQ(PKEY_RSA_BYTES, pkey_encrypt(half, PKEY_PKCS1, text,
					       sizeof(text), self->kernels));
	EXPECT_EQ(TEXT_SIZE, pkey_decrypt(self->key, PKEY_PKCS1,
					  self->kernels, PKEY_RSA_BYTES,
					  self->openssls));

	EXPECT_EQ(-EINVAL, pkey_decrypt(half, PKEY_PKCS1, self->kernels,
					PKEY_RSA_BYTES, self->openssls));
	EXPECT_EQ(-EINVAL, pkey_sign(half, PKEY_PKCS1_SHA256, digest,
				     sizeof(digest), self->openssls));
}

/*
 * Shows: AP-28, AP-29. Signatures of ECDSA differ in length, and every valid
 * signature is accepted.
 */
TEST_F(peer, signatures_of_many_lengths)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	key_serial_t half = add_certificate(pair, "an elliptic curve");
	const char *info = "enc=x962 hash=sha256";
	struct keyctl_pkey_query query;
	uint8_t out[PKEY_RSA_BYTES];
	long len;

	if (half == -EBADMSG || half == -ENOPKG)
		SKIP(return, "needs CONFIG_X509_CERTIFICATE_PARSER and CONFIG_CRYPTO_ECDSA");
	ASSERT_LT(0, half);
	ASSERT_EQ(0, pkey_query(half, info, &query));
	EXPECT_EQ(-EINVAL, pkey_query(half, "enc=x962", &query));
	EXPECT_EQ(-EINVAL, pkey_query(half, "enc=raw", &query));

	for (int i = 0; i < 16; i++) {
		len = sign_by_openssl(pair, digest, sizeof(digest), out,
				      sizeof(out));
		ASSERT_LT(0, len);
		EXPECT_LE(len, query.max_sig_size);
		EXPECT_EQ(0, pkey_verify(half, info, digest, sizeof(digest),
					 out, len));
	}

	REQUIRE_LENGTHS();
	EXPECT_GT(0, pkey_verify(half, info, digest, sizeof(digest), out, 0));
	EXPECT_GT(0, pkey_verify(half, info, digest, sizeof(digest), out,
				 len - 1));
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(half, info, digest, sizeof(digest), out,
			      query.max_sig_size + 1));
	EVP_PKEY_free(pair);
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
