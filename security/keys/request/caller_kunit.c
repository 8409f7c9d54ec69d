// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of properties that callers in the kernel depend on.  Each
 * test makes the call as its caller does.
 */

#include <linux/delay.h>
#include <linux/keyctl.h>
#include <keys/user-type.h>
#include <net/net_namespace.h>
#include "kunit.h"

static bool linked(struct kunit *test, struct key *key)
{
	key_ref_t found = keyring_search(
		make_key_ref(request_test_keyring(test), true), key->type,
		key->description, false);

	if (IS_ERR(found))
		return false;
	key_ref_put(found);
	return key_ref_to_ptr(found) == key;
}

/*
 * Shows: RK-13. The idmapper of NFS overrides its credentials with a thread
 * keyring that gets its keys, requests a key of one type and then of another,
 * and changes the permissions of the key that it got.
 */
static void idmapper(struct kunit *test)
{
	struct requester *requester = test->priv;
	struct key *key;

	requester->cred->jit_keyring = KEY_REQKEY_DEFL_THREAD_KEYRING;
	key = request_key(&request_helped_type, "uid:d", "");
	KUNIT_EXPECT_TRUE(test, IS_ERR(key));

	key = request_key_with_auxdata(&request_test_type, "uid:d", NULL, "", 0,
				       test);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_PTR_EQ(test, request_seen_aux, (void *)test);
	KUNIT_EXPECT_TRUE(test, linked(test, key));
	set_bit(KEY_FLAG_ROOT_CAN_INVAL, &key->flags);
	key->perm |= KEY_USR_VIEW;
	KUNIT_EXPECT_EQ(test, 0, wait_for_key_construction(key, false));
	key_put(key);
}

static int needs_aux(struct key *authkey)
{
	int ret = request_seen_aux ? 0 : -ENOKEY;

	if (ret < 0)
		complete_request_key(authkey, ret);
	else
		request_keeps(authkey);
	return ret;
}

/*
 * Shows: RK-95. NFS's second type has an actor that needs its auxiliary data.
 */
static void legacy_without_aux(struct kunit *test)
{
	request_behaviour = needs_aux;
	KUNIT_EXPECT_PTR_EQ(test, request_test_key(NULL), ERR_PTR(-ENOKEY));
}

/*
 * Shows: RK-95, RK-5. The actor returns early; a count of bytes written is a
 * success.
 */
static void legacy_pipe(struct kunit *test)
{
	struct key *key, *authkey;

	request_behaviour = needs_aux;
	key = request_test_key_async(test);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	authkey = request_kept();
	KUNIT_ASSERT_NOT_NULL(test, authkey);
	KUNIT_EXPECT_EQ(test, 0, request_answer(authkey));
	complete_request_key(authkey, 128);
	KUNIT_EXPECT_EQ(test, 0, wait_for_key_construction(key, false));
	key_put(authkey);
	key_put(key);
}

/* Shows: RK-95, RK-5. The removal of the pipe ends the request, too. */
static void legacy_pipe_broken(struct kunit *test)
{
	struct key *key, *authkey;

	request_behaviour = needs_aux;
	key = request_test_key_async(test);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	authkey = request_kept();
	KUNIT_ASSERT_NOT_NULL(test, authkey);
	complete_request_key(authkey, -EPIPE);
	KUNIT_EXPECT_EQ(test, -EPIPE, wait_for_key_construction(key, false));
	key_put(authkey);
	key_put(key);
}

static int net_instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	return 0;
}

static int net_actor(struct key *authkey, void *aux)
{
	request_times_asked++;
	return request_behaviour(authkey);
}

/* A type with the properties that the DNS resolver's and rxrpc's types share */
static struct key_type net_type = {
	.name		= "request_kunit_net",
	.flags		= KEY_TYPE_NET_DOMAIN | KEY_TYPE_INSTANT_REAP,
	.instantiate	= net_instantiate,
	.request_key	= net_actor,
};

/* Shows: RK-15. The DNS resolver's keys belong to one network namespace. */
static void resolver(struct kunit *test)
{
	static struct key_tag tag = { .usage = REFCOUNT_INIT(1) };
	struct net *net = &init_net;
	struct key *key;

	key = request_key_net(&net_type, "d", net, "options");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_PTR_EQ(test, key->domain_tag, net->key_domain);
	KUNIT_EXPECT_PTR_EQ(test, request_key_tag(&net_type, "d", &tag, NULL),
			    ERR_PTR(-ENOKEY));
	/* Without a tag the key gets the domain of the requester */
	KUNIT_EXPECT_PTR_EQ(test, request_key(&net_type, "d", NULL), key);
	key_put(key);
	key_put(key);
}

