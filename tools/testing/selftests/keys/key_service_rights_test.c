// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rights of a grant, requests that reach a network namespace's service, and
 * services that the kernel waits for.
 */
#include "key_service_container.h"

#include "../kselftest_harness.h"

#define SUID_PROGRAM	"/tmp/key_service_rights_suid"
#define SECRET		"of the keyring's owner"
#define TARGET		"bait"
#define NESTED		"bait:nested"

/* --- write permission and possession --------------------------------------- */

/*
 * struct attempt - the rights of a process that answers its own request
 * @ring: the named destination, or 0
 * @below: whether the process is in a user namespace of its own, with a service
 *	of this namespace
 * @fd:		the service
 * @view: result of viewing the destination by the grant; the other fields
 *	likewise
 */
struct attempt {
	key_serial_t ring;
	bool below;
	int fd;
	long view, read, search, link, add;
	long nested_read;
};

static int ask_for_bait(const void *arg)
{
	const struct attempt *attempt = arg;
	long key = key_request("user", TARGET, "", attempt->ring);

	return key < 0 ? key : 0;
}

static int ask_for_nested(const void *arg)
{
	long key = key_request("user", NESTED, "", 0);

	return key < 0 ? key : 0;
}

static void try_destination(struct attempt *attempt)
{
	const key_serial_t ring = KEY_SPEC_REQUESTOR_KEYRING;
	key_serial_t keys[8];
	char text[64];

	attempt->view = key_describe(ring, text, sizeof(text));
	attempt->read = key_read(ring, keys, sizeof(keys));
	attempt->search = keyctl(KEYCTL_SEARCH, ring, "user", SECRET, 0);
	attempt->link = key_link(ring, KEY_SPEC_PROCESS_KEYRING);
	attempt->add = key_add("user", "added", "p", 1, ring);
}

/* Reads a request and assumes the authority over it; returns the target. */
static long take_authority(int fd)
{
	struct service_record record;
	long ret = service_next(fd, &record);

	if (ret < 0)
		return ret;
	ret = service_assume(fd, record.head.id, KEY_SPEC_SESSION_KEYRING);
	if (ret < 0)
		return ret;
	ret = keyctl(KEYCTL_ASSUME_AUTHORITY, record.head.key);
	return ret < 0 ? ret : record.head.key;
}

/*
 * A request that is made with the authority; its grant extends to the first
 * grant's keyring.
 */
static int try_nested(struct attempt *attempt)
{
	pid_t asker = task_start(ask_for_nested, NULL);
	key_serial_t keys[8];
	long key = take_authority(attempt->fd);

	if (key < 0)
		return key;
	attempt->nested_read = key_read(KEY_SPEC_REQUESTOR_KEYRING, keys,
					sizeof(keys));
	if (keyctl(KEYCTL_INSTANTIATE, key, "p", 1, 0) < 0)
		return -errno;
	return task_result(asker);
}

/* One user makes a request and answers it. */
static int answer_oneself(const void *arg)
{
	struct attempt *attempt = (void *)arg;
	int ret = become_user(NULL);
	pid_t asker;
	long key;

	/* A service gets no keyrings of a requester that is not dumpable. */
	if (!ret && attempt->below &&
	    (unshare(CLONE_NEWUSER) || prctl(PR_SET_DUMPABLE, 1)))
		ret = -errno;
	if (ret)
		return ret;
	attempt->fd = service_open_as(attempt->below ?
				      KEY_SERVICE_SCOPE_USER_NS :
				      KEY_SERVICE_SCOPE_UID, "user", TARGET);
	if (attempt->fd < 0)
		return attempt->fd;
	asker = task_start(ask_for_bait, attempt);
	key = take_authority(attempt->fd);
	if (key < 0)
		return key;
	try_destination(attempt);
	ret = try_nested(attempt);
	if (ret)
		return ret;
	if (keyctl(KEYCTL_ASSUME_AUTHORITY, key) < 0 ||
	    keyctl(KEYCTL_INSTANTIATE, key, "p", 1, 0) < 0)
		return -errno;
	return task_result(asker);
}

FIXTURE(possession)
{
	struct attempt *attempt;
};

FIXTURE_VARIANT(possession)
{
	bool below;
};

