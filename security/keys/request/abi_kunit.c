// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of the functions and types that other files and modules
 * compile and link against.
 */

#include <linux/build_bug.h>
#include <linux/preempt.h>
#include <linux/stddef.h>
#include "../../../kernel/module/internal.h"
#include "kunit.h"

/* A function with another prototype than promised does not fit its pointer */
static struct key *(*const tag_call)(struct key_type *, const char *,
				     struct key_tag *, const char *) =
	request_key_tag;
static struct key *(*const auxdata_call)(struct key_type *, const char *,
					 struct key_tag *, const void *, size_t,
					 void *) = request_key_with_auxdata;
static struct key *(*const rcu_call)(struct key_type *, const char *,
				     struct key_tag *) = request_key_rcu;
static int (*const wait_call)(struct key *, bool) = wait_for_key_construction;
static void (*const complete_call)(struct key *, int) = complete_request_key;
static struct key *(*const link_call)(struct key_type *, const char *,
				      struct key_tag *, const void *, size_t,
				      void *, struct key *, unsigned long) =
	request_key_and_link;
static struct request_key_auth *(*const get_call)(struct key *) =
	request_key_auth_get;
static void (*const put_call)(struct request_key_auth *) =
	request_key_auth_put;
static struct key *(*const authkey_call)(key_serial_t) =
	key_get_instantiation_authkey;
static struct key *(*const async_call)(struct key_type *, const char *,
				       const void *, size_t) =
	request_key_async;
static struct key *(*const async_aux_call)(struct key_type *, const char *,
					   const void *, size_t, void *) =
	request_key_async_with_auxdata;

/*
 * A field of the record with another type than promised fails to compile, too
 */
#define RECORD_HAS(type, field) \
	static_assert(__same_type(type, \
				  ((struct request_key_auth *)NULL)->field))

RECORD_HAS(struct rcu_head, rcu);
RECORD_HAS(refcount_t, usage);
RECORD_HAS(struct key *, target_key);
RECORD_HAS(struct key *, dest_keyring);
RECORD_HAS(bool, dest_possessed);
RECORD_HAS(const struct cred *, cred);
RECORD_HAS(void *, callout_info);
RECORD_HAS(size_t, callout_len);
RECORD_HAS(struct pid *, pid);
RECORD_HAS(char[8], op);

/*
 * This fails to compile if a header still declares another struct key_request
 */
static const char request_key_conswq[] = "nothing";

/*
 * Shows: RK-1..6, RK-9..12, RK-21, RK-22, RK-143. The test is that this file
 * compiles.
 */
static void prototypes(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, tag_call(&request_helped_type, "d", NULL,
					   NULL), ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_PTR_EQ(test, auxdata_call(&request_helped_type, "d", NULL,
					       NULL, 0, NULL),
			    ERR_PTR(-ENOKEY));
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, rcu_call(&request_helped_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, link_call(&request_helped_type, "d", NULL,
					    NULL, 0, NULL, NULL,
					    KEY_ALLOC_IN_QUOTA),
			    ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_PTR_EQ(test, async_call(&request_helped_type, "d", NULL,
					     0), ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_PTR_EQ(test, async_aux_call(&request_helped_type, "d",
						 NULL, 0, NULL),
			    ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_PTR_EQ(test, authkey_call(1), ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_STREQ(test, request_key_conswq, "nothing");
}

/* Shows: RK-4, RK-5, RK-7, RK-9. The same for functions that need a request. */
static void prototypes_with_key(struct kunit *test)
{
	struct key *key, *authkey;

	request_behaviour = request_keeps;
	key = request_test_key_async(NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	authkey = request_kept();
	KUNIT_EXPECT_PTR_EQ(test, authkey->type, &key_type_request_key_auth);
	put_call(get_call(authkey));
	complete_call(authkey, -EIO);
	KUNIT_EXPECT_EQ(test, -EIO, wait_call(key, false));
	key_put(authkey);
	key_put(key);
}

static bool exported(const char *name)
{
	struct find_symbol_arg symbol = { .name = name, .gplok = false };
	bool found;

	preempt_disable();
	found = find_symbol(&symbol);
	preempt_enable();
	return found;
}

/*
 * Shows: RK-148. Modules of any licence can link with these functions, and with
 * no others.
 */
static void exports(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, exported("request_key_tag"));
	KUNIT_EXPECT_TRUE(test, exported("request_key_with_auxdata"));
	KUNIT_EXPECT_TRUE(test, exported("request_key_rcu"));
	KUNIT_EXPECT_TRUE(test, exported("wait_for_key_construction"));
	KUNIT_EXPECT_TRUE(test, exported("complete_request_key"));
	KUNIT_EXPECT_FALSE(test, exported("request_key_and_link"));
	KUNIT_EXPECT_FALSE(test, exported("key_type_request_key_auth"));
	KUNIT_EXPECT_FALSE(test, exported("request_key_auth_get"));
	KUNIT_EXPECT_FALSE(test, exported("key_get_instantiation_authkey"));
}

static struct kunit_case abi_cases[] = {
	KUNIT_CASE(prototypes),
	KUNIT_CASE(prototypes_with_key),
	KUNIT_CASE(exports),
	{}
};

static struct kunit_suite abi_suite = {
	.name		= "key_request_abi",
	.init		= request_test_init,
	.exit		= request_test_exit,
	.test_cases	= abi_cases,
};

kunit_test_suite(abi_suite);
