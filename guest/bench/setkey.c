// SPDX-License-Identifier: GPL-2.0-only
/* Keying an AF_ALG socket: by value against by serial. */
#include <stdlib.h>

#include "alg.h"
#include "bench.h"
#include "encrypted.h"
#include "tpm2.h"

#define ROUNDS		1000
#define MAX_KEY		64
/* The shortest trusted key */
#define TRUSTED_MIN	32
#define MASTER		"bench-master"
#define MASTER_SECRET	"a master key of 32 bytes, or so."

static const struct {
	const char *name;
	struct alg alg;
} algorithms[] = {
	{ "cbc-aes", { .type = "skcipher", .name = "cbc(aes)", .key_len = 16 } },
	{ "cbc-aes", { .type = "skcipher", .name = "cbc(aes)", .key_len = 32 } },
	{ "xts-aes", { .type = "skcipher", .name = "xts(aes)", .key_len = 64 } },
	{ "gcm-aes", { .type = "aead", .name = "gcm(aes)", .key_len = 16 } },
	{ "gcm-aes", { .type = "aead", .name = "gcm(aes)", .key_len = 32 } },
	{ "hmac-sha256", { .type = "hash", .name = "hmac(sha256)", .key_len = 32 } },
};

/**
 * struct keyed - A socket and what to key it with
 * @fd: The socket.
 * @key: Key by value.
 * @len: Its length.
 * @serial: Key by serial.
 */
struct keyed {
	int fd;
	const uint8_t *key;
	unsigned int len;
	key_serial_t serial;
};

static uint8_t key_bytes[MAX_KEY];

static long by_value(void *arg, unsigned int round)
{
	const struct keyed *keyed = arg;

	(void)round;
	return alg_set_key(keyed->fd, keyed->key, keyed->len);
}

static long by_serial(void *arg, unsigned int round)
{
	const struct keyed *keyed = arg;

	(void)round;
	return alg_set_serial(keyed->fd, keyed->serial);
}

static key_serial_t make_user(unsigned int len)
{
	return key_add_user("bench", key_bytes, len);
}

static key_serial_t make_logon(unsigned int len)
{
	return key_add("logon", "bench:logon", key_bytes, len,
		       KEY_SPEC_SESSION_KEYRING);
}

static key_serial_t make_encrypted(unsigned int len)
{
	if (len < ENCRYPTED_MIN)
		return 0;
	return encrypted_new_of("bench", "default", "user:" MASTER, key_bytes,
				len);
}

/* The parent key in the TPM lives only until the key is sealed. */
static key_serial_t make_trusted(unsigned int len)
{
	char command[64];
	uint32_t parent;
	key_serial_t key;
	int tpm;

	if (len < TRUSTED_MIN)
		return 0;
	tpm = must(open(TPM2_DEVICE, O_RDWR | O_CLOEXEC), TPM2_DEVICE);
	if (tpm2_create_primary(tpm, &parent))
		must(-EIO, "the TPM");
	snprintf(command, sizeof(command), "new %u keyhandle=0x%x hash=sha256",
		 len, parent);
	key = key_add("trusted", "bench", command, strlen(command),
		      KEY_SPEC_SESSION_KEYRING);
	tpm2_flush(tpm, parent);
	close(tpm);
	return key;
}

static const struct {
	const char *name;
	key_serial_t (*make)(unsigned int len);
} types[] = {
	{ "user", make_user },
	{ "logon", make_logon },
	{ "encrypted", make_encrypted },
	{ "trusted", make_trusted },
};

static void key_algorithm(const char *name, const struct alg *alg)
{
	struct keyed keyed = {
		.fd = must(alg_open(alg), name),
		.key = key_bytes, .len = alg->key_len,
	};
	const struct work value = {
		.run = by_value, .arg = &keyed, .rounds = ROUNDS,
	};
	const struct work serial = {
		.run = by_serial, .arg = &keyed, .rounds = ROUNDS,
	};

	measure(&value, "setkey/%s/%u/value", name, keyed.len);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		keyed.serial = must(types[i].make(keyed.len), types[i].name);
		if (!keyed.serial)
			continue;
		/* A kernel without the option has no such figure. */
		if (by_serial(&keyed, 0) != -ENOPROTOOPT)
			measure(&serial, "setkey/%s/%u/%s", name, keyed.len,
				types[i].name);
		/* Not every type of key can be updated to another one. */
		key_unlink(keyed.serial, KEY_SPEC_SESSION_KEYRING);
	}
	close(keyed.fd);
}

void bench_setkey(void)
{
	for (unsigned int i = 0; i < MAX_KEY; i++)
		key_bytes[i] = i * 7 + 1;
	must(key_add_user(MASTER, MASTER_SECRET, strlen(MASTER_SECRET)),
	     "master key");
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		key_algorithm(algorithms[i].name, &algorithms[i].alg);
}
