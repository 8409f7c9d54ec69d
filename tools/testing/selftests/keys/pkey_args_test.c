// SPDX-License-Identifier: GPL-2.0-only
/* KEYCTL_PKEY_*: arguments, encodings, permissions, and results of a query. */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "pkey.h"
#include "task.h"

#define STRANGER_ID	63002

#define MAY_PUBLIC	((uint32_t)(KEYCTL_SUPPORTS_ENCRYPT | KEYCTL_SUPPORTS_VERIFY))
#define MAY_PRIVATE	((uint32_t)(KEYCTL_SUPPORTS_DECRYPT | KEYCTL_SUPPORTS_SIGN))

static const uint8_t digest[PKEY_DIGEST] = { 1, 2, 3, 4, 5, 6, 7, 8 };

FIXTURE(pair)
{
	key_serial_t key;
	struct keyctl_pkey_query query;
	uint8_t out[PKEY_RSA_BYTES];
};

FIXTURE_SETUP(pair)
{
	REQUIRE_PAIR(self->key);
	memset(&self->query, 0xff, sizeof(self->query));
}

FIXTURE_TEARDOWN(pair)
{
}

/* Shows: AP-1, AP-3..5. */
TEST_F(pair, query)
{
	static const uint32_t none[10];
	struct keyctl_pkey_query *q = &self->query;

	EXPECT_EQ(0, pkey_query(self->key, PKEY_PKCS1, q));
	EXPECT_EQ(8U * PKEY_RSA_BYTES, q->key_size);
	EXPECT_EQ(PKEY_RSA_BYTES, q->max_data_size);
	EXPECT_EQ(PKEY_RSA_BYTES, q->max_sig_size);
	EXPECT_EQ(PKEY_RSA_BYTES, q->max_enc_size);
	EXPECT_EQ(PKEY_RSA_BYTES, q->max_dec_size);
	EXPECT_EQ(MAY_PUBLIC | MAY_PRIVATE, q->supported_ops);
	EXPECT_EQ(0, memcmp(none, q->__spare, sizeof(none)));
}

/*
 * Shows: AP-4, AP-8. Raw RSA makes no signatures; the query of 6.1 claims that
 * it does.
 */
TEST_F(pair, query_raw)
{
	uint32_t sure = KEYCTL_SUPPORTS_ENCRYPT | KEYCTL_SUPPORTS_DECRYPT;

	EXPECT_EQ(0, pkey_query(self->key, "", &self->query));
	EXPECT_EQ(sure, self->query.supported_ops & sure);
	EXPECT_EQ(8U * PKEY_RSA_BYTES, self->query.key_size);
	EXPECT_EQ(0, pkey_query(self->key, "enc=raw", &self->query));
	EXPECT_EQ(sure, self->query.supported_ops & sure);
}

/* Shows: AP-2. The kernel checks nothing else before. */
TEST_F(pair, query_reserved)
{
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_PKEY_QUERY, self->key, 1, "",
				  &self->query));
	EXPECT_EQ(-EINVAL, keyctl(KEYCTL_PKEY_QUERY, self->key, 1, NULL, NULL));
	EXPECT_EQ(-EFAULT, pkey_query(self->key, "", NULL));
}

/* Shows: AP-6. */
TEST_F(pair, words)
{
	static const char * const right[] = {
		"", " ", "\t \t", "enc=pkcs1", " enc=pkcs1", "enc=pkcs1 ",
		"enc=pkcs1\thash=sha256", "hash=sha256 enc=pkcs1",
	};
	static const char * const wrong[] = {
		"enc", "enc=", "hash= enc=pkcs1", "enc=pkcs1 enc=pkcs1",
		"enc=pkcs1,hash=sha256", "enc=pkcs1 hash=sha256 hash=sha256",
		"aad=00", "enc=pkcs1 salt=1", "ENC=pkcs1", "enc=pkcs1\n",
	};

	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		EXPECT_EQ(0, pkey_query(self->key, right[i], &self->query)) {
			TH_LOG("\"%s\"", right[i]);
		}
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		EXPECT_EQ(-EINVAL, pkey_query(self->key, wrong[i],
					      &self->query)) {
			TH_LOG("\"%s\"", wrong[i]);
		}
	}
}

