// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: put a key under construction, once.
 *
 * Two tasks that cannot find a key must not both have it made if either could
 * find the other's.  So whoever wants to make a key searches again with the
 * creation lock of its name held, and links the new key into its destination
 * before it lets go.
 */

#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/mutex.h>
#include "request.h"

#define CREATION_LOCKS	BIT(KEY_CREATION_LOCK_BITS)

static struct mutex creation_locks[CREATION_LOCKS];

static int __init init_creation_locks(void)
{
	size_t i;

	for (i = 0; i < CREATION_LOCKS; i++)
		mutex_init(&creation_locks[i]);
	return 0;
}
early_initcall(init_creation_locks);

/*
 * Keys that could satisfy each other's requests have the same lock.  A type
 * with its own way of matching may match unlike descriptions.
 */
static struct mutex *creation_lock(struct keyring_search_context *ctx)
{
	struct key_type *type = ctx->index_key.type;

	if (type->match_preparse)
		return &creation_locks[hash_ptr(type, KEY_CREATION_LOCK_BITS)];

	/* Who has no keyring yet has searched none */
	if (!ctx->index_key.hash)
		key_set_index_key(&ctx->index_key);
	return &creation_locks[hash_long(ctx->index_key.hash,
					 KEY_CREATION_LOCK_BITS)];
}

static key_perm_t new_key_perm(const struct key_type *type)
{
	key_perm_t perm = KEY_POS_VIEW | KEY_POS_SEARCH | KEY_POS_LINK |
			  KEY_POS_SETATTR | KEY_USR_VIEW;

	if (type->read)
		perm |= KEY_POS_READ;
	if (type->update)
		perm |= KEY_POS_WRITE;
	return perm;
}

static struct key *alloc_key(const struct key_query *query)
{
	const struct cred *cred = current_cred();
	struct key *key;

	key = key_alloc_tagged(query->type, query->description,
			       query->domain_tag, cred->fsuid, cred->fsgid,
			       cred, new_key_perm(query->type),
			       query->alloc_flags, NULL);
	if (!IS_ERR(key))
		set_bit(KEY_FLAG_USER_CONSTRUCT, &key->flags);
	return key;
}

/*
 * A keyring that takes only certain keys cannot know yet whether this is one.
 */
static int check_restriction(struct key *keyring, const struct key *key)
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
static struct key *link_unless_found(struct keyring_search_context *ctx,
				     struct key *key, struct key *dest)
{
	struct mutex *lock = creation_lock(ctx);
	struct assoc_array_edit *edit = NULL;
	struct key *found = NULL;
	key_ref_t key_ref;
	int ret;

	/* A keyring may be kept locked for long; who waits must hold nothing */
	ret = __key_link_lock(dest, &key->index_key);
	if (ret < 0)
		return ERR_PTR(ret);
	mutex_lock(lock);
	ret = __key_link_begin(dest, &key->index_key, &edit);
	if (ret < 0)
		goto out;

	/* Only a key counts here: the first search has judged the rest */
	key_ref = key_query_search(ctx);
	if (!IS_ERR(key_ref)) {
		found = key_ref_to_ptr(key_ref);
		goto out;
	}

	ret = check_restriction(dest, key);
	if (ret == 0)
		__key_link(dest, key, &edit);
out:
	mutex_unlock(lock);
	__key_link_end(dest, &key->index_key, edit);
	return ret < 0 ? ERR_PTR(ret) : found;
}

/*
 * Put a new key under construction, or find that somebody was faster.
 */
static struct key *create_key(const struct key_query *query,
			      struct keyring_search_context *ctx,
			      struct key *dest, bool *is_new)
{
	struct key *key, *found;
	int ret;

	key = alloc_key(query);
	if (IS_ERR(key))
		return key;
	found = link_unless_found(ctx, key, dest);
	*is_new = !found;
	if (!found)
		return key;
	key_put(key);
	if (IS_ERR(found))
		return found;

	ret = key_link(dest, found);
	if (ret < 0) {
		key_put(found);
		return ERR_PTR(ret);
	}
	return found;
}

/*
 * Have a key made that is under construction now.
 *
 * Return: 0, or the error for who made the request.
 */
static int ask_for_key(const struct key_query *query, struct key *key,
		       struct key *dest)
{
	struct key_request *req;
	int ret;

	req = key_request_alloc(query, key, dest);
	if (IS_ERR(req)) {
		key_request_discard(key, PTR_ERR(req));
		return PTR_ERR(req);
	}
	ret = key_request_dispatch(req, query->aux);
	if (ret == 0 && READ_ONCE(req->route)->waits && !query->async)
		ret = key_request_wait(req);
	key_request_put(req);
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
	struct key *dest, *key;
	bool is_new = false;
	int ret;

	if (query->type == &key_type_keyring)
		return ERR_PTR(-EPERM);

	dest = key_request_destination(query);
	if (IS_ERR(dest))
		return dest;

	key = create_key(query, ctx, dest, &is_new);
	if (IS_ERR(key) || !is_new)
		goto out;

	ret = ask_for_key(query, key, dest);
	if (ret < 0) {
		key_put(key);
		key = ERR_PTR(ret);
	}
out:
	key_put(dest);
	return key;
}
