/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_JOB_H
#define REQUEST_KEYD_JOB_H

#include <key_service.h>
#include <poll.h>

#include "child.h"
#include "config.h"
#include "payer.h"
#include "stream.h"

/* At most so many descriptors of a job want to be watched. */
#define JOB_FDS		3

/**
 * struct job - A request from when it is read until it is answered
 * @next: The one that was read next.
 * @service: Where it was read from.
 * @record: The request as the kernel gave it.
 * @request: The same for the rules.
 * @config: The rules when its handler was started, with a reference, or NULL.
 * @rule: The rule that applies now, or NULL.
 * @op: What is being done.
 * @child: The handler, if there is one at work.
 * @payload: Its output.
 * @sent: How much of the callout it was given.
 * @complaint: Its errors.
 * @payer: Who pays.
 * @read_at: When the request was read, in ns.
 * @limit: When the handler is killed, in ns.
 * @broken: Why what it wrote cannot be a payload, as an errno; it was killed.
 * @done: Answered; to be freed.
 */
struct job {
	struct job			*next;
	int				service;
	struct key_service_request	*record;
	struct request			request;
	struct config			*config;
	const struct rule		*rule;
	const char			*op;
	struct child			child;
	struct payload			payload;
	size_t				sent;
	struct complaint		complaint;
	struct payer			payer;
	uint64_t			read_at;
	uint64_t			limit;
	int				broken;
	bool				done;
};

/**
 * struct job_terms - What holds for every job
 * @config: The rules now.
 * @user_types: Key types that programs may request.
 * @seconds: How long a handler may take.
 * @jobs: All jobs.
 * @no_fallback: A request that no rule fits is nobody else's either.
 */
struct job_terms {
	struct config	*config;
	const char	*user_types;
	unsigned int	seconds;
	bool		no_fallback;
	struct job	**jobs;
};

/* Copies @record, which @payer pays for. NULL: no memory. */
struct job *job_new(int service, const struct key_service_request *record,
		    struct payer payer);
void job_free(struct job *job);

/*
 * Chooses a rule and starts its handler, or answers at once; or does nothing if as
 * many handlers of the rule run as may.
 */
void job_start(struct job *job, const struct job_terms *terms);

/* Answers a job that cannot be taken on: its user has too many. */
void job_refuse_busy(struct job *job);

static inline bool job_runs(const struct job *job)
{
	return job->child.pid > 0;
}

/* Writes what job_io() waits for to @fds; returns how many there are. */
int job_fds(const struct job *job, struct pollfd *fds);

/* Moves data; @fds are those of job_fds(). */
void job_io(struct job *job, const struct pollfd *fds, int count);

/* Does what follows from the end of the handler. */
void job_ended(struct job *job, int status, const struct job_terms *terms);

/* When job_expire() has something to do, in ns. */
uint64_t job_deadline(const struct job *job);

/*
 * Kills the handler if it is past its time, and rejects the request without
 * waiting for its end, which may never come; drops a job that nobody awaits.
 */
void job_expire(struct job *job, uint64_t now);

#endif /* REQUEST_KEYD_JOB_H */
