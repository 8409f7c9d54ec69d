/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Containers: a process in user, network, mount and process id namespaces of
 * its own, which makes the calls that the test sends until the test ends.
 */
#ifndef SELFTESTS_KEYS_KEYD_CONTAINER_H
#define SELFTESTS_KEYS_KEYD_CONTAINER_H

#include <sched.h>
#include <sys/mount.h>

#include "keyd_run.h"
#include "loopback.h"

/* The host's uid of the container's root, who has no rights on the host. */
#define CONTAINER_UID	100000
#define CONTAINER_UIDS	65536

/*
 * struct container - one of them
 * @pid:	its first process, as the host sees it
 * @link: socket for calls and their results
 */
struct container {
	pid_t pid;
	int link;
};

typedef int (*container_call_t)(void *arg);

/* A call to make in the container, which is a fork of this process. */
struct container_order {
	container_call_t call;
	void *arg;
};

static inline int container_settle(void)
{
	if (setresgid(0, 0, 0) || setresuid(0, 0, 0) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		return -errno;
	return loopback_up();
}

/* The first process of the container. */
static inline void container_main(int link)
{
	struct container_order order;
	int ret;

	/* Waits until the host has mapped its ids. */
	if (recv(link, &order, sizeof(order), 0) != sizeof(order))
		_exit(1);
	ret = container_settle();
	if (!ret && session_new() < 0)
		ret = -ENOKEY;
	send(link, &ret, sizeof(ret), 0);
	while (recv(link, &order, sizeof(order), 0) == sizeof(order)) {
		ret = order.call(order.arg);
		send(link, &ret, sizeof(ret), 0);
	}
	_exit(0);
}

static inline bool container_map(pid_t pid, const char *file)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	snprintf(text, sizeof(text), "0 %d %d\n", CONTAINER_UID,
		 CONTAINER_UIDS);
	return !file_write(path, text);
}

/* Makes a call in the container; returns its result. */
static inline int container_do(const struct container *container,
			       container_call_t call, void *arg)
{
	const struct container_order order = { call, arg };
	struct pollfd ready = { .fd = container->link, .events = POLLIN };
	int ret;

	if (send(container->link, &order, sizeof(order), MSG_NOSIGNAL) < 0)
		return -errno;
	if (poll(&ready, 1, 3 * TASK_LIMIT_MS) != 1)
		return -ETIMEDOUT;
	if (recv(container->link, &ret, sizeof(ret), 0) != sizeof(ret))
		return -EPIPE;
	return ret;
}

/*
 * The system call itself is used, since the library's fork() makes no
 * namespaces.
 */
static inline int container_start(struct container *container)
{
	const unsigned long flags = CLONE_NEWUSER | CLONE_NEWNET |
				    CLONE_NEWNS | CLONE_NEWPID;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = syscall(__NR_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		container_main(ends[1]);
	}
	/*
	 * Stored only now, since the child may share the memory behind the
	 * pointer.
	 */
	container->pid = pid;
	close(ends[1]);
	container->link = ends[0];
	if (!container_map(container->pid, "uid_map") ||
	    !container_map(container->pid, "gid_map"))
		return -EPERM;
	return container_do(container, NULL, NULL);
}

static inline void container_end(struct container *container)
{
	if (container->pid <= 0)
		return;
	kill(container->pid, SIGKILL);
	waitpid(container->pid, NULL, 0);
	close(container->link);
	container->pid = 0;
}

/* Makes the calling process see a namespace of the container. */
static inline int container_join(const struct container *container,
				 const char *kind, int type)
{
	char path[64];
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", container->pid, kind);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = result(setns(fd, type));
	close(fd);
	return err;
}

#endif /* SELFTESTS_KEYS_KEYD_CONTAINER_H */
