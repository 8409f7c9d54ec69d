// SPDX-License-Identifier: GPL-2.0-only
#include "map.h"

#include <errno.h>
#include <libdevmapper.h>
#include <stdio.h>
#include <string.h>

/*
 * dm-crypt reads the volume out of such a name.  The device mapper has each name
 * once; the name of the device is not in it, so there is one device for each disk.
 */
#define MAP_BEFORE	"CRYPT-DISKKEY-"
#define MAP_BEHIND	"-disk"
#define MAP_NAME_MAX	100

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

static int task_end(struct dm_task *task)
{
	int err = task_run(task);

	dm_task_destroy(task);
	return err;
}

/* Returns once udev has made, or taken away, the node. */
static int task_end_with_udev(struct dm_task *task)
{
	uint32_t cookie = 0;
	int err;

	if (!dm_task_set_cookie(task, &cookie, 0)) {
		dm_task_destroy(task);
		return -EIO;
	}
	err = task_end(task);
	dm_udev_wait(cookie);
	return err;
}

static int simple(int type, const char *name)
{
	struct dm_task *task = task_for(type, name);

	return task ? task_end(task) : -ENOMEM;
}

static int simple_with_udev(int type, const char *name)
{
	struct dm_task *task = task_for(type, name);

	return task ? task_end_with_udev(task) : -ENOMEM;
}

int map_create(const char *name, const char *uuid)
{
	char text[sizeof(MAP_BEFORE MAP_BEHIND) + UUID_TEXT], *to;
	struct dm_task *task = task_for(DM_DEVICE_CREATE, name);

	if (!task)
		return -ENOMEM;
	to = text + sprintf(text, MAP_BEFORE);
	for (; *uuid; uuid++)
		if (*uuid != '-')
			*to++ = *uuid;
	memcpy(to, MAP_BEHIND, sizeof(MAP_BEHIND));
	if (!dm_task_set_uuid(task, text)) {
		dm_task_destroy(task);
		return -ENOMEM;
	}
	return task_end(task);
}

int map_load(const char *name, uint64_t sectors, const char *target,
	     const char *params)
{
	struct dm_task *task = task_for(DM_DEVICE_RELOAD, name);

	if (!task)
		return -ENOMEM;
	if (!dm_task_add_target(task, 0, sectors, target, params)) {
		dm_task_destroy(task);
		return -ENOMEM;
	}
	return task_end(task);
}

int map_suspend(const char *name)
{
	return simple(DM_DEVICE_SUSPEND, name);
}

int map_suspend_now(const char *name)
{
	struct dm_task *task = task_for(DM_DEVICE_SUSPEND, name);

	if (!task)
		return -ENOMEM;
	if (!dm_task_skip_lockfs(task) || !dm_task_no_flush(task)) {
		dm_task_destroy(task);
		return -ENOMEM;
	}
	return task_end(task);
}

int map_resume(const char *name)
{
	return simple_with_udev(DM_DEVICE_RESUME, name);
}

/* Whoever looks at a new device, as udev does, has it open for a moment. */
int map_remove(const char *name)
{
	struct dm_task *task = task_for(DM_DEVICE_REMOVE, name);

	if (!task)
		return -ENOMEM;
	if (!dm_task_retry_remove(task)) {
		dm_task_destroy(task);
		return -ENOMEM;
	}
	return task_end_with_udev(task);
}

int map_message(const char *name, const char *text)
{
	struct dm_task *task = task_for(DM_DEVICE_TARGET_MSG, name);

	if (!task)
		return -ENOMEM;
	if (!dm_task_set_sector(task, 0) || !dm_task_set_message(task, text)) {
		dm_task_destroy(task);
		return -ENOMEM;
	}
	return task_end(task);
}

/* The name of the disk in the device's uuid, with dashes as people read it. */
static bool read_uuid(const char *from, char *to)
{
	size_t before = strlen(MAP_BEFORE), digits = 2 * HEADER_UUID;

	if (!from || strncmp(from, MAP_BEFORE, before) ||
	    strlen(from) != before + digits + strlen(MAP_BEHIND))
		return false;
	from += before;
	if (strspn(from, "0123456789abcdef") != digits ||
	    strcmp(from + digits, MAP_BEHIND))
		return false;
	snprintf(to, UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", from, from + 8,
		 from + 12, from + 16, from + 20);
	return true;
}

static int read_map(struct dm_task *task, struct map *map)
{
	char *target = NULL, *params = NULL;
	struct dm_info info;
	uint64_t start;

	if (!dm_task_get_info(task, &info))
		return -EIO;
	if (!info.exists)
		return 0;
	map->state = MAP_OTHER;
	if (!read_uuid(dm_task_get_uuid(task), map->uuid))
		return 0;
	map->users = info.open_count;
	map->state = info.suspended ? MAP_SUSPENDED : MAP_ACTIVE;
	dm_get_next_target(task, NULL, &start, &map->sectors, &target, &params);
	if (target && strcmp(target, "error") == 0)
		map->state = MAP_REVOKED;
	snprintf(map->params, sizeof(map->params), "%s", params ?: "");
	return 0;
}

int map_look(const char *name, struct map *map)
{
	struct dm_task *task = task_for(DM_DEVICE_TABLE, name);
	int err;

	memset(map, 0, sizeof(*map));
	if (!task)
		return -ENOMEM;
	err = task_run(task);
	if (err == -ENXIO)
		err = 0;
	else if (!err)
		err = read_map(task, map);
	dm_task_destroy(task);
	return err;
}
