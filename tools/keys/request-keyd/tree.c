// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "limits.h"

/*
 * Reads state, parent and start time, which are the 3rd, 4th and 22nd field:
 * see proc(5).
 */
#define STAT_FORMAT	") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u " \
			"%*d %*d %*d %*d %*d %*d %llu"

/**
 * struct process - a process in /proc
 * @pid: Its number.
 * @parent: Its parent's.
 * @start: Its start time, since a number may be used again.
 * @below: Whether it descends from the process to kill.
 */
struct process {
	pid_t	pid;
	pid_t	parent;
	unsigned long long start;
	bool	below;
};

/**
 * struct census - all processes at one time
 * @all: The processes, in the order of their numbers.
 * @count: How many there are.
 * @size: Size of the array.
 */
struct census {
	struct process	*all;
	size_t		count;
	size_t		size;
};

/*
 * Returns false for a process that does not exist or that has ended and waits
 * to be reaped.
 */
static bool tree_read_process(const char *name, struct process *process)
{
	char path[64], text[512], state;
	const char *rest;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.16s/stat", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	/*
	 * A program's name may have parentheses and blanks, so the last
	 * parenthesis ends it.
	 */
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest, STAT_FORMAT, &state, &process->parent,
			    &process->start) != 3)
		return false;
	process->pid = atoi(name);
	process->below = false;
	return state != 'Z' && state != 'X';
}

static bool tree_add_process(struct census *census, const struct process *process)
{
	struct process *all;
	size_t size;

	if (census->count == census->size) {
		size = census->size ? 2 * census->size : 256;
		all = reallocarray(census->all, size, sizeof(*all));
		if (!all)
			return false;
		census->all = all;
		census->size = size;
	}
	census->all[census->count++] = *process;
	return true;
}

static int tree_order_by_pid(const void *a, const void *b)
{
	const struct process *one = a, *two = b;

	return (one->pid > two->pid) - (one->pid < two->pid);
}

static void tree_take_census(struct census *census)
{
	DIR *folder = opendir("/proc");
	struct process process;
	struct dirent *entry;

	census->count = 0;
	if (!folder)
		return;
	while ((entry = readdir(folder)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    tree_read_process(entry->d_name, &process) &&
		    !tree_add_process(census, &process))
			break;
	closedir(folder);
	if (census->count)
		qsort(census->all, census->count, sizeof(*census->all), tree_order_by_pid);
}

static bool tree_is_below(const struct census *census, pid_t pid)
{
	const struct process key = { .pid = pid };
	const struct process *found = NULL;

	if (census->count)
		found = bsearch(&key, census->all, census->count,
				sizeof(*census->all), tree_order_by_pid);
	return found && found->below;
}

static void tree_find_below(struct census *census, pid_t root)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < census->count; i++) {
			struct process *process = &census->all[i];

			if (process->below || process->pid == root ||
			    (process->parent != root &&
			     !tree_is_below(census, process->parent)))
				continue;
			process->below = true;
			more = true;
		}
	}
}

/* Opens a pidfd before it checks that the process is still the same one. */
static void tree_kill_process(const struct process *process)
{
	int fd = syscall(__NR_pidfd_open, process->pid, 0);
	struct process now;
	char name[16];

	if (fd < 0)
		return;
	snprintf(name, sizeof(name), "%d", process->pid);
	if (tree_read_process(name, &now) && now.start == process->start)
		syscall(__NR_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	close(fd);
}

/* Returns true if a process was found that was not in the previous census. */
static bool tree_kill_below(const struct census *now, const struct census *before)
{
	bool met = false;

	for (size_t i = 0; i < now->count; i++) {
		if (!now->all[i].below)
			continue;
		tree_kill_process(&now->all[i]);
		met |= !tree_is_below(before, now->all[i].pid);
	}
	return met;
}

/*
 * The root is killed last.  As long as the root exists, it gets the orphans.
 * Afterwards the daemon gets them, and cannot distinguish them from its other
 * children.
 */
void tree_kill(pid_t root)
{
	struct census censuses[2] = { { 0 } };
	bool met = true;

	kill(root, SIGSTOP);
	for (int i = 0; met && i < TREE_ROUNDS_MAX; i++) {
		struct census *now = &censuses[i % 2];

		tree_take_census(now);
		tree_find_below(now, root);
		met = tree_kill_below(now, &censuses[(i + 1) % 2]);
	}
	free(censuses[0].all);
	free(censuses[1].all);
	/* The handler may not have called setsid() yet. */
	kill(-root, SIGKILL);
	kill(root, SIGKILL);
}
