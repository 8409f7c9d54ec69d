// SPDX-License-Identifier: GPL-2.0-only
/* Sectors of dm-crypt, by a key that a program had or by one that it never has. */
#include <stdlib.h>

#include "symmetric_disk.h"

#include "bench.h"

#define BELOW	"/dev/loop6"	/* the same value as in scripts/bench */
#define DEVICE	"bench"
#define ROUNDS	50
#define READ	(64 * DISK_SECTOR)

static long read_sectors(void *arg, unsigned int round)
{
	static uint8_t text[READ] __attribute__((aligned(4096)));
	const int *fd = arg;

	(void)round;
	return pread(*fd, text, READ, 0) == READ ? 0 : -errno;
}

static long write_sectors(void *arg, unsigned int round)
{
	static uint8_t text[READ] __attribute__((aligned(4096)));
	const int *fd = arg;

	(void)round;
	return pwrite(*fd, text, READ, 0) == READ ? 0 : -errno;
}

static void use_disk(const char *key, const char *how)
{
	const struct disk_table table = {
		.cipher = DISK_XTS, .size = 64, .key = key, .below = BELOW,
	};
	int fd;
	struct work work = { .arg = &fd, .rounds = ROUNDS };
	struct dm_call call = {};

	must(disk_create(DEVICE, NULL), "create");
	must(disk_load(DEVICE, &table), "load");
	must(disk_resume(DEVICE), "resume");
	fd = must(disk_open(DEVICE), "open");
	work.run = read_sectors;
	measure(&work, "disk/read/%s", how);
	work.run = write_sectors;
	measure(&work, "disk/write/%s", how);
	close(fd);
	must(dm_run(DM_DEV_REMOVE, DEVICE, &call), "remove");
}

void bench_disk(void)
{
	char bytes[64];
	long key;

	memset(bytes, 1, 32);
	memset(bytes + 32, 2, 32);
	must(key_add("logon", "bench:logon", bytes, sizeof(bytes),
		     KEY_SPEC_SESSION_KEYRING), "logon");
	use_disk("logon:bench:logon", "logon");

	key = sym_add("bench", "new alg=" DISK_XTS " for=dm-crypt size=64");
	if (key == -ENODEV)
		return;
	must(key, "symmetric");
	use_disk("symmetric:bench", "symmetric");
}
