// SPDX-License-Identifier: GPL-2.0-only
/*
 * libkeyservice with older and newer kernels.  This program is built with
 * headers in which each structure has one more field (see the Makefile), as in
 * a later version, so that it runs on an older kernel than its headers.
 */
#include "../../../keys/libkeyservice/key_service.c"

#include "key_service.h"

#include "../kselftest_harness.h"

#define PIPE_ROOM	4096

FIXTURE(library)
{
	char buffer[PIPE_ROOM];
	int ends[2];
};

FIXTURE_SETUP(library)
{
	ASSERT_LT(KEY_SERVICE_REQUEST_SIZE_1,
		  (int)sizeof(struct key_service_request));
	ASSERT_LT(KEY_SERVICE_PARAMS_SIZE_1,
		  (int)sizeof(struct key_service_params));
	ASSERT_LT(KEY_SERVICE_ANSWER_SIZE_1,
		  (int)sizeof(struct key_service_answer));
	ASSERT_EQ(0, pipe2(self->ends, O_CLOEXEC | O_NONBLOCK));
}

FIXTURE_TEARDOWN(library)
{
	close(self->ends[0]);
	close(self->ends[1]);
}

/* Writes a record whose header has @head bytes; returns its size. */
static size_t put_record(FIXTURE_DATA(library) *self, size_t head)
{
	static const char data[] = "user\0description\0callout";
	struct key_service_request *request = (void *)self->buffer;

	memset(self->buffer, 0x55, sizeof(self->buffer));
	request->size = head + sizeof(data);
	request->version = KEY_SERVICE_VERSION;
	request->type_offset = head;
	request->type_len = 4;
	request->description_offset = head + 5;
	request->description_len = 11;
	request->callout_offset = head + 17;
	request->callout_len = 7;
	memcpy(self->buffer + head, data, sizeof(data));
	return request->size;
}

static const struct key_service_request *
pass_through(FIXTURE_DATA(library) *self, size_t size)
{
	if (write(self->ends[1], self->buffer, size) != (ssize_t)size)
		return NULL;
	memset(self->buffer, 0, sizeof(self->buffer));
	return key_service_next(self->ends[0], self->buffer,
				sizeof(self->buffer));
}

/*
 * Shows: KS-61. Records of an older kernel, of a kernel of the library's
 * version, and of a newer one.
 */
TEST_F(library, header_of_any_size)
{
	const size_t heads[] = {
		KEY_SERVICE_REQUEST_SIZE_1, sizeof(struct key_service_request),
		sizeof(struct key_service_request) + 64,
	};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		const struct key_service_request *request =
			pass_through(self, put_record(self, heads[i]));

		ASSERT_NE(NULL, request);
		EXPECT_STREQ("user", key_service_type(request));
		EXPECT_STREQ("description", key_service_description(request));
		EXPECT_STREQ("callout", key_service_callout(request));
		EXPECT_TRUE(key_service_has(request, callout_len));
		EXPECT_EQ(i > 0, key_service_has(request, later));
	}
}

/* Shows: KS-61. The library refuses records that no kernel writes. */
TEST_F(library, nonsense)
{
	struct key_service_request *head = (void *)self->buffer;
	size_t size;

	size = put_record(self, KEY_SERVICE_REQUEST_SIZE_1);
	head->type_offset--;
	EXPECT_EQ(NULL, pass_through(self, size));
	EXPECT_EQ(EBADMSG, errno);
	size = put_record(self, KEY_SERVICE_REQUEST_SIZE_1);
	EXPECT_EQ(NULL, pass_through(self, size - 1));
	EXPECT_EQ(EBADMSG, errno);
	size = put_record(self, KEY_SERVICE_REQUEST_SIZE_1);
	head->description_len = UINT32_MAX;
	EXPECT_EQ(NULL, pass_through(self, size));
	size = put_record(self, KEY_SERVICE_REQUEST_SIZE_1);
	head->callout_len++;
	EXPECT_EQ(NULL, pass_through(self, size));
	size = put_record(self, KEY_SERVICE_REQUEST_SIZE_1);
	head->type_len--;
	EXPECT_EQ(NULL, pass_through(self, size));
	EXPECT_EQ(NULL, key_service_next(self->ends[0], self->buffer, PIPE_ROOM));
	EXPECT_EQ(EAGAIN, errno);
	close(self->ends[1]);
	self->ends[1] = -1;
	EXPECT_EQ(NULL, key_service_next(self->ends[0], self->buffer, PIPE_ROOM));
	EXPECT_EQ(ESHUTDOWN, errno);
}

/*
 * Shows: KS-61. Each call works on a kernel that does not know the new fields.
 */
TEST_F(library, on_this_kernel)
{
	const struct key_service_filter filter = { .type = (uintptr_t)"user" };
	const struct key_service_params params = {
		.filter_count = 1, .filters = (uintptr_t)&filter,
	};
	const struct key_service_request *request;
	pid_t askers[4];
	int fd, pidfd;

	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	EXPECT_EQ(-1, key_service_open(0, &params));
	EXPECT_EQ(EINVAL, errno);
	fd = key_service_open(KEY_SERVICE_SCOPE_USER_NS, &params);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, key_service_next_size(fd));
	for (int i = 0; i < 4; i++) {
		char name[] = { 'a' + i, '\0' };

		askers[i] = ask_either(name, i == 3 ? "helper" : "payload");
		ASSERT_TRUE(service_readable(fd, TASK_LIMIT_MS));
		ASSERT_LT(0, key_service_next_size(fd));
		request = key_service_next(fd, self->buffer, PIPE_ROOM);
		ASSERT_NE(NULL, request);
		EXPECT_STREQ(name, key_service_description(request));
		EXPECT_FALSE(key_service_has(request, later));
		switch (i) {
		case 0:
			pidfd = key_service_pidfd(fd, request->id);
			EXPECT_LE(0, pidfd);
			close(pidfd);
			EXPECT_EQ(0, key_service_release(fd, request->id));
			request = key_service_next(fd, self->buffer, PIPE_ROOM);
			ASSERT_NE(NULL, request);
			EXPECT_EQ(0, key_service_answer(fd, request->id,
							"payload", 7));
			EXPECT_EQ(0, task_result(askers[i]));
			break;
		case 1:
			EXPECT_LT(0, key_service_assume(fd, request->id,
							KEY_SPEC_THREAD_KEYRING));
			EXPECT_EQ(0, key_service_answer_for(fd, request->id,
							    "payload", 7, 60));
			EXPECT_EQ(0, task_result(askers[i]));
			break;
		case 2:
			EXPECT_EQ(-1, key_service_reject(fd, request->id, 0, 0));
			EXPECT_EQ(0, key_service_reject(fd, request->id,
							EACCES, 0));
			EXPECT_EQ(-EACCES, task_result(askers[i]));
			break;
		case 3:
			EXPECT_EQ(0, key_service_pass(fd, request->id));
			EXPECT_EQ(0, task_result(askers[i]));
			break;
		}
	}
	close(fd);
}

REQUEST_TEST_MAIN
