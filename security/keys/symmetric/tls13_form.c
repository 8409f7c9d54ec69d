// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: what a line says of TLS 1.3
 *
 *	extract salt=0 suite=SUITE role=client|server [psk=SERIAL]	early secret
 *	extract salt=SERIAL						master secret
 *	agree with=SERIAL peer=HEX salt=SERIAL				handshake secret
 *	derive from=SERIAL tls=LABEL [hash=HEX] [nonce=HEX] [label=TEXT]	all else
 */

#include <linux/kernel.h>
#include <linux/string.h>

#include "symmetric.h"
#include "tls13.h"

int tls13_form_suite(struct symmetric_form *form, char *value)
{
	form->tls.seen = true;
	form->tls.suite = tls13_suite_find(value);
	return form->tls.suite ? 0 : -EINVAL;
}

int tls13_form_role(struct symmetric_form *form, char *value)
{
	form->tls.seen = true;
	if (strcmp(value, "client") == 0)
		form->tls.role = TLS13_CLIENT;
	else if (strcmp(value, "server") == 0)
		form->tls.role = TLS13_SERVER;
	else
		return -EINVAL;
	return 0;
}

/* A chain begins where there is no salt, and this says so. */
int tls13_form_salt(struct symmetric_form *form, char *value)
{
	form->tls.seen = true;
	if (strcmp(value, "0") != 0)
		return symmetric_form_number(value, &form->tls.salt);
	form->tls.starts = true;
	return 0;
}

int tls13_form_psk(struct symmetric_form *form, char *value)
{
	form->tls.seen = true;
	return symmetric_form_number(value, &form->tls.psk);
}

int tls13_form_label(struct symmetric_form *form, char *value)
{
	form->tls.seen = true;
	form->tls.label = tls13_label_find(value, ~0UL);
	if (!form->tls.label)
		return -EINVAL;
	return form->tls.label->refused ? -EOPNOTSUPP : 0;
}

static int tls13_form_context(struct symmetric_form *form, const char *value)
{
	size_t digits = strlen(value);

	form->tls.seen = true;
	if (form->tls.size || digits % 2 ||
	    digits / 2 > sizeof(form->tls.context) ||
	    hex2bin(form->tls.context, value, digits / 2))
		return -EINVAL;
	form->tls.size = digits / 2;
	return 0;
}

/* Whether it is a hash of the chain's suite shows later. */
int tls13_form_hash(struct symmetric_form *form, char *value)
{
	form->tls.has_hash = true;
	return tls13_form_context(form, value);
}

/* A ticket's nonce may be empty; then there is no such word. */
int tls13_form_nonce(struct symmetric_form *form, char *value)
{
	form->tls.has_nonce = true;
	return tls13_form_context(form, value);
}

static int tls13_check_extract(const struct symmetric_form *form)
{
	const struct tls13_form *tls = &form->tls;

	if (tls->starts)
		return tls->suite && tls->role ? 0 : -EINVAL;
	return tls->salt && !tls->suite && !tls->role && !tls->psk ? 0 : -EINVAL;
}

static int tls13_check_agree(const struct symmetric_form *form)
{
	return form->serial && form->peer.size && form->tls.salt ? 0 : -EINVAL;
}

static int tls13_check_derive(const struct symmetric_form *form)
{
	const struct tls13_form *tls = &form->tls;

	if (!form->serial || !tls->label)
		return -EINVAL;
	if (tls->has_hash != (tls->label->context == TLS13_MESSAGES))
		return -EINVAL;
	if (tls->has_nonce && tls->label->context != TLS13_TICKET)
		return -EINVAL;
	if (!form->label_size != (tls->label->context != TLS13_NAME))
		return -EINVAL;
	return 0;
}

/**
 * tls13_form_check - check a line that says something of TLS, once it was read
 * @form: what it asks for
 *
 * Return: 0 or -EINVAL
 */
int tls13_form_check(struct symmetric_form *form)
{
	if (form->alg || form->uses || form->size || form->uuid_size ||
	    form->keeper)
		return -EINVAL;
	switch (form->verb) {
	case SYMMETRIC_EXTRACT:
		return tls13_check_extract(form);
	case SYMMETRIC_AGREE:
		return form->label_size ? -EINVAL : tls13_check_agree(form);
	case SYMMETRIC_DERIVE:
		return tls13_check_derive(form);
	default:
		return -EINVAL;
	}
}
