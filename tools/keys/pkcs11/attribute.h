/* SPDX-License-Identifier: GPL-2.0-only */
/* Attributes of objects. */
#ifndef KEYS_PKCS11_ATTRIBUTE_H
#define KEYS_PKCS11_ATTRIBUTE_H

#include "object.h"

/* A public key in DER, which is the longest computed value */
#define ATTRIBUTE_ROOM	(RSA_BYTES_MAX + 64)

/**
 * struct attribute - An attribute that an object has
 * @value: Its value, which may point into @room.
 * @room: Buffer for values that are computed.
 */
struct attribute {
	struct bytes	value;
	uint8_t		room[ATTRIBUTE_ROOM];
};

ck_rv_t attribute_of(struct object *object, ck_attribute_type_t type,
		     struct attribute *attribute);
bool attribute_matches(struct object *object, const struct ck_attribute *wanted,
		       unsigned long count);

#endif /* KEYS_PKCS11_ATTRIBUTE_H */
