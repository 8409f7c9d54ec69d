// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"

static int check_sample(const struct config *config, char **sample, int count)
{
	const char *callout = count > 2 ? sample[2] : "";
	const struct request request = {
		.type = sample[0],
		.description = sample[1],
		.callout = callout,
		.callout_len = strlen(callout),
	};
	const struct rule *rule = config_match(config, OP_CREATE, &request);

	if (!rule) {
		log_say(LOG_NOTICE, "no rule applies");
		return EXIT_FAILURE;
	}
	printf("%s:%u: %s%s", rule->file, rule->line, rule->pipe ? "|" : "",
	       rule->program);
	for (size_t i = 0; i < rule->arg_count; i++)
		printf(" %s", rule->args[i]);
	putchar('\n');
	return EXIT_SUCCESS;
}

int check_rules(const struct options *options)
{
	struct config *config = config_load(options->folder);
	int status = EXIT_SUCCESS;

	if (!config)
		return EXIT_FAILURE;
	if (options->sample_count)
		status = check_sample(config, options->sample,
				      options->sample_count);
	config_put(config);
	return status;
}
