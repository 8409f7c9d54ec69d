// SPDX-License-Identifier: GPL-2.0-only
#include "rule.h"

#include <stdlib.h>
#include <string.h>

#include "expand.h"
#include "limits.h"

static const char blanks[] = " \t";

bool rule_is_blank(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i == len || line[i] == '#';
}

/* A line of another system's text file would match nothing, silently. */
static bool has_controls(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = line[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static const char *parse_columns(struct rule *rule, char **rest)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		const char *word = strtok_r(i ? NULL : rule->text, blanks,
					    rest);

		if (!word)
			return "fewer than five fields";
		if (!pattern_parse(&rule->columns[i], word))
			return "more than one * in a field";
	}
	return NULL;
}

static const char *parse_program(struct rule *rule, char **rest)
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

static const char *parse_args(struct rule *rule, char **rest)
{
	const char *fault = NULL;
	char *word;

	rule->args = calloc(RULE_ARGS_MAX, sizeof(*rule->args));
	if (!rule->args)
		return "out of memory";
	while (!fault && (word = strtok_r(NULL, blanks, rest))) {
		if (rule->arg_count == RULE_ARGS_MAX)
			return "too many arguments";
		rule->args[rule->arg_count++] = word;
		fault = expand_check(word);
	}
	return fault;
}

const char *rule_parse(struct rule *rule, const char *line, size_t len)
{
	const char *fault;
	char *rest;

	memset(rule, 0, sizeof(*rule));
	if (len > CONFIG_LINE_MAX)
		return "the line is too long";
	if (has_controls(line, len))
		return "a control character";
	rule->text = strndup(line, len);
	if (!rule->text)
		return "out of memory";

	fault = parse_columns(rule, &rest);
	if (!fault)
		fault = parse_program(rule, &rest);
	if (!fault)
		fault = parse_args(rule, &rest);
	if (fault)
		rule_free(rule);
	return fault;
}

void rule_free(struct rule *rule)
{
	free(rule->args);
	free(rule->text);
	memset(rule, 0, sizeof(*rule));
}
