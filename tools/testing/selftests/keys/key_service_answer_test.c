// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that are read from a key service, and answers that are written to
 * it.
 */
#include "key_service.h"
#include "memory_edge.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "../kselftest_harness.h"

#define NO_SUCH_ID	UINT64_MAX
#define READERS		4
#define REQUESTS	32
/*
 * The number of random ids that are compared: by chance they are in order once
 * in 13!  times.
 */
#define IDS		13

FIXTURE_WITH_SERVICE(answering, service_open())

/*
 * Shows: KS-30. One call links the key, instantiates it and wakes its
 * requester.
 */
TEST_F(answering, payload)
{
	pid_t asker = ask("d", "secret");
	char payload[8] = "";
	key_serial_t key;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	key = self->record.head.key;
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "secret",
				    6));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(key, keyctl(KEYCTL_SEARCH, self->session, "user", "d", 0));
	EXPECT_EQ(6, key_read(key, payload, sizeof(payload)));
	EXPECT_STREQ("secret", payload);
	EXPECT_EQ(0, script_count(&self->script));
}

/* Shows: KS-32. */
TEST_F(answering, record)
{
	struct question question = { .description = "a b\n\xff", };
	const struct key_service_request *head = &self->record.head;
	char callout[64];
	int64_t left;
	pid_t asker;
	int size;

	asker = question_start(&question);
	snprintf(callout, sizeof(callout), "%d;%s", getpid(), HELPER_REFUSES);
	size = service_next(self->fd, &self->record);
	ASSERT_LT(0, size);

	EXPECT_EQ(size, head->size);
	EXPECT_EQ(KEY_SERVICE_VERSION, head->version);
	EXPECT_NE(0, head->id);
	EXPECT_EQ(0, head->flags);
	EXPECT_EQ(0, head->payer);
	EXPECT_EQ(head->key, keyctl(KEYCTL_SEARCH, self->session, "user",
				    "a b\n\xff", 0));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_USER, head->origin);
	EXPECT_EQ(0, head->uid);
	EXPECT_EQ(0, head->gid);
	EXPECT_EQ(asker, head->pid);
	EXPECT_EQ(0, head->thread_keyring);
	EXPECT_EQ(0, head->process_keyring);
	EXPECT_EQ(self->session, head->session_keyring);
	EXPECT_EQ(namespace_of(asker, "user"), head->user_ns);
	EXPECT_EQ(namespace_of(asker, "net"), head->net_ns);
	left = head->deadline / 1000000 - now_ms();
	EXPECT_LT(25000, left);
	EXPECT_GE(30100, left);

	EXPECT_EQ(sizeof(*head), head->type_offset);
	EXPECT_EQ(4, head->type_len);
	EXPECT_STREQ("user", record_type(&self->record));
	EXPECT_EQ(5, head->description_len);
	EXPECT_STREQ("a b\n\xff", record_description(&self->record));
	EXPECT_EQ(strlen(callout), head->callout_len);
	EXPECT_STREQ(callout, record_callout(&self->record));
	EXPECT_EQ(head->size, head->callout_offset + head->callout_len + 1);

	EXPECT_EQ(0, service_answer(self->fd, head->id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

static int make_keyrings(const void *arg)
{
	return keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1) < 0 ||
	       keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1) < 0 ||
	       setresgid(-1, -1, -1) || setfsgid(77) < 0 || setfsuid(78) < 0;
}

