/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_POLICY_H
#define REQUEST_KEYD_POLICY_H

#include "request.h"

/*
 * Types that belong to programs: a handler for one of them never took a
 * request for the kernel's word.
 */
#define POLICY_USER_TYPES	"user,logon,big_key"
#define POLICY_ALL		"*"

/**
 * policy_allows - May a rule be applied to a request at all?
 * @types: Key types that programs may request, separated by commas, or
 *	POLICY_ALL.
 * @request: The request.
 *
 * A program can ask for a key of most types with any description.  Handlers of
 * types that the kernel uses were written for requests that the kernel makes:
 * they act as root on what the description says.  So a program's request for
 * such a type reaches no rule, not even one with a wildcard.
 */
bool policy_allows(const char *types, const struct request *request);

#endif /* REQUEST_KEYD_POLICY_H */
