// SPDX-License-Identifier: GPL-2.0-only
/* libkeys-pkcs11.so: functions that make a key, and functions that end one. */
#include <openssl/bn.h>

#include "token.h"

#define NUMBERS		8
#define NUMBER_MAX	512
#define ENTRIES_MAX	24

static const ck_attribute_type_t number_types[NUMBERS] = {
	CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_PRIME_1,
	CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
};

static const char *const number_names[NUMBERS] = {
	"n", "e", "d", "rsa-factor1", "rsa-factor2", "rsa-exponent1",
	"rsa-exponent2", "rsa-coefficient1",
};

/*
 * struct pattern - a template under construction
 * @entries:	its attributes
 * @count:	how many there are
 * @numbers: values that some of them point to
 */
struct pattern {
	struct ck_attribute entries[ENTRIES_MAX];
	unsigned long count;
	uint8_t numbers[NUMBERS][NUMBER_MAX];
};

static unsigned char yes = CK_TRUE, no = CK_FALSE;
static ck_object_class_t private_class = CKO_PRIVATE_KEY;
static ck_object_class_t certificate_class = CKO_CERTIFICATE;
static ck_object_class_t public_class = CKO_PUBLIC_KEY;
static ck_object_class_t secret_class = CKO_SECRET_KEY;
static ck_key_type_t rsa = CKK_RSA, ec = CKK_EC;
static ck_certificate_type_t x509 = CKC_X_509;

static void say(struct pattern *pattern, ck_attribute_type_t type,
		const void *value, unsigned long len)
{
	pattern->entries[pattern->count++] =
		(struct ck_attribute){ type, (void *)value, len };
}

static struct ck_attribute *said(struct pattern *pattern,
				 ck_attribute_type_t type)
{
	unsigned long i;

	for (i = 0; i < pattern->count; i++)
		if (pattern->entries[i].type == type)
			return &pattern->entries[i];
	return NULL;
}

static void unsay(struct pattern *pattern, ck_attribute_type_t type)
{
	struct ck_attribute *entry = said(pattern, type);

	*entry = pattern->entries[--pattern->count];
}

static void say_private(struct pattern *pattern, EVP_PKEY *pair)
{
	int i;

	*pattern = (struct pattern){ .count = 0 };
	say(pattern, CKA_CLASS, &private_class, sizeof(private_class));
	say(pattern, CKA_KEY_TYPE, &rsa, sizeof(rsa));
	say(pattern, CKA_TOKEN, &yes, 1);
	say(pattern, CKA_LABEL, "new", 3);
	for (i = 0; i < NUMBERS; i++) {
		BIGNUM *number = NULL;

		EVP_PKEY_get_bn_param(pair, number_names[i], &number);
		say(pattern, number_types[i], pattern->numbers[i],
		    BN_bn2bin(number, pattern->numbers[i]));
		BN_free(number);
	}
}

static void say_mac(struct pattern *pattern, unsigned long *len)
{
	*pattern = (struct pattern){ .count = 0 };
	say(pattern, CKA_TOKEN, &yes, 1);
	say(pattern, CKA_LABEL, "mac", 3);
	say(pattern, CKA_VALUE_LEN, len, sizeof(*len));
}

FIXTURE(making)
{
	ck_session_handle_t session;
	EVP_PKEY *pair;
	struct pattern pattern;
	uint8_t der[CERTIFICATE_MAX];
	int der_len;
};

FIXTURE_SETUP(making)
{
	TOKEN_SETUP(self->session);
	self->pair = token_pair_of_openssl();
	say_private(&self->pattern, self->pair);
	self->der_len = token_certificate(self->pair, "web", self->der);
}

FIXTURE_TEARDOWN(making)
{
	EVP_PKEY_free(self->pair);
}

static ck_rv_t make(ck_session_handle_t session, struct pattern *pattern,
		    ck_object_handle_t *object)
{
	return p11->C_CreateObject(session, pattern->entries, pattern->count,
				   object);
}

static ck_rv_t make_mac(ck_session_handle_t session, struct pattern *pattern,
			ck_object_handle_t *object)
{
	struct ck_mechanism mechanism = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };

	return p11->C_GenerateKey(session, &mechanism, pattern->entries,
				  pattern->count, object);
}

