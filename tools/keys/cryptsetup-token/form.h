/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The token in the header of a volume that belongs to a keyslot of this kind.
 */
#ifndef CRYPTSETUP_TOKEN_FORM_H
#define CRYPTSETUP_TOKEN_FORM_H

#include "mac.h"

#define FORM_TYPE	"linux-keys"
/* The most bytes of a description that add_key(2) takes, with the zero byte. */
#define FORM_DESCRIPTION_SIZE	4096
/*
 * The longest text that form_write() makes: each byte may become an escape of
 * six
 */
#define FORM_TEXT_SIZE	(6 * FORM_DESCRIPTION_SIZE + 256)

/**
 * struct form - the fields of a token
 * @description: of the key that computes the passphrase
 * @salt: random bytes that go into the computation
 */
struct form {
	char description[FORM_DESCRIPTION_SIZE];
	uint8_t salt[SALT_SIZE];
};

/**
 * form_read() - take the fields out of a token
 * @json: the token as libcryptsetup has it
 * @form: gets the fields
 *
 * The token must have the type, an array of keyslots, the description and the
 * salt, and nothing else: an unknown field could change the meaning of the
 * others.  The description has no control characters.
 *
 * Return: 0, or -EINVAL.
 */
int form_read(const char *json, struct form *form);

/**
 * form_write() - make a token
 * @form: the fields
 * @slot: the keyslot that the token opens
 * @text: gets the token
 * @size: of @text, at most FORM_TEXT_SIZE is needed
 *
 * Return: 0, -ENOMEM, or -EINVAL if form_read() would not take it.
 */
int form_write(const struct form *form, int slot, char *text, size_t size);

#endif /* CRYPTSETUP_TOKEN_FORM_H */
