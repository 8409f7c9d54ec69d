// SPDX-License-Identifier: GPL-2.0-only
/*
 * disk-key(8) and headers that somebody has made for it: the checksums are right, and
 * whoever made them may have disks of the same parent.
 */
#include <endian.h>

#include "../kselftest_harness.h"
#include "disk_key.h"
#include "header.h"

#define COPY_1		65536

FIXTURE(disk_hostile)
{
	struct disk_key disk;
	char uuid[37];
	struct header good;
	struct header other;
};

static bool read_header(int fd, struct header *header)
{
	return pread(fd, header, sizeof(*header), 0) == sizeof(*header);
}

/* With a checksum that is right, as both copies */
static bool put_header(int fd, struct header *header, bool seal)
{
	if (seal)
		header_seal(header);
	return pwrite(fd, header, sizeof(*header), 0) == sizeof(*header) &&
	       pwrite(fd, header, sizeof(*header), COPY_1) == sizeof(*header);
}

FIXTURE_SETUP(disk_hostile)
{
	DISK_KEY_SETUP(&self->disk);
	ASSERT_WORKS(FORMAT "$DEVICE");
	ASSERT_TRUE(read_header(self->disk.loop, &self->other));
	ASSERT_LT(0, sym_add("second", PARENT_LINE));
	ASSERT_WORKS(FORMAT "$DEVICE");
	disk_key_uuid(self->uuid);
	ASSERT_WORKS("add-parent -p " PARENT " $DEVICE %%symmetric:second");
	ASSERT_TRUE(read_header(self->disk.loop, &self->good));
}

FIXTURE_TEARDOWN(disk_hostile)
{
	disk_key_end(&self->disk);
}

/*
 * struct change - what somebody has put into a header
 * @name:	of the change
 * @at:		where
 * @size:	how many bytes
 * @value:	what each of them becomes
 */
struct change {
	const char *name;
	size_t at;
	size_t size;
	uint8_t value;
};

#define FIELD(field)	offsetof(struct header, field), \
			sizeof(((struct header *)0)->field)
#define SLOT(field)	FIELD(slots[0].field)

/* Nothing of such a header is believed: it is none. */
static const struct change invalid[] = {
	{ "magic", FIELD(magic[0]), 'x' },
	{ "version 0", FIELD(version), 0 },
	{ "a version to come", offsetof(struct header, version), 1, 2 },
	{ "no size of a key", FIELD(key_size), 0 },
	{ "huge key", FIELD(key_size), 0xff },
	{ "size of another cipher", offsetof(struct header, key_size), 1, 48 },
	{ "endless label", FIELD(label), 'x' },
	{ "no label", FIELD(label), 0 },
	{ "escape in label", FIELD(label[0]), 0x1b },
	{ "blank in label", FIELD(label[1]), ' ' },
	{ "high bit in label", FIELD(label[1]), 0xc4 },
	{ "behind label", FIELD(label[HEADER_LABEL - 1]), 'x' },
	{ "endless cipher", FIELD(cipher), 'x' },
	{ "no cipher", FIELD(cipher), 0 },
	{ "other cipher", FIELD(cipher[0]), 'b' },
	{ "start 0", FIELD(start), 0 },
	{ "huge start", FIELD(start), 0xff },
	{ "no sectors", FIELD(sectors), 0 },
	{ "huge sectors", FIELD(sectors), 0xff },
	{ "part of a block", offsetof(struct header, sectors), 1, 1 },
	{ "sequence 0", FIELD(sequence), 0 },
	{ "huge sequence", FIELD(sequence), 0xff },
	{ "used 2", SLOT(used), 2 },
	{ "not used, and something in it", SLOT(used), 0 },
	{ "first 2", SLOT(first), 2 },
	{ "two firsts", FIELD(slots[1].first), 1 },
	{ "no type", SLOT(type), 0 },
	{ "another type", SLOT(type), 4 },
	{ "huge type", SLOT(type), 0xff },
	{ "reserved", SLOT(zero), 1 },
	{ "reserved word", SLOT(zero2), 1 },
	{ "no form", SLOT(form_size), 0 },
	{ "huge form", SLOT(form_size), 0xff },
	{ "form longer than its field", offsetof(struct header, slots[0].form_size) + 1,
	  1, 3 },
	{ "short form, and something behind it",
	  offsetof(struct header, slots[0].form_size), 1, 1 },
	{ "endless parent", SLOT(parent), 'x' },
	{ "no parent", SLOT(parent), 0 },
	{ "escape in parent", SLOT(parent[0]), 0x1b },
	{ "newline in parent", SLOT(parent[1]), '\n' },
	{ "behind parent", SLOT(parent[HEADER_PARENT - 1]), 'x' },
	{ "in a slot that is not used", FIELD(slots[3].mac[31]), 1 },
	{ "no slot", FIELD(slots), 0 },
	{ "in a rotation that there is not", FIELD(rotation.label[0]), 'x' },
	{ "a rotation without a label", FIELD(rotation.active), 1 },
	{ "behind the rotation", FIELD(zero[0]), 1 },
	{ "before the checksum", FIELD(zero[sizeof(((struct header *)0)->zero) - 1]), 1 },
};

