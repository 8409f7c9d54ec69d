// SPDX-License-Identifier: GPL-2.0-only
#include "serve.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job.h"
#include "limits.h"
#include "log.h"
#include "notify.h"
#include "now.h"

/**
 * struct server - The daemon at work
 * @services: Where requests come from.
 * @options: What the command line says.
 * @terms: What holds for handlers.
 * @signals: Signals come from here.
 * @jobs: All jobs, the oldest first.
 * @count: How many.
 * @running: How many of them have a handler.
 * @fds: What is waited for.
 * @record: Where a request is read to.
 * @user_ns: Inode number of the user namespace that this is, 0 if unknown.
 * @stop_by: When to be gone, in ns; 0 as long as nobody wants that.
 * @failed: A service has failed.
 */
struct server {
	struct services		*services;
	const struct options	*options;
	struct job_terms	terms;
	int			signals;
	struct job		*jobs;
	unsigned int		count;
	unsigned int		running;
	struct pollfd		*fds;
	void			*record;
	uint64_t		user_ns;
	uint64_t		stop_by;
	bool			failed;
};

/* Whether it is another user namespace's, whose user ids are as good as one. */
static bool is_from_elsewhere(const struct server *server,
			      const struct job *job)
{
	return server->user_ns && job->record->user_ns != server->user_ns;
}

/*
 * A user who asks for much must not keep others waiting.  Root is not counted,
 * nor is the kernel itself: in a namespace where its user is not known, it shares
 * a number with others, but there it shows no keyrings.
 */
static bool is_limited(const struct server *server, const struct job *job)
{
	const struct request *request = &job->request;

	return (request->uid != 0 || is_from_elsewhere(server, job)) &&
	       !(request->from_kernel && !request->session);
}

/* A user can make namespaces, and has many ids there: all those are one user. */
static bool is_of_same_user(const struct server *server, const struct job *a,
			    const struct job *b)
{
	bool elsewhere = is_from_elsewhere(server, a);

	if (elsewhere != is_from_elsewhere(server, b))
		return false;
	return elsewhere || a->request.uid == b->request.uid;
}

static unsigned int count_of_user(const struct server *server,
				  const struct job *like, bool running)
{
	unsigned int n = 0;

	for (const struct job *job = server->jobs; job; job = job->next)
		n += is_of_same_user(server, job, like) &&
		     job_runs(job) == running;
	return n;
}

static unsigned int user_share(const struct server *server)
{
	unsigned int share = server->options->jobs / JOBS_USER_SHARE;

	return share ? share : 1;
}

static bool may_start(const struct server *server, const struct job *job)
{
	if (job_runs(job) || job->done ||
	    server->running >= server->options->jobs)
		return false;
	return !is_limited(server, job) ||
	       count_of_user(server, job, true) < user_share(server);
}

static void start_jobs(struct server *server)
{
	for (struct job *job = server->jobs; job; job = job->next) {
		if (server->running >= server->options->jobs)
			return;
		if (!may_start(server, job))
			continue;
		job_start(job, &server->terms);
		server->running += job_runs(job);
	}
}

static void add_job(struct server *server, struct job *job)
{
	struct job **end = &server->jobs;

	while (*end)
		end = &(*end)->next;
	*end = job;
	server->count++;
	if (is_limited(server, job) &&
	    count_of_user(server, job, false) > QUEUE_USER_MAX)
		job_refuse_busy(job);
}

static void remove_done(struct server *server)
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

static bool takes_more(const struct server *server)
{
	return !server->stop_by && server->count - server->running < QUEUE_MAX;
}

static void stop(struct server *server)
{
	if (server->stop_by)
		return;
	notify("STOPPING=1");
	server->stop_by = now_ns() + STOP_SECONDS * NSEC_PER_SEC;
}

/* A network namespace may end before its daemon does. */
static void service_ended(struct server *server, int index, int error)
{
	server->services->ended[index] = true;
	if (error != ESHUTDOWN) {
		log_say(LOG_ERR, "cannot read requests: %s", strerror(error));
		server->failed = true;
	}
	for (int i = 0; i < server->services->count; i++)
		if (!server->services->ended[i])
			return;
	stop(server);
}

static void read_requests(struct server *server, int index)
{
	int service = server->services->fds[index];
	const struct key_service_request *record;
	struct job *job;

	while (takes_more(server)) {
		record = key_service_next(service, server->record,
					  KEY_SERVICE_RECORD_MAX);
		if (!record)
			break;
		job = job_new(service, record);
		if (!job) {
			key_service_reject(service, record->id, ENOMEM, 0);
			return;
		}
		add_job(server, job);
	}
	if (takes_more(server) && errno != EAGAIN && errno != EINTR)
		service_ended(server, index, errno);
}

