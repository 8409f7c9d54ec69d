/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_RULE_OPTIONS_H
#define REQUEST_KEYD_RULE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct rule_options - options in the line before a rule
 * @seconds: Time limit of a handler, 0 for the daemon's limit.
 * @lifetime: Seconds until the key expires, 0 for never.
 * @jobs: The most handlers of this rule at a time, 0 for any number.
 * @as_user: Whether handlers run as another user, without capabilities.
 * @uid: That user.
 * @gid: The user's group.
 */
struct rule_options {
	unsigned int	seconds;
	unsigned int	lifetime;
	unsigned int	jobs;
	bool		as_user;
	uid_t		uid;
	gid_t		gid;
};

/**
 * rule_options_are - Does a line have options?
 * @line: The line, without its end.
 * @len: Its length.
 *
 * Such a line begins with "#:", so request-key(8) takes it for a comment.
 */
bool rule_options_are(const char *line, size_t len);

/**
 * rule_options_parse - Read a line of options
 * @options: Filled in.
 * @line: The line, for which rule_options_are() holds.
 * @len: Its length.
 *
 * Return: NULL, or a text that says what is wrong.
 */
const char *rule_options_parse(struct rule_options *options, const char *line,
			       size_t len);

#endif /* REQUEST_KEYD_RULE_OPTIONS_H */