static bool nothing_came_of_it(const char *uuid)
{
	return !disk_is_open() && disk_key_gone(uuid);
}

/* Shows: DK-9, DK-12, DK-27. A header that makes no sense. */
TEST_F_TIMEOUT(disk_hostile, invalid, 2 * DISK_SECONDS)
{
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		struct header header = self->good;

		/* Its own checksum is right; magic and version are not mended. */
		memset((uint8_t *)&header + invalid[i].at, invalid[i].value,
		       invalid[i].size);
		EXPECT_NE(0, memcmp(&header, &self->good, sizeof(header)));
		if (invalid[i].at >= offsetof(struct header, key_size))
			header_seal(&header);
		ASSERT_TRUE(put_header(self->disk.loop, &header, false));
		EXPECT_FAILS("no valid header", OPEN) {
			TH_LOG("%s", invalid[i].name);
		}
	}
	EXPECT_TRUE(nothing_came_of_it(self->uuid));
	ASSERT_TRUE(put_header(self->disk.loop, &self->good, false));
	EXPECT_WORKS(OPEN);
}

/* What makes sense, and is not what a parent has vouched for; each byte is turned. */
static const struct change changed[] = {
	{ "key of 32 bytes", offsetof(struct header, key_size), 1, 64 ^ 32 },
	{ "uuid", FIELD(uuid[15]), 0x55 },
	{ "label", FIELD(label[0]), 'd' ^ 'D' },
	{ "fewer sectors", offsetof(struct header, sectors) + 1, 1, 0x30 },
	{ "more sectors", offsetof(struct header, sectors) + 4, 1, 1 },
	{ "not the first", SLOT(first), 1 },
	{ "parent", SLOT(parent[0]), 'p' ^ 'q' },
	{ "form", SLOT(form[40]), 0x55 },
	{ "mac", SLOT(mac[0]), 0x55 },
	{ "end of mac", SLOT(mac[31]), 0x55 },
};

/* Shows: DK-12, DK-19. A header that nobody with the parent has written. */
TEST_F_TIMEOUT(disk_hostile, changed, 2 * DISK_SECONDS)
{
	for (size_t i = 0; i < ARRAY_SIZE(changed); i++) {
		struct header header = self->good;

		memset(&header.slots[1], 0, sizeof(header.slots[1]));
		((uint8_t *)&header)[changed[i].at] ^= changed[i].value;
		ASSERT_TRUE(put_header(self->disk.loop, &header, true));
		ASSERT_TRUE(header_valid(&header)) {
			TH_LOG("%s", changed[i].name);
		}
		EXPECT_FAILS("", OPEN) {
			TH_LOG("%s", changed[i].name);
		}
		EXPECT_FAILS("", "open $DEVICE " DISK_NAME);
	}
	EXPECT_TRUE(nothing_came_of_it(self->uuid));
}

