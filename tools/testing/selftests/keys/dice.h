/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers that are the same on every machine, so that a failure can be
 * repeated: a test sets dice_state, and gets the same throws each time.
 */
#ifndef SELFTESTS_KEYS_DICE_H
#define SELFTESTS_KEYS_DICE_H

#include <stdint.h>

static uint32_t dice_state;

/* Returns a number below @sides. */
static inline uint32_t dice(uint32_t sides)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 17;
	dice_state ^= dice_state << 5;
	return dice_state % sides;
}

#endif /* SELFTESTS_KEYS_DICE_H */
