// SPDX-License-Identifier: GPL-2.0-only
/* A new disk. */
#include "command.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/random.h>

#include "say.h"
#include "signature.h"

/* The header, and as much for data. */
#define SECTORS_MIN	(2 * HEADER_DATA)
#define SIGNATURE_MAX	32
#define LABEL_DEFAULT	"disk"

static void check_device(const struct store *store, const char *device,
			 bool force)
{
	char name[SIGNATURE_MAX];
	int found;

	if (store->sectors < SECTORS_MIN)
		fail("%s is smaller than %d MiB", device,
		     SECTORS_MIN * HEADER_SECTOR >> 20);
	if (store->sectors > HEADER_SECTORS_MAX)
		fail("%s is larger than a disk can be", device);
	if (force)
		return;
	if (store->copy >= 0)
		fail("%s is a disk of this program already (see --force)", device);
	found = signature_find(store->fd, name, sizeof(name));
	if (found < 0)
		fail("cannot look at what %s has: %s", device, strerror(-found));
	if (found)
		fail("%s has something of type %s (see --force)", device, name);
}

/* By RFC 9562 this is version 4: all but these bits are random. */
static void draw_uuid(uint8_t uuid[HEADER_UUID])
{
	if (getrandom(uuid, HEADER_UUID, 0) != HEADER_UUID)
		fail("cannot draw a UUID: %s", strerror(errno));
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

static uint32_t key_size(const struct options *options)
{
	long size = cipher_key_size(options->cipher);

	if (options->key_size)
		size = number(options->key_size, "size of a key in bytes", 1,
			      UINT8_MAX);
	if (!cipher_takes(options->cipher, size))
		misuse("there is no cipher %s, or its keys have other sizes",
		       options->cipher);
	return size;
}

/* All but the slots; the sequence goes on where that of an older header ended. */
static void describe(struct store *store, const struct options *options)
{
	uint64_t sequence = store->copy < 0 ? 0 : store->header.sequence;
	uint64_t sectors = store->sectors - HEADER_DATA;
	struct header *header = &store->header;

	memset(header, 0, sizeof(*header));
	header->sequence = sequence;
	header->key_size = htole32(key_size(options));
	draw_uuid(header->uuid);
	label_take(header->label, options->label ?: LABEL_DEFAULT);
	/* One that has no key of this size is refused before. */
	snprintf(header->cipher, sizeof(header->cipher), "%s", options->cipher);
	header->start = htole64(HEADER_DATA);
	header->sectors = htole64(sectors - sectors % HEADER_BLOCK);
	header_seal(header);
}

static void add_first(struct header *header, const struct parent *parent)
{
	struct header_slot *slot = &header->slots[0];
	struct family family;
	int err;

	slot->used = 1;
	slot->first = 1;
	slot->type = parent->type;
	memcpy(slot->parent, parent->name, sizeof(slot->parent));
	parent_family(&family, parent, header);
	err = family_seal(&family, family.root, header, 0);
	family_end(&family);
	if (err)
		fail("cannot make the key of the volume: %s", key_cause(err));
}

void command_format(char **args, const struct options *options)
{
	const char *device = args[0];
	struct parent parent;
	struct store store;
	char uuid[UUID_TEXT];

	if (!options->parent)
		misuse("a disk has a parent: -p");
	parent_named(&parent, options->parent);
	key_size(options);
	device_take(&store, device, O_RDWR | O_EXCL);
	check_device(&store, device, options->force);
	describe(&store, options);
	add_first(&store.header, &parent);
	disk_written(device, store_format(&store));
	if (options->force && signature_wipe(store.fd))
		fail("cannot take away what else %s has", device);
	header_uuid(&store.header, uuid);
	puts(uuid);
	store_close(&store);
}
