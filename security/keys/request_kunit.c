// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of what only code of the kernel can ask for.
 */

#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/workqueue.h>
#include "request.h"

#define ANSWER_DELAY_MS	50

static char aux_data[] = "auxiliary";

/* What the actor of the test type is to do, and what it saw */
static int (*behaviour)(struct key *authkey);
static void *seen_aux;
static int asked;

static struct key *late_authkey;
static struct delayed_work late_work;

static int test_instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	return 0;
}

static int test_actor(struct key *authkey, void *aux)
{
	seen_aux = aux;
	asked++;
	return behaviour(authkey);
}

static struct key_type test_type = {
	.name		= "request_kunit",
	.instantiate	= test_instantiate,
	.request_key	= test_actor,
};

static struct key_type helped_type = {
	.name		= "request_kunit_helped",
	.instantiate	= test_instantiate,
};

static int answer(struct key *authkey)
{
	struct key *key = get_request_key_auth(authkey)->target_key;

	return key_instantiate_and_link(key, NULL, 0, NULL, authkey);
}

static int answers(struct key *authkey)
{
	int ret = answer(authkey);

	complete_request_key(authkey, ret);
	return ret;
}

static int fails(struct key *authkey)
{
	complete_request_key(authkey, -ECONNRESET);
	return -ECONNRESET;
}

static int lies(struct key *authkey)
{
	complete_request_key(authkey, 0);
	return 0;
}

static int forgets(struct key *authkey)
{
	return 0;
}

static void answer_late(struct work_struct *work)
{
	answers(late_authkey);
	/* A second end must not count */
	complete_request_key(late_authkey, -EIO);
	key_put(late_authkey);
}

static int answers_late(struct key *authkey)
{
	late_authkey = key_get(authkey);
	schedule_delayed_work(&late_work, msecs_to_jiffies(ANSWER_DELAY_MS));
	return 0;
}

/**
 * struct requester - Credentials with a keyring of their own
 * @cred: the credentials
 * @old: what to go back to
 */
struct requester {
	struct cred		*cred;
	const struct cred	*old;
};

static int request_test_init(struct kunit *test)
{
	struct requester *requester;
	struct key *keyring;

	requester = kunit_kzalloc(test, sizeof(*requester), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, requester);
	requester->cred = prepare_kernel_cred(&init_task);
	KUNIT_ASSERT_NOT_NULL(test, requester->cred);
	keyring = keyring_alloc(".request_kunit", GLOBAL_ROOT_UID,
				GLOBAL_ROOT_GID, requester->cred,
				KEY_POS_ALL | KEY_USR_ALL,
				KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, keyring);
	requester->cred->thread_keyring = keyring;
	requester->old = override_creds(requester->cred);
	test->priv = requester;

	KUNIT_ASSERT_EQ(test, 0, register_key_type(&test_type));
	KUNIT_ASSERT_EQ(test, 0, register_key_type(&helped_type));
	INIT_DELAYED_WORK(&late_work, answer_late);
	behaviour = answers;
	asked = 0;
	return 0;
}

static void request_test_exit(struct kunit *test)
{
	struct requester *requester = test->priv;

	flush_delayed_work(&late_work);
	unregister_key_type(&helped_type);
	unregister_key_type(&test_type);
	revert_creds(requester->old);
	put_cred(requester->cred);
}

static struct key *request(void)
{
	return request_key_with_auxdata(&test_type, "d", NULL, "", 0, aux_data);
}

/* Shows: RK-2, RK-50, RK-89..94. */
static void actor_answers(struct kunit *test)
{
	struct key *key = request(), *again;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_TRUE(test, key_is_positive(key));
	KUNIT_EXPECT_PTR_EQ(test, seen_aux, (void *)aux_data);

	again = request();
	KUNIT_EXPECT_PTR_EQ(test, key, again);
	KUNIT_EXPECT_EQ(test, 1, asked);
	key_put(again);
	key_put(key);
}

/* Shows: RK-73, RK-93, RK-W5. Everybody gets the error of the actor. */
static void actor_fails(struct kunit *test)
{
	behaviour = fails;
	KUNIT_EXPECT_PTR_EQ(test, request(), ERR_PTR(-ECONNRESET));
	KUNIT_EXPECT_PTR_EQ(test, request(), ERR_PTR(-ECONNRESET));
	KUNIT_EXPECT_EQ(test, 1, asked);
}

