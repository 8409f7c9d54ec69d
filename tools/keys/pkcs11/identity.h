/* SPDX-License-Identifier: GPL-2.0-only */
/* CKA_ID and CKA_SUBJECT, which connect keys and certificates. */
#ifndef KEYS_PKCS11_IDENTITY_H
#define KEYS_PKCS11_IDENTITY_H

#include "object.h"

size_t identity_of(struct object *object, uint8_t id[ID_MAX]);
size_t identity_subject(struct object *object, uint8_t *subject, size_t size);

#endif /* KEYS_PKCS11_IDENTITY_H */
