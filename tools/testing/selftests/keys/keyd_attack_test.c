// SPDX-License-Identifier: GPL-2.0-only
/* Attacks of a user on a request-keyd that runs as root. */
#include "keyd_work.h"

#include "../kselftest_harness.h"

#define ATTACKER	1003
#define RIGHTS_ALL	0x3f3f3f3f
#define FLOOD_LIMIT_MS	6000
#define KEYS_LIMIT	"/proc/sys/kernel/keys/maxkeys"

FIXTURE(attacked)
{
	struct keyd keyd;
};

FIXTURE_SETUP(attacked)
{
	REQUIRE_KEY_SERVICE();
	ASSERT_LT(0, session_new());
	ASSERT_TRUE(keyd_make(&self->keyd));
}

FIXTURE_TEARDOWN(attacked)
{
	file_write(KEYS_LIMIT, "200\n");
	keyd_end(&self->keyd);
	keyd_remove(&self->keyd);
}

/*
 * Returns the serial number of the key under construction with this
 * description.
 */
static key_serial_t find_unmade(const char *description)
{
	char line[512], label[64];
	key_serial_t key = 0;

	snprintf(label, sizeof(label), " %s", description);
	for (int ms = 0; ms < TASK_LIMIT_MS && !key; ms += 10) {
		FILE *file = fopen("/proc/keys", "re");

		while (file && !key && fgets(line, sizeof(line), file)) {
			line[strcspn(line, "\n")] = '\0';
			if (strlen(line) > strlen(label) &&
			    strstr(line, " user ") &&
			    !strcmp(line + strlen(line) - strlen(label), label))
				key = strtol(line, NULL, 16);
		}
		if (file)
			fclose(file);
		sleep_ms(10);
	}
	return key;
}

/*
 * struct trap - keyring that the attacker makes, and its content afterwards
 * @go: file that makes the handler of another request end
 */
struct trap {
	const char *go;
};

/*
 * The attacker knows the number of its own key before the handler starts, and
 * makes a keyring with the name that the handler's session keyring may get.
 */
static int plant(const void *arg)
{
	static const struct caller attacker = {
		.uid = ATTACKER, .gid = ATTACKER, .stranger = true,
	};
	const struct trap *trap = arg;
	key_serial_t key, ring, loot[4];
	char name[32];
	pid_t bait;
	int err = caller_become(&attacker);

	if (err)
		return err;
	bait = task_start(ask_of_child, "bait");
	key = find_unmade("bait");
	if (!key)
		return -ESRCH;
	snprintf(name, sizeof(name), "_req.%d", key);
	ring = keyring_new(name, KEY_SPEC_SESSION_KEYRING);
	if (ring < 0)
		return ring;
	err = key_set_rights(ring, RIGHTS_ALL);
	if (err)
		return err;
	close(open(trap->go, O_WRONLY | O_CREAT, 0666));
	err = task_result(bait);
	if (err)
		return err;
	return key_read(ring, loot, sizeof(loot)) ? -EEXIST : 0;
}

/*
 * Shows: KD-20. A user cannot reach keys in the session keyring of a handler.
 */
TEST_F(attacked, session_by_name)
{
	static const char script[] =
		"test \"$2\" = bait || { while ! [ -e $3 ]; do sleep 0.1; done; }\n"
		"keyctl add user loot secret @s >/dev/null\n"
		"keyctl instantiate $1 x 0\n";
	struct trap trap;
	char go[128];
	pid_t first;

	keyd_file_path(&self->keyd.etc, "go", go, sizeof(go));
	trap.go = go;
	ASSERT_EQ(0, chmod(self->keyd.etc.path, 0777));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", script));
	ASSERT_TRUE(run(&self->keyd,
			"create user * * /bin/sh %F/script %k %d %F/go\n",
			ARGS(USER_NS, "-j", "1")));
	first = task_start(ask_of_child, "first");
	EXPECT_EQ(0, task_run(plant, &trap));
	EXPECT_EQ(0, task_result(first));
	EXPECT_LOGS(&self->keyd, "description=\"bait\" uid=1003 origin=user");
}

/* Writes to standard error as fast as the daemon reads, and faster. */
static const char flood[] =
	"for i in 1 2 3 4; do cat /dev/zero | tr '\\000' '\\n' >&2 & done\n"
	"yes flood >&2\n";

