// SPDX-License-Identifier: GPL-2.0-only
/*
 * find_key KEYFILE PID...: look for an RSA key in the memory of processes
 *
 * The exit status is 0 if a part of the key was found, 1 if none was, and 2 if
 * the search failed.  The program searches for pieces of the private exponent,
 * the primes and the numbers that follow from them, in both byte orders, as
 * libraries differ.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX	1024
#define PIECE		32
/*
 * Length of the pieces of a number that are searched for: its ends may differ.
 */
#define PIECES		2
#define NEEDLES_MAX	64
#define READ_AT_ONCE	0x100000

static const char *const numbers[] = {
	OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
	OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
	OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static uint8_t needles[NEEDLES_MAX][PIECE];
static unsigned int needle_count;

static void fail(const char *what)
{
	fprintf(stderr, "find_key: %s\n", what);
	exit(2);
}

static void add_pieces(const uint8_t *bytes, size_t len)
{
	int i;

	for (i = 1; i <= PIECES; i++) {
		if (needle_count == NEEDLES_MAX)
			fail("too many pieces");
		memcpy(needles[needle_count++],
		       bytes + len * i / (PIECES + 1) - PIECE / 2, PIECE);
	}
}

static void add_number(EVP_PKEY *key, const char *name)
{
	uint8_t big[NUMBER_MAX], little[NUMBER_MAX];
	BIGNUM *number = NULL;
	int len;

	if (!EVP_PKEY_get_bn_param(key, name, &number))
		fail("not a whole RSA key");
	len = BN_num_bytes(number);
	if (len < 2 * PIECE || len > NUMBER_MAX)
		fail("a key of this size is not looked for");
	BN_bn2bin(number, big);
	BN_bn2lebinpad(number, little, len);
	add_pieces(big, len);
	add_pieces(little, len);
	BN_free(number);
}

static void load(const char *path)
{
	FILE *file = fopen(path, "r");
	EVP_PKEY *key = NULL;
	unsigned int i;

	if (file) {
		key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
		fclose(file);
	}
	if (!key)
		fail("no key in the file");
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		add_number(key, numbers[i]);
	EVP_PKEY_free(key);
}

static bool search(const uint8_t *bytes, size_t len)
{
	unsigned int i;

	for (i = 0; i < needle_count; i++)
		if (memmem(bytes, len, needles[i], PIECE))
			return true;
	return false;
}

/* Chunks of memory overlap, so that a number across their border is found. */
static bool search_range(FILE *memory, unsigned long from, unsigned long to,
			 unsigned long *seen)
{
	static uint8_t bytes[READ_AT_ONCE];
	size_t got;

	while (from < to) {
		size_t wanted = to - from < sizeof(bytes) ? to - from :
			sizeof(bytes);

		if (fseeko(memory, from, SEEK_SET))
			return false;
		got = fread(bytes, 1, wanted, memory);
		clearerr(memory);
		*seen += got;
		if (search(bytes, got))
			return true;
		/* Memory that the kernel does not let us read is skipped. */
		if (got < wanted || from + got == to)
			return false;
		from += got - PIECE;
	}
	return false;
}

static bool search_process(const char *pid)
{
	unsigned long from, to, seen = 0;
	char path[64], line[512], rights[8];
	bool found = false;
	FILE *maps, *memory;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	memory = fopen(path, "r");
	if (!maps || !memory)
		fail("no such process");
	setvbuf(memory, NULL, _IONBF, 0);
	while (!found && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3)
			fail("cannot read the map");
		if (rights[0] == 'r' && !strstr(line, "[vvar"))
			found = search_range(memory, from, to, &seen);
	}
	fclose(maps);
	fclose(memory);
	if (!seen)
		fail("no memory of the process could be read");
	printf("%s in %lu bytes of process %s\n", found ? "found" : "nothing",
	       seen, pid);
	return found;
}

int main(int argc, char **argv)
{
	bool found = false;
	int i;

	if (argc < 3)
		fail("usage: find_key KEYFILE PID...");
	load(argv[1]);
	for (i = 2; i < argc; i++)
		found |= search_process(argv[i]);
	return found ? 0 : 1;
}
