// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define FIRST_SIZE	4096
/* As log_escape() needs it at worst, with what ends a cut text. */
#define ESCAPED_SIZE	(4 * LOG_FIELD_MAX + 8)

/* Not realloc(), which may leave a copy behind. */
static int grow(struct payload *payload)
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

int payload_read(struct payload *payload, int fd, bool *end)
{
	ssize_t n;

	*end = false;
	for (;;) {
		if (payload->len == payload->size && grow(payload))
			return -1;
		n = read(fd, payload->bytes + payload->len,
			 payload->size - payload->len);
		if (n <= 0)
			break;
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

void complaint_end(struct complaint *complaint, uint64_t id)
{
	char text[ESCAPED_SIZE];

	if (complaint->len && complaint->total <= HANDLER_LOG_MAX)
		log_say(LOG_NOTICE, "request id=%llu handler says \"%s\"",
			(unsigned long long)id,
			log_escape(text, sizeof(text), complaint->line,
				   complaint->len));
	complaint->total += complaint->len;
	complaint->len = 0;
}

static void add_byte(struct complaint *complaint, uint64_t id, char c)
{
	if (c != '\n')
		complaint->line[complaint->len++] = c;
	if (c == '\n' || complaint->len == sizeof(complaint->line))
		complaint_end(complaint, id);
}

bool complaint_read(struct complaint *complaint, uint64_t id, int fd)
{
	char text[512];
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n; i++)
			add_byte(complaint, id, text[i]);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}
