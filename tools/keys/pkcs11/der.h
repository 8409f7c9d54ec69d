/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of DER that certificates and keys need. */
#ifndef KEYS_PKCS11_DER_H
#define KEYS_PKCS11_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DER_INTEGER	0x02
#define DER_BIT_STRING	0x03
#define DER_OCTETS	0x04
#define DER_NULL	0x05
#define DER_OID		0x06
#define DER_SEQUENCE	0x30
/* [0][0], the tag of a certificate's version */
#define DER_CONTEXT_0	0xa0

/**
 * struct bytes - bytes that this structure does not own
 * @at: The first one.
 * @len: How many there are.
 */
struct bytes {
	const uint8_t	*at;
	size_t		len;
};

/**
 * struct der_item - One element
 * @tag: Its tag.
 * @value: Its content.
 * @whole: Its content with tag and length.
 */
struct der_item {
	uint8_t		tag;
	struct bytes	value;
	struct bytes	whole;
};

/**
 * struct der_out - buffer for DER, which is written from the end to the
 * beginning
 * @start: The first byte of the buffer.
 * @at: The first written byte.
 * @full: Whether something did not fit.
 */
struct der_out {
	uint8_t	*start;
	uint8_t	*at;
	bool	full;
};

bool der_next(struct bytes *from, struct der_item *item);
bool der_expect(struct bytes *from, uint8_t tag, struct der_item *item);
bool der_number(struct bytes *from, struct bytes *number);
bool der_same(struct bytes a, struct bytes b);
void der_start(struct der_out *out, uint8_t *room, size_t size);
void der_put(struct der_out *out, const void *bytes, size_t len);
void der_close(struct der_out *out, uint8_t tag, const uint8_t *end);
void der_put_number(struct der_out *out, struct bytes number);

#endif /* KEYS_PKCS11_DER_H */
