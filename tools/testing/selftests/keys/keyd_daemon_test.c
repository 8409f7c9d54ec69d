// SPDX-License-Identifier: GPL-2.0-only
/* request-keyd at work: its answers, limits, log and signals. */
#include "keyd_container.h"
#include "keyd_work.h"

#include "../kselftest_harness.h"

#define DEBIAN_RULES	"/etc/request-key.conf"
#define MODULE_TYPE	"dns_resolver"

FIXTURE(at_work)
{
	struct keyd keyd;
};

FIXTURE_SETUP(at_work)
{
	REQUIRE_KEY_SERVICE();
	ASSERT_LT(0, session_new());
	ASSERT_TRUE(keyd_make(&self->keyd));
}

FIXTURE_TEARDOWN(at_work)
{
	keyd_end(&self->keyd);
	keyd_remove(&self->keyd);
}

/*
 * Shows: KD-4, KD-13, KD-16. The rules of keyutils work as its manual says.
 */
TEST_F(at_work, of_debian)
{
	if (access(DEBIAN_RULES, R_OK))
		SKIP(return, "needs Debian's package keyutils");
	keyd_remove_folder(&self->keyd.etc);
	keyd_use(&self->keyd.etc, "/etc");
	ASSERT_TRUE(keyd_start(&self->keyd, ARGS(USER_NS)));
	/* A folder that the teardown does not remove. */
	keyd_use(&self->keyd.etc, "/nonesuch");

	EXPECT_KEY("Debug spoon", "debug:yyyy", "spoon");
	EXPECT_LOGS(&self->keyd, "request-key-debug.sh result=answered");
	EXPECT_KEY("abc", "debug:loop:z", "abc");
	EXPECT_LOGS(&self->keyd, "action=/bin/cat result=answered");
	EXPECT_EQ(-ENOKEY, ask("debug:n", "negate"));
	EXPECT_LOGS(&self->keyd, "action=/bin/keyctl result=answered");
	EXPECT_EQ(-EKEYREJECTED, ask("debug:r", "rejected"));
	EXPECT_EQ(-EKEYEXPIRED, ask("debug:e", "expired"));
	EXPECT_EQ(-EKEYREVOKED, ask("debug:v", "revoked"));
	EXPECT_EQ(-ENOKEY, ask("debug:s", "neg"));
	EXPECT_EQ(-ENOKEY, ask("other", "x"));
	EXPECT_LOGS(&self->keyd, "rule=none action=none result=passed");
}

/* Shows: KD-21. The resolver of names of keyutils works, too. */
TEST_F(at_work, resolver_of_debian)
{
	if (access(DEBIAN_RULES, R_OK))
		SKIP(return, "needs Debian's package keyutils");
	keyd_remove_folder(&self->keyd.etc);
	keyd_use(&self->keyd.etc, "/etc");
	ASSERT_TRUE(keyd_start(&self->keyd, ARGS(USER_NS, "-a", MODULE_TYPE)));
	/* A folder that the teardown does not remove. */
	keyd_use(&self->keyd.etc, "/nonesuch");

	EXPECT_STREQ("127.0.0.1",
		     keyd_payload(key_request(MODULE_TYPE, "127.0.0.1", "", 0)));
	EXPECT_LOGS(&self->keyd, "action=/sbin/key.dns_resolver result=answered");
}

/*
 * Shows: KD-13. The key is linked into the requester's destination, and does
 * not expire.
 */
TEST_F(at_work, linked)
{
	key_serial_t key;

	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/cat\n",
			ARGS(USER_NS)));
	key = ask("a", "x");
	ASSERT_LT(0, key);
	EXPECT_EQ(key, key_request("user", "a", NULL, 0));
}

