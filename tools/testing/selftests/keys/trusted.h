/* SPDX-License-Identifier: GPL-2.0-only */
/* Trusted keys, and their bytes as the TPM unseals them. */
#ifndef SELFTESTS_KEYS_TRUSTED_H
#define SELFTESTS_KEYS_TRUSTED_H

#include "encrypted.h"
#include "tpm2.h"

#define TRUSTED_MIN	32
#define TRUSTED_MAX	128
#define TRUSTED_BLOB_MAX	512
#define TRUSTED_COMMAND_MAX	64

/*
 * struct trusted_parent - the TPM's key that seals a trusted key
 * @handle: its handle
 * @hash: hash by which the sealed object is named
 */
struct trusted_parent {
	uint32_t handle;
	const char *hash;
};

static inline key_serial_t trusted_add(const char *description,
				       const char *command)
{
	return key_add("trusted", description, command, strlen(command),
		       KEY_SPEC_SESSION_KEYRING);
}

/* Makes the payload for a key of random bytes. */
static inline void trusted_command(char *command, size_t len,
				   const struct trusted_parent *parent)
{
	snprintf(command, TRUSTED_COMMAND_MAX, "new %zu keyhandle=0x%x hash=%s",
		 len, parent->handle, parent->hash);
}

static inline key_serial_t trusted_new(const char *description, size_t len,
				       const struct trusted_parent *parent)
{
	char command[TRUSTED_COMMAND_MAX];

	trusted_command(command, len, parent);
	return trusted_add(description, command);
}

/*
 * Makes the TPM unseal the blob of the key, without the trusted key type.
 * Returns the number of bytes, or a negative number.
 */
static inline ssize_t trusted_unseal(int tpm,
				     const struct trusted_parent *parent,
				     key_serial_t key, uint8_t *bytes)
{
	char text[2 * TRUSTED_BLOB_MAX + 1];
	uint8_t blob[TRUSTED_BLOB_MAX];
	struct tpm2_sealed sealed;
	uint32_t handle;
	ssize_t len;

	len = key_read(key, text, sizeof(text) - 1);
	if (len < 0 || len >= (ssize_t)sizeof(text))
		return -E2BIG;
	text[len] = '\0';
	len = hex_decode(text, len, blob);
	if (len < 0 || !tpm2_parse_blob(blob, len, &sealed))
		return -EINVAL;
	if (tpm2_load(tpm, parent->handle, &sealed, &handle))
		return -EIO;
	len = tpm2_unseal(tpm, handle, bytes, TRUSTED_MAX);
	if (tpm2_flush(tpm, handle))
		return -EIO;
	return len;
}

#endif /* SELFTESTS_KEYS_TRUSTED_H */
