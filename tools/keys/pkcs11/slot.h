/* SPDX-License-Identifier: GPL-2.0-only */
/* Slots: the keyrings that the configuration names. */
#ifndef KEYS_PKCS11_SLOT_H
#define KEYS_PKCS11_SLOT_H

#include <stdint.h>

#include "cryptoki.h"

ck_rv_t slot_keyring(ck_slot_id_t slot, int32_t *keyring);

#endif /* KEYS_PKCS11_SLOT_H */
