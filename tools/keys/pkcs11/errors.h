/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors of the kernel, translated to PKCS#11. */
#ifndef KEYS_PKCS11_ERRORS_H
#define KEYS_PKCS11_ERRORS_H

#include "cryptoki.h"

/**
 * enum error_of - kind of the call that failed
 * @ERROR_OF_USE: Signing or encrypting.
 * @ERROR_OF_VERIFY: Verifying.
 * @ERROR_OF_DECRYPT: Decrypting.
 * @ERROR_OF_OBJECT: Describing or destroying an object.
 * @ERROR_OF_MAKING: Making a key.
 */
enum error_of {
	ERROR_OF_USE,
	ERROR_OF_VERIFY,
	ERROR_OF_DECRYPT,
	ERROR_OF_OBJECT,
	ERROR_OF_MAKING,
};

ck_rv_t error_rv(enum error_of of, long error);

#endif /* KEYS_PKCS11_ERRORS_H */
