// SPDX-License-Identifier: GPL-2.0-only
/* A key service under io_uring: no submission blocks, and no rights change. */
#include "fscrypt_form.h"
#include "key_service_types.h"
#include "uring.h"

#include "../kselftest_harness.h"

#define NOBODY		5005

FIXTURE(uring)
{
	struct uring ring;
	struct service_record record;
	struct script script;
	int fd;
};

FIXTURE_SETUP(uring)
{
	int ret;

	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	ret = uring_open(&self->ring);
	if (ret == -ENOSYS)
		SKIP(return, "debug kernels only: needs CONFIG_IO_URING");
	ASSERT_EQ(0, ret);
	self->fd = service_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(uring)
{
	close(self->fd);
	uring_close(&self->ring);
	script_close(&self->script);
}

/* Begins to read a request; @flags are those of the entry. */
static int uring_read(FIXTURE_DATA(uring) *self, uint8_t flags, uint64_t data)
{
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_READ, .flags = flags, .fd = self->fd,
		.addr = (uintptr_t)&self->record, .len = sizeof(self->record),
		.off = -1, .user_data = data,
	};

	return uring_submit(&self->ring, &entry);
}

struct answer {
	struct key_service_answer head;
	char payload;
};

static void make_answer(struct answer *answer, uint64_t id)
{
	*answer = (struct answer) {
		.head.size = sizeof(answer->head), .head.id = id,
		.head.payload_len = sizeof(answer->payload), .payload = 'p',
	};
}

#define ANSWER_SIZE	(offsetof(struct answer, payload) + 1)

static int uring_write(struct uring *ring, int fd, const struct answer *answer,
		       uint8_t flags)
{
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_WRITE, .flags = flags, .fd = fd,
		.addr = (uintptr_t)answer, .len = ANSWER_SIZE, .off = -1,
		.user_data = 7,
	};
	int ret = uring_submit(ring, &entry);

	return ret ?: uring_result(ring, 7);
}

/*
 * How a read is started: by the submitting task, until the task would have to
 * wait, or by a worker of the ring.
 */
FIXTURE_VARIANT(uring)
{
	uint8_t flags;
};

FIXTURE_VARIANT_ADD(uring, inline)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(uring, worker)
{
	.flags = IOSQE_ASYNC,
};

/*
 * The read waits for a request while the task goes on; the answer works in the
 * same way.
 */
TEST_F(uring, read_and_write)
{
	struct answer answer;
	pid_t asker;
	int size;

	ASSERT_EQ(0, uring_read(self, variant->flags, 1));
	EXPECT_FALSE(uring_done(&self->ring, SOON_MS));
	asker = ask("d", "p");
	size = uring_result(&self->ring, 1);
	EXPECT_EQ((int)self->record.head.size, size);
	ASSERT_LT(0, size);
	EXPECT_STREQ("d", record_description(&self->record));

	make_answer(&answer, self->record.head.id + 1);
	EXPECT_EQ(-ENOENT, uring_write(&self->ring, self->fd, &answer,
				       variant->flags));
	make_answer(&answer, self->record.head.id);
	EXPECT_EQ((int)ANSWER_SIZE, uring_write(&self->ring, self->fd, &answer,
						variant->flags));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(-ENOENT, uring_write(&self->ring, self->fd, &answer,
				       variant->flags));
}

/* Several reads wait: each gets one request, and no request is read twice. */
TEST_F(uring, several_reads)
{
	struct service_record *records = calloc(3, sizeof(*records));
	struct answer answer;
	pid_t askers[3];
	char name[2] = "a";

	ASSERT_NE(NULL, records);
	for (int i = 0; i < 3; i++) {
		const struct io_uring_sqe entry = {
			.opcode = IORING_OP_READ, .flags = variant->flags,
			.fd = self->fd, .addr = (uintptr_t)&records[i],
			.len = sizeof(*records), .off = -1, .user_data = 1,
		};

		ASSERT_EQ(0, uring_submit(&self->ring, &entry));
	}
	EXPECT_FALSE(uring_done(&self->ring, SOON_MS));
	for (int i = 0; i < 3; i++, name[0]++)
		askers[i] = ask(name, "p");
	for (int i = 0; i < 3; i++)
		EXPECT_LT(0, uring_result(&self->ring, 1));
	for (int i = 0; i < 3; i++) {
		make_answer(&answer, records[i].head.id);
		EXPECT_EQ((int)ANSWER_SIZE,
			  uring_write(&self->ring, self->fd, &answer,
				      variant->flags));
	}
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, task_result(askers[i]));
	free(records);
}

