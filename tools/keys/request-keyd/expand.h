/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_EXPAND_H
#define REQUEST_KEYD_EXPAND_H

#include "request.h"
#include "rule.h"

/**
 * expand_check - Is an argument of a rule well formed?
 * @arg: The argument.
 * @strict: Refuse an argument such as %H:%M, which begins like a macro;
 *	otherwise it is taken literally.
 *
 * Return: NULL, or a text that says what is wrong.
 */
const char *expand_check(const char *arg, bool strict);

/**
 * expand_rule - Make a handler's arguments
 * @rule: The rule.
 * @op: The operation.
 * @request: The request.
 * @argv: Gets the arguments, of which the name of the program is the first,
 *	ended by NULL; to be freed with expand_free().
 *
 * A %{type:description} is searched for in the caller's keyrings, so the caller
 * must have assumed the authority over the request.
 *
 * Return: NULL, or the argument that cannot be expanded, with errno set.
 */
const char *expand_rule(const struct rule *rule, const char *op,
			const struct request *request, char ***argv);

/**
 * expand_dry - Make a handler's arguments for a sample request
 * @rule: The rule.
 * @op: The operation.
 * @request: The sample.
 * @argv: As above; a %{type:description} is left as it is.
 *
 * Return: as above.
 */
const char *expand_dry(const struct rule *rule, const char *op,
		       const struct request *request, char ***argv);

void expand_free(char **argv);

#endif /* REQUEST_KEYD_EXPAND_H */
