// SPDX-License-Identifier: GPL-2.0-only
/*
 * The usual helper program, /sbin/request-key of keyutils, with its own rules
 * and with rules of the test.
 */
#include "request_script.h"

#include "../kselftest_harness.h"

#define PROGRAM		"/sbin/request-key"
#define DEBUG_SCRIPT	"/usr/share/keyutils/request-key-debug.sh"
#define RESOLVER	"/sbin/key.dns_resolver"
#define RULES		"/etc/request-key.d"
#define HOSTS		"/etc/hosts"
#define HOST		"selftests-keys.example"
#define ADDRESS		"192.0.2.7"
#define CALLOUT_MAX	4095

/*
 * struct cover - a mount over a path, for the helper
 * @owner: process that has to unmount it, 0 if it is not mounted
 * @folder: folder of the test's files
 * @err:	why it could not be done, or 0
 */
static struct cover {
	pid_t owner;
	char folder[32];
	int err;
} cover;

/* The rules name the scripts in the folder, which is mounted over RULES. */
static const struct {
	const char *name, *text;
} files[] = {
	{ "selftests.conf",
	  "create user selftests:macros * /bin/sh " RULES "/macros %o %k %t %d %c %u %g %T %P %S\n"
	  "create user selftests:nested * /bin/sh " RULES "/nested %k %S\n"
	  /*
	   * The helper has no Write permission for the session keyring of a
	   * nested requester, so the rule names 0, the default destination.
	   */
	  "create user selftests:inner * /bin/keyctl instantiate %k inner 0\n"
	  "create user selftests:fails * /bin/false\n"
	  "create user selftests:negate * /bin/keyctl negate %k 30 %S\n"
	  "create user selftests:empty * |/bin/true\n"
	  "create user debug:first * /bin/keyctl instantiate %k ours %S\n" },
	{ "macros", "keyctl instantiate $2 \"$*\" ${10}\n" },
	{ "nested",
	  "inner=$(keyctl request2 user selftests:inner x) &&\n"
	  "keyctl instantiate $1 \"outer of $(keyctl print $inner)\" $2\n" },
	{ "hosts", ADDRESS " " HOST "\n" },
};

static void cover_restore(void)
{
	char path[64];

	if (cover.owner != getpid())
		return;
	cover.owner = 0;
	umount2(HOSTS, MNT_DETACH);
	umount2(RULES, MNT_DETACH);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", cover.folder,
			 files[i].name);
		unlink(path);
	}
	rmdir(cover.folder);
}

static int cover_write(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", cover.folder, name);
	file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file))
		return -errno;
	return 0;
}

static int cover_mount(void)
{
	char hosts[64];
	int fd, err;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		err = cover_write(files[i].name, files[i].text);
		if (err)
			return err;
	}
	mkdir(RULES, 0755);
	fd = open(HOSTS, O_CREAT | O_RDONLY | O_CLOEXEC, 0644);
	close(fd);
	snprintf(hosts, sizeof(hosts), "%s/hosts", cover.folder);
	if (mount(cover.folder, RULES, NULL, MS_BIND, NULL) ||
	    mount(hosts, HOSTS, NULL, MS_BIND, NULL))
		return -errno;
	return 0;
}

/* For main(): the process that outlives every test cleans up. */
static void cover_install(void)
{
	snprintf(cover.folder, sizeof(cover.folder), "/tmp/rules.XXXXXX");
	if (!mkdtemp(cover.folder)) {
		cover.err = -errno;
		return;
	}
	cover.owner = getpid();
	atexit(cover_restore);
	cover.err = cover_mount();
}

FIXTURE(program)
{
	key_serial_t session;
	char content[CALLOUT_MAX + 1];
};

FIXTURE_SETUP(program)
{
	if (geteuid() != 0)
		SKIP(return, "needs root");
	if (access(PROGRAM, X_OK) || access(DEBUG_SCRIPT, X_OK))
		SKIP(return, "needs keyutils' " PROGRAM " and its scripts");
	ASSERT_EQ(0, cover.err);
	self->session = session_new();
	ASSERT_LT(0, self->session);
}

FIXTURE_TEARDOWN(program)
{
	keyctl(KEYCTL_CLEAR, self->session);
}

