/* SPDX-License-Identifier: GPL-2.0-only */
/* Sessions, and what goes on in them. */
#ifndef KEYS_PKCS11_SESSION_H
#define KEYS_PKCS11_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "hash.h"
#include "lock.h"
#include "mechanism.h"

/**
 * enum operation_kind - Operations that may go on beside each other
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
 * struct operation - An operation under way
 * @mechanism: What is computed, or NULL if nothing is.
 * @hash: The hash that the kernel is told, or NULL.
 * @serial: The key.
 * @size: Bytes of what the key makes.
 * @in_parts: A part was given.
 * @hashing: The hash of the parts so far.
 * @data: The parts themselves, where the kernel wants them whole.
 * @data_len: How many bytes they have.
 * @data_room: How many there is room for.
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
 * struct search - A search for objects
 * @active: There is one.
 * @found: What was found.
 * @count: How many objects that is.
 * @next: The next one to be told.
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
 * @writes: It may make and destroy objects.
 * @users: Calls that use it or wait for it, and one while it is open; the lock of
 *	all sessions guards this.
 * @closed: No call may begin any more; @lock guards this and what follows.
 * @lock: Held by the call that uses it.
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
