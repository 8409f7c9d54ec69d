// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that their reader does not answer: they are passed on, put back,
 * left by a reader that ends or a service that closes, or are too many.
 */
#include "key_service.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"

#define TIMEOUT_MS	300
#define NOBODY		5005
#define MANY		40
#define FDINFO_MAX	4096

FIXTURE_WITH_SERVICE(moving, service_open())

static int service_with(uint32_t flags, uint32_t timeout_ms)
{
	const struct service_terms terms = {
		.scope = KEY_SERVICE_SCOPE_USER_NS, .type = "user",
		.flags = flags, .timeout_ms = timeout_ms,
	};

	return service_open_with(&terms);
}

/* Starts requests for "a", "b" and so on, in this order. */
static bool ask_in_order(pid_t *askers, int count, const char *reads)
{
	for (int i = 0; i < count; i++) {
		char name[] = { 'a' + i, '\0' };

		askers[i] = ask_either(name, reads);
		if (!asker_waits(askers[i]))
			return false;
	}
	return true;
}

/* Gets the ids in the line "read:" of fdinfo; returns how many there are. */
static int ids_read(int fd, uint64_t *ids, int room)
{
	char path[64], text[FDINFO_MAX] = "", *at;
	int info, n = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (read(info, text, sizeof(text) - 1) < 0)
		return -errno;
	close(info);
	at = strstr(text, "\nread:\t");
	if (!at)
		return -ENODATA;
	for (at += strlen("\nread:\t"); *at != '\n' && n < room; n++) {
		ids[n] = strtoull(at, &at, 10);
		if (*at == ' ')
			at++;
	}
	return n;
}

/* Returns whether @count requests are read and unanswered, now or soon. */
static bool come_to(int fd, int count)
{
	uint64_t ids[MANY + 1];

	for (int ms = 0; ms < TASK_LIMIT_MS; ms++) {
		if (ids_read(fd, ids, MANY + 1) == count)
			return true;
		sleep_ms(1);
	}
	return false;
}

/* --- passed on ------------------------------------------------------------- */

/* Shows: KS-47. */
TEST_F(moving, pass_to_helper)
{
	pid_t asker = ask_either("d", "helper");
	uint64_t id;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	id = self->record.head.id;
	EXPECT_EQ(-ENOENT, service_pass(self->fd, id + 1));
	EXPECT_EQ(0, service_pass(self->fd, id));
	EXPECT_EQ(-ENOENT, service_answer(self->fd, id, "p", 1));
	EXPECT_EQ(-ENOENT, service_pass(self->fd, id));
	EXPECT_EQ(-ENOENT, service_release(self->fd, id));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(1, script_count(&self->script));
	EXPECT_FALSE(service_readable(self->fd, 0));
}

