// SPDX-License-Identifier: GPL-2.0-only
/* Keys of type "symmetric": derived keys and views, compared with OpenSSL. */
#include "../kselftest_harness.h"
#include "symmetric.h"
#include "symmetric_crypto.h"
#include "trusted.h"

#define MASTER_SIZE	32

FIXTURE(derive)
{
	key_serial_t parent;
};

FIXTURE_SETUP(derive)
{
	REQUIRE_SYMMETRIC();
	self->parent = sym_add("parent", "new alg=hkdf-sha512 for=derive");
	ASSERT_LT(0, self->parent);
}

FIXTURE_TEARDOWN(derive)
{
}

/*
 * Each key gets a name of its own, as a second key of one name would displace
 * the first.
 */
static key_serial_t derive(key_serial_t parent, const char *label,
			   const char *what)
{
	static int children;
	char name[16];

	snprintf(name, sizeof(name), "child%d", children++);
	return sym_add(name, "derive from=%d label=%s %s", parent, label,
		       what);
}

#define MAC_KEY	"alg=hmac-sha256 for=mac,verify"

/* Shows: SY-3, SY-5. The same line gives the same key, whatever its name. */
TEST_F(derive, same)
{
	key_serial_t one = derive(self->parent, "a", MAC_KEY), two, hex;

	ASSERT_LT(0, one);
	two = sym_add("other", "derive label=a from=%d for=mac,verify alg=hmac-sha256\n",
		      self->parent);
	hex = sym_add("hex", "derive from=%d labelhex=61 " MAC_KEY,
		      self->parent);
	EXPECT_NE(one, two);
	EXPECT_EQ(0, sym_differ(one, two));
	EXPECT_EQ(0, sym_differ(one, hex));
}

/* Shows: SY-25. Label, algorithm, size and parent: each makes another key. */
TEST_F(derive, unlike)
{
	key_serial_t key = derive(self->parent, "ab", MAC_KEY);
	key_serial_t other = sym_add("other", "new alg=hkdf-sha512 for=derive");

	EXPECT_EQ(0, sym_differ(key, key));
	EXPECT_EQ(1, sym_differ(key, derive(self->parent, "a", MAC_KEY)));
	EXPECT_EQ(1, sym_differ(key, derive(self->parent, "abc", MAC_KEY)));
	EXPECT_EQ(1, sym_differ(key, derive(other, "ab", MAC_KEY)));
	EXPECT_EQ(1, sym_differ(key, sym_add("x", "derive from=%d labelhex=616200 " MAC_KEY,
					     self->parent)));
}

/* Shows: SY-25. The key depends on the group of uses, and not on the subset. */
TEST_F(derive, group)
{
	key_serial_t mac = derive(self->parent, "a", "alg=hmac-sha256 for=mac");
	key_serial_t verify = derive(self->parent, "a",
				     "alg=hmac-sha256 for=verify");

	EXPECT_EQ(0, sym_differ(mac, verify));
}

/*
 * Checks that a key of each kind under @parent equals OpenSSL's derivation from
 * @secret.
 */
struct kind {
	struct crypto_child child;
	const char *words;
};

static const struct kind kinds[] = {
	{ { 0, "mac", "hmac-sha256", 32, "label" }, "alg=hmac-sha256 for=mac" },
	{ { 0, "mac", "hmac-sha384", 48, "label" }, "alg=hmac-sha384 for=mac" },
	{ { 0, "mac", "hmac-sha512", 64, "label" }, "alg=hmac-sha512 for=mac" },
};

/* Returns 0 if the kernel's key equals OpenSSL's, 1 if not. */
static long compare_mac(key_serial_t parent, struct kind kind, int hash,
			const uint8_t *secret, size_t size)
{
	uint8_t bytes[CRYPTO_KEY_MAX], want[CRYPTO_KEY_MAX], mac[SYM_MAC_MAX];
	int bits = 8 * kind.child.size;
	long len = sym_mac(derive(parent, kind.child.label, kind.words), "abc",
			   3, mac, kind.child.size);

	if (len < 0)
		return len;
	kind.child.hash = hash;
	crypto_child(&kind.child, secret, size, bytes);
	crypto_hmac(bits, bytes, kind.child.size, "abc", 3, want);
	return len != (long)kind.child.size || memcmp(mac, want, len);
}

