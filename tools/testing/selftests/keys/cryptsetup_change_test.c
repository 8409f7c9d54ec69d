// SPDX-License-Identifier: GPL-2.0-only
/* Commands of cryptsetup(8) that change the key of an open volume. */
#include "cryptsetup.h"

#include "../kselftest_harness.h"

#define HEX_KEY		" [0-9a-f]\\{128\\} "
#define REFERENCE	" :64:logon:" DISK_KEY " "
/* The re-encryption writes the second segment. */
#define NEXT_KEY	"cryptsetup:" DISK_UUID "-d1"
#define PASS_ONCE	" --key-file $PASS "

FIXTURE(change)
{
	struct disk disk;
};

FIXTURE_SETUP(change)
{
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_attach());
	ASSERT_EQ(0, disk_run(DISK_OPEN));
	ASSERT_TRUE(disk_write_text());
}

FIXTURE_TEARDOWN(change)
{
	disk_end(&self->disk);
}

static int read_text(const void *unused)
{
	return disk_has_text() ? 0 : -EIO;
}

/*
 * Shows: CS-10, CS-11. A suspended volume has no key.  I/O waits until
 * luksResume loads a key, in the same way as the volume was opened.
 */
TEST_F_TIMEOUT(change, suspend, DISK_SECONDS)
{
	pid_t reader;

	ASSERT_EQ(0, disk_run("cryptsetup luksSuspend $NAME"));
	EXPECT_TRUE(disk_key_gone(DISK_KEY));
	EXPECT_FALSE(disk_table_has(REFERENCE));
	EXPECT_EQ(0, disk_run("cryptsetup status $NAME"));
	EXPECT_TRUE(disk_said("(suspended)"));
	reader = task_start(read_text, NULL);
	EXPECT_FALSE(task_ended(reader, 500));

	ASSERT_EQ(0, disk_run("cryptsetup luksResume" PASS_ONCE "$NAME"));
	EXPECT_EQ(0, task_result(reader));
	EXPECT_TRUE(disk_table_has(REFERENCE));
}

/*
 * Shows: CS-11. Without the keyring, luksResume puts the key itself into the
 * table.
 */
TEST_F_TIMEOUT(change, resume_without_keyring, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("cryptsetup luksSuspend $NAME"));
	ASSERT_EQ(0, disk_run("cryptsetup luksResume --disable-keyring"
			      PASS_ONCE "$NAME"));
	EXPECT_TRUE(disk_table_has(HEX_KEY));
	EXPECT_TRUE(disk_has_text());
}

/* Shows: CS-11. With a wrong passphrase the volume stays suspended. */
TEST_F_TIMEOUT(change, resume_wrong, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("cryptsetup luksSuspend $NAME"));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run("echo wrong | cryptsetup"
					       " luksResume --key-file - $NAME"));
	EXPECT_TRUE(disk_said("No key available with this passphrase."));
	EXPECT_EQ(0, disk_run("cryptsetup status $NAME"));
	EXPECT_TRUE(disk_said("(suspended)"));
	EXPECT_EQ(0, disk_run("cryptsetup luksResume" PASS_ONCE "$NAME"));
	EXPECT_TRUE(disk_has_text());
}

/*
 * Shows: CS-12. "refresh" changes a volume in use from a key in a keyring to a
 * key in the table, and back.
 */
TEST_F_TIMEOUT(change, refresh, DISK_SECONDS)
{
	EXPECT_EQ(0, disk_run("cryptsetup refresh --disable-keyring" PASS_ONCE
			      "$NAME"));
	EXPECT_TRUE(disk_table_has(HEX_KEY));
	EXPECT_TRUE(disk_has_text());
	EXPECT_EQ(0, disk_run("cryptsetup refresh" PASS_ONCE "$NAME"));
	EXPECT_TRUE(disk_table_has(REFERENCE));
	EXPECT_TRUE(disk_has_text());
	EXPECT_TRUE(disk_key_gone(DISK_KEY));
}

/*
 * Shows: CS-13. The new table names the key, so cryptsetup has to add it again.
 */
