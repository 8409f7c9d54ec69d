/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_PAYER_H
#define REQUEST_KEYD_PAYER_H

#include <stdbool.h>
#include <stdint.h>

struct key_service_request;

/**
 * enum payer_kind - kind of payer that a request is counted for
 * @PAYER_USER: A user of this user namespace other than root.
 * @PAYER_ELSEWHERE: All users of other user namespaces.  A user can make
 *	namespaces and has many ids there, so all these are one payer.
 * @PAYER_KERNEL: The kernel, with its own credentials or root's.  A user can
 *	cause such requests, so they are limited as well.
 * @PAYER_ROOT: A program of root.
 *
 * Zero is the kind that is trusted least.
 */
enum payer_kind {
	PAYER_USER,
	PAYER_ELSEWHERE,
	PAYER_KERNEL,
	PAYER_ROOT,
};

/**
 * struct payer - the payer of a request, whose slots and log lines the request
 * uses
 * @kind: Kind of payer.
 * @uid: The user, for %PAYER_USER; else 0.
 */
struct payer {
	enum payer_kind	kind;
	uint32_t	uid;
};

/**
 * payer_of - Find the payer of a request
 * @record: The request.
 * @user_ns: Inode number of the daemon's user namespace, 0 if unknown.
 */
struct payer payer_of(const struct key_service_request *record,
		      uint64_t user_ns);

static inline bool payer_is_same(struct payer a, struct payer b)
{
	return a.kind == b.kind && a.uid == b.uid;
}

/* Returns whether the payer is certainly unprivileged. */
static inline bool payer_is_user(struct payer payer)
{
	return payer.kind == PAYER_USER || payer.kind == PAYER_ELSEWHERE;
}

#endif /* REQUEST_KEYD_PAYER_H */
