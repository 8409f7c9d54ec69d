// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that take a traffic secret of TLS 1.3 by its serial: what the options take
 * and refuse, and what a connection does whose ends have both taken theirs.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#include "../kselftest_harness.h"
#include "symmetric_ktls.h"

#define OPTMEM		"/proc/sys/net/core/optmem_max"
#define TEXT_MAX	200000

/* --- a connection --------------------------------------------------------- */

FIXTURE(ktls)
{
	struct ktls_end ends[2];
	int fds[2];
	uint8_t *text;
	uint8_t *got;
};

FIXTURE_VARIANT(ktls)
{
	int suite;
};

FIXTURE_VARIANT_ADD(ktls, aes128) { 0 };
FIXTURE_VARIANT_ADD(ktls, aes256) { 1 };
FIXTURE_VARIANT_ADD(ktls, chacha) { 2 };

FIXTURE_SETUP(ktls)
{
	REQUIRE_KTLS();
	ASSERT_EQ(0, ktls_both(&ktls_suites[variant->suite], self->ends,
			       self->fds));
	self->text = malloc(TEXT_MAX);
	self->got = malloc(TEXT_MAX);
	ASSERT_TRUE(self->text && self->got);
	for (int i = 0; i < TEXT_MAX; i++)
		self->text[i] = i * 7 + i / 256;
}

FIXTURE_TEARDOWN(ktls)
{
	free(self->text);
	free(self->got);
}

/*
 * struct writing - what a child writes
 * @fd:		where
 * @text:	what
 * @size:	its size
 */
struct writing {
	int fd;
	const uint8_t *text;
	size_t size;
};

static int write_all(const void *arg)
{
	const struct writing *w = arg;
	ssize_t done;

	for (size_t at = 0; at < w->size; at += done) {
		done = write(w->fd, w->text + at, w->size - at);
		if (done < 0)
			return -errno;
	}
	return 0;
}

/* Shows: TL-34. Texts of every size of a record, and of many, both ways. */
TEST_F(ktls, texts)
{
	static const size_t sizes[] = { 1, 16, 16383, 16384, 16385, TEXT_MAX };

	for (int i = 0; i < 2 * (int)ARRAY_SIZE(sizes); i++) {
		struct writing w = {
			self->fds[i % 2], self->text, sizes[i / 2],
		};
		pid_t writer = task_start(write_all, &w);

		ASSERT_EQ(0, ktls_read(self->fds[!(i % 2)], self->got, w.size));
		EXPECT_EQ(0, memcmp(self->text, self->got, w.size));
		EXPECT_EQ(0, task_result(writer));
	}
}

/* Shows: TL-34. Other types than data, and a text that is sent in parts. */
TEST_F(ktls, types)
{
	static const uint8_t alert[] = { 1, 0 };
	uint8_t type;

	ASSERT_EQ(2, send(self->fds[0], "ab", 2, MSG_MORE));
	ASSERT_EQ(2, send(self->fds[0], "cd", 2, 0));
	ASSERT_EQ(2, ktls_send_type(self->fds[0], KTLS_ALERT, alert,
				    sizeof(alert)));
	ASSERT_EQ(4, ktls_recv_type(self->fds[1], &type, self->got, TEXT_MAX));
	EXPECT_EQ(KTLS_DATA, type);
	EXPECT_EQ(0, memcmp("abcd", self->got, 4));
	ASSERT_EQ(2, ktls_recv_type(self->fds[1], &type, self->got, TEXT_MAX));
	EXPECT_EQ(KTLS_ALERT, type);
	EXPECT_EQ(0, memcmp(alert, self->got, sizeof(alert)));
}

/* Shows: TL-34. From a file, and into a pipe. */
TEST_F(ktls, spliced)
{
	const int size = 20000;
	int file = memfd_create("text", MFD_CLOEXEC), pipes[2];
	ssize_t moved;

	ASSERT_LE(0, file);
	ASSERT_EQ(0, pipe2(pipes, O_CLOEXEC));
	ASSERT_EQ(size, write(file, self->text, size));
	ASSERT_EQ(0, lseek(file, 0, SEEK_SET));
	ASSERT_EQ(size, sendfile(self->fds[0], file, NULL, size));
	for (int at = 0; at < size; at += moved) {
		moved = splice(self->fds[1], NULL, pipes[1], NULL, size - at, 0);
		ASSERT_LT(0, moved);
		ASSERT_EQ(0, ktls_read(pipes[0], self->got + at, moved));
	}
	EXPECT_EQ(0, memcmp(self->text, self->got, size));
}

