// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of TLS 1.3, sealed and opened by traffic secrets, with OpenSSL at the
 * other end: uses of record numbers that a program can make, and those that the
 * kernel prevents.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "symmetric_tls13.h"

#define RECORDS		64
#define RACERS		2
#define SMALL		(1 + PEER_TAG)

FIXTURE(record)
{
	struct tls tls;
	key_serial_t own;
	key_serial_t other;
	uint8_t *text;
	uint8_t *record;
	uint8_t *opened;
};

FIXTURE_VARIANT(record)
{
	int suite;
	const char *role;
};

FIXTURE_VARIANT_ADD(record, client_aes128) { 0, "client" };
FIXTURE_VARIANT_ADD(record, server_aes256) { 1, "server" };
FIXTURE_VARIANT_ADD(record, client_chacha) { 2, "client" };

FIXTURE_SETUP(record)
{
	bool client = strcmp(variant->role, "client") == 0;

	REQUIRE_TLS13();
	ASSERT_EQ(0, tls_connect(&self->tls, &peer_suites[variant->suite],
				 variant->role, "X25519"));
	self->own = client ? self->tls.c_ap : self->tls.s_ap;
	self->other = client ? self->tls.s_ap : self->tls.c_ap;
	if (!client) {
		/* the peer's secrets are named by the peer's role */
		struct peer_secret swap = self->tls.peer_c_ap;

		self->tls.peer_c_ap = self->tls.peer_s_ap;
		self->tls.peer_s_ap = swap;
	}
	self->text = calloc(2, SYM_DATA_MAX);
	self->record = calloc(2, SYM_DATA_MAX);
	self->opened = calloc(2, SYM_DATA_MAX);
	ASSERT_TRUE(self->text && self->record && self->opened);
	for (int i = 0; i < TLS_INNER_MAX; i++)
		self->text[i] = i * 7;
}

FIXTURE_TEARDOWN(record)
{
	free(self->text);
	free(self->record);
	free(self->opened);
}

/* Opens a record that the kernel has sealed as number @number */
#define PEER_OPENS(number, size) \
	peer_open(self->tls.suite, &self->tls.peer_c_ap, number, self->record, \
		  (size) + PEER_TAG, self->opened)
/* Seals a record that the kernel is to open as number @number */
#define PEER_SEALS(number, size) \
	ASSERT_TRUE(peer_seal(self->tls.suite, &self->tls.peer_s_ap, number, \
			      self->text, size, self->record))

/* Shows: TL-15, TL-21, TL-24. Records of every kind of length, in order. */
TEST_F(record, sealed)
{
	static const size_t sizes[] = {
		1, 2, 15, 16, 17, 1000, 4095, 4096, 4097, 16384, TLS_INNER_MAX,
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ((long)sizes[i] + PEER_TAG,
			  tls_seal(self->own, self->text, sizes[i],
				   self->record));
		EXPECT_TRUE(PEER_OPENS(i, sizes[i]));
		EXPECT_EQ(0, memcmp(self->text, self->opened, sizes[i]));
	}
	/* an end cannot open its own records */
	EXPECT_EQ(-EOPNOTSUPP, tls_open(self->own, self->record, SMALL,
					self->opened));
}

/* Shows: TL-15, TL-22, TL-24. */
TEST_F(record, opened)
{
	static const size_t sizes[] = {
		1, 2, 15, 16, 17, 1000, 4095, 4096, 4097, TLS_INNER_MAX,
		TLS_RECORD_MAX - PEER_TAG,
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		PEER_SEALS(i, sizes[i]);
		ASSERT_EQ((long)sizes[i],
			  tls_open(self->other, self->record,
				   sizes[i] + PEER_TAG, self->opened));
		EXPECT_EQ(0, memcmp(self->text, self->opened, sizes[i]));
	}
	EXPECT_EQ(-EOPNOTSUPP, tls_seal(self->other, self->text, 1,
					self->record));
}

/*
 * Shows: TL-17. The next secret counts from zero, and the old one makes no more
 * records.
 */
TEST_F(record, updated)
{
	struct tls *tls = &self->tls;
	struct peer_secret next;
	key_serial_t key;

	ASSERT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));
	key = tls_derive(tls->suite, self->own, "traffic-upd", NULL);
	ASSERT_LT(0, key);
	EXPECT_EQ(-EKEYREVOKED, tls_seal(self->own, self->text, 1,
					 self->record));
	EXPECT_EQ(-EKEYREVOKED, tls_derive(tls->suite, self->own, "traffic-upd",
					   NULL));
	peer_expand(tls->suite, &tls->peer_c_ap, "traffic upd", NULL, 0,
		    next.bytes, tls->suite->size);
	tls->peer_c_ap = next;
	ASSERT_EQ(SMALL, tls_seal(key, self->text, 1, self->record));
	EXPECT_TRUE(PEER_OPENS(0, 1));

	key = tls_derive(tls->suite, self->other, "traffic-upd", NULL);
	ASSERT_LT(0, key);
	peer_expand(tls->suite, &tls->peer_s_ap, "traffic upd", NULL, 0,
		    next.bytes, tls->suite->size);
	tls->peer_s_ap = next;
	PEER_SEALS(0, 1);
	EXPECT_EQ(1, tls_open(key, self->record, SMALL, self->opened));
}

