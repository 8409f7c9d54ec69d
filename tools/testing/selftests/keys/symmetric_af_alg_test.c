// SPDX-License-Identifier: GPL-2.0-only
/* Keys of type "symmetric" on sockets of AF_ALG, and the end of both. */
#include <linux/aio_abi.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>

#include "../kselftest_harness.h"
#include "alg.h"
#include "encrypted.h"
#include "symmetric.h"
#include "task.h"

#define ALL_BUT_SEARCH	(POSSESSOR(RIGHT_ALL & ~RIGHT_SEARCH) | \
			 OWNER(RIGHT_ALL & ~RIGHT_SEARCH))
#define USERS		2
#define ROUNDS		30
#define USES_BEFORE	3
/* Users of a key whom the scheduler gives nothing, as others want the processor */
#define SQUATTERS	4
#define SPINNERS	30
/* Other programs open fewer sockets than this meanwhile. */
#define REFUSED		2000

/* More than a socket takes before somebody receives */
#define FLOOD_SIZE	(4 * 1024 * 1024)

/* Keys of these bytes can be compared with what ALG_SET_KEY does. */
#define BYTES_MAX	64
static const uint8_t bytes[BYTES_MAX] = { 2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5 };

static const struct alg alg_hmac_32 = {
	.type = "hash", .name = "hmac(sha256)", .key_len = 32, .text_len = 3,
	.config = "CONFIG_CRYPTO_USER_API_HASH",
};

static const struct alg alg_cmac = {
	.type = "hash", .name = "cmac(aes)", .key_len = 16, .text_len = 3,
	.config = "CONFIG_CRYPTO_CMAC",
};

static const struct alg alg_cbc_32 = {
	.type = "skcipher", .name = "cbc(aes)", .key_len = 32, .iv_len = 16,
	.text_len = 16, .config = "CONFIG_CRYPTO_CBC",
};

static const struct alg alg_ctr = {
	.type = "skcipher", .name = "ctr(aes)", .key_len = 32, .iv_len = 16,
	.text_len = 16, .config = "CONFIG_CRYPTO_CTR",
};

static const struct alg alg_ecb = {
	.type = "skcipher", .name = "ecb(aes)", .key_len = 16, .text_len = 16,
	.config = "CONFIG_CRYPTO_ECB",
};

static const struct alg alg_ghash = {
	.type = "hash", .name = "ghash", .key_len = 16, .text_len = 3,
	.config = "CONFIG_CRYPTO_GHASH",
};

/* A key for this algorithm, of the bytes above */
static key_serial_t key_of_bytes(const char *name, const struct alg *alg,
				 unsigned int len)
{
	char hex[2 * BYTES_MAX + 1];

	hex_encode(bytes, len, hex);
	return sym_add(name, "raw keyhex=%s alg=%s:%s for=af-alg", hex,
		       alg->type, alg->name);
}

static key_serial_t key_for(const char *name, const struct alg *alg)
{
	return key_of_bytes(name, alg, alg->key_len);
}

#define REQUIRE_AF_ALG() do { \
	REQUIRE_SYMMETRIC(); \
	if (sym_add("probe", "new alg=hash:hmac(sha256) for=af-alg") == -EINVAL) \
		SKIP(return, "ours only: needs CONFIG_SYMMETRIC_AF_ALG"); \
} while (0)

FIXTURE(socket)
{
	key_serial_t key;
	int fd;
};

FIXTURE_VARIANT(socket)
{
	const struct alg *alg;
};

FIXTURE_VARIANT_ADD(socket, hmac) {
	.alg = &alg_hmac_32,
};

FIXTURE_VARIANT_ADD(socket, cmac) {
	.alg = &alg_cmac,
};

FIXTURE_VARIANT_ADD(socket, cbc) {
	.alg = &alg_cbc,
};

FIXTURE_VARIANT_ADD(socket, ctr) {
	.alg = &alg_ctr,
};

FIXTURE_VARIANT_ADD(socket, xts) {
	.alg = &alg_xts,
};

FIXTURE_VARIANT_ADD(socket, gcm) {
	.alg = &alg_gcm,
};

FIXTURE_SETUP(socket)
{
	self->fd = -1;
	REQUIRE_AF_ALG();
	OPEN_ALG(return, self->fd, variant->alg);
	self->key = key_for("key", variant->alg);
	ASSERT_LT(0, self->key);
}

FIXTURE_TEARDOWN(socket)
{
	if (self->fd >= 0)
		close(self->fd);
}

/* The result of a use of the socket by a new child: 0 or a negative errno. */
static long use(int fd, const struct alg *alg)
{
	struct fingerprint print = alg_fingerprint(fd, alg);

	return print.len < 0 ? print.len : 0;
}

/* The same by a child that is there */
static long use_op(int op, const struct alg *alg)
{
	struct fingerprint print = alg_fingerprint_op(op, alg);

	return print.len < 0 ? print.len : 0;
}

/* Shows: SY-85. The same as the bytes themselves would give. */
TEST_F(socket, computes)
{
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, variant->alg, bytes,
				variant->alg->key_len));
}

/* Shows: SY-85. And back again. */
TEST_F(socket, decrypts)
{
	static const uint8_t iv[ALG_IV_MAX];
	const struct alg *alg = variant->alg;
	struct alg_text text = {
		.direction = ALG_OP_DECRYPT, .iv = iv, .iv_len = alg->iv_len,
	};
	struct fingerprint print;
	uint8_t out[ALG_OUT_MAX];
	int op;

	if (strcmp(alg->type, "hash") == 0)
		return;
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	print = alg_fingerprint(self->fd, alg);
	ASSERT_EQ(alg->text_len + alg->tag_len, print.len);
	text.in = print.bytes;
	text.in_len = print.len;
	op = alg_accept(self->fd);
	ASSERT_LE(0, op);
	EXPECT_EQ(alg->text_len, alg_crypt(op, &text, out, alg->text_len));
	EXPECT_EQ(0, memcmp(out, "AAAAAAAAAAAAAAAA", alg->text_len));
	close(op);
}

