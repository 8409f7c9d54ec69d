/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_PIDS_H
#define REQUEST_KEYD_PIDS_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * pids_make - Have handlers run in a pid namespace of their own
 *
 * A program that is told the number of a process may enter the namespaces of that
 * process, as cifs.upcall does, and use what it finds there. In a pid namespace of its
 * own it finds no process of anybody else.
 *
 * Handlers that are started later belong to the namespace. It ends, with all that runs
 * in it, when the daemon ends, however that is brought about.
 *
 * Return: 0, or -1 with errno set: EPERM without CAP_SYS_ADMIN, or where /proc must not
 * be mounted.
 */
int pids_make(void);

/**
 * pids_join - Let a handler see the processes of its namespace alone
 *
 * Called in the handler. Mounts that are made later on the host still come through.
 *
 * Return: 0, also if pids_make() was not called; or -1 with errno set.
 */
int pids_join(void);

/* True if a number that the daemon knows a process by names none to a handler. */
bool pids_are_private(void);

/* True if @pid was the first process of the namespace: no handler can start any more. */
bool pids_ended_with(pid_t pid);

#endif /* REQUEST_KEYD_PIDS_H */
