// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of outside events during a request: its type is
 * unregistered, other requests come, a waiter is killed.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>
#include "kunit.h"

/* Shows: RK-W6, RK-D14. Requests end when their type is unregistered. */
static void type_goes(struct kunit *test)
{
	struct key *key;

	request_behaviour = request_answers_late;
	key = request_test_key_async(NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	unregister_key_type(&request_test_type);
	KUNIT_EXPECT_FALSE(test, key_under_construction(key));
	KUNIT_EXPECT_GT(test, 0, wait_for_key_construction(key, false));
	key_put(key);
	KUNIT_EXPECT_EQ(test, 0, register_key_type(&request_test_type));
}

/*
 * Shows: RK-33, RK-W6, RK-D13. Types can be registered and unregistered while a
 * request is under way.
 */
static void registry_is_free(struct kunit *test)
{
	static struct key_type visitor = { .name = "request_kunit_visitor" };
	struct key_type *found;
	struct key *key, *authkey;

	request_behaviour = request_keeps;
	key = request_test_key_async(NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	authkey = request_kept();

	KUNIT_EXPECT_EQ(test, 0, register_key_type(&visitor));
	found = key_type_lookup(visitor.name);
	KUNIT_EXPECT_PTR_EQ(test, found, &visitor);
	if (!IS_ERR(found))
		key_type_put(found);
	unregister_key_type(&visitor);
	KUNIT_EXPECT_TRUE(test, key_under_construction(key));

	request_answers(authkey);
	key_put(authkey);
	key_put(key);
}

/*
 * Shows: RK-W6. A type may be unregistered before its request has reached a
 * helper or a service.  Then none is asked, and no request is left.
 */
static void type_goes_early(struct kunit *test)
{
	struct key *dest = request_test_keyring(test), *key;
	const struct key_query query = {
		.type		= &request_helped_type,
		.description	= "d",
		.callout_info	= "",
		.origin		= KEY_ORIGIN_KERNEL,
	};
	struct key_request *req;

	key = key_alloc(query.type, query.description, GLOBAL_ROOT_UID,
			GLOBAL_ROOT_GID, current_cred(), KEY_POS_ALL,
			KEY_ALLOC_NOT_IN_QUOTA, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	set_bit(KEY_FLAG_USER_CONSTRUCT, &key->flags);
	req = key_request_alloc(&query, key, make_key_ref(dest, true));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, req);

	unregister_key_type(&request_helped_type);
	KUNIT_EXPECT_EQ(test, 0, key_request_dispatch(req, NULL));
	KUNIT_EXPECT_EQ(test, -ENOKEY, key_request_wait(req, NULL, false));
	KUNIT_EXPECT_NULL(test, req->authkey);
	/*
	 * The authorisation key had a reference, and is collected a little
	 * later
	 */
	for (int i = 0; i < REQUEST_TEST_LIMIT_MS &&
	     refcount_read(&req->rka.usage) > 1; i += REQUEST_TEST_DELAY_MS)
		msleep(REQUEST_TEST_DELAY_MS);
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&req->rka.usage));
	key_request_put(req);
	key_put(key);
	KUNIT_EXPECT_EQ(test, 0, register_key_type(&request_helped_type));
}

/* A key under construction that nobody answers */
static struct key *stuck_key;

static void is_killed(struct kunit *test)
{
	send_sig(SIGKILL, current, 1);
	KUNIT_EXPECT_EQ(test, -EINTR,
			wait_for_key_construction(stuck_key, false));
	KUNIT_EXPECT_PTR_EQ(test, request_test_key(NULL), ERR_PTR(-EINTR));
	KUNIT_EXPECT_EQ(test, -ERESTARTSYS,
			wait_for_key_construction(stuck_key, true));
}

static char lent;

/* A task that was killed beforehand makes no request at all */
static int kills_and_answers_late(struct key *authkey)
{
	send_sig(SIGKILL, current, 1);
	return request_answers_late(authkey);
}

static void lender_is_killed(struct kunit *test)
{
	struct key *key;

	request_behaviour = kills_and_answers_late;
	key = request_test_key(&lent);
	KUNIT_EXPECT_FALSE(test, IS_ERR(key));
	if (!IS_ERR(key))
		key_put(key);
}