/* Shows: TL-23. Invalid headers of a record; no number is used up. */
TEST_F(record, header)
{
	static const char * const wrong[] = {
		"", "aad=17", "aad=17030300", "aad=170303001100",
		"aad=1703030010", "aad=1703030012", "aad=1603030011",
		"aad=1703010011", "aad=1704030011", "aad=1703031100",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, sym_seal(self->own, wrong[i], self->text, 1,
					    self->record, SMALL)) {
			TH_LOG("%s", wrong[i]);
		}
		EXPECT_EQ(-EINVAL, sym_open(self->other, wrong[i], self->record,
					    SMALL, self->opened, 1)) {
			TH_LOG("%s", wrong[i]);
		}
	}
	ASSERT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));
	EXPECT_TRUE(PEER_OPENS(0, 1));
	PEER_SEALS(0, 1);
	EXPECT_EQ(1, tls_open(self->other, self->record, SMALL, self->opened));
}

/* Shows: TL-23, TL-24. A buffer of the wrong size uses up no number, either. */
TEST_F(record, lengths)
{
	char info[TLS_AAD_MAX];

	EXPECT_EQ(-EMSGSIZE, tls_seal(self->own, self->text, 0, self->record));
	EXPECT_EQ(-EMSGSIZE, tls_seal(self->own, self->text, TLS_INNER_MAX + 1,
				      self->record));
	EXPECT_EQ(-EINVAL, tls_seal(self->own, self->text, TLS_RECORD_MAX,
				    self->record));
	EXPECT_EQ(-EOVERFLOW, sym_seal(self->own, tls_info(SMALL, info),
				       self->text, 1, self->record, SMALL - 1));
	EXPECT_EQ(-EFAULT, sym_seal(self->own, tls_info(SMALL, info), NULL, 1,
				    self->record, SMALL));
	EXPECT_EQ(-EBADMSG, tls_open(self->other, self->record, 0,
				     self->opened));
	EXPECT_EQ(-EBADMSG, tls_open(self->other, self->record, PEER_TAG,
				     self->opened));
	EXPECT_EQ(-EINVAL, tls_open(self->other, self->record,
				    TLS_RECORD_MAX + 1, self->opened));
	PEER_SEALS(0, 100);
	EXPECT_EQ(-EOVERFLOW, sym_open(self->other, tls_info(116, info),
				       self->record, 116, self->opened, 99));
	EXPECT_EQ(100, tls_open(self->other, self->record, 116, self->opened));
	ASSERT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));
	EXPECT_TRUE(PEER_OPENS(0, 1));
}

/*
 * Shows: TL-25. If the output faults, somebody may have seen a part of it, so
 * the number is used up.
 */
TEST_F(record, spent_by_a_fault)
{
	char info[TLS_AAD_MAX];

	if (task_is_traced())
		SKIP(return, "untraced only: a call that is made again is another record");
	EXPECT_EQ(-EFAULT, sym_seal(self->own, tls_info(SMALL, info), self->text,
				    1, NULL, SMALL));
	ASSERT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));
	EXPECT_FALSE(PEER_OPENS(0, 1));
	EXPECT_TRUE(PEER_OPENS(1, 1));
	PEER_SEALS(0, 1);
	EXPECT_EQ(-EFAULT, sym_open(self->other, tls_info(SMALL, info),
				    self->record, SMALL, NULL, 1));
	PEER_SEALS(1, 1);
	EXPECT_EQ(1, tls_open(self->other, self->record, SMALL, self->opened));
}

/* The key has ended, and no byte of the record was written. */
static bool ends(key_serial_t key, const uint8_t *record, size_t size,
		 uint8_t *opened)
{
	long ret;

	memset(opened, 0xa5, size);
	ret = tls_open(key, record, size, opened);
	for (size_t i = 0; i < size; i++)
		if (opened[i] != 0xa5)
			return false;
	return ret == -EBADMSG &&
	       tls_open(key, record, size, opened) == -EKEYREVOKED;
}

