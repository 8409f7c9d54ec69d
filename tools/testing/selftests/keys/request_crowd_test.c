// SPDX-License-Identifier: GPL-2.0-only
/*
 * More hanging programs than the kernel has workers.
 *
 * The workqueue that starts programs runs 512 works at a time, for the whole
 * kernel.  If each program keeps one of them busy, a server that does not
 * answer can stop the kernel's work.
 */
#include "request_script.h"

#include <sys/file.h>

#include "../kselftest_harness.h"

/*
 * Works that the workqueue can run at a time, without those of others; and more
 */
#define THREADS		500
#define CROWD		560
#define TEST_LIMIT_S	180
#define START_LIMIT_MS	(120 * 1000)
#define STEP_MS		50
#define PATIENCE_MS	3000
/* Programs that run at a time for one user, and tasks that the test can kill */
#define PLACES		(512 + 32)
/* Programs that are ended, more than those that wait for a place */
#define ENDED		(2 * (CROWD - PLACES) + 8)
#define SOON_MS		1000
#define CROWD_UID	3050
#define HANG		"crowd-hang"
#define PROMPT		"crowd-prompt"

/* --- the helper --------------------------------------------------------- */

/* The test holds the lock until it ends in any way. */
static int hang(void)
{
	int fd = open(HELPER_PATH, O_RDONLY | O_CLOEXEC);

	return fd < 0 || flock(fd, LOCK_SH);
}

static int help(char **argv)
{
	key_serial_t key = atoi(argv[2]);
	char text[128] = "";

	if (keyctl(KEYCTL_DESCRIBE, key, text, sizeof(text) - 1) < 0)
		return 1;
	if (strstr(text, HANG))
		return hang();
	if (keyctl(KEYCTL_ASSUME_AUTHORITY, key) < 0)
		return 1;
	return keyctl(KEYCTL_INSTANTIATE, key, "p", 1, 0) < 0;
}

/* --- the test ----------------------------------------------------------- */

FIXTURE(crowd)
{
	pid_t members[CROWD];
	int lock;
};

static int ask(const void *description)
{
	key_serial_t key = key_request("user", description, "", 0);

	return key < 0 ? key : 0;
}

/* Calls @on for each hanging program; returns their number. */
static int hanging_programs(void (*on)(pid_t program, int index))
{
	char line[512];
	int count = 0, program;
	FILE *file = fopen("/proc/locks", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*d: -> FLOCK %*s %*s %d", &program) != 1)
			continue;
		if (on)
			on(program, count);
		count++;
	}
	if (file)
		fclose(file);
	return count;
}

static bool all_hang(int count)
{
	for (int ms = 0; hanging_programs(NULL) < count; ms += STEP_MS) {
		if (ms >= START_LIMIT_MS)
			return false;
		sleep_ms(STEP_MS);
	}
	return true;
}

FIXTURE_SETUP(crowd)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_LT(0, session_new());
	self->lock = open(HELPER_PATH, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->lock);
	ASSERT_EQ(0, flock(self->lock, LOCK_EX));
}

FIXTURE_TEARDOWN(crowd)
{
	set_knob("request_timeout", "0");
}

static void gather(FIXTURE_DATA(crowd) *self)
{
	char description[32];

	for (int i = 0; i < CROWD; i++) {
		snprintf(description, sizeof(description), HANG "-%d", i);
		self->members[i] = task_start(ask, description);
	}
}

/* Lets the programs end; returns how many requests end as expected. */
static int dissolve(FIXTURE_DATA(crowd) *self)
{
	int count = 0;

	flock(self->lock, LOCK_UN);
	for (int i = 0; i < CROWD; i++)
		count += task_ended(self->members[i], START_LIMIT_MS) &&
			 task_result(self->members[i]) == -ENOKEY;
	return count;
}

static int ask_as_other(const void *description)
{
	const struct caller caller = {
		.uid = CROWD_UID, .gid = CROWD_UID, .stranger = true,
	};

	return caller_become(&caller) ?: ask(description);
}

/*
 * Shows: RK-W2, RK-W3, RK-W22, RK-D26, RK-D33. No more programs run than there
 * are places.  Other users have places of their own, and waiting requests are
 * served in the end.
 */
