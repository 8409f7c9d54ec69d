// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening a key service: refused parameters, the order of errors, and limits.
 */
#include "key_service.h"

#include <sys/resource.h>

#include "../kselftest_harness.h"

#define PAGE_SIZE_MAX	65536
#define PER_USER	64
#define NOBODY		5005

FIXTURE(opening)
{
	unsigned long scope;
	struct key_service_filter filters[KEY_SERVICE_FILTERS_MAX + 1];
	struct key_service_params params;
	char prefix[1100];
};

FIXTURE_SETUP(opening)
{
	REQUIRE_SERVICE();
	self->scope = KEY_SERVICE_SCOPE_UID;
	self->filters[0].type = (uintptr_t)"user";
	self->params = (struct key_service_params){
		.filter_count = 1,
		.filters = (uintptr_t)self->filters,
	};
}

FIXTURE_TEARDOWN(opening)
{
}

static int try_size(unsigned long scope, const void *params, size_t size)
{
	int fd = keyctl(KEYCTL_SERVICE_OPEN, scope, params, size);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int open_it(const FIXTURE_DATA(opening) *self)
{
	return keyctl(KEYCTL_SERVICE_OPEN, self->scope, &self->params,
		      sizeof(self->params));
}

static int try_open(const FIXTURE_DATA(opening) *self)
{
	return try_size(self->scope, &self->params, sizeof(self->params));
}

/* Shows: KS-18, KS-28. */
TEST_F(opening, every_scope)
{
	EXPECT_EQ(0, try_open(self));
	self->scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(0, try_open(self));
	self->scope = KEY_SERVICE_SCOPE_NET_NS;
	EXPECT_EQ(0, try_open(self));
	self->filters[0].prefix = (uintptr_t)"p";
	EXPECT_EQ(0, try_open(self));
	self->filters[0].type = 0;
	EXPECT_EQ(0, try_open(self));
	self->params.filter_count = 0;
	self->params.filters = 0;
	EXPECT_EQ(0, try_open(self));
}

/*
 * Shows: KS-16, KS-17. The call by which a program learns whether the kernel
 * has services.
 */
TEST_F(opening, probe)
{
	EXPECT_EQ(-EINVAL, try_size(0, NULL, 0));
	EXPECT_EQ(-EOPNOTSUPP, keyctl(KEYCTL_SERVICE_OPEN - 0x10000, 0, NULL, 0));
}

/* Shows: KS-19, KS-20. */
TEST_F(opening, size)
{
	struct {
		struct key_service_params params;
		char tail[PAGE_SIZE_MAX];
	} *larger = calloc(1, sizeof(*larger));

	larger->params = self->params;
	EXPECT_EQ(-EINVAL, try_size(self->scope, larger, 0));
	EXPECT_EQ(-EINVAL, try_size(self->scope, larger, KEY_SERVICE_PARAMS_SIZE_1 - 1));
	EXPECT_EQ(0, try_size(self->scope, larger, KEY_SERVICE_PARAMS_SIZE_1));
	EXPECT_EQ(0, try_size(self->scope, larger, KEY_SERVICE_PARAMS_SIZE_1 + 1));
	EXPECT_EQ(0, try_size(self->scope, larger, 4096));
	EXPECT_EQ(-E2BIG, try_size(self->scope, larger, PAGE_SIZE_MAX + 1));
	EXPECT_EQ(-E2BIG, try_size(self->scope, larger, -1));
	larger->tail[7] = 1;
	EXPECT_EQ(0, try_size(self->scope, larger, KEY_SERVICE_PARAMS_SIZE_1 + 7));
	EXPECT_EQ(-E2BIG, try_size(self->scope, larger, KEY_SERVICE_PARAMS_SIZE_1 + 8));
	free(larger);
}

/* Shows: KS-20, KS-23, KS-24, KS-25. */
TEST_F(opening, pointers)
{
	EXPECT_EQ(-EFAULT, try_size(self->scope, NULL, sizeof(self->params)));
	EXPECT_EQ(-EFAULT, try_size(self->scope, (void *)1, sizeof(self->params)));
	self->filters[0].type = 1;
	EXPECT_EQ(-EFAULT, try_open(self));
	self->filters[0].type = (uintptr_t)"user";
	self->filters[0].prefix = 1;
	EXPECT_EQ(-EFAULT, try_open(self));
	self->filters[0].prefix = UINT64_MAX;
	EXPECT_EQ(-EFAULT, try_open(self));
}

/* Shows: KS-18, KS-21. */
TEST_F(opening, values)
{
	self->params.flags = 4;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->params.flags = 1u << 31;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->params.flags = KEY_SERVICE_NONBLOCK | KEY_SERVICE_NO_FALLBACK;
	EXPECT_EQ(0, try_open(self));

	self->scope = 0;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->scope = KEY_SERVICE_SCOPE_NET_NS + 1;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->scope = KEY_SERVICE_SCOPE_UID;
	/* A filter of system calls may check all bits of the scope. */
	if (sizeof(self->scope) == 8) {
		self->scope |= 1UL << (sizeof(self->scope) * 8 - 1);
		EXPECT_EQ(-EINVAL, try_open(self));
		self->scope = KEY_SERVICE_SCOPE_UID;
	}

	self->params.timeout_ms = 24 * 60 * 60 * 1000;
	EXPECT_EQ(0, try_open(self));
	self->params.timeout_ms++;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->params.timeout_ms = 1;

	self->params.max_pending = 65536;
	EXPECT_EQ(0, try_open(self));
	self->params.max_pending++;
	EXPECT_EQ(-EINVAL, try_open(self));
}

/* Shows: KS-21, KS-23, KS-29. */
TEST_F(opening, filters)
{
	for (int i = 1; i < KEY_SERVICE_FILTERS_MAX; i++)
		self->filters[i].type = (uintptr_t)"user";
	self->params.filter_count = KEY_SERVICE_FILTERS_MAX;
	EXPECT_EQ(0, try_open(self));
	/* The kernel checks each filter. */
	self->filters[KEY_SERVICE_FILTERS_MAX - 1].prefix = (uintptr_t)"";
	EXPECT_EQ(-EINVAL, try_open(self));
	self->filters[KEY_SERVICE_FILTERS_MAX - 1].prefix = 0;
	self->filters[KEY_SERVICE_FILTERS_MAX - 1].type = 0;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(0, try_open(self));
	self->params.filter_count++;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->params.filter_count = UINT32_MAX;
	EXPECT_EQ(-EINVAL, try_open(self));

	/* Without filters both the count and the pointer are zero. */
	self->params.filter_count = 0;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->params.filters = 0;
	EXPECT_EQ(0, try_open(self));
	self->scope = KEY_SERVICE_SCOPE_UID;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->scope = KEY_SERVICE_SCOPE_USER_NS;
	self->params.filter_count = 1;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->params.filters = 1;
	EXPECT_EQ(-EFAULT, try_open(self));
	self->params.filters = UINT64_MAX;
	EXPECT_EQ(-EFAULT, try_open(self));
}

/* Shows: KS-24. */
TEST_F(opening, type)
{
	self->filters[0].type = 0;
	EXPECT_EQ(-EINVAL, try_open(self));
	self->filters[0].type = (uintptr_t)"";
	EXPECT_EQ(-EINVAL, try_open(self));
	self->filters[0].type = (uintptr_t)"a234567890123456789012345678901";
	EXPECT_EQ(0, try_open(self));
	self->filters[0].type = (uintptr_t)"a2345678901234567890123456789012";
	EXPECT_EQ(-EINVAL, try_open(self));
	self->filters[0].type = (uintptr_t)".request_key_auth";
	EXPECT_EQ(-EPERM, try_open(self));
	/* Bytes that would forge lines of fdinfo, or control a terminal. */
	for (const char *const *name = (const char *const[]){
		"user\nprefix:\tall", "us er", "us\ter", "user\033[2J", "us\177er",
		"us\303\244r", NULL }; *name; name++) {
		self->filters[0].type = (uintptr_t)*name;
		EXPECT_EQ(-EINVAL, try_open(self));
	}
}

/* Shows: KS-25. */
TEST_F(opening, prefix)
{
	self->filters[0].prefix = (uintptr_t)"";
	EXPECT_EQ(-EINVAL, try_open(self));
	memset(self->prefix, 'p', 1023);
	self->filters[0].prefix = (uintptr_t)self->prefix;
	EXPECT_EQ(0, try_open(self));
	self->prefix[1023] = 'p';
	EXPECT_EQ(-EINVAL, try_open(self));
}

static int become_nobody(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	int ret = caller_become(&caller);

	return ret ?: try_open(arg);
}

/* Shows: KS-22. */
TEST_F(opening, privilege)
{
	EXPECT_EQ(0, task_run(become_nobody, self));
	self->scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(-EPERM, task_run(become_nobody, self));
	self->scope = KEY_SERVICE_SCOPE_NET_NS;
	EXPECT_EQ(-EPERM, task_run(become_nobody, self));
}

/*
 * Makes the process root of a new user namespace, still in the old network
 * namespace.
 */
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

/* Shows: KS-22. */
TEST_F(opening, privilege_in_namespaces)
{
	self->scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(0, task_run(become_root_of_users, self));
	self->scope = KEY_SERVICE_SCOPE_NET_NS;
	EXPECT_EQ(-EPERM, task_run(become_root_of_users, self));
	EXPECT_EQ(0, task_run(become_root_of_both, self));
}

/*
 * Shows: KS-18, KS-19, KS-20, KS-21, KS-22, KS-24. Each call has two errors;
 * the kernel returns the first one in the contract's order.
 */
TEST_F(opening, order_of_errors)
{
	struct {
		struct key_service_params params;
		uint64_t tail;
	} larger = { .params = self->params, .tail = 1 };

	EXPECT_EQ(-EINVAL, try_size(self->scope, NULL, 0));
	EXPECT_EQ(-E2BIG, try_size(self->scope, NULL, PAGE_SIZE_MAX + 1));
	EXPECT_EQ(-EINVAL, try_size(0, NULL, PAGE_SIZE_MAX + 1));
	larger.params.flags = 4;
	EXPECT_EQ(-E2BIG, try_size(self->scope, &larger, sizeof(larger)));

	self->params.flags = 4;
	self->scope = KEY_SERVICE_SCOPE_USER_NS;
	EXPECT_EQ(-EINVAL, task_run(become_nobody, self));
	self->params.flags = 0;
	self->filters[0].type = 1;
	EXPECT_EQ(-EPERM, task_run(become_nobody, self));
	self->filters[0].prefix = (uintptr_t)"";
	EXPECT_EQ(-EFAULT, try_open(self));
	self->filters[0].type = (uintptr_t)".type";
	EXPECT_EQ(-EPERM, try_open(self));
}

static int exhaust_user(const void *arg)
{
	int fds[PER_USER], ret;

	for (int i = 0; i < PER_USER; i++) {
		fds[i] = open_it(arg);
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

/* A second user of a namespace whose owner has used up the owner's limit. */
static int exhaust_from_below(const void *arg)
{
	const struct caller caller = { .uid = NOBODY, .gid = NOBODY };
	int ret = caller_become(&caller);

	if (ret)
		return ret;
	for (int i = 0; i < PER_USER; i++)
		if (open_it(arg) < 0)
			return -EPROTO;
	if (unshare(CLONE_NEWUSER))
		return -errno;
	return try_open(arg);
}

/* Shows: KS-26. */
TEST_F(opening, limit_for_a_user)
{
	EXPECT_EQ(0, task_run(exhaust_as_nobody, self));
	EXPECT_EQ(0, task_run(exhaust_as_nobody, self));
	EXPECT_EQ(-EDQUOT, task_run(exhaust_from_below, self));
	EXPECT_EQ(0, task_run(become_nobody, self));
}

/* Shows: KS-27. */
TEST_F(opening, no_descriptor_left)
{
	struct rlimit limit = { 3, 3 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-EMFILE, try_open(self));
}

/* Shows: KS-28. */
TEST_F(opening, descriptor)
{
	char link[64] = "", path[64];
	int fd = open_it(self);

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_RDWR, fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_LT(0, readlink(path, link, sizeof(link) - 1));
	EXPECT_STREQ("anon_inode:[key-service]", link);
	close(fd);

	self->params.flags = KEY_SERVICE_NONBLOCK;
	fd = open_it(self);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(-EAGAIN, result(read(fd, path, sizeof(path))));
	close(fd);
}

/* Shows: KS-38. */
TEST_F(opening, fdinfo)
{
	char path[64], text[1024] = "";
	int fd, info;

	self->filters[0].prefix = (uintptr_t)"a\nb\\\033[2J";
	self->filters[1].type = (uintptr_t)"logon";
	self->params.filter_count = 2;
	fd = open_it(self);
	ASSERT_LE(0, fd);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY);
	EXPECT_LT(0, read(info, text, sizeof(text) - 1));
	EXPECT_NE(NULL, strstr(text, "scope:\tuid\nfallback:\tyes\npending:\t0\n"
			       "max-pending:\t256\ntype:\tuser\n"
			       "prefix:\ta\\012b\\134\\033[2J\n"
			       "type:\tlogon\nprefix:\t\nread:\t\n"));
	close(info);
	close(fd);
}

/* Shows: KS-49, KS-52. */
TEST_F(opening, assume_arguments)
{
	int fd = open_it(self), other;
	uint64_t id = 1;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, keyctl(KEYCTL_SERVICE_ASSUME, -1, &id, 0));
	EXPECT_EQ(-EBADF, keyctl(KEYCTL_SERVICE_ASSUME, 999, NULL, 0));
	other = open("/dev/null", O_RDWR | O_CLOEXEC);
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_SERVICE_ASSUME, other, NULL, 0));
	EXPECT_EQ(-EFAULT, keyctl(KEYCTL_SERVICE_ASSUME, fd, NULL, 0));
	EXPECT_EQ(-ENOENT, keyctl(KEYCTL_SERVICE_ASSUME, fd, &id, 0));
	EXPECT_EQ(-EBADF, keyctl(KEYCTL_SERVICE_PIDFD, -1, &id));
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_SERVICE_PIDFD, other, NULL));
	EXPECT_EQ(-EFAULT, keyctl(KEYCTL_SERVICE_PIDFD, fd, NULL));
	EXPECT_EQ(-ENOENT, keyctl(KEYCTL_SERVICE_PIDFD, fd, &id));
	close(other);
	close(fd);
}

REQUEST_TEST_MAIN
