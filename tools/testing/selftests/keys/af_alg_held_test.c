// SPDX-License-Identifier: GPL-2.0-only
/*
 * ALG_SET_KEY_BY_KEY_SERIAL with a key whose semaphore another task holds for as
 * long as user space likes.
 */
#include "../kselftest_harness.h"
#include "held_key.h"
#include "kernel.h"

#define NOT_WAITING "ours only: others wait for the key with the socket locked"

struct held_call {
	int fd;
	key_serial_t serial;
};

FIXTURE(held)
{
	int fd;
	struct held_key key;
	struct held_call call;
};

FIXTURE_SETUP(held)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, held_key_start(&self->key));
	self->call.fd = self->fd;
	self->call.serial = self->key.key;
}

/* A test that skips itself leaves tasks that no signal ends on such a kernel. */
FIXTURE_TEARDOWN(held)
{
	EXPECT_EQ(0, held_key_end(&self->key));
	close(self->fd);
}

static int set_held(const void *arg)
{
	const struct held_call *call = arg;

	return alg_set_serial(call->fd, call->serial);
}

static int accept_and_close(const void *arg)
{
	const struct held_call *call = arg;
	int op = alg_accept(call->fd);

	return op < 0 ? op : close(op);
}

/* Shows: AA-72. Two calls that only read a key do not wait for each other. */
TEST_F(held, readers_share)
{
	EXPECT_EQ(0, task_run(set_held, &self->call));
	EXPECT_FALSE(task_ended(self->key.reader, 0));
	EXPECT_EQ(0, held_key_end(&self->key));
}

/*
 * Shows: AA-72. Other calls can use the socket during the wait, and the waiter
 * can be killed.
 */
TEST_F(held, socket_is_free)
{
	pid_t waiter;

	SKIP_IF(return, lacks_ours(NOT_WAITING));
	ASSERT_EQ(0, held_key_queue_revoke(&self->key));
	waiter = task_start(set_held, &self->call);
	ASSERT_TRUE(task_blocks_in(waiter, __NR_setsockopt));
	EXPECT_EQ(0, task_run(accept_and_close, &self->call));

	EXPECT_EQ(0, kill(waiter, SIGKILL));
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(waiter));
	EXPECT_EQ(0, held_key_end(&self->key));
}

/* Shows: AA-33, AA-72. The state that the key has after the wait counts. */
TEST_F(held, revoked_meanwhile)
{
	pid_t waiter;

	SKIP_IF(return, lacks_ours(NOT_WAITING));
	ASSERT_EQ(0, held_key_queue_revoke(&self->key));
	waiter = task_start(set_held, &self->call);
	ASSERT_TRUE(task_blocks_in(waiter, __NR_setsockopt));
	EXPECT_EQ(0, held_key_end(&self->key));
	EXPECT_EQ(-EKEYREVOKED, task_result(waiter));
}

int main(int argc, char **argv)
{
	kernel_probe();
	upcall_route_install();
	return test_harness_run(argc, argv);
}
