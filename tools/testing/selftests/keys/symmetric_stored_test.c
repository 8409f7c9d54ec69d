// SPDX-License-Identifier: GPL-2.0-only
/* Keys of type "symmetric" that are given as bytes, sealed and loaded. */
#include "../kselftest_harness.h"
#include "symmetric.h"
#include "symmetric_crypto.h"
#include "trusted.h"

#define FORM_MAX	768
/* The nonce, a key of 32 bytes and the tag, in hex */
#define BOX_DIGITS	(2 * (24 + 32 + 16))

#define KEEPER		"new alg=xchacha20-poly1305 for=wrap,unwrap"
#define MAC_KEY		"alg=hmac-sha256 for=mac,verify"
#define BYTES		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

FIXTURE(stored)
{
	key_serial_t keeper;
	key_serial_t key;
	char form[FORM_MAX];
};

static long read_form(key_serial_t key, char form[FORM_MAX])
{
	long len = key_read(key, form, FORM_MAX - 1);

	form[len < 0 || len >= FORM_MAX ? 0 : len] = '\0';
	return len;
}

FIXTURE_SETUP(stored)
{
	REQUIRE_SYMMETRIC();
	self->keeper = sym_add("keeper", KEEPER);
	if (self->keeper == -EINVAL)
		SKIP(return, "needs CONFIG_SYMMETRIC_KEYS_STORED");
	ASSERT_LT(0, self->keeper);
	self->key = sym_add("key", "new " MAC_KEY " label=a sealed-by=%d",
			    self->keeper);
	ASSERT_LT(0, self->key);
	ASSERT_LT(0, read_form(self->key, self->form));
}

FIXTURE_TEARDOWN(stored)
{
}

static key_serial_t load(key_serial_t keeper, const char *form,
			 const char *words)
{
	static int loads;
	char name[16];

	snprintf(name, sizeof(name), "load%d", loads++);
	return sym_add(name, "load by=%d blob=%s %s", keeper, form, words);
}

#define EXPECTED	"label=a " MAC_KEY

/* Shows: SY-72. Keys from given bytes, compared with OpenSSL. */
TEST_F(stored, raw)
{
	uint8_t bytes[32], mac[32], want[CRYPTO_KEY_MAX];
	key_serial_t key = sym_add("raw", "raw keyhex=" BYTES " " MAC_KEY);
	struct keyctl_pkey_query query;
	key_serial_t parent, child;

	ASSERT_LT(0, key);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	ASSERT_EQ(32, sym_mac(key, "abc", 3, mac, sizeof(mac)));
	crypto_hmac(256, bytes, sizeof(bytes), "abc", 3, want);
	EXPECT_EQ(0, memcmp(mac, want, sizeof(mac)));
	ASSERT_EQ(0, sym_query(key, &query));
	EXPECT_EQ(SYMMETRIC_ORIGIN_OUTSIDE,
		  query.__spare[SYMMETRIC_QUERY_ORIGIN]);

	parent = sym_add("parent", "raw keyhex=" BYTES BYTES " alg=hkdf-sha512 for=derive");
	ASSERT_LT(0, parent);
	child = sym_add("child", "derive from=%d label=x " MAC_KEY, parent);
	ASSERT_EQ(0, sym_query(child, &query));
	EXPECT_EQ(SYMMETRIC_ORIGIN_OUTSIDE,
		  query.__spare[SYMMETRIC_QUERY_ORIGIN]);
}

/*
 * Shows: SY-72, SY-73, SY-74, SY-77, SY-7. Lines with too many or missing
 * words.
 */
