/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_KEYS_H
#define REQUEST_KEYD_KEYS_H

#include <stdint.h>

/**
 * key_content - Read a key's content as a text
 * @type: Type of the key.
 * @description: Its description.
 *
 * The function only searches, and requests no new key.
 *
 * Return: the text, to be freed, or NULL with errno set: EINVAL if it has a 0
 * byte in it.
 */
char *key_content(const char *type, const char *description);

/*
 * Joins a new session keyring; returns 0, or -1 with errno set.  The keyring
 * has no name: the kernel would join an existing keyring of that name, and any
 * user can make one that lets others search it.
 */
int key_new_session(void);

/*
 * Assumes the authority over a key under construction; returns 0, or -1 with
 * errno set.
 */
int key_assume_authority(int32_t key);

#endif /* REQUEST_KEYD_KEYS_H */
