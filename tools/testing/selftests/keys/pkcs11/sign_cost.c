// SPDX-License-Identifier: GPL-2.0-only
/*
 * sign_cost KEY: print what a signature by RSA takes of the processor's time, in
 * nanoseconds, the kernel's part included.
 *
 * KEY is a file in PEM, or a URI of PKCS#11; then the environment names the module, as
 * for all users of libengine-pkcs11-openssl.  In a guest whose clock counts instructions
 * a nanosecond is half of one.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS		20
#define SIGNATURE_MAX	1024
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

static void sign(EVP_PKEY *key)
{
	static const uint8_t text[] = "a text of some length, which is hashed first";
	uint8_t signature[SIGNATURE_MAX];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = sizeof(signature);

	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, signature, &size, text, sizeof(text)) != 1)
		give_up("cannot sign");
	EVP_MD_CTX_free(ctx);
}

int main(int argc, char **argv)
{
	EVP_PKEY *key;
	int64_t begun;

	if (argc != 2)
		give_up("usage: sign_cost KEY");
	key = strncmp(argv[1], "pkcs11:", 7) ? load_file(argv[1]) :
					       load_token(argv[1]);
	if (!key)
		give_up("cannot load the key");
	/* The first one brings what is made once. */
	sign(key);
	begun = spent();
	for (int i = 0; i < ROUNDS; i++)
		sign(key);
	printf("%lld\n", (long long)(spent() - begun) / ROUNDS);
	return 0;
}
