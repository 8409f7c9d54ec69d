/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes in hexadecimal, for the programs of this folder. */
#ifndef TOOLS_KEYS_HEX_H
#define TOOLS_KEYS_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Writes two digits for each byte, and the end of the string. */
static inline void hex_write(char *text, const void *bytes, size_t size)
{
	*text = '\0';
	for (size_t i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
}

/*
 * Reads exactly @size bytes from @text, between which characters of @skip may
 * stand.
 */
static inline bool hex_read(const char *text, const char *skip, void *bytes,
			    size_t size)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *high, *low;

	for (size_t i = 0; i < size; i++) {
		text += strspn(text, skip);
		high = *text ? strchr(digits, *text++) : NULL;
		low = high && *text ? strchr(digits, *text++) : NULL;
		if (!low)
			return false;
		((uint8_t *)bytes)[i] = (high - digits) % 16 << 4 |
					(low - digits) % 16;
	}
	return *text == '\0';
}

#endif /* TOOLS_KEYS_HEX_H */
