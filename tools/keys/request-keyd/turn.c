// SPDX-License-Identifier: GPL-2.0-only
#include "turn.h"

#include <string.h>

unsigned int turn_handlers(const struct job *jobs, const struct rule *rule,
			   const struct payer *payer)
{
	unsigned int count = 0;

	for (const struct job *job = jobs; job; job = job->next)
		count += job_runs(job) && job->rule &&
			 rule_is_same(job->rule, rule) &&
			 (!payer || payer_is_same(job->payer, *payer));
	return count;
}

bool turn_has_place(const struct job *jobs, const struct job *job)
{
	const struct rule *rule = job->chosen;

	return !rule || !rule->options.jobs ||
	       turn_handlers(jobs, rule, NULL) < rule->options.jobs;
}

/* Returns the place of a payer in the list of those served; 0 if it is not there. */
static unsigned int turn_served(const struct rule_use *use, struct payer payer)
{
	unsigned int i = use->served_count;

	while (i && !payer_is_same(use->served[i - 1], payer))
		i--;
	return i;
}

bool turn_is_before(const struct job *jobs, const struct job *job,
		    const struct job *other)
{
	const bool root = job->payer.kind == PAYER_ROOT;
	const struct rule *rule = job->chosen;
	unsigned int running, others;

	if (!rule || !rule->options.jobs || !other->chosen ||
	    !rule_is_same(rule, other->chosen))
		return false;
	if (root != (other->payer.kind == PAYER_ROOT))
		return root;
	running = turn_handlers(jobs, rule, &job->payer);
	others = turn_handlers(jobs, rule, &other->payer);
	if (running != others)
		return running < others;
	return turn_served(rule->use, job->payer) <
	       turn_served(rule->use, other->payer);
}

/* A payer that the list has no room for any more counts as one never served. */
void turn_take(const struct rule *rule, struct payer payer)
{
	struct rule_use *use = rule->use;
	unsigned int at = turn_served(use, payer);

	if (!at && use->served_count < RULE_PAYERS_MAX)
		at = ++use->served_count;
	/* Those behind the payer's old place, or behind the first one, move up. */
	at = at ? at - 1 : 0;
	memmove(&use->served[at], &use->served[at + 1],
		(use->served_count - at - 1) * sizeof(*use->served));
	use->served[use->served_count - 1] = payer;
}
