/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Containers: user and network namespaces, and functions to enter them.
 */
#ifndef SELFTESTS_KEYS_KEY_SERVICE_CONTAINER_H
#define SELFTESTS_KEYS_KEY_SERVICE_CONTAINER_H

#include "key_service_who.h"
#include "request_afs.h"

/* The range of the host's ids that a container gets. */
#define MAP_BASE	100000
#define MAP_SIZE	65536

static inline int write_map(pid_t pid, const char *file)
{
	char path[64], map[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	snprintf(map, sizeof(map), "0 %d %d", MAP_BASE, MAP_SIZE);
	return file_write(path, map);
}

struct new_container {
	uid_t owner;
	int ready[2];
};

static inline int be_a_container(const void *arg)
{
	const struct new_container *container = arg;
	const struct caller owner = {
		.uid = container->owner, .gid = container->owner,
	};
	const int *ready = container->ready;
	int ret = caller_become(&owner);

	if (!ret && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		ret = -errno;
	if (ret)
		return ret;
	syscall(__NR_close_range, STDERR_FILENO + 1, ready[1] - 1, 0);
	if (write(ready[1], "r", 1) != 1)
		return -errno;
	syscall(__NR_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	for (;;)
		pause();
}

/*
 * A user and a network namespace, held by a child.  The namespace has a range
 * of ids, as users get by newuidmap(1).
 */
static inline pid_t container_start_by(uid_t owner)
{
	struct new_container container = { .owner = owner };
	pid_t pid;
	char byte;

	if (pipe2(container.ready, O_CLOEXEC))
		return -errno;
	pid = task_start(be_a_container, &container);
	if (read(container.ready[0], &byte, 1) != 1 ||
	    write_map(pid, "uid_map") || write_map(pid, "gid_map"))
		pid = -EPROTO;
	close(container.ready[0]);
	close(container.ready[1]);
	return pid;
}

static inline pid_t container_start(void)
{
	return container_start_by(0);
}

static inline void container_end(pid_t pid)
{
	kill(pid, SIGKILL);
	task_result(pid);
}

static inline int enter_as(pid_t container, uid_t uid)
{
	int ret, net;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", container);
	net = open(path, O_RDONLY | O_CLOEXEC);
	ret = set_namespace(container, "user", CLONE_NEWUSER);
	if (ret)
		return ret;
	if (setns(net, CLONE_NEWNET) || setgroups(0, NULL) ||
	    setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		return -errno;
	close(net);
	return settle();
}

static inline int enter(const void *arg)
{
	return enter_as(*(const pid_t *)arg, 0);
}

static inline int enter_as_user(const void *arg)
{
	return enter_as(*(const pid_t *)arg, 1000);
}

/*
 * A process of the host that has only entered the network namespace of a
 * container.
 */
static inline int enter_network(const void *arg)
{
	int ret = set_namespace(*(const pid_t *)arg, "net", CLONE_NEWNET);

	return ret ?: settle();
}

#endif /* SELFTESTS_KEYS_KEY_SERVICE_CONTAINER_H */
