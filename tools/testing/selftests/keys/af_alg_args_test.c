// SPDX-License-Identifier: GPL-2.0-only
/* ALG_SET_KEY_BY_KEY_SERIAL: socket, state of the socket, and argument. */
#include "kernel.h"
#include "memory_edge.h"

#include "../kselftest_harness.h"

#include <assert.h>
#include <byteswap.h>
#include <netinet/in.h>

/* The numbers are ABI, so the test has them as literals. */
static_assert(SOL_ALG == 279, "SOL_ALG");
static_assert(ALG_SET_KEY_BY_KEY_SERIAL == 7, "ALG_SET_KEY_BY_KEY_SERIAL");

#define KEY_BYTES_MAX	32

static const char bytes[KEY_BYTES_MAX + 1] =
	"0123456789abcdefghijklmnopqrstuv";
static const char others[KEY_BYTES_MAX + 1] =
	"fedcba9876543210vutsrqponmlkjihg";

FIXTURE(parent)
{
	const struct alg *alg;
	int fd;
	key_serial_t key;
	key_serial_t other;
};

FIXTURE_VARIANT(parent)
{
	const struct alg *alg;
};

FIXTURE_VARIANT_ADD(parent, hash) { .alg = &alg_hmac };
FIXTURE_VARIANT_ADD(parent, skcipher) { .alg = &alg_cbc };
FIXTURE_VARIANT_ADD(parent, aead) { .alg = &alg_gcm };

FIXTURE_SETUP(parent)
{
	SKIP_IF(return, lacks_option());
	self->alg = variant->alg;
	OPEN_ALG(return, self->fd, self->alg);

	ASSERT_LT(0, session_new());
	self->key = key_add_user("bytes", bytes, self->alg->key_len);
	ASSERT_LT(0, self->key);
	self->other = key_add_user("others", others, self->alg->key_len);
	ASSERT_LT(0, self->other);
}

FIXTURE_TEARDOWN(parent)
{
	close(self->fd);
}

static bool has_bytes(int fd, const struct alg *alg)
{
	return alg_has_key(fd, alg, bytes, alg->key_len);
}

static bool has_others(int fd, const struct alg *alg)
{
	return alg_has_key(fd, alg, others, alg->key_len);
}

/* Puts @serial at the end of a page, behind which no memory can be read. */
static key_serial_t *last_in_page(key_serial_t serial, int protection)
{
	const size_t size = sysconf(_SC_PAGESIZE);
	uint8_t *edge = memory_edge();
	key_serial_t *last = (key_serial_t *)edge - 1;

	if (!edge)
		return NULL;
	*last = serial;
	return mprotect(edge - size, size, protection) ? NULL : last;
}

/*
 * Shows: AA-1, AA-2. The numbers are ABI; the kernel reads four bytes and
 * writes none, or a value at the end of a read-only mapping would fail.
 */
TEST_F(parent, sets_key)
{
	key_serial_t *serial = last_in_page(self->key, PROT_READ);

	ASSERT_FALSE(!serial);
	EXPECT_EQ(0, sockopt_set(self->fd, 279, 7, serial, 4));
	EXPECT_TRUE(has_bytes(self->fd, self->alg));
}

/* Shows: AA-2. A socket must not tell which key it was given. */
TEST_F(parent, cannot_be_read_back)
{
	key_serial_t serial = 0;
	socklen_t len = sizeof(serial);

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_EQ(-1, getsockopt(self->fd, SOL_ALG, ALG_SET_KEY_BY_KEY_SERIAL,
				 &serial, &len));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(0, serial);
}

/*
 * Shows: AA-2. In the other byte order the number is the serial of another key,
 * or of none.
 */
TEST_F(parent, native_byte_order)
{
	key_serial_t swapped = bswap_32(self->key);

	EXPECT_EQ(swapped > 0 ? -ENOKEY : -EINVAL,
		  alg_set_serial(self->fd, swapped));
	EXPECT_EQ(-ENOKEY, alg_fingerprint(self->fd, self->alg).len);
}

/* Shows: AA-6. Another level or another number does not reach the option. */
TEST_F(parent, wrong_level_or_number)
{
	const struct {
		int level, option;
	} wrong[] = {
		{ SOL_ALG + 1, ALG_SET_KEY_BY_KEY_SERIAL },
		{ IPPROTO_TCP, ALG_SET_KEY_BY_KEY_SERIAL },
		{ 0, ALG_SET_KEY_BY_KEY_SERIAL },
		{ SOL_ALG, 0 },
		{ SOL_ALG, -1 },
		{ SOL_ALG, ALG_SET_KEY_BY_KEY_SERIAL + 100 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(-ENOPROTOOPT,
			  sockopt_set(self->fd, wrong[i].level, wrong[i].option,
				      &self->key, sizeof(self->key)));
	EXPECT_EQ(-ENOKEY, alg_fingerprint(self->fd, self->alg).len);
}

/*
 * Shows: AA-7. The option belongs to the bound socket; earlier documentation
 * named the accepted one.
 */
TEST_F(parent, not_on_op_socket)
{
	int op = alg_accept(self->fd);

	ASSERT_LE(0, op);
	EXPECT_EQ(-EOPNOTSUPP, alg_set_serial(op, self->key));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
}

/* Shows: AA-8. Nothing is accepted yet, so nothing uses the earlier key. */
TEST_F(parent, last_success_wins)
{
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->other));
	EXPECT_TRUE(has_others(self->fd, self->alg));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(has_bytes(self->fd, self->alg));
}

