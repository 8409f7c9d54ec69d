// SPDX-License-Identifier: GPL-2.0-only
#include "serve.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "job.h"
#include "limits.h"
#include "log.h"
#include "notify.h"
#include "now.h"
#include "pids.h"
#include "pulse.h"
#include "slots.h"
#include "stats.h"
#include "turn.h"

/**
 * struct server - state of the daemon's loop
 * @services: The services.
 * @options: The options of the command line.
 * @terms: Settings for all jobs.
 * @signals: Descriptor from which signals are read.
 * @control: The control socket, or -1.
 * @jobs: All jobs, the oldest first.
 * @count: How many jobs there are.
 * @running: How many of them have a handler.
 * @fds: The descriptors that poll() waits for.
 * @record: Buffer for a request.
 * @pulse: Periodic messages and files.
 * @user_ns: Inode number of the daemon's user namespace, 0 if unknown.
 * @reap_more: More children may have ended than one turn reaps.
 * @stop_by: When the daemon must have ended, in ns; 0 until a signal stops it.
 * @failed: Whether a service has failed.
 */
struct server {
	struct services		*services;
	const struct options	*options;
	struct job_terms	terms;
	int			signals;
	int			control;
	struct job		*jobs;
	unsigned int		count;
	unsigned int		running;
	struct pollfd		*fds;
	void			*record;
	struct pulse		pulse;
	uint64_t		user_ns;
	bool			reap_more;
	uint64_t		stop_by;
	bool			failed;
};

/* When the daemon ends, only what it has begun goes on. */
static bool server_would_start(const struct server *server, const struct job *job)
{
	return job_waits(job) && (job->op || !server->stop_by);
}

static bool server_may_start(const struct server *server, const struct job *job)
{
	return server_would_start(server, job) && turn_has_place(server->jobs, job) &&
	       slots_allow(server->jobs, job, server->options->jobs);
}

/* Returns the job that gets a place that @job could have. */
static struct job *server_next_like(const struct server *server, struct job *job)
{
	struct job *best = job;

	for (struct job *other = job->next; other; other = other->next)
		if (turn_is_before(server->jobs, other, best) &&
		    server_may_start(server, other))
			best = other;
	return best;
}

static void server_start_jobs(struct server *server)
{
	struct job *job, *next;

	for (job = server->jobs; job; job = job->next)
		if (server_would_start(server, job))
			job_choose(job, &server->terms);
	job = server->jobs;
	while (job && server->running < server->options->jobs) {
		if (!server_may_start(server, job)) {
			job = job->next;
			continue;
		}
		next = server_next_like(server, job);
		job_start(next, &server->terms);
		server->running += job_runs(next);
	}
}

static void server_add_job(struct server *server, struct job *job)
{
	struct job **end = &server->jobs;

	while (*end)
		end = &(*end)->next;
	*end = job;
	server->count++;
	if (!slots_have_room(server->jobs, job))
		job_refuse_busy(job);
}

static void server_remove_done(struct server *server)
{
	struct job **link = &server->jobs;

	server->running = 0;
	while (*link) {
		struct job *job = *link;

		if (!job->done) {
			server->running += job_runs(job);
			link = &job->next;
			continue;
		}
		*link = job->next;
		server->count--;
		job_free(job);
	}
}

static bool server_takes_more(const struct server *server)
{
	return !server->stop_by && server->count - server->running < QUEUE_MAX;
}

static void server_stop(struct server *server)
{
	if (server->stop_by)
		return;
	notify("STOPPING=1");
	server->stop_by = now_ns() + STOP_SECONDS * NSEC_PER_SEC;
}

static void server_fail(struct server *server, const char *why)
{
	log_say(LOG_ERR, "%s", why);
	server->failed = true;
	server_stop(server);
}

/* A network namespace may end before its daemon does. */
static void server_service_ended(struct server *server, int index, int error)
{
	server->services->ended[index] = true;
	if (error != ESHUTDOWN) {
		log_say(LOG_ERR, "cannot read requests: %s", strerror(error));
		server->failed = true;
	}
	for (int i = 0; i < server->services->count; i++)
		if (!server->services->ended[i])
			return;
	server_stop(server);
}

