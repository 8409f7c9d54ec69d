// SPDX-License-Identifier: GPL-2.0-only
/* libkeys-pkcs11.so: keys that are objects, and their attributes. */
#include <sys/stat.h>

#include "calls.h"
#include "token.h"

#define SHA1	20
#define FOLDER	"/tmp/keys-pkcs11-certificates"
#define KEYS_SECONDS	300
/* Odd, above all exponents that the module tries, and without a factor of p - 1 */
#define LARGE_EXPONENT	131075

FIXTURE(object)
{
	ck_session_handle_t session;
	EVP_PKEY *openssl;
	key_serial_t pair;
};

FIXTURE_SETUP(object)
{
	TOKEN_SETUP(self->session);
	self->openssl = token_pair_of_openssl();
	ASSERT_NE(NULL, self->openssl);
	self->pair = pkey_add_rsa("pair");
	ASSERT_LT(0, self->pair);
}

FIXTURE_TEARDOWN(object)
{
	EVP_PKEY_free(self->openssl);
}

/* Shows: PT-13. */
TEST_F(object, kinds)
{
	ck_object_handle_t found[FOUND_MAX];
	uint8_t der[CERTIFICATE_MAX];
	int len;

	len = token_certificate(self->openssl, "half", der);
	ASSERT_LT(0, key_add("asymmetric", "half", der, len,
			     KEY_SPEC_SESSION_KEYRING));
	ASSERT_LT(0, token_add_certificate(self->openssl, "cert:web"));
	ASSERT_LT(0, token_add_mac("mac", "new alg=hmac-sha256 for=mac"));
	EXPECT_EQ(1, token_find_class(self->session, CKO_PRIVATE_KEY, found));
	EXPECT_EQ(2, token_find_class(self->session, CKO_PUBLIC_KEY, found));
	EXPECT_EQ(1, token_find_class(self->session, CKO_SECRET_KEY, found));
	EXPECT_EQ(1, token_find_class(self->session, CKO_CERTIFICATE, found));
	EXPECT_EQ(5, token_find(self->session, NULL, 0, found));
}

/* Shows: PT-13. */
TEST_F(object, keys_that_are_none)
{
	ck_object_handle_t found[FOUND_MAX];
	key_serial_t inner, denied;
	uint8_t der[CERTIFICATE_MAX];
	int len;

	ASSERT_EQ(0, keyctl(KEYCTL_UNLINK, self->pair,
			    KEY_SPEC_SESSION_KEYRING));
	len = token_certificate(self->openssl, "web", der);
	ASSERT_LT(0, key_add("user", "secret", "x", 1, KEY_SPEC_SESSION_KEYRING));
	/*
	 * A payload that is no certificate, one with additional bytes, and a
	 * truncated one
	 */
	ASSERT_LT(0, key_add("user", "cert:no", "x", 1, KEY_SPEC_SESSION_KEYRING));
	ASSERT_LT(0, key_add("user", "cert:short", (char *)der, len - 1,
			     KEY_SPEC_SESSION_KEYRING));
	der[len] = 0;
	ASSERT_LT(0, key_add("user", "cert:long", (char *)der, len + 1,
			     KEY_SPEC_SESSION_KEYRING));
	ASSERT_LT(0, key_add("user", "notcert:web", (char *)der, len,
			     KEY_SPEC_SESSION_KEYRING));
	ASSERT_LT(0, token_add_mac("seal",
				   "new alg=xchacha20-poly1305 for=seal"));
	ASSERT_LT(0, token_add_mac("parent", "new alg=hkdf-sha256 for=derive"));
	inner = key_add("keyring", "inner", NULL, 0, KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, inner);
	ASSERT_LT(0, key_add("asymmetric", "deep", pkey_rsa_pkcs8,
			     sizeof(pkey_rsa_pkcs8), inner));
	denied = pkey_add_rsa("denied");
	ASSERT_EQ(0, keyctl(KEYCTL_SETPERM, denied, 0x01010000));
	EXPECT_EQ(0, token_find(self->session, NULL, 0, found));
}

