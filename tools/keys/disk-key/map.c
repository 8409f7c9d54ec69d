// SPDX-License-Identifier: GPL-2.0-only
#include "map.h"

#include <errno.h>
#include <libdevmapper.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

/*
 * dm-crypt reads the volume out of such a name.  The device mapper has each name
 * once; the name of the device is not in it, so there is one device for each disk.
 */
#define MAP_BEFORE	"CRYPT-DISKKEY-"
#define MAP_NAME_MAX	100
#define MAP_UUID_SIZE	64

static const char * const behind[] = {
	[MAP_VOLUME] = "-disk",
	[MAP_ROTATION] = "-rotation",
};

/* One line is said about an error, and we say it. */
static void say_nothing(int level, const char *file, int line, int error,
			const char *format, ...)
{
	(void)level;
	(void)file;
	(void)line;
	(void)error;
	(void)format;
}

void map_begin(void)
{
	dm_log_with_errno_init(say_nothing);
}

bool map_name_fits(const char *name)
{
	size_t len = strlen(name);

	return len && len <= MAP_NAME_MAX && name[0] != '-' && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_.+-") == len;
}

static struct dm_task *task_for(int type, const char *name)
{
	struct dm_task *task = dm_task_create(type);

	if (task && dm_task_set_name(task, name))
		return task;
	if (task)
		dm_task_destroy(task);
	return NULL;
}

static int task_run(struct dm_task *task)
{
	if (dm_task_run(task))
		return 0;
	return dm_task_get_errno(task) ? -dm_task_get_errno(task) : -EIO;
}

/* Runs a task that has all of its settings, and ends it in any case. */
static int task_end(struct dm_task *task, bool is_set)
{
	int err = is_set ? task_run(task) : -ENOMEM;

	if (task)
		dm_task_destroy(task);
	return err;
}

/* Returns once udev has made, or taken away, the node. */
static int task_end_with_udev(struct dm_task *task, bool is_set, uint16_t flags)
{
	uint32_t cookie = 0;
	int err;

	is_set = is_set && dm_task_set_cookie(task, &cookie, flags);
	err = task_end(task, is_set);
	if (is_set)
		dm_udev_wait(cookie);
	return err;
}

static int simple(int type, const char *name)
{
	struct dm_task *task = task_for(type, name);

	return task_end(task, task);
}

static void map_uuid(const char *uuid, enum map_kind kind,
		     char text[MAP_UUID_SIZE])
{
	char *to = text + sprintf(text, MAP_BEFORE);

	for (; *uuid; uuid++)
		if (*uuid != '-')
			*to++ = *uuid;
	sprintf(to, "%s", behind[kind]);
}

int map_create(const char *name, const char *uuid, enum map_kind kind)
{
	struct dm_task *task = task_for(DM_DEVICE_CREATE, name);
	char text[MAP_UUID_SIZE];

	map_uuid(uuid, kind, text);
	return task_end(task, task && dm_task_set_uuid(task, text));
}

int map_load(const char *name, const struct map_table *table)
{
	struct dm_task *task = task_for(DM_DEVICE_RELOAD, name);
	bool is_set = task;

	for (int i = 0; is_set && i < table->count; i++) {
		const struct map_piece *piece = &table->pieces[i];

		is_set = dm_task_add_target(task, piece->start, piece->sectors,
					    piece->target, piece->params);
	}
	return task_end(task, is_set);
}

int map_clear(const char *name)
{
	return simple(DM_DEVICE_CLEAR, name);
}

int map_suspend(const char *name)
{
	return simple(DM_DEVICE_SUSPEND, name);
}

static int suspend_unfrozen(const char *name, bool flush)
{
	struct dm_task *task = task_for(DM_DEVICE_SUSPEND, name);

	return task_end(task, task && dm_task_skip_lockfs(task) &&
			      (flush || dm_task_no_flush(task)));
}

int map_suspend_io(const char *name)
{
	return suspend_unfrozen(name, true);
}

int map_suspend_now(const char *name)
{
	return suspend_unfrozen(name, false);
}

static int resume(const char *name, uint16_t flags)
{
	struct dm_task *task = task_for(DM_DEVICE_RESUME, name);

	return task_end_with_udev(task, task, flags);
}

int map_resume(const char *name)
{
	return resume(name, 0);
}

/* A second device with the same filesystem on it would confuse everybody. */
int map_resume_hidden(const char *name)
{
	return resume(name, DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG |
			    DM_UDEV_DISABLE_DISK_RULES_FLAG |
			    DM_UDEV_DISABLE_OTHER_RULES_FLAG);
}

