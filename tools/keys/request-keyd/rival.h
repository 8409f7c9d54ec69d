/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_RIVAL_H
#define REQUEST_KEYD_RIVAL_H

#include <sys/types.h>

/**
 * rival_find - Find a process with an older service of the same kind
 * @service: A service that this process has just opened.
 *
 * Of two services with the same scope and filter the kernel asks the older one.
 *
 * Return: a process in the same namespaces that has such a service, or 0 if
 * there is none or /proc does not show it.
 */
pid_t rival_find(int service);

#endif /* REQUEST_KEYD_RIVAL_H */
