// SPDX-License-Identifier: GPL-2.0-only
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"

/*
 * A file may grow while it is read, so one byte beyond the limit is read to
 * notice a larger file.
 */
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
 * @text: Gets its content with a zero byte behind; the caller frees it.
 *
 * Return: The length, or a negative errno: EFBIG for a file that is too large,
 * ENODEV for a file that is not regular.
 */
long file_read(const char *path, char **text)
{
	struct stat stat;
	long len;
	int fd;

	/* The name may be that of a FIFO, which must not block the program. */
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
