// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that mounts request: they belong to the network namespace of the mount.
 *
 * The file server offers Kerberos as the way to log in, and does no more.
 */
#include "key_service_container.h"
#include "loopback.h"
#include "request_smb.h"

#include "../kselftest_harness.h"

#define OVERFLOW_ID	65534
#define TICKET		"selftests-keys-ticket"
#define ADDRESS		"127.0.0.1"

/* The payload of a ticket's key, see fs/smb/client/cifs_spnego.h. */
struct ticket {
	uint32_t version;
	uint32_t flags;
	uint32_t session_len;
	uint32_t blob_len;
	uint8_t data[sizeof(TICKET) - 1];
};

#define TICKET_VERSION	2
#define TICKET_SIZE	(offsetof(struct ticket, data) + sizeof(TICKET) - 1)

/*
 * struct share - a mount, up to the request for a ticket
 * @container:	a process in whose network it is, or 0
 * @name: name of the server
 * @port: port of the server
 * @server:	listening socket of the server
 * @client:	its connection
 * @child:	process that mounts
 */
struct share {
	pid_t container;
	const char *name;
	int port;
	int server;
	int client;
	pid_t child;
};

FIXTURE(mounts)
{
	struct script script;
	struct service_record record;
	uint8_t message[SMB_MESSAGE_MAX];
	char name[64];
	pid_t inner, sibling;
	pid_t openers[2];
	uint64_t ticket;
	int inner_net, sibling_net, inner_user;
	int host, host_net, user;
	struct share share;
};

FIXTURE_SETUP(mounts)
{
	const struct service_terms net = { .scope = KEY_SERVICE_SCOPE_NET_NS };
	const struct service_terms user = { .scope = KEY_SERVICE_SCOPE_USER_NS };
	static unsigned int count;

	REQUIRE_SERVICE();
	REQUIRE_HELPER();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	/* The kernel remembers addresses, so each test uses another name. */
	snprintf(self->name, sizeof(self->name), "mount%d-%u.example", getpid(),
		 count++);
	self->inner = container_start();
	self->sibling = container_start();
	ASSERT_LT(0, self->inner);
	ASSERT_LT(0, self->sibling);
	self->inner_net = service_of_process(enter, &self->inner, &net,
					     &self->openers[0]);
	self->inner_user = service_of_process(enter, &self->inner, &user,
					      &self->openers[1]);
	self->sibling_net = service_of(enter, &self->sibling,
				       KEY_SERVICE_SCOPE_NET_NS, NULL);
	self->host = service_open_as(KEY_SERVICE_SCOPE_USER_NS, NULL, NULL);
	self->host_net = service_open_as(KEY_SERVICE_SCOPE_NET_NS, NULL, NULL);
	self->user = service_open_as(KEY_SERVICE_SCOPE_UID, "cifs.spnego",
				     NULL);
	ASSERT_LE(0, self->inner_net);
	ASSERT_LE(0, self->inner_user);
	ASSERT_LE(0, self->sibling_net);
	ASSERT_LE(0, self->host);
	ASSERT_LE(0, self->host_net);
	ASSERT_LE(0, self->user);
	self->share.server = -1;
	self->share.client = -1;
}

FIXTURE_TEARDOWN(mounts)
{
	close(self->share.client);
	close(self->share.server);
	close(self->inner_net);
	close(self->inner_user);
	close(self->sibling_net);
	close(self->host);
	close(self->host_net);
	close(self->user);
	container_end(self->inner);
	container_end(self->sibling);
	script_close(&self->script);
}

/* --- a file server and its client ---------------------------------------- */

/* A socket stays in the network namespace that it was made in. */
static int listen_there(struct share *share)
{
	int back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), ret = 0;

	if (share->container)
		ret = set_namespace(share->container, "net", CLONE_NEWNET);
	if (!ret)
		ret = loopback_up();
	if (!ret)
		share->server = smb_listen(&share->port);
	if (setns(back, CLONE_NEWNET))
		ret = -errno;
	close(back);
	return ret ?: share->server < 0 ? share->server : 0;
}

