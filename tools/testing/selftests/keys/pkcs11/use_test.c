// SPDX-License-Identifier: GPL-2.0-only
/* libkeys-pkcs11.so: uses of keys, compared with OpenSSL. */
#include "token.h"

#define MAC_DATA_MAX	32768
#define TEXT		((unsigned char *)"attack at dawn")
#define TEXT_LEN	14UL

static const struct {
	const EVP_MD *(*hash)(void);
	ck_mechanism_type_t type;
} hashed[] = {
	{ EVP_sha1, CKM_SHA1_RSA_PKCS },
	{ EVP_sha224, CKM_SHA224_RSA_PKCS },
	{ EVP_sha256, CKM_SHA256_RSA_PKCS },
	{ EVP_sha384, CKM_SHA384_RSA_PKCS },
	{ EVP_sha512, CKM_SHA512_RSA_PKCS },
};

FIXTURE(use)
{
	ck_session_handle_t session;
	EVP_PKEY *openssl;
	key_serial_t serial;
	ck_object_handle_t private;
	ck_object_handle_t public;
	uint8_t out[PKEY_RSA_BYTES];
	unsigned long len;
};

FIXTURE_SETUP(use)
{
	TOKEN_SETUP(self->session);
	self->openssl = token_pair_of_openssl();
	self->serial = pkey_add_rsa("pair");
	ASSERT_LT(0, self->serial);
	self->private = token_only(self->session, CKO_PRIVATE_KEY);
	self->public = token_only(self->session, CKO_PUBLIC_KEY);
	self->len = sizeof(self->out);
}

FIXTURE_TEARDOWN(use)
{
	EVP_PKEY_free(self->openssl);
}

static ck_rv_t begin(ck_rv_t (*init)(ck_session_handle_t, struct ck_mechanism *,
				     ck_object_handle_t),
		     ck_session_handle_t session, ck_mechanism_type_t type,
		     ck_object_handle_t key)
{
	struct ck_mechanism mechanism = { type, NULL, 0 };

	return init(session, &mechanism, key);
}

static ck_rv_t sign(ck_session_handle_t session, ck_mechanism_type_t type,
		    ck_object_handle_t key, const void *data, unsigned long len,
		    uint8_t *out, unsigned long *out_len)
{
	ck_rv_t rv = begin(p11->C_SignInit, session, type, key);

	return rv ?: p11->C_Sign(session, (void *)data, len, out, out_len);
}

static ck_rv_t verify(ck_session_handle_t session, ck_mechanism_type_t type,
		      ck_object_handle_t key, const void *data,
		      unsigned long len, const uint8_t *signature,
		      unsigned long signature_len)
{
	ck_rv_t rv = begin(p11->C_VerifyInit, session, type, key);

	return rv ?: p11->C_Verify(session, (void *)data, len,
				   (void *)signature, signature_len);
}

static bool openssl_verifies(EVP_PKEY *pair, const EVP_MD *hash,
			     const void *data, size_t len,
			     const uint8_t *signature, size_t signature_len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = EVP_DigestVerifyInit(context, NULL, hash, NULL, pair) > 0 &&
		EVP_DigestVerify(context, signature, signature_len, data,
				 len) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

/* Computes a text's power with the public or the private key by OpenSSL */
static size_t openssl_crypts(EVP_PKEY *pair, bool encrypt, int padding,
			     const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);
	size_t size = PKEY_RSA_BYTES;
	bool good = (encrypt ? EVP_PKEY_encrypt_init(context) :
		     EVP_PKEY_decrypt_init(context)) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(context, padding) > 0 &&
		(encrypt ? EVP_PKEY_encrypt(context, out, &size, in, len) :
		 EVP_PKEY_decrypt(context, out, &size, in, len)) > 0;

	EVP_PKEY_CTX_free(context);
	return good ? size : 0;
}

static bool has_mechanism(ck_mechanism_type_t type)
{
	struct ck_mechanism_info info;

	return !p11->C_GetMechanismInfo(SLOT_SESSION, type, &info);
}

