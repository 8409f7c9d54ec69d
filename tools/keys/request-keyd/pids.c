// SPDX-License-Identifier: GPL-2.0-only
#include "pids.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The first process of the namespace, as the daemon sees it; 0 if there is none. */
static pid_t first;

/*
 * A socket of which the first process has the other end. Only the daemon has this
 * one: what it forks closes it before it runs a program.
 */
static int first_link = -1;

/* Nothing of it comes to the daemon's own mounts. A handler need not write there. */
static int pids_mount(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		return -1;
	return mount("proc", "/proc", "proc",
		     MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
}

/*
 * Tells whether /proc can be mounted, and waits for the daemon's end. The kernel reaps
 * the orphans, as SIGCHLD is ignored.
 */
__attribute__((noreturn))
static void pids_be_first(int link)
{
	int error;
	char byte;

	signal(SIGCHLD, SIG_IGN);
	if (dup2(link, STDIN_FILENO) < 0 ||
	    syscall(__NR_close_range, STDIN_FILENO + 1, ~0U, 0))
		_exit(1);
	error = pids_mount() ? errno : 0;
	if (write(STDIN_FILENO, &error, sizeof(error)) != sizeof(error))
		_exit(1);
	while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
		continue;
	_exit(0);
}

/* The errno that it ran into, if it did. */
static int pids_ask_first(void)
{
	int error;

	if (read(first_link, &error, sizeof(error)) != sizeof(error))
		return ECHILD;
	return error;
}

int pids_make(void)
{
	int ends[2], error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	first_link = ends[0];
	error = unshare(CLONE_NEWPID) ? errno : 0;
	if (!error) {
		first = fork();
		if (!first)
			pids_be_first(ends[1]);
		error = first < 0 ? errno : 0;
	}
	close(ends[1]);
	if (!error)
		error = pids_ask_first();
	errno = error;
	return error ? -1 : 0;
}

int pids_join(void)
{
	return first ? pids_mount() : 0;
}

bool pids_are_private(void)
{
	return first;
}

bool pids_ended_with(pid_t pid)
{
	return first && pid == first;
}
