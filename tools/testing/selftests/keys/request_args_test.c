// SPDX-License-Identifier: GPL-2.0-only
/* request_key(2): its arguments, and the order in which they are checked. */
#include "request_script.h"

#include "../kselftest_harness.h"

#define TYPE_SIZE	32
#define DESCRIPTION_MAX	4095

static void *const bad_pointer = (void *)1;

static char *letters(size_t len)
{
	char *text = malloc(len + 1);

	memset(text, 'x', len);
	text[len] = '\0';
	return text;
}

FIXTURE(args)
{
	key_serial_t session;
	struct script script;
};

FIXTURE_SETUP(args)
{
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(args)
{
	script_close(&self->script);
}

/* Shows: RK-27. The type is checked first. */
TEST_F(args, type)
{
	char *longest = letters(TYPE_SIZE - 1), *too_long = letters(TYPE_SIZE);

	EXPECT_EQ(-EFAULT, key_request(NULL, bad_pointer, bad_pointer, -9));
	EXPECT_EQ(-EFAULT, key_request(bad_pointer, NULL, NULL, 0));
	EXPECT_EQ(-EINVAL, key_request("", bad_pointer, bad_pointer, -9));
	EXPECT_EQ(-EINVAL, key_request(too_long, bad_pointer, NULL, 0));
	EXPECT_EQ(-EPERM, key_request(".user", bad_pointer, NULL, 0));
	EXPECT_EQ(-EPERM, key_request(".request_key_auth", "1", NULL, 0));
	EXPECT_EQ(-ENOKEY, key_request(longest, "d", NULL, 0));
}

/*
 * Shows: RK-28. The description is checked second; an empty one is accepted
 * here.
 */
TEST_F(args, description)
{
	char *longest = letters(DESCRIPTION_MAX);
	char *too_long = letters(DESCRIPTION_MAX + 1);

	EXPECT_EQ(-EFAULT, key_request("user", NULL, bad_pointer, -9));
	EXPECT_EQ(-EFAULT, key_request("user", bad_pointer, NULL, 0));
	EXPECT_EQ(-EINVAL, key_request("user", too_long, bad_pointer, -9));
	EXPECT_EQ(-ENOKEY, key_request("user", longest, NULL, 0));
	EXPECT_EQ(-ENOKEY, key_request("user", "", NULL, 0));
}

/* Shows: RK-29. The callout information is checked third. */
TEST_F(args, callout)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *too_long = letters(page);

	EXPECT_EQ(-EFAULT, key_request("user", "d", bad_pointer, -9));
	EXPECT_EQ(-EINVAL, key_request("user", "d", too_long, -9));

	ASSERT_LT(0, key_add_user("d", "p", 1));
	EXPECT_LT(0, key_request("user", "d", letters(page - 1), 0));
}

/*
 * Shows: RK-30. The destination keyring is checked next, before the type is
 * looked up.
 */
TEST_F(args, destination)
{
	key_serial_t ring = keyring_new("ring", self->session);

	EXPECT_EQ(-EINVAL, key_request("nonesuch", "d", NULL,
				       KEY_SPEC_GROUP_KEYRING));
	EXPECT_EQ(-ENOKEY, key_request("nonesuch", "d", NULL,
				       KEY_SPEC_REQKEY_AUTH_KEY));
	EXPECT_EQ(-ENOKEY, key_request("nonesuch", "d", NULL,
				       KEY_SPEC_REQUESTOR_KEYRING));
	EXPECT_EQ(-EINVAL, key_request("nonesuch", "d", NULL, -9));
	EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL,
				       key_unused_serial()));

	ASSERT_EQ(0, key_set_rights(ring, POSSESSOR(RIGHT_ALL & ~RIGHT_WRITE)));
	EXPECT_EQ(-EACCES, key_request("nonesuch", "d", NULL, ring));
	ASSERT_EQ(0, key_revoke(ring));
	EXPECT_EQ(-EKEYREVOKED, key_request("nonesuch", "d", NULL, ring));
}

