// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that this module does not have, since the kernel does not compute
 * them or since they would give a secret away.  The arguments have only types
 * and no names, as no function reads them.
 */
#include "absent.h"

#include "module.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

static ck_rv_t absent(ck_rv_t rv)
{
	return module.ready ? rv : CKR_CRYPTOKI_NOT_INITIALIZED;
}

#define ABSENT(name, answer, ...) \
	ck_rv_t name(__VA_ARGS__) \
	{ \
		return absent(answer); \
	}

#define NOT_SUPPORTED(name, ...) \
	ABSENT(name, CKR_FUNCTION_NOT_SUPPORTED, __VA_ARGS__)

ck_rv_t absent_message(void)
{
	return absent(CKR_FUNCTION_NOT_SUPPORTED);
}

/* Tokens have no PIN, and the kernel makes them. */
NOT_SUPPORTED(C_InitToken, ck_slot_id_t a, unsigned char *b, unsigned long c,
	      unsigned char *d)
NOT_SUPPORTED(C_InitPIN, ck_session_handle_t a, unsigned char *b,
	      unsigned long c)
NOT_SUPPORTED(C_SetPIN, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, unsigned char *d, unsigned long e)
NOT_SUPPORTED(C_Logout, ck_session_handle_t a)

NOT_SUPPORTED(C_GetOperationState, ck_session_handle_t a, unsigned char *b,
	      unsigned long *c)
NOT_SUPPORTED(C_SetOperationState, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, ck_object_handle_t d, ck_object_handle_t e)

NOT_SUPPORTED(C_DigestInit, ck_session_handle_t a, struct ck_mechanism *b)
NOT_SUPPORTED(C_Digest, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, unsigned char *d, unsigned long *e)
NOT_SUPPORTED(C_DigestUpdate, ck_session_handle_t a, unsigned char *b,
	      unsigned long c)
NOT_SUPPORTED(C_DigestKey, ck_session_handle_t a, ck_object_handle_t b)
NOT_SUPPORTED(C_DigestFinal, ck_session_handle_t a, unsigned char *b,
	      unsigned long *c)

NOT_SUPPORTED(C_SignRecoverInit, ck_session_handle_t a, struct ck_mechanism *b,
	      ck_object_handle_t c)
NOT_SUPPORTED(C_SignRecover, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, unsigned char *d, unsigned long *e)
NOT_SUPPORTED(C_VerifyRecoverInit, ck_session_handle_t a,
	      struct ck_mechanism *b, ck_object_handle_t c)
NOT_SUPPORTED(C_VerifyRecover, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, unsigned char *d, unsigned long *e)

NOT_SUPPORTED(C_DigestEncryptUpdate, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, unsigned char *d, unsigned long *e)
NOT_SUPPORTED(C_DecryptDigestUpdate, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, unsigned char *d, unsigned long *e)
NOT_SUPPORTED(C_SignEncryptUpdate, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, unsigned char *d, unsigned long *e)
NOT_SUPPORTED(C_DecryptVerifyUpdate, ck_session_handle_t a, unsigned char *b,
	      unsigned long c, unsigned char *d, unsigned long *e)

/* These functions would give the caller a secret that the kernel keeps. */
NOT_SUPPORTED(C_WrapKey, ck_session_handle_t a, struct ck_mechanism *b,
	      ck_object_handle_t c, ck_object_handle_t d, unsigned char *e,
	      unsigned long *f)
NOT_SUPPORTED(C_UnwrapKey, ck_session_handle_t a, struct ck_mechanism *b,
	      ck_object_handle_t c, unsigned char *d, unsigned long e,
	      struct ck_attribute *f, unsigned long g, ck_object_handle_t *h)
NOT_SUPPORTED(C_DeriveKey, ck_session_handle_t a, struct ck_mechanism *b,
	      ck_object_handle_t c, struct ck_attribute *d, unsigned long e,
	      ck_object_handle_t *f)

/* The standard requires this answer of functions that it has withdrawn. */
ABSENT(C_GetFunctionStatus, CKR_FUNCTION_NOT_PARALLEL, ck_session_handle_t a)
ABSENT(C_CancelFunction, CKR_FUNCTION_NOT_PARALLEL, ck_session_handle_t a)