FIXTURE_VARIANT_ADD(possession, by_a_user)
{
	.below = false,
};

FIXTURE_VARIANT_ADD(possession, in_a_namespace_of_its_own)
{
	.below = true,
};

FIXTURE_SETUP(possession)
{
	REQUIRE_SERVICE();
	ASSERT_LT(0, session_new());
	/* The child's results are in memory that it shares with the test. */
	self->attempt = mmap(NULL, sizeof(*self->attempt),
			     PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->attempt);
	self->attempt->below = variant->below;
}

FIXTURE_TEARDOWN(possession)
{
	munmap(self->attempt, sizeof(*self->attempt));
}

/*
 * Shows: KS-1, KS-3. A grant gives no further rights to another user's keyring
 * for which the requester has only Write permission.
 */
TEST_F(possession, of_another_user)
{
	struct attempt *attempt = self->attempt;

	attempt->ring = keyring_new("writable", KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, attempt->ring);
	ASSERT_LT(0, key_add("user", SECRET, "s", 1, attempt->ring));
	ASSERT_EQ(0, key_set_rights(attempt->ring, POSSESSOR(RIGHT_ALL) |
				    OWNER(RIGHT_ALL) | OTHER(RIGHT_WRITE)));
	ASSERT_EQ(0, key_set_owner(attempt->ring, OTHER_USER, OTHER_USER));

	EXPECT_EQ(0, task_run(answer_oneself, attempt));
	EXPECT_EQ(-EACCES, attempt->view);
	EXPECT_EQ(-EACCES, attempt->read);
	EXPECT_EQ(-EACCES, attempt->search);
	EXPECT_EQ(-EACCES, attempt->link);
	EXPECT_LT(0, attempt->add);
	EXPECT_EQ(-EACCES, attempt->nested_read);
}

/*
 * Shows: KS-2. The destination is the requester's own session keyring, which is
 * the default.
 */
TEST_F(possession, of_the_requester)
{
	struct attempt *attempt = self->attempt;

	EXPECT_EQ(0, task_run(answer_oneself, attempt));
	EXPECT_LT(0, attempt->view);
	EXPECT_LT(0, attempt->read);
	EXPECT_EQ(-ENOKEY, attempt->search);
	EXPECT_EQ(0, attempt->link);
	EXPECT_LT(0, attempt->add);
	EXPECT_LT(0, attempt->nested_read);
}

/* --- exec ------------------------------------------------------------------ */

/*
 * Runs in the executed program: returns whether it has an authority, though not
 * its session keyring.
 */
static int has_authority(void)
{
	if (session_new() < 0)
		return -ENOMEM;
	if (keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_REQUESTOR_KEYRING, 0) > 0)
		return key_request("user", SECRET, NULL, 0) > 0 ? 0 : -EBADMSG;
	if (keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_REQKEY_AUTH_KEY, 0) !=
	    -ENOKEY)
		return -EEXIST;
	return key_request("user", SECRET, NULL, 0);
}

static int run_program(const void *arg)
{
	execl(SUID_PROGRAM, SUID_PROGRAM, "authority", NULL);
	return -errno;
}

/* Assumes the authority over its own request, and runs the program with it. */
static int run_with_authority(const void *arg)
{
	const struct attempt none = {};
	int ret = become_user(NULL), fd;
	pid_t asker;
	long key;

	if (ret)
		return ret;
	if (key_add_user(SECRET, "s", 1) < 0)
		return -errno;
	fd = service_open_as(KEY_SERVICE_SCOPE_UID, "user", TARGET);
	asker = task_start(ask_for_bait, &none);
	key = take_authority(fd);
	if (key < 0)
		return key;
	ret = task_run(run_program, NULL);
	if (keyctl(KEYCTL_INSTANTIATE, key, "p", 1, 0) < 0)
		return -errno;
	return task_result(asker) ?: ret;
}

FIXTURE(exec)
{
	struct script script;
	struct script_report report;
};

FIXTURE_VARIANT(exec)
{
	uid_t owner;
	mode_t mode;
	bool gains;
};

FIXTURE_VARIANT_ADD(exec, set_user_id)
{
	.owner = 0,
	.mode = 04755,
	.gains = true,
};

