// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const off_t places[STORE_COPIES] = { 0, 64 << 10 };

#define DATA_AT		((off_t)HEADER_DATA * HEADER_SECTOR)

static int read_copy(int fd, int copy, struct header *header)
{
	uint8_t *to = (uint8_t *)header;
	size_t have = 0;
	ssize_t len;

	while (have < sizeof(*header)) {
		len = pread(fd, to + have, sizeof(*header) - have,
			    places[copy] + have);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len ? -errno : -ENODATA;
		have += len;
	}
	return 0;
}

/* A sector that cannot be read is one more way for a copy to be damaged. */
static void read_header(struct store *store)
{
	struct header header;

	store->copy = -1;
	for (int i = 0; i < STORE_COPIES; i++) {
		store->valid[i] = read_copy(store->fd, i, &header) == 0 &&
				  header_valid(&header);
		if (!store->valid[i] || (store->copy >= 0 &&
		    le64toh(header.sequence) <= le64toh(store->header.sequence)))
			continue;
		store->header = header;
		store->copy = i;
	}
}

static int lock(int fd)
{
	while (flock(fd, LOCK_EX))
		if (errno != EINTR)
			return -errno;
	return 0;
}

int store_open(struct store *store, const char *path, int flags)
{
	struct stat st;
	uint64_t size;
	int err = 0;

	memset(store, 0, sizeof(*store));
	/* A pipe would have somebody to wait for. */
	store->fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
	if (store->fd < 0)
		return -errno;
	if (fstat(store->fd, &st))
		err = -errno;
	else if (!S_ISBLK(st.st_mode))
		err = -ENOTBLK;
	else if (ioctl(store->fd, BLKGETSIZE64, &size))
		err = -errno;
	if (!err)
		err = lock(store->fd);
	if (err) {
		close(store->fd);
		return err;
	}
	store->dev = st.st_rdev;
	store->sectors = size / HEADER_SECTOR;
	read_header(store);
	return 0;
}

void store_close(struct store *store)
{
	close(store->fd);
}

void store_unlock(struct store *store)
{
	flock(store->fd, LOCK_UN);
}

int store_lock(struct store *store)
{
	int err = lock(store->fd);

	if (!err)
		read_header(store);
	return err;
}

void store_reread(struct store *store)
{
	/* If that fails what is read may be what could not be written. */
	ioctl(store->fd, BLKFLSBUF);
	read_header(store);
}

static int write_all(int fd, const void *bytes, size_t size, off_t at)
{
	const uint8_t *from = bytes;
	ssize_t len;

	while (size) {
		len = pwrite(fd, from, size, at);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		from += len;
		at += len;
		size -= len;
	}
	return 0;
}

/* When it returns 0 the copy is on the disk, not on its way. */
static int write_copy(struct store *store, int copy)
{
	int err = write_all(store->fd, &store->header, sizeof(store->header),
			    places[copy]);

	if (!err && fsync(store->fd))
		err = -errno;
	return err;
}

static int other_copy(const struct store *store)
{
	return store->copy == 1 ? 0 : 1;
}

static int next_header(struct store *store)
{
	uint64_t sequence = le64toh(store->header.sequence);

	if (sequence >= HEADER_SEQUENCE_MAX)
		return -EOVERFLOW;
	store->header.sequence = htole64(sequence + 1);
	header_seal(&store->header);
	return 0;
}

int store_write(struct store *store)
{
	int other = other_copy(store), err = next_header(store);

	if (!err)
		err = write_copy(store, other);
	return err ?: write_copy(store, !other);
}

static int zero_between(int fd, off_t from, off_t to)
{
	static const uint8_t zero[64 << 10];
	int err = 0;

	while (!err && from < to) {
		size_t size = to - from;

		if (size > sizeof(zero))
			size = sizeof(zero);
		err = write_all(fd, zero, size, from);
		from += size;
	}
	return err;
}

int store_format(struct store *store)
{
	int other = other_copy(store), err = next_header(store);

	if (!err)
		err = write_copy(store, other);
	if (!err)
		err = zero_between(store->fd, HEADER_SIZE, places[1]);
	if (!err)
		err = zero_between(store->fd, places[1] + HEADER_SIZE, DATA_AT);
	return err ?: write_copy(store, !other);
}
