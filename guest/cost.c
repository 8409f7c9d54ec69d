// SPDX-License-Identifier: GPL-2.0-only
/*
 * What keying an AF_ALG socket costs: by value against by serial.
 */
#include <errno.h>
#include <linux/if_alg.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "count.h"

#ifndef ALG_SET_KEY_BY_KEY_SERIAL
#define ALG_SET_KEY_BY_KEY_SERIAL 7
#endif
#ifndef SOL_ALG
#define SOL_ALG 279
#endif

#define ROUNDS		2000
#define MAX_KEY		64

static const struct {
	const char *type, *name;
	unsigned int len;
} algorithms[] = {
	{ "skcipher", "cbc(aes)", 16 },
	{ "skcipher", "cbc(aes)", 32 },
	{ "skcipher", "xts(aes)", 64 },
	{ "aead", "gcm(aes)", 16 },
	{ "hash", "hmac(sha256)", 32 },
};

static int open_alg(const char *type, const char *name)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	strncpy((char *)address.salg_type, type, sizeof(address.salg_type) - 1);
	strncpy((char *)address.salg_name, name, sizeof(address.salg_name) - 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die(name);
	return fd;
}

/* Instructions for one setsockopt(), the mean of many. */
static double measure(int fd, int option, const void *value, socklen_t len)
{
	uint64_t begun;

	/* The first call pays for what is set up once. */
	if (setsockopt(fd, SOL_ALG, option, value, len))
		die("setsockopt");
	begun = now();
	for (int i = 0; i < ROUNDS; i++)
		setsockopt(fd, SOL_ALG, option, value, len);
	return (double)(now() - begun) / ROUNDS / NS_PER_INSN;
}

static long add_key(const char *type, const char *name, const void *data,
		    size_t len)
{
	long serial = syscall(__NR_add_key, type, name, data, len,
			      KEY_SPEC_SESSION_KEYRING);

	if (serial < 0)
		die(type);
	return serial;
}

/* The default format takes 20 to 4096 bytes, so AES-128 is left out. */
static long add_encrypted(const uint8_t *key, unsigned int len)
{
	char text[64 + 2 * MAX_KEY];
	int at;

	add_key("user", "cost-master", "a master key of 32 bytes, or so.", 32);
	at = sprintf(text, "new user:cost-master %u ", len);
	for (unsigned int i = 0; i < len; i++)
		at += sprintf(text + at, "%02x", key[i]);
	return add_key("encrypted", "cost:encrypted", text, at);
}

/* Prints a line, and returns the ratio. */
static double show(const char *name, unsigned int len, const char *type,
		   double by_value, double by_serial)
{
	double ratio = by_serial / by_value;

	printf("%-14s %3u  %-10s %9.0f %9.0f   %.3f\n", name, len, type,
	       by_value, by_serial, ratio);
	return ratio;
}

/* usage: cost [BUDGET], the highest ratio that is no failure */
int main(int argc, char **argv)
{
	const double budget = argc > 1 ? atof(argv[1]) : 0;
	double ratio, highest = 0;
	uint8_t key[MAX_KEY];

	for (unsigned int i = 0; i < MAX_KEY; i++)
		key[i] = i * 7 + 1;
	syscall(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);

	printf("instructions for one setsockopt(), mean of %d\n", ROUNDS);
	printf("%-14s %3s  %-10s %9s %9s   %s\n", "algorithm", "key", "type",
	       "by value", "by serial", "ratio");
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		const unsigned int len = algorithms[i].len;
		const char *name = algorithms[i].name;
		int fd = open_alg(algorithms[i].type, name);
		double by_value = measure(fd, ALG_SET_KEY, key, len);
		const struct {
			const char *type;
			long serial;
		} keys[] = {
			{ "user", add_key("user", "cost:user", key, len) },
			{ "logon", add_key("logon", "cost:logon", key, len) },
			{ "encrypted", len < 20 ? 0 : add_encrypted(key, len) },
		};

		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
			int32_t serial = keys[k].serial;

			if (!serial)
				continue;
			ratio = show(name, len, keys[k].type, by_value,
				     measure(fd, ALG_SET_KEY_BY_KEY_SERIAL,
					     &serial, sizeof(serial)));
			if (ratio > highest)
				highest = ratio;
			/* An encrypted key cannot be updated to another. */
			syscall(__NR_keyctl, KEYCTL_UNLINK, serial,
				KEY_SPEC_SESSION_KEYRING);
		}
		close(fd);
	}
	if (budget && highest > budget) {
		printf("the highest ratio, %.3f, is over %.2f\n", highest, budget);
		return 1;
	}
	return 0;
}
