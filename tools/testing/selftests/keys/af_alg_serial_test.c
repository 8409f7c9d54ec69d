// SPDX-License-Identifier: GPL-2.0-only
/* ALG_SET_KEY_BY_KEY_SERIAL: kinds of serials, and states of the key. */
#include "kernel.h"
#include "upcall.h"

#include "../kselftest_harness.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static const char bytes[] = { '0', '1', '2', '3', '4', '5', '6', '7',
			      '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };
static const char others[] = { 'f', 'e', 'd', 'c', 'b', 'a', '9', '8',
			       '7', '6', '5', '4', '3', '2', '1', '0' };

/* A call of the option that a child makes. */
struct set_call {
	int fd;
	key_serial_t serial;
};

static int set_serial(const void *arg)
{
	const struct set_call *call = arg;

	return alg_set_serial(call->fd, call->serial);
}

FIXTURE(special)
{
	int fd;
};

FIXTURE_VARIANT(special)
{
	key_serial_t serial;
	int error;
};

FIXTURE_VARIANT_ADD(special, zero) { 0, -EINVAL };
FIXTURE_VARIANT_ADD(special, group_keyring) { KEY_SPEC_GROUP_KEYRING, -EINVAL };
FIXTURE_VARIANT_ADD(special, minus_9) { -9, -EINVAL };
FIXTURE_VARIANT_ADD(special, minus_10) { -10, -EINVAL };
FIXTURE_VARIANT_ADD(special, smallest) { INT32_MIN, -EINVAL };

FIXTURE_VARIANT_ADD(special, no_thread_keyring) {
	KEY_SPEC_THREAD_KEYRING, -ENOKEY
};

FIXTURE_VARIANT_ADD(special, no_process_keyring) {
	KEY_SPEC_PROCESS_KEYRING, -ENOKEY
};

FIXTURE_VARIANT_ADD(special, session_keyring) {
	KEY_SPEC_SESSION_KEYRING, -ENOPROTOOPT
};

FIXTURE_VARIANT_ADD(special, user_keyring) {
	KEY_SPEC_USER_KEYRING, -ENOPROTOOPT
};

FIXTURE_VARIANT_ADD(special, user_session_keyring) {
	KEY_SPEC_USER_SESSION_KEYRING, -ENOPROTOOPT
};

FIXTURE_VARIANT_ADD(special, no_auth_key) {
	KEY_SPEC_REQKEY_AUTH_KEY, -ENOKEY
};

FIXTURE_VARIANT_ADD(special, no_requestor_keyring) {
	KEY_SPEC_REQUESTOR_KEYRING, -ENOKEY
};

FIXTURE_SETUP(special)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
}

FIXTURE_TEARDOWN(special)
{
	close(self->fd);
}

/*
 * Shows: AA-19..22. The kernel resolves special values; none leads to a usable
 * key.
 */
TEST_F(special, refused)
{
	EXPECT_EQ(variant->error, alg_set_serial(self->fd, variant->serial));
	EXPECT_EQ(-ENOKEY, alg_fingerprint(self->fd, &alg_hmac).len);
}

FIXTURE(task_keyring)
{
	int fd;
};

FIXTURE_VARIANT(task_keyring)
{
	key_serial_t serial;
};

FIXTURE_VARIANT_ADD(task_keyring, thread) { KEY_SPEC_THREAD_KEYRING };
FIXTURE_VARIANT_ADD(task_keyring, process) { KEY_SPEC_PROCESS_KEYRING };

FIXTURE_SETUP(task_keyring)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
}

FIXTURE_TEARDOWN(task_keyring)
{
	close(self->fd);
}

/* Shows: AA-20. The option makes no keyring that does not exist. */
TEST_F(task_keyring, not_created)
{
	EXPECT_EQ(-ENOKEY, alg_set_serial(self->fd, variant->serial));
	EXPECT_EQ(-ENOKEY, keyctl(KEYCTL_GET_KEYRING_ID, variant->serial, 0));
}

/*
 * Shows: AA-20. The option finds an existing keyring, which is no usable key.
 */
TEST_F(task_keyring, found)
{
	ASSERT_LT(0, keyctl(KEYCTL_GET_KEYRING_ID, variant->serial, 1));
	EXPECT_EQ(-ENOPROTOOPT, alg_set_serial(self->fd, variant->serial));
}

