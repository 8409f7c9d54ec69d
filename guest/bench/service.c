// SPDX-License-Identifier: GPL-2.0-only
/* Requests that a service answers.  A kernel without services has no figures. */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bench.h"
#include "service.h"

#define ROUNDS		1000
#define REQUESTS	512
#define PAYLOAD_SMALL	16
#define MAX_WORKERS	2

/**
 * struct workers - Processes that answer what one descriptor gives them
 * @fd: The service.
 * @count: How many there are.
 * @pids: Which.
 */
struct workers {
	int fd;
	unsigned int count;
	pid_t pids[MAX_WORKERS];
};

/* The descriptor, or -EOPNOTSUPP. */
int service_open(void)
{
	const struct key_service_filter filter = {
		.type = (uintptr_t)"user",
	};
	const struct key_service_params params = {
		.filter_count = 1,
		.filters = (uintptr_t)&filter,
		.max_pending = WAITING_MAX,
	};

	return keyctl(KEYCTL_SERVICE_OPEN, KEY_SERVICE_SCOPE_USER_NS, &params,
		      sizeof(params));
}

/* The next request's number. */
uint64_t service_next(int fd)
{
	static union {
		struct key_service_request head;
		char bytes[KEY_SERVICE_RECORD_MAX];
	} record;

	must(read(fd, &record, sizeof(record)), "read a request");
	return record.head.id;
}

void service_answer(int fd, uint64_t id, size_t payload)
{
	static struct {
		struct key_service_answer head;
		uint8_t payload[KEY_PAYLOAD_MAX];
	} answer = { .head.size = sizeof(answer.head) };

	answer.head.id = id;
	answer.head.payload_len = payload;
	must(write(fd, &answer, sizeof(answer.head) + payload),
	     "answer a request");
}

static void start_workers(struct workers *workers, int fd, unsigned int count,
			  size_t payload)
{
	workers->fd = fd;
	workers->count = count;
	fflush(NULL);
	for (unsigned int i = 0; i < count; i++) {
		workers->pids[i] = must(fork(), "fork");
		if (workers->pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			service_answer(fd, service_next(fd), payload);
	}
}

static void stop_workers(const struct workers *workers)
{
	for (unsigned int i = 0; i < workers->count; i++) {
		kill(workers->pids[i], SIGKILL);
		waitpid(workers->pids[i], NULL, 0);
	}
	close(workers->fd);
}

static long ask(void *arg, unsigned int round)
{
	char name[NAME_SIZE];

	(void)round;
	return request(unique_name(name), *(key_serial_t *)arg);
}

static void answered(const void *arg)
{
	const size_t *payload = arg;
	key_serial_t ring = KEY_SPEC_SESSION_KEYRING;
	const struct work work = {
		.run = ask, .arg = &ring, .rounds = ROUNDS,
	};
	struct workers workers;

	start_workers(&workers, must(service_open(), "service"), 1, *payload);
	measure(&work, "service/payload/%zu", *payload);
	stop_workers(&workers);
}

static void into_ring_of(const void *arg)
{
	const unsigned int *keys = arg;
	key_serial_t ring = must(keyring_new("dest", KEY_SPEC_SESSION_KEYRING),
				 "keyring");
	const struct work work = {
		.run = ask, .arg = &ring, .rounds = ROUNDS,
	};
	struct workers workers;

	fill_ring(ring, *keys);
	settle();
	start_workers(&workers, must(service_open(), "service"), 1,
		      PAYLOAD_SMALL);
	measure(&work, "service/keys/%u", *keys);
	stop_workers(&workers);
}

/* The waiting requests were read by a service that does not answer. */
static void while_waiting(const void *arg)
{
	const unsigned int *waiting = arg;
	key_serial_t ring = KEY_SPEC_SESSION_KEYRING;
	const struct work work = {
		.run = ask, .arg = &ring, .rounds = ROUNDS,
	};
	int fd = must(service_open(), "service");
	uint64_t ids[WAITING_MAX];
	struct workers workers;

	request_start(*waiting);
	for (unsigned int i = 0; i < *waiting; i++)
		ids[i] = service_next(fd);
	start_workers(&workers, fd, 1, PAYLOAD_SMALL);
	measure(&work, "service/waiting/%u", *waiting);
	for (unsigned int i = 0; i < *waiting; i++)
		service_answer(fd, ids[i], PAYLOAD_SMALL);
	stop_workers(&workers);
	while (wait(NULL) > 0)
		;
}

/**
 * struct load - processes that request keys, and processes that answer
 * @processes: How many ask.
 * @workers: How many answer.
 */
struct load {
	unsigned int processes, workers;
};

static void under_load(const void *arg)
{
	const struct load *load = arg;
	const struct crowd crowd = { .processes = load->processes };
	struct workers workers;

	start_workers(&workers, must(service_open(), "service"), load->workers,
		      PAYLOAD_SMALL);
	report("time", crowd_time(&crowd, REQUESTS), "service/workers-%u/%u",
	       load->workers, load->processes);
	stop_workers(&workers);
}

void bench_service(void)
{
	static const size_t payloads[] = { PAYLOAD_SMALL, 4096, KEY_PAYLOAD_MAX };
	static const unsigned int sizes[] = { KEYS_FEW, KEYS_SOME, KEYS_MANY };
	static const unsigned int crowds[] = { 1, 8, 64 };
	static const struct load loads[] = {
		{ 1, 1 }, { 2, 1 }, { 4, 1 }, { 16, 1 }, { 64, 1 },
		{ 1, 2 }, { 2, 2 }, { 4, 2 }, { 16, 2 }, { 64, 2 },
	};
	int fd = service_open();

	if (fd == -EOPNOTSUPP)
		return;
	close(must(fd, "service"));
	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++)
		apart(answered, &payloads[i]);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		apart(into_ring_of, &sizes[i]);
	for (size_t i = 0; i < sizeof(crowds) / sizeof(*crowds); i++)
		apart(while_waiting, &crowds[i]);
	for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++)
		apart(under_load, &loads[i]);
}
