/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_HANDOVER_H
#define REQUEST_KEYD_HANDOVER_H

/**
 * handover_take - Take over a service that the one before has left
 * @name: Name of its scope.
 *
 * The service manager keeps what handover_leave() gave it, and passes it on as
 * LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES say.
 *
 * Return: the descriptor, or -1 if there is none of this name.
 */
int handover_take(const char *name);

/**
 * handover_leave - Give the service manager a service to keep
 * @name: Name of its scope.
 * @service: The service.
 */
void handover_leave(const char *name, int service);

#endif /* REQUEST_KEYD_HANDOVER_H */
