/* SPDX-License-Identifier: GPL-2.0-only */
/* Sessions and their operations. */
#ifndef KEYS_PKCS11_SESSION_H
#define KEYS_PKCS11_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "hash.h"
#include "lock.h"
#include "mechanism.h"

/**
 * enum operation_kind - operations of which a session may have one each at a
 * time
 * @OPERATION_SIGN: Signing.
 * @OPERATION_VERIFY: Verifying.
 * @OPERATION_ENCRYPT: Encrypting.
 * @OPERATION_DECRYPT: Decrypting.
 * @OPERATION_KINDS: How many there are.
 */
enum operation_kind {
	OPERATION_SIGN,
	OPERATION_VERIFY,
	OPERATION_ENCRYPT,
	OPERATION_DECRYPT,
	OPERATION_KINDS
};

/**
 * struct operation - an operation under way
 * @mechanism: Its mechanism, or NULL if there is no operation.
 * @hash: The hash to name to the kernel, or NULL.
 * @serial: The key.
 * @size: Bytes of a signature or MAC of the key.
 * @in_parts: Whether the program has given a part.
 * @hashing: The hash of the parts so far.
 * @data: The parts themselves, if the kernel needs the whole text.
 * @data_len: Bytes of the parts.
 * @data_room: Size of @data.
 */
struct operation {
	const struct mechanism	*mechanism;
	const struct hash	*hash;
	int32_t			serial;
	size_t			size;
	bool			in_parts;
	union hash_state	hashing;
	uint8_t			*data;
	size_t			data_len;
	size_t			data_room;
};

/**
 * struct search - a search for objects
 * @active: Whether a search is under way.
 * @found: The objects that were found.
 * @count: How many there are.
 * @next: Index of the next one to return.
 */
struct search {
	bool			active;
	ck_object_handle_t	*found;
	unsigned long		count;
	unsigned long		next;
};

/**
 * struct session - A session
 * @handle: Handle.
 * @slot: Slot.
 * @writes: Whether it may make and destroy objects.
 * @users: Number of calls that use the session or wait for it, plus one while
 *	it is open; guarded by sessions_lock.
 * @closed: No call may begin any more; guarded, like all fields below, by
 *	@lock.
 * @lock: Held by the call that uses the session.
 * @operations: Operations.
 * @search: Search.
 */
struct session {
	ck_session_handle_t	handle;
	ck_slot_id_t		slot;
	bool			writes;
	unsigned int		users;
	bool			closed;
	struct lock		lock;
	struct operation	operations[OPERATION_KINDS];
	struct search		search;
};

ck_rv_t session_start(void);
void session_end(void);
void session_forget(void);
ck_rv_t session_enter(ck_session_handle_t handle, struct session **session);
ck_rv_t session_leave(struct session *session, ck_rv_t rv);
void session_count(ck_slot_id_t slot, unsigned long *all,
		   unsigned long *writing);
void operation_end(struct operation *operation);
void search_end(struct search *search);

#endif /* KEYS_PKCS11_SESSION_H */
