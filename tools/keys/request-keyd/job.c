// SPDX-License-Identifier: GPL-2.0-only
#include "job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "budget.h"
#include "limits.h"
#include "log.h"
#include "now.h"
#include "policy.h"
#include "shortage.h"
#include "stats.h"
#include "turn.h"

struct job *job_new(int service, const struct key_service_request *record,
		    struct payer payer)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->record = malloc(record->size);
	if (!job->record) {
		free(job);
		return NULL;
	}
	memcpy(job->record, record, record->size);
	job->service = service;
	job->child = (struct child){ 0, -1, -1, -1, NULL };
	job->payer = payer;
	job->complaint.payer = payer;
	job->read_at = now_ns();
	job->request = (struct request){
		.key = record->key,
		.type = key_service_type(job->record),
		.description = key_service_description(job->record),
		.callout = key_service_callout(job->record),
		.callout_len = record->callout_len,
		.uid = record->uid,
		.gid = record->gid,
		.thread = record->thread_keyring,
		.process = record->process_keyring,
		.session = record->session_keyring,
		.pid = record->pid,
		.from_kernel = record->origin == KEY_SERVICE_ORIGIN_KERNEL,
	};
	return job;
}

void job_free(struct job *job)
{
	child_close(&job->child);
	payload_free(&job->payload);
	if (job->config)
		config_put(job->config);
	explicit_bzero(job->record, job->record->size);
	free(job->record);
	free(job);
}

/* Logs the one line of each request. */
static void job_tell(const struct job *job, const char *result)
{
	const struct request *request = &job->request;
	char type[LOG_FIELD_MAX], description[LOG_FIELD_MAX];
	const char *origin = request->from_kernel ? "kernel" : "user";
	unsigned long long ms = (now_ns() - job->read_at) / NSEC_PER_MSEC;
	const char *program = job->rule ? job->rule->program : "none";
	char place[LOG_FIELD_MAX] = "none";
	char fields[LOG_FIELDS_MAX];

	if (!budget_allows(job->payer))
		return;
	log_escape(type, sizeof(type), request->type, strlen(request->type));
	log_escape(description, sizeof(description), request->description,
		   strlen(request->description));
	if (job->rule)
		snprintf(place, sizeof(place), "%s:%u", job->rule->file,
			 job->rule->line);
	snprintf(fields, sizeof(fields),
		 "KEY_REQUEST=%llu\nKEY_SERIAL=%d\nKEY_TYPE=%s\n"
		 "KEY_DESCRIPTION=%s\nKEY_UID=%u\nKEY_ORIGIN=%s\nKEY_RULE=%s\n"
		 "KEY_ACTION=%s\nKEY_RESULT=%s\nKEY_MS=%llu\n",
		 job->record->id, request->key, type, description, request->uid,
		 origin, place, program, result, ms);
	log_with(LOG_INFO, fields,
		 "request id=%llu key=%d type=%s description=\"%s\" uid=%u origin=%s rule=%s action=%s result=%s ms=%llu",
		 job->record->id, request->key, type, description, request->uid,
		 origin, place, program, result, ms);
}

/*
 * Logs why a step failed.  A user can cause such failures, so the lines are
 * limited.
 */
static void job_complain(const struct job *job, const char *what, int error)
{
	if (budget_allows(job->payer))
		log_say(LOG_NOTICE, "request id=%llu %s: %s", job->record->id,
			what, strerror(error));
}

static void job_count_use(struct rule_use *use, bool answered, uint64_t took)
{
	use->over++;
	use->answered += answered;
	use->total += took;
	if (took > use->longest)
		use->longest = took;
}

static void job_finish(struct job *job, const char *result)
{
	job_tell(job, result);
	stats_count(result);
	if (job->rule)
		job_count_use(job->rule->use, !strcmp(result, "answered"),
			  now_ns() - job->read_at);
	job->done = true;
}

/* Returns the result of a request that the kernel does not know any more. */
static const char *job_unknown_result(const struct job *job)
{
	if (now_ns() >= job->record->deadline)
		return "late";
	return job->op && !strcmp(job->op, OP_NEGATE) ? "rejected" : "answered";
}

