/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_STREAM_H
#define REQUEST_KEYD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"
#include "payer.h"

/**
 * struct payload - What a handler has written so far
 * @bytes: The bytes, which may be a secret.
 * @len: How many.
 * @size: Room for so many.
 */
struct payload {
	char	*bytes;
	size_t	len;
	size_t	size;
};

/**
 * stream_filled - How many bytes are in a pipe
 * @fd: The end to read from.
 *
 * Who writes goes on writing; what is there at one time has an end.
 */
size_t stream_filled(int fd);

/**
 * payload_read - Read what there is
 * @payload: Where it goes.
 * @fd: Where it comes from; does not wait.
 * @max: Read no more than this now: a writer can be as fast as the reader.
 * @end: Set if the writer has closed it.
 *
 * Return: 0, or -1 with errno set: EFBIG if it is more than a key holds.
 */
int payload_read(struct payload *payload, int fd, size_t max, bool *end);

/* Wipes and frees. */
void payload_free(struct payload *payload);

/**
 * struct complaint - What a handler has written to standard error
 * @line: The line that is not complete.
 * @len: Its length.
 * @payer: Whose lines these are.
 * @lines: Lines logged so far.
 * @total: Bytes of them.
 * @left_out: Bytes past either limit.
 */
struct complaint {
	char		line[LOG_FIELD_MAX];
	size_t		len;
	struct payer	payer;
	unsigned int	lines;
	size_t		total;
	size_t		left_out;
};

/**
 * complaint_read - Log what there is, line by line
 * @complaint: State of it.
 * @id: Request that the handler was started for.
 * @fd: Where it comes from; does not wait.
 * @max: Read no more than this now.
 *
 * Return: false if the writer has closed it.
 */
bool complaint_read(struct complaint *complaint, uint64_t id, int fd,
		    size_t max);

/* Logs a last line that nothing ends, and how much was not logged. */
void complaint_end(struct complaint *complaint, uint64_t id);

#endif /* REQUEST_KEYD_STREAM_H */