/* Shows: TL-34. Without padding there would be no copy; here there is one. */
TEST_F(ktls, expects_no_padding)
{
	const int on = 1;

	ASSERT_EQ(0, setsockopt(self->fds[1], SOL_TLS, TLS_RX_EXPECT_NO_PAD, &on,
				sizeof(on)));
	ASSERT_EQ(1000, write(self->fds[0], self->text, 1000));
	ASSERT_EQ(0, ktls_read(self->fds[1], self->got, 1000));
	EXPECT_EQ(0, memcmp(self->text, self->got, 1000));
}

/* The smallest record that keyctl(2) can be asked for. */
static long seal(key_serial_t key)
{
	uint8_t record[17];

	return sym_seal(key, "aad=1703030011", "\x17", 1, record,
			sizeof(record));
}

static long open_any(key_serial_t key)
{
	uint8_t record[17] = {}, text;

	return sym_open(key, "aad=1703030011", record, sizeof(record), &text, 1);
}

/* Shows: TL-37. Nobody else has a number, and whoever asks ends nothing. */
TEST_F(ktls, taken_once)
{
	key_serial_t seals, opens;
	int fds[2];

	seals = sym_add("seals", "view of=%d for=seal", self->ends[0].tx);
	opens = sym_add("opens", "view of=%d for=open", self->ends[0].rx);
	ASSERT_LT(0, seals);
	ASSERT_LT(0, opens);
	ASSERT_EQ(0, ktls_connect(fds));
	ASSERT_EQ(0, ktls_ulp(fds[0]));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(-EALREADY, ktls_take_both(fds[0], &self->ends[0]));
		EXPECT_EQ(-EALREADY, ktls_take(fds[0], TLS_RX_BY_KEY_SERIAL,
					       self->ends[0].rx));
		EXPECT_EQ(-EALREADY, seal(self->ends[0].tx));
		EXPECT_EQ(-EALREADY, open_any(self->ends[0].rx));
		EXPECT_EQ(-EALREADY, seal(seals));
		EXPECT_EQ(-EALREADY, open_any(opens));
	}
	ASSERT_EQ(2, write(self->fds[0], "ab", 2));
	EXPECT_EQ(0, ktls_read(self->fds[1], self->got, 2));
	ASSERT_EQ(2, write(self->fds[1], "ab", 2));
	EXPECT_EQ(0, ktls_read(self->fds[0], self->got, 2));
}

/* Shows: TL-42. The socket has the secrets; nobody else needs to. */
TEST_F(ktls, unlinked)
{
	ASSERT_EQ(0, keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(-ENOKEY, key_wait_state(self->ends[i].tx, -ENOKEY));
		EXPECT_EQ(-ENOKEY, key_wait_state(self->ends[i].rx, -ENOKEY));
		ASSERT_EQ(2, write(self->fds[i], "ab", 2));
		EXPECT_EQ(0, ktls_read(self->fds[!i], self->got, 2));
	}
}

/* Shows: TL-48. Whoever has the socket last. */
TEST_F(ktls, closed)
{
	int other = dup(self->fds[0]);

	ASSERT_LE(0, other);
	close(self->fds[0]);
	EXPECT_EQ(-EALREADY, seal(self->ends[0].tx));
	close(other);
	EXPECT_EQ(-EKEYREVOKED, seal(self->ends[0].tx));
	EXPECT_EQ(-EKEYREVOKED, open_any(self->ends[0].rx));
	EXPECT_EQ(-EKEYREVOKED, ktls_derive(self->ends[0].tx, "traffic-upd"));
	/* the peer's are its own */
	EXPECT_EQ(-EALREADY, seal(self->ends[1].tx));
}

/* --- the options ---------------------------------------------------------- */

FIXTURE(option)
{
	struct ktls_end ends[2];
	int fds[2];
};

