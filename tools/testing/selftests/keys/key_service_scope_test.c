// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that each kind of opener may answer: the cells of the table, and
 * attempts to get around them.
 */
#include "key_service_container.h"
#include "loopback.h"
#include "request_afs.h"
#include "request_dm.h"
#include "volume.h"

#include <linux/capability.h>

#include "../kselftest_harness.h"

#define GROUP_ID	5007
#define OVERFLOW_ID	65534
#define SUID_PROGRAM	"/tmp/key_service_suid"

/*
 * --- openers and requesters
 * ------------------------------------------------------------------
 */

static int become_gids(gid_t real, gid_t effective, gid_t saved, gid_t fs)
{
	if (setgroups(0, NULL) || setresgid(real, effective, saved))
		return -errno;
	setfsgid(fs);
	if (setresuid(USER, USER, USER))
		return -errno;
	return settle();
}

static int change_real_uid(const void *arg)
{
	return become_ids(OTHER_USER, USER, USER);
}

static int change_effective_uid(const void *arg)
{
	return become_ids(USER, OTHER_USER, USER);
}

static int change_saved_uid(const void *arg)
{
	return become_ids(USER, USER, OTHER_USER);
}

static int change_real_gid(const void *arg)
{
	return become_gids(OTHER_USER, USER, USER, USER);
}

static int change_effective_gid(const void *arg)
{
	return become_gids(USER, OTHER_USER, USER, OTHER_USER);
}

static int change_saved_gid(const void *arg)
{
	return become_gids(USER, USER, OTHER_USER, USER);
}

static int change_fs_gid(const void *arg)
{
	return become_gids(USER, USER, USER, OTHER_USER);
}

/* Keeps only these capabilities, and only in the permitted set. */
static int keep_capabilities(uint32_t permitted)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ .permitted = permitted },
	};

	return result(syscall(__NR_capset, &head, data));
}

static int raise_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(__NR_capget, &head, data))
		return -errno;
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted;
	return result(syscall(__NR_capset, &head, data));
}

static int change_fs_uid(const void *arg)
{
	int ret;

	if (prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) ||
	    setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
		return -errno;
	ret = raise_capabilities();
	if (ret)
		return ret;
	setfsuid(OTHER_USER);
	ret = keep_capabilities(0);
	return ret ?: settle();
}

static int keep_a_capability(const void *arg)
{
	int ret;

	if (prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) ||
	    setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
		return -errno;
	ret = keep_capabilities(1 << CAP_NET_RAW);
	return ret ?: settle();
}

static int join_a_group(const void *arg)
{
	const gid_t group = GROUP_ID;

	if (setgroups(1, &group) || setresgid(USER, USER, USER) ||
	    setresuid(USER, USER, USER))
		return -errno;
	return settle();
}

static int hide_memory(const void *arg)
{
	int ret = become_user(NULL);

	return ret ?: result(prctl(PR_SET_DUMPABLE, 0));
}

static int enter_lower_namespace(const void *arg)
{
	int ret = become_user(NULL);

	if (ret)
		return ret;
	if (unshare(CLONE_NEWUSER))
		return -errno;
	return result(prctl(PR_SET_DUMPABLE, 1));
}

