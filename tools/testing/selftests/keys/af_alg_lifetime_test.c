// SPDX-License-Identifier: GPL-2.0-only
/* ALG_SET_KEY_BY_KEY_SERIAL: what happens to the key during and afterwards. */
#include "encrypted.h"
#include "kernel.h"
#include "task.h"

#include "../kselftest_harness.h"

#include <sys/un.h>

static const char bytes[] = { '0', '1', '2', '3', '4', '5', '6', '7',
			      '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };
static const char others[] = { 'f', 'e', 'd', 'c', 'b', 'a', '9', '8',
			       '7', '6', '5', '4', '3', '2', '1', '0' };

FIXTURE(after)
{
	const struct alg *alg;
	int fd;
	int op;
	key_serial_t key;
};

FIXTURE_VARIANT(after)
{
	const struct alg *alg;
};

FIXTURE_VARIANT_ADD(after, hash) { .alg = &alg_hmac };
FIXTURE_VARIANT_ADD(after, skcipher) { .alg = &alg_cbc };
FIXTURE_VARIANT_ADD(after, aead) { .alg = &alg_gcm };

/* A keyed socket with an operation socket in use. */
FIXTURE_SETUP(after)
{
	SKIP_IF(return, lacks_option());
	self->alg = variant->alg;
	OPEN_ALG(return, self->fd, self->alg);
	ASSERT_LT(0, session_new());
	self->key = key_add_user("key", bytes, sizeof(bytes));
	ASSERT_LT(0, self->key);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	self->op = alg_accept(self->fd);
	ASSERT_LE(0, self->op);
}

FIXTURE_TEARDOWN(after)
{
	close(self->op);
	close(self->fd);
}

/*
 * True if the operation socket in use and one that is accepted now have the old
 * key.
 */
static bool goes_on(int fd, int op, const struct alg *alg)
{
	struct fingerprint expected, seen;

	expected = alg_fingerprint_of(alg, bytes, sizeof(bytes));
	seen = alg_fingerprint_op(op, alg);
	if (!same_fingerprint(&expected, &seen))
		return false;
	seen = alg_fingerprint(fd, alg);
	return same_fingerprint(&expected, &seen);
}

/*
 * Shows: AA-64. The socket has a copy of the key; setting the key again gives
 * the socket the new bytes.
 */
TEST_F(after, updated)
{
	ASSERT_EQ(0, key_update(self->key, others, sizeof(others)));
	EXPECT_TRUE(goes_on(self->fd, self->op, self->alg));
	close(self->op);
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, self->alg, others, sizeof(others)));
}

/*
 * Shows: AA-65, AA-66. The socket keeps a key that is revoked, but the key
 * cannot be set again.
 */
TEST_F(after, revoked)
{
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_TRUE(goes_on(self->fd, self->op, self->alg));
	close(self->op);
	EXPECT_EQ(-EKEYREVOKED, alg_set_serial(self->fd, self->key));
	self->op = alg_accept(self->fd);
	EXPECT_TRUE(goes_on(self->fd, self->op, self->alg));
}

/* Shows: AA-65, AA-66. */
TEST_F(after, invalidated)
{
	ASSERT_EQ(0, key_invalidate(self->key));
	EXPECT_TRUE(goes_on(self->fd, self->op, self->alg));
	close(self->op);
	EXPECT_EQ(-ENOKEY, alg_set_serial(self->fd, self->key));
	self->op = alg_accept(self->fd);
	EXPECT_TRUE(goes_on(self->fd, self->op, self->alg));
}