/* Shows: AP-7. */
TEST_F(pair, words_without_end)
{
	long page = sysconf(_SC_PAGESIZE);
	char *text = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_TRUE(text != MAP_FAILED);
	memset(text, ' ', 2 * page);
	EXPECT_EQ(-EINVAL, pkey_query(self->key, text, &self->query));
	text[page] = '\0';
	EXPECT_EQ(-EINVAL, pkey_query(self->key, text, &self->query));
	text[page - 1] = '\0';
	EXPECT_EQ(0, pkey_query(self->key, text, &self->query));
	ASSERT_EQ(0, mprotect(text + page, page, PROT_NONE));
	text[page - 1] = ' ';
	EXPECT_EQ(-EFAULT, pkey_query(self->key, text + 1, &self->query));
	EXPECT_EQ(-EFAULT, pkey_query(self->key, NULL, &self->query));
}

/* Shows: AP-8. */
TEST_F(pair, encodings)
{
	static const char * const wrong[] = {
		"enc=oaep", "enc=pss", "enc=x962", "enc=RAW", "enc=raw hash=sha256",
		"hash=sha256",
	};
	const char *no_hash = "enc=pkcs1 hash=nosuch";
	long ret;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		EXPECT_EQ(-EINVAL, pkey_query(self->key, wrong[i],
					      &self->query));
		EXPECT_EQ(-EINVAL, pkey_sign(self->key, wrong[i], digest,
					     sizeof(digest), self->out));
		EXPECT_EQ(-EINVAL, pkey_verify(self->key, wrong[i], digest,
					       sizeof(digest), self->out,
					       PKEY_RSA_BYTES));
	}

	/* Linux 6.1 searches for an algorithm of that name. */
	ret = pkey_query(self->key, no_hash, &self->query);
	EXPECT_TRUE(ret == -EINVAL || ret == -ENOENT);
	EXPECT_EQ(ret, pkey_sign(self->key, no_hash, digest, sizeof(digest),
				 self->out));
	EXPECT_EQ(ret, pkey_verify(self->key, no_hash, digest, sizeof(digest),
				   self->out, PKEY_RSA_BYTES));
}

/* Shows: AP-10, AP-11. */
TEST_F(pair, other_keys)
{
	key_serial_t user = key_add_user("user", "secret", 6);

	ASSERT_LT(0, user);
	EXPECT_EQ(-EOPNOTSUPP, pkey_query(user, "", &self->query));
	EXPECT_EQ(-EOPNOTSUPP, pkey_sign(user, "", "text", 4, self->out));
	EXPECT_EQ(-EOPNOTSUPP, pkey_verify(user, "", "text", 4, "sign", 4));
	EXPECT_EQ(-EOPNOTSUPP, pkey_query(KEY_SPEC_SESSION_KEYRING, "",
					  &self->query));
	EXPECT_EQ(-EINVAL, pkey_query(0, "", &self->query));
	EXPECT_EQ(-ENOKEY, pkey_query(key_unused_serial(), "", &self->query));
}

/* Shows: AP-11. A pair that has ended returns the error of its end. */
TEST_F(pair, ended)
{
	key_serial_t other = pkey_add_rsa("other");
	uint8_t signature[PKEY_RSA_BYTES];

	ASSERT_LT(0, other);
	ASSERT_EQ(PKEY_RSA_BYTES,
		  pkey_sign(self->key, PKEY_PKCS1_SHA256, digest,
			    sizeof(digest), signature));
	ASSERT_EQ(0, key_set_to_expire(other));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(other));
	EXPECT_EQ(-EKEYEXPIRED, pkey_query(other, "", &self->query));
	EXPECT_EQ(-EKEYEXPIRED, pkey_sign(other, PKEY_PKCS1_SHA256, digest,
					  sizeof(digest), self->out));

	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, pkey_query(self->key, "", &self->query));
	EXPECT_EQ(-EKEYREVOKED, pkey_encrypt(self->key, PKEY_PKCS1, "text", 4,
					     self->out));
	EXPECT_EQ(-EKEYREVOKED, pkey_decrypt(self->key, PKEY_PKCS1, signature,
					     PKEY_RSA_BYTES, self->out));
	EXPECT_EQ(-EKEYREVOKED, pkey_sign(self->key, PKEY_PKCS1_SHA256, digest,
					  sizeof(digest), self->out));
	EXPECT_EQ(-EKEYREVOKED,
		  pkey_verify(self->key, PKEY_PKCS1_SHA256, digest,
			      sizeof(digest), signature, PKEY_RSA_BYTES));
}

