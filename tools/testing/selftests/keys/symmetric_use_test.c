// SPDX-License-Identifier: GPL-2.0-only
/* Keys of type "symmetric": mac, verify, seal, open, and their errors. */
#include <stdlib.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "symmetric.h"
#include "task.h"

#define MAC_SIZE	32
#define TEST_UID	7302

FIXTURE(use)
{
	key_serial_t mac;
	key_serial_t blob;
	key_serial_t parent;
	uint8_t *big;
	uint8_t *out;
};

FIXTURE_SETUP(use)
{
	REQUIRE_SYMMETRIC();
	self->mac = sym_add("mac", "new alg=hmac-sha256 for=mac,verify");
	self->blob = sym_add("blob", "new alg=xchacha20-poly1305 for=seal,open");
	self->parent = sym_add("parent", "new alg=hkdf-sha512 for=derive");
	ASSERT_LT(0, self->mac);
	ASSERT_LT(0, self->blob);
	ASSERT_LT(0, self->parent);
	self->big = calloc(2, SYM_DATA_MAX);
	self->out = calloc(2, SYM_DATA_MAX);
	ASSERT_NE(NULL, self->big);
	ASSERT_NE(NULL, self->out);
}

FIXTURE_TEARDOWN(use)
{
	free(self->big);
	free(self->out);
}

/* Shows: SY-33, SY-34. Whole MACs of texts of every kind of length. */
TEST_F(use, mac)
{
	static const size_t sizes[] = { 0, 1, 63, 64, 65, 4096, 4097, 32768 };
	uint8_t mac[SYM_MAC_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(MAC_SIZE, sym_mac(self->mac, self->big, sizes[i], mac,
					    MAC_SIZE));
		EXPECT_EQ(0, sym_verify(self->mac, self->big, sizes[i], mac,
					MAC_SIZE));
		for (int bit = 0; bit < 8 * MAC_SIZE; bit += 37) {
			mac[bit / 8] ^= 1 << bit % 8;
			EXPECT_EQ(-EKEYREJECTED,
				  sym_verify(self->mac, self->big, sizes[i],
					     mac, MAC_SIZE));
			mac[bit / 8] ^= 1 << bit % 8;
		}
		if (!sizes[i])
			continue;
		self->big[sizes[i] - 1] ^= 1;
		EXPECT_EQ(-EKEYREJECTED, sym_verify(self->mac, self->big,
						    sizes[i], mac, MAC_SIZE));
		self->big[sizes[i] - 1] ^= 1;
	}
}

/*
 * Shows: SY-33, SY-34. A MAC that is truncated to one or four bytes is refused.
 */
TEST_F(use, mac_is_whole)
{
	uint8_t mac[SYM_MAC_MAX], want[SYM_MAC_MAX];

	ASSERT_EQ(MAC_SIZE, sym_mac(self->mac, "abc", 3, want, MAC_SIZE));
	memset(mac, 0x5a, sizeof(mac));
	for (size_t size = 0; size < MAC_SIZE; size++) {
		EXPECT_EQ(-EOVERFLOW, sym_mac(self->mac, "abc", 3, mac, size));
		EXPECT_EQ(-EKEYREJECTED, sym_verify(self->mac, "abc", 3, want,
						    size));
	}
	for (size_t i = 0; i < sizeof(mac); i++)
		EXPECT_EQ(0x5a, mac[i]);
	EXPECT_EQ(-EKEYREJECTED, sym_verify(self->mac, "abc", 3, want,
					    MAC_SIZE + 1));
}

/* Shows: SY-35, SY-36. Texts of every kind of length come back. */
TEST_F(use, seal)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 64, 4096, 4097,
					SYM_DATA_MAX - SYM_BLOB_EXTRA };
	uint8_t *text = self->out + SYM_DATA_MAX;

	for (size_t i = 0; i < SYM_DATA_MAX; i++)
		self->big[i] = i * 7;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		long len = sym_seal(self->blob, "", self->big, sizes[i],
				    self->out, sizes[i] + SYM_BLOB_EXTRA);

		EXPECT_EQ((long)sizes[i] + SYM_BLOB_EXTRA, len);
		memset(text, 0, SYM_DATA_MAX);
		EXPECT_EQ((long)sizes[i], sym_open(self->blob, "", self->out,
						   len, text, sizes[i]));
		EXPECT_EQ(0, memcmp(self->big, text, sizes[i]));
	}
}