/* Shows: KS-32, KS-34. */
TEST_F(answering, record_of_keyrings_and_ids)
{
	struct question question = {
		.description = "d", .prepare = make_keyrings,
		.ring = KEY_SPEC_PROCESS_KEYRING,
	};
	pid_t asker = question_start(&question);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_LT(0, self->record.head.thread_keyring);
	EXPECT_LT(0, self->record.head.process_keyring);
	EXPECT_NE(self->record.head.thread_keyring,
		  self->record.head.process_keyring);
	EXPECT_EQ(78, self->record.head.uid);
	EXPECT_EQ(77, self->record.head.gid);
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-32. */
TEST_F(answering, record_without_callout)
{
	pid_t asker;

	asker = fork();
	if (asker == 0)
		_exit(key_request("user", "d", "", 0) < 0);
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, self->record.head.callout_len);
	EXPECT_STREQ("", record_callout(&self->record));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * Shows: KS-37. An id does not reveal how many requests others make: it is
 * neither higher than earlier ids nor near to them.
 */
TEST_F(answering, ids_have_no_order)
{
	uint64_t last = 0;
	int higher = 0, near = 0;

	for (int i = 0; i < IDS; i++) {
		char name[16];
		pid_t asker;

		snprintf(name, sizeof(name), "id %d", i);
		asker = ask(name, "p");
		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_NE(0, self->record.head.id);
		EXPECT_NE(last, self->record.head.id);
		higher += self->record.head.id > last;
		near += self->record.head.id - last < UINT32_MAX;
		last = self->record.head.id;
		EXPECT_EQ(0, service_answer(self->fd, last, "p", 1));
		EXPECT_EQ(0, task_result(asker));
	}
	EXPECT_GT(IDS, higher);
	EXPECT_GE(1, near);
}

/* Shows: KS-31. */
TEST_F(answering, too_small_a_buffer)
{
	char small[sizeof(struct key_service_request)];
	pid_t asker = ask("d", "p");
	int size;

	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	EXPECT_EQ(-EMSGSIZE, result(read(self->fd, small, 0)));
	EXPECT_EQ(-EMSGSIZE, result(read(self->fd, small, sizeof(small))));
	EXPECT_TRUE(service_readable(self->fd, 0));
	size = service_next(self->fd, &self->record);
	ASSERT_LT(0, size);
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));

	asker = ask("e", "p");
	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	EXPECT_EQ(-EMSGSIZE, result(read(self->fd, &self->record, size - 1)));
	EXPECT_EQ(size, result(read(self->fd, &self->record, size)));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-31. */