TEST_F(stored, lines)
{
	static const char * const wrong[] = {
		"raw " MAC_KEY,
		"raw keyhex= " MAC_KEY,
		"raw keyhex=" BYTES "0 " MAC_KEY,
		"raw keyhex=" BYTES "00 " MAC_KEY,
		"raw keyhex=00 " MAC_KEY,
		"raw keyhex=" BYTES BYTES BYTES " alg=hkdf-sha512 for=derive",
		"raw keyhex=" BYTES " size=32 alg=hkdf-sha512 for=derive",
		"raw keyhex=" BYTES " keyhex=" BYTES " " MAC_KEY,
		"raw keyhex=" BYTES " label=a " MAC_KEY,
		"new keyhex=" BYTES " " MAC_KEY,
		"new label=a " MAC_KEY,
		"new alg=xchacha20-poly1305 for=wrap,seal",
		"new alg=hmac-sha256 for=wrap",
		"new sealed-by=1 " MAC_KEY,
		"new sealed-by=0 label=a " MAC_KEY,
		"new by=1 label=a " MAC_KEY,
		"load blob=00 label=a " MAC_KEY,
		"load by=1 label=a " MAC_KEY,
		"load by=1 blob=0 label=a " MAC_KEY,
		"load by=1 blob=00 " MAC_KEY,
		"load by=1 blob=00 label=a alg=hmac-sha256",
		"load by=1 blob=00 label=a for=mac",
		"load by=1 blob=00 label=a size=32 " MAC_KEY,
		"load by=1 blob=00 label=a sealed-by=1 " MAC_KEY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, sym_add("x", "%s", wrong[i])) {
			TH_LOG("%s", wrong[i]);
		}
	}
	EXPECT_EQ(-EINVAL, sym_add("x", "view of=%d for=mac sealed-by=%d",
				   self->key, self->keeper));
}

/*
 * Shows: SY-77, SY-81. A loaded key computes the same as the original, however
 * often it is loaded.
 */
TEST_F(stored, load)
{
	key_serial_t one = load(self->keeper, self->form, EXPECTED);
	key_serial_t two = load(self->keeper, self->form, EXPECTED);

	ASSERT_LT(0, one);
	ASSERT_LT(0, two);
	EXPECT_EQ(0, sym_differ(self->key, one));
	EXPECT_EQ(0, sym_differ(one, two));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(0, sym_works(one));
	ASSERT_EQ(0, key_revoke(one));
	EXPECT_EQ(0, sym_differ(two, load(self->keeper, self->form, EXPECTED)));
	ASSERT_EQ(0, key_revoke(self->keeper));
	EXPECT_EQ(-EKEYREVOKED, load(self->keeper, self->form, EXPECTED));
	EXPECT_EQ(0, sym_works(two));
}

/*
 * Shows: SY-77, SY-80. A loaded key has its algorithm and volume again, for
 * every algorithm.
 */
TEST_F(stored, kinds)
{
	static const struct {
		const char *words;
		uint32_t alg;
		uint32_t uses;
	} kinds[] = {
		{ "alg=hmac-sha512 for=mac", SYMMETRIC_ALG_HMAC_SHA512,
		  SYMMETRIC_USE_MAC },
		{ "alg=xchacha20-poly1305 for=seal,open",
		  SYMMETRIC_ALG_XCHACHA20_POLY1305,
		  SYMMETRIC_USE_SEAL | SYMMETRIC_USE_OPEN },
		{ "alg=xchacha20-poly1305 for=unwrap",
		  SYMMETRIC_ALG_XCHACHA20_POLY1305, SYMMETRIC_USE_UNWRAP },
		{ "alg=hkdf-sha256 for=derive", SYMMETRIC_ALG_HKDF_SHA256,
		  SYMMETRIC_USE_DERIVE },
		{ "alg=xchacha20,aes-adiantum-plain64 for=dm-crypt "
			"uuid=00112233445566778899aabbccddeeff",
		  SYMMETRIC_ALG_XCHACHA20_ADIANTUM_PLAIN64,
		  SYMMETRIC_USE_DM_CRYPT },
	};
	/* The longest label */
	static const char label[] = "label=01234567890123456789012345678901"
				    "23456789012345678901234567890123";
	struct keyctl_pkey_query query, again;
	char form[FORM_MAX], words[256];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		key_serial_t key = sym_add("kind", "new %s sealed-by=%d %s",
					   label, self->keeper, kinds[i].words);
		key_serial_t loaded;

		ASSERT_LT(0, key) {
			TH_LOG("%s", kinds[i].words);
		}
		ASSERT_LT(0, read_form(key, form));
		snprintf(words, sizeof(words), "%s %s", kinds[i].words, label);
		loaded = load(self->keeper, form, words);
		ASSERT_LT(0, loaded) {
			TH_LOG("%s", kinds[i].words);
		}
		ASSERT_EQ(0, sym_query(key, &query));
		ASSERT_EQ(0, sym_query(loaded, &again));
		EXPECT_EQ(0, memcmp(&query, &again, sizeof(query)));
		EXPECT_EQ(kinds[i].alg, again.__spare[SYMMETRIC_QUERY_ALG]);
		EXPECT_EQ(kinds[i].uses, again.__spare[SYMMETRIC_QUERY_USES]);
		EXPECT_EQ(SYMMETRIC_ORIGIN_INSIDE,
			  again.__spare[SYMMETRIC_QUERY_ORIGIN]);
	}
}

