// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of a running request-keyd: --status, the control socket and the
 * log.
 */
#include "keyd_work.h"

#include "../kselftest_harness.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define IDLERS		16
#define CUT_MS		2000

FIXTURE(status)
{
	struct keyd keyd;
	char path[128];
	char fifo[128];
	char said[8192];
};

FIXTURE_SETUP(status)
{
	REQUIRE_KEY_SERVICE();
	ASSERT_LT(0, session_new());
	ASSERT_TRUE(keyd_make(&self->keyd));
	keyd_file_path(&self->keyd.etc, "socket", self->path,
		       sizeof(self->path));
	keyd_file_path(&self->keyd.etc, "fifo", self->fifo,
		       sizeof(self->fifo));
}

FIXTURE_TEARDOWN(status)
{
	keyd_end(&self->keyd);
	unlink(self->path);
	unlink(self->fifo);
	keyd_remove(&self->keyd);
}

/* Returns the exit status of the command; its output goes to @said. */
static int run_status(const char *path, char *said, size_t size)
{
	int output = memfd_create("output", MFD_CLOEXEC), status = 0;
	char program[PATH_MAX], argument[160];
	ssize_t len;
	pid_t pid;

	snprintf(argument, sizeof(argument), "--status=%s", path);
	keyd_program(program, sizeof(program));
	pid = fork();
	if (!pid) {
		dup2(output, STDOUT_FILENO);
		dup2(output, STDERR_FILENO);
		execl(program, KEYD_PROGRAM, argument, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	len = pread(output, said, size - 1, 0);
	said[len > 0 ? len : 0] = '\0';
	close(output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool says(FIXTURE_DATA(status) *self, const char *line)
{
	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 50) {
		if (!run_status(self->path, self->said, sizeof(self->said)) &&
		    strstr(self->said, line))
			return true;
		sleep_ms(50);
	}
	fprintf(stderr, "# no \"%s\" in: %s\n", line, self->said);
	return false;
}

#define EXPECT_SAYS(line)	EXPECT_TRUE(says(self, line))

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	err = result(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* Shows: KD-50. Numbers of requests by result, and rules that were used. */
TEST_F(status, of_rules)
{
	ASSERT_TRUE(run(&self->keyd,
			"create user a* * |/bin/cat\n"
			"create user b * |/bin/false\n"
			"create user unused * |/bin/cat\n",
			ARGS(USER_NS, "-L", self->path)));
	EXPECT_SAYS("scope user-ns\nrules 3\nwaiting 0\nrunning 0 of 16\n");
	EXPECT_KEY("x", "a1", "x");
	EXPECT_KEY("x", "a2", "x");
	EXPECT_EQ(-ENOKEY, ask("b", ""));
	EXPECT_SAYS("\nanswered 2\nno-answer 1\n");
	EXPECT_SAYS("request-key.conf:1 /bin/cat running 0 over 2 answered 2 mean-ms ");
	EXPECT_SAYS("request-key.conf:2 /bin/false running 0 over 1 answered 0 mean-ms ");
	EXPECT_EQ(NULL, strstr(self->said, "request-key.conf:3"));
	/* After a reload no rule has been used yet. */
	kill(self->keyd.pid, SIGHUP);
	EXPECT_LOGS(&self->keyd, "read the rules anew");
	EXPECT_EQ(0, run_status(self->path, self->said, sizeof(self->said)));
	EXPECT_EQ(NULL, strstr(self->said, "request-key.conf:1"));
	EXPECT_SAYS("\nanswered 2\n");
}

/* Shows: KD-50. Handlers at work, and requests that wait for one to end. */
TEST_F(status, of_handlers)
{
	char rules[256];
	pid_t first, second;
	int fifo;

	ASSERT_EQ(0, mkfifo(self->fifo, 0600));
	snprintf(rules, sizeof(rules), "create user slow* * |/bin/cat %s\n",
		 self->fifo);
	ASSERT_TRUE(run(&self->keyd, rules,
			ARGS(USER_NS, "-j", "1", "-L", self->path)));
	first = task_start(ask_of_child, "slow1");
	EXPECT_SAYS("\nwaiting 0\nrunning 1 of 1\n");
	EXPECT_SAYS(" /bin/cat running 1 over 0 answered 0 ");
	second = task_start(ask_of_child, "slow2");
	EXPECT_SAYS("\nwaiting 1\nrunning 1 of 1\n");
	fifo = open(self->fifo, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fifo);
	EXPECT_EQ(1, write(fifo, "x", 1));
	close(fifo);
	EXPECT_EQ(0, task_result(first));
	EXPECT_SAYS("\nwaiting 0\nrunning 1 of 1\n");
	fifo = open(self->fifo, O_WRONLY | O_CLOEXEC);
	EXPECT_EQ(1, write(fifo, "x", 1));
	close(fifo);
	EXPECT_EQ(0, task_result(second));
}

static int connect_as_user(const void *path)
{
	static const struct caller user = {
		.uid = 1003, .gid = 1003, .stranger = true,
	};
	int err = caller_become(&user), fd;

	if (err)
		return err;
	fd = connect_to(path);
	return fd < 0 ? fd : 0;
}

/* Shows: KD-50. A user cannot see the requests of others. */
TEST_F(status, for_others)
{
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/cat\n",
			ARGS(USER_NS, "-L", self->path)));
	EXPECT_EQ(-EACCES, task_run(connect_as_user, self->path));
}

/* Shows: KD-50. A client that connects and does not read blocks nobody. */
TEST_F(status, without_a_reader)
{
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/cat\n",
			ARGS(USER_NS, "-L", self->path)));
	for (int i = 0; i < IDLERS; i++) {
		int fd = connect_to(self->path);

		ASSERT_LE(0, fd);
		/* The queue of connections is short. */
		sleep_ms(CUT_MS / IDLERS);
	}
	EXPECT_KEY("x", "a", "x");
	EXPECT_SAYS("\nanswered 1\n");
}