/* Shows: KD-14. */
TEST_F(at_work, environment)
{
	char wanted[128];

	ASSERT_EQ(0, setenv("SECRET", "x", 1));
	ASSERT_TRUE(run(&self->keyd, "create user * * |/usr/bin/env\n",
			ARGS(USER_NS)));
	snprintf(wanted, sizeof(wanted),
		 "HOME=/\nPATH=/sbin:/bin:/usr/sbin:/usr/bin\n"
		 "KEY_REQUEST_ORIGIN=user\nKEY_REQUEST_PID=%d\n", getpid());
	EXPECT_KEY(wanted, "a", "");
}

/* Shows: KD-14. The fourth descriptor is that of ls itself. */
TEST_F(at_work, open_files)
{
	ASSERT_LE(0, dup(STDIN_FILENO));
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/ls /proc/self/fd\n",
			ARGS(USER_NS)));
	EXPECT_KEY("0\n1\n2\n3\n", "a", "");
}

/* Shows: KD-15. */
TEST_F(at_work, process)
{
	static const char script[] =
		"pwd; umask; grep -E '^Sig(Blk|Ign)' /proc/self/status\n"
		"test \"$(ps -o sid= -p $$)\" -eq $$ && echo leads\n";

	umask(077);
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", script));
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/sh %F/script\n",
			ARGS(USER_NS)));
	EXPECT_KEY("/\n0022\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nleads\n",
		   "a", "");
}

/*
 * Shows: KD-16. A handler without | answers by itself, and may inspect the
 * requester.
 */
TEST_F(at_work, authority)
{
	static const char script[] =
		"test \"$2\" = \"$(keyctl rdescribe $1 | cut -d';' -f5-)\" &&\n"
		"keyctl instantiate $1 \"$(keyctl print $(keyctl request user mine))\" $3\n";

	ASSERT_LT(0, key_add_user("mine", "my own", 6));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", script));
	ASSERT_TRUE(run(&self->keyd, "create user * * /bin/sh %F/script %k %d %S\n",
			ARGS(USER_NS)));
	EXPECT_KEY("my own", "a b;c", "");
}

/* Shows: KD-6, KD-11. */
TEST_F(at_work, content)
{
	ASSERT_LT(0, key_add_user("mine", "my own", 6));
	ASSERT_TRUE(run(&self->keyd,
			"create user has * |/bin/echo -n %{user:mine}\n"
			"create user has-not * |/bin/echo -n %{user:yours}\n"
			"negate * * * /bin/keyctl reject %k 30 revoked %S\n",
			ARGS(USER_NS)));
	EXPECT_KEY("my own", "has", "");
	EXPECT_EQ(-EKEYREVOKED, ask("has-not", ""));
	EXPECT_LOGS(&self->keyd, "handler says \"%{user:yours}: Required key not available\"");
}

/* Shows: KD-11, KD-42. */
TEST_F(at_work, negated_by_rule)
{
	ASSERT_TRUE(run(&self->keyd,
			"create user fails * |/bin/false\n"
			"create user lacks * |/nonesuch\n"
			"create user killed * |/bin/sh -c %c\n"
			"create user empty * |/bin/true\n"
			"negate * * * /bin/keyctl reject %k 30 rejected %S\n",
			ARGS(USER_NS)));
	EXPECT_EQ(-EKEYREJECTED, ask("fails", ""));
	EXPECT_EQ(-EKEYREJECTED, ask("lacks", ""));
	EXPECT_LOGS(&self->keyd, "handler says \"/nonesuch: No such file or directory\"");
	EXPECT_LOGS(&self->keyd, "action=/bin/keyctl result=rejected");
	EXPECT_EQ(NULL, strstr(self->keyd.etc.log, "result=answered"));
	EXPECT_EQ(-EKEYREJECTED, ask("killed", "kill -9 $$"));
	/* A payload that the key's type refuses is a failure, too. */
	EXPECT_EQ(-EKEYREJECTED, ask("empty", ""));
	EXPECT_LOGS(&self->keyd, "payload: Invalid argument");
}

/*
 * Shows: KD-19. A payload that is too long for a key of this type, and one that
 * is too long for any key.
 */