static int mount_there(const void *arg)
{
	const struct share *share = arg;
	char device[96], options[96];
	int ret = 0;

	syscall(__NR_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	if (share->container)
		ret = enter_network(&share->container);
	if (ret)
		return ret;
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	snprintf(device, sizeof(device), "//%s/share", share->name);
	snprintf(options, sizeof(options),
		 "ip=" ADDRESS ",vers=2.1,sec=krb5,user=u,port=%d",
		 share->port);
	return result(mount(device, "/mnt", "cifs", 0, options));
}

/* Returns 0 once the client has to log in. */
static int share_start(struct share *share, pid_t container, const char *name)
{
	uint8_t message[SMB_MESSAGE_MAX];
	int ret;

	*share = (struct share){
		.container = container, .name = name, .client = -1,
	};
	ret = listen_there(share);
	if (ret)
		return ret;
	share->child = task_start(mount_there, share);
	share->client = smb_accept(share->server);
	if (share->client < 0)
		return share->client;
	ret = smb_read(share->client, message);
	return ret < 0 ? ret : smb_answer_negotiate(share->client, message);
}

/* The server has ended, and the mount fails. */
static int share_end(struct share *share)
{
	close(share->client);
	close(share->server);
	share->client = -1;
	share->server = -1;
	return task_result(share->child);
}

static bool is_ticket_for(const struct service_record *record,
			  const struct share *share)
{
	char part[96];

	snprintf(part, sizeof(part), "ver=0x2;host=%s;ip4=" ADDRESS ";sec=krb5;",
		 share->name);
	return !strcmp("cifs.spnego", record_type(record)) &&
	       !strncmp(part, record_description(record), strlen(part)) &&
	       !strcmp("", record_callout(record));
}

/* --- tickets -------------------------------------------------------------- */

/*
 * Shows: KS-62, KS-67. The container's service makes the ticket, and the client
 * logs in with it; no other service gets the request.
 */
TEST_F(mounts, ticket)
{
	struct ticket ticket = {
		.version = TICKET_VERSION, .blob_len = sizeof(ticket.data),
	};
	const char *pid;
	char part[32];
	int len, pidfd;

	ASSERT_EQ(0, share_start(&self->share, self->inner, self->name));
	ASSERT_LT(0, service_next(self->inner_net, &self->record));
	EXPECT_TRUE(is_ticket_for(&self->record, &self->share));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_KERNEL, (int)self->record.head.origin);
	EXPECT_EQ(OVERFLOW_ID, (int)self->record.head.uid);
	EXPECT_EQ(namespace_of(self->inner, "net"), self->record.head.net_ns);

	/*
	 * The description has the number of the host's pid namespace, the
	 * record that of the service's.
	 */
	snprintf(part, sizeof(part), ";pid=0x%x", self->share.child);
	pid = strstr(record_description(&self->record), part);
	ASSERT_NE(NULL, pid);
	/* Another word may follow the number, but no other digit. */
	EXPECT_NE(NULL, strchr(";", pid[strlen(part)]));
	EXPECT_EQ(self->share.child, self->record.head.pid);
	pidfd = keyctl(KEYCTL_SERVICE_PIDFD, self->inner_net,
		       &self->record.head.id);
	EXPECT_LE(0, pidfd);
	close(pidfd);

	EXPECT_FALSE(service_readable(self->sibling_net, 0));
	EXPECT_FALSE(service_readable(self->inner_user, 0));
	EXPECT_FALSE(service_readable(self->host, 0));
	EXPECT_FALSE(service_readable(self->host_net, 0));
	EXPECT_FALSE(service_readable(self->user, 0));

	memcpy(ticket.data, TICKET, sizeof(ticket.data));
	EXPECT_EQ(0, service_answer(self->inner_net, self->record.head.id,
				    &ticket, sizeof(ticket)));
	len = smb_read(self->share.client, self->message);
	ASSERT_LT(0, len);
	EXPECT_EQ(SMB_COMMAND_LOGIN, self->message[SMB_AT_COMMAND]);
	EXPECT_NE(NULL, memmem(self->message, len, ticket.data,
			       sizeof(ticket.data)));
	EXPECT_GT(0, share_end(&self->share));
}