TEST_F(answering, bad_buffer)
{
	void *unreachable = memory_edge();
	pid_t asker = ask("d", "p");

	ASSERT_NE(NULL, unreachable);
	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	EXPECT_EQ(-EFAULT, result(read(self->fd, unreachable,
				       RECORD_SIZE)));
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-30. */
TEST_F(answering, oldest_first)
{
	pid_t askers[3];

	for (int i = 0; i < 3; i++) {
		char name[] = { 'a' + i, '\0' };

		askers[i] = ask(name, "p");
		ASSERT_TRUE(asker_waits(askers[i]));
	}
	for (int i = 0; i < 3; i++) {
		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_EQ('a' + i, *record_description(&self->record));
		EXPECT_EQ(0, service_answer(self->fd, self->record.head.id,
					    "p", 1));
		EXPECT_EQ(0, task_result(askers[i]));
	}
}

/* Shows: KS-30, KS-31. A request that was put back comes first again. */
TEST_F(answering, bad_buffer_keeps_the_order)
{
	void *unreachable = memory_edge();
	pid_t askers[2];

	ASSERT_NE(NULL, unreachable);
	askers[0] = ask("a", "p");
	ASSERT_TRUE(asker_waits(askers[0]));
	askers[1] = ask("b", "p");
	ASSERT_TRUE(asker_waits(askers[1]));
	EXPECT_EQ(-EFAULT, result(read(self->fd, unreachable,
				       RECORD_SIZE)));
	for (int i = 0; i < 2; i++) {
		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_EQ('a' + i, *record_description(&self->record));
		EXPECT_EQ(0, service_answer(self->fd, self->record.head.id,
					    "p", 1));
		EXPECT_EQ(0, task_result(askers[i]));
	}
}

/* Shows: KS-46. */
TEST_F(answering, error)
{
	pid_t asker = ask("d", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, service_reject(self->fd, self->record.head.id, -EACCES,
				    60));
	EXPECT_EQ(-EACCES, task_result(asker));
	EXPECT_EQ(-EACCES, key_request("user", "d", "", 0));
	EXPECT_FALSE(service_readable(self->fd, 0));
	EXPECT_EQ(0, script_count(&self->script));
}

/* Shows: KS-46. */
TEST_F(answering, error_that_is_not_kept)
{
	pid_t asker = ask("d", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, service_reject(self->fd, self->record.head.id, -EACCES,
				    0));
	EXPECT_EQ(-EACCES, task_result(asker));
	asker = ask("d", "p");
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-46. */
TEST_F(answering, lifetime)
{
	struct key_service_answer answer = {
		.flags = KEY_SERVICE_ANSWER_LIFETIME, .lifetime = 1,
		.payload_len = 1,
	};
	pid_t asker = ask("d", "p");

	ASSERT_LT(0, service_next(self->fd, &self->record));
	answer.id = self->record.head.id;
	EXPECT_EQ(sizeof(answer) + 1, service_write(self->fd, &answer, "p"));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(-EKEYEXPIRED, key_wait_expired(self->record.head.key));
}

/*
 * Shows: KS-44. A payload that the type refuses leaves the request unanswered.
 */
TEST_F(answering, refused_payload)
{
	struct key_service_answer answer = {
		.flags = KEY_SERVICE_ANSWER_LIFETIME, .lifetime = 1,
	};
	char large[KEY_PAYLOAD_MAX + 1] = "";
	pid_t asker = ask("d", "p");
	uint64_t id;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	id = self->record.head.id;
	EXPECT_EQ(-EINVAL, service_answer(self->fd, id, NULL, 0));
	EXPECT_EQ(-EINVAL, service_answer(self->fd, id, large, sizeof(large)));
	answer.id = id;
	EXPECT_EQ(-EINVAL, service_write(self->fd, &answer, NULL));
	EXPECT_FALSE(task_ended(asker, SOON_MS));
	EXPECT_EQ(0, service_answer(self->fd, id, "p", 1));
	EXPECT_EQ(0, task_result(asker));

	/* The lifetime of the refused answer has no effect. */
	sleep_ms(2100);
	EXPECT_EQ(1, key_read(self->record.head.key, large, 1));
}

/* Shows: KS-44. */
TEST_F(answering, refused_payload_then_error)
{
	pid_t asker = ask("d", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(-EINVAL, service_answer(self->fd, self->record.head.id, NULL,
					  0));
	EXPECT_EQ(0, service_reject(self->fd, self->record.head.id, -EIO, 1));
	EXPECT_EQ(-EIO, task_result(asker));
}

TEST_F(answering, payload_sizes)
{
	static const int sizes[] = { 1, 127, 128, 129, 4096, KEY_PAYLOAD_MAX };
	static char sent[KEY_PAYLOAD_MAX], got[KEY_PAYLOAD_MAX];
	char name[16];

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = i * 7;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		pid_t asker;

		snprintf(name, sizeof(name), "size %d", sizes[i]);
		asker = ask(name, NULL);
		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_EQ(0, service_answer(self->fd, self->record.head.id,
					    sent, sizes[i]));
		EXPECT_EQ(0, task_result(asker));
		EXPECT_EQ(sizes[i], key_read(self->record.head.key, got,
					     sizeof(got)));
		EXPECT_EQ(0, memcmp(sent, got, sizes[i]));
		EXPECT_EQ(0, keyctl(KEYCTL_CLEAR, self->session));
		sleep_ms(20);
	}
}

/* Shows: KS-42. */
TEST_F(answering, unknown_id)
{
	EXPECT_EQ(-ENOENT, service_answer(self->fd, 0, "p", 1));
	EXPECT_EQ(-ENOENT, service_answer(self->fd, NO_SUCH_ID, "p", 1));
	EXPECT_EQ(-ENOENT, service_reject(self->fd, NO_SUCH_ID, -EIO, 1));
	EXPECT_EQ(-ENOENT, service_assume(self->fd, NO_SUCH_ID,
					  KEY_SPEC_SESSION_KEYRING));
}

/* Shows: KS-42. */
TEST_F(answering, twice)
{
	pid_t asker = ask("d", "p");

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(-ENOENT, service_answer(self->fd, self->record.head.id, "q",
					  1));
	EXPECT_EQ(-ENOENT, service_reject(self->fd, self->record.head.id, -EIO,
					  1));
	EXPECT_EQ(-ENOENT, service_assume(self->fd, self->record.head.id,
					  KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * Shows: KS-42. An id is valid only for the service that has read the request.
 */
TEST_F(answering, on_another_service)
{
	int other = service_open();
	pid_t asker = ask("d", "p");

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_FALSE(service_readable(other, 0));
	EXPECT_EQ(-ENOENT, service_answer(other, self->record.head.id, "q", 1));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
	close(other);
}

/*
 * Shows: KS-42. A request cannot be answered before it was read, even if its id
 * is known.
 */
TEST_F(answering, before_it_was_read)
{
	uint64_t id;
	pid_t asker = ask("a", "p"), next;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	id = self->record.head.id;
	next = ask("b", "q");
	ASSERT_TRUE(asker_waits(next));
	EXPECT_EQ(-ENOENT, service_answer(self->fd, id + 1, "p", 1));
	EXPECT_EQ(0, service_answer(self->fd, id, "p", 1));
	EXPECT_EQ(0, service_serve(self->fd, "q"));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, task_result(next));
}

static int write_raw(int fd, const void *data, size_t len)
{
	return result(write(fd, data, len));
}

/* Shows: KS-39, KS-40, KS-41. */
TEST_F(answering, malformed)
{
	void *unreachable = memory_edge();
	struct {
		struct key_service_answer answer;
		char tail[64];
	} raw = {};
	struct key_service_answer *answer = &raw.answer;
	const size_t head = sizeof(*answer);
	const struct iovec torn[] = { { answer, head }, { unreachable, 41 } };
	pid_t asker = ask("d", "p");

	ASSERT_NE(NULL, unreachable);
	ASSERT_LT(0, service_next(self->fd, &self->record));
	answer->id = self->record.head.id;
	answer->size = head;
	answer->payload_len = 1;
	raw.tail[0] = 'p';

	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, 0));
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head - 1));
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head));
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 2));
	EXPECT_EQ(-EFAULT, write_raw(self->fd, unreachable, head + 1));
	answer->size = head - 1;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->size = head + 2;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->size = UINT32_MAX;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->size = head;
	answer->__reserved = 1;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->__reserved = 0;
	answer->flags = 8;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->flags = 1u << 31;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->flags = 0;
	answer->lifetime = 1;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->lifetime = 0;
	answer->error = 1;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->error = -EIO;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
	answer->payload_len = 0;
	answer->error = -512;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head));
	answer->error = INT32_MIN;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head));
	answer->error = 0;
	answer->payload_len = UINT32_MAX;
	EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));

	/*
	 * An answer that passes or releases a request must have no other
	 * effect.
	 */
	for (int i = 0; i < 2; i++) {
		const uint32_t flags = i ? KEY_SERVICE_ANSWER_PASS :
					   KEY_SERVICE_ANSWER_RELEASE;

		answer->payload_len = 1;
		answer->flags = flags;
		EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head + 1));
		answer->payload_len = 0;
		answer->error = -EIO;
		EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head));
		answer->error = 0;
		answer->flags = flags | KEY_SERVICE_ANSWER_LIFETIME;
		EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head));
		answer->flags = KEY_SERVICE_ANSWER_PASS |
				KEY_SERVICE_ANSWER_RELEASE;
		EXPECT_EQ(-EINVAL, write_raw(self->fd, &raw, head));
		answer->flags = 0;
	}

	/*
	 * A header of a later version with 40 more bytes, which must be zero.
	 */
	answer->payload_len = 1;
	answer->size = head + 40;
	raw.tail[0] = 0;
	raw.tail[39] = 1;
	raw.tail[40] = 'p';
	EXPECT_EQ(-E2BIG, write_raw(self->fd, &raw, head + 41));
	EXPECT_EQ(-EFAULT, result(writev(self->fd, torn, 2)));
	raw.tail[39] = 0;
	EXPECT_EQ(head + 41, write_raw(self->fd, &raw, head + 41));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * Shows: KS-39. The kernel does not even read a header that is longer than its
 * limit.
 */
