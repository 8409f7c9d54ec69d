/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands, and what they have in common.  None returns after an error. */
#ifndef DISK_KEY_COMMAND_H
#define DISK_KEY_COMMAND_H

#include "keys.h"
#include "map.h"
#include "store.h"

/*
 * struct options - what the options of all commands say
 * @parent:	a parent of the disk, or NULL
 * @label:	of a new disk, or a new one of a disk, or NULL
 * @cipher:	of a new disk
 * @key_size:	bytes of its key, or NULL
 * @force:	whatever the device has may go
 */
struct options {
	const char *parent;
	const char *label;
	const char *cipher;
	const char *key_size;
	bool force;
};

/*
 * struct unlocked - a disk whose header one of its parents has vouched for
 */
struct unlocked {
	int slot;
	struct family family;
};

/* A serial, or %TYPE:NAME for a key that the caller has. */
void parent_named(struct parent *parent, const char *text);
/* What is derived from it, for this disk. */
void parent_family(struct family *family, const struct parent *parent,
		   const struct header *header);
/* Why a call about a key did not work. */
const char *key_cause(int err);

/* A label, as the header has it. */
void label_take(char field[HEADER_LABEL], const char *text);

/* A device, and one that is a disk, open with these flags. */
void device_take(struct store *store, const char *device, int flags);
void disk_take(struct store *store, const char *device, int flags);
/* By the parent of this name, or by whichever the caller has. */
void disk_unlock(struct unlocked *unlocked, const struct store *store,
		 const char *device, const char *parent);
/* By all parents that it has; those of slots that are not used are none. */
void disk_unlock_all(struct family families[HEADER_SLOTS],
		     const struct store *store, const char *device,
		     const char *parent);
/* Whether the device is as large as it was. */
void disk_fits(const struct store *store, const char *device);
/* What a call that has written the header returned. */
void disk_written(const char *device, int err);

/* A volume of ours. */
void volume_take(struct map *map, const char *name);

void command_format(char **args, const struct options *options);
void command_open(char **args, const struct options *options);
void command_close(char **args, const struct options *options);
void command_suspend(char **args, const struct options *options);
void command_resume(char **args, const struct options *options);
void command_revoke(char **args, const struct options *options);
void command_status(char **args, const struct options *options);
void command_add_parent(char **args, const struct options *options);
void command_remove_parent(char **args, const struct options *options);
void command_rotate(char **args, const struct options *options);

#endif /* DISK_KEY_COMMAND_H */
