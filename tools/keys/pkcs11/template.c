// SPDX-License-Identifier: GPL-2.0-only
#include "template.h"

#include <string.h>

/* Attributes that every new object may have; each class adds its own. */
static const struct template_entry template_of_all[] = {
	{ CKA_CLASS, TEMPLATE_TAKEN },
	{ CKA_TOKEN, TEMPLATE_TRUE },
	{ CKA_LABEL, TEMPLATE_TAKEN },
	{ CKA_ID, TEMPLATE_TAKEN },
	{ CKA_MODIFIABLE, TEMPLATE_FALSE },
	{ CKA_COPYABLE, TEMPLATE_FALSE },
	{ CKA_DESTROYABLE, TEMPLATE_TRUE },
	{ CKA_START_DATE, TEMPLATE_EMPTY },
	{ CKA_END_DATE, TEMPLATE_EMPTY },
};

#define ENTRIES_OF_ALL	(sizeof(template_of_all) / sizeof(*template_of_all))

/* A missing pointer is an error in any template. */
ck_rv_t template_check(const struct ck_attribute *attributes,
		       unsigned long count)
{
	unsigned long i;

	if (!attributes && count)
		return CKR_ARGUMENTS_BAD;
	for (i = 0; i < count; i++)
		if (!attributes[i].value && attributes[i].value_len)
			return CKR_ARGUMENTS_BAD;
	return CKR_OK;
}

static const struct template_entry *
template_entry_in(const struct template_entry *entries, unsigned int count,
		  ck_attribute_type_t type)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (entries[i].type == type)
			return &entries[i];
	return NULL;
}

static bool template_obeys(const struct ck_attribute *attribute,
			   enum template_rule rule)
{
	const unsigned char *value = attribute->value;

	switch (rule) {
	case TEMPLATE_TRUE:
		return attribute->value_len == 1 && *value == CK_TRUE;
	case TEMPLATE_FALSE:
		return attribute->value_len == 1 && *value == CK_FALSE;
	case TEMPLATE_EMPTY:
		return !attribute->value_len;
	default:
		return true;
	}
}

static bool template_has_twice(const struct template *template, unsigned long at)
{
	unsigned long i;

	for (i = 0; i < at; i++)
		if (template->attributes[i].type ==
		    template->attributes[at].type)
			return true;
	return false;
}

/**
 * template_allow - check that a new object can have these attributes
 * @template: The template.
 * @entries: Attributes of the class.
 * @count: How many entries there are.
 *
 * Return: the errors of PT-28.
 */
ck_rv_t template_allow(const struct template *template,
		       const struct template_entry *entries, unsigned int count)
{
	const struct template_entry *entry;
	unsigned long i;

	for (i = 0; i < template->count; i++) {
		const struct ck_attribute *attribute = &template->attributes[i];

		entry = template_entry_in(entries, count, attribute->type) ?:
			template_entry_in(template_of_all, ENTRIES_OF_ALL,
					  attribute->type);
		if (!entry)
			return CKR_ATTRIBUTE_TYPE_INVALID;
		/* Each type that has passed the check above is one of a few. */
		if (template_has_twice(template, i))
			return CKR_TEMPLATE_INCONSISTENT;
		if (!template_obeys(attribute, entry->rule))
			return CKR_ATTRIBUTE_VALUE_INVALID;
	}
	if (!template_get(template, CKA_TOKEN))
		return CKR_TEMPLATE_INCOMPLETE;
	return CKR_OK;
}

const struct ck_attribute *template_get(const struct template *template,
					ck_attribute_type_t type)
{
	unsigned long i;

	for (i = 0; i < template->count; i++)
		if (template->attributes[i].type == type)
			return &template->attributes[i];
	return NULL;
}

bool template_bytes(const struct template *template, ck_attribute_type_t type,
		    struct bytes *bytes)
{
	const struct ck_attribute *attribute = template_get(template, type);

	if (!attribute)
		return false;
	*bytes = (struct bytes){ attribute->value, attribute->value_len };
	return true;
}

ck_rv_t template_long(const struct template *template, ck_attribute_type_t type,
		      unsigned long *value)
{
	struct bytes bytes;

	if (!template_bytes(template, type, &bytes))
		return CKR_TEMPLATE_INCOMPLETE;
	if (bytes.len != sizeof(*value))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	memcpy(value, bytes.at, sizeof(*value));
	return CKR_OK;
}

ck_rv_t template_bool(const struct template *template, ck_attribute_type_t type,
		      bool absent, bool *value)
{
	struct bytes bytes;

	*value = absent;
	if (!template_bytes(template, type, &bytes))
		return CKR_OK;
	if (bytes.len != 1 || *bytes.at > CK_TRUE)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*value = *bytes.at;
	return CKR_OK;
}