/* True if the caller may see a key whose line in /proc/keys holds @text. */
static bool sees_key(int proc, const char *text)
{
	int fd = openat(proc, "keys", O_RDONLY | O_CLOEXEC);
	FILE *file = fdopen(fd, "r");
	char line[512];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, text);
	fclose(file);
	return found;
}

/* A user id that owns no key and no keyring. */
static uid_t unused_uid(void)
{
	char line[256];
	uid_t uid = 61000, seen;
	FILE *file = fopen("/proc/key-users", "re");

	if (!file)
		return uid;
	while (fgets(line, sizeof(line), file)) {
		seen = strtoul(line, NULL, 10);
		if (seen >= uid)
			uid = seen + 1;
	}
	fclose(file);
	return uid;
}

FIXTURE(new_user)
{
	int fd;
	int proc;
	char user_keyring[32];
	char user_session[32];
};

FIXTURE_VARIANT(new_user)
{
	key_serial_t serial;
};

FIXTURE_VARIANT_ADD(new_user, session_keyring) { KEY_SPEC_SESSION_KEYRING };
FIXTURE_VARIANT_ADD(new_user, user_keyring) { KEY_SPEC_USER_KEYRING };

FIXTURE_VARIANT_ADD(new_user, user_session_keyring) {
	KEY_SPEC_USER_SESSION_KEYRING
};

/*
 * The child joins no session, since the tests need a process without one.  Its
 * working folder is a path that the new user can reach.
 */
FIXTURE_SETUP(new_user)
{
	struct caller user = {};

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	self->proc = open("/proc", O_PATH | O_CLOEXEC);
	ASSERT_LE(0, self->proc);
	user.uid = unused_uid();
	user.gid = user.uid;
	snprintf(self->user_keyring, sizeof(self->user_keyring), " _uid.%u:",
		 user.uid);
	snprintf(self->user_session, sizeof(self->user_session),
		 " _uid_ses.%u:", user.uid);
	ASSERT_EQ(0, caller_become(&user));
}

FIXTURE_TEARDOWN(new_user)
{
	close(self->fd);
}

/*
 * Shows: AA-21. Resolving the serial of a user's keyring makes that keyring.
 * An inherited session keyring is used; without one, the user session keyring
 * replaces it.
 */
TEST_F(new_user, keyrings_appear)
{
	bool inherited = sees_key(self->proc, "keyring");
	bool expected = variant->serial != KEY_SPEC_SESSION_KEYRING ||
			!inherited;

	ASSERT_FALSE(sees_key(self->proc, self->user_keyring));
	ASSERT_FALSE(sees_key(self->proc, self->user_session));
	EXPECT_EQ(-ENOPROTOOPT, alg_set_serial(self->fd, variant->serial));
	EXPECT_EQ(expected, sees_key(self->proc, self->user_keyring));
	EXPECT_EQ(expected, sees_key(self->proc, self->user_session));
}

FIXTURE(key)
{
	int fd;
	key_serial_t key;
};

FIXTURE_SETUP(key)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	self->key = key_add_user("key", bytes, sizeof(bytes));
	ASSERT_LT(0, self->key);
}

FIXTURE_TEARDOWN(key)
{
	close(self->fd);
}

/* Shows: AA-23. */
TEST_F(key, no_such_serial)
{
	EXPECT_EQ(-ENOKEY, alg_set_serial(self->fd, key_unused_serial()));
}

/* Shows: AA-23. The last link is the key's last reference. */
TEST_F(key, unlinked)
{
	ASSERT_EQ(0, key_unlink(self->key, KEY_SPEC_SESSION_KEYRING));
	/* The keyring drops its reference after a grace period. */
	ASSERT_EQ(-ENOKEY, key_wait_state(self->key, -ENOKEY));
	EXPECT_EQ(-ENOKEY, alg_set_serial(self->fd, self->key));
}

