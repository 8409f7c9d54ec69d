/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_PULSE_H
#define REQUEST_KEYD_PULSE_H

#include "options.h"

#include <stdint.h>

/**
 * struct pulse - messages and files that the daemon writes periodically
 * @metrics: File for Prometheus, or NULL.
 * @every: Interval of messages to the service manager, in ns; 0 for none.
 * @beat_at: When the next message is sent.
 * @write_at: When the file is written next.
 * @written: How many requests were over when the file was last written.
 */
struct pulse {
	const char	*metrics;
	uint64_t	every;
	uint64_t	beat_at;
	uint64_t	write_at;
	uint64_t	written;
};

/* Sets up a pulse from WATCHDOG_USEC and --metrics. */
void pulse_start(struct pulse *pulse, const struct options *options);

/* Returns when pulse_beat() has something to do, in ns; 0 for never. */
uint64_t pulse_next(const struct pulse *pulse);

/**
 * pulse_beat - Send the message and write the file that are due
 * @pulse: The pulse.
 * @now: The time, in ns.
 * @waiting: Requests that wait for a slot.
 * @running: Handlers at work.
 */
void pulse_beat(struct pulse *pulse, uint64_t now, unsigned int waiting,
		unsigned int running);

#endif /* REQUEST_KEYD_PULSE_H */
