/* SPDX-License-Identifier: GPL-2.0-only */
/* Folders of rules for tests of request-keyd, and its messages about them. */
#ifndef SELFTESTS_KEYS_KEYD_H
#define SELFTESTS_KEYS_KEYD_H

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYD_FOLDER	"/tmp/keyd-test-XXXXXX"
#define KEYD_LOG_MAX	(256 * 1024)

/*
 * struct keyd_folder - a folder like /etc
 * @path: its path
 * @log: the last messages
 */
struct keyd_folder {
	char path[sizeof(KEYD_FOLDER)];
	char log[KEYD_LOG_MAX];
};

static inline void keyd_file_path(const struct keyd_folder *folder,
				  const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", folder->path, name);
}

static inline void keyd_use(struct keyd_folder *folder, const char *path)
{
	snprintf(folder->path, sizeof(folder->path), "%s", path);
}

static inline bool keyd_make_folder(struct keyd_folder *folder)
{
	char path[128];

	keyd_use(folder, KEYD_FOLDER);
	if (!mkdtemp(folder->path))
		return false;
	keyd_file_path(folder, "request-key.d", path, sizeof(path));
	return !mkdir(path, 0755);
}

static inline int keyd_remove_one(const char *path, const struct stat *about,
				  int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void keyd_remove_folder(const struct keyd_folder *folder)
{
	nftw(folder->path, keyd_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline bool keyd_write_bytes(const struct keyd_folder *folder,
				    const char *name, const void *bytes,
				    size_t len)
{
	char path[128];
	bool good;
	int fd;

	keyd_file_path(folder, name, path, sizeof(path));
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
	good = fd >= 0 && write(fd, bytes, len) == (ssize_t)len;
	close(fd);
	return good;
}

static inline bool keyd_write(const struct keyd_folder *folder,
			      const char *name, const char *text)
{
	return keyd_write_bytes(folder, name, text, strlen(text));
}

#endif /* SELFTESTS_KEYS_KEYD_H */
