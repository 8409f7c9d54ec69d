// SPDX-License-Identifier: GPL-2.0-only
/*
 * The authority to answer: the keys that a helper reaches by it, its limits,
 * and its end.
 */
#include "request_script.h"

#include "../kselftest_harness.h"

#include <sched.h>

#define OTHER_UID	3013

FIXTURE(authority)
{
	key_serial_t session;
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(authority)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(authority)
{
	script_close(&self->script);
}

#define STEP() script_next(&self->script, &self->report)

static bool proc_keys_lists(key_serial_t key)
{
	char line[512];

	key_line(key, line, sizeof(line));
	return line[0];
}

/* Additional steps of this test's helpers. */
static int more_steps(struct script_helper *helper, char *step, char *text,
		      size_t size)
{
	const char *arguments = step + 1;
	key_serial_t key = script_number(arguments, 0);

	switch (*step) {
	case 'U': /* description: make a key without Search permission */
		return key_set_rights(key_add_user(arguments, "p", 1),
				      POSSESSOR(RIGHT_VIEW));
	case 'Y': /* description: make a key and revoke it */
		return key_revoke(key_add_user(arguments, "p", 1));
	case 'k': /* id: is it in /proc/keys? */
		return proc_keys_lists(key);
	case 'l': /* id,ring: link */
		return key_link(key, script_number(arguments, 1));
	case 'n': /* enter a new user namespace */
		return result(unshare(CLONE_NEWUSER));
	case 's': /* id: security label */
		return keyctl(KEYCTL_GET_SECURITY, key ?: helper->key, text,
			      size);
	}
	return -EOPNOTSUPP;
}

/*
 * Shows: RK-45. "Not found" from the helper's keyrings takes precedence over
 * errors from the requester's.
 */
TEST_F(authority, not_found_wins)
{
	ASSERT_EQ(0, key_revoke(key_add_user("k", "p", 1)));
	ASSERT_LT(0, script_user_key("d", "Qk,0;A;Qk,0;I0,p",
				     keyring_new("ring", self->session)));
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_EQ(0, STEP());
}

/*
 * Shows: RK-45. With EACCES from the helper's keyrings the result of the
 * requester's counts.
 */
TEST_F(authority, no_access_loses)
{
	ASSERT_EQ(0, key_revoke(key_add_user("k", "p", 1)));
	ASSERT_LT(0, script_user_key("d", "A;Uk;Qk,0;Un;Qn,0;A0;Qk,0;A;I0,p",
				     keyring_new("ring", self->session)));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-EKEYREVOKED, STEP());
	/* Here the requester's keyrings return "not found" */
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	/* Without the authority only the helper's keyrings are searched */
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-EACCES, STEP());
	EXPECT_LT(0, STEP());
	EXPECT_EQ(0, STEP());
}

/* Shows: RK-45. Other errors come from the helper's keyrings. */
TEST_F(authority, own_error)
{
	ASSERT_LT(0, script_user_key("d", "A;Yk;Qk,0;I0,p",
				     keyring_new("ring", self->session)));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-EKEYREVOKED, STEP());
	EXPECT_EQ(0, STEP());
}

/*
 * Shows: RK-45. ENOKEY from either side takes precedence, and no second helper
 * is started.
 */
TEST_F(authority, no_key_wins)
{
	char steps[128];

	EXPECT_EQ(-ENOKEY, script_user_key("k", "A;N60,0", 0));
	ASSERT_EQ(-EPIPE, script_result(&self->script, 'X', &self->report));
	close(self->script.link);
	self->script.link = -1;

	snprintf(steps, sizeof(steps), "A;qk,%d:A:I0,p;I0,p", getpid());
	ASSERT_LT(0, script_user_key("d", steps, 0));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(0, script_count(&self->script));
}

/* Shows: RK-85. The helper possesses the requester's keys, except in /proc. */
TEST_F(authority, possession)
{
	key_serial_t key = key_add_user("mine", "p", 1);
	char steps[128];

	ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL)));
	snprintf(steps, sizeof(steps), "D%d;A;D%d;k%d;I0,p", key, key, key);
	ASSERT_LT(0, script_user_key("d", steps, 0));
	EXPECT_EQ(-EACCES, STEP());
	EXPECT_LT(0, STEP());
	EXPECT_LT(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_TRUE(proc_keys_lists(key));
}

static int ask_as_other(const void *arg)
{
	const struct caller caller = {
		.uid = OTHER_UID, .gid = OTHER_UID, .stranger = true,
	};
	const struct script_request *request = arg;
	struct script_request mine = *request;
	char steps[256];
	key_serial_t key;
	int err = caller_become(&caller);

	if (err)
		return err;
	/* Its owner may view it, and a possessor may not */
	key = key_add_user("mine", "p", 1);
	err = key_set_rights(key, OWNER(RIGHT_ALL));
	if (err)
		return err;
	snprintf(steps, sizeof(steps), request->steps, key);
	mine.steps = steps;
	return script_ask_child(&mine);
}

