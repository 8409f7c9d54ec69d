// SPDX-License-Identifier: GPL-2.0-only
/*
 * disk-key(8) rotate and its headers: cut within any of their sectors, and changed by
 * somebody else.
 */
#include <endian.h>

#include "../kselftest_harness.h"
#include "store.h"
#include "disk_key_record.h"
#include "disk_key_content.h"
#include "task.h"

/* Two chunks of data, which is as few as a disk can have */
#define SMALL_KIB	2048
#define CHUNKS		2
#define SECTORS		(CHUNKS * HEADER_JOURNAL_SECTORS)
#define PAUSE		__NR_rt_sigtimedwait
#define WRITE		__NR_pwrite64
#define SECONDS		(2 * DISK_SECONDS)

FIXTURE(rotate_header)
{
	struct disk_key disk;
	struct recorder recorder;
	struct header old;
	int fd;
};

FIXTURE_SETUP(rotate_header)
{
	if (task_is_traced())
		SKIP(return, "untraced only: a program has one tracer");
	DISK_KEY_SETUP(&self->disk);
	ASSERT_EQ(0, disk_key_small(SMALL_KIB));
	self->fd = open(getenv("DEVICE"), O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_LT(0, sym_add("second", PARENT_LINE));
	ASSERT_WORKS(FORMAT "$DEVICE");
	ASSERT_WORKS("add-parent $DEVICE %%symmetric:second");
	self->old = header_now();
}

FIXTURE_TEARDOWN(rotate_header)
{
	if (!self->disk.v.base[0])
		return;
	recorder_clear(&self->recorder);
	close(self->fd);
	disk_key_let_go();
	disk_key_below_end();
	disk_key_end(&self->disk);
}

/* The two headers that can be read while this copy is written. */
static const void *header_before(FIXTURE_DATA(rotate_header) *self, int record)
{
	const struct recorder *recorder = &self->recorder;

	for (int i = record - 1; i >= 0; i--)
		if (is_copy(&recorder->records[i]))
			return recorder->records[i].bytes;
	return &self->old;
}

/* Both copies as they were before, and some sectors of what is written then. */
static bool put_cut(FIXTURE_DATA(rotate_header) *self, int record,
		    const uint8_t *other_copy, const uint8_t *this_copy,
		    unsigned int set)
{
	const struct record *to = &self->recorder.records[record];
	int64_t other = to->at ? 0 : COPY_1;
	bool done = put(self->fd, other_copy, HEADER_SIZE, other) &&
		    put(self->fd, this_copy, HEADER_SIZE, to->at);

	for (int i = 0; done && i < SECTORS_OF_COPY; i++)
		if (set & 1u << i)
			done = put(self->fd, to->bytes + i * HEADER_SECTOR,
				   HEADER_SECTOR, to->at + i * HEADER_SECTOR);
	return done;
}

/* The last bytes that were written to this place before. */
static const uint8_t *copy_before(FIXTURE_DATA(rotate_header) *self, int record,
				  int64_t at)
{
	const struct recorder *recorder = &self->recorder;

	for (int i = record - 1; i >= 0; i--)
		if (is_copy(&recorder->records[i]) && recorder->records[i].at == at)
			return recorder->records[i].bytes;
	return (const uint8_t *)&self->old;
}

/* Shows: DK-6, DK-31. Every set of sectors of every header that a rotation writes. */
TEST_F_TIMEOUT(rotate_header, sectors, SECONDS)
{
	int copies = 0, wrong = 0, news = 0;

	ASSERT_EQ(0, run_traced(&self->recorder, "rotate -l next $DEVICE", -1,
				KILL_BEFORE));
	ASSERT_FALSE(self->recorder.other_way);
	for (int i = 0; i < self->recorder.count; i++) {
		const struct record *record = &self->recorder.records[i];
		int64_t other = record->at ? 0 : COPY_1;

		/* Nothing is written before what came before it is on the disk. */
		if (i) {
			EXPECT_LT(record[-1].epoch, record->epoch);
		}
		if (!is_copy(record))
			continue;
		copies++;
		for (unsigned int set = 0; set < 1u << SECTORS_OF_COPY; set++) {
			struct header now;

			ASSERT_TRUE(put_cut(self, i, copy_before(self, i, other),
					    copy_before(self, i, record->at), set));
			now = header_now();
			if (memcmp(&now, record->bytes, HEADER_SIZE) == 0)
				news++;
			else if (memcmp(&now, header_before(self, i), HEADER_SIZE))
				wrong++;
		}
	}
	EXPECT_LT(self->recorder.records[self->recorder.count - 1].epoch,
		  self->recorder.syncs);
	EXPECT_EQ(0, wrong);
	/* To begin, twice for each chunk, and to end; two copies each */
	EXPECT_EQ(2 * (1 + 2 * CHUNKS + 1), copies);
	EXPECT_LE(copies / 2 << SECTORS_OF_COPY, news);
}

/*
 * struct change - what somebody has done to a header between two keys
 */
struct change {
	const char *name;
	size_t at;
	uint8_t value;
};

#define PLACE(field)	offsetof(struct header, rotation.field)

/* Each makes sense to whoever does not look at the MAC. */
static const struct change changed[] = {
	{ "position", PLACE(position) + 1, 4 },
	{ "moving", PLACE(moving) + 1, 4 ^ 2 },
	{ "label", PLACE(label), 1 },
	{ "form", PLACE(form[0]) + 40, 1 },
	{ "end of form", PLACE(form[0]) + 120, 1 },
	{ "own label", offsetof(struct header, label), 1 },
	{ "own form", offsetof(struct header, slots[0].form) + 40, 1 },
	{ "mac", offsetof(struct header, slots[0].mac), 1 },
};

static bool put_header(FIXTURE_DATA(rotate_header) *self, struct header *header)
{
	header_seal(header);
	return put(self->fd, header, sizeof(*header), 0) &&
	       put(self->fd, header, sizeof(*header), COPY_1);
}

/* Shows: DK-12, DK-19, DK-31. What no parent has vouched for is neither opened nor moved. */
TEST_F_TIMEOUT(rotate_header, hostile, SECONDS)
{
	struct header good, header;
	char uuid[37];

	header_uuid(&self->old, uuid);
	/* The header says that the second chunk is being moved, in one copy. */
	ASSERT_EQ(-1, run_traced(&self->recorder, "rotate -l next $DEVICE", 20,
				 KILL_BEFORE));
	good = header_now();
	ASSERT_EQ(1, good.rotation.active);
	ASSERT_EQ(htole64(HEADER_JOURNAL_SECTORS), good.rotation.position);
	ASSERT_EQ(htole32(HEADER_JOURNAL_SECTORS), good.rotation.moving);
	ASSERT_WORKS(OPEN);
	ASSERT_WORKS("close " DISK_NAME);
	for (size_t i = 0; i < ARRAY_SIZE(changed); i++) {
		header = good;
		((uint8_t *)&header)[changed[i].at] ^= changed[i].value;
		ASSERT_TRUE(put_header(self, &header));
		EXPECT_TRUE(header_valid(&header)) {
			TH_LOG("%s", changed[i].name);
		}
		EXPECT_FAILS("no parent of", OPEN) {
			TH_LOG("%s", changed[i].name);
		}
		EXPECT_FAILS("", "rotate $DEVICE");
		EXPECT_FAILS("no parent of", "rotate -p " PARENT " $DEVICE");
	}
	/* As if it had not begun, or were done. */
	header = good;
	memset(&header.rotation, 0, sizeof(header.rotation));
	ASSERT_TRUE(put_header(self, &header));
	EXPECT_FAILS("no parent of", OPEN);
	header_rotated(&header, &good);
	ASSERT_TRUE(put_header(self, &header));
	EXPECT_FAILS("no parent of", OPEN);
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(disk_key_gone(uuid));

	ASSERT_TRUE(put_header(self, &good));
	EXPECT_WORKS("rotate $DEVICE");
	EXPECT_WORKS(OPEN);
}

/* The first copy, without the lock that a rotation has which stands within a chunk. */
static bool take_header(struct header *header)
{
	int fd = open(getenv("DEVICE"), O_RDONLY | O_CLOEXEC);
	bool taken = pread(fd, header, sizeof(*header), 0) == sizeof(*header);

	close(fd);
	return taken && header_valid(header);
}

/* What was true once, as the disk's last word */
static bool bring_back(FIXTURE_DATA(rotate_header) *self, const struct header *old,
		       const struct header *now)
{
	struct header header = *old;

	header.sequence = htole64(le64toh(now->sequence) + 8);
	return put_header(self, &header) && fsync(self->fd) == 0;
}

/* Shows: DK-46, DK-31. A header that all parents have vouched for comes back. */
TEST_F_TIMEOUT(rotate_header, replayed, SECONDS)
{
	struct header begun, now;
	pid_t child;

	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, content_write(SECTORS, 1));
	/* Behind the two copies with which it begins */
	child = hold_program("rotate -l next $DEVICE", WRITE, 3);
	ASSERT_LT(0, child);
	ASSERT_TRUE(take_header(&begun));
	ASSERT_EQ(1, begun.rotation.active);
	ASSERT_EQ(0, begun.rotation.position);
	ASSERT_LT(0, hold_again(child, HALT_CALL(PAUSE), 1));
	ASSERT_TRUE(take_header(&now));
	ASSERT_EQ(htole64(HEADER_JOURNAL_SECTORS), now.rotation.position);
	ASSERT_TRUE(bring_back(self, &begun, &now));
	EXPECT_EQ(1, let_program_go(child));
	EXPECT_TRUE(disk_key_complained("vouched for last"));
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	EXPECT_EQ(0, content_write(SECTORS, 2));

	ASSERT_TRUE(put_header(self, &now));
	ASSERT_WORKS("rotate $DEVICE");
	EXPECT_EQ(SECTORS, content_count(SECTORS, 2));
}

