/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's input for signing and verifying. */
#ifndef KEYS_PKCS11_SIGNATURE_H
#define KEYS_PKCS11_SIGNATURE_H

#include "der.h"
#include "limits.h"
#include "session.h"

/**
 * struct signature_input - input of the kernel
 * @text: The input, which may point into @room.
 * @room: A digest, or a number of the modulus' length.
 */
struct signature_input {
	struct bytes	text;
	uint8_t		room[RSA_BYTES_MAX];
};

ck_rv_t signature_prepare(struct operation *operation, struct bytes data,
			  struct signature_input *input);
ck_rv_t signature_finish(struct operation *operation,
			 struct signature_input *input);

#endif /* KEYS_PKCS11_SIGNATURE_H */
