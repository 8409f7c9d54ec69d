// SPDX-License-Identifier: GPL-2.0-only
/* The key type itself: its payload, its rights, its life. */
#include "../kselftest_harness.h"
#include "fscrypt.h"
#include "fscrypt_upcall.h"
#include "quota.h"

#define TEST_UID	7101
#define RAW_HALF	32
/* Bytes that the keyring of the key is charged for the link. */
#define KEYRING_LINK_BYTES	4

FIXTURE(prov)
{
};

FIXTURE_SETUP(prov)
{
	ASSERT_LT(0, session_new());
}

FIXTURE_TEARDOWN(prov)
{
}

/* Shows: FP-1. a type that is not registered can be recognised by ENODEV */
TEST_F(prov, type_is_registered)
{
	struct plain plain = plain_of(V2, 1);

	EXPECT_LT(0, prov_add("test", &plain, PLAIN_HEAD + RAW_HALF));
	EXPECT_EQ(-ENODEV, key_add("fscrypt-provision", "test", &plain,
				   PLAIN_HEAD + RAW_HALF,
				   KEY_SPEC_SESSION_KEYRING));
}

/* Shows: FP-2, FP-5. each size around both limits, and an empty payload */
TEST_F(prov, payload_size)
{
	struct plain plain = plain_of(V2, 1);

	EXPECT_EQ(-EINVAL, prov_add("test", NULL, 0));
	for (size_t size = 1; size <= sizeof(plain); size++) {
		key_serial_t key = prov_add("test", &plain, size);

		if (size < 24 || size > 72) {
			EXPECT_EQ(-EINVAL, key) TH_LOG("size %zu", size);
		} else {
			EXPECT_LT(0, key) TH_LOG("size %zu", size);
		}
	}
}

/* Shows: FP-3, FP-5. the two specifier types, and the numbers next to them */
TEST_F(prov, payload_type)
{
	static const __u32 bad[] = { 0, 3, 4, 0x100, 0x1000000, 0x2000000,
				     0xffffffff };
	struct plain plain = plain_of(0, 1);

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		plain.type = bad[i];
		EXPECT_EQ(-EINVAL, prov_add("test", &plain, sizeof(plain) - 1));
	}
	plain.type = V1;
	EXPECT_LT(0, prov_add("test", &plain, PLAIN_HEAD + RAW_HALF));
	plain.type = V2;
	EXPECT_LT(0, prov_add("test", &plain, PLAIN_HEAD + RAW_HALF));
}

/* Shows: FP-4, FP-5. the word that has flags in later kernels */
TEST_F(prov, payload_reserved)
{
	struct plain plain = plain_of(V2, 1);

	for (int bit = 0; bit < 32; bit++) {
		plain.reserved = 1u << bit;
		EXPECT_EQ(-EINVAL,
			  prov_add("test", &plain, PLAIN_HEAD + RAW_HALF));
	}
}

/* Shows: FP-6. any description that is not empty, with any key */
TEST_F(prov, description)
{
	struct plain plain = plain_of(V2, 1);

	EXPECT_EQ(-EINVAL, prov_add("", &plain, PLAIN_HEAD + RAW_HALF));
	EXPECT_LT(0, prov_add("x", &plain, PLAIN_HEAD + RAW_HALF));
	EXPECT_LT(0, prov_add("fscrypt:00:11 22", &plain,
			      PLAIN_HEAD + RAW_HALF));
	plain.raw[0]++;
	EXPECT_LT(0, prov_add("x", &plain, PLAIN_HEAD + RAW_HALF));
}

/* A key of 64 bytes. */
static key_serial_t add_plain_key(const char *name)
{
	struct plain plain = plain_of(V2, 1);

	return prov_add(name, &plain, PLAIN_HEAD + RAW_SIZE);
}

/* Shows: FP-7. head, bytes and description are charged, up to the limit */
TEST_F(prov, quota)
{
	struct quota_fill fill = { .uid = TEST_UID, .add = add_plain_key };

	if (geteuid() != 0)
		SKIP(return, "needs root");
	EXPECT_EQ(-EDQUOT, quota_fill_up(&fill));
	EXPECT_EQ(1, fill.keys);
	EXPECT_EQ(72 + (int)sizeof("key0000") + KEYRING_LINK_BYTES,
		  fill.bytes);
}

/* Shows: FP-8, FP-12. permissions, and the result of KEYCTL_DESCRIBE */
TEST_F(prov, rights)
{
	char text[128] = "", want[128];
	struct plain plain = plain_of(V2, 1);
	key_serial_t key = prov_add("test", &plain, PLAIN_HEAD + RAW_HALF);

	ASSERT_LT(0, key);
	snprintf(want, sizeof(want), "fscrypt-provisioning;%u;%u;39010000;test",
		 geteuid(), getegid());
	EXPECT_LT(0, key_describe(key, text, sizeof(text)));
	EXPECT_STREQ(want, text);
}

