// SPDX-License-Identifier: GPL-2.0-only
/*
 * A passphrase that is made on demand: by the helper program of keyutils with
 * Debian's rules, and by request-keyd with the same rules.
 *
 * The rules have "create user debug:loop:* * |/bin/cat": the callout
 * information becomes the payload of the key.
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
 * struct demand variant - the program that makes the key
 * @daemon: request-keyd instead of the helper program
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
	/* A folder that the teardown does not remove. */
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
	ASSERT_EQ(0, disk_format());
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
 * Shows: CS-30. The first request makes the key, and all later ones of the same
 * session find it.
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

/* Shows: CS-30. A passphrase that is made on demand may be wrong. */
TEST_F_TIMEOUT(demand, made_wrong, DISK_SECONDS)
{
	ASSERT_LT(0, key_request("user", TOKEN_KEY, "something else",
				 KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN));
	EXPECT_FALSE(disk_is_open());
}

TEST_HARNESS_MAIN
