// SPDX-License-Identifier: GPL-2.0-only
/* The volume of a disk that is being rotated: held for a moment, and let go. */
#include <errno.h>

#include "rotate.h"
#include "table.h"

int volume_hold(const struct rotate *rotate, const struct header *header,
		const struct map *volume)
{
	struct map_table table;
	int err;

	if (volume->state == MAP_NONE)
		return 0;
	table_of_volume(&table, header, rotate->store.dev);
	err = map_load(volume->name, &table);
	if (!err)
		err = map_suspend_io(volume->name);
	if (err)
		map_clear(volume->name);
	return err;
}

int volume_go_on(const struct map *volume)
{
	return volume->state == MAP_NONE ? 0 : map_resume(volume->name);
}

int volume_look(struct rotate *rotate, struct map *volume)
{
	int err = map_find(rotate->uuid, MAP_VOLUME, volume);

	rotate->doing = "take the volume";
	if (!err && volume->state != MAP_NONE && volume->state != MAP_ACTIVE)
		err = -EBUSY;
	return err;
}

/* Without its key the volume has nobody whom its I/O could wait for. */
static void volume_give_up(struct map *volume, int err)
{
	if (err != -EKEYREVOKED && err != -EKEYEXPIRED && err != -ENOKEY)
		return;
	volume->state = MAP_SUSPENDED;
	map_break(volume);
}

void volume_go_back(struct map *volume)
{
	if (volume->state == MAP_NONE)
		return;
	map_clear(volume->name);
	volume_give_up(volume, map_resume(volume->name));
}

/*
 * After an error the disk has the last word, so that whatever is written to the volume
 * goes where the next one who opens it looks.  If that cannot be had, its I/O waits.
 */
void volume_settle(struct rotate *rotate, struct map *volume)
{
	int err = 0;

	if (volume->state == MAP_NONE)
		return;
	store_reread(&rotate->store);
	if (rotate->store.copy < 0)
		return;
	err = volume_hold(rotate, &rotate->store.header, volume);
	if (!err)
		err = map_resume(volume->name);
	volume_give_up(volume, err);
}
