/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that return CKR_FUNCTION_NOT_SUPPORTED and the like, and do nothing
 * else.
 */
#ifndef KEYS_PKCS11_ABSENT_H
#define KEYS_PKCS11_ABSENT_H

#include "cryptoki.h"

/* For entries in a list of functions, whatever arguments they have */
ck_rv_t absent_message(void);

#endif /* KEYS_PKCS11_ABSENT_H */
