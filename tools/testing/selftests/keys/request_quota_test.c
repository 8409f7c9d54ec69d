// SPDX-License-Identifier: GPL-2.0-only
/* The quota that a request takes, and requests without quota. */
#include "request_script.h"

#include "../kselftest_harness.h"

#define QUOTA_UID	3003

/* Default of kernel.keys.maxbytes, and bytes that a link is charged. */
#define QUOTA_BYTES_MAX	20000
#define KEYS_MAX_DEFAULT	"200"
#define BYTES_MAX_DEFAULT	"20000"
#define LINK_BYTES	4
#define COLLECTED	32
#define HOLDERS		3
#define DROP_MS		(20 * 1000)
#define DROP_LIMIT_MS	(3 * DROP_MS)
#define RETURN_LIMIT_MS	(TASK_LIMIT_MS / 2)

FIXTURE(quota)
{
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(quota)
{
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(quota)
{
	set_knob("maxkeys", KEYS_MAX_DEFAULT);
	set_knob("maxbytes", BYTES_MAX_DEFAULT);
	script_close(&self->script);
}

/*
 * struct usage - a user's line of /proc/key-users
 * @nkeys, @nikeys:	keys, and instantiated ones
 * @qnkeys, @maxkeys:	keys in quota
 * @qnbytes, @maxbytes:	bytes in quota
 */
struct usage {
	int nkeys, nikeys, qnkeys, maxkeys, qnbytes, maxbytes;
};

static struct usage usage_of(int uid)
{
	FILE *file = fopen("/proc/key-users", "re");
	struct usage now, found = {};
	char line[256];
	int who;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%d: %*d %d/%d %d/%d %d/%d", &who, &now.nkeys,
			   &now.nikeys, &now.qnkeys, &now.maxkeys, &now.qnbytes,
			   &now.maxbytes) == 7 && who == uid)
			found = now;
	}
	fclose(file);
	return found;
}

static int ask_as_user(const void *arg)
{
	const struct caller caller = {
		.uid = QUOTA_UID, .gid = QUOTA_UID, .stranger = true,
	};
	int err = caller_become(&caller);

	if (err)
		return err;
	/* The keyrings must exist before the test, on any kernel */
	if (keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 1) < 0)
		return -EIO;
	return script_ask_child(arg);
}

/*
 * Shows: RK-62, RK-141. A request has three keys while it lasts, two of which
 * are charged.
 */
TEST_F(quota, during_upcall)
{
	struct script_request request = {
		.type = "user", .description = "abcde", .steps = "A;W;I0,p",
		.test = getpid(),
	};
	struct usage during, after;
	pid_t asker;

	if (task_is_traced())
		SKIP(return, "untraced only: what failed before is still counted");
	asker = task_start(ask_as_user, &request);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	during = usage_of(QUOTA_UID);
	script_go(&self->script);
	ASSERT_EQ(0, script_result(&self->script, 'I', &self->report));
	after = usage_of(QUOTA_UID);
	EXPECT_EQ(0, task_result(asker));

	/*
	 * Session, user and user-session keyrings; key, authorisation key, and
	 * keyring of the helper.
	 */
	EXPECT_EQ(6, during.nkeys);
	EXPECT_EQ(5, during.nikeys);
	EXPECT_EQ(5, during.qnkeys);
	EXPECT_EQ(6, after.nikeys);
	/*
	 * The payload is one byte; the used authorisation key may be collected
	 * already.
	 */
	if (after.qnbytes < during.qnbytes)
		after.qnbytes += LINK_BYTES;
	EXPECT_EQ(1, after.qnbytes - during.qnbytes);
}

static int over_key_limit(const void *arg)
{
	const struct caller caller = {
		.uid = QUOTA_UID + 1, .gid = QUOTA_UID, .stranger = true,
	};
	int err = caller_become(&caller), i;
	char name[16];

	for (i = 0; !err && i < 1000; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		if (key_add_user(name, "p", 1) == -EDQUOT)
			break;
	}
	return err ? err : script_ask_child(arg);
}

/* Shows: RK-62. At the limit no helper is started, and no key is left. */
TEST_F(quota, key_limit)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;I0,p",
		.test = getpid(),
	};

	EXPECT_EQ(-EDQUOT, task_run(over_key_limit, &request));
	EXPECT_EQ(0, script_count(&self->script));
}

/*
 * Shows: RK-96, RK-97. After a payload beyond the limit the helper can try a
 * smaller one.
 */