/*
 * Shows: SY-80. A key whose bytes somebody knows does not become one of origin
 * "inside" by being sealed and loaded.
 */
TEST_F(stored, origin)
{
	struct keyctl_pkey_query query;
	char form[FORM_MAX];
	key_serial_t key;

	key = sym_add("raw", "raw keyhex=" BYTES " " MAC_KEY " label=a sealed-by=%d",
		      self->keeper);
	ASSERT_LT(0, key);
	ASSERT_LT(0, read_form(key, form));
	key = load(self->keeper, form, EXPECTED);
	ASSERT_EQ(0, sym_query(key, &query));
	EXPECT_EQ(SYMMETRIC_ORIGIN_OUTSIDE,
		  query.__spare[SYMMETRIC_QUERY_ORIGIN]);
}

/* Shows: SY-78. A line that differs in any word does not load the key. */
TEST_F(stored, exchanged)
{
	static const char * const others[] = {
		"label=b " MAC_KEY, "label=aa " MAC_KEY, "labelhex=6100 " MAC_KEY,
		"label=a alg=hmac-sha384 for=mac", "label=a alg=hkdf-sha256 for=derive",
		"label=a alg=xchacha20-poly1305 for=seal",
		"label=a alg=xchacha20-poly1305 for=wrap",
		"label=a alg=aes-xts-plain64 for=dm-crypt",
	};
	char form[FORM_MAX];
	key_serial_t key;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		EXPECT_EQ(-EKEYREJECTED,
			  load(self->keeper, self->form, others[i])) {
			TH_LOG("%s", others[i]);
		}
	}
	key = sym_add("wrap", "new alg=xchacha20-poly1305 for=wrap label=a sealed-by=%d",
		      self->keeper);
	ASSERT_LT(0, key);
	ASSERT_LT(0, read_form(key, form));
	EXPECT_EQ(-EKEYREJECTED, load(self->keeper, form,
				      "label=a alg=xchacha20-poly1305 for=open"));
	EXPECT_EQ(-EKEYREJECTED, load(self->keeper, form,
				      "label=a alg=xchacha20-poly1305 for=unwrap"));
	key = sym_add("disk", "new alg=aes-xts-plain64 for=dm-crypt label=a sealed-by=%d "
		"uuid=00112233445566778899aabbccddeeff",
		      self->keeper);
	ASSERT_LT(0, key);
	ASSERT_LT(0, read_form(key, form));
	EXPECT_EQ(-EKEYREJECTED, load(self->keeper, form,
				      "label=a alg=aes-xts-plain64 for=dm-crypt"));
	EXPECT_EQ(-EKEYREJECTED, load(self->keeper, form,
				      "label=a alg=aes-xts-plain64 for=dm-crypt "
				"uuid=00112233445566778899aabbccddee00"));
}

/* Shows: SY-78. A key can be loaded with fewer uses, and never with more. */
TEST_F(stored, uses)
{
	key_serial_t mac = sym_add("mac", "new alg=hmac-sha256 for=mac label=a sealed-by=%d",
				   self->keeper);
	key_serial_t verify = load(self->keeper, self->form,
				   "label=a alg=hmac-sha256 for=verify");
	char form[FORM_MAX];

	ASSERT_LT(0, verify);
	EXPECT_EQ(0, sym_differ(self->key, verify));
	EXPECT_EQ(-EOPNOTSUPP, sym_mac(verify, "a", 1, form, 32));
	ASSERT_LT(0, read_form(mac, form));
	EXPECT_EQ(-EKEYREJECTED, load(self->keeper, form, EXPECTED));
}

/*
 * Shows: SY-79. A sealed form with one changed bit, one digit less, one byte
 * more, or another keeper is refused.
 */
