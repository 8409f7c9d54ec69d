// SPDX-License-Identifier: GPL-2.0-only
/* request_key(2): keys that a search finds, and errors for other keys. */
#include "request_script.h"

#include "../kselftest_harness.h"

FIXTURE(search)
{
	key_serial_t session;
	struct script script;
};

FIXTURE_SETUP(search)
{
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(search)
{
	script_close(&self->script);
}

static key_serial_t thread_keyring(void)
{
	return keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1);
}

static key_serial_t process_keyring(void)
{
	return keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
}

/*
 * Shows: RK-37. The thread keyring comes before the process keyring, and that
 * before the session keyring.
 */
TEST_F(search, order)
{
	key_serial_t in_session = key_add("user", "d", "s", 1, self->session);
	key_serial_t in_process, in_thread;

	EXPECT_EQ(in_session, key_request("user", "d", NULL, 0));
	in_process = key_add("user", "d", "p", 1, process_keyring());
	EXPECT_EQ(in_process, key_request("user", "d", NULL, 0));
	in_thread = key_add("user", "d", "t", 1, thread_keyring());
	EXPECT_EQ(in_thread, key_request("user", "d", NULL, 0));
}

/* Shows: RK-37. A keyring in a keyring is searched if it grants Search. */
TEST_F(search, nested)
{
	key_serial_t ring = keyring_new("ring", self->session);
	key_serial_t key = key_add("user", "d", "p", 1, ring);

	EXPECT_EQ(key, key_request("user", "d", NULL, 0));
	ASSERT_EQ(0, key_set_rights(ring,
				    POSSESSOR(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL, 0));
}

/* Shows: RK-38. The type has to agree. */
TEST_F(search, type)
{
	ASSERT_LT(0, key_add("logon", "a:b", "p", 1, self->session));
	EXPECT_EQ(-ENOKEY, key_request("user", "a:b", NULL, 0));
}

/* Shows: RK-39. An expired key counts as none, so a new one is made. */
TEST_F(search, expired)
{
	key_serial_t made, key = key_add_user("d", "p", 1);
	key_serial_t ring[2];

	ASSERT_EQ(0, key_set_to_expire(key));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(key));
	EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL, 0));

	REQUIRE_HELPER();
	made = script_user_key("d", "A;I0,new", 0);
	ASSERT_LT(0, made);
	EXPECT_NE(key, made);
	EXPECT_EQ((long)sizeof(made), key_read(self->session, ring, sizeof(ring)));
	EXPECT_EQ(made, ring[0]);
}

/* Shows: RK-40, RK-44. A revoked key in the only keyring ends the request. */
TEST_F(search, revoked)
{
	key_serial_t key = key_add_user("d", "p", 1);

	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, key_request("user", "d", NULL, 0));
	EXPECT_EQ(-EKEYREVOKED, key_request("user", "d", "x", 0));
}

/* Shows: RK-44, RK-46. An empty keyring beside it lets the request go on. */
TEST_F(search, revoked_beside_empty)
{
	key_serial_t key = key_add_user("d", "p", 1);

	REQUIRE_HELPER();
	ASSERT_EQ(0, key_revoke(key));
	ASSERT_LT(0, thread_keyring());
	EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL, 0));
	EXPECT_LT(0, script_user_key("d", "A;I0,p", 0));
}

/* Shows: RK-41, RK-44. A key without Search permission counts as none. */
TEST_F(search, no_search_right)
{
	key_serial_t key = key_add_user("d", "p", 1);

	ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, key_request("user", "d", NULL, 0));
	EXPECT_EQ(-EACCES, key_request("user", "d", "x", 0));
	ASSERT_LT(0, thread_keyring());
	EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL, 0));
}

/* Shows: RK-42, RK-102, RK-120. A negative key answers with its error. */
TEST_F(search, negative)
{
	REQUIRE_HELPER();
	EXPECT_EQ(-ENOKEY, script_user_key("negated", "A;N60,0", 0));
	EXPECT_EQ(-ENOKEY, key_request("user", "negated", NULL, 0));

	EXPECT_EQ(-ECONNREFUSED, script_user_key("rejected", "A;R60,111,0",
						 0));
	EXPECT_EQ(-ECONNREFUSED, key_request("user", "rejected", NULL, 0));
	EXPECT_EQ(-ECONNREFUSED, key_request("user", "rejected", "x", 0));
	EXPECT_EQ(2, script_count(&self->script));
}

/*
 * Shows: RK-44, RK-W7, RK-D6. A negative key blocks upcalls wherever it is
 * linked.
 */
TEST_F(search, negative_beside_empty)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(-ECONNREFUSED, script_user_key("d", "A;R60,111,0",
						 self->session));
	ASSERT_LT(0, thread_keyring());
	if (request_ours) {
		EXPECT_EQ(-ECONNREFUSED, key_request("user", "d", NULL, 0));
		EXPECT_EQ(-ECONNREFUSED, script_user_key("d", "A;I0,p", 0));
		EXPECT_EQ(1, script_count(&self->script));
	} else {
		EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL, 0));
		EXPECT_LT(0, script_user_key("d", "A;I0,p", 0));
		EXPECT_EQ(2, script_count(&self->script));
	}
}

/*
 * Shows: RK-44, RK-W7, RK-D6. A key that was rejected with EAGAIN blocks
 * upcalls, too.
 */