/* Shows: KD-50. If there is no daemon, the exit status and a message say so. */
TEST_F(status, without_a_daemon)
{
	EXPECT_EQ(1, run_status(self->path, self->said, sizeof(self->said)));
	EXPECT_NE(NULL, strstr(self->said, "no answer from"));
}

/*
 * Shows: KD-50. The socket of a killed daemon is removed; another file is not.
 */
TEST_F(status, place_is_taken)
{
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/cat\n",
			ARGS(USER_NS, "-L", self->path)));
	kill(self->keyd.pid, SIGKILL);
	keyd_end(&self->keyd);
	EXPECT_EQ(0, access(self->path, F_OK));
	ASSERT_TRUE(keyd_start(&self->keyd, ARGS(USER_NS, "-L", self->path)));
	EXPECT_SAYS("running 0 of 16");
	EXPECT_EQ(0, keyd_end(&self->keyd));
	EXPECT_NE(0, access(self->path, F_OK));

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "socket", "a letter"));
	keyd_spawn(&self->keyd, ARGS(USER_NS, "-L", self->path));
	EXPECT_LOGS(&self->keyd, "cannot start: Address already in use");
	EXPECT_EQ(0, access(self->path, F_OK));
}

/* --- the journal ---------------------------------------------------------- */

#define JOURNAL_FOLDER	"/run/systemd/journal"

/* Replaces journald, in a mount namespace of this test's own. */
static int journal_open(void)
{
	struct sockaddr_un address = {
		.sun_family = AF_UNIX, .sun_path = JOURNAL_FOLDER "/socket",
	};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("run", "/run", "tmpfs", 0, NULL) ||
	    mkdir("/run/systemd", 0755) || mkdir(JOURNAL_FOLDER, 0755) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return fd;
}

static const char *journal_next(int fd, char *text, size_t size)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t len = 0;

	if (poll(&ready, 1, TASK_LIMIT_MS) == 1)
		len = recv(fd, text, size - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

/*
 * Shows: KD-51. The fields have names, and a request cannot add or change
 * fields.
 */
TEST_F(status, journal_fields)
{
	int journal = journal_open();
	char wanted[512];
	key_serial_t key;

	ASSERT_LE(0, journal);
	ASSERT_EQ(0, setenv("JOURNAL_STREAM", "1:1", 1));
	ASSERT_TRUE(run(&self->keyd, "create user a* * |/bin/cat\n",
			ARGS(USER_NS)));
	key = ask("a\nKEY_UID=0", "x");
	ASSERT_LT(0, key);
	snprintf(wanted, sizeof(wanted),
		 "\nKEY_SERIAL=%d\nKEY_TYPE=user\n"
		 "KEY_DESCRIPTION=a\\x0aKEY_UID=0\nKEY_UID=%d\nKEY_ORIGIN=user\n"
		 "KEY_RULE=%s/request-key.conf:1\nKEY_ACTION=/bin/cat\n"
		 "KEY_RESULT=answered\nKEY_MS=", key, getuid(),
		 self->keyd.etc.path);
	EXPECT_NE(NULL, strstr(journal_next(journal, self->said,
					    sizeof(self->said)), wanted));
	EXPECT_TRUE(strstr(self->said,
			   "PRIORITY=6\nSYSLOG_IDENTIFIER=request-keyd\n"
			   "MESSAGE=request id=") == self->said);

	/* Without journald the line is in the same log as all others. */
	close(journal);
	EXPECT_LT(0, ask("a2", "x"));
	EXPECT_LOGS(&self->keyd, "<6>request id=");
}

TEST_HARNESS_MAIN
