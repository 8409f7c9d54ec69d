// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of key types with a request_key operation (an actor), and
 * of requests that do not wait.
 */

#include "kunit.h"

static char aux_data[] = "auxiliary";

/* Shows: RK-2, RK-50, RK-89..94. */
static void actor_answers(struct kunit *test)
{
	struct key *key = request_test_key(aux_data), *again;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_TRUE(test, key_is_positive(key));
	KUNIT_EXPECT_PTR_EQ(test, request_seen_aux, (void *)aux_data);

	again = request_test_key(aux_data);
	KUNIT_EXPECT_PTR_EQ(test, key, again);
	KUNIT_EXPECT_EQ(test, 1, request_times_asked);
	key_put(again);
	key_put(key);
}

/* The state of locks and arguments when the actor was called */
static struct {
	struct task_struct *task;
	bool authorised, unlinked, linked, unlocked;
} called;

static int request_looks(struct key *authkey)
{
	struct key *target = get_request_key_auth(authkey)->target_key;
	key_ref_t ring = make_key_ref(current_cred()->thread_keyring, true);
	key_ref_t found;

	might_sleep();
	called.task = current;
	called.authorised = key_is_positive(authkey);
	found = keyring_search(ring, &key_type_request_key_auth,
			       authkey->description, true);
	called.unlinked = IS_ERR(found);
	if (!IS_ERR(found))
		key_ref_put(found);
	rcu_read_lock();
	called.linked = request_key_rcu(&request_test_type, "d", NULL) ==
			ERR_PTR(-EINPROGRESS);
	rcu_read_unlock();
	called.unlocked = down_write_trylock(&target->sem);
	if (called.unlocked)
		up_write(&target->sem);
	return request_answers(authkey);
}

/*
 * Shows: RK-90. The requester's task runs the actor, which may sleep and holds
 * no lock.
 */
static void actor_is_called(struct kunit *test)
{
	struct key *key;

	memset(&called, 0, sizeof(called));
	request_behaviour = request_looks;
	key = request_test_key(NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_EQ(test, 1, request_times_asked);
	KUNIT_EXPECT_PTR_EQ(test, called.task, current);
	KUNIT_EXPECT_TRUE(test, called.authorised);
	KUNIT_EXPECT_TRUE(test, called.unlinked);
	KUNIT_EXPECT_TRUE(test, called.linked);
	KUNIT_EXPECT_TRUE(test, called.unlocked);
	key_put(key);
}

/* Shows: RK-73, RK-93, RK-W5. All waiters get the error of the actor. */
static void actor_fails(struct kunit *test)
{
	request_behaviour = request_fails;
	KUNIT_EXPECT_PTR_EQ(test, request_test_key(NULL), ERR_PTR(-ECONNRESET));
	KUNIT_EXPECT_PTR_EQ(test, request_test_key(NULL), ERR_PTR(-ECONNRESET));
	KUNIT_EXPECT_EQ(test, 1, request_times_asked);
}

/*
 * Shows: RK-93, RK-W4, RK-D16. An actor that returns success without an answer
 * fails the request.
 */
static void actor_lies(struct kunit *test)
{
	request_behaviour = request_lies;
	KUNIT_EXPECT_PTR_EQ(test, request_test_key(NULL), ERR_PTR(-ENOKEY));
}

/*
 * Shows: RK-92, RK-W4. An actor that puts the authorisation key without an
 * answer ends the request.
 */
static void actor_forgets(struct kunit *test)
{
	request_behaviour = request_forgets;
	KUNIT_EXPECT_PTR_EQ(test, request_test_key(NULL), ERR_PTR(-ENOKEY));
}

/*
 * Shows: RK-91, RK-49, RK-W17. A synchronous call waits for an answer that
 * comes after the actor has returned.
 */
static void waits_for_late_answer(struct kunit *test)
{
	struct key *key;

	request_behaviour = request_answers_late;
	key = request_test_key(NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_TRUE(test, key_is_positive(key));
	key_put(key);
}

/*
 * Shows: RK-11, RK-12, RK-53, RK-57, RK-W13, RK-D8, RK-D23. After an
 * asynchronous call others find the key under construction.
 */
static void async_returns_at_once(struct kunit *test)
{
	struct key *key;

	request_behaviour = request_answers_late;
	key = request_test_key_async(aux_data);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_TRUE(test, key_under_construction(key));
	KUNIT_EXPECT_PTR_EQ(test, request_seen_aux, (void *)aux_data);

	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test,
			    request_key_rcu(&request_test_type, "d", NULL),
			    ERR_PTR(-EINPROGRESS));
	rcu_read_unlock();

	KUNIT_EXPECT_EQ(test, 0, wait_for_key_construction(key, false));
	KUNIT_EXPECT_TRUE(test, key_is_positive(key));
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test,
			    request_key_rcu(&request_test_type, "d", NULL),
			    key);
	rcu_read_unlock();
	key_put(key);
	key_put(key);
}

/*
 * Shows: RK-53, RK-D23. The same holds for the helper's route, whose failure
 * comes later.
 */
static void async_helper(struct kunit *test)
{
	struct key *key;

	key = request_key_async(&request_helped_type, "d", "", 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_GT(test, 0, wait_for_key_construction(key, false));
	KUNIT_EXPECT_TRUE(test, key_is_negative(key));
	key_put(key);
}

/*
 * Shows: RK-4, RK-48. The result of the wait for each way in which a key ends.
 */
static void wait_judges(struct kunit *test)
{
	struct key *key = request_test_key(NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_EQ(test, 0, wait_for_key_construction(key, true));

	key->expiry = ktime_get_real_seconds();
	KUNIT_EXPECT_EQ(test, -EKEYEXPIRED,
			wait_for_key_construction(key, true));
	key_revoke(key);
	KUNIT_EXPECT_EQ(test, -EKEYREVOKED,
			wait_for_key_construction(key, true));
	key_invalidate(key);
	KUNIT_EXPECT_EQ(test, -ENOKEY, wait_for_key_construction(key, true));
	key_put(key);
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE(actor_answers),
	KUNIT_CASE(actor_is_called),
	KUNIT_CASE(actor_fails),
	KUNIT_CASE(actor_lies),
	KUNIT_CASE(actor_forgets),
	KUNIT_CASE(waits_for_late_answer),
	KUNIT_CASE(async_returns_at_once),
	KUNIT_CASE(async_helper),
	KUNIT_CASE(wait_judges),
	{}
};

static struct kunit_suite request_suite = {
	.name		= "key_request",
	.init		= request_test_init,
	.exit		= request_test_exit,
	.test_cases	= request_cases,
};

kunit_test_suite(request_suite);
