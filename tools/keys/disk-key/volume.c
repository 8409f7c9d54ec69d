// SPDX-License-Identifier: GPL-2.0-only
/* Volumes: open, closed, and what can happen between. */
#include "command.h"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include "rotation.h"
#include "say.h"
#include "table.h"

#define PATH_SIZE	128
/* A rotation at work replaces a target once at most after its keys have ended. */
#define BREAK_TRIES	8

/* As the header has it now; until it is resumed the device is as it was. */
static int start(const char *name, const struct store *store)
{
	struct map_table table;
	int err;

	table_of_volume(&table, &store->header, store->dev);
	err = map_load(name, &table);
	return err ?: map_resume(name);
}

static const struct cause start_causes[] = {
	{ EBUSY, "the device is in use" },
	{ EINVAL, "this kernel's dm-crypt has no such keys, or no such cipher" },
	{ ENOENT, "this kernel has no such cipher" },
	{ EKEYREJECTED, "the key is for another volume" },
	{ 0 }
};

/* The device is there, without a table; after an error it is gone. */
static void fill(const char *name, const struct store *store,
		 const struct unlocked *by)
{
	struct volume_keys keys;
	int err = volume_keys_load(&keys, &by->family, &store->header, by->slot);

	if (err) {
		map_remove(name);
		fail("cannot load the key of %s: %s", name, key_cause(err));
	}
	err = start(name, store);
	if (!err)
		return;
	map_remove(name);
	volume_keys_end(&keys);
	fail("cannot make volume %s: %s", name, cause_text(start_causes, -err));
}

void command_open(char **args, const struct options *options)
{
	const char *device = args[0], *name = args[1];
	char uuid[UUID_TEXT];
	struct unlocked by;
	struct store store;
	int err;

	if (!map_name_fits(name))
		misuse("%s is no name of a volume", name);
	disk_take(&store, device, O_RDONLY);
	disk_fits(&store, device);
	disk_unlock(&by, &store, device, options->parent);
	header_uuid(&store.header, uuid);
	err = map_create(name, uuid, MAP_VOLUME);
	if (err) {
		family_end(&by.family);
		fail("cannot make volume %s: %s", name, err == -EBUSY ?
		     "the disk is open, or the name is taken" : strerror(-err));
	}
	fill(name, &store, &by);
	family_end(&by.family);
	store_close(&store);
}

/*
 * Others that have the keys lose them, too.  They were found before the volume
 * let go of them: somebody may have loaded others since.
 */
static void end_keys(const char *name, const char *uuid, struct volume_keys *keys)
{
	int err;

	volume_keys_end(keys);
	err = rotation_end(uuid);
	if (err)
		fail("cannot end the rotation of %s: %s", name, strerror(-err));
}

void command_close(char **args, const struct options *options)
{
	const char *name = args[0];
	struct volume_keys keys;
	struct map map;
	int err;

	(void)options;
	volume_take(&map, name);
	volume_keys_find(&keys, map.uuid);
	err = map_remove(name);
	if (err)
		fail("cannot close %s: %s", name, err == -EBUSY ?
		     "it is in use" : strerror(-err));
	end_keys(name, map.uuid, &keys);
}

/* What the kernel calls the device of such a number. */
static bool node_of(const char *number, char path[PATH_SIZE])
{
	char line[PATH_SIZE], from[PATH_SIZE];
	bool found = false;
	FILE *file;

	snprintf(from, sizeof(from), "/sys/dev/block/%s/uevent", number);
	file = fopen(from, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, "DEVNAME=", 8) == 0;
		if (found)
			snprintf(path, PATH_SIZE, "/dev/%.100s", line + 8);
	}
	if (file)
		fclose(file);
	return found;
}

