// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of expiries that count elapsed time, not the wall clock.
 */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/timekeeping.h>
#include "../internal.h"

#define LIFETIME	1000	/* seconds */
#define SECONDS_WATCHED	3
#define LOOKS		120
#define LOOK_MS		10	/* more than a second in all */

/*
 * Shows: RK-D36. A key's expiry on the wall clock stays one number.  The
 * garbage collector computes it twice, and would never collect a key for which
 * it got two numbers.
 */
static void expiry_is_one_time(struct kunit *test)
{
	static struct key key;
	time64_t before = ktime_get_real_seconds();
	time64_t expiry;
	int i;

	key.expiry = key_expiry_in(LIFETIME);
	expiry = key_expiry_wall(&key);
	KUNIT_EXPECT_LE(test, before + LIFETIME, expiry);
	KUNIT_EXPECT_GE(test, ktime_get_real_seconds() + LIFETIME, expiry);

	for (i = 0; i < LOOKS; i++) {
		KUNIT_EXPECT_EQ(test, expiry, key_expiry_wall(&key));
		msleep(LOOK_MS);
	}
}

/*
 * Shows: RK-D36, KD-33. An error that is to be remembered for no time is over at
 * once. The second of the wall clock changes with a tick, the nanoseconds of a
 * clock between ticks.
 */
static void expiry_of_no_time(struct kunit *test)
{
	time64_t end = ktime_get_real_seconds() + SECONDS_WATCHED;
	static struct key key;
	unsigned int late = 0;
	time64_t now;

	do {
		now = ktime_get_real_seconds();
		key.expiry = key_expiry_in(0);
		if (key_expiry_wall(&key) > ktime_get_real_seconds())
			late++;
		cond_resched();
	} while (now < end);
	KUNIT_EXPECT_EQ(test, 0, late);
}

static struct kunit_case expiry_cases[] = {
	KUNIT_CASE(expiry_is_one_time),
	KUNIT_CASE(expiry_of_no_time),
	{}
};

static struct kunit_suite expiry_suite = {
	.name		= "key_expiry",
	.test_cases	= expiry_cases,
};

kunit_test_suite(expiry_suite);
