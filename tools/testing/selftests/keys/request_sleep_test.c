// SPDX-License-Identifier: GPL-2.0-only
/* Suspend while a task waits for a key. */
#include "request_afs.h"
#include "request_asked.h"

#include "../kselftest_harness.h"

#define POWER_STATE	"/sys/power/state"
#define POWER_TEST	"/sys/power/pm_test"
#define POWER_DELAY	"/sys/module/suspend/parameters/pm_test_delay"

/*
 * Time of a request; mainline's limit for helpers; and the limit of the freezer
 */
#define SHORT_MS	2000
#define LIMIT_MS	5000
#define TRIES		20
#define FREEZER_MS	20000
#define SLEEP_LIMIT_S	90

FIXTURE(power)
{
	struct look_up cell;
	int listener;
	int link;
	struct asked asked;
	pid_t child;
};

FIXTURE_SETUP(power)
{
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, file_write(POWER_TEST, "freezer"));
	ASSERT_EQ(0, file_write(POWER_DELAY, "1"));
	self->link = -1;
	self->listener = asked_open();
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(power)
{
	close(self->link);
	close(self->listener);
	file_write(POWER_TEST, "none");
}

static int go_to_sleep(void)
{
	return file_write(POWER_STATE, "freeze");
}

/* Makes the kernel request a cell, up to the start of the helper. */
static void want_cell(struct __test_metadata *_metadata,
		      FIXTURE_DATA(power) *self)
{
	const struct asked_key wanted = { "dns_resolver", self->cell.cell };

	self->child = look_up_start(&self->cell, 0);
	ASSERT_LT(0, self->child);
	self->link = asked_next(self->listener, &self->asked, &wanted);
	ASSERT_LE(0, self->link);
	ASSERT_STREQ("dns_resolver", self->asked.type);
}

static int answer_late(const void *arg)
{
	sleep_ms(SHORT_MS);
	return asked_answer(*(const int *)arg, &cell_record,
			    sizeof(cell_record));
}

/* Shows: RK-149. Suspend waits for a short request of the kernel. */
TEST_F_TIMEOUT(power, waits_for_kernel, SLEEP_LIMIT_S)
{
	pid_t answerer;

	want_cell(_metadata, self);
	answerer = task_start(answer_late, &self->link);
	close(self->link);
	self->link = -1;
	EXPECT_EQ(0, go_to_sleep());
	EXPECT_EQ(0, task_result(answerer));
	EXPECT_EQ(0, look_up_end(&self->cell, self->child));
}

/*
 * Shows: RK-149. Suspend waits for it no longer than on mainline, and then
 * fails without freezing others.
 */
TEST_F_TIMEOUT(power, gives_up, SLEEP_LIMIT_S)
{
	const long begun = now_ms();
	long took;

	want_cell(_metadata, self);
	EXPECT_EQ(-EAGAIN, go_to_sleep());
	took = now_ms() - begun;
	EXPECT_LE(LIMIT_MS, took);
	EXPECT_GT(FREEZER_MS, took);

	/* The request is answered nevertheless, and so is the next one. */
	EXPECT_EQ(0, asked_answer(self->link, &cell_record,
				  sizeof(cell_record)));
	close(self->link);
	self->link = -1;
	EXPECT_EQ(0, look_up_end(&self->cell, self->child));
	want_cell(_metadata, self);
	EXPECT_EQ(0, asked_answer(self->link, &cell_record,
				  sizeof(cell_record)));
	close(self->link);
	self->link = -1;
	EXPECT_EQ(0, look_up_end(&self->cell, self->child));
}

static int ask(const void *arg)
{
	key_serial_t key = key_request("user", arg, "", 0);

	return key < 0 ? key : 0;
}

/* Shows: RK-D37. A program that waits is frozen, and does not delay suspend. */
TEST_F_TIMEOUT(power, programs_are_frozen, SLEEP_LIMIT_S)
{
	const struct asked_key wanted = { "user", "program" };
	pid_t asker = task_start(ask, "program");

	REQUIRE_REQUEST_SYMBOLS();
	self->link = asked_next(self->listener, &self->asked, &wanted);
	ASSERT_LE(0, self->link);
	EXPECT_EQ(request_ours ? 0 : -EAGAIN, go_to_sleep());
	EXPECT_EQ(0, asked_answer(self->link, "p", 1));
	close(self->link);
	self->link = -1;
	EXPECT_EQ(0, task_result(asker));
}

static int sleep_child(const void *arg)
{
	return go_to_sleep();
}

/*
 * Shows: RK-114, RK-D37. From the first step of suspend on no new request is
 * begun.
 */
TEST_F_TIMEOUT(power, refuses_new, SLEEP_LIMIT_S)
{
	pid_t sleeper;
	int ret = 0;

	REQUIRE_REQUEST_OURS("RK-D37: helpers are disabled when tasks are frozen");
	want_cell(_metadata, self);
	sleeper = task_start(sleep_child, NULL);
	/* Earlier requests have a helper, which this test does not answer */
	for (int i = 0; i < TRIES && !ret; i++) {
		char name[32];
		pid_t asker;

		snprintf(name, sizeof(name), "new-%d", i);
		asker = task_start(ask, name);
		if (task_ended(asker, LIMIT_MS / TRIES))
			ret = task_result(asker);
	}
	EXPECT_EQ(-EBUSY, ret);
	EXPECT_EQ(0, asked_answer(self->link, &cell_record,
				  sizeof(cell_record)));
	/* The children have a copy of the descriptor, too */
	shutdown(self->link, SHUT_RDWR);
	close(self->link);
	self->link = -1;
	EXPECT_EQ(0, task_result(sleeper));
	EXPECT_EQ(0, look_up_end(&self->cell, self->child));
}

ASKED_TEST_MAIN
