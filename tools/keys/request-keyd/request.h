/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_REQUEST_H
#define REQUEST_KEYD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct request - What rules are matched against
 * @key: Serial of the key under construction.
 * @type: Its type.
 * @description: Its description, which anybody may have written.
 * @callout: Callout information: bytes, perhaps with a 0 among them.
 * @callout_len: How many.
 * @uid: Who asks, as this user namespace sees it.
 * @gid: The same of the group.
 * @thread: Thread keyring of the requester, or 0.
 * @process: Process keyring, or 0.
 * @session: Session keyring, or 0.
 * @pid: Process that asks, as this pid namespace sees it, or 0.
 * @from_kernel: The kernel asks on its own behalf, not for a system call.
 */
struct request {
	int32_t		key;
	const char	*type;
	const char	*description;
	const char	*callout;
	size_t		callout_len;
	uint32_t	uid;
	uint32_t	gid;
	int32_t		thread;
	int32_t		process;
	int32_t		session;
	int32_t		pid;
	bool		from_kernel;
};

#endif /* REQUEST_KEYD_REQUEST_H */
