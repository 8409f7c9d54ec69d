// SPDX-License-Identifier: GPL-2.0-only
/* The authorisation key, which gives the authority to answer a request. */
#include "request_script.h"

#include "../kselftest_harness.h"

#include <assert.h>

/* KEYCTL_* operations with one argument, by their numbers in a script. */
#define OP_REVOKE	"O3"
#define OP_INVALIDATE	"O21"
#define OP_SET_TIMEOUT	"O15"
#define OP_SETPERM	"O5"
#define OP_READ		"O11"

static_assert(KEYCTL_REVOKE == 3, "KEYCTL_REVOKE");
static_assert(KEYCTL_INVALIDATE == 21, "KEYCTL_INVALIDATE");
static_assert(KEYCTL_SET_TIMEOUT == 15, "KEYCTL_SET_TIMEOUT");
static_assert(KEYCTL_SETPERM == 5, "KEYCTL_SETPERM");
static_assert(KEYCTL_READ == 11, "KEYCTL_READ");

FIXTURE(auth)
{
	key_serial_t session;
	struct script script;
	struct script_report report;
	char gc_delay[16];
};

FIXTURE_SETUP(auth)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
	ASSERT_TRUE(find_line(KEYS_SYSCTL "gc_delay", "", self->gc_delay,
			      sizeof(self->gc_delay)));
}

FIXTURE_TEARDOWN(auth)
{
	set_knob("gc_delay", self->gc_delay);
	script_close(&self->script);
}

#define STEP() script_next(&self->script, &self->report)

/* Shows: RK-75. Programs cannot add, search for or request one. */
TEST_F(auth, no_type_for_programs)
{
	EXPECT_EQ(-EPERM, key_add(".request_key_auth", "1", "p", 1,
				  self->session));
	EXPECT_EQ(-EPERM, keyctl(KEYCTL_SEARCH, self->session,
				 ".request_key_auth", "1", 0));
}

/*
 * Shows: RK-76, RK-80. Type, description and permissions of an authorisation
 * key.
 */
TEST_F(auth, description)
{
	key_serial_t key = script_user_key("d", "A;D-7;I0,p", 0);
	char expected[64];

	ASSERT_LT(0, key);
	EXPECT_LT(0, STEP());
	EXPECT_LT(0, STEP());
	snprintf(expected, sizeof(expected),
		 ".request_key_auth;0;0;1b010000;%x", key);
	EXPECT_STREQ(expected, self->report.text);
}

/*
 * Shows: RK-79. Reading the authorisation key returns the callout information.
 */
TEST_F(auth, read)
{
	char expected[64];

	ASSERT_LT(0, script_user_key("d", "A;C;I0,p", 0));
	EXPECT_LT(0, STEP());
	snprintf(expected, sizeof(expected), "%d;A;C;I0,p", getpid());
	EXPECT_EQ((long)strlen(expected), STEP());
	EXPECT_STREQ(expected, self->report.text);
}

/* Shows: RK-79. A read without a buffer returns the length. */
TEST_F(auth, read_length)
{
	char script[64];

	ASSERT_LT(0, script_user_key("d", "A;" OP_READ ",-7;I0,p", 0));
	EXPECT_LT(0, STEP());
	snprintf(script, sizeof(script), "%d;A;" OP_READ ",-7;I0,p", getpid());
	EXPECT_EQ((long)strlen(script), STEP());
}

/* Shows: RK-77. Its possessor can neither revoke nor change it. */
TEST_F(auth, no_write_no_setattr)
{
	ASSERT_LT(0, script_user_key("d", "A;" OP_REVOKE ",-7;"
				     OP_SET_TIMEOUT ",-7;" OP_SETPERM ",-7;"
				     "I0,p", 0));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(-EACCES, STEP());
	EXPECT_EQ(-EACCES, STEP());
	EXPECT_EQ(-EACCES, STEP());
	EXPECT_EQ(0, STEP());
}

/*
 * Shows: RK-77, RK-79, RK-86, RK-W14, RK-D9. Invalidating the authorisation key
 * ends the authority.
 */
