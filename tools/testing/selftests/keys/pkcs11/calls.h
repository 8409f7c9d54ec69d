/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls that the test and the module make by syscall(): this function is found
 * before that of the C library.
 */
#ifndef SELFTESTS_KEYS_PKCS11_CALLS_H
#define SELFTESTS_KEYS_PKCS11_CALLS_H

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>

#define CALLS_ARGUMENTS	6

typedef long (*calls_function_t)(long number, ...);

/* Returns 0, or the error with which the call is to fail. */
static int (*calls_before)(long number, const long *arguments);
static void (*calls_after)(long number, const long *arguments);

long syscall(long number, ...)
{
	static calls_function_t next;
	long a[CALLS_ARGUMENTS], ret;
	va_list list;
	int i, error;

	va_start(list, number);
	for (i = 0; i < CALLS_ARGUMENTS; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (!next)
		next = (calls_function_t)dlsym(RTLD_NEXT, "syscall");
	error = calls_before ? calls_before(number, a) : 0;
	if (error) {
		errno = error;
		return -1;
	}
	ret = next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (calls_after)
		calls_after(number, a);
	return ret;
}

#endif /* SELFTESTS_KEYS_PKCS11_CALLS_H */