/* Shows: SY-85. A child that waits for a key gets this one, and the end, too. */
TEST_F(socket, child_before_key)
{
	int op = alg_accept(self->fd);

	ASSERT_LE(0, op);
	EXPECT_EQ(-ENOKEY, use_op(op, variant->alg));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_EQ(0, use_op(op, variant->alg));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, use_op(op, variant->alg));
	close(op);
}

/* Shows: SY-88. The child works with none before the key ends. */
TEST_F(socket, child_before_end)
{
	int op = alg_accept(self->fd);

	ASSERT_LE(0, op);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, use_op(op, variant->alg));
	close(op);
}

/* Shows: SY-85, SY-86. Search is needed, and nothing else. */
TEST_F(socket, search)
{
	ASSERT_EQ(0, key_set_rights(self->key, ALL_BUT_SEARCH));
	EXPECT_EQ(-EACCES, alg_set_serial(self->fd, self->key));
	EXPECT_EQ(-ENOKEY, use(self->fd, variant->alg));
	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_SEARCH)));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_EQ(0, use(self->fd, variant->alg));
}

static long end_by_revoke(key_serial_t key)
{
	return key_revoke(key);
}

static long end_by_invalidate(key_serial_t key)
{
	return key_invalidate(key);
}

static long end_by_time(key_serial_t key)
{
	long ret = key_set_to_expire(key);

	return ret ?: key_wait_expired(key) == -EKEYEXPIRED ? 0 : -ETIME;
}

static const struct {
	long (*end)(key_serial_t key);
	int error;
} ends[] = {
	{ end_by_revoke, -EKEYREVOKED },
	{ end_by_invalidate, -EKEYREVOKED },
	{ end_by_time, -EKEYEXPIRED },
};

/*
 * Shows: SY-88, SY-46, SY-47, SY-52. Children that have worked, children that have
 * not, new children: none works any more.
 */
TEST_F(socket, ends)
{
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		key_serial_t key = key_for("ends", variant->alg);
		int fd = alg_open(variant->alg), used, fresh;
		uint8_t out[ALG_OUT_MAX];

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, alg_set_serial(fd, key));
		used = alg_accept(fd);
		fresh = alg_accept(fd);
		ASSERT_LE(0, used);
		ASSERT_LE(0, fresh);
		ASSERT_EQ(0, use_op(used, variant->alg));

		ASSERT_EQ(0, ends[i].end(key));
		EXPECT_EQ(ends[i].error, use_op(used, variant->alg));
		EXPECT_EQ(ends[i].error, use_op(fresh, variant->alg));
		EXPECT_EQ(ends[i].error, alg_accept(fd));
		EXPECT_EQ(ends[i].error, use(fd, variant->alg));
		EXPECT_EQ(ends[i].error,
			  result(recv(used, out, sizeof(out), MSG_DONTWAIT)));
		EXPECT_EQ(ends[i].error, result(send(fresh, "", 0, 0)));
		/* Both are tried again: the error is not eaten. */
		EXPECT_EQ(ends[i].error, use_op(used, variant->alg));
		EXPECT_EQ(ends[i].error, use_op(fresh, variant->alg));
		close(used);
		close(fresh);
		close(fd);
	}
}

/* Sockets that the network namespace has, also those without a descriptor */
static long sockets_used(void)
{
	FILE *file = fopen("/proc/net/sockstat", "r");
	long used = -1;

	if (!file || fscanf(file, "sockets: used %ld", &used) != 1)
		used = -1;
	if (file)
		fclose(file);
	return used;
}

/* Shows: SY-95. A call that fails makes no socket. */
TEST_F(socket, accept_loses_none)
{
	long before;

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, key_revoke(self->key));
	before = sockets_used();
	ASSERT_LT(0, before);
	for (int i = 0; i < REFUSED; i++)
		ASSERT_EQ(-EKEYREVOKED, alg_accept(self->fd));
	EXPECT_GT(before + REFUSED / 2, sockets_used());
}

/* Shows: SY-92. A child that has never worked is in nobody's way. */
TEST_F(socket, refused_child)
{
	key_serial_t next = key_for("next", variant->alg);
	int op = alg_accept(self->fd);

	ASSERT_LE(0, op);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, use_op(op, variant->alg));
	ASSERT_EQ(0, alg_set_serial(self->fd, next));
	EXPECT_EQ(0, use_op(op, variant->alg));
	close(op);
}

/* Shows: SY-88. A parent that is closed is still what its children end by. */
TEST_F(socket, ends_without_parent)
{
	int op;

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	op = alg_accept(self->fd);
	ASSERT_LE(0, op);
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(0, use_op(op, variant->alg));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, use_op(op, variant->alg));
	close(op);
}

/* Shows: SY-86. A dead key is not taken. */
TEST_F(socket, dead_key)
{
	key_serial_t expired = key_for("expired", variant->alg);

	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, end_by_time(expired));
	EXPECT_EQ(-EKEYEXPIRED, alg_set_serial(self->fd, expired));
	EXPECT_EQ(-ENOKEY, use(self->fd, variant->alg));
}

/* Shows: SY-91, SY-53. Only an end of the key is an end. */
TEST_F(socket, unlinked)
{
	int other = alg_open(variant->alg);

	ASSERT_LE(0, other);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, alg_set_serial(other, self->key));
	close(other);
	EXPECT_LT(0, key_state(self->key));
	ASSERT_EQ(0, key_unlink(self->key, KEY_SPEC_SESSION_KEYRING));
	ASSERT_EQ(-ENOKEY, key_wait_state(self->key, -ENOKEY));
	EXPECT_TRUE(alg_has_key(self->fd, variant->alg, bytes,
				variant->alg->key_len));
}