/* A program that looks at a new device, as udev does, has it open for a moment. */
int map_remove(const char *name)
{
	struct dm_task *task = task_for(DM_DEVICE_REMOVE, name);

	return task_end_with_udev(task, task && dm_task_retry_remove(task), 0);
}

/* Where there is no udev, a node is left if the device goes before a task ends. */
void map_forget(const char *name)
{
	dm_mknodes(name);
}

int map_remove_later(const char *name)
{
	struct dm_task *task = task_for(DM_DEVICE_REMOVE, name);

	return task_end_with_udev(task, task && dm_task_deferred_remove(task), 0);
}

static int message(const char *name, uint64_t sector, const char *text)
{
	struct dm_task *task = task_for(DM_DEVICE_TARGET_MSG, name);

	return task_end(task, task && dm_task_set_sector(task, sector) &&
			      dm_task_set_message(task, text));
}

int map_wipe(const struct map *map)
{
	int err = 0;

	for (int i = 0; !err && i < map->count; i++)
		err = message(map->name, map->starts[i], "key wipe");
	return err;
}

int map_break(const struct map *map)
{
	const struct map_table table = {
		.count = 1,
		.pieces = { { .sectors = map->sectors, .target = "error" } },
	};
	int err = 0;

	if (map->state == MAP_ACTIVE)
		err = map_suspend_now(map->name);
	if (!err)
		err = map_load(map->name, &table);
	return err ?: map_resume(map->name);
}

/* The name of the disk in the device's uuid, with dashes as people read it. */
static bool read_uuid(const char *from, enum map_kind kind, char *to)
{
	size_t before = strlen(MAP_BEFORE), digits = 2 * HEADER_UUID;

	if (!from || strncmp(from, MAP_BEFORE, before) ||
	    strlen(from) != before + digits + strlen(behind[kind]))
		return false;
	from += before;
	if (strspn(from, "0123456789abcdef") != digits ||
	    strcmp(from + digits, behind[kind]))
		return false;
	snprintf(to, UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", from, from + 8,
		 from + 12, from + 16, from + 20);
	return true;
}

static void read_targets(struct dm_task *task, struct map *map)
{
	uint64_t start, sectors;
	char *target, *params;
	void *next = NULL;

	do {
		target = NULL;
		next = dm_get_next_target(task, next, &start, &sectors, &target,
					  &params);
		if (!target || map->count == MAP_PIECES)
			return;
		if (strcmp(target, "error") == 0)
			map->state = MAP_REVOKED;
		snprintf(map->params[map->count], MAP_PARAMS, "%s",
			 params ?: "");
		map->starts[map->count++] = start;
		map->sectors = start + sectors;
	} while (next);
}

static int read_map(struct dm_task *task, enum map_kind kind, struct map *map)
{
	struct dm_info info;

	if (!dm_task_get_info(task, &info))
		return -EIO;
	if (!info.exists)
		return 0;
	map->state = MAP_OTHER;
	if (!read_uuid(dm_task_get_uuid(task), kind, map->uuid))
		return 0;
	snprintf(map->name, sizeof(map->name), "%s", dm_task_get_name(task));
	map->users = info.open_count;
	map->state = info.suspended ? MAP_SUSPENDED : MAP_ACTIVE;
	read_targets(task, map);
	return 0;
}

static int look(struct dm_task *task, enum map_kind kind, struct map *map)
{
	int err;

	memset(map, 0, sizeof(*map));
	if (!task)
		return -ENOMEM;
	err = task_run(task);
	if (err == -ENXIO)
		err = 0;
	else if (!err)
		err = read_map(task, kind, map);
	dm_task_destroy(task);
	return err;
}

int map_look(const char *name, struct map *map)
{
	return look(task_for(DM_DEVICE_TABLE, name), MAP_VOLUME, map);
}

int map_find(const char *uuid, enum map_kind kind, struct map *map)
{
	struct dm_task *task = dm_task_create(DM_DEVICE_TABLE);
	char text[MAP_UUID_SIZE];

	map_uuid(uuid, kind, text);
	if (task && !dm_task_set_uuid(task, text)) {
		dm_task_destroy(task);
		task = NULL;
	}
	return look(task, kind, map);
}

/* All targets of a volume lie on one device. */
bool map_below(const struct map *map, dev_t *dev)
{
	unsigned int maj, min;

	if (sscanf(map->params[0], "%*s %*s %*s %u:%u", &maj, &min) != 2)
		return false;
	*dev = makedev(maj, min);
	return true;
}

bool map_has_key(const struct map *map, const char *name)
{
	char key[MAP_PARAMS];

	for (int i = 0; i < map->count; i++)
		if (sscanf(map->params[i], "%*s :%*u:symmetric:%s", key) == 1 &&
		    strcmp(key, name) == 0)
			return true;
	return false;
}
