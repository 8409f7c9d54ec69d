/* SPDX-License-Identifier: GPL-2.0-only */
/* Certificates of the folder that the configuration names. */
#ifndef KEYS_PKCS11_FOLDER_H
#define KEYS_PKCS11_FOLDER_H

#include "certificate.h"

/**
 * struct folder_certificate - A certificate of the folder
 * @name: Name of its file.
 * @certificate: The certificate, whose parts point into the file's bytes.
 */
struct folder_certificate {
	char			*name;
	struct certificate	certificate;
};

/**
 * struct folder - all certificates of the folder
 * @certificates: The certificates.
 * @count: How many there are.
 */
struct folder {
	struct folder_certificate	*certificates;
	unsigned int			count;
};

bool folder_load(struct folder *folder, const char *path);
void folder_free(struct folder *folder);

#endif /* KEYS_PKCS11_FOLDER_H */