TEST_F(stored, changed)
{
	key_serial_t other = sym_add("other", KEEPER);
	size_t digits = strlen(self->form);
	char form[FORM_MAX + 2];

	EXPECT_EQ(-EBADMSG, load(other, self->form, EXPECTED));
	for (size_t i = 0; i < digits; i++) {
		snprintf(form, sizeof(form), "%s", self->form);
		form[i] = form[i] == '0' ? '1' : '0';
		EXPECT_EQ(-EBADMSG, load(self->keeper, form, EXPECTED)) {
			TH_LOG("digit %zu of %zu", i, digits);
		}
	}
	for (size_t len = 2; len < digits; len += 2) {
		snprintf(form, sizeof(form), "%.*s", (int)len, self->form);
		EXPECT_EQ(-EBADMSG, load(self->keeper, form, EXPECTED));
	}
	snprintf(form, sizeof(form), "%s00", self->form);
	EXPECT_EQ(-EBADMSG, load(self->keeper, form, EXPECTED));
	EXPECT_LT(0, load(self->keeper, self->form, EXPECTED));
}

/*
 * Shows: SY-75. A keeper must be of origin "inside" and have the right use, and
 * the caller must have permission to use it.
 */
TEST_F(stored, keepers)
{
	key_serial_t seal = sym_add("seal", "new alg=xchacha20-poly1305 for=seal,open");
	key_serial_t known = sym_add("known", "raw keyhex=" BYTES " alg=xchacha20-poly1305 "
		"for=wrap,unwrap");
	key_serial_t wrap = sym_add("wrap", "view of=%d for=wrap", self->keeper);
	key_serial_t unwrap = sym_add("unwrap", "view of=%d for=unwrap",
				      self->keeper);
	key_serial_t user = key_add_user("user", "text", 4);
	key_serial_t bad[] = { seal, known, unwrap, user, self->key };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ASSERT_LT(0, bad[i]);
		EXPECT_EQ(-EKEYREJECTED,
			  sym_add("x", "new " MAC_KEY " label=a sealed-by=%d",
				  bad[i])) {
			TH_LOG("%zu", i);
		}
	}
	bad[2] = wrap;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EKEYREJECTED, load(bad[i], self->form, EXPECTED)) {
			TH_LOG("%zu", i);
		}
	}
	EXPECT_LT(0, sym_add("x", "new " MAC_KEY " label=a sealed-by=%d", wrap));
	EXPECT_LT(0, load(unwrap, self->form, EXPECTED));
	EXPECT_EQ(-ENOKEY, load(key_unused_serial(), self->form, EXPECTED));
	ASSERT_EQ(0, key_set_rights(wrap, POSSESSOR(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, sym_add("x", "new " MAC_KEY " label=a sealed-by=%d",
				   wrap));
}

/*
 * Shows: SY-73, SY-74, SY-25. A derived key for another group of uses, and one
 * that can be stored, differ.
 */
TEST_F(stored, children)
{
	key_serial_t parent = sym_add("parent", "new alg=hkdf-sha512 for=derive");
	key_serial_t plain = sym_add("plain", "derive from=%d label=a " MAC_KEY,
				     parent);
	key_serial_t one = sym_add("one", "derive from=%d label=a " MAC_KEY " sealed-by=%d",
				   parent, self->keeper);
	key_serial_t two = sym_add("two", "derive from=%d label=a " MAC_KEY " sealed-by=%d",
				   parent, self->keeper);
	uint8_t blob[SYM_BLOB_EXTRA + 3];
	char form[FORM_MAX];

	EXPECT_EQ(1, sym_differ(plain, one));
	EXPECT_EQ(0, sym_differ(one, two));
	ASSERT_LT(0, read_form(one, form));
	EXPECT_EQ(0, sym_differ(one, load(self->keeper, form, EXPECTED)));

	/*
	 * No call of keyctl(2) makes the keeper seal bytes of the caller's
	 * choice.
	 */
	EXPECT_EQ(-EOPNOTSUPP, sym_seal(self->keeper, "", "abc", 3, blob,
					sizeof(blob)));
	EXPECT_EQ(-EOPNOTSUPP, sym_open(self->keeper, "", blob, sizeof(blob),
					form, 3));
}

/*
 * Shows: SY-79, SY-73. A sealed key cannot be opened as a text, even with a key
 * of the same bytes.
 */
TEST_F(stored, form_as_blob)
{
	key_serial_t parent = sym_add("parent", "new alg=hkdf-sha512 for=derive");
	key_serial_t keeper = sym_add("k", "derive from=%d label=a alg=xchacha20-poly1305 for=wrap",
				      parent);
	key_serial_t opener = sym_add("o", "derive from=%d label=a alg=xchacha20-poly1305 for=open",
				      parent);
	key_serial_t key = sym_add("key", "new " MAC_KEY " label=a sealed-by=%d",
				   keeper);
	uint8_t blob[BOX_DIGITS / 2], text[32];
	char form[FORM_MAX], info[FORM_MAX + 8];
	long len;

	ASSERT_LT(0, key);
	len = read_form(key, form);
	ASSERT_LT(BOX_DIGITS, len);
	for (size_t i = 0; i < sizeof(blob); i++)
		sscanf(form + len - BOX_DIGITS + 2 * i, "%2hhx", &blob[i]);
	snprintf(info, sizeof(info), "aad=%.*s", (int)(len - BOX_DIGITS), form);
	EXPECT_EQ(-EBADMSG, sym_open(opener, info, blob, sizeof(blob), text,
				     sizeof(text)));
}

/*
 * The clear part of the fixture's sealed key, whose layout must never change.
 */
#define CLEAR	"1b6b657920747970652073796d6d6574726963207365616c65642031" \
		"036d6163" "0b686d61632d736861323536" "020020" "00" "0161" \
		"0400000003"

/*
 * Shows: SY-76, SY-80. The parts of a sealed form, in the order of
 * symmetric.rst.
 */
TEST_F(stored, layout)
{
	char form[FORM_MAX];
	key_serial_t key;

	EXPECT_EQ(0, strncmp(CLEAR "0101", self->form, strlen(CLEAR "0101")));
	EXPECT_EQ(strlen(CLEAR "0101") + BOX_DIGITS, strlen(self->form));
	key = sym_add("raw", "raw keyhex=" BYTES " " MAC_KEY
		      " label=a sealed-by=%d", self->keeper);
	ASSERT_LT(0, read_form(key, form));
	EXPECT_EQ(0, strncmp(CLEAR "0100", form, strlen(CLEAR "0100")));
}

/*
 * Shows: SY-74, SY-73, SY-24. OpenSSL opens a sealed form whose keeper was
 * derived from the TPM's key.
 */
TEST_F(stored, openssl)
{
	const struct crypto_child parent = {
		512, "derive", "hkdf-sha512", 64, "forms",
	}, child = {
		512, "wrap", "xchacha20-poly1305", 32, "keeper",
	};
	struct trusted_parent trusted = { .hash = "sha256" };
	uint8_t secret[TRUSTED_MAX], bytes[CRYPTO_KEY_MAX], form[FORM_MAX / 2];
	int tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	key_serial_t key;
	char text[FORM_MAX];
	long len, clear;

	if (tpm < 0 || !tpm2_is_2_0(tpm))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	ASSERT_EQ(0, tpm2_create_primary(tpm, &trusted.handle));
	key = trusted_new("sealed", 64, &trusted);
	ASSERT_LT(0, key);
	ASSERT_EQ(64, trusted_unseal(tpm, &trusted, key, secret));
	key = sym_add("forms", "derive from=%d label=forms alg=hkdf-sha512 for=derive", key);
	key = sym_add("keeper", "derive from=%d label=keeper alg=xchacha20-poly1305 for=wrap",
		      key);
	ASSERT_LT(0, key);
	key = sym_add("raw", "raw keyhex=" BYTES " " MAC_KEY
		      " label=a sealed-by=%d", key);
	ASSERT_LT(0, key);
	ASSERT_LT(0, read_form(key, text));

	crypto_child(&parent, secret, 64, bytes);
	memcpy(secret, bytes, 64);
	crypto_child(&child, secret, 64, bytes);
	len = hex_decode(text, strlen(text), form);
	clear = len - BOX_DIGITS / 2;
	ASSERT_LT(0, clear);
	ASSERT_EQ(32, crypto_open(bytes, form, clear, form + clear,
				  BOX_DIGITS / 2, secret));
	for (int i = 0; i < 32; i++)
		EXPECT_EQ(i, secret[i]);
	EXPECT_EQ(0, tpm2_flush(tpm, trusted.handle));
	close(tpm);
}

static int read_possessed(const void *arg)
{
	char form[FORM_MAX];

	return key_read(*(const key_serial_t *)arg, form, sizeof(form));
}

/*
 * Shows: SY-76, SY-11. Read permission, and not possession, allows reading the
 * sealed form.
 */
TEST_F(stored, read)
{
	char form[FORM_MAX], line[256];
	key_serial_t view = sym_add("view", "view of=%d for=mac", self->key);
	key_serial_t loaded = load(self->keeper, self->form, EXPECTED);
	key_serial_t none = sym_add("none", "new " MAC_KEY);

	EXPECT_EQ((long)strlen(self->form), key_read(self->key, NULL, 0));
	memset(form, 'x', sizeof(form));
	EXPECT_EQ((long)strlen(self->form), key_read(self->key, form, 10));
	EXPECT_EQ('x', form[0]);
	EXPECT_EQ(-EOPNOTSUPP, key_read(view, form, sizeof(form)));
	EXPECT_EQ(-EOPNOTSUPP, key_read(loaded, form, sizeof(form)));
	EXPECT_EQ(-EOPNOTSUPP, key_read(none, form, sizeof(form)));

	key_line(self->key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, ": hmac-sha256 for=mac,verify inside sealed\n"));
	key_line(loaded, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, "inside\n"));

	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_ALL & ~RIGHT_READ)));
	EXPECT_EQ(-EACCES, read_possessed(&self->key));
	EXPECT_EQ(0, sym_works(self->key));
	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_ALL)));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, key_read(self->key, form, sizeof(form)));
}

