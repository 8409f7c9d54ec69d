// SPDX-License-Identifier: GPL-2.0-only
#include "secret.h"

#include <string.h>
#include <sys/mman.h>

/* Returns NULL if there is no such memory. */
void *secret_alloc(size_t size)
{
	void *secret = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		return NULL;
	if (madvise(secret, size, MADV_DONTDUMP) ||
	    madvise(secret, size, MADV_WIPEONFORK)) {
		munmap(secret, size);
		return NULL;
	}
	/*
	 * Many users may lock no memory, so a failure is ignored.  The secret
	 * is here only for the time of one system call.
	 */
	mlock(secret, size);
	return secret;
}

void secret_free(void *secret, size_t size)
{
	explicit_bzero(secret, size);
	munmap(secret, size);
}
