// SPDX-License-Identifier: GPL-2.0-only
#include "keys.h"

#include <endian.h>
#include <errno.h>
#include <linux/keyctl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../hex.h"

#define LINE_SIZE	1025
#define DESCRIPTION_MAX	512

/* Labels of what is derived: that of the root, and how the others begin */
#define ROOT_LABEL	"disk-key"
#define KEEPER_LABEL	"disk-key:keeper:"
#define MAC_LABEL	"disk-key:mac:"
#define VOLUME_LABEL	"disk-key:"

static int keyctl(int op, long a, long b, long c, long d)
{
	long ret = syscall(__NR_keyctl, op, a, b, c, d);

	return ret < 0 ? -errno : ret;
}

static int32_t find(const char *type, const char *name)
{
	long key = syscall(__NR_request_key, type, name, NULL, 0);

	return key < 0 ? -errno : key;
}

__attribute__((format(printf, 3, 4)))
static int32_t make(const char *name, int32_t keyring, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;
	long key;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len >= (int)sizeof(line))
		return -EINVAL;
	key = syscall(__NR_add_key, "symmetric", name, line, len, keyring);
	return key < 0 ? -errno : key;
}

/* A key takes over the link of an older one of the same name, so no two have one. */
static const char *own_name(void)
{
	static unsigned int count;
	static char name[32];

	snprintf(name, sizeof(name), "disk-key.%u", count++);
	return name;
}

int keys_begin(void)
{
	return keyctl(KEYCTL_LINK, KEY_SPEC_USER_KEYRING,
		      KEY_SPEC_PROCESS_KEYRING, 0, 0);
}

/* As the field of a slot, behind whose text there is nothing but zero. */
static void take_name(struct parent *parent, const char *name)
{
	memset(parent->name, 0, sizeof(parent->name));
	snprintf(parent->name, sizeof(parent->name), "%s", name);
}

int parent_find(struct parent *parent, unsigned int type, const char *name)
{
	int32_t serial = find(parent_type_name(type), name);

	if (serial < 0)
		return serial;
	parent->serial = serial;
	parent->type = type;
	take_name(parent, name);
	return 0;
}

int parent_describe(struct parent *parent, int32_t serial)
{
	char text[DESCRIPTION_MAX], *at, *name = text;
	int len = keyctl(KEYCTL_DESCRIBE, serial, (long)text, sizeof(text), 0);

	if (len < 0)
		return len;
	if (len > (int)sizeof(text))
		return -EKEYREJECTED;
	/* TYPE;UID;GID;RIGHTS;DESCRIPTION */
	for (int i = 0; i < 4; i++) {
		at = strchr(name, ';');
		if (!at)
			return -EKEYREJECTED;
		*at = '\0';
		name = at + 1;
	}
	parent->type = parent_type(text);
	if (!parent->type || !text_fits(name, sizeof(parent->name), true))
		return -EKEYREJECTED;
	parent->serial = serial;
	take_name(parent, name);
	return 0;
}

/* The process's keyring goes with the process, and so does what was not revoked. */
int family_make(struct family *family, const struct parent *parent,
		const struct header *header)
{
	char uuid[UUID_TEXT];
	int err;

	header_uuid(header, uuid);
	*family = (struct family){ -1, -1, -1 };
	family->root = make(own_name(), KEY_SPEC_PROCESS_KEYRING,
			    "derive from=%d label=" ROOT_LABEL
			    " alg=hkdf-sha512 for=derive", parent->serial);
	if (family->root < 0)
		return family->root;
	family->keeper = make(own_name(), KEY_SPEC_PROCESS_KEYRING,
			      "derive from=%d label=" KEEPER_LABEL "%s"
			      " alg=xchacha20-poly1305 for=wrap,unwrap",
			      family->root, uuid);
	family->mac = make(own_name(), KEY_SPEC_PROCESS_KEYRING,
			   "derive from=%d label=" MAC_LABEL "%s"
			   " alg=hmac-sha256 for=mac,verify",
			   family->root, uuid);
	err = family->keeper < 0 ? family->keeper :
	      family->mac < 0 ? family->mac : 0;
	if (err)
		family_end(family);
	return err;
}

static void end(int32_t *key)
{
	if (*key > 0)
		keyctl(KEYCTL_REVOKE, *key, 0, 0, 0);
	*key = -1;
}

void family_end(struct family *family)
{
	end(&family->root);
	end(&family->keeper);
	end(&family->mac);
}

