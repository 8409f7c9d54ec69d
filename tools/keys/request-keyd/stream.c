// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "budget.h"
#include "log.h"

#define FIRST_SIZE	4096
/* The most bytes that log_escape() needs, including the ellipsis. */
#define ESCAPED_SIZE	(4 * LOG_FIELD_MAX + 8)

/* realloc() is not used, since it may leave a copy of a secret behind. */
static int stream_grow(struct payload *payload)
{
	size_t size = payload->size ? 2 * payload->size : FIRST_SIZE;
	char *bytes = malloc(size);

	if (!bytes)
		return -1;
	if (payload->len)
		memcpy(bytes, payload->bytes, payload->len);
	if (payload->bytes)
		explicit_bzero(payload->bytes, payload->len);
	free(payload->bytes);
	payload->bytes = bytes;
	payload->size = size;
	return 0;
}

size_t stream_filled(int fd)
{
	int n;

	return ioctl(fd, FIONREAD, &n) || n < 0 ? 0 : (size_t)n;
}

static size_t stream_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

int payload_read(struct payload *payload, int fd, size_t max, bool *end)
{
	ssize_t n = 1;

	*end = false;
	while (max && n > 0) {
		if (payload->len == payload->size && stream_grow(payload))
			return -1;
		n = read(fd, payload->bytes + payload->len,
			 stream_least(max, payload->size - payload->len));
		if (n <= 0)
			break;
		max -= n;
		payload->len += n;
		if (payload->len > PAYLOAD_MAX) {
			errno = EFBIG;
			return -1;
		}
	}
	*end = !n;
	return n < 0 && errno != EAGAIN && errno != EINTR ? -1 : 0;
}

void payload_free(struct payload *payload)
{
	if (payload->bytes)
		explicit_bzero(payload->bytes, payload->len);
	free(payload->bytes);
	memset(payload, 0, sizeof(*payload));
}

static void stream_log_line(struct complaint *complaint, uint64_t id)
{
	char text[ESCAPED_SIZE];

	if (complaint->lines == HANDLER_LINES_MAX ||
	    complaint->total + complaint->len > HANDLER_LOG_MAX ||
	    !budget_allows(complaint->payer)) {
		complaint->left_out += complaint->len;
		return;
	}
	log_say(LOG_NOTICE, "request id=%llu handler says \"%s\"",
		(unsigned long long)id,
		log_escape(text, sizeof(text), complaint->line,
			   complaint->len));
	complaint->lines++;
	complaint->total += complaint->len;
}

static void stream_end_line(struct complaint *complaint, uint64_t id)
{
	if (complaint->len)
		stream_log_line(complaint, id);
	complaint->len = 0;
}

void complaint_end(struct complaint *complaint, uint64_t id)
{
	stream_end_line(complaint, id);
	if (complaint->left_out && budget_allows(complaint->payer))
		log_say(LOG_NOTICE, "request id=%llu handler says %zu bytes more",
			(unsigned long long)id, complaint->left_out);
	complaint->left_out = 0;
}

static void stream_add_byte(struct complaint *complaint, uint64_t id, char c)
{
	if (c != '\n')
		complaint->line[complaint->len++] = c;
	if (c == '\n' || complaint->len == sizeof(complaint->line))
		stream_end_line(complaint, id);
}

bool complaint_read(struct complaint *complaint, uint64_t id, int fd,
		    size_t max)
{
	char text[4096];
	ssize_t n = 1;

	while (max && n > 0) {
		n = read(fd, text, stream_least(max, sizeof(text)));
		for (ssize_t i = 0; i < n; i++)
			stream_add_byte(complaint, id, text[i]);
		max -= n > 0 ? n : 0;
	}
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}
