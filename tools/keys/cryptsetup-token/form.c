// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "form.h"

#define FIELDS		4
#define HEX_SIZE	(2 * SALT_SIZE + 1)

static int form_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? at - digits : -1;
}

static int form_read_salt(const char *hex, uint8_t *salt)
{
	if (strlen(hex) != HEX_SIZE - 1)
		return -EINVAL;
	for (int i = 0; i < SALT_SIZE; i++) {
		int high = form_digit(hex[2 * i]);
		int low = form_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		salt[i] = high << 4 | low;
	}
	return 0;
}

/*
 * Returns a field of the token that is a string without a zero byte, or NULL.
 */
static const char *form_text(json_object *token, const char *name)
{
	json_object *field;
	const char *text;

	if (!json_object_object_get_ex(token, name, &field) ||
	    !json_object_is_type(field, json_type_string))
		return NULL;
	text = json_object_get_string(field);
	return strlen(text) == (size_t)json_object_get_string_len(field) ?
	       text : NULL;
}

/*
 * Takes a character of UTF-8 from @text, be it longer than it has to be.  A byte that
 * belongs to none is one of its own, as it is for terminals that know no UTF-8.
 */
static uint32_t form_next(const char **text)
{
	const uint8_t *at = (const uint8_t *)*text;
	int more = at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 1 : at[0] < 0xf0 ? 2 : 3;
	uint32_t character = more ? at[0] & (0x3f >> more) : at[0];

	for (int i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80) {
			*text += 1;
			return at[0];
		}
		character = character << 6 | (at[i] & 0x3f);
	}
	*text += 1 + more;
	return character;
}

static bool form_controls(uint32_t character)
{
	return character < ' ' || (character >= 0x7f && character < 0xa0);
}

/*
 * Anybody may have written the header, and "luksDump" prints it on a terminal,
 * so control characters are refused.
 */
static int form_read_description(const char *text, char *description)
{
	size_t len = strlen(text);

	if (!len || len >= FORM_DESCRIPTION_SIZE)
		return -EINVAL;
	for (const char *at = text; *at;)
		if (form_controls(form_next(&at)))
			return -EINVAL;
	memcpy(description, text, len + 1);
	return 0;
}

static int form_read_fields(json_object *token, struct form *form)
{
	const char *type = form_text(token, "type");
	const char *description = form_text(token, "key_description");
	const char *salt = form_text(token, "salt");
	json_object *slots;

	if (json_object_object_length(token) != FIELDS ||
	    !json_object_object_get_ex(token, "keyslots", &slots) ||
	    !json_object_is_type(slots, json_type_array))
		return -EINVAL;
	if (!type || strcmp(type, FORM_TYPE) || !description || !salt)
		return -EINVAL;
	return form_read_description(description, form->description) ?:
	       form_read_salt(salt, form->salt);
}

int form_read(const char *json, struct form *form)
{
	json_object *token = json_tokener_parse(json);
	int err = -EINVAL;

	if (token && json_object_is_type(token, json_type_object))
		err = form_read_fields(token, form);
	json_object_put(token);
	return err;
}

/*
 * Adds @value to an object, which then owns it.  Frees @value and returns false
 * if there is no memory.
 */
static int form_add(json_object *token, const char *name, json_object *value)
{
	if (value && !json_object_object_add(token, name, value))
		return 1;
	json_object_put(value);
	return 0;
}

static json_object *form_slots(int slot)
{
	json_object *slots = json_object_new_array(), *number;
	char text[16];

	snprintf(text, sizeof(text), "%d", slot);
	number = json_object_new_string(text);
	if (slots && number && !json_object_array_add(slots, number))
		return slots;
	json_object_put(number);
	json_object_put(slots);
	return NULL;
}

int form_write(const struct form *form, int slot, char *text, size_t size)
{
	json_object *token = json_object_new_object();
	char hex[HEX_SIZE];
	struct form back;
	int err = -ENOMEM;

	for (int i = 0; i < SALT_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", form->salt[i]);
	if (token &&
	    form_add(token, "type", json_object_new_string(FORM_TYPE)) &&
	    form_add(token, "keyslots", form_slots(slot)) &&
	    form_add(token, "key_description",
		     json_object_new_string(form->description)) &&
	    form_add(token, "salt", json_object_new_string(hex)))
		err = snprintf(text, size, "%s",
			       json_object_to_json_string(token)) >= (int)size ?
		      -EINVAL : form_read(text, &back);
	json_object_put(token);
	return err;
}