/* Shows: PT-32. */
TEST_F(use, mechanisms)
{
	ck_mechanism_type_t list[64];
	struct ck_mechanism_info info;
	unsigned long count = 64, i;
	bool pss;

	ASSERT_EQ(CKR_OK, p11->C_GetMechanismList(SLOT_SESSION, list, &count));
	for (i = 0; i < count; i++)
		EXPECT_TRUE(has_mechanism(list[i]));
	for (i = 0; i < ARRAY_SIZE(hashed); i++)
		EXPECT_TRUE(has_mechanism(hashed[i].type));
	EXPECT_TRUE(has_mechanism(CKM_RSA_PKCS));
	EXPECT_TRUE(has_mechanism(CKM_SHA512_HMAC));
	EXPECT_TRUE(has_mechanism(CKM_GENERIC_SECRET_KEY_GEN));
	EXPECT_FALSE(has_mechanism(CKM_RSA_X_509));
	EXPECT_FALSE(has_mechanism(CKM_RSA_PKCS_KEY_PAIR_GEN));
	EXPECT_FALSE(has_mechanism(CKM_SHA256));
	/* The kernel's query of the key decides whether PSS is offered. */
	pss = keyctl(KEYCTL_PKEY_QUERY, self->serial, 0, "enc=pss hash=sha256",
		     &(struct keyctl_pkey_query){ 0 }) == 0;
	EXPECT_EQ(pss, has_mechanism(CKM_RSA_PKCS_PSS));
	EXPECT_EQ(pss, has_mechanism(CKM_SHA256_RSA_PKCS_PSS));
	EXPECT_EQ(CKR_OK, p11->C_GetMechanismInfo(SLOT_SESSION, CKM_RSA_PKCS,
						  &info));
	EXPECT_EQ(CKF_SIGN | CKF_VERIFY | CKF_ENCRYPT | CKF_DECRYPT, info.flags);
}

