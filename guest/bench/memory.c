// SPDX-License-Identifier: GPL-2.0-only
/* Kernel memory. */
#include <stdlib.h>
#include <sys/wait.h>

#include "bench.h"
#include "hold.h"
#include "service.h"
#include "symmetric.h"

#define KEYS		10000
#define SYMMETRIC_KEYS	1000
#define WAITING		200
/*
 * Requests whose threads the kernel has kept from an earlier round, and twice
 * as many, half of which need new threads
 */
#define FEW		WAITING
#define MANY		(2 * WAITING)
#define SERVICES	200
/* How often requests and idle processes take turns */
#define TURNS		8
#define STAT_REFRESH	"/proc/sys/vm/stat_refresh"

/* Bytes in slabs, and in the stacks of tasks that wait within the kernel */
static long kernel_memory(void)
{
	FILE *file;
	char line[128];
	long kib, sum = 0;

	settle();
	/* Makes each processor add its own counters to the totals. */
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
	report("bytes", (double)(kernel_memory() - before) / KEYS,
	       "memory/key");
}

/* Each has a transform of its own. */
static void symmetric_memory(const void *arg)
{
	long before = kernel_memory();
	key_serial_t key;

	(void)arg;
	for (unsigned int i = 0; i < SYMMETRIC_KEYS; i++) {
		key = sym_add(key_name(i), "new alg=hmac-sha256 for=mac");
		if (key == -ENODEV)
			return;
		must(key, "symmetric");
	}
	report("bytes", (double)(kernel_memory() - before) / SYMMETRIC_KEYS,
	       "memory/symmetric");
}

/* Starts a process that starts another one, as the kernel does for a helper. */
static void run_idle(void)
{
	static char *const argv[] = {
		HOLD_PROGRAM, "create", "0", "0", "0", "0", "0", "0", NULL,
	};
	int status = -1;

	/*
	 * vfork() is used because fork() leaves records of shared memory
	 * behind.
	 */
	if (must(vfork(), "vfork") == 0) {
		execv(HOLD_PROGRAM, argv);
		_exit(1);
	}
	wait(&status);
	_exit(status != 0);
}

static void start_idle(unsigned int count)
{
	fflush(NULL);
	while (count-- > 0)
		if (must(fork(), "fork") == 0)
			run_idle();
}

/* Memory of @count pairs of processes. */
static long held_memory(void (*start)(unsigned int count), unsigned int count)
{
	long before, during;

	hold_open();
	before = kernel_memory();
	start(count);
	hold_wait(count);
	during = kernel_memory();
	hold_release();
	return during - before;
}

/*
 * The memory of waiting requests alone: the memory of the same pairs of
 * processes without requests is subtracted.
 */
static long waiting_memory(unsigned int count)
{
	return held_memory(request_start, count) - held_memory(start_idle, count);
}

/*
 * The kernel keeps a thread for a while after it has waited for a program.  So
 * a thread's memory shows only when more requests wait than ever before.
 */
static void helper_memory(const void *arg)
{
	long few, first, sum = 0;

	(void)arg;
	helper_use(HOLD_PROGRAM);
	/*
	 * One round of each first, which includes all setup that is done only
	 * once
	 */
	held_memory(start_idle, MANY);
	held_memory(request_start, FEW);
	few = waiting_memory(FEW);
	first = waiting_memory(MANY);
	for (int i = 0; i < TURNS; i++)
		sum += waiting_memory(MANY);
	helper_leave();
	report("bytes", (double)(first - few) / (MANY - FEW),
	       "memory/waiting/helper");
	report("bytes", (double)sum / TURNS / MANY, "memory/waiting/data");
}

static void end_all(void)
{
	while (wait(NULL) > 0)
		;
}

/* Processes that wait for no request: for a pipe to close. */
static long idle_memory(void)
{
	long before = kernel_memory(), during;
	int ends[2];
	char byte;

	must(pipe(ends), "pipe");
	fflush(NULL);
	for (int i = 0; i < WAITING; i++) {
		if (must(fork(), "fork") == 0) {
			close(ends[1]);
			_exit(read(ends[0], &byte, 1) != 0);
		}
	}
	during = kernel_memory();
	close(ends[0]);
	close(ends[1]);
	end_all();
	return during - before;
}

/*
 * Returns the memory of WAITING requests, and puts the memory of as many
 * authorisation keys into @authkeys.
 */
static long unanswered_memory(long *authkeys)
{
	int fd = must(service_open(), "service");
	key_serial_t ring = must(keyring_new("assumed", KEY_SPEC_SESSION_KEYRING),
				 "keyring");
	long before = kernel_memory(), during;
	uint64_t ids[WAITING];

	request_start(WAITING);
	for (int i = 0; i < WAITING; i++)
		ids[i] = service_next(fd);
	during = kernel_memory();
	for (int i = 0; i < WAITING; i++)
		must(keyctl(KEYCTL_SERVICE_ASSUME, fd, &ids[i], ring), "assume");
	*authkeys = kernel_memory() - during;
	for (int i = 0; i < WAITING; i++)
		service_answer(fd, ids[i], 1);
	end_all();
	close(fd);
	return during - before;
}

static void service_memory(const void *arg)
{
	long sum = 0, authkeys, all_authkeys = 0, before;

	(void)arg;
	idle_memory();
	unanswered_memory(&authkeys);
	for (int i = 0; i < TURNS; i++) {
		sum += unanswered_memory(&authkeys) - idle_memory();
		all_authkeys += authkeys;
	}
	report("bytes", (double)sum / TURNS / WAITING, "memory/waiting/service");
	report("bytes", (double)all_authkeys / TURNS / WAITING,
	       "memory/authkey");

	before = kernel_memory();
	for (int i = 0; i < SERVICES; i++)
		must(service_open(), "service");
	report("bytes", (double)(kernel_memory() - before) / SERVICES,
	       "memory/service");
}

void bench_memory(void)
{
	int fd;

	apart(key_memory, NULL);
	apart(symmetric_memory, NULL);
	apart(helper_memory, NULL);
	fd = service_open();
	if (fd == -EOPNOTSUPP)
		return;
	close(must(fd, "service"));
	apart(service_memory, NULL);
}
