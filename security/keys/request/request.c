// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: the calls that the rest of the kernel makes.
 */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/string.h>
#include <linux/wait_bit.h>
#include "request.h"

/*
 * A found key needs Link permission to be linked for the caller: the search
 * only asked for Search.
 */
static int key_query_link_found(struct key *dest, key_ref_t key_ref)
{
	int ret;

	if (!dest)
		return 0;
	ret = key_permission(key_ref, KEY_NEED_LINK);
	if (ret < 0)
		return ret;
	return key_link(dest, key_ref_to_ptr(key_ref));
}

static struct key *key_query_use_found(const struct key_query *query,
				       key_ref_t key_ref)
{
	struct key *key = key_ref_to_ptr(key_ref);
	int ret;

	ret = key_query_link_found(query->dest_keyring, key_ref);
	if (ret < 0) {
		key_put(key);
		return ERR_PTR(ret);
	}

	/* A program's next request starts with an empty cache anyway */
	if (query->origin == KEY_ORIGIN_KERNEL)
		key_cache_set(key);
	return key;
}

static struct key *key_query_search_or_construct(const struct key_query *query,
						 struct keyring_search_context *ctx)
{
	struct key *key;
	key_ref_t key_ref;

	/* A cached key is not linked anywhere: a caller that names a keyring searches */
	if (query->origin == KEY_ORIGIN_KERNEL && !query->dest_keyring) {
		key = key_cache_get(query, ctx);
		if (key)
			return key;
	}

	key_ref = key_query_search(ctx);
	if (!IS_ERR(key_ref))
		return key_query_use_found(query, key_ref);
	if (ctx->negative || PTR_ERR(key_ref) != -EAGAIN)
		return ERR_CAST(key_ref);
	if (!query->callout_info)
		return ERR_PTR(-ENOKEY);
	return key_request_construct(query, ctx);
}

static struct key *key_query_answer(const struct key_query *query)
{
	struct keyring_search_context ctx __uninitialized;
	struct key *key;
	int ret;

	ret = key_query_prepare(query, &ctx);
	if (ret < 0)
		return ERR_PTR(ret);
	key = key_query_search_or_construct(query, &ctx);
	key_query_done(query, &ctx);
	return key;
}

/*
 * Wait for a key on behalf of the kernel, which may hold any lock.  So it waits
 * for no key that a program has asked a service for: the owner of that service,
 * perhaps the same program, decides how long this takes.
 */
static int key_query_wait_as_kernel(const struct key_query *query, struct key *key)
{
	if (key_service_makes(key))
		return -ENOKEY;
	/* The actor has what the caller lent it until it has answered */
	return key_wait_as_kernel(key, query->aux);
}

static struct key *key_query_answer_and_wait(const struct key_query *query)
{
	struct key *key;
	int ret;

	key = key_query_answer(query);
	if (IS_ERR(key))
		return key;
	ret = key_query_wait_as_kernel(query, key);
	if (ret < 0) {
		key_put(key);
		return ERR_PTR(ret);
	}
	return key;
}

/**
 * request_key_to - Find or make a key for a program, and link it
 * @type: Type of the key.
 * @description: Description of the key.
 * @callout_info: Data for the maker of the key, or NULL to make none.
 * @callout_len: Length of @callout_info.
 * @dest: Where to link the key, with the program's possession of it, or NULL.
 *
 * This is what request_key(2) does.  The key may be under construction by
 * somebody else: the caller still has to wait.
 *
 * Return: the key, with a reference to drop, or an error.
 */
struct key *request_key_to(struct key_type *type, const char *description,
			   const void *callout_info, size_t callout_len,
			   key_ref_t dest)
{
	const struct key_query query = {
		.type		= type,
		.description	= description,
		.callout_info	= callout_info,
		.callout_len	= callout_len,
		.dest_keyring	= key_ref_to_ptr(dest),
		.dest_possessed	= is_key_possessed(dest),
		.alloc_flags	= KEY_ALLOC_IN_QUOTA,
		.origin		= KEY_ORIGIN_USER,
	};

	return key_query_answer(&query);
}

/**
 * request_key_and_link - request_key_to() with mainline's arguments
 * @type: Type of the key.
 * @description: Description of the key.
 * @domain_tag: Domain of the key, or NULL.
 * @callout_info: Data for the maker of the key, or NULL to make none.
 * @callout_len: Length of @callout_info.
 * @aux: For the key type's own actor.
 * @dest_keyring: Where to link the key, or NULL.
 * @flags: KEY_ALLOC_* for a new key.
 *
 * Mainline's call for the other files of this folder, which the contract promises
 * them.  request_key(2) needs to say whether its caller possesses the keyring, and
 * uses request_key_to().  Here a program that answers does not possess
 * @dest_keyring by that, unless it is the helper program.
 *
 * Return: the key, with a reference to drop, or an error.
 */
struct key *request_key_and_link(struct key_type *type,
				 const char *description,
				 struct key_tag *domain_tag,
				 const void *callout_info,
				 size_t callout_len,
				 void *aux,
				 struct key *dest_keyring,
				 unsigned long flags)
{
	const struct key_query query = {
		.type		= type,
		.description	= description,
		.domain_tag	= domain_tag,
		.callout_info	= callout_info,
		.callout_len	= callout_len,
		.aux		= aux,
		.dest_keyring	= dest_keyring,
		.alloc_flags	= flags,
		.origin		= KEY_ORIGIN_USER,
	};

	return key_query_answer(&query);
}

