/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks what this kernel can compute. */
#ifndef KEYS_PKCS11_PROBE_H
#define KEYS_PKCS11_PROBE_H

#include <stdbool.h>
#include <stdint.h>

int32_t probe_open(void);
bool probe_rsa(int32_t probe, const char *info);
void probe_close(int32_t probe);
bool probe_symmetric(void);

#endif /* KEYS_PKCS11_PROBE_H */
