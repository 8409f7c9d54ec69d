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
#include "limits.h"
#include "log.h"
#include "options.h"
#include "serve.h"

#define MSEC_PER_SEC	1000

static int open_services(struct services *services,
			 const struct options *options)
{
	const struct key_service_filter filter = {
		.type = (uintptr_t)options->type,
		.prefix = (uintptr_t)options->prefix,
	};
	const bool filtered = options->type || options->prefix;
	const struct key_service_params params = {
		.flags = KEY_SERVICE_NONBLOCK,
		.filter_count = filtered,
		.filters = filtered ? (uintptr_t)&filter : 0,
		.timeout_ms = (options->seconds + KERNEL_SLACK_SECONDS) *
			      MSEC_PER_SEC,
		.max_pending = options->max_pending,
	};

	for (int i = 0; i < options->scope_count; i++) {
		services->fds[i] = key_service_open(options->scopes[i],
						    &params);
		if (services->fds[i] < 0)
			return -1;
		services->count++;
	}
	return 0;
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

/* Descriptors 0 to 2 are given to handlers, so nothing else may get them. */
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
	/* A handler that does not read its input is no reason to die. */
	signal(SIGPIPE, SIG_IGN);
}

/*
 * The caller goes on when requests are answered, not before.  Returns in the
 * daemon, with a descriptor to write a byte to when that is so.
 */
static int detach(void)
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

static int leave_terminal(int ready, bool verbose)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || chdir("/"))
		return -1;
	log_open(LOG_TO_SYSLOG, verbose);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			return -1;
	if (write(ready, "", 1) != 1)
		return -1;
	close(ready);
	return close(null);
}

static int run(const struct options *options, int ready)
{
	struct services services = { .count = 0 };
	struct config *config = config_load(options->folder);

	if (!config)
		return EXIT_FAILURE;
	if (open_services(&services, options)) {
		log_say(LOG_ERR, "cannot open a key service: %s",
			why_not_open(errno));
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
	log_open(options.foreground && getenv("JOURNAL_STREAM") ?
		 LOG_TO_JOURNAL : LOG_TO_STDERR, options.verbose);
	if (options.check)
		return check_rules(&options);
	/* The rules are read again when the current folder is another one. */
	options.folder = realpath(options.folder, NULL);
	if (!options.folder) {
		log_say(LOG_ERR, "no folder of rules: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	block_signals();
	if (!options.foreground) {
		ready = detach();
		if (ready < 0) {
			log_say(LOG_ERR, "cannot go to the background: %s",
				strerror(errno));
			return EXIT_FAILURE;
		}
	}
	return run(&options, ready);
}