/* Shows: KS-47. Of two services the second one is next. */
TEST_F(moving, pass_to_another)
{
	int other = service_open();
	pid_t asker = ask("d", "p");
	uint64_t id;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	id = self->record.head.id;
	EXPECT_EQ(0, service_pass(self->fd, id));
	ASSERT_LT(0, service_next(other, &self->record));
	EXPECT_EQ(id, self->record.head.id);
	EXPECT_EQ(0, self->record.head.flags);
	EXPECT_EQ(0, service_answer(other, id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, script_count(&self->script));
	close(other);
}

/*
 * Shows: KS-47. Passing on is an answer of the daemon's, not a missing answer.
 */
TEST_F(moving, pass_without_fallback)
{
	int fd = service_with(KEY_SERVICE_NO_FALLBACK, 0);
	pid_t asker;

	ASSERT_LE(0, fd);
	close(self->fd);
	self->fd = -1;
	asker = ask_either("d", "helper");
	ASSERT_LT(0, service_next(fd, &self->record));
	EXPECT_EQ(0, service_pass(fd, self->record.head.id));
	EXPECT_EQ(0, task_result(asker));
	close(fd);
}

/*
 * Shows: KS-47. The time limit of the service that has passed the request on
 * does not count any more.
 */
TEST_F(moving, pass_and_time_limit)
{
	struct question question = {
		.description = "d", .steps = "S700;" HELPER_ANSWERS,
		.reads = "helper",
	};
	int fd = service_with(0, TIMEOUT_MS);
	pid_t asker;

	ASSERT_LE(0, fd);
	close(self->fd);
	self->fd = -1;
	asker = question_start(&question);
	ASSERT_LT(0, service_next(fd, &self->record));
	EXPECT_EQ(0, service_pass(fd, self->record.head.id));
	EXPECT_EQ(0, task_result(asker));
	close(fd);
}

/* Shows: KS-47. */
TEST_F(moving, pass_takes_authority)
{
	pid_t asker = ask_either("d", "helper");
	key_serial_t key;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	key = self->record.head.key;
	ASSERT_LT(0, service_assume(self->fd, self->record.head.id,
				    KEY_SPEC_THREAD_KEYRING));
	ASSERT_LT(0, keyctl(KEYCTL_ASSUME_AUTHORITY, key));
	EXPECT_EQ(0, service_pass(self->fd, self->record.head.id));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(-EKEYREVOKED, keyctl(KEYCTL_INSTANTIATE, key, "p", 1, 0));
}

/*
 * Shows: KS-29, KS-47. A service has several filters.  A request that has
 * matched one of them and was passed on does not return by another one.
 */
TEST_F(moving, several_filters)
{
	const struct key_service_filter filters[] = {
		{ (uintptr_t)"logon", 0 },
		{ (uintptr_t)"user", (uintptr_t)"a:" },
		{ (uintptr_t)"user", (uintptr_t)"b:" },
		{ 0, (uintptr_t)"a:x" },
	};
	const struct key_service_params params = {
		.filter_count = ARRAY_SIZE(filters),
		.filters = (uintptr_t)filters,
	};
	static const char *const wanted[] = { "a:x", "b:x", "c:x" };
	int fd = keyctl(KEYCTL_SERVICE_OPEN, KEY_SERVICE_SCOPE_USER_NS, &params,
			sizeof(params));
	pid_t asker;

	ASSERT_LE(0, fd);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		asker = ask(wanted[i], i < 2 ? "filtered" : "other");
		/*
		 * The filter is narrower than that of the older service, or the
		 * request would not reach it.
		 */
		EXPECT_EQ(0, i < 2 ? service_serve(fd, "filtered") :
				     service_serve(self->fd, "other"));
		EXPECT_EQ(0, task_result(asker));
		EXPECT_FALSE(service_readable(fd, 0));
		EXPECT_FALSE(service_readable(self->fd, 0));
	}
	asker = ask("a:xy", "other");
	ASSERT_LT(0, service_next(fd, &self->record));
	EXPECT_EQ(0, service_pass(fd, self->record.head.id));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_FALSE(service_readable(fd, SOON_MS));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "other",
				    5));
	EXPECT_EQ(0, task_result(asker));
	close(fd);
}

/* --- put back -------------------------------------------------------------- */

