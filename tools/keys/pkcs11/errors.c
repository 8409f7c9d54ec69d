// SPDX-License-Identifier: GPL-2.0-only
#include "errors.h"

#include <errno.h>

static ck_rv_t error_invalid(enum error_of of)
{
	switch (of) {
	case ERROR_OF_VERIFY:
		return CKR_SIGNATURE_INVALID;
	case ERROR_OF_DECRYPT:
		return CKR_ENCRYPTED_DATA_INVALID;
	default:
		return CKR_FUNCTION_FAILED;
	}
}

static ck_rv_t error_denied(enum error_of of)
{
	switch (of) {
	case ERROR_OF_MAKING:
		return CKR_TOKEN_WRITE_PROTECTED;
	case ERROR_OF_OBJECT:
		return CKR_ACTION_PROHIBITED;
	default:
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	}
}

static ck_rv_t error_mismatch(enum error_of of)
{
	if (of == ERROR_OF_MAKING)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (of == ERROR_OF_DECRYPT)
		return CKR_ENCRYPTED_DATA_INVALID;
	return CKR_SIGNATURE_INVALID;
}

/**
 * error_rv - translate an errno to PKCS#11
 * @of: Kind of the call.
 * @error: Result of the kernel: a negative errno, or 0 and more for success.
 *
 * Return: CKR_OK or an error of PKCS#11.
 */
ck_rv_t error_rv(enum error_of of, long error)
{
	if (error >= 0)
		return CKR_OK;
	switch (-error) {
	case ENOKEY:
	case EKEYREVOKED:
	case EKEYEXPIRED:
		/*
		 * To a program, a keyring that has ended is a token that was
		 * pulled out.
		 */
		if (of == ERROR_OF_MAKING)
			return CKR_DEVICE_REMOVED;
		return of == ERROR_OF_OBJECT ? CKR_OBJECT_HANDLE_INVALID :
			CKR_KEY_HANDLE_INVALID;
	case EACCES:
	case EPERM:
	case EOPNOTSUPP:
		return error_denied(of);
	case EMSGSIZE:
	case EOVERFLOW:
		return of == ERROR_OF_DECRYPT ? CKR_ENCRYPTED_DATA_INVALID :
			CKR_DATA_LEN_RANGE;
	case EKEYREJECTED:
	case EBADMSG:
		return error_mismatch(of);
	case EINVAL:
		return error_invalid(of);
	case ENOMEM:
	case EDQUOT:
		return CKR_DEVICE_MEMORY;
	case EINTR:
		return CKR_FUNCTION_CANCELED;
	case EFAULT:
		return CKR_ARGUMENTS_BAD;
	case ENODEV:
		return of == ERROR_OF_MAKING ? CKR_MECHANISM_INVALID :
			CKR_FUNCTION_FAILED;
	default:
		return CKR_FUNCTION_FAILED;
	}
}
