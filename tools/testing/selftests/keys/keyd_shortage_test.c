// SPDX-License-Identifier: GPL-2.0-only
/*
 * request-keyd when memory, quota or the like is short: such failures are not
 * remembered.
 */
#include "keyd_work.h"

#include "../kselftest_harness.h"

#define KNOBS		"/proc/sys/kernel/keys/"
#define ROOT_KEYS	KNOBS "root_maxkeys"
#define USER_BYTES	KNOBS "maxbytes"
#define TEXT_MAX	32

FIXTURE(short_of)
{
	struct keyd keyd;
	char root_keys[TEXT_MAX];
	char user_bytes[TEXT_MAX];
};

static void knob_read(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, TEXT_MAX - 1);

	close(fd);
	text[len > 0 ? len : 0] = '\0';
}

FIXTURE_SETUP(short_of)
{
	REQUIRE_KEY_SERVICE();
	knob_read(ROOT_KEYS, self->root_keys);
	knob_read(USER_BYTES, self->user_bytes);
	ASSERT_LT(0, session_new());
	ASSERT_TRUE(keyd_make(&self->keyd));
}

FIXTURE_TEARDOWN(short_of)
{
	file_write(ROOT_KEYS, self->root_keys);
	file_write(USER_BYTES, self->user_bytes);
	keyd_end(&self->keyd);
	keyd_remove(&self->keyd);
}

/* A user that repeats a request in the session where it has failed. */
static int ask_twice(const void *arg)
{
	static const struct caller user = {
		.uid = 1003, .gid = 1003, .stranger = true,
	};
	const int *pipes = arg;
	int err = caller_become(&user), first;
	char byte;

	if (err)
		return err;
	first = ask_of_child("a");
	if (first != -EDQUOT)
		return first ? first : -EEXIST;
	/* The daemon's signal that there is enough again. */
	if (write(pipes[1], "", 1) != 1 || read(pipes[2], &byte, 1) != 1)
		return -EPIPE;
	return ask_of_child("a");
}

/*
 * Requests a key, raises the limit after EDQUOT, and requests the key again;
 * returns the result of the second request.
 */
static int ask_before_and_after(const char *knob, const char *enough)
{
	int pipes[4], result;
	char byte;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) || pipe2(pipes + 2, O_CLOEXEC))
		return -errno;
	child = task_start(ask_twice, pipes);
	close(pipes[1]);
	if (read(pipes[0], &byte, 1) == 1) {
		file_write(knob, enough);
		if (write(pipes[3], "", 1) != 1)
			return -errno;
	}
	result = task_result(child);
	close(pipes[0]);
	close(pipes[2]);
	close(pipes[3]);
	return result;
}

/* Shows: KD-33. The handler gets no session keyring. */
TEST_F(short_of, keys_of_handler)
{
	ASSERT_TRUE(run(&self->keyd,
			"create user * * |/bin/echo -n x\n"
			"negate * * * /bin/keyctl negate %k 30 %S\n",
			ARGS(USER_NS)));
	ASSERT_EQ(0, file_write(ROOT_KEYS, "1\n"));
	EXPECT_EQ(0, ask_before_and_after(ROOT_KEYS, self->root_keys));
	EXPECT_LOGS(&self->keyd, "cannot make a session keyring: Disk quota exceeded");
	EXPECT_LOGS(&self->keyd, "result=failed");
	EXPECT_LOGS(&self->keyd, "result=answered");
}

/* Shows: KD-33. The requester's quota has no room for the handler's payload. */
TEST_F(short_of, bytes_of_payload)
{
	ASSERT_TRUE(run(&self->keyd,
			"create user * * |/usr/bin/head -c 9000 /dev/zero\n"
			"negate * * * /bin/keyctl negate %k 30 %S\n",
			ARGS(USER_NS)));
	ASSERT_EQ(0, file_write(USER_BYTES, "8000\n"));
	EXPECT_EQ(0, ask_before_and_after(USER_BYTES, self->user_bytes));
	EXPECT_LOGS(&self->keyd, "payload: Disk quota exceeded");
	EXPECT_LOGS(&self->keyd, "result=failed");
	EXPECT_LOGS(&self->keyd, "result=answered");
}

TEST_HARNESS_MAIN