static long compare_blob(key_serial_t parent, int hash, const uint8_t *secret,
			 size_t size)
{
	const struct crypto_child child = {
		hash, "seal", "xchacha20-poly1305", 32, "label",
	};
	uint8_t bytes[CRYPTO_KEY_MAX], blob[SYM_BLOB_EXTRA + 100], text[100];
	key_serial_t key = derive(parent, "label",
				  "alg=xchacha20-poly1305 for=seal");
	long len;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i;
	len = sym_seal(key, "aad=010203", text, sizeof(text), blob,
		       sizeof(blob));
	if (len != (long)sizeof(blob))
		return len;
	crypto_child(&child, secret, size, bytes);
	if (memcmp(text, blob + 24, sizeof(text)) == 0)
		return 1;
	if (crypto_open(bytes, "\1\2\3", 3, blob, sizeof(blob), text) !=
	    (long)sizeof(text))
		return 1;
	for (size_t i = 0; i < sizeof(text); i++)
		if (text[i] != i)
			return 1;
	return 0;
}

/*
 * Shows: SY-22. No other key is a parent, since somebody knows, or could know,
 * its bytes.
 */
TEST_F(derive, not_parents)
{
	uint8_t bytes[64] = { 1 };
	key_serial_t keys[5];

	keys[0] = key_add_user("user", bytes, sizeof(bytes));
	keys[1] = key_add("logon", "a:logon", bytes, sizeof(bytes),
			  KEY_SPEC_SESSION_KEYRING);
	keys[2] = sym_add("mac", "new alg=hmac-sha512 for=mac");
	keys[3] = sym_add("blob", "new alg=xchacha20-poly1305 for=seal");
	keys[4] = keyring_new("ring", KEY_SPEC_SESSION_KEYRING);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		ASSERT_LT(0, keys[i]);
		EXPECT_EQ(-EKEYREJECTED, derive(keys[i], "a", MAC_KEY));
		EXPECT_EQ(-EKEYREJECTED,
			  derive(keys[i], "a", "alg=hkdf-sha512 for=derive"));
	}
}

/*
 * Shows: SY-22. The maker of an encrypted key under a user key knows its bytes.
 */
TEST_F(derive, encrypted_by_user_key)
{
	uint8_t bytes[MASTER_SIZE] = { 1 };
	key_serial_t key;

	ASSERT_LT(0, key_add_user("master", bytes, sizeof(bytes)));
	key = encrypted_new("known", "default", "user:master", 64);
	if (key == -ENODEV)
		SKIP(return, "needs CONFIG_ENCRYPTED_KEYS");
	ASSERT_LT(0, key);
	EXPECT_EQ(-EKEYREJECTED,
		  derive(key, "a", "alg=hkdf-sha512 for=derive"));
}

/* Shows: SY-14. Errors of the parent, and when they are noticed. */
TEST_F(derive, errors_in_order)
{
	key_serial_t none = key_unused_serial();
	key_serial_t mac = sym_add("mac", "new alg=hmac-sha256 for=mac,verify");

	EXPECT_EQ(-EINVAL, derive(none, "a", "alg=hmac-sha256 for=seal"));
	EXPECT_EQ(-ENOKEY, derive(none, "a", MAC_KEY));
	EXPECT_EQ(-ENOKEY, sym_add("x", "view of=%d for=mac", none));
	ASSERT_EQ(0, key_set_rights(mac, OWNER(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, derive(mac, "a", MAC_KEY));
	EXPECT_EQ(-EACCES, sym_add("x", "view of=%d for=mac,verify", mac));
	ASSERT_EQ(0, key_set_rights(mac, OWNER(RIGHT_ALL)));
	EXPECT_EQ(-EKEYREJECTED, derive(mac, "a", MAC_KEY));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=mac,verify", mac));
	ASSERT_EQ(0, key_revoke(mac));
	EXPECT_EQ(-EKEYREVOKED, derive(mac, "a", MAC_KEY));
	EXPECT_EQ(-EKEYREVOKED, sym_add("x", "view of=%d for=mac", mac));

	/* The keyring is looked up before the line is read. */
	EXPECT_EQ(-ENOKEY, key_add("symmetric", "x", "new", 3, none));
}

/* Shows: SY-14. The same holds for an expired parent. */
TEST_F(derive, expired_parent)
{
	ASSERT_EQ(0, key_set_to_expire(self->parent));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(self->parent));
	EXPECT_EQ(-EKEYEXPIRED, derive(self->parent, "a", MAC_KEY));
}

/* Shows: SY-26. A child does not end with its parent. */
TEST_F(derive, child_outlives)
{
	key_serial_t child = derive(self->parent, "a", MAC_KEY);

	ASSERT_LT(0, child);
	ASSERT_EQ(0, key_revoke(self->parent));
	EXPECT_EQ(0, sym_works(child));
	EXPECT_EQ(-EKEYREVOKED, derive(self->parent, "a", MAC_KEY));
}

/* Shows: SY-24, SY-27. A chain of parents with two hashes. */
TEST_F(derive, chain)
{
	key_serial_t middle = derive(self->parent, "middle",
				     "alg=hkdf-sha256 size=64 for=derive");
	struct keyctl_pkey_query query;

	ASSERT_LT(0, middle);
	ASSERT_EQ(0, sym_query(middle, &query));
	EXPECT_EQ(SYMMETRIC_ORIGIN_INSIDE,
		  (int)query.__spare[SYMMETRIC_QUERY_ORIGIN]);
	EXPECT_LT(0, derive(middle, "a", MAC_KEY));
	EXPECT_EQ(1, sym_differ(derive(middle, "a", MAC_KEY),
				derive(self->parent, "a", MAC_KEY)));
}

/*
 * Shows: SY-4, SY-28, SY-29. A view has the remaining uses, and computes the
 * same.
 */
TEST_F(derive, view)
{
	key_serial_t root = sym_add("root", "new alg=hmac-sha256 for=mac,verify");
	key_serial_t mac = sym_add("mac", "view of=%d for=mac", root);
	key_serial_t verify = sym_add("verify", "view of=%d for=verify", root);
	uint8_t out[32];

	ASSERT_LT(0, mac);
	ASSERT_LT(0, verify);
	EXPECT_EQ(0, sym_differ(root, verify));
	EXPECT_EQ(0, sym_differ(mac, verify));
	EXPECT_EQ(0, sym_differ(mac, root));
	EXPECT_EQ(-EOPNOTSUPP, sym_mac(verify, "abc", 3, out, 32));
	EXPECT_EQ(-EOPNOTSUPP, sym_verify(mac, "abc", 3, out, 32));

	/* A view cannot regain a use. */
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=mac,verify", mac));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=verify", mac));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=mac", mac));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=seal", root));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=mac",
					 key_add_user("user", "x", 1)));
}