/* Checks that no secret of this user's keys is ever read. */
static bool is_in_memory(const char *secret, size_t len, const char *except)
{
	unsigned long from, to;
	bool found = false;
	char line[512], rights[8];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (fgets(line, sizeof(line), maps)) {
		const char *at, *end;

		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 ||
		    rights[0] != 'r' || strstr(line, "[v"))
			continue;
		at = (const char *)from;
		end = (const char *)to;
		while ((at = memmem(at, end - at, secret, len))) {
			found |= at != secret && at != except;
			at++;
		}
	}
	fclose(maps);
	return found;
}

/* Shows: PT-13, PT-47. */
TEST_F(object, other_payloads_are_not_read)
{
	static char masked[] = "Xtqujw%xjhwjy%sz";
	ck_object_handle_t found[FOUND_MAX];
	char *secret = malloc(sizeof(masked));
	unsigned int i;

	for (i = 0; masked[i]; i++)
		secret[i] = masked[i] - 5;
	secret[i] = '\0';
	ASSERT_LT(0, key_add("user", "password", secret, i,
			     KEY_SPEC_SESSION_KEYRING));
	/* A key with the prefix is read to check that it is a certificate. */
	ASSERT_LT(0, key_add("user", "cert:password", secret, i,
			     KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(2, token_find(self->session, NULL, 0, found));
	EXPECT_FALSE(is_in_memory(secret, i, NULL));
	/* The search returns the existing objects. */
	EXPECT_TRUE(is_in_memory(strdup(secret), i, NULL));
}

/*
 * Gives the module a folder of certificates; @name is the file of one of them.
 */
static bool write_folder(const char *name, const void *data, size_t len)
{
	char path[256];
	FILE *file;
	bool good;

	mkdir(FOLDER, 0755);
	snprintf(path, sizeof(path), FOLDER "/%s", name);
	file = fopen(path, "w");
	good = file && fwrite(data, 1, len, file) == len;
	return file && !fclose(file) && good;
}

/* The same with a certificate of this pair. */
static bool write_certificate(const char *name, EVP_PKEY *pair, const char *subject)
{
	uint8_t der[CERTIFICATE_MAX];
	int len = token_certificate(pair, subject, der);

	return write_folder(name, der, len);
}

/* Shows: PT-14, PT-5, PT-6, PT-17, PT-30. */
TEST_F(object, folder)
{
	EVP_PKEY *other = EVP_RSA_gen(2048);
	ck_object_handle_t found[FOUND_MAX], certificate;
	uint8_t pem[2 * CERTIFICATE_MAX];
	ck_session_handle_t session;
	char label[64] = "";
	X509 *x509;
	BIO *bio;
	int len;

	ASSERT_EQ(0, system("rm -rf " FOLDER));
	ASSERT_TRUE(write_certificate("web.der", self->openssl, "web"));
	ASSERT_TRUE(write_certificate("other.crt", other, "other"));
	ASSERT_TRUE(write_folder("README", "read me", 7));
	x509 = token_make_certificate(self->openssl, "again");
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(bio, x509);
	len = BIO_read(bio, pem, sizeof(pem));
	ASSERT_TRUE(write_folder("web.pem", pem, len));
	ASSERT_EQ(CKR_OK, p11->C_Finalize(NULL));
	ASSERT_TRUE(token_config("certificates " FOLDER "\n"));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	session = token_open(SLOT_SESSION, WRITING);
	EXPECT_EQ(2, token_find_class(session, CKO_CERTIFICATE, found));
	certificate = found[0];
	EXPECT_EQ(7, token_get(session, certificate, CKA_LABEL, label,
			       sizeof(label)));
	EXPECT_STREQ("web.der", label);
	EXPECT_EQ(CK_FALSE, token_flag(session, certificate, CKA_DESTROYABLE));
	EXPECT_EQ(CKR_ACTION_PROHIBITED,
		  p11->C_DestroyObject(session, certificate));
	/* Without the pair the certificate is no object of the slot. */
	ASSERT_EQ(0, keyctl(KEYCTL_UNLINK, self->pair,
			    KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, token_find_class(session, CKO_CERTIFICATE, found));
	EXPECT_EQ(-CKR_OBJECT_HANDLE_INVALID,
		  token_get(session, certificate, CKA_LABEL, NULL, 0));
	/* A private key in the folder is an error. */
	ASSERT_EQ(CKR_OK, p11->C_Finalize(NULL));
	ASSERT_TRUE(write_folder("key.pem", "-----BEGIN PRIVATE KEY-----", 27));
	EXPECT_EQ(CKR_FUNCTION_FAILED, p11->C_Initialize(NULL));
	ASSERT_TRUE(write_folder("key.pem", "nothing", 7));
	EXPECT_EQ(CKR_FUNCTION_FAILED, p11->C_Initialize(NULL));
	EVP_PKEY_free(other);
}

static bool is_encryption(long number, const long *arguments)
{
	return number == __NR_keyctl && arguments[0] == KEYCTL_PKEY_ENCRYPT;
}

/* The module has just found the public numbers of the key. */
static void empty_after_encryption(long number, const long *arguments)
{
	if (!is_encryption(number, arguments))
		return;
	calls_after = NULL;
	keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
}

/*
 * Shows: PT-17, PT-46. The keyring is emptied before the search for a certificate.
 * module_sanitized() of programs.sh makes a mistake certain to be seen.
 */
TEST_F(object, subject_while_emptied)
{
	uint8_t subject[256], *theirs = NULL;
	ck_session_handle_t session;
	ck_object_handle_t key;
	X509 *x509;
	int len;

	ASSERT_EQ(0, system("rm -rf " FOLDER));
	ASSERT_TRUE(write_certificate("web.der", self->openssl, "web"));
	ASSERT_EQ(CKR_OK, p11->C_Finalize(NULL));
	ASSERT_TRUE(token_config("certificates " FOLDER "\n"));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	session = token_open(SLOT_SESSION, WRITING);
	key = token_only(session, CKO_PRIVATE_KEY);
	ASSERT_NE(0, key);
	calls_after = empty_after_encryption;
	len = token_get(session, key, CKA_SUBJECT, subject, sizeof(subject));
	EXPECT_EQ(NULL, calls_after);
	x509 = token_make_certificate(self->openssl, "web");
	ASSERT_EQ(i2d_X509_NAME(X509_get_subject_name(x509), &theirs), len);
	EXPECT_EQ(0, memcmp(subject, theirs, len));
	EXPECT_EQ(-CKR_OBJECT_HANDLE_INVALID,
		  token_get(session, key, CKA_SUBJECT, subject, sizeof(subject)));
	OPENSSL_free(theirs);
	X509_free(x509);
}

/* Each way in which a key ends, and the handle with it. */
static long end_revoke(key_serial_t key)
{
	return keyctl(KEYCTL_REVOKE, key);
}

static long end_invalidate(key_serial_t key)
{
	return keyctl(KEYCTL_INVALIDATE, key);
}

static long end_unlink(key_serial_t key)
{
	return keyctl(KEYCTL_UNLINK, key, KEY_SPEC_SESSION_KEYRING);
}

static long end_expire(key_serial_t key)
{
	long ret = keyctl(KEYCTL_SET_TIMEOUT, key, 1);

	sleep(2);
	return ret;
}

/* Shows: PT-15, PT-45. */
TEST_F(object, ends_with_its_key)
{
	static long (*const ends[])(key_serial_t) = {
		end_revoke, end_invalidate, end_unlink, end_expire,
	};
	struct ck_mechanism mechanism = { CKM_RSA_PKCS, NULL, 0 };
	ck_object_handle_t key, other;
	uint8_t signature[PKEY_RSA_BYTES];
	unsigned long len;
	key_serial_t pair;
	unsigned int i;
	ck_rv_t rv;

	other = token_only(self->session, CKO_PRIVATE_KEY);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		struct ck_attribute label = { CKA_LABEL, "gone", 4 };
		ck_object_handle_t found[FOUND_MAX];

		pair = pkey_add_rsa("gone");
		ASSERT_EQ(2, token_find(self->session, &label, 1, found));
		key = token_flag(self->session, found[0], CKA_SIGN) == 1 ?
			found[0] : found[1];
		ASSERT_EQ(CKR_OK, p11->C_SignInit(self->session, &mechanism,
						  key));
		ASSERT_EQ(0, ends[i](pair));
		len = sizeof(signature);
		rv = p11->C_Sign(self->session, (unsigned char *)"x", 1,
				 signature, &len);
		/* Nobody possesses an unlinked key until it is collected. */
		if (ends[i] == end_unlink && rv == CKR_KEY_FUNCTION_NOT_PERMITTED)
			rv = CKR_KEY_HANDLE_INVALID;
		EXPECT_EQ(CKR_KEY_HANDLE_INVALID, rv);
		EXPECT_EQ(CKR_KEY_HANDLE_INVALID,
			  p11->C_SignInit(self->session, &mechanism, key));
		EXPECT_EQ(-CKR_OBJECT_HANDLE_INVALID,
			  token_get(self->session, key, CKA_LABEL, NULL, 0));
		EXPECT_EQ(0, token_find(self->session, &label, 1, found));
		ASSERT_EQ(CKR_OK, p11->C_SignInit(self->session, &mechanism,
						  other));
		len = sizeof(signature);
		EXPECT_EQ(CKR_OK, p11->C_Sign(self->session,
					      (unsigned char *)"x", 1,
					      signature, &len));
	}
}

/* Shows: PT-15. */
TEST_F(object, handles_that_were_made_up)
{
	ck_object_handle_t key = token_only(self->session, CKO_PRIVATE_KEY);
	ck_session_handle_t elsewhere = token_open(1, SERIAL_WAY);
	int bit;

	EXPECT_EQ(-CKR_OBJECT_HANDLE_INVALID,
		  token_get(elsewhere, key, CKA_LABEL, NULL, 0));
	EXPECT_EQ(-CKR_OBJECT_HANDLE_INVALID,
		  token_get(self->session, 0, CKA_LABEL, NULL, 0));
	for (bit = 0; bit < 64; bit++) {
		ck_object_handle_t other = key ^ 1UL << bit;
		long len = token_get(self->session, other, CKA_CLASS, NULL, 0);

		/*
		 * One bit of the handle turns a private key into the public
		 * one.
		 */
		EXPECT_TRUE(len == -CKR_OBJECT_HANDLE_INVALID ||
			    other == token_only(self->session, CKO_PUBLIC_KEY));
	}
}

static int add_pkcs8(EVP_PKEY *pair, const char *description)
{
	uint8_t *der = NULL;
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pair);
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	int key = key_add("asymmetric", description, der, len,
			  KEY_SPEC_SESSION_KEYRING);

	PKCS8_PRIV_KEY_INFO_free(info);
	OPENSSL_free(der);
	return key;
}

static EVP_PKEY *generate(unsigned int bits, unsigned long exponent)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *pair = NULL;

	BN_set_word(e, exponent);
	EVP_PKEY_keygen_init(context);
	EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits);
	EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e);
	EVP_PKEY_keygen(context, &pair);
	EVP_PKEY_CTX_free(context);
	BN_free(e);
	return pair;
}

