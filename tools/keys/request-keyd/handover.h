/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_HANDOVER_H
#define REQUEST_KEYD_HANDOVER_H

/**
 * handover_take - Take over a service that the previous daemon has left
 * @name: Name of its scope.
 *
 * The service manager keeps the descriptors of handover_leave(), and passes
 * them to the next daemon, described by LISTEN_FDS, LISTEN_PID and
 * LISTEN_FDNAMES.
 *
 * Return: the descriptor, or -1 if no descriptor has this name.
 */
int handover_take(const char *name);

/**
 * handover_leave - Give the service manager a service to keep
 * @name: Name of its scope.
 * @service: The service.
 */
void handover_leave(const char *name, int service);

#endif /* REQUEST_KEYD_HANDOVER_H */
