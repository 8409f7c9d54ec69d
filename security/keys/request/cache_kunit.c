// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of the cache of one key per task.
 */

#include <linux/delay.h>
#include <linux/ptrace.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/task_stack.h>
#include "kunit.h"

#ifdef CONFIG_KEYS_REQUEST_CACHE
static struct key *cached(void)
{
	return current->cached_requested_key;
}

static void empty_cache(void)
{
	resume_user_mode_work(task_pt_regs(current));
}

static struct key *find(struct key_type *type, const char *description,
			struct key_tag *tag)
{
	struct key *key;

	rcu_read_lock();
	key = request_key_rcu(type, description, tag);
	rcu_read_unlock();
	return key;
}

/* Puts the key that was found; the caller only compares the pointer */
static struct key *found(struct key_type *type, const char *description,
			 struct key_tag *tag)
{
	struct key *key = find(type, description, tag);

	if (!IS_ERR(key))
		key_put(key);
	return key;
}

/*
 * The key that the tests search for
 */
static struct key *the_key;

static void fills(struct kunit *test)
{
	unsigned int before = refcount_read(&the_key->usage);

	KUNIT_EXPECT_NULL(test, cached());
	KUNIT_EXPECT_PTR_EQ(test, the_key, found(&request_test_type, "d",
						 NULL));
	KUNIT_EXPECT_PTR_EQ(test, the_key, cached());
	KUNIT_EXPECT_EQ(test, before + 1, refcount_read(&the_key->usage));
	KUNIT_EXPECT_TRUE(test, test_thread_flag(TIF_NOTIFY_RESUME));

	empty_cache();
	KUNIT_EXPECT_NULL(test, cached());
	KUNIT_EXPECT_EQ(test, before, refcount_read(&the_key->usage));

	/*
	 * The calls that may sleep fill the cache as well; this function leaves
	 * it filled
	 */
	KUNIT_EXPECT_PTR_EQ(test, the_key, request_test_key(NULL));
	key_put(the_key);
	KUNIT_EXPECT_PTR_EQ(test, the_key, cached());
}

static void starts_empty(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, cached());
}

/* Once the key is unlinked, a search finds it only in the cache */
static void serves(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, the_key, found(&request_test_type, "d",
						 NULL));
	KUNIT_EXPECT_EQ(test, 0, key_unlink(request_test_keyring(test),
					    the_key));
	KUNIT_EXPECT_PTR_EQ(test, the_key, found(&request_test_type, "d",
						 NULL));
	KUNIT_EXPECT_PTR_EQ(test, the_key, request_test_key(NULL));
	key_put(the_key);
}

static void is_strict(struct kunit *test)
{
	static struct key_tag tag = { .usage = REFCOUNT_INIT(1) };
	time64_t expiry = the_key->expiry;

	serves(test);
	/* Another type, another description, another domain */
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOKEY),
			    found(&request_helped_type, "d", NULL));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOKEY),
			    found(&request_test_type, "e", NULL));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOKEY),
			    found(&request_test_type, "d", &tag));

	the_key->expiry = ktime_get_real_seconds();
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOKEY),
			    found(&request_test_type, "d", NULL));
	the_key->expiry = expiry;
	KUNIT_EXPECT_PTR_EQ(test, the_key,
			    found(&request_test_type, "d", NULL));
	key_revoke(the_key);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOKEY),
			    found(&request_test_type, "d", NULL));
}

static void knows_credentials(struct kunit *test)
{
	struct cred *other = prepare_kernel_cred(&init_task);
	const struct cred *old;

	serves(test);
	KUNIT_EXPECT_NOT_NULL(test, other);
	if (!other)
		return;
	old = override_creds(other);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOKEY),
			    found(&request_test_type, "d", NULL));
	revert_creds(old);
	put_cred(other);
	KUNIT_EXPECT_PTR_EQ(test, the_key,
			    found(&request_test_type, "d", NULL));
}

/*
 * A key of a network namespace, and a key of the same name that belongs to none
 */