struct attempt {
	key_serial_t key;
};

static int sign_as_stranger(const void *arg)
{
	static const struct caller stranger = {
		.uid = STRANGER_ID, .gid = STRANGER_ID, .stranger = true,
	};
	const struct attempt *attempt = arg;
	uint8_t out[PKEY_RSA_BYTES];
	int err = caller_become(&stranger);
	long ret;

	if (err)
		return -TASK_ODD;
	ret = pkey_sign(attempt->key, PKEY_PKCS1_SHA256, digest, sizeof(digest),
			out);
	return ret == PKEY_RSA_BYTES ? 0 : ret;
}

/* Shows: AP-9. Each call needs only Search permission, and so does a query. */
TEST_F(pair, rights)
{
	const struct attempt attempt = { self->key };

	EXPECT_EQ(-EACCES, task_run(sign_as_stranger, &attempt));
	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_ALL) |
				    OTHER(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, task_run(sign_as_stranger, &attempt));
	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_ALL) |
				    OTHER(RIGHT_SEARCH)));
	EXPECT_EQ(0, task_run(sign_as_stranger, &attempt));

	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_SEARCH |
							    RIGHT_SETATTR)));
	EXPECT_EQ(0, pkey_query(self->key, "", &self->query));
	ASSERT_EQ(0, key_set_rights(self->key, OWNER(RIGHT_VIEW)));
	EXPECT_EQ(-EACCES, pkey_query(self->key, "", &self->query));
}

/* Shows: AP-12, AP-13. */
TEST_F(pair, payload)
{
	char text[64];

	EXPECT_EQ(-EBADMSG, key_add("asymmetric", "none", "no key", 6,
				    KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(-EOPNOTSUPP, key_read(self->key, text, sizeof(text)));
	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_ALL)));
	EXPECT_EQ(-EOPNOTSUPP, key_update(self->key, "no key", 6));
}

/* Shows: AP-14. */
TEST_F(pair, block)
{
	struct keyctl_pkey_params params = {
		.key_id = self->key, .in_len = sizeof(digest),
		.out_len = PKEY_RSA_BYTES,
	};

	EXPECT_EQ(-EFAULT, keyctl(KEYCTL_PKEY_SIGN, NULL, NULL, NULL, NULL));
	EXPECT_EQ(-EFAULT, keyctl(KEYCTL_PKEY_VERIFY, NULL, NULL, NULL, NULL));
	EXPECT_EQ(-EFAULT, keyctl(KEYCTL_PKEY_SIGN, &params, NULL, digest,
				  self->out));
	memset(params.__spare, 0xff, sizeof(params.__spare));
	EXPECT_EQ(PKEY_RSA_BYTES,
		  keyctl(KEYCTL_PKEY_SIGN, &params, PKEY_PKCS1_SHA256, digest,
			 self->out));
}

/*
 * Shows: AP-24. The order of checks: information string, key, type, encoding.
 */
TEST_F(pair, order_of_errors)
{
	key_serial_t user = key_add_user("user", "secret", 6);

	ASSERT_LT(0, user);
	EXPECT_EQ(-EINVAL, pkey_query(key_unused_serial(), "enc=",
				      &self->query));
	EXPECT_EQ(-ENOKEY, pkey_query(key_unused_serial(), "enc=pss", NULL));
	EXPECT_EQ(-EOPNOTSUPP, pkey_query(user, "enc=pss", NULL));
	EXPECT_EQ(-EINVAL, pkey_query(self->key, "enc=pss", NULL));
	EXPECT_EQ(-EFAULT, pkey_query(self->key, "enc=pkcs1", NULL));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
