/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_STATS_H
#define REQUEST_KEYD_STATS_H

#include <stdint.h>
#include <stdio.h>

/* Counts a request that is over, with its result as the log has it. */
void stats_count(const char *result);

/* Prints a line for each result that there was. */
void stats_print(FILE *file);

/* How many there were. */
uint64_t stats_total(void);

/**
 * stats_write - Write what Prometheus reads
 * @path: The file, which is replaced in one step.
 * @waiting: Requests that wait for a slot.
 * @running: Handlers at work.
 *
 * Return: 0, or -1 with errno set.
 */
int stats_write(const char *path, unsigned int waiting, unsigned int running);

#endif /* REQUEST_KEYD_STATS_H */
