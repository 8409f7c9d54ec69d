/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes that were received, and bytes to send, neither beyond their end. */
#ifndef KEYED_TLS_BYTES_H
#define KEYED_TLS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * struct reader - bytes that are read from the front
 * @at:		the next one
 * @left:	how many there are
 * @bad:	more was asked for than there was, or less; it stays so
 */
struct reader {
	const uint8_t *at;
	size_t left;
	bool bad;
};

struct reader reader_of(const void *bytes, size_t size);

/* The next @size bytes as they are, or NULL. */
const uint8_t *read_bytes(struct reader *from, size_t size);

/* A number of 1 to 4 bytes; 0 if there are not so many. */
uint32_t read_number(struct reader *from, size_t size);

/* What follows its own length, which has @size bytes, and is @low to @high. */
struct reader read_vector(struct reader *from, size_t size, size_t low,
			  size_t high);

/* Everything was read, and all of it was there. */
bool read_whole(const struct reader *from);

/*
 * struct writer - bytes that are written one behind the other
 * @bytes:	where
 * @size:	how many there are
 * @room:	how many there can be
 * @bad:	there was no room; it stays so
 */
struct writer {
	uint8_t *bytes;
	size_t size;
	size_t room;
	bool bad;
};

void write_bytes(struct writer *to, const void *bytes, size_t size);
void write_number(struct writer *to, uint32_t value, size_t size);

/* A length of @size bytes, that write_length() fills in by what came behind it. */
size_t write_later(struct writer *to, size_t size);
void write_length(struct writer *to, size_t at, size_t size);

#endif /* KEYED_TLS_BYTES_H */
