// SPDX-License-Identifier: GPL-2.0-only
/* One request-keyd beside another, after another, and in odd places. */
#include "keyd_work.h"

#include "../kselftest_harness.h"

#include <dirent.h>

#define PASSED_FD	3

FIXTURE(second)
{
	struct keyd keyd;
	struct keyd other;
};

FIXTURE_SETUP(second)
{
	REQUIRE_KEY_SERVICE();
	ASSERT_LT(0, session_new());
	ASSERT_TRUE(keyd_make(&self->keyd));
	ASSERT_TRUE(keyd_make(&self->other));
	ASSERT_TRUE(write_rules(&self->keyd,
				"create user * * |/bin/echo -n first\n"));
	ASSERT_TRUE(write_rules(&self->other,
				"create user * * |/bin/echo -n second\n"));
}

FIXTURE_TEARDOWN(second)
{
	keyd_end(&self->keyd);
	keyd_end(&self->other);
	keyd_remove(&self->keyd);
	keyd_remove(&self->other);
}

/* The socket has the name of this process, so there is only one at a time. */
static bool start_other(struct keyd *first, struct keyd *other,
			char *const *args)
{
	close(first->notify);
	first->notify = -1;
	return keyd_start(other, args);
}

/* Shows: KD-44. The second daemon is asked when the first one has ended. */
TEST_F(second, tells_that_it_is_never_asked)
{
	char text[128];

	ASSERT_TRUE(keyd_start(&self->keyd, ARGS(USER_NS)));
	EXPECT_EQ(NULL, strstr(keyd_read_log(&self->keyd), "is asked"));
	ASSERT_TRUE(start_other(&self->keyd, &self->other, ARGS(USER_NS)));
	snprintf(text, sizeof(text),
		 "scope user-ns: process %d is asked, and this one only when that has ended",
		 self->keyd.pid);
	EXPECT_LOGS(&self->other, text);
	EXPECT_KEY("first", "a", "");
	EXPECT_EQ(0, keyd_end(&self->keyd));
	EXPECT_KEY("second", "b", "");
}

/* Shows: KD-44. A daemon with another filter is no rival. */
TEST_F(second, other_filter)
{
	ASSERT_TRUE(keyd_start(&self->keyd, ARGS(USER_NS, "-t", "user")));
	ASSERT_TRUE(start_other(&self->keyd, &self->other,
				ARGS(USER_NS, "-t", "logon")));
	EXPECT_EQ(NULL, strstr(keyd_read_log(&self->other), "is asked"));
}

/*
 * Receives the service that the daemon gives its service manager, which is this
 * process.
 */
static int receive_service(struct keyd *keyd)
{
	char control[CMSG_SPACE(sizeof(int))], text[128];
	struct iovec part = { text, sizeof(text) - 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct pollfd ready = { .fd = keyd->notify, .events = POLLIN };
	ssize_t len;
	int fd;

	if (poll(&ready, 1, TASK_LIMIT_MS) != 1)
		return -1;
	len = recvmsg(keyd->notify, &message, MSG_CMSG_CLOEXEC);
	if (len < 0 || !CMSG_FIRSTHDR(&message))
		return -1;
	text[len] = '\0';
	if (strcmp(text, "FDSTORE=1\nFDNAME=request-keyd-user-ns"))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* Starts a daemon as a service manager that has kept a descriptor does. */
static bool start_with(struct keyd *keyd, int service, char *const *args)
{
	char name[32], pid[16];

	keyd->notify = keyd_notify_socket(name, sizeof(name));
	keyd->pid = fork();
	if (!keyd->pid) {
		snprintf(pid, sizeof(pid), "%d", getpid());
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", "1", 1);
		setenv("LISTEN_FDNAMES", "request-keyd-user-ns", 1);
		dup2(service, PASSED_FD);
		keyd_exec(keyd, name, args);
	}
	return keyd->pid > 0 && keyd_says(keyd, "READY=1");
}

/*
 * Shows: KD-45. A request between two daemons waits for the second one, and
 * does not go to the helper program.
 */
TEST_F(second, hand_over)
{
	pid_t child;
	int service;

	keyd_spawn(&self->keyd, ARGS(USER_NS, "--hand-over"));
	service = receive_service(&self->keyd);
	ASSERT_LE(0, service);
	ASSERT_TRUE(keyd_says(&self->keyd, "READY=1"));
	EXPECT_KEY("first", "a", "");
	ASSERT_EQ(0, kill(self->keyd.pid, SIGKILL));
	keyd_end(&self->keyd);

	child = task_start(ask_of_child, "b");
	ASSERT_TRUE(is_in(child, __NR_request_key));
	ASSERT_TRUE(start_with(&self->other, service, ARGS(USER_NS)));
	close(service);
	EXPECT_EQ(0, task_result(child));
	EXPECT_LOGS(&self->other, "scope user-ns: taken over");
	EXPECT_LOGS(&self->other, "description=\"b\"");
	EXPECT_KEY("second", "c", "");
}

static int start_without_right(const void *arg)
{
	static const struct caller user = {
		.uid = 1003, .gid = 1003, .stranger = true,
	};
	struct keyd keyd = *(const struct keyd *)arg;
	int err = caller_become(&user);

	if (err)
		return err;
	prctl(PR_SET_DUMPABLE, 1);
	if (!keyd_start(&keyd, ARGS("-s", "net-ns", "-s", "uid", "-t", "user")))
		return -ENOTSUP;
	err = strcmp("first", keyd_payload(ask("mine", ""))) ? -EINVAL : 0;
	return keyd_end(&keyd) ? -EIO : err;
}

/*
 * Shows: KD-23. The daemon answers for the scopes that it may open a service
 * for.
 */
TEST_F(second, some_scopes)
{
	EXPECT_EQ(0, task_run(start_without_right, &self->keyd));
	EXPECT_LOGS(&self->keyd, "scope net-ns: cannot open a key service: not allowed");
}

/* Returns the first child of this process. */
static pid_t child_of(pid_t parent)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	while (dir && !found && (entry = readdir(dir)))
		if (atoi(entry->d_name) &&
		    task_status(atoi(entry->d_name), "PPid") ==
		    (unsigned long)parent)
			found = atoi(entry->d_name);
	if (dir)
		closedir(dir);
	return found;
}

static int go_to_background(const void *arg)
{
	const struct keyd *keyd = arg;
	char program[PATH_MAX];

	keyd_program(program, sizeof(program));
	dup2(open(keyd->log, O_WRONLY | O_APPEND), STDERR_FILENO);
	execl(program, program, "-c", keyd->etc.path, USER_NS, NULL);
	return -errno;
}

/*
 * Shows: KD-46. Without a system log a daemon in the background logs to
 * standard error.
 */
TEST_F(second, background_without_syslog)
{
	ASSERT_NE(0, access("/dev/log", F_OK));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	EXPECT_EQ(0, task_run(go_to_background, &self->keyd));
	EXPECT_KEY("first", "a", "");
	EXPECT_LOGS(&self->keyd, "result=answered");
	/* The daemon has become a child of this process. */
	self->keyd.pid = child_of(getpid());
	ASSERT_LT(0, self->keyd.pid);
	EXPECT_EQ(0, keyd_end(&self->keyd));
}

TEST_HARNESS_MAIN
