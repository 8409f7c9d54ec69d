// SPDX-License-Identifier: GPL-2.0-only
#include "payer.h"

#include <key_service.h>

struct payer payer_of(const struct key_service_request *record,
		      uint64_t user_ns)
{
	bool elsewhere = user_ns && record->user_ns != user_ns;
	bool unknown = record->flags & KEY_SERVICE_REQUEST_UNMAPPED;

	/*
	 * For a request that the kernel makes on behalf of a user, the user
	 * pays, even if the request has the kernel's credentials.
	 */
	if (record->origin == KEY_SERVICE_ORIGIN_KERNEL &&
	    (unknown || !record->payer))
		return (struct payer){ PAYER_KERNEL, 0 };
	if (unknown || elsewhere)
		return (struct payer){ PAYER_ELSEWHERE, 0 };
	if (!record->payer)
		return (struct payer){ PAYER_ROOT, 0 };
	return (struct payer){ PAYER_USER, record->payer };
}
