// SPDX-License-Identifier: GPL-2.0-only
#include "config.h"

#include <string.h>

/**
 * struct text - a text that a column is compared with
 * @bytes: The bytes.
 * @len: How many bytes there are.
 */
struct text {
	const char	*bytes;
	size_t		len;
};

static bool match_skips_of(const struct rule *rule, const struct text *texts,
			   size_t *skips)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		skips[i] = pattern_skip(&rule->columns[i], texts[i].bytes,
					texts[i].len);
		if (skips[i] == PATTERN_MISS)
			return false;
	}
	return true;
}

static bool match_is_less(const size_t *skips, const size_t *than)
{
	for (int i = 0; i < COLUMN_COUNT; i++)
		if (skips[i] != than[i])
			return skips[i] < than[i];
	return false;
}

const struct rule *config_match(const struct config *config, const char *op,
				const struct request *request)
{
	const struct text texts[COLUMN_COUNT] = {
		[COLUMN_OP] = { op, strlen(op) },
		[COLUMN_TYPE] = { request->type, strlen(request->type) },
		[COLUMN_DESCRIPTION] = { request->description,
					 strlen(request->description) },
		[COLUMN_CALLOUT] = { request->callout, request->callout_len },
	};
	size_t skips[COLUMN_COUNT], least[COLUMN_COUNT];
	const struct rule *best = NULL;

	for (size_t i = 0; i < config->count; i++) {
		if (!match_skips_of(&config->rules[i], texts, skips))
			continue;
		if (best && !match_is_less(skips, least))
			continue;
		best = &config->rules[i];
		memcpy(least, skips, sizeof(least));
	}
	return best;
}