/* The same user, who sees only processes of the new pid namespace. */
static int enter_pid_namespace(const void *arg)
{
	pid_t inside;
	int status;

	if (unshare(CLONE_NEWPID))
		return -errno;
	inside = fork();
	if (inside > 0) {
		waitpid(inside, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EINTR);
	}
	if (inside < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -errno;
	return become_user(NULL);
}

/* --- scope UID ------------------------------------------------------------ */

FIXTURE(user)
{
	struct script script;
	int fd;
};

/*
 * @become makes a program of some kind.  @answers says whether an ordinary
 * user's service gets its requests, and @like_answers whether a service that
 * such a program has opened does.
 */
FIXTURE_VARIANT(user)
{
	int (*become)(const void *arg);
	int answers;
	int like_answers;
};

FIXTURE_SETUP(user)
{
	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	self->fd = service_of(become_user, NULL, KEY_SERVICE_SCOPE_UID, "user");
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(user)
{
	close(self->fd);
	script_close(&self->script);
}

FIXTURE_VARIANT_ADD(user, itself)
{
	.become = become_user,
	.answers = 1,
	.like_answers = 1,
};

FIXTURE_VARIANT_ADD(user, other_group_member)
{
	.become = join_a_group,
	.answers = 1,
	.like_answers = 1,
};

FIXTURE_VARIANT_ADD(user, other_user)
{
	.become = become_other,
	.answers = 0,
	.like_answers = 1,
};

FIXTURE_VARIANT_ADD(user, root)
{
	.become = stay_root,
	.answers = 0,
	.like_answers = 1,
};

FIXTURE_VARIANT_ADD(user, other_real_uid)
{
	.become = change_real_uid,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, other_effective_uid)
{
	.become = change_effective_uid,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, other_saved_uid)
{
	.become = change_saved_uid,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, other_fs_uid)
{
	.become = change_fs_uid,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, other_real_gid)
{
	.become = change_real_gid,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, other_effective_gid)
{
	.become = change_effective_gid,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, other_saved_gid)
{
	.become = change_saved_gid,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, other_fs_gid)
{
	.become = change_fs_gid,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, more_capable)
{
	.become = keep_a_capability,
	.answers = 0,
	.like_answers = 1,
};

FIXTURE_VARIANT_ADD(user, not_dumpable)
{
	.become = hide_memory,
	.answers = 0,
	.like_answers = 0,
};

FIXTURE_VARIANT_ADD(user, lower_namespace)
{
	.become = enter_lower_namespace,
	.answers = 0,
	.like_answers = 0,
};

TEST_F(user, asked)
{
	struct question question = {
		.description = "d", .prepare = variant->become,
	};

	EXPECT_EQ(variant->answers, answers(self->fd, &question));
}

/*
 * Returns whether the service of an opener with the first identity gets the
 * request of a requester with the second.
 */
static int answers_of(int (*opener)(const void *arg), int (*asker)(const void *arg))
{
	struct question question = { .description = "d", .prepare = asker };
	int fd = service_of(opener, NULL, KEY_SERVICE_SCOPE_UID, "user"), ret;

	if (fd < 0)
		return fd;
	ret = answers(fd, &question);
	close(fd);
	return ret;
}

/*
 * An opener with different uids answers for nobody, not even for a requester
 * with the same uids.
 */
TEST_F(user, opened_by_its_like)
{
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(variant->like_answers,
		  answers_of(variant->become, variant->become));
}

/*
 * The same user in a descendant user namespace is another opener, which
 * controls no process of the upper one, although all ids are the same.
 */
TEST_F(user, opened_below)
{
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(0,
		  answers_of(enter_lower_namespace, variant->become));
}

/*
 * With scope UID, which is open to each user, root of the host does not answer
 * for other users.
 */
TEST_F(user, opened_by_root)
{
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(variant->become == stay_root,
		  answers_of(stay_root, variant->become));
}

/* --- cases with one test each ---------------------------------------- */

FIXTURE(scope)
{
	struct script script;
	struct script_report report;
	struct service_record record;
};

FIXTURE_SETUP(scope)
{
	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(scope)
{
	script_close(&self->script);
	unlink(SUID_PROGRAM);
}

/*
 * An opener that does not see a process could not have traced it, even if both
 * have the same user.
 */
TEST_F(scope, other_pid_namespace)
{
	EXPECT_EQ(1, answers_of(become_user, enter_pid_namespace));
	EXPECT_EQ(0, answers_of(enter_pid_namespace, become_user));
	EXPECT_EQ(0, answers_of(enter_pid_namespace, enter_pid_namespace));
}

/*
 * Runs a set-user-id program of another user, which requests a key: see main().
 */
static int ask_by_suid(const void *arg)
{
	char test[16];
	int ret;

	ret = become_user(NULL);
	if (ret)
		return ret;
	snprintf(test, sizeof(test), "%d", *(const pid_t *)arg);
	execl(SUID_PROGRAM, SUID_PROGRAM, "ask", test, NULL);
	return -errno;
}

/*
 * A user must not answer requests of a set-user-id program that the user runs.
 */
TEST_F(scope, suid_program)
{
	int fd = service_of(become_user, NULL, KEY_SERVICE_SCOPE_UID, "user");
	const uid_t owners[] = { 0, OTHER_USER };
	const pid_t test = getpid();
	pid_t asker;

	ASSERT_LE(0, fd);
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		ASSERT_EQ(0, copy_own_program(SUID_PROGRAM, owners[i], 04755));
		EXPECT_EQ(0, task_run(ask_by_suid, &test));
		EXPECT_FALSE(service_readable(fd, 0));
		EXPECT_EQ(0, script_accept(&self->script));
	}
	/*
	 * If the owner runs the program, it counts as any other program of this
	 * user.
	 */
	ASSERT_EQ(0, copy_own_program(SUID_PROGRAM, USER, 04755));
	asker = task_start(ask_by_suid, &test);
	EXPECT_EQ(0, service_serve(fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	close(fd);
}

/*
 * A helper that answers a user's request and itself requests a key is still
 * root, so no user's service gets its request.
 */
TEST_F(scope, nested_request_of_a_helper)
{
	/* Only the nested request could pass the filter, not the outer one. */
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_UID, .type = "user",
		.prefix = "nested",
	};
	int fd = service_of_params(become_user, NULL, &params);
	char steps[128];
	struct question outer = {
		.description = "outer", .prepare = become_user, .steps = steps,
	};
	struct question own = {
		.description = "nested:own", .prepare = become_user,
	};
	pid_t asker;

	ASSERT_LE(0, fd);
	snprintf(steps, sizeof(steps), "A;qnested:of-helper,%d:A:I0,p;I0,p",
		 getpid());
	EXPECT_EQ(0, task_result(question_start(&outer)));
	EXPECT_FALSE(service_readable(fd, 0));
	EXPECT_EQ(2, script_count(&self->script));
	/* A request of the user itself reaches the service. */
	asker = question_start(&own);
	EXPECT_EQ(0, service_serve(fd, "p"));
	EXPECT_EQ(0, task_result(asker));
	close(fd);
}

/* --- the kernel's requests ------------------------------------------------ */

/* A user's service gets no request of the kernel, even if the user is root. */
TEST_F(scope, kernel_origin_and_user)
{
	int fd = service_open_as(KEY_SERVICE_SCOPE_UID, "dns_resolver", NULL);
	struct look_up look_up;
	pid_t child;

	REQUIRE_AFS();
	ASSERT_LE(0, fd);
	child = look_up_start(&look_up, 0);
	EXPECT_GT(0, look_up_end(&look_up, child));
	EXPECT_FALSE(service_readable(fd, 0));

	/* The service gets the same request from a program of the user. */
	child = fork();
	if (child == 0)
		_exit(key_request("dns_resolver", "mine.example", "srv=1",
				  0) < 0);
	ASSERT_LT(0, service_next(fd, &self->record));
	EXPECT_STREQ("mine.example", record_description(&self->record));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_USER, self->record.head.origin);
	EXPECT_EQ(0, service_reject(fd, self->record.head.id, -ENOKEY, 0));
	EXPECT_NE(0, task_result(child));
	close(fd);
}

/*
 * A program can request the same key as the kernel, with the same type,
 * description and callout data.  The record tells the requests apart.
 */
TEST_F(scope, forged_request)
{
	int fd = service_open_as(KEY_SERVICE_SCOPE_USER_NS, "dns_resolver",
				 NULL);
	struct look_up look_up;
	char forged[128];
	pid_t child;

	REQUIRE_AFS();
	child = look_up_start(&look_up, 0);
	ASSERT_LT(0, service_next(fd, &self->record));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_KERNEL, self->record.head.origin);
	EXPECT_STREQ("srv=1", record_callout(&self->record));
	snprintf(forged, sizeof(forged), "%s",
		 record_description(&self->record));
	EXPECT_EQ(0, service_answer(fd, self->record.head.id, &cell_record,
				    sizeof(cell_record)));
	EXPECT_EQ(0, look_up_end(&look_up, child));

	strcat(forged, "x");
	child = fork();
	if (child == 0)
		_exit(key_request("dns_resolver", forged, "srv=1", 0) < 0);
	ASSERT_LT(0, service_next(fd, &self->record));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_USER, self->record.head.origin);
	EXPECT_STREQ(forged, record_description(&self->record));
	EXPECT_STREQ("srv=1", record_callout(&self->record));
	EXPECT_EQ(0, service_reject(fd, self->record.head.id, -ENOKEY, 0));
	EXPECT_NE(0, task_result(child));
	close(fd);
}

