// SPDX-License-Identifier: GPL-2.0-only
/* The volume of a disk that is being rotated: held for a moment, and let go. */
#include <endian.h>
#include <errno.h>

#include "rotate.h"
#include "table.h"

bool volume_is_elsewhere(const struct rotate *rotate, const struct map *volume)
{
	dev_t dev;

	return !map_below(volume, &dev) || dev != rotate->store.dev;
}

/*
 * The volume is to get other keys.  What was ended, or is to end in time, would live
 * on with them.
 */
static int keys_live(const struct rotate *rotate, const struct map *volume)
{
	int err = 0;

	for (int i = 0; !err && i < KEYS; i++) {
		int32_t key = volume_key_find(rotate->uuid, i);
		char name[VOLUME_NAME_SIZE];

		volume_key_name(rotate->uuid, i, name);
		/* Before the first chunk there may be no second key yet. */
		if (key < 0 && i == KEY_NEXT && rotate->keys.key[i] <= 0 &&
		    !map_has_key(volume, name))
			continue;
		err = key < 0 ? key : volume_key_lasts(key);
	}
	return err;
}

/* Without its key the volume has nobody whom its I/O could wait for. */
static void volume_give_up(struct map *volume, int err)
{
	if (volume->state == MAP_REVOKED ||
	    (err != -EKEYREVOKED && err != -EKEYEXPIRED && err != -ENOKEY))
		return;
	map_break(volume);
	volume->state = MAP_REVOKED;
}

int volume_look(struct rotate *rotate, struct map *volume)
{
	int err = map_find(rotate->uuid, MAP_VOLUME, volume);

	rotate->doing = "take the volume";
	if (err || volume->state == MAP_NONE)
		return err;
	if (volume->state == MAP_REVOKED)
		return -EKEYREVOKED;
	/* The volume of a copy of the disk has the same name to the device mapper. */
	if (volume_is_elsewhere(rotate, volume))
		return -EXDEV;
	if (volume->state != MAP_ACTIVE)
		return -EBUSY;
	err = keys_live(rotate, volume);
	/* Of a rotation that runs either key ends all that both have encrypted. */
	if (rotate->keys.key[KEY_NOW] > 0 &&
	    (err == -EKEYREVOKED || err == -EKEYEXPIRED))
		volume_give_up(volume, err);
	return err;
}

static int hold(const struct rotate *rotate, const struct header *header,
		const struct map *volume)
{
	struct map_table table;
	int err;

	table_of_volume(&table, header, rotate->store.dev);
	err = map_load(volume->name, &table);
	if (!err)
		err = map_suspend_io(volume->name);
	if (err)
		map_clear(volume->name);
	return err;
}

int volume_hold(struct rotate *rotate, const struct header *header,
		struct map *volume)
{
	int err = volume_look(rotate, volume);

	if (err || volume->state == MAP_NONE)
		return err;
	return hold(rotate, header, volume);
}

int volume_go_on(struct map *volume)
{
	int err = volume->state == MAP_ACTIVE ? map_resume(volume->name) : 0;

	volume_give_up(volume, err);
	return err;
}

void volume_go_back(struct map *volume)
{
	if (volume->state != MAP_ACTIVE)
		return;
	map_clear(volume->name);
	volume_go_on(volume);
}

/* Whether the header has the chunk to come, in the journal, or behind it. */
static bool place_is_near(const struct header *header, uint64_t start,
			  uint32_t sectors)
{
	uint64_t position = le64toh(header->rotation.position);
	uint32_t moving = le32toh(header->rotation.moving);

	return (position == start && (moving == 0 || moving == sectors)) ||
	       (position == start + sectors && moving == 0);
}

/*
 * After an error the disk has the last word, so that whatever is written to the volume
 * goes where the next one who opens it looks.  If that cannot be had, its I/O waits: a
 * disk that fails is not to be believed that all of the data have another key.
 */
void volume_settle(struct rotate *rotate, struct map *volume, uint64_t start,
		   uint32_t sectors)
{
	const struct header known = rotate->store.header;
	int err;

	if (volume->state != MAP_ACTIVE)
		return;
	store_reread(&rotate->store);
	if (rotate_check(rotate, &known) ||
	    !place_is_near(&rotate->store.header, start, sectors)) {
		rotate->doing = "learn from the disk where to go on; the volume waits for resume";
		return;
	}
	err = hold(rotate, &rotate->store.header, volume);
	if (!err)
		err = map_resume(volume->name);
	volume_give_up(volume, err);
}
