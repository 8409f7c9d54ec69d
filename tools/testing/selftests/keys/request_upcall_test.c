// SPDX-License-Identifier: GPL-2.0-only
/* The helper program: how the kernel starts it, and the effects of its end. */
#include "request_script.h"

#include "../kselftest_harness.h"

#include <sched.h>
#include <sys/resource.h>

#define NO_KEYRING	"0"
#define FEW_FILES	64
#define BASE_ENVIRONMENT "HOME=/|PATH=/sbin:/bin:/usr/sbin:/usr/bin"

FIXTURE(upcall)
{
	key_serial_t session;
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(upcall)
{
	REQUIRE_HELPER();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(upcall)
{
	script_close(&self->script);
}

/* Gets field @index of a text whose fields are separated by bars. */
static char *field(char *text, int index)
{
	char *found = NULL;

	while (index-- >= 0)
		found = strsep(&text, "|");
	return found ? found : "";
}

/* Shows: RK-106, RK-107. The helper has exactly these arguments. */
TEST_F(upcall, arguments)
{
	static const char *const fixed[] = {
		HELPER_PATH, "create", NULL, "0", "0", NO_KEYRING, NO_KEYRING,
	};
	key_serial_t key;
	char copy[sizeof(self->report.text)];

	key = script_user_key("d", "A;V;I0,p", 0);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, script_result(&self->script, 'V', &self->report));

	for (int i = 0; i <= HELPER_ARGC; i++) {
		snprintf(copy, sizeof(copy), "%s", self->report.text);
		if (i < 7 && fixed[i])
			EXPECT_STREQ(fixed[i], field(copy, i));
		if (i == 2)
			EXPECT_EQ(key, atoi(field(copy, i)));
		if (i == 7)
			EXPECT_EQ(self->session, atoi(field(copy, i)));
		if (i == HELPER_ARGC)
			EXPECT_STREQ("", field(copy, i));
	}
}

static int ask_with_keyrings(const void *arg)
{
	struct caller caller = { .uid = 1003, .gid = 1004 };
	const struct script_request *request = arg;
	struct script script = { .link = -1 };
	struct script_report report;
	struct script_request own = *request;
	key_serial_t thread, process;
	int err;

	err = caller_become(&caller);
	if (err)
		return err;
	thread = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1);
	process = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
	own.test = getpid();
	err = script_open(&script);
	if (err)
		return err;
	err = script_ask(&own);
	if (err < 0)
		return err;
	if (script_result(&script, 'V', &report))
		return -EIO;
	if (atoi(field(strdup(report.text), 3)) != 1003 ||
	    atoi(field(strdup(report.text), 4)) != 1004)
		return -EPERM;
	if (atoi(field(strdup(report.text), 5)) != thread ||
	    atoi(field(strdup(report.text), 6)) != process)
		return -ENOKEY;
	return 0;
}

/*
 * Shows: RK-107. The arguments have the requester's file system ids and
 * existing keyrings.
 */
TEST_F(upcall, arguments_of_caller)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;V;I0,p",
	};

	EXPECT_EQ(0, task_run(ask_with_keyrings, &request));
}

/*
 * Shows: RK-108, RK-D17. The environment has two variables; the series adds the
 * origin.
 */
TEST_F(upcall, environment)
{
	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_LT(0, script_user_key("d", "A;E;I0,p", 0));
	ASSERT_EQ(0, script_result(&self->script, 'E', &self->report));
	if (request_ours) {
		EXPECT_STREQ(BASE_ENVIRONMENT "|KEY_REQUEST_ORIGIN=user",
			     self->report.text);
	} else {
		EXPECT_STREQ(BASE_ENVIRONMENT, self->report.text);
	}
}

static int ask_as_user(const void *arg)
{
	const struct caller caller = { .uid = 1003, .gid = 1003 };
	int err = caller_become(&caller);

	return err ? err : script_ask_child(arg);
}

/*
 * Shows: RK-108, RK-111, RK-66. The helper is root for every requester, and
 * inherits nothing.
 */
TEST_F(upcall, process)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;P;I0,p",
		.test = getpid(),
	};

	ASSERT_EQ(0, chdir("/proc"));
	umask(077);
	ASSERT_EQ(0, task_run(ask_as_user, &request));
	ASSERT_EQ(0, script_result(&self->script, 'P', &self->report));
	/* The only open file is the connection to this test. */
	EXPECT_STREQ("uid=0 gid=0 files=1 cwd=/ umask=022 jit=1",
		     self->report.text);
}

/*
 * Shows: RK-111. The helper starts without authority and without thread
 * keyring.
 */
TEST_F(upcall, starts_with_nothing)
{
	ASSERT_LT(0, script_user_key("d", "C;G-1;G-2;G-8;A;I0,p", 0));
	EXPECT_EQ(-ENOKEY, script_result(&self->script, 'C', &self->report));
	EXPECT_EQ(-ENOKEY, script_next(&self->script, &self->report));
	EXPECT_EQ(-ENOKEY, script_next(&self->script, &self->report));
	EXPECT_EQ(-ENOKEY, script_next(&self->script, &self->report));
}

