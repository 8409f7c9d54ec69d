// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: the line that add_key(2) is given
 *
 * Text, as for trusted and encrypted keys, so that every program that can add a
 * key can make one.  The line is read strictly: what is read in two ways by two
 * readers is how a handler is made to ask for another key than it checked.
 */

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "symmetric.h"

static int form_alg(struct symmetric_form *form, char *value)
{
	form->alg = symmetric_alg_find(value);
	return form->alg ? 0 : -EINVAL;
}

static int form_uses(struct symmetric_form *form, char *value)
{
	char *name;
	u32 use;

	while ((name = strsep(&value, ","))) {
		use = symmetric_use_find(name);
		if (!use || form->uses & use)
			return -EINVAL;
		form->uses |= use;
	}
	return symmetric_uses_mix(form->uses) ? -EINVAL : 0;
}

/* Digits alone: kstrto*() would take a sign. */
static int form_number(const char *value, int *number)
{
	int err;

	if (!isdigit(*value))
		return -EINVAL;
	err = kstrtoint(value, 10, number);
	return err || *number <= 0 ? -EINVAL : 0;
}

/**
 * symmetric_form_number - read a serial number
 * @value: digits
 * @number: receives it; above 0
 *
 * Return: 0 or -EINVAL, or -ERANGE
 */
int symmetric_form_number(const char *value, int *number)
{
	return form_number(value, number);
}

static int form_size(struct symmetric_form *form, char *value)
{
	int size, err = form_number(value, &size);

	if (!err)
		form->size = size;
	return err;
}

static int form_serial(struct symmetric_form *form, char *value)
{
	return form_number(value, &form->serial);
}

/* With the dashes of RFC 9562, or without, as dm's names of devices have it. */
static int form_uuid(struct symmetric_form *form, char *value)
{
	uuid_t uuid;

	if (strlen(value) == 2 * UUID_SIZE) {
		if (hex2bin(form->uuid, value, UUID_SIZE))
			return -EINVAL;
	} else {
		if (strlen(value) != UUID_STRING_LEN || uuid_parse(value, &uuid))
			return -EINVAL;
		export_uuid(form->uuid, &uuid);
	}
	form->uuid_size = UUID_SIZE;
	return 0;
}

static int form_keeper(struct symmetric_form *form, char *value)
{
	return form_number(value, &form->keeper);
}

/* Returns how many bytes, or -EINVAL. */
static int form_hex(const char *value, u8 *bytes, size_t room)
{
	size_t digits = strlen(value);

	if (digits % 2 || digits / 2 > room ||
	    hex2bin(bytes, value, digits / 2))
		return -EINVAL;
	return digits / 2;
}

static int form_keyhex(struct symmetric_form *form, char *value)
{
	int size = form_hex(value, form->key, sizeof(form->key));

	if (size < 0)
		return size;
	form->size = size;
	return 0;
}

static int form_blob(struct symmetric_form *form, char *value)
{
	int size = form_hex(value, form->blob, sizeof(form->blob));

	if (size < 0)
		return size;
	form->blob_size = size;
	return 0;
}

static int form_label(struct symmetric_form *form, char *value)
{
	size_t size = strlen(value);

	if (form->label_size || size > SYMMETRIC_LABEL_MAX)
		return -EINVAL;
	for (size_t i = 0; i < size; i++)
		if (!isascii(value[i]) || !isgraph(value[i]))
			return -EINVAL;
	memcpy(form->label, value, size);
	form->label_size = size;
	return 0;
}

static int form_labelhex(struct symmetric_form *form, char *value)
{
	int size;

	if (form->label_size)
		return -EINVAL;
	size = form_hex(value, form->label, sizeof(form->label));
	if (size < 0)
		return size;
	form->label_size = size;
	return 0;
}

/* Public keys are of some size that a curve has. */
static int form_peer(struct symmetric_form *form, char *value)
{
	size_t digits = strlen(value);

	if (digits % 2 || digits / 2 > sizeof(form->peer.bytes) ||
	    hex2bin(form->peer.bytes, value, digits / 2))
		return -EINVAL;
	form->peer.size = digits / 2;
	return 0;
}

/* Verbs of keys that have bytes of their own, and of those that have a parent's */
#define FORM_MADE	(SYMMETRIC_NEW | SYMMETRIC_DERIVE | SYMMETRIC_AGREE | \
			 SYMMETRIC_RAW | SYMMETRIC_LOAD)
#define FORM_DERIVED	(SYMMETRIC_DERIVE | SYMMETRIC_AGREE)

static const struct {
	const char *name;
	unsigned int verbs;
	int (*parse)(struct symmetric_form *form, char *value);
} form_words[] = {
	{ "alg",	FORM_MADE, form_alg },
	{ "for",	FORM_MADE | SYMMETRIC_VIEW, form_uses },
	{ "size",	SYMMETRIC_NEW | FORM_DERIVED, form_size },
	{ "uuid",	FORM_MADE, form_uuid },
	{ "from",	SYMMETRIC_DERIVE, form_serial },
	{ "of",		SYMMETRIC_VIEW, form_serial },
	{ "label",	FORM_MADE, form_label },
	{ "labelhex",	FORM_MADE, form_labelhex },
	{ "keyhex",	SYMMETRIC_RAW, form_keyhex },
	{ "sealed-by",	SYMMETRIC_NEW | FORM_DERIVED | SYMMETRIC_RAW,
			form_keeper },
	{ "by",		SYMMETRIC_LOAD, form_keeper },
	{ "blob",	SYMMETRIC_LOAD, form_blob },
	{ "with",	SYMMETRIC_AGREE, form_serial },
	{ "peer",	SYMMETRIC_AGREE, form_peer },
	{ "suite",	SYMMETRIC_EXTRACT, tls13_form_suite },
	{ "role",	SYMMETRIC_EXTRACT, tls13_form_role },
	{ "psk",	SYMMETRIC_EXTRACT, tls13_form_psk },
	{ "salt",	SYMMETRIC_EXTRACT | SYMMETRIC_AGREE, tls13_form_salt },
	{ "tls",	SYMMETRIC_DERIVE, tls13_form_label },
	{ "hash",	SYMMETRIC_DERIVE, tls13_form_hash },
	{ "nonce",	SYMMETRIC_DERIVE, tls13_form_nonce },
};

