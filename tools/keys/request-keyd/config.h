/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_CONFIG_H
#define REQUEST_KEYD_CONFIG_H

#include "request.h"
#include "rule.h"

#define CONFIG_FOLDER	"/etc"

/**
 * struct config - the rules of all files, in the order in which they are read
 * @rules: The rules.
 * @count: How many rules there are.
 * @files: Names of the files, which rules point to.
 * @file_count: How many files there are.
 * @strict: Whether one fault makes the whole configuration unusable.
 * @faults: Number of faults in all files.
 * @broken: Whether memory or descriptors were short, so that rules may be
 *	missing.
 * @users: Number of references, of the daemon and of every handler at work.
 */
struct config {
	struct rule	*rules;
	size_t		count;
	char		**files;
	size_t		file_count;
	bool		strict;
	unsigned int	faults;
	bool		broken;
	unsigned int	users;
};

/**
 * config_load - Read request-key.d/\*.conf by name, then request-key.conf
 * @folder: The folder of these files.
 * @strict: Refuse all rules if there is one fault.
 *
 * Each fault is logged with file and line; a rule with a fault is not used.
 *
 * Return: the rules, with a reference, or NULL if there are none, if memory or
 * descriptors were short, or if @strict is true and there is a fault.
 */
struct config *config_load(const char *folder, bool strict);

struct config *config_get(struct config *config);
void config_put(struct config *config);

/**
 * config_match - Choose the rule for a request
 * @config: The rules.
 * @op: The operation.
 * @request: The request.
 *
 * Rules are compared column by column from the left; the rule whose wildcard
 * stands for the fewest bytes wins.  Among equals the rule that was read first
 * wins.
 *
 * Return: the rule, or NULL.
 */
const struct rule *config_match(const struct config *config, const char *op,
				const struct request *request);

#endif /* REQUEST_KEYD_CONFIG_H */
