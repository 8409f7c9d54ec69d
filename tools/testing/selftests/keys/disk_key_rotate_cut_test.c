// SPDX-License-Identifier: GPL-2.0-only
/*
 * disk-key(8) rotate and the power: it is killed before, and within, everything that
 * it writes, and loses nothing.
 */
#include "../kselftest_harness.h"
#include "store.h"
#include "disk_key_record.h"
#include "disk_key_content.h"
#include "task.h"

#define MIB		1048576
/* Two chunks of data, which is as few as a disk can have */
#define SMALL_KIB	2048
#define CHUNKS		2
#define SECTORS		2048
/*
 * Two copies of the header to begin and to end, six writes for each chunk, and the
 * journal before the end; each has two changes, itself and the sync behind it.
 */
#define CHANGES		(2 * (2 + CHUNKS * 6 + 2 + 1))
#define SECONDS		(6 * DISK_SECONDS)
#define OPEN_SECOND	"open -p %%symmetric:second $DEVICE " DISK_NAME

FIXTURE(rotate_cut)
{
	struct disk_key disk;
	struct recorder recorder;
	uint32_t writer;
};

FIXTURE_SETUP(rotate_cut)
{
	if (task_is_traced())
		SKIP(return, "untraced only: a program has one tracer");
	DISK_KEY_SETUP(&self->disk);
	ASSERT_EQ(0, disk_key_small(SMALL_KIB));
	ASSERT_LT(0, sym_add("second", PARENT_LINE));
	ASSERT_WORKS(FORMAT "-l label0 $DEVICE");
	ASSERT_WORKS("add-parent $DEVICE %%symmetric:second");
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, content_write(SECTORS, self->writer));
}

FIXTURE_TEARDOWN(rotate_cut)
{
	recorder_clear(&self->recorder);
	disk_key_end(&self->disk);
}

/* Each sector is as the last one who wrote it has left it, and takes something else. */
static bool content_lives(FIXTURE_DATA(rotate_cut) *self)
{
	int count = content_count(SECTORS, self->writer);

	if (count != SECTORS) {
		fprintf(stderr, "# %d sectors of %d are right\n", count, SECTORS);
		return false;
	}
	return content_write(SECTORS, ++self->writer) == 0;
}

/* Begins a rotation to the label with this number, which is killed at a change. */
static int rotate_until(FIXTURE_DATA(rotate_cut) *self, int label, int change,
			enum kill_how how)
{
	char arguments[64];

	snprintf(arguments, sizeof(arguments), "rotate -l label%d $DEVICE", label);
	return run_traced(&self->recorder, arguments, change, how);
}

/* Nothing of the volume stands where no header tells of it. */
static bool journal_is_zero(void)
{
	return sh("blockdev --flushbufs $DEVICE && head -c %d $DEVICE | tail -c %d |"
		  " tr -d '\\0' | cmp -s - /dev/null",
		  MIB, HEADER_JOURNAL_SECTORS * HEADER_SECTOR) == 0;
}

/* Ends it, if it has begun; then another label can come. */
static bool rotate_ends(int label)
{
	struct header now = header_now();
	char line[32];

	if (now.rotation.active)
		return disk_key_worked(disk_key("rotate $DEVICE")) &&
		       journal_is_zero();
	if (!journal_is_zero()) {
		fprintf(stderr, "# something is left in the journal\n");
		return false;
	}
	/* It had not begun, or its last header was there already. */
	snprintf(line, sizeof(line), "label%d", label);
	return strcmp(now.label, line) == 0 ||
	       disk_key_worked(disk_key("rotate -l %s $DEVICE", line));
}

/*
 * Shows: DK-31, DK-29, DK-42. The volume is closed; before a sync all is written, and within a
 * write every other sector.
 */
TEST_F_TIMEOUT(rotate_cut, closed, SECONDS)
{
	int status = -1, killed, between = 0;

	ASSERT_WORKS("close " DISK_NAME);
	for (killed = 0; status == -1; killed++) {
		struct header now;

		status = rotate_until(self, killed + 1, killed, KILL_EVEN);
		ASSERT_LE(-1, status);
		now = header_now();
		ASSERT_TRUE(header_valid(&now));
		between += now.rotation.active;
		ASSERT_WORKS(OPEN_SECOND);
		ASSERT_TRUE(content_lives(self)) {
			TH_LOG("killed at change %d", killed);
		}
		ASSERT_WORKS("close " DISK_NAME);
		ASSERT_TRUE(rotate_ends(killed + 1)) {
			TH_LOG("killed at change %d", killed);
		}
	}
	EXPECT_EQ(0, status);
	EXPECT_EQ(CHANGES, killed - 1);
	EXPECT_LE(CHUNKS * 12, between);
	ASSERT_WORKS(OPEN);
	EXPECT_TRUE(content_lives(self));
}

/* Shows: DK-31, DK-33, DK-42. The volume is open: it is as it was, or waits to be resumed. */
TEST_F_TIMEOUT(rotate_cut, open, SECONDS)
{
	int status = -1, killed, waited = 0;

	for (killed = 0; status == -1; killed++) {
		status = rotate_until(self, killed + 1, killed, KILL_ODD);
		ASSERT_LE(-1, status);
		ASSERT_WORKS("status " DISK_NAME);
		if (sh("grep -q suspended $FOLDER/said") == 0) {
			waited++;
			EXPECT_FAILS("is suspended", "rotate $DEVICE");
			ASSERT_WORKS("resume -p %%symmetric:second " DISK_NAME);
		}
		ASSERT_TRUE(content_lives(self)) {
			TH_LOG("killed at change %d", killed);
		}
		ASSERT_TRUE(rotate_ends(killed + 1)) {
			TH_LOG("killed at change %d", killed);
		}
	}
	EXPECT_EQ(0, status);
	EXPECT_EQ(CHANGES, killed - 1);
	EXPECT_LE(CHUNKS * 12, waited);
	EXPECT_TRUE(content_lives(self));
	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_WORKS(OPEN);
	EXPECT_TRUE(content_lives(self));
}

TEST_HARNESS_MAIN
