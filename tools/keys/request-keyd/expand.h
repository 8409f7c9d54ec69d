/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_EXPAND_H
#define REQUEST_KEYD_EXPAND_H

#include "request.h"
#include "rule.h"

/**
 * expand_check - Is an argument of a rule well formed?
 * @arg: The argument.
 * @strict: Refuse what begins like a macro and goes on, which is taken as it is
 *	otherwise: %H:%M.
 *
 * Return: NULL, or what is wrong with it.
 */
const char *expand_check(const char *arg, bool strict);

/**
 * expand_rule - Make a handler's arguments
 * @rule: The rule.
 * @op: What is to be done.
 * @request: For which request.
 * @argv: The arguments with the name of the program as the first, ended by
 *	NULL; to be freed with expand_free().
 *
 * A %{type:description} is looked up in the keyrings of the caller; so the
 * caller has to have assumed the authority over the request.
 *
 * Return: NULL, or the argument that cannot be made, with errno set.
 */
const char *expand_rule(const struct rule *rule, const char *op,
			const struct request *request, char ***argv);

/**
 * expand_dry - The same without a request at hand
 * @rule: The rule.
 * @op: What is to be done.
 * @request: What is known of the request.
 * @argv: As above; a %{type:description} is left as it is.
 *
 * Return: as above.
 */
const char *expand_dry(const struct rule *rule, const char *op,
		       const struct request *request, char ***argv);

void expand_free(char **argv);

#endif /* REQUEST_KEYD_EXPAND_H */