TEST_F(at_work, too_much)
{
	ASSERT_TRUE(run(&self->keyd,
			"create user much * |/usr/bin/head -c 40000 /dev/zero\n"
			"create user most * |/bin/cat /dev/zero\n",
			ARGS(USER_NS)));
	EXPECT_EQ(-ENOKEY, ask("much", ""));
	EXPECT_LOGS(&self->keyd, "payload: Invalid argument");
	EXPECT_EQ(-ENOKEY, ask("most", ""));
	EXPECT_LOGS(&self->keyd, "output: File too large");
}

/*
 * Shows: KD-13. A handler need not read its input, even if the callout data is
 * long.
 */
TEST_F(at_work, input)
{
	char callout[4000];

	memset(callout, 'x', sizeof(callout));
	callout[sizeof(callout) - 1] = '\0';
	ASSERT_TRUE(run(&self->keyd,
			"create user all * |/bin/cat\n"
			"create user none * |/bin/echo -n deaf\n",
			ARGS(USER_NS)));
	EXPECT_KEY(callout, "all", callout);
	EXPECT_KEY("deaf", "none", callout);
}

/* Shows: KD-18. */
TEST_F(at_work, no_answer)
{
	ASSERT_TRUE(run(&self->keyd,
			"create user * * /bin/true\n"
			"negate * * * /bin/keyctl reject %k 30 rejected %S\n",
			ARGS(USER_NS)));
	EXPECT_EQ(-ENOKEY, ask("a", ""));
	EXPECT_LOGS(&self->keyd, "action=/bin/true result=no-answer");
}

/*
 * Shows: KD-26. A handler that hangs is killed, together with its descendants.
 */
TEST_F(at_work, time_limit)
{
	static const char script[] =
		"sleep 1000 & echo $! >%s; wait\n";
	char text[512], path[128];
	long begun = now_ms();
	int pid = 0;
	FILE *file;

	keyd_file_path(&self->keyd.etc, "pid", path, sizeof(path));
	snprintf(text, sizeof(text), script, path);
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", text));
	ASSERT_TRUE(run(&self->keyd, "create user * * /bin/sh %F/script\n",
			ARGS(USER_NS, "-l", "1")));
	EXPECT_EQ(-ETIMEDOUT, ask("a", ""));
	EXPECT_LE(900, now_ms() - begun);
	EXPECT_LOGS(&self->keyd, "result=timeout");
	file = fopen(path, "re");
	ASSERT_NE(NULL, file);
	ASSERT_EQ(1, fscanf(file, "%d", &pid));
	fclose(file);
	for (int i = 0; i < 1000 && !kill(pid, 0); i++)
		sleep_ms(10);
	EXPECT_EQ(-1, kill(pid, 0));
}

/*
 * Shows: KD-28. Each of two handlers waits until the other has begun, so they
 * must run at the same time.
 */
TEST_F(at_work, several_at_once)
{
	static const char script[] =
		"touch %s.$2; while ! [ -e %s.$3 ]; do sleep 0.1; done\n"
		"keyctl instantiate $1 x 0\n";
	char text[512], path[128];
	pid_t one, two;

	keyd_file_path(&self->keyd.etc, "mark", path, sizeof(path));
	snprintf(text, sizeof(text), script, path, path);
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", text));
	ASSERT_TRUE(run(&self->keyd,
			"create user one * /bin/sh %F/script %k one two\n"
			"create user two * /bin/sh %F/script %k two one\n",
			ARGS(USER_NS, "-j", "2")));
	one = task_start(ask_of_child, "one");
	two = task_start(ask_of_child, "two");
	EXPECT_EQ(0, task_result(one));
	EXPECT_EQ(0, task_result(two));
}

/*
 * Shows: KD-28. mkdir of one folder succeeds once, so a second handler at the
 * same time would fail.
 */