TEST_F(answering, header_of_a_page)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	struct key_service_answer *answer = calloc(2, page);
	pid_t asker = ask("d", "p");

	ASSERT_NE(NULL, answer);
	ASSERT_LT(0, service_next(self->fd, &self->record));
	answer->id = self->record.head.id;
	answer->payload_len = 1;
	answer->size = page + 1;
	EXPECT_EQ(-E2BIG, write_raw(self->fd, answer, page + 2));
	answer->size = page;
	((char *)answer)[page] = 'p';
	EXPECT_EQ(page + 1, write_raw(self->fd, answer, page + 1));
	EXPECT_EQ(0, task_result(asker));
	free(answer);
}

/* Shows: KS-40. */
TEST_F(answering, most_negative_error)
{
	pid_t asker = ask("d", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, service_reject(self->fd, self->record.head.id, -511, 1));
	EXPECT_EQ(256 - 511 % 256 - 256, task_result(asker));
}

/* A request that passes no filter goes to the helper. */
TEST_F(answering, other_types_and_prefixes)
{
	int logon = service_open_as(KEY_SERVICE_SCOPE_USER_NS, "logon", "a:b");
	struct question question = { .type = "logon", .description = "a:bc" };
	pid_t asker = question_start(&question);

	EXPECT_EQ(0, service_serve(logon, "p"));
	EXPECT_EQ(0, task_result(asker));
	question.description = "a:cd";
	asker = question_start(&question);
	EXPECT_EQ(-ENOKEY, task_result(asker));
	EXPECT_EQ(1, script_count(&self->script));
	EXPECT_FALSE(service_readable(logon, 0));
	EXPECT_FALSE(service_readable(self->fd, 0));
	close(logon);
}