/* Shows: DK-46, DK-32. A write fails, and then the disk says something else. */
TEST_F_TIMEOUT(rotate_header, unsettled, 2 * SECONDS)
{
	static const struct {
		const char *arguments;
		int write;
	} ways[] = {
		/* Of the data of the second chunk; it was in the journal already. */
		{ "rotate -l next $DEVICE", 12 }, { "rotate $DEVICE", 2 },
	};
	struct header lies[ARRAY_SIZE(ways)], now;

	setenv("LOOP", getenv("DEVICE"), 1);
	setenv("DEVICE", DISK_BELOW, 1);
	ASSERT_EQ(0, disk_key_below(2 * SMALL_KIB, 0, 0));
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, content_write(SECTORS, 1));
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		pid_t child = hold_program(ways[i].arguments, WRITE, i ? 1 : 3);

		ASSERT_LT(0, child);
		/* First the place of the beginning, then the right one without a parent. */
		ASSERT_TRUE(take_header(&lies[i]));
		lies[i].slots[0].mac[0] ^= i;
		ASSERT_LT(0, hold_again(child, HALT_CALL(WRITE),
					ways[i].write - (i ? 1 : 3)));
		ASSERT_TRUE(take_header(&now));
		ASSERT_EQ(htole64(HEADER_JOURNAL_SECTORS), now.rotation.position);
		ASSERT_EQ(htole32(HEADER_JOURNAL_SECTORS), now.rotation.moving);
		ASSERT_TRUE(bring_back(self, &lies[i], &now));
		ASSERT_EQ(0, disk_key_below(2 * SMALL_KIB,
					    HEADER_DATA + HEADER_JOURNAL_SECTORS + 80, 8));
		EXPECT_EQ(1, let_program_go(child));
		EXPECT_TRUE(disk_key_complained("waits for resume"));
		ASSERT_WORKS("status " DISK_NAME);
		ASSERT_TRUE(disk_key_said("state: suspended\n")) {
			TH_LOG("way %zu", i);
		}

		ASSERT_EQ(0, disk_key_below(2 * SMALL_KIB, 0, 0));
		ASSERT_TRUE(put_header(self, &now));
		ASSERT_EQ(0, fsync(self->fd));
		ASSERT_EQ(0, sh("blockdev --flushbufs $DEVICE"));
		ASSERT_WORKS("resume " DISK_NAME);
		EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	}
	ASSERT_WORKS("rotate $DEVICE");
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
}

TEST_HARNESS_MAIN
