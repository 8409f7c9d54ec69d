// SPDX-License-Identifier: GPL-2.0-only
/* Opening a key service: what is refused, in which order, and how often. */
#include "key_service.h"

#include <sys/resource.h>

#include "../kselftest_harness.h"

#define PAGE_SIZE_MAX	65536
#define PER_USER	64
#define NOBODY		5005

FIXTURE(opening)
{
	struct key_service_params params;
	char prefix[1100];
};

FIXTURE_SETUP(opening)
{
	REQUIRE_SERVICE();
	self->params = (struct key_service_params){
		.scope = KEY_SERVICE_SCOPE_UID,
		.type = (uintptr_t)"user",
	};
}

FIXTURE_TEARDOWN(opening)
{
}

static int try_size(const void *params, size_t size)
{
	int fd = keyctl(KEYCTL_SERVICE_OPEN, params, size);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int try_open(const struct key_service_params *params)
{
	return try_size(params, sizeof(*params));
}

TEST_F(opening, every_scope)
{
	EXPECT_EQ(0, try_open(&self->params));
	self->params.scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(0, try_open(&self->params));
	self->params.scope = KEY_SERVICE_SCOPE_NET_NS;
	EXPECT_EQ(0, try_open(&self->params));
	self->params.type = 0;
	EXPECT_EQ(0, try_open(&self->params));
	self->params.prefix = (uintptr_t)"p";
	EXPECT_EQ(0, try_open(&self->params));
}

TEST_F(opening, size)
{
	struct {
		struct key_service_params params;
		char tail[PAGE_SIZE_MAX];
	} *larger = calloc(1, sizeof(*larger));

	larger->params = self->params;
	EXPECT_EQ(-EINVAL, try_size(larger, 0));
	EXPECT_EQ(-EINVAL, try_size(larger, KEY_SERVICE_PARAMS_SIZE_1 - 1));
	EXPECT_EQ(0, try_size(larger, KEY_SERVICE_PARAMS_SIZE_1));
	EXPECT_EQ(0, try_size(larger, KEY_SERVICE_PARAMS_SIZE_1 + 1));
	EXPECT_EQ(0, try_size(larger, 4096));
	EXPECT_EQ(-E2BIG, try_size(larger, PAGE_SIZE_MAX + 1));
	EXPECT_EQ(-E2BIG, try_size(larger, -1));
	larger->tail[7] = 1;
	EXPECT_EQ(0, try_size(larger, KEY_SERVICE_PARAMS_SIZE_1 + 7));
	EXPECT_EQ(-E2BIG, try_size(larger, KEY_SERVICE_PARAMS_SIZE_1 + 8));
	free(larger);
}

TEST_F(opening, pointers)
{
	EXPECT_EQ(-EFAULT, try_size(NULL, sizeof(self->params)));
	EXPECT_EQ(-EFAULT, try_size((void *)1, sizeof(self->params)));
	self->params.type = 1;
	EXPECT_EQ(-EFAULT, try_open(&self->params));
	self->params.type = (uintptr_t)"user";
	self->params.prefix = 1;
	EXPECT_EQ(-EFAULT, try_open(&self->params));
	self->params.prefix = UINT64_MAX;
	EXPECT_EQ(-EFAULT, try_open(&self->params));
}

TEST_F(opening, values)
{
	self->params.flags = 2;
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	self->params.flags = 1u << 31;
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	self->params.flags = KEY_SERVICE_NONBLOCK;
	EXPECT_EQ(0, try_open(&self->params));

	self->params.scope = 0;
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	self->params.scope = KEY_SERVICE_SCOPE_NET_NS + 1;
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	self->params.scope = KEY_SERVICE_SCOPE_UID;

	self->params.timeout_ms = 24 * 60 * 60 * 1000;
	EXPECT_EQ(0, try_open(&self->params));
	self->params.timeout_ms++;
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	self->params.timeout_ms = 1;

	self->params.max_pending = 65536;
	EXPECT_EQ(0, try_open(&self->params));
	self->params.max_pending++;
	EXPECT_EQ(-EINVAL, try_open(&self->params));
}

TEST_F(opening, type)
{
	self->params.type = 0;
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	self->params.type = (uintptr_t)"";
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	self->params.type = (uintptr_t)"a234567890123456789012345678901";
	EXPECT_EQ(0, try_open(&self->params));
	self->params.type = (uintptr_t)"a2345678901234567890123456789012";
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	self->params.type = (uintptr_t)".request_key_auth";
	EXPECT_EQ(-EPERM, try_open(&self->params));
}

TEST_F(opening, prefix)
{
	self->params.prefix = (uintptr_t)"";
	EXPECT_EQ(-EINVAL, try_open(&self->params));
	memset(self->prefix, 'p', 1023);
	self->params.prefix = (uintptr_t)self->prefix;
	EXPECT_EQ(0, try_open(&self->params));
	self->prefix[1023] = 'p';
	EXPECT_EQ(-EINVAL, try_open(&self->params));
}

static int become_nobody(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	int ret = caller_become(&caller);

	return ret ?: try_open(arg);
}

TEST_F(opening, privilege)
{
	EXPECT_EQ(0, task_run(become_nobody, &self->params));
	self->params.scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(-EPERM, task_run(become_nobody, &self->params));
	self->params.scope = KEY_SERVICE_SCOPE_NET_NS;
	EXPECT_EQ(-EPERM, task_run(become_nobody, &self->params));
}

/* Root of a new user namespace, still in the old network namespace. */
static int become_root_of_users(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	int ret = caller_become(&caller);

	if (!ret && unshare(CLONE_NEWUSER))
		ret = -errno;
	return ret ?: try_open(arg);
}

static int become_root_of_both(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	int ret = caller_become(&caller);

	if (!ret && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		ret = -errno;
	return ret ?: try_open(arg);
}

TEST_F(opening, privilege_in_namespaces)
{
	self->params.scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(0, task_run(become_root_of_users, &self->params));
	self->params.scope = KEY_SERVICE_SCOPE_NET_NS;
	EXPECT_EQ(-EPERM, task_run(become_root_of_users, &self->params));
	EXPECT_EQ(0, task_run(become_root_of_both, &self->params));
}

/* Each call has two faults; the one that is found first is reported. */
TEST_F(opening, order_of_errors)
{
	struct {
		struct key_service_params params;
		uint64_t tail;
	} larger = { .params = self->params, .tail = 1 };

	EXPECT_EQ(-EINVAL, try_size(NULL, 0));
	EXPECT_EQ(-E2BIG, try_size(NULL, PAGE_SIZE_MAX + 1));
	larger.params.flags = 2;
	EXPECT_EQ(-E2BIG, try_size(&larger, sizeof(larger)));

	self->params.flags = 2;
	self->params.scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(-EINVAL, task_run(become_nobody, &self->params));
	self->params.flags = 0;
	self->params.type = 1;
	EXPECT_EQ(-EPERM, task_run(become_nobody, &self->params));
	self->params.prefix = (uintptr_t)"";
	EXPECT_EQ(-EFAULT, try_open(&self->params));
	self->params.type = (uintptr_t)".type";
	EXPECT_EQ(-EPERM, try_open(&self->params));
}

static int exhaust_user(const void *arg)
{
	int fds[PER_USER], ret;

	for (int i = 0; i < PER_USER; i++) {
		fds[i] = service_open_with(arg);
		if (fds[i] < 0)
			return fds[i];
	}
	if (try_open(arg) != -EDQUOT)
		return -EPROTO;
	close(fds[0]);
	ret = try_open(arg);
	return ret;
}

static int exhaust_as_nobody(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	int ret = caller_become(&caller);

	return ret ?: exhaust_user(arg);
}

/* A second user of a namespace whose owner has used up what it may have. */
static int exhaust_from_below(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	int ret = caller_become(&caller);

	if (ret)
		return ret;
	for (int i = 0; i < PER_USER; i++)
		if (service_open_with(arg) < 0)
			return -EPROTO;
	if (unshare(CLONE_NEWUSER))
		return -errno;
	return try_open(arg);
}

TEST_F(opening, limit_for_a_user)
{
	EXPECT_EQ(0, task_run(exhaust_as_nobody, &self->params));
	EXPECT_EQ(0, task_run(exhaust_as_nobody, &self->params));
	EXPECT_EQ(-EDQUOT, task_run(exhaust_from_below, &self->params));
	EXPECT_EQ(0, task_run(become_nobody, &self->params));
}

TEST_F(opening, no_descriptor_left)
{
	struct rlimit limit = { 3, 3 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-EMFILE, try_open(&self->params));
}

TEST_F(opening, descriptor)
{
	char link[64] = "", path[64];
	int fd = service_open_with(&self->params);

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_RDWR, fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_LT(0, readlink(path, link, sizeof(link) - 1));
	EXPECT_STREQ("anon_inode:[key-service]", link);
	close(fd);

	self->params.flags = KEY_SERVICE_NONBLOCK;
	fd = service_open_with(&self->params);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(-EAGAIN, result(read(fd, path, sizeof(path))));
	close(fd);
}

TEST_F(opening, fdinfo)
{
	char path[64], text[512] = "";
	int fd, info;

	self->params.prefix = (uintptr_t)"a\nb";
	fd = service_open_with(&self->params);
	ASSERT_LE(0, fd);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY);
	EXPECT_LT(0, read(info, text, sizeof(text) - 1));
	EXPECT_NE(NULL, strstr(text, "scope:\tuid\npending:\t0\n"
			       "max-pending:\t256\ntype:\tuser\n"
			       "prefix:\ta\\012b\n"));
	close(info);
	close(fd);
}

TEST_F(opening, assume_arguments)
{
	int fd = service_open_with(&self->params), other;
	uint64_t id = 1;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, keyctl(KEYCTL_SERVICE_ASSUME, -1, &id, 0));
	EXPECT_EQ(-EBADF, keyctl(KEYCTL_SERVICE_ASSUME, 999, NULL, 0));
	other = open("/dev/null", O_RDWR | O_CLOEXEC);
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_SERVICE_ASSUME, other, NULL, 0));
	EXPECT_EQ(-EFAULT, keyctl(KEYCTL_SERVICE_ASSUME, fd, NULL, 0));
	EXPECT_EQ(-ENOENT, keyctl(KEYCTL_SERVICE_ASSUME, fd, &id, 0));
	close(other);
	close(fd);
}

REQUEST_TEST_MAIN