#define DM_DEVICE	"selftests-service"
#define DM_KEY		"0123456789abcdef0123456789abcdef"

/*
 * struct disk - a device of dm-crypt without a table
 * @v: volume with the file of the device below
 * @below:	the device below
 * @loop: its loop device
 */
struct disk {
	struct volume v;
	char below[32];
	int loop;
};

static int disk_start(struct disk *disk)
{
	disk->loop = dm_create_over(DM_DEVICE, &disk->v, disk->below,
				    sizeof(disk->below));
	return disk->loop < 0 ? disk->loop : 0;
}

static int disk_end(struct disk *disk)
{
	int err = dm_remove(DM_DEVICE);

	close(disk->loop);
	volume_end(&disk->v);
	return err;
}

/*
 * Shows: RK-D29. A user that could make the kernel wait for a service could
 * keep the kernel's locks held.
 */
TEST_F(scope, kernel_does_not_wait)
{
	int fd = service_open_as(KEY_SERVICE_SCOPE_UID, "user", "selftests:");
	struct disk disk;
	pid_t asker;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, disk_start(&disk));
	asker = ask("selftests:disk", DM_KEY);
	ASSERT_LT(0, service_next(fd, &self->record));
	EXPECT_EQ(-ENOKEY, dm_load_crypt(DM_DEVICE, ":32:user:selftests:disk",
					 disk.below));
	EXPECT_EQ(0, service_answer(fd, self->record.head.id, DM_KEY,
				    strlen(DM_KEY)));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, dm_load_crypt(DM_DEVICE, ":32:user:selftests:disk",
				   disk.below));
	EXPECT_EQ(0, disk_end(&disk));
	close(fd);
}

