// SPDX-License-Identifier: GPL-2.0-only
/* What there is to know about a volume, or a disk; none of it is secret. */
#include "command.h"

#include <endian.h>
#include <fcntl.h>

#include "say.h"

/* Of a key that is linked nowhere nobody can tell whether it has ended. */
static const char *state_name(const struct map *map)
{
	int32_t key;

	if (map->state == MAP_SUSPENDED)
		return "suspended";
	if (map->state == MAP_REVOKED)
		return "revoked";
	key = volume_key_find(map->uuid, KEY_NOW);
	return key == -EKEYREVOKED ? "revoked" :
	       key == -EKEYEXPIRED ? "expired" :
	       key < 0 ? "unknown" : "open";
}

static void show_volume(const char *name)
{
	char cipher[HEADER_CIPHER] = "", below[32] = "";
	struct map map;

	volume_take(&map, name);
	printf("state: %s\nuuid: %s\n", state_name(&map), map.uuid);
	if (sscanf(map.params[0], "%39s %*s %*s %31s", cipher, below) == 2)
		printf("cipher: %s\ndevice: %s\n", cipher, below);
	printf("sectors: %llu\nusers: %d\n", (unsigned long long)map.sectors,
	       map.users);
}

static void show_header(const struct header *header)
{
	char uuid[UUID_TEXT];

	header_uuid(header, uuid);
	printf("uuid: %s\nlabel: %s\ncipher: %s\nkey: %u bits\nsectors: %llu\nchanges: %llu\n",
	       uuid, header->label, header->cipher, 8 * le32toh(header->key_size),
	       (unsigned long long)le64toh(header->sectors),
	       (unsigned long long)le64toh(header->sequence));
	for (int i = 0; i < HEADER_SLOTS; i++) {
		const struct header_slot *slot = &header->slots[i];

		if (slot->used)
			printf("parent %d: %s:%s%s\n", i,
			       parent_type_name(slot->type), slot->parent,
			       slot->first ? " (first)" : "");
	}
}

static void show_rotation(const struct header *header)
{
	const struct header_rotation *rotation = &header->rotation;

	if (rotation->active)
		printf("rotation: to %s, %llu sectors\n", rotation->label,
		       (unsigned long long)le64toh(rotation->position));
}

static void show_disk(const char *device)
{
	struct store store;

	disk_take(&store, device, O_RDONLY);
	show_header(&store.header);
	show_rotation(&store.header);
	for (int i = 0; i < STORE_COPIES; i++)
		printf("copy %d: %s%s\n", i, store.valid[i] ? "valid" : "damaged",
		       store.copy == i ? ", in use" : "");
	store_close(&store);
}

/* No name of a volume has a slash, and every path of a device. */
void command_status(char **args, const struct options *options)
{
	(void)options;
	if (strchr(args[0], '/'))
		show_disk(args[0]);
	else
		show_volume(args[0]);
}
