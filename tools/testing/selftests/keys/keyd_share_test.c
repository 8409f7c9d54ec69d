// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots of request-keyd: shares of users and types, and slots that become free.
 */
#include "keyd_work.h"

#include "../kselftest_harness.h"

#include <dirent.h>
#include <linux/fs.h>

#include "volume.h"

#define FIRST_USER	1100
#define USERS		4
#define USER_HOGS	4

FIXTURE(shared)
{
	struct keyd keyd;
	struct volume v;
};

FIXTURE_SETUP(shared)
{
	REQUIRE_KEY_SERVICE();
	ASSERT_TRUE(keyd_make(&self->keyd));
	VOLUME_SETUP(self, "ext4");
}

FIXTURE_TEARDOWN(shared)
{
	ioctl(self->v.root, FITHAW, 0);
	keyd_end(&self->keyd);
	keyd_remove(&self->keyd);
	volume_end(&self->v);
}

/*
 * struct hog - a request that takes long
 * @uid: uid of the requester
 * @name: description of the key
 */
struct hog {
	uid_t uid;
	char name[16];
};

static int ask_as_hog(const void *arg)
{
	const struct hog *hog = arg;
	const struct caller user = {
		.uid = hog->uid, .gid = hog->uid, .stranger = true,
	};
	int err = caller_become(&user);

	return err ? err : ask_of_child(hog->name);
}

static pid_t start_hog(int user, int number)
{
	struct hog hog = { .uid = FIRST_USER + user };

	snprintf(hog.name, sizeof(hog.name), "hog%d.%d", user, number);
	return task_start(ask_as_hog, &hog);
}

static int count_files(const char *folder, const char *prefix)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)))
		count += !strncmp(entry->d_name, prefix, strlen(prefix));
	if (dir)
		closedir(dir);
	return count;
}

/*
 * Shows: KD-28, KD-29, KD-31. Enough users to fill all slots with their shares:
 * root is answered at once, and no type gets all slots.
 */
TEST_F(shared, users_together)
{
	pid_t hogs[USERS][USER_HOGS];

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script",
			       "echo >$1.$2; exec sleep 1000\n"));
	ASSERT_TRUE(run(&self->keyd,
			"create user hog* * /bin/sh %F/script %F/began %d\n"
			"create user quick* * |/bin/cat\n",
			ARGS(USER_NS, "-j", "16", "-l", "60")));
	for (int user = 0; user < USERS; user++)
		for (int i = 0; i < USER_HOGS; i++)
			hogs[user][i] = start_hog(user, i);
	for (int user = 0; user < USERS; user++)
		for (int i = 0; i < USER_HOGS; i++)
			ASSERT_TRUE(is_in(hogs[user][i], __NR_request_key));
	EXPECT_KEY("x", "quick", "x");
	for (int ms = 0; ms < TASK_LIMIT_MS &&
	     count_files(self->keyd.etc.path, "began.") < 8; ms += 10)
		sleep_ms(10);
	/*
	 * The daemon reads a second request after those that could start before
	 * it.
	 */
	EXPECT_KEY("y", "quick again", "y");
	EXPECT_EQ(8, count_files(self->keyd.etc.path, "began."));
	for (int user = 0; user < USERS; user++)
		for (int i = 0; i < USER_HOGS; i++)
			kill(hogs[user][i], SIGKILL);
}

/* Each user's letter is written when its handler starts, which then waits at the gate. */
static const char turns[] =
	"here=$1 who=${2#turn}\n"
	"printf ${who%.*} >>$here/order\n"
	"test $who = root.0 || read x <$here/gate\n"
	"keyctl instantiate $3 x 0\n";

static pid_t start_turn(uid_t uid, const char *name)
{
	struct hog hog = { .uid = uid };

	snprintf(hog.name, sizeof(hog.name), "turn%s", name);
	return task_start(ask_as_hog, &hog);
}

/* Who had a place so far, once that are so many letters. */
static const char *order_of(const struct keyd *keyd, size_t letters)
{
	static char text[64];
	char path[128];
	ssize_t len;
	int fd;

	keyd_file_path(&keyd->etc, "order", path, sizeof(path));
	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 10) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
		close(fd);
		text[len > 0 ? len : 0] = '\0';
		if (strlen(text) >= letters)
			break;
		sleep_ms(10);
	}
	return text;
}

