// SPDX-License-Identifier: GPL-2.0-only
/*
 * A passphrase whose key is under construction while cryptsetup(8) searches for
 * it.
 *
 * The test's program is the helper that the kernel runs, so the test knows when a
 * key is under construction.
 */
#include "cryptsetup.h"
#include "request_asked.h"

#include "../kselftest_harness.h"

#define TOKEN_KEY	"selftests:wait"
#define BY_TOKEN	"cryptsetup open --token-only $IMAGE $NAME"
/* By then cryptsetup has reached its token, even under emulation. */
#define LOOKS_MS	5000

FIXTURE(being_made)
{
	struct disk disk;
	struct asked asked;
	int listener;
	int link;
};

FIXTURE_SETUP(being_made)
{
	REQUIRE_HELPER();
	DISK_SETUP(&self->disk);
	self->link = -1;
	self->listener = asked_open();
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_run("cryptsetup token add $IMAGE --key-description "
			      TOKEN_KEY));
}

FIXTURE_TEARDOWN(being_made)
{
	close(self->link);
	close(self->listener);
	disk_end(&self->disk);
}

/* The process that requested the key waits until the helper has ended. */
static void end_helper(FIXTURE_DATA(being_made) *self)
{
	close(self->link);
	self->link = -1;
}

static const struct asked_key wanted = { "user", TOKEN_KEY };

static int request_it(const void *unused)
{
	key_serial_t key = key_request("user", TOKEN_KEY, "",
				       KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? key : 0;
}

static int open_it(const void *unused)
{
	return disk_run(BY_TOKEN);
}

/*
 * Shows: CS-28. cryptsetup only searches for the key, so no helper is started.
 */
TEST_F_TIMEOUT(being_made, by_nobody, DISK_SECONDS)
{
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN));
	EXPECT_FALSE(asked_at_all(self->listener, &wanted));
}

/*
 * Shows: CS-29. cryptsetup waits for a key that another process has requested.
 */
TEST_F_TIMEOUT(being_made, waited_for, DISK_SECONDS)
{
	pid_t maker = task_start(request_it, NULL), opener;

	self->link = asked_next(self->listener, &self->asked, &wanted);
	ASSERT_LE(0, self->link);
	opener = task_start(open_it, NULL);
	EXPECT_FALSE(task_ended(opener, LOOKS_MS));
	EXPECT_FALSE(disk_is_open());
	EXPECT_EQ(0, asked_answer(self->link, DISK_PASSPHRASE,
				  strlen(DISK_PASSPHRASE)));
	EXPECT_EQ(0, task_result(opener));
	end_helper(self);
	EXPECT_EQ(0, task_result(maker));
	EXPECT_TRUE(disk_is_open());
	EXPECT_TRUE(disk_write_text());
}

/* Shows: CS-29. cryptsetup fails if the key is rejected. */
TEST_F_TIMEOUT(being_made, rejected, DISK_SECONDS)
{
	pid_t maker = task_start(request_it, NULL), opener;

	self->link = asked_next(self->listener, &self->asked, &wanted);
	ASSERT_LE(0, self->link);
	opener = task_start(open_it, NULL);
	EXPECT_FALSE(task_ended(opener, LOOKS_MS));
	EXPECT_EQ(0, asked_reject(self->link, EKEYREJECTED));
	ASSERT_TRUE(task_ended(opener, TASK_LIMIT_MS));
	task_result(opener);
	end_helper(self);
	EXPECT_EQ(-EKEYREJECTED, task_result(maker));
	EXPECT_FALSE(disk_is_open());
	/* Later attempts fail as long as the rejection is remembered. */
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN));
}

ASKED_TEST_MAIN
