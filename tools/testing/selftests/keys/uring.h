/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of io_uring that submits one entry at a time. */
#ifndef SELFTESTS_KEYS_URING_H
#define SELFTESTS_KEYS_URING_H

#include <linux/io_uring.h>
#include <sys/mman.h>

#include "task.h"

#define URING_ENTRIES	4

/*
 * struct uring - a ring
 * @fd:		its descriptor
 * @params: parameters from the kernel
 * @rings:	both queues, which share one mapping
 * @size: size of the mapping
 * @entries: the submitted entries
 */
struct uring {
	int fd;
	struct io_uring_params params;
	char *rings;
	size_t size;
	struct io_uring_sqe *entries;
};

static inline uint32_t *uring_at(const struct uring *ring, uint32_t offset)
{
	return (uint32_t *)(ring->rings + offset);
}

static inline int uring_open(struct uring *ring)
{
	const struct io_uring_params *params = &ring->params;
	const int prot = PROT_READ | PROT_WRITE;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(__NR_io_uring_setup, URING_ENTRIES, &ring->params);
	if (ring->fd < 0)
		return -errno;
	/* The completion queue lies behind the submission queue. */
	ring->size = params->cq_off.cqes +
		     params->cq_entries * sizeof(struct io_uring_cqe);
	ring->rings = mmap(NULL, ring->size, prot, MAP_SHARED | MAP_POPULATE,
			   ring->fd, IORING_OFF_SQ_RING);
	ring->entries = mmap(NULL, URING_ENTRIES * sizeof(*ring->entries), prot,
			     MAP_SHARED | MAP_POPULATE, ring->fd,
			     IORING_OFF_SQES);
	if (ring->rings == MAP_FAILED || ring->entries == MAP_FAILED)
		return -errno;
	return 0;
}

static inline void uring_close(struct uring *ring)
{
	munmap(ring->rings, ring->size);
	munmap(ring->entries, URING_ENTRIES * sizeof(*ring->entries));
	close(ring->fd);
}

/* Submits one entry; returns 0 or a negative errno. */
static inline int uring_submit(struct uring *ring,
			       const struct io_uring_sqe *entry)
{
	uint32_t *tail = uring_at(ring, ring->params.sq_off.tail);
	uint32_t mask = *uring_at(ring, ring->params.sq_off.ring_mask);
	uint32_t index = *tail & mask;
	int ret;

	ring->entries[index] = *entry;
	uring_at(ring, ring->params.sq_off.array)[index] = index;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	ret = result(syscall(__NR_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0));
	return ret == 1 ? 0 : ret < 0 ? ret : -EPROTO;
}

/* Returns whether an entry completes within the time. */
static inline bool uring_done(const struct uring *ring, int limit_ms)
{
	struct pollfd ready = { .fd = ring->fd, .events = POLLIN };

	return poll(&ready, 1, limit_ms) == 1;
}

/* Returns the result of the first completed entry, whose data must be @data. */
static inline int uring_result(struct uring *ring, uint64_t data)
{
	uint32_t *head = uring_at(ring, ring->params.cq_off.head);
	uint32_t mask = *uring_at(ring, ring->params.cq_off.ring_mask);
	struct io_uring_cqe done;

	if (!uring_done(ring, TASK_LIMIT_MS))
		return -ETIMEDOUT;
	done = ((struct io_uring_cqe *)(ring->rings +
					ring->params.cq_off.cqes))[*head & mask];
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return done.user_data == data ? done.res : -EPROTO;
}

#endif /* SELFTESTS_KEYS_URING_H */
