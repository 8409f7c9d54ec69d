// SPDX-License-Identifier: GPL-2.0-only
/* The end of the volume's key, and of the thread that possesses it. */
#include <pthread.h>

#include "cryptsetup_library.h"

#include "../kselftest_harness.h"

FIXTURE(thread)
{
	struct disk disk;
	struct crypt_device *cd;
};

FIXTURE_SETUP(thread)
{
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_attach());
	self->cd = load_disk();
	ASSERT_NE(NULL, self->cd);
}

FIXTURE_TEARDOWN(thread)
{
	crypt_free(self->cd);
	disk_end(&self->disk);
}

/* A thread opens the volume and ends; its result is the keyslot. */
static void *open_in_thread(void *cd)
{
	int slot = open_disk(cd, 0);

	return (void *)(long)(slot < 0 ? slot : find_key() < 0);
}

/* Shows: CS-4. The key ends with the thread, not only with the process. */
TEST_F_TIMEOUT(thread, ends, DISK_SECONDS)
{
	pthread_t thread;
	void *result;

	ASSERT_EQ(0, pthread_create(&thread, NULL, open_in_thread, self->cd));
	ASSERT_EQ(0, pthread_join(thread, &result));
	ASSERT_EQ(NULL, result);
	EXPECT_TRUE(disk_key_gone(DISK_KEY));
	EXPECT_TRUE(disk_write_text());
	EXPECT_TRUE(disk_has_text());
}

FIXTURE(end)
{
	struct disk disk;
};

static void leave(void)
{
	_exit(0);
}

static void be_killed(void)
{
	kill(getpid(), SIGKILL);
}

static void crash(void)
{
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

/* The program that runs after execve(2) does not find the key. */
static void become_another(void)
{
	execlp("keyctl", "keyctl", "request", "logon", DISK_KEY, NULL);
}

/*
 * struct end variant - a way in which a process that has opened a volume ends
 * @end: ends the process
 * @result: its result, as the parent sees it
 */
FIXTURE_VARIANT(end)
{
	void (*end)(void);
	int result;
};

FIXTURE_VARIANT_ADD(end, exits) { leave, 0 };
FIXTURE_VARIANT_ADD(end, killed) { be_killed, TASK_KILLED(SIGKILL) };
FIXTURE_VARIANT_ADD(end, crashes) { crash, TASK_KILLED(SIGSEGV) };
/* keyctl(1) exits with 1, which is EPERM as an errno. */
FIXTURE_VARIANT_ADD(end, executes) { become_another, -EPERM };

FIXTURE_SETUP(end)
{
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_attach());
}

FIXTURE_TEARDOWN(end)
{
	disk_end(&self->disk);
}

static int open_and_end(const void *end)
{
	struct crypt_device *cd = load_disk();

	if (!cd || open_disk(cd, 0) < 0 || find_key() < 0)
		return -EIO;
	((void (*)(void))end)();
	return -ENOTRECOVERABLE;
}

/*
 * Shows: CS-4. However the process ends, its key is gone and the volume stays
 * open.
 */
TEST_F_TIMEOUT(end, no_key, DISK_SECONDS)
{
	pid_t child = task_start(open_and_end, variant->end);

	EXPECT_TRUE(task_ended(child, DISK_GONE_MS));
	EXPECT_EQ(variant->result, task_result(child));
	EXPECT_TRUE(disk_key_gone(DISK_KEY));
	EXPECT_TRUE(disk_write_text());
	EXPECT_TRUE(disk_has_text());
}

static long revoke_it(key_serial_t key)
{
	return key_revoke(key);
}

static long invalidate_it(key_serial_t key)
{
	return key_invalidate(key);
}

static long expire_it(key_serial_t key)
{
	return key_set_to_expire(key) ?: key_wait_expired(key) + EKEYEXPIRED;
}

FIXTURE(taken)
{
	struct disk disk;
	struct crypt_device *cd;
};

FIXTURE_VARIANT(taken)
{
	long (*take)(key_serial_t key);
};

FIXTURE_VARIANT_ADD(taken, revoked) { revoke_it };
FIXTURE_VARIANT_ADD(taken, invalidated) { invalidate_it };
FIXTURE_VARIANT_ADD(taken, expired) { expire_it };

FIXTURE_SETUP(taken)
{
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_attach());
	self->cd = load_disk();
	ASSERT_NE(NULL, self->cd);
}

FIXTURE_TEARDOWN(taken)
{
	crypt_free(self->cd);
	disk_end(&self->disk);
}

/* Shows: CS-15. The volume does not need its logon key any more. */
TEST_F_TIMEOUT(taken, volume_goes_on, DISK_SECONDS)
{
	ASSERT_LE(0, open_disk(self->cd, 0));
	ASSERT_EQ(0, variant->take(find_key()));
	EXPECT_TRUE(disk_write_text());
	EXPECT_TRUE(disk_has_text());
	/* A new table that names the key would need it. */
	EXPECT_NE(0, disk_run("dmsetup table --showkeys $NAME |"
			      " dmsetup load $NAME"));
	EXPECT_EQ(0, disk_run("dmsetup clear $NAME"));
	EXPECT_TRUE(disk_has_text());
}

TEST_HARNESS_MAIN
