// SPDX-License-Identifier: GPL-2.0-only
#include "attribute.h"

#include <stdio.h>
#include <string.h>

#include "identity.h"
#include "label.h"
#include "module.h"
#include "public_key.h"
#include "session.h"

static ck_rv_t attribute_bytes(struct attribute *out, struct bytes value)
{
	out->value = value;
	return CKR_OK;
}

static ck_rv_t attribute_empty(struct attribute *out)
{
	return attribute_bytes(out, (struct bytes){ out->room, 0 });
}

static ck_rv_t attribute_copy(struct attribute *out, const void *value,
			      size_t len)
{
	memcpy(out->room, value, len);
	return attribute_bytes(out, (struct bytes){ out->room, len });
}

static ck_rv_t attribute_long(struct attribute *out, unsigned long value)
{
	return attribute_copy(out, &value, sizeof(value));
}

static ck_rv_t attribute_bool(struct attribute *out, bool value)
{
	out->room[0] = value ? CK_TRUE : CK_FALSE;
	return attribute_bytes(out, (struct bytes){ out->room, 1 });
}

static ck_object_class_t attribute_class(const struct object *object)
{
	switch (object->kind) {
	case OBJECT_PRIVATE:
		return CKO_PRIVATE_KEY;
	case OBJECT_PUBLIC:
		return CKO_PUBLIC_KEY;
	case OBJECT_SECRET:
		return CKO_SECRET_KEY;
	default:
		return CKO_CERTIFICATE;
	}
}

/*
 * C_DestroyObject() destroys the public half of a pair only together with the
 * pair; a file ends when it is deleted.
 */
static bool attribute_is_destroyable(const struct object *object)
{
	return object->kind != OBJECT_FILE &&
		!(object->kind == OBJECT_PUBLIC && object_is_pair(object));
}

