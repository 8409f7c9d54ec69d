// SPDX-License-Identifier: GPL-2.0-only
#include "rival.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE	320
#define INFO_SIZE	8192

/* Fields of fdinfo by which services are distinguished. */
static const char * const fields[] = { "scope:", "type:", "prefix:" };

static bool rival_read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, size - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

static bool rival_is_same_link(const char *a, const char *b)
{
	char one[PATH_SIZE], two[PATH_SIZE];
	ssize_t len = readlink(a, one, sizeof(one));

	return len > 0 && len == readlink(b, two, sizeof(two)) &&
	       !memcmp(one, two, len);
}

/* Returns the line that begins with @field, or an empty one. */
static const char *rival_find_line(const char *info, const char *field)
{
	size_t len = strlen(field);

	while (strncmp(info, field, len)) {
		info = strchr(info, '\n');
		if (!info)
			return "";
		info++;
	}
	return info;
}

static bool rival_is_same_line(const char *a, const char *b)
{
	size_t len = strcspn(a, "\n");

	return len == strcspn(b, "\n") && !memcmp(a, b, len);
}

static bool rival_is_same_service(const char *info, const char *other)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!rival_is_same_line(rival_find_line(info, fields[i]),
					rival_find_line(other, fields[i])))
			return false;
	return true;
}

static bool rival_is_in_same_namespaces(const char *pid)
{
	char user[PATH_SIZE], net[PATH_SIZE];

	snprintf(user, sizeof(user), "/proc/%.16s/ns/user", pid);
	snprintf(net, sizeof(net), "/proc/%.16s/ns/net", pid);
	return rival_is_same_link(user, "/proc/self/ns/user") &&
	       rival_is_same_link(net, "/proc/self/ns/net");
}

/*
 * Returns whether a descriptor of the process is a service with the same scope
 * and filter.
 */
static bool rival_has_service(const char *pid, const char *own,
			      const char *info)
{
	char path[PATH_SIZE], other[INFO_SIZE];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	folder = opendir(path);
	if (!folder)
		return false;
	while (!found && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), "/proc/%.16s/fd/%.16s", pid,
			 entry->d_name);
		if (!rival_is_same_link(path, own))
			continue;
		snprintf(path, sizeof(path), "/proc/%.16s/fdinfo/%.16s", pid,
			 entry->d_name);
		found = rival_read_text(path, other, sizeof(other)) &&
			rival_is_same_service(info, other);
	}
	closedir(folder);
	return found;
}

pid_t rival_find(int service)
{
	char own[PATH_SIZE], info[INFO_SIZE];
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	snprintf(own, sizeof(own), "/proc/self/fdinfo/%d", service);
	if (folder && rival_read_text(own, info, sizeof(info))) {
		snprintf(own, sizeof(own), "/proc/self/fd/%d", service);
		while (!found && (entry = readdir(folder))) {
			pid_t pid = atoi(entry->d_name);

			if (isdigit((unsigned char)entry->d_name[0]) &&
			    pid != getpid() &&
			    rival_is_in_same_namespaces(entry->d_name) &&
			    rival_has_service(entry->d_name, own, info))
				found = pid;
		}
	}
	if (folder)
		closedir(folder);
	return found;
}
