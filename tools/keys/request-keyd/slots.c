// SPDX-License-Identifier: GPL-2.0-only
#include "slots.h"

#include <string.h>

#include "limits.h"

/**
 * struct count - numbers of running handlers, or of waiting jobs
 * @all: Of all payers.
 * @users: Of unprivileged users.
 * @kernel: Of the kernel.
 * @payer: Of the job's payer.
 * @type: Of the job's key type; only users' ones if a user pays for the job,
 *	else only the kernel's.
 */
struct count {
	unsigned int	all;
	unsigned int	users;
	unsigned int	kernel;
	unsigned int	payer;
	unsigned int	type;
};

static bool slots_is_of_same_type(const struct job *a, const struct job *b)
{
	return payer_is_user(a->payer) == payer_is_user(b->payer) &&
	       !strcmp(a->request.type, b->request.type);
}

static struct count slots_count_like(const struct job *jobs, const struct job *like,
				     bool running)
{
	struct count count = { 0 };

	for (const struct job *job = jobs; job; job = job->next) {
		if (job->done || job_runs(job) != running)
			continue;
		count.all++;
		count.users += payer_is_user(job->payer);
		count.kernel += job->payer.kind == PAYER_KERNEL;
		count.payer += payer_is_same(job->payer, like->payer);
		count.type += job->payer.kind != PAYER_ROOT &&
			      slots_is_of_same_type(job, like);
	}
	return count;
}

static unsigned int slots_at_least_one(unsigned int n)
{
	return n ? n : 1;
}

/* With few slots no shares are reserved, since a share would have no slot. */
static unsigned int slots_kept(unsigned int slots)
{
	return slots < SLOTS_SHARED_MIN ? 0 :
					  slots_at_least_one(slots / SLOTS_KEPT_SHARE);
}

bool slots_allow(const struct job *jobs, const struct job *job,
		 unsigned int slots)
{
	struct count count = slots_count_like(jobs, job, true);

	if (count.all >= slots)
		return false;
	if (job->payer.kind == PAYER_ROOT)
		return true;
	if (count.users + count.kernel >= slots - slots_kept(slots) ||
	    count.type >= slots_at_least_one(slots / SLOTS_TYPE_SHARE))
		return false;
	if (job->payer.kind == PAYER_KERNEL)
		return true;
	return count.users < slots - 2 * slots_kept(slots) &&
	       count.payer < slots_at_least_one(slots / SLOTS_USER_SHARE);
}

bool slots_have_room(const struct job *jobs, const struct job *job)
{
	struct count count = slots_count_like(jobs, job, false);

	if (!payer_is_user(job->payer))
		return true;
	return count.payer <= QUEUE_USER_MAX && count.users <= QUEUE_USERS_MAX;
}
