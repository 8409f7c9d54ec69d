/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks: those of pthreads, or the ones that a program has given. */
#ifndef KEYS_PKCS11_LOCK_H
#define KEYS_PKCS11_LOCK_H

#include <pthread.h>

#include "cryptoki.h"

/**
 * struct lock - A lock
 * @own: It, where the program gives none.
 * @given: It, as the program's functions made it.
 */
struct lock {
	pthread_mutex_t	own;
	void		*given;
};

/* NULL: those of pthreads.  Only while nobody holds a lock. */
void lock_functions(const struct ck_c_initialize_args *args);
ck_rv_t lock_create(struct lock *lock);
void lock_destroy(struct lock *lock);
ck_rv_t lock_take(struct lock *lock);
void lock_give(struct lock *lock);

#endif /* KEYS_PKCS11_LOCK_H */
