// SPDX-License-Identifier: GPL-2.0-only
#include "object.h"

#include <errno.h>
#include <linux/symmetric_key.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "known.h"
#include "label.h"
#include "module.h"

/* More than a key of the type "user" can hold */
#define PAYLOAD_MAX	32768

/*
 * A handle itself identifies the object, so that no table can be full or out of
 * date: it has the number of a file, the kind of object and the serial of the
 * key.
 */
#define HANDLE_SERIAL_BITS	32
#define HANDLE_KIND_BITS	3
#define HANDLE_FILE_SHIFT	(HANDLE_SERIAL_BITS + HANDLE_KIND_BITS)

_Static_assert(sizeof(ck_object_handle_t) == sizeof(uint64_t),
	       "a handle has room for serial, kind and file");

ck_object_handle_t object_handle(enum object_kind kind, int32_t serial,
				 unsigned int file)
{
	return (ck_object_handle_t)file << HANDLE_FILE_SHIFT |
		(ck_object_handle_t)kind << HANDLE_SERIAL_BITS |
		(uint32_t)serial;
}

bool object_is_pair(const struct object *object)
{
	return object->operations & KEYCTL_SUPPORTS_SIGN;
}

/* Finds the public numbers on first use. */
bool object_public(struct object *object)
{
	if (!object->has_public)
		object->has_public = known_public(object->serial, object->size,
						  &object->public);
	return object->has_public;
}

/* A key of another algorithm does not know this encoding. */
static int object_load_rsa(struct object *object)
{
	struct keyctl_pkey_query query;
	int ret = kernel_query(object->serial, RSA_PKCS1, &query);

	if (ret < 0)
		return ret;
	object->operations = query.supported_ops;
	object->size = query.max_sig_size;
	if (object->size < RSA_BYTES_MIN || object->size > RSA_BYTES_MAX)
		return -EMSGSIZE;
	if (object->kind == OBJECT_PRIVATE && !object_is_pair(object))
		return -ENOKEY;
	return 0;
}

static int object_load_secret(struct object *object)
{
	static const struct hash *const hashes[] = {
		[SYMMETRIC_ALG_HMAC_SHA256] = &hash_sha256,
		[SYMMETRIC_ALG_HMAC_SHA384] = &hash_sha384,
		[SYMMETRIC_ALG_HMAC_SHA512] = &hash_sha512,
	};
	struct keyctl_pkey_query query;
	int ret = kernel_query(object->serial, "", &query);
	uint32_t alg;

	if (ret < 0)
		return ret;
	alg = query.__spare[SYMMETRIC_QUERY_ALG];
	if (alg >= sizeof(hashes) / sizeof(*hashes) || !hashes[alg])
		return -ENOKEY;
	object->hash = hashes[alg];
	object->operations = query.supported_ops;
	object->size = object->hash->nettle->digest_size;
	object->inside = query.__spare[SYMMETRIC_QUERY_ORIGIN] ==
		SYMMETRIC_ORIGIN_INSIDE;
	return 0;
}

static int object_load_certificate(struct object *object)
{
	long len;

	object->payload = malloc(PAYLOAD_MAX);
	if (!object->payload)
		return -ENOMEM;
	len = kernel_read(object->serial, object->payload, PAYLOAD_MAX);
	if (len >= 0 && len <= PAYLOAD_MAX &&
	    certificate_parse(&object->certificate,
			      (struct bytes){ object->payload, len }))
		return 0;
	/* The content of the key may be no certificate. */
	explicit_bzero(object->payload, PAYLOAD_MAX);
	free(object->payload);
	object->payload = NULL;
	return len < 0 ? len : -ENOKEY;
}

/*
 * If the description is that of a certificate, cuts off the prefix and returns
 * true.
 */
static bool object_cut_prefix(const char **description)
{
	size_t len = strlen(OBJECT_CERTIFICATE_PREFIX);

	if (strncmp(*description, OBJECT_CERTIFICATE_PREFIX, len))
		return false;
	*description += len;
	return true;
}

static bool object_has_type(const struct object *object, const char *type)
{
	return !strcmp(object->key.type, type);
}

/*
 * Does the key have the kind that the handle names?  Finds its properties, too.
 */
static int object_load_key(struct object *object)
{
	const char *description;
	int ret = kernel_describe(object->serial, &object->key);

	if (ret < 0)
		return ret;
	description = object->key.description;
	switch (object->kind) {
	case OBJECT_PRIVATE:
	case OBJECT_PUBLIC:
		ret = object_has_type(object, "asymmetric") ?
			object_load_rsa(object) : -ENOKEY;
		break;
	case OBJECT_SECRET:
		ret = object_has_type(object, "symmetric") ?
			object_load_secret(object) : -ENOKEY;
		break;
	case OBJECT_CERTIFICATE:
		ret = object_has_type(object, "user") &&
			object_cut_prefix(&description) ?
			object_load_certificate(object) : -ENOKEY;
		break;
	default:
		return -ENOKEY;
	}
	if (!ret)
		label_split(description, &object->label, object->id,
			    &object->id_len);
	return ret;
}

static bool object_is_linked(int32_t keyring, int32_t serial)
{
	int32_t *serials;
	bool found = false;
	long count, i;

	count = kernel_list(keyring, &serials);
	if (count < 0)
		return false;
	for (i = 0; i < count && !found; i++)
		found = serials[i] == serial;
	free(serials);
	return found;
}

/**
 * object_load_key_as - load the object of a kind from a key
 * @object: Gets the object, for object_free().
 * @slot: An object of the slot.
 * @kind: The kind.
 * @serial: The key, of which the caller knows that it is linked to the keyring.
 *
 * Return: -ENOKEY if the key is no such object.
 */
