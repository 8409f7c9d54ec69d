// SPDX-License-Identifier: GPL-2.0-only
#include "import.h"

#include <errno.h>

#include "errors.h"
#include "kernel.h"
#include "label.h"
#include "public_key.h"
#include "rsa.h"
#include "secret.h"

/* Tag and length of each number, of the sequences, and the fixed parts */
#define OVERHEAD	128

static const struct template_entry import_entries[] = {
	{ CKA_KEY_TYPE, TEMPLATE_TAKEN },
	{ CKA_PRIVATE, TEMPLATE_TRUE },
	{ CKA_SENSITIVE, TEMPLATE_TRUE },
	{ CKA_EXTRACTABLE, TEMPLATE_FALSE },
	{ CKA_SIGN, TEMPLATE_TRUE },
	{ CKA_DECRYPT, TEMPLATE_TRUE },
	{ CKA_SIGN_RECOVER, TEMPLATE_FALSE },
	{ CKA_UNWRAP, TEMPLATE_FALSE },
	{ CKA_DERIVE, TEMPLATE_FALSE },
	{ CKA_WRAP_WITH_TRUSTED, TEMPLATE_FALSE },
	{ CKA_ALWAYS_AUTHENTICATE, TEMPLATE_FALSE },
	{ CKA_SUBJECT, TEMPLATE_EMPTY },
	{ CKA_MODULUS, TEMPLATE_TAKEN },
	{ CKA_PUBLIC_EXPONENT, TEMPLATE_TAKEN },
	{ CKA_PRIVATE_EXPONENT, TEMPLATE_TAKEN },
	{ CKA_PRIME_1, TEMPLATE_TAKEN },
	{ CKA_PRIME_2, TEMPLATE_TAKEN },
	{ CKA_EXPONENT_1, TEMPLATE_TAKEN },
	{ CKA_EXPONENT_2, TEMPLATE_TAKEN },
	{ CKA_COEFFICIENT, TEMPLATE_TAKEN },
};

#define ENTRIES		(sizeof(import_entries) / sizeof(*import_entries))

/* In the order of RSAPrivateKey */
static const ck_attribute_type_t import_numbers[] = {
	CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_PRIME_1,
	CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
};

#define NUMBERS		(sizeof(import_numbers) / sizeof(*import_numbers))

/**
 * struct import - a key that is being imported
 * @numbers: Its numbers, in the program's memory.
 * @description: The description that it gets.
 */
struct import {
	struct bytes	numbers[NUMBERS];
	char		description[DESCRIPTION_MAX];
};

static void import_skip_zeros(struct bytes *number)
{
	while (number->len && !*number->at) {
		number->at++;
		number->len--;
	}
}

static ck_rv_t import_take_numbers(struct import *import,
				   const struct template *template)
{
	struct bytes *number;
	unsigned int i;

	for (i = 0; i < NUMBERS; i++) {
		number = &import->numbers[i];
		if (!template_bytes(template, import_numbers[i], number))
			return CKR_TEMPLATE_INCOMPLETE;
		import_skip_zeros(number);
		if (!number->len || number->len > RSA_BYTES_MAX)
			return CKR_ATTRIBUTE_VALUE_INVALID;
	}
	if (import->numbers[0].len < RSA_BYTES_MIN)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return CKR_OK;
}

/* The description does not repeat an identifier that follows from the key. */
static ck_rv_t import_describe(struct import *import,
			       const struct template *template)
{
	struct bytes label, id = { NULL, 0 };
	uint8_t digest[LABEL_DEFAULT_ID], room[2 * RSA_BYTES_MAX + OVERHEAD];
	const struct bytes own = { digest, sizeof(digest) };
	struct der_out out;
	const uint8_t *end;

	if (!template_bytes(template, CKA_LABEL, &label))
		return CKR_TEMPLATE_INCOMPLETE;
	der_start(&out, room, sizeof(room));
	end = out.at;
	der_put_number(&out, import->numbers[1]);
	der_put_number(&out, import->numbers[0]);
	der_close(&out, DER_SEQUENCE, end);
	label_id_of_public_key((struct bytes){ out.at, end - out.at }, digest);
	template_bytes(template, CKA_ID, &id);
	if (der_same(id, own))
		id.len = 0;
	/*
	 * A label that would be read as a label with identifier needs an
	 * explicit one.
	 */
	if (!id.len && label_needs_id(label))
		id = own;
	return label_join(import->description, "", label, id);
}

