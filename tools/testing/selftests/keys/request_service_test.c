// SPDX-License-Identifier: GPL-2.0-only
/* Additions of this series to mainline's request-key service. */
#include "request_script.h"

#include "../kselftest_harness.h"

#define ONE_SECOND_MS	1000
/* A helper that answers has done so by then, on a kernel with all checks, too. */
#define SECONDS_TO_ANSWER	"8"

FIXTURE(service)
{
	key_serial_t session;
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(service)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(service)
{
	script_close(&self->script);
	set_knob("request_timeout", "0");
	set_knob("negative_timeout", "60");
}

/*
 * Shows: RK-112, RK-W2, RK-D1, RK-D22. A requester can be killed; a later
 * answer still counts.
 */
TEST_F(service, killed)
{
	pid_t asker;

	REQUIRE_REQUEST_SYMBOLS();
	asker = script_user_key_child("d", "A;W;I0,p", 0);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	kill(asker, SIGKILL);
	EXPECT_EQ(request_ours, task_ended(asker, ONE_SECOND_MS));
	script_go(&self->script);
	EXPECT_EQ(0, script_result(&self->script, 'I', &self->report));
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	EXPECT_LT(0, key_request("user", "d", NULL, 0));
}

static int join_request(const void *arg)
{
	key_serial_t key = key_request("user", "d", NULL, 0);

	return key < 0 ? key : 0;
}

/*
 * Shows: RK-W2, RK-W4, RK-D22. If the helper then ends without an answer, no
 * other requester is left waiting.
 */
TEST_F(service, killed_and_not_answered)
{
	pid_t asker, waiter;

	/*
	 * On other kernels the child would keep the socket open that its helper
	 * waits at
	 */
	REQUIRE_REQUEST_OURS("RK-D22: a requester cannot be killed");
	asker = script_user_key_child("d", "A;W", 0);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	kill(asker, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	waiter = task_start(join_request, NULL);
	ASSERT_TRUE(task_sleeps_in(waiter, __NR_request_key));
	script_go(&self->script);
	EXPECT_EQ(-ENOKEY, task_result(waiter));
}

/*
 * Shows: RK-W2, RK-W5, RK-D2. The time limit ends the request; its error is
 * remembered for a while.
 */
TEST_F(service, timeout)
{
	long begun = now_ms();
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D2: there is no time limit");
	ASSERT_EQ(0, set_knob("request_timeout", "1"));
	asker = script_user_key_child("d", "A;W;I0,p", 0);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_EQ(-ETIMEDOUT, task_result(asker));
	EXPECT_LE(ONE_SECOND_MS, now_ms() - begun);
	EXPECT_EQ(-ETIMEDOUT, script_user_key("d", "A;I0,p", 0));

	/* The late answer is refused. */
	script_go(&self->script);
	EXPECT_EQ(-EBUSY, script_result(&self->script, 'I', &self->report));
	EXPECT_EQ(0, script_count(&self->script));
}

/* Shows: RK-W2, RK-D2. A time limit that is not reached has no effect. */
TEST_F(service, timeout_not_reached)
{
	REQUIRE_REQUEST_OURS("RK-D2: there is no time limit");
	ASSERT_EQ(0, set_knob("request_timeout", SECONDS_TO_ANSWER));
	EXPECT_LT(0, script_user_key("d", "A;I0,p", 0));
	EXPECT_EQ(-ENOKEY, script_user_key("e", "X0", 0));
}

/* Shows: RK-W2, RK-D2. Each request has its own time limit. */
TEST_F(service, timeouts)
{
	pid_t askers[8];
	char name[8];

	REQUIRE_REQUEST_OURS("RK-D2: there is no time limit");
	ASSERT_EQ(0, set_knob("request_timeout", SECONDS_TO_ANSWER));
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		askers[i] = script_user_key_child(name, i % 2 ? "A;I0,p" :
						  "A;W", 0);
		sleep_ms(50);
	}
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(i % 2 ? 0 : -ETIMEDOUT, task_result(askers[i]));
}

/*
 * Shows: RK-W2, RK-D2. A key that was answered is no failure, however long the
 * helper goes on.
 */
TEST_F(service, timeout_after_answer)
{
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D2: there is no time limit");
	ASSERT_EQ(0, set_knob("request_timeout", SECONDS_TO_ANSWER));
	asker = script_user_key_child("d", "A;I0,p;W", 0);
	EXPECT_EQ(0, task_result(asker));
	EXPECT_LT(0, key_request("user", "d", NULL, 0));

	asker = script_user_key_child("e", "A;R60,111,0;W", 0);
	EXPECT_EQ(-ECONNREFUSED, task_result(asker));
}

/*
 * Shows: RK-W5, RK-D5. The time for which failures are remembered can be set.
 */
TEST_F(service, negative_timeout)
{
	REQUIRE_REQUEST_OURS("RK-D5: the lifetime of a failure is fixed");
	REQUIRE_ONE_ANSWER();
	ASSERT_EQ(0, set_knob("negative_timeout", "3"));
	EXPECT_EQ(-ENOKEY, script_user_key("d", "X0", 0));
	EXPECT_EQ(-ENOKEY, script_user_key("d", "A;I0,p", 0));
	sleep_ms(4 * ONE_SECOND_MS + 100);
	EXPECT_LT(0, script_user_key("d", "A;I0,p", 0));

	ASSERT_EQ(0, set_knob("negative_timeout", "0"));
	EXPECT_EQ(-ENOKEY, script_user_key("e", "X0", 0));
	EXPECT_LT(0, script_user_key("e", "A;I0,p", 0));
}

/* Shows: RK-W2, RK-W5, RK-D2, RK-D5. The knobs refuse invalid numbers. */
TEST_F(service, knobs)
{
	int err = request_ours ? -EINVAL : -ENOENT;

	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(err, set_knob("request_timeout", "-1"));
	EXPECT_EQ(err, set_knob("request_timeout", "2147483647"));
	EXPECT_EQ(err, set_knob("negative_timeout", "-1"));
}

static int cannot_view(const void *arg)
{
	const struct caller caller = {
		.uid = 5005, .gid = 5005, .stranger = true,
	};
	char line[512];
	int err = caller_become(&caller);

	if (err)
		return err;
	return find_line("/proc/key-requests", "watched", line, sizeof(line)) ?
	       -EEXIST : 0;
}

/*
 * Shows: RK-W19, RK-D24. Callers with View permission for the key see requests
 * in flight.
 */
TEST_F(service, proc_key_requests)
{
	char line[512], expected[256];
	key_serial_t key;
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D24: there is no /proc/key-requests");
	asker = script_user_key_child("watched", "A;W;I0,p", 0);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	key = keyctl(KEYCTL_SEARCH, self->session, "user", "watched", 0);

	ASSERT_TRUE(find_line("/proc/key-requests", "watched", line,
			      sizeof(line)));
	snprintf(expected, sizeof(expected),
		 " helper routed user %08x 0 %d - user watched\n", key, asker);
	EXPECT_TRUE(!!strstr(line, expected));
	EXPECT_EQ(0, task_run(cannot_view, NULL));

	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
	EXPECT_FALSE(find_line("/proc/key-requests", "watched", line,
			       sizeof(line)));
}

/*
 * Shows: RK-W2, RK-W19, RK-D24. A request whose requester was killed can be
 * seen, too.
 */
TEST_F(service, proc_abandoned)
{
	char line[512];
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D24: there is no /proc/key-requests");
	asker = script_user_key_child("watched", "A;W;I0,p", 0);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	kill(asker, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	EXPECT_TRUE(find_line("/proc/key-requests", " helper abandoned user ",
			      line, sizeof(line)));
	script_go(&self->script);
	EXPECT_EQ(0, script_result(&self->script, 'I', &self->report));
}

/*
 * Shows: RK-W19, RK-D24. A description is shown as one word, without control
 * characters.
 */
TEST_F(service, proc_escapes)
{
	char line[512];
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D24: there is no /proc/key-requests");
	asker = script_user_key_child("two\nlines\033[31m\\", "A;W;I0,p", 0);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_TRUE(find_line("/proc/key-requests",
			      " user two\\012lines\\033[31m\\134\n", line,
			      sizeof(line)));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: RK-W19, RK-D24. Tracepoints show the stages of a request. */
TEST_F(service, tracepoints)
{
	static const char trace[] = "/sys/kernel/tracing/trace";
	static const char events[] =
		"/sys/kernel/tracing/events/key_request/enable";
	char line[512];

	REQUIRE_REQUEST_OURS("RK-D24: there are no tracepoints");
	mount("none", "/sys/kernel/tracing", "tracefs", 0, NULL);
	if (file_write(events, "1"))
		SKIP(return, "debug kernels only: needs CONFIG_EVENT_TRACING");
	EXPECT_LT(0, script_user_key("traced", "A;I0,p", 0));
	EXPECT_EQ(-ENOKEY, script_user_key("refused", "X3", 0));
	EXPECT_EQ(-ENOKEY, script_user_key("left", "x5", 0));
	EXPECT_LT(0, script_user_key("forged\nline=1\033", "A;I0,p", 0));
	EXPECT_EQ(0, file_write(events, "0"));

	EXPECT_TRUE(find_line(trace, "uid=0 type=user description=traced", line,
			      sizeof(line)));
	EXPECT_TRUE(find_line(trace, "route=helper", line, sizeof(line)));
	EXPECT_TRUE(find_line(trace, "key_request_deliver: ", line,
			      sizeof(line)));
	EXPECT_TRUE(find_line(trace, "error=0 cause=answer status=0", line,
			      sizeof(line)));
	EXPECT_TRUE(find_line(trace, "error=-126 cause=no-answer status=0x300",
			      line, sizeof(line)));
	EXPECT_TRUE(find_line(trace, "error=-126 cause=no-answer status=0x500",
			      line, sizeof(line)));
	/* Each line is the kernel's, whatever description a program requests */
	EXPECT_TRUE(find_line(trace, "description=forged?line=1?\n", line,
			      sizeof(line)));
}

/*
 * Shows: RK-108, RK-D24, RK-D25. A kernel tells which of these features it has,
 * and not by bits that mainline may use later.
 */
TEST_F(service, features)
{
	unsigned char bits[3] = {};

	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(2, keyctl(KEYCTL_CAPABILITIES, bits, sizeof(bits)));
	EXPECT_EQ(0, bits[2]);
	EXPECT_EQ(request_ours ? 0x0f : -EOPNOTSUPP,
		  keyctl(KEYCTL_REQUEST_FEATURES, 0));
	EXPECT_EQ(request_ours ? -EINVAL : -EOPNOTSUPP,
		  keyctl(KEYCTL_REQUEST_FEATURES, 1));
	EXPECT_EQ(request_ours ? 0 : -ENOENT,
		  result(access("/proc/key-requests", F_OK)));
}

REQUEST_TEST_MAIN
