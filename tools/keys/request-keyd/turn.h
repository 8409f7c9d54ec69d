/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_TURN_H
#define REQUEST_KEYD_TURN_H

#include "job.h"

/**
 * turn_handlers - Count the handlers of a rule that run
 * @jobs: All jobs.
 * @rule: The rule.  Handlers that were started before the rules were read anew
 *	count as well.
 * @payer: Count only the handlers of this payer's requests, or of all if NULL.
 */
unsigned int turn_handlers(const struct job *jobs, const struct rule *rule,
			   const struct payer *payer);

/* Returns whether the rule of a waiting job allows another handler. */
bool turn_has_place(const struct job *jobs, const struct job *job);

/**
 * turn_is_before - Does a job get the next place of its rule before another job?
 * @jobs: All jobs.
 * @job: A waiting job.
 * @other: Another waiting job.
 *
 * Root comes first, then the payer with the fewest handlers of that rule, then the
 * payer who was given a place longest ago.
 *
 * Return: true only if the two wait for the same rule, and the rule has a limit.
 */
bool turn_is_before(const struct job *jobs, const struct job *job,
		    const struct job *other);

/* Remembers that a rule has given a place to a payer. */
void turn_take(const struct rule *rule, struct payer payer);

#endif /* REQUEST_KEYD_TURN_H */