static int load_disk(const void *below)
{
	return dm_load_crypt(DM_DEVICE, ":32:user:disk", below);
}

/*
 * Shows: RK-D29. The kernel waits for a key that the host's helper makes, as
 * the base does.
 */
TEST_F(scope, kernel_waits_for_helper)
{
	int fd = service_open_as(KEY_SERVICE_SCOPE_UID, "user", "selftests:");
	pid_t other, asker, loader;
	struct disk disk;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, disk_start(&disk));
	other = ask("selftests:other", "p");
	EXPECT_TRUE(service_readable(fd, TASK_LIMIT_MS));
	asker = script_user_key_child("disk", "A;W;I0," DM_KEY, 0);
	EXPECT_LT(0, script_result(&self->script, 'A', &self->report));
	loader = task_start(load_disk, disk.below);
	EXPECT_FALSE(task_ended(loader, SOON_MS));
	script_go(&self->script);
	EXPECT_EQ(0, task_result(loader));
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, service_serve(fd, "p"));
	EXPECT_EQ(0, task_result(other));
	EXPECT_EQ(0, disk_end(&disk));
	close(fd);
}

/* --- containers ----------------------------------------------------------- */

/*
 * The process still has the memory and the session keyring of the host's
 * program.  If another user has made the namespace, the kernel itself makes the
 * process undumpable.
 */
static int step_in(const void *arg)
{
	int ret = set_namespace(*(const pid_t *)arg, "user", CLONE_NEWUSER);

	return ret ?: result(prctl(PR_SET_DUMPABLE, 0));
}

static int enter_and_go_deeper(const void *arg)
{
	int ret = enter_as_user(arg);

	if (!ret && unshare(CLONE_NEWUSER))
		ret = -errno;
	return ret;
}

FIXTURE(containers)
{
	struct script script;
	struct script_report report;
	struct service_record record;
	pid_t keeper;
	pid_t inner, sibling;
	int host, container;
};

FIXTURE_SETUP(containers)
{
	const struct service_terms terms = { .scope = KEY_SERVICE_SCOPE_USER_NS };

	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	self->inner = container_start();
	self->sibling = container_start();
	ASSERT_LT(0, self->inner);
	ASSERT_LT(0, self->sibling);
	self->container = service_of_process(enter, &self->inner, &terms,
					     &self->keeper);
	ASSERT_LE(0, self->container);
}

FIXTURE_TEARDOWN(containers)
{
	close(self->container);
	container_end(self->inner);
	container_end(self->sibling);
	script_close(&self->script);
}

TEST_F(containers, own_requests)
{
	struct question question = {
		.description = "d", .prepare = enter_as_user,
		.argument = &self->inner,
	};

	EXPECT_EQ(1, answers(self->container, &question));
	question.prepare = enter;
	EXPECT_EQ(1, answers(self->container, &question));
	question.prepare = enter_and_go_deeper;
	EXPECT_EQ(1, answers(self->container, &question));
}

TEST_F(containers, requests_of_others)
{
	struct question question = { .description = "d", .prepare = stay_root };

	EXPECT_EQ(0, answers(self->container, &question));
	question.prepare = become_user;
	EXPECT_EQ(0, answers(self->container, &question));
	question.prepare = enter_network;
	question.argument = &self->inner;
	EXPECT_EQ(0, answers(self->container, &question));
	question.prepare = enter;
	question.argument = &self->sibling;
	EXPECT_EQ(0, answers(self->container, &question));
}

/*
 * The container's root cannot trace a process of the host that has just
 * entered, so the container's service cannot use the keyrings of this process.
 */