/* Is the public key of the object that of OpenSSL? */
static bool has_public_key(ck_session_handle_t session,
			   ck_object_handle_t object, EVP_PKEY *pair)
{
	uint8_t ours[2048], *theirs = NULL;
	int len = i2d_PUBKEY(pair, &theirs);
	bool same = token_get(session, object, CKA_PUBLIC_KEY_INFO, ours,
			      sizeof(ours)) == len && !memcmp(ours, theirs, len);

	OPENSSL_free(theirs);
	return same;
}

/* Shows: PT-16. How long the search for the primes of new keys takes is chance. */
TEST_F_TIMEOUT(object, public_numbers, KEYS_SECONDS)
{
	static const struct {
		unsigned int bits;
		unsigned long exponent;
	} kinds[] = {
		{ 1024, 65537 }, { 1024, 3 }, { 1024, 17 }, { 1536, 65537 },
		{ 1024, 131071 }, { 1024, 99991 }, { 3072, 65537 },
	};
	uint8_t modulus[512], theirs[512], exponent[8];
	ck_object_handle_t key;
	unsigned int i;
	BIGNUM *n;
	long len;

	key = token_only(self->session, CKO_PRIVATE_KEY);
	EXPECT_TRUE(has_public_key(self->session, key, self->openssl));
	len = token_get(self->session, key, CKA_MODULUS, modulus,
			sizeof(modulus));
	ASSERT_EQ(PKEY_RSA_BYTES, len);
	n = NULL;
	EVP_PKEY_get_bn_param(self->openssl, "n", &n);
	BN_bn2bin(n, theirs);
	EXPECT_EQ(0, memcmp(modulus, theirs, len));
	EXPECT_EQ(3, token_get(self->session, key, CKA_PUBLIC_EXPONENT,
			       exponent, sizeof(exponent)));
	EXPECT_EQ(0, memcmp(exponent, "\1\0\1", 3));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct ck_attribute wanted = { CKA_LABEL, "kind", 4 };
		ck_object_handle_t found[FOUND_MAX];
		EVP_PKEY *pair = generate(kinds[i].bits, kinds[i].exponent);

		ASSERT_NE(NULL, pair);
		ASSERT_LT(0, add_pkcs8(pair, "kind"));
		EXPECT_EQ(2, token_find(self->session, &wanted, 1, found)) {
			TH_LOG("%u %lu", kinds[i].bits, kinds[i].exponent);
		}
		EXPECT_TRUE(has_public_key(self->session, found[0], pair));
		EVP_PKEY_free(pair);
	}
}

