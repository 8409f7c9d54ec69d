/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device of dm-crypt, by ioctls, which return errors that dmsetup(8) hides.
 */
#ifndef SELFTESTS_KEYS_REQUEST_DM_H
#define SELFTESTS_KEYS_REQUEST_DM_H

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "volume.h"

#define DM_CONTROL	"/dev/mapper/control"
#define DM_SECTORS	64
#define DM_PARAMS_MAX	512

/* The oldest version of the interface with all calls of this file. */
#define DM_INTERFACE	{ 4, 0, 0 }

/*
 * struct dm_call - an ioctl with one target
 */
struct dm_call {
	struct dm_ioctl head;
	struct dm_target_spec target;
	char params[DM_PARAMS_MAX];
};

static inline int dm_run(unsigned long request, const char *name,
			 struct dm_call *call)
{
	static const uint32_t version[] = DM_INTERFACE;
	int fd = result(open(DM_CONTROL, O_RDWR | O_CLOEXEC)), err;

	if (fd < 0)
		return fd;
	memcpy(call->head.version, version, sizeof(version));
	call->head.data_size = sizeof(*call);
	call->head.data_start = offsetof(struct dm_call, target);
	snprintf(call->head.name, sizeof(call->head.name), "%s", name);
	err = result(ioctl(fd, request, call));
	close(fd);
	return err;
}

/* Makes a device without a table. */
static inline int dm_create(const char *name)
{
	struct dm_call call = {};

	return dm_run(DM_DEV_CREATE, name, &call);
}

/*
 * The same over a file on @v; @below gets the name of its loop device.  Returns
 * the descriptor of that device, or a negative errno.
 */
static inline int dm_create_over(const char *name, struct volume *v,
				 char *below, size_t size)
{
	int err = volume_init(v, "ext4"), loop;

	if (err)
		return err;
	loop = volume_loop(v, below, size);
	if (loop < 0)
		return loop;
	err = dm_create(name);
	if (!err)
		return loop;
	close(loop);
	return err;
}

static inline int dm_remove(const char *name)
{
	struct dm_call call = {};

	return dm_run(DM_DEV_REMOVE, name, &call);
}

/* Loads a table with the key @key, which has the syntax of dm-crypt. */
static inline int dm_load_crypt(const char *name, const char *key,
				const char *below)
{
	struct dm_call call = {
		.head.target_count = 1,
		.target.length = DM_SECTORS,
		.target.target_type = "crypt",
	};

	snprintf(call.params, sizeof(call.params),
		 "aes-xts-plain64 %s 0 %s 0", key, below);
	return dm_run(DM_TABLE_LOAD, name, &call);
}

/* Activates the loaded table; returns a descriptor of the device. */
static inline int dm_open(const char *name)
{
	struct dm_call call = {};
	char path[32];
	int err = dm_run(DM_DEV_SUSPEND, name, &call);

	if (err)
		return err;
	snprintf(path, sizeof(path), "/dev/dm-%u", minor(call.head.dev));
	return result(open(path, O_RDWR | O_CLOEXEC));
}

#endif /* SELFTESTS_KEYS_REQUEST_DM_H */