static void server_read_requests(struct server *server, int index)
{
	int service = server->services->fds[index];
	const struct key_service_request *record;
	struct job *job;

	while (server_takes_more(server)) {
		record = key_service_next(service, server->record,
					  KEY_SERVICE_RECORD_MAX);
		if (!record)
			break;
		job = job_new(service, record,
			      payer_of(record, server->user_ns));
		if (!job) {
			key_service_reject(service, record->id, ENOMEM, 0);
			return;
		}
		server_add_job(server, job);
	}
	if (server_takes_more(server) && errno != EAGAIN && errno != EINTR)
		server_service_ended(server, index, errno);
}

static void server_reload(struct server *server)
{
	struct config *config;

	notify_reloading();
	config = config_load(server->options->folder,
			     server->options->strict);
	if (config) {
		config_put(server->terms.config);
		server->terms.config = config;
		log_say(LOG_NOTICE, "read the rules anew");
	} else {
		log_say(LOG_ERR, "the rules stay as they were");
	}
	notify("READY=1");
}

static struct job *server_job_of_child(const struct server *server, pid_t pid)
{
	struct job *job = server->jobs;

	while (job && job->child.pid != pid)
		job = job->next;
	return job;
}

/*
 * Reaps every child, not only handlers at work: the daemon gets orphans of
 * handlers, handlers that were given up and, as the first process of a
 * container, all orphans.
 */
static void server_reap(struct server *server)
{
	int status, i;

	for (i = 0; i < TURN_REAP_MAX; i++) {
		pid_t pid = waitpid(-1, &status, WNOHANG);
		struct job *job;

		if (pid <= 0)
			break;
		job = server_job_of_child(server, pid);
		if (job)
			job_ended(job, status, &server->terms);
		else if (pids_ended_with(pid))
			server_fail(server, "the handlers' pid namespace is gone");
	}
	server->reap_more = i == TURN_REAP_MAX;
}

static void server_read_signals(struct server *server)
{
	struct signalfd_siginfo info;

	for (int i = 0; i < TURN_SIGNALS_MAX; i++) {
		if (read(server->signals, &info, sizeof(info)) != sizeof(info))
			return;
		switch (info.ssi_signo) {
		case SIGHUP:
			server_reload(server);
			break;
		case SIGCHLD:
			server->reap_more = true;
			break;
		default:
			server_stop(server);
		}
	}
}

static void server_expire_jobs(struct server *server)
{
	uint64_t now = now_ns();

	for (struct job *job = server->jobs; job; job = job->next)
		job_expire(job, now);
}

/* Returns the milliseconds until the next timed action. */
static int server_patience(const struct server *server)
{
	uint64_t now = now_ns(), first = server->stop_by;
	uint64_t beat = pulse_next(&server->pulse);

	for (const struct job *job = server->jobs; job; job = job->next) {
		uint64_t end = job_deadline(job);

		if (!first || end < first)
			first = end;
	}
	if (beat && (!first || beat < first))
		first = beat;
	if (server->reap_more)
		return 0;
	if (!first)
		return -1;
	if (first <= now)
		return 0;
	/*
	 * The time is rounded up, or the loop would spin during the last
	 * millisecond.
	 */
	first = (first - now) / NSEC_PER_MSEC + 1;
	return first < INT_MAX ? (int)first : INT_MAX;
}

static bool server_awaits(const struct server *server, int index)
{
	return server_takes_more(server) && !server->services->ended[index];
}

/* Entries of @fds before those of the services. */
enum {
	FD_SIGNALS,
	FD_CONTROL,
	FD_SERVICES,
};

/*
 * Handles signals first, then the control socket, the services, and the
 * handlers' pipes.
 */
static int server_watch(const struct server *server)
{
	struct pollfd *fds = server->fds;
	int n = 0;

	fds[n++] = (struct pollfd){ server->signals, POLLIN, 0 };
	fds[n++] = (struct pollfd){ server->control, POLLIN, 0 };
	for (int i = 0; i < server->services->count; i++)
		fds[n++] = (struct pollfd){
			server_awaits(server, i) ? server->services->fds[i] : -1,
			POLLIN, 0
		};
	for (const struct job *job = server->jobs; job; job = job->next)
		n += job_fds(job, &fds[n]);
	return n;
}

