// SPDX-License-Identifier: GPL-2.0-only
/* Options of a rule of request-keyd, at work. */
#include "keyd_work.h"

#include "../kselftest_harness.h"

#include <linux/capability.h>

FIXTURE(with_options)
{
	struct keyd keyd;
};

FIXTURE_SETUP(with_options)
{
	REQUIRE_KEY_SERVICE();
	ASSERT_LT(0, session_new());
	ASSERT_TRUE(keyd_make(&self->keyd));
}

FIXTURE_TEARDOWN(with_options)
{
	keyd_end(&self->keyd);
	keyd_remove(&self->keyd);
}

static const char who[] =
	"id -u; id -g; id -G\n"
	"grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)' /proc/self/status\n";

/* No program gets more by being run: see NoNewPrivs. */
#define POWERLESS \
	"CapInh:\t0000000000000000\n" \
	"CapPrm:\t0000000000000000\n" \
	"CapEff:\t0000000000000000\n" \
	"CapAmb:\t0000000000000000\n" \
	"NoNewPrivs:\t1\n"

/*
 * Shows: KD-49. Ids and rights of a handler that runs as another user, which
 * can answer.
 */
TEST_F(with_options, user)
{
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", who));
	ASSERT_TRUE(run(&self->keyd,
			"#: user=nobody\n"
			"create user who * |/bin/sh %F/script\n"
			"create user root * |/bin/sh -c %c\n"
			"#: user=nobody\n"
			"create user by-itself * /bin/keyctl instantiate %k x 0\n",
			ARGS(USER_NS)));
	EXPECT_KEY("65534\n65534\n65534\n" POWERLESS, "who", "");
	EXPECT_KEY("0\n", "root", "id -u");
	EXPECT_KEY("x", "by-itself", "");
}

/* Shows: KD-49. Root is a user like others here. */
TEST_F(with_options, user_root)
{
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", who));
	ASSERT_TRUE(run(&self->keyd,
			"#: user=root\n"
			"create user who * |/bin/sh %F/script\n"
			"#: user=root\n"
			"create user by-itself * /bin/keyctl instantiate %k x 0\n",
			ARGS(USER_NS)));
	EXPECT_KEY("0\n0\n0\n" POWERLESS, "who", "");
	EXPECT_KEY("x", "by-itself", "");
}

/* Becomes a user whose programs have all capabilities, as a service manager can do it. */
static int become_mighty(uid_t uid)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (prctl(PR_SET_KEEPCAPS, 1) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid) || syscall(__NR_capget, &header, sets))
		return -errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		sets[i].effective = sets[i].inheritable = sets[i].permitted;
	if (syscall(__NR_capset, &header, sets))
		return -errno;
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) == 1; cap++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return -errno;
	return 0;
}

/*
 * Shows: KD-49. The daemon is not root, and has its capabilities by the ambient set:
 * that the handler changes its user drops none of them.
 */
TEST_F(with_options, user_of_mighty_user)
{
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", who));
	ASSERT_EQ(0, become_mighty(65534));
	ASSERT_TRUE(run(&self->keyd,
			"#: user=nobody\n"
			"create user who * |/bin/sh %F/script\n"
			"create user mighty * |/bin/sh -c %c\n",
			ARGS(USER_NS)));
	EXPECT_KEY("65534\n65534\n65534\n" POWERLESS, "who", "");
	EXPECT_STRNE("0000000000000000\n",
		     keyd_payload(ask("mighty", "grep CapEff /proc/self/status | cut -f 2")));
}

/* Shows: KD-49. */
TEST_F(with_options, timeout)
{
	long begun = now_ms();

	ASSERT_TRUE(run(&self->keyd,
			"#: timeout=1\n"
			"create user slow * /bin/sleep 1000\n",
			ARGS(USER_NS, "-l", "60")));
	EXPECT_EQ(-ETIMEDOUT, ask("slow", ""));
	EXPECT_LE(900, now_ms() - begun);
	EXPECT_LOGS(&self->keyd, "result=timeout");
}

