/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Provisioning keys and the key ioctls of fscrypt.  As in keys.h each wrapper
 * returns what the call returned, or a negative errno.
 */
#ifndef SELFTESTS_KEYS_FSCRYPT_H
#define SELFTESTS_KEYS_FSCRYPT_H

#include <fcntl.h>
#include <linux/fscrypt.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "keys.h"

#define RAW_MIN		16
#define RAW_SIZE	64
#define PLAIN_HEAD	sizeof(struct fscrypt_provisioning_key_payload)
#define V1		FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR
#define V2		FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER

/* A key and its identifier, which the contract states. */
#define KNOWN_FILL	0x33
#define KNOWN_SIZE	32
#define KNOWN_IDENTIFIER_HEX	"23d34b004a4caacedc8a79fb8238aeb2"
static const __u8 known_identifier[FSCRYPT_KEY_IDENTIFIER_SIZE]
	__attribute__((unused)) = {
	0x23, 0xd3, 0x4b, 0x00, 0x4a, 0x4c, 0xaa, 0xce,
	0xdc, 0x8a, 0x79, 0xfb, 0x82, 0x38, 0xae, 0xb2,
};

/*
 * struct plain - a plain payload with room for one byte too many
 */
struct plain {
	__u32 type;
	__u32 reserved;
	__u8 raw[RAW_SIZE + 1];
};

static inline struct plain plain_of(__u32 type, __u8 fill)
{
	struct plain plain = { .type = type };

	memset(plain.raw, fill, sizeof(plain.raw));
	return plain;
}

static inline key_serial_t prov_add_to(const char *description,
				       const void *payload, size_t len,
				       key_serial_t keyring)
{
	return key_add("fscrypt-provisioning", description, payload, len,
		       keyring);
}

static inline key_serial_t prov_add(const char *description,
				    const void *payload, size_t len)
{
	return prov_add_to(description, payload, len, KEY_SPEC_SESSION_KEYRING);
}

/* The bytes do not repeat: AES-XTS refuses a key with two equal halves. */
static inline void raw_fill(__u8 *raw, __u8 seed, size_t size)
{
	for (size_t i = 0; i < size; i++)
		raw[i] = seed + 3 * i;
}

/* Each key gets a description of its own, so that it displaces no other key. */
static inline key_serial_t prov_add_unique(const struct plain *plain,
					   size_t raw_size)
{
	static unsigned int count;
	char name[16];

	snprintf(name, sizeof(name), "key%u", count++);
	return prov_add(name, plain, PLAIN_HEAD + raw_size);
}

/* Adds a key of @raw_size bytes that are computed from @seed. */
static inline key_serial_t prov_new(__u32 type, __u8 seed, size_t raw_size)
{
	struct plain plain = { .type = type };

	raw_fill(plain.raw, seed, raw_size);
	return prov_add_unique(&plain, raw_size);
}

/* Adds the key with the known identifier. */
static inline key_serial_t prov_new_known(void)
{
	struct plain plain = plain_of(V2, KNOWN_FILL);

	return prov_add_unique(&plain, KNOWN_SIZE);
}

static inline struct fscrypt_add_key_arg add_arg(__u32 type, __u8 descriptor,
						 key_serial_t serial)
{
	struct fscrypt_add_key_arg arg = {
		.key_spec.type = type,
		.key_id = serial,
	};

	if (type == V1)
		memset(arg.key_spec.u.descriptor, descriptor,
		       sizeof(arg.key_spec.u.descriptor));
	return arg;
}

static inline int fs_add(int fd, struct fscrypt_add_key_arg *arg)
{
	return result(ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY, arg));
}

/* Adds a key by serial; @spec gets the specifier with the identifier. */
static inline int fs_add_serial(int fd, __u32 type, __u8 descriptor,
				key_serial_t serial,
				struct fscrypt_key_specifier *spec)
{
	struct fscrypt_add_key_arg arg = add_arg(type, descriptor, serial);
	int err = fs_add(fd, &arg);

