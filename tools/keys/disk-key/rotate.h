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
/*
 * -EKEYREJECTED unless the header that was read is of the rotation that is known, and
 * all parents vouch for it, as they do for each place that it once had.
 */
int rotate_check(struct rotate *rotate, const struct header *known);

/* Has data moved until there are none, or a signal asks for an end: -EINTR. */
void chunks_block_signals(void);
int chunks_move(struct rotate *rotate);

/* Whether it has another device below, such as a copy of the disk, or none. */
bool volume_is_elsewhere(const struct rotate *rotate, const struct map *volume);
/*
 * The volume, which is one that can be held, or not open.  -EKEYREVOKED if it was
 * revoked, -EXDEV if it is elsewhere, -EBUSY if it does no I/O; -ETIME if a key has a
 * timeout, and other errors if one has ended, or is linked nowhere.  If a key was
 * ended since the rotation runs, all I/O of the volume fails from then on.
 */
int volume_look(struct rotate *rotate, struct map *volume);
/*
 * Looks at the volume, and has it, if it is open, be what the header is to say, once
 * it is resumed.
 */
int volume_hold(struct rotate *rotate, const struct header *header,
		struct map *volume);
/* If its key has ended meanwhile all of its I/O fails from then on. */
int volume_go_on(struct map *volume);
/* What was held is as it was before. */
void volume_go_back(struct map *volume);
/* After an error in the chunk that begins at @start: as the disk says. */
void volume_settle(struct rotate *rotate, struct map *volume, uint64_t start,
		   uint32_t sectors);

#endif /* DISK_KEY_ROTATE_H */
