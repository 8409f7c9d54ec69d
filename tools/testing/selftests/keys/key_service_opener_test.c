// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user's service and its opener: the opener's end, and checks of security
 * modules.
 */
#include "key_service_who.h"
#include "keyd_run.h"

#include <dirent.h>
#include <linux/audit.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <pthread.h>

#include "../kselftest_harness.h"

#define PTRACE_SCOPE	"/proc/sys/kernel/yama/ptrace_scope"
#define ANON_INODE	"anon_inode:[key-service]"
#define SUID_PROGRAM	"/tmp/key_service_opener_suid"

static const struct service_terms user_params = {
	.scope = KEY_SERVICE_SCOPE_UID, .type = "user",
};

/* --- the end of the opener -------------------------------------------------- */

FIXTURE(end)
{
	struct script script;
	struct service_record record;
	pid_t opener;
	int fd;
};

FIXTURE_SETUP(end)
{
	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	self->fd = -1;
}

FIXTURE_TEARDOWN(end)
{
	close(self->fd);
	script_close(&self->script);
}

static bool has_ended(int fd)
{
	struct pollfd end = { .fd = fd };

	return poll(&end, 1, TASK_LIMIT_MS) == 1 && end.revents == POLLHUP;
}

static bool goes_on(int fd)
{
	struct pollfd end = { .fd = fd };

	return poll(&end, 1, SOON_MS) == 0;
}

static pid_t ask_as_user(const char *description, const char *reads)
{
	struct question question = {
		.description = description, .reads = reads,
		.prepare = become_user, .steps = HELPER_ANSWERS,
	};

	return question_start(&question);
}

/*
 * Shows: KS-10. A holder of the descriptor cannot go on with the opener's
 * identity.  No request is lost, whether it was read or not.
 */
TEST_F(end, killed)
{
	pid_t askers[2];

	self->fd = service_of_process(become_user, NULL, &user_params,
				      &self->opener);
	ASSERT_LE(0, self->fd);
	askers[0] = ask_as_user("read", "helper");
	ASSERT_LT(0, service_next(self->fd, &self->record));
	askers[1] = ask_as_user("queued", "helper");
	ASSERT_TRUE(service_readable(self->fd, TASK_LIMIT_MS));

	/* Nobody has waited for the opener yet. */
	ASSERT_EQ(0, kill(self->opener, SIGKILL));
	EXPECT_TRUE(has_ended(self->fd));
	EXPECT_EQ(-ENOENT, service_answer(self->fd, self->record.head.id, "p",
					  1));
	EXPECT_EQ(0, read(self->fd, &self->record, RECORD_SIZE));
	EXPECT_EQ(0, task_result(askers[0]));
	EXPECT_EQ(0, task_result(askers[1]));
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(self->opener));
	EXPECT_EQ(0, task_result(ask_as_user("late", "helper")));
}

static void *other_thread(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static int become_threaded(const void *arg)
{
	int ret = become_user(NULL);
	pthread_t thread;

	return ret ?: -pthread_create(&thread, NULL, other_thread, NULL);
}

static int end_thread(void)
{
	return syscall(__NR_exit, 0);
}

static int run_itself(void)
{
	execl("/proc/self/exe", "/proc/self/exe", "wait", NULL);
	return -errno;
}

/* Waits until the first thread of the process has ended. */
static bool first_thread_ends(pid_t pid)
{
	char text[512], *after_name;

	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 2, sleep_ms(2)) {
		task_read(pid, "stat", text, sizeof(text));
		after_name = strrchr(text, ')');
		if (after_name && after_name[2] == 'Z')
			return true;
	}
	return false;
}

/* Shows: KS-10. A process lives as long as one of its threads. */
TEST_F(end, first_thread)
{
	struct opener opener = {
		.become = become_threaded, .terms = user_params,
		.afterwards = end_thread,
	};
	pid_t asker;

	self->fd = service_of_opener(&opener, &self->opener);
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(first_thread_ends(self->opener));
	EXPECT_TRUE(goes_on(self->fd));
	asker = ask_as_user("d", "p");
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	ASSERT_EQ(0, kill(self->opener, SIGKILL));
	EXPECT_TRUE(has_ended(self->fd));
}