TEST_F(at_work, one_at_a_time)
{
	static const char script[] =
		"mkdir %s && sleep 0.3 && rmdir %s && keyctl instantiate $1 x 0\n";
	static const char * const names[] = { "a", "b", "c", "d" };
	pid_t children[4];
	char text[512], path[128];

	keyd_file_path(&self->keyd.etc, "alone", path, sizeof(path));
	snprintf(text, sizeof(text), script, path, path);
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", text));
	ASSERT_TRUE(run(&self->keyd, "create user * * /bin/sh %F/script %k\n",
			ARGS(USER_NS, "-j", "1")));
	for (int i = 0; i < 4; i++)
		children[i] = task_start(ask_of_child, names[i]);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(0, task_result(children[i]));
}

/*
 * Shows: KD-29. Handlers of one user, however many, leave room for those of
 * others.
 */
TEST_F(at_work, shares)
{
	pid_t hogs[8];

	ASSERT_TRUE(run(&self->keyd,
			"create user hog* * /bin/sleep 1000\n"
			"create user quick * |/bin/cat\n",
			ARGS(USER_NS, "-j", "4", "-l", "20")));
	for (int i = 0; i < 8; i++) {
		char *name;

		ASSERT_LT(0, asprintf(&name, "hog%d", i));
		hogs[i] = task_start(ask_as_user, name);
	}
	for (int i = 0; i < 8; i++)
		ASSERT_TRUE(is_in(hogs[i], __NR_request_key));
	EXPECT_KEY("x", "quick", "x");
	for (int i = 0; i < 8; i++)
		kill(hogs[i], SIGKILL);
}

struct inhabitant {
	const struct container *container;
	uid_t uid;
	char description[16];
};

static int ask_from_container(const void *arg)
{
	const struct inhabitant *inhabitant = arg;
	int err = container_join(inhabitant->container, "user", CLONE_NEWUSER);
	const struct caller user = {
		.uid = inhabitant->uid, .gid = inhabitant->uid,
		.stranger = true,
	};

	if (!err)
		err = caller_become(&user);
	return err ? err : ask_of_child(inhabitant->description);
}

/*
 * Shows: KD-30. The many ids that a user has in a namespace of its own count as
 * one user.
 */
TEST_F(at_work, shares_of_a_namespace)
{
	struct container container;
	pid_t hogs[8];

	ASSERT_TRUE(run(&self->keyd,
			"create user hog* * /bin/sleep 1000\n"
			"create user quick * |/bin/cat\n",
			ARGS(USER_NS, "-j", "4", "-l", "20")));
	ASSERT_EQ(0, container_start(&container));
	for (int i = 0; i < 8; i++) {
		struct inhabitant inhabitant = {
			.container = &container, .uid = i,
		};

		snprintf(inhabitant.description,
			 sizeof(inhabitant.description), "hog%d", i);
		hogs[i] = task_start(ask_from_container, &inhabitant);
	}
	for (int i = 0; i < 8; i++)
		ASSERT_TRUE(is_in(hogs[i], __NR_request_key));
	EXPECT_KEY("x", "quick", "x");
	for (int i = 0; i < 8; i++)
		kill(hogs[i], SIGKILL);
	container_end(&container);
}

/* Shows: KD-36. Each request gets one line, whatever its description is. */
TEST_F(at_work, log)
{
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/cat\n",
			ARGS(USER_NS)));
	ASSERT_LT(0, ask("a\"\nrequest id=1 \xe2\x80\xae", "x"));
	EXPECT_LOGS(&self->keyd,
		    "type=user description=\"a\\x22\\x0arequest id=1 \\xe2\\x80\\xae\" uid=0 origin=user rule=");
	EXPECT_LOGS(&self->keyd, "request-key.conf:1 action=/bin/cat result=answered ms=");
}

/* Shows: KD-17. A handler cannot forge a log line. */
TEST_F(at_work, log_of_handler)
{
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script",
			       "printf 'one\\n\\033[2Jtwo' >&2; exit 1\n"));
	ASSERT_TRUE(run(&self->keyd, "create user * * /bin/sh %F/script\n",
			ARGS(USER_NS)));
	EXPECT_EQ(-ENOKEY, ask("a", ""));
	EXPECT_LOGS(&self->keyd, "handler says \"one\"");
	EXPECT_LOGS(&self->keyd, "handler says \"\\x1b[2Jtwo\"");
}

