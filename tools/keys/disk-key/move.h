/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chunks of the data, from the old key to the new one.  All numbers are of sectors.
 * What can fail returns a negative errno.
 */
#ifndef DISK_KEY_MOVE_H
#define DISK_KEY_MOVE_H

#include "store.h"

/*
 * struct mover - what it takes to move data
 * @disk:	the device, past what the kernel remembers of it
 * @both:	the device of the rotation
 * @sectors:	of the data
 * @bytes:	room for a chunk
 */
struct mover {
	int disk;
	int both;
	uint64_t sectors;
	void *bytes;
};

int mover_open(struct mover *mover, const struct store *store, const char *name);
void mover_close(struct mover *mover);

/* The chunk as it stands on the disk goes to the journal, or comes back. */
int move_to_journal(const struct mover *mover, uint64_t start, uint32_t sectors);
int move_from_journal(const struct mover *mover, uint64_t start,
		      uint32_t sectors);
/* In its place it gets the other key. */
int move_to_key(const struct mover *mover, uint64_t start, uint32_t sectors);

int journal_clear(const struct mover *mover);

#endif /* DISK_KEY_MOVE_H */