/* Shows: SY-35. The kernel chooses the nonces, and uses none twice. */
TEST_F(use, nonces)
{
	uint8_t one[SYM_BLOB_EXTRA + 8], two[SYM_BLOB_EXTRA + 8];

	ASSERT_EQ((long)sizeof(one), sym_seal(self->blob, "", "plaintex", 8,
					      one, sizeof(one)));
	ASSERT_EQ((long)sizeof(two), sym_seal(self->blob, "", "plaintex", 8,
					      two, sizeof(two)));
	EXPECT_NE(0, memcmp(one, two, 24));
	EXPECT_NE(0, memcmp(one + 24, two + 24, 8));
}

/*
 * Shows: SY-36. Each changed bit of a blob is noticed, and no byte of a forgery
 * is written.
 */
TEST_F(use, forged)
{
	uint8_t blob[SYM_BLOB_EXTRA + 16], text[16];
	long len = sym_seal(self->blob, "", "sixteen bytes...", 16, blob,
			    sizeof(blob));

	ASSERT_EQ((long)sizeof(blob), len);
	memset(text, 0x5a, sizeof(text));
	for (int bit = 0; bit < 8 * len; bit++) {
		blob[bit / 8] ^= 1 << bit % 8;
		EXPECT_EQ(-EBADMSG, sym_open(self->blob, "", blob, len, text,
					     sizeof(text)));
		blob[bit / 8] ^= 1 << bit % 8;
	}
	for (long cut = 0; cut < len; cut++)
		EXPECT_EQ(-EBADMSG, sym_open(self->blob, "", blob, cut, text,
					     sizeof(text)));
	for (size_t i = 0; i < sizeof(text); i++)
		EXPECT_EQ(0x5a, text[i]);
	EXPECT_EQ(16, sym_open(self->blob, "", blob, len, text, sizeof(text)));
}

/* Shows: SY-36. Another key opens nothing. */
TEST_F(use, other_key)
{
	key_serial_t other = sym_add("x", "new alg=xchacha20-poly1305 for=open");
	uint8_t blob[SYM_BLOB_EXTRA + 3], text[3];

	ASSERT_EQ((long)sizeof(blob), sym_seal(self->blob, "", "abc", 3, blob,
					       sizeof(blob)));
	EXPECT_EQ(-EBADMSG, sym_open(other, "", blob, sizeof(blob), text, 3));
}

/* Shows: SY-37. Associated data has to be the same. */
TEST_F(use, aad)
{
	char info[2 * SYM_AAD_MAX + sizeof("aad=")] = "aad=";
	uint8_t blob[SYM_BLOB_EXTRA + 3], text[3];

	ASSERT_EQ((long)sizeof(blob), sym_seal(self->blob, "aad=00fF", "abc", 3,
					       blob, sizeof(blob)));
	EXPECT_EQ(3, sym_open(self->blob, "aad=00FF", blob, sizeof(blob), text,
			      3));
	EXPECT_EQ(-EBADMSG, sym_open(self->blob, "", blob, sizeof(blob), text,
				     3));
	EXPECT_EQ(-EBADMSG, sym_open(self->blob, "aad=00fe", blob, sizeof(blob),
				     text, 3));
	EXPECT_EQ(-EBADMSG, sym_open(self->blob, "aad=00ff00", blob,
				     sizeof(blob), text, 3));

	memset(info + 4, 'c', 2 * SYM_AAD_MAX);
	ASSERT_EQ((long)sizeof(blob), sym_seal(self->blob, info, "abc", 3, blob,
					       sizeof(blob)));
	EXPECT_EQ(3, sym_open(self->blob, info, blob, sizeof(blob), text, 3));
	info[4] = 'd';
	EXPECT_EQ(-EBADMSG, sym_open(self->blob, info, blob, sizeof(blob), text,
				     3));
}

