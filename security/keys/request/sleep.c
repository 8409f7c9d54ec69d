// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: work that has to be over before the system goes to sleep.
 *
 * Code of the kernel that waits for a key cannot be frozen, as it may hold locks
 * that others need first; and a program that is about to be started must not come
 * to life among frozen ones.  So from the first step towards sleep on there is
 * nothing new of either, and what is under way has a moment to end.
 */

#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/notifier.h>
#include <linux/suspend.h>
#include <linux/wait_bit.h>
#include "helper.h"

/* How many are under way that sleep has to wait for */
static atomic_t delays = ATOMIC_INIT(0);

/* From PM_*_PREPARE to PM_POST_* */
static bool sleep_is_near;

/*
 * Begin what sleep has to wait for, unless that is near.  With @always it has to
 * wait in any case.
 */
bool key_sleep_delay(bool always)
{
	atomic_inc(&delays);
	/* Pairs with the barrier in key_sleep_before(): one of both sees the other */
	smp_mb__after_atomic();
	if (always || !key_sleep_is_near())
		return true;
	key_sleep_allow();
	return false;
}

void key_sleep_allow(void)
{
	/* atomic_dec_and_test() is a full barrier before wake_up_var() looks for waiters */
	if (atomic_dec_and_test(&delays))
		wake_up_var(&delays);
}

bool key_sleep_is_near(void)
{
	return READ_ONCE(sleep_is_near);
}

static void key_sleep_after(void)
{
	WRITE_ONCE(sleep_is_near, false);
	key_helper_queue_run();
}

/* The time is what mainline gives helper programs at this moment */
static int key_sleep_before(void)
{
	WRITE_ONCE(sleep_is_near, true);
	/* Pairs with the barrier in key_sleep_delay() */
	smp_mb();
	if (wait_var_event_timeout(&delays, !atomic_read(&delays),
				   KEY_REQUEST_SLEEP_LIMIT))
		return NOTIFY_OK;
	key_sleep_after();
	return notifier_from_errno(-EAGAIN);
}

static int key_sleep_power_changes(struct notifier_block *block, unsigned long action,
				   void *data)
{
	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		return key_sleep_before();
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		key_sleep_after();
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block power_block = {
	.notifier_call	= key_sleep_power_changes,
};

static int __init key_sleep_init(void)
{
	return register_pm_notifier(&power_block);
}
core_initcall(key_sleep_init);
