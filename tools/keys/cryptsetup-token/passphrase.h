/* SPDX-License-Identifier: GPL-2.0-only */
/* A passphrase that already opens the volume. */
#ifndef CRYPTSETUP_TOKEN_PASSPHRASE_H
#define CRYPTSETUP_TOKEN_PASSPHRASE_H

#include <stddef.h>

/* The same limit as in cryptsetup. */
#define PASSPHRASE_MAX	(8 << 20)

/**
 * struct passphrase - bytes that have to be wiped
 * @bytes: of crypt_safe_alloc()
 * @len: how many there are
 */
struct passphrase {
	char *bytes;
	size_t len;
};

/**
 * passphrase_from_file() - read all of a file
 * @path: its name, "-" is the standard input
 * @passphrase: gets the file's content, including a newline at its end
 *
 * Return: 0 or a negative errno; -EFBIG if the file has more than
 * PASSPHRASE_MAX bytes.
 */
int passphrase_from_file(const char *path, struct passphrase *passphrase);

/**
 * passphrase_from_terminal() - read a line without echo
 * @prompt: shown to the person
 * @passphrase: gets the line without its end
 *
 * Return: 0 or a negative errno; -ENODATA if nothing was typed.
 */
int passphrase_from_terminal(const char *prompt, struct passphrase *passphrase);

/**
 * passphrase_end() - wipe and free a passphrase
 * @passphrase: may be all zero
 */
void passphrase_end(struct passphrase *passphrase);

#endif /* CRYPTSETUP_TOKEN_PASSPHRASE_H */
