// SPDX-License-Identifier: GPL-2.0-only
/* Volumes: open, closed, and what can happen between. */
#include "command.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "say.h"

#define PATH_SIZE	128

static void check_fits(const struct store *store, const char *device)
{
	uint64_t sectors = le64toh(store->header.sectors);

	if (store->sectors < HEADER_DATA + sectors)
		fail("%s is smaller than it was when it was formatted", device);
}

static int start(const char *name, const struct store *store, const char *uuid)
{
	const struct header *header = &store->header;
	char params[MAP_PARAMS], key[VOLUME_NAME_SIZE];
	int err;

	volume_key_name(uuid, key);
	/* The device is told by its number: another one may get its name. */
	snprintf(params, sizeof(params), "%s :%u:symmetric:%s 0 %u:%u %d",
		 header->cipher, le32toh(header->key_size), key,
		 major(store->dev), minor(store->dev), HEADER_DATA);
	err = map_load(name, le64toh(header->sectors), "crypt", params);
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
		 const struct unlocked *by, const char *uuid)
{
	int32_t key = volume_key_load(&by->family, &store->header, by->slot);
	int err;

	if (key < 0) {
		map_remove(name);
		fail("cannot load the key of %s: %s", name, key_cause(key));
	}
	err = start(name, store, uuid);
	if (!err)
		return;
	map_remove(name);
	volume_key_end(key);
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
	check_fits(&store, device);
	disk_unlock(&by, &store, device, options->parent);
	header_uuid(&store.header, uuid);
	err = map_create(name, uuid);
	if (err) {
		family_end(&by.family);
		fail("cannot make volume %s: %s", name, err == -EBUSY ?
		     "the disk is open, or the name is taken" : strerror(-err));
	}
	fill(name, &store, &by, uuid);
	family_end(&by.family);
	store_close(&store);
}

/*
 * Whoever has the key otherwise loses it, too.  It was found before the volume let go
 * of it: somebody may have loaded another one since.
 */
static void end_key(int32_t key)
{
	if (key > 0)
		volume_key_end(key);
}

void command_close(char **args, const struct options *options)
{
	const char *name = args[0];
	struct map map;
	int32_t key;
	int err;

	(void)options;
	volume_take(&map, name);
	key = volume_key_find(map.uuid);
	err = map_remove(name);
	if (err)
		fail("cannot close %s: %s", name, err == -EBUSY ?
		     "it is in use" : strerror(-err));
	end_key(key);
}

void command_suspend(char **args, const struct options *options)
{
	const char *name = args[0];
	struct map map;
	int32_t key;
	int err;

	(void)options;
	volume_take(&map, name);
	if (map.state != MAP_ACTIVE)
		fail("%s is suspended, or revoked, already", name);
	key = volume_key_find(map.uuid);
	err = map_suspend(name);
	if (err)
		fail("cannot suspend %s: %s", name, strerror(-err));
	err = map_message(name, "key wipe");
	if (err) {
		map_resume(name);
		fail("cannot take the key from %s: %s", name, strerror(-err));
	}
	end_key(key);
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
	unsigned int maj, min;

	if (sscanf(map->params, "%*s %*s %*s %u:%u", &maj, &min) != 2)
		fail("cannot tell what is below %s", name);
	snprintf(number, sizeof(number), "%u:%u", maj, min);
	if (!node_of(number, path))
		fail("cannot find device %s, which is below %s", number, name);
	disk_take(store, path, O_RDONLY);
	header_uuid(&store->header, uuid);
	if (store->dev != makedev(maj, min) || strcmp(uuid, map->uuid))
		fail("%s is not the disk that is below %s", path, name);
}

static int give_key(const char *name, const struct header *header,
		    const char *uuid)
{
	char text[MAP_PARAMS], key[VOLUME_NAME_SIZE];
	int err;

	volume_key_name(uuid, key);
	snprintf(text, sizeof(text), "key set :%u:symmetric:%s",
		 le32toh(header->key_size), key);
	err = map_message(name, text);
	return err ?: map_resume(name);
}

void command_resume(char **args, const struct options *options)
{
	const char *name = args[0];
	struct unlocked by;
	struct store store;
	struct map map;
	int32_t key;
	int err;

	volume_take(&map, name);
	if (map.state != MAP_SUSPENDED)
		fail("%s is not suspended", name);
	disk_below(&store, name, &map);
	/* Another one may have resumed it before this one got the lock. */
	volume_take(&map, name);
	if (map.state != MAP_SUSPENDED)
		fail("%s is not suspended", name);
	disk_unlock(&by, &store, name, options->parent);
	key = volume_key_load(&by.family, &store.header, by.slot);
	family_end(&by.family);
	if (key < 0)
		fail("cannot load the key of %s: %s", name, key_cause(key));
	err = give_key(name, &store.header, map.uuid);
	if (err) {
		map_message(name, "key wipe");
		volume_key_end(key);
		fail("cannot resume %s: %s", name, strerror(-err));
	}
	store_close(&store);
}

/*
 * Once the key has ended all I/O fails.  A key that nobody has linked any more cannot
 * be ended so, and a suspended volume has none; so nothing but errors replaces the
 * target, with which its key goes.
 */
void command_revoke(char **args, const struct options *options)
{
	const char *name = args[0];
	struct map map;
	int err = 0;

	(void)options;
	volume_take(&map, name);
	end_key(volume_key_find(map.uuid));
	if (map.state == MAP_REVOKED)
		return;
	if (map.state == MAP_ACTIVE)
		err = map_suspend_now(name);
	if (!err)
		err = map_load(name, map.sectors, "error", "");
	if (!err)
		err = map_resume(name);
	if (err)
		fail("cannot take the target from %s: %s", name, strerror(-err));
}