/* A rule that was never used gets no line. */
static void server_print_rule(FILE *file, const struct server *server,
		       const struct rule *rule)
{
	unsigned int running = turn_handlers(server->jobs, rule, NULL);
	const struct rule_use *use = rule->use;

	if (!running && !use->over)
		return;
	fprintf(file,
		"rule %s:%u %s running %u over %" PRIu64 " answered %" PRIu64
		" mean-ms %" PRIu64 " longest-ms %" PRIu64 "\n",
		rule->file, rule->line, rule->program, running, use->over,
		use->answered,
		use->over ? use->total / use->over / NSEC_PER_MSEC : 0,
		use->longest / NSEC_PER_MSEC);
}

static void server_print_status(FILE *file, const void *arg)
{
	const struct server *server = arg;
	const struct config *config = server->terms.config;

	fprintf(file, "pid %d\n", getpid());
	for (int i = 0; i < server->services->count; i++)
		fprintf(file, "scope %s%s\n", server->services->names[i],
			server->services->ended[i] ? " ended" : "");
	fprintf(file, "rules %zu\nwaiting %u\nrunning %u of %u\n",
		config->count, server->count - server->running, server->running,
		server->options->jobs);
	stats_print(file);
	for (size_t i = 0; i < config->count; i++)
		server_print_rule(file, server, &config->rules[i]);
}

static void server_turn(struct server *server)
{
	int first = FD_SERVICES + server->services->count;
	int count = server_watch(server);

	if (poll(server->fds, count, server_patience(server)) < 0)
		return;
	for (struct job *job = server->jobs; job; job = job->next) {
		struct pollfd unused[JOB_FDS];
		int n = job_fds(job, unused);

		job_io(job, &server->fds[first], n);
		first += n;
	}
	if (server->fds[FD_SIGNALS].revents)
		server_read_signals(server);
	if (server->reap_more)
		server_reap(server);
	for (int i = 0; i < server->services->count; i++)
		if (server->fds[FD_SERVICES + i].revents)
			server_read_requests(server, i);
	server_expire_jobs(server);
	server_remove_done(server);
	server_start_jobs(server);
	server_remove_done(server);
	if (server->fds[FD_CONTROL].revents)
		control_answer(server->control, server_print_status, server);
	pulse_beat(&server->pulse, now_ns(), server->count - server->running,
		   server->running);
}

static bool server_goes_on(const struct server *server)
{
	return !server->stop_by ||
	       (server->running && now_ns() < server->stop_by);
}

/* Unanswered requests take their next route when the descriptors are closed. */
static void server_end(struct server *server)
{
	while (server->jobs) {
		struct job *job = server->jobs;

		server->jobs = job->next;
		if (job_runs(job))
			child_kill(&job->child);
		job_free(job);
	}
	config_put(server->terms.config);
	free(server->record);
	free(server->fds);
	if (server->signals >= 0)
		close(server->signals);
	if (server->control >= 0) {
		close(server->control);
		unlink(server->options->listen);
	}
	for (int i = 0; i < server->services->count; i++)
		close(server->services->fds[i]);
}

/*
 * Without /proc the daemon cannot recognise requests from other user
 * namespaces.
 */
static uint64_t own_user_namespace(void)
{
	struct stat about;

	return stat("/proc/self/ns/user", &about) ? 0 : about.st_ino;
}

static int server_prepare(struct server *server)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	server->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	/*
	 * The daemon reaps descendants of handlers, even if it is not the first
	 * process.
	 */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		return -1;
	server->record = malloc(KEY_SERVICE_RECORD_MAX);
	server->user_ns = own_user_namespace();
	pulse_start(&server->pulse, server->options);
	if (server->options->listen) {
		server->control = control_open(server->options->listen);
		if (server->control < 0)
			return -1;
	}
	server->fds = calloc(FD_SERVICES + SCOPES_MAX + JOB_FDS * server->options->jobs,
			     sizeof(*server->fds));
	return server->signals < 0 || !server->record || !server->fds ? -1 : 0;
}

int serve(struct services *services, struct config *config,
	  const struct options *options)
{
	struct server server = {
		.services = services,
		.options = options,
		.control = -1,
		.terms = {
			.config = config,
			.user_types = options->user_types,
			.seconds = options->seconds,
			.no_fallback = options->no_fallback,
		},
	};

	if (server_prepare(&server)) {
		log_say(LOG_ERR, "cannot start: %s", strerror(errno));
		server.failed = true;
		goto out;
	}
	notify("READY=1");
	log_say(LOG_NOTICE, "ready: %zu rules", config->count);
	while (server_goes_on(&server))
		server_turn(&server);
	log_say(LOG_NOTICE, "stopped");
out:
	server_end(&server);
	return server.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
