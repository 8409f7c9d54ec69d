/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks: of pthreads, or of functions that the program has given. */
#ifndef KEYS_PKCS11_LOCK_H
#define KEYS_PKCS11_LOCK_H

#include <pthread.h>

#include "cryptoki.h"

/**
 * struct lock - a lock
 * @own: The lock of pthreads, if the program gives no functions.
 * @given: The lock of the program's functions.
 */
struct lock {
	pthread_mutex_t	own;
	void		*given;
};

/*
 * Chooses the functions; NULL for those of pthreads.  Nobody may hold a lock.
 */
void lock_functions(const struct ck_c_initialize_args *args);
ck_rv_t lock_create(struct lock *lock);
void lock_destroy(struct lock *lock);
ck_rv_t lock_take(struct lock *lock);
void lock_give(struct lock *lock);

#endif /* KEYS_PKCS11_LOCK_H */