TEST_F(auth, invalidated)
{
	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(request_ours ? -ENOKEY : 0,
		  script_user_key("d", "A;" OP_INVALIDATE ",-7;C;G-8;I0,p", 0)
		  < 0 ? -ENOKEY : 0);
	EXPECT_LT(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	if (request_ours) {
		EXPECT_EQ(-EKEYREVOKED, STEP());
		EXPECT_EQ(-EKEYREVOKED, STEP());
	} else {
		EXPECT_LT(0, STEP());
		EXPECT_EQ(0, STEP());
	}
}

/* Shows: RK-82. Serials for which KEYCTL_ASSUME_AUTHORITY fails. */
TEST_F(auth, assume_arguments)
{
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_ASSUME_AUTHORITY, -1));
	EXPECT_EQ(0, keyctl(KEYCTL_ASSUME_AUTHORITY, 0));
	EXPECT_EQ(-ENOKEY, keyctl(KEYCTL_ASSUME_AUTHORITY, 1));
	EXPECT_EQ(-ENOKEY, keyctl(KEYCTL_ASSUME_AUTHORITY,
				  key_add_user("d", "p", 1)));
	EXPECT_EQ(-ENOKEY, keyctl(KEYCTL_GET_KEYRING_ID,
				  KEY_SPEC_REQKEY_AUTH_KEY, 0));
	EXPECT_EQ(-ENOKEY, keyctl(KEYCTL_GET_KEYRING_ID,
				  KEY_SPEC_REQUESTOR_KEYRING, 0));
}

/*
 * Shows: RK-82. KEYCTL_ASSUME_AUTHORITY returns the authorisation key; 0 drops
 * the authority.
 */
