// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "module.h"
#include "session.h"
#include "template.h"

/**
 * struct finder - a search that is being made
 * @slot: The slot and its keyring.
 * @wanted: The template.
 * @count: How many attributes it has.
 * @search: Gets the objects that match the template.
 * @publics: The public numbers of the keys that were looked at.
 */
struct finder {
	struct object			slot;
	const struct ck_attribute	*wanted;
	unsigned long			count;
	struct search			search;
	struct object_publics		publics;
};

static void find_offer(struct finder *finder, struct object *object)
{
	struct search *search = &finder->search;

	if (attribute_matches(object, finder->wanted, finder->count))
		search->found[search->count++] = object->handle;
}

/* A public key, and the private key with it if it is that of a pair. */
static void find_offer_rsa(struct finder *finder, struct object *object)
{
	struct object_publics *publics = &finder->publics;

	if (!object_public(object))
		return;
	publics->keys[publics->count++] = (struct object_public){
		.serial = object->serial,
		.public = object->public,
	};
	find_offer(finder, object);
	if (!object_is_pair(object))
		return;
	object->kind = OBJECT_PRIVATE;
	object->handle = object_handle(OBJECT_PRIVATE, object->serial, 0);
	find_offer(finder, object);
}

static bool find_key(struct finder *finder, enum object_kind kind,
		     int32_t serial)
{
	struct object object;

	if (object_load_key_as(&object, &finder->slot, kind, serial))
		return false;
	if (kind == OBJECT_PUBLIC)
		find_offer_rsa(finder, &object);
	else
		find_offer(finder, &object);
	object_free(&object);
	return true;
}

static void find_keys(struct finder *finder, enum object_kind kind,
		      int32_t *serials, long keys)
{
	long i;

	for (i = 0; i < keys; i++)
		if (serials[i] && find_key(finder, kind, serials[i]))
			serials[i] = 0;
}

static void find_files(struct finder *finder)
{
	struct object object, key;
	unsigned long file;

	for (file = 0; object_load_file(&object, &finder->slot, file); file++)
		if (object_key_of(&finder->slot, &object.certificate, &key))
			find_offer(finder, &object);
}

/*
 * The kernel encrypts with each RSA key here alone; what the keys are then
 * tells which certificates belong to them.
 */
static void find_all(struct finder *finder, int32_t *serials, long keys)
{
	find_keys(finder, OBJECT_PUBLIC, serials, keys);
	finder->slot.publics = &finder->publics;
	find_keys(finder, OBJECT_SECRET, serials, keys);
	find_keys(finder, OBJECT_CERTIFICATE, serials, keys);
	find_files(finder);
}

static ck_rv_t find_in_slot(struct finder *finder)
{
	ck_rv_t rv = CKR_HOST_MEMORY;
	int32_t *serials;
	long keys;

	if (slot_keyring(finder->slot.slot, &finder->slot.keyring))
		return CKR_DEVICE_REMOVED;
	keys = kernel_list(finder->slot.keyring, &serials);
	if (keys < 0)
		return keys == -ENOMEM ? CKR_HOST_MEMORY : CKR_DEVICE_REMOVED;
	/* A key pair is two objects. */
	finder->search.found = calloc(2 * keys + module.folder.count + 1,
				      sizeof(*finder->search.found));
	finder->publics.keys = calloc(keys + 1, sizeof(*finder->publics.keys));
	if (finder->search.found && finder->publics.keys) {
		find_all(finder, serials, keys);
		rv = CKR_OK;
	}
	free(finder->publics.keys);
	free(serials);
	return rv;
}

static ck_rv_t find_start(struct session *session,
			  const struct ck_attribute *wanted,
			  unsigned long count)
{
	struct finder finder = {
		.slot = { .slot = session->slot },
		.wanted = wanted,
		.count = count,
		.search = { .active = true },
	};
	ck_rv_t rv;

	if (session->search.active)
		return CKR_OPERATION_ACTIVE;
	rv = template_check(wanted, count);
	if (rv)
		return rv;
	rv = find_in_slot(&finder);
	if (rv) {
		search_end(&finder.search);
		return rv;
	}
	session->search = finder.search;
	return CKR_OK;
}

ck_rv_t C_FindObjectsInit(ck_session_handle_t handle,
			  struct ck_attribute *template, unsigned long count)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	return session_leave(session, find_start(session, template, count));
}

static ck_rv_t find_next(struct search *search, ck_object_handle_t *objects,
			 unsigned long max, unsigned long *count)
{
	unsigned long left;

	if (!count || (!objects && max))
		return CKR_ARGUMENTS_BAD;
	if (!search->active)
		return CKR_OPERATION_NOT_INITIALIZED;
	left = search->count - search->next;
	*count = left < max ? left : max;
	if (*count)
		memcpy(objects, search->found + search->next,
		       *count * sizeof(*objects));
	search->next += *count;
	return CKR_OK;
}

ck_rv_t C_FindObjects(ck_session_handle_t handle, ck_object_handle_t *objects,
		      unsigned long max, unsigned long *count)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	return session_leave(session, find_next(&session->search, objects, max,
						count));
}

ck_rv_t C_FindObjectsFinal(ck_session_handle_t handle)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	if (!session->search.active)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	search_end(&session->search);
	return session_leave(session, rv);
}
