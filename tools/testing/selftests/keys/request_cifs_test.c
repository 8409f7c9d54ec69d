// SPDX-License-Identifier: GPL-2.0-only
/*
 * CIFS: a ticket for the login, and the address of a server whose connection
 * has broken.
 */
#include "loopback.h"
#include "request_asked.h"
#include "request_smb.h"

#include "../kselftest_harness.h"

#define TICKET		"selftests-keys-ticket"
#define MOUNT_OPTIONS	"ip=127.0.0.1,vers=2.1,sec=krb5,user=u,port=%d"

/* The payload of a ticket's key, see fs/smb/client/cifs_spnego.h. */
struct spnego_answer {
	uint32_t version;
	uint32_t flags;
	uint32_t session_len;
	uint32_t blob_len;
	uint8_t data[sizeof(TICKET) - 1];
};

#define SPNEGO_VERSION	2

/* By then a killed task that can end has ended */
#define KILLED_MS	1000

FIXTURE(cifs)
{
	char name[64];
	char share[96];
	char root[32];
	char options[64];
	int port;
	int server;
	int client;
	int listener;
	int link;
	struct asked asked;
	uint8_t message[SMB_MESSAGE_MAX];
};

static bool filesystem_known(const char *name)
{
	FILE *file = fopen("/proc/filesystems", "re");
	char line[64], known[32];
	bool found = false;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "nodev %31s", known) != 1)
			continue;
		found |= !strcmp(name, known);
	}
	if (file)
		fclose(file);
	return found;
}

FIXTURE_SETUP(cifs)
{
	static unsigned int count;

	REQUIRE_HELPER();
	if (!filesystem_known("cifs"))
		SKIP(return, "needs CONFIG_CIFS");
	ASSERT_EQ(0, loopback_up());
	ASSERT_LT(0, session_new());
	self->client = -1;
	self->link = -1;
	/* The resolver's keys remember names, so each test uses another one. */
	snprintf(self->name, sizeof(self->name), "keys%d-%u.example", getpid(),
		 count++);
	snprintf(self->share, sizeof(self->share), "//%s/share", self->name);
	snprintf(self->root, sizeof(self->root), "/tmp/cifs.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->root));
	self->listener = asked_open();
	ASSERT_LE(0, self->listener);
	self->server = smb_listen(&self->port);
	ASSERT_LE(0, self->server);
	snprintf(self->options, sizeof(self->options), MOUNT_OPTIONS,
		 self->port);
}

FIXTURE_TEARDOWN(cifs)
{
	close(self->link);
	close(self->listener);
	close(self->client);
	close(self->server);
	rmdir(self->root);
}

static int mount_share(const void *arg)
{
	const FIXTURE_DATA(cifs) *self = arg;

	return result(mount(self->share, self->root, "cifs", 0, self->options));
}

/* Mounts in a child, up to the request for a ticket. */
static pid_t mount_start(FIXTURE_DATA(cifs) *self)
{
	const struct asked_key ticket = { "cifs.spnego", self->name };
	pid_t child = task_start(mount_share, self);

	self->client = smb_accept(self->server);
	if (smb_read(self->client, self->message) > 0 &&
	    smb_answer_negotiate(self->client, self->message) == 0)
		self->link = asked_next(self->listener, &self->asked,
					    &ticket);
	return child;
}

/* Makes everything fail that still waits for the server or for a helper. */
static void give_up(FIXTURE_DATA(cifs) *self)
{
	close(self->listener);
	close(self->link);
	close(self->server);
	close(self->client);
}

/*
 * Shows: RK-14, RK-D17. The kernel requests a ticket, and sends it to the
 * server.
 */
TEST_F(cifs, ticket)
{
	struct spnego_answer answer = {
		.version = SPNEGO_VERSION, .blob_len = sizeof(answer.data),
	};
	pid_t child = mount_start(self);
	char host[96];
	int len;

	ASSERT_LE(0, self->link);
	snprintf(host, sizeof(host), ";host=%s;", self->name);
	EXPECT_STREQ("cifs.spnego", self->asked.type);
	EXPECT_NE(NULL, strstr(self->asked.description, host));
	EXPECT_NE(NULL, strstr(self->asked.description, "sec=krb5;"));
	EXPECT_STREQ("", self->asked.callout);
	EXPECT_EQ(0, self->asked.uid);
	EXPECT_STREQ(request_ours ? "kernel" : "", self->asked.origin);

	memcpy(answer.data, TICKET, sizeof(answer.data));
	EXPECT_EQ(0, asked_answer(self->link, &answer, sizeof(answer)));
	close(self->link);
	len = smb_read(self->client, self->message);
	ASSERT_LT(0, len);
	EXPECT_EQ(SMB_COMMAND_LOGIN, self->message[SMB_AT_COMMAND]);
	EXPECT_NE(NULL, memmem(self->message, len, answer.data,
			       sizeof(answer.data)));
	give_up(self);
	EXPECT_GT(0, task_result(child));
}

/*
 * Shows: RK-14, RK-W2. The ticket's description names the mounting process,
 * whose namespaces a helper enters.  The process exists as long as the helper
 * runs.
 */
TEST_F(cifs, waits_to_the_end)
{
	pid_t child = mount_start(self);
	char named[32];

	ASSERT_LE(0, self->link);
	snprintf(named, sizeof(named), ";pid=0x%x", child);
	EXPECT_NE(NULL, strstr(self->asked.description, named));
	kill(child, SIGKILL);
	EXPECT_FALSE(task_ended(child, KILLED_MS));
	EXPECT_EQ(0, asked_reject(self->link, ECONNREFUSED));
	give_up(self);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(child));
}

