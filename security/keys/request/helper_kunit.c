// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of helpers that cannot be started.
 */

#include <linux/umh.h>
#include "kunit.h"

static struct key *request_helped(const char *description)
{
	return request_key(&request_helped_type, description, "");
}

/*
 * Shows: RK-114, RK-W15. While usermode helpers are disabled, requests fail,
 * and the failure is not remembered.
 */
static void helpers_disabled(struct kunit *test)
{
	int ret = usermodehelper_disable();

	KUNIT_ASSERT_EQ(test, 0, ret);
	KUNIT_EXPECT_PTR_EQ(test, request_helped("d"), ERR_PTR(-EBUSY));
	KUNIT_EXPECT_PTR_EQ(test, request_helped("d"), ERR_PTR(-EBUSY));
	usermodehelper_enable();
	KUNIT_EXPECT_PTR_NE(test, request_helped("d"), ERR_PTR(-EBUSY));
}

/*
 * Shows: RK-115. call_usermodehelper_exec() returns success for a program with
 * an empty name, which turns off all helpers.  The requester gets an error
 * nevertheless, and so does the next one.
 */
static void no_helper_wanted(struct kunit *test)
{
	char *path = key_request_helper;
	char none[] = "";
	struct key *key;

	key_request_helper = none;
	key = request_helped("d");
	key_request_helper = path;
	KUNIT_EXPECT_PTR_EQ(test, key, ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_PTR_EQ(test, request_helped("d"), ERR_PTR(-ENOKEY));
}

/* Shows: RK-W1, RK-147, RK-D19. The kernel starts the configured program. */
static void configured_helper(struct kunit *test)
{
	char *path = key_request_helper;
	char folder[] = "/";
	struct key *key;

	KUNIT_EXPECT_STREQ(test, path, CONFIG_KEYS_REQUEST_HELPER_PATH);
	key_request_helper = folder;
	key = request_helped("d");
	key_request_helper = path;
	KUNIT_EXPECT_PTR_EQ(test, key, ERR_PTR(-EACCES));
	/* A test guest of KUnit has no program of the usual name */
	KUNIT_EXPECT_PTR_EQ(test, request_helped("e"), ERR_PTR(-ENOENT));
}

/*
 * Shows: RK-17. With callout data a caller in the kernel can make a helper
 * start.
 */
static void upcall_for_the_kernel(struct kunit *test)
{
	struct key *key = request_key_async(&request_helped_type, "d", "", 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_GT(test, 0, wait_for_key_construction(key, false));
	key_put(key);
}

static struct kunit_case helper_cases[] = {
	KUNIT_CASE(helpers_disabled),
	KUNIT_CASE(no_helper_wanted),
	KUNIT_CASE(configured_helper),
	KUNIT_CASE(upcall_for_the_kernel),
	{}
};

static struct kunit_suite helper_suite = {
	.name		= "key_request_helper",
	.init		= request_test_init,
	.exit		= request_test_exit,
	.test_cases	= helper_cases,
};

kunit_test_suite(helper_suite);
