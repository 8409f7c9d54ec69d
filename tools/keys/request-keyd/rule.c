// SPDX-License-Identifier: GPL-2.0-only
#include "rule.h"

#include <stdlib.h>
#include <string.h>

#include "expand.h"
#include "limits.h"

const char rule_shortage[] = "memory or descriptors are short";

/*
 * A carriage return counts as a control character: it ends each line of other
 * systems' text files.
 */
static const char blanks[] = " \t\v\f\r";

static bool is_blank(char c)
{
	return c && strchr(blanks, c);
}

bool rule_is_indented(const char *line, size_t len)
{
	return len && is_blank(*line);
}

bool rule_is_blank(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && is_blank(line[i]))
		i++;
	return i == len || line[i] == '#';
}

/* A field with a control character would match nothing, without a message. */
static bool rule_has_controls(const char *line, size_t len, bool strict)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = line[i];

		if (c == '\t' || (!strict && is_blank(c)))
			continue;
		if (c < ' ' || c == 0x7f)
			return true;
	}
	return false;
}

static const char *rule_parse_columns(struct rule *rule, char **rest, bool strict)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		const char *word = strtok_r(i ? NULL : rule->text, blanks,
					    rest);

		if (!word)
			return "fewer than five fields";
		/*
		 * The first * is then the wildcard, and the others are literal.
		 */
		if (!pattern_parse(&rule->columns[i], word) && strict)
			return "more than one * in a field";
	}
	return NULL;
}

static const char *rule_parse_program(struct rule *rule, char **rest)
{
	const char *word = strtok_r(NULL, blanks, rest);

	if (!word)
		return "fewer than five fields";
	rule->pipe = *word == '|';
	rule->program = word + rule->pipe;
	if (*rule->program != '/')
		return "the program has no full path";
	if (!strrchr(rule->program, '/')[1])
		return "the program is a folder";
	return NULL;
}

static const char *rule_parse_args(struct rule *rule, char **rest, bool strict)
{
	const char *fault = NULL;
	char *word;

	rule->args = calloc(RULE_ARGS_MAX, sizeof(*rule->args));
	if (!rule->args)
		return rule_shortage;
	while (!fault && (word = strtok_r(NULL, blanks, rest))) {
		if (rule->arg_count == RULE_ARGS_MAX)
			return "too many arguments";
		rule->args[rule->arg_count++] = word;
		fault = expand_check(word, strict);
	}
	return fault;
}

const char *rule_parse(struct rule *rule, const char *line, size_t len,
		       bool strict)
{
	const char *fault;
	char *rest;

	memset(rule, 0, sizeof(*rule));
	if (len > CONFIG_LINE_MAX)
		return "the line is too long";
	if (rule_has_controls(line, len, strict))
		return "a control character";
	rule->text = strndup(line, len);
	rule->use = calloc(1, sizeof(*rule->use));
	if (!rule->text || !rule->use) {
		rule_free(rule);
		return rule_shortage;
	}

	fault = rule_parse_columns(rule, &rest, strict);
	if (!fault)
		fault = rule_parse_program(rule, &rest);
	if (!fault)
		fault = rule_parse_args(rule, &rest, strict);
	if (fault)
		rule_free(rule);
	return fault;
}

void rule_free(struct rule *rule)
{
	free(rule->args);
	free(rule->use);
	free(rule->text);
	memset(rule, 0, sizeof(*rule));
}
