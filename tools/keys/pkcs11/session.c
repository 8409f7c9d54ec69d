// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "module.h"
#include "slot.h"

/*
 * The open sessions, in the order of their handles, which only grow.
 * @sessions_lock guards the table.  A thread that holds it never waits for the
 * lock of a session.
 */
static struct session **sessions;
static unsigned int sessions_open;
static ck_session_handle_t sessions_last;
static struct lock sessions_lock;

ck_rv_t session_start(void)
{
	sessions = NULL;
	sessions_open = 0;
	return lock_create(&sessions_lock);
}

/*
 * In the child of a fork no session exists; the parent's handles stay invalid.
 */
void session_forget(void)
{
	sessions = NULL;
	sessions_open = 0;
}

void operation_end(struct operation *operation)
{
	if (operation->data) {
		explicit_bzero(operation->data, operation->data_len);
		free(operation->data);
	}
	explicit_bzero(operation, sizeof(*operation));
}

void search_end(struct search *search)
{
	free(search->found);
	*search = (struct search){ .active = false };
}

static void session_free(struct session *session)
{
	unsigned int i;

	for (i = 0; i < OPERATION_KINDS; i++)
		operation_end(&session->operations[i]);
	search_end(&session->search);
	lock_destroy(&session->lock);
	free(session);
}

/* The caller holds @sessions_lock. */
static unsigned int session_index(ck_session_handle_t handle)
{
	unsigned int low = 0, high = sessions_open, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (sessions[middle]->handle < handle)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct session *session_find(ck_session_handle_t handle)
{
	unsigned int at = session_index(handle);

	if (at == sessions_open || sessions[at]->handle != handle)
		return NULL;
	return sessions[at];
}

static ck_rv_t session_put(struct session *session, ck_rv_t rv)
{
	bool last;

	/* If the lock cannot be taken, the session is leaked. */
	if (lock_take(&sessions_lock))
		return CKR_CANT_LOCK;
	last = !--session->users;
	lock_give(&sessions_lock);
	if (last)
		session_free(session);
	return rv;
}

/**
 * session_enter - begin a call with a session
 * @handle: Its handle.
 * @session: Gets the session, which no other call uses until session_leave().
 *
 * Return: an error of PKCS#11.
 */
ck_rv_t session_enter(ck_session_handle_t handle, struct session **session)
{
	ck_rv_t rv;

	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	rv = lock_take(&sessions_lock);
	if (rv)
		return rv;
	*session = session_find(handle);
	if (*session)
		(*session)->users++;
	lock_give(&sessions_lock);
	if (!*session)
		return CKR_SESSION_HANDLE_INVALID;
	rv = lock_take(&(*session)->lock);
	if (rv)
		return session_put(*session, rv);
	if ((*session)->closed)
		return session_leave(*session, CKR_SESSION_HANDLE_INVALID);
	return CKR_OK;
}

/* Ends a call with a session; returns @rv. */
ck_rv_t session_leave(struct session *session, ck_rv_t rv)
{
	lock_give(&session->lock);
	return session_put(session, rv);
}

static ck_rv_t session_add(struct session *session)
{
	struct session **larger;

	if (sessions_open == SESSIONS_MAX)
		return CKR_SESSION_COUNT;
	/*
	 * The table doubles each time that its number of sessions reaches a
	 * power of two.
	 */
	if (!(sessions_open & (sessions_open - 1))) {
		larger = reallocarray(sessions, sessions_open ? 2 * sessions_open : 1,
				      sizeof(*larger));
		if (!larger)
			return CKR_HOST_MEMORY;
		sessions = larger;
	}
	session->handle = ++sessions_last;
	sessions[sessions_open++] = session;
	return CKR_OK;
}

ck_rv_t C_OpenSession(ck_slot_id_t slot, ck_flags_t flags, void *application,
		      ck_notify_t notify, ck_session_handle_t *handle)
{
	struct session *session;
	int32_t keyring;
	ck_rv_t rv;

	/* The module sends no notifications. */
	(void)application;
	(void)notify;
	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!handle)
		return CKR_ARGUMENTS_BAD;
	rv = slot_keyring(slot, &keyring);
	if (rv)
		return rv;
	if (!(flags & CKF_SERIAL_SESSION))
		return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	session = calloc(1, sizeof(*session));
	if (!session)
		return CKR_HOST_MEMORY;
	session->slot = slot;
	session->writes = flags & CKF_RW_SESSION;
	session->users = 1;
	rv = lock_create(&session->lock);
	if (rv) {
		free(session);
		return rv;
	}
	rv = lock_take(&sessions_lock);
	if (!rv) {
		rv = session_add(session);
		/* Once the lock is given back, another thread may end the session. */
		if (!rv)
			*handle = session->handle;
		lock_give(&sessions_lock);
		if (!rv)
			return CKR_OK;
	}
	session_free(session);
	return rv;
}

/* Removes a session from the table; the caller holds @sessions_lock. */
static struct session *session_take_out(unsigned int at)
{
	struct session *session = sessions[at];