TEST_F(containers, newcomer)
{
	struct question question = {
		.description = "d", .argument = &self->inner,
	};

	for (int settled = 0; settled <= 1; settled++) {
		pid_t asker;

		question.prepare = settled ? enter : step_in;
		asker = question_start(&question);
		ASSERT_LT(0, service_next(self->container, &self->record));
		EXPECT_EQ(settled, self->record.head.session_keyring > 0);
		EXPECT_EQ(settled, self->record.head.session_keyring != 0);
		EXPECT_EQ(0, service_reject(self->container,
					    self->record.head.id,
					    -EKEYREJECTED, 0));
		EXPECT_EQ(-EKEYREJECTED, task_result(asker));
	}
}

/*
 * The service of a namespace also serves descendant namespaces that have no
 * service.
 */
TEST_F(containers, without_own_service)
{
	int host = service_open();
	struct question question = {
		.description = "d", .prepare = enter,
		.argument = &self->sibling,
	};

	ASSERT_LE(0, host);
	EXPECT_EQ(1, answers(host, &question));
	question.argument = &self->inner;
	EXPECT_EQ(1, answers(self->container, &question));
	EXPECT_FALSE(service_readable(host, 0));
	question.prepare = become_user;
	EXPECT_EQ(1, answers(host, &question));
	close(host);
}

/* Requests that the container's service passes on go to the host's service. */
TEST_F(containers, closed_service)
{
	int host = service_open();
	struct question question = {
		.description = "d", .prepare = enter_as_user,
		.argument = &self->inner,
	};
	pid_t asker = question_start(&question);

	ASSERT_LT(0, service_next(self->container, &self->record));
	EXPECT_EQ(1000, self->record.head.uid);
	EXPECT_EQ(1000, self->record.head.gid);
	EXPECT_FALSE(service_readable(host, 0));
	close(self->container);
	self->container = -1;
	ASSERT_LT(0, service_next(host, &self->record));
	EXPECT_EQ(MAP_BASE + 1000, self->record.head.uid);
	EXPECT_EQ(namespace_of(self->inner, "user"), self->record.head.user_ns);
	EXPECT_EQ(namespace_of(self->inner, "net"), self->record.head.net_ns);
	EXPECT_EQ(0, service_answer(host, self->record.head.id, "p", 1));
	EXPECT_EQ(0, task_result(asker));
	close(host);
}

/* A user's own service comes before the services of its namespace. */
TEST_F(containers, user_first)
{
	int own = service_of(enter_as_user, &self->inner,
			     KEY_SERVICE_SCOPE_UID, "user");
	struct question question = {
		.description = "d", .prepare = enter_as_user,
		.argument = &self->inner,
	};

	ASSERT_LE(0, own);
	EXPECT_EQ(1, answers(own, &question));
	question.prepare = enter;
	EXPECT_EQ(1, answers(self->container, &question));
	close(own);
}

/*
 * Shows: KS-8. The kernel resolves a name in the network namespace of a
 * container, with the host's credentials: only the container's service gets the
 * request.
 */
TEST_F(containers, resolver)
{
	int net = service_of(enter, &self->inner, KEY_SERVICE_SCOPE_NET_NS,
			     "dns_resolver");
	int sibling = service_of(enter, &self->sibling,
				 KEY_SERVICE_SCOPE_NET_NS, NULL);
	int host_net = service_open_as(KEY_SERVICE_SCOPE_NET_NS, NULL, NULL);
	int host = service_open_as(KEY_SERVICE_SCOPE_USER_NS, NULL, NULL);
	struct look_up look_up;
	pid_t child;

	REQUIRE_AFS();
	ASSERT_LE(0, net);
	ASSERT_LE(0, sibling);
	ASSERT_LE(0, host_net);
	ASSERT_LE(0, host);
	child = look_up_start(&look_up, self->inner);
	ASSERT_LT(0, service_next(net, &self->record));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_KERNEL, self->record.head.origin);
	EXPECT_STREQ("dns_resolver", record_type(&self->record));
	EXPECT_EQ(0, strncmp("afsdb:cell", record_description(&self->record),
			     10));
	EXPECT_EQ(OVERFLOW_ID, self->record.head.uid);
	EXPECT_EQ(OVERFLOW_ID, self->record.head.gid);
	EXPECT_EQ(0, self->record.head.thread_keyring);
	EXPECT_EQ(0, self->record.head.process_keyring);
	EXPECT_EQ(0, self->record.head.session_keyring);
	EXPECT_EQ(namespace_of(self->inner, "net"), self->record.head.net_ns);
	EXPECT_EQ(namespace_of(getpid(), "user"), self->record.head.user_ns);
	EXPECT_FALSE(service_readable(host, 0));
	EXPECT_FALSE(service_readable(host_net, 0));
	EXPECT_FALSE(service_readable(sibling, 0));
	EXPECT_FALSE(service_readable(self->container, 0));
	EXPECT_EQ(0, service_answer(net, self->record.head.id, &cell_record,
				    sizeof(cell_record)));
	EXPECT_EQ(0, look_up_end(&look_up, child));

	/*
	 * Requests for names of the host go to the host's services, the most
	 * specific scope first.
	 */
	child = look_up_start(&look_up, 0);
	ASSERT_LT(0, service_next(host_net, &self->record));
	EXPECT_FALSE(service_readable(net, 0));
	EXPECT_FALSE(service_readable(host, 0));
	EXPECT_EQ(0, service_answer(host_net, self->record.head.id,
				    &cell_record, sizeof(cell_record)));
	EXPECT_EQ(0, look_up_end(&look_up, child));
	close(net);
	close(sibling);
	close(host_net);
	close(host);
}