/*
 * Shows: KD-21. Handlers of types that the kernel uses trust the description.
 * A rule for all types does not match such requests, either.
 */
TEST_F(at_work, forged)
{
	char path[128];

	ASSERT_TRUE(run(&self->keyd,
			"create " MODULE_TYPE " * * /usr/bin/touch %F/ran\n"
			"create * * * /usr/bin/touch %F/ran\n",
			ARGS(USER_NS)));
	EXPECT_EQ(-EKEYREJECTED, key_request(MODULE_TYPE, "a", "", 0));
	EXPECT_LOGS(&self->keyd, "origin=user rule=none action=none result=refused");
	keyd_file_path(&self->keyd.etc, "ran", path, sizeof(path));
	EXPECT_NE(0, access(path, F_OK));
	EXPECT_EQ(-ENOKEY, ask("a", ""));
	EXPECT_EQ(0, access(path, F_OK));
}

/* Shows: KD-21. */
TEST_F(at_work, forging_allowed)
{
	ASSERT_TRUE(run(&self->keyd, "create " MODULE_TYPE " * * |/usr/bin/printf 127.0.0.9\\0\n",
			ARGS(USER_NS, "-a", "user," MODULE_TYPE)));
	EXPECT_LT(0, key_request(MODULE_TYPE, "a", "", 0));
	EXPECT_LOGS(&self->keyd, "action=/usr/bin/printf result=answered");
}

/* Shows: KD-39, KD-43. */
TEST_F(at_work, reload)
{
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/echo -n one\n",
			ARGS(USER_NS)));
	EXPECT_KEY("one", "a", "");

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "request-key.conf",
			       "create user * * |/bin/echo -n two\n"));
	ASSERT_EQ(0, kill(self->keyd.pid, SIGHUP));
	EXPECT_TRUE(keyd_says(&self->keyd, "RELOADING=1\nMONOTONIC_USEC="));
	EXPECT_TRUE(keyd_says(&self->keyd, "READY=1"));
	EXPECT_KEY("two", "b", "");

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "request-key.conf",
			       "broken\n"));
	ASSERT_EQ(0, kill(self->keyd.pid, SIGHUP));
	EXPECT_TRUE(keyd_says(&self->keyd, "RELOADING=1"));
	EXPECT_TRUE(keyd_says(&self->keyd, "READY=1"));
	EXPECT_LOGS(&self->keyd, "/request-key.conf:1: fewer than five fields");
	EXPECT_KEY("two", "c", "");
}

/*
 * Shows: KD-39. Rules may change while a handler runs: the rules from its start
 * still apply to it.
 */
TEST_F(at_work, reload_at_work)
{
	pid_t child;
	char path[128];

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script",
			       "touch $1.began\n"
			       "while ! [ -e $1.go ]; do sleep 0.1; done\n"
			       "exit 1\n"));
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/sh %F/script %F/x\n"
			"negate * * * /bin/keyctl reject %k 30 rejected 0\n",
			ARGS(USER_NS)));
	child = task_start(ask_of_child, "a");
	keyd_file_path(&self->keyd.etc, "x.began", path, sizeof(path));
	for (int i = 0; i < 1000 && access(path, F_OK); i++)
		sleep_ms(10);
	ASSERT_EQ(0, access(path, F_OK));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "request-key.conf",
			       "create user * * |/bin/true\n"));
	ASSERT_EQ(0, kill(self->keyd.pid, SIGHUP));
	EXPECT_TRUE(keyd_says(&self->keyd, "RELOADING=1"));
	EXPECT_TRUE(keyd_says(&self->keyd, "READY=1"));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "x.go", ""));
	EXPECT_EQ(-EKEYREJECTED, task_result(child));
}

