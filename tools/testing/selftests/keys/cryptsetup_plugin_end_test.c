// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tokens of type linux-keys that open nothing, since their key has ended or
 * they are malformed.
 */
#include "cryptsetup_plugin.h"

#include "../kselftest_harness.h"

FIXTURE(ended)
{
	struct disk disk;
	key_serial_t key;
};

static long end_by_revoke(key_serial_t key)
{
	return key_revoke(key);
}

static long end_by_time(key_serial_t key)
{
	return key_set_to_expire(key) ?: key_wait_expired(key) + EKEYEXPIRED;
}

static long end_by_rights(key_serial_t key)
{
	return key_set_rights(key, POSSESSOR(RIGHT_VIEW | RIGHT_SETATTR));
}

/*
 * struct ended variant - a way in which the key ends
 * @end: ends the key
 * @said: the message of -v about it
 */
FIXTURE_VARIANT(ended)
{
	long (*end)(key_serial_t key);
	const char *said;
};

FIXTURE_VARIANT_ADD(ended, revoked) {
	end_by_revoke, "Key \"" NAME "\": Key has been revoked.",
};

FIXTURE_VARIANT_ADD(ended, invalidated) {
	key_invalidate, "Key \"" NAME "\": Required key not available.",
};

/* Whether an expired key is still found depends on the collector. */
FIXTURE_VARIANT_ADD(ended, expired) {
	end_by_time, "Key \"" NAME "\": ",
};

FIXTURE_VARIANT_ADD(ended, forbidden) {
	end_by_rights, "Key \"" NAME "\": Permission denied.",
};

FIXTURE_SETUP(ended)
{
	PLUGIN_SETUP(self);
	ASSERT_EQ(0, disk_run(ENROL NAME));
	ASSERT_EQ(0, disk_run(BY_TOKEN));
	ASSERT_TRUE(disk_write_text());
}

FIXTURE_TEARDOWN(ended)
{
	disk_end(&self->disk);
}

/*
 * Shows: CS-37. An open volume stays open.  The token opens no volume any more,
 * but the passphrase does.
 */
TEST_F_TIMEOUT(ended, token, DISK_SECONDS)
{
	ASSERT_EQ(0, variant->end(self->key));
	EXPECT_TRUE(disk_has_text());
	EXPECT_EQ(0, disk_run("cryptsetup close $NAME"));
	EXPECT_EQ(DISK_BAD_PARAMETERS, disk_run(BY_TOKEN "--token-id 0 -v"));
	EXPECT_TRUE(disk_said(variant->said));
	EXPECT_TRUE(disk_said(MISSING));
	EXPECT_FALSE(disk_is_open());
	EXPECT_EQ(0, disk_run(DISK_OPEN "-v"));
	EXPECT_TRUE(disk_said("Key slot 0 unlocked."));
	EXPECT_TRUE(disk_has_text());
}

FIXTURE(form)
{
	struct disk disk;
	key_serial_t key;
};

/*
 * struct form variant - a malformed token
 * @edit: command of sed that makes the fault
 */
FIXTURE_VARIANT(form)
{
	const char *edit;
};

FIXTURE_VARIANT_ADD(form, no_salt) { "s/,\"salt\":\"[0-9a-f]*\"//" };
FIXTURE_VARIANT_ADD(form, short_salt) { "s/\"salt\":\"../\"salt\":\"/" };
FIXTURE_VARIANT_ADD(form, long_salt) { "s/\"salt\":\"/&00/" };
FIXTURE_VARIANT_ADD(form, odd_salt) { "s/\"salt\":\"./\"salt\":\"g/" };
FIXTURE_VARIANT_ADD(form, upper_salt) { "s/\"salt\":\"./\"salt\":\"A/" };
FIXTURE_VARIANT_ADD(form, salt_number) { "s/\"salt\":\"[0-9a-f]*\"/\"salt\":1/" };
FIXTURE_VARIANT_ADD(form, no_name) { "s/,\"key_description\":\"[a-z]*\"//" };
FIXTURE_VARIANT_ADD(form, empty_name) { "s/\"disk\"/\"\"/" };
FIXTURE_VARIANT_ADD(form, name_number) { "s/\"disk\"/7/" };
FIXTURE_VARIANT_ADD(form, name_zero) { "s/\"disk\"/\"disk\\\\u0000\"/" };
FIXTURE_VARIANT_ADD(form, name_escape) { "s/\"disk\"/\"\\\\u001b[2J\"/" };
FIXTURE_VARIANT_ADD(form, name_c1) { "s/\"disk\"/\"\\\\u009b2J\"/" };
FIXTURE_VARIANT_ADD(form, name_byte) { "s/\"disk\"/\"\\x9b2J\"/" };
FIXTURE_VARIANT_ADD(form, name_overlong) { "s/\"disk\"/\"\\xe0\\x82\\x9b2J\"/" };
FIXTURE_VARIANT_ADD(form, more) { "s/,\"salt\"/,\"more\":1&/" };

FIXTURE_SETUP(form)
{
	PLUGIN_SETUP(self);
	ASSERT_EQ(0, disk_run(ENROL NAME));
}

FIXTURE_TEARDOWN(form)
{
	disk_end(&self->disk);
}

/*
 * Shows: CS-40. A malformed token opens nothing, luksDump shows nothing of it,
 * and the next token is tried.
 */
TEST_F_TIMEOUT(form, refused, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("cryptsetup token export --token-id 0 $IMAGE"
			      " >$FOLDER/right && sed '%s' $FOLDER/right"
			      " >$FOLDER/wrong && ! cmp -s $FOLDER/right"
			      " $FOLDER/wrong", variant->edit));
	ASSERT_EQ(0, disk_run("mv $PLUGINS/" PLUGIN " $FOLDER &&"
			      " cryptsetup token import --token-id 0"
			      " --token-replace --json-file $FOLDER/wrong $IMAGE &&"
			      " cryptsetup token import --token-id 1"
			      " --json-file $FOLDER/right $IMAGE &&"
			      " mv $FOLDER/" PLUGIN " $PLUGINS"));
	EXPECT_EQ(DISK_BAD_PARAMETERS, disk_run(TEST_TOKEN "--token-id 0 -v"));
	EXPECT_TRUE(disk_said("No usable token is available."));
	EXPECT_EQ(0, disk_run("cryptsetup luksDump $IMAGE"));
	EXPECT_EQ(1, disk_run("exit $(cryptsetup luksDump $IMAGE |"
			      " grep -c 'Key description:')"));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
}

TEST_HARNESS_MAIN
