/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_CHILD_H
#define REQUEST_KEYD_CHILD_H

#include <sys/types.h>

#include "request.h"
#include "rule.h"

/**
 * struct child - a handler at work
 * @pid: Its process, which leads a session of its own; 0 if there is none.
 * @in: Pipe to its standard input, or -1.
 * @out: Pipe from its standard output, or -1.
 * @err: Pipe from its standard error, or -1.
 * @failure: An errno that says why its program was not run, in memory that the
 *	child shares with the daemon until the program runs; NULL if there is no
 *	handler.
 */
struct child {
	pid_t	pid;
	int	in;
	int	out;
	int	err;
	int	*failure;
};

/**
 * struct child_plan - what a handler is started for
 * @service: The descriptor that the request was read from.
 * @id: Number of the request.
 * @op: The operation, as in the rule's first column.
 * @rule: The rule that names the handler.
 * @request: The request.
 */
struct child_plan {
	int			service;
	uint64_t		id;
	const char		*op;
	const struct rule	*rule;
	const struct request	*request;
};

/**
 * child_start - Start a handler
 * @child: Filled in.
 * @plan: The handler to start.
 *
 * The handler gets the authority over the request in a session keyring of its
 * own.  Root folder, environment and umask are those of a helper that the
 * kernel starts; only the first three descriptors are open.  The handler is a
 * subreaper: orphans among its descendants become its children.
 *
 * Return: 0, or -1 with errno set.
 */
int child_start(struct child *child, const struct child_plan *plan);

/* Kills the handler and its descendants. */
void child_kill(const struct child *child);

/* Returns an errno that says why the program was not run; 0 if it was run. */
int child_failure(const struct child *child);

/* Frees the state of a handler that has ended or was killed. */
void child_close(struct child *child);

#endif /* REQUEST_KEYD_CHILD_H */
