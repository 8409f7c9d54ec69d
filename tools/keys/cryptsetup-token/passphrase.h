/* SPDX-License-Identifier: GPL-2.0-only */
/* A passphrase that the volume has already. */
#ifndef CRYPTSETUP_TOKEN_PASSPHRASE_H
#define CRYPTSETUP_TOKEN_PASSPHRASE_H

#include <stddef.h>

/* cryptsetup reads no more either. */
#define PASSPHRASE_MAX	(8 << 20)

/**
 * struct passphrase - bytes that have to be wiped
 * @bytes: of crypt_safe_alloc()
 * @len: how many
 */
struct passphrase {
	char *bytes;
	size_t len;
};

/**
 * passphrase_from_file() - read all of a file
 * @path: its name, "-" is the standard input
 * @passphrase: gets what is in it, a newline at the end included
 *
 * Return: 0 or a negative errno; -EFBIG if it has more than PASSPHRASE_MAX bytes.
 */
int passphrase_from_file(const char *path, struct passphrase *passphrase);

/**
 * passphrase_from_terminal() - ask for a line and do not show it
 * @prompt: what the person is told
 * @passphrase: gets the line without its end
 *
 * Return: 0 or a negative errno; -ENODATA if nothing was typed.
 */
int passphrase_from_terminal(const char *prompt, struct passphrase *passphrase);

/**
 * passphrase_end() - wipe it
 * @passphrase: may be all zero
 */
void passphrase_end(struct passphrase *passphrase);

#endif /* CRYPTSETUP_TOKEN_PASSPHRASE_H */
