/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files, read as a whole. */
#ifndef KEYS_PKCS11_FILE_H
#define KEYS_PKCS11_FILE_H

long file_read(const char *path, char **text);
const char *file_error(long error);

#endif /* KEYS_PKCS11_FILE_H */
