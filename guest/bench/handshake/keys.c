// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keys of keyed-tls in its own memory, as other programs have theirs, to measure
 * what it costs that they are elsewhere.  Takes the place of tools/keys/keyed-tls/keys.c
 * for TLS_AES_128_GCM_SHA256 and X25519 without tickets.  A serial is an index here.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "../hex.h"
#include "error.h"
#include "keys.h"

#define KEYS_MAX	128
#define HASH		32
#define WRITE_KEY	16
#define WRITE_IV	12
#define TAG		16
#define AAD		5
#define LABEL_MAX	32
/* The server's private key, for which serve's argument stands */
#define PRIVATE_FILE	"good.key"

/**
 * struct secret - What a serial stands for
 * @bytes: The secret.
 * @pair: A key pair instead of it.
 * @records: What seals or opens by it, once it has.
 * @iv: Of that.
 * @number: Of the next record.
 */
struct secret {
	uint8_t bytes[HASH];
	EVP_PKEY *pair;
	EVP_CIPHER_CTX *records;
	uint8_t iv[WRITE_IV];
	uint64_t number;
};

static struct secret secrets[KEYS_MAX];
static key_serial last;
static EVP_PKEY *private;

const char *key_cause(long error)
{
	return strerror(-error);
}

static struct secret *secret_of(key_serial key)
{
	if (key <= 0 || key > last)
		fail("there is no secret %d", key);
	return &secrets[key];
}

static key_serial new_secret(void)
{
	if (last + 1 == KEYS_MAX)
		fail("there are too many secrets");
	return ++last;
}

void keys_open(key_serial where)
{
	(void)where;
}

void keys_close(void)
{
	OPENSSL_cleanse(secrets, sizeof(secrets));
}

/* --- the key schedule (RFC 8446, 7.1) -------------------------------------- */

static void hmac(const uint8_t key[HASH], const void *text, size_t size,
		 uint8_t mac[HASH])
{
	unsigned int made;

	if (!HMAC(EVP_sha256(), key, HASH, text, size, mac, &made))
		fail("cannot make a MAC");
}

static void expand(const uint8_t from[HASH], const char *label,
		   const uint8_t *context, size_t context_size, uint8_t *to,
		   size_t size)
{
	uint8_t info[2 + 1 + 6 + LABEL_MAX + 1 + HASH + 1] = { size >> 8, size };
	const size_t length = strlen(label);
	uint8_t block[HASH], *at = info + 2;

	*at++ = 6 + length;
	memcpy(at, "tls13 ", 6);
	memcpy(at + 6, label, length);
	at += 6 + length;
	*at++ = context_size;
	memcpy(at, context, context_size);
	at += context_size;
	*at++ = 1;
	hmac(from, info, at - info, block);
	memcpy(to, block, size);
	OPENSSL_cleanse(block, sizeof(block));
}

static void read_hex(const char *hex, uint8_t *bytes, size_t size)
{
	if (!hex_read(hex, "", bytes, size))
		fail("%s is not in hex", hex);
}

/* "c-hs-traffic" is "c hs traffic" in the standard, "traffic-upd" is as it is. */
static key_serial derive(const char *line)
{
	char label[LABEL_MAX], hex[2 * HASH + 1] = "";
	uint8_t context[HASH];
	size_t size = 0;
	key_serial key;
	int from;

	if (sscanf(line, "derive from=%d tls=%31s hash=%64s", &from, label, hex) < 2)
		fail("cannot derive by %s", line);
	if (*hex) {
		read_hex(hex, context, sizeof(context));
		size = sizeof(context);
		for (char *at = label; *at; at++)
			if (*at == '-')
				*at = ' ';
	} else if (strcmp(label, "derived") == 0) {
		EVP_Digest("", 0, context, NULL, EVP_sha256(), NULL);
		size = sizeof(context);
	}
	key = new_secret();
	expand(secret_of(from)->bytes, label, context, size,
	       secrets[key].bytes, HASH);
	return key;
}

