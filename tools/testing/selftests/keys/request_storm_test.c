// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything that can happen to key requests, at the same time and for a while.
 *
 * Other programs test the results of single calls.  This one shows that in
 * whatever order the events happen no requester is left waiting, and no request
 * and no requester's key is left over.
 */
#include "request_module.h"
#include "request_script.h"

#include <sys/random.h>

#include "../kselftest_harness.h"

#define STORM_MS	8000
#define WORKERS		6
#define NAMES		6
#define UID		5150
#define STORM_GROUP	5151
#define KILL_EVERY_MS	40
#define CALM_MS		20000
#define STEP_MS		50
/*
 * Mainline makes these keyrings for each upcall; they live as long as the
 * namespace.
 */
#define USER_KEYRINGS	2

static int chance(int n)
{
	unsigned int value = 0;

	if (getrandom(&value, sizeof(value), 0) != sizeof(value))
		return 0;
	return value % n;
}

/* --- the helper --------------------------------------------------------- */

static void instantiate(key_serial_t key)
{
	keyctl(KEYCTL_ASSUME_AUTHORITY, key);
	/* A payload that one type refuses is valid for the other. */
	if (keyctl(KEYCTL_INSTANTIATE, key, "storm", 5, 0) == -EINVAL)
		keyctl(KEYCTL_INSTANTIATE, key, NULL, 0, 0);
}

static void reject(key_serial_t key, unsigned int seconds, unsigned int error)
{
	keyctl(KEYCTL_ASSUME_AUTHORITY, key);
	keyctl(KEYCTL_REJECT, key, seconds, error, 0);
}

static void drop_authority(key_serial_t key)
{
	key_serial_t authkey = 0;

	key_read(KEY_SPEC_SESSION_KEYRING, &authkey, sizeof(authkey));
	keyctl(KEYCTL_ASSUME_AUTHORITY, key);
	if (chance(2))
		key_invalidate(authkey);
	else
		key_revoke(authkey);
	keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
	instantiate(key);
}

#define NESTED		"storm-nested"

/* A helper that requests the key that it has to make waits for itself. */
static void ask_for_another(key_serial_t key)
{
	char text[128] = "";

	keyctl(KEYCTL_ASSUME_AUTHORITY, key);
	key_describe(key, text, sizeof(text) - 1);
	if (!strstr(text, NESTED))
		key_request("user", NESTED, "", 0);
}

/* Behaves like one of several good and bad helpers. */
static int help(char **argv)
{
	key_serial_t key = atoi(argv[2]);

	switch (chance(10)) {
	case 0:
		return 1;
	case 1:
		reject(key, 1, ECONNREFUSED);
		return 0;
	case 2:
		reject(key, 0, ENOENT);
		return 0;
	case 3:
		return raise(SIGKILL);
	case 4:
		if (fork())
			return 0;
		break;
	case 5:
		drop_authority(key);
		return 0;
	case 6:
		sleep_ms(chance(100));
		break;
	case 7:
		/* Sleeps longer than the time limit, if there is one. */
		sleep_ms(1500);
		break;
	case 8:
		ask_for_another(key);
		break;
	}
	instantiate(key);
	return 0;
}

/* --- the requesters ------------------------------------------------ */

static key_serial_t find(const char *type, const char *name)
{
	return keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, type, name, 0);
}

static void disturb(key_serial_t key)
{
	char text[16];

	switch (chance(9)) {
	case 0:
		key_revoke(key);
		break;
	case 1:
		key_invalidate(key);
		break;
	case 2:
		key_unlink(key, KEY_SPEC_SESSION_KEYRING);
		break;
	case 3:
		key_set_rights(key, POSSESSOR(RIGHT_ALL) | OWNER(chance(64)));
		break;
	case 4:
		keyctl(KEYCTL_SET_TIMEOUT, key, chance(2));
		break;
	case 5:
		key_read(key, text, sizeof(text));
		break;
	case 6:
		key_update(key, "update", 6);
		break;
	case 7:
		keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
		break;
	case 8:
		key_set_owner(key, -1, chance(2) ? UID : STORM_GROUP);
		break;
	}
}