#define LONG_MS		(60 * 60 * 1000)
#define KERNEL_LIMIT_MS	(30 * 1000)

/* The kernel waits only this long for a container, and then for the host. */
TEST_F(containers, limit_for_the_kernel)
{
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_NET_NS, .timeout_ms = LONG_MS,
		.type = "dns_resolver",
	};
	int net = service_of_params(enter, &self->inner, &params);
	int host = service_open_with(&params);
	struct look_up look_up;
	pid_t child;

	REQUIRE_AFS();
	ASSERT_LE(0, net);
	child = look_up_start(&look_up, self->inner);
	ASSERT_LT(0, service_next(net, &self->record));
	EXPECT_GE(now_ms() + KERNEL_LIMIT_MS + 10,
		  (long)(self->record.head.deadline / 1000000));
	EXPECT_EQ(0, service_answer(net, self->record.head.id, &cell_record,
				    sizeof(cell_record)));
	EXPECT_EQ(0, look_up_end(&look_up, child));

	child = look_up_start(&look_up, 0);
	ASSERT_LT(0, service_next(host, &self->record));
	EXPECT_LT(now_ms() + KERNEL_LIMIT_MS,
		  (long)(self->record.head.deadline / 1000000));
	EXPECT_EQ(0, service_answer(host, self->record.head.id, &cell_record,
				    sizeof(cell_record)));
	EXPECT_EQ(0, look_up_end(&look_up, child));
	close(net);
	close(host);
}

#define PAUSE_MS	1000

/*
 * Several services of a container do not prolong the wait: a user may have
 * many, and close each shortly before its time limit.
 */
TEST_F(containers, limit_for_all_services)
{
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_NET_NS, .timeout_ms = LONG_MS,
		.type = "dns_resolver",
	};
	int first = service_of_params(enter, &self->inner, &params);
	int second = service_of_params(enter, &self->inner, &params);
	struct look_up look_up;
	uint64_t deadline;
	pid_t child;

	REQUIRE_AFS();
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	child = look_up_start(&look_up, self->inner);
	ASSERT_LT(0, service_next(first, &self->record));
	deadline = self->record.head.deadline;
	sleep_ms(PAUSE_MS);
	close(first);
	ASSERT_LT(0, service_next(second, &self->record));
	EXPECT_GT(deadline + PAUSE_MS / 2 * 1000000,
		  self->record.head.deadline);
	EXPECT_EQ(0, service_answer(second, self->record.head.id, &cell_record,
				    sizeof(cell_record)));
	EXPECT_EQ(0, look_up_end(&look_up, child));
	close(second);
}

/*
 * If the container has no service, the kernel's credentials count: the host
 * answers.
 */
TEST_F(containers, without_resolver)
{
	int host = service_open_as(KEY_SERVICE_SCOPE_USER_NS, NULL, NULL);
	struct look_up look_up;
	pid_t child;

	REQUIRE_AFS();
	child = look_up_start(&look_up, self->inner);
	ASSERT_LT(0, service_next(host, &self->record));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_KERNEL, self->record.head.origin);
	EXPECT_EQ(0, self->record.head.uid);
	EXPECT_EQ(namespace_of(self->inner, "net"), self->record.head.net_ns);
	EXPECT_FALSE(service_readable(self->container, 0));
	EXPECT_EQ(0, service_answer(host, self->record.head.id, &cell_record,
				    sizeof(cell_record)));
	EXPECT_EQ(0, look_up_end(&look_up, child));
	close(host);
}

