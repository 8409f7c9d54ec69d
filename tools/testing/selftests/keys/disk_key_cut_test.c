// SPDX-License-Identifier: GPL-2.0-only
/*
 * disk-key(8) and the power: each write of a command is recorded, and done again on
 * the device up to every sector at which it could have ended.
 */
#include "../kselftest_harness.h"
#include "store.h"
#include "disk_key_record.h"
#include "task.h"

/* Both copies, and what is between them */
#define REGION		(COPY_1 + HEADER_SIZE)
/* Each field has one of these bytes; disk_key_header_test turns all of them. */
#define BYTES_APART	7

FIXTURE(disk_cut)
{
	struct disk_key disk;
	uint8_t *before;
	struct header old;
	struct recorder recorder;
};

FIXTURE_SETUP(disk_cut)
{
	if (task_is_traced())
		SKIP(return, "untraced only: a program has one tracer");
	DISK_KEY_SETUP(&self->disk);
	self->before = calloc(1, REGION);
	ASSERT_NE(NULL, self->before);
	ASSERT_LT(0, sym_add("second", PARENT_LINE));
}

FIXTURE_TEARDOWN(disk_cut)
{
	recorder_clear(&self->recorder);
	free(self->before);
	disk_key_end(&self->disk);
}

/* Outside of the copies, or one of them. */
static bool is_apart(const struct record *record)
{
	int64_t end = record->at + record->size;

	return is_copy(record) || (record->at >= HEADER_SIZE && end <= COPY_1) ||
	       record->at >= REGION;
}

/* The device before write @last, and some of the sectors that it writes. */
static bool put_cut(FIXTURE_DATA(disk_cut) *self, int last, unsigned int sectors)
{
	const struct record *record = &self->recorder.records[last];
	int fd = self->disk.loop;
	bool done = put(fd, self->before, HEADER_SIZE, 0) &&
		    put(fd, self->before + COPY_1, HEADER_SIZE, COPY_1);

	for (int i = 0; done && i < last; i++)
		done = !is_copy(&self->recorder.records[i]) ||
		       put_record(fd, &self->recorder.records[i]);
	for (int i = 0; done && i < SECTORS_OF_COPY; i++)
		if (sectors & 1u << i)
			done = put(fd, record->bytes + i * HEADER_SECTOR,
				   HEADER_SECTOR, record->at + i * HEADER_SECTOR);
	return done;
}

/*
 * Every set of sectors of every copy that was being written.  Returns how often the
 * header was neither the old nor the new one; @news how often it was the new one.
 */
static int cuts(FIXTURE_DATA(disk_cut) *self, const struct header *new, int *news)
{
	int wrong = 0;

	for (int i = 0; i < self->recorder.count; i++) {
		if (!is_copy(&self->recorder.records[i]))
			continue;
		for (unsigned int set = 0; set < 1u << SECTORS_OF_COPY; set++) {
			struct header now;

			if (!put_cut(self, i, set))
				return -EIO;
			now = header_now();
			if (same_header(&now, new))
				(*news)++;
			else if (!same_header(&now, &self->old))
				wrong++;
		}
	}
	return wrong;
}

/* One copy at a time, with a sync behind each, so that there is no other order. */
static bool is_ordered(FIXTURE_DATA(disk_cut) *self)
{
	const struct record *last = NULL;
	int copies = 0;

	for (int i = 0; i < self->recorder.count; i++) {
		const struct record *record = &self->recorder.records[i];

		if (!is_apart(record))
			return false;
		if (!is_copy(record))
			continue;
		if (last && (last->at == record->at ||
			     last->epoch == record->epoch))
			return false;
		last = record;
		copies++;
	}
	return copies == 2 && self->recorder.syncs > last->epoch && !self->recorder.other_way;
}

static bool keep_before(FIXTURE_DATA(disk_cut) *self)
{
	self->old = header_now();
	return pread(self->disk.loop, self->before, REGION, 0) == REGION;
}

/* What there is to show of a command. */
#define SHOW_CUTS(arguments) do { \
	struct header new_; \
	int news_ = 0; \
\
	ASSERT_TRUE(keep_before(self)); \
	ASSERT_EQ(0, run_traced(&self->recorder, arguments, -1, KILL_BEFORE)); \
	EXPECT_TRUE(is_ordered(self)); \
	new_ = header_now(); \
	EXPECT_TRUE(header_valid(&new_)); \
	EXPECT_FALSE(same_header(&new_, &self->old)); \
	EXPECT_EQ(0, cuts(self, &new_, &news_)); \
	/* All that belongs to the second copy, and the whole of the first */ \
	EXPECT_LE(1 << SECTORS_OF_COPY, news_); \
	EXPECT_GT(2 << SECTORS_OF_COPY, news_); \
} while (0)

