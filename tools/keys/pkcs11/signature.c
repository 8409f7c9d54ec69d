// SPDX-License-Identifier: GPL-2.0-only
#include "signature.h"

#include <string.h>

#include "rsa.h"

static void signature_digest(struct operation *operation,
			     struct signature_input *input)
{
	const struct nettle_hash *nettle = operation->hash->nettle;

	nettle->digest(&operation->hashing, nettle->digest_size, input->room);
	input->text = (struct bytes){ input->room, nettle->digest_size };
}

/* Pads the text to the length of the modulus */
static ck_rv_t signature_pad(const struct operation *operation,
			     struct bytes data, struct signature_input *input)
{
	size_t zeros;

	if (data.len > operation->size)
		return CKR_DATA_LEN_RANGE;
	zeros = operation->size - data.len;
	memset(input->room, 0, zeros);
	if (data.len)
		memcpy(input->room + zeros, data.at, data.len);
	input->text = (struct bytes){ input->room, operation->size };
	return CKR_OK;
}

/**
 * signature_prepare - make the kernel's input from the data
 * @operation: The operation.
 * @data: All of the data.
 * @input: Gets the kernel's input.
 *
 * Return: CKR_DATA_LEN_RANGE.
 */
ck_rv_t signature_prepare(struct operation *operation, struct bytes data,
			  struct signature_input *input)
{
	size_t max = MAC_DATA_MAX, min = 0;

	if (mechanism_hashes(operation->mechanism)) {
		if (data.len)
			operation->hash->nettle->update(&operation->hashing,
							data.len, data.at);
		signature_digest(operation, input);
		return CKR_OK;
	}
	switch (operation->mechanism->scheme) {
	case SCHEME_RAW:
		return signature_pad(operation, data, input);
	case SCHEME_PKCS1:
		max = operation->size - RSA_PADDING;
		break;
	case SCHEME_PSS:
		min = operation->hash->nettle->digest_size;
		max = min;
		break;
	default:
		break;
	}
	if (data.len < min || data.len > max)
		return CKR_DATA_LEN_RANGE;
	input->text = data;
	return CKR_OK;
}

/* The same for data that was given in parts. */
ck_rv_t signature_finish(struct operation *operation,
			 struct signature_input *input)
{
	if (!mechanism_takes_parts(operation->mechanism))
		return CKR_FUNCTION_NOT_SUPPORTED;
	if (mechanism_hashes(operation->mechanism))
		signature_digest(operation, input);
	else
		input->text = (struct bytes){ operation->data,
					      operation->data_len };
	return CKR_OK;
}
