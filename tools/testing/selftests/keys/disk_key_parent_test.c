// SPDX-License-Identifier: GPL-2.0-only
/* disk-key(8): which keys open a disk, and how they come to do so. */
#include "../kselftest_harness.h"
#include "disk_key.h"
#include "trusted.h"

/* The longest description of a parent */
#define NAME_MAX_	119
#define ADD		"add-parent -p " PARENT " $DEVICE "

FIXTURE(disk_parent)
{
	struct disk_key disk;
	char uuid[37];
};

FIXTURE_SETUP(disk_parent)
{
	DISK_KEY_SETUP(&self->disk);
	ASSERT_WORKS(FORMAT "$DEVICE");
	disk_key_uuid(self->uuid);
}

FIXTURE_TEARDOWN(disk_parent)
{
	disk_key_end(&self->disk);
}

/* The letter that whoever opens the disk by this parent reads, or an errno. */
static int letter_by(const char *parent)
{
	int letter;

	if (disk_key("open -p %s $DEVICE " DISK_NAME, parent))
		return -ENOKEY;
	letter = disk_key_letter();
	return disk_key("close " DISK_NAME) ? -EBUSY : letter;
}

static int write_letter(char letter)
{
	int err = disk_key(OPEN);

	if (err)
		return -ENOKEY;
	err = disk_key_fill(letter);
	return disk_key("close " DISK_NAME) ? -EBUSY : err;
}

/* Shows: DK-10. What is no key of the kernel's own, or not for this, is refused. */
TEST_F_TIMEOUT(disk_parent, unfit, DISK_SECONDS)
{
	char name[NAME_MAX_ + 2];
	key_serial_t key;

	key = key_add_user("secret", "0123456789abcdef0123456789abcdef", 32);
	ASSERT_LT(0, key);
	EXPECT_FAILS("no key that others", "format --force -p %d $DEVICE", key);
	ASSERT_LT(0, sym_add("mac", "new alg=hmac-sha256 for=mac"));
	EXPECT_FAILS("no key that others",
		     "format --force -p %%symmetric:mac $DEVICE");
	/* Its bytes are known to whoever has given them. */
	ASSERT_LT(0, sym_add("seen", "raw alg=hkdf-sha512 for=derive keyhex="
			     "000102030405060708090a0b0c0d0e0f"
			     "101112131415161718191a1b1c1d1e1f"));
	EXPECT_FAILS("no key that others",
		     "format --force -p %%symmetric:seen $DEVICE");

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	key = sym_add(name, PARENT_LINE);
	ASSERT_LT(0, key);
	EXPECT_FAILS("no key that others", "format --force -p %d $DEVICE", key);
	name[sizeof(name) - 2] = '\0';
	key = sym_add(name, PARENT_LINE);
	ASSERT_LT(0, key);
	EXPECT_WORKS("add-parent -p " PARENT " $DEVICE %d", key);
	key = sym_add("a\nb", PARENT_LINE);
	ASSERT_LT(0, key);
	EXPECT_FAILS("no key that others", ADD "%d", key);
}

/* Shows: DK-10. A key that a TPM has sealed, and one below it. */
TEST_F_TIMEOUT(disk_parent, trusted, DISK_SECONDS)
{
	struct trusted_parent primary = { .hash = "sha256" };
	int tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	const char *line = "new trusted:disk-root 32";

	if (tpm < 0)
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	ASSERT_EQ(0, tpm2_create_primary(tpm, &primary.handle));
	ASSERT_LT(0, trusted_new("disk-root", TRUSTED_MIN, &primary));
	ASSERT_WORKS("format --force -p %%trusted:disk-root $DEVICE");
	ASSERT_WORKS("open $DEVICE " DISK_NAME);
	ASSERT_EQ(0, disk_key_fill('t'));
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_EQ('t', letter_by("%trusted:disk-root"));
	EXPECT_FAILS("no parent of", "open -p " PARENT " $DEVICE " DISK_NAME);

	ASSERT_WORKS("add-parent -p %%trusted:disk-root $DEVICE " PARENT);
	EXPECT_EQ('t', letter_by("%symmetric:parent"));

	ASSERT_LT(0, key_add("encrypted", "below", line, strlen(line),
			     KEY_SPEC_SESSION_KEYRING));
	/* A kernel whose users can choose the bytes of such keys takes none. */
	if (disk_key("add-parent -p %%trusted:disk-root $DEVICE %%encrypted:below")) {
		EXPECT_TRUE(disk_key_complained("no key that others"));
	} else {
		EXPECT_EQ('t', letter_by("%encrypted:below"));
	}
	EXPECT_EQ(0, tpm2_flush(tpm, primary.handle));
	close(tpm);
}