/* Shows: KS-10. A process stays the opener when it executes another program. */
TEST_F(end, other_program)
{
	struct opener opener = {
		.become = become_user, .terms = user_params,
		.afterwards = run_itself,
	};
	pid_t asker;

	self->fd = service_of_opener(&opener, &self->opener);
	ASSERT_LE(0, self->fd);
	EXPECT_TRUE(goes_on(self->fd));
	asker = ask_as_user("d", "p");
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	ASSERT_EQ(0, kill(self->opener, SIGKILL));
	EXPECT_TRUE(has_ended(self->fd));
}

/* Shows: KS-10. The service of a namespace does not end with its opener. */
TEST_F(end, of_a_namespace)
{
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_USER_NS, .type = "user",
	};
	pid_t asker;

	self->fd = service_of_process(stay_root, NULL, &params, &self->opener);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, kill(self->opener, SIGKILL));
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(self->opener));
	EXPECT_TRUE(goes_on(self->fd));
	asker = ask_as_user("d", "p");
	EXPECT_EQ(0, service_serve(self->fd, "p"));
	EXPECT_EQ(0, task_result(asker));
}

/* Returns the only child of this process that nobody has waited for. */
static pid_t child_left(void)
{
	struct dirent *entry;
	DIR *folder = opendir("/proc");
	pid_t found = -1;

	while (folder && (entry = readdir(folder))) {
		char text[512], *after_name;

		if (atoi(entry->d_name) <= 0)
			continue;
		task_read(atoi(entry->d_name), "stat", text, sizeof(text));
		after_name = strrchr(text, ')');
		if (after_name && atoi(after_name + 4) == getpid())
			found = atoi(entry->d_name);
	}
	if (folder)
		closedir(folder);
	return found;
}

static int run_daemon(const void *arg)
{
	char program[PATH_MAX];

	keyd_program(program, sizeof(program));
	execl(program, program, "-c", (const char *)arg, "-s", "uid", "-t",
	      "user", "-p", "mine:", NULL);
	return -errno;
}

static int be_served_from_the_background(const void *arg)
{
	int ret = become_user(NULL);
	char payload[8] = "";
	pid_t daemon;
	long key;

	if (!ret)
		ret = result(prctl(PR_SET_CHILD_SUBREAPER, 1));
	if (!ret)
		ret = task_run(run_daemon, arg);
	if (ret)
		return ret;
	daemon = child_left();
	key = key_request("user", "mine:key", "text", 0);
	if (key < 0)
		ret = key;
	else if (key_read(key, payload, sizeof(payload)) != 4)
		ret = -EBADMSG;
	return daemon > 0 && kill(daemon, SIGKILL) == 0 ? ret : -ESRCH;
}

/* Shows: KS-10. The daemon goes to the background before it opens a service. */
TEST_F(end, background)
{
	struct keyd_folder etc;

	ASSERT_TRUE(keyd_make_folder(&etc));
	ASSERT_EQ(0, chmod(etc.path, 0755));
	ASSERT_TRUE(keyd_write(&etc, "request-key.conf",
			       "create user mine:* * |/bin/cat\n"));
	EXPECT_EQ(0, task_run(be_served_from_the_background, etc.path));
	keyd_remove_folder(&etc);
}

/* --- security modules -------------------------------------------------------- */

FIXTURE(modules)
{
	struct script script;
	char scope[8];
};

FIXTURE_SETUP(modules)
{
	FILE *file;

	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	file = fopen(PTRACE_SCOPE, "re");
	ASSERT_NE(NULL, file);
	ASSERT_NE(NULL, fgets(self->scope, sizeof(self->scope), file));
	fclose(file);
}

FIXTURE_TEARDOWN(modules)
{
	file_write(PTRACE_SCOPE, self->scope);
	script_close(&self->script);
}

static int name_any_tracer(const void *arg)
{
	return become_user(NULL) ?:
	       result(prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY));
}

/* Enters a domain that forbids nothing that a test does. */
static int confine(void)
{
	const struct landlock_ruleset_attr rules = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_BLOCK,
	};
	int fd = syscall(__NR_landlock_create_ruleset, &rules, sizeof(rules), 0);
	int ret;

	if (fd < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	ret = result(syscall(__NR_landlock_restrict_self, fd, 0));
	close(fd);
	return ret;
}

