// SPDX-License-Identifier: GPL-2.0-only
#include "certificate.h"

/* rsaEncryption, 1.2.840.113549.1.1.1 */
static const uint8_t certificate_rsa[] = {
	0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
};

static bool certificate_parse_rsa(struct certificate *certificate)
{
	struct bytes from = certificate->public_key;
	struct der_item key;

	return der_expect(&from, DER_SEQUENCE, &key) && !from.len &&
		der_number(&key.value, &certificate->modulus) &&
		der_number(&key.value, &certificate->exponent) &&
		!key.value.len && certificate->modulus.len;
}

static bool certificate_parse_public(struct certificate *certificate,
				     struct bytes info)
{
	static const struct bytes rsa = {
		certificate_rsa, sizeof(certificate_rsa),
	};
	struct der_item algorithm, oid, bits;

	if (!der_expect(&info, DER_SEQUENCE, &algorithm) ||
	    !der_expect(&info, DER_BIT_STRING, &bits) || info.len ||
	    !der_expect(&algorithm.value, DER_OID, &oid))
		return false;
	/* The first byte has the number of unused bits of the last byte. */
	if (!bits.value.len || *bits.value.at)
		return false;
	certificate->public_key = (struct bytes){
		bits.value.at + 1, bits.value.len - 1,
	};
	return !der_same(oid.value, rsa) || certificate_parse_rsa(certificate);
}

static bool certificate_parse_body(struct certificate *certificate,
				   struct bytes body)
{
	struct der_item item;

	if (body.len && *body.at == DER_CONTEXT_0 && !der_next(&body, &item))
		return false;
	if (!der_expect(&body, DER_INTEGER, &item))
		return false;
	certificate->serial = item.whole;
	/* The algorithm of the signature */
	if (!der_expect(&body, DER_SEQUENCE, &item) ||
	    !der_expect(&body, DER_SEQUENCE, &item))
		return false;
	certificate->issuer = item.whole;
	/* The validity */
	if (!der_expect(&body, DER_SEQUENCE, &item) ||
	    !der_expect(&body, DER_SEQUENCE, &item))
		return false;
	certificate->subject = item.whole;
	if (!der_expect(&body, DER_SEQUENCE, &item))
		return false;
	certificate->public_info = item.whole;
	return certificate_parse_public(certificate, item.value);
}

/**
 * certificate_parse - find the parts of a certificate
 * @certificate: Gets the parts, which point into @der.
 * @der: One certificate, and nothing behind it.
 *
 * The function verifies nothing: the program has to decide whether to trust a
 * certificate.
 *
 * Return: false if @der is no certificate.
 */
bool certificate_parse(struct certificate *certificate, struct bytes der)
{
	struct der_item outer, body, algorithm, signature;

	*certificate = (struct certificate){ .whole = der };
	return der_expect(&der, DER_SEQUENCE, &outer) && !der.len &&
		der_expect(&outer.value, DER_SEQUENCE, &body) &&
		der_expect(&outer.value, DER_SEQUENCE, &algorithm) &&
		der_expect(&outer.value, DER_BIT_STRING, &signature) &&
		!outer.value.len &&
		certificate_parse_body(certificate, body.value);
}
