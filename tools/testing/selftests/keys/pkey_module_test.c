// SPDX-License-Identifier: GPL-2.0-only
/* A private key whose parser is a module: the kernel loads it. */
#include "../kselftest_harness.h"
#include "pkey_openssl.h"
#include "request_module.h"
#include "task.h"

#define PARSER		"pkcs8_key_parser"
#define HELPER_KNOB	"/proc/sys/kernel/modprobe"
#define HELPER		"/tmp/pkey-modprobe"
#define CALLED		"/tmp/pkey-modprobe.called"
#define GO		"/tmp/pkey-modprobe.go"

/* The helper reports its call, waits for a command, and loads the module. */
static const char helper[] =
	"#!/bin/sh\n"
	": >" CALLED "\n"
	"while [ ! -e " GO " ]; do sleep 0.05; done\n"
	"exec /sbin/modprobe \"$@\"\n";

static int helper_write(void)
{
	int fd = open(HELPER, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, helper, sizeof(helper) - 1) != sizeof(helper) - 1)
		err = -EIO;
	close(fd);
	return err;
}

static bool helper_called(int limit_ms)
{
	for (int ms = 0; ms < limit_ms; ms += 10) {
		if (!access(CALLED, F_OK))
			return true;
		sleep_ms(10);
	}
	return false;
}

static void helper_go(void)
{
	close(open(GO, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static int add_pair_of_test(const void *arg)
{
	key_serial_t key = pkey_add_rsa("pair");

	return key < 0 ? key : 0;
}

static int add_half(const void *arg)
{
	EVP_PKEY *pair = pair_of_openssl();
	key_serial_t key = add_certificate(pair, "half of a pair");

	EVP_PKEY_free(pair);
	return key < 0 ? key : 0;
}

FIXTURE(parser)
{
	char before[256];
};

FIXTURE_SETUP(parser)
{
	int fd;

	SKIP_IF(return, lacks_keys());
	SKIP_IF(return, lacks_ours("ours only: nothing loads a parser"));
	unlink(CALLED);
	unlink(GO);
	fd = open(HELPER_KNOB, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_LT(0, read(fd, self->before, sizeof(self->before) - 1));
	close(fd);
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, module_unload(PARSER));
	/*
	 * The kernel also starts the helper for algorithms that have not been
	 * used yet.
	 */
	ASSERT_EQ(0, task_run(add_half, NULL));
	ASSERT_EQ(0, helper_write());
	ASSERT_EQ(0, file_write(HELPER_KNOB, HELPER));
}

FIXTURE_TEARDOWN(parser)
{
	helper_go();
	EXPECT_EQ(0, file_write(HELPER_KNOB, self->before));
	unlink(HELPER);
	unlink(CALLED);
}

/*
 * Shows: AP-36. While the helper works, others can add keys of the type, and
 * the module can register its parser.
 */
TEST_F(parser, loaded)
{
	pid_t task = task_start(add_pair_of_test, NULL);

	if (!helper_called(TASK_LIMIT_MS)) {
		EXPECT_EQ(0, task_result(task));
		SKIP(return, "needs CONFIG_PKCS8_PRIVATE_KEY_PARSER=m");
	}
	EXPECT_EQ(0, task_run(add_half, NULL));
	EXPECT_FALSE(module_loaded(PARSER));
	helper_go();
	EXPECT_EQ(0, task_result(task));
	EXPECT_TRUE(module_loaded(PARSER));
}

/* Shows: AP-12, AP-36. Without the module no parser knows the key. */
TEST_F(parser, not_there)
{
	ASSERT_EQ(0, file_write(HELPER_KNOB, "/bin/false"));
	EXPECT_EQ(-EBADMSG, pkey_add_rsa("pair"));
	ASSERT_EQ(0, file_write(HELPER_KNOB, HELPER));
	helper_go();
	EXPECT_LT(0, pkey_add_rsa("pair"));
}

/*
 * Shows: AP-36. No helper is started for a payload that is no private key, or
 * if the parser is loaded.
 */
TEST_F(parser, not_called_in_vain)
{
	helper_go();
	EXPECT_EQ(-EBADMSG, key_add("asymmetric", "none", "no key", 6,
				    KEY_SPEC_SESSION_KEYRING));
	EXPECT_FALSE(helper_called(100));
	ASSERT_LT(0, pkey_add_rsa("pair"));
	ASSERT_TRUE(helper_called(100));
	unlink(CALLED);
	EXPECT_EQ(-EBADMSG, key_add("asymmetric", "none", "0\x03\x02\x01\x07", 5,
				    KEY_SPEC_SESSION_KEYRING));
	EXPECT_FALSE(helper_called(100));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
