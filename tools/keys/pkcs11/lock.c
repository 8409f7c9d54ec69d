// SPDX-License-Identifier: GPL-2.0-only
#include "lock.h"

#include <stdbool.h>

static struct ck_c_initialize_args lock_given;
static bool lock_is_given;

void lock_functions(const struct ck_c_initialize_args *args)
{
	lock_is_given = args;
	if (args)
		lock_given = *args;
}

ck_rv_t lock_create(struct lock *lock)
{
	if (!lock_is_given) {
		pthread_mutex_init(&lock->own, NULL);
		return CKR_OK;
	}
	return lock_given.create_mutex(&lock->given) ? CKR_CANT_LOCK : CKR_OK;
}

void lock_destroy(struct lock *lock)
{
	if (lock_is_given)
		lock_given.destroy_mutex(lock->given);
	else
		pthread_mutex_destroy(&lock->own);
}

ck_rv_t lock_take(struct lock *lock)
{
	if (!lock_is_given) {
		pthread_mutex_lock(&lock->own);
		return CKR_OK;
	}
	return lock_given.lock_mutex(lock->given) ? CKR_CANT_LOCK : CKR_OK;
}

void lock_give(struct lock *lock)
{
	if (lock_is_given)
		lock_given.unlock_mutex(lock->given);
	else
		pthread_mutex_unlock(&lock->own);
}
