// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel code that only searches for a key: encrypted keys, dm-crypt, fscrypt,
 * RxRPC.
 *
 * None of them requests a new key, but each waits for a key under construction,
 * unless it holds locks that others wait for.
 */
#include "fscrypt.h"
#include "request_asked.h"
#include "request_dm.h"
#include "tpm2.h"
#include "volume.h"

#include "../kselftest_harness.h"

#include <linux/rxrpc.h>

#define DEVICE		"selftests-keys"
#define MASTER_SIZE	32
#define XTS_SIZE	64
#define SOCKET_KEY	"afs@example"
#define DESCRIPTOR	"0123456789abcdef"
#define ONE_SECOND_MS	1000

FIXTURE(search)
{
	struct volume v;
	int fd;
	char below[32];
	int listener;
	int link;
	struct asked asked;
	struct fscrypt_key raw;
};

/*
 * struct search variant - a caller that searches for a key
 * @type: type of the key
 * @description: description of the key
 * @prepare: makes everything that is needed first
 * @call: makes the kernel search for the key
 * @whole: whether the payload is a struct fscrypt_key
 * @size: bytes of the payload that the caller uses
 */
FIXTURE_VARIANT(search)
{
	const char *type;
	const char *description;
	int (*prepare)(FIXTURE_DATA(search) *self);
	int (*call)(const void *self);
	bool whole;
	size_t size;
};

static int prepare_nothing(FIXTURE_DATA(search) *self)
{
	return 0;
}

/*
 * Adds an encrypted key and reads it: only the read needs the master key, to
 * encrypt the content.
 */
static int use_master(const char *command)
{
	long key = key_add("encrypted", "e", command, strlen(command),
			   KEY_SPEC_SESSION_KEYRING);
	char text[512];
	long len = key < 0 ? key : key_read(key, text, sizeof(text));

	return len < 0 ? len : 0;
}

static int use_user_master(const void *self)
{
	return use_master("new user:master 32");
}

FIXTURE_VARIANT_ADD(search, encrypted) {
	.type = "user", .description = "master",
	.prepare = prepare_nothing, .call = use_user_master,
	.size = MASTER_SIZE,
};

static int prepare_device(FIXTURE_DATA(search) *self)
{
	self->fd = dm_create_over(DEVICE, &self->v, self->below,
				  sizeof(self->below));
	return self->fd < 0 ? self->fd : 0;
}

static int load_logon(const void *arg)
{
	const FIXTURE_DATA(search) *self = arg;

	return dm_load_crypt(DEVICE, ":64:logon:disk:a", self->below);
}

static int load_user(const void *arg)
{
	const FIXTURE_DATA(search) *self = arg;

	return dm_load_crypt(DEVICE, ":64:user:disk", self->below);
}

FIXTURE_VARIANT_ADD(search, crypt_logon) {
	.type = "logon", .description = "disk:a",
	.prepare = prepare_device, .call = load_logon, .size = XTS_SIZE,
};

FIXTURE_VARIANT_ADD(search, crypt_user) {
	.type = "user", .description = "disk",
	.prepare = prepare_device, .call = load_user, .size = XTS_SIZE,
};

/* Makes a folder whose files need the key with the descriptor. */
static int prepare_folder(FIXTURE_DATA(search) *self)
{
	struct fscrypt_key_specifier spec = { .type = V1 };
	int err = volume_init(&self->v, "ext4"), fd;

	if (!err)
		err = volume_mount(&self->v);
	if (!err)
		err = result(mkdirat(self->v.root, "d", 0700));
	if (err)
		return err;
	for (int i = 0; i < FSCRYPT_KEY_DESCRIPTOR_SIZE; i++)
		if (sscanf(&DESCRIPTOR[2 * i], "%2hhx",
			   &spec.u.descriptor[i]) != 1)
			return -EINVAL;
	fd = volume_open(&self->v, "d", O_RDONLY | O_DIRECTORY);
	err = fs_set_policy(fd, &spec);
	close(fd);
	return err;
}

static int make_file(const void *arg)
{
	const FIXTURE_DATA(search) *self = arg;
	int fd = volume_open(&self->v, "d/file", O_CREAT | O_WRONLY);

	return fd < 0 ? fd : close(fd);
}

FIXTURE_VARIANT_ADD(search, fscrypt) {
	.type = "logon", .description = "fscrypt:" DESCRIPTOR,
	.prepare = prepare_folder, .call = make_file,
	.whole = true, .size = XTS_SIZE,
};

FIXTURE_VARIANT_ADD(search, fscrypt_old_name) {
	.type = "logon", .description = "ext4:" DESCRIPTOR,
	.prepare = prepare_folder, .call = make_file,
	.whole = true, .size = XTS_SIZE,
};

static int prepare_socket(FIXTURE_DATA(search) *self)
{
	self->fd = result(socket(AF_RXRPC, SOCK_DGRAM, PF_INET));
	return self->fd < 0 ? self->fd : 0;
}

