// SPDX-License-Identifier: GPL-2.0-only
/* Requests that the helper program answers. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bench.h"
#include "hold.h"

#define HELPER_PATH	"/sbin/request-key"
#define REQUEST_KEY_CONF	"/etc/request-key.conf"
/* The program that request-key.conf(5) gives as an example */
#define CONF_LINE	"create user * * /bin/keyctl instantiate %k %c %S\n"

#define ROUNDS		200
#define ROUNDS_KEYUTILS	20

static int ready = -1;

/* Put a program in the helper's place until helper_leave(). */
void helper_use(const char *program)
{
	must(mount(program, HELPER_PATH, NULL, MS_BIND, NULL), program);
}

void helper_leave(void)
{
	must(umount2(HELPER_PATH, MNT_DETACH), "umount");
}

/* Prepare helpers that answer only on command. */
void hold_open(void)
{
	unlink(HOLD_READY);
	unlink(HOLD_GO);
	must(mkfifo(HOLD_READY, 0600), HOLD_READY);
	must(mkfifo(HOLD_GO, 0600), HOLD_GO);
	ready = must(open(HOLD_READY, O_RDWR | O_CLOEXEC), HOLD_READY);
}

/* Wait until that many helpers hold their answers back. */
void hold_wait(unsigned int helpers)
{
	char byte;

	while (helpers-- > 0)
		must(read(ready, &byte, 1), HOLD_READY);
}

/* Opening the pipe wakes all who wait for it to be opened. */
void hold_release(void)
{
	int go = must(open(HOLD_GO, O_WRONLY | O_CLOEXEC), HOLD_GO);

	while (wait(NULL) > 0)
		;
	close(go);
	close(ready);
	ready = -1;
}

static long ask(void *arg, unsigned int round)
{
	char name[NAME_SIZE];

	(void)round;
	return request(unique_name(name), *(key_serial_t *)arg);
}

static void into_ring_of(const void *arg)
{
	const unsigned int *keys = arg;
	key_serial_t ring = must(keyring_new("dest", KEY_SPEC_SESSION_KEYRING),
				 "keyring");
	const struct work work = {
		.run = ask, .arg = &ring, .rounds = ROUNDS,
	};

	fill_ring(ring, *keys);
	settle();
	measure(&work, "helper/keys/%u", *keys);
}

static void while_waiting(const void *arg)
{
	const unsigned int *waiting = arg;
	key_serial_t ring = KEY_SPEC_SESSION_KEYRING;
	const struct work work = {
		.run = ask, .arg = &ring, .rounds = ROUNDS,
	};

	hold_open();
	helper_use(HOLD_PROGRAM);
	request_start(*waiting);
	hold_wait(*waiting);
	helper_leave();
	settle();
	measure(&work, "helper/waiting/%u", *waiting);
	hold_release();
}

static void by_keyutils(void)
{
	key_serial_t ring = KEY_SPEC_SESSION_KEYRING;
	const struct work work = {
		.run = ask, .arg = &ring, .rounds = ROUNDS_KEYUTILS,
	};

	write_file(REQUEST_KEY_CONF, CONF_LINE);
	measure(&work, "helper/keyutils");
}

void bench_helper(void)
{
	static const unsigned int sizes[] = { KEYS_FEW, KEYS_SOME, KEYS_MANY };
	static const unsigned int crowds[] = { 1, 8, 64 };

	helper_use(HELPER_PROGRAM);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		apart(into_ring_of, &sizes[i]);
	for (size_t i = 0; i < sizeof(crowds) / sizeof(*crowds); i++)
		apart(while_waiting, &crowds[i]);
	helper_leave();
	by_keyutils();
}
