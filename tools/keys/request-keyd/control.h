/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_CONTROL_H
#define REQUEST_KEYD_CONTROL_H

#include <stdio.h>

/* Where the units have it, and where --status looks unless it is told. */
#define CONTROL_SOCKET	"/run/request-keyd/status"

/**
 * control_open - Listen for those who want to know how it stands
 * @path: Where: a socket that only the daemon's user may connect to.  What another
 *	daemon has left there goes.
 *
 * Return: a descriptor to give to control_answer(), or -1 with errno set.
 */
int control_open(const char *path);

/**
 * control_answer - Tell whoever has connected how it stands
 * @control: What control_open() returned.
 * @print: Writes the text.
 * @arg: For @print.
 *
 * Never waits.  Whoever reads slowly loses what the socket has no room for.
 */
void control_answer(int control, void (*print)(FILE *file, const void *arg),
		    const void *arg);

/**
 * control_ask - Print what a daemon says of itself
 * @path: Its socket.
 *
 * Return: exit status.
 */
int control_ask(const char *path);

#endif /* REQUEST_KEYD_CONTROL_H */
