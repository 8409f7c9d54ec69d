// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keyring that cryptsetup(8) puts a volume's key into, for each kind of
 * volume.
 */
#include "cryptsetup.h"
#include "symmetric.h"

#include "../kselftest_harness.h"

/* A key of 64 bytes, as hex digits */
#define HEX_KEY		"[0-9a-f]\\{128\\}"
#define NO_KEY		"0\\{128\\}"
#define REFERENCE	":64:logon:" DISK_KEY " "

FIXTURE(volume_key)
{
	struct disk disk;
};

FIXTURE_SETUP(volume_key)
{
	DISK_SETUP(&self->disk);
}

FIXTURE_TEARDOWN(volume_key)
{
	disk_end(&self->disk);
}

/*
 * Shows: CS-1, CS-2. The table has the description of a key, even with
 * --showkeys.
 */
TEST_F_TIMEOUT(volume_key, reference, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_TRUE(disk_table_has(" " REFERENCE));
	EXPECT_EQ(0, disk_run("dmsetup table $NAME"));
	EXPECT_TRUE(disk_said(" " REFERENCE));
	EXPECT_EQ(0, disk_run("cryptsetup status $NAME"));
	EXPECT_TRUE(disk_said("key location: keyring"));
	EXPECT_TRUE(disk_write_text());
	EXPECT_TRUE(disk_has_text());
}

/* Shows: CS-4. Once the device has its table, it does not need the key. */
TEST_F_TIMEOUT(volume_key, ends_with_the_program, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_attach());
	ASSERT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_EQ(-ENOKEY, key_request("logon", DISK_KEY, NULL, 0));
	EXPECT_TRUE(disk_key_gone(DISK_KEY));
	EXPECT_TRUE(disk_write_text());
	EXPECT_TRUE(disk_has_text());
}

/*
 * Shows: CS-32. No keyring has the key any more, and the last copy is freed
 * with the volume.
 */
TEST_F_TIMEOUT(volume_key, in_a_file, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_EQ(-ENOKEY, key_request("logon", DISK_KEY, NULL, 0));
	EXPECT_EQ(0, disk_run("cryptsetup close $NAME"));
	EXPECT_TRUE(disk_key_gone(DISK_KEY));
}

/* Shows: CS-3. The system calls for keys while a volume is opened. */
TEST_F_TIMEOUT(volume_key, thread_keyring, DISK_SECONDS)
{
	REQUIRE_STRACE();
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_run(DISK_TRACE DISK_OPEN));
	EXPECT_TRUE(disk_said("add_key(\"logon\", \"" DISK_KEY "\""));
	EXPECT_TRUE(disk_said("64, KEY_SPEC_THREAD_KEYRING)"));
	EXPECT_EQ(0, disk_run("! grep -E 'add_key.*KEY_SPEC_(PROCESS|SESSION|USER)' $SAID"));
}

/* Shows: CS-5. Two volumes have two keys, which do not affect each other. */
TEST_F_TIMEOUT(volume_key, two_volumes, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_run("cp $IMAGE $IMAGE.2; cryptsetup luksUUID --batch-mode"
			      " --uuid aaaabbbb-5566-7788-99aa-bbccddeeff00 $IMAGE.2"));
	ASSERT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_EQ(0, disk_run("cryptsetup open --key-file $PASS $IMAGE.2 $NAME-2"));
	EXPECT_EQ(0, disk_run("dmsetup table $NAME-2 | grep -F "
			      ":64:logon:cryptsetup:aaaabbbb-"));
	EXPECT_TRUE(disk_table_has(REFERENCE));
	EXPECT_EQ(0, disk_run("cryptsetup close $NAME-2"));
	EXPECT_TRUE(disk_write_text());
}

/* Shows: CS-6. The same with a keyring that already has a key of this name. */
TEST_F_TIMEOUT(volume_key, taken_name, DISK_SECONDS)
{
	key_serial_t key;

	ASSERT_EQ(0, disk_format());
	key = key_add("logon", DISK_KEY, "x", 1, KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_TRUE(disk_write_text());
	EXPECT_LT(0, key_state(key));
	EXPECT_EQ(0, disk_run("cryptsetup close $NAME"));
	EXPECT_EQ(-EKEYREVOKED, key_state(key));
}

/* Shows: CS-7. Without a keyring the key itself is in the table. */
TEST_F_TIMEOUT(volume_key, disable_keyring, DISK_SECONDS)
{
	REQUIRE_STRACE();
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_run(DISK_TRACE DISK_OPEN "--disable-keyring"));
	EXPECT_TRUE(disk_did_not_say("add_key("));
	EXPECT_TRUE(disk_table_has(" " HEX_KEY " "));
	EXPECT_EQ(0, disk_run("dmsetup table $NAME | grep -q ' " NO_KEY " '"));
	EXPECT_EQ(0, disk_run("cryptsetup status $NAME"));
	EXPECT_TRUE(disk_said("key location: dm-crypt"));
	EXPECT_TRUE(disk_write_text());
}

