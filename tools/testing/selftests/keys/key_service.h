/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both sides of a key service: its descriptor, and children that request keys.
 *
 * The programs that use it are also the helper program, see request_script.h:
 * the helper ends requests that no service answers.
 */
#ifndef SELFTESTS_KEYS_KEY_SERVICE_H
#define SELFTESTS_KEYS_KEY_SERVICE_H

#include <linux/key_service.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "request_script.h"

#define RECORD_SIZE	16384
#define SOON_MS		200

/* Scripts for the helper: make the key, or do not. */
#define HELPER_ANSWERS	"A;I0,helper"
#define HELPER_REFUSES	"X1"

/*
 * struct service_record - a request as it was read
 * @head:	its header
 * @data:	everything, header included
 */
struct service_record {
	union {
		struct key_service_request head;
		char data[RECORD_SIZE];
	};
};

/*
 * struct service_terms - parameters of a service
 * @scope:	KEY_SERVICE_SCOPE_*
 * @flags:	KEY_SERVICE_*
 * @type: key type of its one filter, or NULL
 * @prefix: prefix of its one filter, or NULL
 * @timeout_ms:	how long an answer may take, or 0
 * @max_pending: the most unanswered requests, or 0
 */
struct service_terms {
	uint32_t scope;
	uint32_t flags;
	const char *type;
	const char *prefix;
	uint32_t timeout_ms;
	uint32_t max_pending;
};

static inline int service_open_with(const struct service_terms *terms)
{
	const struct key_service_filter filter = {
		.type = (uintptr_t)terms->type,
		.prefix = (uintptr_t)terms->prefix,
	};
	const bool filtered = terms->type || terms->prefix;
	const struct key_service_params params = {
		.flags = terms->flags,
		.filter_count = filtered,
		.filters = filtered ? (uintptr_t)&filter : 0,
		.timeout_ms = terms->timeout_ms,
		.max_pending = terms->max_pending,
	};

	return keyctl(KEYCTL_SERVICE_OPEN, terms->scope, &params,
		      sizeof(params));
}

static inline int service_open_as(uint32_t scope, const char *type,
				  const char *prefix)
{
	const struct service_terms terms = {
		.scope = scope, .type = type, .prefix = prefix,
	};

	return service_open_with(&terms);
}

/* Opens a service for user keys of this user namespace. */
static inline int service_open(void)
{
	return service_open_as(KEY_SERVICE_SCOPE_USER_NS, "user", NULL);
}

static inline bool service_readable(int fd, int limit_ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return poll(&ready, 1, limit_ms) == 1 && ready.revents & POLLIN;
}

/* Reads the next request; returns the size of its record. */
static inline int service_next(int fd, struct service_record *record)
{
	memset(record, 0, sizeof(record->head));
	if (!service_readable(fd, TASK_LIMIT_MS))
		return -ETIMEDOUT;
	return result(read(fd, record, sizeof(*record)));
}

static inline const char *record_type(const struct service_record *record)
{
	return record->data + record->head.type_offset;
}

static inline const char *
record_description(const struct service_record *record)
{
	return record->data + record->head.description_offset;
}

static inline const char *record_callout(const struct service_record *record)
{
	return record->data + record->head.callout_offset;
}

static inline int service_write(int fd, struct key_service_answer *answer,
				const void *payload)
{
	const struct iovec parts[] = {
		{ answer, sizeof(*answer) },
		{ (void *)payload, answer->payload_len },
	};

	answer->size = sizeof(*answer);
	return result(writev(fd, parts, 2));
}

/* Returns 0 or a negative errno. */
static inline int service_answer(int fd, uint64_t id, const void *payload,
				 size_t len)
{
	struct key_service_answer answer = { .id = id, .payload_len = len };
	int ret = service_write(fd, &answer, payload);

	return ret < 0 ? ret : ret == (int)(sizeof(answer) + len) ? 0 : -EPROTO;
}

static inline int service_reject(int fd, uint64_t id, int error,
				 unsigned int seconds)
{
	struct key_service_answer answer = {
		.id = id, .error = error, .lifetime = seconds,
		.flags = KEY_SERVICE_ANSWER_LIFETIME,
	};
	int ret = service_write(fd, &answer, NULL);

	return ret < 0 ? ret : ret == sizeof(answer) ? 0 : -EPROTO;
}

/* Passes a request on or puts it back, depending on @flags. */
static inline int service_move(int fd, uint64_t id, uint32_t flags)
{
	struct key_service_answer answer = { .id = id, .flags = flags };
	int ret = service_write(fd, &answer, NULL);

	return ret < 0 ? ret : ret == sizeof(answer) ? 0 : -EPROTO;
}

static inline int service_pass(int fd, uint64_t id)
{
	return service_move(fd, id, KEY_SERVICE_ANSWER_PASS);
}

static inline int service_release(int fd, uint64_t id)
{
	return service_move(fd, id, KEY_SERVICE_ANSWER_RELEASE);
}

static inline long service_assume(int fd, uint64_t id, key_serial_t keyring)
{
	return keyctl(KEYCTL_SERVICE_ASSUME, fd, &id, keyring);
}

/* Reads one request and answers it. */
static inline int service_serve(int fd, const char *payload)
{
	struct service_record record;
	int ret = service_next(fd, &record);

	if (ret < 0)
		return ret;
	return service_answer(fd, record.head.id, payload, strlen(payload));
}