static key_serial extract(int salt, const uint8_t *from)
{
	static const uint8_t none[HASH];
	const key_serial key = new_secret();

	hmac(salt ? secret_of(salt)->bytes : none, from ?: none, HASH,
	     secrets[key].bytes);
	return key;
}

static key_serial agree(const char *line)
{
	char hex[2 * HASH + 1];
	uint8_t bytes[HASH];
	size_t size = sizeof(bytes);
	key_serial key;
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *peer;
	int with, salt;

	if (sscanf(line, "agree with=%d peer=%64s salt=%d", &with, hex, &salt) != 3)
		fail("cannot agree by %s", line);
	read_hex(hex, bytes, sizeof(bytes));
	peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, bytes, HASH);
	ctx = EVP_PKEY_CTX_new(secret_of(with)->pair, NULL);
	if (!peer || EVP_PKEY_derive_init(ctx) <= 0 ||
	    EVP_PKEY_derive_set_peer(ctx, peer) <= 0 ||
	    EVP_PKEY_derive(ctx, bytes, &size) <= 0)
		return -EKEYREJECTED;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	key = extract(salt, bytes);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return key;
}

static key_serial make(const char *format, va_list args)
{
	char line[512];
	int salt;

	vsnprintf(line, sizeof(line), format, args);
	if (strncmp(line, "derive ", 7) == 0)
		return derive(line);
	if (strncmp(line, "agree ", 6) == 0)
		return agree(line);
	if (sscanf(line, "extract salt=%d", &salt) != 1)
		fail("there is no %s", line);
	return extract(salt, NULL);
}

key_serial key_try(const char *what, const char *format, ...)
{
	key_serial key;
	va_list args;

	(void)what;
	va_start(args, format);
	key = make(format, args);
	va_end(args);
	return key;
}

key_serial key_make(const char *what, const char *format, ...)
{
	key_serial key;
	va_list args;

	va_start(args, format);
	key = make(format, args);
	va_end(args);
	if (key < 0)
		fail("cannot make the %s key: %s", what, key_cause(key));
	return key;
}

/* --- key pairs ------------------------------------------------------------- */

key_serial key_new_pair(const char *line)
{
	const key_serial key = new_secret();

	(void)line;
	secrets[key].pair = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	return key;
}

size_t key_public(key_serial pair, uint8_t *public, size_t room)
{
	if (!EVP_PKEY_get_raw_public_key(secret_of(pair)->pair, public, &room))
		fail("cannot read the public part of a key pair");
	return room;
}

static EVP_PKEY *private_key(void)
{
	FILE *file = private ? NULL : fopen(PRIVATE_FILE, "re");

	if (file) {
		private = PEM_read_PrivateKey(file, NULL, NULL, NULL);
		fclose(file);
	}
	return private;
}

long key_sign(key_serial key, const uint8_t hash[32], void *signature, size_t room)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(private_key(), NULL);

	(void)key;
	if (!ctx || EVP_PKEY_sign_init(ctx) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) <= 0 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) <= 0 ||
	    EVP_PKEY_sign(ctx, signature, &room, hash, HASH) <= 0)
		return -EINVAL;
	EVP_PKEY_CTX_free(ctx);
	return room;
}

void key_end(key_serial *key)
{
	struct secret *secret = *key > 0 ? secret_of(*key) : NULL;

	if (secret) {
		EVP_PKEY_free(secret->pair);
		EVP_CIPHER_CTX_free(secret->records);
		OPENSSL_cleanse(secret, sizeof(*secret));
	}
	*key = 0;
}

/* --- uses ------------------------------------------------------------------ */

long key_mac(key_serial key, const void *text, size_t size, void *mac,
	     size_t mac_size)
{
	hmac(secret_of(key)->bytes, text, size, mac);
	return mac_size;
}

