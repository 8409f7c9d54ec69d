/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_OPTIONS_H
#define REQUEST_KEYD_OPTIONS_H

#include <stdbool.h>

#define SCOPES_MAX	2
#define EXIT_USAGE	2

/**
 * struct options - the options of the command line
 * @folder: Folder of request-key.conf and request-key.d.
 * @scopes: KEY_SERVICE_SCOPE_* to open a service for.
 * @scope_count: How many scopes there are.
 * @type: The only key type to answer for, or NULL.
 * @prefix: Prefix that descriptions must have, or NULL.
 * @user_types: Key types that programs may request.
 * @jobs: The most handlers at a time.
 * @seconds: Time limit of a handler.
 * @max_pending: The most requests that wait in the kernel, 0 for its default.
 * @metrics: File for Prometheus, or NULL.
 * @listen: Path of the control socket, or NULL.
 * @status: Path of the control socket of a daemon whose state to print, or
 *	NULL.
 * @foreground: Stay in the foreground, and log to standard error.
 * @private_pids: Handlers run in a pid namespace of their own.
 * @no_fallback: Requests that the daemon does not answer take no other route.
 * @hand_over: Let the service manager keep the services' descriptors.
 * @verbose: Log more.
 * @probe: Only check whether this kernel has key services.
 * @strict: Refuse all rules if there is one fault.
 * @check: Only check the rules.
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

/* Returns the name of a scope on the command line. */
const char *options_scope_name(unsigned int scope);

/* Ends the process with EXIT_USAGE if the arguments make no sense. */
void options_parse(struct options *options, int argc, char **argv);

#endif /* REQUEST_KEYD_OPTIONS_H */
