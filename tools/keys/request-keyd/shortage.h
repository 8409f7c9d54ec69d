/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_SHORTAGE_H
#define REQUEST_KEYD_SHORTAGE_H

#include <errno.h>
#include <stdbool.h>

/*
 * Errors of a temporary shortage, which say nothing about the key: the
 * requester gets such an error, but it must not be remembered.
 */
static inline bool is_shortage(int error)
{
	switch (error) {
	case EAGAIN:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case ENOSPC:
		return true;
	default:
		return false;
	}
}

#endif /* REQUEST_KEYD_SHORTAGE_H */
