// SPDX-License-Identifier: GPL-2.0-only
#include "keys.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The key may grow between the call that returns its size and the call that
 * reads it.
 */
static char *key_read_content(long key, size_t *len)
{
	char *text = NULL, *larger;
	long size = 0, max;

	do {
		max = size;
		larger = realloc(text, max + 1);
		if (!larger)
			goto fail;
		text = larger;
		size = syscall(__NR_keyctl, KEYCTL_READ, key, text, max);
		if (size < 0)
			goto fail;
	} while (size > max);
	text[size] = '\0';
	*len = size;
	return text;

fail:
	free(text);
	return NULL;
}

char *key_content(const char *type, const char *description)
{
	long key = syscall(__NR_request_key, type, description, NULL, 0);
	char *text;
	size_t len;

	if (key < 0)
		return NULL;
	text = key_read_content(key, &len);
	if (!text || strlen(text) == len)
		return text;
	explicit_bzero(text, len);
	free(text);
	errno = EINVAL;
	return NULL;
}

int key_new_session(void)
{
	return syscall(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ?
	       -1 : 0;
}

int key_assume_authority(int32_t key)
{
	return syscall(__NR_keyctl, KEYCTL_ASSUME_AUTHORITY, key) < 0 ? -1 : 0;
}
