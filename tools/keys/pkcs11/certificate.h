/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of an X.509 certificate. */
#ifndef KEYS_PKCS11_CERTIFICATE_H
#define KEYS_PKCS11_CERTIFICATE_H

#include "der.h"

/**
 * struct certificate - A certificate, as parts of its bytes
 * @whole: All of it.
 * @serial: Number of the certificate, as DER.
 * @issuer: Name of the issuer, as DER.
 * @subject: Name of the subject, as DER.
 * @public_info: SubjectPublicKeyInfo, as DER.
 * @public_key: Content of the bit string in @public_info.
 * @modulus: Modulus of an RSA key, else empty.
 * @exponent: Exponent of an RSA key, else empty.
 */
struct certificate {
	struct bytes	whole;
	struct bytes	serial;
	struct bytes	issuer;
	struct bytes	subject;
	struct bytes	public_info;
	struct bytes	public_key;
	struct bytes	modulus;
	struct bytes	exponent;
};

bool certificate_parse(struct certificate *certificate, struct bytes der);

#endif /* KEYS_PKCS11_CERTIFICATE_H */
