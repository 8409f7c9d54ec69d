// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of searches by callers in the kernel, and of their
 * results.
 */

#include <net/net_namespace.h>
#include "kunit.h"

static int preparsed, freed;
static int preparse_result;

static int count_preparse(struct key_match_data *match_data)
{
	preparsed++;
	return preparse_result;
}

static void count_free(struct key_match_data *match_data)
{
	freed++;
}

static const struct cred *seen_cred;
static struct task_struct *seen_task;

static int note_caller(const char *description)
{
	seen_cred = current_cred();
	seen_task = current;
	return 0;
}

static int matching_instantiate(struct key *key,
				struct key_preparsed_payload *prep)
{
	return 0;
}

/* A type that prepares its searches and checks its descriptions */
static struct key_type matching_type = {
	.name			= "request_kunit_matching",
	.instantiate		= matching_instantiate,
	.match_preparse		= count_preparse,
	.match_free		= count_free,
	.vet_description	= note_caller,
};

static int matching_init(struct kunit *test)
{
	int ret = request_test_init(test);

	if (ret < 0)
		return ret;
	preparsed = 0;
	freed = 0;
	preparse_result = 0;
	return register_key_type(&matching_type);
}

static void matching_exit(struct kunit *test)
{
	unregister_key_type(&matching_type);
	request_test_exit(test);
}

/*
 * Shows: RK-14, RK-3, RK-43. A search that finds nothing returns no key, and
 * asks no helper and no service.
 */
