/* SPDX-License-Identifier: GPL-2.0-only */
/* Buffers that end where accessible memory ends. */
#ifndef SELFTESTS_KEYS_MEMORY_EDGE_H
#define SELFTESTS_KEYS_MEMORY_EDGE_H

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Maps a page that can be read and written, and a page behind it that cannot be
 * accessed at all.  Returns the first byte of the latter, or NULL.
 */
static inline uint8_t *memory_edge(void)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE))
		return NULL;
	return pages + page;
}

#endif /* SELFTESTS_KEYS_MEMORY_EDGE_H */