/* Shows: RK-93, RK-W4. Success without an answer is none. */
static void actor_lies(struct kunit *test)
{
	behaviour = lies;
	KUNIT_EXPECT_PTR_EQ(test, request(), ERR_PTR(-ENOKEY));
}

/* Shows: RK-92, RK-W4. An actor that gives the authority back ends it. */
static void actor_forgets(struct kunit *test)
{
	behaviour = forgets;
	KUNIT_EXPECT_PTR_EQ(test, request(), ERR_PTR(-ENOKEY));
}

/* Shows: RK-91, RK-49. Without async the call waits for a late answer. */
static void waits_for_late_answer(struct kunit *test)
{
	struct key *key;

	behaviour = answers_late;
	key = request();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_TRUE(test, key_is_positive(key));
	key_put(key);
}

/* Shows: RK-11, RK-12, RK-53, RK-57, RK-W13. With it, others see what is up. */
static void async_returns_at_once(struct kunit *test)
{
	struct key *key;

	behaviour = answers_late;
	key = request_key_async_with_auxdata(&test_type, "d", "", 0, aux_data);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_TRUE(test, key_under_construction(key));
	KUNIT_EXPECT_PTR_EQ(test, seen_aux, (void *)aux_data);

	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, request_key_rcu(&test_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	rcu_read_unlock();

	KUNIT_EXPECT_EQ(test, 0, wait_for_key_construction(key, false));
	KUNIT_EXPECT_TRUE(test, key_is_positive(key));
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, request_key_rcu(&test_type, "d", NULL), key);
	rcu_read_unlock();
	key_put(key);
	key_put(key);
}

/* Shows: RK-53. On the helper's route too, and its failure comes later. */
static void async_helper(struct kunit *test)
{
	struct key *key;

	key = request_key_async(&helped_type, "d", "", 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_GT(test, 0, wait_for_key_construction(key, false));
	KUNIT_EXPECT_TRUE(test, key_is_negative(key));
	key_put(key);
}

/* Shows: RK-130, RK-131, RK-W10. A key is made in the domain asked for. */
static void tag_is_obeyed(struct kunit *test)
{
	static struct key_tag tag = { .usage = REFCOUNT_INIT(1) };
	struct key *key, *again;

	key = request_key_tag(&test_type, "d", &tag, "");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_PTR_EQ(test, key->domain_tag, &tag);
	again = request_key_tag(&test_type, "d", &tag, "");
	KUNIT_EXPECT_PTR_EQ(test, key, again);
	KUNIT_EXPECT_EQ(test, 1, asked);
	KUNIT_EXPECT_PTR_EQ(test, request_key(&test_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	key_put(again);
	key_put(key);
}

/* Shows: RK-52, RK-14. Nothing found is no key, and nobody is asked. */
static void search_only(struct kunit *test)
{
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, request_key_rcu(&test_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, request_key(&test_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_EQ(test, 0, asked);
}

/* Shows: RK-W6. A type that goes takes its requests along. */
static void type_goes(struct kunit *test)
{
	struct key *key;

	behaviour = answers_late;
	key = request_key_async_with_auxdata(&test_type, "d", "", 0, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	unregister_key_type(&test_type);
	KUNIT_EXPECT_FALSE(test, key_under_construction(key));
	KUNIT_EXPECT_GT(test, 0, wait_for_key_construction(key, false));
	key_put(key);

	flush_delayed_work(&late_work);
	KUNIT_EXPECT_EQ(test, 0, register_key_type(&test_type));
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE(actor_answers),
	KUNIT_CASE(actor_fails),
	KUNIT_CASE(actor_lies),
	KUNIT_CASE(actor_forgets),
	KUNIT_CASE(waits_for_late_answer),
	KUNIT_CASE(async_returns_at_once),
	KUNIT_CASE(async_helper),
	KUNIT_CASE(tag_is_obeyed),
	KUNIT_CASE(search_only),
	KUNIT_CASE(type_goes),
	{}
};

static struct kunit_suite request_suite = {
	.name		= "key_request",
	.init		= request_test_init,
	.exit		= request_test_exit,
	.test_cases	= request_cases,
};

kunit_test_suite(request_suite);