FIXTURE_SETUP(option)
{
	REQUIRE_KTLS();
	ASSERT_EQ(0, ktls_ends(&ktls_suites[0], self->ends));
	ASSERT_EQ(0, ktls_connect(self->fds));
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, ktls_ulp(self->fds[i]));
}

FIXTURE_TEARDOWN(option)
{
}

#define TAKE_TX(i, key) ktls_take(self->fds[i], TLS_TX_BY_KEY_SERIAL, key)
#define TAKE_RX(i, key) ktls_take(self->fds[i], TLS_RX_BY_KEY_SERIAL, key)

/* Shows: TL-38. Without the protocol on the socket the options are not known. */
TEST_F(option, without_protocol)
{
	int fds[2];

	ASSERT_EQ(0, ktls_connect(fds));
	EXPECT_EQ(-ENOPROTOOPT, ktls_take(fds[0], TLS_TX_BY_KEY_SERIAL,
					  self->ends[0].tx));
	EXPECT_EQ(-ENOPROTOOPT, ktls_take(fds[0], TLS_RX_BY_KEY_SERIAL,
					  self->ends[0].rx));
	EXPECT_EQ(0, TAKE_TX(0, self->ends[0].tx));
}

/* Shows: TL-38. On a kernel without them they are not known either. */
TEST(option_on_any_kernel)
{
	const char *ours;
	int fds[2], err;

	SKIP_IF(return, lacks_keys());
	SKIP_IF(return, lacks_symbols());
	ours = lacks_ours("stock");
	ASSERT_EQ(0, loopback_up());
	ASSERT_EQ(0, ktls_connect(fds));
	ASSERT_EQ(0, ktls_ulp(fds[0]));
	err = ktls_take(fds[0], TLS_TX_BY_KEY_SERIAL, key_unused_serial());
	EXPECT_EQ(ours ? -ENOPROTOOPT : -ENOKEY, err);
}

/* Shows: TL-34, TL-38. A value is four bytes. */
TEST_F(option, value)
{
	const int options[] = { TLS_TX_BY_KEY_SERIAL, TLS_RX_BY_KEY_SERIAL };
	const key_serial_t serials[2] = { self->ends[0].tx, self->ends[0].rx };
	static const socklen_t wrong[] = { 0, 1, 3, 5, 8, 4096 };
	uint8_t value[4096] = {};
	int err;

	for (int o = 0; o < 2; o++) {
		memcpy(value, &serials[o], sizeof(serials[o]));
		for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
			err = result(setsockopt(self->fds[0], SOL_TLS, options[o],
						value, wrong[i]));
			EXPECT_EQ(-EINVAL, err);
		}
		EXPECT_EQ(-EINVAL, result(setsockopt(self->fds[0], SOL_TLS,
						     options[o], NULL, 4)));
		EXPECT_EQ(-EFAULT, result(setsockopt(self->fds[0], SOL_TLS,
						     options[o], (void *)1, 4)));
		EXPECT_EQ(0, result(setsockopt(self->fds[0], SOL_TLS, options[o],
					       value, 4)));
	}
}

/* Shows: TL-38. A socket that has used up what it may have says so first. */
TEST_F(option, no_room)
{
	char limit[32] = {};
	int fd = open(OPTMEM, O_RDONLY | O_CLOEXEC), err;

	ASSERT_LT(0, read(fd, limit, sizeof(limit) - 1));
	close(fd);
	ASSERT_EQ(0, file_write(OPTMEM, "0"));
	err = TAKE_TX(0, key_unused_serial());
	EXPECT_EQ(-EFAULT, result(setsockopt(self->fds[0], SOL_TLS,
					     TLS_TX_BY_KEY_SERIAL, (void *)1, 4)));
	ASSERT_EQ(0, file_write(OPTMEM, limit));
	EXPECT_EQ(-ENOBUFS, err);
	EXPECT_EQ(0, TAKE_TX(0, self->ends[0].tx));
}

