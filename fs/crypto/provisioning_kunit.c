// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of facts that user space cannot see: that bytes are wiped
 */

#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/key.h>
#include <linux/string.h>

#include "fscrypt_private.h"
#include "provisioning.h"

#define TEST_SIZE	32
#define TEST_FILL	0x5a

struct prov_test {
	struct key *keyring;
	struct key *key;
	struct super_block *sb;
};

static struct key *prov_test_key(struct key *keyring)
{
	struct {
		struct fscrypt_provisioning_key_payload head;
		u8 raw[TEST_SIZE];
	} payload = { .head.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER };
	key_ref_t ref;

	memset(payload.raw, TEST_FILL, sizeof(payload.raw));
	ref = key_create_or_update(make_key_ref(keyring, true),
				   key_type_fscrypt_provisioning.name, "test",
				   &payload, sizeof(payload),
				   KEY_POS_ALL | KEY_USR_ALL,
				   KEY_ALLOC_NOT_IN_QUOTA);
	return IS_ERR(ref) ? ERR_CAST(ref) : key_ref_to_ptr(ref);
}

static int prov_test_init(struct kunit *test)
{
	struct prov_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->sb = kunit_kzalloc(test, sizeof(*t->sb), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->sb);
	t->keyring = keyring_alloc("provisioning test", GLOBAL_ROOT_UID,
				   GLOBAL_ROOT_GID, current_cred(),
				   KEY_POS_ALL | KEY_USR_ALL,
				   KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->keyring));
	t->key = prov_test_key(t->keyring);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->key));
	return 0;
}

static void prov_test_exit(struct kunit *test)
{
	struct prov_test *t = test->priv;

	if (!t)
		return;
	if (!IS_ERR_OR_NULL(t->key))
		key_put(t->key);
	if (!IS_ERR_OR_NULL(t->keyring))
		key_put(t->keyring);
}

/*
 * Shows: FP-13. The key keeps the bytes that it was given, and returns the same
 * bytes.
 */
static void prov_test_get(struct kunit *test)
{
	struct prov_test *t = test->priv;
	struct fscrypt_master_key_secret secret = {};

	KUNIT_ASSERT_EQ(test, 0,
			fscrypt_prov_get(t->sb, key_serial(t->key),
					 FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER,
					 &secret));
	KUNIT_EXPECT_EQ(test, secret.size, TEST_SIZE);
	KUNIT_EXPECT_NULL(test, memchr_inv(secret.raw, TEST_FILL, TEST_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(secret.raw + TEST_SIZE, 0,
					   sizeof(secret.raw) - TEST_SIZE));
}

/* Shows: FP-33. A caller who wants another version gets no bytes. */
static void prov_test_other_version(struct kunit *test)
{
	struct prov_test *t = test->priv;
	struct fscrypt_master_key_secret secret = {};

	KUNIT_EXPECT_EQ(test, -EKEYREJECTED,
			fscrypt_prov_get(t->sb, key_serial(t->key),
					 FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR,
					 &secret));
	KUNIT_EXPECT_NULL(test, memchr_inv(&secret, 0, sizeof(secret)));
}

/* Shows: FP-14, FP-34. The bytes are wiped when the revocation returns. */
static void prov_test_revoke(struct kunit *test)
{
	struct prov_test *t = test->priv;
	const struct fscrypt_prov_key *prov = t->key->payload.data[0];
	struct fscrypt_master_key_secret secret = {};

	KUNIT_EXPECT_NULL(test, memchr_inv(prov->raw, TEST_FILL, TEST_SIZE));
	key_revoke(t->key);
	KUNIT_EXPECT_NULL(test, memchr_inv(prov->raw, 0, TEST_SIZE));
	/* A reader that holds no lock still finds the description. */
	KUNIT_EXPECT_EQ(test, prov->type, FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER);
	KUNIT_EXPECT_EQ(test, prov->size, TEST_SIZE);

	KUNIT_EXPECT_EQ(test, -EKEYREVOKED,
			fscrypt_prov_get(t->sb, key_serial(t->key),
					 FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER,
					 &secret));
	KUNIT_EXPECT_NULL(test, memchr_inv(&secret, 0, sizeof(secret)));
}

static struct kunit_case prov_test_cases[] = {
	KUNIT_CASE(prov_test_get),
	KUNIT_CASE(prov_test_other_version),
	KUNIT_CASE(prov_test_revoke),
	{}
};

static struct kunit_suite prov_test_suite = {
	.name = "fscrypt_provisioning",
	.init = prov_test_init,
	.exit = prov_test_exit,
	.test_cases = prov_test_cases,
};

kunit_test_suite(prov_test_suite);
