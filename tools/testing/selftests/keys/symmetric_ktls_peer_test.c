// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that have taken a traffic secret of TLS 1.3, with the peer's secrets known:
 * what is on the wire, by OpenSSL; the kernel's own kTLS by bytes at the other end;
 * and that no number is used twice.
 */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "symmetric_ktls.h"
#include "symmetric_tls13.h"

#define SMALL		(1 + PEER_TAG)
#define RECORD_MAX	(PEER_HEADER + TLS_RECORD_MAX)
#define SEALED_MAX	4096
#define LONG_TEXT	100000
#define KEY_MAX		32
#define IV_SIZE		12
/* What is looked for: any such part of a key */
#define PART		8

static const struct ktls_suite *ktls_of(const struct peer_suite *suite)
{
	return &ktls_suites[suite - peer_suites];
}

/* --- the peer ------------------------------------------------------------- */

/* The kernel's client is at one end, and at the other whoever has the secrets. */
FIXTURE(wire)
{
	struct tls tls;
	int fds[2];
	uint8_t *text;
	uint8_t *record;
	uint8_t *opened;
};

FIXTURE_VARIANT(wire)
{
	int suite;
};

FIXTURE_VARIANT_ADD(wire, aes128) { 0 };
FIXTURE_VARIANT_ADD(wire, aes256) { 1 };
FIXTURE_VARIANT_ADD(wire, chacha) { 2 };

FIXTURE_SETUP(wire)
{
	REQUIRE_KTLS();
	ASSERT_EQ(0, tls_connect(&self->tls, &peer_suites[variant->suite],
				 "client", "X25519"));
	ASSERT_EQ(0, ktls_connect(self->fds));
	ASSERT_EQ(0, ktls_ulp(self->fds[0]));
	self->text = calloc(1, LONG_TEXT);
	self->record = calloc(1, LONG_TEXT);
	self->opened = calloc(1, LONG_TEXT);
	ASSERT_TRUE(self->text && self->record && self->opened);
	for (int i = 0; i < LONG_TEXT; i++)
		self->text[i] = i * 7 + i / 256;
}

FIXTURE_TEARDOWN(wire)
{
	free(self->text);
	free(self->record);
	free(self->opened);
}

#define TAKE_TX() ktls_take(self->fds[0], TLS_TX_BY_KEY_SERIAL, self->tls.c_ap)
#define TAKE_RX() ktls_take(self->fds[0], TLS_RX_BY_KEY_SERIAL, self->tls.s_ap)

/* The next record on the wire, without its header; its size or 0. */
static size_t wire_read(int fd, uint8_t *record)
{
	uint8_t header[PEER_HEADER], want[PEER_HEADER];
	size_t size;

	if (ktls_read(fd, header, sizeof(header)))
		return 0;
	size = header[3] << 8 | header[4];
	peer_header(size, want);
	if (memcmp(header, want, sizeof(want)) || size > TLS_RECORD_MAX ||
	    ktls_read(fd, record, size))
		return 0;
	return size;
}

/* What the kernel has sent as record @number: @size bytes of text and their type. */
#define PEER_READS(number, bytes, size, type) do { \
	ASSERT_EQ((size_t)(size) + SMALL, \
		  wire_read(self->fds[1], self->record)); \
	ASSERT_TRUE(peer_open(self->tls.suite, &self->tls.peer_c_ap, number, \
			      self->record, (size) + SMALL, self->opened)); \
	EXPECT_EQ(0, memcmp(bytes, self->opened, size)); \
	EXPECT_EQ(type, self->opened[size]); \
} while (0)

/* Seals @inner, @size bytes with the type, as record @number, with its header. */
static bool wire_seal(const struct tls *tls, uint64_t number, const void *inner,
		      size_t size, uint8_t *record)
{
	peer_header(size + PEER_TAG, record);
	return peer_seal(tls->suite, &tls->peer_s_ap, number, inner, size,
			 record + PEER_HEADER);
}

#define PEER_WRITES(number, inner, size) do { \
	ASSERT_TRUE(wire_seal(&self->tls, number, inner, size, self->record)); \
	ASSERT_EQ((ssize_t)(PEER_HEADER + PEER_TAG + (size)), \
		  write(self->fds[1], self->record, \
			PEER_HEADER + PEER_TAG + (size))); \
} while (0)

