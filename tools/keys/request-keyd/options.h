/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_OPTIONS_H
#define REQUEST_KEYD_OPTIONS_H

#include <stdbool.h>

#define SCOPES_MAX	2
#define EXIT_USAGE	2

/**
 * struct options - What the command line says
 * @folder: Where request-key.conf and request-key.d are.
 * @scopes: KEY_SERVICE_SCOPE_* to open a service for.
 * @scope_count: How many.
 * @type: The only key type to answer for, or NULL.
 * @prefix: What descriptions have to start with, or NULL.
 * @user_types: Key types that programs may request.
 * @jobs: Most handlers at a time.
 * @seconds: Most seconds for one.
 * @max_pending: Most requests that wait in the kernel, 0 for its default.
 * @foreground: Stay, and log to standard error.
 * @verbose: Log more.
 * @check: Only look at the rules.
 * @sample: With @check: type, description and callout to find a rule for.
 * @sample_count: How many of these there are.
 */
struct options {
	const char	*folder;
	unsigned int	scopes[SCOPES_MAX];
	int		scope_count;
	const char	*type;
	const char	*prefix;
	const char	*user_types;
	unsigned int	jobs;
	unsigned int	seconds;
	unsigned int	max_pending;
	bool		foreground;
	bool		verbose;
	bool		check;
	char		**sample;
	int		sample_count;
};

/* Ends the process with EXIT_USAGE if the arguments make no sense. */
void options_parse(struct options *options, int argc, char **argv);

#endif /* REQUEST_KEYD_OPTIONS_H */
