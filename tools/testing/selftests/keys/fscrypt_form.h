/* SPDX-License-Identifier: GPL-2.0-only */
/* Extended payloads of provisioning keys. */
#ifndef SELFTESTS_KEYS_FSCRYPT_FORM_H
#define SELFTESTS_KEYS_FSCRYPT_FORM_H

#include <linux/fscrypt_provisioning.h>

#include "fscrypt.h"

#define FORM_HEAD	sizeof(struct fscrypt_provisioning_form)

/*
 * struct form - an extended payload with room for one byte too many
 */
struct form {
	struct fscrypt_provisioning_form head;
	__u8 raw[RAW_SIZE + 1];
};

static inline struct form form_raw(__u32 type, __u8 seed, __u32 raw_size,
				   const __u8 *uuid)
{
	struct form form = {
		.head.form = FSCRYPT_PROVISIONING_FORM_1,
		.head.source = FSCRYPT_PROVISIONING_SOURCE_RAW,
		.head.type = type,
		.head.flags = FSCRYPT_PROVISIONING_FLAG_BOUND,
		.head.raw_size = raw_size,
	};

	memcpy(form.head.fs_uuid, uuid, sizeof(form.head.fs_uuid));
	raw_fill(form.raw, seed, raw_size);
	return form;
}

static inline struct form form_sealed(__u32 type, __u32 raw_size,
				      key_serial_t parent, const char *label)
{
	struct form form = {
		.head.form = FSCRYPT_PROVISIONING_FORM_1,
		.head.source = FSCRYPT_PROVISIONING_SOURCE_PARENT,
		.head.type = type,
		.head.raw_size = raw_size,
		.head.parent = parent,
		.head.label_size = strlen(label),
	};

	memcpy(form.head.label, label, form.head.label_size);
	return form;
}

static inline void form_bind(struct form *form, const __u8 *uuid)
{
	form->head.flags |= FSCRYPT_PROVISIONING_FLAG_BOUND;
	memcpy(form->head.fs_uuid, uuid, sizeof(form->head.fs_uuid));
}

static inline key_serial_t form_add_as(const char *name,
				       const struct form *form)
{
	bool raw = form->head.source == FSCRYPT_PROVISIONING_SOURCE_RAW;

	return prov_add(name, form,
			FORM_HEAD + (raw ? form->head.raw_size : 0));
}

/* Each key gets a description of its own, so that it displaces no other key. */
static inline key_serial_t form_add(const struct form *form)
{
	static unsigned int count;
	char name[16];

	snprintf(name, sizeof(name), "form%u", count++);
	return form_add_as(name, form);
}

#endif /* SELFTESTS_KEYS_FSCRYPT_FORM_H */