/* Shows: TL-34. What is sent: texts, other types, and what is more than a record. */
TEST_F(wire, sent)
{
	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(5, write(self->fds[0], "hello", 5));
	PEER_READS(0, "hello", 5, KTLS_DATA);
	ASSERT_EQ(2, ktls_send_type(self->fds[0], KTLS_ALERT, "\1\0", 2));
	PEER_READS(1, "\1\0", 2, KTLS_ALERT);
	ASSERT_EQ(16384, write(self->fds[0], self->text, 16384));
	PEER_READS(2, self->text, 16384, KTLS_DATA);
	ASSERT_EQ(16385, write(self->fds[0], self->text, 16385));
	PEER_READS(3, self->text, 16384, KTLS_DATA);
	PEER_READS(4, self->text + 16384, 1, KTLS_DATA);
}

/* Shows: TL-34. What is received; zeros behind the type are padding. */
TEST_F(wire, received)
{
	uint8_t type;

	ASSERT_EQ(0, TAKE_RX());
	PEER_WRITES(0, "hello\x17", 6);
	ASSERT_EQ(5, ktls_recv_type(self->fds[0], &type, self->opened, 100));
	EXPECT_EQ(KTLS_DATA, type);
	EXPECT_EQ(0, memcmp("hello", self->opened, 5));
	PEER_WRITES(1, "ab\x16\0\0\0", 6);
	ASSERT_EQ(2, ktls_recv_type(self->fds[0], &type, self->opened, 100));
	EXPECT_EQ(0x16, type);
	self->text[16384] = KTLS_DATA;
	PEER_WRITES(2, self->text, TLS_INNER_MAX);
	ASSERT_EQ(0, ktls_read(self->fds[0], self->opened, 16384));
	EXPECT_EQ(0, memcmp(self->text, self->opened, 16384));
}

/* Shows: TL-36. It counts on from where keyctl(2) has come to. */
TEST_F(wire, counts_on)
{
	char info[TLS_AAD_MAX];
	uint8_t type;

	for (int i = 0; i < 3; i++)
		ASSERT_EQ(SMALL, tls_seal(self->tls.c_ap, "\x17", 1,
					  self->record));
	/* a number that nobody has seen is spent as well */
	ASSERT_EQ(-EFAULT, sym_seal(self->tls.c_ap, tls_info(SMALL, info),
				    "\x17", 1, NULL, SMALL));
	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(5, write(self->fds[0], "hello", 5));
	PEER_READS(4, "hello", 5, KTLS_DATA);

	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(peer_seal(self->tls.suite, &self->tls.peer_s_ap, i,
				      "\x17", 1, self->record));
		ASSERT_EQ(1, tls_open(self->tls.s_ap, self->record, SMALL,
				      self->opened));
	}
	ASSERT_EQ(0, TAKE_RX());
	PEER_WRITES(2, "x\x17", 2);
	ASSERT_EQ(1, ktls_recv_type(self->fds[0], &type, self->opened, 100));
	EXPECT_EQ('x', self->opened[0]);
}

/* --- the kernel's own kTLS at the other end ------------------------------- */

/*
 * union crypto_info - what TLS_TX and TLS_RX take
 */
union crypto_info {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 aes128;
	struct tls12_crypto_info_aes_gcm_256 aes256;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
};

/* Fills in what the secret's bytes are to that kTLS; returns its size. */
static socklen_t bytes_of(const struct peer_suite *suite,
			  const struct peer_secret *secret,
			  union crypto_info *info)
{
	uint8_t key[KEY_MAX], iv[IV_SIZE];

	peer_expand(suite, secret, "key", NULL, 0, key, suite->key);
	peer_expand(suite, secret, "iv", NULL, 0, iv, sizeof(iv));
	memset(info, 0, sizeof(*info));
	info->info.version = TLS_1_3_VERSION;
	info->info.cipher_type = ktls_of(suite)->cipher;
	switch (info->info.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		memcpy(info->aes128.key, key, sizeof(info->aes128.key));
		memcpy(info->aes128.salt, iv, 4);
		memcpy(info->aes128.iv, iv + 4, 8);
		return sizeof(info->aes128);
	case TLS_CIPHER_AES_GCM_256:
		memcpy(info->aes256.key, key, sizeof(info->aes256.key));
		memcpy(info->aes256.salt, iv, 4);
		memcpy(info->aes256.iv, iv + 4, 8);
		return sizeof(info->aes256);
	default:
		memcpy(info->chacha.key, key, sizeof(info->chacha.key));
		memcpy(info->chacha.iv, iv, sizeof(info->chacha.iv));
		return sizeof(info->chacha);
	}
}

