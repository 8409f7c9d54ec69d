// SPDX-License-Identifier: GPL-2.0-only
#include "attribute.h"
#include "errors.h"
#include "module.h"
#include "session.h"

static ck_rv_t destroy_key(struct object *object)
{
	struct attribute destroyable;
	int ret = 0;

	if (attribute_of(object, CKA_DESTROYABLE, &destroyable) ||
	    !*destroyable.value.at)
		return CKR_ACTION_PROHIBITED;
	if (module.config.revoke)
		ret = kernel_revoke(object->serial);
	if (!ret)
		ret = kernel_unlink(object->serial, object->keyring);
	return error_rv(ERROR_OF_OBJECT, ret);
}

ck_rv_t C_DestroyObject(ck_session_handle_t handle,
			ck_object_handle_t object_handle)
{
	struct session *session;
	struct object object;
	ck_rv_t rv;

	rv = session_enter(handle, &session);
	if (rv)
		return rv;
	rv = object_load(session->slot, object_handle, &object);
	if (!rv && !session->writes)
		rv = CKR_SESSION_READ_ONLY;
	if (!rv)
		rv = destroy_key(&object);
	object_free(&object);
	return session_leave(session, rv);
}

/* No object may be changed or copied, so only its existence is checked. */
static ck_rv_t destroy_refuse(ck_session_handle_t handle,
			      ck_object_handle_t object_handle)
{
	struct session *session;
	struct object object;
	ck_rv_t rv;

	rv = session_enter(handle, &session);
	if (rv)
		return rv;
	rv = object_load(session->slot, object_handle, &object);
	object_free(&object);
	return session_leave(session, rv ?: CKR_ACTION_PROHIBITED);
}

ck_rv_t C_SetAttributeValue(ck_session_handle_t handle,
			    ck_object_handle_t object,
			    struct ck_attribute *template, unsigned long count)
{
	(void)template;
	(void)count;
	return destroy_refuse(handle, object);
}

ck_rv_t C_CopyObject(ck_session_handle_t handle, ck_object_handle_t object,
		     struct ck_attribute *template, unsigned long count,
		     ck_object_handle_t *copy)
{
	(void)template;
	(void)count;
	(void)copy;
	return destroy_refuse(handle, object);
}

ck_rv_t C_GetObjectSize(ck_session_handle_t handle, ck_object_handle_t object,
			unsigned long *size)
{
	ck_rv_t rv = destroy_refuse(handle, object);

	if (rv != CKR_ACTION_PROHIBITED)
		return rv;
	if (!size)
		return CKR_ARGUMENTS_BAD;
	*size = CK_UNAVAILABLE_INFORMATION;
	return CKR_OK;
}