/*
 * Shows: PT-16. A key with an exponent that the module does not try is no
 * object.
 */
TEST_F(object, exponent_too_large)
{
	struct ck_attribute wanted = { CKA_LABEL, "large", 5 };
	ck_object_handle_t found[FOUND_MAX];
	EVP_PKEY *pair = generate(1024, 131101);

	ASSERT_NE(NULL, pair);
	ASSERT_LT(0, add_pkcs8(pair, "large"));
	EXPECT_EQ(0, token_find(self->session, &wanted, 1, found));
	EXPECT_EQ(2, token_find(self->session, NULL, 0, found));
	EVP_PKEY_free(pair);
}

static unsigned int encryptions;

static int count_encryptions(long number, const long *arguments)
{
	encryptions += is_encryption(number, arguments);
	return 0;
}

/* Returns how many encryptions a search takes. */
static unsigned int search_encrypts(ck_session_handle_t session,
				    struct ck_attribute *wanted, long expected)
{
	ck_object_handle_t found[FOUND_MAX];
	long count;

	encryptions = 0;
	calls_before = count_encryptions;
	count = token_find(session, wanted, wanted ? 1 : 0, found);
	calls_before = NULL;
	return count == expected ? encryptions : UINT_MAX;
}

/*
 * Shows: PT-16. That a key has no numbers that are tried is found out once; and the
 * number of certificates does not matter.
 */