TEST_F_TIMEOUT(crowd, blocks_nobody, TEST_LIMIT_S)
{
	pid_t asker, other;

	gather(self);
	EXPECT_TRUE(all_hang(request_ours ? PLACES : THREADS));
	other = task_start(ask_as_other, PROMPT);
	EXPECT_EQ(request_ours, task_ended(other, PATIENCE_MS));
	asker = task_start(ask, PROMPT);
	EXPECT_FALSE(task_ended(asker, PATIENCE_MS));
	if (request_ours)
		EXPECT_EQ(PLACES, hanging_programs(NULL));
	EXPECT_EQ(CROWD, dissolve(self));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, task_result(other));
}

/*
 * Shows: RK-W2, RK-W22, RK-D2, RK-D26, RK-D33. A time limit works however many
 * requests there are.  It frees no places, since the programs still run.
 */
TEST_F_TIMEOUT(crowd, is_timed_out, TEST_LIMIT_S)
{
	REQUIRE_REQUEST_OURS("RK-D2: there is no time limit");
	EXPECT_EQ(0, set_knob("request_timeout", "60"));
	gather(self);
	EXPECT_TRUE(all_hang(PLACES));
	for (int i = 0; i < CROWD; i++)
		EXPECT_EQ(-ETIMEDOUT, task_ended(self->members[i],
						 START_LIMIT_MS) ?
			  task_result(self->members[i]) : 0);
	EXPECT_EQ(PLACES, hanging_programs(NULL));

	EXPECT_EQ(0, set_knob("request_timeout", "1"));
	EXPECT_EQ(-ETIMEDOUT, task_run(ask, PROMPT));
	/* An answer may take longer than that on a kernel with all checks. */
	EXPECT_EQ(0, set_knob("request_timeout", "60"));
	EXPECT_EQ(0, task_run(ask_as_other, PROMPT));
	flock(self->lock, LOCK_UN);
	EXPECT_EQ(0, set_knob("request_timeout", "0"));
	EXPECT_EQ(0, task_run(ask, PROMPT "-2"));
}

static int count_ended(const pid_t *members)
{
	int count = 0;

	for (int i = 0; i < CROWD; i++)
		count += task_ended(members[i], 0);
	return count;
}

/* Waits until @count members have ended; returns how many have. */
static int wait_ended(const pid_t *members, int count, int limit_ms)
{
	for (int ms = 0; ms < limit_ms; ms += STEP_MS) {
		if (count_ended(members) >= count)
			break;
		sleep_ms(STEP_MS);
	}
	return count_ended(members);
}

static void end_program(pid_t program, int index)
{
	if (index < ENDED)
		kill(program, SIGKILL);
}

/*
 * Shows: RK-D1, RK-D22. A limited number of helpers needs no task that waits
 * for them.  Each helper beyond it has one, which counts against the
 * requester's limit of processes.
 */
TEST_F_TIMEOUT(crowd, left_behind, TEST_LIMIT_S)
{
	REQUIRE_REQUEST_OURS("RK-D1, RK-D22: nobody can be killed");
	gather(self);
	EXPECT_TRUE(all_hang(PLACES));
	for (int i = 0; i < CROWD; i++)
		kill(self->members[i], SIGKILL);
	wait_ended(self->members, PLACES, START_LIMIT_MS);
	sleep_ms(PATIENCE_MS);
	EXPECT_EQ(PLACES, count_ended(self->members));

	/* When a few helpers have ended, the other requesters can leave. */
	hanging_programs(end_program);
	EXPECT_EQ(CROWD, wait_ended(self->members, CROWD, 10 * SOON_MS));
	EXPECT_LT(PLACES / 2, hanging_programs(NULL));
	flock(self->lock, LOCK_UN);
	for (int i = 0; i < CROWD; i++)
		EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(self->members[i]));

	/* When these helpers have ended, other helpers can be left again. */
	ASSERT_EQ(0, flock(self->lock, LOCK_EX));
	self->members[0] = task_start(ask, HANG "-again");
	EXPECT_TRUE(all_hang(1));
	kill(self->members[0], SIGKILL);
	EXPECT_TRUE(task_ended(self->members[0], PATIENCE_MS));
	flock(self->lock, LOCK_UN);
}

REQUEST_HELPER_MAIN(help)