/* Shows: PT-33. */
TEST_F(use, mechanisms_that_are_none)
{
	static const ck_mechanism_type_t others[] = {
		CKM_ECDH1_DERIVE, CKM_AES_GCM, CKM_RSA_X_509, CKM_SHA256,
		CKM_RSA_PKCS_OAEP, CKM_SHA256_HMAC_GENERAL, CKM_MD5_RSA_PKCS,
		CKM_GENERIC_SECRET_KEY_GEN, (ck_mechanism_type_t)-1,
	};
	struct ck_rsa_pkcs_pss_params pss = { CKM_SHA256, CKG_MGF1_SHA1, 32 };
	struct ck_mechanism mechanism = { CKM_RSA_PKCS, &pss, sizeof(pss) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_EQ(CKR_MECHANISM_INVALID,
			  begin(p11->C_SignInit, self->session, others[i],
				self->private));
	EXPECT_EQ(CKR_MECHANISM_INVALID,
		  begin(p11->C_EncryptInit, self->session, CKM_SHA256_RSA_PKCS,
			self->public));
	EXPECT_EQ(CKR_MECHANISM_PARAM_INVALID,
		  p11->C_SignInit(self->session, &mechanism, self->private));
	mechanism.mechanism = CKM_RSA_PKCS_PSS;
	EXPECT_EQ(CKR_MECHANISM_PARAM_INVALID,
		  p11->C_SignInit(self->session, &mechanism, self->private));
	pss = (struct ck_rsa_pkcs_pss_params){ CKM_SHA256, CKG_MGF1_SHA256, 20 };
	EXPECT_EQ(CKR_MECHANISM_PARAM_INVALID,
		  p11->C_SignInit(self->session, &mechanism, self->private));
	pss.s_len = 32;
	mechanism.mechanism = CKM_SHA512_RSA_PKCS_PSS;
	EXPECT_EQ(CKR_MECHANISM_PARAM_INVALID,
		  p11->C_SignInit(self->session, &mechanism, self->private));
	mechanism.mechanism = CKM_SHA256_RSA_PKCS_PSS;
	mechanism.parameter_len--;
	EXPECT_EQ(CKR_MECHANISM_PARAM_INVALID,
		  p11->C_SignInit(self->session, &mechanism, self->private));
	mechanism.parameter_len++;
	EXPECT_EQ(has_mechanism(CKM_SHA256_RSA_PKCS_PSS) ? CKR_OK :
		  CKR_MECHANISM_INVALID,
		  p11->C_SignInit(self->session, &mechanism, self->private));
}

/* Shows: PT-34. */
TEST_F(use, keys_of_another_kind)
{
	ck_object_handle_t mac;

	ASSERT_LT(0, token_add_mac("mac", "new alg=hmac-sha256 for=mac"));
	mac = token_only(self->session, CKO_SECRET_KEY);
	EXPECT_EQ(CKR_KEY_TYPE_INCONSISTENT,
		  begin(p11->C_SignInit, self->session, CKM_RSA_PKCS, mac));
	EXPECT_EQ(CKR_KEY_TYPE_INCONSISTENT,
		  begin(p11->C_SignInit, self->session, CKM_SHA384_HMAC, mac));
	EXPECT_EQ(CKR_KEY_TYPE_INCONSISTENT,
		  begin(p11->C_SignInit, self->session, CKM_SHA256_HMAC,
			self->private));
	EXPECT_EQ(CKR_KEY_FUNCTION_NOT_PERMITTED,
		  begin(p11->C_VerifyInit, self->session, CKM_SHA256_HMAC, mac));
	EXPECT_EQ(CKR_KEY_FUNCTION_NOT_PERMITTED,
		  begin(p11->C_SignInit, self->session, CKM_RSA_PKCS,
			self->public));
	EXPECT_EQ(CKR_KEY_FUNCTION_NOT_PERMITTED,
		  begin(p11->C_EncryptInit, self->session, CKM_RSA_PKCS,
			self->private));
	ASSERT_LT(0, token_add_certificate(self->openssl, "cert:c"));
	EXPECT_EQ(CKR_KEY_HANDLE_INVALID,
		  begin(p11->C_SignInit, self->session, CKM_RSA_PKCS,
			token_only(self->session, CKO_CERTIFICATE)));
}

/* Shows: PT-35, PT-37. */
TEST_F(use, rsa_signatures)
{
	static const unsigned long sizes[] = { 0, 1, 63, 64, 65, 127, 128, 100000 };
	static uint8_t data[100000];
	unsigned int i, k;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7;
	for (i = 0; i < ARRAY_SIZE(hashed); i++) {
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			ASSERT_EQ(CKR_OK, sign(self->session, hashed[i].type,
					       self->private, data, sizes[k],
					       self->out, &self->len));
			EXPECT_TRUE(openssl_verifies(self->openssl,
						     hashed[i].hash(), data,
						     sizes[k], self->out,
						     self->len));
			EXPECT_EQ(CKR_OK, verify(self->session, hashed[i].type,
						 self->public, data, sizes[k],
						 self->out, self->len));
		}
		self->out[9] ^= 1;
		EXPECT_EQ(CKR_SIGNATURE_INVALID,
			  verify(self->session, hashed[i].type, self->public,
				 data, sizes[k - 1], self->out, self->len));
	}
}

/*
 * Shows: PT-35. A text in parts of any length has the same signature as the
 * whole.
 */
TEST_F(use, rsa_signatures_in_parts)
{
	static uint8_t data[1000];
	unsigned long at, part;

	ASSERT_EQ(CKR_OK, begin(p11->C_SignInit, self->session,
				CKM_SHA256_RSA_PKCS, self->private));
	for (at = 0, part = 0; at + part <= sizeof(data); at += part++)
		ASSERT_EQ(CKR_OK, p11->C_SignUpdate(self->session, data + at,
						    part));
	ASSERT_EQ(CKR_OK, p11->C_SignUpdate(self->session, data + at,
					    sizeof(data) - at));
	ASSERT_EQ(CKR_OK, p11->C_SignFinal(self->session, self->out,
					   &self->len));
	EXPECT_TRUE(openssl_verifies(self->openssl, EVP_sha256(), data,
				     sizeof(data), self->out, self->len));
	ASSERT_EQ(CKR_OK, begin(p11->C_VerifyInit, self->session,
				CKM_SHA256_RSA_PKCS, self->public));
	ASSERT_EQ(CKR_OK, p11->C_VerifyUpdate(self->session, data, 1));
	ASSERT_EQ(CKR_OK, p11->C_VerifyUpdate(self->session, data + 1, 999));
	EXPECT_EQ(CKR_OK, p11->C_VerifyFinal(self->session, self->out,
					     self->len));
}

