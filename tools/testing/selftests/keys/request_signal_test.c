// SPDX-License-Identifier: GPL-2.0-only
/*
 * Effects of signals, and of events that work like signals, on a task that
 * waits for a key.
 */
#include "request_script.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "../kselftest_harness.h"

/*
 * How long a signal takes to have its effect, and how long a call lasts at
 * least
 */
#define SOON_MS		3000
#define MEANWHILE_MS	300
#define SIGNAL_UID	3060
/* All permissions for the possessor and for the owner */
#define ANY_PERM	0x3f3f0000

/*
 * struct seen - reports of the child while it waits
 * @handled:	how often its signal handler ran
 * @done: whether its other thread has done its work
 */
struct seen {
	int handled;
	int done;
};

static struct seen *seen;

FIXTURE(signals)
{
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(signals)
{
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)seen);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(signals)
{
	script_close(&self->script);
}

static bool becomes(const int *what, int value)
{
	for (int ms = 0; ms < SOON_MS; ms++) {
		if (__atomic_load_n(what, __ATOMIC_SEQ_CST) >= value)
			return true;
		sleep_ms(1);
	}
	return false;
}

static void note(int sig)
{
	__atomic_add_fetch(&seen->handled, 1, __ATOMIC_SEQ_CST);
}

/*
 * struct asking - a child's request
 * @request:	the request
 * @handler: whether the child handles SIGALRM
 * @flags: flags of the handler
 * @other: function of another thread of the child
 */
struct asking {
	struct script_request request;
	bool handler;
	int flags;
	void *(*other)(void *arg);
};

static int ask(const void *arg)
{
	const struct asking *asking = arg;
	struct sigaction action = {
		.sa_handler = note, .sa_flags = asking->flags,
	};
	pthread_t thread;

	if (asking->handler)
		sigaction(SIGALRM, &action, NULL);
	if (asking->other && pthread_create(&thread, NULL, asking->other, NULL))
		return -EAGAIN;
	return script_ask_child(&asking->request);
}

static struct asking some_asking(const char *description)
{
	return (struct asking){
		.request = {
			.type = "user", .description = description,
			.steps = "A;W;I0,p", .test = getpid(),
		},
	};
}

/* Lets the helper answer, and checks that there was no other helper. */
static void answer(struct __test_metadata *_metadata,
		   FIXTURE_DATA(signals) *self)
{
	script_go(&self->script);
	EXPECT_EQ(0, script_result(&self->script, 'I', &self->report));
	EXPECT_EQ(0, script_count(&self->script));
}

/* Shows: RK-55, RK-D34. The call ends, the request goes on, and can be joined. */
TEST_F(signals, handler)
{
	struct asking asking = some_asking("handler");
	pid_t asker, joiner;

	REQUIRE_REQUEST_OURS("RK-D34: no signal reaches a requester");
	asking.handler = true;
	asker = task_start(ask, &asking);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	kill(asker, SIGALRM);
	EXPECT_TRUE(task_ended(asker, SOON_MS));
	EXPECT_EQ(-EINTR, task_result(asker));
	EXPECT_EQ(1, seen->handled);

	joiner = task_start(ask, &asking);
	ASSERT_TRUE(task_sleeps_in(joiner, __NR_request_key));
	answer(_metadata, self);
	EXPECT_EQ(0, task_result(joiner));
}

/* Shows: RK-55, RK-D34. The handler runs at once, and the call is made again. */
TEST_F(signals, handler_restarts)
{
	struct asking asking = some_asking("restarts");
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D34: no signal reaches a requester");
	asking.handler = true;
	asking.flags = SA_RESTART;
	asker = task_start(ask, &asking);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	for (int i = 1; i <= 3; i++) {
		kill(asker, SIGALRM);
		EXPECT_TRUE(becomes(&seen->handled, i));
	}
	EXPECT_FALSE(task_ended(asker, MEANWHILE_MS));
	answer(_metadata, self);
	EXPECT_EQ(0, task_result(asker));
}

