// SPDX-License-Identifier: GPL-2.0-only
/* request-keyd --private-pids: what its handlers see, and what ends with the daemon. */
#include "keyd_work.h"

#include "../kselftest_harness.h"

#include <dirent.h>
#include <sys/mount.h>

#define PRIVATE		"--private-pids"

static const char rules[] =
	"create user pid-ns * |/bin/readlink /proc/self/ns/pid\n"
	"create user first * |/bin/readlink /proc/1/ns/pid\n"
	"create user run:* * |/bin/sh -c %c\n"
	"create user stay * |/bin/sh %F/leave\n";

/* Leaves a process behind that is known by its script. */
static const char leave[] =
	"here=${0%/*}\n"
	"/bin/sh $here/stay </dev/null >/dev/null 2>&1 &\n"
	"echo -n x\n";
static const char stay[] =
	"while :; do sleep 0.2; done\n";

FIXTURE(pids)
{
	struct keyd keyd;
	char pid_ns[64];
};

FIXTURE_SETUP(pids)
{
	ssize_t len;

	REQUIRE_KEY_SERVICE();
	ASSERT_LT(0, session_new());
	ASSERT_TRUE(keyd_make(&self->keyd));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "leave", leave));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "stay", stay));
	len = readlink("/proc/self/ns/pid", self->pid_ns, sizeof(self->pid_ns) - 2);
	ASSERT_LT(0, len);
	/* As readlink(1) prints it */
	strcpy(self->pid_ns + len, "\n");
}

FIXTURE_TEARDOWN(pids)
{
	keyd_end(&self->keyd);
	keyd_remove(&self->keyd);
}

typedef bool (*process_is_t)(pid_t pid, const char *what);

/* The first process that is what is looked for; 0 if there is none. */
static pid_t find_process(process_is_t is, const char *what)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	while (dir && !found && (entry = readdir(dir)))
		if (atoi(entry->d_name) && is(atoi(entry->d_name), what))
			found = atoi(entry->d_name);
	if (dir)
		closedir(dir);
	return found;
}

/* True for "/bin/sh SCRIPT". */
static bool runs_script(pid_t pid, const char *script)
{
	char text[512] = "";
	size_t shell;

	task_read(pid, "cmdline", text, sizeof(text) - 1);
	shell = strlen(text) + 1;
	return shell < sizeof(text) && !strcmp(text + shell, script);
}

/* True for the first process of a namespace that a child of the daemon has made. */
static bool is_first_of(pid_t pid, const char *daemon)
{
	char text[4096] = "", *parent, *number;

	task_read(pid, "status", text, sizeof(text) - 1);
	parent = strstr(text, "\nPPid:\t");
	number = strstr(text, "\nNSpid:\t");
	if (!parent || !number || atoi(parent + strlen("\nPPid:\t")) != atoi(daemon))
		return false;
	number = strtok(number + strlen("\nNSpid:"), "\n");
	return number && strlen(number) > 2 &&
	       !strcmp(number + strlen(number) - 2, "\t1");
}

/* The process that runs the script, once there is one: the handler only forks it. */
static pid_t wait_for_script(const char *script)
{
	pid_t found = 0;

	for (int ms = 0; !found && ms < TASK_LIMIT_MS; ms += 20) {
		found = find_process(runs_script, script);
		if (!found)
			sleep_ms(20);
	}
	return found;
}

/* True once no process runs the script any more. */
static bool has_ended(const char *script)
{
	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 20) {
		if (!find_process(runs_script, script))
			return true;
		sleep_ms(20);
	}
	return false;
}

static void kill_daemon(struct keyd *keyd)
{
	kill(keyd->pid, SIGKILL);
	waitpid(keyd->pid, NULL, 0);
	close(keyd->notify);
	keyd->pid = 0;
}

static void read_mounts(char *text, size_t size)
{
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, size - 1);

	close(fd);
	text[len > 0 ? len : 0] = '\0';
}

/* Shows: KD-52. */
TEST_F(pids, handlers_see_their_own)
{
	char own[8192], pid[64];

	ASSERT_TRUE(run(&self->keyd, rules, ARGS(USER_NS, PRIVATE)));
	snprintf(own, sizeof(own), "%s", keyd_payload(ask("pid-ns", "")));
	EXPECT_EQ(0, strncmp(own, "pid:[", 5));
	EXPECT_STRNE(self->pid_ns, own);
	EXPECT_KEY(own, "first", "");
	EXPECT_KEY("\n", "run:pid", "echo $KEY_REQUEST_PID");
	/* The number of this process is either nobody's there, or that of another one. */
	snprintf(pid, sizeof(pid), "readlink /proc/%d/ns/pid", getpid());
	EXPECT_STRNE(self->pid_ns, keyd_payload(ask("run:look", pid)));
}

