// SPDX-License-Identifier: GPL-2.0-only
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symmetric_crypto.h"

#define INFO_MAX	256
#define NONCE_SIZE	24
#define TAG_SIZE	16
#define UUID_SIZE	16

static void must(int ok)
{
	if (ok)
		return;
	fprintf(stderr, "symmetric_crypto: OpenSSL refused a computation\n");
	abort();
}

void crypto_hmac(int bits, const uint8_t *key, size_t key_size,
		 const void *in, size_t size, uint8_t mac[CRYPTO_KEY_MAX])
{
	const EVP_MD *hash = bits == 256 ? EVP_sha256() :
			     bits == 384 ? EVP_sha384() : EVP_sha512();

	must(HMAC(hash, key, key_size, in, size, mac, NULL) != NULL);
}

static uint8_t *put(uint8_t *end, const void *part, uint8_t size)
{
	*end++ = size;
	if (size)
		memcpy(end, part, size);
	return end + size;
}

void crypto_child(const struct crypto_child *child, const uint8_t *secret,
		  size_t secret_size, uint8_t bytes[CRYPTO_KEY_MAX])
{
	static const char salt[] = "key type symmetric, HKDF-Extract";
	static const char head[] = "key type symmetric 1";
	uint8_t size[2] = { child->size >> 8, child->size }, no_form = 0;
	uint8_t info[INFO_MAX], *end = info, prk[CRYPTO_KEY_MAX];
	uint8_t text[CRYPTO_KEY_MAX + INFO_MAX + 1], out[2 * CRYPTO_KEY_MAX];
	size_t digest = child->hash / 8, done = 0, before = 0;

	crypto_hmac(child->hash, (const uint8_t *)salt, strlen(salt), secret,
		    secret_size, prk);
	end = put(end, head, strlen(head));
	end = put(end, child->group, strlen(child->group));
	end = put(end, child->alg, strlen(child->alg));
	end = put(end, size, sizeof(size));
	end = put(end, child->uuid, child->uuid ? UUID_SIZE : 0);
	end = put(end, child->label, strlen(child->label));
	end = put(end, &no_form, sizeof(no_form));

	for (uint8_t i = 1; done < child->size; i++) {
		memcpy(text + before, info, end - info);
		text[before + (end - info)] = i;
		crypto_hmac(child->hash, prk, digest, text,
			    before + (end - info) + 1, out + done);
		memcpy(text, out + done, digest);
		before = digest;
		done += digest;
	}
	memcpy(bytes, out, child->size);
}

static uint32_t load(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void store(uint8_t *p, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		p[i] = word >> 8 * i;
}

/*
 * HChaCha20 by ChaCha20, which adds its input to the result of its rounds:
 * subtracting the input leaves this result.  OpenSSL has no XChaCha20.
 */
static void hchacha20(const uint8_t key[32], const uint8_t nonce[16],
		      uint8_t subkey[32])
{
	static const char constant[] = "expand 32-byte k";
	static const uint8_t zeros[64];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t block[64];
	int len;

	must(ctx && EVP_EncryptInit_ex(ctx, EVP_chacha20(), NULL, key, nonce));
	must(EVP_EncryptUpdate(ctx, block, &len, zeros, sizeof(zeros)));
	EVP_CIPHER_CTX_free(ctx);
	for (int i = 0; i < 4; i++) {
		store(subkey + 4 * i, load(block + 4 * i) -
		      load((const uint8_t *)constant + 4 * i));
		store(subkey + 16 + 4 * i, load(block + 48 + 4 * i) -
		      load(nonce + 4 * i));
	}
}

long crypto_open(const uint8_t key[32], const void *aad, size_t aad_size,
		 const uint8_t *blob, size_t size, uint8_t *text)
{
	size_t text_size = size - NONCE_SIZE - TAG_SIZE;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t subkey[32], nonce[12] = { 0 };
	int len, ok;

	hchacha20(key, blob, subkey);
	memcpy(nonce + 4, blob + 16, 8);
	must(ctx && EVP_DecryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL,
				       subkey, nonce));
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE,
				 (void *)(blob + size - TAG_SIZE)));
	must(EVP_DecryptUpdate(ctx, NULL, &len, aad, aad_size));
	must(EVP_DecryptUpdate(ctx, text, &len, blob + NONCE_SIZE, text_size));
	ok = EVP_DecryptFinal_ex(ctx, text + len, &len);
	EVP_CIPHER_CTX_free(ctx);
	return ok > 0 ? (long)text_size : -1;
}