/* Shows: KD-40, KD-43. */
TEST_F(at_work, stop)
{
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/cat\n",
			ARGS(USER_NS)));
	ASSERT_EQ(0, kill(self->keyd.pid, SIGTERM));
	EXPECT_TRUE(keyd_says(&self->keyd, "STOPPING=1"));
	EXPECT_EQ(0, keyd_end(&self->keyd));
	EXPECT_LOGS(&self->keyd, "stopped");
}

/* Shows: KD-40. A handler that is nearly done may finish. */
TEST_F(at_work, stop_at_work)
{
	pid_t child;
	char path[128];

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script",
			       "touch $2; sleep 1; keyctl instantiate $1 x 0\n"));
	ASSERT_TRUE(run(&self->keyd, "create user * * /bin/sh %F/script %k %F/began\n",
			ARGS(USER_NS)));
	child = task_start(ask_of_child, "a");
	keyd_file_path(&self->keyd.etc, "began", path, sizeof(path));
	for (int i = 0; i < 1000 && access(path, F_OK); i++)
		sleep_ms(10);
	EXPECT_EQ(0, keyd_end(&self->keyd));
	EXPECT_EQ(0, task_result(child));
}

/*
 * Shows: KD-24. Without the daemon, and after its end, the helper program is
 * asked as on the base.
 */
TEST_F(at_work, then_the_helper)
{
	if (access(DEBIAN_RULES, R_OK))
		SKIP(return, "needs Debian's package keyutils");
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/echo -n daemon\n",
			ARGS(USER_NS)));
	EXPECT_KEY("daemon", "debug:a", "spoon");
	EXPECT_EQ(0, keyd_end(&self->keyd));
	EXPECT_KEY("Debug spoon", "debug:b", "spoon");
}

/* Shows: KD-12. The helper program has a rule. */
TEST_F(at_work, passed)
{
	if (access(DEBIAN_RULES, R_OK))
		SKIP(return, "needs Debian's package keyutils");
	ASSERT_TRUE(run(&self->keyd, "create user a * |/bin/echo -n daemon\n",
			ARGS(USER_NS)));
	EXPECT_KEY("daemon", "a", "");
	EXPECT_KEY("Debug spoon", "debug:b", "spoon");
	EXPECT_LOGS(&self->keyd, "rule=none action=none result=passed");
}

/* Shows: KD-12. */
TEST_F(at_work, no_fallback)
{
	pid_t child;

	/* It would be made again when there is no service any more. */
	REQUIRE_ONE_ANSWER();
	ASSERT_TRUE(run(&self->keyd, "create user a * /bin/sleep 20\n",
			ARGS(USER_NS, "--no-fallback")));
	EXPECT_EQ(-ENOKEY, ask("debug:b", "spoon"));
	EXPECT_LOGS(&self->keyd, "rule=none action=none result=no-rule");
	child = task_start(ask_of_child, "a");
	ASSERT_TRUE(is_in(child, __NR_request_key));
	kill(self->keyd.pid, SIGKILL);
	keyd_end(&self->keyd);
	EXPECT_EQ(-EBUSY, task_result(child));
}

/*
 * Shows: KD-24. Requests outside the daemon's type and prefix take another
 * route.
 */
TEST_F(at_work, filter)
{
	if (access(DEBIAN_RULES, R_OK))
		SKIP(return, "needs Debian's package keyutils");
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/echo -n daemon\n",
			ARGS(USER_NS, "-t", "user", "-p", "debug:a")));
	EXPECT_KEY("daemon", "debug:a", "spoon");
	EXPECT_KEY("Debug spoon", "debug:b", "spoon");
}

