// SPDX-License-Identifier: GPL-2.0-only
#include "label.h"

#include <stdio.h>
#include <string.h>

#include <nettle/sha1.h>

#define ID_WORD	" id="

static int label_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Parses an identifier; returns its length, or 0 if the text is none. */
static size_t label_parse_id(const char *hex, size_t len, uint8_t id[ID_MAX])
{
	size_t i;

	if (len % 2 || len / 2 > ID_MAX)
		return 0;
	for (i = 0; i < len; i++) {
		int digit = label_digit(hex[i]);

		if (digit < 0)
			return 0;
		id[i / 2] = id[i / 2] << 4 | digit;
	}
	return len / 2;
}

/* Returns the position of the last " id=", or of the end. */
static size_t label_find_word(const char *text, size_t len)
{
	const size_t word = strlen(ID_WORD);
	size_t at;

	for (at = len; at-- > 0;)
		if (len - at >= word && !memcmp(text + at, ID_WORD, word))
			return at;
	return len;
}

/**
 * label_split - find label and identifier in a description
 * @description: Description, "LABEL" or "LABEL id=HEX".
 * @label: The label, a part of it.
 * @id: The identifier.
 * @id_len: Its length, 0 if there is none.
 */
void label_split(const char *description, struct bytes *label,
		 uint8_t id[ID_MAX], size_t *id_len)
{
	const size_t word = strlen(ID_WORD);
	size_t len = strlen(description);
	size_t at = label_find_word(description, len);

	*id_len = at == len ? 0 :
		label_parse_id(description + at + word, len - at - word, id);
	*label = (struct bytes){ (const uint8_t *)description,
				 *id_len ? at : len };
}

/*
 * Would this description without an identifier be read as one with an
 * identifier?
 */
bool label_needs_id(struct bytes label)
{
	const size_t word = strlen(ID_WORD);
	const char *text = (const char *)label.at;
	size_t at = label_find_word(text, label.len);
	uint8_t id[ID_MAX];

	return at < label.len &&
		label_parse_id(text + at + word, label.len - at - word, id);
}

/**
 * label_join - make a description
 * @description: Gets the description.
 * @prefix: What comes first.
 * @label: Label.
 * @id: Identifier, or nothing.
 *
 * Return: CKR_ATTRIBUTE_VALUE_INVALID if label_split() could not get these
 * parts back.
 */
ck_rv_t label_join(char description[DESCRIPTION_MAX], const char *prefix,
		   struct bytes label, struct bytes id)
{
	size_t i;
	char *at;

	if (!label.len || label.len > LABEL_MAX || id.len > ID_MAX ||
	    memchr(label.at, '\0', label.len) ||
	    (!id.len && label_needs_id(label)))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	at = stpcpy(description, prefix);
	memcpy(at, label.at, label.len);
	at += label.len;
	if (id.len)
		at = stpcpy(at, ID_WORD);
	for (i = 0; i < id.len; i++)
		at += sprintf(at, "%02x", id.at[i]);
	*at = '\0';
	return CKR_OK;
}

/* The identifier of a public key by RFC 5280, 4.2.1.2 */
void label_id_of_public_key(struct bytes public_key,
			    uint8_t id[LABEL_DEFAULT_ID])
{
	struct sha1_ctx context;

	sha1_init(&context);
	sha1_update(&context, public_key.len, public_key.at);
	sha1_digest(&context, LABEL_DEFAULT_ID, id);
}
