// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key services when memory runs out, or a program's memory cannot be accessed:
 * a failed call leaves the request where it was.
 */
#include "fault.h"
#include "key_service.h"

#include "../kselftest_harness.h"

#define SERVICES_MAX	64
#define UID		5170
#define LONG_PAYLOAD	4096

FIXTURE(fault)
{
	struct service_record record;
	struct charge before;
	int fd;
};

FIXTURE_SETUP(fault)
{
	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	REQUIRE_FAULTS();
	ASSERT_LT(0, session_new());
	ASSERT_LT(0, keyctl(KEYCTL_GET_KEYRING_ID,
			    KEY_SPEC_USER_SESSION_KEYRING, 1));
	self->before = charge_now(geteuid());
	self->fd = service_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(fault)
{
	close(self->fd);
}

static long call_open(void *arg)
{
	return service_open_as(KEY_SERVICE_SCOPE_UID, "user", "prefix");
}

static void undo_open(void *arg, long fd)
{
	close(fd);
}

/*
 * After all failed calls the user can still open the full number of services.
 */
static int open_as_user(const void *arg)
{
	static const struct caller caller = {
		.uid = UID, .gid = UID, .stranger = true,
	};
	struct faulty faulty = { .call = call_open, .undo = undo_open };
	long ret;
	int n;

	if (fault_file() < 0 || caller_become(&caller))
		return -EPERM;
	ret = each_fault(&faulty);
	if (ret < 0)
		return ret;
	if (faulty.faults < 5)
		return -ENODATA;
	/* The service that was opened above is the first of them. */
	for (n = 1; n < SERVICES_MAX; n++)
		if (call_open(NULL) < 0)
			return -EDQUOT;
	return call_open(NULL) == -EDQUOT ? 0 : -EEXIST;
}

/*
 * The call fails with ENOMEM or EFAULT, and a service that was not opened does
 * not count.
 */
TEST_F(fault, open)
{
	EXPECT_EQ(0, task_run(open_as_user, NULL));
}

/*
 * struct service_call - a call that is repeated
 * @fd:		the service
 * @record: the record that is read, or that the call is about
 * @answer: the answer
 * @payload: payload of the answer
 */
struct service_call {
	int fd;
	struct service_record *record;
	struct key_service_answer answer;
	const void *payload;
};

static long call_read(void *arg)
{
	struct service_call *call = arg;

	return result(read(call->fd, call->record, sizeof(*call->record)));
}

/* The request is the first one again. */
static void undo_read(void *arg, long ret)
{
	struct service_call *call = arg;

	(void)ret;
	service_release(call->fd, call->record->head.id);
}

static long call_answer(void *arg)
{
	struct service_call *call = arg;

	call->answer.id = call->record->head.id;
	return service_write(call->fd, &call->answer, call->payload);
}

static long call_assume(void *arg)
{
	struct service_call *call = arg;

	return service_assume(call->fd, call->record->head.id,
			      KEY_SPEC_SESSION_KEYRING);
}

static int faults_of(long (*call)(void *arg), struct service_call *arg)
{
	struct faulty faulty = {
		.call = call, .arg = arg,
		.undo = call == call_read ? undo_read : NULL,
		.once = call != call_assume && call != call_read,
	};
	long ret = each_fault(&faulty);

	return ret < 0 ? ret : faulty.faults;
}

/* The record stays the first one, and the answer can be given again. */
TEST_F(fault, read_and_answer)
{
	static const char payload[LONG_PAYLOAD] = "long";
	struct service_call call = {
		.fd = self->fd, .record = &self->record, .payload = payload,
	};
	pid_t asker = ask("first", "long"), second;

	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	second = ask("second", "s");
	/*
	 * The kernel's record of the reader, and copies.  kmemleak's own record may
	 * fail without an error, and then the reader is known.
	 */
	EXPECT_LE(3, faults_of(call_read, &call));
	EXPECT_STREQ("first", record_description(&self->record));
	call.answer.payload_len = 4;
	EXPECT_LE(2, faults_of(call_answer, &call));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, service_serve(self->fd, "s"));
	EXPECT_EQ(0, task_result(second));
}

