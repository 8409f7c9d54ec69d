/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_TREE_H
#define REQUEST_KEYD_TREE_H

#include <sys/types.h>

/**
 * tree_kill - Kill a process and all its descendants
 * @root: A child that leads a session and is a subreaper, so that all processes
 *	that it has started descend from it, in whatever session they are.
 *
 * Without /proc the function kills only the session of @root.  The function
 * does not wait for the end of the processes.
 */
void tree_kill(pid_t root);

#endif /* REQUEST_KEYD_TREE_H */
