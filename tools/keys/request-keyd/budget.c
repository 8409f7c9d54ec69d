// SPDX-License-Identifier: GPL-2.0-only
#include "budget.h"

#include <stddef.h>

#include "limits.h"
#include "log.h"
#include "now.h"

/**
 * struct budget - log lines of a payer in the current minute
 * @payer: The payer.
 * @since: When the minute began, in ns; 0 if this entry is free.
 * @lines: How many were logged.
 * @left_out: How many were not.
 */
struct budget {
	struct payer	payer;
	uint64_t	since;
	unsigned int	lines;
	unsigned int	left_out;
};

static struct budget budgets[BUDGETS_MAX];

static void budget_settle(struct budget *budget)
{
	if (!budget->left_out)
		return;
	if (budget->payer.kind == PAYER_ELSEWHERE)
		log_say(LOG_NOTICE, "other user namespaces: %u lines left out",
			budget->left_out);
	else
		log_say(LOG_NOTICE, "uid=%u: %u lines left out",
			budget->payer.uid, budget->left_out);
	budget->left_out = 0;
}

/* Returns the entry of @payer, or else the oldest entry. */
static struct budget *budget_find(struct payer payer)
{
	struct budget *oldest = budgets;

	for (size_t i = 0; i < BUDGETS_MAX; i++) {
		if (budgets[i].since && payer_is_same(budgets[i].payer, payer))
			return &budgets[i];
		if (budgets[i].since < oldest->since)
			oldest = &budgets[i];
	}
	return oldest;
}

bool budget_allows(struct payer payer)
{
	struct budget *budget;
	uint64_t now = now_ns();

	if (!payer_is_user(payer))
		return true;
	budget = budget_find(payer);
	if (!payer_is_same(budget->payer, payer) || !budget->since ||
	    now - budget->since >= BUDGET_SECONDS * NSEC_PER_SEC) {
		budget_settle(budget);
		*budget = (struct budget){ .payer = payer, .since = now };
	}
	if (budget->lines == BUDGET_LINES_MAX) {
		budget->left_out++;
		return false;
	}
	budget->lines++;
	return true;
}