/* Shows: SY-28, SY-29. The same for blobs. */
TEST_F(derive, view_of_blobs)
{
	key_serial_t root = sym_add("root", "new alg=xchacha20-poly1305 for=seal,open");
	key_serial_t seal = sym_add("seal", "view of=%d for=seal", root);
	key_serial_t open = sym_add("open", "view of=%d for=open", root);
	uint8_t blob[SYM_BLOB_EXTRA + 3], text[3];

	ASSERT_EQ((long)sizeof(blob), sym_seal(seal, "", "abc", 3, blob,
					       sizeof(blob)));
	EXPECT_EQ(3, sym_open(open, "", blob, sizeof(blob), text, 3));
	EXPECT_EQ(-EOPNOTSUPP, sym_open(seal, "", blob, sizeof(blob), text, 3));
	EXPECT_EQ(-EOPNOTSUPP, sym_seal(open, "", "abc", 3, blob,
					sizeof(blob)));
}

FIXTURE(sealed)
{
	int tpm;
	struct trusted_parent parent;
	key_serial_t key;
	uint8_t bytes[TRUSTED_MAX];
};

FIXTURE_VARIANT(sealed)
{
	size_t len;
	const char *hash;
};

/* With SHA-256 the longest key makes a TPM's answer too long for the kernel. */
FIXTURE_VARIANT_ADD(sealed, shortest) { TRUSTED_MIN, "sha256" };
FIXTURE_VARIANT_ADD(sealed, longest) { TRUSTED_MAX, "sha1" };

FIXTURE_SETUP(sealed)
{
	self->tpm = -1;
	REQUIRE_SYMMETRIC();
	self->tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	if (self->tpm < 0 && (errno == ENOENT || errno == ENODEV))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE " and CONFIG_TCG_TIS");
	ASSERT_LE(0, self->tpm);
	self->parent.hash = variant->hash;
	ASSERT_EQ(0, tpm2_create_primary(self->tpm, &self->parent.handle));
	self->key = trusted_new("trusted", variant->len, &self->parent);
	EXPECT_LT(0, self->key)
		tpm2_flush(self->tpm, self->parent.handle);
	ASSERT_EQ((ssize_t)variant->len,
		  trusted_unseal(self->tpm, &self->parent, self->key,
				 self->bytes));
}

FIXTURE_TEARDOWN(sealed)
{
	if (self->tpm < 0)
		return;
	EXPECT_EQ(0, tpm2_flush(self->tpm, self->parent.handle));
	close(self->tpm);
}

/*
 * Shows: SY-22..24, SY-33, SY-35. A chain of keys from the TPM's key down,
 * compared with OpenSSL.
 */
