// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of the authorisation key and of its record.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/pid.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "kunit.h"

static const char callout[] = "callout";

static struct key *request_kept_key(struct kunit *test)
{
	struct key *key;

	request_behaviour = request_keeps;
	key = request_key_async_with_auxdata(&request_test_type, "d", callout,
					     strlen(callout), NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_ASSERT_TRUE(test, key_under_construction(key));
	return key;
}

static struct request_key_auth *record_of(const struct key *authkey)
{
	return get_request_key_auth(authkey);
}

/*
 * Shows: RK-22, RK-24. The record refers to the request's key and keyring, and
 * has a copy of the callout data.
 */
static void record(struct kunit *test)
{
	struct requester *requester = test->priv;
	struct key *key = request_kept_key(test), *authkey = request_kept();
	struct request_key_auth *rka = record_of(authkey);

	KUNIT_EXPECT_PTR_EQ(test, rka->target_key, key);
	KUNIT_EXPECT_PTR_EQ(test, rka->dest_keyring,
			    request_test_keyring(test));
	KUNIT_EXPECT_PTR_EQ(test, rka->cred,
			    (const struct cred *)requester->cred);
	KUNIT_EXPECT_PTR_EQ(test, rka->pid, task_pid(current));
	KUNIT_EXPECT_STREQ(test, rka->op, "create");
	KUNIT_EXPECT_EQ(test, rka->callout_len, strlen(callout));
	KUNIT_EXPECT_PTR_NE(test, rka->callout_info, (void *)callout);
	KUNIT_EXPECT_EQ(test, 0, memcmp(rka->callout_info, callout,
					rka->callout_len));
	request_answers(authkey);
	key_put(authkey);
	key_put(key);
}

/* Shows: RK-24. The record puts its references when it dies. */
static void record_goes(struct kunit *test)
{
	struct key *keyring = request_test_keyring(test);
	unsigned int before = refcount_read(&keyring->usage);
	struct key *key = request_kept_key(test), *authkey = request_kept();

	KUNIT_EXPECT_EQ(test, before + 1, refcount_read(&keyring->usage));
	request_answers(authkey);
	KUNIT_EXPECT_EQ(test, before, refcount_read(&keyring->usage));
	/* One reference of the test, and one of the keyring's link */
	KUNIT_EXPECT_EQ(test, 2, refcount_read(&key->usage));
	key_put(authkey);
	key_put(key);
}

/*
 * Shows: RK-23, RK-25, RK-81. Success removes the record from the authorisation
 * key.
 */
static void life_to_success(struct kunit *test)
{
	struct key *key = request_kept_key(test), *authkey = request_kept();
	struct request_key_auth *rka;

	KUNIT_EXPECT_TRUE(test, key_is_positive(authkey));
	KUNIT_EXPECT_EQ(test, 0, key_validate(authkey));

	KUNIT_EXPECT_EQ(test, 0, request_answer(authkey));
	KUNIT_EXPECT_TRUE(test, test_bit(KEY_FLAG_INVALIDATED,
					 &authkey->flags));
	KUNIT_EXPECT_FALSE(test, test_bit(KEY_FLAG_REVOKED, &authkey->flags));
	/* A late answer must get an error */
	rka = request_key_auth_get(authkey);
	KUNIT_EXPECT_PTR_EQ(test, rka, record_of(authkey));
	request_key_auth_put(rka);

	complete_request_key(authkey, 0);
	KUNIT_EXPECT_TRUE(test, test_bit(KEY_FLAG_REVOKED, &authkey->flags));
	KUNIT_EXPECT_NULL(test, record_of(authkey));
	KUNIT_EXPECT_NULL(test, request_key_auth_get(authkey));
	request_key_auth_put(NULL);
	key_put(authkey);
	key_put(key);
}

/*
 * Shows: RK-81, RK-93. After a failure the record stays until the authorisation
 * key dies.
 */
static void life_to_failure(struct kunit *test)
{
	struct key *key = request_kept_key(test), *authkey = request_kept();

	complete_request_key(authkey, -EIO);
	KUNIT_EXPECT_TRUE(test, test_bit(KEY_FLAG_INVALIDATED,
					 &authkey->flags));
	KUNIT_EXPECT_FALSE(test, test_bit(KEY_FLAG_REVOKED, &authkey->flags));
	KUNIT_EXPECT_NOT_NULL(test, record_of(authkey));
	KUNIT_EXPECT_EQ(test, -EIO, wait_for_key_construction(key, false));
	key_put(authkey);
	key_put(key);
}

/*
 * Shows: RK-25, RK-W14. An authorisation key that was invalidated gives no
 * authority.
 */
static void withdrawn(struct kunit *test)
{
	struct key *key = request_kept_key(test), *authkey = request_kept();

	key_invalidate(authkey);
	KUNIT_EXPECT_NULL(test, request_key_auth_get(authkey));
	KUNIT_EXPECT_NOT_NULL(test, record_of(authkey));
	key_put(authkey);
	KUNIT_EXPECT_EQ(test, -ENOKEY, wait_for_key_construction(key, false));
	key_put(key);
}

/*
 * Shows: RK-W17. complete_request_key() takes a record without a destination,
 * and an authorisation key without a record.
 */
static void taken_for_granted(struct kunit *test)
{
	struct key *key = request_kept_key(test), *authkey = request_kept();

	KUNIT_EXPECT_NOT_NULL(test, record_of(authkey)->dest_keyring);
	request_answers(authkey);
	complete_request_key(authkey, 0);
	complete_request_key(authkey, -EIO);
	KUNIT_EXPECT_EQ(test, 0, wait_for_key_construction(key, false));
	key_put(authkey);
	key_put(key);
}

/* Shows: RK-10. Only a possessor of the authorisation key finds it. */
static void found_by_possessor(struct kunit *test)
{
	struct key *key = request_kept_key(test), *authkey = request_kept();
	struct key *found;

	KUNIT_EXPECT_PTR_EQ(test,
			    key_get_instantiation_authkey(key_serial(key)),
			    ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_EQ(test, 0, key_link(request_test_keyring(test),
					  authkey));
	found = key_get_instantiation_authkey(key_serial(key));
	KUNIT_EXPECT_PTR_EQ(test, found, authkey);
	if (!IS_ERR(found))
		key_put(found);
	request_answers(authkey);
	key_put(authkey);
	key_put(key);
}

/*
 * Shows: RK-7, RK-84. The requester's own authority does not pass to the
 * authorisation key.
 */
static void not_through_requester(struct kunit *test)
{
	struct key *key = request_kept_key(test), *authkey = request_kept();
	struct key *other = request_key(&request_helped_type, "none", NULL);
	struct requester *requester = test->priv;
	struct cred *helper = prepare_kernel_cred(&init_task);
	const struct cred *old;

	KUNIT_EXPECT_PTR_EQ(test, other, ERR_PTR(-ENOKEY));
	KUNIT_ASSERT_NOT_NULL(test, helper);
	KUNIT_EXPECT_EQ(test, 0, key_link(requester->cred->thread_keyring,
					  authkey));
	helper->request_key_auth = key_get(authkey);
	old = override_creds(helper);

	/* With the authority a search finds the key under construction ... */
	other = request_key_async(&request_test_type, "d", "", 0);
	KUNIT_EXPECT_PTR_EQ(test, other, key);
	if (!IS_ERR(other))
		key_put(other);
	/* ... and does not find the authorisation key */
	KUNIT_EXPECT_PTR_EQ(test,
			    key_get_instantiation_authkey(key_serial(key)),
			    ERR_PTR(-ENOKEY));
	revert_creds(old);
	put_cred(helper);
	request_answers(authkey);
	key_put(authkey);
	key_put(key);
}

/* Shows: RK-78. An authority that was revoked makes no keys. */
static void gone_authority(struct kunit *test)
{
	struct key *key = request_kept_key(test), *authkey = request_kept();
	struct cred *helper = prepare_kernel_cred(&init_task);
	const struct cred *old;

	KUNIT_ASSERT_NOT_NULL(test, helper);
	helper->thread_keyring = key_get(request_test_keyring(test));
	helper->request_key_auth = key_get(authkey);
	request_answers(authkey);

	old = override_creds(helper);
	/* This failure is not remembered: another authority can ask again */
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EKEYREVOKED),
			    request_key(&request_helped_type, "e", ""));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EKEYREVOKED),
			    request_key(&request_helped_type, "e", ""));
	revert_creds(old);
	put_cred(helper);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOKEY),
			    request_key(&request_helped_type, "e", NULL));
	key_put(authkey);
	key_put(key);
}