static int become_confined(const void *arg)
{
	return become_user(NULL) ?: confine();
}

static int confine_and_wait(void)
{
	int ret = confine();

	if (ret)
		return ret;
	for (;;)
		pause();
}

static int answers_for(int (*opener)(const void *), int (*asker)(const void *))
{
	struct question question = { .description = "d", .prepare = asker };
	int fd = service_of(opener, NULL, KEY_SERVICE_SCOPE_UID, "user"), ret;

	if (fd < 0)
		return fd;
	ret = answers(fd, &question);
	close(fd);
	return ret;
}

/* Opens a service, and answers a request of its own child. */
static int answer_a_child(const void *arg)
{
	int (*const become)(const void *) = *(int (*const *)(const void *))arg;
	struct service_record record;
	int ret = become(NULL), fd;
	pid_t asker;

	if (ret)
		return ret;
	fd = service_open_with(&user_params);
	if (fd < 0)
		return fd;
	asker = ask("of a child", NULL);
	ret = service_next(fd, &record);
	if (ret < 0)
		return ret;
	ret = service_answer(fd, record.head.id, "p", 1);
	return ret ?: task_result(asker);
}

/* Shows: KS-11, KS-12. */
TEST_F(modules, yama)
{
	int (*const user)(const void *) = become_user;

	ASSERT_EQ(0, file_write(PTRACE_SCOPE, "0"));
	EXPECT_EQ(1, answers_for(become_user, become_user));
	ASSERT_EQ(0, file_write(PTRACE_SCOPE, "1"));
	EXPECT_EQ(0, answers_for(become_user, become_user));
	EXPECT_EQ(1, answers_for(become_user, name_any_tracer));
	EXPECT_EQ(0, task_run(answer_a_child, &user));
	ASSERT_EQ(0, file_write(PTRACE_SCOPE, "2"));
	EXPECT_EQ(0, answers_for(become_user, become_user));
	EXPECT_EQ(0, answers_for(become_user, name_any_tracer));
	EXPECT_EQ(1, answers_for(stay_root, stay_root));
}

/* Shows: KS-11, KS-13. */
TEST_F(modules, landlock)
{
	int (*const confined)(const void *) = become_confined;

	ASSERT_EQ(0, file_write(PTRACE_SCOPE, "0"));
	EXPECT_EQ(0, answers_for(become_confined, become_user));
	EXPECT_EQ(1, answers_for(become_user, become_confined));
	/* A process in another domain is outside of the opener's domain. */
	EXPECT_EQ(0, answers_for(become_confined, become_confined));
	EXPECT_EQ(0, task_run(answer_a_child, &confined));
}

/*
 * Shows: KS-11. An opener that confines itself answers no requests from outside
 * its domain any more.
 */
TEST_F(modules, confined_later)
{
	struct question question = {
		.description = "d", .prepare = become_user,
	};
	struct opener opener = {
		.become = become_user, .terms = user_params,
		.afterwards = confine_and_wait,
	};
	pid_t pid;
	int fd;

	ASSERT_EQ(0, file_write(PTRACE_SCOPE, "0"));
	fd = service_of_opener(&opener, &pid);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(task_sleeps_in(pid, __NR_pause));
	EXPECT_EQ(0, answers(fd, &question));
	close(fd);
}

static int run_suid_program(void)
{
	execl(SUID_PROGRAM, SUID_PROGRAM, "wait", NULL);
	return -errno;
}

/*
 * Shows: KS-11. A set-user-id program may trace all processes.  A service that
 * the process had opened before does not get this right.
 */
TEST_F(modules, borrowed_rights)
{
	struct question question = {
		.description = "d", .prepare = become_user,
	};
	struct opener opener = {
		.become = become_user, .terms = user_params,
		.afterwards = run_suid_program,
	};
	pid_t pid;
	int fd;

	ASSERT_EQ(0, copy_own_program(SUID_PROGRAM, 0, 04755));
	ASSERT_EQ(0, file_write(PTRACE_SCOPE, "2"));
	fd = service_of_opener(&opener, &pid);
	ASSERT_LE(0, fd);
	for (int ms = 0; ms < TASK_LIMIT_MS && !task_mask(pid, "CapEff"); ms++)
		sleep_ms(1);
	EXPECT_EQ(0, answers(fd, &question));
	close(fd);
	kill(pid, SIGKILL);
	unlink(SUID_PROGRAM);
}