/* Shows: AA-8. Both ways to set a key lead to the same object. */
TEST_F(parent, mixes_with_set_key)
{
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_EQ(0, alg_set_key(self->fd, others, self->alg->key_len));
	EXPECT_TRUE(has_others(self->fd, self->alg));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(has_bytes(self->fd, self->alg));
}

/* Shows: AA-9, AA-12. The key of a socket in use cannot be changed. */
TEST_F(parent, busy_while_op_socket_lives)
{
	int first, second;

	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	first = alg_accept(self->fd);
	ASSERT_LE(0, first);
	second = alg_accept(self->fd);
	ASSERT_LE(0, second);

	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, self->other));
	close(first);
	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, self->other));
	close(second);
	EXPECT_EQ(0, alg_set_serial(self->fd, self->other));
	EXPECT_TRUE(has_others(self->fd, self->alg));
}

/* Shows: AA-10, AA-13. A socket may be accepted first and get its key later. */
TEST_F(parent, op_socket_before_key)
{
	struct fingerprint expected, seen;
	int op = alg_accept(self->fd);

	ASSERT_LE(0, op);
	EXPECT_EQ(-ENOKEY, alg_fingerprint_op(op, self->alg).len);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->other));
	/* The operation socket is not in use yet, so another key can be set. */
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));

	expected = alg_fingerprint_of(self->alg, bytes, self->alg->key_len);
	seen = alg_fingerprint_op(op, self->alg);
	EXPECT_TRUE(same_fingerprint(&expected, &seen));
}

/* Shows: AA-13. Receiving needs the key just as sending does. */
TEST_F(parent, receive_before_key)
{
	int op = alg_accept(self->fd);
	char out[1];

	ASSERT_LE(0, op);
	EXPECT_EQ(-1, recv(op, out, sizeof(out), MSG_DONTWAIT));
	EXPECT_EQ(ENOKEY, errno);
}

/* Shows: AA-11, AA-12. The first use binds the operation socket to the key. */
TEST_F(parent, op_socket_before_key_used)
{
	int op = alg_accept(self->fd);

	ASSERT_LE(0, op);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_LT(0, alg_fingerprint_op(op, self->alg).len);
	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, self->other));
	close(op);
	EXPECT_EQ(0, alg_set_serial(self->fd, self->other));
	EXPECT_TRUE(has_others(self->fd, self->alg));
}

/* Shows: AA-9, AA-10, AA-12. Each operation socket counts separately. */
TEST_F(parent, one_of_two_used)
{
	int used, unused;

	unused = alg_accept(self->fd);
	ASSERT_LE(0, unused);
	used = alg_accept(self->fd);
	ASSERT_LE(0, used);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_LT(0, alg_fingerprint_op(used, self->alg).len);

	EXPECT_EQ(-EBUSY, alg_set_serial(self->fd, self->other));
	close(used);
	EXPECT_EQ(0, alg_set_serial(self->fd, self->other));
	close(unused);
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
}

/* Shows: AA-16. The kernel checks the length before it reads the value. */
TEST_F(parent, wrong_length)
{
	static const int lengths[] = { 0, 1, 3, 5, 8, 4096, INT32_MAX };
	const int64_t value = self->key;
	const void *unreadable = last_in_page(0, PROT_NONE);

	ASSERT_FALSE(!unreadable);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		EXPECT_EQ(-EINVAL, sockopt_set(self->fd, SOL_ALG,
					       ALG_SET_KEY_BY_KEY_SERIAL,
					       &value, lengths[i]));
		EXPECT_EQ(-EINVAL, sockopt_set(self->fd, SOL_ALG,
					       ALG_SET_KEY_BY_KEY_SERIAL,
					       unreadable, lengths[i]));
	}
	EXPECT_EQ(-ENOKEY, alg_fingerprint(self->fd, self->alg).len);
}

/* Shows: AA-17. The socket layer takes no negative length for any option. */
TEST_F(parent, negative_length)
{
	EXPECT_EQ(-EINVAL, sockopt_set(self->fd, SOL_ALG,
				       ALG_SET_KEY_BY_KEY_SERIAL, &self->key,
				       -1));
	EXPECT_EQ(-EINVAL, sockopt_set(self->fd, SOL_ALG,
				       ALG_SET_KEY_BY_KEY_SERIAL, &self->key,
				       INT32_MIN));
}