/* A type that is slow to instantiate */
static struct completion instantiating, may_go_on;

static int slow_instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	complete(&instantiating);
	wait_for_completion(&may_go_on);
	return 0;
}

static int slow_actor(struct key *authkey, void *aux)
{
	return request_keeps(authkey);
}

static struct key_type slow_type = {
	.name		= "request_kunit_slow",
	.instantiate	= slow_instantiate,
	.request_key	= slow_actor,
};

/**
 * struct job - work that another thread does with a key
 * @work: The work item.
 * @key: The key.
 * @done: Completed when the work is done.
 */
struct job {
	struct work_struct	work;
	struct key		*key;
	struct completion	done;
};

static void answer_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	request_answer(job->key);
	complete_all(&job->done);
}

static void revoke_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	key_revoke(job->key);
	complete_all(&job->done);
}

/* Requests a key with the job's keyring as destination */
static void request_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);
	struct key *key;

	key = request_key_and_link(&request_test_type, "same", NULL, "", 0,
				   NULL, job->key, 0);
	if (!IS_ERR(key))
		key_put(key);
	complete_all(&job->done);
}

/* The job leaks if its work hangs, which is a failure anyway */
static struct job *start_job(struct kunit *test, struct key *key,
			     work_func_t func)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, job);
	job->key = key;
	init_completion(&job->done);
	INIT_WORK(&job->work, func);
	queue_work(system_unbound_wq, &job->work);
	return job;
}

