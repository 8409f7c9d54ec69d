/* SPDX-License-Identifier: GPL-2.0-only */
/* The public numbers of RSA keys in the kernel. */
#ifndef KEYS_PKCS11_RSA_H
#define KEYS_PKCS11_RSA_H

#include <stdbool.h>

#include "cryptoki.h"
#include "der.h"
#include "limits.h"

#define RSA_RAW		"enc=raw"
#define RSA_PKCS1	"enc=pkcs1"
/* Bytes that PKCS#1 v1.5 adds to any text */
#define RSA_PADDING	11
/* Enough bytes for the exponents that are tried. */
#define RSA_EXPONENT_MAX	3

/**
 * struct rsa_public - the public numbers, in big-endian order
 * @modulus: Modulus.
 * @len: Bytes of the modulus, of which the first one is not 0.
 * @exponent: Exponent.
 * @exponent_len: Bytes of the exponent, of which the first one is not 0.
 */
struct rsa_public {
	uint8_t	modulus[RSA_BYTES_MAX];
	size_t	len;
	uint8_t	exponent[RSA_EXPONENT_MAX];
	size_t	exponent_len;
};

int rsa_find_public(int32_t serial, size_t size, struct rsa_public *public);
bool rsa_is_key_of(const struct rsa_public *public, struct bytes modulus,
		   struct bytes exponent);
bool rsa_inverts(struct bytes modulus, struct bytes exponent,
		 const uint8_t *signature, const uint8_t *text, size_t size);

#endif /* KEYS_PKCS11_RSA_H */
