/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_STREAM_H
#define REQUEST_KEYD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"
#include "payer.h"

/**
 * struct payload - a handler's output so far
 * @bytes: The bytes, which may be a secret.
 * @len: How many there are.
 * @size: Size of the buffer.
 */
struct payload {
	char	*bytes;
	size_t	len;
	size_t	size;
};

/**
 * stream_filled - Return the number of bytes in a pipe
 * @fd: The end to read from.
 *
 * A writer may go on for ever, so a reader that has to come to an end reads
 * only this number of bytes.
 */
size_t stream_filled(int fd);

/**
 * payload_read - Read the available output of a handler
 * @payload: The output so far.
 * @fd: The pipe, which does not block.
 * @max: The most bytes to read now: a writer can be as fast as the reader.
 * @end: Set if the writer has closed the pipe.
 *
 * Return: 0, or -1 with errno set: EFBIG if the output is longer than any key.
 */
int payload_read(struct payload *payload, int fd, size_t max, bool *end);

/* Wipes and frees the output. */
void payload_free(struct payload *payload);

/**
 * struct complaint - a handler's output on standard error
 * @line: The incomplete last line.
 * @len: Its length.
 * @payer: The payer of the request.
 * @lines: Lines logged so far.
 * @total: Bytes of these lines.
 * @left_out: Bytes beyond either limit, which were not logged.
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
 * complaint_read - Log the available lines of a handler
 * @complaint: The output so far.
 * @id: Request that the handler was started for.
 * @fd: The pipe, which does not block.
 * @max: The most bytes to read now.
 *
 * Return: false if the writer has closed the pipe.
 */
bool complaint_read(struct complaint *complaint, uint64_t id, int fd,
		    size_t max);

/* Logs a last line without newline, and how many bytes were not logged. */
void complaint_end(struct complaint *complaint, uint64_t id);

#endif /* REQUEST_KEYD_STREAM_H */