/* Shows: SY-76. A possessor can read keys of other types, as on the base. */
TEST_F(stored, read_others)
{
	key_serial_t user = key_add_user("user", "text", 4);
	char text[8];

	ASSERT_EQ(0, key_set_rights(user, POSSESSOR(RIGHT_SEARCH)));
	EXPECT_EQ(4, key_read(user, text, sizeof(text)));
}

/* Shows: SY-82. The order of errors. */
TEST_F(stored, errors_in_order)
{
	key_serial_t keeper = sym_add("k", KEEPER);

	EXPECT_EQ(-EINVAL, load(key_unused_serial(), "0", EXPECTED));
	EXPECT_EQ(-ENOKEY, load(key_unused_serial(), "00", EXPECTED));
	EXPECT_EQ(-EKEYREJECTED, load(self->key, "00", EXPECTED));
	EXPECT_EQ(-EBADMSG, load(keeper, "00", EXPECTED));
	EXPECT_EQ(-EBADMSG, load(keeper, self->form, "label=b " MAC_KEY));
	EXPECT_EQ(-EKEYREJECTED,
		  load(self->keeper, self->form, "label=b " MAC_KEY));
	ASSERT_EQ(0, key_revoke(keeper));
	EXPECT_EQ(-EKEYREVOKED, load(keeper, "00", EXPECTED));
}

/* Shows: SY-13. The bytes of a sealed form are charged, and given back. */
TEST_F(stored, quota)
{
	int keys, bytes, without, with;

	quota_settled(geteuid(), &keys, &bytes);
	without = sym_cost("raw keyhex=" BYTES " " MAC_KEY);
	with = sym_cost("raw keyhex=" BYTES " " MAC_KEY " label=a sealed-by=%d",
			self->keeper);
	EXPECT_LE(without + (int)strlen(BYTES) / 2 + (int)strlen(MAC_KEY), with);
	for (int i = 0; i < 20; i++)
		ASSERT_LT(0, sym_add("q", "new " MAC_KEY " label=a sealed-by=%d",
				     self->keeper));
	ASSERT_EQ(0, key_unlink(keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
				       "symmetric", "q", 0),
				KEY_SPEC_SESSION_KEYRING));
	EXPECT_TRUE(quota_returns_to(geteuid(), keys, bytes, 60000));
}

TEST_HARNESS_MAIN
