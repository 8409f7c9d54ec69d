/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_PULSE_H
#define REQUEST_KEYD_PULSE_H

#include "options.h"

#include <stdint.h>

/**
 * struct pulse - What the daemon tells of itself from time to time
 * @metrics: File for Prometheus, or NULL.
 * @every: How often the service manager wants to hear of it, in ns; 0 for never.
 * @beat_at: When it hears next.
 * @write_at: When the file is written next.
 * @written: How many requests were over when it was written last.
 */
struct pulse {
	const char	*metrics;
	uint64_t	every;
	uint64_t	beat_at;
	uint64_t	write_at;
	uint64_t	written;
};

/* Looks what is wanted: WATCHDOG_USEC and --metrics. */
void pulse_start(struct pulse *pulse, const struct options *options);

/* When pulse_beat() has something to do, in ns; 0 for never. */
uint64_t pulse_next(const struct pulse *pulse);

/**
 * pulse_beat - Tell what is due
 * @pulse: State of it.
 * @now: The time, in ns.
 * @waiting: Requests that wait for a slot.
 * @running: Handlers at work.
 */
void pulse_beat(struct pulse *pulse, uint64_t now, unsigned int waiting,
		unsigned int running);

#endif /* REQUEST_KEYD_PULSE_H */
