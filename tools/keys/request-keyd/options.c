// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <key_service.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "control.h"
#include "limits.h"
#include "policy.h"

#define SAMPLE_MAX	3

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*name;
	unsigned int	scope;
} scope_names[] = {
	{ "uid", KEY_SERVICE_SCOPE_UID },
	{ "user-ns", KEY_SERVICE_SCOPE_USER_NS },
	{ "net-ns", KEY_SERVICE_SCOPE_NET_NS },
};

static const struct option long_options[] = {
	{ "allow-user", required_argument, NULL, 'a' },
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, 'C' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "hand-over", no_argument, NULL, 'H' },
	{ "help", no_argument, NULL, 'h' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "kernel", no_argument, NULL, 'k' },
	{ "limit", required_argument, NULL, 'l' },
	{ "listen", required_argument, NULL, 'L' },
	{ "max-pending", required_argument, NULL, 'm' },
	{ "metrics", required_argument, NULL, 'M' },
	{ "no-fallback", no_argument, NULL, 'n' },
	{ "prefix", required_argument, NULL, 'p' },
	{ "private-pids", no_argument, NULL, 'i' },
	{ "probe", no_argument, NULL, 'P' },
	{ "scope", required_argument, NULL, 's' },
	{ "status", optional_argument, NULL, 'Q' },
	{ "strict", no_argument, NULL, 'S' },
	{ "type", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ 0 }
};

__attribute__((noreturn))
static void options_usage(int status)
{
	fprintf(status ? stderr : stdout,
		"Use: request-keyd [OPTION]...\n"
		"     request-keyd --check [OPTION]... [TYPE DESCRIPTION [CALLOUT]]\n"
		"Answers key requests of the kernel by the rules of request-key.conf(5).\n"
		"  -a, --allow-user TYPES  key types that programs may request, * for any\n"
		"                          (%s)\n"
		"  -c, --config FOLDER     where request-key.conf and request-key.d are (%s)\n"
		"  -C, --check             check the rules; with a key, say what would be done\n"
		"  -f, --foreground        stay there, and log to standard error\n"
		"  -H, --hand-over         have the service manager keep open requests\n"
		"  -i, --private-pids      let handlers see no process of others\n"
		"  -j, --jobs N            handlers at a time (%d)\n"
		"  -k, --kernel            check a request of the kernel, not of a program\n"
		"  -l, --limit SECONDS     what a handler may take (%d)\n"
		"  -L, --listen SOCKET     tell --status there how it stands\n"
		"  -m, --max-pending N     requests that may wait (the kernel's default)\n"
		"  -M, --metrics FILE      write counts there for Prometheus\n"
		"  -n, --no-fallback       leave nothing to other services or the helper program\n"
		"  -p, --prefix TEXT       only keys whose description starts so\n"
		"  -P, --probe             say by the exit status whether the kernel has services\n"
		"  -Q, --status[=SOCKET]   print how it stands with a daemon (%s)\n"
		"  -s, --scope SCOPE       uid, user-ns or net-ns; may be given twice\n"
		"                          (user-ns and net-ns)\n"
		"  -S, --strict            refuse all rules if there is a fault in one\n"
		"  -t, --type TYPE         only keys of this type\n"
		"  -v, --verbose           log more\n",
		POLICY_USER_TYPES, CONFIG_FOLDER, JOBS_DEFAULT,
		HANDLER_SECONDS, CONTROL_SOCKET);
	exit(status);
}

__attribute__((noreturn))
static void options_misuse(const char *what, const char *arg)
{
	fprintf(stderr, "request-keyd: %s: %s\n", what, arg);
	options_usage(EXIT_USAGE);
}

static unsigned int options_parse_number(const char *text, unsigned int max)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	/* strtoul() would accept a sign and return the negated number. */
	if (errno || *text < '0' || *text > '9' || *end || !n || n > max)
		options_misuse("no such number", text);
	return n;
}

const char *options_scope_name(unsigned int scope)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(scope_names) && scope_names[i].scope != scope)
		i++;
	return scope_names[i].name;
}

static void options_add_scope(struct options *options, const char *name)
{
	const size_t count = ARRAY_SIZE(scope_names);
	size_t i = 0;

	while (i < count && strcmp(name, scope_names[i].name))
		i++;
	if (i == count)
		options_misuse("no such scope", name);
	if (options->scope_count == SCOPES_MAX)
		options_misuse("too many scopes", name);
	options->scopes[options->scope_count++] = scope_names[i].scope;
}

static void options_parse_option(struct options *options, int c)
{
	switch (c) {
	case 'a':
		options->user_types = optarg;
		break;
	case 'c':
		options->folder = optarg;
		break;
	case 'C':
		options->check = true;
		break;
	case 'f':
		options->foreground = true;
		break;
	case 'H':
		options->hand_over = true;
		break;
	case 'i':
		options->private_pids = true;
		break;
	case 'j':
		options->jobs = options_parse_number(optarg, JOBS_MAX);
		break;
	case 'k':
		options->from_kernel = true;
		break;
	case 'l':
		options->seconds =
			options_parse_number(optarg, HANDLER_SECONDS_MAX);
		break;
	case 'L':
		options->listen = optarg;
		break;
	case 'm':
		options->max_pending =
			options_parse_number(optarg, PENDING_MAX);
		break;
	case 'M':
		options->metrics = optarg;
		break;
	case 'n':
		options->no_fallback = true;
		break;
	case 'p':
		options->prefix = optarg;
		break;
	case 'P':
		options->probe = true;
		break;
	case 'Q':
		options->status = optarg ? optarg : CONTROL_SOCKET;
		break;
	case 's':
		options_add_scope(options, optarg);
		break;
	case 'S':
		options->strict = true;
		break;
	case 't':
		options->type = optarg;
		break;
	case 'v':
		options->verbose = true;
		break;
	default:
		options_usage(c == 'h' ? EXIT_SUCCESS : EXIT_USAGE);
	}
}

/*
 * In scope uid the daemon answers only its own user, with the rights of that
 * user, so a forged request gains nothing.
 */
static void options_set_defaults(struct options *options)
{
	bool uid_only = options->scope_count == 1 &&
			options->scopes[0] == KEY_SERVICE_SCOPE_UID;

	if (!options->scope_count) {
		options_add_scope(options, "user-ns");
		options_add_scope(options, "net-ns");
	}
	if (!options->user_types)
		options->user_types = uid_only ? POLICY_ALL : POLICY_USER_TYPES;
	/*
	 * Any user may open a service of this scope, so the kernel requires a
	 * key type.
	 */
	for (int i = 0; !options->type && !options->check &&
	     i < options->scope_count; i++)
		if (options->scopes[i] == KEY_SERVICE_SCOPE_UID)
			options_misuse("scope uid wants --type", "--scope=uid");
}

void options_parse(struct options *options, int argc, char **argv)
{
	int c;

	*options = (struct options){
		.folder = CONFIG_FOLDER,
		.jobs = JOBS_DEFAULT,
		.seconds = HANDLER_SECONDS,
	};
	while ((c = getopt_long(argc, argv, "a:c:CfhHij:kl:L:m:M:np:PQ::s:St:v",
				long_options, NULL)) != -1)
		options_parse_option(options, c);
	options->sample = argv + optind;
	options->sample_count = argc - optind;
	if (options->sample_count && !options->check)
		options_misuse("nothing is expected here", argv[optind]);
	if (options->sample_count == 1 || options->sample_count > SAMPLE_MAX)
		options_misuse("wants TYPE DESCRIPTION [CALLOUT]", "--check");
	options_set_defaults(options);
}
