// SPDX-License-Identifier: GPL-2.0-only
/*
 * A service's information about a request and its requester, and the lifetime
 * of answers.
 */
#include "key_service.h"

#include <sys/ioctl.h>
#include <sys/resource.h>

#include "../kselftest_harness.h"

#define NOBODY		5005
#define OVERFLOW_ID	65534

FIXTURE_WITH_SERVICE(told, service_open())

/* --- flags and ids --------------------------------------------------------- */

/*
 * struct inhabitant - a requester in a user namespace without ids
 * @dumpable: whether it can be traced from there
 * @flags: flags of the record
 */
struct inhabitant {
	bool dumpable;
	uint32_t flags;
};

/* Opens a service in a new user namespace, and requests a key there. */
static int ask_without_ids(const void *arg)
{
	const struct inhabitant *inhabitant = arg;
	struct service_record record;
	pid_t asker;
	int fd, ret;

	if (unshare(CLONE_NEWUSER) ||
	    prctl(PR_SET_DUMPABLE, inhabitant->dumpable))
		return -errno;
	fd = service_open();
	if (fd < 0)
		return fd;
	asker = ask("d", NULL);
	ret = service_next(fd, &record);
	if (ret < 0)
		return ret;
	if (record.head.uid != OVERFLOW_ID || record.head.gid != OVERFLOW_ID ||
	    record.head.payer != OVERFLOW_ID)
		return -ERANGE;
	if (record.head.flags != inhabitant->flags)
		return -EBADMSG;
	if (!record.head.session_keyring !=
	    !!(inhabitant->flags & KEY_SERVICE_REQUEST_WITHHELD))
		return -ENOKEY;
	ret = service_reject(fd, record.head.id, -EACCES, 0);
	return ret ?: task_result(asker) == -EACCES ? 0 : -EPROTO;
}

/* Shows: KS-33. */
TEST_F(told, unmapped_and_foreign)
{
	struct inhabitant inhabitant = {
		.dumpable = true, .flags = KEY_SERVICE_REQUEST_UNMAPPED,
	};

	EXPECT_EQ(0, task_run(ask_without_ids, &inhabitant));
	inhabitant.dumpable = false;
	inhabitant.flags |= KEY_SERVICE_REQUEST_FOREIGN |
			    KEY_SERVICE_REQUEST_WITHHELD;
	EXPECT_EQ(0, task_run(ask_without_ids, &inhabitant));
}

/* Shows: KS-33. */
TEST_F(told, gone)
{
	pid_t asker = ask("d", NULL);

	ASSERT_TRUE(asker_waits(asker));
	kill(asker, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(KEY_SERVICE_REQUEST_GONE, self->record.head.flags);
	EXPECT_EQ(0, self->record.head.pid);
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
}

static int change_file_ids(const void *arg)
{
	return setfsuid(NOBODY) < 0;
}

/* Shows: KS-34. The payer is not the requester's file system uid. */
TEST_F(told, payer)
{
	struct question question = {
		.description = "d", .prepare = change_file_ids,
		.ring = KEY_SPEC_PROCESS_KEYRING,
	};
	pid_t asker = question_start(&question);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(NOBODY, self->record.head.uid);
	EXPECT_EQ(0, self->record.head.payer);
	EXPECT_EQ(0, self->record.head.flags);
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/* --- FIONREAD -------------------------------------------------------------- */

/* Shows: KS-35. */
TEST_F(told, next_size)
{
	int size = -1;
	pid_t asker;

	EXPECT_EQ(0, ioctl(self->fd, FIONREAD, &size));
	EXPECT_EQ(0, size);
	asker = ask("a description", "p");
	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));
	EXPECT_EQ(0, ioctl(self->fd, FIONREAD, &size));
	EXPECT_EQ(size, service_next(self->fd, &self->record));
	EXPECT_EQ(0, ioctl(self->fd, FIONREAD, &size));
	EXPECT_EQ(0, size);
	EXPECT_EQ(-EFAULT, result(ioctl(self->fd, FIONREAD, (void *)1)));
	EXPECT_EQ(-ENOTTY, result(ioctl(self->fd, TIOCOUTQ, &size)));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/* --- a descriptor of the process ------------------------------------------- */

static int pidfd_of(int fd, uint64_t id)
{
	return keyctl(KEYCTL_SERVICE_PIDFD, fd, &id);
}

/* Returns the process of a pidfd, or a negative errno. */
static int process_of(int pidfd)
{
	char path[64], line[128];
	int pid = -ENODATA;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	info = fopen(path, "re");
	while (info && fgets(line, sizeof(line), info))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			break;
	if (info)
		fclose(info);
	return pid;
}

/* Shows: KS-51, KS-52. */
TEST_F(told, pidfd)
{
	pid_t asker = ask("d", "p");
	uint64_t id;
	int pidfd;

	ASSERT_TRUE(asker_waits(asker));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	id = self->record.head.id;
	EXPECT_EQ(-ENOENT, pidfd_of(self->fd, id + 1));
	pidfd = pidfd_of(self->fd, id);
	ASSERT_LE(0, pidfd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(pidfd, F_GETFD));
	EXPECT_EQ(asker, process_of(pidfd));
	close(pidfd);
	EXPECT_EQ(0, service_answer(self->fd, id, "p", 1));
	EXPECT_EQ(-ENOENT, pidfd_of(self->fd, id));
	EXPECT_EQ(0, task_result(asker));
}

/* Shows: KS-52. */
TEST_F(told, pidfd_of_nobody)
{
	pid_t asker = ask("d", NULL);

	ASSERT_TRUE(asker_waits(asker));
	ASSERT_LT(0, service_next(self->fd, &self->record));
	kill(asker, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));
	EXPECT_EQ(-ESRCH, pidfd_of(self->fd, self->record.head.id));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
}

