/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects: keys and certificates as a program sees them. */
#ifndef KEYS_PKCS11_OBJECT_H
#define KEYS_PKCS11_OBJECT_H

#include "certificate.h"
#include "hash.h"
#include "kernel.h"
#include "rsa.h"
#include "slot.h"

#define OBJECT_CERTIFICATE_PREFIX	"cert:"

/**
 * enum object_kind - kind of an object
 * @OBJECT_PRIVATE: The private key of a pair.
 * @OBJECT_PUBLIC: A public key, of a pair or by itself.
 * @OBJECT_SECRET: A key for a MAC.
 * @OBJECT_CERTIFICATE: A certificate that is the payload of a key.
 * @OBJECT_FILE: A certificate of the folder.
 */
enum object_kind {
	OBJECT_PRIVATE = 1,
	OBJECT_PUBLIC,
	OBJECT_SECRET,
	OBJECT_CERTIFICATE,
	OBJECT_FILE,
};

/**
 * struct object_public - the public numbers of a key
 * @serial: The key.
 * @public: The numbers.
 */
struct object_public {
	int32_t			serial;
	struct rsa_public	public;
};

/**
 * struct object_publics - the public numbers that a search has found
 * @keys: The keys of the slot, each of them once.
 * @count: How many there are.
 */
struct object_publics {
	struct object_public	*keys;
	unsigned long		count;
};

/**
 * struct object - an object, for the duration of one call
 * @handle: Handle.
 * @kind: Its kind.
 * @serial: The key, or 0.
 * @slot: Its slot.
 * @keyring: The keyring of the slot.
 * @publics: The keys of the slot, where a search has found them already.
 * @key: The kernel's description of the key.
 * @label: Its label.
 * @id: Its explicit identifier, if it has one.
 * @id_len: Length of the identifier, or 0.
 * @operations: KEYCTL_SUPPORTS_* of the key.
 * @size: Bytes of a signature or MAC of the key.
 * @has_public: Whether @public is filled in.
 * @public: The public numbers of an RSA key.
 * @hash: The hash of a MAC.
 * @inside: Whether the kernel made the key, so that nobody can know its bytes.
 * @certificate: The certificate.
 * @payload: The bytes of a certificate in a key, which the object owns.
 */
struct object {
	ck_object_handle_t	handle;
	enum object_kind	kind;
	int32_t			serial;
	ck_slot_id_t		slot;
	int32_t			keyring;
	const struct object_publics *publics;
	struct kernel_key	key;
	struct bytes		label;
	uint8_t			id[ID_MAX];
	size_t			id_len;
	uint32_t		operations;
	size_t			size;
	bool			has_public;
	struct rsa_public	public;
	const struct hash	*hash;
	bool			inside;
	struct certificate	certificate;
	uint8_t			*payload;
};

ck_object_handle_t object_handle(enum object_kind kind, int32_t serial,
				 unsigned int file);
ck_rv_t object_load(ck_slot_id_t slot, ck_object_handle_t handle,
		    struct object *object);
int object_load_key_as(struct object *object, const struct object *slot,
		       enum object_kind kind, int32_t serial);
bool object_load_file(struct object *object, const struct object *slot,
		      unsigned long file);
void object_free(struct object *object);
bool object_public(struct object *object);
bool object_key_of(const struct object *slot,
		   const struct certificate *certificate, struct object *key);
bool object_certificate_of(const struct object *key, struct object *certificate);
bool object_is_pair(const struct object *object);

#endif /* KEYS_PKCS11_OBJECT_H */
