/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_CONFIG_H
#define REQUEST_KEYD_CONFIG_H

#include "request.h"
#include "rule.h"

#define CONFIG_FOLDER	"/etc"

/**
 * struct config - The rules of all files, in the order they are read
 * @rules: The rules.
 * @count: How many.
 * @files: Names of the files, which rules point to.
 * @file_count: How many.
 * @strict: Any fault makes all of it unfit.
 * @faults: What was wrong, in all files.
 * @broken: Something was short; what is here may not be all.
 * @users: Who holds it: the daemon and every handler at work.
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
 * @folder: Where they are.
 * @strict: Refuse everything if there is a fault in anything.
 *
 * Each fault is logged with file and line, and costs the rule that it is in.
 *
 * Return: the rules, with a reference, or NULL if there are none, if something
 * was short, or if @strict finds a fault.
 */
struct config *config_load(const char *folder, bool strict);

struct config *config_get(struct config *config);
void config_put(struct config *config);

/**
 * config_match - Choose the rule for a request
 * @config: The rules.
 * @op: What is to be done.
 * @request: The request.
 *
 * The rule whose wildcards stand for least wins, seen column by column from
 * the left; among equals the one that was read first.
 *
 * Return: the rule, or NULL.
 */
const struct rule *config_match(const struct config *config, const char *op,
				const struct request *request);

#endif /* REQUEST_KEYD_CONFIG_H */