/**
 * request_key_tag - Find or make a key, and wait until it can be used
 * @type: Type of the key.
 * @description: Description of the key.
 * @domain_tag: Domain of the key, or NULL for the one its type implies.
 * @callout_info: String for the maker of the key, or NULL to make none.
 *
 * A key that is found is linked nowhere.  A key that is made belongs to the
 * caller's quota and is linked where KEYCTL_SET_REQKEY_KEYRING says.  Only a
 * fatal signal ends the wait early, with -EINTR.  A key that a program has asked
 * a key service for is as good as none until it is made.
 *
 * Return: the key, with a reference to drop, or an error.
 */
struct key *request_key_tag(struct key_type *type,
			    const char *description,
			    struct key_tag *domain_tag,
			    const char *callout_info)
{
	return request_key_with_auxdata(type, description, domain_tag,
					callout_info,
					callout_info ? strlen(callout_info) : 0,
					NULL);
}
EXPORT_SYMBOL(request_key_tag);

/**
 * request_key_with_auxdata - Find or make a key with data for its type's actor
 * @type: Type of the key.
 * @description: Description of the key.
 * @domain_tag: Domain of the key, or NULL for the one its type implies.
 * @callout_info: Data for the maker of the key, or NULL to make none.
 * @callout_len: Length of @callout_info.
 * @aux: Handed to the key type's own actor as it is.
 *
 * Otherwise as request_key_tag().  With @aux nothing ends the wait early, as the
 * actor may use it until the key is answered.
 *
 * Return: the key, with a reference to drop, or an error.
 */
struct key *request_key_with_auxdata(struct key_type *type,
				     const char *description,
				     struct key_tag *domain_tag,
				     const void *callout_info,
				     size_t callout_len,
				     void *aux)
{
	const struct key_query query = {
		.type		= type,
		.description	= description,
		.domain_tag	= domain_tag,
		.callout_info	= callout_info,
		.callout_len	= callout_len,
		.aux		= aux,
		.alloc_flags	= KEY_ALLOC_IN_QUOTA,
		.origin		= KEY_ORIGIN_KERNEL,
	};

	return key_query_answer_and_wait(&query);
}
EXPORT_SYMBOL(request_key_with_auxdata);

/**
 * request_key_nowait - Find a key that need not be waited for
 * @type: Type of the key.
 * @description: Description of the key.
 *
 * For callers with locks that others wait for, such as a keyring's, or that of
 * a key being instantiated.  The maker of a key decides how long it is under
 * construction, and may be a program of the requester's own.  Such a key is as good
 * as none.
 *
 * Context: Process context.  May sleep, but waits for no program.
 * Return: the key, with a reference to drop; -ENOKEY if there is none; or the
 * error of what was found in its place.
 */
struct key *request_key_nowait(struct key_type *type, const char *description)
{
	struct key *key = request_key_async(type, description, NULL, 0);
	int ret;

	if (IS_ERR(key) || key_is_positive(key))
		return key;
	ret = key_read_state(key);
	key_put(key);
	return ERR_PTR(ret < 0 ? ret : -ENOKEY);
}
EXPORT_SYMBOL(request_key_nowait);

/**
 * request_key_async_tag - Find a key, or have it made in the background
 * @type: Type of the key.
 * @description: Description of the key.
 * @domain_tag: Domain of the key, or NULL for the one its type implies.
 * @callout_info: Data for the maker of the key, or NULL to make none.
 * @callout_len: Length of @callout_info.
 * @aux: Handed to the key type's own actor as it is.
 *
 * Waits for nobody.  The key may be under construction, by this call or by
 * another, and may turn out negative: use wait_for_key_construction() and look
 * at its result before using the key.
 *
 * Return: the key, with a reference to drop, or an error.
 */
struct key *request_key_async_tag(struct key_type *type,
				  const char *description,
				  struct key_tag *domain_tag,
				  const void *callout_info,
				  size_t callout_len,
				  void *aux)
{
	const struct key_query query = {
		.type		= type,
		.description	= description,
		.domain_tag	= domain_tag,
		.callout_info	= callout_info,
		.callout_len	= callout_len,
		.aux		= aux,
		.alloc_flags	= KEY_ALLOC_IN_QUOTA,
		.origin		= KEY_ORIGIN_KERNEL,
		.async		= true,
	};

	return key_query_answer(&query);
}
EXPORT_SYMBOL(request_key_async_tag);

/**
 * request_key_async_with_auxdata - request_key_async_tag() in the implied domain
 * @type: Type of the key.
 * @description: Description of the key.
 * @callout_info: Data for the maker of the key, or NULL to make none.
 * @callout_len: Length of @callout_info.
 * @aux: Handed to the key type's own actor as it is.
 *
 * Return: the key, with a reference to drop, or an error.
 */
struct key *request_key_async_with_auxdata(struct key_type *type,
					   const char *description,
					   const void *callout_info,
					   size_t callout_len,
					   void *aux)
{
	return request_key_async_tag(type, description, NULL, callout_info,
				     callout_len, aux);
}
EXPORT_SYMBOL(request_key_async_with_auxdata);

/**
 * request_key_async - request_key_async_tag() without domain or auxiliary data
 * @type: Type of the key.
 * @description: Description of the key.
 * @callout_info: Data for the maker of the key, or NULL to make none.
 * @callout_len: Length of @callout_info.
 *
 * Return: the key, with a reference to drop, or an error.
 */
struct key *request_key_async(struct key_type *type,
			      const char *description,
			      const void *callout_info,
			      size_t callout_len)
{
	return request_key_async_tag(type, description, NULL, callout_info,
				     callout_len, NULL);
}
EXPORT_SYMBOL(request_key_async);