/* A read with RWF_NOWAIT does not wait, whatever the descriptor's mode is. */
TEST_F(uring, no_wait)
{
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_READ, .fd = self->fd,
		.addr = (uintptr_t)&self->record, .len = sizeof(self->record),
		.off = -1, .rw_flags = RWF_NOWAIT, .user_data = 2,
	};
	pid_t asker;

	ASSERT_EQ(0, uring_submit(&self->ring, &entry));
	EXPECT_EQ(-EAGAIN, uring_result(&self->ring, 2));
	asker = ask("d", "p");
	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	ASSERT_EQ(0, uring_submit(&self->ring, &entry));
	EXPECT_LT(0, uring_result(&self->ring, 2));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

TEST_F(uring, poll)
{
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_POLL_ADD, .flags = variant->flags,
		.fd = self->fd, .poll32_events = POLLIN, .user_data = 3,
	};
	pid_t asker;

	ASSERT_EQ(0, uring_submit(&self->ring, &entry));
	EXPECT_FALSE(uring_done(&self->ring, SOON_MS));
	asker = ask("d", "p");
	EXPECT_EQ(POLLIN, uring_result(&self->ring, 3) & (POLLIN | POLLHUP));
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
}

/* A read that was cancelled takes no request. */
TEST_F(uring, ring_closed)
{
	struct uring other;
	pid_t asker;
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_READ, .flags = variant->flags,
		.fd = self->fd, .addr = (uintptr_t)&self->record,
		.len = sizeof(self->record), .off = -1, .user_data = 4,
	};

	ASSERT_EQ(0, uring_open(&other));
	ASSERT_EQ(0, uring_submit(&other, &entry));
	EXPECT_FALSE(uring_done(&other, SOON_MS));
	/*
	 * Closing the ring cancels reads in a worker, so a read may still be
	 * active.
	 */
	EXPECT_EQ(0, result(syscall(__NR_io_uring_register, other.fd,
				    IORING_REGISTER_SYNC_CANCEL,
				    &(struct io_uring_sync_cancel_reg) {
					.addr = 4, .fd = -1,
					.timeout = { -1, -1 },
				    }, 1)));
	EXPECT_EQ(-ECANCELED, uring_result(&other, 4));
	uring_close(&other);
	asker = ask("d", "p");
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
}

struct ringed {
	int fd;
	int ready;
	uint8_t flags;
};

/* Reads by a ring, and sleeps until it is killed. */
static int read_for_ever(const void *arg)
{
	const struct ringed *ringed = arg;
	struct service_record record;
	struct uring ring;
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_READ, .flags = ringed->flags,
		.fd = ringed->fd, .addr = (uintptr_t)&record,
		.len = sizeof(record), .off = -1, .user_data = 5,
	};
	int ret = uring_open(&ring);

	if (!ret)
		ret = uring_submit(&ring, &entry);
	if (!ret && write(ringed->ready, "r", 1) != 1)
		ret = -EIO;
	while (!ret)
		pause();
	return ret;
}

/*
 * A read whose task was killed takes no request, and does not keep the service
 * open.
 */
TEST_F(uring, reader_killed)
{
	struct ringed ringed = { .fd = self->fd, .flags = variant->flags };
	pid_t reader, asker;
	int ready[2];
	char byte;

	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	ringed.ready = ready[1];
	reader = task_start(read_for_ever, &ringed);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	kill(reader, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
	asker = ask("d", "p");
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));

	reader = task_start(read_for_ever, &ringed);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	close(self->fd);
	self->fd = -1;
	kill(reader, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
	asker = ask_either("e", "helper");
	EXPECT_EQ(0, task_result(asker));
	close(ready[0]);
	close(ready[1]);
}

/*
 * A ring acts with the rights of the task that has set it up or registered a
 * personality.  That makes no difference to a service: each answer has the
 * rights of the service's opener.
 */