static bool becomes_state(pid_t task, char state)
{
	char text[512], *after_name;

	for (int ms = 0; ms < SOON_MS; ms++) {
		task_read(task, "stat", text, sizeof(text));
		after_name = strrchr(text, ')');
		if (after_name && after_name[2] == state)
			return true;
		sleep_ms(1);
	}
	return false;
}

/*
 * Shows: RK-D34. A waiting task can be stopped, and goes on waiting when it is
 * continued.
 */
TEST_F(signals, stopped)
{
	struct asking asking = some_asking("stopped");
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D34: no signal reaches a requester");
	if (task_is_traced())
		SKIP(return, "untraced only: a traced task stops for its tracer");
	asker = task_start(ask, &asking);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	kill(asker, SIGSTOP);
	EXPECT_TRUE(becomes_state(asker, 'T'));
	kill(asker, SIGCONT);
	EXPECT_TRUE(task_sleeps_in(asker, __NR_request_key));
	answer(_metadata, self);
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: RK-D34. SIGINT ends a waiting task. */
TEST_F(signals, interrupted)
{
	struct asking asking = some_asking("interrupted");
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D34: no signal reaches a requester");
	asker = task_start(ask, &asking);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	kill(asker, SIGINT);
	EXPECT_TRUE(task_ended(asker, SOON_MS));
	EXPECT_EQ(TASK_KILLED(SIGINT), task_result(asker));
	answer(_metadata, self);
}

/* Goes on once the first thread waits. */
static void *becomes_other(void *arg)
{
	task_sleeps_in(getpid(), __NR_request_key);
	if (setuid(SIGNAL_UID) == 0)
		__atomic_store_n(&seen->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Shows: RK-D34. setuid(2) of the C library interrupts every thread. */
TEST_F(signals, setuid)
{
	struct asking asking = some_asking("setuid");
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D34: no signal reaches a requester");
	asking.other = becomes_other;
	asker = task_start(ask, &asking);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_TRUE(becomes(&seen->done, 1));
	answer(_metadata, self);
	task_result(asker);
}

/* The same after the process has executed another program. */
static void *runs_another(void *arg)
{
	task_sleeps_in(getpid(), __NR_request_key);
	execl("/bin/true", "true", NULL);
	return NULL;
}

/*
 * Shows: RK-D34. execve(2) in one thread does not wait until another thread
 * gets its key.
 */
TEST_F(signals, exec)
{
	struct asking asking = some_asking("exec");
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D34: no signal reaches a requester");
	asking.other = runs_another;
	asker = task_start(ask, &asking);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_TRUE(task_ended(asker, SOON_MS));
	EXPECT_EQ(0, task_result(asker));
	answer(_metadata, self);
}

/* A keyring that this process may fill, and that its searches do not find. */
static key_serial_t ring_out_of_reach(void)
{
	key_serial_t ring = keyring_new("reach", KEY_SPEC_SESSION_KEYRING);

	if (ring > 0 &&
	    (key_set_rights(ring, ANY_PERM) ||
	     key_link(ring, KEY_SPEC_USER_KEYRING) ||
	     key_unlink(ring, KEY_SPEC_SESSION_KEYRING)))
		return -1;
	return ring;
}

/*
 * Shows: RK-D34. A requester is not interrupted if a repeated request would not
 * find its key and would make another one.
 */
TEST_F(signals, key_out_of_reach)
{
	struct asking asking = some_asking("reach");
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D34: no signal reaches a requester");
	asking.handler = true;
	asking.request.ring = ring_out_of_reach();
	ASSERT_LT(0, asking.request.ring);
	asker = task_start(ask, &asking);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	kill(asker, SIGALRM);
	EXPECT_FALSE(task_ended(asker, MEANWHILE_MS));
	EXPECT_EQ(0, seen->handled);
	answer(_metadata, self);
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(1, seen->handled);
	EXPECT_EQ(0, key_unlink(asking.request.ring, KEY_SPEC_USER_KEYRING));
}

#define CGROUP_ROOT	"/tmp/request-signal-cgroup"
#define CGROUP		CGROUP_ROOT "/frozen"

static bool cgroup_says(const char *part)
{
	char line[64];

	for (int ms = 0; ms < SOON_MS; ms++) {
		if (find_line(CGROUP "/cgroup.events", part, line,
			      sizeof(line)))
			return true;
		sleep_ms(1);
	}
	return false;
}

/* Shows: RK-D34. A cgroup can be frozen although a task of it waits for a key. */
TEST_F(signals, cgroup_frozen)
{
	struct asking asking = some_asking("frozen");
	char pid[16];
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D34: no signal reaches a requester");
	mkdir(CGROUP_ROOT, 0700);
	ASSERT_EQ(0, mount("none", CGROUP_ROOT, "cgroup2", 0, NULL));
	ASSERT_EQ(0, mkdir(CGROUP, 0700));
	asker = task_start(ask, &asking);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	snprintf(pid, sizeof(pid), "%d", asker);
	EXPECT_EQ(0, file_write(CGROUP "/cgroup.procs", pid));
	EXPECT_EQ(0, file_write(CGROUP "/cgroup.freeze", "1"));
	EXPECT_TRUE(cgroup_says("frozen 1"));
	EXPECT_EQ(0, file_write(CGROUP "/cgroup.freeze", "0"));
	EXPECT_TRUE(cgroup_says("frozen 0"));
	EXPECT_TRUE(task_sleeps_in(asker, __NR_request_key));
	answer(_metadata, self);
	EXPECT_EQ(0, task_result(asker));
	EXPECT_TRUE(cgroup_says("populated 0"));
	rmdir(CGROUP);
	umount2(CGROUP_ROOT, MNT_DETACH);
	rmdir(CGROUP_ROOT);
}

/* Finds a line of a file that has both @part and @other in it. */
static bool line_has(const char *path, const char *part, const char *other)
{
	char line[512];

	return find_line(path, part, line, sizeof(line)) && strstr(line, other);
}

/* Shows: RK-80, RK-D35. The number of a process that has ended is not shown. */
TEST_F(signals, process_is_gone)
{
	struct asking asking = some_asking("gone");
	char part[32], pid[32];
	key_serial_t key;
	pid_t asker;

	REQUIRE_REQUEST_OURS("RK-D35: nobody can be killed");
	asking.request.steps = "V;A;W;I0,p";
	asker = task_start(ask, &asking);
	key = script_target(&self->script, &self->report);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	snprintf(part, sizeof(part), "key:%x ", key);
	snprintf(pid, sizeof(pid), " pid:%d ", asker);
	EXPECT_TRUE(line_has("/proc/keys", part, pid));
	snprintf(pid, sizeof(pid), " %d - user gone", asker);
	EXPECT_TRUE(line_has("/proc/key-requests", "user gone", pid));

	kill(asker, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	EXPECT_TRUE(line_has("/proc/keys", part, " pid:0 "));
	EXPECT_TRUE(line_has("/proc/key-requests", "user gone",
			     " 0 - user gone"));
	answer(_metadata, self);
}

#define CLOCK_STEP_MS	100
#define CLOCK_TRIES	(2 * SCRIPT_REJECT_PAST_MS / CLOCK_STEP_MS)

/* Sets the clock back by an hour, or forward again. */
static int shift_clock(int seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += seconds;
	return result(clock_settime(CLOCK_REALTIME, &now));
}

/*
 * Shows: RK-D36. A failure is forgotten in time, even if the clock is changed.
 */
TEST_F(signals, clock_is_put_back)
{
	const int hour = 60 * 60;
	int ret = 0, asked = 0;

	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(-ECONNREFUSED, script_user_key("clock", "A;" SCRIPT_REJECT_SHORT, 0));
	asked += script_count(&self->script);
	ASSERT_EQ(0, shift_clock(-hour));
	for (int i = 0; i < CLOCK_TRIES && asked < 2; i++) {
		sleep_ms(CLOCK_STEP_MS);
		ret = script_user_key("clock", "A;" SCRIPT_REJECT_SHORT, 0);
		asked += script_count(&self->script);
	}
	shift_clock(hour);
	EXPECT_EQ(-ECONNREFUSED, ret);
	EXPECT_EQ(request_ours ? 2 : 1, asked);
}

REQUEST_TEST_MAIN