TEST_F(quota, payload)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;L20000,0;I0,p",
		.test = getpid(),
	};

	EXPECT_EQ(0, task_run(ask_as_user, &request));
	EXPECT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_EQ(-EDQUOT, script_next(&self->script, &self->report));
	EXPECT_EQ(0, script_next(&self->script, &self->report));
}

static int byte_limit_then_room(const void *arg)
{
	const struct caller caller = {
		.uid = QUOTA_UID + 2, .gid = QUOTA_UID, .stranger = true,
	};
	static char payload[QUOTA_BYTES_MAX];
	int err = caller_become(&caller), first, keys, bytes;
	size_t len;

	if (err)
		return err;
	if (keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 1) < 0)
		return -EIO;
	if (key_add_user("filler", payload, 1) < 0)
		return -EIO;
	/*
	 * From here on the kernel collects nothing that could give back quota
	 */
	quota_settled(caller.uid, &keys, &bytes);
	/* KEYCTL_UPDATE takes at most one page, add_key(2) takes more */
	for (len = sizeof(payload); len; len--)
		if (key_add_user("filler", payload, len) > 0)
			break;
	/* Leave enough quota for the key and its link, and no more */
	len -= strlen("d") + 1 + LINK_BYTES;
	if (key_add_user("filler", payload, len) < 0)
		return -EIO;
	first = script_ask_child(arg);
	if (first != -EDQUOT)
		return first ?: -EEXIST;
	if (key_add_user("filler", payload, 1) < 0)
		return -EIO;
	return script_ask_child(arg);
}

/*
 * Shows: RK-110, RK-116, RK-W15, RK-D4. The failure for lack of quota is not
 * remembered as ENOKEY.
 */
TEST_F(quota, shortage_is_not_remembered)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;I0,p",
		.test = getpid(),
	};

	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(request_ours ? 0 : -ENOKEY,
		  task_run(byte_limit_then_room, &request));
}

/*
 * struct forgotten - a request that must leave nothing behind
 * @request:	the request
 * @script: socket that its helper connects to
 */
struct forgotten {
	struct script_request request;
	struct script *script;
};

static int ask_and_forget(const void *arg)
{
	const struct forgotten *forgotten = arg;
	const struct caller caller = {
		.uid = QUOTA_UID + 3, .gid = QUOTA_UID, .stranger = true,
	};
	int err = caller_become(&caller), keys, bytes;

	if (err)
		return err;
	if (keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 1) < 0)
		return -EIO;
	quota_settled(caller.uid, &keys, &bytes);
	err = script_ask_child(&forgotten->request);
	/* A connection holds the helper's credentials, and so its keyring */
	script_count(forgotten->script);
	if (keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING))
		return -EIO;
	return quota_returns_to(caller.uid, keys, bytes, RETURN_LIMIT_MS) ?
	       err : -EEXIST;
}

/*
 * Shows: RK-144, RK-62. The quota of a request is given back, whether it
 * succeeds or fails.
 */
TEST_F(quota, given_back)
{
	struct forgotten forgotten = {
		.request = {
			.type = "user", .description = "d", .steps = "A;I0,p",
			.test = getpid(),
		},
		.script = &self->script,
	};

	EXPECT_EQ(0, task_run(ask_and_forget, &forgotten));
	forgotten.request.steps = "A;R60,111,0";
	EXPECT_EQ(-ECONNREFUSED, task_run(ask_and_forget, &forgotten));
	forgotten.request.steps = "X1";
	EXPECT_EQ(-ENOKEY, task_run(ask_and_forget, &forgotten));
}

/* Links to keys that are collected, and their charge afterwards. */
static int collect_links(const void *stay_charged)
{
	const struct caller caller = {
		.uid = QUOTA_UID + 5, .gid = QUOTA_UID, .stranger = true,
	};
	int err = caller_become(&caller), keys, bytes;
	char name[16];

	if (err)
		return err;
	quota_settled(caller.uid, &keys, &bytes);
	for (int i = 0; i < COLLECTED; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		err = key_invalidate(key_add_user(name, "p", 1));
		if (err)
			return err;
	}
	if (*(const bool *)stay_charged)
		bytes += COLLECTED * LINK_BYTES;
	return quota_returns_to(caller.uid, keys, bytes, RETURN_LIMIT_MS) ?
	       0 : -EDQUOT;
}

