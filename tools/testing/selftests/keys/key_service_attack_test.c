// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attacks on programs that answer: their effect on the helper program, on any
 * kernel, and on a service.
 */
#include "key_service_who.h"
#include "keyd_container.h"
#include "request_afs.h"
#include "request_asked.h"

#include <linux/capability.h>

#include "../kselftest_harness.h"

#define ATTACKER	5005
#define ADDRESS		"192.0.2.1"
#define MASTER		"attack:master"
#define MASTER_SIZE	32
#define MASTER_BYTES	"thirty-two bytes of a master key"
#define ENCRYPTED	"new user:" MASTER " 32"
#define BLOB_MAX	512

FIXTURE(attack)
{
	int listener;
	int link;
	struct asked asked;
	struct look_up look_up;
	struct container container;
};

FIXTURE_SETUP(attack)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	REQUIRE_AFS();
	ASSERT_LT(0, session_new());
	self->link = -1;
	self->listener = asked_open();
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(attack)
{
	close(self->link);
	close(self->listener);
	container_end(&self->container);
}

/* The key that the kernel requests for the look-up. */
static struct asked_key key_of(const struct look_up *look_up)
{
	return (struct asked_key){ "dns_resolver", look_up->cell };
}

/* Waits for a helper that is asked for the address of the cell. */
static bool helper_comes(FIXTURE_DATA(attack) *self)
{
	const struct asked_key key = key_of(&self->look_up);

	close(self->link);
	self->link = asked_next(self->listener, &self->asked, &key);
	return self->link >= 0;
}

/* True if a helper was asked for the address of the cell. */
static bool helper_came(const FIXTURE_DATA(attack) *self)
{
	const struct asked_key key = key_of(&self->look_up);

	return asked_at_all(self->listener, &key);
}

/*
 * --- a request that looks like one of the kernel's (CVE-2026-46243) ----------
 */

struct forgery {
	const struct asked *original;
	uid_t uid;
};

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = {};

	return result(syscall(__NR_capset, &head, none));
}

/* Requests the same key as the kernel, with the same callout data. */
static int forge(const void *arg)
{
	const struct forgery *forgery = arg;
	const struct asked *original = forgery->original;
	const struct caller caller = {
		.uid = forgery->uid, .gid = forgery->uid, .stranger = true,
	};
	int ret = caller_become(&caller);

	if (!ret)
		ret = drop_capabilities();
	if (!ret)
		ret = key_request(original->type, original->description,
				  original->callout, 0);
	return ret < 0 ? ret : 0;
}

/*
 * Shows: RK-130, RK-D17. A helper gets the same arguments for a forged request
 * as for the kernel's own; the series adds the origin.
 */
TEST_F(attack, forged)
{
	static const int attackers[] = { 0, ATTACKER };
	pid_t child = look_up_start(&self->look_up, 0);
	struct asked original;

	ASSERT_TRUE(helper_comes(self));
	original = self->asked;
	EXPECT_EQ(0, original.uid);
	EXPECT_EQ(0, asked_reject(self->link, ENODATA));
	close(self->link);
	self->link = -1;
	EXPECT_GT(0, look_up_end(&self->look_up, child));

	for (size_t i = 0; i < ARRAY_SIZE(attackers); i++) {
		const struct forgery forgery = { &original, attackers[i] };

		child = task_start(forge, &forgery);
		ASSERT_TRUE(helper_comes(self));
		EXPECT_STREQ(original.type, self->asked.type);
		EXPECT_STREQ(original.description, self->asked.description);
		EXPECT_STREQ(original.callout, self->asked.callout);
		EXPECT_EQ(attackers[i], self->asked.uid);
		EXPECT_EQ(attackers[i], self->asked.gid);
		if (request_ours) {
			EXPECT_STREQ("kernel", original.origin);
			EXPECT_STREQ("user", self->asked.origin);
			EXPECT_STRNE(original.environment,
				     self->asked.environment);
		} else {
			EXPECT_STREQ(original.environment,
				     self->asked.environment);
		}
		/* The helper answers the forged request. */
		EXPECT_EQ(0, asked_answer(self->link, ADDRESS,
					  sizeof(ADDRESS)));
		close(self->link);
		self->link = -1;
		EXPECT_EQ(0, task_result(child));
	}
}

/* The kernel tells a daemon the origin of each request. */
TEST_F(attack, forged_with_a_service)
{
	struct service_record record;
	struct forgery forgery = { &self->asked, 0 };
	pid_t child;
	int fd;

	REQUIRE_SERVICE();
	fd = service_open_as(KEY_SERVICE_SCOPE_USER_NS, "dns_resolver", NULL);
	ASSERT_LE(0, fd);
	child = look_up_start(&self->look_up, 0);
	ASSERT_LT(0, service_next(fd, &record));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_KERNEL, record.head.origin);
	snprintf(self->asked.type, sizeof(self->asked.type), "%s",
		 record_type(&record));
	snprintf(self->asked.description, sizeof(self->asked.description),
		 "%s", record_description(&record));
	snprintf(self->asked.callout, sizeof(self->asked.callout), "%s",
		 record_callout(&record));
	EXPECT_EQ(0, service_reject(fd, record.head.id, -ENODATA, 0));
	EXPECT_GT(0, look_up_end(&self->look_up, child));

	child = task_start(forge, &forgery);
	ASSERT_LT(0, service_next(fd, &record));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_USER, record.head.origin);
	EXPECT_STREQ(self->asked.type, record_type(&record));
	EXPECT_STREQ(self->asked.description, record_description(&record));
	EXPECT_STREQ(self->asked.callout, record_callout(&record));
	EXPECT_EQ(0, service_reject(fd, record.head.id, -EKEYREJECTED, 0));
	EXPECT_EQ(-EKEYREJECTED, task_result(child));
	EXPECT_FALSE(helper_came(self));
	close(fd);
}