/* The disk below a volume, which is to be the same one still. */
static void disk_below(struct store *store, const char *name,
		       const struct map *map)
{
	char number[32], path[PATH_SIZE], uuid[UUID_TEXT];
	dev_t dev;

	if (!map_below(map, &dev))
		fail("cannot tell what is below %s", name);
	snprintf(number, sizeof(number), "%u:%u", major(dev), minor(dev));
	if (!node_of(number, path))
		fail("cannot find device %s, which is below %s", number, name);
	disk_take(store, path, O_RDONLY);
	header_uuid(&store->header, uuid);
	if (store->dev != dev || strcmp(uuid, map->uuid))
		fail("%s is not the disk that is below %s", path, name);
}

/* With the lock of its disk, behind which no rotation has suspended it. */
static void volume_take_still(struct map *map, struct store *store,
			      const char *name, enum map_state state,
			      const char *otherwise)
{
	volume_take(map, name);
	if (map->state != MAP_ACTIVE && map->state != MAP_SUSPENDED)
		fail("%s is %s", name, otherwise);
	disk_below(store, name, map);
	volume_take(map, name);
	if (map->state != state)
		fail("%s is %s", name, otherwise);
}

void command_suspend(char **args, const struct options *options)
{
	const char *name = args[0];
	struct volume_keys keys;
	struct store store;
	struct map map;
	int err;

	(void)options;
	volume_take_still(&map, &store, name, MAP_ACTIVE,
			  "suspended, or revoked, already");
	volume_keys_find(&keys, map.uuid);
	err = map_suspend(name);
	if (err)
		fail("cannot suspend %s: %s", name, strerror(-err));
	/* A rotation that was killed may have left a table with keys. */
	err = map_clear(name);
	if (!err)
		err = map_wipe(&map);
	if (err) {
		map_resume(name);
		fail("cannot take the key from %s: %s", name, strerror(-err));
	}
	end_keys(name, map.uuid, &keys);
	store_close(&store);
}

void command_resume(char **args, const struct options *options)
{
	const char *name = args[0];
	struct volume_keys keys;
	struct unlocked by;
	struct store store;
	struct map map;
	int err;

	volume_take_still(&map, &store, name, MAP_SUSPENDED, "not suspended");
	disk_unlock(&by, &store, name, options->parent);
	err = volume_keys_load(&keys, &by.family, &store.header, by.slot);
	family_end(&by.family);
	if (err)
		fail("cannot load the key of %s: %s", name, key_cause(err));
	/* What it was made of may be what a rotation has changed since. */
	err = start(name, &store);
	if (err) {
		map_clear(name);
		volume_keys_end(&keys);
		fail("cannot resume %s: %s", name, strerror(-err));
	}
	store_close(&store);
}

/*
 * A rotation at work can have loaded keys, and a target with them, since the keys were
 * looked for, or can replace what is loaded here.  It asks about the volume after it
 * has loaded a key: either it sees what is done here, or its key is found here.
 */
static int break_for_good(const char *name, struct map *map)
{
	int err, broken;

	for (int tries = 0; tries < BREAK_TRIES; tries++) {
		struct volume_keys keys;

		broken = map_break(map);
		volume_keys_find(&keys, map->uuid);
		volume_keys_end(&keys);
		err = map_look(name, map);
		if (err || (map->state != MAP_ACTIVE && map->state != MAP_SUSPENDED))
			return err;
	}
	return broken ?: -EBUSY;
}

/*
 * Once the key has ended all I/O fails.  A key that nobody has linked any more cannot
 * be ended so, and a suspended volume has none; so nothing but errors replaces the
 * target, with which its key goes.
 */
void command_revoke(char **args, const struct options *options)
{
	const char *name = args[0];
	struct volume_keys keys;
	struct map map;
	int err;

	(void)options;
	volume_take(&map, name);
	volume_keys_find(&keys, map.uuid);
	end_keys(name, map.uuid, &keys);
	if (map.state == MAP_REVOKED)
		return;
	err = break_for_good(name, &map);
	if (err)
		fail("cannot take the target from %s: %s", name, strerror(-err));
}