/* Shows: KS-36. */
TEST_F(answering, poll)
{
	struct pollfd ready = { .fd = self->fd, .events = POLLIN | POLLOUT };
	pid_t asker;

	EXPECT_EQ(1, poll(&ready, 1, 0));
	EXPECT_EQ(POLLOUT, ready.revents);
	asker = ask("d", "p");
	ready.events = POLLIN;
	EXPECT_EQ(1, poll(&ready, 1, TASK_LIMIT_MS));
	EXPECT_EQ(POLLIN, ready.revents);
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, poll(&ready, 1, 0));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-36. */
TEST_F(answering, epoll)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET }, got;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	pid_t asker;

	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd, &event));
	EXPECT_EQ(0, epoll_wait(epoll, &got, 1, 0));
	asker = ask("d", "p");
	EXPECT_EQ(1, epoll_wait(epoll, &got, 1, TASK_LIMIT_MS));
	EXPECT_EQ(EPOLLIN, got.events);
	EXPECT_EQ(0, epoll_wait(epoll, &got, 1, 0));
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	close(epoll);
}

/* Shows: KS-31. */
TEST_F(answering, nonblock)
{
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, result(read(self->fd, &self->record, RECORD_SIZE)));
}

static void no_action(int sig)
{
}

static int read_interrupted(const void *arg)
{
	struct sigaction action = { .sa_handler = no_action };
	struct service_record record;

	sigaction(SIGUSR1, &action, NULL);
	return result(read(*(const int *)arg, &record, RECORD_SIZE));
}

/* Shows: KS-31. */
TEST_F(answering, interrupted_read)
{
	pid_t reader = task_start(read_interrupted, &self->fd);

	ASSERT_TRUE(task_sleeps_in(reader, __NR_read));
	kill(reader, SIGUSR1);
	EXPECT_EQ(-EINTR, task_result(reader));
}

static unsigned long switches_of(pid_t task)
{
	return task_status(task, "voluntary_ctxt_switches");
}

static int read_once(const void *arg)
{
	struct service_record record;
	int fd = *(const int *)arg;
	int ret = result(read(fd, &record, RECORD_SIZE));

	if (ret < 0)
		return ret;
	return service_answer(fd, record.head.id, "p", 1);
}

/*
 * Shows: KS-30. One of several readers gets the request, and the others go on
 * sleeping.
 */
