// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "session.h"
#include "template.h"

/* Keeps the objects of @search that match the template. */
static void find_filter(ck_slot_id_t slot, struct search *search,
			const struct ck_attribute *wanted, unsigned long count)
{
	unsigned long kept = 0, i;
	struct object object;

	for (i = 0; i < search->count; i++) {
		/* A key that has ended since it was listed is no object. */
		if (object_load(slot, search->found[i], &object))
			continue;
		if (attribute_matches(&object, wanted, count))
			search->found[kept++] = search->found[i];
		object_free(&object);
	}
	search->count = kept;
}

static ck_rv_t find_start(struct session *session,
			  const struct ck_attribute *wanted,
			  unsigned long count)
{
	struct search search = { .active = true };
	ck_rv_t rv;

	if (session->search.active)
		return CKR_OPERATION_ACTIVE;
	rv = template_check(wanted, count);
	if (rv)
		return rv;
	rv = object_list(session->slot, &search.found, &search.count);
	if (rv)
		return rv;
	find_filter(session->slot, &search, wanted, count);
	session->search = search;
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
