// SPDX-License-Identifier: GPL-2.0-only
/* cryptsetup(8), which passes the key of a volume to dm-crypt in a keyring. */
#include "request_script.h"
#include "shell.h"

#include "../kselftest_harness.h"

#define VOLUME		"selftests-luks"
#define PASSPHRASE	"a passphrase"
#define TOKEN_KEY	"selftests:luks"
#define TEXT		"selftests-keys-text"
#define VOLUME_SIZE	(24 << 20)
/* A cheap key derivation, since the test is not about guessing passphrases. */
#define FORMAT_OPTIONS	"--batch-mode --type luks2 --pbkdf pbkdf2" \
			" --pbkdf-force-iterations 1000" \
			" --luks2-keyslots-size 512k"
#define NOT_FOUND	127
/* Many programs run in each test, perhaps under emulation. */
#define SECONDS		170

FIXTURE(cryptsetup)
{
	char folder[32];
	char image[64];
	char passphrase[64];
};

static int write_file(const char *path, const char *text, off_t size)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    (size && ftruncate(fd, size)))
		err = -errno;
	close(fd);
	return err;
}

FIXTURE_SETUP(cryptsetup)
{
	if (geteuid() != 0)
		SKIP(return, "needs root");
	if (sh_unseen("cryptsetup --version") == NOT_FOUND ||
		      sh_unseen("dmsetup version") == NOT_FOUND)
		SKIP(return, "needs cryptsetup and dmsetup");
	/* Without udev libdevmapper has to make the device nodes. */
	if (access("/run/udev/control", F_OK))
		setenv("DM_DISABLE_UDEV", "1", 1);
	ASSERT_LT(0, session_new());
	snprintf(self->folder, sizeof(self->folder), "/tmp/luks.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->folder));
	snprintf(self->image, sizeof(self->image), "%s/image", self->folder);
	snprintf(self->passphrase, sizeof(self->passphrase), "%s/passphrase",
		 self->folder);
	ASSERT_EQ(0, write_file(self->passphrase, PASSPHRASE, 0));
	ASSERT_EQ(0, write_file(self->image, "", VOLUME_SIZE));
	ASSERT_EQ(0, sh_unseen("cryptsetup luksFormat " FORMAT_OPTIONS
			       " --key-file %s %s", self->passphrase,
			       self->image));
}

FIXTURE_TEARDOWN(cryptsetup)
{
	sh_unseen("cryptsetup close " VOLUME);
	unlink(self->image);
	unlink(self->passphrase);
	rmdir(self->folder);
}

/* Returns whether the kernel's table names the volume's key in a keyring. */
static bool key_is_in_keyring(void)
{
	return sh_unseen("dmsetup table --showkeys " VOLUME
			 " | grep -q ':64:logon:cryptsetup:'") == 0;
}

/*
 * Shows: RK-18. dm-crypt finds the key that cryptsetup put into a keyring, also
 * when a suspended volume gets its key again.
 */
TEST_F_TIMEOUT(cryptsetup, volume_key, SECONDS)
{
	ASSERT_EQ(0, sh_unseen("cryptsetup open --key-file %s %s " VOLUME,
			       self->passphrase, self->image));
	EXPECT_TRUE(key_is_in_keyring());
	EXPECT_EQ(0, sh_unseen("echo " TEXT " | dd of=/dev/mapper/" VOLUME
			       " conv=fsync"));
	EXPECT_NE(0, sh_unseen("grep -aq " TEXT " %s", self->image));

	EXPECT_EQ(0, sh_unseen("cryptsetup luksSuspend " VOLUME));
	EXPECT_EQ(0, sh_unseen("cryptsetup luksResume --key-file %s " VOLUME,
			       self->passphrase));
	EXPECT_TRUE(key_is_in_keyring());
	EXPECT_EQ(0, sh_unseen("dd if=/dev/mapper/" VOLUME " iflag=direct"
			       " bs=4096 count=1 | grep -aq " TEXT));
}

/* Shows: RK-37, RK-46. cryptsetup finds a passphrase in a keyring. */
TEST_F_TIMEOUT(cryptsetup, token, SECONDS)
{
	ASSERT_EQ(0, sh_unseen("cryptsetup token add --key-description "
			       TOKEN_KEY " %s", self->image));
	EXPECT_NE(0, sh_unseen("cryptsetup open --token-only %s " VOLUME,
			       self->image));
	ASSERT_LT(0, key_add_user(TOKEN_KEY, PASSPHRASE, strlen(PASSPHRASE)));
	EXPECT_EQ(0, sh_unseen("cryptsetup open --token-only %s " VOLUME,
			       self->image));
	EXPECT_TRUE(key_is_in_keyring());
}

TEST_HARNESS_MAIN
