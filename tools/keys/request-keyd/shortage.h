/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_KEYD_SHORTAGE_H
#define REQUEST_KEYD_SHORTAGE_H

#include <errno.h>
#include <stdbool.h>

/*
 * Something was short for a moment, which says nothing about the key: such an
 * error is passed on and must not be remembered.
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
