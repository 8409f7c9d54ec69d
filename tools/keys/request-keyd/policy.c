// SPDX-License-Identifier: GPL-2.0-only
#include "policy.h"

#include <string.h>

bool policy_allows(const char *types, const struct request *request)
{
	size_t len = strlen(request->type);
	const char *word = types;

	if (request->from_kernel || !strcmp(types, POLICY_ALL))
		return true;
	while (*word) {
		size_t n = strcspn(word, ",");

		if (n && n == len && !memcmp(word, request->type, len))
			return true;
		word += n;
		word += *word == ',';
	}
	return false;
}