/* Shows: SY-37. Invalid associated data, and operations without it. */
TEST_F(use, info_refused)
{
	static const char * const infos[] = {
		"aad=", "aad=0", "aad=0g", "aad=00 aad=00", "aad", "aad=00,00",
		"enc=raw", "enc=pkcs1", "hash=sha256", "enc=raw aad=00",
		"nonce=00", "pad=none",
	};
	char info[2 * SYM_AAD_MAX + 3 + sizeof("aad=")] = "aad=";
	uint8_t out[SYM_BLOB_EXTRA + 3];
	const struct pkey_call mac = {
		KEYCTL_PKEY_SIGN, self->mac, "aad=00", "abc", 3, out, MAC_SIZE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(infos); i++) {
		EXPECT_EQ(-EINVAL, sym_seal(self->blob, infos[i], "abc", 3, out,
					    sizeof(out))) {
			TH_LOG("%s", infos[i]);
		}
	}
	memset(info + 4, 'c', 2 * SYM_AAD_MAX + 2);
	EXPECT_EQ(-EINVAL, sym_seal(self->blob, info, "abc", 3, out,
				    sizeof(out)));
	EXPECT_EQ(-EINVAL, pkey_do(&mac));
}

/* Shows: SY-37. A key pair has no associated data. */
TEST_F(use, info_of_others)
{
	struct keyctl_pkey_query query;
	key_serial_t user = key_add_user("x", "x", 1);

	EXPECT_EQ(-EOPNOTSUPP, keyctl(KEYCTL_PKEY_QUERY, user, 0, "aad=00",
				      &query));
	EXPECT_EQ(-EOPNOTSUPP, sym_query(user, &query));
}

/* Shows: SY-19, SY-18. A key has only its own uses. */
TEST_F(use, other_uses)
{
	static const struct {
		const char *line;
		int can;
	} keys[] = {
		{ "new alg=hmac-sha256 for=mac", KEYCTL_PKEY_SIGN },
		{ "new alg=hmac-sha256 for=verify", KEYCTL_PKEY_VERIFY },
		{ "new alg=xchacha20-poly1305 for=seal", KEYCTL_PKEY_ENCRYPT },
		{ "new alg=xchacha20-poly1305 for=open", KEYCTL_PKEY_DECRYPT },
		{ "new alg=hkdf-sha256 for=derive", 0 },
	};
	static const int ops[] = {
		KEYCTL_PKEY_SIGN, KEYCTL_PKEY_VERIFY, KEYCTL_PKEY_ENCRYPT,
		KEYCTL_PKEY_DECRYPT,
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		key_serial_t key = sym_add("x", "%s", keys[i].line);

		ASSERT_LT(0, key);
		for (size_t j = 0; j < ARRAY_SIZE(ops); j++) {
			struct pkey_call call = {
				ops[j], key, "", self->big, 8, self->out, 32,
			};
			long ret = pkey_do(&call);

			EXPECT_EQ(ops[j] != keys[i].can, ret == -EOPNOTSUPP) {
				TH_LOG("%s %d", keys[i].line, ops[j]);
			}
		}
	}
}

/* Shows: SY-38. Lengths around each limit. */
TEST_F(use, lengths)
{
	uint8_t mac[MAC_SIZE];
	long max = SYM_DATA_MAX;

	EXPECT_EQ(MAC_SIZE, sym_mac(self->mac, self->big, max, mac, MAC_SIZE));
	EXPECT_EQ(-EINVAL, sym_mac(self->mac, self->big, max + 1, mac,
				   MAC_SIZE));
	EXPECT_EQ(max, sym_seal(self->blob, "", self->big, max - SYM_BLOB_EXTRA,
				self->out, max));
	EXPECT_EQ(-EINVAL, sym_open(self->blob, "", self->out, max, self->big,
				    max + 1));
	EXPECT_EQ(max - SYM_BLOB_EXTRA,
		  sym_open(self->blob, "", self->out, max, self->big, max));
	EXPECT_EQ(-EINVAL, sym_open(self->blob, "", self->out, max + 1,
				    self->big, max));
	EXPECT_EQ(-EMSGSIZE, sym_seal(self->blob, "", self->big,
				      max - SYM_BLOB_EXTRA + 1, self->out,
				      max));
	EXPECT_EQ(-EMSGSIZE, sym_seal(self->blob, "", self->big, max, self->out,
				      max));
	EXPECT_EQ(-EINVAL, sym_seal(self->blob, "", self->big, max + 1,
				    self->out, max));
	EXPECT_EQ(-EOVERFLOW, sym_seal(self->blob, "", self->big, 8, self->out,
				       SYM_BLOB_EXTRA + 7));
	EXPECT_EQ(SYM_BLOB_EXTRA + 8, sym_seal(self->blob, "", self->big, 8,
					       self->out, SYM_BLOB_EXTRA + 8));
	EXPECT_EQ(-EOVERFLOW, sym_open(self->blob, "", self->out,
				       SYM_BLOB_EXTRA + 8, self->big, 7));
}

