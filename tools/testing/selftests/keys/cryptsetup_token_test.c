// SPDX-License-Identifier: GPL-2.0-only
/* Passphrases in a keyring, and tokens of LUKS2 that name them. */
#include "cryptsetup.h"

#include "../kselftest_harness.h"

#define TOKEN_KEY	"selftests:luks"
#define SECOND_PASSPHRASE "the second one"
#define BY_TOKEN	"cryptsetup open --token-only $IMAGE $NAME "
#define TEST_TOKEN	"cryptsetup open --token-only --test-passphrase $IMAGE "
#define ADD_TOKEN	"cryptsetup token add $IMAGE --key-description "

FIXTURE(token)
{
	struct disk disk;
	key_serial_t key;
};

FIXTURE_SETUP(token)
{
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_format());
}

FIXTURE_TEARDOWN(token)
{
	disk_end(&self->disk);
}

static key_serial_t add_passphrase(const char *passphrase, key_serial_t ring)
{
	return key_add("user", TOKEN_KEY, passphrase, strlen(passphrase), ring);
}

/* Shows: CS-18. The header has the key's description in the clear. */
TEST_F_TIMEOUT(token, add, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	EXPECT_EQ(0, disk_run("cryptsetup luksDump $IMAGE"));
	EXPECT_TRUE(disk_said("0: luks2-keyring"));
	EXPECT_TRUE(disk_said("Key description: " TOKEN_KEY));
	EXPECT_EQ(0, disk_run("cryptsetup token export --token-id 0 $IMAGE"));
	EXPECT_TRUE(disk_said("\"type\":\"luks2-keyring\""));
	EXPECT_TRUE(disk_said("\"keyslots\":[\"0\"]"));
	EXPECT_TRUE(disk_said("\"key_description\":\"" TOKEN_KEY "\""));
	EXPECT_EQ(0, disk_run("! grep -aqF '" DISK_PASSPHRASE "' $IMAGE"));
}

/*
 * Shows: CS-18. A token that is written by hand is accepted if it has exactly
 * the right fields.
 */
TEST_F_TIMEOUT(token, import, DISK_SECONDS)
{
	ASSERT_LT(0, add_passphrase(DISK_PASSPHRASE, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, disk_run("echo '{\"type\":\"luks2-keyring\",\"keyslots\":"
			      "[\"0\"],\"key_description\":\"" TOKEN_KEY "\"}' |"
			      " cryptsetup token import --token-id 3 $IMAGE"));
	EXPECT_EQ(0, disk_run(BY_TOKEN "--token-id 3"));
	EXPECT_EQ(DISK_BAD_PARAMETERS,
		  disk_run("echo '{\"type\":\"luks2-keyring\",\"keyslots\":"
			   "[\"0\"]}' | cryptsetup token import --token-id 4"
			   " $IMAGE"));
	EXPECT_TRUE(disk_said("Failed to import token from file."));
	EXPECT_EQ(0, disk_run("cryptsetup token remove --token-id 3 $IMAGE"));
	EXPECT_NE(0, disk_run(TEST_TOKEN));
}

/*
 * Shows: CS-19, CS-31. Without the key the volume stays closed, and -v prints
 * the reason.
 */
TEST_F_TIMEOUT(token, missing, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN "--token-id 0 -v"));
	EXPECT_TRUE(disk_said(DISK_WRONG_TOKEN));
	EXPECT_FALSE(disk_is_open());
}

/* Shows: CS-19. No token at all. */
TEST_F_TIMEOUT(token, no_token, DISK_SECONDS)
{
	EXPECT_EQ(DISK_BAD_PARAMETERS, disk_run(BY_TOKEN "-v"));
	EXPECT_TRUE(disk_said("No usable token is available."));
	EXPECT_FALSE(disk_is_open());
}

/*
 * Shows: CS-19. Without --token-only cryptsetup then asks for the passphrase.
 */
TEST_F_TIMEOUT(token, falls_back, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	EXPECT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_TRUE(disk_is_open());
}

/* Shows: CS-20. The key has another passphrase. */
TEST_F_TIMEOUT(token, wrong_passphrase, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	ASSERT_LT(0, add_passphrase("something else", KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN "--token-id 0 -v"));
	EXPECT_TRUE(disk_said(DISK_WRONG_TOKEN));
	EXPECT_FALSE(disk_is_open());
	/* A newline at the end is a byte of a passphrase like others. */
	ASSERT_LT(0, add_passphrase(DISK_PASSPHRASE "\n",
				    KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN));
}

/*
 * Shows: CS-21. cryptsetup tries the tokens one after the other, until one
 * opens the volume.
 */
