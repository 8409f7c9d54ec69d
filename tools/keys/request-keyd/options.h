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
 * @metrics: File for Prometheus, or NULL.
 * @listen: Socket for those who want to know how it stands, or NULL.
 * @status: Only print what the daemon with this socket says, or NULL.
 * @foreground: Stay, and log to standard error.
 * @private_pids: Handlers run in a pid namespace of their own.
 * @no_fallback: What is not answered here is answered by nobody.
 * @hand_over: Have the service manager keep the services.
 * @verbose: Log more.
 * @probe: Only look whether this kernel has key services.
 * @strict: One fault in the rules is enough to refuse them all.
 * @check: Only look at the rules.
 * @from_kernel: With @check: the sample is a request of the kernel.
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
	const char	*metrics;
	const char	*listen;
	const char	*status;
	bool		foreground;
	bool		private_pids;
	bool		no_fallback;
	bool		hand_over;
	bool		verbose;
	bool		probe;
	bool		strict;
	bool		check;
	bool		from_kernel;
	char		**sample;
	int		sample_count;
};

/* The name of a scope on the command line. */
const char *options_scope_name(unsigned int scope);

/* Ends the process with EXIT_USAGE if the arguments make no sense. */
void options_parse(struct options *options, int argc, char **argv);

#endif /* REQUEST_KEYD_OPTIONS_H */