/* The kernel tells the form in hex. */
static int take_form(int32_t key, struct header_slot *slot)
{
	char hex[2 * HEADER_FORM + 1];
	int len = keyctl(KEYCTL_READ, key, (long)hex, sizeof(hex) - 1, 0);

	if (len < 0)
		return len;
	if (!len || len % 2 || len > 2 * HEADER_FORM)
		return -E2BIG;
	hex[len] = '\0';
	memset(slot->form, 0, sizeof(slot->form));
	if (!hex_read(hex, "", slot->form, len / 2))
		return -EBADMSG;
	slot->form_size = htole16(len / 2);
	return 0;
}

static int mac_call(int op, int32_t key, const struct header *header, int slot,
		    uint8_t *mac)
{
	uint8_t bound[BOUND_MAX];
	struct keyctl_pkey_params params = {
		.key_id = key, .out_len = HEADER_MAC,
	};

	params.in_len = header_bound(header, slot, bound);
	return syscall(__NR_keyctl, op, &params, "", bound, mac) < 0 ? -errno : 0;
}

/* Like any other word, the size belongs only where there is a choice. */
static void size_word(const struct header *header, char *word, size_t size)
{
	word[0] = '\0';
	if (cipher_has_sizes(header->cipher))
		snprintf(word, size, " size=%u", le32toh(header->key_size));
}

int family_seal(const struct family *family, int32_t root,
		struct header *header, int slot)
{
	struct header_slot *to = &header->slots[slot];
	char uuid[UUID_TEXT], size[32];
	int32_t key;
	int err;

	header_uuid(header, uuid);
	size_word(header, size, sizeof(size));
	key = make(own_name(), KEY_SPEC_PROCESS_KEYRING,
		   "derive from=%d label=" VOLUME_LABEL "%s alg=%s for=dm-crypt"
		   " uuid=%s sealed-by=%d%s", root, header->label,
		   header->cipher, uuid, family->keeper, size);
	if (key < 0)
		return key;
	err = take_form(key, to);
	end(&key);
	return err ?: family_sign(family, header, slot);
}

int family_sign(const struct family *family, struct header *header, int slot)
{
	return mac_call(KEYCTL_PKEY_SIGN, family->mac, header, slot,
			header->slots[slot].mac);
}

int family_check(const struct family *family, const struct header *header,
		 int slot)
{
	uint8_t mac[HEADER_MAC];

	memcpy(mac, header->slots[slot].mac, sizeof(mac));
	return mac_call(KEYCTL_PKEY_VERIFY, family->mac, header, slot, mac);
}

void volume_key_name(const char *uuid, enum volume_key which,
		     char name[VOLUME_NAME_SIZE])
{
	snprintf(name, VOLUME_NAME_SIZE, VOLUME_NAME "%s%s", uuid,
		 which == KEY_NEXT ? VOLUME_NAME_NEXT : "");
}

int32_t volume_key_load(const struct family *family,
			const struct header *header, int slot,
			enum volume_key which)
{
	char hex[2 * HEADER_FORM + 1], uuid[UUID_TEXT], name[VOLUME_NAME_SIZE];
	const struct header_slot *from;
	struct header next;

	if (which == KEY_NEXT) {
		header_rotated(&next, header);
		header = &next;
	}
	from = &header->slots[slot];
	hex_write(hex, from->form, le16toh(from->form_size));
	header_uuid(header, uuid);
	volume_key_name(uuid, which, name);
	return make(name, KEY_SPEC_USER_KEYRING,
		    "load by=%d label=" VOLUME_LABEL "%s alg=%s for=dm-crypt"
		    " uuid=%s blob=%s", family->keeper, header->label,
		    header->cipher, uuid, hex);
}

int32_t volume_key_find(const char *uuid, enum volume_key which)
{
	char name[VOLUME_NAME_SIZE];

	/* Nowhere else: what other keyrings have not would hide that it has ended. */
	volume_key_name(uuid, which, name);
	return keyctl(KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, (long)"symmetric",
		      (long)name, 0);
}

/*
 * No call tells a timeout; the kernel's list of keys does, and says "perm" for none.
 * The description of another user's key can look like more lines, so all have to.
 */
int volume_key_lasts(int32_t key)
{
	char line[LINE_SIZE], timeout[8];
	FILE *keys = fopen("/proc/keys", "re");
	unsigned int serial;
	int err = -ENOKEY;

	if (!keys)
		return -errno;
	while (err != -ETIME && fgets(line, sizeof(line), keys))
		if (sscanf(line, "%x %*s %*s %7s", &serial, timeout) == 2 &&
		    serial == (unsigned int)key)
			err = strcmp(timeout, "perm") ? -ETIME : 0;
	fclose(keys);
	return err;
}

int volume_key_end(int32_t key)
{
	int err = keyctl(KEYCTL_REVOKE, key, 0, 0, 0);

	keyctl(KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING, 0, 0);
	return err;
}
