// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* The last result is for errors with which the kernel refuses an answer. */
static struct {
	const char	*result;
	uint64_t	count;
} results[] = {
	{ "answered", 0 },
	{ "rejected", 0 },
	{ "passed", 0 },
	{ "no-rule", 0 },
	{ "no-answer", 0 },
	{ "refused", 0 },
	{ "timeout", 0 },
	{ "late", 0 },
	{ "busy", 0 },
	{ "failed", 0 },
	{ "error", 0 },
};

void stats_count(const char *result)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(results) &&
	       strcmp(results[i].result, result))
		i++;
	results[i].count++;
}

uint64_t stats_total(void)
{
	uint64_t total = 0;

	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		total += results[i].count;
	return total;
}

void stats_print(FILE *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		if (results[i].count)
			fprintf(file, "%s %" PRIu64 "\n", results[i].result,
				results[i].count);
}

static void stats_print_metrics(FILE *file, unsigned int waiting,
				unsigned int running)
{
	fputs("# HELP request_keyd_requests_total Key requests that are over.\n"
	      "# TYPE request_keyd_requests_total counter\n", file);
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		fprintf(file,
			"request_keyd_requests_total{result=\"%s\"} %" PRIu64 "\n",
			results[i].result, results[i].count);
	fprintf(file,
		"# HELP request_keyd_waiting Key requests that wait for a slot.\n"
		"# TYPE request_keyd_waiting gauge\n"
		"request_keyd_waiting %u\n"
		"# HELP request_keyd_handlers Handlers at work.\n"
		"# TYPE request_keyd_handlers gauge\n"
		"request_keyd_handlers %u\n", waiting, running);
}

/* A reader always gets a complete file, the old one or the new one. */
int stats_write(const char *path, unsigned int waiting, unsigned int running)
{
	char *fresh;
	FILE *file;
	int bad, error;

	if (asprintf(&fresh, "%s.new", path) < 0)
		return -1;
	/* O_EXCL never opens a file or link that somebody else has made. */
	unlink(fresh);
	file = fopen(fresh, "wxe");
	if (!file)
		goto fail;
	stats_print_metrics(file, waiting, running);
	bad = ferror(file);
	if (fclose(file) || bad || rename(fresh, path))
		goto fail;
	free(fresh);
	return 0;

fail:
	error = errno;
	free(fresh);
	errno = error;
	return -1;
}
