/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes as the device mapper has them.  What can fail returns a negative errno. */
#ifndef DISK_KEY_MAP_H
#define DISK_KEY_MAP_H

#include <sys/types.h>

#include "header.h"

#define MAP_PARAMS	512
#define MAP_NAME_SIZE	128
/* New, moving, old */
#define MAP_PIECES	3

enum map_state {
	MAP_NONE,	/* there is no such device */
	MAP_OTHER,	/* it is none of ours */
	MAP_ACTIVE,
	MAP_SUSPENDED,
	MAP_REVOKED,	/* nothing but errors is left of it */
};

/* What a device of a disk is for.  There is one of each at most. */
enum map_kind {
	MAP_VOLUME,
	MAP_ROTATION,	/* the data by the old key, and behind them by the new one */
};

/*
 * struct map_piece - one target of a table
 */
struct map_piece {
	uint64_t start;
	uint64_t sectors;
	const char *target;
	char params[MAP_PARAMS];
};

/*
 * struct map_table - what a device is made of
 */
struct map_table {
	int count;
	struct map_piece pieces[MAP_PIECES];
};

/*
 * struct map - a device of a disk
 * @state:	only the first two say nothing about the rest
 * @name:	of the device
 * @uuid:	of the disk, as people read it
 * @users:	how often the device is open
 * @sectors:	its size
 * @starts:	where each target begins
 * @count:	how many there are
 * @params:	what each was given
 */
struct map {
	enum map_state state;
	char name[MAP_NAME_SIZE];
	char uuid[UUID_TEXT];
	int users;
	uint64_t sectors;
	uint64_t starts[MAP_PIECES];
	int count;
	char params[MAP_PIECES][MAP_PARAMS];
};

void map_begin(void);
bool map_name_fits(const char *name);

/* A volume by its name, or what a disk has of this kind. */
int map_look(const char *name, struct map *map);
int map_find(const char *uuid, enum map_kind kind, struct map *map);
/* The device below; false if there is none. */
bool map_below(const struct map *map, dev_t *dev);
/* Whether a target has the key of this name. */
bool map_has_key(const struct map *map, const char *name);

/*
 * A device without a table.  There is one at most for each disk: -EBUSY if there is
 * one already, or one of that name.
 */
int map_create(const char *name, const char *uuid, enum map_kind kind);
/* A table that the device gets when it is resumed, until it is cleared. */
int map_load(const char *name, const struct map_table *table);
int map_clear(const char *name);
int map_suspend(const char *name);
/* Waits for I/O that has begun, and not for a filesystem. */
int map_suspend_io(const char *name);
/* Waits neither for a filesystem nor for I/O that is queued above. */
int map_suspend_now(const char *name);
int map_resume(const char *name);
/* For a device that nobody else is to look at. */
int map_resume_hidden(const char *name);
/* Takes the key from each target of a suspended device. */
int map_wipe(const struct map *map);
/* Leaves nothing but errors of a device, suspended or not. */
int map_break(const struct map *map);
int map_remove(const char *name);
/* At once, or when the last one who has it open is done. */
int map_remove_later(const char *name);
void map_forget(const char *name);

#endif /* DISK_KEY_MAP_H */
