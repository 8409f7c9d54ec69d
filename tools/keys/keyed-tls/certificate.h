/* SPDX-License-Identifier: GPL-2.0-only */
/* Certificates: what libcrypto is asked about them. */
#ifndef KEYED_TLS_CERTIFICATE_H
#define KEYED_TLS_CERTIFICATE_H

#include <openssl/x509.h>

#include "flight.h"

/*
 * struct trust - whom the client believes
 * @store:	certificates of authorities
 * @digest:	tells one set of them from another
 */
struct trust {
	X509_STORE *store;
	uint8_t digest[32];
};

/* The authorities in a file, or the system's. */
void trust_load(struct trust *trust, const char *file);

/*
 * Checks a server's chain for a host, which is a name or an address.  If it is good,
 * *@key has the server's public key.
 */
struct verdict trust_check(const struct trust *trust, const struct chain *chain,
			   const char *host, EVP_PKEY **key);

/* Whether a signature by rsa_pss_rsae_sha256 is one of the text. */
bool is_signature(EVP_PKEY *key, const void *text, size_t size,
		  const struct reader *signature);

/*
 * Reads the certificates of a server from a file and writes what its Certificate
 * message has behind the header; returns the public key.
 */
EVP_PKEY *certificate_load(const char *file, struct writer *to);

#endif /* KEYED_TLS_CERTIFICATE_H */