int object_load_key_as(struct object *object, const struct object *slot,
		       enum object_kind kind, int32_t serial)
{
	*object = (struct object){
		.handle = object_handle(kind, serial, 0),
		.kind = kind,
		.serial = serial,
		.slot = slot->slot,
		.keyring = slot->keyring,
		.publics = slot->publics,
	};
	return object_load_key(object);
}

/**
 * object_load_file - load a certificate of the folder
 * @object: Gets the object, for object_free().
 * @slot: An object of the slot, which may have no key for the certificate.
 * @file: Number of the certificate.
 *
 * Return: false if the folder has no such certificate.
 */
bool object_load_file(struct object *object, const struct object *slot,
		      unsigned long file)
{
	const struct folder_certificate *entry;

	if (file >= module.folder.count)
		return false;
	entry = &module.folder.certificates[file];
	/* No field is left as it was: object_free() looks at the payload. */
	*object = (struct object){
		.handle = object_handle(OBJECT_FILE, 0, file),
		.kind = OBJECT_FILE,
		.slot = slot->slot,
		.keyring = slot->keyring,
		.publics = slot->publics,
		.certificate = entry->certificate,
		.label = { (const uint8_t *)entry->name, strlen(entry->name) },
	};
	return true;
}

/* Looks only at the keys that a search has found so far. */
static bool object_key_of_found(const struct object *slot,
				const struct certificate *certificate,
				struct object *key)
{
	const struct object_public *at = slot->publics->keys;
	const struct object_public *end = at + slot->publics->count;

	for (; at < end; at++) {
		if (!rsa_is_key_of(&at->public, certificate->modulus,
				   certificate->exponent) ||
		    object_load_key_as(key, slot, OBJECT_PUBLIC, at->serial))
			continue;
		key->public = at->public;
		key->has_public = true;
		return true;
	}
	return false;
}

/**
 * object_key_of - find the key of a certificate
 * @slot: An object of the slot to search.
 * @certificate: The certificate.
 * @key: Gets the public key.
 *
 * Return: false if there is none.
 */
bool object_key_of(const struct object *slot,
		   const struct certificate *certificate, struct object *key)
{
	bool found = false;
	int32_t *serials;
	long count, i;

	if (!certificate->modulus.len)
		return false;
	if (slot->publics)
		return object_key_of_found(slot, certificate, key);
	count = kernel_list(slot->keyring, &serials);
	if (count < 0)
		return false;
	for (i = 0; i < count && !found; i++)
		found = !object_load_key_as(key, slot, OBJECT_PUBLIC,
					    serials[i]) &&
			object_public(key) &&
			rsa_is_key_of(&key->public, certificate->modulus,
				      certificate->exponent);
	free(serials);
	return found;
}

/**
 * object_certificate_of - find a certificate for a key
 * @key: The key, with its public numbers.
 * @certificate: Gets the certificate, for object_free().
 *
 * Return: false if there is none.
 */
bool object_certificate_of(const struct object *key, struct object *certificate)
{
	const struct certificate *parts = &certificate->certificate;
	int32_t *serials;
	bool found = false;
	unsigned int file;
	long count, i;

	count = kernel_list(key->keyring, &serials);
	if (count < 0)
		return false;
	for (i = 0; i < count && !found; i++) {
		if (object_load_key_as(certificate, key, OBJECT_CERTIFICATE,
				       serials[i]))
			continue;
		found = rsa_is_key_of(&key->public, parts->modulus,
				      parts->exponent);
		if (!found)
			object_free(certificate);
	}
	free(serials);
	for (file = 0; !found && object_load_file(certificate, key, file);
	     file++)
		found = rsa_is_key_of(&key->public, parts->modulus,
				      parts->exponent);
	return found;
}

static ck_rv_t object_load_file_of_slot(struct object *object,
					const struct object *slot,
					unsigned long file)
{
	struct object key;

	if (!object_load_file(object, slot, file) ||
	    !object_key_of(slot, &object->certificate, &key))
		return CKR_OBJECT_HANDLE_INVALID;
	return CKR_OK;
}

/**
 * object_load - find the object of a handle
 * @slot: The slot that must have the object.
 * @handle: The handle, which may be any number.
 * @object: Gets the object, for object_free(), which a caller may also call where
 *	there is none.
 *
 * Return: CKR_OBJECT_HANDLE_INVALID if there is no such object.
 */
ck_rv_t object_load(ck_slot_id_t slot, ck_object_handle_t handle,
		    struct object *object)
{
	unsigned long file = handle >> HANDLE_FILE_SHIFT;
	enum object_kind kind = handle >> HANDLE_SERIAL_BITS &
		((1 << HANDLE_KIND_BITS) - 1);
	int32_t serial = (uint32_t)handle;
	struct object in_slot = { .slot = slot };
	int ret;

	*object = in_slot;
	if (slot_keyring(slot, &in_slot.keyring))
		return CKR_OBJECT_HANDLE_INVALID;
	if (kind == OBJECT_FILE && !serial)
		return object_load_file_of_slot(object, &in_slot, file);
	if (file || serial <= 0 || !object_is_linked(in_slot.keyring, serial))
		return CKR_OBJECT_HANDLE_INVALID;
	ret = object_load_key_as(object, &in_slot, kind, serial);
	/*
	 * A key of another kind, or one that this caller cannot use, is no
	 * object.
	 */
	if (ret == -ENOMEM)
		return CKR_DEVICE_MEMORY;
	return ret ? CKR_OBJECT_HANDLE_INVALID : CKR_OK;
}

void object_free(struct object *object)
{
	free(object->payload);
	object->payload = NULL;
}
