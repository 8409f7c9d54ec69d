// SPDX-License-Identifier: GPL-2.0-only
#include "der.h"

#include <string.h>

#define LONG_FORM	0x80
#define LENGTH_BYTES	3
#define TAG_IS_LONG	0x1f

/* Reads a length and moves behind it; false if it has not the shortest form. */
static bool der_length(struct bytes *from, size_t *len)
{
	unsigned int count;

	if (!from->len)
		return false;
	*len = *from->at++;
	from->len--;
	if (*len < LONG_FORM)
		return true;
	count = *len - LONG_FORM;
	if (!count || count > LENGTH_BYTES || count > from->len || !*from->at)
		return false;
	for (*len = 0; count; count--) {
		*len = *len << 8 | *from->at++;
		from->len--;
	}
	return *len >= LONG_FORM;
}

/**
 * der_next - read an element and move behind it
 * @from: The bytes; afterwards the bytes behind the element.
 * @item: Gets the element.
 *
 * Return: false if there is no whole element.
 */
bool der_next(struct bytes *from, struct der_item *item)
{
	struct bytes rest = *from;
	size_t len;

	if (!rest.len || (*rest.at & TAG_IS_LONG) == TAG_IS_LONG)
		return false;
	item->tag = *rest.at++;
	rest.len--;
	if (!der_length(&rest, &len) || len > rest.len)
		return false;
	item->value = (struct bytes){ rest.at, len };
	item->whole = (struct bytes){ from->at, rest.at + len - from->at };
	*from = (struct bytes){ rest.at + len, rest.len - len };
	return true;
}

bool der_expect(struct bytes *from, uint8_t tag, struct der_item *item)
{
	return der_next(from, item) && item->tag == tag;
}

/* Reads a number that is not negative, without its leading zeros. */
bool der_number(struct bytes *from, struct bytes *number)
{
	struct der_item item;

	if (!der_expect(from, DER_INTEGER, &item) || !item.value.len ||
	    *item.value.at & 0x80)
		return false;
	while (item.value.len && !*item.value.at) {
		item.value.at++;
		item.value.len--;
	}
	*number = item.value;
	return true;
}

bool der_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

void der_start(struct der_out *out, uint8_t *room, size_t size)
{
	*out = (struct der_out){ .start = room, .at = room + size };
}

void der_put(struct der_out *out, const void *bytes, size_t len)
{
	if ((size_t)(out->at - out->start) < len) {
		out->full = true;
		return;
	}
	out->at -= len;
	if (len)
		memcpy(out->at, bytes, len);
}

/* Makes an element whose content was written since the position was @end. */
void der_close(struct der_out *out, uint8_t tag, const uint8_t *end)
{
	size_t len = end - out->at;
	uint8_t head[LENGTH_BYTES + 2];
	uint8_t *at = head + sizeof(head);

	if (len < LONG_FORM) {
		*--at = len;
	} else {
		for (; len; len >>= 8)
			*--at = len;
		len = head + sizeof(head) - at;
		*--at = LONG_FORM | len;
	}
	*--at = tag;
	der_put(out, at, head + sizeof(head) - at);
}

void der_put_number(struct der_out *out, struct bytes number)
{
	static const uint8_t zero;
	const uint8_t *end = out->at;

	while (number.len && !*number.at) {
		number.at++;
		number.len--;
	}
	der_put(out, number.at, number.len);
	/*
	 * A leading zero byte keeps a number with the first bit set positive.
	 */
	if (!number.len || *number.at & 0x80)
		der_put(out, &zero, 1);
	der_close(out, DER_INTEGER, end);
}
