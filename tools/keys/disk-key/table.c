// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <endian.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "keys.h"

/*
 * struct part - of the data, as one key encrypts it
 * @start:	its first sector in the device to be made
 * @sectors:	its size
 * @number:	what the cipher calls its first sector
 * @at:		where it lies on the disk
 * @key:	whose it is
 */
struct part {
	uint64_t start;
	uint64_t sectors;
	uint64_t number;
	uint64_t at;
	enum volume_key key;
};

static void add(struct map_table *table, const struct header *header, dev_t dev,
		const struct part *part)
{
	char key[VOLUME_NAME_SIZE], uuid[UUID_TEXT];
	struct map_piece *piece;

	if (!part->sectors)
		return;
	piece = &table->pieces[table->count++];
	header_uuid(header, uuid);
	volume_key_name(uuid, part->key, key);
	piece->start = part->start;
	piece->sectors = part->sectors;
	piece->target = "crypt";
	/* The device is told by its number: another one may get its name. */
	snprintf(piece->params, sizeof(piece->params),
		 "%s :%u:symmetric:%s %llu %u:%u %llu", header->cipher,
		 le32toh(header->key_size), key,
		 (unsigned long long)part->number, major(dev), minor(dev),
		 (unsigned long long)part->at);
}

void table_of_volume(struct map_table *table, const struct header *header,
		     dev_t dev)
{
	uint64_t sectors = le64toh(header->sectors);
	uint64_t place = le64toh(header->rotation.position);
	uint64_t moving = le32toh(header->rotation.moving);
	uint64_t rest = place + moving;

	table->count = 0;
	add(table, header, dev, &(struct part){
		0, place, 0, HEADER_DATA, KEY_NEXT });
	add(table, header, dev, &(struct part){
		place, moving, place, HEADER_JOURNAL, KEY_NOW });
	add(table, header, dev, &(struct part){
		rest, sectors - rest, rest, HEADER_DATA + rest, KEY_NOW });
}

void table_of_rotation(struct map_table *table, const struct header *header,
		       dev_t dev)
{
	uint64_t sectors = le64toh(header->sectors);

	table->count = 0;
	add(table, header, dev, &(struct part){
		0, sectors, 0, HEADER_DATA, KEY_NOW });
	add(table, header, dev, &(struct part){
		sectors, sectors, 0, HEADER_DATA, KEY_NEXT });
}
