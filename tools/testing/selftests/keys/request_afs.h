/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests of the kernel: a name in the dynamic root of AFS is a cell, whose
 * servers the resolver has to find.
 */
#ifndef SELFTESTS_KEYS_REQUEST_AFS_H
#define SELFTESTS_KEYS_REQUEST_AFS_H

#include <asm/byteorder.h>
#include <limits.h>
#include <linux/dns_resolver.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "task.h"

#define SERVER		"server"

/* One server of a cell, in the resolver's format. */
static const struct {
	struct dns_server_list_v1_header list;
	struct dns_server_list_v1_server server;
	char name[sizeof(SERVER) - 1];
	struct dns_server_list_v1_address address;
	uint8_t bytes[4];
} __attribute__((packed)) cell_record = {
	.list.hdr.content = DNS_PAYLOAD_IS_SERVER_LIST,
	.list.hdr.version = 1,
	.list.source = DNS_RECORD_FROM_DNS_SRV,
	.list.status = DNS_LOOKUP_GOOD,
	.list.nr_servers = 1,
	.server.name_len = __cpu_to_le16(sizeof(SERVER) - 1),
	.server.source = DNS_RECORD_FROM_DNS_A,
	.server.status = DNS_LOOKUP_GOOD,
	.server.protocol = DNS_SERVER_PROTOCOL_UDP,
	.server.nr_addrs = 1,
	.name = SERVER,
	.address.address_type = DNS_ADDRESS_IS_IPV4,
	.bytes = { 127, 0, 0, 1 },
};

/*
 * struct look_up - a look at a cell
 * @container: a process in whose network namespace that is, or 0
 * @root:	where the dynamic root is mounted
 * @cell:	name of the cell
 */
struct look_up {
	pid_t container;
	char root[32];
	char cell[64];
};

static inline int set_namespace(pid_t pid, const char *name, int type)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = result(setns(fd, type));
	close(fd);
	return ret;
}

/* Mounts the dynamic root for the caller alone. */
static inline int mount_afs_root(const char *root)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", root, "afs", 0, "dyn"))
		return -errno;
	return 0;
}

/*
 * Looks up a cell in AFS's dynamic root: the kernel asks for its address, with
 * credentials of its own, in the network namespace of the mount.
 */
static inline int look_up_cell(const void *arg)
{
	const struct look_up *look_up = arg;
	char path[128];
	struct stat stat;
	int ret;

	syscall(__NR_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	if (look_up->container) {
		ret = set_namespace(look_up->container, "net", CLONE_NEWNET);
		if (ret)
			return ret;
	}
	ret = mount_afs_root(look_up->root);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "%s/%s", look_up->root, look_up->cell);
	ret = result(lstat(path, &stat));
	umount2(look_up->root, MNT_DETACH);
	return ret;
}

/* Has a child do this with a cell of its own, as look_up_cell() does. */
static inline pid_t look_up_start_by(int (*call)(const void *arg), struct look_up *look_up,
				     pid_t container)
{
	static int count_cells;

	look_up->container = container;
	snprintf(look_up->root, sizeof(look_up->root), "/tmp/afs.XXXXXX");
	if (!mkdtemp(look_up->root))
		return -errno;
	/* The kernel remembers cells, so each test uses another name. */
	snprintf(look_up->cell, sizeof(look_up->cell), "cell%d-%d.example",
		 getpid(), count_cells++);
	return task_start(call, look_up);
}

static inline pid_t look_up_start(struct look_up *look_up, pid_t container)
{
	return look_up_start_by(look_up_cell, look_up, container);
}

static inline int look_up_end(const struct look_up *look_up, pid_t child)
{
	int ret = task_result(child);

	rmdir(look_up->root);
	return ret;
}

/* A mount of the type loads its module. */
static inline bool has_afs(void)
{
	int fd = syscall(__NR_fsopen, "afs", 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

#define REQUIRE_AFS() ASSERT_TRUE(has_afs())

#endif /* SELFTESTS_KEYS_REQUEST_AFS_H */