/* Shows: AA-18. All four bytes must be readable, not just the first. */
TEST_F(parent, unreadable_pointer)
{
	char *last = (char *)last_in_page(self->key, PROT_READ);

	ASSERT_FALSE(!last);
	EXPECT_EQ(-EFAULT, sockopt_set(self->fd, SOL_ALG,
				       ALG_SET_KEY_BY_KEY_SERIAL, NULL, 4));
	EXPECT_EQ(-EFAULT, sockopt_set(self->fd, SOL_ALG,
				       ALG_SET_KEY_BY_KEY_SERIAL,
				       last + sizeof(key_serial_t), 4));
	EXPECT_EQ(-EFAULT, sockopt_set(self->fd, SOL_ALG,
				       ALG_SET_KEY_BY_KEY_SERIAL, last + 2, 4));
	EXPECT_EQ(-ENOKEY, alg_fingerprint(self->fd, self->alg).len);
}

/*
 * Shows: AA-9, AA-12. Operation sockets that were accepted on an operation
 * socket count as well.
 */
TEST(op_socket_of_op_socket)
{
	key_serial_t key;
	int fd, op, next;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	key = key_add_user("bytes", bytes, sizeof(bytes));
	ASSERT_LT(0, key);
	ASSERT_EQ(0, alg_set_serial(fd, key));

	op = alg_accept(fd);
	ASSERT_LE(0, op);
	next = alg_accept(op);
	ASSERT_LE(0, next);
	close(op);
	EXPECT_EQ(-EBUSY, alg_set_serial(fd, key));
	close(next);
	EXPECT_EQ(0, alg_set_serial(fd, key));
}

/*
 * Shows: AA-5. A socket that is not bound has no algorithm that could take a
 * key.
 */
TEST(unbound)
{
	key_serial_t key;
	int fd;

	SKIP_IF(return, lacks_option());
	fd = alg_socket();
	if (fd == -EAFNOSUPPORT)
		SKIP(return, "needs CONFIG_CRYPTO_USER_API");
	ASSERT_LE(0, fd);
	ASSERT_LT(0, session_new());
	key = key_add_user("bytes", bytes, alg_hmac.key_len);
	ASSERT_LT(0, key);
	EXPECT_EQ(-ENOPROTOOPT, alg_set_serial(fd, key));

	ASSERT_EQ(0, alg_bind(fd, &alg_hmac));
	EXPECT_EQ(0, alg_set_serial(fd, key));
}

/* Shows: AA-14. A generator needs no key to be used, so it is busy at once. */
TEST(rng_busy_after_accept)
{
	key_serial_t key;
	int fd, op;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, fd, &alg_drbg);
	ASSERT_LT(0, session_new());
	key = key_add_user("bytes", bytes, alg_drbg.key_len);
	ASSERT_LT(0, key);

	op = alg_accept(fd);
	ASSERT_LE(0, op);
	EXPECT_EQ(-EBUSY, alg_set_serial(fd, key));
	close(op);
	EXPECT_EQ(0, alg_set_serial(fd, key));
}

FIXTURE(type)
{
};

FIXTURE_VARIANT(type)
{
	const struct alg *alg;
};

FIXTURE_VARIANT_ADD(type, hash) { .alg = &alg_hmac };
FIXTURE_VARIANT_ADD(type, skcipher) { .alg = &alg_cbc };
FIXTURE_VARIANT_ADD(type, aead) { .alg = &alg_gcm };
FIXTURE_VARIANT_ADD(type, rng) { .alg = &alg_drbg };

FIXTURE_SETUP(type)
{
	SKIP_IF(return, lacks_option());
	ASSERT_LT(0, session_new());
}

FIXTURE_TEARDOWN(type)
{
}

/* Shows: AA-15. Every algorithm type of the kernel has a setkey operation. */
TEST_F(type, takes_key)
{
	key_serial_t key;
	int fd;

	OPEN_ALG(return, fd, variant->alg);
	key = key_add_user("bytes", bytes, variant->alg->key_len);
	ASSERT_LT(0, key);
	EXPECT_EQ(0, alg_set_serial(fd, key));
	/* The output of a generator cannot be compared. */
	if (variant->alg->text_len)
		EXPECT_TRUE(has_bytes(fd, variant->alg));
}

/* Shows: AA-68. A name of an unknown algorithm type cannot be bound. */
TEST(unknown_type)
{
	static const struct alg unknown = { .type = "none", .name = "sha256" };
	int fd = alg_socket();

	if (fd == -EAFNOSUPPORT)
		SKIP(return, "needs CONFIG_CRYPTO_USER_API");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOENT, alg_bind(fd, &unknown));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