static ck_rv_t attribute_of_all(struct object *object, ck_attribute_type_t type,
				struct attribute *out)
{
	switch (type) {
	case CKA_CLASS:
		return attribute_long(out, attribute_class(object));
	case CKA_TOKEN:
		return attribute_bool(out, true);
	case CKA_PRIVATE:
		return attribute_bool(out, object->kind == OBJECT_PRIVATE ||
				      object->kind == OBJECT_SECRET);
	case CKA_MODIFIABLE:
	case CKA_COPYABLE:
		return attribute_bool(out, false);
	case CKA_DESTROYABLE:
		return attribute_bool(out, attribute_is_destroyable(object));
	case CKA_LABEL:
		return attribute_bytes(out, object->label);
	case CKA_UNIQUE_ID:
		out->value.len = snprintf((char *)out->room, sizeof(out->room),
					  "%lx", object->handle);
		out->value.at = out->room;
		return CKR_OK;
	case CKA_ID:
		out->value.len = identity_of(object, out->room);
		out->value.at = out->room;
		return CKR_OK;
	case CKA_START_DATE:
	case CKA_END_DATE:
		return attribute_empty(out);
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

static ck_rv_t attribute_of_certificate(struct object *object,
					ck_attribute_type_t type,
					struct attribute *out)
{
	const struct certificate *certificate = &object->certificate;
	uint8_t digest[LABEL_DEFAULT_ID];

	switch (type) {
	case CKA_CERTIFICATE_TYPE:
		return attribute_long(out, CKC_X_509);
	case CKA_CERTIFICATE_CATEGORY:
		return attribute_long(out, 0);
	case CKA_TRUSTED:
		return attribute_bool(out, false);
	case CKA_VALUE:
		return attribute_bytes(out, certificate->whole);
	case CKA_SUBJECT:
		return attribute_bytes(out, certificate->subject);
	case CKA_ISSUER:
		return attribute_bytes(out, certificate->issuer);
	case CKA_SERIAL_NUMBER:
		return attribute_bytes(out, certificate->serial);
	case CKA_PUBLIC_KEY_INFO:
		return attribute_bytes(out, certificate->public_info);
	case CKA_CHECK_VALUE:
		/*
		 * The first three bytes of a SHA-1, in the same way as for a
		 * public key
		 */
		label_id_of_public_key(certificate->whole, digest);
		return attribute_copy(out, digest, 3);
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

/* Attributes that are the same for every key */
static ck_rv_t attribute_of_key(struct object *object, ck_attribute_type_t type,
				struct attribute *out)
{
	switch (type) {
	case CKA_KEY_TYPE:
		return attribute_long(out, object->kind == OBJECT_SECRET ?
				      CKK_GENERIC_SECRET : CKK_RSA);
	case CKA_KEY_GEN_MECHANISM:
		return attribute_long(out, CK_UNAVAILABLE_INFORMATION);
	case CKA_LOCAL:
		return attribute_bool(out, object->inside);
	case CKA_DERIVE:
		return attribute_bool(out, false);
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

/* Attributes that are the same for every key that has a secret */
static ck_rv_t attribute_of_secret(struct object *object,
				   ck_attribute_type_t type,
				   struct attribute *out)
{
	switch (type) {
	case CKA_SENSITIVE:
		return attribute_bool(out, true);
	case CKA_ALWAYS_SENSITIVE:
	case CKA_NEVER_EXTRACTABLE:
		return attribute_bool(out, object->inside);
	case CKA_EXTRACTABLE:
	case CKA_UNWRAP:
	case CKA_WRAP_WITH_TRUSTED:
		return attribute_bool(out, false);
	case CKA_SIGN:
		return attribute_bool(out, object->operations &
				      KEYCTL_SUPPORTS_SIGN);
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

static ck_rv_t attribute_of_mac(struct object *object, ck_attribute_type_t type,
				struct attribute *out)
{
	const struct mechanism *mechanism;

	switch (type) {
	case CKA_VERIFY:
		return attribute_bool(out, object->operations &
				      KEYCTL_SUPPORTS_VERIFY);
	case CKA_ENCRYPT:
	case CKA_DECRYPT:
	case CKA_WRAP:
	case CKA_TRUSTED:
		return attribute_bool(out, false);
	case CKA_VALUE_LEN:
		return attribute_long(out, object->size);
	case CKA_ALLOWED_MECHANISMS:
		mechanism = mechanism_of_mac(object->hash);
		return attribute_long(out, mechanism->type);
	case CKA_VALUE:
		return CKR_ATTRIBUTE_SENSITIVE;
	default:
		return attribute_of_secret(object, type, out);
	}
}

static ck_rv_t attribute_of_rsa(struct object *object, ck_attribute_type_t type,
				struct attribute *out)
{
	const struct rsa_public *public = &object->public;

	switch (type) {
	case CKA_SUBJECT:
		out->value.len = identity_subject(object, out->room,
						  sizeof(out->room));
		out->value.at = out->room;
		return CKR_OK;
	case CKA_MODULUS:
	case CKA_PUBLIC_EXPONENT:
	case CKA_PUBLIC_KEY_INFO:
	case CKA_MODULUS_BITS:
		break;
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
	/* The key may have ended since it was found. */
	if (!object_public(object))
		return CKR_OBJECT_HANDLE_INVALID;
	switch (type) {
	case CKA_MODULUS:
		return attribute_copy(out, public->modulus, public->len);
	case CKA_PUBLIC_EXPONENT:
		return attribute_copy(out, public->exponent,
				      public->exponent_len);
	case CKA_MODULUS_BITS:
		return attribute_long(out, public_key_bits(public));
	default:
		out->value = public_key_info(public, out->room,
					     sizeof(out->room));
		return CKR_OK;
	}
}

static ck_rv_t attribute_of_private(struct object *object,
				    ck_attribute_type_t type,
				    struct attribute *out)
{
	switch (type) {
	case CKA_DECRYPT:
		return attribute_bool(out, object->operations &
				      KEYCTL_SUPPORTS_DECRYPT);
	case CKA_SIGN_RECOVER:
	case CKA_ALWAYS_AUTHENTICATE:
		return attribute_bool(out, false);
	case CKA_PRIVATE_EXPONENT:
	case CKA_PRIME_1:
	case CKA_PRIME_2:
	case CKA_EXPONENT_1:
	case CKA_EXPONENT_2:
	case CKA_COEFFICIENT:
		return CKR_ATTRIBUTE_SENSITIVE;
	case CKA_MODULUS_BITS:
		/* Only a public key has this attribute. */
		return CKR_ATTRIBUTE_TYPE_INVALID;
	default:
		break;
	}
	if (attribute_of_secret(object, type, out))
		return attribute_of_rsa(object, type, out);
	return CKR_OK;
}

static ck_rv_t attribute_of_public(struct object *object,
				   ck_attribute_type_t type,
				   struct attribute *out)
{
	switch (type) {
	case CKA_ENCRYPT:
		return attribute_bool(out, object->operations &
				      KEYCTL_SUPPORTS_ENCRYPT);
	case CKA_VERIFY:
		return attribute_bool(out, object->operations &
				      KEYCTL_SUPPORTS_VERIFY);
	case CKA_VERIFY_RECOVER:
	case CKA_WRAP:
	case CKA_TRUSTED:
		return attribute_bool(out, false);
	default:
		return attribute_of_rsa(object, type, out);
	}
}

/**
 * attribute_of - read an attribute of an object
 * @object: The object.
 * @type: Type of the attribute.
 * @attribute: Gets the attribute.
 *
 * Return: CKR_ATTRIBUTE_TYPE_INVALID if the object has no such attribute,
 * CKR_ATTRIBUTE_SENSITIVE if nobody may read it, CKR_OBJECT_HANDLE_INVALID if
 * the key has ended.
 */
ck_rv_t attribute_of(struct object *object, ck_attribute_type_t type,
		     struct attribute *attribute)
{
	ck_rv_t rv = attribute_of_all(object, type, attribute);

	if (rv != CKR_ATTRIBUTE_TYPE_INVALID)
		return rv;
	if (object->kind == OBJECT_CERTIFICATE || object->kind == OBJECT_FILE)
		return attribute_of_certificate(object, type, attribute);
	rv = attribute_of_key(object, type, attribute);
	if (rv != CKR_ATTRIBUTE_TYPE_INVALID)
		return rv;
	switch (object->kind) {
	case OBJECT_PRIVATE:
		return attribute_of_private(object, type, attribute);
	case OBJECT_PUBLIC:
		return attribute_of_public(object, type, attribute);
	default:
		return attribute_of_mac(object, type, attribute);
	}
}

/* Does the object have each of these attributes, with the same bytes? */
bool attribute_matches(struct object *object, const struct ck_attribute *wanted,
		       unsigned long count)
{
	struct attribute attribute;
	unsigned long i;

	for (i = 0; i < count; i++)
		if (attribute_of(object, wanted[i].type, &attribute) ||
		    !der_same(attribute.value,
			      (struct bytes){ wanted[i].value,
					      wanted[i].value_len }))
			return false;
	return true;
}

/* Fills in one attribute of a template. */
static ck_rv_t attribute_give(struct object *object, struct ck_attribute *wanted)
{
	unsigned long room = wanted->value_len;
	struct attribute attribute;
	ck_rv_t rv;

	rv = attribute_of(object, wanted->type, &attribute);
	if (rv) {
		wanted->value_len = CK_UNAVAILABLE_INFORMATION;
		return rv;
	}
	wanted->value_len = attribute.value.len;
	if (!wanted->value)
		return CKR_OK;
	if (room < attribute.value.len) {
		wanted->value_len = CK_UNAVAILABLE_INFORMATION;
		return CKR_BUFFER_TOO_SMALL;
	}
	memcpy(wanted->value, attribute.value.at, attribute.value.len);
	return CKR_OK;
}

ck_rv_t C_GetAttributeValue(ck_session_handle_t handle,
			    ck_object_handle_t object_handle,
			    struct ck_attribute *template, unsigned long count)
{
	struct session *session;
	struct object object;
	unsigned long i;
	ck_rv_t rv, one;

	rv = session_enter(handle, &session);
	if (rv)
		return rv;
	if (!template || !count) {
		rv = CKR_ARGUMENTS_BAD;
		goto leave;
	}
	rv = object_load(session->slot, object_handle, &object);
	if (rv)
		goto leave;
	for (i = 0; i < count; i++) {
		one = attribute_give(&object, &template[i]);
		/*
		 * All attributes are filled in before the first error is
		 * returned.
		 */
		if (!rv)
			rv = one;
	}
	object_free(&object);
leave:
	return session_leave(session, rv);
}