static int set_in_new_namespaces(const void *arg)
{
	const struct set_call *call = arg;
	int fd, err;

	if (session_new() < 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return -errno;
	fd = alg_open(&alg_hmac);
	if (fd < 0)
		return fd;
	err = alg_set_serial(fd, call->serial);
	if (err)
		return err;
	return alg_has_key(fd, &alg_hmac, bytes, sizeof(bytes)) ? 0 : -EIO;
}

/*
 * Shows: AA-24. Serials are global: a socket of another network namespace and
 * a caller of another user namespace name the same key.
 */
TEST_F(key, other_namespaces)
{
	struct set_call call = { .serial = self->key };

	ASSERT_EQ(0, key_set_rights(self->key, OWNER(RIGHT_SEARCH)));
	EXPECT_EQ(0, task_run(set_in_new_namespaces, &call));
}

/* Shows: AA-25. */
TEST_F(key, revoked)
{
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, alg_set_serial(self->fd, self->key));
}

/* Shows: AA-26. */
TEST_F(key, invalidated)
{
	ASSERT_EQ(0, key_invalidate(self->key));
	EXPECT_EQ(-ENOKEY, alg_set_serial(self->fd, self->key));
}

/* Shows: AA-26. */
TEST_F(key, expired)
{
	ASSERT_EQ(0, key_set_to_expire(self->key));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(self->key));
	EXPECT_EQ(-EKEYEXPIRED, alg_set_serial(self->fd, self->key));
}

FIXTURE(construction)
{
	int fd;
	struct upcall upcall;
	struct set_call call;
};

FIXTURE_SETUP(construction)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, upcall_start(&self->upcall, KEY_SPEC_SESSION_KEYRING));
	self->call.fd = self->fd;
	self->call.serial = self->upcall.key;
}

FIXTURE_TEARDOWN(construction)
{
	close(self->fd);
}

static bool has_bytes(int fd)
{
	return alg_has_key(fd, &alg_hmac, bytes, sizeof(bytes));
}

/* Returns a child that waits in the option call, or 0. */
static pid_t start_waiter(const struct set_call *call)
{
	pid_t waiter = task_start(set_serial, call);

	return task_sleeps_in(waiter, __NR_setsockopt) ? waiter : 0;
}

/* Shows: AA-27. The option waits for a key under construction. */
TEST_F(construction, waits_for_key)
{
	pid_t waiter = start_waiter(&self->call);

	ASSERT_NE(0, waiter);
	EXPECT_FALSE(task_ended(waiter, 20));
	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(0, task_result(waiter));
	EXPECT_EQ(0, upcall_end(&self->upcall));
	EXPECT_TRUE(has_bytes(self->fd));
}

/* Shows: AA-27. Two sockets may wait for one key. */
TEST_F(construction, two_wait)
{
	struct set_call call = self->call;
	pid_t first, second;

	OPEN_ALG(return, call.fd, &alg_cbc);
	first = start_waiter(&self->call);
	ASSERT_NE(0, first);
	second = task_start(set_serial, &call);
	ASSERT_TRUE(task_sleeps_in(second, __NR_setsockopt));

	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(0, task_result(first));
	EXPECT_EQ(0, task_result(second));
	EXPECT_TRUE(has_bytes(self->fd));
	EXPECT_TRUE(alg_has_key(call.fd, &alg_cbc, bytes, sizeof(bytes)));
}

static int handled[2];

static void handle(int sig)
{
	char byte = sig;

	if (write(handled[1], &byte, sizeof(byte)) < 0)
		_exit(EXIT_FAILURE);
}

static int set_with_handler(const struct set_call *call, int flags)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = flags };

	if (sigaction(SIGUSR1, &action, NULL))
		return -errno;
	return set_serial(call);
}

static int set_interruptible(const void *arg)
{
	return set_with_handler(arg, 0);
}

static int set_restartable(const void *arg)
{
	return set_with_handler(arg, SA_RESTART);
}

/* Shows: AA-28. Without SA_RESTART a handler ends the wait. */
TEST_F(construction, interrupted)
{
	pid_t waiter;

	ASSERT_EQ(0, pipe(handled));
	waiter = task_start(set_interruptible, &self->call);
	ASSERT_TRUE(task_sleeps_in(waiter, __NR_setsockopt));
	ASSERT_EQ(0, kill(waiter, SIGUSR1));
	EXPECT_EQ(-EINTR, task_result(waiter));

	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->upcall.key));
}

/*
 * Shows: AA-28. With SA_RESTART the call goes on waiting when the handler
 * returns.
 */
