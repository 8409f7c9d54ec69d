/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_CONTROL_H
#define REQUEST_KEYD_CONTROL_H

#include <stdio.h>

/* The path in the systemd units, and the default of --status. */
#define CONTROL_SOCKET	"/run/request-keyd/status"

/**
 * control_open - Make a socket that answers questions about the daemon's state
 * @path: Path of the socket, to which only the daemon's user may connect.
 *
 * A socket that another daemon has left there is removed.
 *
 * Return: a descriptor to give to control_answer(), or -1 with errno set.
 */
int control_open(const char *path);

/**
 * control_answer - Write the daemon's state to all new connections
 * @control: Descriptor of control_open().
 * @print: Writes the text.
 * @arg: For @print.
 *
 * The function never blocks: a slow reader loses the text that the socket has
 * no room for.
 */
void control_answer(int control, void (*print)(FILE *file, const void *arg),
		    const void *arg);

/**
 * control_ask - Print the state of a daemon
 * @path: Its socket.
 *
 * Return: exit status.
 */
int control_ask(const char *path);

#endif /* REQUEST_KEYD_CONTROL_H */
