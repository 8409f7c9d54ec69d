/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_REQUEST_H
#define REQUEST_KEYD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct request - a request in the form that rules are matched against
 * @key: Serial of the key under construction.
 * @type: Its type.
 * @description: Its description, which anybody may have written.
 * @callout: Callout information: bytes, perhaps with a 0 among them.
 * @callout_len: How many bytes there are.
 * @uid: Uid of the requester, as this user namespace sees it.
 * @gid: Gid of the requester, likewise.
 * @thread: Thread keyring of the requester, or 0.
 * @process: Process keyring, or 0.
 * @session: Session keyring, or 0.
 * @pid: Process of the requester, as this pid namespace sees it, or 0.
 * @from_kernel: Whether kernel code makes the request, and not a program by
 *	request_key(2).
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