/*
 * Shows: RK-85. Permissions are checked with the helper's ids, not the
 * requester's.
 */
TEST_F(authority, own_ids)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;D%d;I0,p",
		.test = getpid(),
	};

	EXPECT_EQ(0, task_run(ask_as_other, &request));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-EACCES, STEP());
	EXPECT_EQ(0, STEP());
}

/*
 * Shows: RK-105, RK-87. The helper, and callers with View permission, can read
 * the security label.
 */
TEST_F(authority, security_label)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "V;s0;A;s0;W;I0,p",
		.test = getpid(),
	};
	pid_t asker = task_start(ask_as_other, &request);
	key_serial_t key = script_target(&self->script, &self->report);
	char label[256];

	ASSERT_LT(0, key);
	/* Possession of the authorisation key suffices */
	EXPECT_LT(0, STEP());
	EXPECT_LT(0, STEP());
	EXPECT_LT(0, STEP());
	/* Root is neither the owner of the key nor the helper */
	EXPECT_EQ(-ENOKEY, keyctl(KEYCTL_GET_SECURITY, key, label,
				  sizeof(label)));
	script_go(&self->script);
	EXPECT_EQ(0, script_result(&self->script, 'I', &self->report));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * True if the state shows that the authority has ended; the key may be
 * collected already.
 */
static bool is_over(long err)
{
	return err == -EKEYREVOKED || err == -ENOKEY;
}

/* Shows: RK-123, RK-83. An answer ends the authority of all its holders. */
TEST_F(authority, ends_with_answer)
{
	key_serial_t key = script_user_key("d", "A;l-7,-8;I0,p", 0), authkey;

	ASSERT_LT(0, key);
	authkey = STEP();
	EXPECT_LT(0, authkey);
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_TRUE(is_over(key_state(authkey)));
	EXPECT_TRUE(is_over(keyctl(KEYCTL_ASSUME_AUTHORITY, key)));
}

/* Shows: RK-86. The authority does not pass into another user namespace. */
TEST_F(authority, ends_with_user_namespace)
{
	EXPECT_EQ(-ENOKEY, script_user_key("d", "A;n;I0,p", 0));
	EXPECT_LT(0, STEP());
	ASSERT_EQ(0, STEP());
	EXPECT_EQ(-EPERM, STEP());
}

/*
 * Shows: RK-123, RK-93. The end of the helper without an answer ends the
 * authority, too.
 */
TEST_F(authority, ends_without_answer)
{
	key_serial_t authkey, key;

	EXPECT_EQ(-ENOKEY, script_user_key("d", "V;A;l-7,-8;X0", 0));
	key = script_target(&self->script, &self->report);
	authkey = STEP();
	EXPECT_LT(0, authkey);
	EXPECT_EQ(0, STEP());
	EXPECT_TRUE(is_over(key_state(authkey)));
	EXPECT_TRUE(is_over(keyctl(KEYCTL_ASSUME_AUTHORITY, key)));
}

/*
 * Shows: RK-121. If the key was revoked before the helper has ended, the
 * requester gets no key.
 */
TEST_F(authority, revoked_before_end)
{
	key_serial_t key;
	pid_t asker;

	REQUIRE_ONE_ANSWER();
	asker = script_user_key_child("d", "V;A;I0,p;W", 0);
	key = script_target(&self->script, &self->report);
	ASSERT_EQ(0, script_result(&self->script, 'I', &self->report));
	EXPECT_EQ(0, key_revoke(key));
	script_go(&self->script);
	EXPECT_EQ(-ENOKEY, task_result(asker));
	EXPECT_EQ(-EKEYREVOKED, key_request("user", "d", NULL, 0));
}

/* Shows: RK-121. If the key was invalidated, the requester gets no key. */
TEST_F(authority, invalidated_before_end)
{
	key_serial_t key;
	pid_t asker;

	REQUIRE_ONE_ANSWER();
	asker = script_user_key_child("d", "V;A;I0,p;W", 0);
	key = script_target(&self->script, &self->report);
	ASSERT_EQ(0, script_result(&self->script, 'I', &self->report));
	EXPECT_EQ(0, key_invalidate(key));
	script_go(&self->script);
	EXPECT_EQ(-ENOKEY, task_result(asker));
}

/* Shows: RK-121. If the key has expired, the requester gets no key. */
TEST_F(authority, expired_before_end)
{
	key_serial_t key;
	pid_t asker;

	REQUIRE_ONE_ANSWER();
	asker = script_user_key_child("d", "V;A;T1;I0,p;W", 0);
	key = script_target(&self->script, &self->report);
	ASSERT_EQ(0, script_result(&self->script, 'I', &self->report));
	EXPECT_EQ(-EKEYEXPIRED, key_wait_expired(key));
	script_go(&self->script);
	EXPECT_EQ(-ENOKEY, task_result(asker));
	EXPECT_EQ(-EKEYEXPIRED, key_state(key));
}

REQUEST_TEST_MAIN_WITH(more_steps)
