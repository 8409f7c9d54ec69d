// SPDX-License-Identifier: GPL-2.0-only
/* Parts of a request that belong to a namespace, and parts that do not. */
#include "request_script.h"

#include "../kselftest_harness.h"

#include <sched.h>
#include <sys/mman.h>

FIXTURE(namespace)
{
	key_serial_t session;
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(namespace)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(namespace)
{
	script_close(&self->script);
}

/* Returns the namespace of this kind that the process is in. */
static int which(const char *kind, char *text, size_t size)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	len = readlink(path, text, size - 1);
	text[len > 0 ? len : 0] = '\0';
	return len < 0 ? -errno : 0;
}

static int namespace_steps(struct script_helper *helper, char *step, char *text,
			   size_t size)
{
	switch (*step) {
	case 'Z': /* kind: returns the helper's namespace of this kind */
		return which(step + 1, text, size);
	case 'H': /* address: instantiate a host's key, with a zero byte */
		return keyctl(KEYCTL_INSTANTIATE, helper->key, step + 1,
			      strlen(step + 1) + 1, 0);
	default:
		return -EOPNOTSUPP;
	}
}

static int ask_from_inside(const void *arg)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS |
		    CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWUTS))
		return -errno;
	/* The next child is the first process of the new pid namespace */
	return task_run(script_ask_child, arg);
}

/*
 * Shows: RK-134, RK-111. The helper runs in the initial namespaces, in
 * whichever the requester is.
 */
TEST_F(namespace, helper)
{
	static const char *const kinds[] = {
		"user", "pid", "net", "mnt", "cgroup",
	};
	struct script_request request = {
		.type = "user", .description = "d",
		.steps = "Zuser;Zpid;Znet;Zmnt;Zcgroup;A;I0,p",
		.test = getpid(),
	};
	char mine[64];

	ASSERT_EQ(0, task_run(ask_from_inside, &request));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		EXPECT_EQ(0, which(kinds[i], mine, sizeof(mine)));
		EXPECT_EQ(0, script_next(&self->script, &self->report));
		EXPECT_STREQ(mine, self->report.text);
	}
}

static int lines_of(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];
	int lines = 0;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		lines++;
	fclose(file);
	return lines;
}

static int sees_nothing(const void *arg)
{
	if (unshare(CLONE_NEWUSER))
		return -errno;
	if (lines_of("/proc/keys") || lines_of("/proc/key-users"))
		return -EEXIST;
	return lines_of("/proc/key-requests") > 0 ? -EBUSY : 0;
}

/*
 * Shows: RK-134, RK-W19. A namespace without a number for a uid does not show
 * the requests of this uid.
 */
TEST_F(namespace, proc)
{
	pid_t asker = script_user_key_child("d", "A;W;I0,p", 0);

	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	EXPECT_LT(0, lines_of("/proc/keys"));
	EXPECT_LT(0, lines_of("/proc/key-users"));
	EXPECT_EQ(0, task_run(sees_nothing, NULL));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
}

static int find_by_serial(const void *arg)
{
	const key_serial_t *key = arg;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID))
		return -errno;
	return key_request("user", "d", NULL, 0) == *key &&
	       key_state(*key) > 0 ? 0 : -ENOENT;
}

/* Shows: RK-134. Serials and types mean the same everywhere. */
TEST_F(namespace, serials)
{
	key_serial_t key = script_user_key("d", "A;I0,p", 0);

	ASSERT_LT(0, key);
	EXPECT_EQ(0, task_run(find_by_serial, &key));
}

#define HOST	"keys.example"
#define OTHERS	"KEYS.example"

/*
 * struct seen - the keys that look-ups of a host return, or negative errnos
 * @made: by the first request
 * @found: by a request from another network namespace
 * @searched:	by KEYCTL_SEARCH, likewise
 * @back: by a request from the first network namespace again
 */
struct seen {
	int made, found, searched, back;
};

/*
 * Requests a host's address in one network namespace, and searches for it in
 * another.
 */
static int look_from_two(const void *arg)
{
	const struct script_request request = {
		.type = "dns_resolver", .description = HOST,
		.ring = KEY_SPEC_SESSION_KEYRING, .steps = "A;H127.0.0.1",
		.test = getppid(),
	};
	struct seen *const *shared = arg, *seen = *shared;
	int first;

	if (unshare(CLONE_NEWNET))
		return -errno;
	first = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	seen->made = script_ask(&request);
	if (unshare(CLONE_NEWNET))
		return -errno;
	seen->found = key_request("dns_resolver", OTHERS, NULL, 0);
	seen->searched = keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
				"dns_resolver", OTHERS, 0);
	if (setns(first, CLONE_NEWNET))
		return -errno;
	seen->back = key_request("dns_resolver", OTHERS, NULL, 0);
	return 0;
}

/*
 * Shows: RK-130, RK-D42. The type has its own comparison, which ignores case.
 * A network namespace's keys are found only from that namespace.
 */
TEST_F(namespace, search_by_type)
{
	struct seen *seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_NE(MAP_FAILED, (void *)seen);
	ASSERT_EQ(0, task_run(look_from_two, &seen));
	ASSERT_LT(0, seen->made);
	EXPECT_EQ(request_ours ? -ENOKEY : seen->made, seen->found);
	EXPECT_EQ(request_ours ? -ENOKEY : seen->made, seen->searched);
	EXPECT_EQ(seen->made, seen->back);
}

REQUEST_TEST_MAIN_WITH(namespace_steps)
