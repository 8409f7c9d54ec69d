// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "errors.h"
#include "kernel.h"
#include "operation.h"
#include "signature.h"

ck_rv_t C_SignInit(ck_session_handle_t handle, struct ck_mechanism *mechanism,
		   ck_object_handle_t key)
{
	return operation_init(handle, OPERATION_SIGN, mechanism, key);
}

/* The program's buffer has room for the kernel's output. */
static ck_rv_t sign_in_kernel(const struct operation *operation,
			      const struct signature_input *input,
			      unsigned char *signature, unsigned long *len)
{
	bool raw = operation->mechanism->scheme == SCHEME_RAW;
	char info[MECHANISM_INFO_MAX];
	long ret;

	operation_info(operation, info);
	ret = kernel_pkey(raw ? KEYCTL_PKEY_DECRYPT : KEYCTL_PKEY_SIGN,
			  operation->serial, info, input->text.at,
			  input->text.len, signature, operation->size);
	if (ret >= 0)
		*len = ret;
	return error_rv(ERROR_OF_USE, ret);
}

ck_rv_t C_Sign(ck_session_handle_t handle, unsigned char *data,
	       unsigned long data_len, unsigned char *signature,
	       unsigned long *signature_len)
{
	struct operation *operation;
	struct signature_input input;
	struct session *session;
	ck_rv_t rv;

	rv = operation_enter(handle, OPERATION_SIGN, &session, &operation);
	if (rv)
		return rv;
	if (operation->in_parts)
		rv = CKR_OPERATION_ACTIVE;
	else if (!signature_len || (!data && data_len))
		rv = CKR_ARGUMENTS_BAD;
	else if (operation_lacks_room(operation, signature, signature_len, &rv))
		return operation_leave(session, operation, rv, true);
	if (!rv)
		rv = signature_prepare(operation,
				       (struct bytes){ data, data_len }, &input);
	if (!rv)
		rv = sign_in_kernel(operation, &input, signature, signature_len);
	return operation_leave(session, operation, rv, false);
}

ck_rv_t C_SignUpdate(ck_session_handle_t handle, unsigned char *part,
		     unsigned long len)
{
	return operation_update(handle, OPERATION_SIGN, part, len);
}

ck_rv_t C_SignFinal(ck_session_handle_t handle, unsigned char *signature,
		    unsigned long *signature_len)
{
	struct operation *operation;
	struct signature_input input;
	struct session *session;
	ck_rv_t rv;

	rv = operation_enter(handle, OPERATION_SIGN, &session, &operation);
	if (rv)
		return rv;
	if (!signature_len)
		rv = CKR_ARGUMENTS_BAD;
	else if (mechanism_takes_parts(operation->mechanism) &&
		 operation_lacks_room(operation, signature, signature_len, &rv))
		return operation_leave(session, operation, rv, true);
	if (!rv)
		rv = signature_finish(operation, &input);
	if (!rv)
		rv = sign_in_kernel(operation, &input, signature, signature_len);
	return operation_leave(session, operation, rv, false);
}
