// SPDX-License-Identifier: GPL-2.0-only
/* What disk-key(8) takes for a header, by its own code. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest_harness.h"
#include "header.h"

#define ROUNDS		20000
#define SEED		1
/* CRC-32C of magic, version and zeros, by another implementation */
#define CHECKSUM_OF_EMPTY	0x490f5d71u

FIXTURE(disk_header)
{
	struct header header;
};

static void fill_slot(struct header_slot *slot, const char *parent)
{
	slot->used = 1;
	slot->type = 3;
	slot->form_size = htole16(200);
	snprintf(slot->parent, sizeof(slot->parent), "%s", parent);
	memset(slot->form, 'f', 200);
	memset(slot->mac, 'm', sizeof(slot->mac));
}

FIXTURE_SETUP(disk_header)
{
	struct header *header = &self->header;

	memset(header, 0, sizeof(*header));
	header->key_size = htole32(64);
	memset(header->uuid, 0x5a, sizeof(header->uuid));
	memcpy(header->label, "disk", 4);
	memcpy(header->cipher, "aes-xts-plain64", 15);
	header->start = htole64(HEADER_DATA);
	header->sectors = htole64(8192);
	header->sequence = htole64(1);
	fill_slot(&header->slots[0], "parent");
	header->slots[0].first = 1;
	header_seal(header);
}

FIXTURE_TEARDOWN(disk_header)
{
}

/* Shows: DK-9. Each bit that means something, and one of each other byte. */
TEST_F_TIMEOUT(disk_header, bits, 170)
{
	uint8_t *bytes = (uint8_t *)&self->header;
	size_t dense = offsetof(struct header, slots[0].form);

	ASSERT_TRUE(header_valid(&self->header));
	for (size_t at = 0; at < sizeof(self->header); at++) {
		for (int bit = 0; bit < 8; bit++) {
			if (at >= dense && bit != (int)(at % 8))
				continue;
			bytes[at] ^= 1 << bit;
			EXPECT_FALSE(header_valid(&self->header)) {
				TH_LOG("byte %zu, bit %d", at, bit);
			}
			bytes[at] ^= 1 << bit;
		}
	}
	EXPECT_TRUE(header_valid(&self->header));
}

/* Shows: DK-9. The fields are where they are said to be, and the sum is CRC-32C. */
TEST_F(disk_header, checksum)
{
	struct header header = {};

	header_seal(&header);
	EXPECT_EQ((size_t)HEADER_SIZE, sizeof(header));
	EXPECT_EQ(4092u, offsetof(struct header, checksum));
	EXPECT_EQ(0, memcmp(header.magic, "linux-keys disk\n", 16));
	EXPECT_EQ(htole32(CHECKSUM_OF_EMPTY), header.checksum);
}

/* Shows: DK-9. The largest and the smallest of everything. */
TEST_F(disk_header, bounds)
{
	struct header *header = &self->header;

	memset(header->label, 'l', HEADER_LABEL - 1);
	memset(header->slots[0].parent, ' ', HEADER_PARENT - 1);
	header->sectors = htole64(HEADER_SECTORS_MAX);
	header->sequence = htole64(HEADER_SEQUENCE_MAX);
	header->slots[0].form_size = htole16(HEADER_FORM);
	for (int i = 1; i < HEADER_SLOTS; i++)
		fill_slot(&header->slots[i], "p");
	header_seal(header);
	EXPECT_TRUE(header_valid(header));
	header->sectors = htole64(HEADER_SECTORS_MAX + 8);
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
	header->sectors = htole64(8);
	header->slots[0].form_size = htole16(HEADER_FORM + 1);
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
	header->slots[0].form_size = htole16(HEADER_FORM);
	header->sequence = htole64(HEADER_SEQUENCE_MAX + 1);
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
}

static void fill_rotation(struct header *header)
{
	struct header_rotation *rotation = &header->rotation;

	rotation->active = 1;
	rotation->position = htole64(1024);
	rotation->moving = htole32(1024);
	memcpy(rotation->label, "next", 4);
	rotation->form_size[0] = htole16(HEADER_NEXT_FORM);
	memset(rotation->form[0], 'n', HEADER_NEXT_FORM);
	header_seal(header);
}