/*
 * A network namespace's service gets no requests for keys without a domain tag,
 * whichever requester makes them there.
 */
TEST_F(containers, no_tag)
{
	int net = service_of(enter, &self->inner, KEY_SERVICE_SCOPE_NET_NS,
			     NULL);
	struct question question = {
		.description = "d", .prepare = enter_network,
		.argument = &self->inner,
	};

	ASSERT_LE(0, net);
	EXPECT_EQ(0, answers(net, &question));
	EXPECT_FALSE(service_readable(net, 0));
	close(net);
}

#define PER_USER	128

struct inhabitant {
	pid_t container;
	uid_t uid;
};

static int enter_as_inhabitant(const void *arg)
{
	const struct inhabitant *inhabitant = arg;

	return enter_as(inhabitant->container, inhabitant->uid);
}

/*
 * Shows: KS-53, KS-54. A user with subordinate ids is still one user: the
 * user's share of unanswered requests includes the namespaces that the user
 * makes.
 */
TEST_F(containers, share_of_a_user_with_many_ids)
{
	static pid_t askers[PER_USER];
	struct inhabitant inhabitant;
	struct question question = {
		.prepare = enter_as_inhabitant, .argument = &inhabitant,
		.steps = HELPER_ANSWERS,
	};
	int host = service_open();
	pid_t asker;
	char name[16];

	ASSERT_LE(0, host);
	inhabitant.container = container_start_by(USER);
	ASSERT_LT(0, inhabitant.container);
	for (int i = 0; i < PER_USER; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		question.description = name;
		inhabitant.uid = 1000 + i % 4;
		askers[i] = question_start(&question);
	}
	for (int i = 0; i < PER_USER; i++)
		ASSERT_TRUE(asker_waits(askers[i]));
	question.description = "one too many";
	question.reads = "helper";
	for (inhabitant.uid = 1000; inhabitant.uid < 1002; inhabitant.uid++)
		EXPECT_EQ(-EBUSY, task_result(question_start(&question)));

	/* Requests of the user itself count, too; requests of others do not. */
	question.prepare = become_user;
	EXPECT_EQ(-EBUSY, task_result(question_start(&question)));
	question.prepare = become_other;
	question.reads = "p";
	asker = question_start(&question);
	for (int i = 0; i < PER_USER + 1; i++)
		EXPECT_EQ(0, service_serve(host, "p"));
	EXPECT_EQ(0, task_result(asker));
	for (int i = 0; i < PER_USER; i++)
		EXPECT_EQ(0, task_result(askers[i]));

	/* An answered request gives its place back. */
	question.prepare = become_user;
	asker = question_start(&question);
	EXPECT_EQ(0, service_serve(host, "p"));
	EXPECT_EQ(0, task_result(asker));
	container_end(inhabitant.container);
	close(host);
}

struct assumer {
	pid_t container;
	int fd;
};

/*
 * The container's daemon may make a key for a requester of the host, but does
 * not see the requester's keyrings.
 */
static int answer_by_authority(const void *arg)
{
	const struct assumer *assumer = arg;
	struct service_record record;
	long ring, ret = enter(&assumer->container);

	if (ret)
		return ret;
	ret = service_next(assumer->fd, &record);
	if (ret < 0)
		return ret;
	ring = keyring_new("own", KEY_SPEC_SESSION_KEYRING);
	ret = service_assume(assumer->fd, record.head.id, ring);
	if (ret < 0)
		return ret;
	ret = keyctl(KEYCTL_ASSUME_AUTHORITY, record.head.key);
	if (ret < 0)
		return ret;
	if (key_request("user", "the host's", NULL, 0) != -ENOKEY)
		return -EEXIST;
	if (keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_REQUESTOR_KEYRING, 0) !=
	    ring)
		return -EXDEV;
	return keyctl(KEYCTL_INSTANTIATE, record.head.key, &cell_record,
		      sizeof(cell_record), 0);
}

/* Shows: KS-5. The keyrings of the host's process stay withheld. */
TEST_F(containers, authority_over_a_foreign_request)
{
	struct assumer assumer = { .container = self->inner };
	struct look_up look_up;
	pid_t child, daemon;

	REQUIRE_AFS();
	ASSERT_LT(0, key_add_user("the host's", "secret", 6));
	assumer.fd = service_of(enter, &self->inner, KEY_SERVICE_SCOPE_NET_NS,
				"dns_resolver");
	ASSERT_LE(0, assumer.fd);
	daemon = task_start(answer_by_authority, &assumer);
	child = look_up_start(&look_up, self->inner);
	EXPECT_EQ(0, task_result(daemon));
	EXPECT_EQ(0, look_up_end(&look_up, child));
	close(assumer.fd);
}