TEST_F(uring, lent_to_nobody)
{
	const struct caller nobody = { .uid = NOBODY, .gid = NOBODY };
	int personality = syscall(__NR_io_uring_register, self->ring.fd,
				  IORING_REGISTER_PERSONALITY, NULL, 0);
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_WRITE, .flags = variant->flags,
		.fd = self->fd, .len = ANSWER_SIZE, .off = -1, .user_data = 6,
	};
	struct answer answer;
	pid_t asker;

	ASSERT_LT(0, personality);
	ASSERT_EQ(0, caller_become(&nobody));
	for (int i = 0; i < 2; i++) {
		asker = ask(i ? "first" : "second", "p");
		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_EQ(NOBODY, (int)self->record.head.uid);
		make_answer(&answer, self->record.head.id);
		entry.addr = (uintptr_t)&answer;
		entry.personality = i ? personality : 0;
		ASSERT_EQ(0, uring_submit(&self->ring, &entry));
		EXPECT_EQ((int)ANSWER_SIZE, uring_result(&self->ring, 6));
		EXPECT_EQ(0, task_result(asker));
	}
}

/*
 * Shows: KS-43. A worker makes an answer that may wait for a module or a TPM:
 * the ring never gets EAGAIN.
 */
TEST_F(uring, every_type)
{
	int fd = service_open_as(KEY_SERVICE_SCOPE_USER_NS, NULL, NULL);
	int tried = 0, ret;
	struct answer answer;

	ASSERT_LE(0, fd);
	close(self->fd);
	self->fd = -1;
	for (size_t i = 0; i < ARRAY_SIZE(key_types); i++) {
		struct question question = {
			.type = key_types[i].type,
			.description = key_types[i].description,
		};
		pid_t asker = question_start(&question);

		if (!comes_to_service(fd, asker)) {
			task_result(asker);
			continue;
		}
		ASSERT_LT(0, service_next(fd, &self->record));
		make_answer(&answer, self->record.head.id);
		ret = uring_write(&self->ring, fd, &answer, variant->flags);
		EXPECT_NE(-EAGAIN, ret);
		EXPECT_NE(-ETIMEDOUT, ret);
		EXPECT_TRUE(ret == (int)ANSWER_SIZE || !key_types[i].at_once);
		if (ret < 0)
			EXPECT_EQ(0, service_reject(fd, self->record.head.id,
						    -EACCES, 0));
		EXPECT_EQ(ret < 0 ? -EACCES : 0, task_result(asker));
		tried++;
	}
	EXPECT_LE(KEY_TYPES_MIN, tried);
	close(fd);
}

static int ask_for_parent(const void *arg)
{
	long key = key_request("encrypted", "parent", "",
			       KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? key : 0;
}

/* Shows: KS-45. Neither the submitter nor a worker waits for a parent. */
TEST_F(uring, parent_under_construction)
{
	int fd = service_open_as(KEY_SERVICE_SCOPE_USER_NS, NULL, NULL);
	struct question question = {
		.type = "fscrypt-provisioning", .description = "child",
	};
	struct {
		struct key_service_answer head;
		struct form form;
	} answer = { .head.size = sizeof(answer.head) };
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_WRITE, .flags = variant->flags, .fd = fd,
		.addr = (uintptr_t)&answer, .off = -1, .user_data = 8,
		.len = sizeof(answer.head) + FORM_HEAD,
	};
	pid_t maker = task_start(ask_for_parent, NULL), asker;
	uint64_t parent;

	ASSERT_LE(0, fd);
	close(self->fd);
	self->fd = -1;
	ASSERT_LT(0, service_next(fd, &self->record));
	parent = self->record.head.id;
	answer.form = form_sealed(FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER, 32,
				  self->record.head.key, "");
	asker = question_start(&question);
	ASSERT_LT(0, service_next(fd, &self->record));
	answer.head.id = self->record.head.id;
	answer.head.payload_len = FORM_HEAD;
	ASSERT_EQ(0, uring_submit(&self->ring, &entry));
	EXPECT_EQ(-ENOKEY, uring_result(&self->ring, 8));
	EXPECT_FALSE(task_ended(maker, 0));
	EXPECT_EQ(0, service_reject(fd, parent, -EACCES, 0));
	EXPECT_EQ(0, service_reject(fd, answer.head.id, -EACCES, 0));
	EXPECT_EQ(-EACCES, task_result(maker));
	EXPECT_EQ(-EACCES, task_result(asker));
	close(fd);
}

REQUEST_TEST_MAIN