/* Shows: SY-91, SY-53, SY-47. The timer is not the key's but the object's. */
TEST_F(socket, unlinked_expires)
{
	long ret = 0;

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, self->key, 2));
	ASSERT_EQ(0, key_unlink(self->key, KEY_SPEC_SESSION_KEYRING));
	for (int ms = 0; !ret && ms < TASK_LIMIT_MS; ms += 20) {
		sleep_ms(20);
		ret = use(self->fd, variant->alg);
	}
	EXPECT_EQ(-EKEYEXPIRED, ret);
}

/* Shows: SY-92. The same one again, other types, bytes, and this type again. */
TEST_F(socket, another_key)
{
	const struct alg *alg = variant->alg;
	uint8_t others[BYTES_MAX];
	key_serial_t logon;

	memset(others, 0x55, sizeof(others));
	logon = key_add("logon", "a:b", others, alg->key_len,
			KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, logon);

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, alg, bytes, alg->key_len));
	ASSERT_EQ(0, alg_set_serial(self->fd, logon));
	EXPECT_TRUE(alg_has_key(self->fd, alg, others, alg->key_len));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, alg, bytes, alg->key_len));
	others[0]++;
	ASSERT_EQ(0, alg_set_key(self->fd, others, alg->key_len));
	EXPECT_TRUE(alg_has_key(self->fd, alg, others, alg->key_len));

	/* None of these has the first key any more. */
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_TRUE(alg_has_key(self->fd, alg, others, alg->key_len));
}

/* Shows: SY-92. The socket does not fall back on what it had before. */
TEST_F(socket, no_way_back)
{
	const struct alg *alg = variant->alg;
	key_serial_t second = sym_add("second", "new alg=%s:%s for=af-alg",
				      alg->type, alg->name);

	ASSERT_LT(0, second);
	ASSERT_EQ(0, alg_set_key(self->fd, bytes, alg->key_len));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, alg_set_serial(self->fd, second));
	ASSERT_EQ(0, key_revoke(second));
	EXPECT_EQ(-EKEYREVOKED, use(self->fd, alg));

	/* What fails leaves it as it is. */
	EXPECT_EQ(-EKEYREVOKED, alg_set_serial(self->fd, second));
	EXPECT_EQ(-EINVAL, alg_set_serial(self->fd, 0));
	EXPECT_EQ(-EKEYREVOKED, use(self->fd, alg));

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, alg, bytes, alg->key_len));
}

/* Shows: SY-92. A new binding has no key. */
TEST_F(socket, bound_anew)
{
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, alg_bind(self->fd, variant->alg));
	EXPECT_EQ(-ENOKEY, use(self->fd, variant->alg));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, key_revoke(self->key));
	ASSERT_EQ(0, alg_bind(self->fd, variant->alg));
	EXPECT_EQ(-ENOKEY, use(self->fd, variant->alg));
}

/* Shows: SY-86, SY-92. A child that works keeps its key. */
TEST_F(socket, busy)
{
	key_serial_t other = key_for("other", variant->alg);
	int op;

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	op = alg_accept(self->fd);
	ASSERT_LE(0, op);
	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, other));
	EXPECT_EQ(-EBUSY, alg_set_key(self->fd, bytes, variant->alg->key_len));
	EXPECT_EQ(-EBUSY, alg_bind(self->fd, variant->alg));
	EXPECT_EQ(-EOPNOTSUPP, alg_set_serial(op, other));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, other));
	close(op);
	EXPECT_EQ(0, alg_set_serial(self->fd, other));
	EXPECT_EQ(0, use(self->fd, variant->alg));
}

/* Shows: SY-93. */
TEST_F(socket, shared)
{
	key_serial_t other = key_for("other", variant->alg);
	int fds[3];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = alg_open(variant->alg);
		ASSERT_LE(0, fds[i]);
		ASSERT_EQ(0, alg_set_serial(fds[i], self->key));
	}
	ASSERT_EQ(0, alg_set_serial(self->fd, other));
	close(fds[0]);
	EXPECT_EQ(0, use(fds[1], variant->alg));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, use(fds[1], variant->alg));
	EXPECT_EQ(-EKEYREVOKED, use(fds[2], variant->alg));
	EXPECT_EQ(0, use(self->fd, variant->alg));
	close(fds[1]);
	close(fds[2]);
}

/* Shows: SY-94. */
TEST_F(socket, other_types_go_on)
{
	key_serial_t logon = key_add("logon", "a:b", bytes,
				     variant->alg->key_len,
				     KEY_SPEC_SESSION_KEYRING);

	ASSERT_EQ(0, alg_set_serial(self->fd, logon));
	ASSERT_EQ(0, key_revoke(logon));
	EXPECT_TRUE(alg_has_key(self->fd, variant->alg, bytes,
				variant->alg->key_len));
}

/* Shows: SY-87, SY-86. A key for something else gives nothing. */
TEST_F(socket, other_keys)
{
	static const char *const lines[] = {
		"new alg=hmac-sha256 for=mac,verify",
		"new alg=xchacha20-poly1305 for=seal,open",
		"new alg=xchacha20-poly1305 for=wrap,unwrap",
		"new alg=hkdf-sha512 for=derive",
		"new alg=aes-xts-plain64 for=dm-crypt",
		"new alg=skcipher:cts(cbc(aes)) for=af-alg",
		"new alg=aead:ccm(aes) for=af-alg",
		"new alg=hash:hmac(sha512) for=af-alg",
	};
	key_serial_t key;

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		key = sym_add("other", "%s", lines[i]);
		ASSERT_LT(0, key);
		EXPECT_EQ(-EKEYREJECTED, alg_set_serial(self->fd, key)) {
			TH_LOG("%s", lines[i]);
		}
	}
	key = sym_add("root", "new alg=hmac-sha256 for=mac,verify");
	key = sym_add("view", "view of=%d for=mac", key);
	ASSERT_LT(0, key);
	EXPECT_EQ(-EKEYREJECTED, alg_set_serial(self->fd, key));
	EXPECT_TRUE(alg_has_key(self->fd, variant->alg, bytes,
				variant->alg->key_len));
}