static void reload(struct server *server)
{
	struct config *config;

	notify_reloading();
	config = config_load(server->options->folder);
	if (config) {
		config_put(server->terms.config);
		server->terms.config = config;
		log_say(LOG_NOTICE, "read the rules anew");
	} else {
		log_say(LOG_ERR, "the rules stay as they were");
	}
	notify("READY=1");
}

static void reap(struct server *server)
{
	for (struct job *job = server->jobs; job; job = job->next)
		job_reap(job, &server->terms);
}

static void read_signals(struct server *server)
{
	struct signalfd_siginfo info;

	while (read(server->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGHUP:
			reload(server);
			break;
		case SIGCHLD:
			reap(server);
			break;
		default:
			stop(server);
		}
	}
}

static void expire(struct server *server)
{
	uint64_t now = now_ns();

	for (struct job *job = server->jobs; job; job = job->next)
		job_expire(job, now);
}

/* Milliseconds until something has to be done without being asked. */
static int patience(const struct server *server)
{
	uint64_t now = now_ns(), first = server->stop_by;

	for (const struct job *job = server->jobs; job; job = job->next) {
		uint64_t end = job_runs(job) ? job->limit :
					       job->record->deadline;

		if (job->killed)
			continue;
		if (!first || end < first)
			first = end;
	}
	if (!first)
		return -1;
	if (first <= now)
		return 0;
	/* Rounded up, or the last millisecond would be spun away. */
	first = (first - now) / NSEC_PER_MSEC + 1;
	return first < INT_MAX ? (int)first : INT_MAX;
}

static bool is_awaited(const struct server *server, int index)
{
	return takes_more(server) && !server->services->ended[index];
}

/* Signals first, then the services, then what the handlers write and read. */
static int watch(const struct server *server)
{
	struct pollfd *fds = server->fds;
	int n = 0;

	fds[n++] = (struct pollfd){ server->signals, POLLIN, 0 };
	for (int i = 0; i < server->services->count; i++)
		fds[n++] = (struct pollfd){
			is_awaited(server, i) ? server->services->fds[i] : -1,
			POLLIN, 0
		};
	for (const struct job *job = server->jobs; job; job = job->next)
		n += job_fds(job, &fds[n]);
	return n;
}

static void turn(struct server *server)
{
	int count = watch(server), first = 1 + server->services->count;

	if (poll(server->fds, count, patience(server)) < 0)
		return;
	for (struct job *job = server->jobs; job; job = job->next) {
		struct pollfd unused[JOB_FDS];
		int n = job_fds(job, unused);

		job_io(job, &server->fds[first], n);
		first += n;
	}
	if (server->fds[0].revents)
		read_signals(server);
	for (int i = 0; i < server->services->count; i++)
		if (server->fds[1 + i].revents)
			read_requests(server, i);
	expire(server);
	remove_done(server);
	if (!server->stop_by)
		start_jobs(server);
	remove_done(server);
}

static bool goes_on(const struct server *server)
{
	return !server->stop_by ||
	       (server->running && now_ns() < server->stop_by);
}

/* What has no answer yet takes its next route when the descriptors close. */
static void end(struct server *server)
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
	for (int i = 0; i < server->services->count; i++)
		close(server->services->fds[i]);
}

/* Without /proc nobody can be told to be from elsewhere. */
static uint64_t own_user_namespace(void)
{
	struct stat about;

	return stat("/proc/self/ns/user", &about) ? 0 : about.st_ino;
}

static int prepare(struct server *server)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	server->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	server->record = malloc(KEY_SERVICE_RECORD_MAX);
	server->user_ns = own_user_namespace();
	server->fds = calloc(1 + SCOPES_MAX + JOB_FDS * server->options->jobs,
			     sizeof(*server->fds));
	return server->signals < 0 || !server->record || !server->fds ? -1 : 0;
}

int serve(struct services *services, struct config *config,
	  const struct options *options)
{
	struct server server = {
		.services = services,
		.options = options,
		.terms = {
			.config = config,
			.user_types = options->user_types,
			.seconds = options->seconds,
		},
	};

	if (prepare(&server)) {
		log_say(LOG_ERR, "cannot start: %s", strerror(errno));
		server.failed = true;
		goto out;
	}
	notify("READY=1");
	log_say(LOG_NOTICE, "ready: %zu rules", config->count);
	while (goes_on(&server))
		turn(&server);
	log_say(LOG_NOTICE, "stopped");
out:
	end(&server);
	return server.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
