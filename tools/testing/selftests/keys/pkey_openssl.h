/* SPDX-License-Identifier: GPL-2.0-only */
/* Key pairs of OpenSSL, and their public halves as keys in the kernel. */
#ifndef SELFTESTS_KEYS_PKEY_OPENSSL_H
#define SELFTESTS_KEYS_PKEY_OPENSSL_H

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "pkey.h"

#define CERTIFICATE_MAX	2048
#define CERTIFICATE_DAYS	1
#define DAY_SECONDS	(24L * 60 * 60)

/* PKCS#8 of the longest key that a test makes */
#define PKCS8_MAX	2048

static inline EVP_PKEY *pair_of_openssl(void)
{
	const uint8_t *at = pkey_rsa_pkcs8;

	return d2i_AutoPrivateKey(NULL, &at, sizeof(pkey_rsa_pkcs8));
}

/*
 * Adds the public half as a certificate to the session keyring.  Certificates
 * have different subjects.
 */
static inline key_serial_t add_certificate(EVP_PKEY *pair, const char *subject)
{
	uint8_t der[CERTIFICATE_MAX], *at = der;
	X509 *cert = X509_new();
	key_serial_t key = -ENOMEM;
	X509_NAME *name;
	int len;

	if (!cert)
		return -ENOMEM;
	name = X509_get_subject_name(cert);
	if (X509_set_version(cert, X509_VERSION_3) &&
	    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), 0) &&
	    X509_gmtime_adj(X509_getm_notAfter(cert),
			    CERTIFICATE_DAYS * DAY_SECONDS) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				       (const uint8_t *)subject, -1, -1, 0) &&
	    X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, pair) &&
	    X509_sign(cert, pair, EVP_sha256())) {
		len = i2d_X509(cert, NULL);
		if (len > 0 && len <= CERTIFICATE_MAX) {
			i2d_X509(cert, &at);
			key = key_add("asymmetric", subject, der, len,
				      KEY_SPEC_SESSION_KEYRING);
		}
	}
	X509_free(cert);
	return key;
}

/* Adds a pair of OpenSSL's to the session keyring. */
static inline key_serial_t add_pair(EVP_PKEY *pair, const char *description)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pair);
	uint8_t der[PKCS8_MAX], *at = der;
	key_serial_t key = -E2BIG;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);

	if (len > 0 && len <= PKCS8_MAX) {
		i2d_PKCS8_PRIV_KEY_INFO(info, &at);
		key = key_add("asymmetric", description, der, len,
			      KEY_SPEC_SESSION_KEYRING);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

#endif /* SELFTESTS_KEYS_PKEY_OPENSSL_H */