/* Shows: TL-22. A record with any changed bit is refused. */
TEST_F(record, forged)
{
	const int bit = 8 * (variant->suite * 300 + 5);

	PEER_SEALS(0, 1000);
	self->record[bit / 8] ^= 1 << bit % 8;
	EXPECT_TRUE(ends(self->other, self->record, 1000 + PEER_TAG,
			 self->opened));
	self->record[bit / 8] ^= 1 << bit % 8;
	EXPECT_EQ(-EKEYREVOKED, tls_open(self->other, self->record,
					 1000 + PEER_TAG, self->opened));
	EXPECT_EQ(-EKEYREVOKED, tls_derive(self->tls.suite, self->other,
					   "traffic-upd", NULL));
	/* the other direction still works */
	EXPECT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));
}

/*
 * Shows: TL-22. A record that is replayed, reordered, or sent back is refused.
 */
TEST_F(record, replayed)
{
	PEER_SEALS(0, 100);
	ASSERT_EQ(100, tls_open(self->other, self->record, 116, self->opened));
	EXPECT_TRUE(ends(self->other, self->record, 116, self->opened));
}

/* Shows: TL-22. */
TEST_F(record, out_of_order)
{
	PEER_SEALS(1, 100);
	EXPECT_TRUE(ends(self->other, self->record, 116, self->opened));
}

/* Shows: TL-22. */
TEST_F(record, reflected)
{
	ASSERT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));
	EXPECT_TRUE(ends(self->other, self->record, SMALL, self->opened));
}

/*
 * Shows: TL-22. A part of a record, with a header of the part's length, is
 * refused.
 */
TEST_F(record, truncated)
{
	PEER_SEALS(0, 100);
	EXPECT_TRUE(ends(self->other, self->record, 115, self->opened));
}

/* Shows: TL-19. A view uses the same record numbers, and derives no secret. */
TEST_F(record, view)
{
	key_serial_t view = sym_add("view", "view of=%d for=seal", self->own);

	ASSERT_LT(0, view);
	ASSERT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));
	ASSERT_EQ(SMALL, tls_seal(view, self->text, 1, self->record));
	EXPECT_TRUE(PEER_OPENS(1, 1));
	ASSERT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));
	EXPECT_TRUE(PEER_OPENS(2, 1));
	EXPECT_EQ(-EKEYREJECTED, tls_derive(self->tls.suite, view, "traffic-upd",
					    NULL));
	EXPECT_EQ(-EKEYREJECTED, sym_add("view", "view of=%d for=open",
					 self->own));
	EXPECT_EQ(-EKEYREJECTED, sym_add("view", "view of=%d for=seal", view));
	ASSERT_EQ(0, key_revoke(view));
	EXPECT_EQ(SMALL, tls_seal(self->own, self->text, 1, self->record));

	view = sym_add("view", "view of=%d for=open", self->other);
	ASSERT_LT(0, view);
	PEER_SEALS(1, 100);
	EXPECT_EQ(-EBADMSG, tls_open(view, self->record, 116, self->opened));
	EXPECT_EQ(-EKEYREVOKED, tls_open(self->other, self->record, 116,
					 self->opened));
}

/* Several processes seal many records each, into memory that all share. */
static void seal_many(key_serial_t key, uint8_t *records, int count)
{
	for (int i = 0; i < count; i++)
		if (tls_seal(key, "\x17", 1, records + i * SMALL) != SMALL)
			_exit(1);
	_exit(0);
}

/*
 * Shows: TL-26. No two records have the same number, even if several processes
 * seal.
 */
TEST_F(record, race)
{
	const int all = RACERS * RECORDS;
	uint8_t *records = mmap(NULL, all * SMALL, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool had[RACERS * RECORDS] = {};
	pid_t tasks[RACERS];
	int number;

	ASSERT_TRUE(records != MAP_FAILED);
	for (int i = 0; i < RACERS; i++) {
		tasks[i] = fork();
		if (!tasks[i])
			seal_many(self->own, records + i * RECORDS * SMALL,
				  RECORDS);
	}
	for (int i = 0; i < RACERS; i++)
		ASSERT_EQ(0, task_result(tasks[i]));
	for (int i = 0; i < all; i++) {
		for (number = 0; number < all; number++)
			if (peer_open(self->tls.suite, &self->tls.peer_c_ap,
				      number, records + i * SMALL, SMALL,
				      self->opened))
				break;
		ASSERT_LT(number, all);
		EXPECT_FALSE(had[number]);
		had[number] = true;
	}
}

/* Shows: TL-30. Once a revocation has returned, no record is sealed. */
TEST_F(record, revoked)
{
	ASSERT_EQ(0, key_revoke(self->own));
	EXPECT_EQ(-EKEYREVOKED, tls_seal(self->own, self->text, 1,
					 self->record));
	ASSERT_EQ(0, key_set_to_expire(self->other));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(self->other));
	PEER_SEALS(0, 1);
	EXPECT_EQ(-EKEYEXPIRED, tls_open(self->other, self->record, SMALL,
					 self->opened));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
