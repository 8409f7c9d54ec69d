// SPDX-License-Identifier: GPL-2.0-only
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fscrypt_crypto.h"

#define INFO_MAX	256

enum fscrypt_context {
	CONTEXT_IDENTIFIER = 1,
	CONTEXT_FILE_KEY = 2,
};

static void must(int ok)
{
	if (ok)
		return;
	fprintf(stderr, "fscrypt_crypto: OpenSSL refused a computation\n");
	abort();
}

/* HKDF of RFC 5869, for up to one block of output. */
static void hkdf(const uint8_t *salt, size_t salt_size, const uint8_t *secret,
		 size_t secret_size, const uint8_t *info, size_t info_size,
		 uint8_t *out, size_t out_size)
{
	uint8_t prk[SHA512_DIGEST_LENGTH], block[SHA512_DIGEST_LENGTH];
	uint8_t text[INFO_MAX + 1];

	must(info_size <= INFO_MAX && out_size <= sizeof(block));
	must(HMAC(EVP_sha512(), salt, salt_size, secret, secret_size, prk,
		  NULL) != NULL);
	memcpy(text, info, info_size);
	text[info_size] = 1;
	must(HMAC(EVP_sha512(), prk, sizeof(prk), text, info_size + 1, block,
		  NULL) != NULL);
	memcpy(out, block, out_size);
}

static void fscrypt_hkdf(const uint8_t *raw, size_t size,
			 enum fscrypt_context context, const uint8_t *nonce,
			 size_t nonce_size, uint8_t *out, size_t out_size)
{
	static const uint8_t no_salt[SHA512_DIGEST_LENGTH];
	uint8_t info[9 + CRYPTO_NONCE_SIZE] = "fscrypt";

	info[8] = context;
	if (nonce_size)
		memcpy(info + 9, nonce, nonce_size);
	hkdf(no_salt, sizeof(no_salt), raw, size, info, 9 + nonce_size, out,
	     out_size);
}

static void cipher(const EVP_CIPHER *type, int encrypt, const uint8_t *key,
		   const uint8_t *iv, const uint8_t *in, size_t size,
		   uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;

	must(ctx && EVP_CipherInit_ex(ctx, type, NULL, key, iv, encrypt));
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	must(EVP_CipherUpdate(ctx, out, &len, in, size) && (size_t)len == size);
	EVP_CIPHER_CTX_free(ctx);
}

void crypto_identifier(const uint8_t *raw, size_t size,
		       uint8_t identifier[CRYPTO_IDENTIFIER_SIZE])
{
	fscrypt_hkdf(raw, size, CONTEXT_IDENTIFIER, NULL, 0, identifier,
		     CRYPTO_IDENTIFIER_SIZE);
}

void crypto_file_key_v1(const uint8_t raw[CRYPTO_XTS_KEY_SIZE],
			const uint8_t nonce[CRYPTO_NONCE_SIZE],
			uint8_t key[CRYPTO_XTS_KEY_SIZE])
{
	cipher(EVP_aes_128_ecb(), 1, nonce, NULL, raw, CRYPTO_XTS_KEY_SIZE,
	       key);
}

void crypto_file_key_v2(const uint8_t *raw, size_t size,
			const uint8_t nonce[CRYPTO_NONCE_SIZE],
			uint8_t key[CRYPTO_XTS_KEY_SIZE])
{
	fscrypt_hkdf(raw, size, CONTEXT_FILE_KEY, nonce, CRYPTO_NONCE_SIZE, key,
		     CRYPTO_XTS_KEY_SIZE);
}

void crypto_encrypt_unit(const uint8_t key[CRYPTO_XTS_KEY_SIZE], uint64_t index,
			 const uint8_t plain[CRYPTO_UNIT_SIZE],
			 uint8_t unit[CRYPTO_UNIT_SIZE])
{
	uint8_t iv[16] = { 0 };

	for (int i = 0; i < 8; i++)
		iv[i] = index >> 8 * i;
	cipher(EVP_aes_256_xts(), 1, key, iv, plain, CRYPTO_UNIT_SIZE, unit);
}

void crypto_sealed_key(const struct fscrypt_provisioning_form *form,
		       const uint8_t *secret, size_t secret_size, uint8_t *raw)
{
	static const char salt[] = "fscrypt-provisioning sealed key";
	static const char purpose[] = "fscrypt-provisioning";
	uint8_t info[INFO_MAX], *end = info;

	memcpy(end, purpose, sizeof(purpose));
	end += sizeof(purpose);
	*end++ = 1;
	*end++ = form->type;
	*end++ = form->raw_size;
	*end++ = form->flags;
	memcpy(end, form->fs_uuid, sizeof(form->fs_uuid));
	end += sizeof(form->fs_uuid);
	*end++ = form->label_size;
	memcpy(end, form->label, form->label_size);
	end += form->label_size;

	hkdf((const uint8_t *)salt, strlen(salt), secret, secret_size, info,
	     end - info, raw, form->raw_size);
}

static int from_hex(const char *hex, uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &bytes[i]) != 1)
			return -1;
	return 0;
}

/*
 * The blob ends with hexadecimal digits: IV and a zero byte, ciphertext, and an
 * HMAC of all before it.
 */
int crypto_open_encrypted(const char *blob, const uint8_t master[32],
			  uint8_t *secret, size_t secret_size)
{
	uint8_t text[sizeof("AUTH_KEY") + 32] = "ENC_KEY";
	size_t padded = (secret_size + 15) / 16 * 16;
	const char *hex = strrchr(blob, ' ');
	uint8_t iv[17], sealed[128], open[128], key[SHA256_DIGEST_LENGTH];

	if (!hex || padded > sizeof(sealed) ||
	    strlen(++hex) != 2 * (sizeof(iv) + padded + SHA256_DIGEST_LENGTH) ||
	    from_hex(hex, iv, sizeof(iv)) ||
	    from_hex(hex + 2 * sizeof(iv), sealed, padded))
		return -1;

	memcpy(text + sizeof("ENC_KEY"), master, 32);
	SHA256(text, sizeof(text), key);
	cipher(EVP_aes_256_cbc(), 0, key, iv, sealed, padded, open);
	memcpy(secret, open, secret_size);
	return 0;
}