TEST_F(answering, no_herd)
{
	unsigned long before[READERS];
	pid_t readers[READERS], asker;
	int awake = 0;

	if (task_is_traced())
		SKIP(return, "untraced only: a reader that fails wakes the next");
	for (int i = 0; i < READERS; i++) {
		readers[i] = task_start(read_once, &self->fd);
		ASSERT_TRUE(task_sleeps_in(readers[i], __NR_read));
	}
	for (int i = 0; i < READERS; i++)
		before[i] = switches_of(readers[i]);
	asker = ask("d", "p");
	EXPECT_EQ(0, task_result(asker));
	sleep_ms(SOON_MS);
	for (int i = 0; i < READERS; i++)
		if (task_ended(readers[i], 0)) {
			EXPECT_EQ(0, task_result(readers[i]));
			awake++;
		} else {
			EXPECT_EQ(before[i], switches_of(readers[i]));
			kill(readers[i], SIGKILL);
		}
	EXPECT_EQ(1, awake);
}

/*
 * A reader with too small a buffer does not keep the request from the others.
 */
static int read_too_small(const void *arg)
{
	char small[8];

	return result(read(*(const int *)arg, small, sizeof(small)));
}

/* Shows: KS-31. */
TEST_F(answering, small_reader_first)
{
	pid_t small = task_start(read_too_small, &self->fd), reader, asker;

	ASSERT_TRUE(task_sleeps_in(small, __NR_read));
	reader = task_start(read_once, &self->fd);
	ASSERT_TRUE(task_sleeps_in(reader, __NR_read));
	asker = ask("d", "p");
	EXPECT_EQ(-EMSGSIZE, task_result(small));
	EXPECT_EQ(0, task_result(reader));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * struct serving - a service that several processes read
 * @fd:		the service
 * @served: how many requests they have answered, in memory that they share
 */
struct serving {
	int fd;
	int *served;
};

static int serve_until_killed(const void *arg)
{
	const struct serving *serving = arg;
	struct service_record record;

	while (read(serving->fd, &record, RECORD_SIZE) > 0 &&
	       !service_answer(serving->fd, record.head.id, "p", 1))
		__atomic_fetch_add(serving->served, 1, __ATOMIC_RELAXED);
	return -EIO;
}

/* The last reader may have counted after its requester was gone. */
static int served_by_all(const struct serving *serving, int wanted)
{
	int served = 0;

	for (int ms = 0; served != wanted && ms < TASK_LIMIT_MS; ms += 10) {
		served = __atomic_load_n(serving->served, __ATOMIC_RELAXED);
		sleep_ms(10);
	}
	return served;
}

/* Shows: KS-30. Each request is read once, by any of the readers. */
TEST_F(answering, several_readers)
{
	struct serving serving = { .fd = self->fd };
	pid_t readers[READERS], askers[REQUESTS];
	char name[16];

	serving.served = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, serving.served);
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	for (int i = 0; i < READERS; i++)
		readers[i] = task_start(read_once, &self->fd);
	for (int i = 0; i < READERS; i++)
		EXPECT_EQ(-EAGAIN, task_result(readers[i]));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	for (int i = 0; i < READERS; i++)
		readers[i] = task_start(serve_until_killed, &serving);
	for (int i = 0; i < REQUESTS; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		askers[i] = ask(name, "p");
	}
	for (int i = 0; i < REQUESTS; i++)
		EXPECT_EQ(0, task_result(askers[i]));
	EXPECT_EQ(REQUESTS, served_by_all(&serving, REQUESTS));
	for (int i = 0; i < READERS; i++) {
		kill(readers[i], SIGKILL);
		EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(readers[i]));
	}
	munmap(serving.served, sizeof(int));
	EXPECT_EQ(0, script_count(&self->script));
}

/* Two requesters of one key share one request, and both get the answer. */
TEST_F(answering, one_request_for_two)
{
	pid_t askers[2];

	askers[0] = ask("d", "p");
	ASSERT_LT(0, service_next(self->fd, &self->record));
	askers[1] = ask("d", "p");
	ASSERT_TRUE(asker_waits(askers[1]));
	EXPECT_FALSE(service_readable(self->fd, SOON_MS));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(askers[0]));
	EXPECT_EQ(0, task_result(askers[1]));
}