/* Returns the number of keys in the session keyring. */
static long keys_there(void)
{
	return keyctl(KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, NULL, 0) /
		(long)sizeof(key_serial_t);
}

/* Shows: PT-23, PT-24, PT-29. */
TEST_F(making, import)
{
	struct ck_mechanism mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	uint8_t signature[PKEY_RSA_BYTES];
	unsigned long len = sizeof(signature);
	ck_object_handle_t key;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	/* Attributes that are true anyway may be given. */
	say(&self->pattern, CKA_SENSITIVE, &yes, 1);
	say(&self->pattern, CKA_EXTRACTABLE, &no, 1);
	say(&self->pattern, CKA_PRIVATE, &yes, 1);
	say(&self->pattern, CKA_SIGN, &yes, 1);
	say(&self->pattern, CKA_ID, "\x01\xfe", 2);
	ASSERT_EQ(CKR_OK, make(self->session, &self->pattern, &key));
	EXPECT_EQ(key, token_only(self->session, CKO_PRIVATE_KEY));
	EXPECT_LT(0, keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
			    "asymmetric", "new id=01fe", 0));
	ASSERT_EQ(CKR_OK, p11->C_SignInit(self->session, &mechanism, key));
	ASSERT_EQ(CKR_OK, p11->C_Sign(self->session, (unsigned char *)"x", 1,
				      signature, &len));
	EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, self->pair);
	EXPECT_EQ(1, EVP_DigestVerify(context, signature, len,
				      (unsigned char *)"x", 1));
	EVP_MD_CTX_free(context);
	/* No key is left in the thread keyring, where the key was tried. */
	EXPECT_EQ(0, keyctl(KEYCTL_READ, KEY_SPEC_THREAD_KEYRING, NULL, 0));
}

/* Returns how many bytes of @needle are in this process's memory twice. */
static unsigned int copies(const uint8_t *needle, size_t len)
{
	unsigned long from, to;
	unsigned int found = 0;
	char line[512], rights[8];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (fgets(line, sizeof(line), maps)) {
		const uint8_t *at, *end;

		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 ||
		    rights[0] != 'r' || strstr(line, "[v"))
			continue;
		at = (const uint8_t *)from;
		end = (const uint8_t *)to;
		while ((at = memmem(at, end - at, needle, len))) {
			found++;
			at++;
		}
	}
	fclose(maps);
	return found;
}

/* Shows: PT-23, PT-47. Afterwards there are as many copies as before. */
TEST_F(making, import_leaves_nothing)
{
	const struct ck_attribute *prime = said(&self->pattern, CKA_PRIME_1);
	unsigned int before = copies(prime->value, 32);
	ck_object_handle_t key;

	EXPECT_LT(0, before);
	ASSERT_EQ(CKR_OK, make(self->session, &self->pattern, &key));
	EXPECT_EQ(before, copies(prime->value, 32));
}

/* Shows: PT-24. Each key has one wrong number, which only its use reveals. */
TEST_F(making, wrong_numbers)
{
	ck_object_handle_t key;
	int i;

	for (i = 0; i < NUMBERS; i++) {
		say_private(&self->pattern, self->pair);
		((uint8_t *)said(&self->pattern, number_types[i])->value)[0] ^= 2;
		/* The kernel signs with the other numbers if it has them. */
		if (number_types[i] == CKA_PRIVATE_EXPONENT)
			continue;
		EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
			  make(self->session, &self->pattern, &key)) {
			TH_LOG("%s", number_names[i]);
		}
		EXPECT_EQ(0, keys_there());
		EXPECT_EQ(0, keyctl(KEYCTL_READ, KEY_SPEC_THREAD_KEYRING,
				    NULL, 0));
	}
}

/* Shows: PT-24, PT-29. An invalid key replaces no other key. */
TEST_F(making, failure_replaces_nothing)
{
	ck_object_handle_t key, other;

	ASSERT_EQ(CKR_OK, make(self->session, &self->pattern, &key));
	((uint8_t *)said(&self->pattern, CKA_PRIME_1)->value)[9] ^= 1;
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &other));
	EXPECT_EQ(key, token_only(self->session, CKO_PRIVATE_KEY));
	say_private(&self->pattern, self->pair);
	EXPECT_EQ(CKR_OK, make(self->session, &self->pattern, &other));
	EXPECT_NE(key, other);
	EXPECT_EQ(other, token_only(self->session, CKO_PRIVATE_KEY));
}