TEST_F(auth, assume)
{
	key_serial_t authkey;

	EXPECT_EQ(-ENOKEY, script_user_key("d", "A;G-7;A0;G-7;I0,p", 0));
	authkey = STEP();
	EXPECT_LT(0, authkey);
	EXPECT_EQ(authkey, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_EQ(-EPERM, STEP());
}

/* Shows: RK-83. No other process possesses the authorisation key. */
TEST_F(auth, not_for_others)
{
	pid_t asker = script_user_key_child("d", "A;W;I0,p", 0);
	key_serial_t key;

	ASSERT_LT(0, STEP());
	key = keyctl(KEYCTL_SEARCH, self->session, "user", "d", 0);
	EXPECT_LT(0, key);
	EXPECT_EQ(-ENOKEY, keyctl(KEYCTL_ASSUME_AUTHORITY, key));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: RK-84. With the authority, the requester's keyrings are searched. */
TEST_F(auth, searches_requester)
{
	key_serial_t mine = key_add_user("mine", "p", 1);

	ASSERT_LT(0, script_user_key("d", "Qmine,0;A;Qmine,0;I0,p;Qmine,0", 0));
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_LT(0, STEP());
	EXPECT_EQ(mine, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
}

/* Shows: RK-88, RK-64. The requester's destination has a special id. */
TEST_F(auth, requestor_keyring)
{
	key_serial_t ring = keyring_new("ring", self->session);

	ASSERT_LT(0, script_user_key("d", "G-8;A;G-8;I0,p", ring));
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_LT(0, STEP());
	EXPECT_EQ(ring, STEP());
	EXPECT_EQ(0, STEP());
}

/* Shows: RK-78, RK-84. A nested helper acts for the first requester. */
TEST_F(auth, nested_context)
{
	key_serial_t mine = key_add_user("mine", "p", 1);
	char steps[128];

	snprintf(steps, sizeof(steps), "A;qinner,%d:A:Qmine,0:I0,p;I0,p",
		 getpid());
	ASSERT_LT(0, script_user_key("outer", steps, 0));
	ASSERT_EQ(0, script_accept(&self->script));
	ASSERT_EQ(0, script_accept(&self->script));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(mine, STEP());
}

/*
 * Shows: RK-86. The authority persists over fork; after the answer it is of no
 * use.
 */
TEST_F(auth, forked)
{
	EXPECT_EQ(-ENOKEY, script_user_key("d", "A;F;Qnone,0;S300;I0,p", 0));
	EXPECT_LT(0, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-ENOKEY, STEP());
	EXPECT_EQ(0, STEP());
	EXPECT_EQ(-EBUSY, STEP());
}

static bool proc_keys_has(const char *start, const char *part)
{
	FILE *file = fopen("/proc/keys", "re");
	char line[512];
	bool found = false;

	while (fgets(line, sizeof(line), file))
		found |= strstr(line, start) && strstr(line, part);
	fclose(file);
	return found;
}

/* Shows: RK-80, RK-139. The lines of all three keys in /proc/keys. */
TEST_F(auth, proc_keys)
{
	pid_t asker = script_user_key_child("d", "A;W;I0,p", 0);
	char text[64];
	key_serial_t key;

	ASSERT_LT(0, STEP());
	key = keyctl(KEYCTL_SEARCH, self->session, "user", "d", 0);

	snprintf(text, sizeof(text), "%08x ---QU--", key);
	EXPECT_TRUE(proc_keys_has(text, " user      d\n"));
	snprintf(text, sizeof(text), "key:%x pid:%d ci:", key, asker);
	EXPECT_TRUE(proc_keys_has("I------", text));
	EXPECT_TRUE(proc_keys_has(".request_ ", text));
	snprintf(text, sizeof(text), "_req.%d: 1", key);
	EXPECT_TRUE(proc_keys_has("keyring", text));

	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
	snprintf(text, sizeof(text), "%08x I--Q---", key);
	EXPECT_TRUE(proc_keys_has(text, " user      d: 1\n"));
}

/* Gets a key's flags and remaining time from /proc/keys. */
static bool proc_keys_of(key_serial_t key, char flags[16], char lasts[16])
{
	char line[512];

	key_line(key, line, sizeof(line));
	return sscanf(line, "%*s %15s %*d %15s", flags, lasts) == 2;
}

static bool proc_keys_becomes(key_serial_t key, const char *wanted)
{
	char flags[16], lasts[16] = "";

	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 100) {
		if (!proc_keys_of(key, flags, lasts))
			return !wanted;
		if (wanted && !strcmp(lasts, wanted))
			return true;
		sleep_ms(100);
	}
	return false;
}

/*
 * Shows: RK-74, RK-139. A rejected key counts down to its expiry, stays for
 * gc_delay seconds, and is then collected.
 */
TEST_F(auth, proc_keys_rejected)
{
	char flags[16] = "", lasts[16] = "";
	key_serial_t key, member = 0;
	long expired;

	ASSERT_EQ(0, set_knob("gc_delay", "4"));
	EXPECT_EQ(-ECONNREFUSED,
		  script_user_key("d", "V;A;R4,111,0", self->session));
	key = script_target(&self->script, &self->report);
	ASSERT_LT(0, key);
	ASSERT_TRUE(proc_keys_of(key, flags, lasts));
	EXPECT_STREQ("I--Q-N-", flags);
	EXPECT_STREQ("s", lasts + strspn(lasts, "0123456789"));
	EXPECT_GE(4, atoi(lasts));

	EXPECT_TRUE(proc_keys_becomes(key, "expd"));
	expired = now_ms();
	EXPECT_EQ((long)sizeof(member),
		  key_read(self->session, &member, sizeof(member)));
	EXPECT_EQ(key, member);
	EXPECT_TRUE(proc_keys_becomes(key, NULL));
	EXPECT_LT(2000, now_ms() - expired);
	EXPECT_EQ(0, key_read(self->session, &member, sizeof(member)));
}

/* Ids of users without other keys */
#define REQUESTER_UID	40077
#define NEIGHBOUR_UID	40078

struct look {
	struct caller who;
	key_serial_t key;
	bool sees;
};

/* Returns 0 if all three keys of a request are seen, or if none is seen. */
static int looks(const void *arg)
{
	const struct look *look = arg;
	char target[16], auth[32], ring[32];
	int err = caller_become(&look->who);

	if (err)
		return err;
	snprintf(target, sizeof(target), "%08x ", look->key);
	snprintf(auth, sizeof(auth), "key:%x pid:", look->key);
	snprintf(ring, sizeof(ring), "_req.%d", look->key);
	if (proc_keys_has(target, " user ") != look->sees)
		return -ENOKEY;
	if (proc_keys_has(".request_ ", auth) != look->sees)
		return -EKEYREVOKED;
	return proc_keys_has(" keyring ", ring) == look->sees ? 0 : -ENOTDIR;
}

static int ask_as_requester(const void *arg)
{
	const struct caller who = {
		.uid = REQUESTER_UID, .gid = REQUESTER_UID, .stranger = true,
	};
	int err = caller_become(&who);

	return err ?: script_ask_child(arg);
}

/* Shows: RK-140. Only their user sees the keys, and not even root. */
TEST_F(auth, proc_keys_of_others)
{
	const struct script_request request = {
		.type = "user", .description = "d", .steps = "V;A;W;I0,p",
		.test = getpid(),
	};
	pid_t asker = task_start(ask_as_requester, &request);
	struct look look = {
		.who = { REQUESTER_UID, REQUESTER_UID, .stranger = true },
		.key = script_target(&self->script, &self->report),
		.sees = true,
	};

	ASSERT_LT(0, look.key);
	EXPECT_LT(0, STEP());
	EXPECT_EQ(0, task_run(looks, &look));
	look.sees = false;
	look.who.uid = NEIGHBOUR_UID;
	look.who.gid = NEIGHBOUR_UID;
	EXPECT_EQ(0, task_run(looks, &look));
	look.who = (struct caller) { .stranger = true };
	EXPECT_EQ(0, task_run(looks, &look));

	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
}

REQUEST_TEST_MAIN