/*
 * Shows: KS-72. A ticket whose parts lie outside of it is refused, so that neither
 * the login nor the session key is made of the kernel's memory.
 */
TEST_F(mounts, bad_tickets)
{
	static const struct {
		size_t size;
		uint32_t session_len, blob_len;
	} bad[] = {
		{ .size = 0 },
		{ .size = offsetof(struct ticket, data) - 1 },
		{ .size = offsetof(struct ticket, data), .session_len = 1 },
		{ .size = offsetof(struct ticket, data), .blob_len = 60000 },
		{ TICKET_SIZE, sizeof(TICKET), 0 },
		{ TICKET_SIZE, 1, sizeof(TICKET) - 1 },
		{ TICKET_SIZE, UINT32_MAX, 1 },
		{ TICKET_SIZE, 1, UINT32_MAX },
	};
	struct ticket ticket = { .version = TICKET_VERSION };

	ASSERT_EQ(0, share_start(&self->share, self->inner, self->name));
	ASSERT_LT(0, service_next(self->inner_net, &self->record));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ticket.session_len = bad[i].session_len;
		ticket.blob_len = bad[i].blob_len;
		EXPECT_EQ(-EINVAL, service_answer(self->inner_net,
						  self->record.head.id, &ticket,
						  bad[i].size))
			TH_LOG("ticket %zu", i);
	}
	/* The request is still there. */
	EXPECT_EQ(0, service_reject(self->inner_net, self->record.head.id,
				    -EKEYREJECTED, 0));
	EXPECT_EQ(-EKEYREJECTED, share_end(&self->share));
}

