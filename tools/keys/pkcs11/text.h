/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts in the form of PKCS#11: padded with blanks, and without a zero byte. */
#ifndef KEYS_PKCS11_TEXT_H
#define KEYS_PKCS11_TEXT_H

#include <string.h>

#define TEXT_MANUFACTURER	"linux-keys"
#define TEXT_MODEL		"keyring"

static inline void text_pad(unsigned char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	memset(out, ' ', size);
	memcpy(out, text, len < size ? len : size);
}

#endif /* KEYS_PKCS11_TEXT_H */
