/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every allocation and every copy from or to a program fails once, in turn.
 *
 * Each such call has to fail cleanly, with the errno of the failure.  A call
 * without a failure has to succeed.  The user's quota must then be charged no
 * more than before.
 */
#ifndef SELFTESTS_KEYS_FAULT_H
#define SELFTESTS_KEYS_FAULT_H

#include <stdlib.h>
#include <sys/mount.h>

#include "keys.h"

#define FAULTS		"/sys/kernel/debug"
#define FAULTS_MAX	2000

/* Settings of fault injection: every allocation may fail, also GFP_KERNEL. */
static const char * const fault_knobs[][2] = {
	{ "failslab/ignore-gfp-wait", "N" },
	{ "failslab/verbose", "0" },
	{ "fail_page_alloc/ignore-gfp-wait", "N" },
	{ "fail_page_alloc/min-order", "0" },
	{ "fail_page_alloc/verbose", "0" },
	{ "fail_usercopy/verbose", "0" },
};

/* 0, or a negative errno if this kernel injects no failures. */
static inline int faults_prepare(void)
{
	char path[64];
	int err;

	mount("debugfs", FAULTS, "debugfs", 0, NULL);
	for (size_t i = 0; i < sizeof(fault_knobs) / sizeof(*fault_knobs); i++) {
		snprintf(path, sizeof(path), FAULTS "/%s", fault_knobs[i][0]);
		err = file_write(path, fault_knobs[i][1]);
		if (err)
			return err;
	}
	return 0;
}

#define REQUIRE_FAULTS() do { \
	if (faults_prepare()) \
		SKIP(return, "debug kernels only: needs failslab and its like"); \
} while (0)

/*
 * The file is opened only once, because opening allocates, and before the
 * process gives up its rights.
 */
static inline int fault_file(void)
{
	static int fd = -1;
	static pid_t owner;

	if (owner == getpid())
		return fd;
	fd = result(open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC));
	owner = getpid();
	return fd;
}

/*
 * Sets the number of the next failure.  Returns the rest of the previous
 * number, which is 0 if that failure has happened.
 */
static inline int fault_in(int nth)
{
	char left[16] = "", set[16];
	int fd = fault_file(), tries, ret;

	/*
	 * Reading the number needs a copy, too, which uses up the failure if it
	 * was left.
	 */
	ret = result(pread(fd, left, sizeof(left) - 1, 0));
	if (ret < 0 && ret != -EFAULT)
		return ret;
	if (ret < 0)
		left[0] = '1';
	snprintf(set, sizeof(set), "%d", nth);
	for (tries = 0; tries < 2; tries++) {
		ret = result(pwrite(fd, set, strlen(set), 0));
		if (ret >= 0)
			return atoi(left);
	}
	return ret;
}

/*
 * struct faulty - a call that is made until nothing is left to fail
 * @reset:	called before each call, to remove what a failed call has left,
 *		so that the next one needs the same memory again, or NULL
 * @call:	the call; returns its result, or a negative errno
 * @undo:	called after each success in spite of a failure, or NULL
 * @arg:	for all of them
 * @once: whether a success cannot be repeated
 * @faults: how many calls had a failure
 */
struct faulty {
	void (*reset)(void *arg);
	long (*call)(void *arg);
	void (*undo)(void *arg, long ret);
	void *arg;
	bool once;
	int faults;
};

/*
 * Returns the last result, an errno that was not caused by a failure, or
 * -ELOOP.
 */
static inline long each_fault(struct faulty *faulty)
{
	for (int nth = 1; nth < FAULTS_MAX; nth++) {
		long ret;
		int left;

		if (faulty->reset)
			faulty->reset(faulty->arg);
		if (fault_in(nth) < 0)
			return -ENOTSUP;
		ret = faulty->call(faulty->arg);
		left = fault_in(0);
		if (left < 0)
			return -ENOTSUP;
		if (left)
			return ret;
		faulty->faults++;
		if (ret >= 0 && faulty->once)
			return ret;
		if (ret >= 0 && faulty->undo)
			faulty->undo(faulty->arg, ret);
		if (ret < 0 && ret != -ENOMEM && ret != -EFAULT) {
			fprintf(stderr, "failure %d gave %ld\n", nth, ret);
			return ret;
		}
	}
	return -ELOOP;
}

/* How long the garbage collector may take to give back a key's quota. */
#define FAULT_SETTLE_MS	10000

/*
 * struct charge - quota that the keys of a user take
 * @uid:	the user
 * @keys, @bytes: numbers of /proc/key-users
 */
struct charge {
	uid_t uid;
	int keys, bytes;
};

static inline struct charge charge_now(uid_t uid)
{
	struct charge charge = { .uid = uid };

	quota_settled(uid, &charge.keys, &charge.bytes);
	return charge;
}

/*
 * True once the charge is no more than before.  It may be less: on a busy
 * machine the first charge may include the keyring of a helper that had not
 * ended yet.
 */
static inline bool charge_returns(const struct charge *before)
{
	struct charge now = *before;

	for (int ms = 0; ms < FAULT_SETTLE_MS; ms += QUOTA_STEP_MS) {
		quota_of(now.uid, &now.keys, &now.bytes);
		if (now.keys <= before->keys && now.bytes <= before->bytes)
			return true;
		sleep_ms(QUOTA_STEP_MS);
	}
	fprintf(stderr, "%d keys, %d bytes became %d, %d\n", before->keys,
		before->bytes, now.keys, now.bytes);
	return false;
}

#endif /* SELFTESTS_KEYS_FAULT_H */
