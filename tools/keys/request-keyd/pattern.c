// SPDX-License-Identifier: GPL-2.0-only
#include "pattern.h"

#include <string.h>

bool pattern_parse(struct pattern *pattern, const char *text)
{
	const char *end = text + strlen(text);
	const char *star = strchr(text, '*');

	pattern->wild = star;
	pattern->head = text;
	pattern->head_len = (star ? star : end) - text;
	pattern->tail = star ? star + 1 : end;
	pattern->tail_len = end - pattern->tail;
	return !memchr(pattern->tail, '*', pattern->tail_len);
}

size_t pattern_skip(const struct pattern *pattern, const char *text,
		    size_t len)
{
	size_t fixed = pattern->head_len + pattern->tail_len;

	if (len < fixed || (len > fixed && !pattern->wild))
		return PATTERN_MISS;
	if (memcmp(text, pattern->head, pattern->head_len) ||
	    memcmp(text + len - pattern->tail_len, pattern->tail,
		   pattern->tail_len))
		return PATTERN_MISS;
	return len - fixed;
}
