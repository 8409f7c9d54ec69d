// SPDX-License-Identifier: GPL-2.0-only
#include "rule_options.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "rule.h"
#include "shortage.h"

#define MARK		"#:"
#define USERS_FILE	"/etc/passwd"

static const char blanks[] = " \t\r";

bool rule_options_are(const char *line, size_t len)
{
	return len >= strlen(MARK) && !memcmp(line, MARK, strlen(MARK));
}

static bool rule_options_parse_number(const char *text, unsigned int max,
				      unsigned int *number)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	/* strtoul() would accept a sign and return the negated number. */
	if (errno || *text < '0' || *text > '9' || *end || !n || n > max)
		return false;
	*number = n;
	return true;
}

/* A user that could not be looked for may be there all the same. */
static const char *rule_options_no_user(int error)
{
	return is_shortage(error) ? rule_shortage : "no such user";
}

/*
 * getpwnam() is not used: other user databases than this file may themselves
 * request keys.
 */
static const char *rule_options_find_user(const char *name,
					  struct rule_options *options)
{
	FILE *file = fopen(USERS_FILE, "re");
	const struct passwd *user;
	const char *fault = NULL;

	if (!file)
		return rule_options_no_user(errno);
	do {
		errno = 0;
		user = fgetpwent(file);
	} while (user && strcmp(user->pw_name, name));
	if (user) {
		options->as_user = true;
		options->uid = user->pw_uid;
		options->gid = user->pw_gid;
	} else {
		fault = rule_options_no_user(errno);
	}
	fclose(file);
	return fault;
}

static const char *rule_options_parse_word(struct rule_options *options, char *word)
{
	char *value = strchr(word, '=');
	bool good;

	if (!value)
		return "an option without =";
	*value++ = '\0';
	if (!strcmp(word, "user"))
		return rule_options_find_user(value, options);
	if (!strcmp(word, "timeout"))
		good = rule_options_parse_number(value, HANDLER_SECONDS_MAX,
						 &options->seconds);
	else if (!strcmp(word, "lifetime"))
		good = rule_options_parse_number(value, LIFETIME_SECONDS_MAX,
						 &options->lifetime);
	else if (!strcmp(word, "jobs"))
		good = rule_options_parse_number(value, JOBS_MAX, &options->jobs);
	else
		return "no such option";
	return good ? NULL : "no such number";
}

const char *rule_options_parse(struct rule_options *options, const char *line,
			       size_t len)
{
	const char *fault = NULL;
	char *text, *word, *rest;

	memset(options, 0, sizeof(*options));
	if (len > CONFIG_LINE_MAX)
		return "the line is too long";
	text = strndup(line + strlen(MARK), len - strlen(MARK));
	if (!text)
		return rule_shortage;
	word = strtok_r(text, blanks, &rest);
	if (!word)
		fault = "no options";
	for (; word && !fault; word = strtok_r(NULL, blanks, &rest))
		fault = rule_options_parse_word(options, word);
	free(text);
	return fault;
}