/* Shows: RK-W23, RK-D27. A keyring is charged for its links. */
TEST_F(quota, collected)
{
	bool stay_charged = !request_ours;

	EXPECT_EQ(0, task_run(collect_links, &stay_charged));
}

/*
 * Takes a reference to a keyring, and its semaphore, now and then until the
 * keyring is freed.
 */
static int hold_now_and_then(const void *arg)
{
	const key_serial_t *ring = arg;

	while (!key_set_rights(*ring, POSSESSOR(RIGHT_ALL) | OWNER(RIGHT_ALL)))
		;
	return 0;
}

/* Drops a keyring whose links are being collected. */
static int drop_keyring(void)
{
	key_serial_t keys[COLLECTED], ring;
	pid_t holders[HOLDERS];
	char name[16];
	int err = 0;

	ring = keyring_new("going", KEY_SPEC_SESSION_KEYRING);
	if (ring < 0)
		return ring;
	for (int i = 0; i < COLLECTED; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		keys[i] = key_add("user", name, "p", 1, ring);
		if (keys[i] < 0)
			return keys[i];
	}
	for (int i = 0; i < HOLDERS; i++)
		holders[i] = task_start(hold_now_and_then, &ring);
	for (int i = 0; i < COLLECTED; i++)
		key_invalidate(keys[i]);
	key_unlink(ring, KEY_SPEC_SESSION_KEYRING);
	for (int i = 0; i < HOLDERS; i++)
		err = task_result(holders[i]) ?: err;
	return err;
}

static int drop_keyrings(const void *arg)
{
	const struct caller caller = {
		.uid = QUOTA_UID + 6, .gid = QUOTA_UID, .stranger = true,
	};
	int err = caller_become(&caller), keys, bytes;
	const long begun = now_ms();

	if (err)
		return err;
	quota_settled(caller.uid, &keys, &bytes);
	/* A user whose quota is exceeded can add nothing. */
	while (!err && now_ms() - begun < DROP_MS)
		err = drop_keyring();
	if (err)
		return err;
	return quota_returns_to(caller.uid, keys, bytes, RETURN_LIMIT_MS) ?
	       0 : -EDQUOT;
}

/*
 * Shows: RK-W23. The charge of a link is not given back a second time with the
 * keyring.
 */
TEST_F_TIMEOUT(quota, collected_as_it_goes, DROP_LIMIT_MS / 1000)
{
	pid_t dropper;

	/* Keys that wait for the garbage collector are still charged. */
	ASSERT_EQ(0, set_knob("maxkeys", "1000000"));
	ASSERT_EQ(0, set_knob("maxbytes", "25000000"));
	dropper = task_start(drop_keyrings, NULL);
	EXPECT_TRUE(task_ended(dropper, DROP_LIMIT_MS));
	EXPECT_EQ(0, task_result(dropper));
}

/*
 * So many links that 16 bits cannot hold their bytes, and the bytes that were
 * lost
 */
#define LARGE		17000
#define LARGE_LOST	(64 * 1024)

static int fill(key_serial_t ring, int count)
{
	key_serial_t key = 0;
	char name[16];

	for (int i = 0; i < count && key >= 0; i++) {
		snprintf(name, sizeof(name), "k%05d", i);
		key = key_add("user", name, "p", 1, ring);
	}
	return key < 0 ? key : 0;
}

/* Bytes that a user key of fill() and its link are charged. */
#define FILLED_BYTES	((int)sizeof("k00000") + 1)

/* Unlinks one of many keys, then all of them, then a keyring with all keys. */
static int large_keyring(const void *lost)
{
	const struct caller caller = {
		.uid = QUOTA_UID + 7, .gid = QUOTA_UID, .stranger = true,
	};
	int err = caller_become(&caller), keys, bytes, now, once;
	/*
	 * RK-D27: on other kernels a link stays charged when the key is
	 * collected
	 */
	const int stays = *(const int *)lost ? LINK_BYTES : 0;
	key_serial_t ring;

	if (err)
		return err;
	quota_settled(caller.uid, &keys, &bytes);
	ring = keyring_new("large", KEY_SPEC_SESSION_KEYRING);
	if (ring < 0)
		return ring;
	err = fill(ring, LARGE);
	if (err)
		return err;
	quota_of(caller.uid, &now, &once);
	err = key_invalidate(keyctl(KEYCTL_SEARCH, ring, "user", "k00007", 0));
	if (err)
		return err;
	if (!quota_returns_to(caller.uid, now - 1,
			      once - FILLED_BYTES - LINK_BYTES + stays,
			      DROP_LIMIT_MS))
		return -EDQUOT;

	if (keyctl(KEYCTL_CLEAR, ring))
		return -EIO;
	bytes += sizeof("large") + LINK_BYTES;
	if (!quota_returns_to(caller.uid, keys + 1, bytes + *(const int *)lost,
			      DROP_LIMIT_MS))
		return -ENOSPC;

	err = fill(ring, LARGE) ?: key_unlink(ring, KEY_SPEC_SESSION_KEYRING);
	if (err)
		return err;
	bytes -= sizeof("large") + LINK_BYTES;
	return quota_returns_to(caller.uid, keys, bytes + 2 * *(const int *)lost,
				DROP_LIMIT_MS) ? 0 : -ENOMEM;
}

