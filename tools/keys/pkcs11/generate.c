// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "errors.h"
#include "label.h"
#include "object.h"
#include "session.h"
#include "template.h"

static const struct template_entry generate_mac_entries[] = {
	{ CKA_KEY_TYPE, TEMPLATE_TAKEN },
	{ CKA_VALUE_LEN, TEMPLATE_TAKEN },
	{ CKA_SIGN, TEMPLATE_TAKEN },
	{ CKA_VERIFY, TEMPLATE_TAKEN },
	{ CKA_PRIVATE, TEMPLATE_TRUE },
	{ CKA_SENSITIVE, TEMPLATE_TRUE },
	{ CKA_EXTRACTABLE, TEMPLATE_FALSE },
	{ CKA_ENCRYPT, TEMPLATE_FALSE },
	{ CKA_DECRYPT, TEMPLATE_FALSE },
	{ CKA_WRAP, TEMPLATE_FALSE },
	{ CKA_UNWRAP, TEMPLATE_FALSE },
	{ CKA_DERIVE, TEMPLATE_FALSE },
	{ CKA_TRUSTED, TEMPLATE_FALSE },
	{ CKA_WRAP_WITH_TRUSTED, TEMPLATE_FALSE },
};

#define ENTRIES		(sizeof(generate_mac_entries) / sizeof(*generate_mac_entries))

static const char *generate_mac_alg(unsigned long len)
{
	switch (len) {
	case 32:
		return "hmac-sha256";
	case 48:
		return "hmac-sha384";
	case 64:
		return "hmac-sha512";
	default:
		return NULL;
	}
}

/* Writes the line of add_key() from which the kernel makes the key. */
static ck_rv_t generate_mac_line(const struct template *template, char *line,
				 size_t size)
{
	unsigned long len, type = CKK_GENERIC_SECRET, class = CKO_SECRET_KEY;
	bool both, signs, verifies;
	const char *alg;
	ck_rv_t rv;

	rv = template_long(template, CKA_CLASS, &class);
	if (!rv || rv == CKR_TEMPLATE_INCOMPLETE)
		rv = template_long(template, CKA_KEY_TYPE, &type);
	if ((rv && rv != CKR_TEMPLATE_INCOMPLETE) || class != CKO_SECRET_KEY ||
	    type != CKK_GENERIC_SECRET)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	/* A template that names neither CKA_SIGN nor CKA_VERIFY gets both. */
	both = !template_get(template, CKA_SIGN) &&
		!template_get(template, CKA_VERIFY);
	rv = template_long(template, CKA_VALUE_LEN, &len) ?:
		template_bool(template, CKA_SIGN, both, &signs) ?:
		template_bool(template, CKA_VERIFY, both, &verifies);
	if (rv)
		return rv;
	alg = generate_mac_alg(len);
	if (!alg)
		return CKR_KEY_SIZE_RANGE;
	if (!signs && !verifies)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	snprintf(line, size, "new alg=%s for=%s%s%s", alg, signs ? "mac" : "",
		 signs && verifies ? "," : "", verifies ? "verify" : "");
	return CKR_OK;
}

static ck_rv_t generate_mac(const struct template *template, int32_t keyring,
			    int32_t *serial)
{
	char description[DESCRIPTION_MAX], line[64];
	struct bytes label, id = { NULL, 0 };
	ck_rv_t rv;

	rv = template_allow(template, generate_mac_entries,
			    ENTRIES);
	if (!rv)
		rv = generate_mac_line(template, line, sizeof(line));
	if (rv)
		return rv;
	if (!template_bytes(template, CKA_LABEL, &label))
		return CKR_TEMPLATE_INCOMPLETE;
	template_bytes(template, CKA_ID, &id);
	rv = label_join(description, "", label, id);
	if (rv)
		return rv;
	*serial = kernel_add("symmetric", description, line, strlen(line),
			     keyring);
	return error_rv(ERROR_OF_MAKING, *serial);
}

static ck_rv_t generate_key(const struct session *session,
			    const struct ck_mechanism *mechanism,
			    const struct template *template,
			    ck_object_handle_t *key)
{
	const struct mechanism *known;
	const struct hash *hash;
	int32_t keyring, serial;
	ck_rv_t rv;

	if (!mechanism || !key)
		return CKR_ARGUMENTS_BAD;
	rv = template_check(template->attributes, template->count);
	if (!rv)
		rv = mechanism_take(mechanism, CKF_GENERATE, &known, &hash);
	if (rv)
		return rv;
	if (!session->writes)
		return CKR_SESSION_READ_ONLY;
	if (slot_keyring(session->slot, &keyring))
		return CKR_DEVICE_REMOVED;
	rv = generate_mac(template, keyring, &serial);
	if (!rv)
		*key = object_handle(OBJECT_SECRET, serial, 0);
	return rv;
}

ck_rv_t C_GenerateKey(ck_session_handle_t handle, struct ck_mechanism *mechanism,
		      struct ck_attribute *attributes, unsigned long count,
		      ck_object_handle_t *key)
{
	const struct template template = { attributes, count };
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	return session_leave(session, generate_key(session, mechanism, &template,
						 key));
}

/*
 * The kernel generates no key pairs, and a pair made here would be in the
 * program's memory.
 */
ck_rv_t C_GenerateKeyPair(ck_session_handle_t handle,
			  struct ck_mechanism *mechanism,
			  struct ck_attribute *public, unsigned long public_count,
			  struct ck_attribute *private,
			  unsigned long private_count,
			  ck_object_handle_t *public_key,
			  ck_object_handle_t *private_key)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	(void)public;
	(void)public_count;
	(void)private;
	(void)private_count;
	(void)public_key;
	(void)private_key;
	if (rv)
		return rv;
	return session_leave(session, mechanism ? CKR_MECHANISM_INVALID :
			     CKR_ARGUMENTS_BAD);
}