/* Shows: RK-110. Its session keyring is named after the key. */
TEST_F(upcall, session_keyring)
{
	char expected[64];
	key_serial_t key = script_user_key("d", "D-3;A;I0,p", 0);

	ASSERT_LT(0, key);
	ASSERT_LT(0, script_result(&self->script, 'D', &self->report));
	snprintf(expected, sizeof(expected), "keyring;0;0;3f030000;_req.%d",
		 key);
	EXPECT_STREQ(expected, self->report.text);
}

static void make_file(const char *text, mode_t mode)
{
	int fd = open("/tmp/request-key-helper", O_CREAT | O_TRUNC | O_WRONLY,
		      0600);

	if (write(fd, text, strlen(text)) < 0)
		perror("write");
	fchmod(fd, mode);
	close(fd);
	mount("/tmp/request-key-helper", HELPER_PATH, NULL, MS_BIND, NULL);
}

static void remove_file(void)
{
	umount2(HELPER_PATH, MNT_DETACH);
	unlink("/tmp/request-key-helper");
}

/*
 * Shows: RK-113, RK-73, RK-W5, RK-D3. If the helper cannot run, all requesters
 * get the reason.
 */
TEST_F(upcall, no_exec_right)
{
	REQUIRE_REQUEST_SYMBOLS();
	make_file("#!/bin/sh\n", 0600);
	EXPECT_EQ(-EACCES, key_request("user", "d", "x", 0));
	remove_file();
	EXPECT_EQ(request_ours ? -EACCES : -ENOKEY,
		  key_request("user", "d", "x", 0));
}

/* Shows: RK-113. The same holds for a program in no known format. */
TEST_F(upcall, no_exec_format)
{
	make_file("no program at all", 0700);
	EXPECT_EQ(-ENOEXEC, key_request("user", "d", "x", 0));
	remove_file();
}

/* Shows: RK-113. The same holds for a program whose interpreter is missing. */
TEST_F(upcall, no_interpreter)
{
	make_file("#!/nonesuch\n", 0700);
	EXPECT_EQ(-ENOENT, key_request("user", "d", "x", 0));
	remove_file();
}

/* Shows: RK-117, RK-73. A helper that ends without an answer negates the key. */
TEST_F(upcall, no_answer)
{
	EXPECT_EQ(-ENOKEY, script_user_key("zero", "X0", 0));
	EXPECT_EQ(-ENOKEY, script_user_key("one", "X1", 0));
	EXPECT_EQ(2, script_count(&self->script));
	EXPECT_EQ(-ENOKEY, script_user_key("zero", "A;I0,p", 0));
	EXPECT_EQ(0, script_count(&self->script));
}

/* Shows: RK-118. The same holds if a signal ends the helper. */
TEST_F(upcall, killed)
{
	EXPECT_EQ(-ENOKEY, script_user_key("d", "A;K", 0));
	EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL, 0));
}

/* Shows: RK-119. After an answer the exit status has no effect. */
TEST_F(upcall, answer_then_failure)
{
	EXPECT_LT(0, script_user_key("d", "A;I0,p;X3", 0));
	EXPECT_LT(0, script_user_key("e", "A;I0,p;K", 0));
}

/* Shows: RK-120. The requester gets the error of a rejection. */
TEST_F(upcall, rejected)
{
	EXPECT_EQ(-EKEYREJECTED, script_user_key("d", "A;R30,129,0", 0));
	EXPECT_EQ(-ENOKEY, script_user_key("e", "A;N30,0", 0));
}

/* Shows: RK-102. A rejection with lifetime zero is forgotten at once. */
TEST_F(upcall, rejected_for_no_time)
{
	EXPECT_EQ(-ENOKEY, script_user_key("d", "A;R0,111,0", 0));
	EXPECT_LT(0, script_user_key("d", "A;I0,p", 0));
}

/*
 * Shows: RK-112, RK-56. The first requester waits for the helper's end, others
 * do not.
 */
TEST_F(upcall, lingering)
{
	long begun = now_ms();
	pid_t asker;

	asker = script_user_key_child("d", "A;I0,p;S1500", 0);
	ASSERT_EQ(0, script_result(&self->script, 'I', &self->report));
	EXPECT_LT(0, key_request("user", "d", NULL, 0));
	EXPECT_FALSE(task_ended(asker, 0));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_LE(1400, now_ms() - begun);
}

/*
 * Shows: RK-112, RK-122. The kernel does not wait for the helper's children,
 * whose answers come too late.
 */
TEST_F(upcall, background)
{
	pid_t asker = script_user_key_child("d", "A;F;W;I0,p", 0);

	EXPECT_EQ(0, script_result(&self->script, 'F', &self->report));
	EXPECT_EQ(-ENOKEY, task_result(asker));
	script_go(&self->script);
	EXPECT_EQ(-EBUSY, script_result(&self->script, 'I', &self->report));
	EXPECT_EQ(-ENOKEY, key_request("user", "d", NULL, 0));
}

/*
 * Shows: RK-109, RK-124, RK-78. A helper may itself request keys, with its own
 * ids.
 */
