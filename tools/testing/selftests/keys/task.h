/* SPDX-License-Identifier: GPL-2.0-only */
/* Children: calls as another user, and calls that may sleep. */
#ifndef SELFTESTS_KEYS_TASK_H
#define SELFTESTS_KEYS_TASK_H

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "keys.h"

/* Longer than any call under test, shorter than the limit of a test. */
#define TASK_LIMIT_MS	10000

/* Results of a child other than the result of its call. */
#define TASK_STUCK	1000
/*
 * A result that is neither 0 nor an errno for programs, such as the kernel's
 * internal ones
 */
#define TASK_ODD	255
#define TASK_KILLED(sig) (2000 + (sig))

/*
 * Starts a child that runs @call and returns its result: 0 or a negative errno,
 * which fits an exit code; -TASK_ODD stands for all other results.  The child
 * dies with its parent, so that a test that fails early leaves no sleeping
 * child behind.
 */
static inline pid_t task_start(int (*call)(const void *arg), const void *arg)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		int ret;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ret = call(arg);
		_exit(ret > 0 || ret < -TASK_ODD ? TASK_ODD : -ret);
	}
	return child;
}

/* True once the child has ended, false if it still runs after @limit_ms. */
static inline bool task_ended(pid_t child, int limit_ms)
{
	struct pollfd end = {
		.fd = syscall(__NR_pidfd_open, child, 0),
		.events = POLLIN,
	};
	int ready = poll(&end, 1, limit_ms);

	close(end.fd);
	return ready == 1;
}

/*
 * Returns the result of the child's call.  A child that hangs is killed but not
 * waited for, as it may sleep uninterruptibly.
 */
static inline int task_result(pid_t child)
{
	int status;

	if (!task_ended(child, TASK_LIMIT_MS)) {
		kill(child, SIGKILL);
		return TASK_STUCK;
	}
	if (waitpid(child, &status, 0) != child)
		return -errno;
	if (WIFSIGNALED(status))
		return TASK_KILLED(WTERMSIG(status));
	return -WEXITSTATUS(status);
}

static inline int task_run(int (*call)(const void *arg), const void *arg)
{
	return task_result(task_start(call, arg));
}

/* Reads a file of /proc about the task; returns an empty string if gone. */
static inline void task_read(pid_t task, const char *file, char *text,
			     size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", task, file);
	text[0] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, text, size - 1);
	text[len > 0 ? len : 0] = '\0';
	close(fd);
}

/* True if the task sleeps in system call @nr, where a signal can wake it. */
static inline bool task_sleeps_now(pid_t task, long nr)
{
	char text[512], *after_name;

	task_read(task, "stat", text, sizeof(text));
	after_name = strrchr(text, ')');
	if (!after_name || strncmp(after_name, ") S ", 4) != 0)
		return false;

	task_read(task, "syscall", text, sizeof(text));
	return text[0] >= '0' && text[0] <= '9' && atol(text) == nr;
}

/*
 * Returns a number from the task's status file, 0 if there is none of this
 * name.
 */
static inline uint64_t task_status_in(pid_t task, const char *name, int base)
{
	char text[4096], label[64], *line;

	task_read(task, "status", text, sizeof(text));
	snprintf(label, sizeof(label), "\n%s:", name);
	line = strstr(text, label);
	return line ? strtoull(line + strlen(label), NULL, base) : 0;
}

static inline unsigned long task_status(pid_t task, const char *name)
{
	return task_status_in(task, name, 10);
}

/* Returns a set of signals or capabilities from the task's status file */
static inline uint64_t task_mask(pid_t task, const char *name)
{
	return task_status_in(task, name, 16);
}

/* Returns whether a tracer may make calls fail. */
static inline bool task_is_traced(void)
{
	return task_status(getpid(), "TracerPid") > 0;
}

/* The tracer takes a correct ENOKEY for a failure and repeats the call. */
#define REQUIRE_ONE_ANSWER() do { \
	if (task_is_traced()) \
		SKIP(return, "untraced only: a call that returns ENOKEY is made again"); \
} while (0)

/*
 * Where the base compares a text with the modulus, it takes a lack of memory for a text
 * that is too long: EINVAL.
 */
#define REQUIRE_MEMORY_FOR_RSA() do { \
	if (task_is_traced()) \
		SKIP(return, "untraced only: RSA says EINVAL without memory"); \
} while (0)

/* Waits until the task sleeps in system call @nr. */
static inline bool task_sleeps_in(pid_t task, long nr)
{
	for (int ms = 0; ms < TASK_LIMIT_MS; ms++) {
		if (task_sleeps_now(task, nr))
			return true;
		sleep_ms(1);
	}
	return false;
}

/*
 * struct caller - identity of a caller
 * @uid:	real, effective, saved and file system user id
 * @gid: the same group ids
 * @group:	the only supplementary group, or 0 for none
 * @fsuid:	file system user id where it differs from @uid, or 0
 * @stranger: whether it gets a new session keyring, and so possesses none of
 *	the test's keys
 */
struct caller {
	uid_t uid;
	gid_t gid;
	gid_t group;
	uid_t fsuid;
	bool stranger;
};

/* Turns the calling child into @caller; returns 0 or a negative errno. */
static inline int caller_become(const struct caller *caller)
{
	if (setgroups(caller->group ? 1 : 0, &caller->group) ||
	    setresgid(caller->gid, caller->gid, caller->gid) ||
	    setresuid(caller->uid, caller->uid, caller->uid))
		return -errno;
	if (caller->fsuid)
		setfsuid(caller->fsuid);
	if (caller->stranger) {
		long session = session_new();

		if (session < 0)
			return session;
	}
	return 0;
}

/* Ends children that do nothing else, all at once */
static inline void tasks_kill(const pid_t *tasks, int count)
{
	for (int i = 0; i < count; i++)
		kill(tasks[i], SIGKILL);
	for (int i = 0; i < count; i++)
		waitpid(tasks[i], NULL, 0);
}

static inline void task_run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Takes the first processor from tasks that are idle by policy */
static inline int task_spin(const void *arg)
{
	task_run_on(0);
	for (;;)
		;
	return 0;
}

/* Has the first processor only when no other task wants it */
static inline void task_be_idle(void)
{
	struct sched_param none = {};

	task_run_on(0);
	sched_setscheduler(0, SCHED_IDLE, &none);
}

#endif /* SELFTESTS_KEYS_TASK_H */