static int form_word(struct symmetric_form *form, char *word,
		     unsigned long *seen)
{
	char *value = strchr(word, '=');

	if (!value || !value[1])
		return -EINVAL;
	*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(form_words); i++) {
		if (strcmp(word, form_words[i].name) != 0)
			continue;
		if (!(form_words[i].verbs & form->verb) ||
		    __test_and_set_bit(i, seen))
			return -EINVAL;
		return form_words[i].parse(form, value);
	}
	return -EINVAL;
}

static int form_verb(struct symmetric_form *form, const char *word)
{
	if (strcmp(word, "new") == 0)
		form->verb = SYMMETRIC_NEW;
	else if (strcmp(word, "derive") == 0)
		form->verb = SYMMETRIC_DERIVE;
	else if (strcmp(word, "view") == 0)
		form->verb = SYMMETRIC_VIEW;
	else if (IS_ENABLED(CONFIG_ASYMMETRIC_AGREEMENT_KEYS) &&
		 strcmp(word, "agree") == 0)
		form->verb = SYMMETRIC_AGREE;
	else if (IS_ENABLED(CONFIG_SYMMETRIC_TLS13) &&
		 strcmp(word, "extract") == 0)
		form->verb = SYMMETRIC_EXTRACT;
	else if (strcmp(word, "raw") == 0)
		form->verb = SYMMETRIC_RAW;
	else if (strcmp(word, "load") == 0)
		form->verb = SYMMETRIC_LOAD;
	else
		return -EINVAL;
	return 0;
}

/* A size is said where there is a choice, and nowhere else. */
static int form_check_size(struct symmetric_form *form)
{
	const struct symmetric_alg *alg = form->alg;

	if (form->verb == SYMMETRIC_LOAD)
		return 0;
	if (form->verb != SYMMETRIC_RAW) {
		if (!form->size) {
			form->size = alg->size;
			return 0;
		}
		if (alg->min_size == alg->max_size)
			return -EINVAL;
	}
	if (form->size < alg->min_size || form->size > alg->max_size)
		return -EINVAL;
	if (alg->step && (form->size - alg->min_size) % alg->step)
		return -EINVAL;
	return 0;
}

static bool form_is_of_stored_keys(const struct symmetric_form *form)
{
	return form->keeper || form->verb == SYMMETRIC_RAW ||
	       form->uses & (SYMMETRIC_USE_WRAP | SYMMETRIC_USE_UNWRAP);
}

/* A stored key has a label, so that another one is not taken for it. */
static int form_check_label(const struct symmetric_form *form)
{
	bool wanted = form->keeper || form->verb & FORM_DERIVED;

	return wanted == (form->label_size != 0) ? 0 : -EINVAL;
}

/* What each verb needs, once every word was read. */
static int form_check(struct symmetric_form *form)
{
	if (form->tls.seen || form->verb == SYMMETRIC_EXTRACT)
		return tls13_form_check(form);
	if (!form->uses)
		return -EINVAL;
	if (!IS_ENABLED(CONFIG_SYMMETRIC_KEYS_STORED) &&
	    form_is_of_stored_keys(form))
		return -EINVAL;
	if (form->verb == SYMMETRIC_AGREE && !form->peer.size)
		return -EINVAL;
	if (form->verb & (FORM_DERIVED | SYMMETRIC_VIEW) && !form->serial)
		return -EINVAL;
	if (form->verb == SYMMETRIC_VIEW)
		return 0;
	if (form->verb == SYMMETRIC_LOAD && !(form->keeper && form->blob_size))
		return -EINVAL;
	if (form_check_label(form) || !form->alg)
		return -EINVAL;
	form->alg = symmetric_alg_with(form->alg, form->uses);
	if (!form->alg)
		return -EINVAL;
	if (form->uuid_size && !form->alg->group->of_volume)
		return -EINVAL;
	return form_check_size(form);
}

static int form_read(struct symmetric_form *form, char *line)
{
	unsigned long seen = 0;
	char *word;
	int err;

	err = form_verb(form, strsep(&line, " "));
	while (!err && (word = strsep(&line, " ")))
		err = form_word(form, word, &seen);
	return err ?: form_check(form);
}

/**
 * symmetric_form_parse - read a line
 * @line: what add_key(2) was given
 * @size: its size
 * @form: receives what it asks for, and has to be wiped whatever is returned: it
 *	may have bytes of a key
 *
 * Return: 0, -EINVAL or -ENOMEM
 */
int symmetric_form_parse(const void *line, size_t size,
			 struct symmetric_form *form)
{
	char *text;
	int err;

	BUILD_BUG_ON(ARRAY_SIZE(form_words) > BITS_PER_LONG);

	if (!size || size > SYMMETRIC_LINE_MAX || memchr(line, '\0', size))
		return -EINVAL;
	text = kmemdup_nul(line, size, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	if (text[size - 1] == '\n')
		text[size - 1] = '\0';

	memset(form, 0, sizeof(*form));
	err = form_read(form, text);
	kfree_sensitive(text);
	return err;
}
