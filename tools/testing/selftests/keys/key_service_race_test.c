// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races of answers with time limits, kills, closing services and assumed
 * authority.  A test fails if a requester hangs or the kernel complains.
 */
#include "key_service.h"

#include <pthread.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"

#define ROUNDS		60
#define ASKERS		6
#define SHORT_MS	3
#define LIMIT_MS	50
/* Ids of users who have no other key */
#define OWNER_ONE	7001
#define OWNER_TWO	7002
#define NS_PER_US	1000LL
#define NS_PER_S	1000000000LL

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

/* A request may end between poll() and read(), so read() must not block. */
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

/* All children request one key, which is a new one in each round. */
static void ask_all(pid_t *askers, int round)
{
	char name[32];

	for (int i = 0; i < ASKERS; i++) {
		snprintf(name, sizeof(name), "r%d-%d", round, i / 2);
		askers[i] = ask_either(name, NULL);
	}
}

/*
 * Waits for all children; counts those with another result than the two
 * expected.
 */
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
	/*
	 * The script accepts connections, since a helper that cannot connect
	 * would wait.
	 */
	script_count(script);
	return odd;
}

/* Closes the service after a time that differs in each round. */
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

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/*
 * Answers a request @offset_us after its deadline; returns 0 or a negative
 * errno.
 */
static int answer_at_deadline(int fd, int offset_us)
{
	struct service_record record;
	int64_t moment;

	if (read(fd, &record, RECORD_SIZE) < 0)
		return -errno;
	moment = record.head.deadline + offset_us * NS_PER_US;
	while (now_ns() < moment)
		sched_yield();
	return service_answer(fd, record.head.id, "p", 1);
}

/*
 * Answers come from well before the deadline to well after it.  Both results
 * must occur, or there was no race.
 */
TEST_F_TIMEOUT(race, answer_and_timeout, 120)
{
	static const int offsets_us[] = {
		-LIMIT_MS * 500, -2000, -1000, -500, 0, 500, 1000,
		LIMIT_MS * 500,
	};
	int answered = 0, late = 0, ret;
	pid_t askers[ASKERS];

	for (int round = 0; round < ROUNDS; round++) {
		int fd = open_for(LIMIT_MS);

		ASSERT_LE(0, fd);
		ask_all(askers, round);
		while (service_readable(fd, 20)) {
			ret = answer_at_deadline(fd, offsets_us[round % 8]);
			answered += ret == 0;
			late += ret == -ENOENT;
		}
		EXPECT_EQ(0, odd_results(&self->script, askers, 0, -ETIMEDOUT));
		close(fd);
		ASSERT_EQ(0, keyctl(KEYCTL_CLEAR, self->session));
	}
	EXPECT_LT(0, answered);
	EXPECT_LT(0, late);
}

/*
 * Several threads answer the same request: one of them succeeds, and knows it.
 */
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

/*
 * struct assumer - a process that assumes authority and answers with it
 * @fd:		the service
 * @keeps:	whether it keeps the first authority, and does not answer
 * @assumed:	how often it got an authority
 * @made:	how many keys it made
 */
struct assumer {
	int fd;
	bool keeps;
	int assumed;
	int made;
};

/*
 * Authority is made, used, and withdrawn by closing the service, all at the
 * same time.
 */
static int assume_all(const void *arg)
{
	struct assumer *assumer = *(struct assumer *const *)arg;
	struct service_record record;

	while (service_readable(assumer->fd, 20) &&
	       read(assumer->fd, &record, RECORD_SIZE) > 0) {
		if (service_assume(assumer->fd, record.head.id,
				   KEY_SPEC_PROCESS_KEYRING) < 0)
			continue;
		keyctl(KEYCTL_ASSUME_AUTHORITY, record.head.key);
		__atomic_add_fetch(&assumer->assumed, 1, __ATOMIC_SEQ_CST);
		if (assumer->keeps)
			pause();
		if (keyctl(KEYCTL_INSTANTIATE, record.head.key, "p", 1, 0) == 0)
			__atomic_add_fetch(&assumer->made, 1, __ATOMIC_SEQ_CST);
	}
	return 0;
}