/*
 * Shows: PT-35, PT-37. The data has the name of the hash, as ssh and TLS sign
 * it.
 */
TEST_F(use, rsa_without_a_hash)
{
	uint8_t data[PKEY_RSA_BYTES - PKEY_PADDING + 1] = { 1, 2, 3 };
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(self->openssl, NULL);

	ASSERT_EQ(CKR_OK, sign(self->session, CKM_RSA_PKCS, self->private, data,
			       sizeof(data) - 1, self->out, &self->len));
	EVP_PKEY_verify_init(context);
	EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
	EXPECT_EQ(1, EVP_PKEY_verify(context, self->out, self->len, data,
				     sizeof(data) - 1));
	EVP_PKEY_CTX_free(context);
	EXPECT_EQ(CKR_OK, verify(self->session, CKM_RSA_PKCS, self->public, data,
				 sizeof(data) - 1, self->out, self->len));
	EXPECT_EQ(CKR_SIGNATURE_INVALID,
		  verify(self->session, CKM_RSA_PKCS, self->public, data,
			 sizeof(data) - 2, self->out, self->len));
	EXPECT_EQ(CKR_SIGNATURE_LEN_RANGE,
		  verify(self->session, CKM_RSA_PKCS, self->public, data,
			 sizeof(data) - 1, self->out, self->len - 1));
	EXPECT_EQ(CKR_DATA_LEN_RANGE,
		  sign(self->session, CKM_RSA_PKCS, self->private, data,
		       sizeof(data), self->out, &self->len));
}

static const struct {
	const char *line;
	ck_mechanism_type_t type;
	unsigned long size;
} macs[] = {
	{ "new alg=hmac-sha256 for=mac,verify", CKM_SHA256_HMAC, 32 },
	{ "new alg=hmac-sha384 for=mac,verify", CKM_SHA384_HMAC, 48 },
	{ "new alg=hmac-sha512 for=mac,verify", CKM_SHA512_HMAC, 64 },
};

/* Shows: PT-36, PT-37. The result is compared with that of keyctl(2). */
TEST_F(use, mac)
{
	static uint8_t data[MAC_DATA_MAX + 1];
	uint8_t expected[64];
	ck_object_handle_t key;
	key_serial_t serial;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(macs); i++) {
		const struct pkey_call call = {
			KEYCTL_PKEY_SIGN, serial = token_add_mac("m", macs[i].line),
			"", data, MAC_DATA_MAX, expected, macs[i].size,
		};

		ASSERT_EQ(macs[i].size, pkey_do(&call));
		key = token_only(self->session, CKO_SECRET_KEY);
		self->len = sizeof(self->out);
		ASSERT_EQ(CKR_OK, sign(self->session, macs[i].type, key, data,
				       MAC_DATA_MAX, self->out, &self->len));
		EXPECT_EQ(macs[i].size, self->len);
		EXPECT_EQ(0, memcmp(self->out, expected, self->len));
		EXPECT_EQ(CKR_OK, verify(self->session, macs[i].type, key, data,
					 MAC_DATA_MAX, expected, self->len));
		self->out[0] ^= 1;
		EXPECT_EQ(CKR_SIGNATURE_INVALID,
			  verify(self->session, macs[i].type, key, data,
				 MAC_DATA_MAX, self->out, self->len));
		EXPECT_EQ(CKR_SIGNATURE_LEN_RANGE,
			  verify(self->session, macs[i].type, key, data,
				 MAC_DATA_MAX, self->out, self->len - 1));
		EXPECT_EQ(CKR_DATA_LEN_RANGE,
			  sign(self->session, macs[i].type, key, data,
			       MAC_DATA_MAX + 1, self->out, &self->len));
	}
}

