// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "errors.h"
#include "kernel.h"
#include "operation.h"
#include "signature.h"

ck_rv_t C_VerifyInit(ck_session_handle_t handle, struct ck_mechanism *mechanism,
		     ck_object_handle_t key)
{
	return operation_init(handle, OPERATION_VERIFY, mechanism, key);
}

/* Without an encoding KEYCTL_PKEY_ENCRYPT returns the text that was signed. */
static ck_rv_t verify_raw(const struct operation *operation,
			  const struct signature_input *input,
			  const unsigned char *signature)
{
	uint8_t text[RSA_BYTES_MAX] = { 0 };
	char info[MECHANISM_INFO_MAX];
	long ret;

	operation_info(operation, info);
	ret = kernel_pkey(KEYCTL_PKEY_ENCRYPT, operation->serial, info,
			  signature, operation->size, text, operation->size);
	if (ret < 0)
		return error_rv(ERROR_OF_VERIFY, ret);
	return (size_t)ret == input->text.len &&
		!memcmp(text, input->text.at, ret) ? CKR_OK :
		CKR_SIGNATURE_INVALID;
}

static ck_rv_t verify_in_kernel(const struct operation *operation,
				const struct signature_input *input,
				const unsigned char *signature,
				unsigned long len)
{
	char info[MECHANISM_INFO_MAX];

	if (len != operation->size)
		return CKR_SIGNATURE_LEN_RANGE;
	if (operation->mechanism->scheme == SCHEME_RAW)
		return verify_raw(operation, input, signature);
	operation_info(operation, info);
	/* The kernel only reads the signature. */
	return error_rv(ERROR_OF_VERIFY,
			kernel_pkey(KEYCTL_PKEY_VERIFY, operation->serial, info,
				    input->text.at, input->text.len,
				    (void *)signature, len));
}

ck_rv_t C_Verify(ck_session_handle_t handle, unsigned char *data,
		 unsigned long data_len, unsigned char *signature,
		 unsigned long signature_len)
{
	struct operation *operation;
	struct signature_input input;
	struct session *session;
	ck_rv_t rv;

	rv = operation_enter(handle, OPERATION_VERIFY, &session, &operation);
	if (rv)
		return rv;
	if (operation->in_parts)
		rv = CKR_OPERATION_ACTIVE;
	else if ((!data && data_len) || !signature)
		rv = CKR_ARGUMENTS_BAD;
	else
		rv = signature_prepare(operation,
				       (struct bytes){ data, data_len }, &input);
	if (!rv)
		rv = verify_in_kernel(operation, &input, signature,
				      signature_len);
	return operation_leave(session, operation, rv, false);
}

ck_rv_t C_VerifyUpdate(ck_session_handle_t handle, unsigned char *part,
		       unsigned long len)
{
	return operation_update(handle, OPERATION_VERIFY, part, len);
}

ck_rv_t C_VerifyFinal(ck_session_handle_t handle, unsigned char *signature,
		      unsigned long signature_len)
{
	struct operation *operation;
	struct signature_input input;
	struct session *session;
	ck_rv_t rv;

	rv = operation_enter(handle, OPERATION_VERIFY, &session, &operation);
	if (rv)
		return rv;
	rv = signature ? signature_finish(operation, &input) :
		CKR_ARGUMENTS_BAD;
	if (!rv)
		rv = verify_in_kernel(operation, &input, signature,
				      signature_len);
	return operation_leave(session, operation, rv, false);
}