static int take_bytes(int fd, int option, const struct peer_suite *suite,
		      const struct peer_secret *secret)
{
	union crypto_info info;
	socklen_t size = bytes_of(suite, secret, &info);

	return result(setsockopt(fd, SOL_TLS, option, &info, size));
}

/* What a child writes: LONG_TEXT bytes at @text to @fd. */
struct writing {
	int fd;
	const uint8_t *text;
};

static int write_long(const void *arg)
{
	const struct writing *w = arg;
	ssize_t done;

	for (size_t at = 0; at < LONG_TEXT; at += done) {
		done = write(w->fd, w->text + at, LONG_TEXT - at);
		if (done < 0)
			return -errno;
	}
	return 0;
}

/* Shows: TL-34, TL-39. Each direction to and from a socket that has bytes. */
TEST_F(wire, bytes_at_the_peer)
{
	const struct tls *tls = &self->tls;
	uint8_t type;

	ASSERT_EQ(0, ktls_ulp(self->fds[1]));
	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(0, TAKE_RX());
	ASSERT_EQ(0, take_bytes(self->fds[1], TLS_TX, tls->suite,
				&tls->peer_s_ap));
	ASSERT_EQ(0, take_bytes(self->fds[1], TLS_RX, tls->suite,
				&tls->peer_c_ap));
	for (int i = 0; i < 2; i++) {
		const struct writing w = { self->fds[i], self->text };
		pid_t writer = task_start(write_long, &w);

		ASSERT_EQ(0, ktls_read(self->fds[!i], self->opened, LONG_TEXT));
		EXPECT_EQ(0, memcmp(self->text, self->opened, LONG_TEXT));
		EXPECT_EQ(0, task_result(writer));
		ASSERT_EQ(2, ktls_send_type(self->fds[i], KTLS_ALERT, "\1\0", 2));
		ASSERT_EQ(2, ktls_recv_type(self->fds[!i], &type, self->opened,
					    100));
		EXPECT_EQ(KTLS_ALERT, type);
	}
}

/* Shows: TL-39. One end has a serial for one way, and bytes for the other. */
TEST_F(wire, bytes_for_one_way)
{
	ASSERT_EQ(0, take_bytes(self->fds[0], TLS_TX, self->tls.suite,
				&self->tls.peer_c_ap));
	ASSERT_EQ(0, TAKE_RX());
	ASSERT_EQ(5, write(self->fds[0], "hello", 5));
	PEER_READS(0, "hello", 5, KTLS_DATA);
	PEER_WRITES(0, "ab\x17", 3);
	ASSERT_EQ(0, ktls_read(self->fds[0], self->opened, 2));
	/* which is the connection's end also for the way with bytes */
	ASSERT_EQ(0, key_revoke(self->tls.s_ap));
	signal(SIGPIPE, SIG_IGN);
	EXPECT_EQ(-EKEYREVOKED, result(write(self->fds[0], "hello", 5)));
}

/* --- forgeries ------------------------------------------------------------ */

/* The connection is gone, and nothing was given out: @opened had these bytes. */
#define IS_OVER() do { \
	EXPECT_EQ(-EKEYREVOKED, result(recv(self->fds[0], self->opened, 2000, \
					    0))); \
	EXPECT_EQ(-EKEYREVOKED, result(send(self->fds[0], "a", 1, \
					    MSG_NOSIGNAL))); \
	EXPECT_EQ(-EKEYREVOKED, tls_open(self->tls.s_ap, self->record, SMALL, \
					 self->record)); \
	for (int i = 0; i < 2000; i++) \
		ASSERT_EQ(0xa5, self->opened[i]); \
} while (0)

/* The next call says what it met, and all others that the connection is gone. */
#define ENDS() do { \
	memset(self->opened, 0xa5, 2000); \
	EXPECT_EQ(-EBADMSG, result(recv(self->fds[0], self->opened, 2000, 0))); \
	IS_OVER(); \
} while (0)

