// SPDX-License-Identifier: GPL-2.0-only
#include "operation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "object.h"

/* Room for the first part of a text that is kept */
#define DATA_FIRST	1024

static const ck_flags_t operation_flag[OPERATION_KINDS] = {
	[OPERATION_SIGN] = CKF_SIGN,
	[OPERATION_VERIFY] = CKF_VERIFY,
	[OPERATION_ENCRYPT] = CKF_ENCRYPT,
	[OPERATION_DECRYPT] = CKF_DECRYPT,
};

static const uint32_t operation_needs[OPERATION_KINDS] = {
	[OPERATION_SIGN] = KEYCTL_SUPPORTS_SIGN,
	[OPERATION_VERIFY] = KEYCTL_SUPPORTS_VERIFY,
	[OPERATION_ENCRYPT] = KEYCTL_SUPPORTS_ENCRYPT,
	[OPERATION_DECRYPT] = KEYCTL_SUPPORTS_DECRYPT,
};

/*
 * Without an encoding the kernel only raises the text to one of the two
 * exponents.
 */
static const uint32_t operation_needs_raw[OPERATION_KINDS] = {
	[OPERATION_SIGN] = KEYCTL_SUPPORTS_DECRYPT,
	[OPERATION_VERIFY] = KEYCTL_SUPPORTS_ENCRYPT,
	[OPERATION_ENCRYPT] = KEYCTL_SUPPORTS_ENCRYPT,
	[OPERATION_DECRYPT] = KEYCTL_SUPPORTS_DECRYPT,
};

/* Writes the information string with encoding and hash for the kernel. */
void operation_info(const struct operation *operation,
		    char info[MECHANISM_INFO_MAX])
{
	mechanism_info(info, operation->mechanism, operation->hash);
}

static ck_rv_t operation_fits(const struct operation *operation,
			      enum operation_kind kind,
			      const struct object *object)
{
	bool private = kind == OPERATION_SIGN || kind == OPERATION_DECRYPT;
	bool is_mac = operation->mechanism->scheme == SCHEME_MAC;

	switch (object->kind) {
	case OBJECT_SECRET:
		return is_mac && object->hash == operation->hash ? CKR_OK :
			CKR_KEY_TYPE_INCONSISTENT;
	case OBJECT_PRIVATE:
	case OBJECT_PUBLIC:
		if (is_mac)
			return CKR_KEY_TYPE_INCONSISTENT;
		return private == (object->kind == OBJECT_PRIVATE) ? CKR_OK :
			CKR_KEY_FUNCTION_NOT_PERMITTED;
	default:
		return CKR_KEY_HANDLE_INVALID;
	}
}

/* Does the kernel allow this use of the key? */
static ck_rv_t operation_ask(const struct operation *operation,
			     enum operation_kind kind)
{
	bool raw = operation->mechanism->scheme == SCHEME_RAW;
	struct keyctl_pkey_query query;
	char info[MECHANISM_INFO_MAX];
	int ret;

	operation_info(operation, info);
	ret = kernel_query(operation->serial, info, &query);
	/*
	 * The kernel has no such encoding or hash, or no algorithm that
	 * computes it
	 */
	if (ret == -EINVAL || ret == -ENOENT || ret == -ENOPKG)
		return CKR_MECHANISM_INVALID;
	if (ret < 0)
		return error_rv(ERROR_OF_USE, ret);
	return query.supported_ops &
		(raw ? operation_needs_raw : operation_needs)[kind] ? CKR_OK :
		CKR_KEY_FUNCTION_NOT_PERMITTED;
}

static ck_rv_t operation_take_key(struct operation *operation,
				  enum operation_kind kind, ck_slot_id_t slot,
				  ck_object_handle_t key)
{
	struct object object;
	ck_rv_t rv;

	rv = object_load(slot, key, &object);
	if (rv)
		return rv == CKR_OBJECT_HANDLE_INVALID ?
			CKR_KEY_HANDLE_INVALID : rv;
	rv = operation_fits(operation, kind, &object);
	operation->serial = object.serial;
	operation->size = object.size;
	object_free(&object);
	return rv ?: operation_ask(operation, kind);
}

