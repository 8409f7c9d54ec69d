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

/*
 * Gets everything ready, says so, begins when the other pipe closes, and says
 * when it is done: to end takes time too, which is not to be counted.
 */
static void take_part(const struct crowd *crowd, unsigned int index,
		      int tell, int go, unsigned int requests)
{
	const uid_t uid = UID_FIRST + (crowd->uids ? index : 0);
	const struct caller caller = {
		.uid = uid, .gid = uid, .stranger = true,
	};
	char byte = 0;

	must(caller_become(&caller), "another user");
	/* The first one pays for what is set up once. */
	ask_all(1);
	must(write(tell, &byte, 1), "write");
	must(read(go, &byte, 1), "read");
	ask_all(requests / crowd->processes);
	must(write(tell, &byte, 1), "write");
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

static void hear_all(int told, unsigned int processes)
{
	char byte;

	while (processes-- > 0)
		must(read(told, &byte, 1), "read");
}

/* Nanoseconds for each of so many requests, shared among the processes */
double crowd_time(const struct crowd *crowd, unsigned int requests)
{
	int told[2], go[2];
	uint64_t begun;
	double spent;

	must(pipe(told), "pipe");
	must(pipe(go), "pipe");
	fflush(NULL);
	for (unsigned int i = 0; i < crowd->processes; i++) {
		if (must(fork(), "fork") == 0) {
			close(go[1]);
			take_part(crowd, i, told[1], go[0], requests);
		}
	}
	/* Who fails must not leave this end waiting. */
	close(told[1]);
	hear_all(told[0], crowd->processes);

	begun = now();
	close(go[1]);
	hear_all(told[0], crowd->processes);
	spent = now() - begun;
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