/* struct lent - a service that another process uses, and a request of it */
struct lent {
	int fd;
	uint64_t id;
};

static int pidfd_as_nobody(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	const struct lent *lent = arg;
	int ret = caller_become(&caller);

	return ret ?: pidfd_of(lent->fd, lent->id);
}

static int pidfd_from_below(const void *arg)
{
	const struct lent *lent = arg;
	int status;
	pid_t inside;

	if (unshare(CLONE_NEWPID))
		return -errno;
	inside = fork();
	if (inside == 0)
		_exit(-pidfd_of(lent->fd, lent->id));
	waitpid(inside, &status, 0);
	return -WEXITSTATUS(status);
}

static int pidfd_without_room(const void *arg)
{
	const struct rlimit limit = { 3, 3 };
	const struct lent *lent = arg;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return -EPROTO;
	return pidfd_of(lent->fd, lent->id);
}

/*
 * Shows: KS-52. The caller of KEYCTL_SERVICE_PIDFD needs the rights itself,
 * since a descriptor of the service can be sent to others.
 */
TEST_F(told, pidfd_for_whom)
{
	pid_t asker = ask("d", "p");
	struct lent lent = { .fd = self->fd };

	ASSERT_LT(0, service_next(self->fd, &self->record));
	lent.id = self->record.head.id;
	EXPECT_EQ(-EPERM, task_run(pidfd_as_nobody, &lent));
	EXPECT_EQ(-ESRCH, task_run(pidfd_from_below, &lent));
	EXPECT_EQ(-EMFILE, task_run(pidfd_without_room, &lent));
	EXPECT_EQ(0, service_answer(self->fd, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
}

/* --- lifetime -------------------------------------------------------------- */

static int write_answer(int fd, uint64_t id, int error, uint32_t flags,
			uint32_t lifetime)
{
	struct key_service_answer answer = {
		.id = id, .error = error, .flags = flags, .lifetime = lifetime,
		.payload_len = !error,
	};
	int ret = service_write(fd, &answer, "p");

	return ret < 0 ? ret : 0;
}

/* Requests a key again; returns whether the service was asked. */
static bool asked_again(int fd, const char *name)
{
	pid_t asker = ask(name, "again");
	bool again = service_readable(fd, SOON_MS);

	if (again)
		service_serve(fd, "again");
	task_result(asker);
	return again;
}

/* Shows: KS-46. A lifetime of zero ends a key or a rejection at once. */
TEST_F(told, lifetime_of_zero)
{
	for (int error = 0; error < 2; error++) {
		const char *name = error ? "error" : "payload";
		pid_t asker = ask(name, NULL);

		ASSERT_LT(0, service_next(self->fd, &self->record));
		EXPECT_EQ(0, write_answer(self->fd, self->record.head.id,
					  error ? -EACCES : 0,
					  KEY_SERVICE_ANSWER_LIFETIME, 0));
		EXPECT_EQ(error ? -EACCES : -EKEYEXPIRED, task_result(asker));
	}
	EXPECT_TRUE(asked_again(self->fd, "error"));
}

/*
 * Shows: KS-46. Without a lifetime negative_timeout applies to an error, and a
 * payload does not expire.
 */
TEST_F(told, no_lifetime)
{
	pid_t asker = ask("error", NULL);

	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, write_answer(self->fd, self->record.head.id, -EACCES, 0, 0));
	EXPECT_EQ(-EACCES, task_result(asker));
	EXPECT_FALSE(asked_again(self->fd, "error"));

	ASSERT_EQ(0, set_knob("negative_timeout", "0"));
	asker = ask("forgotten", NULL);
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, write_answer(self->fd, self->record.head.id, -EACCES, 0, 0));
	EXPECT_EQ(-EACCES, task_result(asker));
	EXPECT_TRUE(asked_again(self->fd, "forgotten"));
	EXPECT_EQ(0, set_knob("negative_timeout", "60"));

	asker = ask("payload", "p");
	ASSERT_LT(0, service_next(self->fd, &self->record));
	EXPECT_EQ(0, write_answer(self->fd, self->record.head.id, 0, 0, 0));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_FALSE(asked_again(self->fd, "payload"));
}

