/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_RULE_H
#define REQUEST_KEYD_RULE_H

#include "pattern.h"
#include "rule_options.h"

#include <stdint.h>

/* The columns by which a rule is chosen, the weightiest first. */
enum rule_column {
	COLUMN_OP,
	COLUMN_TYPE,
	COLUMN_DESCRIPTION,
	COLUMN_CALLOUT,
	COLUMN_COUNT,
};

/* What a rule may be for. */
#define OP_CREATE	"create"
#define OP_NEGATE	"negate"

/**
 * struct rule_use - What has come of a rule since it was read
 * @over: Requests that it was chosen for and that are over.
 * @answered: How many of them were answered.
 * @total: Time from when each was read until it was over, in ns, added up.
 * @longest: The longest of these times.
 */
struct rule_use {
	uint64_t	over;
	uint64_t	answered;
	uint64_t	total;
	uint64_t	longest;
};

/**
 * struct rule - A line of request-key.conf(5)
 * @columns: What a request has to look like.
 * @program: Full path of the handler.
 * @args: Its arguments as they are written, from the first after the name.
 * @arg_count: How many.
 * @options: What else is said about it.
 * @pipe: The handler reads the callout and writes the payload.
 * @file: Where the rule is from.
 * @line: Which line of it.
 * @use: What has come of it, owned.
 * @text: What all these point into, owned.
 */
struct rule {
	struct pattern	columns[COLUMN_COUNT];
	const char	*program;
	char		**args;
	size_t		arg_count;
	struct rule_options options;
	bool		pipe;
	const char	*file;
	unsigned int	line;
	struct rule_use	*use;
	char		*text;
};

/* What rule_parse() returns when it is not the line that is at fault. */
extern const char rule_no_memory[];

/**
 * rule_parse - Make a rule of a line
 * @rule: Filled in; to be freed with rule_free().
 * @line: The line, without its end.
 * @len: Its length.
 * @strict: Take only what the manual of request-key.conf(5) describes, and not
 *	all that request-key(8) takes.
 *
 * Return: NULL, or what is wrong with the line.
 */
const char *rule_parse(struct rule *rule, const char *line, size_t len,
		       bool strict);

/**
 * rule_is_blank - Does a line hold nothing but space or a comment?
 * @line: The line, without its end.
 * @len: Its length.
 */
bool rule_is_blank(const char *line, size_t len);

/**
 * rule_is_indented - Does a line begin with white space?
 * @line: The line, without its end.
 * @len: Its length.
 *
 * To request-key(8) such a line is a comment.
 */
bool rule_is_indented(const char *line, size_t len);

void rule_free(struct rule *rule);

#endif /* REQUEST_KEYD_RULE_H */
