// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: put a key under construction, once.
 *
 * Two tasks that cannot find a key must not both have it made if either could
 * find the other's.  So a task that wants to make a key searches again with the
 * creation lock of its name held, and links the new key into its destination
 * before it drops the lock.
 */

#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <net/net_namespace.h>
#include "request.h"

#define CREATION_LOCKS	BIT(KEY_CREATION_LOCK_BITS)

static struct mutex creation_locks[CREATION_LOCKS];

static int __init key_creation_init(void)
{
	size_t i;

	for (i = 0; i < CREATION_LOCKS; i++)
		mutex_init(&creation_locks[i]);
	return 0;
}
early_initcall(key_creation_init);

/*
 * Keys that could satisfy each other's requests have the same lock.  A type
 * with its own way of matching may match unlike descriptions.
 */
static struct mutex *key_creation_lock(struct keyring_search_context *ctx)
{
	struct key_type *type = ctx->index_key.type;

	if (type->match_preparse)
		return &creation_locks[hash_ptr(type, KEY_CREATION_LOCK_BITS)];

	/* A task without keyrings has searched none, so nothing has hashed yet */
	if (!ctx->index_key.hash)
		key_set_index_key(&ctx->index_key);
	return &creation_locks[hash_long(ctx->index_key.hash,
					 KEY_CREATION_LOCK_BITS)];
}

static key_perm_t key_request_new_perm(const struct key_type *type)
{
	key_perm_t perm = KEY_POS_VIEW | KEY_POS_SEARCH | KEY_POS_LINK |
			  KEY_POS_SETATTR | KEY_USR_VIEW;

	if (type->read)
		perm |= KEY_POS_READ;
	if (type->update)
		perm |= KEY_POS_WRITE;
	return perm;
}

/*
 * Whether the kernel may have one more key for the network namespace that it
 * names.  Each of those keys has a reference to the domain tag, and hardly anybody
 * else has one.
 */
static bool key_request_domain_has_room(const struct key_tag *tag)
{
	if (!tag)
		return true;
	if (IS_ENABLED(CONFIG_NET) && tag == init_net.key_domain)
		return true;
	return refcount_read(&tag->usage) < KEY_NETWORK_KEYS_MAX;
}

static struct key *key_request_alloc_key(const struct key_query *query)
{
	const struct cred *cred = current_cred();
	struct key *key;

	if (!key_request_domain_has_room(query->domain_tag))
		return ERR_PTR(-EDQUOT);
	key = key_alloc_tagged(query->type, query->description,
			       query->domain_tag, cred->fsuid, cred->fsgid,
			       cred, key_request_new_perm(query->type),
			       query->alloc_flags, NULL);
	if (!IS_ERR(key))
		set_bit(KEY_FLAG_USER_CONSTRUCT, &key->flags);
	return key;
}

/*
 * A keyring that takes only certain keys cannot know yet whether this is one.
 */
static int key_request_check_restriction(struct key *keyring, const struct key *key)
{
	const struct key_restriction *limit = keyring->restrict_link;

	if (!limit || !limit->check)
		return 0;
	return limit->check(keyring, key->type, &key->payload, limit->key);
}

/*
 * Link a new key unless a search finds one by now.
 *
 * Return: the key found, with a reference; NULL if the new one was linked; or
 * an error.
 */
static key_ref_t key_request_link_unless_found(struct keyring_search_context *ctx,
					       struct key *key, struct key *dest)
{
	struct mutex *lock = key_creation_lock(ctx);
	struct assoc_array_edit *edit = NULL;
	key_ref_t found = NULL;
	int ret;

	/* A keyring may be locked for long: a task must hold nothing while it waits */
	ret = __key_link_lock(dest, &key->index_key);
	if (ret < 0)
		return ERR_PTR(ret);
	ret = mutex_lock_killable(lock);
	if (ret < 0)
		goto out_unlink;
	ret = __key_link_begin(dest, &key->index_key, &edit);
	if (ret < 0)
		goto out;

	/* Only a key counts here: the first search has judged the rest */
	found = key_query_search(ctx);
	if (!IS_ERR(found))
		goto out;
	found = NULL;

	ret = key_request_check_restriction(dest, key);
	if (ret == 0)
		__key_link(dest, key, &edit);
out:
	mutex_unlock(lock);
out_unlink:
	__key_link_end(dest, &key->index_key, edit);
	return ret < 0 ? ERR_PTR(ret) : found;
}