/*
 * Shows: RK-D1. The actor may still use its arguments, such as a buffer of the
 * caller's.
 */
static void lender_waits(struct kunit *test)
{
	request_as_program(test, lender_is_killed);
}

static struct key_request *kept_request(struct key *authkey)
{
	struct request_key_auth *rka = request_key_auth_get(authkey);

	return rka ? key_request_of(rka) : NULL;
}

static bool is_made_in_time(const struct key *key)
{
	for (int i = 0; i < REQUEST_TEST_LIMIT_MS; i += REQUEST_TEST_DELAY_MS) {
		if (!key_under_construction(key))
			return true;
		msleep(REQUEST_TEST_DELAY_MS);
	}
	return false;
}

/*
 * Shows: RK-D2. A key that is being answered does not delay the timeout of
 * another one.
 */
static void answer_takes_long(struct kunit *test)
{
	struct key_request *req[2];
	struct key *key[2];

	request_behaviour = request_keeps;
	for (int i = 0; i < 2; i++) {
		struct key *authkey;

		key[i] = request_key_async(&request_test_type, i ? "e" : "d", "",
					   0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key[i]);
		authkey = request_kept();
		req[i] = kept_request(authkey);
		KUNIT_ASSERT_NOT_NULL(test, req[i]);
		/*
		 * The authority must outlive the request, so that it does not
		 * end the request
		 */
		key_request_keep_authkey(req[i], authkey);
		key_put(authkey);
	}
	set_bit(KEY_FLAG_ANSWERING, &key[0]->flags);
	key_request_set_deadline(req[0], 1);
	key_request_set_deadline(req[1], 2);
	KUNIT_EXPECT_TRUE(test, is_made_in_time(key[1]));
	KUNIT_EXPECT_TRUE(test, key_under_construction(key[0]));
	clear_and_wake_up_bit(KEY_FLAG_ANSWERING, &key[0]->flags);
	KUNIT_EXPECT_TRUE(test, is_made_in_time(key[0]));
	for (int i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, -ETIMEDOUT, key_read_state(key[i]));
		key_request_put(req[i]);
		key_put(key[i]);
	}
}

static void is_interrupted(struct kunit *test)
{
	send_sig(SIGUSR1, current, 1);
	KUNIT_EXPECT_EQ(test, -ERESTARTSYS,
			wait_for_key_construction(stuck_key, true));
}

/* Shows: RK-W3, RK-W2, RK-48. A task that waits in the kernel can be killed. */
static void waiter_is_killed(struct kunit *test)
{
	struct key *authkey;

	request_behaviour = request_keeps;
	stuck_key = request_test_key_async(NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stuck_key);
	authkey = request_kept();

	request_as_program(test, is_killed);
	request_as_program(test, is_interrupted);
	KUNIT_EXPECT_TRUE(test, key_under_construction(stuck_key));

	request_answers(authkey);
	KUNIT_EXPECT_EQ(test, 0, wait_for_key_construction(stuck_key, false));
	key_put(authkey);
	key_put(stuck_key);
}

/*
 * A type that nobody has registered cannot be pinned any more than one that is
 * being unregistered can.
 */
static struct key_type going_type = { .name = "request_kunit_going" };
static struct key *going_authkey;

static void answers_too_late(struct kunit *test)
{
	struct key *key = get_request_key_auth(going_authkey)->target_key;
	struct cred *cred = prepare_creds();

	KUNIT_EXPECT_NOT_NULL(test, cred);
	if (!cred)
		return;
	cred->request_key_auth = key_get(going_authkey);
	commit_creds(cred);
	KUNIT_EXPECT_EQ(test, -EKEYREVOKED,
			keyctl_instantiate_key(key_serial(key), NULL, 0, 0));
	KUNIT_EXPECT_TRUE(test, key_under_construction(key));
}