static ck_rv_t operation_begin(struct session *session, enum operation_kind kind,
			       const struct ck_mechanism *mechanism,
			       ck_object_handle_t key)
{
	struct operation operation = { .mechanism = NULL };
	ck_rv_t rv;

	if (session->operations[kind].mechanism)
		return CKR_OPERATION_ACTIVE;
	if (!mechanism->parameter && mechanism->parameter_len)
		return CKR_ARGUMENTS_BAD;
	rv = mechanism_take(mechanism, operation_flag[kind],
			    &operation.mechanism, &operation.hash);
	if (!rv)
		rv = operation_take_key(&operation, kind, session->slot, key);
	if (rv)
		return rv;
	if (mechanism_hashes(operation.mechanism))
		operation.hash->nettle->init(&operation.hashing);
	session->operations[kind] = operation;
	return CKR_OK;
}

/**
 * operation_init - begin or end an operation
 * @handle: Session.
 * @kind: Kind of the operation.
 * @mechanism: Mechanism; NULL to end the operation.
 * @key: Key.
 *
 * Return: an error of PKCS#11.
 */
ck_rv_t operation_init(ck_session_handle_t handle, enum operation_kind kind,
		       const struct ck_mechanism *mechanism,
		       ck_object_handle_t key)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	if (mechanism)
		rv = operation_begin(session, kind, mechanism, key);
	else
		operation_end(&session->operations[kind]);
	return session_leave(session, rv);
}

/* Begins a call that continues an operation. */
ck_rv_t operation_enter(ck_session_handle_t handle, enum operation_kind kind,
			struct session **session, struct operation **operation)
{
	ck_rv_t rv = session_enter(handle, session);

	if (rv)
		return rv;
	*operation = &(*session)->operations[kind];
	if (!(*operation)->mechanism)
		return session_leave(*session, CKR_OPERATION_NOT_INITIALIZED);
	return CKR_OK;
}

/* Ends such a call, and also the operation unless it @goes_on. */
ck_rv_t operation_leave(struct session *session, struct operation *operation,
			ck_rv_t rv, bool goes_on)
{
	if (!goes_on)
		operation_end(operation);
	return session_leave(session, rv);
}

/* Does the program only need the length of the result? */
bool operation_lacks_room(const struct operation *operation, const void *out,
			  unsigned long *len, ck_rv_t *rv)
{
	if (out && *len >= operation->size)
		return false;
	*rv = out ? CKR_BUFFER_TOO_SMALL : CKR_OK;
	*len = operation->size;
	return true;
}

/* Gets more room without leaving a copy of the data in the old buffer. */
static ck_rv_t operation_grow(struct operation *operation, size_t len)
{
	size_t room = DATA_FIRST;
	uint8_t *larger;

	while (room < operation->data_len + len)
		room *= 2;
	larger = malloc(room);
	if (!larger)
		return CKR_HOST_MEMORY;
	if (operation->data) {
		memcpy(larger, operation->data, operation->data_len);
		explicit_bzero(operation->data, operation->data_len);
		free(operation->data);
	}
	operation->data = larger;
	operation->data_room = room;
	return CKR_OK;
}

static ck_rv_t operation_keep(struct operation *operation, const void *part,
			      unsigned long len)
{
	ck_rv_t rv = CKR_OK;

	if (len > MAC_DATA_MAX - operation->data_len)
		return CKR_DATA_LEN_RANGE;
	if (len > operation->data_room - operation->data_len)
		rv = operation_grow(operation, len);
	if (rv || !len)
		return rv;
	memcpy(operation->data + operation->data_len, part, len);
	operation->data_len += len;
	return CKR_OK;
}

static ck_rv_t operation_add_part(struct operation *operation, const void *part,
				  unsigned long len)
{
	if (!mechanism_takes_parts(operation->mechanism))
		return CKR_FUNCTION_NOT_SUPPORTED;
	if (!part && len)
		return CKR_ARGUMENTS_BAD;
	operation->in_parts = true;
	if (!mechanism_hashes(operation->mechanism))
		return operation_keep(operation, part, len);
	if (len)
		operation->hash->nettle->update(&operation->hashing, len, part);
	return CKR_OK;
}

/* Takes a part of the data to be signed or verified. */
ck_rv_t operation_update(ck_session_handle_t handle, enum operation_kind kind,
			 const void *part, unsigned long len)
{
	struct operation *operation;
	struct session *session;
	ck_rv_t rv;

	rv = operation_enter(handle, kind, &session, &operation);
	if (rv)
		return rv;
	rv = operation_add_part(operation, part, len);
	return operation_leave(session, operation, rv, !rv);
}
