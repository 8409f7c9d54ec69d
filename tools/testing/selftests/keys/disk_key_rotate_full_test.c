// SPDX-License-Identifier: GPL-2.0-only
/* disk-key(8) rotate on a device that has no room, or does not work. */
#include "../kselftest_harness.h"
#include "disk_key.h"
#include "disk_key_content.h"

#define SECTORS		14336
/* Of a smaller one: 3 chunks */
#define FEW_SECTORS	3072
#define BELOW_SECTORS	(2048 + FEW_SECTORS)
/* What has been written before; the rest of the file below has no blocks yet. */
#define WRITTEN		2048
#define ROTATE		"rotate -l next $DEVICE"

FIXTURE(rotate_full)
{
	struct disk_key disk;
};

FIXTURE_SETUP(rotate_full)
{
	DISK_KEY_SETUP(&self->disk);
}

FIXTURE_TEARDOWN(rotate_full)
{
	if (!self->disk.v.base[0])
		return;
	disk_key_let_go();
	disk_key_below_end();
	sh("[ ! -e $FOLDER/loop ] || losetup -d $(cat $FOLDER/loop); rm -f $FOLDER/loop");
	sh("! mountpoint -q $FOLDER/store || umount $FOLDER/store");
	disk_key_end(&self->disk);
}

/* Room for the first MiB and two and a half chunks */
static int make_full(void)
{
	if (sh("mkdir $FOLDER/store &&"
	       " mount -t tmpfs -o size=2304k store $FOLDER/store &&"
	       " truncate -s 8M $FOLDER/store/image"))
		return -EIO;
	return disk_key_loop("$FOLDER/store/image");
}

/* A full tmpfs of 6.1 does not let a loop device read the journal's hole, either. */
#define EXPECT_NO_ROOM(...) \
	EXPECT_TRUE(disk_key(__VA_ARGS__) == 1 && \
		    (disk_key_complained("cannot write") || \
		     disk_key_complained("cannot read the journal back")))

/* Shows: DK-32, DK-33. Nothing is lost, and what comes later is kept as well. */
TEST_F_TIMEOUT(rotate_full, room, 2 * DISK_SECONDS)
{
	ASSERT_EQ(0, make_full());
	ASSERT_WORKS(FORMAT "$DEVICE");
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, content_write(WRITTEN, 1));
	EXPECT_FAILS("cannot write", ROTATE);
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: open\n"));
	EXPECT_EQ(WRITTEN, content_count(WRITTEN, 1));
	EXPECT_EQ(0, content_write(WRITTEN, 2));
	EXPECT_NO_ROOM("rotate $DEVICE");
	EXPECT_EQ(WRITTEN, content_count(WRITTEN, 2));
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_NO_ROOM("rotate $DEVICE");
	ASSERT_WORKS(OPEN);
	EXPECT_EQ(WRITTEN, content_count(WRITTEN, 2));
	ASSERT_WORKS("close " DISK_NAME);

	ASSERT_EQ(0, sh("mount -o remount,size=16m $FOLDER/store"));
	ASSERT_WORKS("rotate $DEVICE");
	ASSERT_WORKS(OPEN);
	EXPECT_EQ(WRITTEN, content_count(WRITTEN, 2));
	EXPECT_EQ(0, content_write(SECTORS, 3));
	EXPECT_EQ(SECTORS, content_count(SECTORS, 3));
}

/* Shows: DK-32, DK-7. Each kind of place that a rotation uses does not work. */
TEST_F_TIMEOUT(rotate_full, broken, 4 * DISK_SECONDS)
{
	static const struct {
		const char *name;
		unsigned int start;
		unsigned int sectors;
	} places[] = {
		{ "first copy", 0, 8 },
		{ "second copy", 128, 8 },
		{ "journal", 1100, 8 },
		{ "data of the third chunk", 2048 + 2 * 1024 + 80, 8 },
	};

	setenv("LOOP", self->disk.device, 1);
	setenv("DEVICE", DISK_BELOW, 1);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		for (int open = 0; open < 2; open++) {
			int label = 2 * i + open;

			ASSERT_EQ(0, disk_key_below(BELOW_SECTORS, 0, 0));
			ASSERT_WORKS(FORMAT "$DEVICE");
			ASSERT_WORKS(OPEN);
			ASSERT_EQ(0, content_write(FEW_SECTORS, label));
			if (!open) {
				ASSERT_WORKS("close " DISK_NAME);
			}
			ASSERT_EQ(0, disk_key_below(BELOW_SECTORS, places[i].start,
						    places[i].sectors));
			EXPECT_FAILS("", ROTATE);
			ASSERT_EQ(0, disk_key_below(BELOW_SECTORS, 0, 0));
			if (!open) {
				ASSERT_WORKS(OPEN);
			}
			EXPECT_EQ(FEW_SECTORS, content_count(FEW_SECTORS, label)) {
				TH_LOG("%s, volume %d", places[i].name, open);
			}
			/* A header that could not be written may not have begun. */
			if (disk_key("rotate $DEVICE")) {
				EXPECT_TRUE(disk_key_complained("no rotation"));
				EXPECT_GT(2u, i);
				ASSERT_WORKS(ROTATE);
			}
			EXPECT_EQ(FEW_SECTORS, content_count(FEW_SECTORS, label));
			ASSERT_WORKS("close " DISK_NAME);
			ASSERT_WORKS(OPEN);
			EXPECT_EQ(FEW_SECTORS, content_count(FEW_SECTORS, label)) {
				TH_LOG("%s, volume %d, in the end",
				       places[i].name, open);
			}
			ASSERT_WORKS("close " DISK_NAME);
		}
	}
}

TEST_HARNESS_MAIN