TEST_F(object, numbers_that_are_not_found)
{
	EVP_PKEY *large = generate(1024, LARGE_EXPONENT), *other = generate(1024, 65537);
	struct ck_attribute id = { CKA_ID, "none", 4 };
	ck_session_handle_t session;

	ASSERT_EQ(0, system("rm -rf " FOLDER));
	ASSERT_TRUE(write_certificate("web.der", self->openssl, "web"));
	ASSERT_TRUE(write_certificate("large.der", large, "large"));
	ASSERT_TRUE(write_certificate("other.der", other, "other"));
	ASSERT_EQ(CKR_OK, p11->C_Finalize(NULL));
	ASSERT_TRUE(token_config("certificates " FOLDER "\n"));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	session = token_open(SLOT_SESSION, WRITING);
	ASSERT_LT(0, add_pkcs8(large, "large"));
	ASSERT_LT(0, token_add_certificate(self->openssl, "cert:a"));
	ASSERT_LT(0, token_add_certificate(other, "cert:b"));
	/* Pair, their two certificates, and that without a key */
	EXPECT_LT(20, search_encrypts(session, NULL, 5));
	EXPECT_EQ(2, search_encrypts(session, NULL, 5));
	EXPECT_EQ(2, search_encrypts(session, &id, 0));
	EVP_PKEY_free(large);
	EVP_PKEY_free(other);
}

