// SPDX-License-Identifier: GPL-2.0-only
#include "rotation.h"

#include <errno.h>
#include <stdio.h>

#define ROTATION_NAME	"disk-key-rotation-"

int rotation_runs(const char *uuid)
{
	struct map map;
	int err = map_find(uuid, MAP_ROTATION, &map);

	return err ?: map.state != MAP_NONE && map.users;
}

int rotation_create(const char *uuid, char name[MAP_NAME_SIZE])
{
	snprintf(name, MAP_NAME_SIZE, ROTATION_NAME "%s", uuid);
	return map_create(name, uuid, MAP_ROTATION);
}

int rotation_end(const char *uuid)
{
	struct map map;
	int err = map_find(uuid, MAP_ROTATION, &map);

	if (err || map.state == MAP_NONE)
		return err;
	/* One that was never filled has no keys. */
	if (map.count)
		err = map_break(&map);
	if (!err)
		err = map_remove_later(map.name);
	/* "close" has had it removed as soon as its last user goes: just now. */
	if (err == -ENXIO) {
		map_forget(map.name);
		err = 0;
	}
	return err;
}