	if (spec)
		*spec = arg.key_spec;
	return err;
}

static inline int fs_add_raw(int fd, __u32 type, __u8 descriptor,
			     const void *raw, size_t size,
			     struct fscrypt_key_specifier *spec)
{
	struct {
		struct fscrypt_add_key_arg arg;
		__u8 raw[RAW_SIZE];
	} all = { .arg = add_arg(type, descriptor, 0) };
	int err;

	all.arg.raw_size = size;
	memcpy(all.raw, raw, size);
	err = fs_add(fd, &all.arg);
	if (spec)
		*spec = all.arg.key_spec;
	return err;
}

static inline int fs_remove(int fd, const struct fscrypt_key_specifier *spec,
			    __u32 *flags)
{
	struct fscrypt_remove_key_arg arg = { .key_spec = *spec };
	int err = result(ioctl(fd, FS_IOC_REMOVE_ENCRYPTION_KEY, &arg));

	if (flags)
		*flags = arg.removal_status_flags;
	return err;
}

static inline int fs_status_full(int fd,
				 const struct fscrypt_key_specifier *spec,
				 struct fscrypt_get_key_status_arg *arg)
{
	memset(arg, 0, sizeof(*arg));
	arg->key_spec = *spec;
	return result(ioctl(fd, FS_IOC_GET_ENCRYPTION_KEY_STATUS, arg));
}

/* Returns FSCRYPT_KEY_STATUS_*, or a negative errno. */
static inline int fs_status(int fd, const struct fscrypt_key_specifier *spec)
{
	struct fscrypt_get_key_status_arg arg;
	int err = fs_status_full(fd, spec, &arg);

	return err ?: (int)arg.status;
}

/* AES-256-XTS for contents and AES-256-CTS for names, the usual choice. */
static inline int fs_set_policy(int fd, const struct fscrypt_key_specifier *spec)
{
	struct fscrypt_policy_v1 v1 = {
		.version = FSCRYPT_POLICY_V1,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_32,
	};
	struct fscrypt_policy_v2 v2 = {
		.version = FSCRYPT_POLICY_V2,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_32,
	};

	memcpy(v1.master_key_descriptor, spec->u.descriptor,
	       sizeof(v1.master_key_descriptor));
	memcpy(v2.master_key_identifier, spec->u.identifier,
	       sizeof(v2.master_key_identifier));
	return result(ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY,
			    spec->type == V1 ? (void *)&v1 : (void *)&v2));
}

/* Gets the first line of /proc/keys that has @text, or an empty string. */
static inline void proc_keys_find(const char *text, char *line, size_t size)
{
	if (!find_line("/proc/keys", text, line, size))
		line[0] = '\0';
}

enum fscrypt_kernel {
	FSCRYPT_UNKNOWN,
	FSCRYPT_STOCK,
	FSCRYPT_OURS,
};

static inline enum fscrypt_kernel fscrypt_kernel(void)
{
	enum fscrypt_kernel which = FSCRYPT_UNKNOWN;
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %255s", name) != 1)
			continue;
		which = FSCRYPT_STOCK;
		if (strcmp(name, "fscrypt_prov_get") == 0) {
			which = FSCRYPT_OURS;
			break;
		}
	}
	if (file)
		fclose(file);
	return which;
}

#define REQUIRE_KALLSYMS(which) do { \
	if ((which) == FSCRYPT_UNKNOWN) \
		SKIP(return, "needs CONFIG_KALLSYMS to tell which kernel this is"); \
} while (0)

#define REQUIRE_OUR_FSCRYPT(why) do { \
	enum fscrypt_kernel which_ = fscrypt_kernel(); \
	REQUIRE_KALLSYMS(which_); \
	if (which_ != FSCRYPT_OURS) \
		SKIP(return, "ours only: %s", why); \
} while (0)

#endif /* SELFTESTS_KEYS_FSCRYPT_H */
