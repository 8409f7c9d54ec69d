// SPDX-License-Identifier: GPL-2.0-only
/*
 * What adding an fscrypt key costs: by value against by serial.
 *
 * usage: cost-fscrypt DIRECTORY [BUDGET], on a filesystem with encryption
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fscrypt.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "count.h"

#define ROUNDS		200
#define KEY_SIZE	64

/* The argument with room for the key that may follow it. */
union request {
	struct fscrypt_add_key_arg arg;
	uint8_t bytes[sizeof(struct fscrypt_add_key_arg) + KEY_SIZE];
};

static void prepare(union request *request, const uint8_t *key, int serial)
{
	memset(request, 0, sizeof(*request));
	request->arg.key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
	if (serial) {
		request->arg.key_id = serial;
		return;
	}
	request->arg.raw_size = KEY_SIZE;
	memcpy(request->arg.raw, key, KEY_SIZE);
}

/* Instructions for one add of a key that is not there yet. */
static double measure(int dir, const uint8_t *key, int serial)
{
	struct fscrypt_remove_key_arg gone;
	union request request;
	uint64_t begun, sum = 0;

	for (int i = 0; i < ROUNDS; i++) {
		prepare(&request, key, serial);
		begun = now();
		if (ioctl(dir, FS_IOC_ADD_ENCRYPTION_KEY, &request))
			die("FS_IOC_ADD_ENCRYPTION_KEY");
		sum += now() - begun;
		memset(&gone, 0, sizeof(gone));
		gone.key_spec = request.arg.key_spec;
		if (ioctl(dir, FS_IOC_REMOVE_ENCRYPTION_KEY, &gone))
			die("FS_IOC_REMOVE_ENCRYPTION_KEY");
	}
	return (double)sum / ROUNDS / NS_PER_INSN;
}

static int add_key(const uint8_t *key)
{
	uint8_t payload[sizeof(struct fscrypt_provisioning_key_payload) + KEY_SIZE] = {
		FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER,
	};
	int serial;

	syscall(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	memcpy(payload + sizeof(struct fscrypt_provisioning_key_payload), key, KEY_SIZE);
	serial = syscall(__NR_add_key, "fscrypt-provisioning", "cost", payload,
			 sizeof(payload), KEY_SPEC_SESSION_KEYRING);
	if (serial < 0)
		die("add_key");
	return serial;
}

int main(int argc, char **argv)
{
	double budget = argc > 2 ? atof(argv[2]) : 0, by_value, by_serial;
	uint8_t key[KEY_SIZE];
	int dir, serial;

	for (unsigned int i = 0; i < KEY_SIZE; i++)
		key[i] = i * 5 + 3;
	dir = open(argc > 1 ? argv[1] : ".", O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		die("cannot open the directory");
	serial = add_key(key);

	/* Once each to pay for what is set up once. */
	measure(dir, key, 0);
	measure(dir, key, serial);
	by_value = measure(dir, key, 0);
	by_serial = measure(dir, key, serial);
	printf("%-14s %3u  %-10s %9.0f %9.0f   %.3f\n", "fscrypt v2", KEY_SIZE,
	       "provision", by_value, by_serial, by_serial / by_value);
	if (budget && by_serial > budget * by_value) {
		printf("this ratio is over %.2f\n", budget);
		return 1;
	}
	return 0;
}
