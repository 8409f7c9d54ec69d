// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel does not compute, or what would give a secret away.  The
 * arguments are named by their types alone, as nothing looks at them.
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

typedef ck_session_handle_t session_t;
typedef ck_object_handle_t object_t;
typedef struct ck_mechanism mechanism_t;
typedef struct ck_attribute attribute_t;
typedef unsigned char byte_t;
typedef unsigned long length_t;

ck_rv_t absent_message(void)
{
	return absent(CKR_FUNCTION_NOT_SUPPORTED);
}

/* There is no PIN, and the kernel makes the tokens. */
NOT_SUPPORTED(C_InitToken, ck_slot_id_t a, byte_t *b, length_t c, byte_t *d)
NOT_SUPPORTED(C_InitPIN, session_t a, byte_t *b, length_t c)
NOT_SUPPORTED(C_SetPIN, session_t a, byte_t *b, length_t c, byte_t *d,
	      length_t e)
NOT_SUPPORTED(C_Logout, session_t a)

NOT_SUPPORTED(C_GetOperationState, session_t a, byte_t *b, length_t *c)
NOT_SUPPORTED(C_SetOperationState, session_t a, byte_t *b, length_t c,
	      object_t d, object_t e)

NOT_SUPPORTED(C_DigestInit, session_t a, mechanism_t *b)
NOT_SUPPORTED(C_Digest, session_t a, byte_t *b, length_t c, byte_t *d,
	      length_t *e)
NOT_SUPPORTED(C_DigestUpdate, session_t a, byte_t *b, length_t c)
NOT_SUPPORTED(C_DigestKey, session_t a, object_t b)
NOT_SUPPORTED(C_DigestFinal, session_t a, byte_t *b, length_t *c)

NOT_SUPPORTED(C_SignRecoverInit, session_t a, mechanism_t *b, object_t c)
NOT_SUPPORTED(C_SignRecover, session_t a, byte_t *b, length_t c, byte_t *d,
	      length_t *e)
NOT_SUPPORTED(C_VerifyRecoverInit, session_t a, mechanism_t *b, object_t c)
NOT_SUPPORTED(C_VerifyRecover, session_t a, byte_t *b, length_t c, byte_t *d,
	      length_t *e)

NOT_SUPPORTED(C_DigestEncryptUpdate, session_t a, byte_t *b, length_t c,
	      byte_t *d, length_t *e)
NOT_SUPPORTED(C_DecryptDigestUpdate, session_t a, byte_t *b, length_t c,
	      byte_t *d, length_t *e)
NOT_SUPPORTED(C_SignEncryptUpdate, session_t a, byte_t *b, length_t c,
	      byte_t *d, length_t *e)
NOT_SUPPORTED(C_DecryptVerifyUpdate, session_t a, byte_t *b, length_t c,
	      byte_t *d, length_t *e)

/* The caller would have what the kernel keeps. */
NOT_SUPPORTED(C_WrapKey, session_t a, mechanism_t *b, object_t c, object_t d,
	      byte_t *e, length_t *f)
NOT_SUPPORTED(C_UnwrapKey, session_t a, mechanism_t *b, object_t c, byte_t *d,
	      length_t e, attribute_t *f, length_t g, object_t *h)
NOT_SUPPORTED(C_DeriveKey, session_t a, mechanism_t *b, object_t c,
	      attribute_t *d, length_t e, object_t *f)

/* The standard wants this of functions that it has given up. */
ABSENT(C_GetFunctionStatus, CKR_FUNCTION_NOT_PARALLEL, session_t a)
ABSENT(C_CancelFunction, CKR_FUNCTION_NOT_PARALLEL, session_t a)
