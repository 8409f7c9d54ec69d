// SPDX-License-Identifier: GPL-2.0-only
/*
 * What add_key(2) is given for a private key for key agreement: "new" and the name
 * of a curve, or PKCS#8
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>

#include "agreement.h"

#define AGREEMENT_NEW		"new "
#define AGREEMENT_NEW_SIZE	(sizeof(AGREEMENT_NEW) - 1)

static const struct agreement_curve * const agreement_curves[] = {
	&agreement_x25519, &agreement_p256,
};

/* The name of a curve, and perhaps a line's end. */
static const struct agreement_curve *agreement_find(const u8 *name, size_t size)
{
	if (size && name[size - 1] == '\n')
		size--;
	for (size_t i = 0; i < ARRAY_SIZE(agreement_curves); i++)
		if (size == strlen(agreement_curves[i]->name) &&
		    memcmp(name, agreement_curves[i]->name, size) == 0)
			return agreement_curves[i];
	return NULL;
}

/* All but one key in billions is one at the first attempt. */
static int agreement_draw(struct agreement_pair *pair)
{
	int err;

	do {
		err = get_random_bytes_wait(pair->private,
					    AGREEMENT_PRIVATE_SIZE);
	} while (!err && !pair->curve->is_private(pair->private));
	return err;
}

static int agreement_new(const u8 *data, size_t size,
			 struct agreement_pair *pair)
{
	pair->curve = agreement_find(data + AGREEMENT_NEW_SIZE,
				     size - AGREEMENT_NEW_SIZE);
	if (!pair->curve)
		return -EBADMSG;
	pair->made_here = true;
	return agreement_draw(pair);
}

static const struct agreement_curve *
agreement_by_algorithm(const struct der *algorithm)
{
	for (size_t i = 0; i < ARRAY_SIZE(agreement_curves); i++)
		if (der_is(algorithm, agreement_curves[i]->algorithm,
			   agreement_curves[i]->algorithm_size))
			return agreement_curves[i];
	return NULL;
}

/*
 * OneAsymmetricKey (RFC 5958): a version, the algorithm, a string of bytes that
 * wraps the private key, and optional parts: attributes, and in the second
 * version the public key.  These may be there, and are not looked at: the public
 * part is computed.
 */
static bool agreement_optional(struct der *parts, u8 version)
{
	struct der part;

	der_take(parts, DER_PARTS(0), &part);
	if (version)
		der_take(parts, DER_PRIMITIVE(1), &part);
	return !parts->left;
}

static int agreement_load(const u8 *data, size_t size,
			  struct agreement_pair *pair)
{
	struct der key = { data, size }, parts, version, algorithm, wrapped;
	struct der private;

	if (!der_take(&key, DER_SEQUENCE, &parts) || key.left ||
	    !der_take(&parts, DER_INTEGER, &version) || version.left != 1 ||
	    *version.at > 1 || !der_take(&parts, DER_SEQUENCE, &algorithm) ||
	    !der_take(&parts, DER_OCTET_STRING, &wrapped) ||
	    !agreement_optional(&parts, *version.at))
		return -EBADMSG;
	pair->curve = agreement_by_algorithm(&algorithm);
	if (!pair->curve)
		return -EBADMSG;

	/* From here on it is nothing for another parser */
	if (!pair->curve->unwrap(&wrapped, &private) ||
	    private.left != AGREEMENT_PRIVATE_SIZE ||
	    !pair->curve->is_private(private.at))
		return -EINVAL;
	memcpy(pair->private, private.at, AGREEMENT_PRIVATE_SIZE);
	return 0;
}

/**
 * agreement_parse - make a private key of what add_key(2) is given
 * @data: "new" and the name of a curve, or PKCS#8
 * @size: its size
 * @pair: receives curve and private part
 *
 * Context: process.  May wait for random bytes.
 * Return: 0, -EBADMSG if it is something else, -EINVAL if it is a key that cannot
 * be, or -ERESTARTSYS
 */
int agreement_parse(const void *data, size_t size, struct agreement_pair *pair)
{
	if (size > AGREEMENT_NEW_SIZE &&
	    memcmp(data, AGREEMENT_NEW, AGREEMENT_NEW_SIZE) == 0)
		return agreement_new(data, size, pair);
	return agreement_load(data, size, pair);
}