/* Shows: KS-48, KS-33. */
TEST_F(moving, release)
{
	pid_t asker = ask("d", "p");
	uint64_t id;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	id = self->record.head.id;
	EXPECT_EQ(0, self->record.head.flags);
	EXPECT_EQ(-ENOENT, service_release(self->fd, id + 1));
	EXPECT_EQ(0, service_release(self->fd, id));
	EXPECT_EQ(-ENOENT, service_release(self->fd, id));
	EXPECT_EQ(-ENOENT, service_answer(self->fd, id, "p", 1));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(id, self->record.head.id);
	EXPECT_EQ(KEY_SERVICE_REQUEST_AGAIN, self->record.head.flags);
	EXPECT_EQ(0, service_answer(self->fd, id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(-ENOENT, service_release(self->fd, id));
}

/* Shows: KS-48. */
TEST_F(moving, release_comes_first)
{
	pid_t askers[2];

	ASSERT_TRUE(ask_in_order(askers, 2, "p"));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, service_release(self->fd, self->record.head.id));
	for (int i = 0; i < 2; i++) {
		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_EQ('a' + i, *record_description(&self->record));
		EXPECT_EQ(0, service_answer(self->fd, self->record.head.id,
					    "p", 1));
		EXPECT_EQ(0, task_result(askers[i]));
	}
}

/* Shows: KS-48, KS-60. A request that is put back keeps its deadline. */
TEST_F(moving, release_and_time_limit)
{
	int fd = service_with(KEY_SERVICE_NONBLOCK, TIMEOUT_MS);
	pid_t asker;

	ASSERT_LE(0, fd);
	close(self->fd);
	self->fd = -1;
	asker = ask("d", NULL);
	/* The request may time out between poll() and read(). */
	while (service_readable(fd, TIMEOUT_MS) &&
	       read(fd, &self->record, RECORD_SIZE) > 0)
		service_release(fd, self->record.head.id);
	EXPECT_EQ(-ETIMEDOUT, task_result(asker));
	close(fd);
}

/* --- a reader ends --------------------------------------------------------- */

/*
 * struct reading - a process that reads and does not answer
 * @fd:		the service
 * @count:	how many it reads
 * @ready: pipe that the process writes to when it has read them
 * @thread: whether a thread of the process reads, and ends
 */
struct reading {
	int fd;
	int count;
	int ready;
	bool thread;
};

static void *read_some(void *arg)
{
	const struct reading *reading = arg;
	struct service_record record;

	for (int i = 0; i < reading->count; i++)
		if (service_next(reading->fd, &record) < 0)
			return arg;
	return NULL;
}

static int read_and_stay(const void *arg)
{
	const struct reading *reading = arg;
	pthread_t thread;
	void *failed;

	if (reading->thread) {
		if (pthread_create(&thread, NULL, read_some, (void *)arg) ||
		    pthread_join(thread, &failed))
			return -EPROTO;
	} else {
		failed = read_some((void *)arg);
	}
	if (failed || write(reading->ready, "r", 1) != 1)
		return -EPROTO;
	for (;;)
		pause();
}

/* Returns when the process has read its requests. */
static pid_t start_reading(struct reading *reading)
{
	int ready[2];
	pid_t reader;
	char byte;

	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	reading->ready = ready[1];
	reader = task_start(read_and_stay, reading);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		reader = -EPROTO;
	close(ready[0]);
	return reader;
}

/*
 * Shows: KS-58. Requests of a dead reader come back oldest first, before those
 * that were never read.
 */
TEST_F(moving, reader_killed)
{
	struct reading reading = { .fd = self->fd, .count = 3 };
	pid_t askers[4], reader;

	ASSERT_TRUE(ask_in_order(askers, 4, "p"));
	reader = start_reading(&reading);
	ASSERT_LT(0, reader);
	kill(reader, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
	ASSERT_TRUE(come_to(self->fd, 0));
	for (int i = 0; i < 4; i++) {
		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_EQ('a' + i, *record_description(&self->record));
		if (i < 3)
			EXPECT_EQ(KEY_SERVICE_REQUEST_AGAIN,
				  self->record.head.flags);
		EXPECT_EQ(0, service_answer(self->fd, self->record.head.id,
					    "p", 1));
		EXPECT_EQ(0, task_result(askers[i]));
	}
	EXPECT_EQ(0, script_count(&self->script));
}

/*
 * Shows: KS-58. Requests come back even if nobody has waited for the dead
 * reader.
 */
TEST_F(moving, reader_is_a_zombie)
{
	struct reading reading = { .fd = self->fd, .count = 1 };
	pid_t asker = ask("d", "p"), reader = start_reading(&reading);

	ASSERT_LT(0, reader);
	EXPECT_FALSE(service_readable(self->fd, SOON_MS));
	kill(reader, SIGKILL);
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
}

/* Shows: KS-58. A thread may end. */
TEST_F(moving, thread_of_reader_ends)
{
	struct reading reading = { .fd = self->fd, .count = 1, .thread = true };
	pid_t asker = ask("d", "p"), reader = start_reading(&reading);

	ASSERT_LT(0, reader);
	EXPECT_FALSE(service_readable(self->fd, SOON_MS));
	kill(reader, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
}

static int serve_next(const void *arg)
{
	struct service_record record;
	int fd = *(const int *)arg;
	int ret = result(read(fd, &record, RECORD_SIZE));

	return ret < 0 ? ret : service_answer(fd, record.head.id, "p", 1);
}

/* Shows: KS-58. Who sleeps in read() is woken for what comes back. */
TEST_F(moving, reader_killed_beside_others)
{
	struct reading reading = { .fd = self->fd, .count = 2 };
	pid_t askers[2], readers[2], reader;

	ASSERT_TRUE(ask_in_order(askers, 2, "p"));
	reader = start_reading(&reading);
	ASSERT_LT(0, reader);
	for (int i = 0; i < 2; i++) {
		readers[i] = task_start(serve_next, &self->fd);
		ASSERT_TRUE(task_sleeps_in(readers[i], __NR_read));
	}
	kill(reader, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, task_result(readers[i]));
		EXPECT_EQ(0, task_result(askers[i]));
	}
}

/* Shows: KS-58. Many come and go, and the last close finds none of them. */
TEST_F(moving, many_readers)
{
	struct reading reading = { .fd = self->fd, .count = 1 };
	pid_t asker = ask_either("d", "helper"), reader;

	for (int i = 0; i < MANY; i++) {
		reader = start_reading(&reading);
		ASSERT_LT(0, reader);
		kill(reader, SIGKILL);
		EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
	}
	reader = start_reading(&reading);
	ASSERT_LT(0, reader);
	close(self->fd);
	self->fd = -1;
	EXPECT_FALSE(task_ended(asker, SOON_MS));
	kill(reader, SIGKILL);
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
}

/* --- fdinfo, and a successor ---------------------------------------------- */

static bool is_among(uint64_t id, const uint64_t *ids, int count)
{
	for (int i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Shows: KS-38. */
TEST_F(moving, fdinfo_lists_what_was_read)
{
	uint64_t ids[MANY + 1];
	pid_t askers[MANY];
	char name[16];

	EXPECT_EQ(0, ids_read(self->fd, ids, MANY + 1));
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		askers[i] = ask(name, "p");
	}
	for (int i = 0; i < MANY; i++) {
		ASSERT_LT(0, service_next(self->fd, &self->record));
		ASSERT_EQ(i + 1, ids_read(self->fd, ids, MANY + 1));
		EXPECT_TRUE(is_among(self->record.head.id, ids, i + 1));
	}
	/* Each of them can be answered. */
	for (int i = 0; i < MANY; i++)
		EXPECT_EQ(0, service_answer(self->fd, ids[i], "p", 1));
	for (int i = 0; i < MANY; i++)
		EXPECT_EQ(0, task_result(askers[i]));
	EXPECT_EQ(0, ids_read(self->fd, ids, MANY + 1));
}

static int succeed(const void *arg)
{
	int link = *(const int *)arg, fd = receive_descriptor(link), n;
	uint64_t ids[MANY];

	n = ids_read(fd, ids, MANY);
	if (n != 1)
		return -EPROTO;
	/* Its reader lives on and does nothing. */
	if (service_release(fd, ids[0]))
		return -EIO;
	for (int i = 0; i < 3; i++)
		if (service_serve(fd, "p"))
			return -ENODATA;
	return 0;
}

/*
 * Shows: KS-59. One request was read by a process that hangs, one by a process
 * that has ended, and one was not read.
 */
TEST_F(moving, successor)
{
	struct reading reading = { .fd = self->fd, .count = 1 };
	pid_t askers[3], hangs, ends, next;
	int link[2];

	ASSERT_TRUE(ask_in_order(askers, 3, "p"));
	hangs = start_reading(&reading);
	ASSERT_LT(0, hangs);
	ends = start_reading(&reading);
	ASSERT_LT(0, ends);
	kill(ends, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(ends));
	ASSERT_TRUE(come_to(self->fd, 1));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link));
	ASSERT_EQ(1, send_descriptor(link[0], self->fd));
	close(self->fd);
	self->fd = -1;
	next = task_start(succeed, &link[1]);
	EXPECT_EQ(0, task_result(next));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, task_result(askers[i]));
	kill(hangs, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(hangs));
	EXPECT_EQ(0, script_count(&self->script));
}

