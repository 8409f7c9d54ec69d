/* SPDX-License-Identifier: GPL-2.0-only */
/* Import of RSA keys into the kernel. */
#ifndef KEYS_PKCS11_IMPORT_H
#define KEYS_PKCS11_IMPORT_H

#include <stdint.h>

#include "template.h"

ck_rv_t import_pair(const struct template *template, int32_t keyring,
		    int32_t *serial);

#endif /* KEYS_PKCS11_IMPORT_H */
