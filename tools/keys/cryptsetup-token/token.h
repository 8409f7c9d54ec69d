/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that libcryptsetup finds by name in a plugin; its headers do not
 * declare them.
 */
#ifndef CRYPTSETUP_TOKEN_TOKEN_H
#define CRYPTSETUP_TOKEN_TOKEN_H

#include <libcryptsetup.h>

/**
 * cryptsetup_token_version() - return the version of this plugin
 *
 * Return: a static text.
 */
const char *cryptsetup_token_version(void);

/**
 * cryptsetup_token_open() - compute the passphrase of a token's keyslots
 * @cd: the volume, with its header
 * @token: number of a token of type "linux-keys"
 * @buffer: gets the passphrase, for cryptsetup_token_buffer_free()
 * @buffer_len: gets its length, MAC_SIZE
 * @unused: an argument that the program may give to other kinds of tokens
 *
 * Return: 0; -EAGAIN if anything is wrong with the key, so that the next token
 * is tried; -EINVAL for a malformed token; -ENOMEM.
 */
int cryptsetup_token_open(struct crypt_device *cd, int token, char **buffer,
			  size_t *buffer_len, void *unused);

/**
 * cryptsetup_token_buffer_free() - wipe a passphrase and free it
 * @buffer: of cryptsetup_token_open()
 * @buffer_len: its length
 */
void cryptsetup_token_buffer_free(void *buffer, size_t buffer_len);

/**
 * cryptsetup_token_validate() - check the form of a token
 * @cd: the volume
 * @json: the token
 *
 * Return: 0 if cryptsetup_token_open() can read it, else -EINVAL.
 */
int cryptsetup_token_validate(struct crypt_device *cd, const char *json);

/**
 * cryptsetup_token_dump() - show a token as a part of "cryptsetup luksDump"
 * @cd: the volume
 * @json: the token
 */
void cryptsetup_token_dump(struct crypt_device *cd, const char *json);

#endif /* CRYPTSETUP_TOKEN_TOKEN_H */