/* Shows: TL-45. Whichever bit, and where the program wants no copy. */
TEST_F(wire, forged)
{
	const int bit = 8 * (PEER_HEADER + variant->suite * 300) + 5;
	const int on = 1;

	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(0, TAKE_RX());
	ASSERT_EQ(0, setsockopt(self->fds[0], SOL_TLS, TLS_RX_EXPECT_NO_PAD, &on,
				sizeof(on)));
	self->text[999] = KTLS_DATA;
	ASSERT_TRUE(wire_seal(&self->tls, 0, self->text, 1000, self->record));
	self->record[bit / 8] ^= 1 << bit % 8;
	ASSERT_EQ(PEER_HEADER + 1000 + PEER_TAG,
		  write(self->fds[1], self->record,
			PEER_HEADER + 1000 + PEER_TAG));
	ENDS();
}

/* A record whose header has another byte at @at */
#define FORGED_HEADER(at, byte) do { \
	long first; \
	ASSERT_EQ(0, TAKE_TX()); \
	ASSERT_EQ(0, TAKE_RX()); \
	self->text[99] = KTLS_DATA; \
	ASSERT_TRUE(wire_seal(&self->tls, 0, self->text, 100, self->record)); \
	self->record[at] = (byte); \
	ASSERT_EQ(PEER_HEADER + 100 + PEER_TAG, \
		  write(self->fds[1], self->record, \
			PEER_HEADER + 100 + PEER_TAG)); \
	memset(self->opened, 0xa5, 2000); \
	first = result(recv(self->fds[0], self->opened, 2000, 0)); \
	EXPECT_TRUE(first == -EBADMSG || first == -EKEYREVOKED) { \
		TH_LOG("%ld", first); \
	} \
	IS_OVER(); \
} while (0)

/* Shows: TL-50. A handshake record, as if it had not been sealed. */
TEST_F(wire, header_type)
{
	FORGED_HEADER(0, 0x16);
}

/* Shows: TL-50. */
TEST_F(wire, header_version)
{
	FORGED_HEADER(2, 0x04);
}

/* Shows: TL-50. Longer than any record. */
TEST_F(wire, header_long)
{
	FORGED_HEADER(3, 0xff);
}

/* Shows: TL-50. Shorter than a tag. */
TEST_F(wire, header_short)
{
	FORGED_HEADER(4, 0x0f);
}

/* Shows: TL-45. A record that comes again. */
TEST_F(wire, replayed)
{
	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(0, TAKE_RX());
	PEER_WRITES(0, "ab\x17", 3);
	ASSERT_EQ(0, ktls_read(self->fds[0], self->opened, 2));
	PEER_WRITES(0, "ab\x17", 3);
	ENDS();
}

/* Shows: TL-45. One that comes too early. */
TEST_F(wire, out_of_order)
{
	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(0, TAKE_RX());
	PEER_WRITES(1, "ab\x17", 3);
	ENDS();
}

/* Shows: TL-45. One's own, sent back. */
TEST_F(wire, reflected)
{
	size_t size;

	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(0, TAKE_RX());
	ASSERT_EQ(2, write(self->fds[0], "ab", 2));
	size = wire_read(self->fds[1], self->record + PEER_HEADER);
	ASSERT_EQ(2u + SMALL, size);
	peer_header(size, self->record);
	ASSERT_EQ((ssize_t)(PEER_HEADER + size),
		  write(self->fds[1], self->record, PEER_HEADER + size));
	ENDS();
}

/* --- two at one time ------------------------------------------------------ */

/*
 * struct sealed - records that a child has sealed by keyctl(2)
 * @count:	how many
 * @records:	those
 */
struct sealed {
	int count;
	uint8_t records[SEALED_MAX][SMALL];
};

struct sealing {
	key_serial_t key;
	struct sealed *sealed;
};

/* Until somebody takes the key. */
static int seal_until_taken(const void *arg)
{
	const struct sealing *s = arg;
	long ret;

	for (int i = 0; i < SEALED_MAX; i++) {
		ret = tls_seal(s->key, "\x17", 1, s->sealed->records[i]);
		if (ret != SMALL)
			return ret == -EALREADY ? 0 : ret;
		__atomic_store_n(&s->sealed->count, i + 1, __ATOMIC_SEQ_CST);
	}
	return -TASK_ODD;
}

