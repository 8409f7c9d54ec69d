/* SPDX-License-Identifier: GPL-2.0-only */
/* The two copies of the header on a device, of which one is whole at any time. */
#ifndef DISK_KEY_STORE_H
#define DISK_KEY_STORE_H

#include <sys/types.h>

#include "header.h"

#define STORE_COPIES	2

/*
 * struct store - a device
 * @fd:		its descriptor, which holds the lock of the disk
 * @dev:	its number
 * @sectors:	its size
 * @header:	what the newest valid copy says
 * @copy:	number of this copy, or -1 if no copy is valid
 * @valid:	which copies are
 */
struct store {
	int fd;
	dev_t dev;
	uint64_t sectors;
	struct header header;
	int copy;
	bool valid[STORE_COPIES];
};

/*
 * Opens the device with these flags, waits for its lock, and reads the header.
 * Returns 0, -ENOTBLK if it is no block device, or another error.
 */
int store_open(struct store *store, const char *path, int flags);

/*
 * Writes the header as the next of the sequence.  The copy that was read is changed
 * once the other one is on the disk.  A call that fails can have written that one.
 */
int store_write(struct store *store);

/* The same, and between the two all else before the data becomes zero. */
int store_format(struct store *store);

/* Lets others have the disk, and waits for it again; the header is read anew. */
void store_unlock(struct store *store);
int store_lock(struct store *store);

/* Reads what stands on the device, whatever the kernel remembers of it. */
void store_reread(struct store *store);

void store_close(struct store *store);

#endif /* DISK_KEY_STORE_H */