/*
 * Shows: KS-11. A request that another service passes on does not reach a
 * service that it would not have reached directly.
 */
TEST_F(modules, second_service)
{
	const struct service_terms first_params = {
		.scope = KEY_SERVICE_SCOPE_UID, .type = "user",
		.prefix = "d",
	};
	int (*const openers[])(const void *) = { become_confined, become_user };

	ASSERT_EQ(0, file_write(PTRACE_SCOPE, "0"));
	for (size_t i = 0; i < ARRAY_SIZE(openers); i++) {
		int first = service_of_params(become_user, NULL, &first_params);
		int second = service_of(openers[i], NULL,
					KEY_SERVICE_SCOPE_UID, "user");
		pid_t asker;

		ASSERT_LE(0, first);
		ASSERT_LE(0, second);
		asker = ask_as_user("d", i ? "p" : "helper");
		ASSERT_TRUE(service_readable(first, TASK_LIMIT_MS));
		close(first);
		if (i)
			EXPECT_EQ(0, service_serve(second, "p"));
		EXPECT_EQ(0, task_result(asker));
		EXPECT_FALSE(service_readable(second, 0));
		close(second);
	}
}

/*
 * --- descriptor and audit record of a service
 * -----------------------------------------------
 */

static int audit_send(int fd, uint32_t enabled)
{
	struct {
		struct nlmsghdr head;
		struct audit_status status;
	} message = {
		.head.nlmsg_len = sizeof(message),
		.head.nlmsg_type = AUDIT_SET,
		.head.nlmsg_flags = NLM_F_REQUEST,
		.status.mask = AUDIT_STATUS_ENABLED,
		.status.enabled = enabled,
	};

	return send(fd, &message, sizeof(message), 0) == sizeof(message) ?
	       0 : -errno;
}

static int audit_listen(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return fd;
}

/* Finds the audit record of @pid that has @part in it. */
static bool audit_has(int fd, pid_t pid, const char *part)
{
	char text[8192], of_pid[32];

	snprintf(of_pid, sizeof(of_pid), " pid=%d ", pid);
	while (service_readable(fd, TASK_LIMIT_MS)) {
		ssize_t len = recv(fd, text, sizeof(text) - 1, 0);

		if (len < (ssize_t)sizeof(struct nlmsghdr))
			return false;
		text[len] = '\0';
		if (((struct nlmsghdr *)text)->nlmsg_type ==
		    AUDIT_KERNEL_OTHER &&
		    strstr(text + sizeof(struct nlmsghdr), part) &&
		    strstr(text + sizeof(struct nlmsghdr), of_pid))
			return true;
	}
	return false;
}

/*
 * Shows: KS-14. Each service has an inode of its own, and audit logs its
 * opening.
 */
TEST(audit_and_inode)
{
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_UID, .type = "user",
		.prefix = "audited",
	};
	char path[64], name[64] = "";
	struct stat first, second;
	int fds[2], log;

	REQUIRE_SERVICE();
	log = audit_listen();
	ASSERT_LE(0, log);
	ASSERT_EQ(0, audit_send(log, 1));
	fds[0] = service_open_with(&params);
	EXPECT_EQ(0, audit_send(log, 0));
	ASSERT_LE(0, fds[0]);
	EXPECT_TRUE(audit_has(log, getpid(),
			      "op=key-service-open scope=1 key_type=\"user\" prefix=\"audited\""));
	close(log);

	fds[1] = service_open_with(&params);
	ASSERT_LE(0, fds[1]);
	ASSERT_EQ(0, fstat(fds[0], &first));
	ASSERT_EQ(0, fstat(fds[1], &second));
	EXPECT_NE(first.st_ino, second.st_ino);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	ASSERT_LT(0, readlink(path, name, sizeof(name) - 1));
	EXPECT_STREQ(ANON_INODE, name);
}

int main(int argc, char **argv)
{
	if (argc == HELPER_ARGC && strcmp(argv[1], "create") == 0)
		return script_run(argv);
	if (argc == 2 && strcmp(argv[1], "wait") == 0)
		other_thread(NULL);
	request_probe();
	script_route_install();
	return test_harness_run(argc, argv);
}