static void say_certificate(struct pattern *pattern, const uint8_t *der, int len)
{
	*pattern = (struct pattern){ .count = 0 };
	say(pattern, CKA_CLASS, &certificate_class, sizeof(certificate_class));
	say(pattern, CKA_CERTIFICATE_TYPE, &x509, sizeof(x509));
	say(pattern, CKA_TOKEN, &yes, 1);
	say(pattern, CKA_LABEL, "web", 3);
	say(pattern, CKA_VALUE, der, len);
}

/* Shows: PT-25, PT-29. */
TEST_F(making, certificate)
{
	ck_object_handle_t certificate;
	uint8_t value[CERTIFICATE_MAX];

	say_certificate(&self->pattern, self->der, self->der_len);
	ASSERT_EQ(CKR_OK, make(self->session, &self->pattern, &certificate));
	EXPECT_EQ(certificate, token_only(self->session, CKO_CERTIFICATE));
	EXPECT_EQ(self->der_len, token_get(self->session, certificate,
					   CKA_VALUE, value, sizeof(value)));
	EXPECT_EQ(0, memcmp(value, self->der, self->der_len));
	EXPECT_LT(0, keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
			    "cert:web", 0));
	/* Attributes that the certificate does not determine */
	say(&self->pattern, CKA_SUBJECT, "\x30\0", 2);
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &certificate));
	say_certificate(&self->pattern, self->der, self->der_len - 1);
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &certificate));
}

/* Shows: PT-25. */
TEST_F(making, other_classes)
{
	ck_object_handle_t object;

	said(&self->pattern, CKA_CLASS)->value = &public_class;
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &object));
	said(&self->pattern, CKA_CLASS)->value = &secret_class;
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &object));
	said(&self->pattern, CKA_CLASS)->value = &private_class;
	said(&self->pattern, CKA_KEY_TYPE)->value = &ec;
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &object));
}

/* Shows: PT-26. */
TEST_F(making, mac_keys)
{
	static const unsigned long sizes[] = { 32, 48, 64 };
	unsigned long len = 0;
	ck_object_handle_t key;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		len = sizes[i];
		say_mac(&self->pattern, &len);
		ASSERT_EQ(CKR_OK, make_mac(self->session, &self->pattern, &key));
		EXPECT_EQ(key, token_only(self->session, CKO_SECRET_KEY));
		EXPECT_EQ(1, token_flag(self->session, key, CKA_SIGN));
		EXPECT_EQ(1, token_flag(self->session, key, CKA_VERIFY));
		EXPECT_EQ(8, token_get(self->session, key, CKA_VALUE_LEN, &len,
				       sizeof(len)));
		EXPECT_EQ(sizes[i], len);
	}
	len = 33;
	say_mac(&self->pattern, &len);
	EXPECT_EQ(CKR_KEY_SIZE_RANGE,
		  make_mac(self->session, &self->pattern, &key));
	len = 32;
	say(&self->pattern, CKA_VERIFY, &yes, 1);
	ASSERT_EQ(CKR_OK, make_mac(self->session, &self->pattern, &key));
	EXPECT_EQ(0, token_flag(self->session, key, CKA_SIGN));
	EXPECT_EQ(1, token_flag(self->session, key, CKA_VERIFY));
	said(&self->pattern, CKA_VERIFY)->value = &no;
	say(&self->pattern, CKA_SIGN, &no, 1);
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make_mac(self->session, &self->pattern, &key));
}

/* Shows: PT-27. */
TEST_F(making, no_pairs)
{
	struct ck_mechanism mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	ck_object_handle_t public, private;
	unsigned long bits = 2048;
	struct ck_attribute size = { CKA_MODULUS_BITS, &bits, sizeof(bits) };

	EXPECT_EQ(CKR_MECHANISM_INVALID,
		  p11->C_GenerateKeyPair(self->session, &mechanism, &size, 1,
					 NULL, 0, &public, &private));
	EXPECT_EQ(0, keys_there());
}