static bool gets_done(struct job *job)
{
	unsigned long limit = msecs_to_jiffies(REQUEST_TEST_LIMIT_MS);

	return wait_for_completion_timeout(&job->done, limit);
}

static void finish_job(struct kunit *test, struct job *job)
{
	KUNIT_ASSERT_TRUE(test, gets_done(job));
	flush_work(&job->work);
	kfree(job);
}

static struct key *request_slow(struct kunit *test, const char *description)
{
	struct key *key = request_key_async(&slow_type, description, "", 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	return key;
}

/*
 * Shows: RK-26. The task that revokes the authorisation key drops the last
 * reference to the request, which rejects the target key.  The task that
 * answers holds the target key's lock and retires the authorisation key.
 * Neither may wait for the other.
 */
static void revoked_while_answering(struct kunit *test)
{
	struct job *answer, *revoke;
	struct key *key, *authkey;

	KUNIT_ASSERT_EQ(test, 0, register_key_type(&slow_type));
	key = request_slow(test, "d");
	authkey = request_kept();

	answer = start_job(test, authkey, answer_job);
	wait_for_completion(&instantiating);
	revoke = start_job(test, authkey, revoke_job);
	finish_job(test, revoke);
	complete(&may_go_on);
	finish_job(test, answer);

	KUNIT_EXPECT_EQ(test, 0, wait_for_key_construction(key, false));
	key_put(authkey);
	key_put(key);
	unregister_key_type(&slow_type);
}

/* Shows: RK-W16, RK-D15. A slow type delays only its own key. */
static void slow_type_alone(struct kunit *test)
{
	struct key *slow, *authkey, *key;
	struct job *answer;

	KUNIT_ASSERT_EQ(test, 0, register_key_type(&slow_type));
	slow = request_slow(test, "slow");
	authkey = request_kept();
	answer = start_job(test, authkey, answer_job);
	wait_for_completion(&instantiating);

	key = request_test_key(NULL);
	KUNIT_EXPECT_FALSE(test, IS_ERR(key));
	if (!IS_ERR(key))
		key_put(key);

	complete(&may_go_on);
	finish_job(test, answer);
	complete_request_key(authkey, 0);
	key_put(authkey);
	key_put(slow);
	unregister_key_type(&slow_type);
}

/*
 * Shows: RK-W16, RK-D15. A keyring that is locked for long delays requests with
 * this destination, but no request for the same name with another destination.
 */
static void locked_keyring_alone(struct kunit *test)
{
	struct requester *requester = test->priv;
	struct job *waiting, *free;
	struct key *locked;

	locked = keyring_alloc(".request_kunit_locked", GLOBAL_ROOT_UID,
			       GLOBAL_ROOT_GID, requester->cred,
			       KEY_POS_ALL | KEY_USR_ALL,
			       KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, locked);

	down_write(&locked->sem);
	waiting = start_job(test, locked, request_job);
	msleep(REQUEST_TEST_DELAY_MS);
	free = start_job(test, request_test_keyring(test), request_job);
	KUNIT_EXPECT_TRUE(test, gets_done(free));
	KUNIT_EXPECT_FALSE(test, completion_done(&waiting->done));
	up_write(&locked->sem);

	finish_job(test, free);
	finish_job(test, waiting);
	key_put(locked);
}

/*
 * Shows: RK-81, RK-93. The authority ends with its request, even if the request
 * was answered without it and the key is already dead.
 */
static void answered_elsewhere(struct kunit *test)
{
	struct key *key = request_kept_key(test), *authkey = request_kept();

	KUNIT_EXPECT_EQ(test, 0, key_reject_and_link(key, 0, EIO, NULL, NULL));
	complete_request_key(authkey, -ETIMEDOUT);
	KUNIT_EXPECT_NULL(test, request_key_auth_get(authkey));
	key_put(authkey);
	key_put(key);
}

static int auth_init(struct kunit *test)
{
	init_completion(&instantiating);
	init_completion(&may_go_on);
	return request_test_init(test);
}

static struct kunit_case auth_cases[] = {
	KUNIT_CASE(record),
	KUNIT_CASE(record_goes),
	KUNIT_CASE(life_to_success),
	KUNIT_CASE(life_to_failure),
	KUNIT_CASE(withdrawn),
	KUNIT_CASE(taken_for_granted),
	KUNIT_CASE(found_by_possessor),
	KUNIT_CASE(not_through_requester),
	KUNIT_CASE(gone_authority),
	KUNIT_CASE(slow_type_alone),
	KUNIT_CASE(locked_keyring_alone),
	KUNIT_CASE(answered_elsewhere),
	KUNIT_CASE(revoked_while_answering),
	{}
};

static struct kunit_suite auth_suite = {
	.name		= "key_request_auth",
	.init		= auth_init,
	.exit		= request_test_exit,
	.test_cases	= auth_cases,
};

kunit_test_suite(auth_suite);
