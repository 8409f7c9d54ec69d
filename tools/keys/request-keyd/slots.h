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
 * Each payer and each key type has a share of the slots.  Some slots are
 * reserved for root, and some for root and the kernel.  If a share is used up,
 * only the jobs of that share wait.
 */
bool slots_allow(const struct job *jobs, const struct job *job,
		 unsigned int slots);

/**
 * slots_have_room - May a job wait for a handler?
 * @jobs: All jobs, including @job.
 * @job: The newest one.
 *
 * The daemon reads a limited number of requests of users from the kernel, so
 * that there is room for root's.
 */
bool slots_have_room(const struct job *jobs, const struct job *job);

#endif /* REQUEST_KEYD_SLOTS_H */