/* Shows: RK-D21. A type that is being unregistered gets no answer. */
static void type_is_going(struct kunit *test)
{
	struct key *key;

	going_type.instantiate = request_test_type.instantiate;
	going_type.request_key = request_test_type.request_key;
	request_behaviour = request_keeps;
	key = request_key_async(&going_type, "d", "", 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	going_authkey = request_kept();

	request_as_program(test, answers_too_late);
	complete_request_key(going_authkey, -EIO);
	KUNIT_EXPECT_EQ(test, -EIO, wait_for_key_construction(key, false));
	key_put(going_authkey);
	key_put(key);
}

/*
 * Makes payers of a user, and of the owner of that user's namespace unless it
 * is NULL
 */
static struct key_payers *payers_of(struct kunit *test, struct key_user *user,
				    struct key_user *owner)
{
	struct key_payers *payers;

	payers = kunit_kzalloc(test, struct_size(payers, users, 2), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, payers);
	payers->users[0] = user;
	payers->users[1] = owner;
	payers->count = owner ? 2 : 1;
	return payers;
}

static struct key_user *some_user(struct kunit *test)
{
	struct key_user *user = kunit_kzalloc(test, sizeof(*user), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, user);
	return user;
}

/*
 * Shows: RK-D1. A request takes one place, though the requester that leaves and
 * the route that starts the helper both count it.
 */
static void left_once(struct kunit *test)
{
	const int most = KEY_PLACES_COMMON + KEY_PLACES_OWN;
	struct key_payers *payers = payers_of(test, some_user(test), NULL);
	struct key_request *req;
	int i;

	req = kunit_kcalloc(test, most + 1, sizeof(*req), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, req);
	for (i = 0; i <= most; i++) {
		req[i].state = KEY_REQUEST_ROUTED;
		req[i].payers = payers;
	}

	KUNIT_EXPECT_TRUE(test, key_request_leave(&req[0]));
	KUNIT_EXPECT_TRUE(test, key_request_leave(&req[0]));
	key_request_left(&req[0]);

	for (i = 0; i <= most; i++)
		if (!key_request_leave(&req[i]))
			break;
	KUNIT_EXPECT_EQ(test, most, i);
	while (i--)
		key_request_left(&req[i]);
}

/*
 * Takes as many places as the payers can have, and returns their number;
 * give_all() gives them back
 */
static int take_all(enum key_place *places, const struct key_payers *payers)
{
	int count = 0;

	while (count < KEY_PLACES_COMMON + 1 &&
	       key_place_take(&places[count], payers, KEY_PLACE_UNATTENDED))
		count++;
	return count;
}

static void give_all(enum key_place *places, const struct key_payers *payers)
{
	int i;

	for (i = 0; i < KEY_PLACES_COMMON + 1; i++)
		key_place_give(&places[i], payers, KEY_PLACE_UNATTENDED);
}

/*
 * Shows: RK-D1, RK-D32. A user with many ids has one share for all of them,
 * besides the share of its own id; no user gets the share of another one.
 */
static void places_are_shared(struct kunit *test)
{
	enum { ALL, USER, FIRST_ID, SECOND_ID, OTHER, COUNT };
	static const int expected[COUNT] = {
		[ALL]		= KEY_PLACES_COMMON + 1,
		[USER]		= KEY_PLACES_OWN - 1,
		[FIRST_ID]	= KEY_PLACES_OWN,
		[SECOND_ID]	= 0,
		[OTHER]		= KEY_PLACES_OWN,
	};
	struct key_user *user = some_user(test);
	struct key_payers *payers[COUNT] = {
		[ALL]		= payers_of(test, user, NULL),
		[USER]		= payers_of(test, user, NULL),
		[FIRST_ID]	= payers_of(test, some_user(test), user),
		[SECOND_ID]	= payers_of(test, some_user(test), user),
		[OTHER]		= payers_of(test, some_user(test), NULL),
	};
	enum key_place *places[COUNT];
	int i;

	for (i = 0; i < COUNT; i++) {
		places[i] = kunit_kcalloc(test, KEY_PLACES_COMMON + 1,
					  sizeof(*places[i]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, places[i]);
	}
	for (i = 0; i < COUNT; i++)
		KUNIT_EXPECT_EQ(test, expected[i],
				take_all(places[i], payers[i]));
	/*
	 * Another user can take a place that was given back, if it was a common
	 * one
	 */
	KUNIT_EXPECT_TRUE(test, key_place_give(&places[ALL][0], payers[ALL],
					       KEY_PLACE_UNATTENDED));
	KUNIT_EXPECT_FALSE(test, key_place_give(&places[ALL][0], payers[ALL],
						KEY_PLACE_UNATTENDED));
	KUNIT_EXPECT_EQ(test, 1, take_all(places[SECOND_ID],
					  payers[SECOND_ID]));
	for (i = 0; i < COUNT; i++)
		give_all(places[i], payers[i]);
	KUNIT_EXPECT_EQ(test, 0, user->nplaces[KEY_PLACE_UNATTENDED]);
	KUNIT_EXPECT_EQ(test, 0, user->nplaces_below[KEY_PLACE_UNATTENDED]);
}

/**
 * struct late - a request that finds its key in its second search
 * @ask: How the request is made.
 * @hold: How the second search is delayed until the key is there.
 * @cred: Credentials of the request.
 * @named: Destination keyring of the call, or NULL.
 * @dest: Keyring that the request would link the key to.
 * @held: Completed when @dest is locked.
 * @go: Completed when @dest may be unlocked.
 * @asked: Completed when the request is over.
 * @key: Result of the request.
 */
struct late {
	struct work_struct	ask;
	struct work_struct	hold;
	const struct cred	*cred;
	struct key		*named;
	struct key		*dest;
	struct completion	held;
	struct completion	go;
	struct completion	asked;
	struct key		*key;
};

static void hold_keyring(struct work_struct *work)
{
	struct late *late = container_of(work, struct late, hold);

	down_write(&late->dest->sem);
	complete(&late->held);
	wait_for_completion(&late->go);
	up_write(&late->dest->sem);
}

static void ask_late(struct work_struct *work)
{
	struct late *late = container_of(work, struct late, ask);
	const struct cred *old = override_creds(late->cred);

	late->key = request_key_and_link(&request_test_type, "late", NULL, "",
					 0, NULL, late->named,
					 KEY_ALLOC_NOT_IN_QUOTA);
	revert_creds(old);
	complete(&late->asked);
}

/* A key that grants only Search, linked nowhere */
static struct key *key_without_link(struct kunit *test)
{
	struct key *key;

	key = key_alloc(&request_test_type, "late", GLOBAL_ROOT_UID,
			GLOBAL_ROOT_GID, current_cred(),
			KEY_POS_SEARCH | KEY_POS_VIEW, KEY_ALLOC_NOT_IN_QUOTA,
			NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_EQ(test, 0,
			key_instantiate_and_link(key, NULL, 0, NULL, NULL));
	return key;
}

/*
 * Links @key into a keyring below the searched one, while a request that has
 * already searched once waits for the lock of the searched one.
 */
static struct key *request_late(struct kunit *test, struct key *key,
				bool named)
{
	struct key *ring = request_test_keyring(test), *below;
	struct late late = {
		.cred = current_cred(),
		.named = named ? ring : NULL,
		.dest = ring,
	};
	int i;

	below = keyring_alloc("below", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
			      current_cred(), KEY_POS_ALL,
			      KEY_ALLOC_NOT_IN_QUOTA, NULL, ring);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, below);
	INIT_WORK_ONSTACK(&late.hold, hold_keyring);
	INIT_WORK_ONSTACK(&late.ask, ask_late);
	init_completion(&late.held);
	init_completion(&late.go);
	init_completion(&late.asked);

	queue_work(system_unbound_wq, &late.hold);
	wait_for_completion(&late.held);
	queue_work(system_unbound_wq, &late.ask);
	for (i = 0; i < REQUEST_TEST_LIMIT_MS; i++) {
		if (rwsem_is_contended(&ring->sem))
			break;
		fsleep(USEC_PER_MSEC);
	}
	KUNIT_EXPECT_EQ(test, 0, key_link(below, key));
	complete(&late.go);
	wait_for_completion(&late.asked);
	destroy_work_on_stack(&late.ask);
	destroy_work_on_stack(&late.hold);
	key_unlink(ring, below);
	key_put(below);
	return late.key;
}

static int links_in(const struct key *ring)
{
	return ring->keys.nr_leaves_on_tree;
}

/*
 * Shows: RK-69, RK-D39. A key that grants no Link permission is linked nowhere.
 */
static void link_is_asked_for(struct kunit *test)
{
	struct key *key = key_without_link(test), *found;

	found = request_late(test, key, true);
	KUNIT_EXPECT_PTR_EQ(test, found, ERR_PTR(-EACCES));
	if (!IS_ERR(found))
		key_put(found);

	found = request_late(test, key, false);
	KUNIT_EXPECT_PTR_EQ(test, found, key);
	if (!IS_ERR(found))
		key_put(found);
	KUNIT_EXPECT_EQ(test, 0, links_in(request_test_keyring(test)));
	KUNIT_EXPECT_EQ(test, 0, request_times_asked);
	key_put(key);
}

#ifdef CONFIG_KEY_SERVICE
/**
 * struct looker - a thread that waits to see which route makes a key
 * @work: The work item.
 * @key: The key.
 * @done: Completed when the route is known.
 * @service: Whether the route is a service.
 */
struct looker {
	struct work_struct	work;
	struct key		*key;
	struct completion	done;
	bool			service;
};

static void look(struct work_struct *work)
{
	struct looker *looker = container_of(work, struct looker, work);

	looker->service = key_service_makes(looker->key);
	complete(&looker->done);
}

static void list_request(struct key_request *req)
{
	spin_lock(&key_request_lock);
	list_add_rcu(&req->link, &key_requests);
	spin_unlock(&key_request_lock);
}

static void unlist_request(struct key_request *req)
{
	spin_lock(&key_request_lock);
	list_del_rcu(&req->link);
	spin_unlock(&key_request_lock);
	synchronize_rcu();
}

/*
 * Shows: RK-D29. While a key under construction has no request yet, the thread
 * waits: a service may get the request.
 */
static void maker_is_awaited(struct kunit *test)
{
	struct looker *looker = kunit_kzalloc(test, sizeof(*looker), GFP_KERNEL);
	struct key_request *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);
	struct key *key;

	KUNIT_ASSERT_NOT_NULL(test, looker);
	KUNIT_ASSERT_NOT_NULL(test, req);
	key = key_alloc(&request_test_type, "awaited", GLOBAL_ROOT_UID,
			GLOBAL_ROOT_GID, current_cred(), KEY_POS_ALL,
			KEY_ALLOC_NOT_IN_QUOTA, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	set_bit(KEY_FLAG_USER_CONSTRUCT, &key->flags);
	looker->key = key;
	init_completion(&looker->done);
	INIT_WORK(&looker->work, look);
	schedule_work(&looker->work);
	msleep(REQUEST_TEST_DELAY_MS);
	KUNIT_EXPECT_FALSE(test, completion_done(&looker->done));

	req->rka.target_key = key;
	req->state = KEY_REQUEST_ROUTED;
	req->origin = KEY_ORIGIN_USER;
	req->route = &key_route_service;
	list_request(req);
	flush_work(&looker->work);
	KUNIT_EXPECT_TRUE(test, looker->service);
	unlist_request(req);
	clear_and_wake_up_bit(KEY_FLAG_USER_CONSTRUCT, &key->flags);
	key_put(key);
}
#endif

static struct kunit_case end_cases[] = {
	KUNIT_CASE(type_goes),
	KUNIT_CASE(type_goes_early),
	KUNIT_CASE(type_is_going),
	KUNIT_CASE(registry_is_free),
	KUNIT_CASE(waiter_is_killed),
	KUNIT_CASE(lender_waits),
	KUNIT_CASE(answer_takes_long),
	KUNIT_CASE(left_once),
	KUNIT_CASE(link_is_asked_for),
	KUNIT_CASE(places_are_shared),
#ifdef CONFIG_KEY_SERVICE
	KUNIT_CASE(maker_is_awaited),
#endif
	{}
};

static struct kunit_suite end_suite = {
	.name		= "key_request_end",
	.init		= request_test_init,
	.exit		= request_test_exit,
	.test_cases	= end_cases,
};

kunit_test_suite(end_suite);