#define ADD	"add-parent -p %symmetric:parent $DEVICE %symmetric:second"
#define REMOVE	"remove-parent -p %symmetric:parent $DEVICE 1"
#define AGAIN	"format -p %symmetric:parent --force $DEVICE"

/* Shows: DK-6. A parent comes. */
TEST_F_TIMEOUT(disk_cut, add, DISK_SECONDS)
{
	ASSERT_WORKS(FORMAT "$DEVICE");
	SHOW_CUTS(ADD);
}

/* Shows: DK-6. A parent goes. */
TEST_F_TIMEOUT(disk_cut, remove, DISK_SECONDS)
{
	ASSERT_WORKS(FORMAT "$DEVICE");
	ASSERT_EQ(0, disk_key("%s", ADD));
	SHOW_CUTS(REMOVE);
}

/* Shows: DK-6. A disk becomes another one. */
TEST_F_TIMEOUT(disk_cut, again, DISK_SECONDS)
{
	ASSERT_WORKS(FORMAT "$DEVICE");
	SHOW_CUTS(AGAIN);
}

/* Shows: DK-6. Where there was none before. */
TEST_F_TIMEOUT(disk_cut, format, DISK_SECONDS)
{
	ASSERT_TRUE(put(self->disk.loop, self->before, REGION, 0));
	SHOW_CUTS("format -p %symmetric:parent $DEVICE");
}

/* Shows: DK-6, DK-8. One copy is damaged before, be it the first or the second. */
TEST_F_TIMEOUT(disk_cut, damaged, DISK_SECONDS)
{
	for (int copy = 0; copy < 2; copy++) {
		ASSERT_WORKS(FORMAT "$DEVICE");
		ASSERT_TRUE(put(self->disk.loop, "x", 1,
				copy * COPY_1 + HEADER_SIZE / 2));
		recorder_clear(&self->recorder);
		SHOW_CUTS(ADD);
	}
}

/* Shows: DK-6. The program is killed before each of its writes and syncs. */
TEST_F_TIMEOUT(disk_cut, killed, 2 * DISK_SECONDS)
{
	static const char * const commands[] = { ADD, AGAIN };
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		int killed = 0;

		for (status = -1; status == -1; killed++) {
			struct header now;

			ASSERT_WORKS(FORMAT "$DEVICE");
			ASSERT_TRUE(keep_before(self));
			status = run_traced(&self->recorder, commands[i], killed,
					    KILL_BEFORE);
			ASSERT_LE(-1, status);
			now = header_now();
			EXPECT_TRUE(header_valid(&now));
			EXPECT_WORKS(OPEN);
			EXPECT_WORKS("close " DISK_NAME);
		}
		EXPECT_EQ(0, status);
		/* Two writes and two syncs at least */
		EXPECT_LE(4, killed - 1);
	}
}

/* Shows: DK-8. Bits turn over, in one copy and then in both. */
TEST_F_TIMEOUT(disk_cut, bits, DISK_SECONDS)
{
	uint8_t byte, turned;
	struct header now;

	ASSERT_WORKS(FORMAT "$DEVICE");
	self->old = header_now();
	for (int copy = 0; copy < 2; copy++) {
		for (int at = 0; at < HEADER_SIZE; at += BYTES_APART) {
			int64_t place = copy * COPY_1 + at;

			ASSERT_EQ(1, pread(self->disk.loop, &byte, 1, place));
			turned = byte ^ 1 << at % 8;
			ASSERT_TRUE(put(self->disk.loop, &turned, 1, place));
			now = header_now();
			EXPECT_TRUE(same_header(&now, &self->old));
			if (at % (100 * BYTES_APART) == 0) {
				EXPECT_WORKS("status $DEVICE");
				EXPECT_TRUE(disk_key_said(copy ? "copy 1: damaged" :
							  "copy 0: damaged"));
				EXPECT_WORKS(OPEN);
				EXPECT_WORKS("close " DISK_NAME);
			}
			ASSERT_TRUE(put(self->disk.loop, &byte, 1, place));
		}
	}
	ASSERT_TRUE(put(self->disk.loop, "x", 1, 100));
	EXPECT_EQ(0, disk_key("%s", ADD));
	EXPECT_WORKS("status $DEVICE");
	EXPECT_TRUE(disk_key_said("copy 0: valid"));
	ASSERT_TRUE(put(self->disk.loop, "x", 1, 100));
	ASSERT_TRUE(put(self->disk.loop, "x", 1, COPY_1 + 4000));
	EXPECT_FAILS("no valid header", "status $DEVICE");
	EXPECT_FAILS("no valid header", OPEN);
	EXPECT_FAILS("no valid header", "add-parent $DEVICE %%symmetric:second");
}

TEST_HARNESS_MAIN