/*
 * Shows: SY-87. Other algorithms, those that give a key away among them, and the
 * same one as another type.
 */
TEST_F(socket, other_algorithms)
{
	static const struct alg *const algs[] = {
		&alg_hmac_32, &alg_cmac, &alg_cbc, &alg_ctr, &alg_xts, &alg_gcm,
		&alg_ecb, &alg_ghash, &alg_sha256, &alg_crc32c, &alg_drbg,
	};

	for (size_t i = 0; i < ARRAY_SIZE(algs); i++) {
		int fd = alg_open(algs[i]);

		if (fd < 0)
			continue;
		EXPECT_EQ(algs[i] == variant->alg ? 0 : -EKEYREJECTED,
			  alg_set_serial(fd, self->key)) {
			TH_LOG("on %s", algs[i]->name);
		}
		close(fd);
	}
}

/* Shows: SY-87. An implementation has a name of its own, and the algorithm's. */
TEST_F(socket, implementation)
{
	struct alg other = *variant->alg;
	char driver[ALG_NAME_MAX];

	alg_driver(variant->alg, driver);
	ASSERT_NE('\0', *driver);
	other.name = driver;
	ASSERT_EQ(0, alg_bind(self->fd, &other));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, variant->alg, bytes,
				other.key_len));
}

/* Shows: SY-90, SY-88. A request that another thread answers is waited for. */
TEST_F(socket, asynchronous)
{
	int err = alg_bind_cryptd(self->fd, variant->alg);

	if (err == -ENOENT)
		SKIP(return, "needs CONFIG_CRYPTO_CRYPTD");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, variant->alg, bytes,
				variant->alg->key_len));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, use(self->fd, variant->alg));
}

FIXTURE(held)
{
	int fd;
	int op;
	key_serial_t key;
};

FIXTURE_SETUP(held)
{
	self->fd = self->op = -1;
	REQUIRE_AF_ALG();
}

FIXTURE_TEARDOWN(held)
{
	if (self->op >= 0)
		close(self->op);
	if (self->fd >= 0)
		close(self->fd);
}

/* A socket of @wanted with a key, and a child of it */
#define HOLD(wanted) do { \
	OPEN_ALG(return, self->fd, wanted); \
	self->key = key_for("key", wanted); \
	ASSERT_LT(0, self->key); \
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key)); \
	self->op = alg_accept(self->fd); \
	ASSERT_LE(0, self->op); \
} while (0)

/* Shows: SY-87. Tags that are cut short. */
TEST_F(held, short_tags)
{
	key_serial_t key = key_for("key", &alg_gcm);

	OPEN_ALG(return, self->fd, &alg_gcm);
	ASSERT_EQ(0, sockopt_set(self->fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE,
				 NULL, 4));
	EXPECT_EQ(-EKEYREJECTED, alg_set_serial(self->fd, key));
	ASSERT_EQ(0, sockopt_set(self->fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE,
				 NULL, 16));
	ASSERT_EQ(0, alg_set_serial(self->fd, key));
	EXPECT_EQ(-EKEYREJECTED,
		  sockopt_set(self->fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL,
			      4));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_gcm, bytes, alg_gcm.key_len));
	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EKEYREJECTED,
		  sockopt_set(self->fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL,
			      16));
}

/* Shows: SY-85. A hash in many parts, and one that is copied in the middle. */
TEST_F(held, hash_in_parts)
{
	uint8_t whole[32], parts[32], copy[32];
	int other;

	HOLD(&alg_hmac_32);
	ASSERT_EQ(32, alg_digest(self->op, "abcdef", 6, whole, 32));
	ASSERT_EQ(2, send(self->op, "ab", 2, MSG_MORE));
	ASSERT_EQ(2, send(self->op, "cd", 2, MSG_MORE));
	other = alg_accept(self->op);
	ASSERT_LE(0, other);
	ASSERT_EQ(2, send(self->op, "ef", 2, 0));
	ASSERT_EQ(32, recv(self->op, parts, 32, 0));
	ASSERT_EQ(2, send(other, "ef", 2, 0));
	ASSERT_EQ(32, recv(other, copy, 32, 0));
	close(other);
	EXPECT_EQ(0, memcmp(whole, parts, 32));
	EXPECT_EQ(0, memcmp(whole, copy, 32));
	/* The hash of nothing */
	EXPECT_EQ(32, recv(self->op, parts, 32, 0));
	EXPECT_NE(0, memcmp(whole, parts, 32));
}

/* Shows: SY-88. In the middle of a hash, and with a digest that is ready. */
TEST_F(held, hash_ends)
{
	uint8_t out[32] = {}, nothing[32] = {};
	int ready, copied;

	HOLD(&alg_hmac_32);
	ready = alg_accept(self->fd);
	ASSERT_LE(0, ready);
	ASSERT_EQ(2, send(ready, "ab", 2, 0));
	ASSERT_EQ(2, send(self->op, "ab", 2, MSG_MORE));
	copied = alg_accept(self->op);
	ASSERT_LE(0, copied);
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, result(recv(ready, out, 32, 0)));
	EXPECT_EQ(-EKEYREVOKED, result(recv(self->op, out, 32, 0)));
	EXPECT_EQ(-EKEYREVOKED, result(recv(copied, out, 32, 0)));
	EXPECT_EQ(-EKEYREVOKED, result(send(self->op, "cd", 2, 0)));
	EXPECT_EQ(-EKEYREVOKED, result(send(copied, "cd", 2, MSG_MORE)));
	EXPECT_EQ(-EKEYREVOKED, alg_accept(self->op));
	EXPECT_EQ(-EKEYREVOKED, alg_accept(copied));
	EXPECT_EQ(0, memcmp(out, nothing, 32));
	close(ready);
	close(copied);
}