/* The first encryption tells the keys apart, the later ones find the numbers. */
static int refuse_later_encryptions(long number, const long *arguments)
{
	return is_encryption(number, arguments) && encryptions++ ? ENOMEM : 0;
}

/* Shows: PT-16. */
TEST_F(object, numbers_after_an_error)
{
	ck_object_handle_t found[FOUND_MAX];

	calls_before = refuse_later_encryptions;
	EXPECT_EQ(0, token_find(self->session, NULL, 0, found));
	calls_before = NULL;
	EXPECT_LT(1, encryptions);
	EXPECT_EQ(2, token_find(self->session, NULL, 0, found));
}

/* Shows: PT-17, PT-18. */
TEST_F(object, identifiers)
{
	ck_object_handle_t key, certificate, found[FOUND_MAX];
	uint8_t id[64], expected[64];
	struct ck_attribute wanted;
	ASN1_BIT_STRING *bits;
	X509 *x509;

	/* A similar name, and a different key */
	EVP_PKEY *other = generate(1024, 65537);

	ASSERT_LT(0, token_add_certificate(self->openssl, "cert:a"));
	key = token_only(self->session, CKO_PRIVATE_KEY);
	certificate = token_only(self->session, CKO_CERTIFICATE);
	x509 = token_make_certificate(self->openssl, "web");
	bits = X509_get0_pubkey_bitstr(x509);
	EVP_Digest(bits->data, bits->length, expected, NULL, EVP_sha1(), NULL);
	EXPECT_EQ(SHA1, token_get(self->session, key, CKA_ID, id, sizeof(id)));
	EXPECT_EQ(0, memcmp(id, expected, SHA1));
	EXPECT_EQ(SHA1, token_get(self->session, certificate, CKA_ID, id,
				  sizeof(id)));
	EXPECT_EQ(0, memcmp(id, expected, SHA1));
	wanted = (struct ck_attribute){ CKA_ID, expected, SHA1 };
	ASSERT_LT(0, token_add_certificate(other, "cert:pair"));
	EXPECT_EQ(3, token_find(self->session, &wanted, 1, found));

	/*
	 * The certificate of a pair with an identifier of its own has the same
	 * identifier.
	 */
	ASSERT_EQ(0, keyctl(KEYCTL_UNLINK, self->pair,
			    KEY_SPEC_SESSION_KEYRING));
	ASSERT_LT(0, pkey_add_rsa("my key id=0aff"));
	wanted = (struct ck_attribute){ CKA_ID, "\x0a\xff", 2 };
	EXPECT_EQ(3, token_find(self->session, &wanted, 1, found));
	wanted = (struct ck_attribute){ CKA_LABEL, "my key", 6 };
	EXPECT_EQ(2, token_find(self->session, &wanted, 1, found));
	/* A text that only looks like an identifier is a part of the label. */
	ASSERT_LT(0, pkey_add_rsa("x id=0af"));
	wanted = (struct ck_attribute){ CKA_LABEL, "x id=0af", 8 };
	EXPECT_EQ(2, token_find(self->session, &wanted, 1, found));
	EVP_PKEY_free(other);
	X509_free(x509);
}

/* Shows: PT-18. */
TEST_F(object, identifier_of_a_mac_key)
{
	key_serial_t mac = token_add_mac("mac", "new alg=hmac-sha256 for=mac");
	uint8_t id[64];

	ASSERT_LT(0, mac);
	ASSERT_EQ(4, token_get(self->session,
			       token_only(self->session, CKO_SECRET_KEY),
			       CKA_ID, id, sizeof(id)));
	EXPECT_EQ(mac, id[0] << 24 | id[1] << 16 | id[2] << 8 | id[3]);
}

