/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_SLOTS_H
#define REQUEST_KEYD_SLOTS_H

#include "job.h"

/**
 * slots_allow - May a handler be started for a job now?
 * @jobs: All jobs.
 * @job: One of them, which has no handler.
 * @slots: How many handlers may run.
 *
 * A payer has a share, and so has a key type; some slots are kept for root, and
 * some for root and the kernel.  Whoever fills a share waits, and others do not.
 */
bool slots_allow(const struct job *jobs, const struct job *job,
		 unsigned int slots);

/**
 * slots_have_room - May a job wait for a handler?
 * @jobs: All jobs, with @job.
 * @job: The last one.
 *
 * Users share what the daemon takes from the kernel, and leave room for root.
 */
bool slots_have_room(const struct job *jobs, const struct job *job);

#endif /* REQUEST_KEYD_SLOTS_H */