/* Sends a text of one block, to be encrypted. */
static long send_block(int op)
{
	char control[CMSG_SPACE(sizeof(uint32_t))] = {};
	uint8_t text[16] = {};
	struct iovec part = { text, sizeof(text) };
	struct msghdr message = {
		.msg_control = control, .msg_controllen = sizeof(control),
		.msg_iov = &part, .msg_iovlen = 1,
	};

	alg_put_control(&message, NULL, ALG_SET_OP, sizeof(uint32_t));
	return result(sendmsg(op, &message, 0));
}

/* Shows: SY-88. Data that wait to be fetched stay where they are. */
TEST_F(held, queued_data)
{
	uint8_t out[16] = {}, nothing[16] = {};

	HOLD(&alg_cbc);
	ASSERT_EQ(16, send_block(self->op));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, result(recv(self->op, out, 16, 0)));
	EXPECT_EQ(-EKEYREVOKED, result(recv(self->op, out, 0, 0)));
	EXPECT_EQ(-EKEYREVOKED, result(recv(self->op, out, 16, 0)));
	EXPECT_EQ(0, memcmp(out, nothing, 16));
}

static int wait_for_data(const void *arg)
{
	uint8_t out[32];

	return result(recv(*(const int *)arg, out, sizeof(out), 0));
}

static int wait_for_room(const void *arg)
{
	uint8_t *text = calloc(1, FLOOD_SIZE);
	ssize_t done;

	/* The first call may return what it has sent. */
	do {
		done = result(send(*(const int *)arg, text, FLOOD_SIZE,
				   MSG_MORE));
	} while (done >= 0);
	free(text);
	return done;
}

static int wait_by_poll(const void *arg)
{
	struct pollfd end = { .fd = *(const int *)arg, .events = POLLPRI };

	return poll(&end, 1, TASK_LIMIT_MS) == 1 && end.revents & POLLERR ?
	       -EKEYREVOKED : -ETIME;
}

static int wait_by_epoll(const void *arg)
{
	struct epoll_event event = { .events = EPOLLPRI | EPOLLET }, got = {};
	int set = epoll_create1(0), ready;

	if (epoll_ctl(set, EPOLL_CTL_ADD, *(const int *)arg, &event))
		return -errno;
	ready = epoll_wait(set, &got, 1, TASK_LIMIT_MS);
	return ready == 1 && got.events & EPOLLERR ? -EKEYREVOKED : -ETIME;
}

/* One operation of AIO; the result, or that of the call */
static long aio(struct iocb *operation)
{
	struct timespec limit = { .tv_sec = TASK_LIMIT_MS / 1000 };
	struct io_event event = {};
	aio_context_t context = 0;
	long err;

	err = result(syscall(__NR_io_setup, 1, &context));
	if (!err)
		err = result(syscall(__NR_io_submit, context, 1, &operation));
	if (err == 1)
		err = result(syscall(__NR_io_getevents, context, 1, 1, &event,
				     &limit));
	syscall(__NR_io_destroy, context);
	if (err != 1)
		return err ?: -ETIME;
	return event.res;
}

static long aio_poll(int op, short events)
{
	struct iocb operation = {
		.aio_fildes = op, .aio_lio_opcode = IOCB_CMD_POLL,
		.aio_buf = events,
	};

	return aio(&operation);
}

static long aio_read(int op, void *out, size_t size)
{
	struct iocb operation = {
		.aio_fildes = op, .aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_buf = (uintptr_t)out, .aio_nbytes = size,
	};

	return aio(&operation);
}

static int wait_by_aio(const void *arg)
{
	long ready = aio_poll(*(const int *)arg, POLLPRI);

	return ready > 0 && ready & POLLERR ? -EKEYREVOKED : ready;
}

static bool sleeps_in_any(pid_t task, const long *calls)
{
	for (int ms = 0; ms < TASK_LIMIT_MS; ms++, sleep_ms(1))
		for (int i = 0; calls[i] >= 0; i++)
			if (task_sleeps_now(task, calls[i]))
				return true;
	return false;
}

/* Shows: SY-89. Somebody waits, and nobody could ever send or fetch anything. */
TEST_F(held, waiting)
{
	static int (*const waits[])(const void *arg) = {
		wait_for_data, wait_for_room, wait_by_poll, wait_by_epoll,
		wait_by_aio,
	};
	static const long calls[] = {
#ifdef __NR_poll
		__NR_poll,
#endif
#ifdef __NR_epoll_wait
		__NR_epoll_wait,
#endif
		__NR_ppoll, __NR_epoll_pwait, __NR_recvfrom, __NR_sendto,
		__NR_io_getevents, -1,
	};

	for (size_t i = 0; i < ARRAY_SIZE(waits); i++) {
		pid_t task;

		HOLD(&alg_cbc);
		task = task_start(waits[i], &self->op);
		EXPECT_TRUE(sleeps_in_any(task, calls));
		ASSERT_EQ(0, key_revoke(self->key));
		EXPECT_EQ(-EKEYREVOKED, task_result(task)) {
			TH_LOG("wait %zu", i);
		}
		close(self->op);
		close(self->fd);
		self->op = self->fd = -1;
	}
}

/* Shows: SY-96. */
TEST_F(held, aio)
{
	uint8_t out[2][16] = {}, nothing[16] = {};

	HOLD(&alg_cbc);
	ASSERT_EQ(16, send_block(self->op));
	ASSERT_EQ(16, aio_read(self->op, out[0], 16));
	ASSERT_EQ(16, send_block(self->op));
	ASSERT_EQ(16, result(recv(self->op, out[1], 16, 0)));
	EXPECT_NE(0, memcmp(out[0], nothing, 16));
	ASSERT_EQ(16, send_block(self->op));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, aio_read(self->op, out[1], 16));
	EXPECT_LT(0, aio_poll(self->op, POLLPRI));
}