/*
 * Shows: KD-34, KD-37. A handler that floods its output is killed at its time
 * limit.  Meanwhile other requests are answered, and the daemon ends on a
 * signal.
 */
TEST_F(attacked, flood)
{
	long begun, asked;
	pid_t child;

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", flood));
	ASSERT_TRUE(run(&self->keyd,
			"create user flood* * /bin/sh %F/script\n"
			"create user quick * |/bin/cat\n",
			ARGS(USER_NS, "-l", "2")));
	begun = now_ms();
	child = task_start(ask_as_user, "flood");
	ASSERT_TRUE(is_in(child, __NR_request_key));
	EXPECT_LOGS(&self->keyd, "handler says \"flood\"");
	asked = now_ms();
	EXPECT_KEY("x", "quick", "x");
	EXPECT_GT(FLOOD_LIMIT_MS, now_ms() - asked);
	EXPECT_EQ(-ETIMEDOUT, task_result(child));
	EXPECT_GT(FLOOD_LIMIT_MS, now_ms() - begun);
	EXPECT_LOGS(&self->keyd, "result=timeout");
	EXPECT_LOGS(&self->keyd, "bytes more");

	child = task_start(ask_as_user, "flood again");
	ASSERT_TRUE(is_in(child, __NR_request_key));
	asked = now_ms();
	EXPECT_EQ(0, keyd_end(&self->keyd));
	EXPECT_GT(2 * FLOOD_LIMIT_MS, now_ms() - asked);
	kill(child, SIGKILL);
}

/*
 * Shows: KD-34. A handler that ends leaves a process behind that writes on: the
 * request is answered by what the handler wrote.
 */
TEST_F(attacked, flood_of_grandchild)
{
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script",
			       "echo -n mine\n"
			       "yes >&2 & yes >&2 &\n"
			       "sleep 0.5\n"));
	ASSERT_TRUE(run(&self->keyd,
			"create user a * |/bin/sh %F/script\n"
			"create user quick * |/bin/cat\n",
			ARGS(USER_NS, "-l", "5")));
	EXPECT_KEY("mine", "a", "");
	EXPECT_LOGS(&self->keyd, "result=answered");
	EXPECT_KEY("x", "quick", "x");
}

static int count_in_log(struct keyd *keyd, const char *text)
{
	const char *at = keyd_read_log(keyd);
	int count = 0;

	while ((at = strstr(at, text))) {
		at += strlen(text);
		count++;
	}
	return count;
}

/*
 * Shows: KD-37. Lines of one byte are limited, even if all their bytes are few.
 */
TEST_F(attacked, many_lines)
{
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script",
			       "yes | head -n 2000 >&2\n"));
	ASSERT_TRUE(run(&self->keyd, "create user * * /bin/sh %F/script\n",
			ARGS(USER_NS)));
	EXPECT_EQ(-ENOKEY, ask("a", ""));
	EXPECT_LOGS(&self->keyd, "handler says 1936 bytes more");
	EXPECT_EQ(64, count_in_log(&self->keyd, "handler says \"y\""));
}

static int ask_often(const void *arg)
{
	static const struct caller user = {
		.uid = ATTACKER, .gid = ATTACKER, .stranger = true,
	};
	int err = caller_become(&user);
	char name[16];

	for (int i = 0; i < 260 && !err; i++) {
		snprintf(name, sizeof(name), "often%d", i);
		if (ask(name, "") != -EKEYREJECTED)
			err = -EINVAL;
	}
	return err;
}

/*
 * Shows: KD-38. A user's log lines are limited, whatever the user requests, and
 * root's lines are logged nevertheless.
 */
TEST_F(attacked, lines_of_user)
{
	/* Rejected keys count against the quota for a while, too. */
	ASSERT_EQ(0, file_write(KEYS_LIMIT, "2000\n"));
	ASSERT_TRUE(run(&self->keyd, "create user * * /bin/true\n",
			ARGS(USER_NS, "-a", "logon")));
	EXPECT_EQ(0, task_run(ask_often, NULL));
	EXPECT_EQ(-EKEYREJECTED, ask("of root", ""));
	EXPECT_LOGS(&self->keyd, "description=\"of root\"");
	EXPECT_EQ(240, count_in_log(&self->keyd, "uid=1003"));
}

TEST_HARNESS_MAIN
