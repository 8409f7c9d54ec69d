/* SPDX-License-Identifier: GPL-2.0-only */
/* A cache of public numbers. */
#ifndef KEYS_PKCS11_KNOWN_H
#define KEYS_PKCS11_KNOWN_H

#include "rsa.h"

ck_rv_t known_start(void);
void known_end(void);
bool known_public(int32_t serial, size_t size, struct rsa_public *public);

#endif /* KEYS_PKCS11_KNOWN_H */
