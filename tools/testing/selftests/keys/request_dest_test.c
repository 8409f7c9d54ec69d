// SPDX-License-Identifier: GPL-2.0-only
/* The destination keyring of a new key. */
#include "request_script.h"

#include "../kselftest_harness.h"

#define NO_CHANGE	KEY_REQKEY_DEFL_NO_CHANGE

FIXTURE(dest)
{
	key_serial_t session;
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(dest)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(dest)
{
	script_close(&self->script);
}

static bool holds(key_serial_t ring, key_serial_t key)
{
	key_serial_t members[64];
	long len = key_read(ring, members, sizeof(members));

	for (long i = 0; i < len / (long)sizeof(key); i++)
		if (members[i] == key)
			return true;
	return false;
}

/*
 * Shows: RK-63, RK-104. Without a choice it is the first existing keyring of
 * the process.
 */
TEST_F(dest, first_that_exists)
{
	key_serial_t key = script_user_key("session", "A;I0,p", 0);
	key_serial_t ring;

	EXPECT_EQ(0, keyctl(KEYCTL_SET_REQKEY_KEYRING, NO_CHANGE));
	EXPECT_TRUE(holds(self->session, key));

	ring = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
	key = script_user_key("process", "A;I0,p", 0);
	EXPECT_TRUE(holds(ring, key));

	ring = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1);
	key = script_user_key("thread", "A;I0,p", 0);
	EXPECT_TRUE(holds(ring, key));
	EXPECT_FALSE(holds(self->session, key));
}

FIXTURE(choice)
{
	key_serial_t session;
	struct script script;
};

FIXTURE_VARIANT(choice)
{
	int value;
	key_serial_t ring;
	bool create;
};

FIXTURE_VARIANT_ADD(choice, thread) {
	.value = KEY_REQKEY_DEFL_THREAD_KEYRING,
	.ring = KEY_SPEC_THREAD_KEYRING,
};

FIXTURE_VARIANT_ADD(choice, process) {
	.value = KEY_REQKEY_DEFL_PROCESS_KEYRING,
	.ring = KEY_SPEC_PROCESS_KEYRING,
};

FIXTURE_VARIANT_ADD(choice, session) {
	.value = KEY_REQKEY_DEFL_SESSION_KEYRING,
	.ring = KEY_SPEC_SESSION_KEYRING,
};

FIXTURE_VARIANT_ADD(choice, user) {
	.value = KEY_REQKEY_DEFL_USER_KEYRING,
	.ring = KEY_SPEC_USER_KEYRING,
};

FIXTURE_VARIANT_ADD(choice, user_session) {
	.value = KEY_REQKEY_DEFL_USER_SESSION_KEYRING,
	.ring = KEY_SPEC_USER_SESSION_KEYRING,
};

FIXTURE_SETUP(choice)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(choice)
{
	script_close(&self->script);
}

/* Shows: RK-63, RK-104. With a choice it is the chosen keyring. */
TEST_F(choice, is_obeyed)
{
	key_serial_t key, ring;

	EXPECT_EQ(0, keyctl(KEYCTL_SET_REQKEY_KEYRING, variant->value));
	EXPECT_EQ(variant->value, keyctl(KEYCTL_SET_REQKEY_KEYRING, NO_CHANGE));
	key = script_user_key("choice", "A;I0,p", 0);
	ASSERT_LT(0, key);
	ring = keyctl(KEYCTL_GET_KEYRING_ID, variant->ring, 0);
	EXPECT_TRUE(holds(ring, key));
	EXPECT_EQ(0, key_unlink(key, ring));
}

static int inherited(const void *arg)
{
	return keyctl(KEYCTL_SET_REQKEY_KEYRING, NO_CHANGE) ==
	       *(const int *)arg ? 0 : -EPERM;
}

/* Shows: RK-66. Children inherit the choice. */
TEST_F(choice, is_inherited)
{
	ASSERT_EQ(0, keyctl(KEYCTL_SET_REQKEY_KEYRING, variant->value));
	EXPECT_EQ(0, task_run(inherited, &variant->value));
}

/* Shows: RK-63, RK-104. Numbers that cannot be chosen. */
TEST_F(dest, bad_choices)
{
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_SET_REQKEY_KEYRING,
				  KEY_REQKEY_DEFL_GROUP_KEYRING));
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_SET_REQKEY_KEYRING, 8));
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_SET_REQKEY_KEYRING, -2));
	EXPECT_EQ(0, keyctl(KEYCTL_SET_REQKEY_KEYRING, NO_CHANGE));
}

/* Shows: RK-65. The chosen keyring has to be writable. */
TEST_F(dest, not_writable)
{
	ASSERT_EQ(0, key_set_rights(self->session,
				    POSSESSOR(RIGHT_ALL & ~RIGHT_WRITE) |
				    OWNER(RIGHT_SETATTR)));
	EXPECT_EQ(-EACCES, script_user_key("d", "A;I0,p", 0));
	EXPECT_EQ(0, script_count(&self->script));
}

/* Shows: RK-63, RK-65. A named destination is not checked again. */
TEST_F(dest, named)
{
	key_serial_t ring = keyring_new("ring", self->session);
	key_serial_t key = script_user_key("d", "A;I0,p", ring);

	EXPECT_TRUE(holds(ring, key));
	EXPECT_FALSE(holds(self->session, key));
}

/*
 * Shows: RK-64, RK-124. A key that a helper requests goes to the helper's
 * chosen keyring.
 */
TEST_F(dest, requestor)
{
	key_serial_t ring = keyring_new("ring", self->session);
	char steps[128];
	int inner;

	/* 14 is KEYCTL_SET_REQKEY_KEYRING, 7 the requestor keyring. */
	snprintf(steps, sizeof(steps), "A;O14,7;qinner,%d:A:I0,p;I0,p",
		 getpid());
	ASSERT_LT(0, script_user_key("outer", steps, ring));
	ASSERT_EQ(0, script_accept(&self->script));
	inner = script_result(&self->script, 'q', &self->report);
	EXPECT_LT(0, inner);
	EXPECT_TRUE(holds(ring, inner));
}

/* Shows: RK-67. A new key takes the place of one that cannot be found. */
TEST_F(dest, replaces)
{
	key_serial_t old = key_add_user("d", "p", 1), key;

	ASSERT_EQ(0, key_revoke(old));
	ASSERT_LT(0, keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1));
	key = script_user_key("d", "A;I0,p", self->session);
	ASSERT_LT(0, key);
	EXPECT_TRUE(holds(self->session, key));
	EXPECT_FALSE(holds(self->session, old));
}

/* Shows: RK-47. A revoked destination takes nothing. */
TEST_F(dest, revoked_default)
{
	ASSERT_EQ(0, key_revoke(self->session));
	EXPECT_EQ(-EKEYREVOKED, script_user_key("d", "A;I0,p", 0));
	EXPECT_EQ(0, script_count(&self->script));
}

REQUEST_TEST_MAIN