/*
 * --- authority that has ended ------------------------------------------------
 */

#define DAEMON_UID	5006
#define ASSUMED		1500
#define LEFT_MAX	50

/* The collector gives room back, and has as long as any task for it. */
static long request_when_there_is_room(const char *name)
{
	long ret = -EDQUOT;

	for (int ms = 0; ms < TASK_LIMIT_MS / 2 && ret == -EDQUOT; ms += 10) {
		ret = key_request("user", name, "", 0);
		if (ret == -EDQUOT)
			sleep_ms(10);
	}
	return ret;
}

/*
 * A user's daemon that assumes the authority over each request and answers it.
 */
static int assume_and_write(const void *arg)
{
	const struct caller caller = {
		.uid = DAEMON_UID, .gid = DAEMON_UID, .stranger = true,
	};
	struct service_record record;
	int fd, ret = caller_become(&caller);
	char name[16];
	pid_t asker;

	if (ret)
		return ret;
	if (prctl(PR_SET_DUMPABLE, 1))
		return -errno;
	fd = service_open_as(KEY_SERVICE_SCOPE_UID, "user", NULL);
	if (fd < 0)
		return fd;
	asker = fork();
	if (asker == 0) {
		for (int i = 0; i < ASSUMED; i++) {
			snprintf(name, sizeof(name), "k%d", i);
			ret = request_when_there_is_room(name);
			if (ret < 0)
				_exit(-ret);
			keyctl(KEYCTL_INVALIDATE, ret);
		}
		_exit(0);
	}
	for (int i = 0; i < ASSUMED && !ret; i++) {
		ret = service_next(fd, &record);
		if (ret > 0)
			ret = service_assume(fd, record.head.id,
					     KEY_SPEC_THREAD_KEYRING);
		if (ret > 0)
			ret = service_answer(fd, record.head.id, "p", 1);
	}
	/* An asker that could not ask says why. */
	if (ret != -ETIMEDOUT || task_ended(asker, 0))
		ret = task_result(asker) ?: ret;
	return ret;
}

/* Returns the number of keys of a user, charged or not. */
static int keys_of(uid_t uid)
{
	FILE *file = fopen("/proc/key-users", "re");
	unsigned int who;
	int usage, keys, found = -1;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%u: %d %d/", &who, &usage, &keys) == 3 &&
		    who == uid)
			found = keys;
	if (file)
		fclose(file);
	return found;
}

static int sleep_after(const void *arg)
{
	int ret = assume_and_write(arg);

	if (write(*(const int *)arg, &ret, sizeof(ret)) != sizeof(ret))
		return -EIO;
	pause();
	return 0;
}

/*
 * Shows: KS-50. The daemon goes on running, and keeps no key of ended requests.
 */
TEST_F(told, authority_is_collected)
{
	int ready[2], ret = -1, left = 0;
	pid_t daemon;

	if (task_is_traced())
		SKIP(return, "untraced only: too many calls to fail one by one");
	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	daemon = task_start(sleep_after, &ready[1]);
	ASSERT_EQ(sizeof(ret), read(ready[0], &ret, sizeof(ret)));
	EXPECT_EQ(0, ret);
	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 10) {
		left = keys_of(DAEMON_UID);
		if (left <= LEFT_MAX)
			break;
		sleep_ms(10);
	}
	EXPECT_GE(LEFT_MAX, left);
	EXPECT_LT(0, left);
	kill(daemon, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(daemon));
}

REQUEST_TEST_MAIN