/* Shows: CS-8. A plain volume uses no keyring. */
TEST_F_TIMEOUT(volume_key, plain, DISK_SECONDS)
{
	REQUIRE_STRACE();
	ASSERT_EQ(0, disk_run("echo a passphrase | " DISK_TRACE "cryptsetup open"
			      " --type plain --cipher aes-xts-plain64"
			      " --key-size 512 --hash sha512 $IMAGE $NAME"));
	EXPECT_TRUE(disk_did_not_say("add_key("));
	EXPECT_TRUE(disk_table_has(" " HEX_KEY " "));
	EXPECT_TRUE(disk_write_text());
}

/* Shows: CS-8. A LUKS1 volume uses no keyring. */
TEST_F_TIMEOUT(volume_key, luks1, DISK_SECONDS)
{
	REQUIRE_STRACE();
	ASSERT_EQ(0, disk_run(DISK_FORMAT "--type luks1 $IMAGE"));
	ASSERT_EQ(0, disk_run(DISK_TRACE DISK_OPEN));
	EXPECT_TRUE(disk_did_not_say("add_key("));
	EXPECT_TRUE(disk_table_has(" " HEX_KEY " "));
	EXPECT_TRUE(disk_write_text());
}

#define NEIGHBOUR		"selftests-other"
#define MASTER		"0123456789abcdef0123456789abcdef"

/*
 * A device by the key of the session keyring that @key names, as the table of dm-crypt
 * does: cryptsetup neither stumbles over it nor changes it.
 */
static void neighbour(struct __test_metadata *_metadata, const char *key)
{
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_run("cp $IMAGE $FOLDER/other &&"
			      " device=$(losetup -f --show $FOLDER/other) &&"
			      " dmsetup create " NEIGHBOUR " --table \"0 64 crypt"
			      " aes-xts-plain64 :64:%s 0 $device 0\" &&"
			      " losetup --detach $device", key));
	EXPECT_EQ(0, disk_run("cryptsetup status " NEIGHBOUR));
	EXPECT_TRUE(disk_said("key location: keyring"));
	EXPECT_EQ(DISK_WRONG_DEVICE, disk_run("cryptsetup luksSuspend " NEIGHBOUR));
	EXPECT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_EQ(0, disk_run("cryptsetup status $NAME"));
	EXPECT_TRUE(disk_write_text());
	EXPECT_EQ(0, disk_run("cryptsetup luksSuspend $NAME && cryptsetup"
			      " luksResume --key-file $PASS $NAME"));
	EXPECT_EQ(0, disk_run("cryptsetup close $NAME"));
	EXPECT_EQ(0, disk_run("dd if=/dev/mapper/" NEIGHBOUR " iflag=direct count=1"));
	EXPECT_EQ(0, disk_run("dmsetup table " NEIGHBOUR " | grep -F ' :64:%s '", key));
	EXPECT_EQ(0, disk_run("cryptsetup close " NEIGHBOUR));
}

/*
 * Shows: CS-34. A device of another program may have a key of a type that
 * cryptsetup does not use.
 */
TEST_F_TIMEOUT(volume_key, neighbour_encrypted, DISK_SECONDS)
{
	ASSERT_LT(0, key_add_user("master", MASTER, strlen(MASTER)));
	ASSERT_EQ(0, disk_run("keyctl add encrypted disk 'new user:master 64' @s"));
	neighbour(_metadata, "encrypted:disk");
}

/* Shows: CS-34. The same with a type that mainline does not have */
TEST_F_TIMEOUT(volume_key, neighbour_symmetric, DISK_SECONDS)
{
	REQUIRE_SYMMETRIC();
	ASSERT_LT(0, sym_add("disk", "new alg=aes-xts-plain64 for=dm-crypt"));
	neighbour(_metadata, "symmetric:disk");
}

TEST_HARNESS_MAIN