long key_check(key_serial key, const void *text, size_t size, const void *mac,
	       size_t mac_size)
{
	uint8_t right[HASH];

	hmac(secret_of(key)->bytes, text, size, right);
	return CRYPTO_memcmp(right, mac, mac_size) ? -EKEYREJECTED : 0;
}

/* The context of a direction, set to the next record's number and header */
static EVP_CIPHER_CTX *next_record(struct secret *secret, const char *info,
				   int seals)
{
	uint8_t key[WRITE_KEY], nonce[WRITE_IV], aad[AAD];
	int size;

	if (!secret->records) {
		expand(secret->bytes, "key", NULL, 0, key, sizeof(key));
		expand(secret->bytes, "iv", NULL, 0, secret->iv, WRITE_IV);
		secret->records = EVP_CIPHER_CTX_new();
		EVP_CipherInit_ex(secret->records, EVP_aes_128_gcm(), NULL, key,
				  NULL, seals);
		OPENSSL_cleanse(key, sizeof(key));
	}
	memcpy(nonce, secret->iv, sizeof(nonce));
	for (int i = 0; i < 8; i++)
		nonce[WRITE_IV - 1 - i] ^= secret->number >> 8 * i;
	secret->number++;
	read_hex(info + strlen("aad="), aad, sizeof(aad));
	if (!EVP_CipherInit_ex(secret->records, NULL, NULL, NULL, nonce, seals) ||
	    !EVP_CipherUpdate(secret->records, NULL, &size, aad, sizeof(aad)))
		return NULL;
	return secret->records;
}

long key_seal(key_serial key, const char *info, const void *text, size_t size,
	      void *sealed, size_t room)
{
	EVP_CIPHER_CTX *ctx = next_record(secret_of(key), info, 1);
	int done, end;

	if (!ctx || room < size + TAG ||
	    !EVP_CipherUpdate(ctx, sealed, &done, text, size) ||
	    !EVP_CipherFinal_ex(ctx, (uint8_t *)sealed + done, &end) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG,
				 (uint8_t *)sealed + size))
		return -EINVAL;
	return size + TAG;
}

long key_open(key_serial key, const char *info, const void *sealed, size_t size,
	      void *text, size_t room)
{
	EVP_CIPHER_CTX *ctx = next_record(secret_of(key), info, 0);
	int done, end;

	if (!ctx || size < TAG || room < size - TAG ||
	    !EVP_CipherUpdate(ctx, text, &done, sealed, size - TAG) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG,
				 (uint8_t *)sealed + size - TAG) ||
	    !EVP_CipherFinal_ex(ctx, (uint8_t *)text + done, &end))
		return -EBADMSG;
	return size - TAG;
}

/* --- what a handshake without tickets never asks for ----------------------- */

static void __attribute__((noreturn)) not_here(void)
{
	fail("there are no keyrings and no tickets here");
}

key_serial key_make_in(key_serial where, const char *name, const char *format, ...)
{
	(void)where, (void)name, (void)format;
	not_here();
}

long key_link(key_serial key, key_serial where)
{
	(void)key, (void)where;
	not_here();
}

long key_unlink(key_serial key, key_serial where)
{
	(void)key, (void)where;
	not_here();
}

key_serial key_find(key_serial where, const char *type, const char *name)
{
	(void)where, (void)type, (void)name;
	not_here();
}

long key_lives(key_serial key, uint32_t seconds)
{
	(void)key, (void)seconds;
	not_here();
}

long key_read(key_serial key, void *bytes, size_t room)
{
	(void)key, (void)bytes, (void)room;
	not_here();
}

long key_clear(key_serial ring)
{
	(void)ring;
	not_here();
}

key_serial key_note(key_serial where, const char *name, const void *bytes, size_t size)
{
	(void)where, (void)name, (void)bytes, (void)size;
	not_here();
}

bool key_take(key_serial key, key_serial from)
{
	(void)key, (void)from;
	not_here();
}

key_serial key_new_ring(const char *name)
{
	(void)name;
	not_here();
}

void session_with(key_serial one, key_serial other)
{
	(void)one, (void)other;
}