TEST_F(sealed, vectors)
{
	static const struct crypto_child parents[] = {
		{ 512, "derive", "hkdf-sha512", 64, "disk" },
		{ 512, "derive", "hkdf-sha512", 33, "disk" },
	};
	uint8_t bytes[CRYPTO_KEY_MAX];
	key_serial_t parent;

	for (size_t i = 0; i < ARRAY_SIZE(parents); i++) {
		parent = sym_add("hkdf", "derive from=%d label=disk alg=hkdf-sha512 "
				 "for=derive size=%zu",
				 self->key, parents[i].size);
		ASSERT_LT(0, parent);
		crypto_child(&parents[i], self->bytes, variant->len, bytes);
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
			EXPECT_EQ(0, compare_mac(parent, kinds[k], 512, bytes,
						 parents[i].size));
		EXPECT_EQ(0, compare_blob(parent, 512, bytes,
					  parents[i].size));
	}
}

/* Shows: SY-24. A parent with SHA-256, whose children take two blocks of it. */
TEST_F(sealed, vectors_sha256)
{
	static const struct crypto_child top = {
		512, "derive", "hkdf-sha512", 64, "top",
	};
	static const struct crypto_child middle = {
		512, "derive", "hkdf-sha256", 32, "middle",
	};
	uint8_t bytes[CRYPTO_KEY_MAX], below[CRYPTO_KEY_MAX];
	key_serial_t parent;

	parent = derive(self->key, "top", "alg=hkdf-sha512 for=derive");
	parent = derive(parent, "middle", "alg=hkdf-sha256 for=derive");
	ASSERT_LT(0, parent);
	crypto_child(&top, self->bytes, variant->len, bytes);
	crypto_child(&middle, bytes, top.size, below);
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		EXPECT_EQ(0, compare_mac(parent, kinds[k], 256, below,
					 middle.size));
	EXPECT_EQ(0, compare_blob(parent, 256, below, middle.size));
}

/*
 * Shows: SY-24. For anyone with Search permission AF_ALG computes HMAC with the
 * trusted key, which is the step Expand.  The result is none of the derived
 * keys.
 */
TEST_F(sealed, not_expand_alone)
{
	static const struct crypto_child child = {
		512, "derive", "hkdf-sha512", 64, "disk",
	};
	uint8_t extracted[CRYPTO_KEY_MAX], bytes[CRYPTO_KEY_MAX];

	crypto_child(&child, self->bytes, variant->len, bytes);
	crypto_hmac(512, self->bytes, variant->len, "disk", 4, extracted);
	EXPECT_NE(0, memcmp(bytes, extracted, sizeof(bytes)));
}

/*
 * Shows: SY-23. From a trusted key only parents can be derived, and no key that
 * is used itself.
 */
TEST_F(sealed, parents_only)
{
	static const char * const others[] = {
		MAC_KEY, "alg=hmac-sha512 for=mac",
		"alg=xchacha20-poly1305 for=seal",
		"alg=hkdf-sha256 for=derive",
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_EQ(-EKEYREJECTED, derive(self->key, "a", others[i]));
	EXPECT_LT(0, derive(self->key, "a", "alg=hkdf-sha512 for=derive"));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=derive",
					 self->key));
}

/*
 * Shows: SY-22, SY-27. An encrypted key under the TPM's key is a parent of 32
 * bytes.
 */
TEST_F(sealed, encrypted)
{
	key_serial_t key = encrypted_new("data", "default", "trusted:trusted",
					 32);
	key_serial_t small = encrypted_new("small", "default",
					   "trusted:trusted", 31);
	key_serial_t parent;
	struct keyctl_pkey_query query;

	if (key == -ENODEV)
		SKIP(return, "needs CONFIG_ENCRYPTED_KEYS");
	ASSERT_LT(0, key);
	ASSERT_LT(0, small);
	EXPECT_EQ(-EKEYREJECTED, derive(key, "a", MAC_KEY));
	EXPECT_EQ(-EKEYREJECTED,
		  derive(small, "a", "alg=hkdf-sha512 for=derive"));
	parent = derive(key, "a", "alg=hkdf-sha512 for=derive");
	ASSERT_LT(0, parent);
	ASSERT_EQ(0, sym_query(parent, &query));
	/* CONFIG_USER_DECRYPTED_DATA lets its maker choose the bytes. */
	EXPECT_EQ(SYMMETRIC_ORIGIN_OUTSIDE,
		  (int)query.__spare[SYMMETRIC_QUERY_ORIGIN]);
	parent = derive(self->key, "a", "alg=hkdf-sha512 for=derive");
	ASSERT_EQ(0, sym_query(parent, &query));
	EXPECT_EQ(SYMMETRIC_ORIGIN_INSIDE,
		  (int)query.__spare[SYMMETRIC_QUERY_ORIGIN]);
}

TEST_HARNESS_MAIN
