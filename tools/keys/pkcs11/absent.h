/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions that do nothing but say so. */
#ifndef KEYS_PKCS11_ABSENT_H
#define KEYS_PKCS11_ABSENT_H

#include "cryptoki.h"

/* For places in a list of functions that have arguments of any kind */
ck_rv_t absent_message(void);

#endif /* KEYS_PKCS11_ABSENT_H */