	memmove(sessions + at, sessions + at + 1,
		(--sessions_open - at) * sizeof(*sessions));
	return session;
}

/*
 * Waits for the call that uses the session; later waiters find the session
 * closed.
 */
static ck_rv_t session_close(struct session *session)
{
	ck_rv_t rv = lock_take(&session->lock);

	if (rv)
		return session_put(session, rv);
	session->closed = true;
	return session_leave(session, CKR_OK);
}

ck_rv_t C_CloseSession(ck_session_handle_t handle)
{
	struct session *session = NULL;
	unsigned int at;
	ck_rv_t rv;

	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	rv = lock_take(&sessions_lock);
	if (rv)
		return rv;
	at = session_index(handle);
	if (at < sessions_open && sessions[at]->handle == handle)
		session = session_take_out(at);
	lock_give(&sessions_lock);
	return session ? session_close(session) : CKR_SESSION_HANDLE_INVALID;
}

static struct session *session_take_out_of(ck_slot_id_t slot)
{
	unsigned int at;

	for (at = sessions_open; at; at--)
		if (sessions[at - 1]->slot == slot)
			return session_take_out(at - 1);
	return NULL;
}

ck_rv_t C_CloseAllSessions(ck_slot_id_t slot)
{
	struct session *session;
	ck_rv_t rv;

	if (!module.ready)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (slot >= module.config.slot_count)
		return CKR_SLOT_ID_INVALID;
	do {
		rv = lock_take(&sessions_lock);
		if (rv)
			return rv;
		session = session_take_out_of(slot);
		lock_give(&sessions_lock);
		if (session)
			rv = session_close(session);
	} while (session && !rv);
	return rv;
}

void session_end(void)
{
	while (sessions_open)
		session_close(session_take_out(sessions_open - 1));
	free(sessions);
	sessions = NULL;
	lock_destroy(&sessions_lock);
}

/* Counts the sessions of a slot, and how many of these may write. */
void session_count(ck_slot_id_t slot, unsigned long *all,
		   unsigned long *writing)
{
	unsigned int i;

	*all = 0;
	*writing = 0;
	if (lock_take(&sessions_lock))
		return;
	for (i = 0; i < sessions_open; i++) {
		*all += sessions[i]->slot == slot;
		*writing += sessions[i]->slot == slot && sessions[i]->writes;
	}
	lock_give(&sessions_lock);
}

ck_rv_t C_GetSessionInfo(ck_session_handle_t handle,
			 struct ck_session_info *info)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	if (!info)
		return session_leave(session, CKR_ARGUMENTS_BAD);
	/* No login is needed, since the kernel knows the caller. */
	*info = (struct ck_session_info){
		.slot_id = session->slot,
		.state = session->writes ? CKS_RW_USER_FUNCTIONS :
			CKS_RO_USER_FUNCTIONS,
		.flags = CKF_SERIAL_SESSION |
			(session->writes ? CKF_RW_SESSION : 0),
	};
	return session_leave(session, CKR_OK);
}

static ck_rv_t session_login(ck_user_type_t user_type)
{
	switch (user_type) {
	/* Not CKR_USER_ALREADY_LOGGED_IN: some programs log in, and end if they cannot. */
	case CKU_USER:
		return CKR_OK;
	case CKU_SO:
		return CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
	/* No key asks for a PIN at each use. */
	case CKU_CONTEXT_SPECIFIC:
		return CKR_OPERATION_NOT_INITIALIZED;
	default:
		return CKR_USER_TYPE_INVALID;
	}
}

ck_rv_t C_Login(ck_session_handle_t handle, ck_user_type_t user_type,
		unsigned char *pin, unsigned long pin_len)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	(void)pin;
	(void)pin_len;
	return rv ?: session_leave(session, session_login(user_type));
}

ck_rv_t C_LoginUser(ck_session_handle_t handle, ck_user_type_t user_type,
		    unsigned char *pin, unsigned long pin_len,
		    unsigned char *name, unsigned long name_len)
{
	(void)name;
	(void)name_len;
	return C_Login(handle, user_type, pin, pin_len);
}

static void session_cancel(struct session *session, ck_flags_t flags)
{
	static const ck_flags_t flag_of[OPERATION_KINDS] = {
		[OPERATION_SIGN] = CKF_SIGN,
		[OPERATION_VERIFY] = CKF_VERIFY,
		[OPERATION_ENCRYPT] = CKF_ENCRYPT,
		[OPERATION_DECRYPT] = CKF_DECRYPT,
	};
	unsigned int i;

	for (i = 0; i < OPERATION_KINDS; i++)
		if (flags & flag_of[i])
			operation_end(&session->operations[i]);
	if (flags & CKF_FIND_OBJECTS)
		search_end(&session->search);
}

ck_rv_t C_SessionCancel(ck_session_handle_t handle, ck_flags_t flags)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	session_cancel(session, flags);
	return session_leave(session, CKR_OK);
}
