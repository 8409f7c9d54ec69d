// SPDX-License-Identifier: GPL-2.0-only
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"

/* A file may grow while it is read: one byte more than it may have tells. */
static long file_fill(int fd, char *text)
{
	size_t len = 0;
	ssize_t got;

	while (len <= FILE_SIZE_MAX) {
		got = read(fd, text + len, FILE_SIZE_MAX + 1 - len);
		if (got < 0)
			return -errno;
		if (!got)
			return len;
		len += got;
	}
	return -EFBIG;
}

/**
 * file_read - read a file
 * @path: The file.
 * @text: What is in it, with a zero byte behind; the caller frees it.
 *
 * Return: The length, or a negative errno: EFBIG for one that is too large,
 * ENODEV for one that is no regular file.
 */
long file_read(const char *path, char **text)
{
	struct stat stat;
	long len;
	int fd;

	/* Somebody may have put a FIFO there. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	*text = calloc(1, FILE_SIZE_MAX + 2);
	if (!*text)
		len = -ENOMEM;
	else if (fstat(fd, &stat) < 0)
		len = -errno;
	else if (!S_ISREG(stat.st_mode))
		len = -ENODEV;
	else
		len = file_fill(fd, *text);
	close(fd);
	if (len < 0)
		free(*text);
	return len;
}

const char *file_error(long error)
{
	switch (-error) {
	case EFBIG:
		return "larger than 64 KiB";
	case ENODEV:
		return "not a regular file";
	default:
		return strerror(-error);
	}
}
