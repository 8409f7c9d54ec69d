// SPDX-License-Identifier: GPL-2.0-only
/* Several processes that request different keys at once. */
#include <stdlib.h>
#include <sys/wait.h>

#include "bench.h"
#include "hold.h"
#include "task.h"

/* Requests in all */
#define REQUESTS	64
#define UID_FIRST	2000

static const struct crowd crowds[] = {
	{ 1, false }, { 2, false }, { 4, false }, { 8, false }, { 16, false },
	{ 2, true }, { 4, true }, { 8, true }, { 16, true },
};

static void ask_all(unsigned int requests)
{
	char name[NAME_SIZE];

	while (requests-- > 0)
		must(request(unique_name(name), KEY_SPEC_SESSION_KEYRING),
		     "request_key");
}

/**
 * struct signals - pipes between a crowd and the process that measures it
 * @told: Each process of the crowd writes a byte when it is ready, and another
 *	when it is done.
 * @go: Closed when all are to begin.
 * @end: Closed when all may end.
 */
struct signals {
	int told[2], go[2], end[2];
};

static void tell(const struct signals *signals)
{
	must(write(signals->told[1], "", 1), "write");
}

static void wait_closed(const int *ends)
{
	char byte;

	close(ends[1]);
	must(read(ends[0], &byte, 1), "read");
}

/*
 * One process of the crowd.  It is ready before the first timed request begins
 * and ends after the last one, so that start and end are not timed.
 */
static void take_part(const struct crowd *crowd, unsigned int index,
		      const struct signals *signals, unsigned int requests)
{
	const uid_t uid = UID_FIRST + (crowd->uids ? index : 0);
	const struct caller caller = {
		.uid = uid, .gid = uid, .stranger = true,
	};

	must(caller_become(&caller), "another user");
	/*
	 * The first request includes all setup that is done only once, so it is
	 * not timed.
	 */
	ask_all(1);
	tell(signals);
	wait_closed(signals->go);
	ask_all(requests / crowd->processes);
	tell(signals);
	wait_closed(signals->end);
	exit(0);
}

static void end_all(unsigned int processes)
{
	int status;

	while (processes-- > 0) {
		must(wait(&status), "wait");
		if (status)
			exit(1);
	}
}

/*
 * A process that fails prints the error and writes no byte; the guest's time
 * limit then ends the others.
 */
static void hear_all(const struct signals *signals, unsigned int processes)
{
	char byte;

	while (processes-- > 0)
		must(read(signals->told[0], &byte, 1), "read");
}

/*
 * Returns nanoseconds for each of @requests requests, which the processes share
 */
double crowd_time(const struct crowd *crowd, unsigned int requests)
{
	struct signals signals;
	uint64_t begun;
	double spent;

	must(pipe(signals.told), "pipe");
	must(pipe(signals.go), "pipe");
	must(pipe(signals.end), "pipe");
	fflush(NULL);
	for (unsigned int i = 0; i < crowd->processes; i++)
		if (must(fork(), "fork") == 0)
			take_part(crowd, i, &signals, requests);
	close(signals.told[1]);
	hear_all(&signals, crowd->processes);

	begun = now();
	close(signals.go[1]);
	hear_all(&signals, crowd->processes);
	spent = now() - begun;
	close(signals.end[1]);
	end_all(crowd->processes);
	return spent / requests;
}

static void crowd_asks(const void *arg)
{
	const struct crowd *crowd = arg;

	report("time", crowd_time(crowd, REQUESTS), "contend/%s/%u",
	       crowd->uids ? "uids" : "uid", crowd->processes);
}

void bench_contend(void)
{
	helper_use(HELPER_PROGRAM);
	for (size_t i = 0; i < sizeof(crowds) / sizeof(*crowds); i++)
		apart(crowd_asks, &crowds[i]);
	helper_leave();
}
