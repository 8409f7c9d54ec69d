// SPDX-License-Identifier: GPL-2.0-only
/* keyctl(2) on a key under construction: instantiate, reject, and the rest. */
#include "request_script.h"

#include "../kselftest_harness.h"

#include <sys/uio.h>

#define TOO_LONG	1048576
#define SPEC_AUTH	"-7"

FIXTURE(answer)
{
	key_serial_t session;
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(answer)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(answer)
{
	script_close(&self->script);
}

/* Gets the result of the next step of the script. */
#define STEP() script_next(&self->script, &self->report)

/*
 * Shows: RK-96. The payload's length is checked before the authority, and the
 * authority before everything else.
 */
TEST_F(answer, order)
{
	ASSERT_EQ(-ENOKEY, script_user_key("d", "L1048576,-9;L1,-9;A;L1,-9", 0));
	EXPECT_EQ(-EINVAL, STEP());
	EXPECT_EQ(-EPERM, STEP());
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
}

static const struct iovec one_byte = { .iov_base = "x", .iov_len = 1 };

/* Shows: RK-96. Without authority nothing can be instantiated or rejected. */
TEST_F(answer, no_authority)
{
	key_serial_t key = key_add_user("d", "p", 1);

	EXPECT_EQ(-EPERM, keyctl(KEYCTL_INSTANTIATE, key, "p", 1, 0));
	EXPECT_EQ(-EPERM, keyctl(KEYCTL_INSTANTIATE_IOV, key, &one_byte, 1, 0));
	EXPECT_EQ(-EPERM, keyctl(KEYCTL_INSTANTIATE_IOV, key, NULL, 9, 0));
	EXPECT_EQ(-EFAULT, keyctl(KEYCTL_INSTANTIATE_IOV, key, 1, 1, 0));
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_INSTANTIATE_IOV, key, &one_byte,
				  UIO_MAXIOV + 1, 0));
	EXPECT_EQ(-EPERM, keyctl(KEYCTL_NEGATE, key, 1, 0));
	EXPECT_EQ(-EPERM, keyctl(KEYCTL_REJECT, key, 1, ENOKEY, 0));
}

/*
 * Shows: RK-100. The error number of a rejection is checked before everything
 * else.
 */
TEST_F(answer, reject_error)
{
	static const int refused[] = { 0, 512, 513, 514, 516, 4095, 4096 };

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		EXPECT_EQ(-EINVAL, keyctl(KEYCTL_REJECT, 1, 1, refused[i], -9));
	EXPECT_EQ(-EPERM, keyctl(KEYCTL_REJECT, 1, 1, 1, -9));
	EXPECT_EQ(-EPERM, keyctl(KEYCTL_REJECT, 1, 1, 511, -9));
}

/*
 * Shows: RK-100, RK-W18, RK-D10. The kernel's internal error numbers are
 * refused.
 */
TEST_F(answer, reject_internal_error)
{
	static const int internal[] = { 515, 517, 521, 529, 1000, 4094 };

	REQUIRE_REQUEST_SYMBOLS();
	for (size_t i = 0; i < ARRAY_SIZE(internal); i++)
		EXPECT_EQ(request_ours ? -EINVAL : -EPERM,
			  keyctl(KEYCTL_REJECT, 1, 1, internal[i], 0));
}

/* Shows: RK-97, RK-98. A bad keyring changes nothing. */
TEST_F(answer, bad_keyring)
{
	ASSERT_LT(0, script_user_key("d", "A;I-7,p;I-9,p;I1,p;N9,-7;I0,p", 0));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-EINVAL, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_EQ(-EINVAL, STEP());
	EXPECT_EQ(0, STEP());
}

/* Shows: RK-98. A special keyring is that of the requester. */
TEST_F(answer, special_keyrings)
{
	static const char *const names[] = { "-1", "-3", "-6", "-8" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		key_serial_t ring = keyring_new(names[i], self->session);
		key_serial_t key, member = 0;
		char steps[32];

		snprintf(steps, sizeof(steps), "A;I%s,p;Q%s,0", names[i],
			 names[i]);
		key = script_user_key(names[i], steps, ring);
		ASSERT_LT(0, key);
		/*
		 * Without the authority the helper searches its own keyrings.
		 */
		ASSERT_EQ(0, script_accept(&self->script));
		EXPECT_EQ(-ENOKEY, script_result(&self->script, 'Q',
						 &self->report));
		EXPECT_EQ((long)sizeof(member),
			  key_read(ring, &member, sizeof(member)));
		EXPECT_EQ(key, member);
	}
}

