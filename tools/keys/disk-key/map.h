/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes as the device mapper has them.  What can fail returns a negative errno. */
#ifndef DISK_KEY_MAP_H
#define DISK_KEY_MAP_H

#include "header.h"

#define MAP_PARAMS	512

enum map_state {
	MAP_NONE,	/* there is no such device */
	MAP_OTHER,	/* it is none of ours */
	MAP_ACTIVE,
	MAP_SUSPENDED,
	MAP_REVOKED,	/* nothing but errors is left of it */
};

/*
 * struct map - a volume
 * @state:	only the first two say nothing about the rest
 * @uuid:	of the disk, as people read it
 * @users:	how often the device is open
 * @sectors:	its size
 * @params:	what its target was given
 */
struct map {
	enum map_state state;
	char uuid[UUID_TEXT];
	int users;
	uint64_t sectors;
	char params[MAP_PARAMS];
};

void map_begin(void);
bool map_name_fits(const char *name);

int map_look(const char *name, struct map *map);

/*
 * A device without a table.  There is one at most for each disk: -EBUSY if there is
 * one already, or one of that name.
 */
int map_create(const char *name, const char *uuid);
int map_load(const char *name, uint64_t sectors, const char *target,
	     const char *params);
int map_suspend(const char *name);
/* Waits neither for a filesystem nor for I/O that is queued above. */
int map_suspend_now(const char *name);
int map_resume(const char *name);
int map_message(const char *name, const char *text);
int map_remove(const char *name);

#endif /* DISK_KEY_MAP_H */