/* Shows: AA-63, AA-65. The key is freed although the socket lives. */
TEST_F(after, unlinked)
{
	ASSERT_EQ(0, key_unlink(self->key, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(-ENOKEY, key_wait_state(self->key, -ENOKEY));
	EXPECT_TRUE(goes_on(self->fd, self->op, self->alg));
}

/* Shows: AA-65, AA-66. */
TEST(after_expiry)
{
	struct fingerprint expected, seen;
	key_serial_t key;
	int fd, op;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	key = key_add_user("key", bytes, sizeof(bytes));
	ASSERT_EQ(0, key_set_to_expire(key));
	ASSERT_EQ(0, alg_set_serial(fd, key));
	op = alg_accept(fd);
	ASSERT_LE(0, op);
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(key));

	expected = alg_fingerprint_of(&alg_hmac, bytes, sizeof(bytes));
	seen = alg_fingerprint_op(op, &alg_hmac);
	EXPECT_TRUE(same_fingerprint(&expected, &seen));
	close(op);
	EXPECT_EQ(-EKEYEXPIRED, alg_set_serial(fd, key));
	seen = alg_fingerprint(fd, &alg_hmac);
	EXPECT_TRUE(same_fingerprint(&expected, &seen));
}

#define STRANGER_ID	64001

static int send_fd(int link, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = {};
	struct iovec part = { .iov_base = &byte, .iov_len = sizeof(byte) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	return result(sendmsg(link, &message, 0));
}

static int receive_fd(int link)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { .iov_base = &byte, .iov_len = sizeof(byte) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(link, &message, 0) != sizeof(byte) ||
	    !CMSG_FIRSTHDR(&message))
		return -EPROTO;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

struct receiver {
	int link;
	key_serial_t key;
};

/*
 * Encrypts and decrypts with a socket that the child was sent, without any
 * right to the key.
 */
static int receive_and_use(const void *arg)
{
	static const uint8_t iv[ALG_IV_MAX];
	static const struct caller stranger = {
		.uid = STRANGER_ID, .gid = STRANGER_ID, .stranger = true,
	};
	const struct receiver *receiver = arg;
	uint8_t sealed[16], opened[16];
	struct alg_text text = {
		.direction = ALG_OP_ENCRYPT, .iv = iv, .iv_len = sizeof(iv),
		.in = others, .in_len = sizeof(others),
	};
	int fd, op, err;

	err = caller_become(&stranger);
	if (err)
		return err;
	fd = receive_fd(receiver->link);
	if (alg_set_serial(fd, receiver->key) != -EACCES)
		return -EPERM;
	op = alg_accept(fd);
	if (alg_crypt(op, &text, sealed, sizeof(sealed)) != sizeof(sealed))
		return -EIO;
	text.direction = ALG_OP_DECRYPT;
	text.in = sealed;
	if (alg_crypt(op, &text, opened, sizeof(opened)) != sizeof(opened))
		return -EIO;
	return memcmp(opened, others, sizeof(opened)) ? -EBADMSG : 0;
}

/*
 * Shows: AA-67. A process with the socket can use the key, whatever its rights
 * to the key are.
 */
TEST(passed_on)
{
	struct receiver receiver;
	int fd, links[2];
	pid_t child;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, fd, &alg_cbc);
	ASSERT_LT(0, session_new());
	receiver.key = key_add("logon", "selftest:key", bytes, sizeof(bytes),
			       KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, receiver.key);
	ASSERT_EQ(0, alg_set_serial(fd, receiver.key));

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, links));
	receiver.link = links[1];
	child = task_start(receive_and_use, &receiver);
	EXPECT_EQ(1, send_fd(links[0], fd));
	EXPECT_EQ(0, task_result(child));
}

/*
 * Races.  Rounds are cheap, so there are many.  If a test only means something
 * when both outcomes occur, it asserts that they do.
 */
#define ROUNDS		300
#define ROUNDS_MAX	100000
#define LONG_LEN	4000
#define SHORT_LEN	40

/* A long and a short payload that differ in every byte. */
struct payloads {
	key_serial_t key;
	char long_one[LONG_LEN];
	char short_one[SHORT_LEN];
};

static int update_for_ever(const void *arg)
{
	const struct payloads *payloads = arg;
	long err = 0;

	while (!err) {
		err = key_update(payloads->key, payloads->long_one, LONG_LEN);
		if (!err)
			err = key_update(payloads->key, payloads->short_one,
					 SHORT_LEN);
	}
	return err;
}

/*
 * Shows: AA-59. Length and bytes come from one payload, never the length of one
 * with the bytes of another.
 */