/* Shows: PT-36. */
TEST_F(use, mac_in_parts)
{
	static uint8_t data[MAC_DATA_MAX];
	uint8_t whole[32];
	ck_object_handle_t key;
	unsigned long at, len = sizeof(whole);

	for (at = 0; at < sizeof(data); at++)
		data[at] = at;
	ASSERT_LT(0, token_add_mac("m", macs[0].line));
	key = token_only(self->session, CKO_SECRET_KEY);
	ASSERT_EQ(CKR_OK, sign(self->session, CKM_SHA256_HMAC, key, data,
			       sizeof(data), whole, &len));
	ASSERT_EQ(CKR_OK, begin(p11->C_SignInit, self->session, CKM_SHA256_HMAC,
				key));
	for (at = 0; at < sizeof(data); at += 1024)
		ASSERT_EQ(CKR_OK, p11->C_SignUpdate(self->session, data + at,
						    1024));
	ASSERT_EQ(CKR_OK, p11->C_SignUpdate(self->session, NULL, 0));
	ASSERT_EQ(CKR_OK, p11->C_SignFinal(self->session, self->out,
					   &self->len));
	EXPECT_EQ(0, memcmp(whole, self->out, sizeof(whole)));
	ASSERT_EQ(CKR_OK, begin(p11->C_VerifyInit, self->session,
				CKM_SHA256_HMAC, key));
	ASSERT_EQ(CKR_OK, p11->C_VerifyUpdate(self->session, data,
					      sizeof(data)));
	EXPECT_EQ(CKR_DATA_LEN_RANGE,
		  p11->C_VerifyUpdate(self->session, data, 1));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_VerifyFinal(self->session, whole, sizeof(whole)));
}

/* Shows: PT-38. */
TEST_F(use, encryption)
{
	uint8_t text[PKEY_RSA_BYTES], cipher[PKEY_RSA_BYTES];
	unsigned long len = sizeof(text);

	ASSERT_EQ(CKR_OK, begin(p11->C_EncryptInit, self->session, CKM_RSA_PKCS,
				self->public));
	ASSERT_EQ(CKR_OK, p11->C_Encrypt(self->session, TEXT, TEXT_LEN,
					 self->out, &self->len));
	ASSERT_EQ(TEXT_LEN, openssl_crypts(self->openssl, false,
					   RSA_PKCS1_PADDING, self->out,
					   self->len, text));
	EXPECT_EQ(0, memcmp(text, TEXT, TEXT_LEN));
	ASSERT_EQ(sizeof(cipher), openssl_crypts(self->openssl, true,
						 RSA_PKCS1_PADDING, TEXT,
						 TEXT_LEN, cipher));
	ASSERT_EQ(CKR_OK, begin(p11->C_DecryptInit, self->session, CKM_RSA_PKCS,
				self->private));
	ASSERT_EQ(CKR_OK, p11->C_Decrypt(self->session, cipher, sizeof(cipher),
					 text, &len));
	ASSERT_EQ(TEXT_LEN, len);
	EXPECT_EQ(0, memcmp(text, TEXT, TEXT_LEN));

	begin(p11->C_EncryptInit, self->session, CKM_RSA_PKCS, self->public);
	EXPECT_EQ(CKR_DATA_LEN_RANGE,
		  p11->C_Encrypt(self->session, cipher,
				 PKEY_RSA_BYTES - PKEY_PADDING + 1, self->out,
				 &self->len));
	begin(p11->C_DecryptInit, self->session, CKM_RSA_PKCS, self->private);
	EXPECT_EQ(CKR_ENCRYPTED_DATA_LEN_RANGE,
		  p11->C_Decrypt(self->session, cipher, 255, text, &len));
	cipher[200] ^= 1;
	len = sizeof(text);
	begin(p11->C_DecryptInit, self->session, CKM_RSA_PKCS, self->private);
	EXPECT_EQ(CKR_ENCRYPTED_DATA_INVALID,
		  p11->C_Decrypt(self->session, cipher, 256, text, &len));
}

