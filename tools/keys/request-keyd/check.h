/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_CHECK_H
#define REQUEST_KEYD_CHECK_H

#include "options.h"

/**
 * check_rules - Check the rules, and print which rule applies to a sample
 * @options: The folder of the rules, and the sample.
 *
 * Return: exit status: 1 if there is a fault, or no rule for the sample.
 */
int check_rules(const struct options *options);

#endif /* REQUEST_KEYD_CHECK_H */
