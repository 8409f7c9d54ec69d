// SPDX-License-Identifier: GPL-2.0-only
/*
 * ALG_SET_KEY_BY_KEY_SERIAL: which error a call with two faults returns.
 * Callers and the documentation rely on this order.
 */
#include "kernel.h"
#include "upcall.h"

#include "../kselftest_harness.h"

#define STRANGER_ID	63001

static const char bytes[] = { '0', '1', '2', '3', '4', '5', '6', '7',
			      '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };

/* A caller that possesses no key of the test and owns no key at all. */
static const struct caller stranger = {
	.uid = STRANGER_ID, .gid = STRANGER_ID, .stranger = true,
};

static int set_raw(int fd, const void *value, int len)
{
	return sockopt_set(fd, SOL_ALG, ALG_SET_KEY_BY_KEY_SERIAL, value, len);
}

FIXTURE(call)
{
	int fd;
	key_serial_t key;
};

FIXTURE_SETUP(call)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	self->key = key_add_user("key", bytes, sizeof(bytes));
	ASSERT_LT(0, self->key);
}

FIXTURE_TEARDOWN(call)
{
	close(self->fd);
}

/*
 * Shows: AA-17. The kernel looks up the descriptor before it checks anything
 * else.
 */
TEST_F(call, descriptor_then_negative_length)
{
	int ends[2];

	ASSERT_EQ(0, pipe(ends));
	EXPECT_EQ(-ENOTSOCK, set_raw(ends[0], NULL, 0));
	EXPECT_EQ(-EBADF, set_raw(-1, NULL, 0));
	close(ends[0]);
	EXPECT_EQ(-EBADF, set_raw(ends[0], NULL, 0));
	close(ends[1]);
}

/* Shows: AA-7, AA-17. */
TEST_F(call, negative_length_then_op_socket)
{
	int op = alg_accept(self->fd);

	ASSERT_LE(0, op);
	EXPECT_EQ(-EINVAL, set_raw(op, &self->key, -1));
	close(op);
}

/* Shows: AA-7, AA-16, AA-18. */
TEST_F(call, op_socket_then_argument)
{
	int op = alg_accept(self->fd);

	ASSERT_LE(0, op);
	EXPECT_EQ(-EOPNOTSUPP, set_raw(op, &self->key, 0));
	EXPECT_EQ(-EOPNOTSUPP, set_raw(op, NULL, sizeof(self->key)));
	EXPECT_EQ(-EOPNOTSUPP,
		  sockopt_set(op, SOL_ALG + 1, ALG_SET_KEY_BY_KEY_SERIAL,
			      &self->key, sizeof(self->key)));
	close(op);
}

/*
 * Shows: AA-55. A busy socket takes no option, so the kernel does not check the
 * option.
 */
TEST_F(call, busy_then_everything)
{
	int op;

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	op = alg_accept(self->fd);
	ASSERT_LE(0, op);

	EXPECT_EQ(-EBUSY, sockopt_set(self->fd, SOL_ALG + 1,
				      ALG_SET_KEY_BY_KEY_SERIAL, &self->key,
				      sizeof(self->key)));
	EXPECT_EQ(-EBUSY, sockopt_set(self->fd, SOL_ALG, 1000, &self->key,
				      sizeof(self->key)));
	EXPECT_EQ(-EBUSY, set_raw(self->fd, &self->key, 0));
	EXPECT_EQ(-EBUSY, set_raw(self->fd, NULL, sizeof(self->key)));
	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, 0));
	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, key_unused_serial()));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, self->key));
	close(op);
}

/* Shows: AA-5, AA-6. */
TEST_F(call, no_option_then_argument)
{
	int unbound = alg_socket();

	ASSERT_LE(0, unbound);
	EXPECT_EQ(-ENOPROTOOPT, set_raw(unbound, &self->key, 0));
	EXPECT_EQ(-ENOPROTOOPT, set_raw(unbound, NULL, sizeof(self->key)));
	EXPECT_EQ(-ENOPROTOOPT, alg_set_serial(unbound, 0));
	EXPECT_EQ(-ENOPROTOOPT,
		  sockopt_set(self->fd, SOL_ALG + 1, ALG_SET_KEY_BY_KEY_SERIAL,
			      NULL, 0));
	EXPECT_EQ(-ENOPROTOOPT, sockopt_set(self->fd, SOL_ALG, 1000, NULL, 0));
	close(unbound);
}