FIXTURE_VARIANT_ADD(exec, set_user_id_of_another)
{
	.owner = OTHER_USER,
	.mode = 04755,
	.gains = true,
};

FIXTURE_VARIANT_ADD(exec, set_group_id)
{
	.owner = OTHER_USER,
	.mode = 02755,
	.gains = true,
};

FIXTURE_VARIANT_ADD(exec, set_user_id_of_itself)
{
	.owner = USER,
	.mode = 04755,
};

FIXTURE_VARIANT_ADD(exec, plain)
{
	.owner = 0,
	.mode = 0755,
};

FIXTURE_SETUP(exec)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	ASSERT_EQ(0, copy_own_program(SUID_PROGRAM, variant->owner,
				      variant->mode));
}

FIXTURE_TEARDOWN(exec)
{
	unlink(SUID_PROGRAM);
	script_close(&self->script);
}

/* Shows: KS-6. */
TEST_F(exec, with_a_grant)
{
	REQUIRE_SERVICE();
	EXPECT_EQ(variant->gains ? -ENOKEY : 0,
		  task_run(run_with_authority, NULL));
}

/*
 * Shows: KS-6, RK-D40. A helper may change to the requester's ids before it
 * executes another user's program.
 */
TEST_F(exec, with_a_helper)
{
	bool keeps = !variant->gains || !request_ours;
	pid_t asker;

	ASSERT_LT(0, key_add_user(SECRET, "s", 1));
	asker = script_user_key_child("helped", "A;U;I0,p", 0);
	EXPECT_EQ(keeps ? 0 : -ENOKEY,
		  script_result(&self->script, 'U', &self->report));
	EXPECT_EQ(0, task_result(asker));
}

static int become_user_and_run(const void *arg)
{
	if (setgroups(0, NULL) || setresgid(USER, USER, USER) ||
	    setresuid(USER, USER, USER))
		return -errno;
	return run_program(NULL);
}

/* The helper's step U runs the program as a user. */
static int more_steps(struct script_helper *helper, char *step, char *text,
		      size_t size)
{
	return *step == 'U' ? task_run(become_user_and_run, NULL) :
			      -EOPNOTSUPP;
}

/*
 * --- rights of a helper ------------------------------------------------------
 */

