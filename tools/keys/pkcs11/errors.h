/* SPDX-License-Identifier: GPL-2.0-only */
/* What an answer of the kernel is called in PKCS#11. */
#ifndef KEYS_PKCS11_ERRORS_H
#define KEYS_PKCS11_ERRORS_H

#include "cryptoki.h"

/**
 * enum error_of - What was asked of the kernel
 * @ERROR_OF_USE: To sign or to encrypt.
 * @ERROR_OF_VERIFY: To verify.
 * @ERROR_OF_DECRYPT: To decrypt.
 * @ERROR_OF_OBJECT: To tell of an object, or to destroy one.
 * @ERROR_OF_MAKING: To make a key.
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
