// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "expand.h"
#include "log.h"
#include "policy.h"

/* Returns why the program cannot run, or NULL. */
static const char *check_program_fault(const char *program)
{
	struct stat about;

	if (stat(program, &about))
		return strerror(errno);
	if (!S_ISREG(about.st_mode))
		return "not a regular file";
	/*
	 * Root may read and write any file, but may not run a file without
	 * execute permission.
	 */
	return access(program, X_OK) ? strerror(errno) : NULL;
}

static const char *check_rule_fault(const struct rule *rule)
{
	const struct pattern *op = &rule->columns[COLUMN_OP];

	if (pattern_skip(op, OP_CREATE, strlen(OP_CREATE)) == PATTERN_MISS &&
	    pattern_skip(op, OP_NEGATE, strlen(OP_NEGATE)) == PATTERN_MISS)
		return "no request has this operation";
	return check_program_fault(rule->program);
}

static int check_all(const struct config *config)
{
	int status = config->faults ? EXIT_FAILURE : EXIT_SUCCESS;

	for (size_t i = 0; i < config->count; i++) {
		const struct rule *rule = &config->rules[i];
		const char *what = check_rule_fault(rule);

		if (!what)
			continue;
		log_say(LOG_ERR, "%s:%u: %s: %s", rule->file, rule->line,
			rule->program, what);
		status = EXIT_FAILURE;
	}
	return status;
}

static int check_print_rule(const struct rule *rule, const char *op,
			    const struct request *request)
{
	const char *failed;
	char **argv;

	failed = expand_dry(rule, op, request, &argv);
	if (failed) {
		log_say(LOG_ERR, "%s:%u: %s: %s", rule->file, rule->line,
			failed, strerror(errno));
		return EXIT_FAILURE;
	}
	printf("%s:%u: %s%s", rule->file, rule->line, rule->pipe ? "|" : "",
	       rule->program);
	for (char **arg = argv + 1; *arg; arg++)
		printf(" %s", *arg);
	putchar('\n');
	expand_free(argv);
	return check_rule_fault(rule) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int check_op(const struct config *config, const char *op,
		    const struct request *request)
{
	const struct rule *rule = config_match(config, op, request);
	int status;

	if (!rule) {
		log_say(LOG_NOTICE, "no rule applies");
		return EXIT_FAILURE;
	}
	status = check_print_rule(rule, op, request);
	if (!rule->pipe || !strcmp(op, OP_NEGATE))
		return status;
	/* The rule for a rejected key, which need not exist. */
	rule = config_match(config, OP_NEGATE, request);
	if (rule && check_print_rule(rule, OP_NEGATE, request))
		return EXIT_FAILURE;
	return status;
}

static int check_sample(const struct config *config,
			const struct options *options)
{
	const char *callout = options->sample_count > 2 ? options->sample[2] :
							  "";
	const struct request request = {
		.type = options->sample[0],
		.description = options->sample[1],
		.callout = callout,
		.callout_len = strlen(callout),
		.uid = getuid(),
		.gid = getgid(),
		.from_kernel = options->from_kernel,
	};

	if (!policy_allows(options->user_types, &request)) {
		log_say(LOG_ERR,
			"refused: programs may not request keys of this type, see --allow-user and --kernel");
		return EXIT_FAILURE;
	}
	return check_op(config, OP_CREATE, &request);
}

int check_rules(const struct options *options)
{
	struct config *config = config_load(options->folder, options->strict);
	int status;

	if (!config)
		return EXIT_FAILURE;
	status = check_all(config);
	if (options->sample_count)
		status |= check_sample(config, options);
	config_put(config);
	return status;
}
