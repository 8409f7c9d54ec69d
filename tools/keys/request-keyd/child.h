/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_CHILD_H
#define REQUEST_KEYD_CHILD_H

#include <sys/types.h>

#include "request.h"
#include "rule.h"

/**
 * struct child - A handler at work
 * @pid: Its process, which leads a session of its own; 0 if there is none.
 * @in: Where its input is written to, or -1.
 * @out: Where its output is read from, or -1.
 * @err: Where its errors are read from, or -1.
 * @failure: Why its program was not run, as an errno, which it shares with us as
 *	long as it is not; NULL if there is no handler.
 */
struct child {
	pid_t	pid;
	int	in;
	int	out;
	int	err;
	int	*failure;
};

/**
 * struct child_plan - What a handler is started for
 * @service: The descriptor that the request was read from.
 * @id: Number of the request.
 * @op: What is to be done.
 * @rule: How.
 * @request: For whom.
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
 * @plan: What to start.
 *
 * The handler gets the authority over the request, in a session keyring of its
 * own, and what the kernel would give it: root folder, environment, umask, no
 * open file but the first three.  Orphans of what it starts come to it.
 *
 * Return: 0, or -1 with errno set.
 */
int child_start(struct child *child, const struct child_plan *plan);

/* Kills the handler and what it has started. */
void child_kill(const struct child *child);

/* Why the program was not run, as an errno; 0 if it was. */
int child_failure(const struct child *child);

/* Lets go of a handler that has ended, or was killed. */
void child_close(struct child *child);

#endif /* REQUEST_KEYD_CHILD_H */
