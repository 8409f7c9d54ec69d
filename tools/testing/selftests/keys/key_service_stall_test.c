// SPDX-License-Identifier: GPL-2.0-only
/*
 * A request that ends while its record or its answer is being copied.  The
 * caller's memory has a missing page, which userfaultfd fills in on the test's
 * command, so that the copy stops half way.
 */
#include "key_service.h"

#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"

#define TIMEOUT_MS	1000
#define LIFETIME	5000
/* Seconds for which the failure of a request that timed out is remembered. */
#define TIMED_OUT_MAX	10

FIXTURE(stall)
{
	key_serial_t ring;
	struct service_record record;
	struct script script;
	long page;
	char *memory;
	int faults;
	int fd;
};

FIXTURE_SETUP(stall)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register missing = {
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_USER_NS,
		.type = "user",
		.timeout_ms = TIMEOUT_MS,
	};

	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	self->faults = syscall(__NR_userfaultfd, O_CLOEXEC);
	if (self->faults < 0 && errno == ENOSYS)
		SKIP(return, "debug kernels only: needs CONFIG_USERFAULTFD");
	ASSERT_LE(0, self->faults);
	ASSERT_LT(0, session_new());
	self->ring = keyring_new("ring", KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, self->ring);
	ASSERT_EQ(0, script_open(&self->script));
	self->fd = service_open_with(&params);
	ASSERT_LE(0, self->fd);

	self->page = sysconf(_SC_PAGESIZE);
	self->memory = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->memory);
	ASSERT_EQ(0, ioctl(self->faults, UFFDIO_API, &api));
	/* The first page exists, and the second one is missing. */
	memset(self->memory, 0, self->page);
	missing.range.start = (uintptr_t)self->memory + self->page;
	missing.range.len = self->page;
	ASSERT_EQ(0, ioctl(self->faults, UFFDIO_REGISTER, &missing));
}

FIXTURE_TEARDOWN(stall)
{
	close(self->faults);
	munmap(self->memory, 2 * self->page);
	close(self->fd);
	script_close(&self->script);
}

/* Waits until the call accesses the second page. */
static bool has_stalled(FIXTURE_DATA(stall) *self)
{
	struct pollfd ready = { .fd = self->faults, .events = POLLIN };
	struct uffd_msg fault;

	return poll(&ready, 1, TASK_LIMIT_MS) == 1 &&
	       read(self->faults, &fault, sizeof(fault)) == sizeof(fault) &&
	       fault.event == UFFD_EVENT_PAGEFAULT;
}

static int let_go(FIXTURE_DATA(stall) *self)
{
	struct uffdio_zeropage page = {
		.range.start = (uintptr_t)self->memory + self->page,
		.range.len = self->page,
	};

	return result(ioctl(self->faults, UFFDIO_ZEROPAGE, &page));
}

/*
 * struct call - a read or a write in a thread
 * @thread:	its thread
 * @write: whether it is a write
 * @fd:		the service
 * @at: the buffer
 * @len: length of the buffer
 * @ret: result of the call
 */
struct call {
	pthread_t thread;
	bool write;
	int fd;
	char *at;
	size_t len;
	long ret;
};

static void *make_call(void *arg)
{
	struct call *call = arg;

	call->ret = result(call->write ? write(call->fd, call->at, call->len) :
			   read(call->fd, call->at, call->len));
	return NULL;
}

/* Starts the call; returns true once it waits for the second page. */
static bool stalls(FIXTURE_DATA(stall) *self, struct call *call)
{
	return !pthread_create(&call->thread, NULL, make_call, call) &&
	       has_stalled(self);
}

/* Fills in the page and returns the result of the stalled call. */
static long goes_on(FIXTURE_DATA(stall) *self, struct call *call)
{
	int err = let_go(self);

	if (!err)
		err = -pthread_join(call->thread, NULL);
	return err ?: call->ret;
}

/*
 * The header is at the end of the first page, and the payload in the second
 * one.
 */
static void write_at_edge(FIXTURE_DATA(stall) *self, struct call *call,
			  uint32_t lifetime)
{
	struct key_service_answer answer = {
		.size = sizeof(answer), .id = self->record.head.id,
		.flags = KEY_SERVICE_ANSWER_LIFETIME, .lifetime = lifetime,
		.payload_len = 1,
	};

	*call = (struct call) {
		.write = true, .fd = self->fd,
		.at = self->memory + self->page - sizeof(answer),
		.len = sizeof(answer) + 1,
	};
	memcpy(call->at, &answer, sizeof(answer));
}

