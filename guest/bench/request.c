// SPDX-License-Identifier: GPL-2.0-only
/* Requests that somebody has to answer. */
#include "bench.h"

long request(const char *description, key_serial_t ring)
{
	return key_request("user", description, "callout", ring);
}

/* Starts @count children, each with a request of its own. */
void request_start(unsigned int count)
{
	char name[NAME_SIZE];

	fflush(NULL);
	while (count-- > 0) {
		unique_name(name);
		if (must(fork(), "fork") == 0)
			_exit(request(name, KEY_SPEC_SESSION_KEYRING) < 0);
	}
}
