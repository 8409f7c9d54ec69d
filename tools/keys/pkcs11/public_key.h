/* SPDX-License-Identifier: GPL-2.0-only */
/* Public keys of RSA in DER. */
#ifndef KEYS_PKCS11_PUBLIC_KEY_H
#define KEYS_PKCS11_PUBLIC_KEY_H

#include "rsa.h"

struct bytes public_key_der(const struct rsa_public *public, uint8_t *room,
			    size_t size);
struct bytes public_key_info(const struct rsa_public *public, uint8_t *room,
			     size_t size);
unsigned long public_key_bits(const struct rsa_public *public);
void public_key_put_algorithm(struct der_out *out);

#endif /* KEYS_PKCS11_PUBLIC_KEY_H */
