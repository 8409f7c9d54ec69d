/* SPDX-License-Identifier: GPL-2.0-only */
/* A user who adds keys until the quota is used up. */
#ifndef SELFTESTS_KEYS_QUOTA_H
#define SELFTESTS_KEYS_QUOTA_H

#include <sys/mman.h>

#include "task.h"

/* More keys than any default quota allows */
#define QUOTA_KEYS_MAX	1000

/*
 * struct quota_fill - how a quota is used up, and what the first key was charged
 * @uid:	the user
 * @add:	adds a key of this name
 * @keys:	how many keys the first call of @add was charged
 * @bytes:	how many bytes it was charged
 */
struct quota_fill {
	uid_t uid;
	key_serial_t (*add)(const char *name);
	int keys;
	int bytes;
};

static inline int quota_fill_child(const void *arg)
{
	struct quota_fill *fill = (void *)arg;
	const struct caller user = {
		.uid = fill->uid, .gid = fill->uid, .stranger = true,
	};
	int err = caller_become(&user), keys, bytes;
	char name[16];

	quota_of(fill->uid, &keys, &bytes);
	for (int i = 0; !err && i < QUOTA_KEYS_MAX; i++) {
		key_serial_t key;

		snprintf(name, sizeof(name), "key%04d", i);
		key = fill->add(name);
		if (key < 0)
			err = key;
		if (i == 0) {
			quota_of(fill->uid, &fill->keys, &fill->bytes);
			fill->keys -= keys;
			fill->bytes -= bytes;
		}
	}
	return err;
}

/*
 * Adds keys as @fill->uid, in a child, until the kernel refuses one.  Returns
 * the refusal as a negative errno, or 0 if there was none.
 */
static inline int quota_fill_up(struct quota_fill *fill)
{
	struct quota_fill *shared = mmap(NULL, sizeof(*shared),
					 PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ret;

	if (shared == MAP_FAILED)
		return -errno;
	*shared = *fill;
	ret = task_run(quota_fill_child, shared);
	*fill = *shared;
	munmap(shared, sizeof(*shared));
	return ret;
}

#endif /* SELFTESTS_KEYS_QUOTA_H */