/* Shows: PT-19. */
TEST_F(object, truth_about_pairs)
{
	ck_object_handle_t private, public;

	private = token_only(self->session, CKO_PRIVATE_KEY);
	public = token_only(self->session, CKO_PUBLIC_KEY);
	EXPECT_EQ(1, token_flag(self->session, private, CKA_SENSITIVE));
	EXPECT_EQ(0, token_flag(self->session, private, CKA_EXTRACTABLE));
	EXPECT_EQ(0, token_flag(self->session, private, CKA_DERIVE));
	EXPECT_EQ(0, token_flag(self->session, private, CKA_UNWRAP));
	EXPECT_EQ(0, token_flag(self->session, private, CKA_MODIFIABLE));
	EXPECT_EQ(0, token_flag(self->session, private, CKA_COPYABLE));
	EXPECT_EQ(1, token_flag(self->session, private, CKA_SIGN));
	EXPECT_EQ(1, token_flag(self->session, private, CKA_DECRYPT));
	EXPECT_EQ(1, token_flag(self->session, public, CKA_VERIFY));
	EXPECT_EQ(1, token_flag(self->session, public, CKA_ENCRYPT));
	EXPECT_EQ(0, token_flag(self->session, public, CKA_WRAP));
	/* Somebody has had the key in memory. */
	EXPECT_EQ(0, token_flag(self->session, private, CKA_LOCAL));
	EXPECT_EQ(0, token_flag(self->session, private, CKA_ALWAYS_SENSITIVE));
	EXPECT_EQ(0, token_flag(self->session, private, CKA_NEVER_EXTRACTABLE));
}

/* Shows: PT-19. */
TEST_F(object, truth_about_mac_keys)
{
	ck_object_handle_t key;

	ASSERT_LT(0, token_add_mac("mac", "new alg=hmac-sha384 for=mac"));
	key = token_only(self->session, CKO_SECRET_KEY);
	EXPECT_EQ(1, token_flag(self->session, key, CKA_SENSITIVE));
	EXPECT_EQ(0, token_flag(self->session, key, CKA_EXTRACTABLE));
	EXPECT_EQ(1, token_flag(self->session, key, CKA_SIGN));
	EXPECT_EQ(0, token_flag(self->session, key, CKA_VERIFY));
	EXPECT_EQ(0, token_flag(self->session, key, CKA_DERIVE));
	EXPECT_EQ(1, token_flag(self->session, key, CKA_LOCAL));
	EXPECT_EQ(1, token_flag(self->session, key, CKA_ALWAYS_SENSITIVE));
	EXPECT_EQ(1, token_flag(self->session, key, CKA_NEVER_EXTRACTABLE));
}

/* Shows: PT-20. */
TEST_F(object, attributes_that_nobody_gets)
{
	static const ck_attribute_type_t secrets[] = {
		CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1,
		CKA_EXPONENT_2, CKA_COEFFICIENT,
	};
	ck_object_handle_t key = token_only(self->session, CKO_PRIVATE_KEY);
	ck_object_class_t class = 0;
	char label[4], room[2];
	struct ck_attribute many[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_PRIME_1, room, sizeof(room) },
		{ CKA_MODULUS, room, sizeof(room) },
		{ CKA_VALUE, NULL, 0 },
		{ CKA_LABEL, label, sizeof(label) },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(secrets); i++)
		EXPECT_EQ(-CKR_ATTRIBUTE_SENSITIVE,
			  token_get(self->session, key, secrets[i], NULL, 0));
	EXPECT_EQ(-CKR_ATTRIBUTE_TYPE_INVALID,
		  token_get(self->session, key, CKA_CERTIFICATE_TYPE, NULL, 0));
	EXPECT_EQ(-CKR_BUFFER_TOO_SMALL,
		  token_get(self->session, key, CKA_MODULUS, room, 2));
	EXPECT_EQ(CKR_ATTRIBUTE_SENSITIVE,
		  p11->C_GetAttributeValue(self->session, key, many,
					   ARRAY_SIZE(many)));
	EXPECT_EQ(CKO_PRIVATE_KEY, class);
	for (i = 1; i < 4; i++)
		EXPECT_EQ(CK_UNAVAILABLE_INFORMATION, many[i].value_len);
	EXPECT_EQ(0, memcmp(label, "pair", 4));
	ASSERT_LT(0, token_add_mac("mac", "new alg=hmac-sha256 for=mac"));
	EXPECT_EQ(-CKR_ATTRIBUTE_SENSITIVE,
		  token_get(self->session,
			    token_only(self->session, CKO_SECRET_KEY),
			    CKA_VALUE, NULL, 0));
}