/* Shows: TL-36. Taken while somebody seals: each number is used, and used once. */
TEST_F(wire, taken_while_sealing)
{
	struct sealing s = { self->tls.c_ap };
	const struct tls *tls = &self->tls;
	uint8_t inner;
	int count;
	pid_t task;

	s.sealed = mmap(NULL, sizeof(*s.sealed), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(s.sealed != MAP_FAILED);
	task = task_start(seal_until_taken, &s);
	while (__atomic_load_n(&s.sealed->count, __ATOMIC_SEQ_CST) < 10)
		sched_yield();
	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(5, write(self->fds[0], "hello", 5));
	ASSERT_EQ(0, task_result(task));
	/* the child's are the first numbers, in order, and the socket has the next */
	count = s.sealed->count;
	for (int i = 0; i < count; i++)
		ASSERT_TRUE(peer_open(tls->suite, &tls->peer_c_ap, i,
				      s.sealed->records[i], SMALL, &inner));
	PEER_READS(count, "hello", 5, KTLS_DATA);
}

/* One socket of a child, and whether it has taken the key. */
struct taking {
	key_serial_t key;
	int fd;
	int *go;
};

static int take_at_once(const void *arg)
{
	const struct taking *t = arg;

	while (!__atomic_load_n(t->go, __ATOMIC_SEQ_CST))
		;
	return ktls_take(t->fd, TLS_TX_BY_KEY_SERIAL, t->key);
}

/* Shows: TL-37. Of two sockets that want it at one time, one has it. */
TEST_F(wire, taken_by_two)
{
	int *go = mmap(NULL, sizeof(*go), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	key_serial_t key = self->tls.c_ap;
	struct taking takings[2];
	pid_t tasks[2];
	int fds[2], one, other;

	ASSERT_TRUE(go != MAP_FAILED);
	for (int round = 0; round < 10; round++) {
		*go = 0;
		for (int i = 0; i < 2; i++) {
			ASSERT_EQ(0, ktls_connect(fds));
			ASSERT_EQ(0, ktls_ulp(fds[0]));
			takings[i] = (struct taking) { key, fds[0], go };
			tasks[i] = task_start(take_at_once, &takings[i]);
		}
		__atomic_store_n(go, 1, __ATOMIC_SEQ_CST);
		one = task_result(tasks[0]);
		other = task_result(tasks[1]);
		EXPECT_TRUE((one == 0 && other == -EALREADY) ||
			    (other == 0 && one == -EALREADY)) {
			TH_LOG("%d and %d", one, other);
		}
		key = tls_derive(self->tls.suite, key, "traffic-upd", NULL);
		ASSERT_LT(0, key);
	}
}

/* --- what is told of it --------------------------------------------------- */

/* Asks for all of the socket's diagnosis; returns its size or a negative errno. */
static long diagnose(int fd, uint8_t *answer, size_t size)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 ask;
	} ask = {
		.head = { sizeof(ask), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST },
		.ask = {
			.sdiag_family = AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 0xff,
			.idiag_states = ~0u,
			.id.idiag_cookie = { ~0u, ~0u },
		},
	};
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			     NETLINK_SOCK_DIAG);
	struct sockaddr_in own, peer;
	socklen_t length = sizeof(own);
	long ret;

	if (getsockname(fd, (struct sockaddr *)&own, &length) ||
	    getpeername(fd, (struct sockaddr *)&peer, &length))
		return -errno;
	ask.ask.id.idiag_sport = own.sin_port;
	ask.ask.id.idiag_dport = peer.sin_port;
	ask.ask.id.idiag_src[0] = own.sin_addr.s_addr;
	ask.ask.id.idiag_dst[0] = peer.sin_addr.s_addr;
	if (send(netlink, &ask, sizeof(ask), 0) < 0)
		return -errno;
	ret = result(recv(netlink, answer, size, 0));
	close(netlink);
	return ret;
}

/* The attribute of @type among those at @attribute, or NULL. */
static const struct rtattr *attribute_of(const struct rtattr *attribute, int size,
					 int type)
{
	for (; RTA_OK(attribute, size); attribute = RTA_NEXT(attribute, size))
		if ((attribute->rta_type & NLA_TYPE_MASK) == type)
			return attribute;
	return NULL;
}