/*
 * Shows: RK-W23, RK-W24, RK-D27, RK-D30. The whole charge of a large keyring's
 * links is given back, in whatever way they are removed.
 */
TEST_F_TIMEOUT(quota, large_keyring, 4 * DROP_LIMIT_MS / 1000)
{
	const int lost = request_ours ? 0 : LARGE_LOST;
	pid_t child;

	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_EQ(0, set_knob("maxkeys", "1000000"));
	ASSERT_EQ(0, set_knob("maxbytes", "25000000"));
	child = task_start(large_keyring, &lost);
	EXPECT_TRUE(task_ended(child, 3 * DROP_LIMIT_MS));
	EXPECT_EQ(0, task_result(child));
}

/*
 * Shows: RK-W24, RK-D30. A user who becomes the owner of a large keyring is
 * charged for all of it.
 */
TEST_F_TIMEOUT(quota, large_keyring_given_away, 4 * DROP_LIMIT_MS / 1000)
{
	const int whole = sizeof("large") + LARGE * LINK_BYTES;
	key_serial_t ring;
	int keys, bytes;

	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_EQ(0, set_knob("maxbytes", "25000000"));
	ring = keyring_new("large", KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, ring);
	ASSERT_EQ(0, fill(ring, LARGE));
	ASSERT_EQ(0, key_set_owner(ring, QUOTA_UID + 8, -1));
	quota_of(QUOTA_UID + 8, &keys, &bytes);
	EXPECT_EQ(1, keys);
	EXPECT_EQ(request_ours ? whole : whole - LARGE_LOST, bytes);
}

static int ask_as_stranger(const void *arg)
{
	const struct caller caller = {
		.uid = QUOTA_UID + 4, .gid = QUOTA_UID, .stranger = true,
	};
	int err = caller_become(&caller);

	return err ? err : script_ask_child(arg);
}

/*
 * Returns the number of keys charged to @uid, once it is @wanted or the time is
 * up.
 */
static int keys_charged(uid_t uid, int wanted)
{
	int keys, bytes;

	quota_of(uid, &keys, &bytes);
	for (int ms = 0; keys != wanted && ms < DROP_LIMIT_MS;
	     ms += QUOTA_STEP_MS) {
		sleep_ms(QUOTA_STEP_MS);
		quota_of(uid, &keys, &bytes);
	}
	return keys;
}

/*
 * Shows: RK-W2, RK-D22, RK-D18. A requester that was killed is charged for the
 * request until it ends.
 */
TEST_F_TIMEOUT(quota, abandoned, 2 * DROP_LIMIT_MS / 1000)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;W",
		.test = getpid(),
	};
	/* On other kernels the upcall has made the user's own two keyrings */
	int left = request_ours ? 0 : 2;
	int keys, bytes;
	pid_t asker;

	REQUIRE_REQUEST_SYMBOLS();
	if (task_is_traced())
		SKIP(return, "untraced only: what failed before is still counted");
	asker = task_start(ask_as_stranger, &request);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	kill(asker, SIGKILL);
	EXPECT_EQ(request_ours, task_ended(asker, 1000));

	/* The key, the requester's session and the helper's session */
	quota_of(QUOTA_UID + 4, &keys, &bytes);
	EXPECT_EQ(3 + left, keys);
	script_go(&self->script);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	/* A connection holds the helper's credentials */
	close(self->script.link);
	self->script.link = -1;
	EXPECT_EQ(left, keys_charged(QUOTA_UID + 4, left));
}

REQUEST_TEST_MAIN
