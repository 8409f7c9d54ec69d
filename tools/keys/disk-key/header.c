// SPDX-License-Identifier: GPL-2.0-only
/*
 * The header of a disk as bytes: nothing here believes a word of it.
 */
#include "header.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

/*
 * struct cipher - what dm-crypt and the key type call alike
 * @small:	the other size that a key may have, or 0
 */
static const struct cipher {
	const char *name;
	uint32_t key_size;
	uint32_t small;
} ciphers[] = {
	{ "aes-xts-plain64", 64, 32 },
	{ "serpent-xts-plain64", 64, 32 },
	{ "twofish-xts-plain64", 64, 32 },
	{ "xchacha12,aes-adiantum-plain64", 32, 0 },
	{ "xchacha20,aes-adiantum-plain64", 32, 0 },
};

static const char * const types[] = { "trusted", "encrypted", "symmetric" };

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct cipher *cipher_of(const char *name)
{
	for (size_t i = 0; i < COUNT(ciphers); i++)
		if (strcmp(ciphers[i].name, name) == 0)
			return &ciphers[i];
	return NULL;
}

uint32_t cipher_key_size(const char *name)
{
	const struct cipher *cipher = cipher_of(name);

	return cipher ? cipher->key_size : 0;
}

bool cipher_takes(const char *name, uint32_t key_size)
{
	const struct cipher *cipher = cipher_of(name);

	return cipher && key_size &&
	       (key_size == cipher->key_size || key_size == cipher->small);
}

bool cipher_has_sizes(const char *name)
{
	const struct cipher *cipher = cipher_of(name);

	return cipher && cipher->small;
}

const char *parent_type_name(unsigned int type)
{
	return type >= 1 && type <= COUNT(types) ? types[type - 1] : NULL;
}

unsigned int parent_type(const char *name)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i], name) == 0)
			return i + 1;
	return 0;
}

/* What four bits are to the Castagnoli polynomial, its lowest bit first */
static const uint32_t crc32c_of[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
	0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
	0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t crc32c(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint32_t crc = ~0u;

	while (size--) {
		crc ^= *at++;
		crc = crc >> 4 ^ crc32c_of[crc & 15];
		crc = crc >> 4 ^ crc32c_of[crc & 15];
	}
	return ~crc;
}

static bool is_zero(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size--)
		if (*at++)
			return false;
	return true;
}

bool text_fits(const char *text, size_t size, bool blanks)
{
	size_t len = strnlen(text, size);

	if (!len || len == size)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] > '~' || text[i] < (blanks ? ' ' : '!'))
			return false;
	return true;
}

/* A text in a field: what is behind its end is zero. */
static bool field_valid(const char *field, size_t size, bool blanks)
{
	size_t len = strnlen(field, size);

	return text_fits(field, size, blanks) && is_zero(field + len, size - len);
}

static bool slot_valid(const struct header_slot *slot)
{
	unsigned int size = le16toh(slot->form_size);

	if (!slot->used)
		return is_zero(slot, sizeof(*slot));
	return slot->used == 1 && slot->first <= 1 && !slot->zero && !slot->zero2 &&
	       parent_type_name(slot->type) &&
	       field_valid(slot->parent, sizeof(slot->parent), true) &&
	       size && size <= sizeof(slot->form) &&
	       is_zero(slot->form + size, sizeof(slot->form) - size);
}

static bool slots_valid(const struct header *header)
{
	int firsts = 0;

	for (int i = 0; i < HEADER_SLOTS; i++) {
		if (!slot_valid(&header->slots[i]))
			return false;
		firsts += header->slots[i].first;
	}
	return firsts <= 1 && header_used_slots(header) > 0;
}

static bool numbers_valid(const struct header *header)
{
	uint64_t sectors = le64toh(header->sectors);
	uint64_t sequence = le64toh(header->sequence);

	return le64toh(header->start) == HEADER_DATA &&
	       sectors && sectors <= HEADER_SECTORS_MAX &&
	       sectors % HEADER_BLOCK == 0 &&
	       sequence && sequence <= HEADER_SEQUENCE_MAX;
}

/* Each slot that is used has a form, and no other one. */
static bool next_form_valid(const struct header *header, int slot)
{
	const uint8_t *form = header->rotation.form[slot];
	unsigned int size = le16toh(header->rotation.form_size[slot]);

	return !size == !header->slots[slot].used && size <= HEADER_NEXT_FORM &&
	       is_zero(form + size, HEADER_NEXT_FORM - size);
}

