// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures what the interfaces of this project cost.
 *
 * usage: bench PASSES [GROUP...]
 */
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "bench.h"

/* How long the kernel may take to clean up after a group */
#define SETTLE_MS	400

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "base", bench_base },
	{ "served", bench_served },
	{ "add", bench_add },
	{ "setkey", bench_setkey },
	{ "crypt", bench_crypt },
	{ "fscrypt", bench_fscrypt },
	{ "symmetric", bench_symmetric },
	{ "disk", bench_disk },
	{ "tls", bench_tls },
	{ "handshake", bench_handshake },
	{ "helper", bench_helper },
	{ "contend", bench_contend },
	{ "service", bench_service },
	{ "memory", bench_memory },
};

/* The bench raises these quotas, so that no group of figures runs into one. */
static const char *const quotas[] = {
	"/proc/sys/kernel/keys/maxkeys",
	"/proc/sys/kernel/keys/maxbytes",
	"/proc/sys/kernel/keys/root_maxkeys",
	"/proc/sys/kernel/keys/root_maxbytes",
};

#define QUOTA	"1000000000\n"
#define GROUPS (sizeof(groups) / sizeof(*groups))

uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Takes results of both conventions: -1 with errno, and a negative errno. */
long must(long ret, const char *what)
{
	if (ret >= 0)
		return ret;
	fprintf(stderr, "bench: %s: %s\n", what,
		strerror(ret == -1 ? errno : -ret));
	exit(1);
}

void report(const char *unit, double value, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s %.1f ", unit, value);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

static uint64_t time_all(const struct work *work, const char *name)
{
	uint64_t begun = now();

	for (unsigned int i = 1; i <= work->rounds; i++)
		must(work->run(work->arg, i), name);
	return now() - begun;
}

static uint64_t time_each(const struct work *work, const char *name)
{
	uint64_t begun, sum = 0;
	long got;

	for (unsigned int i = 1; i <= work->rounds; i++) {
		begun = now();
		got = must(work->run(work->arg, i), name);
		sum += now() - begun;
		work->undo(work->arg, got);
	}
	return sum;
}

void measure(const struct work *work, const char *format, ...)
{
	char name[64];
	uint64_t spent;
	va_list args;
	long got;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);

	/*
	 * The first round includes all setup that is done only once, so it is
	 * not timed.
	 */
	got = must(work->run(work->arg, 0), name);
	if (work->undo)
		work->undo(work->arg, got);
	spent = work->undo ? time_each(work, name) : time_all(work, name);
	report("time", (double)spent / work->rounds, "%s", name);
}

/*
 * The group runs in a process with keyrings of its own, so that the next group
 * begins without its keys.
 */
void apart(void (*run)(const void *arg), const void *arg)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = must(fork(), "fork");
	if (child == 0) {
		must(session_new(), "session keyring");
		run(arg);
		exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	if (status)
		exit(1);
	settle();
}

/* Give the kernel time to free dead keys and processes. */
void settle(void)
{
	sleep_ms(SETTLE_MS);
}

void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	must(!file || fputs(text, file) < 0 || fclose(file) ? -1 : 0, path);
}

static void run_group(const void *arg)
{
	(*(void (*const *)(void))arg)();
}

static int is_wanted(const char *name, char **names)
{
	if (!*names)
		return 1;
	while (*names && strcmp(*names, name) != 0)
		names++;
	return !!*names;
}

int main(int argc, char **argv)
{
	int passes = argc > 1 ? atoi(argv[1]) : 0;

	if (passes < 1) {
		fprintf(stderr, "usage: bench PASSES [GROUP...]\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(quotas) / sizeof(*quotas); i++)
		write_file(quotas[i], QUOTA);
	while (passes-- > 0)
		for (size_t i = 0; i < GROUPS; i++)
			if (is_wanted(groups[i].name, argv + 2))
				apart(run_group, &groups[i].run);
	return 0;
}
