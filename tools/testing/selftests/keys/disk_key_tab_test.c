// SPDX-License-Identifier: GPL-2.0-only
/* disk-key-tab(8): disks that a table names. */
#include "../kselftest_harness.h"
#include "disk_key.h"
#include "trusted.h"

#define OTHER_DISK	"selftests-disk2"
#define OTHER_NODE	"/dev/mapper/" OTHER_DISK
#define NONE_DISK	"selftests-none"

FIXTURE(disk_tab)
{
	struct disk_key disk;
	char uuid[37];
};

FIXTURE_SETUP(disk_tab)
{
	char path[PATH_MAX];

	DISK_KEY_SETUP(&self->disk);
	ASSERT_EQ(0, sh_finds_own_tools());
	if (sh("command -v disk-key-tab >/dev/null"))
		SKIP(return, "needs disk-key-tab of tools/keys");
	ASSERT_EQ(0, sh("command -v keyctl >/dev/null"));
	snprintf(path, sizeof(path), "%s/tab", self->disk.v.base);
	setenv("DISK_KEY_TAB", path, 1);
	ASSERT_WORKS(FORMAT "$DEVICE");
	disk_key_uuid(self->uuid);
}

FIXTURE_TEARDOWN(disk_tab)
{
	if (self->disk.v.base[0]) {
		sh("for name in " OTHER_DISK " " NONE_DISK "; do"
		   " [ ! -e /dev/mapper/$name ] || $DISK_KEY close $name; done");
	}
	disk_key_end(&self->disk);
}

/* The table has these lines, in which the shell's variables stand for themselves. */
static bool table(const char *lines)
{
	return sh("cat >$DISK_KEY_TAB <<.\n%s\n.\n", lines) == 0;
}

/* Runs disk-key-tab; returns its exit code.  What it says is kept. */
static int tab(const char *arguments)
{
	return sh("exec </dev/null >$FOLDER/said 2>$FOLDER/error; disk-key-tab %s",
		  arguments);
}

static bool tab_works(const char *arguments)
{
	if (tab(arguments) == 0)
		return true;
	sh("sed 's/^/# /' $FOLDER/error >&2");
	return false;
}

/* True if it fails with this status and one line that has @text. */
static bool tab_fails(const char *arguments, const char *text)
{
	int status = tab(arguments);

	if (status == 1 && sh("[ $(wc -l <$FOLDER/error) = 1 ] &&"
			      " grep -q '^disk-key' $FOLDER/error &&"
			      " grep -qF '%s' $FOLDER/error", text) == 0)
		return true;
	fprintf(stderr, "# exit status %d, not a line with \"%s\":\n", status, text);
	sh("sed 's/^/# /' $FOLDER/error >&2");
	return false;
}

/* Shows: DK-38. By its name; what is so already stays so. */
TEST_F_TIMEOUT(disk_tab, open, DISK_SECONDS)
{
	ASSERT_TRUE(table("# all disks\n\n  # of this machine\n"
			  DISK_NAME "\t$DEVICE   %symmetric:parent\n"
			  NONE_DISK " /dev/none -"));
	ASSERT_TRUE(tab_works("open " DISK_NAME));
	ASSERT_EQ(0, disk_key_fill('t'));
	EXPECT_TRUE(tab_works("open " DISK_NAME));
	EXPECT_EQ('t', disk_key_letter());
	EXPECT_TRUE(tab_works("close " DISK_NAME));
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(disk_key_gone(self->uuid));
	EXPECT_TRUE(tab_works("close " DISK_NAME));

	/* By the parents that the header names, and words that do nothing here */
	ASSERT_TRUE(table(DISK_NAME " $DEVICE - initramfs,noauto"));
	ASSERT_TRUE(tab_works("open " DISK_NAME));
	EXPECT_EQ('t', disk_key_letter());
	/* Another disk by this name is no disk that is open. */
	ASSERT_EQ(0, sh("cp $DISK_KEY_TAB $FOLDER/good"));
	ASSERT_EQ(0, disk_key_small(8192));
	ASSERT_WORKS(FORMAT "$DEVICE");
	ASSERT_TRUE(table(DISK_NAME " $DEVICE -"));
	EXPECT_TRUE(tab_fails("open " DISK_NAME, "or the name is taken"));
	ASSERT_EQ(0, sh("cp $FOLDER/good $DISK_KEY_TAB"));
	EXPECT_EQ('t', disk_key_letter());
	/* A volume that has lost its key is not open. */
	ASSERT_WORKS("revoke " DISK_NAME);
	EXPECT_TRUE(tab_fails("open " DISK_NAME, "the disk is open, or"));
	EXPECT_TRUE(tab_works("close " DISK_NAME));
}

/* Shows: DK-40. One does not work, one is not wanted, and the last has no newline. */
TEST_F_TIMEOUT(disk_tab, all, DISK_SECONDS)
{
	char first[32];

	snprintf(first, sizeof(first), "%s", self->disk.device);
	setenv("FIRST", first, 1);
	ASSERT_EQ(0, disk_key_small(8192));
	ASSERT_WORKS(FORMAT "$DEVICE");
	ASSERT_TRUE(table(NONE_DISK " /dev/none %symmetric:parent\n"
			  DISK_NAME " $FIRST %symmetric:parent noauto"));
	ASSERT_EQ(0, sh("printf '" OTHER_DISK " %%s -' $DEVICE >>$DISK_KEY_TAB"));
	EXPECT_TRUE(tab_fails("open --all", "/dev/none"));
	EXPECT_EQ(0, access(OTHER_NODE, F_OK));
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(tab_works("list noauto"));
	EXPECT_EQ(0, sh("echo " DISK_NAME " $FIRST %%symmetric:parent noauto |"
			" cmp -s - $FOLDER/said"));
	EXPECT_TRUE(tab_works("list"));
	EXPECT_EQ(0, sh("[ $(wc -l <$FOLDER/said) = 3 ]"));

	ASSERT_TRUE(table(DISK_NAME " $FIRST -\n" OTHER_DISK " $DEVICE -"));
	EXPECT_TRUE(tab_works("open --all"));
	EXPECT_TRUE(disk_is_open());
	EXPECT_TRUE(tab_works("close " DISK_NAME));
	EXPECT_TRUE(tab_works("close " OTHER_DISK));
}