static int ask_from_container(const void *arg)
{
	const struct script_request *request = arg;
	pid_t container = request->ring;
	struct script_request plain = *request;
	int ret;

	syscall(__NR_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	ret = enter(&container);
	plain.ring = 0;
	return ret ?: script_ask_child(&plain);
}

/* The services of a network namespace end with it. */
TEST_F(containers, dead_namespace)
{
	const struct service_terms terms = {
		.scope = KEY_SERVICE_SCOPE_NET_NS, .type = "dns_resolver",
	};
	pid_t asker, opener = -1;
	int net = service_of_process(enter, &self->inner, &terms, &opener);
	struct script_request request = {
		.type = "dns_resolver", .description = "a:gone",
		.steps = "A;X1", .ring = self->inner, .test = getpid(),
	};
	struct pollfd end = { .fd = net };

	/*
	 * The opener is in the namespace, and its service would be asked next.
	 */
	close(self->container);
	self->container = -1;
	container_end(self->keeper);

	ASSERT_LE(0, net);
	asker = task_start(ask_from_container, &request);
	ASSERT_LT(0, service_next(net, &self->record));
	ASSERT_TRUE(asker_waits(asker));
	kill(asker, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(asker));

	/*
	 * No process is left in the namespace, not even the service's opener.
	 */
	container_end(opener);
	container_end(self->inner);
	EXPECT_EQ(1, poll(&end, 1, TASK_LIMIT_MS));
	EXPECT_EQ(POLLHUP, end.revents);
	EXPECT_EQ(0, read(net, &self->record, RECORD_SIZE));
	EXPECT_EQ(-ENOENT, service_answer(net, self->record.head.id, "p", 1));

	/* The request of the ended service went to the helper. */
	EXPECT_LT(0, script_result(&self->script, 'A', &self->report));
	close(net);
	self->inner = container_start();
}

/* --- order ---------------------------------------------------------------- */

/*
 * Opens the services in this order; the index of a service is the way in which
 * its filter is narrowed.
 */
TEST_F(scope, narrower_first)
{
	const struct {
		const char *type, *prefix;
	} filters[] = {
		{ NULL, NULL }, { NULL, "p" }, { "user", NULL },
		{ "user", "p" }, { "user", "p" },
	};
	int fds[ARRAY_SIZE(filters)];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = service_open_as(KEY_SERVICE_SCOPE_USER_NS,
					 filters[i].type, filters[i].prefix);
		ASSERT_LE(0, fds[i]);
	}
	for (const int *next = (int[]){ 3, 4, 2, 1, 0, -1 }; *next >= 0;
	     next++) {
		struct question question = {
			.description = "prefixed", .prepare = stay_root,
		};

		EXPECT_EQ(1, answers(fds[*next], &question));
		close(fds[*next]);
	}
}

/*
 * Shows: KS-54. A request passes over a full service to the next one of the
 * same namespace, and to no other.
 */
TEST_F(scope, full_one_passed_over)
{
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_USER_NS,
		.type = "user",
		.max_pending = 1,
	};
	int first = service_open_with(&params);
	int second = service_open_with(&params);
	pid_t askers[3];

	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	askers[0] = ask_either("a", "first");
	ASSERT_TRUE(asker_waits(askers[0]));
	askers[1] = ask_either("b", "second");
	ASSERT_TRUE(asker_waits(askers[1]));
	askers[2] = ask_either("c", "helper");
	EXPECT_EQ(-EBUSY, task_result(askers[2]));
	EXPECT_EQ(0, service_serve(first, "first"));
	EXPECT_EQ(0, service_serve(second, "second"));
	EXPECT_EQ(0, task_result(askers[0]));
	EXPECT_EQ(0, task_result(askers[1]));
	close(first);
	close(second);
}

int main(int argc, char **argv)
{
	if (argc == HELPER_ARGC && strcmp(argv[1], "create") == 0)
		return script_run(argv);
	if (argc == 3 && strcmp(argv[1], "ask") == 0) {
		struct script_request request = {
			.type = "user", .description = "suid",
			.steps = HELPER_ANSWERS, .test = atoi(argv[2]),
		};

		return script_ask(&request) < 0;
	}
	request_probe();
	script_route_install();
	return test_harness_run(argc, argv);
}
