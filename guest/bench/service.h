/* SPDX-License-Identifier: GPL-2.0-only */
/* The bench's own service. */
#ifndef GUEST_BENCH_SERVICE_H
#define GUEST_BENCH_SERVICE_H

#include <linux/key_service.h>

int service_open(void);
uint64_t service_next(int fd);
void service_answer(int fd, uint64_t id, size_t payload);

#endif /* GUEST_BENCH_SERVICE_H */