/*
 * Shows: RK-30. An expired destination returns another error than a revoked
 * one.
 */
TEST_F(args, destination_expired)
{
	key_serial_t ring = keyring_new("ring", self->session);

	ASSERT_EQ(0, key_set_to_expire(ring));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(ring));
	EXPECT_EQ(-EKEYEXPIRED, key_request("user", "d", NULL, ring));
}

static int thread_keyring_made(const void *arg)
{
	int err = key_request("user", "d", NULL, KEY_SPEC_THREAD_KEYRING);

	if (err != -ENOKEY)
		return err;
	if (keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0) < 0)
		return -ENOENT;
	return 0;
}

/* Shows: RK-30. A named special keyring is made even if no key is found. */
TEST_F(args, destination_is_created)
{
	EXPECT_EQ(0, task_run(thread_keyring_made, NULL));
}

/*
 * Shows: RK-31. An unknown type returns ENOKEY, where add_key(2) returns
 * ENODEV.
 */
TEST_F(args, unknown_type)
{
	EXPECT_EQ(-ENOKEY, key_request("nonesuch", "d", NULL, 0));
	EXPECT_EQ(-ENOKEY, key_request("nonesuch", "d", "", 0));
	EXPECT_EQ(-ENODEV, key_add("nonesuch", "d", "p", 1, self->session));
}

/*
 * Shows: RK-32, RK-62. A destination that is no keyring is noticed only at the
 * link.
 */
TEST_F(args, destination_no_keyring)
{
	key_serial_t key = key_add_user("d", "p", 1);

	ASSERT_LT(0, key);
	EXPECT_EQ(-ENOKEY, key_request("user", "other", NULL, key));
	EXPECT_EQ(-ENOTDIR, key_request("user", "d", NULL, key));
	EXPECT_EQ(-ENOTDIR, key_request("user", "other", "x", key));
}

/* Shows: RK-34, RK-79. Empty callout information is not the same as none. */
TEST_F(args, empty_callout)
{
	char payload[32] = "";
	key_serial_t key;

	REQUIRE_HELPER();
	EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL, 0));

	/* The helper answers like this only if its input is empty. */
	key = key_request("user", "d", "", 0);
	ASSERT_LT(0, key);
	EXPECT_LT(0, key_read(key, payload, sizeof(payload) - 1));
	EXPECT_STREQ(SCRIPT_NONE, payload);
}

/* Shows: RK-35, RK-99. The call returns the serial of the key. */
TEST_F(args, returns_serial)
{
	key_serial_t found, key = key_add_user("d", "p", 1);

	EXPECT_EQ(key, key_request("user", "d", NULL, 0));
	REQUIRE_HELPER();
	found = script_user_key("made", "A;I0,payload", 0);
	ASSERT_LT(0, found);
	EXPECT_EQ(found, keyctl(KEYCTL_SEARCH, self->session, "user", "made",
				0));
}

/* Shows: RK-59. A helper cannot make a keyring on request. */
TEST_F(args, keyring)
{
	key_serial_t ring = keyring_new("ring", self->session);

	EXPECT_EQ(ring, key_request("keyring", "ring", "x", 0));
	EXPECT_EQ(-ENOKEY, key_request("keyring", "other", NULL, 0));
	EXPECT_EQ(-EPERM, key_request("keyring", "other", "x", 0));
	EXPECT_EQ(-EPERM, key_request("keyring", "", "x", 0));
}

/* Shows: RK-60, RK-62. A refused description leaves nothing behind. */
TEST_F(args, refused_description)
{
	key_serial_t member;

	EXPECT_EQ(-EINVAL, key_request("user", "", "x", 0));
	EXPECT_EQ(-EINVAL, key_request("logon", "nocolon", "x", 0));
	EXPECT_EQ(0, key_read(self->session, &member, sizeof(member)));
}

REQUEST_TEST_MAIN
