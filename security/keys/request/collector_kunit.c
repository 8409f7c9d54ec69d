// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of when the garbage collector comes for keys that have expired.
 */

#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/rwsem.h>
#include <linux/timekeeping.h>
#include <keys/user-type.h>
#include "../internal.h"

#define LOOK_MS		10
#define LOOKS		2000
/* Longer than all looks together: a key that is late is not seen to go */
#define LONG_DELAY	60U	/* seconds */

/* Keyrings with one key each, and the gc_delay that was set before */
struct collected {
	struct key *rings[2];
	unsigned int delay;
};

static int collector_init(struct kunit *test)
{
	struct collected *all = kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);

	if (!all)
		return -ENOMEM;
	test->priv = all;
	all->delay = key_gc_delay;
	for (int i = 0; i < ARRAY_SIZE(all->rings); i++) {
		all->rings[i] = keyring_alloc("collected", GLOBAL_ROOT_UID,
					      GLOBAL_ROOT_GID, current_cred(),
					      KEY_POS_ALL,
					      KEY_ALLOC_NOT_IN_QUOTA, NULL,
					      NULL);
		if (IS_ERR(all->rings[i]))
			return PTR_ERR(all->rings[i]);
	}
	return 0;
}

static void collector_exit(struct kunit *test)
{
	struct collected *all = test->priv;

	if (!all)
		return;
	key_gc_delay = all->delay;
	for (int i = 0; i < ARRAY_SIZE(all->rings); i++)
		if (!IS_ERR_OR_NULL(all->rings[i]))
			key_put(all->rings[i]);
}

/* A key that only @ring, or nothing at all, refers to after key_put() */
static struct key *collected_key(struct kunit *test, struct key *ring)
{
	struct key *key;

	key = key_alloc(&key_type_user, "due", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
			current_cred(), KEY_POS_ALL, KEY_ALLOC_NOT_IN_QUOTA,
			NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_ASSERT_EQ(test, 0,
			key_instantiate_and_link(key, "p", 1, ring, NULL));
	return key;
}

static void collected_key_expires(struct key *key, time64_t expiry)
{
	down_write(&key->sem);
	key_set_expiry(key, expiry);
	up_write(&key->sem);
}

static bool ring_is_empty(struct key *ring)
{
	bool empty;

	down_read(&ring->sem);
	empty = !ring->keys.nr_leaves_on_tree;
	up_read(&ring->sem);
	return empty;
}

static bool ring_becomes_empty(struct key *ring)
{
	for (int i = 0; i < LOOKS && !ring_is_empty(ring); i++)
		msleep(LOOK_MS);
	return ring_is_empty(ring);
}

/*
 * Shows: RK-74, RK-D41. The collector comes for a key that falls due during a run, of
 * which the run knows only that it is not due yet.
 */
static void collector_due_during_run(struct kunit *test)
{
	struct collected *all = test->priv;
	time64_t now = ktime_get_real_seconds();
	struct key *first = collected_key(test, all->rings[0]);
	struct key *second = collected_key(test, all->rings[1]);

	key_gc_delay = 0;
	down_read(&all->rings[0]->sem);
	collected_key_expires(first, now + 1);
	collected_key_expires(second, now + 2);
	key_put(first);
	key_put(second);

	/* The run that takes the first key waits for its keyring */
	for (int i = 0; i < LOOKS && !rwsem_is_contended(&all->rings[0]->sem); i++)
		msleep(LOOK_MS);
	while (ktime_get_real_seconds() < now + 2)
		msleep(LOOK_MS);
	up_read(&all->rings[0]->sem);

	KUNIT_EXPECT_TRUE(test, ring_becomes_empty(all->rings[0]));
	KUNIT_EXPECT_TRUE(test, ring_becomes_empty(all->rings[1]));
}

/*
 * Shows: RK-74, RK-D41. Of two keys the collector comes for the one that is due first,
 * even if the other one expires before that.
 */
static void collector_first_due(struct kunit *test)
{
	struct collected *all = test->priv;
	time64_t now = ktime_get_real_seconds();
	struct key *later = collected_key(test, NULL);
	struct key *soon = collected_key(test, all->rings[0]);

	/* The collector looks at the key with the lower number first */
	while (later->serial > soon->serial) {
		key_put(later);
		later = collected_key(test, NULL);
	}

	key_gc_delay = LONG_DELAY;
	collected_key_expires(soon, now + 3 - LONG_DELAY);
	collected_key_expires(later, now + 3);
	key_put(soon);
	/* One timer serves all: a sooner run forgets when it was to come later */
	key_schedule_gc(now + 1);

	KUNIT_EXPECT_TRUE(test, ring_becomes_empty(all->rings[0]));
	key_put(later);
}

static struct kunit_case collector_cases[] = {
	KUNIT_CASE(collector_due_during_run),
	KUNIT_CASE(collector_first_due),
	{}
};

static struct kunit_suite collector_suite = {
	.name		= "key_collector",
	.init		= collector_init,
	.exit		= collector_exit,
	.test_cases	= collector_cases,
};

kunit_test_suite(collector_suite);
