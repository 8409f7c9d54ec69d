// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "errors.h"
#include "import.h"
#include "label.h"
#include "object.h"
#include "session.h"
#include "template.h"

static const struct template_entry create_certificate_entries[] = {
	{ CKA_CERTIFICATE_TYPE, TEMPLATE_TAKEN },
	{ CKA_CERTIFICATE_CATEGORY, TEMPLATE_TAKEN },
	{ CKA_PRIVATE, TEMPLATE_FALSE },
	{ CKA_TRUSTED, TEMPLATE_FALSE },
	{ CKA_VALUE, TEMPLATE_TAKEN },
	{ CKA_SUBJECT, TEMPLATE_TAKEN },
	{ CKA_ISSUER, TEMPLATE_TAKEN },
	{ CKA_SERIAL_NUMBER, TEMPLATE_TAKEN },
	{ CKA_PUBLIC_KEY_INFO, TEMPLATE_TAKEN },
};

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

/* The template may repeat attributes that the certificate itself determines. */
static bool create_repeats(const struct template *template,
			   ck_attribute_type_t type, struct bytes own)
{
	struct bytes given;

	return !template_bytes(template, type, &given) || der_same(given, own);
}

static ck_rv_t create_check_certificate(const struct template *template,
					struct certificate *certificate)
{
	unsigned long type, category = 0;
	struct bytes value;
	ck_rv_t rv;

	rv = template_long(template, CKA_CERTIFICATE_TYPE, &type);
	if (rv)
		return rv;
	if (type != CKC_X_509)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	rv = template_allow(template, create_certificate_entries,
			    COUNT(create_certificate_entries));
	if (rv)
		return rv;
	if (!template_bytes(template, CKA_VALUE, &value))
		return CKR_TEMPLATE_INCOMPLETE;
	rv = template_long(template, CKA_CERTIFICATE_CATEGORY, &category);
	if ((rv && rv != CKR_TEMPLATE_INCOMPLETE) || category ||
	    !certificate_parse(certificate, value) ||
	    !create_repeats(template, CKA_SUBJECT, certificate->subject) ||
	    !create_repeats(template, CKA_ISSUER, certificate->issuer) ||
	    !create_repeats(template, CKA_SERIAL_NUMBER, certificate->serial) ||
	    !create_repeats(template, CKA_PUBLIC_KEY_INFO,
			    certificate->public_info))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return CKR_OK;
}

/*
 * The description does not repeat an identifier that follows from the
 * certificate.
 */
static ck_rv_t create_describe(const struct template *template,
			       const struct certificate *certificate,
			       char description[DESCRIPTION_MAX])
{
	struct bytes label, id = { NULL, 0 };
	uint8_t room[LABEL_DEFAULT_ID];
	const struct bytes own = { room, sizeof(room) };

	label_id_of_public_key(certificate->public_key, room);

	if (!template_bytes(template, CKA_LABEL, &label))
		return CKR_TEMPLATE_INCOMPLETE;
	template_bytes(template, CKA_ID, &id);
	if (der_same(id, own))
		id.len = 0;
	/*
	 * A label that would be read as a label with identifier needs an
	 * explicit one.
	 */
	if (!id.len && label_needs_id(label))
		id = own;
	return label_join(description, OBJECT_CERTIFICATE_PREFIX, label, id);
}

static ck_rv_t create_certificate(const struct template *template,
				  int32_t keyring, int32_t *serial)
{
	char description[DESCRIPTION_MAX];
	struct certificate certificate;
	ck_rv_t rv;

	rv = create_check_certificate(template, &certificate);
	if (!rv)
		rv = create_describe(template, &certificate, description);
	if (rv)
		return rv;
	*serial = kernel_add("user", description, certificate.whole.at,
			     certificate.whole.len, keyring);
	/* Longer than any key */
	if (*serial == -EINVAL)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return error_rv(ERROR_OF_MAKING, *serial);
}

static ck_rv_t create_object(const struct session *session,
			     const struct template *template,
			     ck_object_handle_t *object)
{
	unsigned long class;
	int32_t keyring, serial;
	ck_rv_t rv;

	if (!object)
		return CKR_ARGUMENTS_BAD;
	rv = template_check(template->attributes, template->count);
	if (rv)
		return rv;
	if (!session->writes)
		return CKR_SESSION_READ_ONLY;
	rv = template_long(template, CKA_CLASS, &class);
	if (rv)
		return rv;
	if (slot_keyring(session->slot, &keyring))
		return CKR_DEVICE_REMOVED;
	switch (class) {
	case CKO_PRIVATE_KEY:
		rv = import_pair(template, keyring, &serial);
		if (!rv)
			*object = object_handle(OBJECT_PRIVATE, serial, 0);
		return rv;
	case CKO_CERTIFICATE:
		rv = create_certificate(template, keyring, &serial);
		if (!rv)
			*object = object_handle(OBJECT_CERTIFICATE, serial, 0);
		return rv;
	default:
		return CKR_ATTRIBUTE_VALUE_INVALID;
	}
}

ck_rv_t C_CreateObject(ck_session_handle_t handle, struct ck_attribute *attributes,
		       unsigned long count, ck_object_handle_t *object)
{
	const struct template template = { attributes, count };
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	return session_leave(session, create_object(session, &template, object));
}
