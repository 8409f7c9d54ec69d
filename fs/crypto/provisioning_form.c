// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payload forms of the "fscrypt-provisioning" key type
 *
 * Everything that is not exactly one of the known forms is refused, so that
 * every bit that is unused today can get a meaning later.
 */

#include <linux/build_bug.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fscrypt_private.h"
#include "provisioning.h"

static void prov_build_check_forms(void)
{
	BUILD_BUG_ON(sizeof(struct fscrypt_provisioning_key_payload) != 8);
	BUILD_BUG_ON(sizeof(struct fscrypt_provisioning_form) != 144);
	BUILD_BUG_ON(offsetof(struct fscrypt_provisioning_form, fs_uuid) != 32);
	BUILD_BUG_ON(offsetof(struct fscrypt_provisioning_form, raw) != 144);
	BUILD_BUG_ON(FSCRYPT_PROV_KEY_MIN != FSCRYPT_MIN_KEY_SIZE);
	/* The first word alone has to tell the forms apart. */
	BUILD_BUG_ON(FSCRYPT_PROVISIONING_FORM_1 ==
		     FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR);
	BUILD_BUG_ON(FSCRYPT_PROVISIONING_FORM_1 ==
		     FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER);
}

static bool prov_valid_type(u32 type)
{
	return type == FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR ||
	       type == FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
}

static bool prov_valid_size(size_t size)
{
	return size >= FSCRYPT_PROV_KEY_MIN && size <= FSCRYPT_PROV_KEY_MAX;
}

/* Returns a zeroed object, to be freed by fscrypt_prov_free(), or ERR_PTR() */
static struct fscrypt_prov_key *prov_alloc(u32 type, u32 size)
{
	struct fscrypt_prov_key *prov;

	prov = kzalloc(struct_size(prov, raw, size), GFP_KERNEL);
	if (!prov)
		return ERR_PTR(-ENOMEM);
	prov->type = type;
	prov->size = size;
	return prov;
}

/**
 * fscrypt_prov_free() - wipe and free what a provisioning key keeps
 * @prov: the object, may be NULL
 */
void fscrypt_prov_free(struct fscrypt_prov_key *prov)
{
	kfree_sensitive(prov);
}

/**
 * fscrypt_prov_is_form() - tell the extended payload from the plain one
 * @data: payload
 * @size: its size
 *
 * Return: true if the payload claims to be of the extended form
 */
bool fscrypt_prov_is_form(const void *data, size_t size)
{
	const u32 *form = data;

	return size >= sizeof(*form) && *form == FSCRYPT_PROVISIONING_FORM_1;
}

/**
 * fscrypt_prov_parse_plain() - make a key from the plain payload
 * @data: &struct fscrypt_provisioning_key_payload
 * @size: its size
 *
 * Return: the key, -EINVAL if the payload is malformed, or -ENOMEM
 */
struct fscrypt_prov_key *fscrypt_prov_parse_plain(const void *data, size_t size)
{
	const struct fscrypt_provisioning_key_payload *plain = data;
	struct fscrypt_prov_key *prov;

	prov_build_check_forms();

	if (size < sizeof(*plain) || !prov_valid_size(size - sizeof(*plain)))
		return ERR_PTR(-EINVAL);
	if (!prov_valid_type(plain->type) || plain->__reserved)
		return ERR_PTR(-EINVAL);

	prov = prov_alloc(plain->type, size - sizeof(*plain));
	if (!IS_ERR(prov))
		memcpy(prov->raw, plain->raw, prov->size);
	return prov;
}

static bool prov_valid_source(const struct fscrypt_provisioning_form *form,
			      size_t raw_given)
{
	switch (form->source) {
	case FSCRYPT_PROVISIONING_SOURCE_RAW:
		return raw_given == form->raw_size && form->flags &&
		       !form->parent && !form->label_size;
	case FSCRYPT_PROVISIONING_SOURCE_PARENT:
		/* A special serial means another key to every caller. */
		return !raw_given && form->parent > 0;
	}
	return false;
}

static bool prov_valid_form(const struct fscrypt_provisioning_form *form,
			    size_t size)
{
	bool bound = form->flags & FSCRYPT_PROVISIONING_FLAG_BOUND;

	if (form->__reserved0 ||
	    memchr_inv(form->__reserved1, 0, sizeof(form->__reserved1)))
		return false;
	if (form->flags & ~FSCRYPT_PROVISIONING_FLAG_BOUND)
		return false;
	if (!prov_valid_type(form->type) || !prov_valid_size(form->raw_size))
		return false;
	if (form->label_size > sizeof(form->label) ||
	    memchr_inv(form->label + form->label_size, 0,
		       sizeof(form->label) - form->label_size))
		return false;
	/* The nil UUID is what a filesystem without a UUID has. */
	if (bound != !!memchr_inv(form->fs_uuid, 0, sizeof(form->fs_uuid)))
		return false;
	return prov_valid_source(form, size - sizeof(*form));
}

/**
 * fscrypt_prov_parse_form() - make a key from the extended payload
 * @data: &struct fscrypt_provisioning_form
 * @size: its size
 *
 * May look up and wait for a parent key.
 *
 * Return: the key, -EINVAL if the payload is malformed, -ENOMEM, or an error of
 * the look-up of the parent or of the derivation
 */
struct fscrypt_prov_key *fscrypt_prov_parse_form(const void *data, size_t size)
{
	const struct fscrypt_provisioning_form *form = data;
	struct fscrypt_prov_key *prov;
	int err;

	if (size < sizeof(*form) || !prov_valid_form(form, size))
		return ERR_PTR(-EINVAL);

	prov = prov_alloc(form->type, form->raw_size);
	if (IS_ERR(prov))
		return prov;

	prov->bound = form->flags & FSCRYPT_PROVISIONING_FLAG_BOUND;
	import_uuid(&prov->fs_uuid, form->fs_uuid);
	if (form->source == FSCRYPT_PROVISIONING_SOURCE_RAW) {
		memcpy(prov->raw, form->raw, prov->size);
		return prov;
	}

	prov->sealed = true;
	err = fscrypt_prov_derive(form, prov->raw);
	if (!err)
		return prov;

	fscrypt_prov_free(prov);
	return ERR_PTR(err);
}