static int work(const void *arg)
{
	static const struct caller caller = {
		.uid = UID, .gid = UID, .group = STORM_GROUP,
	};
	char name[16];
	int err = caller_become(&caller);

	if (err)
		return err;
	for (;;) {
		snprintf(name, sizeof(name), "storm-%d", chance(NAMES));
		if (chance(3))
			key_request(arg, name, "", 0);
		else
			disturb(find(arg, name));
	}
}

/* --- the test ----------------------------------------------------------- */

/*
 * Returns the number of keys of @uid: each of them holds the record in
 * /proc/key-users.
 */
static int keys_of(uid_t uid)
{
	FILE *file = fopen("/proc/key-users", "re");
	unsigned int who;
	char line[128];
	int keys = 0, n;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%u: %d", &who, &n) == 2 && who == uid)
			keys = n;
	if (file)
		fclose(file);
	return keys;
}

static bool requests_go(const char *text)
{
	char line[512];

	for (int ms = 0;
	     find_line("/proc/key-requests", text, line, sizeof(line));
	     ms += STEP_MS) {
		if (ms >= CALM_MS)
			return false;
		sleep_ms(STEP_MS);
	}
	return true;
}

/* Returns the number of keys of @uid, once it is @wanted or the time is up. */
static int keys_left(uid_t uid, int wanted)
{
	int keys = keys_of(uid);

	for (int ms = 0; keys != wanted && ms < CALM_MS; ms += STEP_MS) {
		sleep_ms(STEP_MS);
		keys = keys_of(uid);
	}
	return keys;
}

FIXTURE(storm)
{
	pid_t workers[WORKERS];
};

FIXTURE_VARIANT(storm)
{
	const char *type;
};

FIXTURE_VARIANT_ADD(storm, user) { .type = "user" };
/* Registers and unregisters the type of a module. */
FIXTURE_VARIANT_ADD(storm, module) { .type = KEY_TYPE };

static bool of_module(const char *type)
{
	return !strcmp(type, KEY_TYPE);
}

FIXTURE_SETUP(storm)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_LT(0, session_new());
	if (of_module(variant->type)) {
		REQUIRE_REQUEST_OURS("RK-D13: helper and module would wait for ever");
		ASSERT_EQ(0, modules_unload());
		if (key_type_known())
			SKIP(return, "needs CONFIG_AF_RXRPC=m");
	}
	for (int i = 0; i < WORKERS; i++)
		self->workers[i] = task_start(work, variant->type);
}

FIXTURE_TEARDOWN(storm)
{
	set_knob("request_timeout", "0");
	set_knob("negative_timeout", "60");
}

/* Kills a worker, which must end whatever it waits for. */
static bool ends(pid_t worker)
{
	kill(worker, SIGKILL);
	return task_result(worker) == TASK_KILLED(SIGKILL);
}

/* Requests that are in flight then have to end. */
static void turn_module(void)
{
	if (chance(2))
		open_socket();
	else if (!module_unload(USER_OF_MODULE))
		module_unload(MODULE);
}

/* Shows: RK-56, RK-112, RK-W2, RK-W6, RK-D13, RK-D18. */
TEST_F_TIMEOUT(storm, leaves_nothing, 120)
{
	int user_keyrings = request_ours ? 0 : USER_KEYRINGS;

	for (long end = now_ms() + STORM_MS; now_ms() < end;) {
		int i = chance(WORKERS);

		sleep_ms(chance(KILL_EVERY_MS));
		/* Other kernels do not have the knobs of this series. */
		set_knob("request_timeout", chance(2) ? "1" : "0");
		set_knob("negative_timeout", chance(2) ? "1" : "0");
		EXPECT_TRUE(ends(self->workers[i]));
		self->workers[i] = task_start(work, variant->type);
		if (of_module(variant->type))
			turn_module();
	}
	for (int i = 0; i < WORKERS; i++)
		EXPECT_TRUE(ends(self->workers[i]));

	/* Once the keys have no users any more, all of them are freed. */
	ASSERT_LT(0, session_new());
	EXPECT_TRUE(requests_go("storm"));
	EXPECT_EQ(user_keyrings, keys_left(UID, user_keyrings));
	if (of_module(variant->type)) {
		EXPECT_EQ(0, modules_unload());
	}
}

REQUEST_HELPER_MAIN(help)
