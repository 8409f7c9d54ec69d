// SPDX-License-Identifier: GPL-2.0-only
/* The key schedule and the records of TLS 1.3 with OpenSSL (RFC 8446, 5 and 7). */
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "tls13_crypto.h"

#define IV_SIZE		12
#define LABEL_MAX	255
#define INFO_MAX	(2 + 1 + LABEL_MAX + 1 + 255)

const struct peer_suite peer_suites[3] = {
	{ "tls13-aes128gcm-sha256", 0x1301, EVP_sha256, 32, EVP_aes_128_gcm, 16 },
	{ "tls13-aes256gcm-sha384", 0x1302, EVP_sha384, 48, EVP_aes_256_gcm, 32 },
	{ "tls13-chacha20poly1305-sha256", 0x1303, EVP_sha256, 32,
	  EVP_chacha20_poly1305, 32 },
};

static void must(bool good)
{
	if (!good)
		abort();
}

static void hmac(const struct peer_suite *suite, const void *key, size_t key_size,
		 const void *text, size_t size, uint8_t *out)
{
	unsigned int done = 0;

	must(HMAC(suite->hash(), key, key_size, text, size,
		  out, &done) && done == suite->size);
}

void peer_hmac(const struct peer_suite *suite, const struct peer_secret *secret,
	       const void *text, size_t size, uint8_t out[PEER_HASH_MAX])
{
	hmac(suite, secret->bytes, suite->size, text, size, out);
}

void peer_hash(const struct peer_suite *suite, const void *text, size_t size,
	       uint8_t out[PEER_HASH_MAX])
{
	must(EVP_Digest(text, size, out, NULL, suite->hash(), NULL));
}

void peer_extract(const struct peer_suite *suite, const struct peer_secret *salt,
		  const void *ikm, size_t size, struct peer_secret *out)
{
	static const struct peer_secret zeros;

	hmac(suite, salt ? salt->bytes : zeros.bytes, suite->size,
	     ikm ?: zeros.bytes, ikm ? size : suite->size, out->bytes);
}

void peer_expand(const struct peer_suite *suite, const struct peer_secret *secret,
		 const char *label, const void *context, size_t context_size,
		 void *out, size_t size)
{
	uint8_t text[EVP_MAX_MD_SIZE + INFO_MAX + 1], block[EVP_MAX_MD_SIZE];
	size_t before = 0, info = 0, part;
	uint8_t bytes[INFO_MAX];

	bytes[info++] = size >> 8;
	bytes[info++] = size;
	bytes[info++] = strlen("tls13 ") + strlen(label);
	memcpy(bytes + info, "tls13 ", 6);
	info += 6;
	memcpy(bytes + info, label, strlen(label));
	info += strlen(label);
	bytes[info++] = context_size;
	if (context_size)
		memcpy(bytes + info, context, context_size);
	info += context_size;
	for (uint8_t counter = 1; size; counter++) {
		memcpy(text, block, before);
		memcpy(text + before, bytes, info);
		text[before + info] = counter;
		hmac(suite, secret->bytes, suite->size, text, before + info + 1,
		     block);
		before = suite->size;
		part = size < before ? size : before;
		memcpy(out, block, part);
		out = (uint8_t *)out + part;
		size -= part;
	}
}

void peer_derive(const struct peer_suite *suite, const struct peer_secret *secret,
		 const char *label, const uint8_t *hash, struct peer_secret *out)
{
	uint8_t none[PEER_HASH_MAX];

	if (!hash) {
		peer_hash(suite, "", 0, none);
		hash = none;
	}
	peer_expand(suite, secret, label, hash, suite->size, out->bytes,
		    suite->size);
}

static bool is_x25519(const char *curve)
{
	return strcmp(curve, "X25519") == 0;
}

EVP_PKEY *peer_pair(const char *curve)
{
	return is_x25519(curve) ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519") :
				  EVP_EC_gen(curve);
}

size_t peer_public(EVP_PKEY *pair, uint8_t public[PEER_PUBLIC_MAX])
{
	uint8_t *bytes = NULL;
	size_t size = EVP_PKEY_get1_encoded_public_key(pair, &bytes);

	must(size && size <= PEER_PUBLIC_MAX);
	memcpy(public, bytes, size);
	OPENSSL_free(bytes);
	return size;
}

bool peer_agree(EVP_PKEY *pair, const char *curve, const uint8_t *public,
		size_t size, uint8_t secret[32])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair, NULL);
	EVP_PKEY *peer = EVP_PKEY_new();
	size_t secret_size = 32;
	bool good = EVP_PKEY_copy_parameters(peer, pair) > 0 || is_x25519(curve);

	if (is_x25519(curve)) {
		EVP_PKEY_free(peer);
		peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public,
						   size);
	} else {
		good = good && EVP_PKEY_set1_encoded_public_key(peer, public,
								size) > 0;
	}
	good = good && peer && EVP_PKEY_derive_init(ctx) > 0 &&
	       EVP_PKEY_derive_set_peer(ctx, peer) > 0 &&
	       EVP_PKEY_derive(ctx, secret, &secret_size) > 0;
	EVP_PKEY_free(peer);
	EVP_PKEY_CTX_free(ctx);
	return good;
}

void peer_header(size_t size, uint8_t header[PEER_HEADER])
{
	const uint8_t bytes[PEER_HEADER] = { 23, 3, 3, size >> 8, size };

	memcpy(header, bytes, PEER_HEADER);
}

static EVP_CIPHER_CTX *begin(const struct peer_suite *suite,
			     const struct peer_secret *secret, uint64_t number,
			     size_t record, int seal)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t key[32], iv[IV_SIZE], header[PEER_HEADER];
	int done;

	peer_expand(suite, secret, "key", NULL, 0, key, suite->key);
	peer_expand(suite, secret, "iv", NULL, 0, iv, sizeof(iv));
	for (int i = 0; i < 8; i++)
		iv[IV_SIZE - 1 - i] ^= number >> 8 * i;
	peer_header(record, header);
	must(EVP_CipherInit_ex(ctx, suite->cipher(), NULL,
			       key, iv, seal) &&
	     EVP_CipherUpdate(ctx, NULL, &done, header, sizeof(header)));
	return ctx;
}

bool peer_seal(const struct peer_suite *suite, const struct peer_secret *secret,
	       uint64_t number, const void *text, size_t size, uint8_t *record)
{
	EVP_CIPHER_CTX *ctx = begin(suite, secret, number, size + PEER_TAG, 1);
	int done, last;
	bool good = EVP_CipherUpdate(ctx, record, &done, text, size) &&
		    EVP_CipherFinal_ex(ctx, record + done, &last) &&
		    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, PEER_TAG,
					record + size);

	EVP_CIPHER_CTX_free(ctx);
	return good;
}

bool peer_open(const struct peer_suite *suite, const struct peer_secret *secret,
	       uint64_t number, const uint8_t *record, size_t size, uint8_t *text)
{
	EVP_CIPHER_CTX *ctx = begin(suite, secret, number, size, 0);
	int done, last;
	bool good = EVP_CipherUpdate(ctx, text, &done, record, size - PEER_TAG) &&
		    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, PEER_TAG,
					(void *)(record + size - PEER_TAG)) &&
		    EVP_CipherFinal_ex(ctx, text + done, &last);

	EVP_CIPHER_CTX_free(ctx);
	return good;
}