/* Shows: DK-12. The cipher of another algorithm with a key of that size. */
TEST_F_TIMEOUT(disk_hostile, cipher, DISK_SECONDS)
{
	struct header header = self->good;

	memset(header.cipher, 0, sizeof(header.cipher));
	snprintf(header.cipher, sizeof(header.cipher), "serpent-xts-plain64");
	ASSERT_TRUE(put_header(self->disk.loop, &header, true));
	EXPECT_FAILS("no parent of", OPEN);
	EXPECT_TRUE(nothing_came_of_it(self->uuid));
}

/* Shows: DK-12. The same parent's slot of another disk, and parts of it. */
TEST_F_TIMEOUT(disk_hostile, other_disk, DISK_SECONDS)
{
	struct header header = self->good;

	header.slots[0] = self->other.slots[0];
	ASSERT_TRUE(put_header(self->disk.loop, &header, true));
	EXPECT_FAILS("no parent of", OPEN);

	header = self->good;
	memcpy(header.slots[0].form, self->other.slots[0].form,
	       sizeof(header.slots[0].form));
	ASSERT_TRUE(put_header(self->disk.loop, &header, true));
	EXPECT_FAILS("no parent of", OPEN);

	header = self->good;
	memcpy(header.uuid, self->other.uuid, sizeof(header.uuid));
	ASSERT_TRUE(put_header(self->disk.loop, &header, true));
	EXPECT_FAILS("no parent of", OPEN);
	EXPECT_TRUE(nothing_came_of_it(self->uuid));
}

/* Shows: DK-14, DK-12. A second parent is not made a first one. */
TEST_F_TIMEOUT(disk_hostile, promoted, DISK_SECONDS)
{
	struct header header = self->good;

	header.slots[0].first = 0;
	header.slots[1].first = 1;
	ASSERT_TRUE(put_header(self->disk.loop, &header, true));
	ASSERT_LT(0, sym_add("third", PARENT_LINE));
	EXPECT_FAILS("no parent of", "add-parent -p %%symmetric:second $DEVICE"
				     " %%symmetric:third");
	EXPECT_TRUE(nothing_came_of_it(self->uuid));
}

/* Shows: DK-11, DK-12. The names in a header have nobody asked for a key. */
TEST_F_TIMEOUT(disk_hostile, names, DISK_SECONDS)
{
	static const char * const names[] = {
		"none", "../../etc/passwd", "%s%s%n", "$(reboot)", "parent ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct header header = self->good;

		for (int slot = 0; slot < HEADER_SLOTS; slot++) {
			header.slots[slot] = self->good.slots[0];
			header.slots[slot].first = 0;
			header.slots[slot].type = 1 + slot % 3;
			memset(header.slots[slot].parent, 0, HEADER_PARENT);
			snprintf(header.slots[slot].parent, HEADER_PARENT, "%s",
				 names[i]);
		}
		ASSERT_TRUE(put_header(self->disk.loop, &header, true));
		EXPECT_FAILS("cannot find a parent", "open $DEVICE " DISK_NAME);
		EXPECT_WORKS("status $DEVICE");
		EXPECT_TRUE(disk_key_said(names[i]));
	}
	EXPECT_TRUE(nothing_came_of_it(self->uuid));
}

/* Shows: DK-8, DK-12. A copy that claims to be newer does not make a disk of another one. */
TEST_F_TIMEOUT(disk_hostile, newer, DISK_SECONDS)
{
	struct header header = self->other;

	header.sequence = htole64(le64toh(self->good.sequence) + 1);
	header_seal(&header);
	ASSERT_EQ(HEADER_SIZE, pwrite(self->disk.loop, &header, HEADER_SIZE, 0));
	/* It is the older disk, whole: nobody can tell. */
	EXPECT_WORKS(OPEN);
	EXPECT_WORKS("close " DISK_NAME);
	header.label[0] = 'D';
	header_seal(&header);
	ASSERT_EQ(HEADER_SIZE, pwrite(self->disk.loop, &header, HEADER_SIZE, 0));
	EXPECT_FAILS("no parent of", OPEN);
	EXPECT_TRUE(nothing_came_of_it(self->uuid));
}

TEST_HARNESS_MAIN
