// SPDX-License-Identifier: GPL-2.0-only
#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

/* "type;uid;gid;rights;description" */
#define FIELDS_BEFORE_DESCRIPTION	4

static long kernel_keyctl(int op, unsigned long a, unsigned long b,
			  unsigned long c, unsigned long d)
{
	long ret = syscall(SYS_keyctl, op, a, b, c, d);

	return ret < 0 ? -errno : ret;
}

int32_t kernel_add(const char *type, const char *description,
		   const void *payload, size_t len, int32_t keyring)
{
	long ret = syscall(SYS_add_key, type, description, payload, len,
			   keyring);

	return ret < 0 ? -errno : ret;
}

/*
 * Returns the serial of one of the caller's own keyrings, or of the keyring
 * with this serial.
 */
int32_t kernel_keyring(int32_t id)
{
	return kernel_keyctl(KEYCTL_GET_KEYRING_ID, id, 0, 0, 0);
}

/*
 * KEYCTL_GET_PERSISTENT links the keyring into another one.  The thread keyring
 * is named, since a link there affects nobody else.
 */
int32_t kernel_persistent(void)
{
	return kernel_keyctl(KEYCTL_GET_PERSISTENT, -1,
			     KEY_SPEC_THREAD_KEYRING, 0, 0);
}

/* Returns the number of keys; the caller frees @serials. */
long kernel_list(int32_t keyring, int32_t **serials)
{
	int32_t *list = NULL, *larger;
	long size = 0, needs;

	for (;;) {
		needs = kernel_keyctl(KEYCTL_READ, keyring,
				      (unsigned long)list, size, 0);
		if (needs <= size)
			break;
		/* Another key may be linked between the two calls. */
		size = needs + 16 * sizeof(*list);
		larger = realloc(list, size);
		if (!larger) {
			needs = -ENOMEM;
			break;
		}
		list = larger;
	}
	if (needs < 0) {
		free(list);
		return needs;
	}
	*serials = list;
	return needs / sizeof(*list);
}

int kernel_describe(int32_t serial, struct kernel_key *key)
{
	long len = kernel_keyctl(KEYCTL_DESCRIBE, serial,
				 (unsigned long)key->text, sizeof(key->text), 0);
	char *at = key->text;
	int field;

	if (len < 0)
		return len;
	if ((size_t)len > sizeof(key->text))
		return -EMSGSIZE;
	key->type = at;
	for (field = 0; field < FIELDS_BEFORE_DESCRIPTION; field++) {
		at = strchr(at, ';');
		if (!at)
			return -EPROTO;
		*at++ = '\0';
	}
	key->description = at;
	return 0;
}

/* Returns the length of the payload, of which no more than @size was written. */
long kernel_read(int32_t serial, void *buffer, size_t size)
{
	return kernel_keyctl(KEYCTL_READ, serial, (unsigned long)buffer, size, 0);
}

int kernel_query(int32_t serial, const char *info,
		 struct keyctl_pkey_query *query)
{
	/*
	 * The buffer is cleared because valgrind does not know that the kernel
	 * fills it; other buffers are cleared for the same reason.
	 */
	memset(query, 0, sizeof(*query));
	return kernel_keyctl(KEYCTL_PKEY_QUERY, serial, 0, (unsigned long)info,
			     (unsigned long)query);
}

long kernel_pkey(int op, int32_t serial, const char *info,
		 const void *in, size_t in_len, void *second, size_t second_len)
{
	struct keyctl_pkey_params params = {
		.key_id = serial,
		.in_len = in_len,
		.out_len = second_len,
	};

	return kernel_keyctl(op, (unsigned long)&params, (unsigned long)info,
			     (unsigned long)in, (unsigned long)second);
}

int kernel_link(int32_t serial, int32_t keyring)
{
	return kernel_keyctl(KEYCTL_LINK, serial, keyring, 0, 0);
}

int kernel_unlink(int32_t serial, int32_t keyring)
{
	return kernel_keyctl(KEYCTL_UNLINK, serial, keyring, 0, 0);
}

int kernel_revoke(int32_t serial)
{
	return kernel_keyctl(KEYCTL_REVOKE, serial, 0, 0, 0);
}

int kernel_random(void *buffer, size_t size)
{
	uint8_t *at = buffer;
	ssize_t got;

	while (size) {
		got = getrandom(at, size, 0);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0) {
			at += got;
			size -= got;
		}
	}
	return 0;
}
