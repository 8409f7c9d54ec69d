// SPDX-License-Identifier: GPL-2.0-only
/* Kernel memory. */
#include <stdlib.h>
#include <sys/wait.h>

#include "bench.h"
#include "hold.h"

#define KEYS		2000
#define WAITING		100
#define STAT_REFRESH	"/proc/sys/vm/stat_refresh"

/* Bytes in slabs, and in the stacks of tasks that wait within the kernel */
static long kernel_memory(void)
{
	FILE *file;
	char line[128];
	long kib, sum = 0;

	settle();
	/* Has each processor hand in what it has not counted yet. */
	write_file(STAT_REFRESH, "1\n");
	file = fopen("/proc/meminfo", "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Slab: %ld kB", &kib) == 1 ||
		    sscanf(line, "KernelStack: %ld kB", &kib) == 1)
			sum += kib;
	if (file)
		fclose(file);
	return must(sum ? sum : -ENOENT, "/proc/meminfo") * 1024;
}

static void key_memory(const void *arg)
{
	long before = kernel_memory();

	(void)arg;
	fill_ring(KEY_SPEC_SESSION_KEYRING, KEYS);
	report("bytes", (double)(kernel_memory() - before) / KEYS, "memory/key");
}

/* What a helper is: a process that was started by another one. */
static void run_idle(void)
{
	static char *const argv[] = {
		HOLD_PROGRAM, "create", "0", "0", "0", "0", "0", "0", NULL,
	};
	int status = -1;

	/* fork() would leave records of shared memory behind. */
	if (must(vfork(), "vfork") == 0) {
		execv(HOLD_PROGRAM, argv);
		_exit(1);
	}
	wait(&status);
	_exit(status != 0);
}

static void run_request(void)
{
	char name[NAME_SIZE];

	_exit(helper_ask(unique_name(name), KEY_SPEC_SESSION_KEYRING) < 0);
}

/* Memory of as many pairs of processes as requests are to wait. */
static long held_memory(void (*run)(void))
{
	long before, during;

	hold_open();
	before = kernel_memory();
	fflush(NULL);
	for (int i = 0; i < WAITING; i++)
		if (must(fork(), "fork") == 0)
			run();
	hold_wait(WAITING);
	during = kernel_memory();
	hold_release();
	return during - before;
}

/*
 * A waiting request without its processes: what the same pair of processes
 * takes when no request connects them is taken off.
 */
static void request_memory(const void *arg)
{
	long idle, waiting;

	(void)arg;
	helper_use(HOLD_PROGRAM);
	/* Once each for what is set up once */
	held_memory(run_idle);
	held_memory(run_request);
	idle = held_memory(run_idle);
	waiting = held_memory(run_request);
	helper_leave();
	report("bytes", (double)(waiting - idle) / WAITING,
	       "memory/waiting/helper");
}

void bench_memory(void)
{
	apart(key_memory, NULL);
	apart(request_memory, NULL);
}