/* The chunk that is being moved lies behind the place, and has room in the journal. */
static bool place_valid(const struct header *header)
{
	uint64_t sectors = le64toh(header->sectors);
	uint64_t position = le64toh(header->rotation.position);
	uint32_t moving = le32toh(header->rotation.moving);

	return position <= sectors && position % HEADER_BLOCK == 0 &&
	       moving <= HEADER_JOURNAL_SECTORS && moving % HEADER_BLOCK == 0 &&
	       moving <= sectors - position;
}

static bool rotation_valid(const struct header *header)
{
	const struct header_rotation *rotation = &header->rotation;

	if (!rotation->active)
		return is_zero(rotation, sizeof(*rotation));
	for (int i = 0; i < HEADER_SLOTS; i++)
		if (!next_form_valid(header, i))
			return false;
	return rotation->active == 1 &&
	       is_zero(rotation->zero, sizeof(rotation->zero)) &&
	       field_valid(rotation->label, sizeof(rotation->label), false) &&
	       strcmp(rotation->label, header->label) && place_valid(header);
}

bool header_valid(const struct header *header)
{
	size_t summed = offsetof(struct header, checksum);

	return memcmp(header->magic, HEADER_MAGIC, sizeof(header->magic)) == 0 &&
	       le32toh(header->version) == HEADER_VERSION &&
	       le32toh(header->checksum) == crc32c(header, summed) &&
	       is_zero(header->zero, sizeof(header->zero)) &&
	       field_valid(header->label, sizeof(header->label), false) &&
	       field_valid(header->cipher, sizeof(header->cipher), false) &&
	       cipher_takes(header->cipher, le32toh(header->key_size)) &&
	       numbers_valid(header) && slots_valid(header) &&
	       rotation_valid(header);
}

void header_seal(struct header *header)
{
	size_t summed = offsetof(struct header, checksum);

	memcpy(header->magic, HEADER_MAGIC, sizeof(header->magic));
	header->version = htole32(HEADER_VERSION);
	header->checksum = htole32(crc32c(header, summed));
}

size_t header_bound(const struct header *header, int slot, uint8_t bound[BOUND_MAX])
{
	const struct header_rotation *rotation = &header->rotation;
	size_t fixed = offsetof(struct header, sequence);
	size_t place = offsetof(struct header_rotation, form_size);
	size_t size = le16toh(rotation->form_size[slot]);
	uint8_t *at = bound + BOUND_SLOT;

	memcpy(bound, header, fixed);
	memcpy(bound + fixed, &header->slots[slot],
	       offsetof(struct header_slot, mac));
	if (!rotation->active)
		return BOUND_SLOT;
	memcpy(at, rotation, place);
	memcpy(at + place, &rotation->form_size[slot], sizeof(uint16_t));
	memcpy(at + place + sizeof(uint16_t), rotation->form[slot], size);
	return BOUND_SLOT + place + sizeof(uint16_t) + size;
}

void header_rotated(struct header *next, const struct header *header)
{
	const struct header_rotation *rotation = &header->rotation;

	*next = *header;
	memcpy(next->label, rotation->label, sizeof(next->label));
	for (int i = 0; i < HEADER_SLOTS; i++) {
		struct header_slot *slot = &next->slots[i];

		memset(slot->form, 0, sizeof(slot->form));
		memcpy(slot->form, rotation->form[i], sizeof(rotation->form[i]));
		slot->form_size = rotation->form_size[i];
	}
	memset(&next->rotation, 0, sizeof(next->rotation));
}

int header_free_slot(const struct header *header)
{
	for (int i = 0; i < HEADER_SLOTS; i++)
		if (!header->slots[i].used)
			return i;
	return -1;
}

int header_used_slots(const struct header *header)
{
	int used = 0;

	for (int i = 0; i < HEADER_SLOTS; i++)
		used += header->slots[i].used;
	return used;
}

void header_uuid(const struct header *header, char text[UUID_TEXT])
{
	for (int i = 0; i < HEADER_UUID; i++)
		text += sprintf(text, i == 4 || i == 6 || i == 8 || i == 10 ?
				"-%02x" : "%02x", header->uuid[i]);
}
