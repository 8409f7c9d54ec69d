/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that all groups of figures share.
 *
 * A figure is printed as a line "UNIT VALUE NAME".  Where QEMU's clock counts
 * instructions (-icount) the times are numbers of instructions, whatever else
 * the host does.
 */
#ifndef GUEST_BENCH_H
#define GUEST_BENCH_H

#include "keys.h"

/* Sizes of keyrings; the figures show how time grows with them */
#define KEYS_FEW	10
#define KEYS_SOME	1000
#define KEYS_MANY	10000

/* The largest number of requests that wait at a time */
#define WAITING_MAX	256

/* Room for a text of key_name() or unique_name() */
#define NAME_SIZE	24

/**
 * struct work - What is timed
 * @run: One round; a negative result ends the bench.
 * @undo: Takes back what @run did, with its result; not timed.  May be NULL.
 * @arg: For both.
 * @rounds: How many are averaged.
 */
struct work {
	long (*run)(void *arg, unsigned int round);
	void (*undo)(void *arg, long got);
	void *arg;
	unsigned int rounds;
};

/**
 * struct crowd - Processes that ask all at once
 * @processes: How many there are.
 * @uids: Each is a user of its own.
 */
struct crowd {
	unsigned int processes;
	bool uids;
};

/* bench.c */
uint64_t now(void);
long must(long ret, const char *what);
void report(const char *unit, double value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void measure(const struct work *work, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void apart(void (*run)(const void *arg), const void *arg);
void settle(void);
void write_file(const char *path, const char *text);

/* rings.c */
const char *key_name(unsigned int index);
const char *unique_name(char *name);
void fill_ring(key_serial_t ring, unsigned int keys);

/* request.c */
long request(const char *description, key_serial_t ring);
void request_start(unsigned int count);

/* helper.c */
void helper_use(const char *program);
void helper_leave(void);
void hold_open(void);
void hold_wait(unsigned int helpers);
void hold_release(void);

/* contend.c */
double crowd_time(const struct crowd *crowd, unsigned int requests);

/* One group of figures each */
void bench_base(void);
void bench_served(void);
void bench_add(void);
void bench_helper(void);
void bench_contend(void);
void bench_service(void);
void bench_memory(void);
void bench_setkey(void);
void bench_crypt(void);
void bench_fscrypt(void);
void bench_symmetric(void);
void bench_disk(void);
void bench_tls(void);
void bench_handshake(void);

#endif /* GUEST_BENCH_H */
