// SPDX-License-Identifier: GPL-2.0-only
/*
 * Containers with a request-keyd each, and a host with one: which daemon gets
 * requests for cells of an AFS tree, and for keys that programs request.
 *
 * Each daemon answers with files of its own folder of rules, so an answer shows
 * which daemon has given it.
 */
#include "keyd_container.h"

#include "../kselftest_harness.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/dns_resolver.h>
#include <sys/mman.h>

#define AFS_FOLDER	"/mnt"
#define AFS_PORT	7003
#define HOST_ADDRESS	"10.0.0.1"
#define FIRST_ADDRESS	"10.1.0.1"
#define SECOND_ADDRESS	"10.2.0.1"

static const char rules[] =
	"create dns_resolver afsdb:* * |/bin/cat %s/servers\n"
	"create user address * |/bin/cat %s/address\n"
	"create user net * |/bin/readlink /proc/self/ns/net\n"
	"create user pids * |/bin/sh -c %%c\n";

/*
 * struct place - the host or a container
 * @container:	the container
 * @keyd:	its daemon
 * @cell: cell that is looked up there
 * @text: output of a call
 */
struct place {
	struct container container;
	struct keyd keyd;
	char cell[64];
	char text[256];
};

FIXTURE(containers)
{
	/*
	 * This memory is shared with the containers, which fill in parts of it.
	 */
	struct place *host;
	struct place *first;
	struct place *second;
};

/*
 * struct servers - the kernel's format for a cell with one server
 * @list:	header
 * @server:	the server
 * @name:	its name
 * @kind:	kind of address
 * @address:	address
 */
struct servers {
	struct dns_server_list_v1_header list;
	struct dns_server_list_v1_server server;
	char name[2];
	struct dns_server_list_v1_address kind;
	in_addr_t address;
} __attribute__((packed));

static bool write_servers(const struct keyd *keyd, const char *address)
{
	struct servers servers = {
		.list = {
			.hdr = { 0, DNS_PAYLOAD_IS_SERVER_LIST, 1 },
			.source = DNS_RECORD_FROM_DNS_SRV,
			.status = DNS_LOOKUP_GOOD,
			.nr_servers = 1,
		},
		.server = {
			.name_len = htole16(sizeof(servers.name)),
			.port = htole16(AFS_PORT),
			.source = DNS_RECORD_FROM_DNS_A,
			.status = DNS_LOOKUP_GOOD,
			.protocol = DNS_SERVER_PROTOCOL_UDP,
			.nr_addrs = 1,
		},
		.name = "vl",
		.kind.address_type = DNS_ADDRESS_IS_IPV4,
	};

	servers.address = inet_addr(address);
	return keyd_write_bytes(&keyd->etc, "servers", &servers,
				sizeof(servers));
}

static bool write_rules(const struct keyd *keyd, const char *address)
{
	char text[512];

	snprintf(text, sizeof(text), rules, keyd->etc.path, keyd->etc.path);
	return keyd_write(&keyd->etc, "request-key.conf", text) &&
	       keyd_write(&keyd->etc, "address", address) &&
	       write_servers(keyd, address);
}

static bool make_place(struct place *place, const char *address)
{
	return keyd_make(&place->keyd) &&
	       write_rules(&place->keyd, address);
}

static int start_daemon(void *arg)
{
	struct place *place = arg;

	return keyd_start(&place->keyd, (char *[]){ NULL }) ? 0 : -ENOTSUP;
}

static int start_daemon_alone(void *arg)
{
	struct place *place = arg;

	return keyd_start(&place->keyd, (char *[]){ "--no-fallback", NULL }) ?
	       0 : -ENOTSUP;
}

static int stop_daemon(void *arg)
{
	struct place *place = arg;

	return keyd_end(&place->keyd);
}

