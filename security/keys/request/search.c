// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: search the caller's keyrings, and one cached key per task.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include "request.h"

/*
 * Set up a search of the caller's keyrings by description.  The search itself
 * sets what is not set here, so the context need not be cleared before.
 */
void key_search_init(struct keyring_search_context *ctx, struct key_type *type,
		     const char *description, struct key_tag *domain_tag,
		     unsigned int flags)
{
	ctx->index_key.hash = 0;
	ctx->index_key.x = 0;
	ctx->index_key.desc_len = strlen(description);
	ctx->index_key.type = type;
	ctx->index_key.domain_tag = domain_tag;
	ctx->index_key.description = description;
	ctx->index_key.type_id = 0;
	ctx->index_key.domain_id = 0;
	ctx->cred = current_cred();
	ctx->match_data.cmp = key_default_cmp;
	ctx->match_data.raw_data = description;
	ctx->match_data.preparsed = NULL;
	ctx->match_data.lookup_type = KEYRING_SEARCH_LOOKUP_DIRECT;
	ctx->flags = KEYRING_SEARCH_DO_STATE_CHECK | flags;
}

/*
 * Find the serial number of the keyring that searches with @cred, the caller's own
 * credentials, end with.
 *
 * Return: 0, or an error.
 */
int key_search_session(const struct cred *cred, key_serial_t *serial)
{
	struct key *keyring;
	int ret;

	if (cred->session_keyring) {
		*serial = key_serial(cred->session_keyring);
		return 0;
	}
	ret = look_up_user_keyrings(NULL, &keyring);
	if (ret < 0)
		return ret;
	*serial = key_serial(keyring);
	key_put(keyring);
	return 0;
}

/*
 * Set up the search for a query.  If this succeeds, key_query_done() has to
 * follow.
 */
int key_query_prepare(const struct key_query *query,
		      struct keyring_search_context *ctx)
{
	int ret;

	key_search_init(ctx, query->type, query->description,
			query->domain_tag, KEYRING_SEARCH_SKIP_EXPIRED |
			KEYRING_SEARCH_RECURSE);
	if (!query->type->match_preparse)
		return 0;
	ret = query->type->match_preparse(&ctx->match_data);
	return ret < 0 ? ret : 0;
}

/*
 * Search the caller's keyrings and those it may search in another's name.
 *
 * A negative key that is in force ends the request with its error, no matter
 * which error it holds and which other keyrings were searched: that is what it
 * is there for.
 *
 * Return: a reference to the key; -EAGAIN with ctx->negative clear if there is
 * none; or the error that the request ends with.
 */
key_ref_t key_query_search(struct keyring_search_context *ctx)
{
	key_ref_t key_ref;

	ctx->negative = 0;
	rcu_read_lock();
	key_ref = search_process_keyrings_rcu(ctx);
	rcu_read_unlock();
	if (IS_ERR(key_ref) && ctx->negative &&
	    PTR_ERR(key_ref) != -ENOKEY)
		return ERR_PTR(ctx->negative);
	return key_ref;
}

#ifdef CONFIG_KEYS_REQUEST_CACHE
/*
 * The cache does not know under whose credentials it was filled.  So it serves
 * a task's own ones only, which stay the same until it leaves the kernel.
 */
static bool key_cache_may_use(void)
{
	return !(current->flags & PF_KTHREAD) &&
	       current_cred() == current_real_cred();
}

static bool key_query_has_domain(const struct key *key,
				 const struct key_query *query)
{
	if (query->domain_tag)
		return key->domain_tag == query->domain_tag;
	if (query->type->flags & KEY_TYPE_NET_DOMAIN)
		return key->domain_tag ==
		       current->nsproxy->net_ns->key_domain;
	return key->domain_tag == &key_default_domain_tag;
}

/*
 * The key that this task used last, if it is what the query asks for.
 */
struct key *key_cache_get(const struct key_query *query,
			  const struct keyring_search_context *ctx)
{
	struct key *key = current->cached_requested_key;

	if (!key || !key_cache_may_use() || key->type != query->type)
		return NULL;
	if (!key_query_has_domain(key, query) ||
	    !ctx->match_data.cmp(key, &ctx->match_data))
		return NULL;
	if (!key_is_positive(key) || key_validate(key) < 0)
		return NULL;
	return key_get(key);
}

/*
 * Remember a key until the task returns to user mode.
 */
void key_cache_set(struct key *key)
{
	struct key *old = current->cached_requested_key;

	if (old == key || !key_cache_may_use())
		return;
	current->cached_requested_key = key_get(key);
	key_put(old);
	set_tsk_thread_flag(current, TIF_NOTIFY_RESUME);
}
#else
struct key *key_cache_get(const struct key_query *query,
			  const struct keyring_search_context *ctx)
{
	return NULL;
}

void key_cache_set(struct key *key)
{
}
#endif

/**
 * request_key_rcu - Find a usable key without sleeping
 * @type: Type of the key.
 * @description: Description of the key.
 * @domain_tag: Domain of the key, or NULL for the one its type implies.
 *
 * Only the caller's own keyrings are searched, not the ones linked into them,
 * and the type gets no say in what matches.  The caller must be in an RCU
 * read-side critical section.
 *
 * Return: the key, with a reference to drop; -ENOKEY if there is none;
 * -EINPROGRESS if it is under construction, for which only a caller that may sleep can
 * wait; or the error of what was found in its place.
 */
struct key *request_key_rcu(struct key_type *type,
			    const char *description,
			    struct key_tag *domain_tag)
{
	const struct key_query query = {
		.type		= type,
		.description	= description,
		.domain_tag	= domain_tag,
		.origin		= KEY_ORIGIN_KERNEL,
	};
	struct keyring_search_context ctx __uninitialized;
	struct key *key;
	key_ref_t key_ref;

	key_search_init(&ctx, type, description, domain_tag,
			KEYRING_SEARCH_SKIP_EXPIRED);
	key = key_cache_get(&query, &ctx);
	if (key)
		return key;

	key_ref = key_query_search(&ctx);
	if (IS_ERR(key_ref)) {
		if (!ctx.negative && PTR_ERR(key_ref) == -EAGAIN)
			return ERR_PTR(-ENOKEY);
		return ERR_CAST(key_ref);
	}

	key = key_ref_to_ptr(key_ref);
	if (!key_is_positive(key)) {
		key_put(key);
		return ERR_PTR(-EINPROGRESS);
	}
	key_cache_set(key);
	return key;
}
EXPORT_SYMBOL(request_key_rcu);
