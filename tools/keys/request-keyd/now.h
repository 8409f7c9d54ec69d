/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_NOW_H
#define REQUEST_KEYD_NOW_H

#include <stdint.h>
#include <time.h>

#define NSEC_PER_SEC	UINT64_C(1000000000)
#define NSEC_PER_MSEC	UINT64_C(1000000)

/* CLOCK_MONOTONIC in nanoseconds, the clock of the kernel's deadlines. */
static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

#endif /* REQUEST_KEYD_NOW_H */
