/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_PATTERN_H
#define REQUEST_KEYD_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* The text does not match. */
#define PATTERN_MISS	((size_t)-1)

/**
 * struct pattern - A text that may have a wildcard
 * @head: The part before the wildcard, or all.
 * @tail: The part behind the wildcard.
 * @head_len: Length of @head.
 * @tail_len: Length of @tail.
 * @wild: Whether there is a wildcard.
 *
 * The pattern points into the text that it was parsed from.
 */
struct pattern {
	const char	*head;
	const char	*tail;
	size_t		head_len;
	size_t		tail_len;
	bool		wild;
};

/**
 * pattern_parse - Find the wildcard
 * @pattern: Filled in.
 * @text: A column of the rule, which must outlive @pattern.
 *
 * Return: false if there is more than one wildcard; then the first one counts, and
 * the others stand for themselves.
 */
bool pattern_parse(struct pattern *pattern, const char *text);

/**
 * pattern_skip - Match a text, and count the bytes that the wildcard stands for
 * @pattern: The pattern.
 * @text: Any bytes.
 * @len: How many bytes there are.
 *
 * Return: the number of bytes, or PATTERN_MISS.
 */
size_t pattern_skip(const struct pattern *pattern, const char *text,
		    size_t len);

#endif /* REQUEST_KEYD_PATTERN_H */