/* Shows: SY-94. Poll by AIO needs a file with one queue to wait in. */
TEST(aio_poll_of_bytes)
{
	int fd, op;

	OPEN_ALG(return, fd, &alg_cbc);
	ASSERT_EQ(0, alg_set_key(fd, bytes, alg_cbc.key_len));
	op = alg_accept(fd);
	ASSERT_LE(0, op);
	ASSERT_EQ(0, send(op, "", 0, MSG_MORE));
	EXPECT_LT(0, aio_poll(op, POLLIN | POLLOUT));
	close(op);
	close(fd);
}

/* Uses a child without an end, when nobody else wants the processor */
static int squat(const void *arg)
{
	uint8_t out[16];

	task_be_idle();
	while (send_block(*(const int *)arg) > 0 &&
	       recv(*(const int *)arg, out, sizeof(out), 0) > 0)
		;
	return 0;
}

/*
 * Shows: SY-97. Users of the key are in the middle of asynchronous requests, and get
 * no processor to look at the results.
 */
TEST_F_TIMEOUT(held, idle_user, 120)
{
	static const struct alg queued = {
		.type = "skcipher", .name = "cryptd(cbc(aes-generic))",
		.key_len = 32, .iv_len = 16, .text_len = 16,
		.config = "CONFIG_CRYPTO_CRYPTD",
	};
	pid_t tasks[SQUATTERS + SPINNERS];
	int ops[SQUATTERS];
	long idle_ms, ms;

	OPEN_ALG(return, self->fd, &queued);
	self->key = key_for("key", &alg_cbc_32);
	ASSERT_LT(0, self->key);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	for (int i = 0; i < SQUATTERS; i++) {
		ops[i] = alg_accept(self->fd);
		ASSERT_LE(0, ops[i]);
		tasks[i] = task_start(squat, &ops[i]);
	}
	/* Most of them stand in a request then. */
	sleep_ms(100);
	for (int i = 0; i < SPINNERS; i++)
		tasks[SQUATTERS + i] = task_start(task_spin, NULL);
	task_run_on(sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0);
	sleep_ms(3000);

	idle_ms = sym_revoke_ms(key_for("idle", &alg_cbc_32));
	ms = sym_revoke_ms(self->key);
	tasks_kill(tasks, ARRAY_SIZE(tasks));
	for (int i = 0; i < SQUATTERS; i++)
		close(ops[i]);
	EXPECT_LE(0, idle_ms);
	EXPECT_LE(0, ms);
	EXPECT_GT(10 * idle_ms + 2000, ms);
	TH_LOG("revoked in %ld ms, a key without users in %ld ms", ms, idle_ms);
}

/* Shows: SY-83. */
TEST_F(held, sizes)
{
	static const struct {
		const char *name;
		unsigned int sizes[2];
	} algs[] = {
		{ "skcipher:cbc(aes)", { 32, 16 } },
		{ "skcipher:ctr(aes)", { 32, 16 } },
		{ "skcipher:cts(cbc(aes))", { 32, 16 } },
		{ "skcipher:xts(aes)", { 64, 32 } },
		{ "skcipher:adiantum(xchacha12,aes)", { 32 } },
		{ "skcipher:adiantum(xchacha20,aes)", { 32 } },
		{ "aead:gcm(aes)", { 32, 16 } },
		{ "aead:ccm(aes)", { 32, 16 } },
		{ "aead:rfc7539(chacha20,poly1305)", { 32 } },
		{ "hash:hmac(sha256)", { 32 } },
		{ "hash:hmac(sha384)", { 48 } },
		{ "hash:hmac(sha512)", { 64 } },
		{ "hash:cmac(aes)", { 32, 16 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(algs); i++) {
		struct keyctl_pkey_query query = {};
		key_serial_t key = sym_add("a", "new alg=%s for=af-alg",
					   algs[i].name);

		ASSERT_LT(0, key);
		EXPECT_EQ(0, sym_query(key, &query));
		EXPECT_EQ(algs[i].sizes[0] * 8, query.key_size);
		EXPECT_EQ(0u, query.supported_ops);
		EXPECT_LE(0x200u, query.__spare[SYMMETRIC_QUERY_ALG]);
		EXPECT_EQ((unsigned int)SYMMETRIC_USE_AF_ALG,
			  query.__spare[SYMMETRIC_QUERY_USES]);
		for (int size = 1; size <= 96; size++) {
			EXPECT_EQ(algs[i].sizes[1] &&
				  (size == (int)algs[i].sizes[0] ||
				   size == (int)algs[i].sizes[1]),
				  sym_add("b", "new alg=%s for=af-alg size=%d",
					  algs[i].name, size) > 0) {
				TH_LOG("%s %d", algs[i].name, size);
			}
		}
	}
}

/* Shows: SY-83. Nothing that gives its key away, and no other spelling. */
TEST_F(held, no_such_algorithm)
{
	static const char *const names[] = {
		"skcipher:ecb(aes)", "hash:ghash", "hash:polyval", "hash:crc32c",
		"hash:hmac(poly1305)", "hash:hmac(xxhash64)", "hash:hmac(md5)",
		"hash:michael_mic", "skcipher:aes", "skcipher:cbc-aes-generic",
		"skcipher:cbc(aes) ", "skcipher:cryptd(cbc(aes))", "cbc(aes)",
		":cbc(aes)", "skcipher:", "skcipher", "hash:cbc(aes)",
		"skcipher:gcm(aes)", "Skcipher:cbc(aes)", "skcipher:CBC(aes)",
		"aead:authenc(hmac(sha256),cbc(aes))", "rng:stdrng",
		"skcipher:cbc(aes),ctr(aes)", "skcipher::cbc(aes)",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(-EINVAL, sym_add("a", "new alg=%s for=af-alg",
					   names[i])) {
			TH_LOG("%s", names[i]);
		}
	}
	EXPECT_EQ(-EINVAL, sym_add("a", "new alg=skcipher:cbc(aes) for=seal"));
	EXPECT_EQ(-EINVAL, sym_add("a", "new alg=skcipher:cbc(aes) for=dm-crypt"));
	EXPECT_EQ(-EINVAL, sym_add("a", "new alg=skcipher:xts(aes) "
				   "for=af-alg,dm-crypt"));
	EXPECT_EQ(-EINVAL, sym_add("a", "new alg=hash:hmac(sha256) for=mac"));
	EXPECT_EQ(-EINVAL, sym_add("a", "new alg=hmac-sha256 for=af-alg"));
	EXPECT_EQ(-EINVAL, sym_add("a", "new alg=hmac-sha256 for=mac,af-alg"));
	EXPECT_EQ(-EINVAL, sym_add("a", "new alg=aes-xts-plain64 for=af-alg"));
	EXPECT_EQ(-EINVAL, sym_add("a", "new alg=skcipher:xts(aes) for=af-alg "
				   "uuid=00112233-4455-6677-8899-aabbccddeeff"));
}

/* Shows: SY-84, SY-19. */
TEST_F(held, no_other_use)
{
	key_serial_t key, keeper;
	uint8_t out[128] = {};
	char line[512];

	keeper = sym_add("h", "new alg=hash:hmac(sha512) for=af-alg");
	key = sym_add("k", "new alg=hash:hmac(sha256) for=af-alg");
	ASSERT_LT(0, key);
	EXPECT_EQ(-EOPNOTSUPP, sym_mac(key, "abc", 3, out, 32));
	EXPECT_EQ(-EOPNOTSUPP, sym_verify(key, "abc", 3, out, 32));
	EXPECT_EQ(-EOPNOTSUPP, sym_seal(key, "", "abc", 3, out, sizeof(out)));
	EXPECT_EQ(-EOPNOTSUPP, sym_open(key, "", out, 64, out, sizeof(out)));
	EXPECT_GT(0, key_read(key, out, sizeof(out)));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "derive from=%d label=a "
					 "alg=hmac-sha256 for=mac", key));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=af-alg", key));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "view of=%d for=mac", key));
	EXPECT_EQ(-EKEYREJECTED, sym_add("x", "new alg=hmac-sha256 for=mac "
					 "label=a sealed-by=%d", keeper));
	key_line(key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, "hash:hmac(sha256) for=af-alg inside"));
	EXPECT_EQ(0, key_revoke(key));
}

