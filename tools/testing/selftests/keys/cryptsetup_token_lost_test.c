// SPDX-License-Identifier: GPL-2.0-only
/* Passphrases in a keyring that are lost, and that have odd names. */
#include "cryptsetup.h"

#include "../kselftest_harness.h"

#define TOKEN_KEY	"selftests:luks"
#define BY_TOKEN	"cryptsetup open --token-only $IMAGE $NAME "
#define TEST_TOKEN	"cryptsetup open --token-only --test-passphrase $IMAGE "
#define ADD_TOKEN	"cryptsetup token add $IMAGE --key-description "

static long unlink_it(key_serial_t key)
{
	return key_unlink(key, KEY_SPEC_SESSION_KEYRING);
}

static long expire_it(key_serial_t key)
{
	return key_set_to_expire(key) ?: key_wait_expired(key) + EKEYEXPIRED;
}

static long hide_it(key_serial_t key)
{
	return key_set_rights(key, POSSESSOR(RIGHT_VIEW | RIGHT_SETATTR));
}

FIXTURE(lost)
{
	struct disk disk;
	key_serial_t key;
};

/*
 * struct lost variant - a way in which a passphrase is lost
 * @lose: removes the key
 */
FIXTURE_VARIANT(lost)
{
	long (*lose)(key_serial_t key);
};

FIXTURE_VARIANT_ADD(lost, unlinked) { .lose = unlink_it };
FIXTURE_VARIANT_ADD(lost, revoked) { .lose = key_revoke };
FIXTURE_VARIANT_ADD(lost, invalidated) { .lose = key_invalidate };
FIXTURE_VARIANT_ADD(lost, expired) { .lose = expire_it };
FIXTURE_VARIANT_ADD(lost, not_found) { .lose = hide_it };

FIXTURE_SETUP(lost)
{
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_run(ADD_TOKEN TOKEN_KEY));
	self->key = key_add_user(TOKEN_KEY, DISK_PASSPHRASE,
				 strlen(DISK_PASSPHRASE));
	ASSERT_LT(0, self->key);
	ASSERT_EQ(0, disk_run(BY_TOKEN));
	ASSERT_TRUE(disk_write_text());
}

FIXTURE_TEARDOWN(lost)
{
	disk_end(&self->disk);
}

/*
 * Shows: CS-23, CS-24. The token does not open the volume any more.  An open
 * volume stays open, and the passphrase itself still opens it.
 */
TEST_F_TIMEOUT(lost, passphrase, DISK_SECONDS)
{
	ASSERT_EQ(0, variant->lose(self->key));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN "--token-id 0 -v"));
	EXPECT_TRUE(disk_said(DISK_WRONG_TOKEN));
	EXPECT_TRUE(disk_has_text());
	EXPECT_EQ(0, disk_run("cryptsetup close $NAME"));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN));
	EXPECT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_TRUE(disk_has_text());
}

FIXTURE(odd)
{
	struct disk disk;
};

/*
 * struct odd variant - a description that looks like something else
 * @shell: the description as an argument in single quotes
 * @bytes: its bytes
 */
FIXTURE_VARIANT(odd)
{
	const char *shell;
	const char *bytes;
};

FIXTURE_VARIANT_ADD(odd, blanks) { "two words ", "two words " };
FIXTURE_VARIANT_ADD(odd, colons) { ":a:::b:", ":a:::b:" };
FIXTURE_VARIANT_ADD(odd, percent) { "%s%n%x", "%s%n%x" };
FIXTURE_VARIANT_ADD(odd, dollar) { "$HOME;`id`|&*?", "$HOME;`id`|&*?" };
FIXTURE_VARIANT_ADD(odd, letters) { "sch\303\274ssel", "sch\303\274ssel" };
FIXTURE_VARIANT_ADD(odd, long_one) {
	"0123456789012345678901234567890123456789012345678901234567890123456789"
	"0123456789012345678901234567890123456789012345678901234567890123456789",
	"0123456789012345678901234567890123456789012345678901234567890123456789"
	"0123456789012345678901234567890123456789012345678901234567890123456789",
};

FIXTURE_SETUP(odd)
{
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_format());
}

FIXTURE_TEARDOWN(odd)
{
	disk_end(&self->disk);
}

/* Shows: CS-25. A description is a string of bytes without any meaning. */
TEST_F_TIMEOUT(odd, description, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(ADD_TOKEN "'%s'", variant->shell));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN));
	ASSERT_LT(0, key_add_user(variant->bytes, DISK_PASSPHRASE,
				  strlen(DISK_PASSPHRASE)));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
}

TEST_HARNESS_MAIN
