/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_CHILD_H
#define REQUEST_KEYD_CHILD_H

#include <sys/types.h>

#include "request.h"
#include "rule.h"

/**
 * struct child_report - what the daemon learns of a handler
 * @failure: An errno that says why its program was not run, or 0.
 * @status: Its status, as of waitpid(), once its keeper has ended by itself.
 */
struct child_report {
	int	failure;
	int	status;
};

/**
 * struct child - a handler at work
 * @pid: Its keeper, a process of the daemon that is the handler's parent and ends with
 *	it; 0 if there is none.
 * @in: Pipe to its standard input, or -1.
 * @out: Pipe from its standard output, or -1.
 * @err: Pipe from its standard error, or -1.
 * @report: What the daemon learns of it, in memory that the keeper, and the handler until
 *	its program runs, share with the daemon; NULL if there is no handler.
 */
struct child {
	pid_t	pid;
	int	in;
	int	out;
	int	err;
	struct child_report *report;
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
 * kernel starts; only the first three descriptors are open.  Whatever it starts
 * descends from its keeper, which gets orphans.  The handler cannot change that, unless it
 * may kill the keeper, as it might the daemon.
 *
 * Return: 0, or -1 with errno set.
 */
int child_start(struct child *child, const struct child_plan *plan);

/* Kills the handler and its descendants. */
void child_kill(const struct child *child);

/* Returns an errno that says why the program was not run; 0 if it was run. */
int child_failure(const struct child *child);

/* Returns the handler's status; @status is that of its keeper, which has ended. */
int child_status(const struct child *child, int status);

/* Frees the state of a handler that has ended or was killed. */
void child_close(struct child *child);

#endif /* REQUEST_KEYD_CHILD_H */