TEST(update_races)
{
	struct fingerprint is_long, is_short, seen;
	int longs = 0, shorts = 0, rounds = 0;
	struct payloads payloads;
	pid_t updater;
	int fd;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	memset(payloads.long_one, 'l', LONG_LEN);
	memset(payloads.short_one, 's', SHORT_LEN);
	is_long = alg_fingerprint_of(&alg_hmac, payloads.long_one, LONG_LEN);
	is_short = alg_fingerprint_of(&alg_hmac, payloads.short_one, SHORT_LEN);
	payloads.key = key_add_user("key", payloads.long_one, LONG_LEN);
	ASSERT_LT(0, payloads.key);

	updater = task_start(update_for_ever, &payloads);
	while (rounds < ROUNDS ||
	       ((longs == 0 || shorts == 0) && rounds < ROUNDS_MAX)) {
		ASSERT_EQ(0, alg_set_serial(fd, payloads.key));
		seen = alg_fingerprint(fd, &alg_hmac);
		longs += same_fingerprint(&is_long, &seen);
		shorts += same_fingerprint(&is_short, &seen);
		rounds++;
		ASSERT_EQ(rounds, longs + shorts);
	}
	EXPECT_LT(0, longs);
	EXPECT_LT(0, shorts);
	kill(updater, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(updater));
}

/*
 * Revokes the keys whose serials come through a pipe; writes a byte after each.
 */
static int revoke_what_comes(const void *arg)
{
	const int *link = arg;
	key_serial_t key;

	while (recv(*link, &key, sizeof(key), 0) == sizeof(key)) {
		long err = key_revoke(key);

		if (err || send(*link, &key, sizeof(key), 0) != sizeof(key))
			return err ? err : -EIO;
	}
	return 0;
}

/*
 * Shows: AA-25, AA-59. The call sees the key before or after its revocation,
 * but no state in between.
 */
TEST(revoke_races)
{
	struct fingerprint expected, seen;
	int fd, links[2];
	pid_t revoker;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	expected = alg_fingerprint_of(&alg_hmac, bytes, sizeof(bytes));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				links));
	revoker = task_start(revoke_what_comes, &links[1]);

	for (int round = 0; round < ROUNDS; round++) {
		key_serial_t key = key_add_user("key", bytes, sizeof(bytes));
		int ret;

		ASSERT_LT(0, key);
		ASSERT_EQ((ssize_t)sizeof(key),
			  send(links[0], &key, sizeof(key), 0));
		ret = alg_set_serial(fd, key);
		if (ret == 0) {
			seen = alg_fingerprint(fd, &alg_hmac);
			ASSERT_TRUE(same_fingerprint(&expected, &seen));
		} else if (ret != -EKEYEXPIRED) {
			/* Revocation and expiry share a field: a reader that
			 * sees half a revocation would find an expired key.
			 */
			ASSERT_EQ(-EKEYREVOKED, ret);
		}
		ASSERT_EQ((ssize_t)sizeof(key),
			  recv(links[0], &key, sizeof(key), 0));
		ASSERT_EQ(-EKEYREVOKED, alg_set_serial(fd, key));
	}
	shutdown(links[0], SHUT_RDWR);
	EXPECT_EQ(0, task_result(revoker));
}

static int change_master_for_ever(const void *arg)
{
	static const char * const updates[] = {
		"update default user:one", "update default user:two",
	};
	const key_serial_t *key = arg;
	long err = 0;

	for (unsigned int i = 0; !err; i ^= 1)
		err = key_update(*key, updates[i], strlen(updates[i]));
	return err;
}

/*
 * Shows: AA-43, AA-59. Another task replaces the payload, but always by equal
 * bytes.
 */
TEST(encrypted_update_races)
{
	struct fingerprint expected, seen;
	key_serial_t key;
	pid_t updater;
	int fd;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	ASSERT_LT(0, key_add_user("one", bytes, sizeof(bytes)));
	ASSERT_LT(0, key_add_user("two", others, sizeof(others)));
	key = encrypted_new("key", "default", "user:one", ENCRYPTED_MAX);
	if (key == -ENODEV)
		SKIP(return, "needs CONFIG_ENCRYPTED_KEYS");
	ASSERT_LT(0, key);
	ASSERT_EQ(0, alg_set_serial(fd, key));
	expected = alg_fingerprint(fd, &alg_hmac);

	updater = task_start(change_master_for_ever, &key);
	for (int round = 0; round < ROUNDS; round++) {
		ASSERT_EQ(0, alg_set_serial(fd, key));
		seen = alg_fingerprint(fd, &alg_hmac);
		ASSERT_TRUE(same_fingerprint(&expected, &seen));
	}
	kill(updater, SIGKILL);
	EXPECT_EQ(TASK_KILLED(SIGKILL), task_result(updater));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
