/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Payload forms of the "fscrypt-provisioning" key type beyond the plain one
 *
 * See Documentation/filesystems/fscrypt-provisioning.rst.
 */
#ifndef _UAPI_LINUX_FSCRYPT_PROVISIONING_H
#define _UAPI_LINUX_FSCRYPT_PROVISIONING_H

#include <linux/types.h>

/**
 * DOC: telling the forms apart
 *
 * The plain form, &struct fscrypt_provisioning_key_payload, starts with a key
 * specifier type, a small number.  The extended form starts with
 * %FSCRYPT_PROVISIONING_FORM_1, which is no specifier type, keeps the second
 * word zero because that word is where the plain form grows flags, and is
 * longer than any plain payload.  A kernel that knows only the plain form
 * refuses it with ``EINVAL``, whatever the rest says.
 */
#define FSCRYPT_PROVISIONING_FORM_1		0x46505631

/**
 * DOC: where the key bytes come from
 *
 * %FSCRYPT_PROVISIONING_SOURCE_RAW
 *	The bytes follow the structure.  The key needs a flag that the plain
 *	form cannot express, so that no key can be written in two ways.
 *
 * %FSCRYPT_PROVISIONING_SOURCE_PARENT
 *	The kernel derives the bytes from a trusted or encrypted key.  The bytes
 *	never exist in user space.
 */
#define FSCRYPT_PROVISIONING_SOURCE_RAW		1
#define FSCRYPT_PROVISIONING_SOURCE_PARENT	2

/**
 * DOC: flags
 *
 * %FSCRYPT_PROVISIONING_FLAG_BOUND
 *	The key can be added only to a filesystem whose UUID equals
 *	&fscrypt_provisioning_form.fs_uuid.  For a derived key the UUID is an
 *	input of the derivation too.
 */
#define FSCRYPT_PROVISIONING_FLAG_BOUND		0x00000001

#define FSCRYPT_PROVISIONING_LABEL_MAX		64
#define FSCRYPT_PROVISIONING_UUID_SIZE		16

/**
 * struct fscrypt_provisioning_form - extended payload of a provisioning key
 * @form: %FSCRYPT_PROVISIONING_FORM_1
 * @__reserved0: must be zero
 * @source: one of FSCRYPT_PROVISIONING_SOURCE_*
 * @type: one of FSCRYPT_KEY_SPEC_TYPE_*, as in the plain form
 * @flags: zero or FSCRYPT_PROVISIONING_FLAG_*
 * @raw_size: size of the key in bytes, 16 to 64
 * @parent: serial of the parent key, greater than zero; zero for raw bytes
 * @label_size: bytes used of @label; zero for raw bytes
 * @fs_uuid: UUID of the filesystem; all zero without the bound flag
 * @label: free bytes that separate several keys of one parent, zero padded
 * @__reserved1: must be zero
 * @raw: the key, @raw_size bytes, only when it is not derived
 *
 * Integers are in the byte order of the machine, as in the plain form.  The
 * derivation itself does not depend on the byte order.
 */
struct fscrypt_provisioning_form {
	__u32 form;
	__u32 __reserved0;
	__u32 source;
	__u32 type;
	__u32 flags;
	__u32 raw_size;
	__s32 parent;
	__u32 label_size;
	__u8 fs_uuid[FSCRYPT_PROVISIONING_UUID_SIZE];
	__u8 label[FSCRYPT_PROVISIONING_LABEL_MAX];
	__u8 __reserved1[32];
	__u8 raw[];
};

#endif /* _UAPI_LINUX_FSCRYPT_PROVISIONING_H */