static int assumed_by(const struct assumer *assumer)
{
	return __atomic_load_n(&assumer->assumed, __ATOMIC_SEQ_CST);
}

/*
 * The process with the authority has the last descriptor.  It is killed while
 * it keeps an authority, while it answers, or not at all.
 */
TEST_F_TIMEOUT(race, assume_and_close, 120)
{
	struct assumer *assumer = mmap(NULL, sizeof(*assumer),
				       PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int made = 0, withdrawn = 0;
	pid_t askers[ASKERS], handler;

	ASSERT_NE(MAP_FAILED, (void *)assumer);
	for (int round = 0; round < ROUNDS / 2; round++) {
		int fd = open_for(round % 3 ? 0 : SHORT_MS);

		ASSERT_LE(0, fd);
		*assumer = (struct assumer){
			.fd = fd, .keeps = round % 4 == 1,
		};
		handler = task_start(assume_all, &assumer);
		ask_all(askers, round);
		for (int ms = 0; ms < SOON_MS; ms++) {
			if (assumed_by(assumer) > round % 3)
				break;
			if (assumer->keeps && assumed_by(assumer))
				break;
			sleep_ms(1);
		}
		if (round % 2)
			kill(handler, SIGKILL);
		close(fd);
		task_result(handler);
		made += assumer->made;
		withdrawn += assumer->keeps && assumed_by(assumer);
		EXPECT_EQ(0, odd_results(&self->script, askers, 0, -ETIMEDOUT));
		ASSERT_EQ(0, keyctl(KEYCTL_CLEAR, self->session));
	}
	EXPECT_LT(0, made);
	EXPECT_LT(0, withdrawn);
	munmap(assumer, sizeof(*assumer));
}

/* Changes the key's owner back and forth until the process is killed. */
static int chown_on(const void *arg)
{
	const key_serial_t key = *(const key_serial_t *)arg;

	for (int round = 0;; round++)
		keyctl(KEYCTL_CHOWN, key, round % 2 ? OWNER_ONE : OWNER_TWO,
		       -1);
	return 0;
}

/* Owner of the key of @serial in /proc/key-requests, or -1 if it is not there. */
static long shown_owner(key_serial_t serial)
{
	unsigned int key;
	char line[4096];
	long owner = -1;
	FILE *file;
	int uid;

	file = fopen("/proc/key-requests", "r");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*u %*d %*s %*s %*s %x %d", &key, &uid) == 2 &&
		    (key_serial_t)key == serial)
			owner = uid;
	fclose(file);
	return owner;
}

/*
 * The kernel frees an owner who has only this key with each change.  KASAN
 * reports an access to a freed one.
 *
 * Shows: KS-15.
 */
TEST_F_TIMEOUT(race, owner_changes, 60)
{
	int fd = service_open(), seen_one = 0, seen_two = 0;
	struct service_record record;
	pid_t asker, rival, changer;
	key_serial_t key;
	char name[32];

	ASSERT_LE(0, fd);
	asker = ask("owned", "p");
	ASSERT_LT(0, service_next(fd, &record));
	key = record.head.key;
	EXPECT_EQ(0, shown_owner(key));
	changer = task_start(chown_on, &key);
	for (int ms = 0; ms < TASK_LIMIT_MS && (!seen_one || !seen_two); ms++) {
		for (int look = 0; look < 50; look++) {
			long owner = shown_owner(key);

			seen_one += owner == OWNER_ONE;
			seen_two += owner == OWNER_TWO;
			EXPECT_TRUE(owner == OWNER_ONE || owner == OWNER_TWO ||
				    owner == 0);
		}
		/*
		 * Another request makes the kernel find and free payers at the
		 * same time.
		 */
		snprintf(name, sizeof(name), "beside%d", ms);
		rival = ask(name, "q");
		ASSERT_EQ(0, service_serve(fd, "q"));
		EXPECT_EQ(0, task_result(rival));
	}
	EXPECT_LT(0, seen_one);
	EXPECT_LT(0, seen_two);
	kill(changer, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(changer));
	EXPECT_EQ(0, keyctl(KEYCTL_CHOWN, key, 0, -1));
	EXPECT_EQ(0, service_answer(fd, record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
	close(fd);
}

REQUEST_TEST_MAIN
