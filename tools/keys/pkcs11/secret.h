/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory for a key that is being imported into the kernel. */
#ifndef KEYS_PKCS11_SECRET_H
#define KEYS_PKCS11_SECRET_H

#include <stddef.h>

void *secret_alloc(size_t size);
void secret_free(void *secret, size_t size);

#endif /* KEYS_PKCS11_SECRET_H */