/* The first page has one byte of the buffer; the rest is missing. */
static void read_at_edge(FIXTURE_DATA(stall) *self, struct call *call)
{
	*call = (struct call) {
		.fd = self->fd, .at = self->memory + self->page - 1,
		.len = self->page,
	};
}

/* After a failed copy the kernel repeats the read, with no request left. */
#define REQUIRE_ONE_TRY() do { \
	if (task_is_traced()) \
		SKIP(return, "untraced only: what is over is not read again"); \
} while (0)

static pid_t ask_into_ring(FIXTURE_DATA(stall) *self, const char *steps)
{
	struct question question = {
		.description = "d", .ring = self->ring, .steps = steps,
	};

	return question_start(&question);
}

/* Returns the remaining seconds of the key in /proc/keys, or a negative errno. */
static int seconds_left(key_serial_t key)
{
	char line[512];

	key_line(key, line, sizeof(line));
	return key_line_seconds(line);
}

/* A late answer has no effect, not even its lifetime. */
TEST_F(stall, answer_too_late)
{
	pid_t asker = ask_into_ring(self, HELPER_REFUSES);
	struct call call;
	int left;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	write_at_edge(self, &call, LIFETIME);
	ASSERT_TRUE(stalls(self, &call));
	EXPECT_EQ(-ETIMEDOUT, task_result(asker));
	left = seconds_left(self->record.head.key);
	EXPECT_LE(0, left);
	EXPECT_GE(TIMED_OUT_MAX, left);
	EXPECT_EQ(-ENOENT, goes_on(self, &call));
	left = seconds_left(self->record.head.key);
	EXPECT_LE(0, left);
	EXPECT_GE(TIMED_OUT_MAX, left);
}

/* The second of two answers is refused completely. */
TEST_F(stall, second_answer)
{
	pid_t asker = ask_into_ring(self, HELPER_REFUSES);
	struct call call;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	write_at_edge(self, &call, 1);
	ASSERT_TRUE(stalls(self, &call));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(-ENOENT, goes_on(self, &call));
	/* The first answer has set no expiry. */
	EXPECT_EQ(-ENOKEY, seconds_left(self->record.head.key));
	EXPECT_LT(0, key_state(self->record.head.key));
}

/* A request that has ended before its record is copied cannot be answered. */
TEST_F(stall, read_too_late)
{
	pid_t asker = ask_into_ring(self, HELPER_REFUSES);
	struct call call;
	struct key_service_request head;

	REQUIRE_ONE_TRY();
	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	read_at_edge(self, &call);
	ASSERT_TRUE(stalls(self, &call));
	EXPECT_EQ(-ETIMEDOUT, task_result(asker));
	EXPECT_LT(0, goes_on(self, &call));
	memcpy(&head, call.at, sizeof(head));
	EXPECT_EQ(call.ret, (long)head.size);
	EXPECT_EQ(-ENOENT, service_answer(self->fd, head.id, "p", 1));
}

/* Other requests are served meanwhile: a slow reader blocks no other reader. */
TEST_F(stall, others_meanwhile)
{
	pid_t slow = ask_into_ring(self, HELPER_REFUSES), asker;
	struct call call;

	REQUIRE_ONE_TRY();
	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	read_at_edge(self, &call);
	ASSERT_TRUE(stalls(self, &call));
	asker = ask("e", "p");
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_LT(0, goes_on(self, &call));
	task_result(slow);
}

/* The descriptor is closed under a reader: the request takes its next route. */
TEST_F(stall, closed_meanwhile)
{
	pid_t asker = ask_into_ring(self, HELPER_ANSWERS);
	struct call call;

	REQUIRE_ONE_TRY();
	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	read_at_edge(self, &call);
	ASSERT_TRUE(stalls(self, &call));
	close(self->fd);
	self->fd = -1;
	EXPECT_LT(0, goes_on(self, &call));
	EXPECT_EQ(0, task_result(asker));
}

REQUEST_TEST_MAIN
