/* SPDX-License-Identifier: GPL-2.0-only */
/* KEYCTL_PKEY_* of any key, for tests of key pairs and of symmetric keys. */
#ifndef SELFTESTS_KEYS_PKEY_CALL_H
#define SELFTESTS_KEYS_PKEY_CALL_H

#include "keys.h"

/*
 * struct pkey_call - one use of a key
 * @op:		KEYCTL_PKEY_ENCRYPT, KEYCTL_PKEY_DECRYPT, KEYCTL_PKEY_SIGN or
 *		KEYCTL_PKEY_VERIFY
 * @key:	serial
 * @info:	information string
 * @in:		text, ciphertext, blob or digest
 * @in_len:	its length as the kernel is told
 * @second:	where the output goes, or the signature or MAC to verify
 * @second_len:	its length as the kernel is told
 */
struct pkey_call {
	int op;
	key_serial_t key;
	const char *info;
	const void *in;
	size_t in_len;
	void *second;
	size_t second_len;
};

static inline long pkey_do(const struct pkey_call *call)
{
	struct keyctl_pkey_params params = {
		.key_id = call->key,
		.in_len = call->in_len,
		.out_len = call->second_len,
	};

	return keyctl(call->op, &params, call->info, call->in, call->second);
}

static inline long pkey_query(key_serial_t key, const char *info,
			      struct keyctl_pkey_query *query)
{
	return keyctl(KEYCTL_PKEY_QUERY, key, 0, info, query);
}

#endif /* SELFTESTS_KEYS_PKEY_CALL_H */
