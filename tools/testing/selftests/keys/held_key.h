/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An encrypted key whose semaphore is held for as long as a test wants.
 *
 * KEYCTL_READ of an encrypted key searches for the master key while it holds
 * the encrypted key's semaphore for reading.  The master key here is under
 * construction (upcall.h), so the reader sleeps until the test answers.
 */
#ifndef SELFTESTS_KEYS_HELD_KEY_H
#define SELFTESTS_KEYS_HELD_KEY_H

#include "encrypted.h"
#include "upcall.h"

#define HELD_SIZE	32

static const uint8_t held_master[HELD_SIZE] = { 3, 1, 4, 1, 5, 9, 2, 6, 5 };

/*
 * struct held_key - the key, and the tasks that keep it
 * @key:	the encrypted key
 * @master:	its master, under construction
 * @reader:	child that has the semaphore for reading
 * @writer: child that waits for the semaphore behind @reader, or 0
 */
struct held_key {
	key_serial_t key;
	struct upcall master;
	pid_t reader;
	pid_t writer;
};

/* True once the task sleeps in system call @nr, also where only SIGKILL helps. */
static inline bool task_blocks_in(pid_t task, long nr)
{
	char text[512], *after_name;

	for (int ms = 0; ms < TASK_LIMIT_MS; ms++, sleep_ms(1)) {
		task_read(task, "stat", text, sizeof(text));
		after_name = strrchr(text, ')');
		if (!after_name || !strchr("SD", after_name[2]))
			continue;
		task_read(task, "syscall", text, sizeof(text));
		if (text[0] >= '0' && text[0] <= '9' && atol(text) == nr)
			return true;
	}
	return false;
}

static inline int held_key_read(const void *arg)
{
	const struct held_key *held = arg;
	char blob[ENCRYPTED_TEXT_MAX];
	long len = key_read(held->key, blob, sizeof(blob));

	return len < 0 ? len : 0;
}

static inline int held_key_revoke(const void *arg)
{
	const struct held_key *held = arg;

	return key_revoke(held->key);
}

/*
 * Makes the key in a session of the test's own; returns 0 or a negative errno.
 */
static inline int held_key_start(struct held_key *held)
{
	key_serial_t master = key_add_user("slow", held_master, HELD_SIZE);
	int err;

	if (master < 0)
		return master;
	held->key = encrypted_new("held", "default", "user:slow", HELD_SIZE);
	if (held->key < 0)
		return held->key;
	err = key_unlink(master, KEY_SPEC_SESSION_KEYRING);
	if (!err)
		err = upcall_start(&held->master, KEY_SPEC_SESSION_KEYRING);
	if (err)
		return err;
	held->reader = task_start(held_key_read, held);
	return task_blocks_in(held->reader, __NR_keyctl) ? 0 : -ETIMEDOUT;
}

/*
 * Starts a child that revokes the key as soon as the reader drops the
 * semaphore.
 */
static inline int held_key_queue_revoke(struct held_key *held)
{
	held->writer = task_start(held_key_revoke, held);
	return task_blocks_in(held->writer, __NR_keyctl) ? 0 : -ETIMEDOUT;
}

/*
 * Answers the request for the master key, so that the reader ends, and the
 * writer after it.  A key that is not held, or no longer, has ended.
 */
static inline int held_key_end(struct held_key *held)
{
	pid_t reader = held->reader;
	int err;

	if (!reader)
		return 0;
	held->reader = 0;
	err = upcall_instantiate(&held->master, held_master, HELD_SIZE);
	if (!err)
		err = upcall_end(&held->master);
	if (!err)
		err = task_result(reader);
	if (!err && held->writer)
		err = task_result(held->writer);
	return err;
}

#endif /* SELFTESTS_KEYS_HELD_KEY_H */
