// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests when memory runs out, or a program's memory cannot be accessed:
 * on the side of the requester, and on that of the helper.
 */
#include "fault.h"
#include "request_script.h"

#include "../kselftest_harness.h"

#define ANSWER	"payload"

FIXTURE(fault)
{
	struct script script;
	struct script_report report;
	struct charge before;
};

FIXTURE_SETUP(fault)
{
	REQUIRE_HELPER();
	REQUIRE_FAULTS();
	ASSERT_LT(0, session_new());
	/* The keyring must exist before the first call. */
	ASSERT_LT(0, keyctl(KEYCTL_GET_KEYRING_ID,
			    KEY_SPEC_USER_SESSION_KEYRING, 1));
	ASSERT_EQ(0, script_open(&self->script));
	self->before = charge_now(geteuid());
}

FIXTURE_TEARDOWN(fault)
{
	script_close(&self->script);
}

/*
 * struct request_call - a request that is repeated
 * @request:	the request
 * @script: socket that its helpers connect to
 */
struct request_call {
	struct script_request request;
	struct script *script;
};

static long call_request(void *arg)
{
	struct request_call *call = arg;

	return script_ask(&call->request);
}

static void undo_request(void *arg, long key)
{
	struct request_call *call = arg;

	key_unlink(key, KEY_SPEC_SESSION_KEYRING);
	/* A connection holds the helper's credentials, and so its keyring. */
	script_count(call->script);
}

/*
 * Shows: RK-62, RK-110, RK-116, RK-W15, RK-D4. A failed request leaves nothing
 * behind.
 */
TEST_F(fault, ask)
{
	struct request_call call = {
		.request = {
			.type = "user", .description = "d",
			.steps = "A;I0," ANSWER, .test = getpid(),
		},
		.script = &self->script,
	};
	struct faulty faulty = {
		.call = call_request, .undo = undo_request, .arg = &call,
	};
	char text[16] = "";
	long key;

	REQUIRE_REQUEST_OURS("RK-D4: a shortage is remembered for a minute");
	key = each_fault(&faulty);
	EXPECT_LT(0, key);
	EXPECT_LT(8, faulty.faults);
	EXPECT_EQ((long)strlen(ANSWER), key_read(key, text, sizeof(text)));
	EXPECT_STREQ(ANSWER, text);
	undo_request(&call, key);
	EXPECT_TRUE(charge_returns(&self->before));
}

/* Shows: RK-47. The key is found, and linked into the destination. */
TEST_F(fault, find_and_link)
{
	key_serial_t ring = keyring_new("ring", KEY_SPEC_SESSION_KEYRING);
	struct request_call call = {
		.request = { .type = "user", .description = "d", .ring = ring },
		.script = &self->script,
	};
	struct faulty faulty = { .call = call_request, .arg = &call };
	key_serial_t key;

	ASSERT_LT(0, ring);
	key = key_add_user("d", "p", 1);
	ASSERT_LT(0, key);
	call.request.steps = "X1";
	EXPECT_EQ(key, each_fault(&faulty));
	EXPECT_LT(3, faulty.faults);
	EXPECT_EQ(0, key_unlink(key, ring));
	EXPECT_EQ(0, key_unlink(key, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, key_revoke(ring));
	EXPECT_EQ(0, key_unlink(ring, KEY_SPEC_SESSION_KEYRING));
	EXPECT_TRUE(charge_returns(&self->before));
}

/*
 * struct answer_call - an answer that is repeated
 * @key:	key under construction
 * @payload: payload of the key, NULL to reject it
 * @len:	length of @payload
 */
struct answer_call {
	key_serial_t key;
	const char *payload;
	size_t len;
};

static long call_assume(void *arg)
{
	const struct answer_call *call = arg;

	return keyctl(KEYCTL_ASSUME_AUTHORITY, call->key);
}

/* Longer than a requester may take to see it on a busy machine */
#define REJECTED_S	600

static long call_answer(void *arg)
{
	const struct answer_call *call = arg;

	if (!call->payload)
		return keyctl(KEYCTL_REJECT, call->key, REJECTED_S, ECONNREFUSED,
			      KEY_SPEC_SESSION_KEYRING);
	return keyctl(KEYCTL_INSTANTIATE, call->key, call->payload, call->len,
		      KEY_SPEC_SESSION_KEYRING);
}

/* Returns the number of failures, or the error of the call. */
static int count_faults(long (*call)(void *arg), struct answer_call *arg)
{
	struct faulty faulty = {
		.call = call, .arg = arg, .once = call == call_answer,
	};
	long ret = each_fault(&faulty);

	/* The key is rejected even if the link fails. */
	if (ret == -EBUSY && call == call_answer && !arg->payload)
		ret = 0;
	return ret < 0 ? ret : faulty.faults;
}

/* Steps of the helper: a to assume, i to instantiate, r to reject. */
static int step_faults(struct script_helper *helper, char *step, char *text,
		       size_t size)
{
	static char long_payload[4096];
	struct answer_call call = { .key = helper->key };

	switch (*step) {
	case 'a':
		return count_faults(call_assume, &call);
	case 'i':
		call.payload = long_payload;
		call.len = sizeof(long_payload);
		return count_faults(call_answer, &call);
	case 'r':
		return count_faults(call_answer, &call);
	}
	return -EOPNOTSUPP;
}

/* Shows: RK-96, RK-97. A failure changes neither the authority nor the key. */
TEST_F(fault, instantiate)
{
	pid_t asker = script_user_key_child("d", "a;i", 0);

	EXPECT_LE(1, script_result(&self->script, 'a', &self->report));
	/* Debugging code may allocate meanwhile, and copes with a failure. */
	EXPECT_LE(2, script_result(&self->script, 'i', &self->report));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: RK-96, RK-97. */
TEST_F(fault, reject)
{
	pid_t asker = script_user_key_child("d", "a;r", 0);

	EXPECT_LE(1, script_result(&self->script, 'r', &self->report));
	EXPECT_EQ(-ECONNREFUSED, task_result(asker));
}

static long call_look(void *arg)
{
	char text[1024];
	int fd = result(open("/proc/key-requests", O_RDONLY | O_CLOEXEC));
	long len;

	if (fd < 0)
		return fd;
	len = result(read(fd, text, sizeof(text) - 1));
	close(fd);
	if (len < 0)
		return len;
	text[len] = '\0';
	/* A line in the file is always complete. */
	return strstr(text, " user looked-at\n") ? 0 : -EBADMSG;
}

/*
 * Shows: RK-D24. The list of requests is shown completely, or the read fails.
 */
TEST_F(fault, list)
{
	struct faulty faulty = { .call = call_look };
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D24: there is no list of requests");
	asker = script_user_key_child("looked-at", "A;W;I0,p", 0);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_EQ(0, each_fault(&faulty));
	EXPECT_LT(2, faulty.faults);
	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
}

REQUEST_TEST_MAIN_WITH(step_faults)
