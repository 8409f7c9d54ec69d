/* SPDX-License-Identifier: GPL-2.0-only */
/* The system calls for keys.  Each returns a negative errno if it fails. */
#ifndef KEYS_PKCS11_KERNEL_H
#define KEYS_PKCS11_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <linux/keyctl.h>

#include "limits.h"

/**
 * struct kernel_key - description of a key from KEYCTL_DESCRIBE
 * @type: Name of the type.
 * @description: Description.
 * @text: The buffer that both point into.
 */
struct kernel_key {
	const char	*type;
	const char	*description;
	char		text[DESCRIBED_MAX];
};

int32_t kernel_add(const char *type, const char *description,
		   const void *payload, size_t len, int32_t keyring);
int32_t kernel_keyring(int32_t id);
int32_t kernel_persistent(void);
long kernel_list(int32_t keyring, int32_t **serials);
int kernel_describe(int32_t serial, struct kernel_key *key);
long kernel_read(int32_t serial, void *buffer, size_t size);
int kernel_query(int32_t serial, const char *info,
		 struct keyctl_pkey_query *query);
long kernel_pkey(int op, int32_t serial, const char *info,
		 const void *in, size_t in_len, void *second, size_t second_len);
int kernel_link(int32_t serial, int32_t keyring);
int kernel_unlink(int32_t serial, int32_t keyring);
int kernel_revoke(int32_t serial);
int kernel_random(void *buffer, size_t size);

#endif /* KEYS_PKCS11_KERNEL_H */
