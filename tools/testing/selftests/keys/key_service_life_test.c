// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ends of a request other than an answer: no requester hangs, and no request is
 * lost.
 */
#include "key_service.h"

#include <sys/mman.h>

#include "../kselftest_harness.h"

#define TIMEOUT_MS	300
#define NOBODY		5005
#define PER_USER	128

FIXTURE_WITH_SERVICE(life, service_open())

static int service_open_limited(unsigned int timeout_ms,
				unsigned int max_pending)
{
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_USER_NS,
		.type = "user",
		.timeout_ms = timeout_ms,
		.max_pending = max_pending,
	};

	return service_open_with(&params);
}

/* Returns whether a line of /proc/key-requests has this part. */
static bool in_flight(const char *part)
{
	FILE *file = fopen("/proc/key-requests", "re");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, part);
	if (file)
		fclose(file);
	return found;
}

TEST_F(life, in_flight)
{
	pid_t asker = ask("watched", "p");
	char part[64];

	ASSERT_LT(0, service_next(self->fd, &self->record));
	snprintf(part, sizeof(part), " service routed user %08x 0 %d ",
		 self->record.head.key, asker);
	EXPECT_TRUE(in_flight(part));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_FALSE(in_flight(" user watched"));
}

/* Shows: KS-56. The service is closed before the request was read. */
TEST_F(life, closed_with_one_queued)
{
	pid_t asker = ask_either("d", "helper");

	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	close(self->fd);
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-56. The service is closed after the request was read. */
TEST_F(life, closed_with_one_read)
{
	pid_t asker = ask_either("d", "helper");

	ASSERT_LT(0, service_next(self->fd, &self->record));
	close(self->fd);
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-56. */
TEST_F(life, closed_with_many)
{
	pid_t askers[16];
	char name[8];

	for (size_t i = 0; i < ARRAY_SIZE(askers); i++) {
		snprintf(name, sizeof(name), "k%zu", i);
		askers[i] = ask_either(name, "helper");
		ASSERT_TRUE(asker_waits(askers[i]));
		if (i % 2)
			ASSERT_LT(0, service_next(self->fd, &self->record));
	}
	close(self->fd);
	for (size_t i = 0; i < ARRAY_SIZE(askers); i++)
		EXPECT_EQ(0, task_result(askers[i]));
}

/*
 * Shows: KS-56. The helper runs with the requester's keyrings, whichever
 * process closed the service.
 */
TEST_F(life, closed_and_helper_refuses)
{
	struct question question = {
		.description = "d", .steps = "V;P;A;Qalso,0;X1",
	};
	char part[64];
	pid_t asker;

	ASSERT_LT(0, key_add_user("also", "p", 1));
	asker = question_start(&question);
	ASSERT_LT(0, service_next(self->fd, &self->record));
	close(self->fd);
	EXPECT_EQ(0, script_result(&self->script, 'V', &self->report));
	snprintf(part, sizeof(part), "|create|%d|0|0|0|0|%d",
		 self->record.head.key, self->session);
	EXPECT_NE(NULL, strstr(self->report.text, part));
	EXPECT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_LT(0, script_result(&self->script, 'Q', &self->report));
	EXPECT_EQ(-ENOKEY, task_result(asker));
}

/*
 * Shows: KS-56. When the first of two services closes, the second one gets its
 * requests.
 */
TEST_F(life, closed_with_another)
{
	int other = service_open();
	pid_t asker = ask("d", "p");
	uint64_t id;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	id = self->record.head.id;
	EXPECT_FALSE(service_readable(other, SOON_MS));
	close(self->fd);
	ASSERT_LT(0, service_next(other, &self->record));
	EXPECT_EQ(id, self->record.head.id);
	EXPECT_EQ(0, service_answer(other, id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, script_count(&self->script));
	close(other);
}

/*
 * A service that was opened later does not get the request: a request that
 * kills daemons must end.
 */
TEST_F(life, closed_with_a_newer_one)
{
	pid_t asker = ask_either("d", "helper");
	int newer;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	newer = service_open();
	ASSERT_LE(0, newer);
	close(self->fd);
	EXPECT_EQ(0, task_result(asker));
	EXPECT_FALSE(service_readable(newer, 0));
	close(newer);
}

static int serve_and_die(const void *arg)
{
	struct service_record record;
	int fd = service_open();

	if (service_next(fd, &record) < 0)
		return -EPROTO;
	raise(SIGKILL);
	return 0;
}

/* Shows: KS-56. */
TEST_F(life, daemon_killed)
{
	pid_t daemon, asker;

	close(self->fd);
	daemon = task_start(serve_and_die, NULL);
	sleep_ms(SOON_MS);
	asker = ask_either("d", "helper");
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(daemon));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * struct shared - memory that a reader shares with the test
 * @fd:		the service
 * @record: the record that it has read
 */
struct shared {
	int fd;
	struct service_record record;
};

static int read_and_die(const void *arg)
{
	struct shared *shared = (void *)arg;

	if (service_next(shared->fd, &shared->record) < 0)
		return -EPROTO;
	raise(SIGKILL);
	return 0;
}

/*
 * Shows: KS-58. A request of a dead reader is read by another one, who can
 * answer it.
 */
TEST_F(life, reader_killed)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t asker = ask("d", "p"), reader;

	ASSERT_NE(MAP_FAILED, shared);
	shared->fd = self->fd;
	reader = task_start(read_and_die, shared);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(reader));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(shared->record.head.id, self->record.head.id);
	EXPECT_EQ(KEY_SERVICE_REQUEST_AGAIN, self->record.head.flags);
	EXPECT_EQ(0, shared->record.head.flags);
	EXPECT_FALSE(task_ended(asker, 0));
	EXPECT_EQ(0, service_answer(self->fd, shared->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

TEST_F(life, requester_killed)
{
	pid_t asker = ask("watched", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	ASSERT_TRUE(asker_waits(asker));
	kill(asker, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	EXPECT_TRUE(in_flight(" service abandoned user "));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_LT(0, key_request("user", "watched", NULL, 0));
}

/* Shows: KS-33. */
TEST_F(life, requester_killed_before_the_read)
{
	pid_t asker = ask("d", NULL);

	ASSERT_TRUE(asker_waits(asker));
	kill(asker, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, self->record.head.pid);
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_LT(0, key_request("user", "d", NULL, 0));
}

/* A signal with SA_RESTART does not end the wait, as on the helper's route. */
static void no_action(int sig)
{
}

static int handle_signal(const void *arg)
{
	struct sigaction action = {
		.sa_handler = no_action, .sa_flags = SA_RESTART,
	};

	return sigaction(SIGUSR1, &action, NULL);
}

TEST_F(life, requester_signalled)
{
	struct question question = {
		.description = "d", .prepare = handle_signal, .reads = "p",
	};
	pid_t asker = question_start(&question);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	ASSERT_TRUE(asker_waits(asker));
	kill(asker, SIGUSR1);
	EXPECT_FALSE(task_ended(asker, SOON_MS));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-60. */
TEST_F(life, timeout)
{
	pid_t asker;
	long begun;
	int fd;

	close(self->fd);
	self->fd = -1;
	fd = service_open_limited(TIMEOUT_MS, 0);
	begun = now_ms();
	asker = ask("d", NULL);
	ASSERT_LT(0, service_next(fd, &self->record));
	EXPECT_GE(TIMEOUT_MS + 10, (int64_t)self->record.head.deadline /
		  1000000 - begun - (now_ms() - begun));
	EXPECT_EQ(-ETIMEDOUT, task_result(asker));
	EXPECT_LE(TIMEOUT_MS, now_ms() - begun);

	/*
	 * The late answer has no effect, and the error is remembered for a
	 * while.
	 */
	EXPECT_EQ(-ENOENT, service_answer(fd, self->record.head.id, "p", 1));
	EXPECT_EQ(-ENOENT, service_assume(fd, self->record.head.id,
					  KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(-ETIMEDOUT, key_request("user", "d", "", 0));
	EXPECT_EQ(0, script_count(&self->script));
	close(fd);
}

/* Shows: KS-60. */
TEST_F(life, timeout_unread)
{
	pid_t asker;
	int fd;

	close(self->fd);
	self->fd = -1;
	fd = service_open_limited(TIMEOUT_MS, 0);
	asker = ask("d", NULL);
	EXPECT_EQ(-ETIMEDOUT, task_result(asker));
	EXPECT_FALSE(service_readable(fd, 0));
	close(fd);
}

/*
 * The service's time limit does not count after it has passed the request on.
 */
TEST_F(life, timeout_of_a_closed_service)
{
	struct question question = {
		.description = "d", .steps = "S700;" HELPER_ANSWERS,
		.reads = "helper",
	};
	pid_t asker;
	int fd;

	close(self->fd);
	self->fd = -1;
	fd = service_open_limited(TIMEOUT_MS, 0);
	asker = question_start(&question);
	ASSERT_LT(0, service_next(fd, &self->record));
	close(fd);
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-54. */
TEST_F(life, max_pending)
{
	pid_t askers[3];
	int fd;

	close(self->fd);
	self->fd = -1;
	fd = service_open_limited(0, 2);
	askers[0] = ask_either("a", "service");
	ASSERT_TRUE(asker_waits(askers[0]));
	askers[1] = ask_either("b", "service");
	ASSERT_TRUE(asker_waits(askers[1]));
	askers[2] = ask_either("c", "helper");
	EXPECT_EQ(-EBUSY, task_result(askers[2]));

	/* A request that was read counts until it is answered. */
	ASSERT_LT(0, service_next(fd, &self->record));
	askers[2] = ask_either("d", "helper");
	EXPECT_EQ(-EBUSY, task_result(askers[2]));
	EXPECT_EQ(0, service_answer(fd, self->record.head.id, "service", 7));
	EXPECT_EQ(0, task_result(askers[0]));
	askers[2] = ask_either("e", "service");
	EXPECT_EQ(0, service_serve(fd, "service"));
	EXPECT_EQ(0, service_serve(fd, "service"));
	EXPECT_EQ(0, task_result(askers[1]));
	EXPECT_EQ(0, task_result(askers[2]));
	close(fd);
}

static int become_nobody(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };

	return caller_become(&caller);
}

/*
 * Shows: KS-53, KS-54. One user cannot fill a service: beyond the user's share
 * requests take the next route.
 */
TEST_F(life, pending_for_a_user)
{
	struct question question = {
		.prepare = become_nobody, .steps = HELPER_ANSWERS,
	};
	static pid_t askers[PER_USER];
	pid_t asker;
	char name[16];

	for (int i = 0; i < PER_USER; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		question.description = name;
		askers[i] = question_start(&question);
	}
	for (int i = 0; i < PER_USER; i++)
		ASSERT_TRUE(asker_waits(askers[i]));
	question.description = "one too many";
	question.reads = "helper";
	asker = question_start(&question);
	EXPECT_EQ(-EBUSY, task_result(asker));

	/* Requests of other users are not affected. */
	asker = ask("another user's", "p");
	for (int i = 0; i < PER_USER + 1; i++)
		EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	for (int i = 0; i < PER_USER; i++)
		EXPECT_EQ(0, task_result(askers[i]));
	question.reads = "p";
	question.description = "after";
	asker = question_start(&question);
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
}

struct ending {
	int operation;
	key_serial_t key;
};

static int end_key(const void *arg)
{
	const struct ending *ending = arg;

	return keyctl(ending->operation, ending->key);
}

/* Programs can revoke a key only once it is made, and wait for that. */
TEST_F(life, key_revoked_or_invalidated)
{
	static const struct {
		int operation, state;
	} ends[] = {
		{ KEYCTL_REVOKE, -EKEYREVOKED }, { KEYCTL_INVALIDATE, -ENOKEY },
	};
	char name[] = "a";

	if (task_is_traced())
		SKIP(return, "untraced only: who asks again is told of another end");
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct ending ending = { .operation = ends[i].operation };
		pid_t asker = ask(name, NULL), ender;
		int ret;

		ASSERT_LT(0, service_next(self->fd, &self->record));
		ending.key = self->record.head.key;
		ender = task_start(end_key, &ending);
		ASSERT_TRUE(task_sleeps_in(ender, __NR_keyctl));
		EXPECT_EQ(0, service_answer(self->fd, self->record.head.id,
					    "p", 1));
		EXPECT_EQ(0, task_result(ender));
		ret = task_result(asker);
		EXPECT_TRUE(ret == 0 || ret == ends[i].state);
		EXPECT_EQ(ends[i].state, key_wait_state(ending.key,
							ends[i].state));
		name[0]++;
	}
}

TEST_F(life, key_unlinked)
{
	pid_t asker = ask("d", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, keyctl(KEYCTL_CLEAR, self->session));
	sleep_ms(SOON_MS);
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/* The loss of the authority does not end the request. */
TEST_F(life, authority_destroyed)
{
	char name[] = "a";

	for (int unlink = 0; unlink < 2; unlink++) {
		pid_t asker = ask(name, "p");
		key_serial_t authkey;

		ASSERT_LT(0, service_next(self->fd, &self->record));
		authkey = service_assume(self->fd, self->record.head.id,
					 KEY_SPEC_THREAD_KEYRING);
		ASSERT_LT(0, authkey);
		EXPECT_EQ(0, unlink ? keyctl(KEYCTL_CLEAR,
					     KEY_SPEC_THREAD_KEYRING) :
				      key_invalidate(authkey));
		EXPECT_FALSE(task_ended(asker, SOON_MS));
		EXPECT_GT(0, keyctl(KEYCTL_ASSUME_AUTHORITY,
				    self->record.head.key));
		EXPECT_LT(0, service_assume(self->fd, self->record.head.id,
					    KEY_SPEC_THREAD_KEYRING));
		EXPECT_LT(0, keyctl(KEYCTL_ASSUME_AUTHORITY,
				    self->record.head.key));
		EXPECT_EQ(0, service_answer(self->fd, self->record.head.id,
					    "p", 1));
		EXPECT_EQ(0, task_result(asker));
		keyctl(KEYCTL_ASSUME_AUTHORITY, 0);
		name[0]++;
	}
}

static int assume_and_end(const void *arg)
{
	struct service_record record;
	long ret = service_next(*(const int *)arg, &record);

	if (ret < 0)
		return ret;
	ret = service_assume(*(const int *)arg, record.head.id,
			     KEY_SPEC_PROCESS_KEYRING);
	if (ret < 0)
		return ret;
	ret = keyctl(KEYCTL_ASSUME_AUTHORITY, record.head.key);
	return ret < 0 ? ret : 0;
}

/* A handler that ends without an answer leaves the request to the service. */
TEST_F(life, handler_ends)
{
	int fd = service_open_limited(TIMEOUT_MS, 0);
	pid_t asker, handler;

	close(self->fd);
	self->fd = -1;
	asker = ask("d", NULL);
	handler = task_start(assume_and_end, &fd);
	EXPECT_EQ(0, task_result(handler));
	EXPECT_EQ(-ETIMEDOUT, task_result(asker));
	close(fd);
}

/* The authority that a service has given ends with the service. */
TEST_F(life, closed_after_assume)
{
	pid_t asker = ask_either("d", "helper");
	key_serial_t key;

	ASSERT_LT(0, service_next(self->fd, &self->record));
	key = self->record.head.key;
	ASSERT_LT(0, service_assume(self->fd, self->record.head.id,
				    KEY_SPEC_THREAD_KEYRING));
	ASSERT_LT(0, keyctl(KEYCTL_ASSUME_AUTHORITY, key));
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(-EKEYREVOKED, keyctl(KEYCTL_INSTANTIATE, key, "p", 1, 0));
}

static int serve_what_is_sent(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	int ret = caller_become(&caller);

	return ret ?: service_serve(receive_descriptor(*(const int *)arg),
				    "p");
}

/*
 * Shows: KS-59. A service whose descriptor was sent to another process keeps
 * its opener's identity.
 */
TEST_F(life, passed_on)
{
	pid_t server, asker;
	int link[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link));
	server = task_start(serve_what_is_sent, &link[1]);
	ASSERT_EQ(1, send_descriptor(link[0], self->fd));
	asker = ask("d", "p");
	EXPECT_EQ(0, task_result(server));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-56. A descriptor that nobody can receive any more is closed. */
TEST_F(life, lost_on_the_way)
{
	pid_t asker = ask_either("d", "helper");
	int link[2];

	ASSERT_LT(0, service_next(self->fd, &self->record));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link));
	ASSERT_EQ(1, send_descriptor(link[0], self->fd));
	close(self->fd);
	self->fd = -1;
	EXPECT_FALSE(task_ended(asker, SOON_MS));
	close(link[0]);
	close(link[1]);
	EXPECT_EQ(0, task_result(asker));
}

static int serve_inherited(const void *arg)
{
	return service_serve(*(const int *)arg, "p");
}

/* Shows: KS-56, KS-59. Only the last close counts. */
TEST_F(life, fork_and_dup)
{
	int copy = dup(self->fd);
	pid_t child, asker;

	child = task_start(serve_inherited, &self->fd);
	close(self->fd);
	self->fd = -1;
	asker = ask("d", "p");
	EXPECT_EQ(0, task_result(child));
	EXPECT_EQ(0, task_result(asker));
	asker = ask("e", "p");
	EXPECT_EQ(0, service_serve(copy, "p"));
	EXPECT_EQ(0, task_result(asker));
	close(copy);
	asker = ask_either("f", "helper");
	EXPECT_EQ(0, task_result(asker));
}

static int read_and_exec(const void *arg)
{
	struct service_record record;
	int fd = service_open();

	if (service_next(fd, &record) < 0)
		return -EPROTO;
	execl("/proc/self/exe", "test", "-l", NULL);
	return -errno;
}

/* Shows: KS-56. A program that is executed does not inherit the descriptor. */
TEST_F(life, exec)
{
	pid_t daemon, asker;

	close(self->fd);
	self->fd = -1;
	daemon = task_start(read_and_exec, NULL);
	sleep_ms(SOON_MS);
	asker = ask_either("d", "helper");
	EXPECT_EQ(0, task_result(asker));
	task_result(daemon);
}

static int read_and_end(const void *arg)
{
	struct service_record record;
	int ret = result(read(*(const int *)arg, &record, RECORD_SIZE));

	return ret < 0 ? ret : 0;
}

/*
 * A task that sleeps in read() keeps the service open, and closes it when it
 * ends.
 */
TEST_F(life, last_reader_ends)
{
	pid_t reader = task_start(read_and_end, &self->fd), asker;

	ASSERT_TRUE(task_sleeps_in(reader, __NR_read));
	close(self->fd);
	self->fd = -1;
	asker = ask_either("d", "helper");
	EXPECT_EQ(0, task_result(reader));
	EXPECT_EQ(0, task_result(asker));
}

/*
 * If the reader of a service itself requests a key from the service, the
 * request times out.
 */
TEST_F(life, asks_itself)
{
	int fd;

	close(self->fd);
	self->fd = -1;
	fd = service_open_limited(TIMEOUT_MS, 0);
	EXPECT_EQ(-ETIMEDOUT, key_request("user", "d", "", 0));
	close(fd);
}

REQUEST_TEST_MAIN
