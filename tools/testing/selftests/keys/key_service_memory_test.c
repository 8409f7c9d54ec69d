// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cgroups that are charged for the memory of services and their requests.
 */
#include <limits.h>

#include "key_service.h"

#include "../kselftest_harness.h"

#define CGROUPS		"/sys/fs/cgroup"
#define REQUESTS	64
#define SERVICES	60
#define CALLOUT_SIZE	1800
#define PREFIX_SIZE	1000

FIXTURE(memory)
{
	char payer[64];
	char other[64];
	char callout[CALLOUT_SIZE];
	struct script script;
	struct service_record record;
};

static int cgroup_write(const char *cgroup, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", cgroup, file);
	return file_write(path, text);
}

/* Bytes of the kernel's small objects that are charged to a cgroup. */
static long charged(const char *cgroup)
{
	char path[128], line[128];
	long bytes = -ENOENT;
	FILE *file;

	snprintf(path, sizeof(path), "%s/memory.stat", cgroup);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "slab_unreclaimable %ld", &bytes) == 1)
			break;
	fclose(file);
	return bytes;
}

static int join_cgroup(const void *cgroup)
{
	return cgroup_write(cgroup, "cgroup.procs", "0");
}

FIXTURE_SETUP(memory)
{
	static unsigned int count;

	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	if (cgroup_write(CGROUPS, "cgroup.subtree_control", "+memory"))
		SKIP(return, "debug kernels only: needs CONFIG_MEMCG");
	snprintf(self->payer, sizeof(self->payer), CGROUPS "/payer-%d-%u",
		 getpid(), count);
	snprintf(self->other, sizeof(self->other), CGROUPS "/other-%d-%u",
		 getpid(), count++);
	ASSERT_EQ(0, mkdir(self->payer, 0755));
	ASSERT_EQ(0, mkdir(self->other, 0755));
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	/* If the helper were started, it would end at its first step. */
	for (size_t i = 0; i < sizeof(self->callout) - 1; i++)
		self->callout[i] = "X1;"[i % 3];
}

/* Charged memory keeps a removed cgroup alive, but not its name. */
FIXTURE_TEARDOWN(memory)
{
	script_close(&self->script);
	for (int ms = 0; ms < TASK_LIMIT_MS; ms++) {
		rmdir(self->payer);
		rmdir(self->other);
		if (access(self->payer, F_OK) && access(self->other, F_OK))
			break;
		sleep_ms(1);
	}
}

static bool within(long bytes, long least, long most)
{
	return bytes >= least && bytes <= most;
}

/*
 * Returns the charge, waiting until it is between @least and @most: the kernel
 * updates its count every few seconds.
 */
static long charged_within(const char *cgroup, long least, long most)
{
	long bytes = charged(cgroup);

	for (int ms = 0; !within(bytes, least, most) && ms < TASK_LIMIT_MS;
	     ms += 10) {
		sleep_ms(10);
		bytes = charged(cgroup);
	}
	return bytes;
}

struct owner {
	const char *cgroup;
	int link;
};

static int open_from_cgroup(const void *arg)
{
	const struct owner *owner = arg;
	int fd, ret = join_cgroup(owner->cgroup);

	if (ret)
		return ret;
	fd = service_open();
	if (fd < 0)
		return fd;
	return send_descriptor(owner->link, fd) == 1 ? 0 : -EIO;
}

/*
 * The requester's cgroup pays for a request as long as it is unanswered, even
 * after the requester's death; the opener and the reader of the service do not
 * pay.
 */
TEST_F(memory, requests)
{
	struct owner owner = { .cgroup = self->other };
	pid_t askers[REQUESTS];
	int link[2], fd;
	long others;
	char name[16];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link));
	owner.link = link[1];
	ASSERT_EQ(0, task_run(open_from_cgroup, &owner));
	fd = receive_descriptor(link[0]);
	ASSERT_LE(0, fd);
	/* The opener pays for its service. */
	others = charged_within(self->other, 1, LONG_MAX);
	ASSERT_LT(0, others);

	for (int i = 0; i < REQUESTS; i++) {
		struct question question = {
			.description = name, .steps = self->callout,
			.prepare = join_cgroup, .argument = self->payer,
		};

		snprintf(name, sizeof(name), "k%d", i);
		askers[i] = question_start(&question);
	}
	for (int i = 0; i < REQUESTS; i++) {
		ASSERT_TRUE(asker_waits(askers[i]));
		kill(askers[i], SIGKILL);
		EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(askers[i]));
	}

	EXPECT_LE(REQUESTS * CALLOUT_SIZE,
		  charged_within(self->payer, REQUESTS * CALLOUT_SIZE,
				 LONG_MAX));
	EXPECT_GE(others + CALLOUT_SIZE, charged(self->other));
	for (int i = 0; i < REQUESTS; i++) {
		ASSERT_LT(0, service_next(fd, &self->record));
		EXPECT_LE(CALLOUT_SIZE - 1,
			  (int)self->record.head.callout_len);
		/* The kernel's count may lag behind by a page. */
		if (i < REQUESTS / 2)
			EXPECT_LE((REQUESTS - i) * CALLOUT_SIZE,
				  charged_within(self->payer,
						 (REQUESTS - i) * CALLOUT_SIZE,
						 LONG_MAX));
		EXPECT_EQ(0, service_reject(fd, self->record.head.id, -EACCES,
					    0));
	}
	EXPECT_GE(REQUESTS / 2 * CALLOUT_SIZE,
		  charged_within(self->payer, 0,
				 REQUESTS / 2 * CALLOUT_SIZE));
	close(fd);
	close(link[0]);
	close(link[1]);
}

struct opener {
	const char *cgroup;
	const char *prefix;
};

/*
 * Opens services from within a cgroup; returns the additional charge of the
 * cgroup.
 */
static int open_services(const void *arg)
{
	const struct opener *opener = arg;
	int ret = join_cgroup(opener->cgroup);
	long before = charged(opener->cgroup);

	if (ret)
		return ret;
	for (int i = 0; i < SERVICES; i++) {
		ret = service_open_as(KEY_SERVICE_SCOPE_USER_NS, "user",
				      opener->prefix);
		if (ret < 0)
			return ret;
	}
	before += SERVICES * PREFIX_SIZE;
	return charged_within(opener->cgroup, before, LONG_MAX) < before ?
	       -ENODATA : 0;
}

/* The opener's cgroup pays for a service and its prefix. */
TEST_F(memory, services)
{
	char prefix[PREFIX_SIZE + 1];
	const struct opener opener = { self->payer, prefix };

	memset(prefix, 'p', PREFIX_SIZE);
	prefix[PREFIX_SIZE] = '\0';
	EXPECT_EQ(0, task_run(open_services, &opener));
	EXPECT_GE(SERVICES / 2 * PREFIX_SIZE,
		  charged_within(self->payer, 0,
				 SERVICES / 2 * PREFIX_SIZE));
}

REQUEST_TEST_MAIN
