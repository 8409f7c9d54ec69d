// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures to compare with: a system call, and a round trip between two
 * processes.
 */
#include <stdlib.h>

#include "bench.h"

#define CALLS	20000
#define TRIPS	5000

/**
 * struct trip - Two processes that pass a byte back and forth
 * @there: Pipe to the other process.
 * @back: Pipe from it.
 */
struct trip {
	int there[2];
	int back[2];
};

static long one_call(void *arg, unsigned int round)
{
	(void)arg;
	(void)round;
	return syscall(__NR_getppid);
}

static long one_trip(void *arg, unsigned int round)
{
	const struct trip *trip = arg;
	char byte = round;

	if (write(trip->there[1], &byte, 1) != 1)
		return -1;
	return read(trip->back[0], &byte, 1);
}

static void echo(const struct trip *trip)
{
	char byte;

	close(trip->there[1]);
	while (read(trip->there[0], &byte, 1) == 1)
		if (write(trip->back[1], &byte, 1) != 1)
			break;
}

void bench_base(void)
{
	struct trip trip;
	const struct work call = { .run = one_call, .rounds = CALLS };
	const struct work pipes = {
		.run = one_trip, .arg = &trip, .rounds = TRIPS,
	};

	measure(&call, "getppid");

	must(pipe(trip.there), "pipe");
	must(pipe(trip.back), "pipe");
	fflush(NULL);
	if (must(fork(), "fork") == 0) {
		echo(&trip);
		_exit(0);
	}
	measure(&pipes, "pipe");
}