/* Shows: PT-28. */
TEST_F(making, templates)
{
	unsigned long len = 32;
	ck_object_handle_t key;
	unsigned int i;

	static const struct {
		ck_attribute_type_t type;
		bool value;
		ck_rv_t rv;
	} lies[] = {
		{ CKA_SENSITIVE, false, CKR_ATTRIBUTE_VALUE_INVALID },
		{ CKA_EXTRACTABLE, true, CKR_ATTRIBUTE_VALUE_INVALID },
		{ CKA_DERIVE, true, CKR_ATTRIBUTE_VALUE_INVALID },
		{ CKA_UNWRAP, true, CKR_ATTRIBUTE_VALUE_INVALID },
		{ CKA_MODIFIABLE, true, CKR_ATTRIBUTE_VALUE_INVALID },
		{ CKA_PRIVATE, false, CKR_ATTRIBUTE_VALUE_INVALID },
		{ CKA_VALUE, true, CKR_ATTRIBUTE_TYPE_INVALID },
		{ CKA_CERTIFICATE_TYPE, true, CKR_ATTRIBUTE_TYPE_INVALID },
		{ CKA_TOKEN, true, CKR_TEMPLATE_INCONSISTENT },
	};
	static const ck_attribute_type_t needed[] = {
		CKA_TOKEN, CKA_LABEL, CKA_MODULUS, CKA_COEFFICIENT, CKA_KEY_TYPE,
		CKA_CLASS,
	};

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		say_private(&self->pattern, self->pair);
		say(&self->pattern, lies[i].type, lies[i].value ? &yes : &no, 1);
		EXPECT_EQ(lies[i].rv, make(self->session, &self->pattern, &key)) {
			TH_LOG("%lx", lies[i].type);
		}
		say_mac(&self->pattern, &len);
		say(&self->pattern, lies[i].type, lies[i].value ? &yes : &no, 1);
		EXPECT_EQ(lies[i].rv,
			  make_mac(self->session, &self->pattern, &key)) {
			TH_LOG("%lx", lies[i].type);
		}
	}
	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		say_private(&self->pattern, self->pair);
		unsay(&self->pattern, needed[i]);
		EXPECT_EQ(CKR_TEMPLATE_INCOMPLETE,
			  make(self->session, &self->pattern, &key)) {
			TH_LOG("%lx", needed[i]);
		}
	}
	say_private(&self->pattern, self->pair);
	said(&self->pattern, CKA_TOKEN)->value = &no;
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &key));
	EXPECT_EQ(0, keys_there());
}

/*
 * Shows: PT-29. Labels that a description cannot contain, or that would be read
 * as more than a label.
 */
TEST_F(making, labels)
{
	static char long_label[1025];
	static const uint8_t long_id[65];
	struct ck_attribute *label;
	unsigned long len = 32;
	ck_object_handle_t key;
	uint8_t id[64];

	memset(long_label, 'x', sizeof(long_label));
	say_private(&self->pattern, self->pair);
	label = said(&self->pattern, CKA_LABEL);
	*label = (struct ck_attribute){ CKA_LABEL, "a\0b", 3 };
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &key));
	*label = (struct ck_attribute){ CKA_LABEL, "", 0 };
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &key));
	*label = (struct ck_attribute){ CKA_LABEL, long_label, 1025 };
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &key));
	label->value_len = 1024;
	EXPECT_EQ(CKR_OK, make(self->session, &self->pattern, &key));
	say(&self->pattern, CKA_ID, long_id, 65);
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make(self->session, &self->pattern, &key));
	said(&self->pattern, CKA_ID)->value_len = 64;
	EXPECT_EQ(CKR_OK, make(self->session, &self->pattern, &key));

	/* A label that ends like an identifier is returned unchanged, too. */
	say_private(&self->pattern, self->pair);
	*said(&self->pattern, CKA_LABEL) =
		(struct ck_attribute){ CKA_LABEL, "k id=ff", 7 };
	ASSERT_EQ(CKR_OK, make(self->session, &self->pattern, &key));
	EXPECT_EQ(7, token_get(self->session, key, CKA_LABEL, id, sizeof(id)));
	EXPECT_EQ(20, token_get(self->session, key, CKA_ID, id, sizeof(id)));
	say_mac(&self->pattern, &len);
	*said(&self->pattern, CKA_LABEL) =
		(struct ck_attribute){ CKA_LABEL, "k id=ff", 7 };
	EXPECT_EQ(CKR_ATTRIBUTE_VALUE_INVALID,
		  make_mac(self->session, &self->pattern, &key));
}