static int set_security_key(const void *arg)
{
	const FIXTURE_DATA(search) *self = arg;

	return result(setsockopt(self->fd, SOL_RXRPC, RXRPC_SECURITY_KEY,
				 SOCKET_KEY, strlen(SOCKET_KEY)));
}

/* The key has no content except its name. */
FIXTURE_VARIANT_ADD(search, rxrpc) {
	.type = "rxrpc", .description = SOCKET_KEY,
	.prepare = prepare_socket, .call = set_security_key,
};

FIXTURE_SETUP(search)
{
	REQUIRE_HELPER();
	self->link = -1;
	self->fd = -1;
	self->v.root = -1;
	ASSERT_LT(0, session_new());
	self->listener = asked_open();
	ASSERT_LE(0, self->listener);
	self->raw.size = variant->size;
	raw_fill(self->raw.raw, 1, variant->size);
	ASSERT_EQ(0, variant->prepare(self));
}

FIXTURE_TEARDOWN(search)
{
	close(self->link);
	close(self->listener);
	dm_remove(DEVICE);
	close(self->fd);
	if (self->v.base[0])
		volume_end(&self->v);
}

static const void *payload_of(const FIXTURE_DATA(search) *self,
			      const FIXTURE_VARIANT(search) *variant,
			      size_t *len)
{
	*len = variant->whole ? sizeof(self->raw) : variant->size;
	return variant->whole ? (const void *)&self->raw : self->raw.raw;
}

static struct asked_key key_of(const FIXTURE_VARIANT(search) *variant)
{
	return (struct asked_key){ variant->type, variant->description };
}

/* True if a helper was asked for the key. */
static bool was_asked(const FIXTURE_DATA(search) *self,
		      const FIXTURE_VARIANT(search) *variant)
{
	const struct asked_key key = key_of(variant);

	return asked_at_all(self->listener, &key);
}

static pid_t call_child(FIXTURE_DATA(search) *self,
			const FIXTURE_VARIANT(search) *variant)
{
	return task_start(variant->call, self);
}

struct wanted {
	const char *type;
	const char *description;
};

static int request_wanted(const void *arg)
{
	const struct wanted *wanted = arg;
	key_serial_t key = key_request(wanted->type, wanted->description, "",
				       KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? key : 0;
}

/*
 * Requests the key in a child; returns the child once the key is under
 * construction.
 */
static pid_t construct(FIXTURE_DATA(search) *self,
		       const FIXTURE_VARIANT(search) *variant)
{
	struct wanted wanted = { variant->type, variant->description };
	const struct asked_key key = key_of(variant);
	pid_t child = task_start(request_wanted, &wanted);

	self->link = asked_next(self->listener, &self->asked, &key);
	return child;
}

/*
 * True once the task sleeps, interruptibly or not, and goes on sleeping: it may
 * also sleep for a moment before it gets to the key.
 */
static bool settles(pid_t task)
{
	const int step_ms = 10, steps = 20;
	char text[512], *after_name;
	int asleep = 0;

	for (int ms = 0; ms < TASK_LIMIT_MS && asleep < steps; ms += step_ms) {
		task_read(task, "stat", text, sizeof(text));
		after_name = strrchr(text, ')');
		if (!after_name)
			return false;
		asleep = strchr("SD", after_name[2]) ? asleep + 1 : 0;
		sleep_ms(step_ms);
	}
	return asleep == steps;
}

/*
 * Shows: RK-16, RK-18, RK-34, RK-49. Without a key the search fails, and no
 * helper is started.
 */
TEST_F(search, missing)
{
	EXPECT_EQ(-ENOKEY, task_result(call_child(self, variant)));
	EXPECT_FALSE(was_asked(self, variant));
}

/* Shows: RK-16, RK-18, RK-49. An existing key is found. */
TEST_F(search, found)
{
	size_t len;
	const void *payload = payload_of(self, variant, &len);

	ASSERT_LT(0, key_add(variant->type, variant->description, payload, len,
			     KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, task_result(call_child(self, variant)));
	EXPECT_FALSE(was_asked(self, variant));
}

/* Shows: RK-18, RK-38, RK-55. The caller waits for a key under construction. */
TEST_F(search, waits)
{
	size_t len;
	const void *payload = payload_of(self, variant, &len);
	pid_t maker = construct(self, variant), caller;

	ASSERT_LE(0, self->link);
	caller = call_child(self, variant);
	EXPECT_TRUE(settles(caller));
	EXPECT_EQ(0, asked_answer(self->link, payload, len));
	EXPECT_EQ(0, task_result(caller));
	close(self->link);
	EXPECT_EQ(0, task_result(maker));
	EXPECT_FALSE(was_asked(self, variant));
}

/* Shows: RK-18, RK-48, RK-55. The caller gets the error of a rejection. */
TEST_F(search, rejected)
{
	pid_t maker = construct(self, variant), caller;

	ASSERT_LE(0, self->link);
	caller = call_child(self, variant);
	EXPECT_TRUE(settles(caller));
	EXPECT_EQ(0, asked_reject(self->link, EKEYREJECTED));
	EXPECT_EQ(-EKEYREJECTED, task_result(caller));
	close(self->link);
	EXPECT_EQ(-EKEYREJECTED, task_result(maker));
}

/* Shows: RK-W3, RK-D1. A task that waits inside the kernel can be killed. */
TEST_F(search, killed)
{
	pid_t maker, caller;

	REQUIRE_REQUEST_OURS("RK-D1: waits inside the kernel cannot be killed");
	maker = construct(self, variant);
	ASSERT_LE(0, self->link);
	caller = call_child(self, variant);
	EXPECT_TRUE(settles(caller));
	kill(caller, SIGKILL);
	EXPECT_TRUE(task_ended(caller, ONE_SECOND_MS));
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(caller));
	close(self->link);
	EXPECT_EQ(-ENOKEY, task_result(maker));
}

/* Shows: RK-18, RK-40. A revoked key is not used. */
TEST_F(search, revoked)
{
	size_t len;
	const void *payload = payload_of(self, variant, &len);
	key_serial_t key = key_add(variant->type, variant->description, payload,
				   len, KEY_SPEC_SESSION_KEYRING);

	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, task_result(call_child(self, variant)));
}