/* --- a service closes ------------------------------------------------------ */

/*
 * Shows: KS-57. Requests fail whether they were read or not, and the failure is
 * not remembered.
 */
TEST_F(moving, closed_without_fallback)
{
	int fd = service_with(KEY_SERVICE_NO_FALLBACK, 0);
	pid_t askers[2];

	ASSERT_LE(0, fd);
	close(self->fd);
	self->fd = -1;
	ASSERT_TRUE(ask_in_order(askers, 2, NULL));
	ASSERT_LT(0, service_next(fd, &self->record));
	close(fd);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(-EBUSY, task_result(askers[i]));
	EXPECT_EQ(0, script_count(&self->script));
	askers[0] = ask_either("a", "helper");
	EXPECT_EQ(0, task_result(askers[0]));
}

/* --- too many -------------------------------------------------------------- */

static int become_nobody(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };

	return caller_become(&caller);
}

/*
 * Shows: KS-53, KS-54. max_pending limits the requests, and the failure of a
 * request beyond it is not remembered.
 */
TEST_F(moving, share_is_a_knob)
{
	struct question question = {
		.prepare = become_nobody, .description = "first", .reads = "p",
		.steps = HELPER_ANSWERS,
	};
	pid_t first, second;

	ASSERT_EQ(0, set_knob("service_requests_per_user", "1"));
	first = question_start(&question);
	ASSERT_TRUE(asker_waits(first));
	question.description = "second";
	second = question_start(&question);
	EXPECT_EQ(-EBUSY, task_result(second));
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(first));
	/* The same name can be requested again at once. */
	second = question_start(&question);
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(second));
	EXPECT_EQ(0, set_knob("service_requests_per_user", "128"));
	EXPECT_EQ(0, script_count(&self->script));
}

/* Shows: KS-55. A request passes over a full service of a user. */
TEST_F(moving, full_service_of_a_user)
{
	const struct service_terms terms = {
		.scope = KEY_SERVICE_SCOPE_UID, .type = "user",
		.max_pending = 1,
	};
	int fd = service_open_with(&terms);
	pid_t askers[2];

	ASSERT_LE(0, fd);
	close(self->fd);
	self->fd = -1;
	askers[0] = ask_either("a", "service");
	ASSERT_TRUE(asker_waits(askers[0]));
	askers[1] = ask_either("b", "helper");
	EXPECT_EQ(0, task_result(askers[1]));
	EXPECT_EQ(0, service_serve(fd, "service"));
	EXPECT_EQ(0, task_result(askers[0]));
	close(fd);
}

REQUEST_TEST_MAIN