/* Shows: PT-39, PT-32. */
TEST_F(use, raw)
{
	uint8_t number[PKEY_RSA_BYTES] = { 0, 1, 2, 3 }, out[PKEY_RSA_BYTES];
	unsigned long len = sizeof(out);

	ASSERT_EQ(CKR_OK, p11->C_Finalize(NULL));
	ASSERT_TRUE(token_config("raw-rsa\n"));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	self->session = token_open(SLOT_SESSION, SERIAL_WAY);
	EXPECT_TRUE(has_mechanism(CKM_RSA_X_509));
	ASSERT_EQ(CKR_OK, sign(self->session, CKM_RSA_X_509, self->private,
			       number + 1, sizeof(number) - 1, self->out,
			       &self->len));
	EXPECT_EQ(PKEY_RSA_BYTES, self->len);
	ASSERT_EQ(PKEY_RSA_BYTES, openssl_crypts(self->openssl, true,
						 RSA_NO_PADDING, self->out,
						 self->len, out));
	EXPECT_EQ(0, memcmp(out, number, sizeof(number)));
	EXPECT_EQ(CKR_OK, verify(self->session, CKM_RSA_X_509, self->public,
				 number + 1, sizeof(number) - 1, self->out,
				 self->len));
	number[255] ^= 1;
	EXPECT_EQ(CKR_SIGNATURE_INVALID,
		  verify(self->session, CKM_RSA_X_509, self->public, number,
			 sizeof(number), self->out, self->len));
	ASSERT_EQ(CKR_OK, begin(p11->C_EncryptInit, self->session,
				CKM_RSA_X_509, self->public));
	ASSERT_EQ(CKR_OK, p11->C_Encrypt(self->session, number, sizeof(number),
					 self->out, &self->len));
	ASSERT_EQ(CKR_OK, begin(p11->C_DecryptInit, self->session,
				CKM_RSA_X_509, self->private));
	ASSERT_EQ(CKR_OK, p11->C_Decrypt(self->session, self->out, self->len,
					 out, &len));
	EXPECT_EQ(PKEY_RSA_BYTES, len);
	EXPECT_EQ(0, memcmp(out, number, sizeof(number)));
}

/* Shows: PT-40. */
TEST_F(use, room)
{
	uint8_t cipher[PKEY_RSA_BYTES], text[PKEY_RSA_BYTES];
	unsigned long len = 0;

	begin(p11->C_SignInit, self->session, CKM_SHA256_RSA_PKCS,
	      self->private);
	EXPECT_EQ(CKR_OK, p11->C_Sign(self->session, TEXT, TEXT_LEN, NULL,
				      &len));
	EXPECT_EQ(PKEY_RSA_BYTES, len);
	len--;
	EXPECT_EQ(CKR_BUFFER_TOO_SMALL,
		  p11->C_Sign(self->session, TEXT, TEXT_LEN, self->out, &len));
	EXPECT_EQ(PKEY_RSA_BYTES, len);
	EXPECT_EQ(CKR_OK, p11->C_Sign(self->session, TEXT, TEXT_LEN, self->out,
				      &len));
	EXPECT_TRUE(openssl_verifies(self->openssl, EVP_sha256(), TEXT, TEXT_LEN,
				     self->out, len));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_Sign(self->session, TEXT, TEXT_LEN, self->out, &len));

	begin(p11->C_SignInit, self->session, CKM_SHA256_RSA_PKCS,
	      self->private);
	ASSERT_EQ(CKR_OK, p11->C_SignUpdate(self->session, TEXT, TEXT_LEN));
	EXPECT_EQ(CKR_OK, p11->C_SignFinal(self->session, NULL, &len));
	len = 1;
	EXPECT_EQ(CKR_BUFFER_TOO_SMALL,
		  p11->C_SignFinal(self->session, self->out, &len));
	EXPECT_EQ(CKR_OK, p11->C_SignFinal(self->session, self->out, &len));
	EXPECT_TRUE(openssl_verifies(self->openssl, EVP_sha256(), TEXT, TEXT_LEN,
				     self->out, len));

	openssl_crypts(self->openssl, true, RSA_PKCS1_PADDING, TEXT, TEXT_LEN,
		       cipher);
	begin(p11->C_DecryptInit, self->session, CKM_RSA_PKCS, self->private);
	EXPECT_EQ(CKR_OK, p11->C_Decrypt(self->session, cipher, 256, NULL,
					 &len));
	EXPECT_EQ(PKEY_RSA_BYTES, len);
	len = TEXT_LEN - 1;
	memset(text, 0x5a, sizeof(text));
	EXPECT_EQ(CKR_BUFFER_TOO_SMALL,
		  p11->C_Decrypt(self->session, cipher, 256, text, &len));
	EXPECT_EQ(0x5a, text[0]);
	EXPECT_EQ(TEXT_LEN, len);
	EXPECT_EQ(CKR_OK, p11->C_Decrypt(self->session, cipher, 256, text,
					 &len));
	EXPECT_EQ(0x5a, text[TEXT_LEN]);
}