/*
 * The rejection fails if the handler has already answered; only the kernel
 * knows this.
 */
static void job_reject(struct job *job, int error, unsigned int lifetime,
		       const char *result)
{
	if (key_service_reject(job->service, job->record->id, error, lifetime))
		result = errno == ENOENT ? job_unknown_result(job) : strerror(errno);
	job_finish(job, result);
}

/* The error is not remembered, since a shortage says nothing about the key. */
static void job_fail(struct job *job, int error)
{
	job_complain(job, "cannot be handled", error);
	job_reject(job, error, 0, "failed");
}

/*
 * Another service, or the kernel's helper program, may have a rule for the
 * request.
 */
static void job_pass(struct job *job)
{
	const char *result = "passed";

	if (key_service_pass(job->service, job->record->id))
		result = errno == ENOENT ? job_unknown_result(job) : strerror(errno);
	job_finish(job, result);
}

void job_refuse_busy(struct job *job)
{
	job_reject(job, EBUSY, 0, "busy");
}

static unsigned int job_handler_seconds(const struct rule *rule,
					const struct job_terms *terms)
{
	return rule->options.seconds ? rule->options.seconds : terms->seconds;
}

static void job_launch(struct job *job, const struct job_terms *terms)
{
	const struct child_plan plan = {
		.service = job->service,
		.id = job->record->id,
		.op = job->op,
		.rule = job->rule,
		.request = &job->request,
	};

	job->limit = now_ns() + job_handler_seconds(job->rule, terms) * NSEC_PER_SEC;
	if (!child_start(&job->child, &plan))
		return;
	job_fail(job, errno);
}

/* A job that waits has its rule chosen again only if the rules were read anew. */
void job_choose(struct job *job, const struct job_terms *terms)
{
	if (job->op || job->config == terms->config)
		return;
	if (!policy_allows(terms->user_types, &job->request)) {
		job_reject(job, EKEYREJECTED, REFUSED_NEGATIVE_SECONDS, "refused");
		return;
	}
	if (job->config)
		config_put(job->config);
	job->config = config_get(terms->config);
	job->chosen = config_match(job->config, OP_CREATE, &job->request);
}

void job_start(struct job *job, const struct job_terms *terms)
{
	if (!job->op)
		job->op = OP_CREATE;
	job->rule = job->chosen;
	if (job->rule && job->rule->options.jobs)
		turn_take(job->rule, job->payer);
	if (job->rule)
		job_launch(job, terms);
	else if (terms->no_fallback)
		job_reject(job, ENOKEY, NEGATIVE_SECONDS, "no-rule");
	else
		job_pass(job);
}

int job_fds(const struct job *job, struct pollfd *fds)
{
	int n = 0;

	if (job->child.in >= 0)
		fds[n++] = (struct pollfd){ job->child.in, POLLOUT, 0 };
	if (job->child.out >= 0)
		fds[n++] = (struct pollfd){ job->child.out, POLLIN, 0 };
	if (job->child.err >= 0)
		fds[n++] = (struct pollfd){ job->child.err, POLLIN, 0 };
	return n;
}

static void job_close_pipe(int *fd)
{
	close(*fd);
	*fd = -1;
}

/* A handler need not read its input, so EPIPE is no failure. */
static void job_write_callout(struct job *job)
{
	size_t left = job->request.callout_len - job->sent;
	ssize_t n = 0;

	if (left)
		n = write(job->child.in, job->request.callout + job->sent,
			  left);
	if (n > 0)
		job->sent += n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) ||
	    job->sent == job->request.callout_len)
		job_close_pipe(&job->child.in);
}

static void job_read_payload(struct job *job, size_t max)
{
	bool end;

	if (payload_read(&job->payload, job->child.out, max, &end)) {
		job->broken = errno;
		job_complain(job, "output", job->broken);
		if (job_runs(job))
			child_kill(&job->child);
		end = true;
	}
	if (end)
		job_close_pipe(&job->child.out);
}

static void job_read_errors(struct job *job, size_t max)
{
	if (!complaint_read(&job->complaint, job->record->id, job->child.err,
			    max))
		job_close_pipe(&job->child.err);
}