static int number_of(const struct rtattr *tls, int type)
{
	const struct rtattr *a = attribute_of(RTA_DATA(tls), RTA_PAYLOAD(tls),
					      type);
	uint16_t value = 0;

	if (a)
		memcpy(&value, RTA_DATA(a), sizeof(value));
	return value;
}

/* True if a part of the secret, or of what is made of it, is in @bytes. */
static bool tells(const uint8_t *bytes, size_t size,
		  const struct peer_suite *suite, const struct peer_secret *secret)
{
	uint8_t key[KEY_MAX], iv[IV_SIZE];

	peer_expand(suite, secret, "key", NULL, 0, key, suite->key);
	peer_expand(suite, secret, "iv", NULL, 0, iv, sizeof(iv));
	for (size_t at = 0; at + PART <= suite->key; at += PART)
		if (memmem(bytes, size, key + at, PART))
			return true;
	for (size_t at = 0; at + PART <= suite->size; at += PART)
		if (memmem(bytes, size, secret->bytes + at, PART))
			return true;
	return memmem(bytes, size, iv, PART) ||
	       memmem(bytes, size, iv + IV_SIZE - PART, PART);
}

/* Shows: TL-41. All that the kernel says of the socket, and has in it. */
TEST_F(wire, diagnosed)
{
	const struct nlmsghdr *head = (void *)self->record;
	const struct inet_diag_msg *said = NLMSG_DATA(head);
	const struct rtattr *ulp, *tls = NULL;
	long size;

	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(0, TAKE_RX());
	ASSERT_EQ(5, write(self->fds[0], "hello", 5));
	size = diagnose(self->fds[0], self->record, LONG_TEXT);
	ASSERT_LT((long)NLMSG_LENGTH(sizeof(*said)), size);
	ASSERT_EQ(SOCK_DIAG_BY_FAMILY, head->nlmsg_type);
	ulp = attribute_of((void *)(said + 1),
			   head->nlmsg_len - NLMSG_LENGTH(sizeof(*said)),
			   INET_DIAG_ULP_INFO);
	ASSERT_NE(NULL, ulp);
	tls = attribute_of(RTA_DATA(ulp), RTA_PAYLOAD(ulp), INET_ULP_INFO_TLS);
	ASSERT_NE(NULL, tls);
	EXPECT_EQ(TLS_1_3_VERSION, number_of(tls, TLS_INFO_VERSION));
	EXPECT_EQ(ktls_of(self->tls.suite)->cipher,
		  number_of(tls, TLS_INFO_CIPHER));
	EXPECT_EQ(TLS_CONF_SW, number_of(tls, TLS_INFO_TXCONF));
	EXPECT_EQ(TLS_CONF_SW, number_of(tls, TLS_INFO_RXCONF));
	/* four attributes of two bytes, and nothing else */
	EXPECT_EQ(4 * RTA_SPACE(2), RTA_PAYLOAD(tls));
	EXPECT_FALSE(tells(self->record, size, self->tls.suite,
			   &self->tls.peer_c_ap));
	EXPECT_FALSE(tells(self->record, size, self->tls.suite,
			   &self->tls.peer_s_ap));
}

/* Shows: TL-41. The judge can fail: a socket that has bytes gives them back. */
TEST_F(wire, read_back)
{
	const struct tls *tls = &self->tls;
	socklen_t size = sizeof(union crypto_info), full;
	union crypto_info info;

	ASSERT_EQ(0, ktls_ulp(self->fds[1]));
	ASSERT_EQ(0, TAKE_TX());
	ASSERT_EQ(0, take_bytes(self->fds[1], TLS_RX, tls->suite,
				&tls->peer_c_ap));
	full = bytes_of(tls->suite, &tls->peer_c_ap, &info);
	memset(&info, 0, sizeof(info));
	size = full;
	ASSERT_EQ(0, result(getsockopt(self->fds[1], SOL_TLS, TLS_RX, &info,
				       &size)));
	EXPECT_TRUE(tells((void *)&info, sizeof(info), tls->suite,
			  &tls->peer_c_ap));
	memset(&info, 0, sizeof(info));
	size = full;
	EXPECT_EQ(-EOPNOTSUPP, result(getsockopt(self->fds[0], SOL_TLS, TLS_TX,
						 &info, &size)));
	EXPECT_FALSE(tells((void *)&info, sizeof(info), tls->suite,
			   &tls->peer_c_ap));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