TEST_F(construction, restarted)
{
	pid_t waiter;
	char byte;

	ASSERT_EQ(0, pipe(handled));
	waiter = task_start(set_restartable, &self->call);
	ASSERT_TRUE(task_sleeps_in(waiter, __NR_setsockopt));
	ASSERT_EQ(0, kill(waiter, SIGUSR1));
	ASSERT_EQ(1, read(handled[0], &byte, sizeof(byte)));
	ASSERT_TRUE(task_sleeps_in(waiter, __NR_setsockopt));

	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(0, task_result(waiter));
	EXPECT_TRUE(has_bytes(self->fd));
}

/*
 * Shows: AA-28. A caller can be killed while it waits for a key that does not
 * come.
 */
TEST_F(construction, killed)
{
	pid_t waiter = start_waiter(&self->call);

	ASSERT_NE(0, waiter);
	ASSERT_EQ(0, kill(waiter, SIGKILL));
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(waiter));

	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->upcall.key));
	EXPECT_TRUE(has_bytes(self->fd));
}

static int set_with_alarm(const void *arg)
{
	ualarm(20000, 0);
	return set_serial(arg);
}

/* Shows: AA-28. A caller can limit its wait by a timer. */
TEST_F(construction, alarm)
{
	EXPECT_EQ(TASK_KILLED(SIGALRM), task_run(set_with_alarm, &self->call));
}

/* Shows: AA-29. A waiting caller gets the same rejection as a later one. */
TEST_F(construction, negated)
{
	pid_t waiter = start_waiter(&self->call);

	ASSERT_NE(0, waiter);
	EXPECT_EQ(0, upcall_reject(&self->upcall, 60, ENOKEY));
	EXPECT_EQ(-ENOKEY, task_result(waiter));
	EXPECT_EQ(-ENOKEY, alg_set_serial(self->fd, self->upcall.key));
	EXPECT_EQ(-ENOKEY, upcall_end(&self->upcall));
}

/* Shows: AA-29. A program that ends without an answer negates the key. */
TEST_F(construction, abandoned)
{
	pid_t waiter = start_waiter(&self->call);

	ASSERT_NE(0, waiter);
	EXPECT_EQ(-ENOKEY, upcall_end(&self->upcall));
	EXPECT_EQ(-ENOKEY, task_result(waiter));
	EXPECT_EQ(-ENOKEY, alg_set_serial(self->fd, self->upcall.key));
}

/*
 * Shows: AA-30. The option returns the error number of the rejection unchanged,
 * even a number that the kernel does not know.
 */
TEST_F(construction, rejected)
{
	static const int errors[] = {
		EKEYREJECTED, EKEYREVOKED, EKEYEXPIRED, EACCES, EBUSY, EINVAL,
		ENOPROTOOPT, EHWPOISON,
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		if (i > 0)
			ASSERT_EQ(0, upcall_start(&self->upcall,
						  KEY_SPEC_SESSION_KEYRING));
		EXPECT_EQ(0, upcall_reject(&self->upcall, 60, errors[i]));
		EXPECT_EQ(-errors[i],
			  alg_set_serial(self->fd, self->upcall.key));
		upcall_end(&self->upcall);
		ASSERT_EQ(0, keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING));
	}
}

/*
 * Shows: AA-22. In a helper both special values exist: one is a key of a type
 * that AF_ALG does not take, the other is a keyring.
 */
TEST_F(construction, authority_is_no_key)
{
	EXPECT_EQ(-ENOPROTOOPT, upcall_try_serial(&self->upcall,
						  KEY_SPEC_REQKEY_AUTH_KEY));
	EXPECT_EQ(-ENOPROTOOPT, upcall_try_serial(&self->upcall,
						  KEY_SPEC_REQUESTOR_KEYRING));
}

#define LOCK_FREE "ours only: others hold the socket lock while they wait"

static int set_others(const void *arg)
{
	const struct set_call *call = arg;

	return alg_set_key(call->fd, others, sizeof(others));
}

static int bind_cbc(const void *arg)
{
	const struct set_call *call = arg;

	return alg_bind(call->fd, &alg_cbc);
}

static int accept_and_close(const void *arg)
{
	const struct set_call *call = arg;
	int op = alg_accept(call->fd);

	if (op < 0)
		return op;
	return close(op);
}

