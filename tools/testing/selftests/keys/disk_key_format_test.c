// SPDX-License-Identifier: GPL-2.0-only
/* disk-key(8): what becomes of a device that it formats, and what it leaves alone. */
#include "../kselftest_harness.h"
#include "disk_key.h"

#define MIB		1048576
#define SUM		"sha256sum <$DEVICE >$FOLDER/sum"
#define SAME		"sha256sum <$DEVICE | cmp -s - $FOLDER/sum"

FIXTURE(disk_format)
{
	struct disk_key disk;
};

FIXTURE_SETUP(disk_format)
{
	DISK_KEY_SETUP(&self->disk);
}

FIXTURE_TEARDOWN(disk_format)
{
	disk_key_end(&self->disk);
}

/* Shows: DK-1. Nothing but the two copies, and nothing behind the first MiB. */
TEST_F_TIMEOUT(disk_format, places, DISK_SECONDS)
{
	uint8_t *bytes = malloc(MIB);

	ASSERT_NE(NULL, bytes);
	ASSERT_EQ(0, sh("tr '\\0' x </dev/zero | head -c 4M >$DEVICE"));
	ASSERT_EQ(0, sh("tail -c +%d $DEVICE | sha256sum >$FOLDER/sum", MIB + 1));
	ASSERT_WORKS("format -p " PARENT " $DEVICE");
	EXPECT_EQ(0, sh("tail -c +%d $DEVICE | sha256sum | cmp -s - $FOLDER/sum",
			MIB + 1));
	ASSERT_EQ(MIB, pread(self->disk.loop, bytes, MIB, 0));
	EXPECT_EQ(0, memcmp(bytes, "linux-keys disk\n", 16));
	EXPECT_EQ(0, memcmp(bytes, bytes + 65536, 4096));
	for (int i = 4096; i < MIB; i++) {
		if (i < 65536 || i >= 65536 + 4096) {
			ASSERT_EQ(0, bytes[i]);
		}
	}
	free(bytes);
}

/* Shows: DK-2. What is the same makes another disk all the same. */
TEST_F_TIMEOUT(disk_format, unlike, DISK_SECONDS)
{
	char one[37], other[37];
	char first[DISK_SECTOR];

	ASSERT_WORKS(FORMAT "$DEVICE");
	disk_key_uuid(one);
	EXPECT_EQ(36u, strspn(one, "0123456789abcdef-"));
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, disk_key_fill('a'));
	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_EQ(DISK_SECTOR, pread(self->disk.loop, first, DISK_SECTOR, MIB));

	ASSERT_WORKS(FORMAT "$DEVICE");
	disk_key_uuid(other);
	EXPECT_STRNE(one, other);
	ASSERT_WORKS(OPEN);
	EXPECT_NE('a', disk_key_letter());
}

/* Shows: DK-3. Below a volume, below another device, mounted. */
TEST_F_TIMEOUT(disk_format, in_use, DISK_SECONDS)
{
	ASSERT_EQ(0, sh("mount -t ext4 $DEVICE %s", self->disk.v.mnt));
	EXPECT_FAILS("in use", FORMAT "$DEVICE");
	ASSERT_EQ(0, sh("umount %s && " SUM, self->disk.v.mnt));

	ASSERT_EQ(0, sh("dmsetup create " DISK_NAME
			" --table \"0 64 linear $DEVICE 0\""));
	EXPECT_FAILS("in use", FORMAT "$DEVICE");
	EXPECT_EQ(0, sh(SAME));
	ASSERT_EQ(0, sh("dmsetup remove " DISK_NAME));

	ASSERT_WORKS(FORMAT "$DEVICE");
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, sh(SUM));
	EXPECT_FAILS("in use", FORMAT "$DEVICE");
	EXPECT_EQ(0, sh(SAME));
}