/* Shows: DK-39. The TPM opens the parent, and it has ended when the disk is open. */
TEST_F_TIMEOUT(disk_tab, blob, DISK_SECONDS)
{
	struct trusted_parent primary = { .hash = "sha256" };
	int tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	key_serial_t key;
	char handle[16];

	if (tpm < 0)
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	ASSERT_EQ(0, tpm2_create_primary(tpm, &primary.handle));
	snprintf(handle, sizeof(handle), "0x%x", primary.handle);
	setenv("HANDLE", handle, 1);
	key = trusted_new("disk-root", TRUSTED_MIN, &primary);
	ASSERT_LT(0, key);
	ASSERT_WORKS("format --force -p %%trusted:disk-root $DEVICE");
	ASSERT_EQ(0, sh("keyctl pipe %d >$FOLDER/blob", key));
	ASSERT_EQ(0, key_revoke(key));
	ASSERT_EQ(0, key_unlink(key, KEY_SPEC_SESSION_KEYRING));
	ASSERT_TRUE(disk_key_gone("disk-root"));

	ASSERT_TRUE(table(DISK_NAME " $DEVICE %trusted:disk-root"
			  " blob=$FOLDER/blob,keyhandle=$HANDLE"));
	ASSERT_TRUE(tab_works("open " DISK_NAME));
	EXPECT_EQ(0, disk_key_fill('b'));
	EXPECT_TRUE(disk_key_gone("disk-root"));
	EXPECT_TRUE(tab_works("close " DISK_NAME));
	/* The session keyring of the caller need not be of any use. */
	EXPECT_EQ(0, sh("keyctl session - sh -c 'keyctl revoke @s;"
			" exec disk-key-tab open " DISK_NAME "'"));
	EXPECT_EQ('b', disk_key_letter());
	EXPECT_TRUE(disk_key_gone("disk-root"));
	EXPECT_TRUE(tab_works("close " DISK_NAME));

	/* The parent of another disk, and a blob that was changed */
	ASSERT_WORKS(FORMAT "$DEVICE");
	EXPECT_TRUE(tab_fails("open " DISK_NAME, "no parent of"));
	EXPECT_TRUE(disk_key_gone("disk-root"));
	ASSERT_EQ(0, sh("sed -i 's/..$/00/' $FOLDER/blob"));
	EXPECT_TRUE(tab_fails("open " DISK_NAME, "cannot load"));
	ASSERT_EQ(0, sh("rm $FOLDER/blob"));
	EXPECT_TRUE(tab_fails("open " DISK_NAME, "cannot read"));
	EXPECT_FALSE(disk_is_open());
	EXPECT_EQ(0, tpm2_flush(tpm, primary.handle));
	close(tpm);
}

/* Shows: DK-41. Lines and arguments that make no sense. */
TEST_F_TIMEOUT(disk_tab, senseless, DISK_SECONDS)
{
	static const char * const lines[] = {
		DISK_NAME, DISK_NAME " $DEVICE",
		DISK_NAME " $DEVICE - noauto more",
		DISK_NAME " $DEVICE - none", DISK_NAME " $DEVICE - noauto,",
		DISK_NAME " $DEVICE - noauto,,initramfs",
		DISK_NAME " $DEVICE - blob=", DISK_NAME " $DEVICE - keyhandle=7",
		DISK_NAME " $DEVICE - blob=/etc/passwd",
		DISK_NAME " $DEVICE %trusted: blob=/etc/passwd",
		DISK_NAME " $DEVICE %symmetric:parent blob=/etc/passwd",
	};
	static const char * const arguments[] = {
		"", "open", "close", "open a b", "none " DISK_NAME, "list a b",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		ASSERT_TRUE(table(lines[i]));
		EXPECT_TRUE(tab_fails("open " DISK_NAME, "makes no sense")) {
			TH_LOG("%s", lines[i]);
		}
	}
	ASSERT_TRUE(table(DISK_NAME " $DEVICE -\n" DISK_NAME " $DEVICE -"));
	EXPECT_TRUE(tab_fails("open " DISK_NAME, "more than one"));
	ASSERT_TRUE(table(DISK_NAME "x $DEVICE -\n#" DISK_NAME " $DEVICE -"));
	EXPECT_TRUE(tab_fails("open " DISK_NAME, "there is no " DISK_NAME));
	for (size_t i = 0; i < ARRAY_SIZE(arguments); i++) {
		EXPECT_EQ(2, tab(arguments[i])) {
			TH_LOG("%s", arguments[i]);
		}
	}
	ASSERT_EQ(0, sh("rm $DISK_KEY_TAB"));
	EXPECT_TRUE(tab_fails("open --all", "cannot read"));
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(disk_key_gone(self->uuid));
	EXPECT_EQ(0, tab("--help"));
}

TEST_HARNESS_MAIN
