/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of key requests from inside the kernel share.
 */

#ifndef _SECURITY_KEYS_REQUEST_KUNIT_H
#define _SECURITY_KEYS_REQUEST_KUNIT_H

#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/err.h>
#include "request.h"

/* How long an actor that answers late takes, and how long is too long */
#define REQUEST_TEST_DELAY_MS	50
#define REQUEST_TEST_LIMIT_MS	5000

/**
 * struct requester - Credentials with a keyring of their own
 * @cred: The credentials.
 * @old: What to go back to.
 */
struct requester {
	struct cred		*cred;
	const struct cred	*old;
};

/* A type with an actor of its own, and one for the helper's route */
extern struct key_type request_test_type;
extern struct key_type request_helped_type;

/* What the actor is to do, and what it saw */
extern int (*request_behaviour)(struct key *authkey);
extern void *request_seen_aux;
extern int request_times_asked;

int request_test_init(struct kunit *test);
void request_test_exit(struct kunit *test);

/* Requests a key of the first type, with any auxiliary data or none */
struct key *request_test_key(void *aux);
struct key *request_test_key_async(void *aux);
struct key *request_test_keyring(struct kunit *test);

/* Things for an actor to do */
int request_answer(struct key *authkey);
int request_answers(struct key *authkey);
int request_fails(struct key *authkey);
int request_lies(struct key *authkey);
int request_forgets(struct key *authkey);

/* Keeps the authorisation key; the test does the rest */
int request_keeps(struct key *authkey);
struct key *request_kept(void);

/* Keeps it, and answers a little later */
int request_answers_late(struct key *authkey);

/* Runs something in a task that is like a program's in a system call */
void request_as_program(struct kunit *test,
			void (*body)(struct kunit *test));

#endif /* _SECURITY_KEYS_REQUEST_KUNIT_H */