/* Shows: TL-35, TL-38. Also where the direction has a key already. */
TEST_F(option, looked_up)
{
	const struct ktls_end *end = &self->ends[0];
	key_serial_t other = ktls_derive(self->ends[1].tx, "traffic-upd");

	ASSERT_LT(0, other);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(-EINVAL, TAKE_TX(0, 0));
		EXPECT_EQ(-ENOKEY, TAKE_TX(0, key_unused_serial()));
		if (!i)
			ASSERT_EQ(0, TAKE_TX(0, end->tx));
	}
	/* A key that cannot be searched for is not possessed either. */
	ASSERT_EQ(0, key_set_rights(other, POSSESSOR(RIGHT_ALL & ~RIGHT_SEARCH) |
				    OWNER(RIGHT_SETATTR)));
	EXPECT_EQ(-EACCES, TAKE_TX(1, other));
	EXPECT_EQ(-EACCES, TAKE_TX(0, other));
	ASSERT_EQ(0, key_set_rights(other, POSSESSOR(RIGHT_ALL)));
	ASSERT_EQ(0, key_revoke(other));
	EXPECT_EQ(-EKEYREVOKED, TAKE_TX(1, other));
	EXPECT_EQ(-EKEYREVOKED, TAKE_TX(0, other));
	ASSERT_EQ(0, key_set_to_expire(end->rx));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(end->rx));
	EXPECT_EQ(-EKEYEXPIRED, TAKE_RX(0, end->rx));
	EXPECT_EQ(-EKEYEXPIRED, TAKE_TX(0, end->rx));
}

/* Shows: TL-35, TL-38. What is no traffic secret, or of the other direction. */
TEST_F(option, rejected)
{
	const struct ktls_end *end = &self->ends[0];
	const key_serial_t wrong[] = {
		KEY_SPEC_SESSION_KEYRING,
		key_add_user("user", "0123456789abcdef", 16),
		sym_add("mac", "new alg=hmac-sha256 for=mac"),
		sym_add("seal", "new alg=xchacha20-poly1305 for=seal,open"),
		sym_add("view", "view of=%d for=seal", end->tx),
		end->handshake, end->pair, end->rx,
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		ASSERT_NE(0, wrong[i]);
		EXPECT_EQ(-EKEYREJECTED, TAKE_TX(0, wrong[i])) {
			TH_LOG("key %zu", i);
		}
	}
	EXPECT_EQ(-EKEYREJECTED, TAKE_RX(0, end->tx));
	/* that one is not there says nothing of the other */
	ASSERT_EQ(0, TAKE_TX(0, end->tx));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(-EKEYREJECTED, TAKE_TX(0, wrong[i]));
	EXPECT_EQ(0, TAKE_RX(0, end->rx));
}

/* Shows: TL-34. Secrets of the handshake are traffic secrets. */
TEST_F(option, of_the_handshake)
{
	key_serial_t c, s;
	char byte;

	c = ktls_traffic(&ktls_suites[0], self->ends[0].handshake,
			 "c-hs-traffic");
	s = ktls_traffic(&ktls_suites[0], self->ends[1].handshake,
			 "c-hs-traffic");
	ASSERT_EQ(0, TAKE_TX(0, c));
	ASSERT_EQ(0, TAKE_RX(1, s));
	ASSERT_EQ(1, write(self->fds[0], "x", 1));
	EXPECT_EQ(0, ktls_read(self->fds[1], &byte, 1));
}

static const struct tls12_crypto_info_aes_gcm_128 bytes_of_128 = {
	.info = { TLS_1_3_VERSION, TLS_CIPHER_AES_GCM_128 },
	.key = "0123456789abcde",
};

static int take_bytes(int fd, int option)
{
	return result(setsockopt(fd, SOL_TLS, option, &bytes_of_128,
				 sizeof(bytes_of_128)));
}

/* Shows: TL-38, TL-39. And what is not taken is there for another socket. */
TEST_F(option, busy)
{
	struct ktls_end more[2];

	ASSERT_EQ(0, ktls_ends(&ktls_suites[1], more));
	ASSERT_EQ(0, ktls_take_both(self->fds[0], &self->ends[0]));
	/* of another suite, and taken: neither is told */
	EXPECT_EQ(-EBUSY, TAKE_TX(0, more[0].tx));
	EXPECT_EQ(-EBUSY, TAKE_RX(0, more[0].rx));
	EXPECT_EQ(-EBUSY, TAKE_TX(0, self->ends[0].tx));
	EXPECT_EQ(-EBUSY, take_bytes(self->fds[0], TLS_TX));
	EXPECT_EQ(-EBUSY, take_bytes(self->fds[0], TLS_RX));
	EXPECT_EQ(17, seal(more[0].tx));
	EXPECT_EQ(0, ktls_take_both(self->fds[1], &more[0]));
}