static void *map_shared(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static bool knows_afs(void)
{
	if (mount("none", AFS_FOLDER, "afs", 0, "dyn"))
		return false;
	return !umount2(AFS_FOLDER, MNT_DETACH);
}

FIXTURE_SETUP(containers)
{
	struct place *places;

	REQUIRE_KEY_SERVICE();
	if (!knows_afs())
		SKIP(return, "needs CONFIG_AFS_FS");
	ASSERT_LT(0, session_new());
	places = map_shared(3 * sizeof(*places));
	ASSERT_NE(MAP_FAILED, (void *)places);
	self->host = places;
	self->first = places + 1;
	self->second = places + 2;
	ASSERT_TRUE(make_place(self->host, HOST_ADDRESS));
	ASSERT_TRUE(make_place(self->first, FIRST_ADDRESS));
	ASSERT_TRUE(make_place(self->second, SECOND_ADDRESS));
	ASSERT_EQ(0, container_start(&self->first->container));
	ASSERT_EQ(0, container_start(&self->second->container));
	ASSERT_EQ(0, start_daemon(self->host));
}

FIXTURE_TEARDOWN(containers)
{
	if (!self->host)
		return;
	stop_daemon(self->host);
	container_end(&self->first->container);
	container_end(&self->second->container);
	keyd_remove(&self->host->keyd);
	keyd_remove(&self->first->keyd);
	keyd_remove(&self->second->keyd);
}

/*
 * Only root of the host may mount AFS, as it does for a container that it
 * starts.
 */
static int mount_afs(const void *arg)
{
	const struct place *place = arg;
	int err;

	err = container_join(&place->container, "net", CLONE_NEWNET);
	if (!err)
		err = container_join(&place->container, "mnt", CLONE_NEWNS);
	return err ? err : result(mount("none", AFS_FOLDER, "afs", 0, "dyn"));
}

/*
 * Returns the address of a cell that the kernel has got in this network
 * namespace.
 */
static void read_servers(struct place *place)
{
	char path[128];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/net/afs/%s/vlservers",
		 place->cell);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, place->text, sizeof(place->text) - 1);
	place->text[len > 0 ? len : 0] = '\0';
	close(fd);
}