/* Opens a service of the container in a pid namespace of its own. */
static int enter_without_sight(const void *arg)
{
	int ret = enter(arg), status;
	pid_t inside;

	if (ret)
		return ret;
	if (unshare(CLONE_NEWPID))
		return -errno;
	inside = fork();
	if (inside < 0)
		return -errno;
	if (inside == 0)
		return 0;
	/*
	 * The change of its ids has cleared the parent-death signal, so it is
	 * set again: the child must not outlive the test, whose output it has
	 * open.  The processes in the namespace end with the child.
	 */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	syscall(__NR_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	waitpid(inside, &status, 0);
	_exit(0);
}

/*
 * Shows: KS-67. A service that does not see the mounting process gets neither
 * its number nor a descriptor, whatever number is in the description.
 */
TEST_F(mounts, ticket_for_unseen_process)
{
	int unseeing;

	close(self->inner_net);
	self->inner_net = -1;
	unseeing = service_of(enter_without_sight, &self->inner,
			      KEY_SERVICE_SCOPE_NET_NS, "cifs.spnego");
	ASSERT_LE(0, unseeing);
	ASSERT_EQ(0, share_start(&self->share, self->inner, self->name));
	ASSERT_LT(0, service_next(unseeing, &self->record));
	EXPECT_TRUE(is_ticket_for(&self->record, &self->share));
	EXPECT_EQ(0, self->record.head.pid);
	EXPECT_EQ(0, service_reject(unseeing, self->record.head.id,
				    -EKEYREJECTED, 0));
	EXPECT_EQ(-EKEYREJECTED, share_end(&self->share));
	close(unseeing);
}

/*
 * Shows: KS-64. Without a service of the mount's network namespace the kernel's
 * own credentials count: the host's service is asked, and never that of another
 * container.
 */
TEST_F(mounts, ticket_of_the_host)
{
	close(self->inner_net);
	self->inner_net = -1;
	ASSERT_EQ(0, share_start(&self->share, self->inner, self->name));
	ASSERT_LT(0, service_next(self->host, &self->record));
	EXPECT_TRUE(is_ticket_for(&self->record, &self->share));
	EXPECT_EQ(KEY_SERVICE_ORIGIN_KERNEL, (int)self->record.head.origin);
	EXPECT_EQ(0, (int)self->record.head.uid);
	EXPECT_EQ(namespace_of(getpid(), "user"), self->record.head.user_ns);
	EXPECT_EQ(namespace_of(self->inner, "net"), self->record.head.net_ns);
	EXPECT_FALSE(service_readable(self->sibling_net, 0));
	EXPECT_FALSE(service_readable(self->inner_user, 0));
	EXPECT_FALSE(service_readable(self->host_net, 0));
	EXPECT_FALSE(service_readable(self->user, 0));
	EXPECT_EQ(0, service_reject(self->host, self->record.head.id,
				    -EKEYREJECTED, 0));
	EXPECT_EQ(-EKEYREJECTED, share_end(&self->share));
}

/*
 * Shows: KS-64. Requests for a mount of the host go to the host's services, the
 * most specific scope first.
 */
TEST_F(mounts, ticket_in_the_initial_namespace)
{
	ASSERT_EQ(0, share_start(&self->share, 0, self->name));
	ASSERT_LT(0, service_next(self->host_net, &self->record));
	EXPECT_TRUE(is_ticket_for(&self->record, &self->share));
	EXPECT_EQ(0, (int)self->record.head.uid);
	EXPECT_EQ(namespace_of(getpid(), "net"), self->record.head.net_ns);
	EXPECT_FALSE(service_readable(self->host, 0));
	EXPECT_FALSE(service_readable(self->inner_net, 0));
	EXPECT_EQ(0, service_reject(self->host_net, self->record.head.id,
				    -EKEYREJECTED, 0));
	EXPECT_EQ(-EKEYREJECTED, share_end(&self->share));
}

/*
 * Shows: KS-9, KS-62. A user who has made the namespaces of a container without
 * root's help does not get the kernel's requests for the container's network
 * namespace.
 */
TEST_F(mounts, ticket_of_a_user)
{
	pid_t container = container_start_by(USER);
	int net;

	ASSERT_LT(0, container);
	net = service_of(enter, &container, KEY_SERVICE_SCOPE_NET_NS, NULL);
	ASSERT_LE(0, net);
	ASSERT_EQ(0, share_start(&self->share, container, self->name));
	ASSERT_LT(0, service_next(self->host, &self->record));
	EXPECT_TRUE(is_ticket_for(&self->record, &self->share));
	EXPECT_FALSE(service_readable(net, 0));
	EXPECT_EQ(0, service_reject(self->host, self->record.head.id,
				    -EKEYREJECTED, 0));
	EXPECT_EQ(-EKEYREJECTED, share_end(&self->share));
	close(net);
	container_end(container);
}

/* --- names ---------------------------------------------------------------- */

/*
 * Mounts in a container, and breaks the connection while the mount waits for
 * its ticket.  Returns when the kernel requests the server's name.
 */
static int ask_for_name(FIXTURE_DATA(mounts) *self, pid_t container, int net)
{
	struct service_record *record = &self->record;
	int ret = share_start(&self->share, container, self->name);

	if (!ret)
		ret = service_next(net, record);
	if (ret < 0)
		return ret;
	if (!is_ticket_for(record, &self->share))
		return -EPROTO;
	self->ticket = record->head.id;
	close(self->share.client);
	self->share.client = -1;
	ret = service_next(net, record);
	if (ret < 0)
		return ret;
	return !strcmp("dns_resolver", record_type(record)) &&
	       !strcmp(self->name, record_description(record)) &&
	       record->head.net_ns == namespace_of(container, "net") ?
	       0 : -EBADMSG;
}

/* Makes a mount fail that waits for its ticket. */
static int refuse_ticket(FIXTURE_DATA(mounts) *self, int net)
{
	int ret = service_reject(net, self->ticket, -EKEYREJECTED, 0);

	return ret ?: share_end(&self->share);
}

/*
 * Shows: KS-63, KS-65. A kernel thread reconnects, and requests the name in the
 * network namespace of the mount.  One container does not find the answer of
 * another.
 */
TEST_F(mounts, names_of_two)
{
	ASSERT_EQ(0, ask_for_name(self, self->inner, self->inner_net));
	EXPECT_FALSE(service_readable(self->host_net, 0));
	EXPECT_EQ(0, service_answer(self->inner_net, self->record.head.id,
				    ADDRESS, sizeof(ADDRESS)));
	EXPECT_GT(0, refuse_ticket(self, self->inner_net));

	ASSERT_EQ(0, ask_for_name(self, self->sibling, self->sibling_net));
	EXPECT_FALSE(service_readable(self->inner_net, 0));
	EXPECT_FALSE(service_readable(self->host_net, 0));
	EXPECT_EQ(0, service_answer(self->sibling_net, self->record.head.id,
				    ADDRESS, sizeof(ADDRESS)));
	EXPECT_GT(0, refuse_ticket(self, self->sibling_net));
}

#define LONG_S		3600

/* Shows: KS-65. One container does not find the rejection of another. */
TEST_F(mounts, refusal_of_one)
{
	ASSERT_EQ(0, ask_for_name(self, self->inner, self->inner_net));
	EXPECT_EQ(0, service_reject(self->inner_net, self->record.head.id,
				    -ENOKEY, LONG_S));
	EXPECT_GT(0, refuse_ticket(self, self->inner_net));

	ASSERT_EQ(0, ask_for_name(self, self->sibling, self->sibling_net));
	EXPECT_EQ(0, service_answer(self->sibling_net, self->record.head.id,
				    ADDRESS, sizeof(ADDRESS)));
	EXPECT_GT(0, refuse_ticket(self, self->sibling_net));
}

#define ANSWER_LIMIT_S	600

/*
 * Seconds until the key of a name expires, or a negative errno.  The name is also in the
 * description of a ticket.
 */
static int name_expires_in(const char *name)
{
	char line[512], words[80];

	snprintf(words, sizeof(words), "dns_resol %s", name);
	return find_line("/proc/keys", words, line, sizeof(line)) ?
	       key_line_seconds(line) : -ENOKEY;
}

/* Answers with an address that is good for a while, and waits until it is used. */
static int answer_for_long(FIXTURE_DATA(mounts) *self, int net)
{
	struct key_service_answer answer = {
		.id = self->record.head.id, .payload_len = sizeof(ADDRESS),
		.flags = KEY_SERVICE_ANSWER_LIFETIME, .lifetime = LONG_S,
	};
	int ret = service_write(net, &answer, ADDRESS);

	if (ret < 0)
		return ret;
	self->share.client = smb_accept(self->share.server);
	return self->share.client < 0 ? self->share.client : 0;
}

/*
 * Shows: KS-73. What a container has said is in the quota of the host's root, and
 * lasts ten minutes, whatever the container says.  The host's own service decides
 * itself.
 */
TEST_F(mounts, answers_expire)
{
	ASSERT_EQ(0, ask_for_name(self, self->inner, self->inner_net));
	EXPECT_EQ(0, answer_for_long(self, self->inner_net));
	EXPECT_LT(0, name_expires_in(self->name));
	EXPECT_GE(ANSWER_LIMIT_S, name_expires_in(self->name));
	EXPECT_GT(0, refuse_ticket(self, self->inner_net));

	close(self->share.client);
	close(self->share.server);
	strcat(self->name, ".");
	close(self->sibling_net);
	self->sibling_net = -1;
	ASSERT_EQ(0, ask_for_name(self, self->sibling, self->host));
	EXPECT_EQ(0, answer_for_long(self, self->host));
	EXPECT_LT(ANSWER_LIMIT_S, name_expires_in(self->name));
	EXPECT_GT(0, refuse_ticket(self, self->host));
}

/* Shows: KS-73. It also goes for an error. */
TEST_F(mounts, refusals_expire)
{
	ASSERT_EQ(0, ask_for_name(self, self->inner, self->inner_net));
	EXPECT_EQ(0, service_reject(self->inner_net, self->record.head.id,
				    -ENOKEY, LONG_S));
	EXPECT_LT(0, name_expires_in(self->name));
	EXPECT_GE(ANSWER_LIMIT_S, name_expires_in(self->name));
	EXPECT_GT(0, refuse_ticket(self, self->inner_net));
}

/* Walks a mount of the host's network from within the network of a container. */
static int walk_from_container(const void *arg)
{
	const struct look_up *look_up = arg;
	struct stat stat_of;
	char path[160];
	int ret;

	syscall(__NR_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	ret = loopback_up() ?: mount_afs_root(look_up->root);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "%s/%s", look_up->root, look_up->cell);
	ret = result(lstat(path, &stat_of));
	if (!ret)
		ret = set_namespace(look_up->container, "net", CLONE_NEWNET);
	if (!ret) {
		strcat(path, "/.");
		/* No server is there, so that the automount fails in any case. */
		stat(path, &stat_of);
	}
	umount2(look_up->root, MNT_DETACH);
	return ret;
}

/*
 * Shows: KS-75. A cell of AFS that a task walks to is mounted in the network of
 * the mount that it is walked from, and not where the task is: nobody else is asked.
 */
TEST_F(mounts, walker_from_elsewhere)
{
	struct look_up look_up;
	bool asked = false;
	pid_t child;

	REQUIRE_AFS();
	child = look_up_start_by(walk_from_container, &look_up, self->inner);
	ASSERT_LT(0, service_next(self->host_net, &self->record));
	EXPECT_STREQ("dns_resolver", record_type(&self->record));
	EXPECT_EQ(0, service_answer(self->host_net, self->record.head.id,
				    &cell_record, sizeof(cell_record)));
	for (int ms = 0; !asked && ms < TASK_LIMIT_MS; ms += 10) {
		if (task_ended(child, 0))
			break;
		asked = service_readable(self->inner_net, 10);
	}
	EXPECT_FALSE(asked);
	if (asked) {
		ASSERT_LT(0, service_next(self->inner_net, &self->record));
		service_reject(self->inner_net, self->record.head.id, -ENOKEY, 0);
	}
	EXPECT_EQ(0, look_up_end(&look_up, child));
}

static bool key_is_listed(const char *name)
{
	char line[512];

	return find_line("/proc/keys", name, line, sizeof(line));
}

/*
 * Shows: KS-66. When a network namespace ends, its keys end too, whatever their
 * lifetime is.
 */
TEST_F(mounts, end_of_a_network)
{
	bool listed = true;

	ASSERT_EQ(0, ask_for_name(self, self->inner, self->inner_net));
	EXPECT_EQ(0, service_answer(self->inner_net, self->record.head.id,
				    ADDRESS, sizeof(ADDRESS)));
	/* The kernel has used the key when the next connection comes. */
	self->share.client = smb_accept(self->share.server);
	EXPECT_LE(0, self->share.client);
	EXPECT_TRUE(key_is_listed(self->name));
	EXPECT_GT(0, refuse_ticket(self, self->inner_net));

	/* No process is left in it, not even an opener of its services. */
	close(self->inner_net);
	close(self->inner_user);
	self->inner_net = -1;
	self->inner_user = -1;
	container_end(self->openers[0]);
	container_end(self->openers[1]);
	container_end(self->inner);
	for (int ms = 0; listed && ms < TASK_LIMIT_MS; ms += 10) {
		sleep_ms(10);
		listed = key_is_listed(self->name);
	}
	EXPECT_FALSE(listed);
	self->inner = container_start();
}

int main(int argc, char **argv)
{
	if (argc == HELPER_ARGC && strcmp(argv[1], "create") == 0)
		return script_run(argv);
	request_probe();
	script_route_install();
	return test_harness_run(argc, argv);
}