static void tells_networks(struct kunit *test)
{
	struct key *key;

	request_test_type.flags = KEY_TYPE_NET_DOMAIN;
	key = request_test_key(NULL);
	KUNIT_EXPECT_PTR_NE(test, the_key, key);
	KUNIT_EXPECT_FALSE(test, IS_ERR(key));
	if (IS_ERR(key))
		goto out;

	KUNIT_EXPECT_PTR_EQ(test, key, found(&request_test_type, "d", NULL));
	KUNIT_EXPECT_PTR_EQ(test, key, cached());
	KUNIT_EXPECT_EQ(test, 0, key_unlink(request_test_keyring(test), key));
	KUNIT_EXPECT_PTR_EQ(test, key, found(&request_test_type, "d", NULL));

	request_test_type.flags = 0;
	KUNIT_EXPECT_PTR_EQ(test, the_key, found(&request_test_type, "d",
						 NULL));
	key_put(key);
out:
	request_test_type.flags = 0;
}

static void constructs(struct kunit *test)
{
	struct key *key = request_key(&request_test_type, "new", "");

	KUNIT_EXPECT_FALSE(test, IS_ERR(key));
	KUNIT_EXPECT_NULL(test, cached());
	if (!IS_ERR(key))
		key_put(key);
}

static int cache_init(struct kunit *test)
{
	int ret = request_test_init(test);

	if (ret < 0)
		return ret;
	the_key = request_test_key(NULL);
	return PTR_ERR_OR_ZERO(the_key);
}

static void cache_exit(struct kunit *test)
{
	key_put(the_key);
	request_test_exit(test);
}

/*
 * Shows: RK-126, RK-127. A hit fills the cache; the return to the program and
 * the end of the program empty it.
 */
static void filled_and_emptied(struct kunit *test)
{
	unsigned int before = refcount_read(&the_key->usage);

	request_as_program(test, starts_empty);
	request_as_program(test, fills);
	/* The program is about to end, and its reference with it */
	for (int i = 0; i < REQUEST_TEST_LIMIT_MS &&
	     refcount_read(&the_key->usage) > before;
	     i += REQUEST_TEST_DELAY_MS)
		msleep(REQUEST_TEST_DELAY_MS);
	KUNIT_EXPECT_EQ(test, before, refcount_read(&the_key->usage));
	request_as_program(test, starts_empty);
}

/* Shows: RK-128. A key in the cache is found without a search. */
static void served(struct kunit *test)
{
	request_as_program(test, serves);
}

/*
 * Shows: RK-128, RK-W11, RK-D12. The cache compares type and domain as well as
 * the description.
 */
static void compared(struct kunit *test)
{
	request_as_program(test, is_strict);
}

/*
 * Shows: RK-W11, RK-D12. A search with other credentials than the task's own
 * does not use the cache.
 */
static void credentials(struct kunit *test)
{
	request_as_program(test, knows_credentials);
}

/*
 * Shows: RK-128, RK-D12. A request in one network namespace does not get the
 * cached key of another one, or of none.
 */
static void networks(struct kunit *test)
{
	request_as_program(test, tells_networks);
}

/*
 * Shows: RK-126. Newly made keys are not cached, and a kernel thread caches no
 * keys.
 */
static void not_filled(struct kunit *test)
{
	request_as_program(test, constructs);
	KUNIT_EXPECT_PTR_EQ(test, the_key,
			    found(&request_test_type, "d", NULL));
	KUNIT_EXPECT_NULL(test, cached());
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(filled_and_emptied),
	KUNIT_CASE(served),
	KUNIT_CASE(compared),
	KUNIT_CASE(credentials),
	KUNIT_CASE(networks),
	KUNIT_CASE(not_filled),
	{}
};
#else
static void find_twice(struct kunit *test)
{
	struct key *key = request_test_key(NULL), *again;

	KUNIT_EXPECT_FALSE(test, IS_ERR(key));
	if (IS_ERR(key))
		return;
	again = request_test_key(NULL);
	KUNIT_EXPECT_PTR_EQ(test, key, again);
	key_put(again);
	KUNIT_EXPECT_EQ(test, 0, key_unlink(request_test_keyring(test), key));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOKEY),
			    request_key(&request_test_type, "d", NULL));
	KUNIT_EXPECT_FALSE(test, test_thread_flag(TIF_NOTIFY_RESUME));
	key_put(key);
}

/* Shows: RK-129. Without the option each request searches. */
static void no_cache(struct kunit *test)
{
	request_as_program(test, find_twice);
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(no_cache),
	{}
};

static int cache_init(struct kunit *test)
{
	return request_test_init(test);
}

static void cache_exit(struct kunit *test)
{
	request_test_exit(test);
}
#endif

static struct kunit_suite cache_suite = {
	.name		= "key_request_cache",
	.init		= cache_init,
	.exit		= cache_exit,
	.test_cases	= cache_cases,
};

kunit_test_suite(cache_suite);
