/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few elements of DER that keys of a fixed shape are made of
 */
#ifndef _CRYPTO_ASYMMETRIC_KEYS_DER_H
#define _CRYPTO_ASYMMETRIC_KEYS_DER_H

#include <linux/string.h>
#include <linux/types.h>

#define DER_INTEGER		0x02
#define DER_BIT_STRING		0x03
#define DER_OCTET_STRING	0x04
#define DER_OID			0x06
#define DER_SEQUENCE		0x30
/* [n], and [n] IMPLICIT of a type that has parts, or has none */
#define DER_PARTS(n)		(0xa0 | (n))
#define DER_PRIMITIVE(n)	(0x80 | (n))

/* A length above this is said in as many bytes as the rest of its byte says. */
#define DER_SHORT_MAX		0x7f
/* Two bytes: no key is longer. */
#define DER_LENGTH_BYTES	2

/**
 * struct der - a part of a text in DER
 * @at: the next byte
 * @left: how many there are
 */
struct der {
	const u8 *at;
	size_t left;
};

/**
 * der_take - take the next element
 * @from: where to take it from; moved behind it on success
 * @tag: what it has to be
 * @value: receives its content
 *
 * Return: false if the next element is something else, is not there as a whole,
 * or has a length in another form than the shortest
 */
static inline bool der_take(struct der *from, u8 tag, struct der *value)
{
	size_t head = 2, size, bytes;

	if (from->left < head || from->at[0] != tag)
		return false;
	size = from->at[1];
	if (size > DER_SHORT_MAX) {
		bytes = size & DER_SHORT_MAX;
		if (!bytes || bytes > DER_LENGTH_BYTES ||
		    from->left < head + bytes || !from->at[head])
			return false;
		for (size = 0; bytes; bytes--)
			size = size << 8 | from->at[head++];
		if (size <= DER_SHORT_MAX)
			return false;
	}
	if (size > from->left - head)
		return false;
	*value = (struct der){ from->at + head, size };
	from->at += head + size;
	from->left -= head + size;
	return true;
}

/* Whether the content of an element is these bytes and no others. */
static inline bool der_is(const struct der *value, const void *bytes,
			  size_t size)
{
	return value->left == size && memcmp(value->at, bytes, size) == 0;
}

/* Takes an element of which the content is known. */
static inline bool der_take_known(struct der *from, u8 tag, const void *bytes,
				  size_t size)
{
	struct der next = *from, value;

	if (!der_take(&next, tag, &value) || !der_is(&value, bytes, size))
		return false;
	*from = next;
	return true;
}

#endif /* _CRYPTO_ASYMMETRIC_KEYS_DER_H */