/*
 * Shows: SY-39. A call with every error, which are mended one by one: each time
 * the next error of the row is returned.
 */
TEST_F(use, order)
{
	struct keyctl_pkey_params params = {
		.key_id = key_unused_serial(),
		.in_len = SYM_DATA_MAX + 1,
		.out_len = SYM_DATA_MAX + 1,
	};
	key_serial_t verify = sym_add("x", "new alg=hmac-sha256 for=verify");
	key_serial_t user = key_add_user("x", "x", 1);
	uint8_t mac[MAC_SIZE];

#define SIGN(p, info, in, out) keyctl(KEYCTL_PKEY_SIGN, p, info, in, out)
	EXPECT_EQ(-EFAULT, SIGN(NULL, NULL, NULL, NULL));
	EXPECT_EQ(-EFAULT, SIGN(&params, NULL, NULL, NULL));
	EXPECT_EQ(-EINVAL, SIGN(&params, "aad=0", NULL, NULL));
	EXPECT_EQ(-ENOKEY, SIGN(&params, "enc=raw aad=00", NULL, NULL));
	params.key_id = self->mac;
	ASSERT_EQ(0, key_set_rights(self->mac, OWNER(RIGHT_VIEW |
						     RIGHT_SETATTR)));
	EXPECT_EQ(-EACCES, SIGN(&params, "enc=raw aad=00", NULL, NULL));
	params.key_id = user;
	EXPECT_EQ(-EOPNOTSUPP, SIGN(&params, "enc=raw aad=00", NULL, NULL));
	params.key_id = verify;
	EXPECT_EQ(-EINVAL, SIGN(&params, "enc=raw aad=00", NULL, NULL));
	EXPECT_EQ(-EOPNOTSUPP, SIGN(&params, "aad=00", NULL, NULL));
	params.key_id = self->mac;
	ASSERT_EQ(0, key_set_rights(self->mac, OWNER(RIGHT_ALL)));
	EXPECT_EQ(-EINVAL, SIGN(&params, "aad=00", NULL, NULL));
	EXPECT_EQ(-EINVAL, SIGN(&params, "", NULL, NULL));
	params.in_len = SYM_DATA_MAX;
	params.out_len = MAC_SIZE - 1;
	EXPECT_EQ(-EFAULT, SIGN(&params, "", NULL, NULL));
	EXPECT_EQ(-EOVERFLOW, SIGN(&params, "", self->big, NULL));
	params.out_len = MAC_SIZE;
	EXPECT_EQ(-EFAULT, SIGN(&params, "", self->big, NULL));
	EXPECT_EQ(MAC_SIZE, SIGN(&params, "", self->big, mac));
	ASSERT_EQ(0, key_revoke(self->mac));
	EXPECT_EQ(-EKEYREVOKED, SIGN(&params, "aad=00", NULL, NULL));
#undef SIGN
}

/* Shows: SY-39. For sealing the length of the text is checked first. */
TEST_F(use, order_of_lengths)
{
	EXPECT_EQ(-EMSGSIZE, sym_seal(self->blob, "", self->big, SYM_DATA_MAX,
				      self->out, 0));
	EXPECT_EQ(-EBADMSG, sym_open(self->blob, "", self->big,
				     SYM_BLOB_EXTRA - 1, self->out, 0));
	EXPECT_EQ(-EOVERFLOW, sym_open(self->blob, "", self->big,
				       SYM_BLOB_EXTRA + 1, self->out, 0));
	EXPECT_EQ(-EBADMSG, sym_open(self->blob, "", self->big, SYM_BLOB_EXTRA,
				     self->out, 0));
}