/* Shows: RK-14, RK-117, RK-120. Without a ticket there is no mount. */
TEST_F(cifs, no_ticket)
{
	pid_t child = mount_start(self);

	ASSERT_LE(0, self->link);
	EXPECT_EQ(0, asked_reject(self->link, EKEYREJECTED));
	close(self->link);
	EXPECT_EQ(-EKEYREJECTED, task_result(child));
	give_up(self);
}

/*
 * Shows: RK-14, RK-D20. A helper trusts requests for these keys, so no program
 * may make them.
 */
TEST_F(cifs, forged)
{
	static const char description[] =
		"ver=0x2;host=keys.example;ip4=127.0.0.1;sec=krb5;uid=0x0";
	static const struct asked_key ticket = { "cifs.spnego", description };
	static const struct asked_key idmap = { "cifs.idmap", "os:S-1-5-32" };

	REQUIRE_REQUEST_SYMBOLS();
	EXPECT_EQ(-EPERM, key_request("cifs.spnego", description, "", 0));
	EXPECT_EQ(-EPERM, key_add("cifs.spnego", description, "x", 1,
				  KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(-EPERM, key_request("cifs.idmap", "os:S-1-5-32", "", 0));
	/*
	 * The type alone makes the request fail; request_add_test tests the
	 * details.
	 */
	EXPECT_EQ(request_ours ? -EPERM : -ENOKEY,
		  key_request("cifs.spnego", description, NULL, 0));
	EXPECT_FALSE(asked_at_all(self->listener, &ticket));
	EXPECT_FALSE(asked_at_all(self->listener, &idmap));
}

/*
 * Shows: RK-15, RK-130. After a broken connection the kernel resolves the name
 * from the mount again.
 */
TEST_F(cifs, reconnect)
{
	static const char address[] = "127.0.0.1";
	const struct asked_key name = { "dns_resolver", self->name };
	pid_t child = mount_start(self);
	int resolver;

	ASSERT_LE(0, self->link);
	/*
	 * The mount waits for its ticket, since only a waiting mount
	 * reconnects.
	 */
	close(self->client);
	self->client = -1;
	resolver = asked_next(self->listener, &self->asked, &name);
	ASSERT_LE(0, resolver);
	EXPECT_STREQ("dns_resolver", self->asked.type);
	EXPECT_STREQ(self->name, self->asked.description);
	EXPECT_STREQ("", self->asked.callout);
	EXPECT_EQ(0, asked_answer(resolver, address, sizeof(address)));
	close(resolver);
	give_up(self);
	EXPECT_GT(0, task_result(child));
}

ASKED_TEST_MAIN
