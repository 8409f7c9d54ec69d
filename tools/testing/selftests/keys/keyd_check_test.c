// SPDX-License-Identifier: GPL-2.0-only
/* request-keyd --check: its messages about rules and about a sample request. */
#include "../kselftest_harness.h"

#include <sys/mman.h>

#include "keyd_run.h"

#define CHECK_ARGS_MAX	12

FIXTURE(check)
{
	struct keyd_folder etc;
};

FIXTURE_SETUP(check)
{
	ASSERT_TRUE(keyd_make_folder(&self->etc));
}

FIXTURE_TEARDOWN(check)
{
	keyd_remove_folder(&self->etc);
}

/* Returns the exit status; the output goes to etc->log. */
static int keyd_status(struct keyd_folder *etc, const char *rules,
		       char *const *args)
{
	char *argv[CHECK_ARGS_MAX + 1] = { KEYD_PROGRAM, "-c", etc->path };
	int output = memfd_create("output", MFD_CLOEXEC), status = 0;
	char program[PATH_MAX];
	ssize_t len;
	pid_t pid;

	if (!keyd_write(etc, "request-key.conf", rules))
		return -1;
	for (int i = 3; i < CHECK_ARGS_MAX && *args; i++)
		argv[i] = *args++;
	keyd_program(program, sizeof(program));
	pid = fork();
	if (!pid) {
		dup2(output, STDOUT_FILENO);
		dup2(output, STDERR_FILENO);
		execv(program, argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	len = pread(output, etc->log, sizeof(etc->log) - 1, 0);
	etc->log[len > 0 ? len : 0] = '\0';
	close(output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define STATUS(rules, ...) \
	keyd_status(&self->etc, rules, (char *[]){ __VA_ARGS__, NULL })
static bool has_said(const struct keyd_folder *etc, const char *text)
{
	if (strstr(etc->log, text))
		return true;
	fprintf(stderr, "# no \"%s\" in: %s\n", text, etc->log);
	return false;
}

#define EXPECT_SAID(text)	EXPECT_TRUE(has_said(&self->etc, text))

static const char good[] =
	"create user a* * |/bin/cat %d %H:%M %c %{user:x}\n"
	"negate user * * /bin/echo %o %k\n"
	"create dns_resolver * * /bin/echo %t\n";

/*
 * Shows: KD-41. --check runs no handler: the key of %{user:x} does not exist.
 */
TEST_F(check, good)
{
	EXPECT_EQ(0, STATUS(good, "-C"));
	EXPECT_STREQ("", self->etc.log);
	EXPECT_EQ(0, STATUS(good, "-C", "user", "abc", "co"));
	EXPECT_SAID("/request-key.conf:1: |/bin/cat abc %H:%M co %{user:x}\n");
	EXPECT_SAID("/request-key.conf:2: /bin/echo negate 0\n");
	EXPECT_EQ(1, STATUS(good, "-C", "user", "bc"));
	EXPECT_SAID("no rule applies");
}

/* Shows: KD-41. */
TEST_F(check, policy)
{
	EXPECT_EQ(1, STATUS(good, "-C", "dns_resolver", "a"));
	EXPECT_SAID("refused: programs may not request keys of this type");
	EXPECT_EQ(0, STATUS(good, "-C", "-k", "dns_resolver", "a"));
	EXPECT_SAID("/request-key.conf:3: /bin/echo dns_resolver\n");
	EXPECT_EQ(0, STATUS(good, "-C", "-a", "*", "dns_resolver", "a"));
}

/*
 * Shows: KD-41. Without --check each of these errors would appear only at a
 * request.
 */
TEST_F(check, programs)
{
	EXPECT_EQ(1, STATUS("create user a * /bin/nonesuch\n", "-C"));
	EXPECT_SAID(":1: /bin/nonesuch: No such file or directory");
	EXPECT_EQ(1, STATUS("create user a * /etc/passwd\n", "-C"));
	EXPECT_SAID(":1: /etc/passwd: Permission denied");
	EXPECT_EQ(1, STATUS("create user a * /bin/.\n", "-C"));
	EXPECT_SAID(":1: /bin/.: not a regular file");
	EXPECT_EQ(1, STATUS("Create user a * /bin/cat\n", "-C"));
	EXPECT_SAID(":1: /bin/cat: no request has this operation");
	EXPECT_EQ(1, STATUS("create user a * /bin/cat\nbroken\n", "-C"));
	EXPECT_SAID(":2: fewer than five fields");
}

/* Shows: KD-48. --probe on a kernel with services, and on one without. */
TEST_F(check, probe)
{
	EXPECT_EQ(lacks_key_service() ? 1 : 0, STATUS(good, "--probe"));
	EXPECT_STREQ("", self->etc.log);
}

/* Shows: KD-22. */
TEST_F(check, scope_uid_without_type)
{
	EXPECT_EQ(2, STATUS(good, "-f", "-s", "uid"));
	EXPECT_SAID("scope uid wants --type");
}

TEST_HARNESS_MAIN