/* Shows: PT-30. */
TEST_F(making, destroy)
{
	ck_object_handle_t key, public;
	key_serial_t pair = pkey_add_rsa("pair");

	ASSERT_EQ(0, keyctl(KEYCTL_LINK, pair, KEY_SPEC_PROCESS_KEYRING));
	key = token_only(self->session, CKO_PRIVATE_KEY);
	public = token_only(self->session, CKO_PUBLIC_KEY);
	EXPECT_EQ(0, token_flag(self->session, public, CKA_DESTROYABLE));
	EXPECT_EQ(CKR_ACTION_PROHIBITED,
		  p11->C_DestroyObject(self->session, public));
	EXPECT_EQ(1, token_flag(self->session, key, CKA_DESTROYABLE));
	EXPECT_EQ(CKR_OK, p11->C_DestroyObject(self->session, key));
	EXPECT_EQ(CKR_OBJECT_HANDLE_INVALID,
		  p11->C_DestroyObject(self->session, key));
	EXPECT_EQ(0, keys_there());
	/* Another keyring may still have the key. */
	EXPECT_LT(0, keyctl(KEYCTL_DESCRIBE, pair, NULL, 0));
}

/* Shows: PT-30. */
TEST_F(making, destroy_by_revoking)
{
	key_serial_t pair = pkey_add_rsa("pair");
	ck_session_handle_t session;

	ASSERT_EQ(0, keyctl(KEYCTL_LINK, pair, KEY_SPEC_PROCESS_KEYRING));
	ASSERT_EQ(CKR_OK, p11->C_Finalize(NULL));
	ASSERT_TRUE(token_config("destroy revoke\n"));
	ASSERT_EQ(CKR_OK, p11->C_Initialize(NULL));
	session = token_open(SLOT_SESSION, WRITING);
	EXPECT_EQ(CKR_OK, p11->C_DestroyObject(session,
					       token_only(session, CKO_PRIVATE_KEY)));
	EXPECT_EQ(-EKEYREVOKED, keyctl(KEYCTL_DESCRIBE, pair, NULL, 0));
	EXPECT_EQ(0, keys_there());
}

/* Shows: PT-31. */
TEST_F(making, session_that_only_reads)
{
	ck_session_handle_t session = token_open(SLOT_SESSION, SERIAL_WAY);
	ck_object_handle_t key, pair;
	unsigned long len = 32;

	EXPECT_EQ(CKR_SESSION_READ_ONLY, make(session, &self->pattern, &key));
	say_mac(&self->pattern, &len);
	EXPECT_EQ(CKR_SESSION_READ_ONLY,
		  make_mac(session, &self->pattern, &key));
	EXPECT_EQ(0, keys_there());
	ASSERT_LT(0, pkey_add_rsa("pair"));
	pair = token_only(session, CKO_PRIVATE_KEY);
	EXPECT_EQ(CKR_SESSION_READ_ONLY, p11->C_DestroyObject(session, pair));
	EXPECT_EQ(pair, token_only(session, CKO_PRIVATE_KEY));
}

/* Shows: PT-44. */
TEST_F(making, keyring_that_takes_nothing)
{
	ck_object_handle_t key;
	unsigned long len = 32;

	ASSERT_EQ(0, keyctl(KEYCTL_SETPERM, KEY_SPEC_SESSION_KEYRING,
			    0x0b0b0000));
	EXPECT_EQ(CKR_TOKEN_WRITE_PROTECTED,
		  make(self->session, &self->pattern, &key));
	say_mac(&self->pattern, &len);
	EXPECT_EQ(CKR_TOKEN_WRITE_PROTECTED,
		  make_mac(self->session, &self->pattern, &key));
	say_certificate(&self->pattern, self->der, self->der_len);
	EXPECT_EQ(CKR_TOKEN_WRITE_PROTECTED,
		  make(self->session, &self->pattern, &key));
	EXPECT_EQ(0, keys_there());
}

TEST_HARNESS_MAIN