TEST_F_TIMEOUT(token, several, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(ADD_TOKEN "selftests:none"));
	ASSERT_EQ(0, disk_run(ADD_TOKEN "selftests:wrong"));
	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	ASSERT_LT(0, key_add_user("selftests:wrong", "x", 1));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN));
	ASSERT_LT(0, add_passphrase(DISK_PASSPHRASE, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, disk_run(TEST_TOKEN "--token-id 2"));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN "--token-id 1"));
	EXPECT_EQ(0, disk_run(BY_TOKEN "--token-type luks2-keyring"));
}

/* Shows: CS-21. A token opens only the keyslots that it is assigned to. */
TEST_F_TIMEOUT(token, unassigned, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY " --unbound"));
	ASSERT_LT(0, add_passphrase(DISK_PASSPHRASE, KEY_SPEC_SESSION_KEYRING));
	EXPECT_NE(0, disk_run(TEST_TOKEN "--token-id 0 -v"));
	EXPECT_TRUE(disk_said("No usable token is available."));
}

/* Shows: CS-21. A second keyslot with a passphrase and a token of its own. */
TEST_F_TIMEOUT(token, second_slot, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_write_file(&self->disk, "second", SECOND_PASSPHRASE,
				     0));
	ASSERT_EQ(0, disk_run("cryptsetup luksAddKey --batch-mode " DISK_PBKDF
			      "--key-file $PASS $IMAGE $FOLDER/second"));
	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY " --key-slot 1"));
	ASSERT_LT(0, add_passphrase(DISK_PASSPHRASE, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN));
	ASSERT_LT(0, add_passphrase(SECOND_PASSPHRASE,
				    KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, disk_run(TEST_TOKEN "-v"));
	EXPECT_TRUE(disk_said("Key slot 1 unlocked."));
	/*
	 * The assignment is removed with the keyslot; the token itself stays.
	 */
	EXPECT_EQ(0, disk_run("cryptsetup luksKillSlot --batch-mode"
			      " --key-file $PASS $IMAGE 1"));
	EXPECT_NE(0, disk_run(TEST_TOKEN));
}

/*
 * Shows: CS-22. A key in the user's keyrings is found if the session keyring
 * has a link to them.
 */
TEST_F_TIMEOUT(token, user_keyring, DISK_SECONDS)
{
	key_serial_t key;

	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	key = add_passphrase(DISK_PASSPHRASE, KEY_SPEC_USER_KEYRING);
	ASSERT_LT(0, key);
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, key_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, key_unlink(key, KEY_SPEC_USER_KEYRING));
}

/* Shows: CS-22. The user session keyring has a link to the user keyring. */
TEST_F_TIMEOUT(token, user_session_keyring, DISK_SECONDS)
{
	key_serial_t key;

	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	key = add_passphrase(DISK_PASSPHRASE, KEY_SPEC_USER_SESSION_KEYRING);
	ASSERT_LT(0, key);
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, key_link(KEY_SPEC_USER_SESSION_KEYRING,
			      KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, key_unlink(key, KEY_SPEC_USER_SESSION_KEYRING));

	key = add_passphrase(DISK_PASSPHRASE, KEY_SPEC_USER_KEYRING);
	ASSERT_LT(0, key);
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, key_unlink(key, KEY_SPEC_USER_KEYRING));
}

/* Shows: CS-22. A key in the persistent keyring. */
TEST_F_TIMEOUT(token, persistent, DISK_SECONDS)
{
	key_serial_t ring, key;

	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	ring = keyctl(KEYCTL_GET_PERSISTENT, -1, KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, ring);
	key = add_passphrase(DISK_PASSPHRASE, ring);
	ASSERT_LT(0, key);
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
	ASSERT_LT(0, session_new());
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN));
	ASSERT_EQ(ring, keyctl(KEYCTL_GET_PERSISTENT, -1,
			       KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, key_unlink(key, ring));
}

/* Shows: CS-25. A description that is no valid JSON string is refused. */
TEST_F_TIMEOUT(token, quotes, DISK_SECONDS)
{
	EXPECT_NE(0, disk_run(ADD_TOKEN "'a\"b'"));
	EXPECT_EQ(0, disk_run("echo '{\"type\":\"luks2-keyring\",\"keyslots\":"
			      "[\"0\"],\"key_description\":\"a\\\"b\"}' |"
			      " cryptsetup token import $IMAGE"));
	ASSERT_LT(0, key_add_user("a\"b", DISK_PASSPHRASE,
				  strlen(DISK_PASSPHRASE)));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
}

TEST_HARNESS_MAIN