/* Shows: DK-4, DK-27. What somebody has there stays, and goes if it is to go. */
TEST_F_TIMEOUT(disk_format, occupied, DISK_SECONDS)
{
	static const struct {
		const char *name;
		const char *command;
	} kinds[] = {
		{ "ext4", "true" },
		{ "swap", "mkswap $DEVICE" },
		/* One partition, and the mark of such a table */
		{ "dos", "{ head -c 446 /dev/zero;"
			" printf '\\200\\0\\0\\0\\203\\0\\0\\0\\1\\0\\0\\0\\100\\0\\0\\0';"
			" head -c 48 /dev/zero; printf '\\125\\252'; } >$DEVICE" },
		{ "crypto_LUKS", "printf x | cryptsetup luksFormat -q --type luks1"
			" --pbkdf-force-iterations 1000 --key-file - $DEVICE" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (i) {
			ASSERT_EQ(0, sh("head -c 1M /dev/zero >$DEVICE"));
		}
		ASSERT_EQ(0, sh("{ %s; } 2>/dev/null >&2", kinds[i].command)) {
			TH_LOG("%s", kinds[i].name);
		}
		ASSERT_EQ(0, sh(SUM));
		EXPECT_FAILS(kinds[i].name, "format -p " PARENT " $DEVICE");
		EXPECT_EQ(0, sh(SAME));
		ASSERT_WORKS(FORMAT "$DEVICE");
		EXPECT_EQ(2, sh("blkid -p $DEVICE >/dev/null 2>&1")) {
			TH_LOG("%s", kinds[i].name);
		}
		ASSERT_EQ(0, sh(SUM));
		EXPECT_FAILS("a disk of this program already",
			     "format -p " PARENT " $DEVICE");
		EXPECT_EQ(0, sh(SAME));
	}
}

/* Shows: DK-5, DK-27. Neither a device that is too small nor a file of any kind. */
TEST_F_TIMEOUT(disk_format, unfit, DISK_SECONDS)
{
	ASSERT_EQ(0, sh("dmsetup create " DISK_NAME
			" --table \"0 4095 linear $DEVICE 0\" && " SUM));
	EXPECT_FAILS("smaller than 2 MiB", FORMAT DISK_NODE);
	ASSERT_EQ(0, sh("dmsetup remove " DISK_NAME));
	EXPECT_EQ(0, sh(SAME));
	ASSERT_EQ(0, sh("dmsetup create " DISK_NAME
			" --table \"0 4096 linear $DEVICE 0\""));
	EXPECT_WORKS(FORMAT DISK_NODE);
	ASSERT_EQ(0, sh("dmsetup remove " DISK_NAME));

	ASSERT_EQ(0, sh("mkfifo $FOLDER/pipe"));
	EXPECT_FAILS("no block device", FORMAT "%s", self->disk.v.image);
	EXPECT_FAILS("", FORMAT "$FOLDER/pipe");
	EXPECT_FAILS("no block device", FORMAT "/dev/null");
	EXPECT_FAILS("No such file", FORMAT "$FOLDER/none");
}

/* Shows: DK-7. The file below the device has no room. */
TEST_F_TIMEOUT(disk_format, full, DISK_SECONDS)
{
	ASSERT_EQ(0, sh("mkdir $FOLDER/small &&"
			" mount -t tmpfs -o size=64k small $FOLDER/small &&"
			" truncate -s 8M $FOLDER/small/image &&"
			" losetup --find --show $FOLDER/small/image >$FOLDER/loop"));
	EXPECT_FAILS("cannot write",
		     "format -p " PARENT " $(cat $FOLDER/loop)");
	EXPECT_EQ(0, sh("losetup -d $(cat $FOLDER/loop) && umount $FOLDER/small"));
}

/* A device on which the sectors of one copy do not work. */
static int break_copy(int copy)
{
	/* The first one has nothing before it. */
	if (!copy)
		return sh("dmsetup create " DISK_NAME " <<.\n"
			  "0 8 error\n"
			  "8 8192 linear $DEVICE 8\n.\n");
	return sh("dmsetup create " DISK_NAME " <<.\n"
		  "0 128 linear $DEVICE 0\n"
		  "128 8 error\n"
		  "136 8192 linear $DEVICE 136\n.\n");
}

/* Shows: DK-7, DK-8. One copy can be neither read nor written: the other one stays. */
TEST_F_TIMEOUT(disk_format, broken, DISK_SECONDS)
{
	ASSERT_LT(0, sym_add("second", PARENT_LINE));
	ASSERT_WORKS(FORMAT "$DEVICE");
	for (int copy = 0; copy < 2; copy++) {
		ASSERT_EQ(0, break_copy(copy));
		EXPECT_FAILS("cannot write", "add-parent -p " PARENT " "
			     DISK_NODE " %%symmetric:second");
		ASSERT_EQ(0, sh("dmsetup remove " DISK_NAME));
		ASSERT_WORKS("status $DEVICE");
		EXPECT_TRUE(disk_key_said("changes: 1\n"));
		EXPECT_TRUE(disk_key_said("copy 0: valid"));
		EXPECT_TRUE(disk_key_said("copy 1: valid"));
		ASSERT_WORKS(OPEN);
		ASSERT_WORKS("close " DISK_NAME);
	}
}

/* Shows: DK-27. Arguments that make no sense. */
TEST_F_TIMEOUT(disk_format, misuse, DISK_SECONDS)
{
	static const char * const wrong[] = {
		"", "none", "format $DEVICE", "format -p %symmetric:parent",
		FORMAT "-l '' $DEVICE", FORMAT "-l 'a b' $DEVICE",
		FORMAT "-l 0123456789012345678901234567890123456789 $DEVICE",
		FORMAT "-c aes-cbc-essiv:sha256 $DEVICE", FORMAT "-c '' $DEVICE",
		FORMAT "-s 48 $DEVICE", FORMAT "-s x $DEVICE", FORMAT "-s '' $DEVICE",
		FORMAT "-s 64 -c xchacha12,aes-adiantum-plain64 $DEVICE",
		"format --force -p '' $DEVICE", "format --force -p x $DEVICE",
		"format --force -p %user:x $DEVICE", "format --force -p %symmetric $DEVICE",
		"format --force -p %symmetric: $DEVICE",
		"open $DEVICE", "open $DEVICE a b", "open $DEVICE a/b", "open $DEVICE -- -a",
		"open $DEVICE ''", "open --force $DEVICE a", "close", "close ../a",
		"remove-parent $DEVICE 4", "remove-parent $DEVICE x",
	};

	ASSERT_EQ(0, sh(SUM));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		/* The text is for printf() where it has a parent in it. */
		char text[256], *to = text;

		for (const char *at = wrong[i]; *at; at++) {
			*to++ = *at;
			if (*at == '%' && at[1] == '%')
				at++;
		}
		*to = '\0';
		if (strncmp(text, "remove", 6) == 0) {
			ASSERT_WORKS(FORMAT "$DEVICE");
		}
		EXPECT_EQ(2, disk_key("%s", text)) {
			TH_LOG("%s", text);
		}
		EXPECT_TRUE(strncmp(text, "remove", 6) == 0 || sh(SAME) == 0) {
			TH_LOG("%s", text);
		}
	}
	EXPECT_WORKS("--help");
	EXPECT_TRUE(disk_key_said("usage: disk-key format"));
}

TEST_HARNESS_MAIN
