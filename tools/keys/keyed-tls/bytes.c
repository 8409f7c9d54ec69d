// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "bytes.h"

struct reader reader_of(const void *bytes, size_t size)
{
	return (struct reader){ .at = bytes, .left = size };
}

const uint8_t *read_bytes(struct reader *from, size_t size)
{
	const uint8_t *bytes = from->at;

	if (from->bad || from->left < size) {
		from->bad = true;
		from->left = 0;
		return NULL;
	}
	from->at += size;
	from->left -= size;
	return bytes;
}

uint32_t read_number(struct reader *from, size_t size)
{
	const uint8_t *bytes = read_bytes(from, size);
	uint32_t value = 0;

	for (size_t i = 0; bytes && i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

struct reader read_vector(struct reader *from, size_t size, size_t low,
			  size_t high)
{
	size_t length = read_number(from, size);
	const uint8_t *bytes;

	if (length < low || length > high)
		from->bad = true;
	bytes = read_bytes(from, length);
	return (struct reader){
		.at = bytes, .left = bytes ? length : 0, .bad = !bytes,
	};
}

bool read_whole(const struct reader *from)
{
	return !from->bad && !from->left;
}

void write_bytes(struct writer *to, const void *bytes, size_t size)
{
	if (to->bad || to->room - to->size < size) {
		to->bad = true;
		return;
	}
	if (size)
		memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
}

void write_number(struct writer *to, uint32_t value, size_t size)
{
	uint8_t bytes[sizeof(value)];

	for (size_t i = 0; i < size; i++)
		bytes[i] = value >> 8 * (size - 1 - i);
	write_bytes(to, bytes, size);
}

size_t write_later(struct writer *to, size_t size)
{
	size_t at = to->size;

	write_number(to, 0, size);
	return at;
}

void write_length(struct writer *to, size_t at, size_t size)
{
	size_t value = to->size - at - size;

	if (to->bad || value >> 8 * size) {
		to->bad = true;
		return;
	}
	for (size_t i = 0; i < size; i++)
		to->bytes[at + i] = value >> 8 * (size - 1 - i);
}