FIXTURE(helper)
{
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(helper)
{
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(helper)
{
	script_close(&self->script);
}

static int ask_as_user(const void *arg)
{
	return become_user(NULL) ?: script_ask_child(arg);
}

/*
 * Shows: KS-4. Root's helper possesses the destination keyring, for which the
 * requester has only Write permission.
 */
TEST_F(helper, possesses_the_destination)
{
	struct script_request request = {
		.type = "user", .description = "helped", .test = getpid(),
		.steps = "A;O11,-8;I0,p",
	};
	pid_t asker;

	request.ring = keyring_new("writable", KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, request.ring);
	ASSERT_EQ(0, key_set_rights(request.ring, POSSESSOR(RIGHT_ALL) |
				    OTHER(RIGHT_WRITE)));
	ASSERT_EQ(0, key_set_owner(request.ring, OTHER_USER, OTHER_USER));
	asker = task_start(ask_as_user, &request);
	EXPECT_LT(0, script_result(&self->script, 'O', &self->report));
	EXPECT_EQ(0, task_result(asker));
}

/* --- networks --------------------------------------------------------------- */

FIXTURE(network)
{
	struct script script;
	struct service_record record;
	struct look_up look_up;
	pid_t inner;
};

FIXTURE_SETUP(network)
{
	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	REQUIRE_AFS();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(network)
{
	if (self->inner > 0)
		container_end(self->inner);
	script_close(&self->script);
}

static int enter_and_go_deeper(const void *arg)
{
	int ret = enter_as_user(arg);

	if (!ret && unshare(CLONE_NEWUSER))
		ret = -errno;
	return ret;
}

/*
 * Shows: KS-7. The service of a container's network namespace gets requests of
 * the container's programs, but none of a program of the host that has only
 * entered the network namespace.
 */
TEST_F(network, programs)
{
	struct question question = {
		.type = "dns_resolver", .argument = &self->inner,
	};
	int (*const own[])(const void *) = { enter, enter_and_go_deeper };
	pid_t asker;
	int net;

	self->inner = container_start();
	net = service_of(enter, &self->inner, KEY_SERVICE_SCOPE_NET_NS, NULL);
	ASSERT_LE(0, net);

	question.description = "a:of.the.host";
	question.prepare = enter_network;
	EXPECT_EQ(-ENOKEY, task_result(question_start(&question)));
	EXPECT_FALSE(service_readable(net, 0));
	EXPECT_EQ(1, script_count(&self->script));

	question.description = "a:of.the.container";
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		question.prepare = own[i];
		asker = question_start(&question);
		ASSERT_LT(0, service_next(net, &self->record));
		EXPECT_STREQ(question.description,
			     record_description(&self->record));
		EXPECT_EQ(0, service_answer(net, self->record.head.id, "p", 2));
		EXPECT_EQ(0, task_result(asker));
	}
	EXPECT_EQ(0, script_count(&self->script));
	close(net);
}

/*
 * Looks up a name in a real directory, which the kernel locks during the
 * look-up.  Returns whether the kernel waits for the service; 0 if it asked the
 * helper, which refuses.
 */
static int kernel_waits_for(FIXTURE_DATA(network) *self, int fd, pid_t network)
{
	pid_t child = look_up_start(&self->look_up, network);
	int ret;

	for (int ms = 0; ms < TASK_LIMIT_MS && !task_ended(child, 0); ms += 5)
		if (service_readable(fd, 5))
			break;
	if (!service_readable(fd, 0)) {
		ret = look_up_end(&self->look_up, child);
		return ret == TASK_STUCK ? -ETIMEDOUT : 0;
	}
	ret = service_next(fd, &self->record);
	if (ret > 0)
		ret = service_answer(fd, self->record.head.id, &cell_record,
				     sizeof(cell_record));
	return look_up_end(&self->look_up, child) ?: ret ?: 1;
}

/*
 * Shows: KS-8, KS-9. The kernel waits for a service of namespaces that root has
 * made.
 */
TEST_F(network, of_a_container_of_root)
{
	int net;

	self->inner = container_start();
	net = service_of(enter, &self->inner, KEY_SERVICE_SCOPE_NET_NS, NULL);
	ASSERT_LE(0, net);
	EXPECT_EQ(1, kernel_waits_for(self, net, self->inner));
	close(net);
}

/*
 * Shows: KS-9. Any user can make a network namespace, and must not keep a
 * directory locked with its service.
 */
TEST_F(network, of_a_container_of_a_user)
{
	int net;

	self->inner = container_start_by(USER);
	net = service_of(enter, &self->inner, KEY_SERVICE_SCOPE_NET_NS, NULL);
	ASSERT_LE(0, net);
	EXPECT_EQ(0, kernel_waits_for(self, net, self->inner));
	close(net);

	/* Root may open a service for such a network namespace. */
	net = service_of(enter_network, &self->inner, KEY_SERVICE_SCOPE_NET_NS,
			 NULL);
	ASSERT_LE(0, net);
	EXPECT_EQ(1, kernel_waits_for(self, net, self->inner));
	close(net);
}

static int make_a_network(const void *arg)
{
	int ret = enter_as_user(arg);

	if (!ret && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		ret = -errno;
	return ret;
}

/* Shows: KS-9. This holds even if root has made the container of the user. */
TEST_F(network, of_a_user_in_a_container_of_root)
{
	const struct service_terms params = {
		.scope = KEY_SERVICE_SCOPE_NET_NS,
	};
	pid_t user = -1;
	int net;

	self->inner = container_start();
	net = service_of_process(make_a_network, &self->inner, &params, &user);
	ASSERT_LE(0, net);
	EXPECT_EQ(0, kernel_waits_for(self, net, user));
	close(net);
}

static int script_help(char **argv)
{
	script_extra = more_steps;
	return script_run(argv);
}

int main(int argc, char **argv)
{
	if (argc == HELPER_ARGC && strcmp(argv[1], "create") == 0)
		return script_help(argv);
	if (argc == 2 && strcmp(argv[1], "authority") == 0) {
		int ret = has_authority();

		return ret < 0 ? -ret : 0;
	}
	request_probe();
	script_route_install();
	return test_harness_run(argc, argv);
}