static void search_only(struct kunit *test)
{
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test,
			    request_key_rcu(&request_test_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, request_key(&request_test_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_EQ(test, 0, request_times_asked);
}

/*
 * Shows: RK-52. A search under RCU skips nested keyrings and prepares nothing.
 */
static void rcu_is_shallow(struct kunit *test)
{
	struct key *outer = request_test_keyring(test), *inner, *key, *found;

	inner = keyring_alloc(".request_kunit_inner", GLOBAL_ROOT_UID,
			      GLOBAL_ROOT_GID, current_cred(),
			      KEY_POS_ALL | KEY_USR_ALL,
			      KEY_ALLOC_NOT_IN_QUOTA, NULL, outer);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, inner);
	key = request_test_key(NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_EQ(test, 0, key_move(key, outer, inner, 0));

	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test,
			    request_key_rcu(&request_test_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_PTR_EQ(test, request_key_rcu(&matching_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, 0, preparsed);

	found = request_key(&request_test_type, "d", NULL);
	KUNIT_ASSERT_PTR_EQ(test, key, found);
	key_put(found);
	key_put(key);
	key_put(inner);
}

/*
 * Shows: KS-73. A network has so many keys of the kernel's and no more: somebody else
 * decides for how many names it asks.
 */
static void network_is_full(struct kunit *test)
{
	static struct key_tag tag = {
		.usage = REFCOUNT_INIT(KEY_NETWORK_KEYS_MAX - 1),
	};
	struct key *key;

	key = request_key_tag(&request_test_type, "last", &tag, "");
	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	KUNIT_EXPECT_PTR_EQ(test, request_key_tag(&request_test_type, "more", &tag, ""),
			    ERR_PTR(-EDQUOT));
	/* One that is there is found all the same. */
	KUNIT_EXPECT_PTR_EQ(test, request_key_tag(&request_test_type, "last", &tag, ""),
			    key);
	key_put(key);
	key_put(key);
}

/*
 * Shows: RK-130, RK-131, RK-W10, RK-D11. A key is made in the requested domain.
 */
static void tag_is_obeyed(struct kunit *test)
{
	static struct key_tag tag = { .usage = REFCOUNT_INIT(1) };
	struct key *key, *again;

	key = request_key_tag(&request_test_type, "d", &tag, "");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_PTR_EQ(test, key->domain_tag, &tag);
	again = request_key_tag(&request_test_type, "d", &tag, "");
	KUNIT_EXPECT_PTR_EQ(test, key, again);
	KUNIT_EXPECT_EQ(test, 1, request_times_asked);
	KUNIT_EXPECT_PTR_EQ(test, request_key(&request_test_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	key_put(again);
	key_put(key);
}

/* Shows: RK-1. Each wrapper passes its own domain. */
static void wrappers(struct kunit *test)
{
	struct key *key, *net_key;
	struct net *net = &init_net;

	key = request_key(&request_test_type, "d", "");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_PTR_EQ(test, key->domain_tag, &key_default_domain_tag);
	net_key = request_key_net(&request_test_type, "d", net, "");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, net_key);
	KUNIT_EXPECT_PTR_EQ(test, net_key->domain_tag, net->key_domain);
	key_put(net_key);
	key_put(key);
}

/* Shows: RK-51. The caller gets one additional reference. */
static void one_reference(struct kunit *test)
{
	struct key *key = request_test_key(NULL), *again;
	unsigned int before;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	before = refcount_read(&key->usage);
	again = request_test_key(NULL);
	KUNIT_EXPECT_PTR_EQ(test, key, again);
	KUNIT_EXPECT_EQ(test, before + 1, refcount_read(&key->usage));
	key_put(again);
	KUNIT_EXPECT_EQ(test, before, refcount_read(&key->usage));
	key_put(key);
}

/* Shows: RK-36. The search is prepared once and cleaned up once. */
static void prepared_once(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, request_key(&matching_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	KUNIT_EXPECT_EQ(test, 1, preparsed);
	KUNIT_EXPECT_EQ(test, 1, freed);

	/* The same holds for a request, which searches a second time */
	KUNIT_EXPECT_TRUE(test, IS_ERR(request_key(&matching_type, "d", "")));
	KUNIT_EXPECT_EQ(test, 2, preparsed);
	KUNIT_EXPECT_EQ(test, 2, freed);
}

/*
 * Shows: RK-36. A search whose preparation fails is neither made nor cleaned
 * up.
 */
static void not_prepared(struct kunit *test)
{
	preparse_result = -EHOSTDOWN;
	KUNIT_EXPECT_PTR_EQ(test, request_key(&matching_type, "d", ""),
			    ERR_PTR(-EHOSTDOWN));
	KUNIT_EXPECT_EQ(test, 1, preparsed);
	KUNIT_EXPECT_EQ(test, 0, freed);
}

/*
 * Shows: RK-61. The requester's task allocates the key, with the requester's
 * credentials.
 */
static void allocated_by_caller(struct kunit *test)
{
	struct requester *requester = test->priv;

	seen_cred = NULL;
	seen_task = NULL;
	KUNIT_EXPECT_TRUE(test, IS_ERR(request_key(&matching_type, "d", "")));
	KUNIT_EXPECT_PTR_EQ(test, seen_cred,
			    (const struct cred *)requester->cred);
	KUNIT_EXPECT_PTR_EQ(test, seen_task, current);
}

/*
 * Shows: RK-146. An index key has the values that it was given, and zeros in
 * all other fields.
 */
static void index_key(struct kunit *test)
{
	static struct key_tag tag = { .usage = REFCOUNT_INIT(1) };
	struct keyring_index_key expected = {
		.type		= &request_test_type,
		.domain_tag	= &tag,
		.description	= "description",
		.desc_len	= sizeof("description") - 1,
	};
	struct keyring_search_context ctx;

	memset(&ctx, 0xff, sizeof(ctx));
	key_search_init(&ctx, expected.type, expected.description, &tag, 0);
	KUNIT_EXPECT_EQ(test, expected.hash, ctx.index_key.hash);
	KUNIT_EXPECT_EQ(test, expected.x, ctx.index_key.x);
	KUNIT_EXPECT_EQ(test, expected.desc_len, ctx.index_key.desc_len);
	KUNIT_EXPECT_EQ(test, expected.type_id, ctx.index_key.type_id);
	KUNIT_EXPECT_EQ(test, expected.domain_id, ctx.index_key.domain_id);
	KUNIT_EXPECT_PTR_EQ(test, expected.type, ctx.index_key.type);
	KUNIT_EXPECT_PTR_EQ(test, expected.domain_tag,
			    ctx.index_key.domain_tag);
	KUNIT_EXPECT_PTR_EQ(test, expected.description,
			    ctx.index_key.description);

	/* The rest of the kernel computes the same from both */
	key_set_index_key(&expected);
	key_set_index_key(&ctx.index_key);
	KUNIT_EXPECT_EQ(test, expected.hash, ctx.index_key.hash);
	KUNIT_EXPECT_EQ(test, expected.x, ctx.index_key.x);
}

static struct kunit_case search_cases[] = {
	KUNIT_CASE(search_only),
	KUNIT_CASE(rcu_is_shallow),
	KUNIT_CASE(network_is_full),
	KUNIT_CASE(tag_is_obeyed),
	KUNIT_CASE(wrappers),
	KUNIT_CASE(one_reference),
	KUNIT_CASE(prepared_once),
	KUNIT_CASE(not_prepared),
	KUNIT_CASE(allocated_by_caller),
	KUNIT_CASE(index_key),
	{}
};

static struct kunit_suite search_suite = {
	.name		= "key_request_search",
	.init		= matching_init,
	.exit		= matching_exit,
	.test_cases	= search_cases,
};

kunit_test_suite(search_suite);