/* Shows: FP-9. no permission makes the key readable */
TEST_F(prov, read)
{
	key_serial_t key = prov_new(V2, 1, RAW_HALF);
	char bytes[128];

	ASSERT_LT(0, key);
	EXPECT_EQ(-EOPNOTSUPP, key_read(key, bytes, sizeof(bytes)));
	EXPECT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL) |
				    OWNER(RIGHT_ALL) | GROUP(RIGHT_ALL) |
				    OTHER(RIGHT_ALL)));
	EXPECT_EQ(-EOPNOTSUPP, key_read(key, bytes, sizeof(bytes)));
}

/* Shows: FP-10. the permission is checked before the missing operation */
TEST_F(prov, update)
{
	struct plain plain = plain_of(V2, 2);
	key_serial_t key = prov_new(V2, 1, RAW_HALF);

	ASSERT_LT(0, key);
	EXPECT_EQ(-EACCES, key_update(key, &plain, PLAIN_HEAD + RAW_HALF));
	EXPECT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL)));
	EXPECT_EQ(-EOPNOTSUPP, key_update(key, &plain, PLAIN_HEAD + RAW_HALF));
}

/* Shows: FP-11. a second key displaces the first one's link, not the key */
TEST_F(prov, same_description)
{
	key_serial_t other = keyring_new("other", KEY_SPEC_SESSION_KEYRING);
	struct plain plain = plain_of(V2, 1);
	key_serial_t first, second;

	first = prov_add("test", &plain, PLAIN_HEAD + RAW_HALF);
	ASSERT_LT(0, other);
	ASSERT_LT(0, first);
	ASSERT_EQ(0, key_link(first, other));
	second = prov_add("test", &plain, PLAIN_HEAD + RAW_HALF);
	EXPECT_LT(0, second);
	EXPECT_NE(first, second);
	EXPECT_EQ(second, keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
				 "fscrypt-provisioning", "test", 0));
	EXPECT_LT(0, key_state(first));
}

/* Shows: FP-12. the payload's size and type are public, its bytes are not */
TEST_F(prov, proc_keys)
{
	struct plain plain = plain_of(V1, 'Z');
	char line[256];
	key_serial_t key;

	key = prov_add("visible", &plain, PLAIN_HEAD + RAW_HALF);
	ASSERT_LT(0, key);
	key_line(key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " fscrypt-p visible: 40 [1]\n"))
		TH_LOG("%s", line);
	EXPECT_EQ(NULL, strstr(line, "ZZZ"));

	plain.type = V2;
	key = prov_add("visible", &plain, PLAIN_HEAD + RAW_SIZE);
	ASSERT_LT(0, key);
	key_line(key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " fscrypt-p visible: 72 [2]\n"))
		TH_LOG("%s", line);
}

/*
 * Shows: FP-14. every look-up finds the key dead at once, before it is
 * collected
 */
TEST_F(prov, revoke)
{
	key_serial_t key = prov_new(V2, 1, RAW_HALF);
	char line[256];

	ASSERT_LT(0, key);
	EXPECT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, key_state(key));
	EXPECT_EQ(-EKEYREVOKED, key_revoke(key));
	/* the key still exists as a revoked one */
	key_line(key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " IR"))
		TH_LOG("%s", line);
}

/*
 * Shows: FP-15, FP-12. the helper's payload is checked in the same way as
 * add_key()'s
 */
TEST_F(prov, upcall)
{
	struct plain plain = plain_of(V2, 1);
	struct upcall upcall = {};
	char line[256];
	int err;

	err = prov_upcall_start(&upcall);
	if (err == -EPERM || err == -EACCES)
		SKIP(return, "needs root");
	ASSERT_EQ(0, err);

	plain.reserved = 1;
	EXPECT_EQ(-EINVAL,
		  upcall_instantiate(&upcall, &plain, PLAIN_HEAD + RAW_HALF));
	plain.reserved = 0;
	EXPECT_EQ(-EINVAL, upcall_instantiate(&upcall, &plain, PLAIN_HEAD));
	key_line(upcall.key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " fscrypt-p slow\n"))
		TH_LOG("%s", line);

	EXPECT_EQ(0, upcall_instantiate(&upcall, &plain,
					PLAIN_HEAD + RAW_HALF));
	EXPECT_EQ(0, upcall_end(&upcall));
	key_line(upcall.key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " fscrypt-p slow: 40 [2]\n"))
		TH_LOG("%s", line);
}

int main(int argc, char **argv)
{
	upcall_route_install();
	return test_harness_run(argc, argv);
}
