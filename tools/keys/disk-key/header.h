/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is written about a disk at its beginning.  No secret is in it; see
 * Documentation/security/keys/disk-key.rst.
 */
#ifndef DISK_KEY_HEADER_H
#define DISK_KEY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_MAGIC	"linux-keys disk\n"
#define HEADER_VERSION	1
#define HEADER_SIZE	4096
#define HEADER_SLOTS	4
#define HEADER_UUID	16
#define HEADER_LABEL	40
#define HEADER_CIPHER	40
#define HEADER_PARENT	120
/* A sealed form, not in hex */
#define HEADER_FORM	512
#define HEADER_MAC	32
/* A sealed form of this program's keys is smaller than it could be. */
#define HEADER_NEXT_FORM	256

/* The first MiB is for the header; numbers are of sectors of 512 bytes. */
#define HEADER_SECTOR	512
#define HEADER_DATA	2048
/* Its second half holds what a rotation moves. */
#define HEADER_JOURNAL	1024
#define HEADER_JOURNAL_SECTORS	(HEADER_DATA - HEADER_JOURNAL)
/* Only whole blocks are used. */
#define HEADER_BLOCK	8
#define HEADER_SECTORS_MAX	0x40000000000000
#define HEADER_SEQUENCE_MAX	0x4000000000000000

/* A UUID as people read it, and the end of the text */
#define UUID_TEXT	37

/*
 * struct header_slot - a parent, and the volume's key as this parent has sealed it
 * @used:	1 if there is one; else all of the slot is zero
 * @first:	1 if the volume's key is derived from this parent
 * @type:	number of its key type, from 1
 * @form_size:	bytes of @form
 * @parent:	description of the parent
 * @form:	sealed form of the volume's key
 * @mac:	of what header_bound() gives, by a key that is derived from the parent
 */
struct header_slot {
	uint8_t used;
	uint8_t first;
	uint8_t type;
	uint8_t zero;
	uint16_t form_size;
	uint16_t zero2;
	char parent[HEADER_PARENT];
	uint8_t form[HEADER_FORM];
	uint8_t mac[HEADER_MAC];
};

/*
 * struct header_rotation - the way to another label; zero if there is none
 * @active:	1 if there is one
 * @moving:	sectors behind @position of which only the journal is to be trusted,
 *		as the old key has encrypted them
 * @position:	sectors of the data that the new key has encrypted
 * @label:	the new label
 * @form_size:	bytes of each form
 * @form:	the new key, as the parent of each slot has sealed it
 */
struct header_rotation {
	uint8_t active;
	uint8_t zero[3];
	uint32_t moving;
	uint64_t position;
	char label[HEADER_LABEL];
	uint16_t form_size[HEADER_SLOTS];
	uint8_t form[HEADER_SLOTS][HEADER_NEXT_FORM];
};

/*
 * struct header - one copy; numbers have the little end first
 * @magic:	HEADER_MAGIC, without an end of the text
 * @version:	HEADER_VERSION
 * @key_size:	bytes of the volume's key
 * @uuid:	drawn when the disk is formatted
 * @label:	for people, and for the derivation of the key
 * @cipher:	algorithm of the key, and cipher of dm-crypt
 * @start:	first sector of the data
 * @sectors:	sectors of the data
 * @sequence:	counts the changes; what is before it never changes
 * @slots:	the parents
 * @rotation:	to another label
 * @zero:	zero
 * @checksum:	CRC-32C of all before it
 */
struct header {
	char magic[16];
	uint32_t version;
	uint32_t key_size;
	uint8_t uuid[HEADER_UUID];
	char label[HEADER_LABEL];
	char cipher[HEADER_CIPHER];
	uint64_t start;
	uint64_t sectors;
	uint64_t sequence;
	struct header_slot slots[HEADER_SLOTS];
	struct header_rotation rotation;
	uint8_t zero[172];
	uint32_t checksum;
};

_Static_assert(sizeof(struct header_slot) == 672, "layout of a slot");
_Static_assert(offsetof(struct header, sequence) == 136, "layout of the header");
_Static_assert(offsetof(struct header, slots) == 144, "layout of the header");
_Static_assert(offsetof(struct header_rotation, form_size) == 56, "layout of a rotation");
_Static_assert(offsetof(struct header, rotation) == 2832, "layout of the header");
_Static_assert(sizeof(struct header) == HEADER_SIZE, "layout of the header");

/*
 * What a parent's MAC is of: all that never changes, and its own slot.  During a
 * rotation that follows, but for the forms of other slots.
 */
#define BOUND_SLOT	(offsetof(struct header, sequence) + \
			 offsetof(struct header_slot, mac))
#define BOUND_MAX	(BOUND_SLOT + offsetof(struct header_rotation, form_size) + \
			 sizeof(uint16_t) + HEADER_NEXT_FORM)

/* Whether these bytes are a whole header that means something. */
bool header_valid(const struct header *header);

/* To be called last before it is written. */
void header_seal(struct header *header);

/* Returns how many bytes the MAC is of. */
size_t header_bound(const struct header *header, int slot, uint8_t bound[BOUND_MAX]);

/* The header at the end of its rotation, but for the MACs. */
void header_rotated(struct header *next, const struct header *header);

/* The first slot that is not used, or -1. */
int header_free_slot(const struct header *header);
int header_used_slots(const struct header *header);

void header_uuid(const struct header *header, char text[UUID_TEXT]);

/* How many bytes a key of the cipher has if nobody says; 0 for no cipher. */
uint32_t cipher_key_size(const char *cipher);
bool cipher_takes(const char *cipher, uint32_t key_size);
/* Whether a line about such a key has to tell the size. */
bool cipher_has_sizes(const char *cipher);

/* Printable ASCII, with or without blanks, that is neither empty nor too long */
bool text_fits(const char *text, size_t size, bool blanks);

/* NULL for a number that is of no type, 0 for a name that is. */
const char *parent_type_name(unsigned int type);
unsigned int parent_type(const char *name);

#endif /* DISK_KEY_HEADER_H */
