// SPDX-License-Identifier: GPL-2.0-only
/*
 * A passphrase that is made when it is asked for: by the helper program of
 * keyutils with Debian's rules, and by request-keyd with the same ones.
 *
 * The rules have "create user debug:loop:* * |/bin/cat": the callout information
 * is what the key holds.
 */
#include "cryptsetup.h"
#include "keyd_run.h"

#include "../kselftest_harness.h"

#define RULES		"/etc"
#define PROGRAM		"/sbin/request-key"
#define TOKEN_KEY	"debug:loop:disk"
#define BY_TOKEN	"cryptsetup open --token-only $IMAGE $NAME"

FIXTURE(demand)
{
	struct disk disk;
	struct keyd keyd;
};

/*
 * struct demand variant - who makes the key
 * @daemon:	request-keyd, and not the helper program
 */
FIXTURE_VARIANT(demand)
{
	bool daemon;
};

FIXTURE_VARIANT_ADD(demand, helper) {};
FIXTURE_VARIANT_ADD(demand, request_keyd) { .daemon = true };

static bool start_daemon(struct keyd *keyd)
{
	static char *const args[] = { "--scope", "user-ns", "--no-fallback", NULL };
	bool ready;

	if (!keyd_make(keyd))
		return false;
	keyd_remove_folder(&keyd->etc);
	keyd_use(&keyd->etc, RULES);
	ready = keyd_start(keyd, args);
	/* Not to be removed. */
	keyd_use(&keyd->etc, "/nonesuch");
	return ready;
}

FIXTURE_SETUP(demand)
{
	if (access(PROGRAM, X_OK) || access(RULES "/request-key.conf", R_OK))
		SKIP(return, "needs Debian's package keyutils");
	if (variant->daemon)
		REQUIRE_KEY_SERVICE();
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_run(DISK_FORMAT DISK_LUKS2 "$IMAGE"));
	ASSERT_EQ(0, disk_run("cryptsetup token add $IMAGE --key-description "
			      TOKEN_KEY));
	if (variant->daemon)
		ASSERT_TRUE(start_daemon(&self->keyd));
}

FIXTURE_TEARDOWN(demand)
{
	if (variant->daemon) {
		keyd_end(&self->keyd);
		keyd_remove(&self->keyd);
	}
	disk_end(&self->disk);
}

/*
 * Shows: CS-30. Whoever asks for it first gives it to all that come after, in the
 * same session.
 */
TEST_F_TIMEOUT(demand, made, DISK_SECONDS)
{
	key_serial_t key;

	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN));
	key = key_request("user", TOKEN_KEY, DISK_PASSPHRASE,
			  KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, key);
	EXPECT_EQ(0, disk_run(BY_TOKEN));
	EXPECT_TRUE(disk_write_text());
	EXPECT_EQ(0, disk_run("cryptsetup close $NAME"));
	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN));
	if (variant->daemon)
		EXPECT_LOGS(&self->keyd, "action=/bin/cat result=answered");
}

/* Shows: CS-30. What is made may be wrong, too. */
TEST_F_TIMEOUT(demand, made_wrong, DISK_SECONDS)
{
	ASSERT_LT(0, key_request("user", TOKEN_KEY, "something else",
				 KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN));
	EXPECT_FALSE(disk_is_open());
}

TEST_HARNESS_MAIN