/* Returns the payload's length, or the negative errno of the request. */
static long ask(FIXTURE_DATA(program) *self, const char *type,
		const char *description, const char *callout)
{
	key_serial_t key = key_request(type, description, callout,
				       KEY_SPEC_SESSION_KEYRING);

	memset(self->content, 0, sizeof(self->content));
	if (key < 0)
		return key;
	return script_read(key, self->content, sizeof(self->content));
}

/* Shows: RK-125. The rule of keyutils for trials. */
TEST_F(program, debug)
{
	EXPECT_LT(0, ask(self, "user", "debug:a", "hello"));
	EXPECT_STREQ("Debug hello", self->content);
	/* The key was kept, so the second answer is the first one. */
	EXPECT_LT(0, ask(self, "user", "debug:a", "again"));
	EXPECT_STREQ("Debug hello", self->content);
}

/*
 * Shows: RK-100, RK-120, RK-125. Several ways to reject a key, and that
 * rejections are remembered.
 */
TEST_F(program, refused)
{
	static const struct {
		const char *callout;
		int error;
	} cases[] = {
		{ "neg", ENOKEY },
		{ "negate", ENOKEY },
		{ "rejected", EKEYREJECTED },
		{ "expired", EKEYEXPIRED },
		{ "revoked", EKEYREVOKED },
	};
	char description[32];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(description, sizeof(description), "debug:%zu", i);
		EXPECT_EQ(-cases[i].error, ask(self, "user", description,
					       cases[i].callout)) {
			TH_LOG("%s", cases[i].callout);
		}
		EXPECT_EQ(-cases[i].error, ask(self, "user", description,
					       "neg"));
	}
}

/* Shows: RK-125. The output of a program behind a bar becomes the payload. */
TEST_F(program, pipe)
{
	char callout[CALLOUT_MAX + 1];

	EXPECT_LT(0, ask(self, "user", "debug:loop:a", "there and back"));
	EXPECT_STREQ("there and back", self->content);

	memset(callout, 'x', CALLOUT_MAX);
	callout[CALLOUT_MAX] = '\0';
	EXPECT_EQ(CALLOUT_MAX, ask(self, "user", "debug:loop:b", callout));
	EXPECT_STREQ(callout, self->content);
}

/* Shows: RK-117, RK-125. Programs that end without an answer. */
TEST_F(program, no_answer)
{
	EXPECT_EQ(-ENOKEY, ask(self, "user", "selftests:fails", "x"));
	EXPECT_EQ(-ENOKEY, ask(self, "user", "selftests:empty", "x"));
	EXPECT_EQ(-ENOKEY, ask(self, "user", "no rule for this", "x"));
}

/* Shows: RK-125. A rule that negates. */
TEST_F(program, negate)
{
	EXPECT_EQ(-ENOKEY, ask(self, "user", "selftests:negate", "x"));
	EXPECT_EQ(-ENOKEY, ask(self, "user", "selftests:negate", NULL));
}

/* Shows: RK-107, RK-125. Every macro is filled in. */
TEST_F(program, macros)
{
	char expected[256];
	key_serial_t key;

	EXPECT_LT(0, ask(self, "user", "selftests:macros", "told"));
	key = key_request("user", "selftests:macros", NULL, 0);
	snprintf(expected, sizeof(expected),
		 "create %d user selftests:macros told %d %d 0 0 %d", key,
		 getuid(), getgid(), self->session);
	EXPECT_STREQ(expected, self->content);
}

/* Shows: RK-124, RK-125. A rule's program may request keys itself. */
TEST_F(program, nested)
{
	EXPECT_LT(0, ask(self, "user", "selftests:nested", "x"));
	EXPECT_STREQ("outer of inner", self->content);
}

/* Shows: RK-125. The rules of request-key.d come before request-key.conf. */
TEST_F(program, order_of_rules)
{
	EXPECT_LT(0, ask(self, "user", "debug:first", "x"));
	EXPECT_STREQ("ours", self->content);
}

/*
 * Shows: RK-15, RK-125. The program that resolves names for the kernel works.
 */
TEST_F(program, resolver)
{
	if (access(RESOLVER, X_OK))
		SKIP(return, "needs keyutils' " RESOLVER);
	EXPECT_LT(0, ask(self, "dns_resolver", HOST, "ipv4"));
	EXPECT_STREQ(ADDRESS, self->content);
	EXPECT_GT(0, ask(self, "dns_resolver", "no." HOST, "ipv4"));
}

int main(int argc, char **argv)
{
	cover_install();
	return test_harness_run(argc, argv);
}
