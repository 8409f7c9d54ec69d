// SPDX-License-Identifier: GPL-2.0-only
/* Notifications about the keys of a request. */
#include "request_script.h"

#include "../kselftest_harness.h"

/* The C library has the same structures. */
#define _ASM_GENERIC_FCNTL_H
#include <linux/watch_queue.h>
#include <sys/ioctl.h>

#define QUEUE_NOTES	64
#define WATCH_ID	7

FIXTURE(watch)
{
	key_serial_t session;
	int queue;
	struct script script;
	struct script_report report;
};

/*
 * Makes a pipe for notifications; returns a negative errno on failure.  Its
 * other end stays open, or an empty pipe would look like one that has ended.
 */
static int queue_open(void)
{
	int ends[2];

	if (pipe2(ends, O_NOTIFICATION_PIPE | O_CLOEXEC))
		return -errno;
	if (ioctl(ends[0], IOC_WATCH_QUEUE_SET_SIZE, QUEUE_NOTES))
		return -errno;
	return ends[0];
}

static long watch(key_serial_t key, int queue)
{
	return keyctl(KEYCTL_WATCH_KEY, key, queue, WATCH_ID);
}

/* Reads the next notification; returns false if none comes. */
static bool queue_next(int queue, struct key_notification *note)
{
	struct pollfd ready = { .fd = queue, .events = POLLIN };

	memset(note, 0, sizeof(*note));
	return poll(&ready, 1, TASK_LIMIT_MS) == 1 &&
	       read(queue, note, sizeof(*note)) == sizeof(*note) &&
	       note->watch.type == WATCH_TYPE_KEY_NOTIFY;
}

/* The harness cannot name the type of a bit field. */
static int subtype_of(const struct key_notification *note)
{
	return note->watch.subtype;
}

static int id_of(const struct key_notification *note)
{
	return (note->watch.info & WATCH_INFO_ID) >> WATCH_INFO_ID__SHIFT;
}

/* A queue that the helper has open in addition to its connection. */
static int helper_queue = -1;

static int watch_steps(struct script_helper *helper, char *step, char *text,
		       size_t size)
{
	struct key_notification note;

	switch (*step) {
	case 'B': /* watch the authorisation key */
		helper_queue = queue_open();
		return helper_queue < 0 ? helper_queue :
		       watch(KEY_SPEC_REQKEY_AUTH_KEY, helper_queue);
	case 'b': /* returns the next event of it */
		return queue_next(helper_queue, &note) ? subtype_of(&note) :
		       -ETIMEDOUT;
	}
	return -EOPNOTSUPP;
}

FIXTURE_SETUP(watch)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
	self->queue = queue_open();
	ASSERT_LE(0, self->queue);
}

FIXTURE_TEARDOWN(watch)
{
	close(self->queue);
	script_close(&self->script);
}

/*
 * Shows: RK-137, RK-138. The destination keyring notifies of its new key while
 * the key is under construction.
 */
TEST_F(watch, destination)
{
	struct key_notification note;
	key_serial_t key;
	pid_t asker;

	if (task_is_traced())
		SKIP(return, "untraced only: what failed before was linked, too");
	ASSERT_EQ(0, watch(self->session, self->queue));
	asker = script_user_key_child("d", "V;A;W;I0,p", 0);
	key = script_target(&self->script, &self->report);

	ASSERT_TRUE(queue_next(self->queue, &note));
	EXPECT_EQ(NOTIFY_KEY_LINKED, subtype_of(&note));
	EXPECT_EQ(self->session, (key_serial_t)note.key_id);
	EXPECT_EQ(key, (key_serial_t)note.aux);
	EXPECT_EQ(WATCH_ID, id_of(&note));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: RK-137. A second keyring notifies of its own link. */
TEST_F(watch, other_keyring)
{
	key_serial_t ring = keyring_new("ring", self->session), key;
	struct key_notification note;
	char steps[64];

	ASSERT_EQ(0, watch(ring, self->queue));
	snprintf(steps, sizeof(steps), "A;I%d,p", ring);
	key = script_user_key("d", steps, 0);
	ASSERT_LT(0, key);
	ASSERT_TRUE(queue_next(self->queue, &note));
	EXPECT_EQ(NOTIFY_KEY_LINKED, subtype_of(&note));
	EXPECT_EQ(key, (key_serial_t)note.aux);
}

/* Shows: RK-137. The authorisation key notifies of its end. */
TEST_F(watch, authorisation)
{
	int subtype;

	ASSERT_LT(0, script_user_key("d", "A;B;I0,p;b", 0));
	EXPECT_LT(0, script_next(&self->script, &self->report));
	ASSERT_EQ(0, script_next(&self->script, &self->report));
	EXPECT_EQ(0, script_next(&self->script, &self->report));
	subtype = script_next(&self->script, &self->report);
	EXPECT_TRUE(subtype == NOTIFY_KEY_INVALIDATED ||
		    subtype == NOTIFY_KEY_REVOKED);
}

/* Shows: RK-137. Setting a timeout notifies of a change of attributes. */
TEST_F(watch, timeout)
{
	key_serial_t key = script_user_key("d", "A;I0,p", 0);
	struct key_notification note;

	ASSERT_EQ(0, watch(key, self->queue));
	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, key, 100));
	ASSERT_TRUE(queue_next(self->queue, &note));
	EXPECT_EQ(NOTIFY_KEY_SETATTR, subtype_of(&note));
	EXPECT_EQ(key, (key_serial_t)note.key_id);
}

static int watches_target(const void *arg)
{
	struct key_notification note;
	const key_serial_t *key = arg;
	int queue = queue_open(), err;

	err = queue < 0 ? queue : watch(*key, queue);
	if (err)
		return err;
	/*
	 * The answer has been given by now, so there is no notification of it
	 */
	fcntl(queue, F_SETFL, O_NONBLOCK);
	return read(queue, &note, sizeof(note)) < 0 && errno == EAGAIN ? 0 :
	       -EEXIST;
}

/*
 * Shows: RK-138. A caller that watches a key under construction waits until it
 * is made.
 */
TEST_F(watch, target)
{
	pid_t asker = script_user_key_child("d", "V;A;W;I0,p", 0), watcher;
	key_serial_t key = script_target(&self->script, &self->report);

	watcher = task_start(watches_target, &key);
	EXPECT_TRUE(task_sleeps_in(watcher, __NR_keyctl));
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(watcher));
	EXPECT_EQ(0, task_result(asker));
}

REQUEST_TEST_MAIN_WITH(watch_steps)