/*
 * A buffer that the kernel allocates for the payload is wiped and freed,
 * whether it was used or not.
 */
TEST_F(fault, long_answer)
{
	static const char payload[LONG_PAYLOAD];
	struct service_call call = {
		.fd = self->fd, .record = &self->record, .payload = payload,
		.answer.payload_len = sizeof(payload),
		.answer.flags = KEY_SERVICE_ANSWER_LIFETIME,
		.answer.lifetime = 60,
	};
	pid_t asker = ask("long", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_LE(3, faults_of(call_answer, &call));
	EXPECT_EQ(0, task_result(asker));
}

TEST_F(fault, reject)
{
	struct service_call call = {
		.fd = self->fd, .record = &self->record,
		.answer.error = -ECONNREFUSED,
	};
	pid_t asker = ask("rejected", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_LE(1, faults_of(call_answer, &call));
	EXPECT_EQ(-ECONNREFUSED, task_result(asker));
}

/* No authorisation key is left of the calls that could not link it. */
TEST_F(fault, assume)
{
	struct service_call call = {
		.fd = self->fd, .record = &self->record,
	};
	pid_t asker = ask("assumed", "p");

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_LE(4, faults_of(call_assume, &call));
	EXPECT_LT(0, keyctl(KEYCTL_ASSUME_AUTHORITY, self->record.head.key));
	EXPECT_EQ(0, keyctl(KEYCTL_INSTANTIATE, self->record.head.key, "p", 1,
			    0));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING));
	EXPECT_TRUE(charge_returns(&self->before));
}

static long call_reject(void *arg)
{
	const struct service_call *call = arg;

	return keyctl(KEYCTL_REJECT, call->record->head.key, 60, ECONNREFUSED,
		      KEY_SPEC_SESSION_KEYRING);
}

/* A key is rejected but cannot be linked: the requester gets an error. */
TEST_F(fault, reject_by_authority)
{
	struct service_call call = {
		.fd = self->fd, .record = &self->record,
	};
	struct faulty faulty = { .call = call_reject, .arg = &call };
	pid_t asker = ask("rejected", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	ASSERT_LT(0, call_assume(&call));
	ASSERT_LT(0, keyctl(KEYCTL_ASSUME_AUTHORITY, self->record.head.key));
	each_fault(&faulty);
	EXPECT_LE(1, faulty.faults);
	EXPECT_TRUE(task_ended(asker, TASK_LIMIT_MS / 2));
	EXPECT_EQ(-ECONNREFUSED, task_result(asker));
}

static long call_ask(void *arg)
{
	return script_ask(arg);
}

/*
 * A key whose request failed is still linked, and its place in the keyring can
 * be reused.
 */
static void reset_ask(void *arg)
{
	keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
}

static int answered_by_helper;

/* The helper's answer may come from another namespace. */
static void undo_ask(void *arg, long key)
{
	char answer[8] = "";

	if (key_read(key, answer, sizeof(answer)) != 1 || *answer != 'p')
		answered_by_helper++;
}

static int ask_faulty(const void *arg)
{
	struct faulty faulty = {
		.reset = reset_ask, .call = call_ask, .undo = undo_ask,
		.arg = (void *)arg,
	};
	long ret = each_fault(&faulty);

	if (ret < 0)
		return ret;
	undo_ask(NULL, ret);
	reset_ask(NULL);
	if (answered_by_helper)
		return -EBADMSG;
	return faulty.faults < 8 ? -ENODATA : 0;
}

/*
 * The requester gets an error and leaves no trace, or gets the service's
 * answer.
 */
TEST_F(fault, ask)
{
	const struct script_request request = {
		.type = "user", .description = "asked",
		.steps = HELPER_ANSWERS, .test = getpid(),
	};
	pid_t asker = task_start(ask_faulty, &request);
	int ret;

	while (!task_ended(asker, 0)) {
		if (!service_readable(self->fd, SOON_MS))
			continue;
		ret = service_serve(self->fd, "p");
		EXPECT_TRUE(!ret || ret == -ENOENT);
	}
	EXPECT_EQ(0, task_result(asker));
	EXPECT_TRUE(charge_returns(&self->before));
}

REQUEST_TEST_MAIN
