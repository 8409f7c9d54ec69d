/* SPDX-License-Identifier: GPL-2.0-only */
/* A volume full of sectors of which each says where it belongs, and who wrote it. */
#ifndef SELFTESTS_KEYS_DISK_KEY_CONTENT_H
#define SELFTESTS_KEYS_DISK_KEY_CONTENT_H

#include "disk_key.h"

#define CONTENT_STEP	64
#define CONTENT_BYTES	(CONTENT_STEP * DISK_SECTOR)

/* The sector with this number, by the writer with this one. */
static inline void content_make(uint8_t *sector, uint32_t number, uint32_t writer)
{
	for (uint32_t i = 0; i < DISK_SECTOR / sizeof(uint64_t); i++)
		((uint64_t *)sector)[i] = (uint64_t)number << 32 ^ writer << 8 ^ i;
}

static inline int content_open(void)
{
	return result(open(DISK_NODE, O_RDWR | O_DIRECT | O_CLOEXEC));
}

/* Past the page cache; 0, or a negative errno. */
static inline int content_write(uint32_t sectors, uint32_t writer)
{
	static uint8_t bytes[CONTENT_BYTES] __attribute__((aligned(4096)));
	int fd = content_open(), err = 0;

	if (fd < 0)
		return fd;
	for (uint32_t at = 0; !err && at < sectors; at += CONTENT_STEP) {
		for (uint32_t i = 0; i < CONTENT_STEP; i++)
			content_make(bytes + i * DISK_SECTOR, at + i, writer);
		err = result(pwrite(fd, bytes, CONTENT_BYTES,
				    (off_t)at * DISK_SECTOR));
		err = err == CONTENT_BYTES ? 0 : err < 0 ? err : -ENOSPC;
	}
	close(fd);
	return err;
}

/* How many sectors are as this writer has left them, or a negative errno. */
static inline int content_count(uint32_t sectors, uint32_t writer)
{
	static uint8_t bytes[CONTENT_BYTES] __attribute__((aligned(4096)));
	uint8_t sector[DISK_SECTOR] __attribute__((aligned(8)));
	int fd = content_open(), count = 0;

	if (fd < 0)
		return fd;
	for (uint32_t at = 0; at < sectors; at += CONTENT_STEP) {
		if (pread(fd, bytes, CONTENT_BYTES, (off_t)at * DISK_SECTOR) !=
		    CONTENT_BYTES) {
			close(fd);
			return -EIO;
		}
		for (uint32_t i = 0; i < CONTENT_STEP; i++) {
			content_make(sector, at + i, writer);
			count += memcmp(sector, bytes + i * DISK_SECTOR,
					DISK_SECTOR) == 0;
		}
	}
	close(fd);
	return count;
}

#endif /* SELFTESTS_KEYS_DISK_KEY_CONTENT_H */
