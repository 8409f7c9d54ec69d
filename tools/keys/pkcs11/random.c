// SPDX-License-Identifier: GPL-2.0-only
#include "errors.h"
#include "kernel.h"
#include "session.h"

ck_rv_t C_GenerateRandom(ck_session_handle_t handle, unsigned char *out,
			 unsigned long len)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	if (rv)
		return rv;
	if (!out && len)
		return session_leave(session, CKR_ARGUMENTS_BAD);
	return session_leave(session, error_rv(ERROR_OF_USE,
					       kernel_random(out, len)));
}

ck_rv_t C_SeedRandom(ck_session_handle_t handle, unsigned char *seed,
		     unsigned long len)
{
	struct session *session;
	ck_rv_t rv = session_enter(handle, &session);

	(void)seed;
	(void)len;
	return rv ?: session_leave(session, CKR_RANDOM_SEED_NOT_SUPPORTED);
}