/* Shows: PT-21. */
TEST_F(object, search)
{
	ck_object_handle_t found[FOUND_MAX];
	ck_object_class_t class = CKO_PRIVATE_KEY;
	struct ck_attribute wanted[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, "b", 1 },
	};
	unsigned long n;

	ASSERT_LT(0, pkey_add_rsa("a"));
	ASSERT_LT(0, pkey_add_rsa("b"));
	EXPECT_EQ(1, token_find(self->session, wanted, 2, found));
	EXPECT_EQ(6, token_find(self->session, NULL, 0, found));
	/* A missing or unreadable attribute matches no object. */
	wanted[1] = (struct ck_attribute){ CKA_VALUE, "", 0 };
	EXPECT_EQ(0, token_find(self->session, wanted, 2, found));
	wanted[1] = (struct ck_attribute){ CKA_PRIME_1, "", 0 };
	EXPECT_EQ(0, token_find(self->session, wanted, 2, found));
	wanted[1] = (struct ck_attribute){ CKA_LABEL, "bb", 1 };
	wanted[1].value_len = 2;
	EXPECT_EQ(0, token_find(self->session, wanted, 2, found));
	EXPECT_EQ(CKR_OK, p11->C_FindObjectsInit(self->session, NULL, 0));
	EXPECT_EQ(CKR_OPERATION_ACTIVE,
		  p11->C_FindObjectsInit(self->session, NULL, 0));
	/* A later key is not found, and each object is returned once. */
	ASSERT_LT(0, pkey_add_rsa("c"));
	EXPECT_EQ(CKR_OK, p11->C_FindObjects(self->session, found, 4, &n));
	EXPECT_EQ(4, n);
	EXPECT_EQ(CKR_OK, p11->C_FindObjects(self->session, found, 4, &n));
	EXPECT_EQ(2, n);
	EXPECT_EQ(CKR_OK, p11->C_FindObjects(self->session, found, 4, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(CKR_OK, p11->C_FindObjectsFinal(self->session));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_FindObjectsFinal(self->session));
	EXPECT_EQ(CKR_OPERATION_NOT_INITIALIZED,
		  p11->C_FindObjects(self->session, found, 4, &n));
}

/* Shows: PT-22. */
TEST_F(object, cannot_be_changed)
{
	ck_object_handle_t key = token_only(self->session, CKO_PRIVATE_KEY);
	struct ck_attribute label = { CKA_LABEL, "x", 1 };
	ck_object_handle_t copy;
	unsigned long size = 0;

	EXPECT_EQ(CKR_ACTION_PROHIBITED,
		  p11->C_SetAttributeValue(self->session, key, &label, 1));
	EXPECT_EQ(CKR_ACTION_PROHIBITED,
		  p11->C_CopyObject(self->session, key, &label, 1, &copy));
	EXPECT_EQ(CKR_OBJECT_HANDLE_INVALID,
		  p11->C_SetAttributeValue(self->session, 1, &label, 1));
	EXPECT_EQ(CKR_OBJECT_HANDLE_INVALID,
		  p11->C_CopyObject(self->session, 1, &label, 1, &copy));
	EXPECT_EQ(CKR_OK, p11->C_GetObjectSize(self->session, key, &size));
	EXPECT_EQ(CK_UNAVAILABLE_INFORMATION, size);
}

TEST_HARNESS_MAIN