void job_io(struct job *job, const struct pollfd *fds, int count)
{
	for (int i = 0; i < count; i++) {
		if (!fds[i].revents)
			continue;
		if (fds[i].fd == job->child.in)
			job_write_callout(job);
		else if (fds[i].fd == job->child.out)
			job_read_payload(job, TURN_READ_MAX);
		else if (fds[i].fd == job->child.err)
			job_read_errors(job, TURN_READ_MAX);
	}
}

/*
 * The pipes still have what the handler wrote before it ended.  Its descendants
 * may go on writing, but only the bytes that are in the pipes now count.
 */
static void job_drain(struct job *job)
{
	if (job->child.out >= 0)
		job_read_payload(job, stream_filled(job->child.out));
	if (job->child.err >= 0)
		job_read_errors(job, stream_filled(job->child.err));
	complaint_end(&job->complaint, job->record->id);
	child_close(&job->child);
}

static int job_write_payload(const struct job *job)
{
	const struct payload *payload = &job->payload;
	unsigned int lifetime = job->rule->options.lifetime;

	return lifetime ?
	       key_service_answer_for(job->service, job->record->id,
				      payload->bytes, payload->len, lifetime) :
	       key_service_answer(job->service, job->record->id,
				  payload->bytes, payload->len);
}

/* Returns false if the handler's output is no payload for this key. */
static bool job_answer(struct job *job)
{
	int error;

	if (!job_write_payload(job)) {
		job_finish(job, "answered");
		return true;
	}
	if (errno == ENOENT) {
		job_finish(job, "late");
		return true;
	}
	error = errno;
	job_complain(job, "payload", error);
	if (!is_shortage(error))
		return false;
	job_fail(job, error);
	return true;
}

/*
 * Only for a handler behind a pipe does the daemon use the rule for "negate":
 * any other handler can reject the key itself.  Where that rule has a limit, the job
 * waits for its turn.
 */
static bool job_negate(struct job *job, const struct job_terms *terms)
{
	const struct rule *rule;

	if (!job->rule->pipe || !strcmp(job->op, OP_NEGATE))
		return false;
	rule = config_match(job->config, OP_NEGATE, &job->request);
	if (!rule)
		return false;
	payload_free(&job->payload);
	job->sent = 0;
	job->broken = 0;
	job->chosen = rule;
	job->op = OP_NEGATE;
	if (!rule->options.jobs)
		job_start(job, terms);
	return true;
}

static void job_judge(struct job *job, int status, int failure,
		      const struct job_terms *terms)
{
	bool good = WIFEXITED(status) && !WEXITSTATUS(status);

	if (!good)
		log_say(LOG_DEBUG, "request id=%llu handler ended with status 0x%x",
			job->record->id, (unsigned int)status);
	if (is_shortage(failure)) {
		job_fail(job, failure);
		return;
	}
	if (is_shortage(job->broken)) {
		job_fail(job, job->broken);
		return;
	}
	if (job->rule->pipe && good && !job->broken && job_answer(job))
		return;
	if (job_negate(job, terms))
		return;
	job_reject(job, ENOKEY, NEGATIVE_SECONDS, "no-answer");
}

void job_ended(struct job *job, int status, const struct job_terms *terms)
{
	int failure = child_failure(&job->child);

	status = child_status(&job->child, status);
	/*
	 * The process has been reaped, so its number may belong to another one
	 * by now.
	 */
	job->child.pid = 0;
	job_drain(job);
	job_judge(job, status, failure, terms);
}

/*
 * The request ends at the kernel's deadline, so no handler has to work longer.
 */
uint64_t job_deadline(const struct job *job)
{
	if (!job_runs(job) || job->record->deadline < job->limit)
		return job->record->deadline;
	return job->limit;
}

void job_expire(struct job *job, uint64_t now)
{
	if (job->done || now < job_deadline(job))
		return;
	if (!job_runs(job)) {
		job_finish(job, "late");
		return;
	}
	child_kill(&job->child);
	job_drain(job);
	job_reject(job, ETIMEDOUT, TIMEOUT_NEGATIVE_SECONDS, "timeout");
}
