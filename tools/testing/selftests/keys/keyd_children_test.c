// SPDX-License-Identifier: GPL-2.0-only
/*
 * request-keyd and processes: its children, and orphans that become its
 * children.
 */
#include "keyd_work.h"

#include "../kselftest_harness.h"

#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>

FIXTURE(children)
{
	struct keyd keyd;
};

FIXTURE_SETUP(children)
{
	REQUIRE_KEY_SERVICE();
	ASSERT_LT(0, session_new());
	ASSERT_TRUE(keyd_make(&self->keyd));
}

FIXTURE_TEARDOWN(children)
{
	keyd_end(&self->keyd);
	keyd_remove(&self->keyd);
}

/*
 * struct kin - children of a process
 * @alive: number of running children
 * @dead: number of children that nobody has waited for
 */
struct kin {
	int alive;
	int dead;
};

static struct kin kin_of(pid_t parent)
{
	DIR *dir = opendir("/proc");
	struct kin kin = { 0 };
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char text[512], *after, state;
		int of;

		if (!atoi(entry->d_name))
			continue;
		task_read(atoi(entry->d_name), "stat", text, sizeof(text));
		after = strrchr(text, ')');
		if (!after || sscanf(after, ") %c %d", &state, &of) != 2 ||
		    of != parent)
			continue;
		if (state == 'Z')
			kin.dead++;
		else
			kin.alive++;
	}
	if (dir)
		closedir(dir);
	return kin;
}

/* True once the process has this number of children, none of them dead. */
static bool has_children(pid_t parent, int alive)
{
	struct kin kin = { 0 };

	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 20) {
		kin = kin_of(parent);
		if (kin.alive == alive && !kin.dead)
			return true;
		sleep_ms(20);
	}
	fprintf(stderr, "# %d children, %d dead\n", kin.alive, kin.dead);
	return false;
}

/* Leaves twenty orphans that sleep until somebody opens a pipe for writing. */
static const char orphans[] =
	"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do\n"
	"	( ( : <$1 ) & )\n"
	"done >/dev/null 2>&1 </dev/null\n"
	"echo -n x\n";

static bool pipe_make(const struct keyd *keyd)
{
	char path[128];

	keyd_file_path(&keyd->etc, "go", path, sizeof(path));
	return mkfifo(path, 0600) == 0;
}

/* An orphan that comes late must find the pipe open, too. */
static bool orphans_end(const struct keyd *keyd)
{
	char path[128];
	bool ended;
	int fd;

	keyd_file_path(&keyd->etc, "go", path, sizeof(path));
	fd = open(path, O_RDWR | O_CLOEXEC);
	ended = fd >= 0 && has_children(keyd->pid, 0);
	close(fd);
	return ended;
}

/*
 * Shows: KD-35. Orphans of a handler become the daemon's children, and are
 * reaped.
 */
TEST_F(children, orphans)
{
	ASSERT_TRUE(pipe_make(&self->keyd));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", orphans));
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/sh %F/script %F/go\n",
			ARGS(USER_NS)));
	EXPECT_KEY("x", "a", "");
	EXPECT_TRUE(has_children(self->keyd.pid, 20));
	EXPECT_TRUE(orphans_end(&self->keyd));
}

/* The first process of a pid namespace, which becomes the daemon on command. */
static void be_first(struct keyd *keyd, const char *name)
{
	char *args[] = { USER_NS, NULL };

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		_exit(126);
	keyd_exec(keyd, name, args);
}

