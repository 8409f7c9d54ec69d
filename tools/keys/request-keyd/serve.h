/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_SERVE_H
#define REQUEST_KEYD_SERVE_H

#include "config.h"
#include "options.h"

/**
 * struct services - the services that requests are read from
 * @fds: Their descriptors.
 * @names: The scope of each, as on the command line.
 * @ended: Whether each has ended.  Its descriptor stays open, since handlers at
 *	work use its number.
 * @count: How many there are.
 */
struct services {
	int	fds[SCOPES_MAX];
	const char *names[SCOPES_MAX];
	bool	ended[SCOPES_MAX];
	int	count;
};

/**
 * serve - Answer requests until a signal stops the daemon
 * @services: The services.
 * @config: The rules, whose reference the function takes over.
 * @options: The options of the command line.
 *
 * The caller must have blocked SIGHUP, SIGTERM, SIGINT and SIGCHLD.
 *
 * Return: exit status.
 */
int serve(struct services *services, struct config *config,
	  const struct options *options);

#endif /* REQUEST_KEYD_SERVE_H */
