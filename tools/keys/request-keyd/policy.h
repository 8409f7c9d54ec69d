/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_POLICY_H
#define REQUEST_KEYD_POLICY_H

#include "request.h"

/*
 * Key types for programs: a handler for one of these never assumes that a
 * request comes from the kernel.
 */
#define POLICY_USER_TYPES	"user,logon,big_key"
#define POLICY_ALL		"*"

/**
 * policy_allows - May a rule be applied to a request at all?
 * @types: Key types that programs may request, separated by commas, or
 *	POLICY_ALL.
 * @request: The request.
 *
 * A program can request a key of most types with any description.  Handlers of
 * types that the kernel uses were written for requests of the kernel: they act
 * as root on the description.  So a program's request for such a type matches
 * no rule, not even one with a wildcard.
 */
bool policy_allows(const char *types, const struct request *request);

#endif /* REQUEST_KEYD_POLICY_H */
