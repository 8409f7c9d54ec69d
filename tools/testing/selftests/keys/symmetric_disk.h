/* SPDX-License-Identifier: GPL-2.0-only */
/* A device of dm-crypt whose key is of type "symmetric". */
#ifndef SELFTESTS_KEYS_SYMMETRIC_DISK_H
#define SELFTESTS_KEYS_SYMMETRIC_DISK_H

#include "request_dm.h"
#include "symmetric.h"

#define DISK_SECTOR	512
#define DISK_VOLUME	"00112233445566778899aabbccddeeff"
#define DISK_XTS	"aes-xts-plain64"

/* Makes the name that cryptsetup gives to devices of volume @volume. */
static inline int disk_create(const char *name, const char *volume)
{
	struct dm_call call = {};

	if (volume)
		snprintf(call.head.uuid, sizeof(call.head.uuid),
			 "CRYPT-LUKS2-%s-%s", volume, name);
	return dm_run(DM_DEV_CREATE, name, &call);
}

/*
 * struct disk_table - a table of dm-crypt
 * @cipher:	the cipher
 * @size:	bytes of the key
 * @key:	type and description of the key, or hex
 * @below:	the device below
 * @options:	how many options there are, and the options; or NULL
 */
struct disk_table {
	const char *cipher;
	int size;
	const char *key;
	const char *below;
	const char *options;
};

static inline int disk_load(const char *name, const struct disk_table *table)
{
	struct dm_call call = {
		.head.target_count = 1,
		.target.length = DM_SECTORS,
		.target.target_type = "crypt",
	};

	snprintf(call.params, sizeof(call.params), "%s :%d:%s 0 %s 0 %s",
		 table->cipher, table->size, table->key, table->below,
		 table->options ?: "");
	return dm_run(DM_TABLE_LOAD, name, &call);
}

static inline int disk_resume(const char *name)
{
	struct dm_call call = {};

	return dm_run(DM_DEV_SUSPEND, name, &call);
}

static inline int disk_suspend(const char *name)
{
	struct dm_call call = { .head.flags = DM_SUSPEND_FLAG };

	return dm_run(DM_DEV_SUSPEND, name, &call);
}

static inline int disk_message(const char *name, const char *text)
{
	struct {
		struct dm_ioctl head;
		struct dm_target_msg message;
		char text[DM_PARAMS_MAX];
	} call = {};
	static const uint32_t version[] = DM_INTERFACE;
	int fd = result(open(DM_CONTROL, O_RDWR | O_CLOEXEC)), err;

	if (fd < 0)
		return fd;
	memcpy(call.head.version, version, sizeof(version));
	call.head.data_size = sizeof(call);
	call.head.data_start = offsetof(typeof(call), message);
	snprintf(call.head.name, sizeof(call.head.name), "%s", name);
	/* The kernel's structure ends with the text. */
	snprintf(call.message.message, DM_PARAMS_MAX, "%s", text);
	err = result(ioctl(fd, DM_TARGET_MSG, &call));
	close(fd);
	return err;
}

/*
 * Gets the table as the kernel reports it, including the key; empty on an
 * error.
 */
static inline void disk_describe(const char *name, char text[DM_PARAMS_MAX])
{
	struct dm_call call = { .head.flags = DM_STATUS_TABLE_FLAG };

	text[0] = '\0';
	if (dm_run(DM_TABLE_STATUS, name, &call) == 0)
		snprintf(text, DM_PARAMS_MAX, "%s", call.params);
}

/* Opens a device node for direct I/O. */
static inline int disk_open(const char *name)
{
	struct dm_call call = {};
	char path[32];
	int err = dm_run(DM_DEV_STATUS, name, &call);

	if (err)
		return err;
	snprintf(path, sizeof(path), "/dev/dm-%u", minor(call.head.dev));
	return result(open(path, O_RDWR | O_DIRECT | O_CLOEXEC));
}

/* Returns 0, or the error of writing or reading one sector. */
static inline int disk_write(int fd, const void *text)
{
	long len = result(pwrite(fd, text, DISK_SECTOR, 0));

	return len == DISK_SECTOR ? 0 : len < 0 ? len : -ENODATA;
}

static inline int disk_read(int fd, void *text)
{
	long len = result(pread(fd, text, DISK_SECTOR, 0));

	return len == DISK_SECTOR ? 0 : len < 0 ? len : -ENODATA;
}

#endif /* SELFTESTS_KEYS_SYMMETRIC_DISK_H */