/* --- an answer from the wrong namespace (CVE-2025-2312) ------------------- */

/*
 * Shows: RK-134. A name is resolved for a container: the helper runs in the
 * host's namespaces, and the kernel believes the address that it finds there.
 */
TEST_F(attack, answered_by_the_host)
{
	pid_t child;

	ASSERT_EQ(0, container_start(&self->container));
	child = look_up_start(&self->look_up, self->container.pid);
	ASSERT_TRUE(helper_comes(self));
	EXPECT_STREQ("dns_resolver", self->asked.type);
	EXPECT_EQ(namespace_of(getpid(), "net"), self->asked.net_ns);
	EXPECT_EQ(namespace_of(getpid(), "mnt"), self->asked.mnt_ns);
	EXPECT_NE(namespace_of(self->container.pid, "net"), self->asked.net_ns);
	EXPECT_NE(namespace_of(self->container.pid, "mnt"), self->asked.mnt_ns);
	EXPECT_EQ(0, asked_answer(self->link, &cell_record,
				  sizeof(cell_record)));
	close(self->link);
	self->link = -1;
	EXPECT_EQ(0, look_up_end(&self->look_up, child));
}

/* Runs in the container, and opens its service. */
static int own_service = -1;

static int open_there(void *arg)
{
	own_service = service_open_as(KEY_SERVICE_SCOPE_NET_NS, "dns_resolver",
				      NULL);
	return own_service < 0 ? own_service : 0;
}

static int answer_there(void *arg)
{
	struct service_record record;
	int ret = service_next(own_service, &record);

	if (ret < 0)
		return ret;
	if (record.head.net_ns != asked_namespace("net"))
		return -EXDEV;
	return service_answer(own_service, record.head.id, &cell_record,
			      sizeof(cell_record));
}

/*
 * With a service the container answers itself, and no helper of the host is
 * asked.
 */
TEST_F(attack, answered_by_the_container)
{
	pid_t child;

	REQUIRE_SERVICE();
	ASSERT_EQ(0, container_start(&self->container));
	ASSERT_EQ(0, container_do(&self->container, open_there, NULL));
	child = look_up_start(&self->look_up, self->container.pid);
	EXPECT_EQ(0, container_do(&self->container, answer_there, NULL));
	EXPECT_EQ(0, look_up_end(&self->look_up, child));
	EXPECT_FALSE(helper_came(self));
}

/*
 * --- rights of another process
 * ------------------------------------------------
 */

/* A process that has a master key, or has none. */
static int become_attacker(const void *arg)
{
	const struct caller caller = {
		.uid = ATTACKER, .gid = ATTACKER, .stranger = true,
	};
	int ret = caller_become(&caller);

	if (!ret)
		ret = result(prctl(PR_SET_DUMPABLE, 1));
	if (!ret && *(const bool *)arg)
		ret = key_add_user(MASTER, MASTER_BYTES, MASTER_SIZE);
	return ret < 0 ? ret : 0;
}

/* Opens a service for the process's own requests, and sends it to the test. */
static int service_of_attacker(bool has_master)
{
	return service_of(become_attacker, &has_master, KEY_SERVICE_SCOPE_UID,
			  "encrypted");
}

static int ask_as_attacker(const void *arg)
{
	const struct caller caller = {
		.uid = ATTACKER, .gid = ATTACKER, .stranger = true,
	};
	int ret = caller_become(&caller);

	if (!ret)
		ret = result(prctl(PR_SET_DUMPABLE, 1));
	if (!ret)
		ret = key_request("encrypted", "d", "", 0);
	return ret < 0 ? ret : 0;
}

/*
 * Makes the payload that loads a key under the master key; returns its length.
 */
static int make_blob(char *blob)
{
	key_serial_t key;
	long len;

	key = key_add_user(MASTER, MASTER_BYTES, MASTER_SIZE);
	if (key < 0)
		return key;
	key = key_add("encrypted", "attack:blob", ENCRYPTED, sizeof(ENCRYPTED) - 1,
		      KEY_SPEC_SESSION_KEYRING);
	if (key < 0)
		return key;
	len = sprintf(blob, "load ");
	return len + key_read(key, blob + len, BLOB_MAX - len);
}

/*
 * A program with more rights gets the descriptor and is tricked into writing
 * the attacker's answer.  If the type searches for a further key, it finds the
 * opener's key, and none of the writer's.
 */
TEST_F(attack, lent_descriptor)
{
	struct service_record record;
	char blob[BLOB_MAX] = "";
	pid_t child;
	int fd, len;

	REQUIRE_SERVICE();
	len = make_blob(blob);
	ASSERT_LT(sizeof("load "), len);
	for (int has_master = 0; has_master < 2; has_master++) {
		fd = service_of_attacker(has_master);
		ASSERT_LE(0, fd);
		child = task_start(ask_as_attacker, NULL);
		ASSERT_LT(0, service_next(fd, &record));
		EXPECT_EQ(has_master ? 0 : -ENOKEY,
			  service_answer(fd, record.head.id, blob, len));
		if (!has_master)
			EXPECT_EQ(0, service_reject(fd, record.head.id,
						    -EACCES, 0));
		EXPECT_EQ(has_master ? 0 : -EACCES, task_result(child));
		close(fd);
	}
}

ASKED_TEST_MAIN