#define EXPECT_ORDER(order) \
	EXPECT_STREQ(order, order_of(&self->keyd, strlen(order)))

/*
 * Shows: KD-49, KD-55. A user has many requests for the only place of a rule before
 * others have any: root gets the next place, and then the users take turns.
 */
TEST_F_TIMEOUT(shared, turns, 120)
{
	static const char * const names[] = {
		"A.1", "A.2", "A.3", "A.4", "A.5", "B.0", "B.1", "root.0",
	};
	pid_t tasks[ARRAY_SIZE(names) + 1];
	int gate = open_gate(&self->keyd);

	ASSERT_LE(0, gate);
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", turns));
	ASSERT_TRUE(run(&self->keyd,
			"#: jobs=1\n"
			"create user turn* * /bin/sh %F/script %F %d %k\n"
			"create user quick * |/bin/cat\n",
			ARGS(USER_NS, "-l", "100")));
	tasks[0] = start_turn(FIRST_USER, "A.0");
	EXPECT_ORDER("A");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		tasks[i + 1] = start_turn(*names[i] == 'r' ? 0 :
					  FIRST_USER + *names[i] - 'A', names[i]);
		ASSERT_TRUE(is_in(tasks[i + 1], __NR_request_key));
	}
	/* The daemon reads it after the others. */
	EXPECT_KEY("x", "quick", "x");
	ASSERT_EQ(1, write(gate, "\n", 1));
	EXPECT_ORDER("ArootB");
	EXPECT_EQ(0, task_result(tasks[ARRAY_SIZE(names)]));
	ASSERT_EQ(1, write(gate, "\n", 1));
	EXPECT_ORDER("ArootBA");
	ASSERT_EQ(1, write(gate, "\n", 1));
	EXPECT_ORDER("ArootBAB");
	ASSERT_EQ(1, write(gate, "\n", 1));
	EXPECT_ORDER("ArootBABA");
	tasks_kill(tasks, ARRAY_SIZE(names));
	close(gate);
}

/*
 * Returns the state of the first process whose arguments end with this text, or
 * 0.
 */
static char state_of(const char *ending)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char text[512], *after;
	char state = 0;

	while (dir && !state && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);
		size_t len = strlen(ending);

		if (!pid)
			continue;
		task_read(pid, "cmdline", text, sizeof(text));
		/*
		 * Arguments are separated by 0 bytes; the program is the first
		 * one.
		 */
		if (strncmp(text, "/bin/touch", sizeof("/bin/touch")) &&
		    strncmp(text, "touch", sizeof("touch")))
			continue;
		if (strncmp(text + strlen(text) + 1, ending, len))
			continue;
		task_read(pid, "stat", text, sizeof(text));
		after = strrchr(text, ')');
		state = after ? after[2] : 0;
	}
	if (dir)
		closedir(dir);
	return state;
}

/*
 * Shows: KD-27. A handler sleeps uninterruptibly: the request is rejected at
 * its time limit, the only slot becomes free, and the daemon can end.
 */
TEST_F(shared, handler_out_of_reach)
{
	char path[128], rules[256];
	long begun;

	snprintf(path, sizeof(path), "%s/x", self->v.mnt);
	snprintf(rules, sizeof(rules),
		 "create user stuck * /bin/touch %s\n"
		 "create user quick * |/bin/cat\n", path);
	ASSERT_TRUE(run(&self->keyd, rules,
			ARGS(USER_NS, "-j", "1", "-l", "1")));
	ASSERT_EQ(0, ioctl(self->v.root, FIFREEZE, 0));
	begun = now_ms();
	EXPECT_EQ(-ETIMEDOUT, ask("stuck", ""));
	EXPECT_GT(TASK_LIMIT_MS, now_ms() - begun);
	EXPECT_EQ('D', state_of(path));
	EXPECT_KEY("x", "quick", "x");
	EXPECT_EQ('D', state_of(path));
	EXPECT_EQ(0, keyd_end(&self->keyd));
}

TEST_HARNESS_MAIN
