// SPDX-License-Identifier: GPL-2.0-only
/* Adding a filesystem's key: by value against by serial. */
#include "bench.h"
#include "fscrypt.h"

/* Where the job mounts a filesystem with encryption */
#define MOUNT_POINT	"/tmp/mnt"
#define ROUNDS		100

/**
 * struct adding - What is added
 * @dir: Directory of the filesystem.
 * @serial: The key if by serial.
 * @raw: The key if by value.
 * @spec: Name of the key, once it was added.
 */
struct adding {
	int dir;
	key_serial_t serial;
	__u8 raw[RAW_SIZE];
	struct fscrypt_key_specifier spec;
};

static long add_raw(void *arg, unsigned int round)
{
	struct adding *adding = arg;

	(void)round;
	return fs_add_raw(adding->dir, V2, 0, adding->raw, RAW_SIZE,
			  &adding->spec);
}

static long add_serial(void *arg, unsigned int round)
{
	struct adding *adding = arg;

	(void)round;
	return fs_add_serial(adding->dir, V2, 0, adding->serial, &adding->spec);
}

static void take_away(void *arg, long got)
{
	struct adding *adding = arg;

	(void)got;
	must(fs_remove(adding->dir, &adding->spec, NULL),
	     "FS_IOC_REMOVE_ENCRYPTION_KEY");
}

void bench_fscrypt(void)
{
	struct adding adding = {};
	struct work work = {
		.run = add_raw, .undo = take_away, .arg = &adding,
		.rounds = ROUNDS,
	};

	adding.dir = must(open(MOUNT_POINT, O_RDONLY | O_CLOEXEC), MOUNT_POINT);
	raw_fill(adding.raw, 1, RAW_SIZE);
	adding.serial = must(prov_new(V2, 1, RAW_SIZE), "provisioning key");
	measure(&work, "fscrypt/value");
	work.run = add_serial;
	measure(&work, "fscrypt/serial");
	close(adding.dir);
}
