/* SPDX-License-Identifier: GPL-2.0-only */
/* Templates: what a program wants an object to be. */
#ifndef KEYS_PKCS11_TEMPLATE_H
#define KEYS_PKCS11_TEMPLATE_H

#include <stdbool.h>

#include "cryptoki.h"
#include "der.h"

/**
 * enum template_rule - What a new object may be told of an attribute
 * @TEMPLATE_TAKEN: Whatever it says is taken over, or is looked at elsewhere.
 * @TEMPLATE_TRUE: It is always true.
 * @TEMPLATE_FALSE: It is always false.
 * @TEMPLATE_EMPTY: It has no bytes.
 */
enum template_rule {
	TEMPLATE_TAKEN,
	TEMPLATE_TRUE,
	TEMPLATE_FALSE,
	TEMPLATE_EMPTY,
};

/**
 * struct template_entry - An attribute that a new object has
 * @type: Which one.
 * @rule: What may be said of it.
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