/* The MAC by a derived key, or a negative errno in @print */
static struct fingerprint derived(key_serial_t parent, const char *rest,
				  const struct alg *alg)
{
	key_serial_t key = sym_add("child", "derive from=%d %s", parent, rest);
	int fd = alg_open(alg);

	if (fd < 0)
		return (struct fingerprint){ .len = fd };
	return alg_fingerprint_once(alg, fd, alg_set_serial(fd, key));
}

/* Shows: SY-84. What a key is for is an input of its derivation. */
TEST_F(held, derived)
{
	key_serial_t parent = sym_add("p", "new alg=hkdf-sha512 for=derive");
	key_serial_t mac = sym_add("m", "derive from=%d label=a "
				   "alg=hmac-sha256 for=mac,verify", parent);
	struct fingerprint one, other;

	one = derived(parent, "label=a alg=hash:hmac(sha256) for=af-alg",
		      &alg_hmac_32);
	other = derived(parent, "for=af-alg alg=hash:hmac(sha256) label=a",
			&alg_hmac_32);
	ASSERT_EQ(32, one.len);
	EXPECT_TRUE(same_fingerprint(&one, &other));
	EXPECT_EQ(-EKEYREJECTED, sym_verify(mac, "abc", 3, one.bytes, 32));
	other = derived(parent, "label=b alg=hash:hmac(sha256) for=af-alg",
			&alg_hmac_32);
	EXPECT_FALSE(same_fingerprint(&one, &other));

	one = derived(parent, "label=a alg=hash:cmac(aes) for=af-alg size=16",
		      &alg_cmac);
	other = derived(parent, "label=a alg=hash:cmac(aes) for=af-alg",
			&alg_cmac);
	EXPECT_LT(0, other.len);
	EXPECT_FALSE(same_fingerprint(&one, &other));
}

/* Shows: SY-84, SY-77. A stored key is the same one on a socket. */
TEST_F(held, stored)
{
	key_serial_t keeper = sym_add("w", "new alg=xchacha20-poly1305 "
				      "for=wrap,unwrap");
	char blob[1024] = "", hex[2 * BYTES_MAX + 1];
	key_serial_t key;
	long len;

	OPEN_ALG(return, self->fd, &alg_gcm);
	hex_encode(bytes, 32, hex);
	key = sym_add("s", "raw keyhex=%s alg=aead:gcm(aes) for=af-alg label=a "
		      "sealed-by=%d", hex, keeper);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL) | OWNER(RIGHT_ALL)));
	len = key_read(key, blob, sizeof(blob) - 1);
	ASSERT_LT(0, len);
	EXPECT_EQ(-EKEYREJECTED, sym_add("l", "load by=%d blob=%s label=a "
					 "alg=aead:ccm(aes) for=af-alg", keeper,
					 blob));
	key = sym_add("l", "load by=%d blob=%s label=a alg=aead:gcm(aes) "
		      "for=af-alg", keeper, blob);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, alg_set_serial(self->fd, key));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_gcm, bytes, 32));
}

