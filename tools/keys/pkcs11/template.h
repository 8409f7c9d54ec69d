/* SPDX-License-Identifier: GPL-2.0-only */
/* Templates: attributes that a program gives for an object. */
#ifndef KEYS_PKCS11_TEMPLATE_H
#define KEYS_PKCS11_TEMPLATE_H

#include <stdbool.h>

#include "cryptoki.h"
#include "der.h"

/**
 * enum template_rule - values that an attribute of a new object may have
 * @TEMPLATE_TAKEN: Any value; it is stored, or another function checks it.
 * @TEMPLATE_TRUE: Only true.
 * @TEMPLATE_FALSE: Only false.
 * @TEMPLATE_EMPTY: Only no bytes.
 */
enum template_rule {
	TEMPLATE_TAKEN,
	TEMPLATE_TRUE,
	TEMPLATE_FALSE,
	TEMPLATE_EMPTY,
};

/**
 * struct template_entry - an attribute of a new object
 * @type: Its type.
 * @rule: The values that it may have.
 */
struct template_entry {
	ck_attribute_type_t	type;
	enum template_rule	rule;
};

/**
 * struct template - A template
 * @attributes: Its attributes.
 * @count: How many there are.
 */
struct template {
	const struct ck_attribute	*attributes;
	unsigned long			count;
};

ck_rv_t template_check(const struct ck_attribute *attributes,
		       unsigned long count);
ck_rv_t template_allow(const struct template *template,
		       const struct template_entry *entries,
		       unsigned int count);
const struct ck_attribute *template_get(const struct template *template,
					ck_attribute_type_t type);
bool template_bytes(const struct template *template, ck_attribute_type_t type,
		    struct bytes *bytes);
ck_rv_t template_long(const struct template *template, ck_attribute_type_t type,
		      unsigned long *value);
ck_rv_t template_bool(const struct template *template, ck_attribute_type_t type,
		      bool absent, bool *value);

#endif /* KEYS_PKCS11_TEMPLATE_H */
