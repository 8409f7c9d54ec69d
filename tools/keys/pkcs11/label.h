/* SPDX-License-Identifier: GPL-2.0-only */
/* Labels and identifiers in a key's description. */
#ifndef KEYS_PKCS11_LABEL_H
#define KEYS_PKCS11_LABEL_H

#include "cryptoki.h"
#include "der.h"
#include "limits.h"
#include "rsa.h"

/* Prefix, label, " id=", identifier in hex, zero byte */
#define DESCRIPTION_MAX	(LABEL_MAX + 2 * ID_MAX + 16)
#define LABEL_DEFAULT_ID	20

void label_split(const char *description, struct bytes *label,
		 uint8_t id[ID_MAX], size_t *id_len);
ck_rv_t label_join(char description[DESCRIPTION_MAX], const char *prefix,
		   struct bytes label, struct bytes id);
bool label_needs_id(struct bytes label);
void label_id_of_public_key(struct bytes public_key,
			    uint8_t id[LABEL_DEFAULT_ID]);

#endif /* KEYS_PKCS11_LABEL_H */