static int load_blob(const void *command)
{
	long key = key_add("encrypted", "loaded", command, strlen(command),
			   KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? key : 0;
}

/* Makes the command that loads a key that "new user:master 32" has made. */
static int command_to_load(char *command, size_t size)
{
	static const char verb[] = "load ";
	const size_t at = sizeof(verb) - 1;
	long len;

	memcpy(command, verb, at);
	len = use_master("new user:master 32");
	if (!len)
		len = key_read(keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
				      "encrypted", "e", 0),
			       command + at, size - at);
	if (len < 0 || len >= (long)(size - at))
		return -EIO;
	command[at + len] = '\0';
	return 0;
}

/*
 * Shows: RK-18, RK-38, RK-D28. A blob is loaded while the keyring and the new
 * key are locked, so the kernel does not wait for its master key.
 */
TEST(blob_before_master)
{
	static const struct wanted master = { "user", "master" };
	static const struct asked_key asked_master = { "user", "master" };
	unsigned char payload[MASTER_SIZE];
	int listener = asked_open(), link;
	char command[512];
	struct asked asked;
	key_serial_t key;
	pid_t maker;

	REQUIRE_HELPER();
	REQUIRE_REQUEST_OURS("RK-D28: they would wait for each other for ever");
	ASSERT_LE(0, listener);
	ASSERT_LT(0, session_new());
	raw_fill(payload, 1, sizeof(payload));
	key = key_add("user", "master", payload, sizeof(payload),
		      KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, command_to_load(command, sizeof(command)));
	ASSERT_EQ(0, key_unlink(key, KEY_SPEC_SESSION_KEYRING));

	maker = task_start(request_wanted, &master);
	link = asked_next(listener, &asked, &asked_master);
	ASSERT_LE(0, link);
	EXPECT_EQ(-ENOKEY, task_run(load_blob, command));
	EXPECT_EQ(0, asked_answer(link, payload, sizeof(payload)));
	EXPECT_EQ(0, task_run(load_blob, command));
	close(link);
	EXPECT_EQ(0, task_result(maker));
	close(listener);
}

/*
 * Shows: RK-16, RK-18. Keys of an RxRPC server; a keyring is never made on
 * request.
 */
TEST(rxrpc_keyring)
{
	static const struct asked_key keyring = { "keyring", SOCKET_KEY };
	int listener = asked_open();
	int fd = socket(AF_RXRPC, SOCK_DGRAM, PF_INET);

	REQUIRE_HELPER();
	ASSERT_LE(0, listener);
	ASSERT_LE(0, fd);
	ASSERT_LT(0, session_new());
	EXPECT_EQ(-ENOKEY, result(setsockopt(fd, SOL_RXRPC,
					     RXRPC_SECURITY_KEYRING, SOCKET_KEY,
					     strlen(SOCKET_KEY))));
	EXPECT_FALSE(asked_at_all(listener, &keyring));
	ASSERT_LT(0, keyring_new(SOCKET_KEY, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, result(setsockopt(fd, SOL_RXRPC, RXRPC_SECURITY_KEYRING,
				       SOCKET_KEY, strlen(SOCKET_KEY))));
	close(fd);
	close(listener);
}

/* Shows: RK-18. A master key that a TPM guards is searched for as well. */
TEST(trusted_master)
{
	static const char command[] = "new trusted:master 32";
	int tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	char make[64];
	uint32_t parent;

	if (tpm < 0 || !tpm2_is_2_0(tpm))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	ASSERT_LT(0, session_new());
	EXPECT_EQ(-ENOKEY, use_master(command));
	/* This added the encrypted key; nothing of it is left here. */
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, tpm2_create_primary(tpm, &parent));
	snprintf(make, sizeof(make), "new %d keyhandle=0x%x", MASTER_SIZE,
		 parent);
	EXPECT_LT(0, key_add("trusted", "master", make, strlen(make),
			     KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, use_master(command));
	EXPECT_EQ(0, tpm2_flush(tpm, parent));
	close(tpm);
}

ASKED_TEST_MAIN