static bool start_as_first(struct keyd *keyd)
{
	const unsigned long flags = CLONE_NEWNS | CLONE_NEWPID;
	char name[32];
	pid_t pid;

	keyd->notify = keyd_notify_socket(name, sizeof(name));
	pid = syscall(__NR_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		be_first(keyd, name);
	keyd->pid = pid;
	return pid > 0 && keyd_says(keyd, "READY=1");
}

/* Shows: KD-35, KD-40. As the first process the daemon reaps all orphans. */
TEST_F(children, first_process)
{
	ASSERT_TRUE(pipe_make(&self->keyd));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", orphans));
	ASSERT_TRUE(write_rules(&self->keyd,
				"create user * * |/bin/sh %F/script %F/go\n"));
	ASSERT_TRUE(start_as_first(&self->keyd));
	EXPECT_KEY("x", "a", "");
	EXPECT_TRUE(has_children(self->keyd.pid, 20));
	EXPECT_TRUE(orphans_end(&self->keyd));
	EXPECT_EQ(0, keyd_end(&self->keyd));
}

static pid_t read_pid(const struct keyd *keyd, const char *name)
{
	char path[128];
	int pid = 0;
	FILE *file;

	keyd_file_path(&keyd->etc, name, path, sizeof(path));
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

static bool is_gone(pid_t pid)
{
	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 10) {
		if (kill(pid, 0) && errno == ESRCH)
			return true;
		sleep_ms(10);
	}
	return false;
}

/*
 * Shows: KD-26. A handler has left its session, and its grandchild is an
 * orphan: both are killed at the time limit.
 */
TEST_F(children, other_sessions)
{
	pid_t child, orphan;

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "inner",
			       "( setsid sh -c 'echo $$ >'$1/orphan'; sleep 1000' & )\n"
			       "echo $$ >$1/child\n"
			       "sleep 1000\n"));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script",
			       "setsid sh $1/inner $1 & wait\n"));
	ASSERT_TRUE(run(&self->keyd, "create user * * /bin/sh %F/script %F\n",
			ARGS(USER_NS, "-l", "10")));
	EXPECT_EQ(-ETIMEDOUT, ask("a", ""));
	child = read_pid(&self->keyd, "child");
	orphan = read_pid(&self->keyd, "orphan");
	ASSERT_LT(0, child);
	ASSERT_LT(0, orphan);
	EXPECT_TRUE(is_gone(child));
	EXPECT_TRUE(is_gone(orphan));
	EXPECT_TRUE(has_children(self->keyd.pid, 0));
}

/* --- handlers that leave their parents ------------------------------------ */

/* Where the number goes of what is to outlive the handler */
static const char *mad_file;

__attribute__((noreturn))
static void mad_stay(void)
{
	for (;;)
		pause();
}

__attribute__((noreturn))
static void mad_outlive(void)
{
	FILE *file;

	setsid();
	file = fopen(mad_file, "we");
	if (file) {
		fprintf(file, "%d\n", getpid());
		fclose(file);
	}
	mad_stay();
}

/* An orphan of a handler that takes none */
static void mad_orphan(void)
{
	pid_t child;

	prctl(PR_SET_CHILD_SUBREAPER, 0);
	child = fork();
	if (!child && !fork())
		mad_outlive();
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
}

/* A sibling of the handler */
static void mad_sibling(void)
{
	if (!syscall(__NR_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0))
		mad_outlive();
}

static const struct {
	const char *name;
	void (*act)(void);
} mad[] = {
	{ "mad_orphan", mad_orphan },
	{ "mad_sibling", mad_sibling },
};

/* Shows: KD-26, KD-35. The handler is this very program, see main(). */
TEST_F_TIMEOUT(children, other_parents, 120)
{
	char program[PATH_MAX] = "", rules[2 * PATH_MAX + 128];
	pid_t left;

	ASSERT_LT(0, readlink("/proc/self/exe", program, sizeof(program) - 1));
	snprintf(rules, sizeof(rules),
		 "create user mad_orphan * %s %%d %%F/mad_orphan\n"
		 "create user mad_sibling * %s %%d %%F/mad_sibling\n", program,
		 program);
	ASSERT_TRUE(run(&self->keyd, rules, ARGS(USER_NS, "-l", "10")));
	for (size_t i = 0; i < ARRAY_SIZE(mad); i++) {
		EXPECT_EQ(-ETIMEDOUT, ask(mad[i].name, ""));
		left = read_pid(&self->keyd, mad[i].name);
		ASSERT_LT(0, left);
		EXPECT_TRUE(is_gone(left)) {
			TH_LOG("%s", mad[i].name);
			kill(left, SIGKILL);
		}
	}
	EXPECT_TRUE(has_children(self->keyd.pid, 0));
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < ARRAY_SIZE(mad); i++) {
		if (strcmp(argv[1], mad[i].name))
			continue;
		mad_file = argv[2];
		mad[i].act();
		mad_stay();
	}
	return test_harness_run(argc, argv);
}
