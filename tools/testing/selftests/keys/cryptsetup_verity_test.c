// SPDX-License-Identifier: GPL-2.0-only
/*
 * veritysetup(8): veritysetup passes the signature of a root hash to the kernel
 * in a key.
 */
#include "cryptsetup.h"

#include "../kselftest_harness.h"

#define KEY		"cryptsetup:" DISK_UUID "-" DISK_NAME
#define OPEN		"veritysetup open $IMAGE $NAME $FOLDER/hashes" \
			" --root-hash-file $FOLDER/root "
#define SIGNED		"--root-hash-signature $FOLDER/signature "

FIXTURE(verity)
{
	struct disk disk;
};

FIXTURE_SETUP(verity)
{
	DISK_SETUP(&self->disk);
	if (disk_run("veritysetup --version") == DISK_NOT_FOUND ||
	    disk_run("openssl version") == DISK_NOT_FOUND)
		SKIP(return, "needs veritysetup and openssl");
	REQUIRE_STRACE();
	ASSERT_EQ(0, disk_run("truncate -s 1M $IMAGE && veritysetup format"
			      " --uuid $UUID --root-hash-file $FOLDER/root"
			      " $IMAGE $FOLDER/hashes"));
	ASSERT_EQ(0, disk_run("cd $FOLDER && openssl req -x509 -newkey rsa:2048"
			      " -nodes -keyout key -out cert -subj /CN=selftests &&"
			      " openssl smime -sign -nocerts -noattr -binary"
			      " -in root -inkey key -signer cert -outform der"
			      " -out signature"));
}

FIXTURE_TEARDOWN(verity)
{
	disk_run("veritysetup close $NAME");
	disk_end(&self->disk);
}

/* Shows: CS-16. Without a signature, the root hash alone opens the volume. */
TEST_F_TIMEOUT(verity, without, DISK_SECONDS)
{
	EXPECT_EQ(0, disk_run(DISK_TRACE OPEN));
	EXPECT_TRUE(disk_did_not_say("add_key("));
	EXPECT_TRUE(disk_is_open());
}

/*
 * Shows: CS-16, CS-17. The kernel finds the signature in the thread keyring and
 * checks it.  The error says that the signer is not trusted, and not that there
 * is no signature.
 */
TEST_F_TIMEOUT(verity, signature, DISK_SECONDS)
{
	EXPECT_NE(0, disk_run(DISK_TRACE OPEN SIGNED));
	EXPECT_TRUE(disk_said("add_key(\"user\", \"" KEY "\""));
	EXPECT_TRUE(disk_said("KEY_SPEC_THREAD_KEYRING)"));
	EXPECT_TRUE(disk_said("keyctl(KEYCTL_REVOKE, "));
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(disk_key_gone(KEY));
}

TEST_HARNESS_MAIN