static int use_op(const void *arg)
{
	const int *op = arg;
	ssize_t len = alg_fingerprint_op(*op, &alg_hmac).len;

	return len < 0 ? len : 0;
}

/*
 * Shows: AA-27. A call that waits for a key does not block other calls on the
 * socket.  The waiting call finishes last, so the socket has its key in the
 * end.
 */
TEST_F(construction, others_go_on)
{
	pid_t waiter;
	int op;

	SKIP_IF(return, lacks_ours(LOCK_FREE));
	op = alg_accept(self->fd);
	ASSERT_LE(0, op);
	waiter = start_waiter(&self->call);
	ASSERT_NE(0, waiter);

	ASSERT_EQ(0, task_run(accept_and_close, &self->call));
	ASSERT_EQ(-ENOKEY, task_run(use_op, &op));
	ASSERT_EQ(0, task_run(set_others, &self->call));
	ASSERT_EQ(0, task_run(accept_and_close, &self->call));
	EXPECT_TRUE(task_sleeps_in(waiter, __NR_setsockopt));

	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(0, task_result(waiter));
	EXPECT_TRUE(has_bytes(self->fd));
}

/* Shows: AA-9, AA-27. The socket's state is checked after the wait. */
TEST_F(construction, busy_after_wait)
{
	pid_t waiter;
	int op;

	SKIP_IF(return, lacks_ours(LOCK_FREE));
	waiter = start_waiter(&self->call);
	ASSERT_NE(0, waiter);
	ASSERT_EQ(0, task_run(set_others, &self->call));
	op = alg_accept(self->fd);
	ASSERT_LE(0, op);

	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(-EBUSY, task_result(waiter));
	close(op);
	EXPECT_TRUE(alg_has_key(self->fd, &alg_hmac, others, sizeof(others)));
}

/*
 * Shows: AA-11, AA-27. The same holds for a socket whose first use happens
 * during the wait.
 */
TEST_F(construction, used_after_wait)
{
	pid_t waiter;
	int op;

	SKIP_IF(return, lacks_ours(LOCK_FREE));
	op = alg_accept(self->fd);
	ASSERT_LE(0, op);
	waiter = start_waiter(&self->call);
	ASSERT_NE(0, waiter);
	ASSERT_EQ(0, task_run(set_others, &self->call));
	ASSERT_EQ(0, task_run(use_op, &op));

	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(-EBUSY, task_result(waiter));
}

/*
 * Shows: AA-27. The key goes to the algorithm that is bound at the end of the
 * wait.
 */
TEST_F(construction, bound_anew_after_wait)
{
	pid_t waiter;
	int probe;

	SKIP_IF(return, lacks_ours(LOCK_FREE));
	OPEN_ALG(return, probe, &alg_cbc);
	close(probe);
	waiter = start_waiter(&self->call);
	ASSERT_NE(0, waiter);
	ASSERT_EQ(0, task_run(bind_cbc, &self->call));

	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(0, task_result(waiter));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_cbc, bytes, sizeof(bytes)));
}

/*
 * struct sharer - a thread that makes the call on the same descriptors
 * @call:	the call
 * @id:		the thread, once it runs
 * @result:	what the call returned
 */
struct sharer {
	struct set_call call;
	atomic_int id;
	int result;
};

static void *set_in_thread(void *arg)
{
	struct sharer *sharer = arg;

	sharer->id = gettid();
	sharer->result = set_serial(&sharer->call);
	return NULL;
}

/*
 * Shows: AA-27. The call's own reference keeps the socket alive when its only
 * descriptor is closed.  A thread closes it, since a child would have a
 * descriptor of its own.
 */
TEST_F(construction, closed_elsewhere)
{
	struct sharer sharer = { .call = self->call, .result = 1 };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, set_in_thread, &sharer));
	while (!sharer.id)
		sleep_ms(1);
	ASSERT_TRUE(task_sleeps_in(sharer.id, __NR_setsockopt));

	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(-EBADF, alg_accept(self->fd));
	EXPECT_TRUE(task_sleeps_now(sharer.id, __NR_setsockopt));
	EXPECT_EQ(0, upcall_instantiate(&self->upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, sharer.result);
}

int main(int argc, char **argv)
{
	kernel_probe();
	upcall_route_install();
	return test_harness_run(argc, argv);
}