/* Shows: RK-98, RK-99. Another keyring gets a second link. */
TEST_F(answer, other_keyring)
{
	key_serial_t ring = keyring_new("ring", self->session);
	key_serial_t key, member = 0;
	char steps[32];

	/* The helper has only the permissions of other users */
	ASSERT_EQ(0, key_set_rights(ring, POSSESSOR(RIGHT_ALL) |
				    OWNER(RIGHT_ALL)));
	snprintf(steps, sizeof(steps), "A;I%d,p", ring);
	key = script_user_key("d", steps, self->session);
	ASSERT_LT(0, key);
	EXPECT_EQ((long)sizeof(member), key_read(ring, &member,
						 sizeof(member)));
	EXPECT_EQ(key, member);
}

/* Shows: RK-96, RK-99. A second answer fails, since the authority has ended. */
TEST_F(answer, once)
{
	ASSERT_LT(0, script_user_key("d", "A;I0,p;I0,p;A", 0));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-EPERM, STEP());
	STEP();
	EXPECT_TRUE(self->report.value == -EKEYREVOKED ||
		    self->report.value == -ENOKEY);
}

/* Shows: RK-96. The authority counts only for its own key. */
TEST_F(answer, other_key)
{
	char steps[128];

	snprintf(steps, sizeof(steps), "A;qinner,%d:A:A%d:N9,0;I0,p",
		 getpid(), key_add_user("other", "p", 1));
	ASSERT_LT(0, script_user_key("d", steps, 0));
	ASSERT_EQ(0, script_accept(&self->script));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_EQ(0, STEP());
	ASSERT_EQ(0, script_accept(&self->script));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_EQ(0, STEP());
}

/*
 * Shows: RK-96, RK-97. After a refusal by the type the helper can answer again.
 */
TEST_F(answer, refused_payload)
{
	ASSERT_LT(0, script_user_key("d", "A;L32768,0;L0,0;I0,p", 0));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-EINVAL, STEP());
	EXPECT_EQ(-EINVAL, STEP());
	EXPECT_EQ(0, STEP());
}

/*
 * Shows: RK-101. A restricted keyring takes neither an instantiated nor a
 * rejected key.
 */
TEST_F(answer, restricted_keyring)
{
	key_serial_t ring = keyring_new("ring", self->session);
	char steps[64];

	ASSERT_EQ(0, key_set_rights(ring, POSSESSOR(RIGHT_ALL) |
				    OWNER(RIGHT_ALL)));
	ASSERT_EQ(0, keyctl(KEYCTL_RESTRICT_KEYRING, ring, NULL, NULL));
	snprintf(steps, sizeof(steps), "A;I%d,p;N9,%d;I0,p", ring, ring);
	ASSERT_LT(0, script_user_key("d", steps, self->session));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-EPERM, STEP());
	EXPECT_EQ(-EPERM, STEP());
	EXPECT_EQ(0, STEP());
}

/*
 * Shows: RK-103. A timeout that was set during construction still applies after
 * the instantiation.
 */
TEST_F(answer, timeout_kept)
{
	key_serial_t key = script_user_key("d", "A;T3;I0,p", 0);

	ASSERT_LT(0, key);
	EXPECT_EQ(-EKEYEXPIRED, key_wait_expired(key));
}

/* Shows: RK-103, RK-102. The timeout of a rejection replaces it. */
TEST_F(answer, timeout_overwritten)
{
	EXPECT_EQ(-ECONNREFUSED, script_user_key("d", "A;T900;" SCRIPT_REJECT_SHORT, 0));
	EXPECT_EQ(-ECONNREFUSED, key_request("user", "d", NULL, 0));
	sleep_ms(SCRIPT_REJECT_PAST_MS);
	EXPECT_LT(0, script_user_key("d", "A;I0,p", 0));
}

/* Shows: RK-87, RK-103. The authority suffices for DESCRIBE and SET_TIMEOUT. */
TEST_F(answer, authority_overrides)
{
	key_serial_t key = script_user_key("d", "A;D;T9;T0;I0,p", 0);
	char expected[64];

	ASSERT_LT(0, key);
	EXPECT_LT(0, STEP());
	EXPECT_LT(0, STEP());
	snprintf(expected, sizeof(expected), "user;0;0;3f010000;d");
	EXPECT_STREQ(expected, self->report.text);
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(0, STEP());
}

/* Shows: RK-57, RK-58, RK-72. Operations on a key under construction. */
TEST_F(answer, under_construction)
{
	key_serial_t key, member = 0;
	char text[128];
	pid_t asker;

	asker = script_user_key_child("d", "A;W;I0,p", 0);
	key = script_result(&self->script, 'A', &self->report);
	ASSERT_LT(0, key);

	EXPECT_EQ((long)sizeof(member), key_read(self->session, &member,
						 sizeof(member)));
	EXPECT_EQ(member, keyctl(KEYCTL_SEARCH, self->session, "user", "d", 0));
	EXPECT_LT(0, key_describe(member, text, sizeof(text)));
	EXPECT_STREQ("user;0;0;3f010000;d", text);
	EXPECT_EQ(0, key_set_rights(member, POSSESSOR(RIGHT_ALL)));
	EXPECT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, member, 100));

	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(1, key_read(member, text, sizeof(text)));
}

