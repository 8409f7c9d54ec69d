/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_STATS_H
#define REQUEST_KEYD_STATS_H

#include <stdint.h>
#include <stdio.h>

/* Counts a finished request, with its result as in the log. */
void stats_count(const char *result);

/* Prints a line for each result that has occurred. */
void stats_print(FILE *file);

/* Returns the number of finished requests. */
uint64_t stats_total(void);

/**
 * stats_write - Write the file for Prometheus
 * @path: The file, which is replaced in one step.
 * @waiting: Requests that wait for a slot.
 * @running: Handlers at work.
 *
 * Return: 0, or -1 with errno set.
 */
int stats_write(const char *path, unsigned int waiting, unsigned int running);

#endif /* REQUEST_KEYD_STATS_H */
