/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of an encrypted key, computed from the blob that user space may
 * read and the master key.  The steps are those of
 * Documentation/security/keys/trusted-encrypted.rst; the primitives come from
 * AF_ALG, with keys set the old way.
 */
#ifndef SELFTESTS_KEYS_ENCRYPTED_H
#define SELFTESTS_KEYS_ENCRYPTED_H

#include "alg.h"

#define ENCRYPTED_MIN	20
#define ENCRYPTED_MAX	4096
#define ENCRYPTED_ECRYPTFS	64
#define ENCRYPTED_ENC32	32

#define ENCRYPTED_HASH_LEN	32
#define ENCRYPTED_IV_LEN	16
#define ENCRYPTED_BLOCK	16
#define ENCRYPTED_MASTER_MAX	128

/* Blob in hexadecimal, names, and room to spare. */
#define ENCRYPTED_TEXT_MAX	(2 * ENCRYPTED_MAX + 512)

static inline void hex_encode(const void *in, size_t len, char *out)
{
	const uint8_t *byte = in;

	for (size_t i = 0; i < len; i++)
		sprintf(out + 2 * i, "%02x", byte[i]);
	out[2 * len] = '\0';
}

/* Returns the number of bytes, or -EINVAL. */
static inline ssize_t hex_decode(const char *in, size_t len, uint8_t *out)
{
	unsigned int value;

	for (size_t i = 0; i < len / 2; i++) {
		if (sscanf(in + 2 * i, "%2x", &value) != 1)
			return -EINVAL;
		out[i] = value;
	}
	return len / 2;
}

/* Hash of the purpose's name, a zero byte and the master key. */
static inline int encrypted_derive(const char *purpose, const void *master,
				   size_t master_len, uint8_t *derived)
{
	uint8_t in[sizeof("AUTH_KEY") + ENCRYPTED_MASTER_MAX] = {};
	size_t name_len = strlen(purpose) + 1;
	/* The kernel's buffer is sized for the longer of the two names. */
	size_t len = sizeof("AUTH_KEY") + master_len;
	int fd, op;
	ssize_t got;

	if (len < ENCRYPTED_HASH_LEN)
		len = ENCRYPTED_HASH_LEN;
	memcpy(in, purpose, name_len);
	memcpy(in + name_len, master, master_len);

	fd = alg_open(&alg_sha256);
	if (fd < 0)
		return fd;
	op = alg_accept(fd);
	got = alg_digest(op, in, len, derived, ENCRYPTED_HASH_LEN);
	close(op);
	close(fd);
	return got == ENCRYPTED_HASH_LEN ? 0 : -EIO;
}

/* cbc(aes) over @len bytes, a multiple of the block. */
static inline int encrypted_decrypt(const uint8_t *key, const uint8_t *iv,
				    const uint8_t *in, size_t len, uint8_t *out)
{
	const struct alg_text text = {
		.direction = ALG_OP_DECRYPT, .iv = iv,
		.iv_len = ENCRYPTED_IV_LEN, .in = in, .in_len = len,
	};
	int fd = alg_open(&alg_cbc), op, err;
	ssize_t got;

	if (fd < 0)
		return fd;
	err = alg_set_key(fd, key, ENCRYPTED_HASH_LEN);
	if (err) {
		close(fd);
		return err;
	}
	op = alg_accept(fd);
	got = alg_crypt(op, &text, out, len);
	close(op);
	close(fd);
	return got == (ssize_t)len ? 0 : -EIO;
}

/*
 * Unwraps @blob, the text "FORMAT MASTER LENGTH HEX", where HEX is the initial
 * vector, its closing zero byte, the encrypted data and a digest.  Returns the
 * length of the plaintext, or a negative errno.
 */
static inline ssize_t encrypted_unwrap(const char *blob, const void *master,
				       size_t master_len, uint8_t *plain)
{
	static uint8_t raw[ENCRYPTED_IV_LEN + 1 + ENCRYPTED_MAX +
			   ENCRYPTED_HASH_LEN];
	uint8_t key[ENCRYPTED_HASH_LEN];
	const char *hex = strrchr(blob, ' ');
	size_t len, padded;
	ssize_t got;
	int err;

	if (!hex || sscanf(blob, "%*s %*s %zu", &len) != 1)
		return -EINVAL;
	hex++;
	if (len > ENCRYPTED_MAX || strlen(hex) > 2 * sizeof(raw))
		return -EINVAL;
	padded = (len + ENCRYPTED_BLOCK - 1) / ENCRYPTED_BLOCK *
		 ENCRYPTED_BLOCK;
	got = hex_decode(hex, strlen(hex), raw);
	if (got != (ssize_t)(ENCRYPTED_IV_LEN + 1 + padded +
			     ENCRYPTED_HASH_LEN))
		return -EINVAL;

	err = encrypted_derive("ENC_KEY", master, master_len, key);
	if (!err)
		err = encrypted_decrypt(key, raw, raw + ENCRYPTED_IV_LEN + 1,
					padded, plain);
	return err ? err : (ssize_t)len;
}

/* Reads the blob of an encrypted key and unwraps it. */
static inline ssize_t encrypted_read(key_serial_t key, const void *master,
				     size_t master_len, uint8_t *plain)
{
	static char blob[ENCRYPTED_TEXT_MAX + 1];
	long len = key_read(key, blob, sizeof(blob) - 1);

	if (len < 0)
		return len;
	if (len >= (long)sizeof(blob))
		return -E2BIG;
	blob[len] = '\0';
	return encrypted_unwrap(blob, master, master_len, plain);
}

/* Adds an encrypted key of random bytes. */
static inline key_serial_t encrypted_new(const char *description,
					 const char *format,
					 const char *master, size_t len)
{
	char text[128];

	snprintf(text, sizeof(text), "new %s %s %zu", format, master, len);
	return key_add("encrypted", description, text, strlen(text),
		       KEY_SPEC_SESSION_KEYRING);
}

/* Adds an encrypted key of known bytes. */
static inline key_serial_t encrypted_new_of(const char *description,
					    const char *format,
					    const char *master,
					    const void *plain, size_t len)
{
	static char text[ENCRYPTED_TEXT_MAX];
	int used = snprintf(text, sizeof(text), "new %s %s %zu ", format,
			    master, len);

	if (used + 2 * len >= sizeof(text))
		return -E2BIG;
	hex_encode(plain, len, text + used);
	return key_add("encrypted", description, text, strlen(text),
		       KEY_SPEC_SESSION_KEYRING);
}

#endif /* SELFTESTS_KEYS_ENCRYPTED_H */
