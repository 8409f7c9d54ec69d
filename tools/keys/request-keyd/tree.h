/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_TREE_H
#define REQUEST_KEYD_TREE_H

#include <sys/types.h>

/**
 * tree_kill - Kill a process and all that have come from it
 * @root: A child that leads a session, and is a subreaper: what it has started
 *	descends from it, whatever session it is in.
 *
 * Without /proc only the session of @root is reached.  Nothing is waited for.
 */
void tree_kill(pid_t root);

#endif /* REQUEST_KEYD_TREE_H */