/* Shows: PT-41. */
TEST_F(use, operations)
{
	struct cryptoki_interface *found;
	struct cryptoki_functions_3_0 *p3;

	ASSERT_EQ(CKR_OK, TOKEN_SYMBOL(C_GetInterface)(NULL, NULL, &found, 0));
	p3 = found->functions;
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_Sign(self->session, TEXT, 1, self->out, &self->len));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_SignUpdate(self->session, TEXT, 1));
	ASSERT_EQ(CKR_OK, begin(p11->C_SignInit, self->session, CKM_RSA_PKCS,
				self->private));
	EXPECT_EQ(CKR_OPERATION_ACTIVE,
		  begin(p11->C_SignInit, self->session, CKM_RSA_PKCS,
			self->private));
	/* Other operations can be active at the same time. */
	EXPECT_EQ(CKR_OK, begin(p11->C_VerifyInit, self->session, CKM_RSA_PKCS,
				self->public));
	EXPECT_EQ(CKR_OK, begin(p11->C_EncryptInit, self->session, CKM_RSA_PKCS,
				self->public));
	EXPECT_EQ(CKR_OK, begin(p11->C_DecryptInit, self->session, CKM_RSA_PKCS,
				self->private));
	EXPECT_EQ(CKR_OK, p11->C_FindObjectsInit(self->session, NULL, 0));
	EXPECT_EQ(CKR_OK, p11->C_SignInit(self->session, NULL, 0));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_Sign(self->session, TEXT, 1, self->out, &self->len));
	EXPECT_EQ(CKR_OK, p3->session_cancel(self->session, CKF_DECRYPT |
					     CKF_FIND_OBJECTS));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_Decrypt(self->session, TEXT, 1, self->out, &self->len));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_FindObjectsFinal(self->session));
	EXPECT_EQ(CKR_OK, p11->C_Encrypt(self->session, TEXT, TEXT_LEN,
					 self->out, &self->len));
	EXPECT_EQ(CKR_SIGNATURE_LEN_RANGE,
		  p11->C_Verify(self->session, TEXT, 1, self->out, 1));
}

/* Shows: PT-42. */
TEST_F(use, parts_where_there_are_none)
{
	begin(p11->C_SignInit, self->session, CKM_RSA_PKCS, self->private);
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_SignUpdate(self->session, TEXT, 1));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_SignFinal(self->session, self->out, &self->len));
	begin(p11->C_SignInit, self->session, CKM_RSA_PKCS, self->private);
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_SignFinal(self->session, self->out, &self->len));
	begin(p11->C_EncryptInit, self->session, CKM_RSA_PKCS, self->public);
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_EncryptUpdate(self->session, TEXT, 1, self->out,
				       &self->len));
	begin(p11->C_DecryptInit, self->session, CKM_RSA_PKCS, self->private);
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_DecryptFinal(self->session, self->out, &self->len));
	begin(p11->C_SignInit, self->session, CKM_SHA256_RSA_PKCS,
	      self->private);
	ASSERT_EQ(CKR_OK, p11->C_SignUpdate(self->session, TEXT, 1));
	EXPECT_EQ(CKR_OPERATION_ACTIVE,
		  p11->C_Sign(self->session, TEXT, 1, self->out, &self->len));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_SignUpdate(self->session, TEXT, 1));
}

