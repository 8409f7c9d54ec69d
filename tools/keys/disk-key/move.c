// SPDX-License-Identifier: GPL-2.0-only
#include "move.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE	160
#define CHUNK_BYTES	((size_t)HEADER_JOURNAL_SECTORS * HEADER_SECTOR)
/* Of memory for I/O that no cache takes part in */
#define ALIGNMENT	((size_t)HEADER_BLOCK * HEADER_SECTOR)

static int open_direct(const char *path)
{
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int mover_open(struct mover *mover, const struct store *store, const char *name)
{
	char path[PATH_SIZE];
	int err;

	mover->sectors = le64toh(store->header.sectors);
	mover->bytes = aligned_alloc(ALIGNMENT, CHUNK_BYTES);
	if (!mover->bytes)
		return -ENOMEM;
	/* The same device, whoever has its name now. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", store->fd);
	mover->disk = open_direct(path);
	err = mover->disk;
	if (err < 0)
		goto free_bytes;
	snprintf(path, sizeof(path), "/dev/mapper/%s", name);
	mover->both = open_direct(path);
	err = mover->both;
	if (err < 0)
		goto close_disk;
	return 0;

close_disk:
	close(mover->disk);
free_bytes:
	free(mover->bytes);
	return err;
}

void mover_close(struct mover *mover)
{
	close(mover->both);
	close(mover->disk);
	free(mover->bytes);
}

static int read_all(int fd, void *bytes, size_t size, off_t at)
{
	uint8_t *to = bytes;

	while (size) {
		ssize_t len = pread(fd, to, size, at);

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len ? -errno : -ENODATA;
		to += len;
		at += len;
		size -= len;
	}
	return 0;
}

static int write_all(int fd, const void *bytes, size_t size, off_t at)
{
	const uint8_t *from = bytes;

	while (size) {
		ssize_t len = pwrite(fd, from, size, at);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		if (!len)
			return -ENOSPC;
		from += len;
		at += len;
		size -= len;
	}
	return fsync(fd) ? -errno : 0;
}

/* When it returns 0 all of it is on the disk. */
static int copy(const struct mover *mover, int fd, uint64_t from, uint64_t to,
		uint32_t sectors)
{
	size_t size = (size_t)sectors * HEADER_SECTOR;
	int err = read_all(fd, mover->bytes, size, from * HEADER_SECTOR);

	return err ?: write_all(fd, mover->bytes, size, to * HEADER_SECTOR);
}

int move_to_journal(const struct mover *mover, uint64_t start, uint32_t sectors)
{
	return copy(mover, mover->disk, HEADER_DATA + start, HEADER_JOURNAL,
		    sectors);
}

int move_from_journal(const struct mover *mover, uint64_t start,
		      uint32_t sectors)
{
	return copy(mover, mover->disk, HEADER_JOURNAL, HEADER_DATA + start,
		    sectors);
}

int move_to_key(const struct mover *mover, uint64_t start, uint32_t sectors)
{
	return copy(mover, mover->both, start, mover->sectors + start, sectors);
}

int journal_clear(const struct mover *mover)
{
	memset(mover->bytes, 0, CHUNK_BYTES);
	return write_all(mover->disk, mover->bytes, CHUNK_BYTES,
			 (off_t)HEADER_JOURNAL * HEADER_SECTOR);
}
