// SPDX-License-Identifier: GPL-2.0-only
/* Several tasks that request one key at the same time. */
#include "request_script.h"

#include "../kselftest_harness.h"

#define TASKS	24
#define KEYS	4

FIXTURE(race)
{
	key_serial_t session;
	struct script script;
	struct script_report report;
	int start[2];
};

FIXTURE_SETUP(race)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
	ASSERT_EQ(0, pipe(self->start));
}

FIXTURE_TEARDOWN(race)
{
	script_close(&self->script);
}

/*
 * struct racer - one of many requesters
 * @request: its request
 * @start:	pipe whose end is the start signal
 * @new_session: whether it has a session keyring of its own
 * @caller: its identity, NULL for that of the test
 */
struct racer {
	struct script_request request;
	const int *start;
	bool new_session;
	const struct caller *caller;
};

static int race(const void *arg)
{
	const struct racer *racer = arg;
	char end;
	int err;

	if (racer->caller) {
		err = caller_become(racer->caller);
		if (err)
			return err;
	}
	if (racer->new_session && session_new() < 0)
		return -EIO;
	close(racer->start[1]);
	if (read(racer->start[0], &end, 1) != 0)
		return -EIO;
	return script_ask_child(&racer->request);
}

static void start_race(FIXTURE_DATA(race) *self)
{
	close(self->start[1]);
}

static struct racer new_racer(FIXTURE_DATA(race) *self, const char *steps)
{
	return (struct racer){
		.request = {
			.type = "user", .description = "d", .steps = steps,
			.test = getpid(),
		},
		.start = self->start,
	};
}

/*
 * Shows: RK-69, RK-70. Requesters with one session keyring get one key by one
 * upcall.
 */
TEST_F(race, one_session)
{
	struct racer racer = new_racer(self, "A;S50;I0,p");
	pid_t tasks[TASKS];

	for (int i = 0; i < TASKS; i++)
		tasks[i] = task_start(race, &racer);
	start_race(self);
	for (int i = 0; i < TASKS; i++)
		EXPECT_EQ(0, task_result(tasks[i]));
	EXPECT_EQ(1, script_count(&self->script));
}

/* Shows: RK-69, RK-70. The same holds for each of several keys. */
TEST_F(race, several_keys)
{
	static const char *const names[KEYS] = { "a", "b", "c", "d" };
	struct racer racers[KEYS];
	pid_t tasks[TASKS];

	for (int i = 0; i < KEYS; i++) {
		racers[i] = new_racer(self, "A;S20;I0,p");
		racers[i].request.description = names[i];
	}
	for (int i = 0; i < TASKS; i++)
		tasks[i] = task_start(race, &racers[i % KEYS]);
	start_race(self);
	for (int i = 0; i < TASKS; i++)
		EXPECT_EQ(0, task_result(tasks[i]));
	EXPECT_EQ(KEYS, script_count(&self->script));
}

/*
 * Shows: RK-70. Sessions of one user that cannot see each other's keys get a
 * key each.
 */
TEST_F(race, own_sessions)
{
	struct racer racer = new_racer(self, "A;S50;I0,p");
	pid_t tasks[KEYS];

	racer.new_session = true;
	for (int i = 0; i < KEYS; i++)
		tasks[i] = task_start(race, &racer);
	start_race(self);
	for (int i = 0; i < KEYS; i++)
		EXPECT_EQ(0, task_result(tasks[i]));
	EXPECT_EQ(KEYS, script_count(&self->script));
}

/* Shows: RK-70. Users who share a keyring share the upcall. */
TEST_F(race, users_with_one_session)
{
	static const struct caller callers[2] = {
		{ .uid = 2001, .gid = 2001 }, { .uid = 2002, .gid = 2002 },
	};
	struct racer racers[2];
	pid_t tasks[TASKS];

	for (int i = 0; i < 2; i++) {
		racers[i] = new_racer(self, "A;S50;I0,p");
		racers[i].caller = &callers[i];
	}
	for (int i = 0; i < TASKS; i++)
		tasks[i] = task_start(race, &racers[i % 2]);
	start_race(self);
	for (int i = 0; i < TASKS; i++)
		EXPECT_EQ(0, task_result(tasks[i]));
	EXPECT_EQ(1, script_count(&self->script));
}

/* Shows: RK-54, RK-73. All requesters get the error of a rejection. */
TEST_F(race, rejected)
{
	struct racer racer = new_racer(self, "A;S50;R60,111,0");
	pid_t tasks[TASKS];

	for (int i = 0; i < TASKS; i++)
		tasks[i] = task_start(race, &racer);
	start_race(self);
	for (int i = 0; i < TASKS; i++)
		EXPECT_EQ(-ECONNREFUSED, task_result(tasks[i]));
	EXPECT_EQ(1, script_count(&self->script));
}

/* Shows: RK-71. While one key is under construction, others can be made. */
TEST_F(race, no_lock_over_upcall)
{
	pid_t asker = script_user_key_child("slow", "A;W;I0,p", 0);

	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_LT(0, script_user_key("quick", "A;I0,p", 0));
	EXPECT_LT(0, key_add_user("added", "p", 1));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
}

/*
 * Shows: RK-69. A task that loses the race still gets the link in its
 * destination.
 */
TEST_F(race, loser_links)
{
	key_serial_t ring = keyring_new("ring", self->session), member = 0;
	struct racer racers[2];
	pid_t tasks[TASKS];

	for (int i = 0; i < 2; i++)
		racers[i] = new_racer(self, "A;S50;I0,p");
	racers[1].request.ring = ring;
	for (int i = 0; i < TASKS; i++)
		tasks[i] = task_start(race, &racers[i % 2]);
	start_race(self);
	for (int i = 0; i < TASKS; i++)
		EXPECT_EQ(0, task_result(tasks[i]));
	EXPECT_EQ(1, script_count(&self->script));
	EXPECT_EQ((long)sizeof(member), key_read(ring, &member,
						 sizeof(member)));
}

REQUEST_TEST_MAIN