static inline bool service_on_this_kernel(void)
{
	return keyctl(KEYCTL_SERVICE_OPEN, 0, NULL, 0) == -EINVAL;
}

/* The tests fail on a kernel of the series that has no services. */
#define REQUIRE_SERVICE() do { \
	REQUIRE_REQUEST_OURS("there are no key services"); \
	ASSERT_TRUE(service_on_this_kernel()); \
} while (0)

/*
 * FIXTURE_WITH_SERVICE(fixture, service) - defines a fixture that has a service
 *
 * Each test begins with a new session keyring, a script that listens to the
 * helper, and the descriptor @service, which the teardown closes:
 *
 * session:	the session keyring
 * record:	room for a request that the test reads
 * script:	where the helper reports
 * report:	room for a report
 * fd:		the service
 *
 * This is a macro because the programs include the harness after this file.
 */
#define FIXTURE_WITH_SERVICE(fixture, service) \
FIXTURE(fixture) \
{ \
	key_serial_t session; \
	struct service_record record; \
	struct script script; \
	struct script_report report; \
	int fd; \
}; \
FIXTURE_SETUP(fixture) \
{ \
	REQUIRE_SERVICE(); \
	REQUIRE_HELPER(); \
	self->session = session_new(); \
	ASSERT_LT(0, self->session); \
	ASSERT_EQ(0, script_open(&self->script)); \
	self->fd = (service); \
	ASSERT_LE(0, self->fd); \
} \
FIXTURE_TEARDOWN(fixture) \
{ \
	close(self->fd); \
	script_close(&self->script); \
}

/*
 * struct question - a request made by a child
 * @type:	key type, "user" if NULL
 * @description: description of the key
 * @steps: script of the helper, if it is started
 * @ring:	destination keyring, or 0
 * @prepare: function that the child runs before the request, or NULL
 * @argument:	for @prepare
 * @reads:	payload that the key must have, or NULL
 * @test:	process that listens to the helper
 */
struct question {
	const char *type;
	const char *description;
	const char *steps;
	key_serial_t ring;
	int (*prepare)(const void *argument);
	const void *argument;
	const char *reads;
	pid_t test;
};

static inline int question_ask(const void *arg)
{
	const struct question *question = arg;
	const struct script_request request = {
		.type = question->type ?: "user",
		.description = question->description,
		.ring = question->ring,
		.steps = question->steps ?: HELPER_REFUSES,
		.test = question->test,
	};
	char payload[64] = "";
	int ret = 0;

	/*
	 * The child must not keep a copy of a descriptor that the test may
	 * close.
	 */
	syscall(__NR_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	if (question->prepare)
		ret = question->prepare(question->argument);
	if (ret)
		return ret;
	ret = script_ask(&request);
	if (ret < 0 || !question->reads)
		return ret < 0 ? ret : 0;
	ret = key_read(ret, payload, sizeof(payload) - 1);
	if (ret < 0)
		return ret;
	return strcmp(payload, question->reads) ? -EBADMSG : 0;
}

static inline pid_t question_start(struct question *question)
{
	question->test = getpid();
	return task_start(question_ask, question);
}

/* Asks for a user key in a child. */
static inline pid_t ask(const char *description, const char *reads)
{
	struct question question = {
		.description = description, .reads = reads,
	};

	return question_start(&question);
}

/* The same with a helper that would answer, if no service did. */
static inline pid_t ask_either(const char *description, const char *reads)
{
	struct question question = {
		.description = description, .reads = reads,
		.steps = HELPER_ANSWERS,
	};

	return question_start(&question);
}

/* Returns whether the child waits for its key, interruptibly or not. */
static inline bool asker_waits_now(pid_t asker)
{
	char text[512], *after_name;

	task_read(asker, "stat", text, sizeof(text));
	after_name = strrchr(text, ')');
	if (!after_name || (after_name[2] != 'S' && after_name[2] != 'D'))
		return false;
	task_read(asker, "syscall", text, sizeof(text));
	return text[0] >= '0' && text[0] <= '9' &&
	       atol(text) == __NR_request_key;
}

static inline bool asker_waits(pid_t asker)
{
	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 2) {
		if (asker_waits_now(asker))
			return true;
		sleep_ms(2);
	}
	return false;
}

static inline uint64_t namespace_of(pid_t pid, const char *name)
{
	struct stat stat_of;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	return stat(path, &stat_of) ? 0 : stat_of.st_ino;
}

/*
 * Sends a descriptor, with one byte, to the process at the other end of the
 * link.
 */
static inline int send_descriptor(int link, int fd)
{
	char room[CMSG_SPACE(sizeof(fd))] = "", byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *control = CMSG_FIRSTHDR(&message);

	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(control), &fd, sizeof(fd));
	return result(sendmsg(link, &message, 0));
}

/* Returns the descriptor that was sent, or -1. */
static inline int receive_descriptor(int link)
{
	char room[CMSG_SPACE(sizeof(int))] = "", byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	int fd;

	if (recvmsg(link, &message, MSG_CMSG_CLOEXEC) != 1 ||
	    !CMSG_FIRSTHDR(&message))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

#endif /* SELFTESTS_KEYS_KEY_SERVICE_H */
