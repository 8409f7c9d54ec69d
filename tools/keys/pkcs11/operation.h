/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions that signing, verifying, encrypting and decrypting share. */
#ifndef KEYS_PKCS11_OPERATION_H
#define KEYS_PKCS11_OPERATION_H

#include "session.h"

ck_rv_t operation_init(ck_session_handle_t handle, enum operation_kind kind,
		       const struct ck_mechanism *mechanism,
		       ck_object_handle_t key);
ck_rv_t operation_enter(ck_session_handle_t handle, enum operation_kind kind,
			struct session **session, struct operation **operation);
ck_rv_t operation_leave(struct session *session, struct operation *operation,
			ck_rv_t rv, bool goes_on);
ck_rv_t operation_update(ck_session_handle_t handle, enum operation_kind kind,
			 const void *part, unsigned long len);
bool operation_lacks_room(const struct operation *operation, const void *out,
			  unsigned long *len, ck_rv_t *rv);
void operation_info(const struct operation *operation,
		    char info[MECHANISM_INFO_MAX]);

#endif /* KEYS_PKCS11_OPERATION_H */