/*
 * Link a key that somebody else was faster to make.  As with one that the first
 * search has found, only a key that grants Link is linked.  A key that does not is
 * an error for a caller that has named a keyring; a default keyring is for new keys
 * anyway.
 */
static int key_request_link_found(const struct key_query *query, struct key *dest,
				  key_ref_t found)
{
	int ret = key_permission(found, KEY_NEED_LINK);

	if (ret == 0)
		return key_link(dest, key_ref_to_ptr(found));
	return query->dest_keyring ? ret : 0;
}

/*
 * Put a new key under construction, or find that somebody was faster.
 */
static struct key *key_request_create_key(const struct key_query *query,
					  struct keyring_search_context *ctx,
					  struct key *dest, bool *is_new)
{
	struct key *key;
	key_ref_t found;
	int ret;

	key = key_request_alloc_key(query);
	if (IS_ERR(key))
		return key;
	found = key_request_link_unless_found(ctx, key, dest);
	*is_new = !found;
	if (!found)
		return key;
	key_put(key);
	if (IS_ERR(found))
		return ERR_CAST(found);

	ret = key_request_link_found(query, dest, found);
	if (ret < 0) {
		key_ref_put(found);
		return ERR_PTR(ret);
	}
	return key_ref_to_ptr(found);
}

/*
 * A caller that has lent something to the key type's actor waits until it is given
 * back.  So does a caller that the description names: a helper looks at that process.
 */
static bool key_query_waits_to_end(const struct key_query *query)
{
	return query->aux || (query->type->flags & KEY_TYPE_NAMES_CALLER);
}

/* Ask somebody, and wait unless the caller does not want to */
static int key_request_ask_and_wait(const struct key_query *query,
				    struct keyring_search_context *ctx,
				    struct key_request *req)
{
	int ret = key_request_dispatch(req, query->aux);

	if (ret < 0 || query->async || !READ_ONCE(req->route)->waits)
		return ret;
	return key_request_wait(req, ctx, key_query_waits_to_end(query));
}

/*
 * Have a key made that is under construction now.
 *
 * Return: 0, or the error for the task that made the request.
 */
static int key_request_ask(const struct key_query *query,
			   struct keyring_search_context *ctx, struct key *key,
			   key_ref_t dest)
{
	struct key_request *req;
	int ret;

	req = key_request_alloc(query, key, dest);
	if (IS_ERR(req)) {
		key_request_discard(key, PTR_ERR(req));
		return PTR_ERR(req);
	}
	ret = key_request_ask_and_wait(query, ctx, req);
	key_request_put(req);
	return ret;
}

/*
 * The same while the system stays awake.  A program's call can be frozen, and is
 * in nobody's way.
 */
static int key_request_ask_while_awake(const struct key_query *query,
				       struct keyring_search_context *ctx, struct key *key,
				       key_ref_t dest)
{
	int ret;

	if (query->origin == KEY_ORIGIN_USER)
		return key_request_ask(query, ctx, key, dest);
	if (!key_sleep_delay(false)) {
		key_request_discard(key, -EBUSY);
		return -EBUSY;
	}
	ret = key_request_ask(query, ctx, key, dest);
	key_sleep_allow();
	return ret;
}

/*
 * Make a key that no search has found, or find that somebody else makes it.
 *
 * Return: the key, with a reference to drop, or an error.
 */
struct key *key_request_construct(const struct key_query *query,
				  struct keyring_search_context *ctx)
{
	bool is_new = false;
	struct key *key;
	key_ref_t dest;
	int ret;

	if (query->type == &key_type_keyring)
		return ERR_PTR(-EPERM);
	/* Nobody would be there for the answer */
	if (fatal_signal_pending(current))
		return ERR_PTR(-EINTR);

	dest = key_request_destination(query);
	if (IS_ERR(dest))
		return ERR_CAST(dest);

	key = key_request_create_key(query, ctx, key_ref_to_ptr(dest), &is_new);
	if (IS_ERR(key) || !is_new)
		goto out;

	ret = key_request_ask_while_awake(query, ctx, key, dest);
	if (ret < 0) {
		key_put(key);
		key = ERR_PTR(ret);
	}
out:
	key_ref_put(dest);
	return key;
}