/* Shows: AA-16, AA-18. */
TEST_F(call, length_then_pointer_then_serial)
{
	const key_serial_t none = 0;

	EXPECT_EQ(-EINVAL, set_raw(self->fd, NULL, 3));
	EXPECT_EQ(-EINVAL, set_raw(self->fd, NULL, 5));
	EXPECT_EQ(-EFAULT, set_raw(self->fd, NULL, sizeof(none)));
	EXPECT_EQ(-EINVAL, set_raw(self->fd, &none, sizeof(none)));
}

/* Shows: AA-23, AA-49. Every error of the key beats those of the algorithm. */
TEST_F(call, key_then_algorithm)
{
	int fd;

	OPEN_ALG(return, fd, &alg_sha256);
	EXPECT_EQ(-EINVAL, alg_set_serial(fd, 0));
	EXPECT_EQ(-ENOKEY, alg_set_serial(fd, key_unused_serial()));
	EXPECT_EQ(-ENOPROTOOPT, alg_set_serial(fd, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(-ENOSYS, alg_set_serial(fd, self->key));
	ASSERT_EQ(0, key_set_rights(self->key, OWNER(RIGHT_WRITE)));
	EXPECT_EQ(-EACCES, alg_set_serial(fd, self->key));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, alg_set_serial(fd, self->key));
	close(fd);
}

/* Shows: AA-58. Three of the five causes; the other two need other kernels. */
TEST_F(call, one_error_for_many_causes)
{
	int unbound = alg_socket();

	ASSERT_LE(0, unbound);
	EXPECT_EQ(-ENOPROTOOPT, alg_set_serial(unbound, self->key));
	EXPECT_EQ(-ENOPROTOOPT,
		  alg_set_serial(self->fd, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(-ENOPROTOOPT,
		  sockopt_set(self->fd, SOL_ALG + 1, ALG_SET_KEY_BY_KEY_SERIAL,
			      &self->key, sizeof(self->key)));
	EXPECT_EQ(-ENOPROTOOPT, sockopt_set(self->fd, SOL_ALG, 1000, &self->key,
					    sizeof(self->key)));
	close(unbound);
}

/* The error that a caller without any right gets for a key. */
struct oracle {
	int fd;
	key_serial_t key;
	int by_socket;
	int by_keyctl;
};

static int ask_as_stranger(const void *arg)
{
	struct oracle *oracle = *(struct oracle * const *)arg;
	int err = caller_become(&stranger);

	if (err)
		return err;
	oracle->by_socket = alg_set_serial(oracle->fd, oracle->key);
	oracle->by_keyctl = key_link(oracle->key, KEY_SPEC_SESSION_KEYRING);
	return 0;
}

FIXTURE(state)
{
	int fd;
	struct oracle *oracle;
	key_serial_t key;
	key_serial_t keyring;
};

FIXTURE_SETUP(state)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	self->oracle = mmap(NULL, sizeof(*self->oracle), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(self->oracle != MAP_FAILED);
	self->oracle->fd = self->fd;
	self->key = key_add_user("key", bytes, sizeof(bytes));
	ASSERT_LT(0, self->key);
	self->keyring = keyring_new("keyring", KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, self->keyring);
}

FIXTURE_TEARDOWN(state)
{
	close(self->fd);
	munmap(self->oracle, sizeof(*self->oracle));
}

static bool ask(struct oracle *oracle, key_serial_t key)
{
	oracle->key = key;
	oracle->by_socket = 1;
	oracle->by_keyctl = 1;
	return task_run(ask_as_stranger, &oracle) == 0;
}

/*
 * Shows: AA-56. The error of the key's state comes first, even for a caller
 * without any right.  keyctl() returns the same to this caller, so AF_ALG
 * reveals nothing.
 */
TEST_F(state, usable_then_permission)
{
	ASSERT_TRUE(ask(self->oracle, self->key));
	EXPECT_EQ(-EACCES, self->oracle->by_socket);
	EXPECT_EQ(-EACCES, self->oracle->by_keyctl);
}

/* Shows: AA-25, AA-56. */
TEST_F(state, revoked_then_permission)
{
	ASSERT_EQ(0, key_revoke(self->key));
	ASSERT_TRUE(ask(self->oracle, self->key));
	EXPECT_EQ(-EKEYREVOKED, self->oracle->by_socket);
	EXPECT_EQ(-EKEYREVOKED, self->oracle->by_keyctl);
}

/* Shows: AA-26, AA-56. */
TEST_F(state, invalidated_then_permission)
{
	ASSERT_EQ(0, key_invalidate(self->key));
	ASSERT_TRUE(ask(self->oracle, self->key));
	EXPECT_EQ(-ENOKEY, self->oracle->by_socket);
	EXPECT_EQ(-ENOKEY, self->oracle->by_keyctl);
}

/*
 * Shows: AA-25, AA-26, AA-56, AA-57. Expiry beats permission and type, and
 * revocation beats expiry.  The test waits for the key that expires last.
 */
TEST_F(state, revoked_then_expired_then_permission)
{
	key_serial_t revoked = key_add_user("revoked", bytes, sizeof(bytes));

	ASSERT_EQ(0, key_set_to_expire(revoked));
	ASSERT_EQ(0, key_revoke(revoked));
	ASSERT_EQ(0, key_set_to_expire(self->keyring));
	ASSERT_EQ(0, key_set_to_expire(self->key));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(self->key));

	EXPECT_EQ(-EKEYREVOKED, alg_set_serial(self->fd, revoked));
	EXPECT_EQ(-EKEYEXPIRED, alg_set_serial(self->fd, self->keyring));
	ASSERT_TRUE(ask(self->oracle, self->key));
	EXPECT_EQ(-EKEYEXPIRED, self->oracle->by_socket);
	EXPECT_EQ(-EKEYEXPIRED, self->oracle->by_keyctl);
}

/*
 * Shows: AA-57. Only a caller with Search permission learns the type of a key.
 */
TEST_F(state, permission_then_type)
{
	EXPECT_EQ(-ENOPROTOOPT, alg_set_serial(self->fd, self->keyring));
	ASSERT_TRUE(ask(self->oracle, self->keyring));
	EXPECT_EQ(-EACCES, self->oracle->by_socket);
	ASSERT_EQ(0, key_set_rights(self->keyring,
				    POSSESSOR(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, alg_set_serial(self->fd, self->keyring));
}

/* Shows: AA-57. */
TEST_F(state, revoked_then_type)
{
	ASSERT_EQ(0, key_revoke(self->keyring));
	EXPECT_EQ(-EKEYREVOKED, alg_set_serial(self->fd, self->keyring));
}

static int set_as_stranger(const void *arg)
{
	const struct oracle *oracle = arg;
	int err = caller_become(&stranger);

	return err ? err : alg_set_serial(oracle->fd, oracle->key);
}

/*
 * Shows: AA-27, AA-56. Even a caller that may not use the key first waits for
 * its construction.
 */
TEST_F(state, wait_then_permission)
{
	struct oracle oracle = { .fd = self->fd };
	struct upcall upcall;
	pid_t waiter;

	ASSERT_EQ(0, upcall_start(&upcall, KEY_SPEC_SESSION_KEYRING));
	oracle.key = upcall.key;
	waiter = task_start(set_as_stranger, &oracle);
	ASSERT_TRUE(task_sleeps_in(waiter, __NR_setsockopt));
	EXPECT_EQ(0, upcall_instantiate(&upcall, bytes, sizeof(bytes)));
	EXPECT_EQ(-EACCES, task_result(waiter));
	EXPECT_EQ(0, upcall_end(&upcall));
}

/* Shows: AA-29, AA-56. */
TEST_F(state, negative_then_permission)
{
	struct upcall upcall;

	ASSERT_EQ(0, upcall_start(&upcall, KEY_SPEC_SESSION_KEYRING));
	ASSERT_EQ(0, upcall_reject(&upcall, 60, ENOKEY));
	ASSERT_TRUE(ask(self->oracle, upcall.key));
	EXPECT_EQ(-ENOKEY, self->oracle->by_socket);
	EXPECT_EQ(-ENOKEY, self->oracle->by_keyctl);
	upcall_end(&upcall);
}

/*
 * Shows: AA-30, AA-56. A rejected key still returns its error after its expiry.
 */
TEST_F(state, rejected_then_expired_then_permission)
{
	struct upcall upcall;

	ASSERT_EQ(0, upcall_start(&upcall, KEY_SPEC_SESSION_KEYRING));
	ASSERT_EQ(0, upcall_reject(&upcall, 1, EKEYREJECTED));
	ASSERT_TRUE(ask(self->oracle, upcall.key));
	EXPECT_EQ(-EKEYREJECTED, self->oracle->by_socket);
	EXPECT_EQ(-EKEYREJECTED, self->oracle->by_keyctl);

	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(upcall.key));
	EXPECT_EQ(-EKEYREJECTED, alg_set_serial(self->fd, upcall.key));
	upcall_end(&upcall);
}

int main(int argc, char **argv)
{
	kernel_probe();
	upcall_route_install();
	return test_harness_run(argc, argv);
}
