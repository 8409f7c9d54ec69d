/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_JOB_H
#define REQUEST_KEYD_JOB_H

#include <key_service.h>
#include <poll.h>

#include "child.h"
#include "config.h"
#include "payer.h"
#include "stream.h"

/* The most descriptors of a job that have to be watched. */
#define JOB_FDS		3

/**
 * struct job - a request, from its read until its answer
 * @next: The job that was read next.
 * @service: The service that it was read from.
 * @record: The request in the kernel's form.
 * @request: The request in the form that rules are matched against.
 * @config: The rules that @chosen and @rule are of, with a reference, or NULL.
 * @chosen: The rule of the next handler, or NULL.
 * @rule: The rule that applies now, or NULL.
 * @op: The current operation; NULL until a handler is started.
 * @child: The handler, if one is at work.
 * @payload: The handler's output.
 * @sent: How many bytes of the callout data the handler was given.
 * @complaint: The handler's lines on standard error.
 * @payer: The payer of the request.
 * @read_at: When the request was read, in ns.
 * @limit: When the handler is killed, in ns.
 * @broken: An errno that says why the handler's output cannot be a payload; the
 *	handler was killed.
 * @done: Whether the job is answered and can be freed.
 */
struct job {
	struct job			*next;
	int				service;
	struct key_service_request	*record;
	struct request			request;
	struct config			*config;
	const struct rule		*chosen;
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
 * struct job_terms - settings for all jobs
 * @config: The current rules.
 * @user_types: Key types that programs may request.
 * @seconds: Time limit of a handler.
 * @no_fallback: Whether a request without a rule is rejected instead of passed
 *	on.
 */
struct job_terms {
	struct config	*config;
	const char	*user_types;
	unsigned int	seconds;
	bool		no_fallback;
};

/*
 * Makes a job from a copy of @record, which @payer pays for.  Returns NULL if
 * there is no memory.
 */
struct job *job_new(int service, const struct key_service_request *record,
		    struct payer payer);
void job_free(struct job *job);

/*
 * Chooses the rule for a job that waits for its first handler, by the current rules.
 * Rejects a request that a program must not make.
 */
void job_choose(struct job *job, const struct job_terms *terms);

/* Starts the handler of the chosen rule, or answers at once if there is no rule. */
void job_start(struct job *job, const struct job_terms *terms);

/* Rejects a job because its user has too many. */
void job_refuse_busy(struct job *job);

static inline bool job_runs(const struct job *job)
{
	return job->child.pid > 0;
}

/* Returns whether a job waits for a handler, its first one or that for "negate". */
static inline bool job_waits(const struct job *job)
{
	return !job->done && !job_runs(job);
}

/*
 * Writes the descriptors that job_io() waits for to @fds; returns their number.
 */
int job_fds(const struct job *job, struct pollfd *fds);

/* Reads and writes the handler's pipes; @fds are those of job_fds(). */
void job_io(struct job *job, const struct pollfd *fds, int count);

/* Handles the end of the handler. */
void job_ended(struct job *job, int status, const struct job_terms *terms);

/* Returns when job_expire() has something to do, in ns. */
uint64_t job_deadline(const struct job *job);

/*
 * Kills a handler that has exceeded its time limit, and rejects the request
 * without waiting for the handler's end, which may never come.  Drops a job
 * whose request has ended.
 */
void job_expire(struct job *job, uint64_t now);

#endif /* REQUEST_KEYD_JOB_H */