/* Shows: KD-43. */
TEST_F(at_work, watchdog)
{
	ASSERT_EQ(0, setenv("WATCHDOG_USEC", "200000", 1));
	ASSERT_TRUE(run(&self->keyd, "create user * * |/bin/cat\n",
			ARGS(USER_NS)));
	EXPECT_TRUE(keyd_says(&self->keyd,
			      "WATCHDOG=1\n"
			      "STATUS=0 requests wait, 0 handlers run, 0 are over"));
	EXPECT_TRUE(keyd_says(&self->keyd, "WATCHDOG=1\n"));
}

/* True once the file has this line. */
static bool has_line(const char *path, const char *line)
{
	char text[4096];

	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 50) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t len = read(fd, text, sizeof(text) - 1);

		close(fd);
		text[len > 0 ? len : 0] = '\0';
		if (strstr(text, line))
			return true;
		sleep_ms(50);
	}
	return false;
}

/* Shows: KD-47. */
TEST_F(at_work, metrics)
{
	char path[128];

	keyd_file_path(&self->keyd.etc, "metrics", path, sizeof(path));
	ASSERT_TRUE(run(&self->keyd,
			"create user a* * |/bin/cat\n"
			"create user b * |/bin/false\n"
			"negate * * * /bin/keyctl negate %k 30 %S\n",
			ARGS(USER_NS, "-M", path)));
	EXPECT_TRUE(has_line(path, "\nrequest_keyd_waiting 0\n"));
	EXPECT_KEY("x", "a1", "x");
	EXPECT_KEY("x", "a2", "x");
	EXPECT_EQ(-ENOKEY, ask("b", ""));
	EXPECT_TRUE(has_line(path, "\nrequest_keyd_requests_total{result=\"answered\"} 2\n"));
	EXPECT_TRUE(has_line(path, "\nrequest_keyd_requests_total{result=\"rejected\"} 1\n"));
	EXPECT_TRUE(has_line(path, "\nrequest_keyd_handlers 0\n"));
}

struct own_daemon {
	struct keyd *keyd;
	const char *expected;
};

static int serve_oneself(const void *arg)
{
	static const struct caller user = {
		.uid = 1003, .gid = 1003, .stranger = true,
	};
	const struct own_daemon *own = arg;
	struct keyd keyd = *own->keyd;
	int err = caller_become(&user), ret;

	if (err)
		return err;
	/* A change of user makes a process undumpable, so this is set again. */
	prctl(PR_SET_DUMPABLE, 1);
	if (!keyd_start(&keyd, ARGS("-s", "uid", "-t", "user", "-p", "mine:")))
		return -ENOTSUP;
	ret = strcmp(own->expected, keyd_payload(ask("mine:a", "x"))) ?
	      -EINVAL : 0;
	return keyd_end(&keyd) ? -EIO : ret;
}

/* Shows: KD-22. A user without privilege makes the user's own keys. */
TEST_F(at_work, scope_uid)
{
	const struct own_daemon own = {
		.keyd = &self->keyd, .expected = "uid=1003(1003) 1003\n",
	};

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script",
			       "echo \"uid=$(id -u)($(id -g)) $1\"\n"));
	ASSERT_TRUE(write_rules(&self->keyd,
				"create user mine:* * |/bin/sh %F/script %u\n"));
	EXPECT_EQ(0, task_run(serve_oneself, &own));
}

static int serve_without_right(const void *arg)
{
	static const struct caller user = { .uid = 1003, .gid = 1003 };
	const struct keyd *keyd = arg;
	struct keyd own = *keyd;
	int err = caller_become(&user), status;

	if (err)
		return err;
	keyd_spawn(&own, ARGS(USER_NS));
	waitpid(own.pid, &status, 0);
	if (!strstr(keyd_read_log(&own), "needs CAP_SYS_ADMIN"))
		return -ENOMSG;
	return -WEXITSTATUS(status);
}

/* Shows: KD-23. A user who may not open a service gets an error message. */
TEST_F(at_work, no_right)
{
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "request-key.conf",
			       "create user * * |/bin/cat\n"));
	EXPECT_EQ(-1, task_run(serve_without_right, &self->keyd));
}

TEST_HARNESS_MAIN