/* Shows: KD-49. */
TEST_F(with_options, lifetime)
{
	key_serial_t key, other;

	ASSERT_TRUE(run(&self->keyd,
			"#: lifetime=2\n"
			"create user short * |/bin/echo -n x\n"
			"create user long * |/bin/echo -n x\n",
			ARGS(USER_NS)));
	other = ask("long", "");
	ASSERT_LT(0, other);
	key = ask("short", "");
	ASSERT_LT(0, key);
	EXPECT_EQ(-EKEYEXPIRED, key_wait_expired(key));
	EXPECT_LT(0, key_state(other));
}

/*
 * Shows: KD-49. mkdir of one folder succeeds once, so a second handler would
 * fail.
 */
TEST_F(with_options, jobs)
{
	static const char script[] =
		"mkdir %s && sleep 0.3 && rmdir %s && keyctl instantiate $1 x 0\n";
	static const char * const names[] = { "a", "b", "c", "d" };
	char text[512], path[128];
	pid_t children[4];

	keyd_file_path(&self->keyd.etc, "alone", path, sizeof(path));
	snprintf(text, sizeof(text), script, path, path);
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", text));
	ASSERT_TRUE(run(&self->keyd,
			"#: jobs=1\n"
			"create user * * /bin/sh %F/script %k\n",
			ARGS(USER_NS)));
	for (int i = 0; i < 4; i++)
		children[i] = task_start(ask_of_child, names[i]);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(0, task_result(children[i]));
}

/*
 * Shows: KD-49, KD-55. The same for a rule for "negate", which follows the end of
 * another handler.
 */
TEST_F(with_options, jobs_of_negate)
{
	static const char script[] =
		"mkdir $1/alone && sleep 0.3 && rmdir $1/alone &&\n"
		"keyctl reject $2 10 rejected 0\n";
	static const char * const names[] = { "a", "b", "c", "d" };
	pid_t children[4];

	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", script));
	ASSERT_TRUE(run(&self->keyd,
			"create user * * |/bin/false\n"
			"#: jobs=1\n"
			"negate user * * /bin/sh %F/script %F %k\n",
			ARGS(USER_NS)));
	for (int i = 0; i < 4; i++)
		children[i] = task_start(ask_of_child, names[i]);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(-EKEYREJECTED, task_result(children[i]));
}

/*
 * Shows: KD-39, KD-49, KD-55. The handler that runs has the only place, also when the
 * rules are read anew.  The daemon has read the second request before the one of root
 * that is answered.
 */
TEST_F(with_options, jobs_of_rules_read_anew)
{
	static const char script[] =
		"mkdir $1/alone && read x <$1/gate && rmdir $1/alone &&\n"
		"keyctl instantiate $2 x 0\n";
	int gate = open_gate(&self->keyd);
	pid_t first, second;
	char path[128];

	ASSERT_LE(0, gate);
	keyd_file_path(&self->keyd.etc, "alone", path, sizeof(path));
	ASSERT_TRUE(keyd_write(&self->keyd.etc, "script", script));
	ASSERT_TRUE(run(&self->keyd,
			"#: jobs=1\n"
			"create user slow* * /bin/sh %F/script %F %k\n"
			"create user quick * |/bin/echo -n x\n",
			ARGS(USER_NS)));
	first = task_start(ask_of_child, "slow one");
	for (int ms = 0; ms < TASK_LIMIT_MS && access(path, F_OK); ms += 10)
		sleep_ms(10);
	ASSERT_EQ(0, kill(self->keyd.pid, SIGHUP));
	EXPECT_LOGS(&self->keyd, "read the rules anew");
	second = task_start(ask_of_child, "slow two");
	ASSERT_TRUE(is_in(second, __NR_request_key));
	EXPECT_KEY("x", "quick", "");
	ASSERT_EQ(2, write(gate, "\n\n", 2));
	EXPECT_EQ(0, task_result(first));
	EXPECT_EQ(0, task_result(second));
	close(gate);
}

TEST_HARNESS_MAIN