/* Shows: DK-11. By serial, by name, by the header, in the user's keyring as well. */
TEST_F_TIMEOUT(disk_parent, found, DISK_SECONDS)
{
	char serial[16];

	ASSERT_EQ(0, write_letter('f'));
	snprintf(serial, sizeof(serial), "%d", self->disk.parent);
	EXPECT_EQ('f', letter_by(serial));
	EXPECT_EQ('f', letter_by("%symmetric:parent"));
	EXPECT_WORKS("open $DEVICE " DISK_NAME);
	EXPECT_WORKS("close " DISK_NAME);

	ASSERT_EQ(0, key_link(self->disk.parent, KEY_SPEC_USER_KEYRING));
	ASSERT_EQ(0, key_unlink(self->disk.parent, KEY_SPEC_SESSION_KEYRING));
	EXPECT_WORKS("open $DEVICE " DISK_NAME);
	EXPECT_WORKS("close " DISK_NAME);
	ASSERT_EQ(0, key_unlink(self->disk.parent, KEY_SPEC_USER_KEYRING));
	EXPECT_FAILS("cannot find a parent", "open $DEVICE " DISK_NAME);
	EXPECT_FAILS("there is none in your keyrings", OPEN);
}

/* Shows: DK-11, DK-19. A parent that has ended opens nothing. */
TEST_F_TIMEOUT(disk_parent, ended, DISK_SECONDS)
{
	ASSERT_EQ(0, key_revoke(self->disk.parent));
	EXPECT_FAILS("it was revoked", "open -p %d $DEVICE " DISK_NAME,
		     self->disk.parent);
	EXPECT_FAILS("cannot take parent", OPEN);
	EXPECT_FAILS("cannot find a parent", "open $DEVICE " DISK_NAME);
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(disk_key_gone(self->uuid));
}

/* Shows: DK-13, DK-12. Another key of the same name. */
TEST_F_TIMEOUT(disk_parent, namesake, DISK_SECONDS)
{
	ASSERT_LT(0, sym_add("parent", PARENT_LINE));
	EXPECT_FAILS("no parent of", OPEN);
	EXPECT_FAILS("no key that", "open $DEVICE " DISK_NAME);
	EXPECT_FALSE(disk_is_open());
	EXPECT_FAILS("no parent of", ADD "%%symmetric:parent");
	EXPECT_FAILS("no other parent",
		     "remove-parent -p " PARENT " $DEVICE 0");
}

/* Shows: DK-14, DK-15. One by one they come, and go. */
TEST_F_TIMEOUT(disk_parent, several, DISK_SECONDS)
{
	char name[16], parent[32];

	ASSERT_EQ(0, write_letter('s'));
	for (int i = 1; i < 5; i++) {
		snprintf(name, sizeof(name), "other%d", i);
		ASSERT_LT(0, sym_add(name, PARENT_LINE));
	}
	for (int i = 1; i < 4; i++)
		ASSERT_WORKS(ADD "%%symmetric:other%d", i);
	EXPECT_FAILS("no room", ADD "%%symmetric:other4");
	ASSERT_EQ(0, key_unlink(self->disk.parent, KEY_SPEC_SESSION_KEYRING));
	for (int i = 1; i < 4; i++) {
		snprintf(parent, sizeof(parent), "%%symmetric:other%d", i);
		EXPECT_EQ('s', letter_by(parent));
	}
	ASSERT_EQ(-ENOKEY, letter_by("%symmetric:other4"));

	EXPECT_FAILS("is the one that opens",
		     "remove-parent -p %%symmetric:other1 $DEVICE 1");
	ASSERT_WORKS("remove-parent -p %%symmetric:other1 $DEVICE 2");
	EXPECT_EQ(-ENOKEY, letter_by("%symmetric:other2"));
	EXPECT_EQ('s', letter_by("%symmetric:other1"));
	EXPECT_FAILS("has no parent 2",
		     "remove-parent -p %%symmetric:other1 $DEVICE 2");
	EXPECT_FAILS("only the first parent",
		     "add-parent -p %%symmetric:other1 $DEVICE %%symmetric:other4");
	EXPECT_FAILS("see --force",
		     "remove-parent -p %%symmetric:other1 $DEVICE 0");
	ASSERT_WORKS("remove-parent --force -p %%symmetric:other1 $DEVICE 0");
	ASSERT_WORKS("remove-parent -p %%symmetric:other1 $DEVICE 3");
	EXPECT_FAILS("no other parent",
		     "remove-parent -p %%symmetric:other1 $DEVICE 1");
	EXPECT_EQ('s', letter_by("%symmetric:other1"));
}

/* Shows: DK-14. While the volume is open, and not twice. */
TEST_F_TIMEOUT(disk_parent, meanwhile, DISK_SECONDS)
{
	ASSERT_LT(0, sym_add("other", PARENT_LINE));
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, disk_key_fill('m'));
	ASSERT_WORKS(ADD "%%symmetric:other");
	EXPECT_EQ('m', disk_key_letter());
	EXPECT_FAILS("a parent of", ADD "%%symmetric:other");
	EXPECT_FAILS("a parent of", ADD PARENT);
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_EQ('m', letter_by("%symmetric:other"));
}

TEST_HARNESS_MAIN
