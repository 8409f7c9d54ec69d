// SPDX-License-Identifier: GPL-2.0-only
/*
 * request-keyd - answer key requests by the rules of request-key.conf(5)
 *
 * The kernel hands requests over on a descriptor, and handlers run where this
 * daemon runs: in its namespaces, with its rights.  See request-keyd(8).
 */
#include <errno.h>
#include <fcntl.h>
#include <key_service.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "config.h"
#include "control.h"
#include "handover.h"
#include "limits.h"
#include "log.h"
#include "options.h"
#include "pids.h"
#include "rival.h"
#include "serve.h"

#define MSEC_PER_SEC	1000
#define SYSLOG_SOCKET	"/dev/log"

/* A filter of system calls may return EPERM or ENOSYS instead. */
static int probe_kernel(void)
{
	int service = key_service_open(0, NULL);

	return service < 0 && (errno == EINVAL || errno == EFAULT) ?
	       EXIT_SUCCESS : EXIT_FAILURE;
}

static const char *why_not_open(int error)
{
	switch (error) {
	case EOPNOTSUPP:
		return "this kernel has no key service (CONFIG_KEY_SERVICE)";
	case EPERM:
		return "not allowed: a scope needs CAP_SYS_ADMIN in its namespace";
	default:
		return strerror(error);
	}
}

/*
 * The kernel asks older services first, and an administrator may not know about
 * them.
 */
static void tell_rival(int service, const char *name)
{
	pid_t rival = rival_find(service);

	if (rival)
		log_say(LOG_WARNING,
			"scope %s: process %d is asked, and this one only when that has ended",
			name, rival);
}

static int open_service(const struct options *options, unsigned int scope)
{
	const char *name = options_scope_name(scope);
	const struct key_service_filter filter = {
		.type = (uintptr_t)options->type,
		.prefix = (uintptr_t)options->prefix,
	};
	const bool filtered = options->type || options->prefix;
	const struct key_service_params params = {
		.flags = KEY_SERVICE_NONBLOCK |
			 (options->no_fallback ? KEY_SERVICE_NO_FALLBACK : 0),
		.filter_count = filtered,
		.filters = filtered ? (uintptr_t)&filter : 0,
		.timeout_ms = (options->seconds + KERNEL_SLACK_SECONDS) *
			      MSEC_PER_SEC,
		.max_pending = options->max_pending,
	};
	int service = handover_take(name);

	if (service >= 0) {
		log_say(LOG_NOTICE, "scope %s: taken over", name);
		return service;
	}
	service = key_service_open(scope, &params);
	if (service < 0) {
		log_say(LOG_ERR, "scope %s: cannot open a key service: %s",
			name, why_not_open(errno));
		return -1;
	}
	tell_rival(service, name);
	if (options->hand_over)
		handover_leave(name, service);
	return service;
}

/*
 * A daemon that may open services for some of the scopes only answers for
 * these.
 */
static bool open_services(struct services *services,
			  const struct options *options)
{
	for (int i = 0; i < options->scope_count; i++) {
		unsigned int scope = options->scopes[i];
		int service = open_service(options, scope);

		if (service < 0)
			continue;
		services->names[services->count] = options_scope_name(scope);
		services->fds[services->count++] = service;
	}
	return services->count;
}

/* Handlers use descriptors 0 to 2, so no other file may get these numbers. */
static int fill_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -1;
	return close(fd);
}

static void block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/*
	 * SIGPIPE is ignored, so that a handler that does not read its input
	 * does not kill the daemon.
	 */
	signal(SIGPIPE, SIG_IGN);
}

/*
 * The first process exits only when the daemon answers requests.  The function
 * returns in the daemon, with a descriptor that the daemon writes a byte to
 * when it is ready.
 */
static int fork_to_background(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 1 ? EXIT_SUCCESS :
						     EXIT_FAILURE);
	}
	close(ends[0]);
	setsid();
	return ends[1];
}

/*
 * A container usually has no syslog, and container managers collect standard
 * error.
 */
static int leave_terminal(int ready, bool verbose)
{
	int last = STDOUT_FILENO;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || chdir("/"))
		return -1;
	if (!access(SYSLOG_SOCKET, W_OK)) {
		log_open(LOG_TO_SYSLOG, verbose);
		last = STDERR_FILENO;
	}
	for (int fd = STDIN_FILENO; fd <= last; fd++)
		if (dup2(null, fd) < 0)
			return -1;
	if (write(ready, "", 1) != 1)
		return -1;
	close(ready);
	return close(null);
}

static int run_daemon(const struct options *options, int ready)
{
	struct services services = { .count = 0 };
	struct config *config = config_load(options->folder, options->strict);

	if (!config)
		return EXIT_FAILURE;
	/* Before there are services, of which its first process is to have none. */
	if (options->private_pids && pids_make()) {
		log_say(LOG_ERR, "cannot hide processes from handlers: %s",
			strerror(errno));
		config_put(config);
		return EXIT_FAILURE;
	}
	if (!open_services(&services, options)) {
		config_put(config);
		return EXIT_FAILURE;
	}
	if (ready >= 0 && leave_terminal(ready, options->verbose)) {
		log_say(LOG_ERR, "cannot go to the background: %s",
			strerror(errno));
		config_put(config);
		return EXIT_FAILURE;
	}
	return serve(&services, config, options);
}

int main(int argc, char **argv)
{
	struct options options;
	int ready = -1;

	if (fill_standard_files())
		return EXIT_FAILURE;
	options_parse(&options, argc, argv);
	/* When the first process of a container ends, the container ends. */
	options.foreground |= getpid() == 1;
	log_open(options.foreground && getenv("JOURNAL_STREAM") ?
		 LOG_TO_JOURNAL : LOG_TO_STDERR, options.verbose);
	if (options.probe)
		return probe_kernel();
	if (options.status)
		return control_ask(options.status);
	if (options.check)
		return check_rules(&options);
	/*
	 * The path is made absolute, since the current folder has changed when
	 * the rules are read again.
	 */
	options.folder = realpath(options.folder, NULL);
	if (!options.folder) {
		log_say(LOG_ERR, "no folder of rules: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	block_signals();
	if (!options.foreground) {
		ready = fork_to_background();
		if (ready < 0) {
			log_say(LOG_ERR, "cannot go to the background: %s",
				strerror(errno));
			return EXIT_FAILURE;
		}
	}
	return run_daemon(&options, ready);
}
