// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "errors.h"
#include "kernel.h"
#include "operation.h"
#include "rsa.h"
#include "signature.h"

ck_rv_t C_EncryptInit(ck_session_handle_t handle, struct ck_mechanism *mechanism,
		      ck_object_handle_t key)
{
	return operation_init(handle, OPERATION_ENCRYPT, mechanism, key);
}

ck_rv_t C_DecryptInit(ck_session_handle_t handle, struct ck_mechanism *mechanism,
		      ck_object_handle_t key)
{
	return operation_init(handle, OPERATION_DECRYPT, mechanism, key);
}

/* The program's buffer has room for the kernel's output. */
static ck_rv_t crypt_encrypt(struct operation *operation, struct bytes data,
			     unsigned char *out, unsigned long *len)
{
	struct signature_input input;
	char info[MECHANISM_INFO_MAX];
	ck_rv_t rv;
	long ret;

	/*
	 * A text has the same length, and gets the same padding, as data to be
	 * signed.
	 */
	rv = signature_prepare(operation, data, &input);
	if (rv)
		return rv;
	operation_info(operation, info);
	ret = kernel_pkey(KEYCTL_PKEY_ENCRYPT, operation->serial, info,
			  input.text.at, input.text.len, out, operation->size);
	if (input.text.at == input.room)
		explicit_bzero(input.room, input.text.len);
	if (ret >= 0)
		*len = ret;
	return error_rv(ERROR_OF_USE, ret);
}

ck_rv_t C_Encrypt(ck_session_handle_t handle, unsigned char *data,
		  unsigned long data_len, unsigned char *out,
		  unsigned long *out_len)
{
	struct operation *operation;
	struct session *session;
	ck_rv_t rv;

	rv = operation_enter(handle, OPERATION_ENCRYPT, &session, &operation);
	if (rv)
		return rv;
	if (!out_len || (!data && data_len))
		rv = CKR_ARGUMENTS_BAD;
	else if (operation_lacks_room(operation, out, out_len, &rv))
		return operation_leave(session, operation, rv, true);
	if (!rv)
		rv = crypt_encrypt(operation, (struct bytes){ data, data_len },
				   out, out_len);
	return operation_leave(session, operation, rv, false);
}

/* The length of the text is known only after decryption. */
static ck_rv_t crypt_decrypt(const struct operation *operation,
			     struct bytes cipher, unsigned char *out,
			     unsigned long *len)
{
	uint8_t text[RSA_BYTES_MAX] = { 0 };
	char info[MECHANISM_INFO_MAX];
	ck_rv_t rv;
	long ret;

	if (cipher.len != operation->size)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	operation_info(operation, info);
	ret = kernel_pkey(KEYCTL_PKEY_DECRYPT, operation->serial, info,
			  cipher.at, cipher.len, text, operation->size);
	rv = error_rv(ERROR_OF_DECRYPT, ret);
	if (!rv && (unsigned long)ret > *len)
		rv = CKR_BUFFER_TOO_SMALL;
	else if (!rv)
		memcpy(out, text, ret);
	if (ret >= 0)
		*len = ret;
	explicit_bzero(text, sizeof(text));
	return rv;
}

ck_rv_t C_Decrypt(ck_session_handle_t handle, unsigned char *data,
		  unsigned long data_len, unsigned char *out,
		  unsigned long *out_len)
{
	struct operation *operation;
	struct session *session;
	ck_rv_t rv;

	rv = operation_enter(handle, OPERATION_DECRYPT, &session, &operation);
	if (rv)
		return rv;
	if (!out_len || (!data && data_len)) {
		rv = CKR_ARGUMENTS_BAD;
	} else if (!out) {
		*out_len = operation->size;
		return operation_leave(session, operation, CKR_OK, true);
	}
	if (!rv)
		rv = crypt_decrypt(operation, (struct bytes){ data, data_len },
				   out, out_len);
	return operation_leave(session, operation, rv,
			       rv == CKR_BUFFER_TOO_SMALL);
}

/* The kernel encrypts and decrypts no text in parts. */
static ck_rv_t crypt_refuse_parts(ck_session_handle_t handle,
				  enum operation_kind kind)
{
	struct operation *operation;
	struct session *session;
	ck_rv_t rv;

	rv = operation_enter(handle, kind, &session, &operation);
	if (rv)
		return rv;
	return operation_leave(session, operation, CKR_FUNCTION_NOT_SUPPORTED,
			       false);
}

ck_rv_t C_EncryptUpdate(ck_session_handle_t handle, unsigned char *part,
			unsigned long len, unsigned char *out,
			unsigned long *out_len)
{
	(void)part;
	(void)len;
	(void)out;
	(void)out_len;
	return crypt_refuse_parts(handle, OPERATION_ENCRYPT);
}

ck_rv_t C_EncryptFinal(ck_session_handle_t handle, unsigned char *out,
		       unsigned long *out_len)
{
	(void)out;
	(void)out_len;
	return crypt_refuse_parts(handle, OPERATION_ENCRYPT);
}

ck_rv_t C_DecryptUpdate(ck_session_handle_t handle, unsigned char *part,
			unsigned long len, unsigned char *out,
			unsigned long *out_len)
{
	(void)part;
	(void)len;
	(void)out;
	(void)out_len;
	return crypt_refuse_parts(handle, OPERATION_DECRYPT);
}

ck_rv_t C_DecryptFinal(ck_session_handle_t handle, unsigned char *out,
		       unsigned long *out_len)
{
	(void)out;
	(void)out_len;
	return crypt_refuse_parts(handle, OPERATION_DECRYPT);
}
