/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs share that count instructions.
 *
 * They run where the clock of the guest counts instructions (QEMU's -icount),
 * so a nanosecond on the clock is a fixed number of them and nothing else on
 * the host moves the figures.
 */
#ifndef GUEST_COUNT_H
#define GUEST_COUNT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* -icount shift=1: one instruction is two nanoseconds. */
#define NS_PER_INSN	2

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

#endif /* GUEST_COUNT_H */