TEST_F(search, negative_again)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(-EAGAIN, script_user_key("d", "A;R60,11,0", 0));
	if (request_ours) {
		EXPECT_EQ(-EAGAIN, script_user_key("d", "A;I0,p", 0));
		EXPECT_EQ(1, script_count(&self->script));
	} else {
		EXPECT_LT(0, script_user_key("d", "A;I0,p", 0));
		EXPECT_EQ(2, script_count(&self->script));
	}
}

/* Shows: RK-44. ENOKEY takes precedence over "not found". */
TEST_F(search, negated_beside_empty)
{
	REQUIRE_HELPER();
	EXPECT_EQ(-ENOKEY, script_user_key("d", "A;N60,0", self->session));
	ASSERT_LT(0, thread_keyring());
	EXPECT_EQ(-ENOKEY, script_user_key("d", "A;I0,p", 0));
	EXPECT_EQ(1, script_count(&self->script));
}

/* Shows: RK-39, RK-74. An expired negative key blocks no upcall. */
TEST_F(search, negative_expired)
{
	REQUIRE_HELPER();
	EXPECT_EQ(-ECONNREFUSED, script_user_key("d", "A;R3,111,0", 0));
	sleep_ms(4100);
	EXPECT_LT(0, script_user_key("d", "A;I0,p", 0));
}

/* Shows: RK-47. A found key is linked into the caller's destination. */
TEST_F(search, found_is_linked)
{
	key_serial_t ring = keyring_new("ring", self->session);
	key_serial_t key = key_add_user("d", "p", 1), member = 0;

	EXPECT_EQ(key, key_request("user", "d", NULL, ring));
	EXPECT_EQ((long)sizeof(member), key_read(ring, &member, sizeof(member)));
	EXPECT_EQ(key, member);
}

/*
 * Shows: RK-47. To link a found key needs Link permission, to find it does not.
 */
TEST_F(search, found_needs_link)
{
	key_serial_t ring = keyring_new("ring", self->session);
	key_serial_t key = key_add_user("d", "p", 1);

	ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL & ~RIGHT_LINK)));
	EXPECT_EQ(key, key_request("user", "d", NULL, 0));
	EXPECT_EQ(-EACCES, key_request("user", "d", NULL, ring));
}

/*
 * Shows: RK-47, RK-68. The link of a found key must comply with the keyring's
 * restriction.
 */
TEST_F(search, found_respects_restriction)
{
	key_serial_t ring = keyring_new("ring", self->session);

	ASSERT_LT(0, key_add_user("d", "p", 1));
	ASSERT_EQ(0, keyctl(KEYCTL_RESTRICT_KEYRING, ring, NULL, NULL));
	EXPECT_EQ(-EPERM, key_request("user", "d", NULL, ring));
}

/*
 * Shows: RK-68, RK-W12, RK-D7. The link of a new key must comply, too, which is
 * checked before the helper is started.
 */
TEST_F(search, new_respects_restriction)
{
	key_serial_t ring = keyring_new("ring", self->session);

	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_EQ(0, keyctl(KEYCTL_RESTRICT_KEYRING, ring, NULL, NULL));
	if (request_ours) {
		EXPECT_EQ(-EPERM, script_user_key("d", "A;I0,p", ring));
		EXPECT_EQ(0, script_count(&self->script));
	} else {
		EXPECT_LT(0, script_user_key("d", "A;I0,p", ring));
	}
}

/* Ids of users that had no keyrings before. */
#define LONE_UID_BASE	1000000

/* Adds a key to the user session keyring; returns whether a search finds it. */
static int in_user_session(const void *arg)
{
	const uid_t uid = LONE_UID_BASE + getpid();
	const struct caller caller = { .uid = uid, .gid = uid };
	int err = caller_become(&caller);
	char name[32], line[512];

	if (err)
		return err;
	/* A search does not make the keyring. */
	snprintf(name, sizeof(name), " _uid_ses.%u", uid);
	if (key_request("user", "d", NULL, 0) != -ENOKEY ||
	    find_line("/proc/keys", name, line, sizeof(line)))
		return -EBUSY;
	err = key_add("user", "d", "p", 1, KEY_SPEC_USER_SESSION_KEYRING);
	if (err > 0)
		err = key_request("user", "d", NULL, 0);
	keyctl(KEYCTL_CLEAR, KEY_SPEC_USER_SESSION_KEYRING);
	return err > 0 ? 0 : err;
}

/* Shows: RK-37. With a session the user-session keyring is not searched. */
TEST_F(search, user_session)
{
	EXPECT_EQ(-ENOKEY, task_run(in_user_session, NULL));
}

/*
 * A look-up of a missing session keyring makes the user session keyring the
 * session keyring.
 */
static int have_no_session(const void *arg)
{
	key_serial_t session;

	session = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	return session == keyctl(KEYCTL_GET_KEYRING_ID,
				 KEY_SPEC_USER_SESSION_KEYRING, 0) ? 0 : -EEXIST;
}

/*
 * Shows: RK-37. Without a session keyring the user session keyring is searched,
 * if it exists.
 */
TEST(user_session_stands_in)
{
	/*
	 * A login gives every program a session keyring, which no program can
	 * leave.
	 */
	if (task_run(have_no_session, NULL))
		SKIP(return, "needs to be run without a session keyring");
	EXPECT_EQ(0, task_run(in_user_session, NULL));
}

REQUEST_TEST_MAIN