/* Shows: TL-39. A direction that has bytes, and one that has not. */
TEST_F(option, bytes_and_serial)
{
	ASSERT_EQ(0, take_bytes(self->fds[0], TLS_TX));
	EXPECT_EQ(-EBUSY, TAKE_TX(0, self->ends[0].tx));
	EXPECT_EQ(0, TAKE_RX(0, self->ends[0].rx));
	ASSERT_EQ(0, TAKE_TX(1, self->ends[0].tx));
	EXPECT_EQ(0, take_bytes(self->fds[1], TLS_RX));
}

/* Shows: TL-38, TL-39. One suite and version for both directions. */
TEST_F(option, other_suite)
{
	struct tls12_crypto_info_aes_gcm_128 old = bytes_of_128;
	struct ktls_end more[2];

	ASSERT_EQ(0, ktls_ends(&ktls_suites[1], more));
	ASSERT_EQ(0, TAKE_TX(0, self->ends[0].tx));
	EXPECT_EQ(-EINVAL, TAKE_RX(0, more[0].rx));
	/* that one is taken is told after that */
	ASSERT_EQ(0, TAKE_RX(1, more[0].rx));
	EXPECT_EQ(-EINVAL, TAKE_RX(0, more[0].rx));
	old.info.version = TLS_1_2_VERSION;
	EXPECT_EQ(-EINVAL, result(setsockopt(self->fds[0], SOL_TLS, TLS_RX, &old,
					     sizeof(old))));
	EXPECT_EQ(0, TAKE_RX(0, self->ends[0].rx));
}

/* Shows: TL-37, TL-38. A secret that has ended is told before one that is taken. */
TEST_F(option, ended)
{
	int fds[2];

	ASSERT_LT(0, ktls_derive(self->ends[0].tx, "traffic-upd"));
	EXPECT_EQ(-EKEYREVOKED, TAKE_TX(0, self->ends[0].tx));
	ASSERT_EQ(0, TAKE_RX(0, self->ends[0].rx));
	EXPECT_EQ(-EBUSY, TAKE_RX(0, self->ends[1].rx));

	ASSERT_EQ(0, ktls_connect(fds));
	ASSERT_EQ(0, ktls_ulp(fds[0]));
	ASSERT_EQ(0, ktls_take(fds[0], TLS_TX_BY_KEY_SERIAL, self->ends[1].tx));
	EXPECT_EQ(-EALREADY, TAKE_TX(1, self->ends[1].tx));
	close(fds[0]);
	EXPECT_EQ(-EKEYREVOKED, TAKE_TX(1, self->ends[1].tx));
}

/* Shows: TL-41. There is nothing to be had where bytes would be. */
TEST_F(option, read_back)
{
	const int options[] = { TLS_TX, TLS_RX };
	const int serials[] = { TLS_TX_BY_KEY_SERIAL, TLS_RX_BY_KEY_SERIAL };
	struct tls12_crypto_info_aes_gcm_128 info;
	socklen_t size;

	ASSERT_EQ(0, ktls_take_both(self->fds[0], &self->ends[0]));
	for (int o = 0; o < 2; o++) {
		size = sizeof(info.info);
		memset(&info, 0xa5, sizeof(info));
		EXPECT_EQ(0, result(getsockopt(self->fds[0], SOL_TLS, options[o],
					       &info, &size)));
		EXPECT_EQ(TLS_1_3_VERSION, info.info.version);
		EXPECT_EQ(TLS_CIPHER_AES_GCM_128, info.info.cipher_type);
		size = sizeof(info);
		EXPECT_EQ(-EOPNOTSUPP, result(getsockopt(self->fds[0], SOL_TLS,
							 options[o], &info,
							 &size)));
		for (size_t i = sizeof(info.info); i < sizeof(info); i++)
			EXPECT_EQ(0xa5, ((uint8_t *)&info)[i]);
		size = sizeof(key_serial_t);
		EXPECT_EQ(-ENOPROTOOPT, result(getsockopt(self->fds[0], SOL_TLS,
							  serials[o], &info,
							  &size)));
	}
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
