// SPDX-License-Identifier: GPL-2.0-only
/* Keys of type "symmetric" with the usual keyctl(1). */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "shell.h"
#include "symmetric.h"

FIXTURE(program)
{
	char folder[32];
};

FIXTURE_SETUP(program)
{
	snprintf(self->folder, sizeof(self->folder), "/tmp/symmetric.XXXXXX");
	REQUIRE_SYMMETRIC();
	if (access("/bin/keyctl", X_OK) && access("/usr/bin/keyctl", X_OK))
		SKIP(return, "needs keyctl of keyutils");
	ASSERT_NE(NULL, mkdtemp(self->folder));
	ASSERT_EQ(0, chdir(self->folder));
}

FIXTURE_TEARDOWN(program)
{
	EXPECT_EQ(0, chdir("/"));
	EXPECT_EQ(0, sh("rm -rf %s", self->folder));
}

/*
 * Shows: SY-42, SY-6. "padd" makes a key from a line of standard input, so that
 * the line is no argument.
 */
TEST_F(program, padd)
{
	key_serial_t key;

	ASSERT_EQ(0, sh("echo 'new alg=hmac-sha256 for=mac' | keyctl padd symmetric made @s >id"));
	key = keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "symmetric",
		     "made", 0);
	EXPECT_LT(0, key);
	EXPECT_EQ(0, sym_works(key));
	EXPECT_EQ(0, sh("grep -qx %d id", key));
	EXPECT_NE(0, sh("echo 'new alg=hmac-sha256' | keyctl padd symmetric x @s 2>error"));
	EXPECT_EQ(0, sh("grep -q 'Invalid argument' error"));
}

/* Shows: SY-42. pkey_query, pkey_sign and pkey_verify */
TEST_F(program, mac)
{
	key_serial_t key = sym_add("mac", "new alg=hmac-sha256 for=mac,verify");

	ASSERT_LT(0, key);
	ASSERT_EQ(0, sh("keyctl pkey_query %d 0 >said", key));
	EXPECT_EQ(0, sh("grep -q key_size=256 said"));
	EXPECT_EQ(0, sh("grep -q max_data_size=32768 said"));
	EXPECT_EQ(0, sh("grep -q max_sig_size=32 said"));
	EXPECT_EQ(0, sh("printf 'attack at dawn' >text"));
	ASSERT_EQ(0, sh("keyctl pkey_sign %d 0 text >mac", key));
	EXPECT_EQ(0, sh("test $(stat -c %%s mac) = 32"));
	EXPECT_EQ(0, sh("keyctl pkey_verify %d 0 text mac", key));
	EXPECT_EQ(0, sh("printf 'attack at dusk' >text"));
	EXPECT_NE(0, sh("keyctl pkey_verify %d 0 text mac 2>error", key));
	EXPECT_EQ(0, sh("grep -q 'Key was rejected' error"));
}

/* Shows: SY-42, SY-38. pkey_encrypt and pkey_decrypt, at their limits */
TEST_F(program, blob)
{
	key_serial_t key = sym_add("blob", "new alg=xchacha20-poly1305 for=seal,open");

	ASSERT_LT(0, key);
	for (int size = 1; size <= SYM_DATA_MAX - SYM_BLOB_EXTRA;
	     size += SYM_DATA_MAX - SYM_BLOB_EXTRA - 1) {
		EXPECT_EQ(0, sh("head -c %d /dev/urandom >text", size));
		ASSERT_EQ(0, sh("keyctl pkey_encrypt %d 0 text >blob", key));
		EXPECT_EQ(0, sh("test $(stat -c %%s blob) = %d",
				 size + SYM_BLOB_EXTRA));
		ASSERT_EQ(0, sh("keyctl pkey_decrypt %d 0 blob >again", key));
		EXPECT_EQ(0, sh("cmp text again"));
	}
	EXPECT_EQ(0, sh("echo >>text"));
	EXPECT_NE(0, sh("keyctl pkey_encrypt %d 0 text >blob 2>error", key));
	EXPECT_EQ(0, sh("grep -q 'Message too long' error"));
}

/* Shows: SY-42, SY-37. Associated data is one more argument. */
TEST_F(program, aad)
{
	key_serial_t key = sym_add("blob", "new alg=xchacha20-poly1305 for=seal,open");

	EXPECT_EQ(0, sh("echo text >text"));
	ASSERT_EQ(0, sh("keyctl pkey_encrypt %d 0 text aad=0102 >blob", key));
	EXPECT_EQ(0, sh("keyctl pkey_decrypt %d 0 blob aad=0102 | cmp - text",
			 key));
	EXPECT_NE(0, sh("keyctl pkey_decrypt %d 0 blob aad=0103 2>error",
			 key));
	EXPECT_EQ(0, sh("grep -q 'Bad message' error"));
}

/* Shows: SY-42, SY-46. A revoked key returns EKEYREVOKED. */
TEST_F(program, revoke)
{
	key_serial_t key = sym_add("mac", "new alg=hmac-sha256 for=mac");

	EXPECT_EQ(0, sh("echo text >text && keyctl pkey_sign %d 0 text >mac",
			 key));
	EXPECT_EQ(0, sh("keyctl revoke %d", key));
	EXPECT_NE(0, sh("keyctl pkey_sign %d 0 text 2>error", key));
	EXPECT_EQ(0, sh("grep -q 'Key has been revoked' error"));
}

TEST_HARNESS_MAIN