static int dies_at_once(struct key *authkey)
{
	struct key *key = get_request_key_auth(authkey)->target_key;

	key_reject_and_link(key, 0, ENOKEY, NULL, authkey);
	complete_request_key(authkey, -ENOKEY);
	return -ENOKEY;
}

/*
 * Shows: RK-15. The garbage collector unlinks dead keys of the DNS resolver
 * soon, although nobody asks for it.
 */
static void resolver_reaped(struct kunit *test)
{
	struct net *net = &init_net;
	struct key *keyring = request_test_keyring(test);
	int i;

	request_behaviour = dies_at_once;
	KUNIT_EXPECT_PTR_EQ(test,
			    request_key_net(&net_type, "d", net, ""),
			    ERR_PTR(-ENOKEY));
	for (i = 0; i < REQUEST_TEST_LIMIT_MS && keyring->keys.nr_leaves_on_tree;
	     i += REQUEST_TEST_DELAY_MS)
		msleep(REQUEST_TEST_DELAY_MS);
	KUNIT_EXPECT_EQ(test, 0, keyring->keys.nr_leaves_on_tree);
}

/*
 * Shows: RK-16. AFS takes ENOKEY for "anonymous", so no helper and no service
 * is asked.
 */
static void rxrpc_searches(struct kunit *test)
{
	struct net *net = &init_net;
	struct key *ring, *found, *key;

	KUNIT_EXPECT_PTR_EQ(test,
			    request_key_net(&net_type, "d", net, NULL),
			    ERR_PTR(-ENOKEY));
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test,
			    request_key_net_rcu(&net_type, "d", net),
			    ERR_PTR(-ENOKEY));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, 0, request_times_asked);

	key = request_key_net(&net_type, "d", net, "");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	rcu_read_lock();
	found = request_key_net_rcu(&net_type, "d", net);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, found, key);
	key_put(key);
	key_put(key);

	ring = keyring_alloc("request_kunit_ring", GLOBAL_ROOT_UID,
			     GLOBAL_ROOT_GID, current_cred(), KEY_POS_ALL,
			     KEY_ALLOC_NOT_IN_QUOTA, NULL,
			     request_test_keyring(test));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ring);
	found = request_key(&key_type_keyring, "request_kunit_ring", NULL);
	KUNIT_EXPECT_PTR_EQ(test, found, ring);
	key_put(ring);
	key_put(ring);
}

/* Shows: RK-18. A caller that passes no callout data only searches. */
static void searches_only(struct kunit *test)
{
	static struct key_type *const types[] = {
		&key_type_user, &key_type_logon, &request_helped_type,
	};
	struct key *keyring = request_test_keyring(test), *key;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		KUNIT_EXPECT_PTR_EQ(test, request_key(types[i], "a:b", NULL),
				    ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_EQ(test, 0, keyring->keys.nr_leaves_on_tree);

	key = key_alloc(&key_type_logon, "a:b", GLOBAL_ROOT_UID,
			GLOBAL_ROOT_GID, current_cred(), KEY_POS_ALL,
			KEY_ALLOC_NOT_IN_QUOTA, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_ASSERT_EQ(test, 0, key_instantiate_and_link(key, "p", 1, keyring,
							  NULL));
	KUNIT_EXPECT_PTR_EQ(test, request_key(&key_type_logon, "a:b", NULL),
			    key);
	key_put(key);
	key_put(key);
}

static int caller_init(struct kunit *test)
{
	int ret = request_test_init(test);

	return ret < 0 ? ret : register_key_type(&net_type);
}

static void caller_exit(struct kunit *test)
{
	unregister_key_type(&net_type);
	request_test_exit(test);
}

static struct kunit_case caller_cases[] = {
	KUNIT_CASE(idmapper),
	KUNIT_CASE(legacy_without_aux),
	KUNIT_CASE(legacy_pipe),
	KUNIT_CASE(legacy_pipe_broken),
	KUNIT_CASE(resolver),
	KUNIT_CASE(resolver_reaped),
	KUNIT_CASE(rxrpc_searches),
	KUNIT_CASE(searches_only),
	{}
};

static struct kunit_suite caller_suite = {
	.name		= "key_request_caller",
	.init		= caller_init,
	.exit		= caller_exit,
	.test_cases	= caller_cases,
};

kunit_test_suite(caller_suite);
