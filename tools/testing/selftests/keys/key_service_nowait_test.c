// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers that must not wait, for every key type, and the events that they
 * could wait for.
 */
#include "fscrypt_form.h"
#include "key_service_types.h"

#include "../kselftest_harness.h"

FIXTURE(nowait)
{
	struct service_record record;
	struct script script;
	int fd;
};

FIXTURE_SETUP(nowait)
{
	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	self->fd = service_open_as(KEY_SERVICE_SCOPE_USER_NS, NULL, NULL);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(nowait)
{
	close(self->fd);
	script_close(&self->script);
}

/* Answers by a call that must not wait. */
static int answer_now(int fd, uint64_t id, int error, const void *payload,
		      size_t len)
{
	struct key_service_answer answer = {
		.size = sizeof(answer), .id = id, .error = error,
		.payload_len = len,
	};
	const struct iovec parts[] = {
		{ &answer, sizeof(answer) }, { (void *)payload, len },
	};
	int ret = result(pwritev2(fd, parts, 2, -1, RWF_NOWAIT));

	return ret < 0 ? ret : 0;
}

/*
 * Shows: KS-43. A call that must not wait only answers requests of types that
 * copy their payload.
 */
TEST_F(nowait, every_type)
{
	int tried = 0;

	for (size_t i = 0; i < ARRAY_SIZE(key_types); i++) {
		struct question question = {
			.type = key_types[i].type,
			.description = key_types[i].description,
		};
		pid_t asker;
		uint64_t id;

		asker = question_start(&question);
		if (!comes_to_service(self->fd, asker)) {
			task_result(asker);
			continue;
		}
		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_STREQ(key_types[i].type, record_type(&self->record));
		id = self->record.head.id;
		tried++;
		if (key_types[i].at_once) {
			EXPECT_EQ(0, answer_now(self->fd, id, 0, "p", 1));
			EXPECT_EQ(0, task_result(asker));
			continue;
		}
		EXPECT_EQ(-EAGAIN, answer_now(self->fd, id, 0, "p", 1));
		EXPECT_EQ(-EAGAIN, answer_now(self->fd, id, -EACCES, NULL, 0));
		EXPECT_EQ(-ENOENT, answer_now(self->fd, id + 1, 0, "p", 1));
		/* The refused answers leave the request unanswered. */
		EXPECT_EQ(0, service_reject(self->fd, id, -EACCES, 0));
		EXPECT_EQ(-EACCES, task_result(asker));
	}
	EXPECT_LE(KEY_TYPES_MIN, tried);
}

static int ask_for_parent(const void *arg)
{
	long key = key_request("encrypted", "parent", "", KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? key : 0;
}

/*
 * Shows: KS-45. The payload names a key that is still under construction, for
 * example by the requester's own slow service.
 */
TEST_F(nowait, parent_under_construction)
{
	struct question question = {
		.type = "fscrypt-provisioning", .description = "child",
	};
	pid_t maker = task_start(ask_for_parent, NULL), asker;
	struct form form;
	uint64_t id, parent;
	long begun;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	parent = self->record.head.id;
	form = form_sealed(FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER, 32,
			   self->record.head.key, "");
	asker = question_start(&question);
	ASSERT_LT(0, service_next(self->fd, &self->record));
	id = self->record.head.id;
	begun = now_ms();
	EXPECT_EQ(-ENOKEY, service_answer(self->fd, id, &form, FORM_HEAD));
	EXPECT_GT(TASK_LIMIT_MS / 2, now_ms() - begun);
	EXPECT_FALSE(task_ended(maker, 0));
	EXPECT_EQ(0, service_reject(self->fd, parent, -EACCES, 0));
	EXPECT_EQ(-EACCES, task_result(maker));
	EXPECT_EQ(0, service_reject(self->fd, id, -EACCES, 0));
	EXPECT_EQ(-EACCES, task_result(asker));
}

REQUEST_TEST_MAIN