TEST_F(upcall, nested)
{
	char steps[128];
	key_serial_t inner;

	snprintf(steps, sizeof(steps), "A;qinner,%d:V:A:I0,p;I0,p", getpid());
	ASSERT_LT(0, script_user_key("outer", steps, 0));

	ASSERT_EQ(0, script_accept(&self->script));
	inner = script_result(&self->script, 'q', &self->report);
	EXPECT_LT(0, inner);
	ASSERT_EQ(0, script_accept(&self->script));
	ASSERT_EQ(0, script_result(&self->script, 'V', &self->report));
	EXPECT_STREQ("0", field(strdup(self->report.text), 3));
	EXPECT_NE(self->session, atoi(field(strdup(self->report.text), 7)));

	/*
	 * The key was linked in the helper's own keyring, which does not exist
	 * any more.
	 */
	EXPECT_EQ(-ENOKEY, key_request("user", "inner", NULL, 0));
}

static int mapped_to_nobody(const void *arg)
{
	const struct caller caller = { .uid = 1003, .gid = 1003 };
	int err = caller_become(&caller);

	if (err)
		return err;
	if (unshare(CLONE_NEWUSER))
		return -errno;
	return script_ask_child(arg);
}

/* Shows: RK-107, RK-133. The ids are those of the initial user namespace. */
TEST_F(upcall, user_namespace)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;V;I0,p",
		.test = getpid(),
	};
	int err = task_run(mapped_to_nobody, &request);

	if (err == -ENOSPC || err == -EPERM)
		SKIP(return, "needs user namespaces for everybody");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, script_result(&self->script, 'V', &self->report));
	EXPECT_STREQ("1003", field(strdup(self->report.text), 3));
}

#define NEW_UID		6006
#define NEW_UID_KEYRING	" _uid.6006:"

static bool have_user_keyring(void)
{
	char line[512];

	return find_line("/proc/keys", NEW_UID_KEYRING, line, sizeof(line));
}

static int ask_as_new_user(const void *arg)
{
	const struct caller caller = {
		.uid = NEW_UID, .gid = NEW_UID, .stranger = true,
	};
	int err = caller_become(&caller);

	if (err || have_user_keyring())
		return err ?: -EBUSY;
	err = script_ask_child(arg);
	return err ?: have_user_keyring() ? -EEXIST : 0;
}

/* Shows: RK-D18. A request from a session makes no keyrings of the user. */
TEST_F(upcall, user_keyrings)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;I0,p",
		.test = getpid(),
	};

	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(request_ours ? 0 : -EEXIST,
		  task_run(ask_as_new_user, &request));
}

/* Limits of a process */
static void tell_bounds(char *text, size_t size)
{
	struct rlimit files = {};
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	getrlimit(RLIMIT_NOFILE, &files);
	snprintf(text, size,
		 "nice=%d cpus=%d few-files=%d ignored=%llx caps=%llx",
		 getpriority(PRIO_PROCESS, 0), CPU_COUNT(&cpus),
		 files.rlim_max <= FEW_FILES,
		 (unsigned long long)task_mask(getpid(), "SigIgn"),
		 (unsigned long long)task_mask(getpid(), "CapEff"));
}

static int bounds_step(struct script_helper *helper, char *step, char *text,
		       size_t size)
{
	if (*step != 'b') /* reports the helper's limits */
		return -EOPNOTSUPP;
	tell_bounds(text, size);
	return 0;
}

/* Capabilities that helpers may have, as far as the kernel knows them */
static uint64_t helper_caps(void)
{
	FILE *file = fopen("/proc/sys/kernel/usermodehelper/bset", "re");
	unsigned int low = 0, high = 0;

	if (!file || fscanf(file, "%u %u", &low, &high) != 2)
		low = 0;
	if (file)
		fclose(file);
	return (uint64_t)high << 32 | low;
}

static int ask_within_bounds(const void *arg)
{
	const struct rlimit files = { FEW_FILES, FEW_FILES };
	const struct caller caller = { .uid = 1003, .gid = 1003 };
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	signal(SIGUSR1, SIG_IGN);
	if (setrlimit(RLIMIT_NOFILE, &files) ||
	    setpriority(PRIO_PROCESS, 0, 5) ||
	    sched_setaffinity(0, sizeof(first), &first))
		return -errno;
	return caller_become(&caller) ?: script_ask_child(arg);
}

/*
 * Shows: RK-108, RK-111. The limits of the requester do not apply to the
 * helper.
 */
TEST_F(upcall, resource_limits)
{
	struct script_request request = {
		.type = "user", .description = "d", .steps = "A;b;I0,p",
		.test = getpid(),
	};
	char bounds[256];

	snprintf(bounds, sizeof(bounds),
		 "nice=0 cpus=%ld few-files=0 ignored=0 caps=%llx",
		 sysconf(_SC_NPROCESSORS_ONLN),
		 (unsigned long long)helper_caps());
	EXPECT_EQ(0, task_run(ask_within_bounds, &request));
	EXPECT_EQ(0, script_result(&self->script, 'b', &self->report));
	EXPECT_STREQ(bounds, self->report.text);
}

REQUEST_TEST_MAIN_WITH(bounds_step)