/* Shows: PT-43. */
TEST_F(use, random)
{
	uint8_t a[4096] = { 0 }, b[4096] = { 0 };

	ASSERT_EQ(CKR_OK, p11->C_GenerateRandom(self->session, a, sizeof(a)));
	ASSERT_EQ(CKR_OK, p11->C_GenerateRandom(self->session, b, sizeof(b)));
	EXPECT_NE(0, memcmp(a, b, sizeof(a)));
	EXPECT_NE(0, memcmp(a + 4000, b + 4000, 96));
	EXPECT_EQ(CKR_RANDOM_SEED_NOT_SUPPORTED,
		  p11->C_SeedRandom(self->session, a, 1));
}

/* Shows: PT-43. */
TEST_F(use, what_is_absent)
{
	struct ck_mechanism mechanism = { CKM_SHA256, NULL, 0 };
	struct cryptoki_interface *found;
	struct cryptoki_functions_3_0 *p3;
	ck_object_handle_t key;
	unsigned int i;

	ASSERT_EQ(CKR_OK, TOKEN_SYMBOL(C_GetInterface)(NULL, NULL, &found, 0));
	p3 = found->functions;
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_DigestInit(self->session, &mechanism));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_SignRecoverInit(self->session, &mechanism,
					 self->private));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_WrapKey(self->session, &mechanism, self->public,
				 self->private, self->out, &self->len));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_DeriveKey(self->session, &mechanism, self->private,
				   NULL, 0, &key));
	EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED,
		  p11->C_GetOperationState(self->session, self->out,
					   &self->len));
	for (i = 0; i < CRYPTOKI_MESSAGE_FUNCTIONS; i++)
		EXPECT_EQ(CKR_FUNCTION_NOT_SUPPORTED, p3->messages[i]());
	EXPECT_EQ(CKR_FUNCTION_NOT_PARALLEL,
		  p11->C_GetFunctionStatus(self->session));
}

/* Shows: PT-44, PT-45. */
TEST_F(use, rights_are_taken_away)
{
	begin(p11->C_SignInit, self->session, CKM_RSA_PKCS, self->private);
	ASSERT_EQ(0, keyctl(KEYCTL_SETPERM, self->serial, 0x21210000));
	EXPECT_EQ(CKR_KEY_FUNCTION_NOT_PERMITTED,
		  p11->C_Sign(self->session, TEXT, 1, self->out, &self->len));
	EXPECT_EQ(CKR_KEY_HANDLE_INVALID,
		  begin(p11->C_SignInit, self->session, CKM_RSA_PKCS,
			self->private));
	ASSERT_EQ(0, keyctl(KEYCTL_SETPERM, self->serial, 0x3f010000));
	EXPECT_EQ(CKR_OK, sign(self->session, CKM_RSA_PKCS, self->private, TEXT,
			       1, self->out, &self->len));
}

/* Shows: PT-44, PT-45. */
TEST_F(use, revoked_in_between)
{
	uint8_t signature[PKEY_RSA_BYTES];

	ASSERT_EQ(CKR_OK, sign(self->session, CKM_RSA_PKCS, self->private, TEXT,
			       1, signature, &self->len));
	begin(p11->C_SignInit, self->session, CKM_SHA256_RSA_PKCS,
	      self->private);
	begin(p11->C_VerifyInit, self->session, CKM_RSA_PKCS, self->public);
	begin(p11->C_EncryptInit, self->session, CKM_RSA_PKCS, self->public);
	begin(p11->C_DecryptInit, self->session, CKM_RSA_PKCS, self->private);
	p11->C_SignUpdate(self->session, TEXT, TEXT_LEN);
	ASSERT_EQ(0, keyctl(KEYCTL_REVOKE, self->serial));
	EXPECT_EQ(CKR_KEY_HANDLE_INVALID,
		  p11->C_SignFinal(self->session, self->out, &self->len));
	EXPECT_EQ(CKR_KEY_HANDLE_INVALID,
		  p11->C_Verify(self->session, TEXT, 1, signature, 256));
	EXPECT_EQ(CKR_KEY_HANDLE_INVALID,
		  p11->C_Encrypt(self->session, TEXT, 1, self->out, &self->len));
	EXPECT_EQ(CKR_KEY_HANDLE_INVALID,
		  p11->C_Decrypt(self->session, signature, 256, self->out,
				 &self->len));
}

TEST_HARNESS_MAIN
