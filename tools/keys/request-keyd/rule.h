/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_RULE_H
#define REQUEST_KEYD_RULE_H

#include "limits.h"
#include "pattern.h"
#include "payer.h"
#include "rule_options.h"

#include <stdint.h>
#include <string.h>

/* The columns by which a rule is chosen, the most important first. */
enum rule_column {
	COLUMN_OP,
	COLUMN_TYPE,
	COLUMN_DESCRIPTION,
	COLUMN_CALLOUT,
	COLUMN_COUNT,
};

/* The operations of rules. */
#define OP_CREATE	"create"
#define OP_NEGATE	"negate"

/**
 * struct rule_use - statistics of a rule since it was read
 * @over: Number of finished requests for which the rule was chosen.
 * @answered: How many of them were answered.
 * @total: Sum of the times from the read to the end of each request, in ns.
 * @longest: The longest of these times.
 * @served: Payers that have had a place of this rule, if it has a limit, the last one
 *	at the end.
 * @served_count: How many there are.
 */
struct rule_use {
	uint64_t	over;
	uint64_t	answered;
	uint64_t	total;
	uint64_t	longest;
	struct payer	served[RULE_PAYERS_MAX];
	unsigned int	served_count;
};

/**
 * struct rule - a line of request-key.conf(5)
 * @columns: Patterns that a request has to match.
 * @program: Full path of the handler.
 * @args: Its arguments before expansion, without the name.
 * @arg_count: How many there are.
 * @options: The options in the line before the rule.
 * @pipe: Whether the handler reads the callout data and writes the payload.
 * @file: Name of the rule's file.
 * @line: Number of its line.
 * @use: Its statistics, owned.
 * @text: The buffer that these fields point into, owned.
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

/*
 * Returned by rule_parse() and rule_options_parse() if the failure is not the fault of
 * the line.
 */
extern const char rule_shortage[];

/**
 * rule_parse - Make a rule from a line
 * @rule: Filled in; to be freed with rule_free().
 * @line: The line, without its end.
 * @len: Its length.
 * @strict: Take only lines that request-key.conf(5) describes, and not all
 *	lines that request-key(8) accepts.
 *
 * Return: NULL, or a text that says what is wrong with the line.
 */
const char *rule_parse(struct rule *rule, const char *line, size_t len,
		       bool strict);

/**
 * rule_is_blank - Has the line nothing but white space or a comment?
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

/* Returns whether two rules are one, as its line tells, though they were read twice. */
static inline bool rule_is_same(const struct rule *a, const struct rule *b)
{
	return a->line == b->line && !strcmp(a->file, b->file);
}

void rule_free(struct rule *rule);

#endif /* REQUEST_KEYD_RULE_H */