static int look_up(void *arg)
{
	struct place *place = arg;
	struct stat about;
	char path[128];

	snprintf(path, sizeof(path), AFS_FOLDER "/%s", place->cell);
	if (lstat(path, &about))
		return -errno;
	/*
	 * Older kernels store the address only when the directory is entered,
	 * which fails as there is no server.
	 */
	close(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	read_servers(place);
	return 0;
}

/* Requests a key as a program in the container does. */
static int ask(struct place *place, const char *description,
	       const char *callout)
{
	key_serial_t key = key_request("user", description, callout,
				       KEY_SPEC_SESSION_KEYRING);

	snprintf(place->text, sizeof(place->text), "%.255s", keyd_payload(key));
	return key < 0 ? key : 0;
}

static int ask_address(void *place)
{
	return ask(place, "address", "");
}

static int ask_net(void *place)
{
	return ask(place, "net", "");
}

static int ask_pids(void *place)
{
	return ask(place, "pids", "echo $$");
}

static int net_of_oneself(void *arg)
{
	struct place *place = arg;
	char name[64];
	ssize_t len = readlink("/proc/self/ns/net", name, sizeof(name) - 1);

	if (len < 0)
		return -errno;
	name[len] = '\0';
	snprintf(place->text, sizeof(place->text), "%s\n", name);
	return 0;
}

static void name_cell(struct place *place)
{
	static unsigned int count;

	snprintf(place->cell, sizeof(place->cell), "cell%d-%u.example",
		 getpid(), count++);
}

static bool said(const struct place *place, const char *words)
{
	if (strstr(place->text, words))
		return true;
	fprintf(stderr, "# no \"%s\" in: %s\n", words, place->text);
	return false;
}

#define EXPECT_THERE(place, call) \
	EXPECT_EQ(0, container_do(&(place)->container, call, place))
#define ASSERT_THERE(place, call) \
	ASSERT_EQ(0, container_do(&(place)->container, call, place))
#define EXPECT_SAID(place, words)	EXPECT_TRUE(said(place, words))

/*
 * Shows: KD-25. The kernel's own requests go to the daemon of the container
 * that they are for.
 */
TEST_F(containers, names)
{
	ASSERT_THERE(self->first, start_daemon);
	ASSERT_THERE(self->second, start_daemon);
	ASSERT_EQ(0, task_run(mount_afs, self->first));
	ASSERT_EQ(0, task_run(mount_afs, self->second));

	/* Each daemon has its own answer for the same name. */
	name_cell(self->first);
	memcpy(self->second->cell, self->first->cell, sizeof(self->first->cell));
	EXPECT_THERE(self->first, look_up);
	EXPECT_SAID(self->first, FIRST_ADDRESS ":");
	EXPECT_THERE(self->second, look_up);
	EXPECT_SAID(self->second, SECOND_ADDRESS ":");

	EXPECT_LOGS(&self->first->keyd, "type=dns_resolver");
	EXPECT_LOGS(&self->first->keyd, "origin=kernel");
	EXPECT_LOGS(&self->second->keyd, "result=answered");
	/* The host's daemon got none of these requests. */
	EXPECT_EQ(NULL, strstr(keyd_read_log(&self->host->keyd), "request id"));
}

/*
 * Shows: KD-25. A container without a daemon gets the host's answer, as on the
 * base.
 */
TEST_F(containers, names_of_host)
{
	ASSERT_THERE(self->first, start_daemon);
	ASSERT_EQ(0, task_run(mount_afs, self->second));
	name_cell(self->second);
	EXPECT_THERE(self->second, look_up);
	EXPECT_SAID(self->second, HOST_ADDRESS ":");
	EXPECT_LOGS(&self->host->keyd, self->second->cell);
	EXPECT_EQ(NULL, strstr(keyd_read_log(&self->first->keyd),
			       "request id"));
}

/*
 * Shows: KD-24, KD-25. A container whose daemon has ended gets the host's
 * answer, too.
 */
TEST_F(containers, daemon_ends)
{
	ASSERT_THERE(self->first, start_daemon);
	ASSERT_EQ(0, task_run(mount_afs, self->first));
	name_cell(self->first);
	EXPECT_THERE(self->first, look_up);
	EXPECT_SAID(self->first, FIRST_ADDRESS ":");

	EXPECT_THERE(self->first, stop_daemon);
	name_cell(self->first);
	EXPECT_THERE(self->first, look_up);
	EXPECT_SAID(self->first, HOST_ADDRESS ":");
}

/*
 * Shows: KD-25. If the container's resolver does not know a name, no other
 * daemon is asked.
 */
TEST_F(containers, unknown_names)
{
	ASSERT_TRUE(keyd_write(&self->first->keyd.etc, "request-key.conf",
			       "create user address * |/bin/true\n"));
	ASSERT_THERE(self->first, start_daemon_alone);
	ASSERT_EQ(0, task_run(mount_afs, self->first));
	name_cell(self->first);
	EXPECT_GT(0, container_do(&self->first->container, look_up,
				  self->first));
	EXPECT_LOGS(&self->first->keyd, "result=no-rule");
	EXPECT_EQ(NULL, strstr(keyd_read_log(&self->host->keyd), "request id"));
}

/*
 * Shows: KD-25. Keys that programs request come from the container's daemon,
 * too.
 */
TEST_F(containers, keys_of_programs)
{
	ASSERT_THERE(self->first, start_daemon);
	EXPECT_THERE(self->first, ask_address);
	EXPECT_SAID(self->first, FIRST_ADDRESS);
	EXPECT_LOGS(&self->first->keyd, "uid=0 origin=user");
	EXPECT_EQ(NULL, strstr(keyd_read_log(&self->host->keyd), "request id"));

	EXPECT_THERE(self->second, ask_address);
	EXPECT_SAID(self->second, HOST_ADDRESS);
	EXPECT_LOGS(&self->host->keyd, "uid=100000 origin=user");
}

/* Shows: KD-25. A handler runs in the daemon's namespaces. */
TEST_F(containers, handlers)
{
	char net[sizeof(self->first->text)];

	ASSERT_THERE(self->first, start_daemon);
	ASSERT_THERE(self->first, net_of_oneself);
	memcpy(net, self->first->text, sizeof(net));
	EXPECT_THERE(self->first, ask_net);
	EXPECT_STREQ(net, self->first->text);
	EXPECT_THERE(self->second, ask_net);
	EXPECT_STRNE(net, self->second->text);

	EXPECT_THERE(self->first, ask_pids);
	EXPECT_GT(100, atoi(self->first->text));
}

TEST_HARNESS_MAIN