/* Shows: DK-9. A rotation, up to the bounds of each number and past them. */
TEST_F(disk_header, rotation)
{
	struct header *header = &self->header, good;
	struct header_rotation *rotation = &header->rotation;
	static const struct {
		uint64_t position;
		uint32_t moving;
		bool valid;
	} places[] = {
		{ 0, 0, true }, { 0, 1024, true }, { 8192, 0, true },
		{ 8192 - 8, 8, true }, { 8192 - 1024, 1024, true },
		{ 8192, 8, false }, { 8192 - 8, 16, false }, { 8192 + 8, 0, false },
		{ 0, 1032, false }, { 4, 0, false }, { 0, 4, false },
		{ 0, 0x80000000, false }, { UINT64_MAX - 7, 8, false },
		{ 1ull << 63, 0, false },
	};

	fill_rotation(header);
	EXPECT_TRUE(header_valid(header));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		rotation->position = htole64(places[i].position);
		rotation->moving = htole32(places[i].moving);
		header_seal(header);
		EXPECT_EQ(places[i].valid, header_valid(header)) {
			TH_LOG("place %zu", i);
		}
	}
	fill_rotation(header);
	good = *header;
	/* The disk's own label */
	memcpy(rotation->label, header->label, sizeof(rotation->label));
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
	*header = good;
	/* A form of no slot, a slot without one, and one that is too long */
	rotation->form_size[1] = htole16(1);
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
	*header = good;
	memset(rotation->form[0], 0, HEADER_NEXT_FORM);
	rotation->form_size[0] = 0;
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
	*header = good;
	rotation->form_size[0] = htole16(HEADER_NEXT_FORM + 1);
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
	*header = good;
	rotation->active = 2;
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
	/* None, and something in it */
	rotation->active = 0;
	header_seal(header);
	EXPECT_FALSE(header_valid(header));
}

/* Shows: DK-12. What the MAC of a slot is of: the whole way, and no other slot's form. */
TEST_F(disk_header, bound)
{
	uint8_t *bytes = (uint8_t *)&self->header.rotation;
	uint8_t before[BOUND_MAX], after[BOUND_MAX];
	size_t forms = offsetof(struct header_rotation, form);
	size_t size;

	EXPECT_EQ(BOUND_SLOT, header_bound(&self->header, 0, before));
	fill_rotation(&self->header);
	size = header_bound(&self->header, 0, before);
	EXPECT_EQ(BOUND_MAX, size);
	for (size_t at = 0; at < sizeof(self->header.rotation); at++) {
		bool apart = at >= forms + HEADER_NEXT_FORM ||
			     (at >= offsetof(struct header_rotation, form_size[1]) &&
			      at < forms);

		/* Its size says how much of the form there is to compare. */
		if (at == 0 || (at >= offsetof(struct header_rotation, form_size[0]) &&
				at < offsetof(struct header_rotation, form_size[1])))
			continue;
		bytes[at] ^= 1;
		EXPECT_EQ(size, header_bound(&self->header, 0, after));
		EXPECT_EQ(apart, memcmp(before, after, size) == 0) {
			TH_LOG("byte %zu", at);
		}
		bytes[at] ^= 1;
	}
}

static bool rotation_holds(const struct header *header)
{
	const struct header_rotation *rotation = &header->rotation;
	uint64_t sectors = le64toh(header->sectors);
	uint64_t position = le64toh(rotation->position);

	for (int i = 0; i < HEADER_SLOTS; i++)
		if (le16toh(rotation->form_size[i]) > HEADER_NEXT_FORM)
			return false;
	return position <= sectors && memchr(rotation->label, 0, HEADER_LABEL) &&
	       le32toh(rotation->moving) <= HEADER_JOURNAL_SECTORS &&
	       le32toh(rotation->moving) <= sectors - position;
}

/* What everybody relies on who has been told that a header is valid. */
static bool holds(const struct header *header)
{
	int used = 0, firsts = 0;

	for (int i = 0; i < HEADER_SLOTS; i++) {
		const struct header_slot *slot = &header->slots[i];

		if (!slot->used)
			continue;
		used++;
		firsts += slot->first;
		if (le16toh(slot->form_size) > HEADER_FORM || slot->type < 1 ||
		    slot->type > 3 || !memchr(slot->parent, 0, HEADER_PARENT))
			return false;
	}
	if (header->rotation.active && !rotation_holds(header))
		return false;
	return used && firsts <= 1 && memchr(header->label, 0, HEADER_LABEL) &&
	       memchr(header->cipher, 0, HEADER_CIPHER) &&
	       le32toh(header->key_size) <= 64 &&
	       le64toh(header->sectors) <= HEADER_SECTORS_MAX;
}

/* Somewhere in what means something, more often than in the rest. */
static size_t any_place(void)
{
	size_t rotation = offsetof(struct header, rotation);
	size_t sizes[] = { offsetof(struct header, slots),
			   offsetof(struct header, slots[0].form),
			   offsetof(struct header, checksum) };
	int which = random() % 4;

	if (which == 3)
		return rotation + random() % offsetof(struct header_rotation, form);
	return random() % sizes[which];
}

/* Shows: DK-9. Headers with any bytes in them, and a checksum that is right. */
TEST_F_TIMEOUT(disk_header, any, 170)
{
	int valid = 0;

	srandom(SEED);
	for (int i = 0; i < ROUNDS; i++) {
		struct header header = self->header;

		if (i % 2)
			fill_rotation(&header);

		for (int n = random() % 4; n >= 0; n--)
			((uint8_t *)&header)[any_place()] = random();
		header_seal(&header);
		if (!header_valid(&header))
			continue;
		valid++;
		ASSERT_TRUE(holds(&header));
	}
	/* The UUID and the MAC may be anything. */
	EXPECT_LT(0, valid);
	EXPECT_GT(ROUNDS, valid);
}

TEST_HARNESS_MAIN
