/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A rotation at work.  What can fail returns a negative errno, and says in @doing what
 * it was about.
 */
#ifndef DISK_KEY_ROTATE_H
#define DISK_KEY_ROTATE_H

#include "keys.h"
#include "map.h"
#include "move.h"
#include "store.h"

/*
 * struct rotate - a rotation at work
 * @store:	the disk, with its lock but for the pauses
 * @device:	its name
 * @uuid:	of the disk
 * @name:	of the rotation's device
 * @families:	of all parents
 * @keys:	that the rotation's device has
 * @renamed:	the volume, if it is open, does without them
 * @mover:	moves the data
 * @doing:	what cannot be done if there is an error
 */
struct rotate {
	struct store store;
	const char *device;
	char uuid[UUID_TEXT];
	char name[MAP_NAME_SIZE];
	struct family families[HEADER_SLOTS];
	struct volume_keys keys;
	bool renamed;
	struct mover mover;
	const char *doing;
};

/* All parents vouch for the header. */
int rotate_sign(struct rotate *rotate, struct header *header);
int rotate_write(struct rotate *rotate);

/* Has data moved until there are none, or a signal asks for an end: -EINTR. */
void chunks_block_signals(void);
int chunks_move(struct rotate *rotate);

/* The volume; -EBUSY if it is open, and does no I/O. */
int volume_look(struct rotate *rotate, struct map *volume);
/* Has it, if it is open, be what the header is to say, once it is resumed. */
int volume_hold(const struct rotate *rotate, const struct header *header,
		const struct map *volume);
int volume_go_on(const struct map *volume);
/* What was held is as it was before. */
void volume_go_back(struct map *volume);
/* After an error: as the disk says. */
void volume_settle(struct rotate *rotate, struct map *volume);

#endif /* DISK_KEY_ROTATE_H */