/*
 * Shows: SY-43, SY-44. Search to use, View to query, and neither for both.
 * Without Search permission nobody possesses a key, so these are the owner's
 * permissions.
 */
TEST_F(use, rights)
{
	struct keyctl_pkey_query query;
	key_serial_t key = self->mac;
	uint8_t mac[MAC_SIZE];

	ASSERT_EQ(0, key_set_rights(key, OWNER(RIGHT_SEARCH | RIGHT_SETATTR)));
	EXPECT_EQ(MAC_SIZE, sym_mac(key, "abc", 3, mac, MAC_SIZE));
	EXPECT_EQ(-EACCES, sym_query(key, &query));
	EXPECT_LT(0, sym_add("view", "view of=%d for=mac", key));

	ASSERT_EQ(0, key_set_rights(key, OWNER(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(0, sym_query(key, &query));
	EXPECT_EQ(-EACCES, sym_mac(key, "abc", 3, mac, MAC_SIZE));
	EXPECT_EQ(-EACCES, sym_verify(key, "abc", 3, mac, MAC_SIZE));
	EXPECT_EQ(-EACCES, sym_add("view", "view of=%d for=mac", key));

	ASSERT_EQ(0, key_set_rights(self->parent,
				    OWNER(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, sym_add("x", "derive from=%d label=x alg=hmac-sha256 for=mac",
				   self->parent));
}

/* A stranger who tries everything that root's key might allow. */
static int use_as_stranger(const void *arg)
{
	static const struct caller stranger = {
		.uid = TEST_UID, .gid = TEST_UID, .stranger = true,
	};
	const key_serial_t *key = arg;
	struct keyctl_pkey_query query;
	uint8_t mac[MAC_SIZE];
	int err = caller_become(&stranger);

	if (err)
		return err;
	if (sym_query(*key, &query) != -EACCES ||
	    sym_mac(*key, "abc", 3, mac, MAC_SIZE) != -EACCES)
		return -EBADE;
	return 0;
}

/* root without the key in its keyrings, to whom no capability helps */
static int use_unpossessed(const void *arg)
{
	const key_serial_t *key = arg;
	uint8_t mac[MAC_SIZE];
	long ret = session_new();

	return ret < 0 ? ret : sym_mac(*key, "abc", 3, mac, MAC_SIZE);
}

/*
 * Shows: SY-43. A caller that does not possess the key has at most View
 * permission.
 */
TEST_F(use, strangers)
{
	if (geteuid() != 0)
		SKIP(return, "needs root");
	EXPECT_EQ(0, task_run(use_as_stranger, &self->mac));
	EXPECT_EQ(-EACCES, task_run(use_unpossessed, &self->mac));
}

/* Shows: SY-45. A caller that may only use a key cannot end it. */
TEST_F(use, invalidate_rights)
{
	key_serial_t user = key_add_user("x", "x", 1);
	key_serial_t key = self->mac;

	ASSERT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_SEARCH | RIGHT_VIEW)));
	EXPECT_EQ(-EACCES, key_invalidate(key));
	EXPECT_EQ(-EACCES, key_revoke(key));
	EXPECT_EQ(0, sym_works(key));

	ASSERT_EQ(0, key_set_rights(self->blob, POSSESSOR(RIGHT_SEARCH |
							  RIGHT_WRITE)));
	EXPECT_EQ(0, key_invalidate(self->blob));
	EXPECT_EQ(0, key_invalidate(self->parent));

	/* Keys of other types have their old rule. */
	ASSERT_EQ(0, key_set_rights(user, POSSESSOR(RIGHT_SEARCH)));
	EXPECT_EQ(0, key_invalidate(user));
}

/* Shows: SY-45. Search is needed as well. */
TEST_F(use, invalidate_unsearched)
{
	ASSERT_EQ(0, key_set_rights(self->mac,
				    OWNER(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, key_invalidate(self->mac));
	EXPECT_EQ(0, key_revoke(self->mac));
}

TEST_HARNESS_MAIN
