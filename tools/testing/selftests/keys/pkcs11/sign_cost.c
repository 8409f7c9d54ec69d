// SPDX-License-Identifier: GPL-2.0-only
/*
 * sign_cost KEY: print what a signature by RSA takes of the processor's time, in
 * nanoseconds, the kernel's part included.
 *
 * KEY is a file in PEM; a URI of PKCS#11, when the environment names the module, as
 * for all users of libengine-pkcs11-openssl; or the serial of a key of 2048 bits in the
 * kernel, which then signs a digest without any library.  In a guest whose clock counts
 * instructions a nanosecond is half of one.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keys.h"

#define ROUNDS		20
#define SIGNATURE_MAX	1024
/* The kernel wants room for a signature, and no more. */
#define RSA_2048_BYTES	256
#define NS_PER_S	1000000000

static void __attribute__((noreturn)) give_up(const char *what)
{
	fprintf(stderr, "sign_cost: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(EXIT_FAILURE);
}

static EVP_PKEY *load_file(const char *name)
{
	FILE *file = fopen(name, "re");
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

	if (file)
		fclose(file);
	return key;
}

static EVP_PKEY *load_token(const char *uri)
{
	ENGINE *engine = ENGINE_by_id("pkcs11");

	if (!engine || !ENGINE_init(engine))
		give_up("there is no engine pkcs11");
	return ENGINE_load_private_key(engine, uri, NULL, NULL);
}

static int64_t spent(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

static const uint8_t text[] = "a text of some length, which is hashed first";

static void sign_in_kernel(key_serial_t serial)
{
	uint8_t digest[SHA256_DIGEST_LENGTH], signature[RSA_2048_BYTES];
	struct keyctl_pkey_params params = {
		.key_id = serial,
		.in_len = sizeof(digest),
		.out_len = sizeof(signature),
	};

	SHA256(text, sizeof(text), digest);
	if (keyctl(KEYCTL_PKEY_SIGN, &params, "enc=pkcs1 hash=sha256", digest,
		   signature) < 0)
		give_up("the kernel does not sign");
}

static void sign(EVP_PKEY *key)
{
	uint8_t signature[SIGNATURE_MAX];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = sizeof(signature);

	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, signature, &size, text, sizeof(text)) != 1)
		give_up("cannot sign");
	EVP_MD_CTX_free(ctx);
}

static EVP_PKEY *load(const char *name)
{
	EVP_PKEY *key = strncmp(name, "pkcs11:", 7) ? load_file(name) :
						      load_token(name);

	if (!key)
		give_up("cannot load the key");
	return key;
}

int main(int argc, char **argv)
{
	key_serial_t serial;
	EVP_PKEY *key = NULL;
	int64_t begun = 0;

	if (argc != 2)
		give_up("usage: sign_cost KEY");
	serial = atoi(argv[1]);
	if (!serial)
		key = load(argv[1]);
	/* The first one brings what is made once, and does not count. */
	for (int i = 0; i <= ROUNDS; i++) {
		if (serial)
			sign_in_kernel(serial);
		else
			sign(key);
		if (!i)
			begun = spent();
	}
	printf("%lld\n", (long long)(spent() - begun) / ROUNDS);
	return 0;
}
