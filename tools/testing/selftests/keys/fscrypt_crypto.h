/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The documented computations of fscrypt and of the key types, done again with
 * OpenSSL.  These functions do not use the kernel, so they can show whether the
 * kernel is right.
 */
#ifndef SELFTESTS_KEYS_FSCRYPT_CRYPTO_H
#define SELFTESTS_KEYS_FSCRYPT_CRYPTO_H

#include <linux/fscrypt_provisioning.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_IDENTIFIER_SIZE	16
#define CRYPTO_NONCE_SIZE	16
#define CRYPTO_XTS_KEY_SIZE	64
#define CRYPTO_UNIT_SIZE	4096

/* Computes the identifier of a v2 key. */
void crypto_identifier(const uint8_t *raw, size_t size,
		       uint8_t identifier[CRYPTO_IDENTIFIER_SIZE]);

/* Computes the key of one file with nonce @nonce under a v1 or a v2 policy. */
void crypto_file_key_v1(const uint8_t raw[CRYPTO_XTS_KEY_SIZE],
			const uint8_t nonce[CRYPTO_NONCE_SIZE],
			uint8_t key[CRYPTO_XTS_KEY_SIZE]);
void crypto_file_key_v2(const uint8_t *raw, size_t size,
			const uint8_t nonce[CRYPTO_NONCE_SIZE],
			uint8_t key[CRYPTO_XTS_KEY_SIZE]);

/* Computes data unit @index of a file as it must be on the disk. */
void crypto_encrypt_unit(const uint8_t key[CRYPTO_XTS_KEY_SIZE], uint64_t index,
			 const uint8_t plain[CRYPTO_UNIT_SIZE],
			 uint8_t cipher[CRYPTO_UNIT_SIZE]);

/* Derives the filesystem key of @form from a parent with @secret. */
void crypto_sealed_key(const struct fscrypt_provisioning_form *form,
		       const uint8_t *secret, size_t secret_size, uint8_t *raw);

/*
 * Decrypts the secret in the text that KEYCTL_READ returns of an encrypted key
 * whose master is a user key of 32 bytes.  Returns 0, or -1 if the text is not
 * such a blob.
 */
int crypto_open_encrypted(const char *blob, const uint8_t master[32],
			  uint8_t *secret, size_t secret_size);

#endif /* SELFTESTS_KEYS_FSCRYPT_CRYPTO_H */