TEST_F(answering, assume_and_instantiate)
{
	pid_t asker = ask("d", "p");
	key_serial_t authkey, key;
	char text[64] = "";

	ASSERT_LT(0, service_next(self->fd, &self->record));
	key = self->record.head.key;
	EXPECT_EQ(-ENOKEY, keyctl(KEYCTL_ASSUME_AUTHORITY, key));
	authkey = service_assume(self->fd, self->record.head.id,
				 KEY_SPEC_THREAD_KEYRING);
	ASSERT_LT(0, authkey);
	EXPECT_LT(0, key_read(authkey, text, sizeof(text) - 1));
	EXPECT_STREQ(record_callout(&self->record), text);
	EXPECT_EQ(authkey, keyctl(KEYCTL_ASSUME_AUTHORITY, key));
	EXPECT_EQ(0, keyctl(KEYCTL_INSTANTIATE, key, "p", 1, 0));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(-ENOENT, service_answer(self->fd, self->record.head.id, "q",
					  1));
}

TEST_F(answering, assume_and_reject)
{
	pid_t asker = ask("d", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	ASSERT_LT(0, service_assume(self->fd, self->record.head.id,
				    KEY_SPEC_THREAD_KEYRING));
	ASSERT_LT(0, keyctl(KEYCTL_ASSUME_AUTHORITY, self->record.head.key));
	EXPECT_EQ(0, keyctl(KEYCTL_REJECT, self->record.head.key, 10, EROFS,
			    0));
	EXPECT_EQ(-EROFS, task_result(asker));
	EXPECT_EQ(-ENOENT, service_answer(self->fd, self->record.head.id, "q",
					  1));
}

/*
 * A process that has assumed the authority may still drop it and write an
 * answer.
 */
TEST_F(answering, assume_and_write)
{
	pid_t asker = ask("d", "p");

	ASSERT_LT(0, service_next(self->fd, &self->record));
	ASSERT_LT(0, service_assume(self->fd, self->record.head.id,
				    KEY_SPEC_THREAD_KEYRING));
	ASSERT_LT(0, keyctl(KEYCTL_ASSUME_AUTHORITY, self->record.head.key));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(-EKEYREVOKED, keyctl(KEYCTL_INSTANTIATE,
				       self->record.head.key, "q", 1, 0));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * Shows: KS-50. KEYCTL_SERVICE_ASSUME gives the authority to a second process,
 * and the first one loses it.
 */
TEST_F(answering, assume_twice)
{
	pid_t asker = ask("d", "p");
	key_serial_t first, second;
	long state;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	first = service_assume(self->fd, self->record.head.id,
			       KEY_SPEC_THREAD_KEYRING);
	second = service_assume(self->fd, self->record.head.id,
				KEY_SPEC_THREAD_KEYRING);
	ASSERT_LT(0, first);
	ASSERT_LT(0, second);
	EXPECT_NE(first, second);
	/*
	 * The second authorisation key replaced the first one's link, so the
	 * first one is soon collected.
	 */
	state = key_state(first);
	EXPECT_TRUE(state == -EKEYREVOKED || state == -ENOKEY);
	EXPECT_EQ(second, keyctl(KEYCTL_ASSUME_AUTHORITY,
				 self->record.head.key));
	EXPECT_EQ(0, keyctl(KEYCTL_INSTANTIATE, self->record.head.key, "p", 1,
			    0));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * Shows: KS-49. A failed attempt does not take the authority from its holder.
 */
TEST_F(answering, assume_in_vain)
{
	key_serial_t closed = keyring_new("closed", KEY_SPEC_SESSION_KEYRING);
	pid_t asker = ask("d", "p");
	key_serial_t authkey;

	ASSERT_LT(0, closed);
	ASSERT_EQ(0, keyctl(KEYCTL_RESTRICT_KEYRING, closed, NULL, NULL));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	authkey = service_assume(self->fd, self->record.head.id,
				 KEY_SPEC_THREAD_KEYRING);
	ASSERT_LT(0, authkey);
	EXPECT_EQ(-EPERM, service_assume(self->fd, self->record.head.id,
					 closed));
	EXPECT_EQ(authkey, keyctl(KEYCTL_ASSUME_AUTHORITY,
				  self->record.head.key));
	EXPECT_EQ(0, keyctl(KEYCTL_INSTANTIATE, self->record.head.key, "p", 1,
			    0));
	EXPECT_EQ(0, task_result(asker));
}

static int add_to_own_session(const void *arg)
{
	long session = session_new();

	if (session < 0)
		return session;
	session = key_add_user("only the asker's", "s", 1);
	return session < 0 ? session : 0;
}

/* With the authority a process can search and fill the requester's keyrings. */
TEST_F(answering, assume_and_search)
{
	struct question question = {
		.description = "d", .prepare = add_to_own_session,
	};
	pid_t asker = question_start(&question);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	ASSERT_LT(0, service_assume(self->fd, self->record.head.id,
				    KEY_SPEC_THREAD_KEYRING));
	EXPECT_EQ(-ENOKEY, key_request("user", "only the asker's", NULL, 0));
	ASSERT_LT(0, keyctl(KEYCTL_ASSUME_AUTHORITY, self->record.head.key));
	EXPECT_LT(0, key_request("user", "only the asker's", NULL, 0));
	EXPECT_LT(0, key_add("user", "by the way", "w", 1,
			     KEY_SPEC_REQUESTOR_KEYRING));
	EXPECT_EQ(0, keyctl(KEYCTL_INSTANTIATE, self->record.head.key, "p", 1,
			    KEY_SPEC_REQUESTOR_KEYRING));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-49. */
TEST_F(answering, assume_errors)
{
	pid_t asker = ask("d", "p");
	key_serial_t key;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(-EINVAL, service_assume(self->fd, self->record.head.id,
					  -100));
	EXPECT_EQ(-ENOKEY, service_assume(self->fd, self->record.head.id,
					  key_unused_serial()));
	key = key_add_user("no keyring", "p", 1);
	EXPECT_EQ(-ENOTDIR, service_assume(self->fd, self->record.head.id,
					   key));
	EXPECT_EQ(0, key_set_rights(self->session,
				    POSSESSOR(RIGHT_ALL & ~RIGHT_WRITE)));
	EXPECT_EQ(-EACCES, service_assume(self->fd, self->record.head.id,
					  self->session));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * The number of the system call that a task sleeps in is that of the task's own
 * ABI.
 */
#ifdef __i386__
#define SAMPLE	"/key_service_sample_32"
#else
#define SAMPLE	"/key_service_sample"
#endif

/* Runs the program of the documentation. */
static int run_sample(void)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len < 0)
		return -errno;
	path[len] = '\0';
	len = strlen(dirname(path));
	snprintf(path + len, sizeof(path) - len, SAMPLE);
	execl(path, path, NULL);
	return -errno;
}

static bool is_sample(pid_t task)
{
	char name[32];

	task_read(task, "comm", name, sizeof(name));
	return strncmp(name, "key_service_sam", 15) == 0;
}

static bool has_service_open(pid_t task)
{
	char path[64], target[64];

	for (int fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", task, fd);
		memset(target, 0, sizeof(target));
		if (readlink(path, target, sizeof(target) - 1) > 0 &&
		    strstr(target, "[key-service]"))
			return true;
	}
	return false;
}

TEST_F(answering, sample)
{
	pid_t sample = fork(), asker;

	if (sample == 0) {
		close(self->fd);
		_exit(-run_sample());
	}
	/*
	 * Waits until the program runs and has opened its own service; the
	 * child's copy of the test's descriptor is closed by then.
	 */
	for (int ms = 0; ms < TASK_LIMIT_MS; ms++) {
		if (is_sample(sample) && has_service_open(sample))
			break;
		sleep_ms(1);
	}
	asker = ask("greet:world", "world");
	EXPECT_EQ(0, task_result(asker));
	EXPECT_FALSE(service_readable(self->fd, 0));
	asker = ask("world", "p");
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	kill(sample, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(sample));
}

REQUEST_TEST_MAIN