/* Shows: KD-14, KD-52. Without the option the test above would see this. */
TEST_F(pids, without_the_option)
{
	char look[64], pid[32];

	ASSERT_TRUE(run(&self->keyd, rules, ARGS(USER_NS)));
	EXPECT_KEY(self->pid_ns, "pid-ns", "");
	snprintf(pid, sizeof(pid), "%d\n", getpid());
	EXPECT_KEY(pid, "run:pid", "echo $KEY_REQUEST_PID");
	snprintf(look, sizeof(look), "readlink /proc/%d/ns/pid", getpid());
	EXPECT_KEY(self->pid_ns, "run:look", look);
}

/* Shows: KD-52. */
TEST_F(pids, mounts)
{
	static char before[16384], after[16384];
	char place[128], look[160];

	read_mounts(before, sizeof(before));
	ASSERT_TRUE(run(&self->keyd, rules, ARGS(USER_NS, PRIVATE)));
	EXPECT_KEY("refused\n", "run:write",
		   "echo x 2>/dev/null >/proc/self/comm || echo refused");
	read_mounts(after, sizeof(after));
	EXPECT_STREQ(before, after);

	keyd_file_path(&self->keyd.etc, "request-key.d", place, sizeof(place));
	ASSERT_EQ(0, mount("none", place, "tmpfs", 0, NULL));
	EXPECT_TRUE(keyd_write(&self->keyd.etc, "request-key.d/later", "seen"));
	snprintf(look, sizeof(look), "cat %s/later", place);
	EXPECT_KEY("seen", "run:later", look);
	EXPECT_EQ(0, umount2(place, MNT_DETACH));
}

/* Shows: KD-53. */
TEST_F(pids, end_with_a_killed_daemon)
{
	char script[128];

	keyd_file_path(&self->keyd.etc, "stay", script, sizeof(script));
	ASSERT_TRUE(run(&self->keyd, rules, ARGS(USER_NS, PRIVATE)));
	EXPECT_KEY("x", "stay", "");
	EXPECT_NE(0, wait_for_script(script));
	kill_daemon(&self->keyd);
	EXPECT_TRUE(has_ended(script));
}

/* Shows: KD-53. Without the option what is left behind goes on. */
TEST_F(pids, stay_without_the_option)
{
	char script[128];
	pid_t left;

	keyd_file_path(&self->keyd.etc, "stay", script, sizeof(script));
	ASSERT_TRUE(run(&self->keyd, rules, ARGS(USER_NS)));
	EXPECT_KEY("x", "stay", "");
	left = wait_for_script(script);
	ASSERT_NE(0, left);
	kill_daemon(&self->keyd);
	sleep_ms(500);
	EXPECT_EQ(left, find_process(runs_script, script));
	kill(left, SIGKILL);
	EXPECT_TRUE(has_ended(script));
}

/* Shows: KD-53. */
TEST_F(pids, first_process_killed)
{
	char daemon[16];
	pid_t first;
	int status;

	ASSERT_TRUE(run(&self->keyd, rules, ARGS(USER_NS, PRIVATE)));
	snprintf(daemon, sizeof(daemon), "%d", self->keyd.pid);
	first = find_process(is_first_of, daemon);
	ASSERT_NE(0, first);
	ASSERT_EQ(0, kill(first, SIGKILL));
	ASSERT_EQ(self->keyd.pid, waitpid(self->keyd.pid, &status, 0));
	close(self->keyd.notify);
	self->keyd.pid = 0;
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	EXPECT_LOGS(&self->keyd, "the handlers' pid namespace is gone");
}

static int start_as_user(const void *arg)
{
	static const struct caller user = {
		.uid = 1003, .gid = 1003, .stranger = true,
	};
	int err = caller_become(&user);

	if (!err)
		keyd_exec(arg, "", ARGS("-s", "uid", "-t", "user", PRIVATE));
	return err;
}

/* Shows: KD-54. The log would have what became of the service, had it been opened. */
TEST_F(pids, refused)
{
	int status;
	pid_t pid;

	ASSERT_TRUE(write_rules(&self->keyd, rules));
	pid = fork();
	if (!pid)
		_exit(start_as_user(&self->keyd) ? 99 : 98);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	EXPECT_LOGS(&self->keyd,
		    "cannot hide processes from handlers: Operation not permitted");
	EXPECT_EQ(NULL, strstr(self->keyd.etc.log, "ready"));
	EXPECT_EQ(NULL, strstr(self->keyd.etc.log, "scope"));
}

TEST_HARNESS_MAIN
