/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_SERVE_H
#define REQUEST_KEYD_SERVE_H

#include "config.h"
#include "options.h"

/**
 * struct services - The descriptors that requests come from
 * @fds: The descriptors.
 * @names: The scope of each, as the command line has it.
 * @ended: Those that no request comes from any more.  They stay open: handlers
 *	at work go by their numbers.
 * @count: How many.
 */
struct services {
	int	fds[SCOPES_MAX];
	const char *names[SCOPES_MAX];
	bool	ended[SCOPES_MAX];
	int	count;
};

/**
 * serve - Answer requests until told to stop
 * @services: Where they come from.
 * @config: The rules; taken over.
 * @options: The rest.
 *
 * SIGHUP, SIGTERM, SIGINT and SIGCHLD have to be blocked.
 *
 * Return: exit status.
 */
int serve(struct services *services, struct config *config,
	  const struct options *options);

#endif /* REQUEST_KEYD_SERVE_H */
