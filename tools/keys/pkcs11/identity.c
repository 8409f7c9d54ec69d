// SPDX-License-Identifier: GPL-2.0-only
#include "identity.h"

#include <string.h>

#include "label.h"
#include "public_key.h"

static size_t identity_of_rsa(struct object *object, uint8_t id[ID_MAX])
{
	uint8_t room[RSA_BYTES_MAX + 32];

	if (!object_public(object))
		return 0;
	label_id_of_public_key(public_key_der(&object->public, room,
					      sizeof(room)), id);
	return LABEL_DEFAULT_ID;
}

static size_t identity_of_serial(const struct object *object,
				 uint8_t id[ID_MAX])
{
	size_t i;

	for (i = 0; i < sizeof(object->serial); i++)
		id[i] = (uint32_t)object->serial >>
			8 * (sizeof(object->serial) - 1 - i);
	return sizeof(object->serial);
}

static size_t identity_of_certificate(struct object *object, uint8_t id[ID_MAX])
{
	struct object key;

	/* Programs search for the certificate of a key by CKA_ID. */
	if (object_key_of(object, &object->certificate, &key))
		return identity_of(&key, id);
	label_id_of_public_key(object->certificate.public_key, id);
	return LABEL_DEFAULT_ID;
}

/**
 * identity_of - compute the CKA_ID of an object
 * @object: The object.
 * @id: Gets the CKA_ID.
 *
 * Return: its length.
 */
size_t identity_of(struct object *object, uint8_t id[ID_MAX])
{
	if (object->id_len) {
		memcpy(id, object->id, object->id_len);
		return object->id_len;
	}
	switch (object->kind) {
	case OBJECT_PRIVATE:
	case OBJECT_PUBLIC:
		return identity_of_rsa(object, id);
	case OBJECT_SECRET:
		return identity_of_serial(object, id);
	default:
		return identity_of_certificate(object, id);
	}
}

/*
 * The subject of a certificate for the key; empty if there is no certificate.
 */
size_t identity_subject(struct object *object, uint8_t *subject, size_t size)
{
	struct object certificate;
	struct bytes found;
	size_t len = 0;

	if (!object_public(object) ||
	    !object_certificate_of(object, &certificate))
		return 0;
	found = certificate.certificate.subject;
	if (found.len <= size) {
		memcpy(subject, found.at, found.len);
		len = found.len;
	}
	object_free(&certificate);
	return len;
}
