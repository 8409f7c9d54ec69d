/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measures which paths a group of tasks takes through the kernel's code (KCOV).
 *
 * The kernel writes down each block that a task runs through.  The buffers for
 * these records belong to one process, the owner, which reads them when the
 * tasks are done.  A task is either forked by the owner, or asks for the
 * descriptors of the buffers, since any holder of a descriptor can use its
 * buffer.
 */
#ifndef LINUX_KEYS_REACH_H
#define LINUX_KEYS_REACH_H

#include <fcntl.h>
#include <linux/kcov.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REACH_KCOV	"/sys/kernel/debug/kcov"
#define REACH_OWNER	"/tmp/reach-owner"
/* The number of buffers.  A task that finds no free buffer is not measured. */
#define REACH_BUFFERS	24
/*
 * Milliseconds that the owner waits for late tasks; still later records count
 * for the next input.
 */
#define REACH_LATE_MS	200
#define REACH_WORDS	(64 << 10)
/*
 * Descriptor numbers that no program gets by chance: every task uses the same
 * ones.
 */
#define REACH_FD	200
#define REACH_WAY_BITS	22

static unsigned long *reach_words[REACH_BUFFERS];
static uint8_t reach_ways[1 << REACH_WAY_BITS];

/* Makes this process the owner; false if the kernel has no KCOV. */
static inline bool reach_open(void)
{
	FILE *owner = fopen(REACH_OWNER, "we");

	if (!owner)
		return false;
	fprintf(owner, "%d\n", getpid());
	fclose(owner);
	for (int i = 0; i < REACH_BUFFERS; i++) {
		int fd = open(REACH_KCOV, O_RDWR | O_CLOEXEC);

		if (fd < 0 || dup3(fd, REACH_FD + i, O_CLOEXEC) < 0 ||
		    ioctl(fd, KCOV_INIT_TRACE, REACH_WORDS))
			return false;
		reach_words[i] = mmap(NULL, REACH_WORDS * sizeof(long),
				      PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
		if (reach_words[i] == MAP_FAILED)
			return false;
	}
	return true;
}

/* Makes this process, which the kernel started, a measured task. */
static inline void reach_join(void)
{
	int pid = 0, owner, fd;
	FILE *file = fopen(REACH_OWNER, "re");

	if (!file)
		return;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	owner = syscall(__NR_pidfd_open, pid, 0);
	for (int i = 0; i < REACH_BUFFERS && owner >= 0; i++) {
		fd = syscall(__NR_pidfd_getfd, owner, REACH_FD + i, 0);
		dup3(fd, REACH_FD + i, O_CLOEXEC);
		close(fd);
	}
	close(owner);
}

/*
 * From here on the kernel records this task, if a buffer is free.  The kernel
 * stops when the task ends, and children of the task are not recorded.
 */
static inline void reach_begin(void)
{
	for (int i = 0; i < REACH_BUFFERS; i++)
		if (!ioctl(REACH_FD + i, KCOV_ENABLE, KCOV_TRACE_PC))
			return;
}

static inline uint8_t *reach_way(unsigned long from, unsigned long to)
{
	uint64_t way = (from << 1 ^ to) * 0x9e3779b97f4a7c15ull;

	return &reach_ways[way >> (64 - REACH_WAY_BITS)];
}

/*
 * A task that was killed, or a helper that nobody waits for, may still be
 * running.
 */
static inline void reach_settle(int fd, int *late_ms)
{
	while (ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC)) {
		if (++*late_ms > REACH_LATE_MS)
			return;
		usleep(1000);
	}
	ioctl(fd, KCOV_DISABLE, 0);
}

/*
 * For the owner: empties the buffers.  Returns how many steps from one block to
 * the next are new.
 */
static inline unsigned int reach_take(void)
{
	unsigned int found = 0;
	int late_ms = 0;

	for (int i = 0; i < REACH_BUFFERS; i++) {
		unsigned long *words = reach_words[i], from = 0, count;

		reach_settle(REACH_FD + i, &late_ms);
		count = __atomic_exchange_n(words, 0, __ATOMIC_ACQUIRE);
		for (unsigned long at = 1; at <= count && at < REACH_WORDS; at++) {
			uint8_t *way = reach_way(from, words[at]);

			found += !*way;
			*way = 1;
			from = words[at];
		}
	}
	return found;
}

#endif /* LINUX_KEYS_REACH_H */
