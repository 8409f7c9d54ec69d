// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything at once: answers against time limits, kills, closing services and
 * assumed authority.  What is looked for is a requester that hangs, and what
 * the kernel has to say.
 */
#include "key_service.h"

#include <pthread.h>

#include "../kselftest_harness.h"

#define ROUNDS		60
#define ASKERS		6
#define SHORT_MS	3

FIXTURE(race)
{
	key_serial_t session;
	struct script script;
};

FIXTURE_SETUP(race)
{
	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(race)
{
	script_close(&self->script);
}

/* A request that can be read may be over when it is: that must not block. */
static int open_for(unsigned int timeout_ms)
{
	const struct service_terms params = {
		.flags = KEY_SERVICE_NONBLOCK,
		.scope = KEY_SERVICE_SCOPE_USER_NS,
		.type = "user",
		.timeout_ms = timeout_ms,
	};

	return service_open_with(&params);
}

/* One key for all of them, a new one each round. */
static void ask_all(pid_t *askers, int round)
{
	char name[32];

	for (int i = 0; i < ASKERS; i++) {
		snprintf(name, sizeof(name), "r%d-%d", round, i / 2);
		askers[i] = ask_either(name, NULL);
	}
}

/* Waits for all; counts those with another result than the two expected. */
static int odd_results(struct script *script, const pid_t *askers, int one,
		       int other)
{
	int odd = 0, ret;

	for (int i = 0; i < ASKERS; i++) {
		ret = task_result(askers[i]);
		if (ret != one && ret != other) {
			ksft_print_msg("asker %d: %d\n", i, ret);
			odd++;
		}
	}
	/* A helper that cannot connect would wait. */
	script_count(script);
	return odd;
}

/* Closes the service after a while that is different each round. */
static void serve_for(int fd, int ms, bool answer)
{
	struct service_record record;

	while (service_readable(fd, ms)) {
		if (read(fd, &record, RECORD_SIZE) < 0)
			break;
		if (answer)
			service_answer(fd, record.head.id, "p", 1);
	}
	close(fd);
}

TEST_F_TIMEOUT(race, answer_and_close, 120)
{
	pid_t askers[ASKERS];

	for (int round = 0; round < ROUNDS; round++) {
		int fd = open_for(0);

		ASSERT_LE(0, fd);
		ask_all(askers, round);
		serve_for(fd, round % 7, round % 2);
		EXPECT_EQ(0, odd_results(&self->script, askers, 0, 0));
		ASSERT_EQ(0, keyctl(KEYCTL_CLEAR, self->session));
	}
}

TEST_F_TIMEOUT(race, answer_and_timeout, 120)
{
	pid_t askers[ASKERS];

	for (int round = 0; round < ROUNDS; round++) {
		struct service_record record;
		int fd = open_for(SHORT_MS);

		ASSERT_LE(0, fd);
		ask_all(askers, round);
		while (service_readable(fd, 20)) {
			if (read(fd, &record, RECORD_SIZE) < 0)
				continue;
			sleep_ms(round % (2 * SHORT_MS));
			service_answer(fd, record.head.id, "p", 1);
		}
		EXPECT_EQ(0, odd_results(&self->script, askers, 0, -ETIMEDOUT));
		close(fd);
		ASSERT_EQ(0, keyctl(KEYCTL_CLEAR, self->session));
	}
}

/* Several that answer the same request: one of them does, and knows. */
struct rivals {
	int fd;
	uint64_t id;
	pthread_barrier_t start;
	int won;
};

static void *rival(void *arg)
{
	struct rivals *rivals = arg;

	pthread_barrier_wait(&rivals->start);
	if (service_answer(rivals->fd, rivals->id, "p", 1) == 0)
		__atomic_add_fetch(&rivals->won, 1, __ATOMIC_RELAXED);
	return NULL;
}

TEST_F_TIMEOUT(race, answered_by_several, 120)
{
	struct rivals rivals = { .fd = open_for(0) };
	struct service_record record;
	pthread_t threads[3];
	char name[16];
	pid_t asker;

	if (task_is_traced())
		SKIP(return, "untraced only: what cannot be queued has no rivals");
	ASSERT_LE(0, rivals.fd);
	for (int round = 0; round < ROUNDS; round++) {
		snprintf(name, sizeof(name), "k%d", round);
		asker = ask(name, "p");
		ASSERT_LT(0, service_next(rivals.fd, &record));
		rivals.id = record.head.id;
		rivals.won = 0;
		pthread_barrier_init(&rivals.start, NULL, 3);
		for (int i = 0; i < 3; i++)
			pthread_create(&threads[i], NULL, rival, &rivals);
		for (int i = 0; i < 3; i++)
			pthread_join(threads[i], NULL);
		EXPECT_EQ(1, rivals.won);
		EXPECT_EQ(0, task_result(asker));
	}
	close(rivals.fd);
}

TEST_F_TIMEOUT(race, kill_and_answer, 120)
{
	int fd = open_for(0);
	pid_t askers[ASKERS];

	ASSERT_LE(0, fd);
	for (int round = 0; round < ROUNDS; round++) {
		struct service_record record;

		ask_all(askers, round);
		for (int i = 0; i < ASKERS; i += 2) {
			ASSERT_LT(0, service_next(fd, &record));
			kill(askers[i], SIGKILL);
			EXPECT_EQ(0, service_answer(fd, record.head.id, "p",
						    1));
		}
		EXPECT_EQ(0, odd_results(&self->script, askers, 0, TASK_KILLED(SIGKILL)));
		while (service_readable(fd, 5))
			EXPECT_EQ(0, service_serve(fd, "p"));
		ASSERT_EQ(0, keyctl(KEYCTL_CLEAR, self->session));
	}
	close(fd);
}

/* Authority that is made, used, and withdrawn by the closing at one time. */
static int assume_all(const void *arg)
{
	int fd = *(const int *)arg;
	struct service_record record;

	while (service_readable(fd, 20) &&
	       read(fd, &record, RECORD_SIZE) > 0) {
		service_assume(fd, record.head.id, KEY_SPEC_PROCESS_KEYRING);
		keyctl(KEYCTL_ASSUME_AUTHORITY, record.head.key);
		keyctl(KEYCTL_INSTANTIATE, record.head.key, "p", 1, 0);
	}
	return 0;
}

TEST_F_TIMEOUT(race, assume_and_close, 120)
{
	pid_t askers[ASKERS], handler;

	for (int round = 0; round < ROUNDS / 2; round++) {
		int fd = open_for(round % 3 ? 0 : SHORT_MS);

		ASSERT_LE(0, fd);
		handler = task_start(assume_all, &fd);
		ask_all(askers, round);
		sleep_ms(round % 5);
		if (round % 2)
			kill(handler, SIGKILL);
		close(fd);
		task_result(handler);
		EXPECT_EQ(0, odd_results(&self->script, askers, 0, -ETIMEDOUT));
		ASSERT_EQ(0, keyctl(KEYCTL_CLEAR, self->session));
	}
}

REQUEST_TEST_MAIN