TEST_F_TIMEOUT(change, resize, DISK_SECONDS)
{
	EXPECT_EQ(0, disk_run("cryptsetup resize" PASS_ONCE
			      "--size 1024 $NAME"));
	EXPECT_EQ(0, disk_run("[ $(blockdev --getsz /dev/mapper/$NAME) = 1024 ]"));
	EXPECT_TRUE(disk_table_has("^0 1024 crypt .*" REFERENCE));
	EXPECT_TRUE(disk_has_text());
	EXPECT_EQ(DISK_BAD_PARAMETERS,
		  disk_run("cryptsetup resize --disable-keyring --size 2048"
			   PASS_ONCE "$NAME"));
	EXPECT_TRUE(disk_said("Resize of active device requires volume key in"
			      " keyring but --disable-keyring option is set."));
	EXPECT_EQ(DISK_NO_PERMISSION,
		  disk_run("echo wrong | cryptsetup resize --size 2048"
			   " --key-file - $NAME"));
	EXPECT_EQ(0, disk_run("[ $(blockdev --getsz /dev/mapper/$NAME) = 1024 ]"));
}

/* Shows: CS-13. A token is tried before a person is asked. */
TEST_F_TIMEOUT(change, resize_by_token, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("cryptsetup token add --key-description"
			      " selftests:luks $IMAGE"));
	ASSERT_LT(0, key_add_user("selftests:luks", DISK_PASSPHRASE,
				  strlen(DISK_PASSPHRASE)));
	EXPECT_EQ(0, disk_run("cryptsetup resize --size 1024 $NAME"));
	EXPECT_EQ(0, disk_run("[ $(blockdev --getsz /dev/mapper/$NAME) = 1024 ]"));
}

/* Shows: CS-13. With the key in the table cryptsetup asks for no passphrase. */
TEST_F_TIMEOUT(change, resize_without_keyring, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("cryptsetup refresh --disable-keyring" PASS_ONCE
			      "$NAME"));
	EXPECT_EQ(0, disk_run("cryptsetup resize --size 1024 $NAME"));
	EXPECT_EQ(0, disk_run("[ $(blockdev --getsz /dev/mapper/$NAME) = 1024 ]"));
	EXPECT_TRUE(disk_has_text());
}

/* Reads the text again and again until the file $FOLDER/stop exists. */
static int keep_reading(const void *unused)
{
	return disk_run("n=0; exec >/dev/null; until [ -e $FOLDER/stop ]; do"
			" dd if=/dev/mapper/$NAME iflag=direct bs=4096 count=1 |"
			" grep -aq " DISK_TEXT " || exit 1; n=$((n + 1));"
			" echo $n >$FOLDER/reads; done") ? -EIO : 0;
}

/*
 * Shows: CS-14, CS-15. A volume in use gets a new key.  cryptsetup revokes both
 * keys before it ends, and the volume works with the new one.
 */
TEST_F_TIMEOUT(change, reencrypt, DISK_SECONDS)
{
	pid_t reader;

	REQUIRE_STRACE();
	reader = task_start(keep_reading, NULL);
	setenv("SAID", "/tmp/selftests-reencrypt", 1);
	EXPECT_EQ(0, disk_run(DISK_TRACE "cryptsetup reencrypt --batch-mode"
			      " --resilience none --pbkdf pbkdf2"
			      " --pbkdf-force-iterations 1000" PASS_ONCE
			      "--active-name $NAME"));
	EXPECT_TRUE(disk_said("add_key(\"logon\", \"" DISK_KEY "\""));
	EXPECT_TRUE(disk_said("add_key(\"logon\", \"" NEXT_KEY "\""));
	EXPECT_TRUE(disk_said("keyctl(KEYCTL_REVOKE, "));
	unlink("/tmp/selftests-reencrypt");
	disk_set(&self->disk, "SAID", "said");
	EXPECT_EQ(0, disk_write_file(&self->disk, "stop", "x", 0));
	EXPECT_EQ(0, task_result(reader));
	EXPECT_EQ(0, disk_run("[ $(cat $FOLDER/reads) -gt 1 ]"));

	EXPECT_TRUE(disk_table_has(" :64:logon:cryptsetup:" DISK_UUID "-d"));
	EXPECT_TRUE(disk_key_gone(DISK_KEY));
	EXPECT_TRUE(disk_key_gone(NEXT_KEY));
	EXPECT_TRUE(disk_has_text());
	EXPECT_TRUE(disk_write_text());
	EXPECT_EQ(0, disk_run("cryptsetup close $NAME"));
	EXPECT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_TRUE(disk_has_text());
}

TEST_HARNESS_MAIN
