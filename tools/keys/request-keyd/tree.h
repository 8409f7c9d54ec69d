/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_TREE_H
#define REQUEST_KEYD_TREE_H

#include <sys/types.h>

/**
 * tree_kill - Kill a process and all its descendants
 * @root: A child that leads a session and is a subreaper, so that all processes
 *	that come from it descend from it, in whatever session they are.
 *
 * Without /proc the function kills only @root, its session, and those of its children
 * that the kernel kills at its end.  The function does not wait for the end of the
 * processes.
 */
void tree_kill(pid_t root);

#endif /* REQUEST_KEYD_TREE_H */