/*
 * struct race - threads that use a socket while others end its key
 * @alg: of the socket
 * @fd: the socket
 * @fresh: whether each use is by a new child
 * @uses: uses that have returned
 * @ended: whether a call that ends the key has returned
 * @late: uses that began after @ended and still worked
 * @wrong: a result that is neither success nor the error of the end
 */
struct race {
	const struct alg *alg;
	int fd;
	bool fresh;
	key_serial_t key;
	atomic_int uses;
	atomic_bool ended;
	atomic_int late;
	atomic_long wrong;
};

static void *race_user(void *arg)
{
	struct race *race = arg;
	int op = race->fresh ? -1 : alg_accept(race->fd);
	bool ended;
	long ret;

	do {
		ended = atomic_load(&race->ended);
		if (race->fresh)
			ret = use(race->fd, race->alg);
		else
			ret = op < 0 ? op : use_op(op, race->alg);
		if (!ret && ended)
			atomic_fetch_add(&race->late, 1);
		if (ret && ret != -EKEYREVOKED)
			atomic_store(&race->wrong, ret);
		atomic_fetch_add(&race->uses, 1);
	} while (!ret && !ended);
	if (op >= 0)
		close(op);
	return NULL;
}

/* Whoever is second to revoke has the promise as well. */
static void *race_ender(void *arg)
{
	struct race *race = arg;

	key_revoke(race->key);
	atomic_store(&race->ended, true);
	return NULL;
}

static int race_run(struct race *race)
{
	pthread_t users[USERS], enders[2];

	for (int i = 0; i < USERS; i++)
		if (pthread_create(&users[i], NULL, race_user, race))
			return -EAGAIN;
	while (atomic_load(&race->uses) < USES_BEFORE)
		sched_yield();
	for (int i = 0; i < 2; i++)
		if (pthread_create(&enders[i], NULL, race_ender, race))
			return -EAGAIN;
	for (int i = 0; i < 2; i++)
		pthread_join(enders[i], NULL);
	for (int i = 0; i < USERS; i++)
		pthread_join(users[i], NULL);
	return atomic_load(&race->wrong);
}

/* Shows: SY-90, SY-88, SY-46. Nothing works that begins after the call. */
TEST_F_TIMEOUT(socket, race, 120)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct race race = { .alg = variant->alg, .fresh = i & 1 };

		race.fd = alg_open(variant->alg);
		race.key = key_for("race", variant->alg);
		ASSERT_LE(0, race.fd);
		ASSERT_EQ(0, alg_set_serial(race.fd, race.key));
		ASSERT_EQ(0, race_run(&race));
		EXPECT_EQ(0, atomic_load(&race.late));
		close(race.fd);
	}
}

static void *race_setter(void *arg)
{
	struct race *race = arg;
	long ret;

	do {
		ret = alg_set_serial(race->fd, race->key);
		if (ret && ret != -EBUSY && ret != -EKEYREVOKED)
			atomic_store(&race->wrong, ret);
		/* Another one is in the way; so are children. */
		ret = alg_bind(race->fd, race->alg);
		if (ret && ret != -EBUSY)
			atomic_store(&race->wrong, ret);
		ret = use(race->fd, race->alg);
		if (ret && ret != -EKEYREVOKED && ret != -ENOKEY)
			atomic_store(&race->wrong, ret);
		atomic_fetch_add(&race->uses, 1);
	} while (!atomic_load(&race->ended));
	return NULL;
}

/*
 * Shows: SY-86, SY-92. One socket is keyed, bound anew, used and closed by threads
 * while its key ends.
 */
TEST_F_TIMEOUT(socket, race_to_set, 120)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct race race = { .alg = variant->alg };
		pthread_t setters[USERS], ender;

		race.fd = alg_open(variant->alg);
		race.key = key_for("race", variant->alg);
		ASSERT_LE(0, race.fd);
		for (int j = 0; j < USERS; j++)
			ASSERT_EQ(0, pthread_create(&setters[j], NULL,
						    race_setter, &race));
		while (atomic_load(&race.uses) < USES_BEFORE)
			sched_yield();
		ASSERT_EQ(0, pthread_create(&ender, NULL, race_ender, &race));
		pthread_join(ender, NULL);
		for (int j = 0; j < USERS; j++)
			pthread_join(setters[j], NULL);
		EXPECT_EQ(0, atomic_load(&race.wrong));
		close(race.fd);
	}
}

static void *race_closer(void *arg)
{
	struct race *race = arg;

	while (!atomic_load(&race->ended))
		sched_yield();
	close(race->fd);
	return NULL;
}

/* Shows: SY-91, SY-52. The socket is closed while its key ends. */
TEST_F_TIMEOUT(socket, race_to_close, 120)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct race race = { .alg = variant->alg };
		pthread_t closer;

		race.fd = alg_open(variant->alg);
		race.key = key_for("race", variant->alg);
		ASSERT_LE(0, race.fd);
		ASSERT_EQ(0, alg_set_serial(race.fd, race.key));
		ASSERT_EQ(0, pthread_create(&closer, NULL, race_closer, &race));
		atomic_store(&race.ended, true);
		ASSERT_EQ(0, key_revoke(race.key));
		pthread_join(closer, NULL);
	}
}

/* Shows: SY-51, SY-91. Sockets keep no key's quota, and leave nothing. */
TEST_F(held, quota)
{
	int keys, count;

	quota_settled(geteuid(), &keys, &count);
	for (int i = 0; i < 50; i++) {
		key_serial_t key = key_for("quota", &alg_hmac_32);
		int fd = alg_open(&alg_hmac_32);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, alg_set_serial(fd, key));
		ASSERT_EQ(0, key_unlink(key, KEY_SPEC_SESSION_KEYRING));
		close(fd);
	}
	EXPECT_TRUE(quota_returns_to(geteuid(), keys, count, 60000));
}

TEST_HARNESS_MAIN