static int read_key(const void *arg)
{
	char text[8];
	long ret = key_read(*(const key_serial_t *)arg, text, sizeof(text));

	return ret < 0 ? ret : 0;
}

static int update_key(const void *arg)
{
	key_serial_t key = key_add_user("d", "updated", 7);

	if (key < 0)
		return key;
	return key == *(const key_serial_t *)arg ? 0 : -EEXIST;
}

static int join_request(const void *arg)
{
	key_serial_t key = key_request("user", "d", NULL, 0);

	return key < 0 ? key : 0;
}

FIXTURE(waiter)
{
	key_serial_t session;
	key_serial_t key;
	struct script script;
	struct script_report report;
	pid_t asker;
	pid_t waiter;
};

FIXTURE_VARIANT(waiter)
{
	int (*call)(const void *arg);
	long nr;
	bool makes_another;
};

FIXTURE_VARIANT_ADD(waiter, reads) {
	.call = read_key, .nr = __NR_keyctl,
};

FIXTURE_VARIANT_ADD(waiter, adds) {
	.call = update_key, .nr = __NR_add_key, .makes_another = true,
};

FIXTURE_VARIANT_ADD(waiter, requests) {
	.call = join_request, .nr = __NR_request_key,
};

FIXTURE_SETUP(waiter)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(waiter)
{
	script_close(&self->script);
}

/* Leaves the key under construction, with one task that waits for it. */
static int begin_wait(FIXTURE_DATA(waiter) *self,
		      const FIXTURE_VARIANT(waiter) *variant, const char *steps)
{
	self->asker = script_user_key_child("d", steps, 0);
	if (script_result(&self->script, 'A', &self->report) < 0)
		return -EIO;
	self->key = keyctl(KEYCTL_SEARCH, self->session, "user", "d", 0);
	self->waiter = task_start(variant->call, &self->key);
	return task_sleeps_in(self->waiter, variant->nr) ? 0 : -ETIMEDOUT;
}

/*
 * Shows: RK-54, RK-56, RK-72. The requester waits for the answer, not for the
 * helper's end.
 */
TEST_F(waiter, wakes)
{
	ASSERT_EQ(0, begin_wait(self, variant, "A;W;I0,p;W"));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(self->waiter));
	EXPECT_FALSE(task_ended(self->asker, 0));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(self->asker));
}

/*
 * add_key(2) then makes another key, unless it returns the failure, as the base
 * does.
 */
static int when_rejected(const FIXTURE_VARIANT(waiter) *variant, bool ours)
{
	return ours && variant->makes_another ? -EEXIST :
	       -ECONNREFUSED;
}

/*
 * Shows: RK-54, RK-72, RK-D31. A rejection wakes the requester with the error.
 */
TEST_F(waiter, is_rejected)
{
	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_EQ(0, begin_wait(self, variant, "A;W;R60,111,0"));
	script_go(&self->script);
	EXPECT_EQ(when_rejected(variant, request_ours),
		  task_result(self->waiter));
	EXPECT_EQ(-ECONNREFUSED, task_result(self->asker));
}

/*
 * Shows: RK-102, RK-D31. Only waiting requesters get the error of a rejection
 * with lifetime zero.
 */
TEST_F(waiter, is_rejected_for_no_time)
{
	REQUIRE_REQUEST_SYMBOLS();
	REQUIRE_ONE_ANSWER();
	ASSERT_EQ(0, begin_wait(self, variant, "A;W;R0,111,0"));
	script_go(&self->script);
	EXPECT_EQ(when_rejected(variant, request_ours),
		  task_result(self->waiter));
	EXPECT_EQ(-ENOKEY, task_result(self->asker));
}

static void ignore(int sig)
{
}

static int join_with_handler(const void *arg)
{
	const struct sigaction action = { .sa_handler = ignore };

	sigaction(SIGUSR1, &action, NULL);
	return join_request(arg);
}

/*
 * Shows: RK-55. A signal ends the wait of a second requester; the key stays
 * under construction.
 */
TEST_F(waiter, is_interrupted)
{
	const FIXTURE_VARIANT(waiter) joins = {
		.call = join_with_handler, .nr = __NR_request_key,
	};

	ASSERT_EQ(0, begin_wait(self, &joins, "A;W;I0,p"));
	kill(self->waiter, SIGUSR1);
	EXPECT_EQ(-EINTR, task_result(self->waiter));
	self->waiter = task_start(join_request, NULL);
	ASSERT_TRUE(task_sleeps_in(self->waiter, __NR_request_key));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(self->waiter));
	EXPECT_EQ(0, task_result(self->asker));
}

REQUEST_TEST_MAIN