/* PKCS#8 */
static struct bytes import_encode(const struct import *import, uint8_t *room,
				  size_t size)
{
	static const uint8_t version;
	const uint8_t *end = room + size;
	struct der_out out;
	unsigned int i;

	der_start(&out, room, size);
	for (i = NUMBERS; i; i--)
		der_put_number(&out, import->numbers[i - 1]);
	der_put_number(&out, (struct bytes){ &version, 1 });
	der_close(&out, DER_SEQUENCE, end);
	der_close(&out, DER_OCTETS, end);
	public_key_put_algorithm(&out);
	der_put_number(&out, (struct bytes){ &version, 1 });
	der_close(&out, DER_SEQUENCE, end);
	return (struct bytes){ out.at, out.full ? 0 : end - out.at };
}

/*
 * The key first goes into the thread keyring, where it replaces no other key.
 */
static int32_t import_add(const struct import *import)
{
	size_t size = OVERHEAD;
	struct bytes der;
	uint8_t *room;
	int32_t serial;
	unsigned int i;

	for (i = 0; i < NUMBERS; i++)
		size += import->numbers[i].len;
	room = secret_alloc(size);
	if (!room)
		return -ENOMEM;
	der = import_encode(import, room, size);
	serial = kernel_add("asymmetric", import->description, der.at, der.len,
			    KEY_SPEC_THREAD_KEYRING);
	secret_free(room, size);
	return serial;
}

/*
 * Does the private key invert the public one?  A key with wrong numbers would
 * make signatures from which the factors can be computed.
 */
static bool import_try(const struct import *import, int32_t serial)
{
	uint8_t text[RSA_BYTES_MAX], signature[RSA_BYTES_MAX] = { 0 };
	struct bytes modulus = import->numbers[0];

	if (kernel_random(text, modulus.len) < 0)
		return false;
	/* Below the modulus */
	text[0] = 0;
	return kernel_pkey(KEYCTL_PKEY_DECRYPT, serial, RSA_RAW, text,
			   modulus.len, signature, modulus.len) ==
		(long)modulus.len &&
		rsa_inverts(modulus, import->numbers[1], signature, text,
			    modulus.len);
}

static ck_rv_t import_make(const struct import *import, int32_t keyring,
			   int32_t *serial)
{
	ck_rv_t rv = CKR_ATTRIBUTE_VALUE_INVALID;

	*serial = import_add(import);
	/* The kernel has several errors for bad numbers. */
	if (*serial == -EINVAL)
		return rv;
	if (*serial < 0)
		return error_rv(ERROR_OF_MAKING, *serial);
	if (import_try(import, *serial))
		rv = error_rv(ERROR_OF_MAKING, kernel_link(*serial, keyring));
	kernel_unlink(*serial, KEY_SPEC_THREAD_KEYRING);
	return rv;
}

/**
 * import_pair - make a key pair from a template
 * @template: The template of a private key.
 * @keyring: The keyring that gets the key.
 * @serial: Gets the serial of the key.
 *
 * Return: an error of PKCS#11.
 */
ck_rv_t import_pair(const struct template *template, int32_t keyring,
		    int32_t *serial)
{
	struct import import;
	unsigned long type;
	ck_rv_t rv;

	rv = template_long(template, CKA_KEY_TYPE, &type);
	if (rv)
		return rv;
	if (type != CKK_RSA)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	rv = template_allow(template, import_entries, ENTRIES);
	if (!rv)
		rv = import_take_numbers(&import, template);
	if (!rv)
		rv = import_describe(&import, template);
	return rv ?: import_make(&import, keyring, serial);
}
