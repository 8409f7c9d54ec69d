// SPDX-License-Identifier: GPL-2.0-only
/* Root can make the kernel forget failures early. */
#include "request_afs.h"
#include "request_asked.h"

#include "../kselftest_harness.h"

#define REQUESTS_FILE	"/proc/key-requests"
#define FORGET_UID	3070
#define SHOWN_MS	3000

FIXTURE(forget)
{
	int listener;
};

FIXTURE_SETUP(forget)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_OURS("RK-D38: nothing but time makes the kernel forget");
	ASSERT_LT(0, session_new());
	self->listener = asked_open();
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(forget)
{
	close(self->listener);
}

static int ask(const void *description)
{
	key_serial_t key = key_request("user", description, "", 0);

	return key < 0 ? key : 0;
}

/* Requests a key in a child, with a helper that rejects it. */
static int fail(int listener, const char *description)
{
	const struct asked_key wanted = { "user", description };
	pid_t child = task_start(ask, description);
	struct asked asked;
	int link = asked_next(listener, &asked, &wanted);

	if (link < 0)
		return link;
	if (strcmp(asked.description, description) == 0)
		asked_reject(link, ECONNREFUSED);
	close(link);
	return task_result(child);
}

/* Returns whether the next request fails without starting a helper. */
static bool remembers(int listener, const char *description)
{
	const struct asked_key wanted = { "user", description };

	return ask(description) == -ECONNREFUSED &&
	       !asked_at_all(listener, &wanted);
}

/* Shows: RK-D38. Forgets one failure, those of a type, and all. */
TEST_F(forget, what_is_named)
{
	ASSERT_EQ(-ECONNREFUSED, fail(self->listener, "one"));
	ASSERT_EQ(-ECONNREFUSED, fail(self->listener, "the second"));
	EXPECT_EQ(0, file_write(REQUESTS_FILE, "forget user the second\n"));
	EXPECT_TRUE(remembers(self->listener, "one"));
	EXPECT_EQ(-ECONNREFUSED, fail(self->listener, "the second"));

	EXPECT_EQ(0, file_write(REQUESTS_FILE, "forget user"));
	EXPECT_EQ(-ECONNREFUSED, fail(self->listener, "one"));
	EXPECT_EQ(-ECONNREFUSED, fail(self->listener, "the second"));

	EXPECT_EQ(0, file_write(REQUESTS_FILE, "forget\n"));
	EXPECT_EQ(-ECONNREFUSED, fail(self->listener, "one"));
	EXPECT_EQ(-ECONNREFUSED, fail(self->listener, "the second"));
}

static int write_as_user(const void *text)
{
	const struct caller caller = { .uid = FORGET_UID, .gid = FORGET_UID };

	return caller_become(&caller) ?: file_write(REQUESTS_FILE, text);
}

/* Shows: RK-D38. The file accepts no other words, and no other user. */
TEST_F(forget, is_refused)
{
	static char text[3 * 4096];
	key_serial_t key = key_add_user("there", "p", 1);

	ASSERT_EQ(-ECONNREFUSED, fail(self->listener, "one"));
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "forget user ", strlen("forget user "));
	EXPECT_EQ(-EINVAL, file_write(REQUESTS_FILE, text));
	EXPECT_EQ(-EINVAL, file_write(REQUESTS_FILE, "forgets"));
	EXPECT_EQ(-EINVAL, file_write(REQUESTS_FILE, "\n"));
	EXPECT_EQ(-ENOKEY, file_write(REQUESTS_FILE, "forget user two"));
	EXPECT_EQ(-ENOKEY, file_write(REQUESTS_FILE, "forget use one"));
	EXPECT_EQ(-ENOKEY, file_write(REQUESTS_FILE, "forget user there"));
	EXPECT_EQ(-EACCES, task_run(write_as_user, "forget user one"));
	EXPECT_TRUE(remembers(self->listener, "one"));
	EXPECT_LT(0, key_state(key));
}

/*
 * Shows: RK-D38. Failures in the kernel's own keyrings can be forgotten, too.
 */
TEST_F(forget, of_the_kernel)
{
	char line[256] = "", name[128], command[160];
	const struct asked_key wanted = { "dns_resolver", name };
	struct look_up cell;
	struct asked asked;
	pid_t child;
	int link;

	REQUIRE_AFS();
	child = look_up_start(&cell, 0);
	snprintf(name, sizeof(name), "afsdb:%s", cell.cell);
	link = asked_next(self->listener, &asked, &wanted);
	ASSERT_LE(0, link);
	ASSERT_STREQ("dns_resolver", asked.type);
	ASSERT_STREQ(name, asked.description);
	ASSERT_EQ(0, asked_reject(link, ECONNREFUSED));
	ASSERT_TRUE(find_line("/proc/keys", name, line, sizeof(line)));
	EXPECT_NE(NULL, strchr(line, 'N'));
	EXPECT_EQ(NULL, strstr(line, " expd "));

	snprintf(command, sizeof(command), "forget dns_resolver %s", name);
	EXPECT_EQ(0, file_write(REQUESTS_FILE, command));
	/* A key of this type is collected at once */
	for (int ms = 0; ms < SHOWN_MS; ms++) {
		if (!find_line("/proc/keys", name, line, sizeof(line)) ||
		    strstr(line, " expd "))
			break;
		sleep_ms(1);
	}
	EXPECT_TRUE(!find_line("/proc/keys", name, line, sizeof(line)) ||
		    strstr(line, " expd "));
	close(link);
	EXPECT_GT(0, look_up_end(&cell, child));
}

ASKED_TEST_MAIN
