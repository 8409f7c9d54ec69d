/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration. */
#ifndef KEYS_PKCS11_CONFIG_H
#define KEYS_PKCS11_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

/**
 * struct config_slot - a keyring that the configuration makes a slot
 * @name: Name of the slot.
 * @keyring: KEY_SPEC_* or a serial; 0 is the persistent keyring.
 */
struct config_slot {
	char	name[SLOT_NAME_MAX + 1];
	int32_t	keyring;
};

/**
 * struct config - A configuration
 * @slots: The slots.
 * @slot_count: How many there are.
 * @folder: Folder with certificates, or NULL.
 * @raw_rsa: Whether CKM_RSA_X_509 is offered.
 * @revoke: Whether C_DestroyObject() revokes the key.
 */
struct config {
	struct config_slot	slots[SLOTS_MAX];
	unsigned int		slot_count;
	char			*folder;
	bool			raw_rsa;
	bool			revoke;
};

bool config_load(struct config *config);
void config_free(struct config *config);
void config_complain(const char *file, unsigned int line, const char *what);

#endif /* KEYS_PKCS11_CONFIG_H */
