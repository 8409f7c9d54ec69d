/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_BUDGET_H
#define REQUEST_KEYD_BUDGET_H

#include "payer.h"

/**
 * budget_allows - May a line be logged that a user has caused?
 * @payer: The payer.
 *
 * A payer other than root and the kernel has a limited number of lines a
 * minute.  Before the first line of the next minute the function logs how many
 * lines were left out.
 */
bool budget_allows(struct payer payer);

#endif /* REQUEST_KEYD_BUDGET_H */
