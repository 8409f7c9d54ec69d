// SPDX-License-Identifier: GPL-2.0-only
/*
 * KEYCTL_PKEY_*: the lengths that the caller gives are the lengths of the
 * caller's buffers.  Nothing is written past one, and nothing is read past one.
 */
#include "../kselftest_harness.h"
#include "memory_edge.h"
#include "pkey.h"
#include "task.h"

/* Content of the parts of a buffer that the kernel must not change */
#define UNTOUCHED	0xa5

static const uint8_t digest[PKEY_DIGEST] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static bool untouched(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != UNTOUCHED)
			return false;
	return true;
}

FIXTURE(length)
{
	key_serial_t key;
	long page;
	uint8_t *edge;		/* memory behind it cannot be accessed */
	uint8_t out[2 * PKEY_RSA_BYTES];
	uint8_t signature[PKEY_RSA_BYTES + 1];
};

FIXTURE_SETUP(length)
{
	REQUIRE_PAIR(self->key);
	memset(self->out, UNTOUCHED, sizeof(self->out));
	ASSERT_EQ(PKEY_RSA_BYTES,
		  pkey_sign(self->key, PKEY_PKCS1_SHA256, digest,
			    sizeof(digest), self->signature));

	self->page = sysconf(_SC_PAGESIZE);
	self->edge = memory_edge();
	ASSERT_NE(NULL, self->edge);
}

FIXTURE_TEARDOWN(length)
{
}

/* Shows: AP-26, AP-27. */
TEST_F(length, signature_that_does_not_fit)
{
	static const size_t too_short[] = { 0, 1, 16, PKEY_RSA_BYTES - 1 };
	struct pkey_call call = {
		.op = KEYCTL_PKEY_SIGN, .key = self->key,
		.info = PKEY_PKCS1_SHA256, .in = digest,
		.in_len = sizeof(digest), .second = self->out,
	};

	REQUIRE_LENGTHS();
	for (size_t i = 0; i < sizeof(too_short) / sizeof(*too_short); i++) {
		call.second_len = too_short[i];
		EXPECT_EQ(-EOVERFLOW, pkey_do(&call));
		EXPECT_TRUE(untouched(self->out, sizeof(self->out)));
	}
	call.second_len = PKEY_RSA_BYTES;
	EXPECT_EQ(PKEY_RSA_BYTES, pkey_do(&call));
	EXPECT_EQ(0, memcmp(self->out, self->signature, PKEY_RSA_BYTES));
	EXPECT_TRUE(untouched(self->out + PKEY_RSA_BYTES, PKEY_RSA_BYTES));
}

/* Shows: AP-26. */
TEST_F(length, ciphertext_that_does_not_fit)
{
	struct pkey_call call = {
		.op = KEYCTL_PKEY_ENCRYPT, .key = self->key,
		.info = PKEY_PKCS1, .in = "text", .in_len = 4,
		.second = self->out, .second_len = PKEY_RSA_BYTES - 1,
	};

	REQUIRE_LENGTHS();
	EXPECT_EQ(-EOVERFLOW, pkey_do(&call));
	EXPECT_TRUE(untouched(self->out, sizeof(self->out)));
	call.info = "enc=raw";
	EXPECT_EQ(-EOVERFLOW, pkey_do(&call));
	EXPECT_TRUE(untouched(self->out, sizeof(self->out)));
}

/*
 * Shows: AP-18, AP-26. The result is the length of the text, and the buffer
 * need not be longer.
 */
TEST_F(length, text_that_does_not_fit)
{
	uint8_t cipher[PKEY_RSA_BYTES];
	struct pkey_call call = {
		.op = KEYCTL_PKEY_DECRYPT, .key = self->key,
		.info = PKEY_PKCS1, .in = cipher, .in_len = sizeof(cipher),
		.second = self->out,
	};

	ASSERT_EQ(PKEY_RSA_BYTES, pkey_encrypt(self->key, PKEY_PKCS1,
					       "attack at dawn", 14, cipher));
	call.second_len = 14;
	EXPECT_EQ(14, pkey_do(&call));
	EXPECT_EQ(0, memcmp(self->out, "attack at dawn", 14));
	EXPECT_TRUE(untouched(self->out + 14, sizeof(self->out) - 14));

	REQUIRE_LENGTHS();
	memset(self->out, UNTOUCHED, sizeof(self->out));
	for (call.second_len = 0; call.second_len < 14; call.second_len++) {
		EXPECT_EQ(-EOVERFLOW, pkey_do(&call));
		EXPECT_TRUE(untouched(self->out, sizeof(self->out)));
	}
}

/* Shows: AP-18, AP-26. An empty text, for which no byte is written. */
TEST_F(length, empty_text)
{
	uint8_t cipher[PKEY_RSA_BYTES];

	REQUIRE_LENGTHS();
	ASSERT_EQ(PKEY_RSA_BYTES, pkey_encrypt(self->key, PKEY_PKCS1, "", 0,
					       cipher));
	EXPECT_EQ(0, pkey_decrypt(self->key, PKEY_PKCS1, cipher,
				  sizeof(cipher), self->out));
	EXPECT_TRUE(untouched(self->out, sizeof(self->out)));
}

/* Shows: AP-28. A truncated or a longer signature is refused. */
TEST_F(length, signature_of_another_length)
{
	static const size_t lengths[] = {
		0, 1, 16, PKEY_RSA_BYTES - 1, PKEY_RSA_BYTES + 1, 0xffffffff,
	};

	REQUIRE_LENGTHS();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		EXPECT_EQ(-EKEYREJECTED,
			  pkey_verify(self->key, PKEY_PKCS1_SHA256, digest,
				      sizeof(digest), self->signature,
				      lengths[i]));
	EXPECT_EQ(0, pkey_verify(self->key, PKEY_PKCS1_SHA256, digest,
				 sizeof(digest), self->signature,
				 PKEY_RSA_BYTES));
}

/* Shows: AP-28. The kernel does not read behind the end of a buffer. */
TEST_F(length, nothing_is_read_past_the_signature)
{
	uint8_t *part = self->edge - PKEY_RSA_BYTES / 2;

	REQUIRE_LENGTHS();
	memcpy(part, self->signature, PKEY_RSA_BYTES / 2);
	EXPECT_EQ(-EKEYREJECTED,
		  pkey_verify(self->key, PKEY_PKCS1_SHA256, digest,
			      sizeof(digest), part, PKEY_RSA_BYTES / 2));
	EXPECT_EQ(-EFAULT,
		  pkey_verify(self->key, PKEY_PKCS1_SHA256, digest,
			      sizeof(digest), part, PKEY_RSA_BYTES));
}

/*
 * Shows: AP-25, AP-27. Buffers at the end of accessible memory are large
 * enough.
 */
TEST_F(length, buffers_at_the_edge)
{
	const struct pkey_call call = {
		.op = KEYCTL_PKEY_SIGN, .key = self->key,
		.info = PKEY_PKCS1_SHA256,
		.in = memcpy(self->edge - PKEY_RSA_BYTES - PKEY_DIGEST,
			     digest, sizeof(digest)),
		.in_len = sizeof(digest),
		.second = self->edge - PKEY_RSA_BYTES,
		.second_len = PKEY_RSA_BYTES,
	};

	EXPECT_EQ(PKEY_RSA_BYTES, pkey_do(&call));
	EXPECT_EQ(0, memcmp(call.second, self->signature, PKEY_RSA_BYTES));
	EXPECT_EQ(0, pkey_verify(self->key, PKEY_PKCS1_SHA256, call.in,
				 sizeof(digest), call.second, PKEY_RSA_BYTES));
}

/* Shows: AP-25. Lengths beyond all lengths of the key. */
TEST_F(length, beyond_the_maximum)
{
	static const int ops[] = {
		KEYCTL_PKEY_ENCRYPT, KEYCTL_PKEY_DECRYPT, KEYCTL_PKEY_SIGN,
	};
	uint8_t long_text[PKEY_RSA_BYTES + 1] = { 2 };
	struct pkey_call call = {
		.key = self->key, .info = PKEY_PKCS1, .in = long_text,
		.second = self->out,
	};

	for (int i = 0; i < 3; i++) {
		call.op = ops[i];
		call.in_len = PKEY_RSA_BYTES + 1;
		call.second_len = PKEY_RSA_BYTES;
		EXPECT_EQ(-EINVAL, pkey_do(&call));
		call.in_len = 0xffffffff;
		EXPECT_EQ(-EINVAL, pkey_do(&call));
		call.in_len = 1;
		call.second_len = PKEY_RSA_BYTES + 1;
		EXPECT_EQ(-EINVAL, pkey_do(&call));
	}
	EXPECT_EQ(-EINVAL,
		  pkey_verify(self->key, PKEY_PKCS1, long_text,
			      PKEY_RSA_BYTES + 1, self->signature,
			      PKEY_RSA_BYTES));
	EXPECT_TRUE(untouched(self->out, sizeof(self->out)));
}

/*
 * Shows: AP-24. A call with two errors returns the one that is checked first.
 */
TEST_F(length, order_of_errors)
{
	struct pkey_call call = {
		.op = KEYCTL_PKEY_SIGN, .key = self->key,
		.info = PKEY_PKCS1_SHA256, .in = self->edge,
		.in_len = PKEY_RSA_BYTES + 1, .second = self->edge,
		.second_len = PKEY_RSA_BYTES,
	};

	/* the longest text, its memory, the operation, the room, its memory */
	EXPECT_EQ(-EINVAL, pkey_do(&call));
	call.in_len = PKEY_RSA_BYTES;
	EXPECT_EQ(-EFAULT, pkey_do(&call));
	call.in = self->signature;
	EXPECT_EQ(-EOVERFLOW, pkey_do(&call));
	call.in = digest;
	call.in_len = sizeof(digest);
	REQUIRE_MEMORY_FOR_RSA();
	EXPECT_EQ(-EFAULT, pkey_do(&call));

	REQUIRE_LENGTHS();
	call.second_len = 0;
	EXPECT_EQ(-EOVERFLOW, pkey_do(&call));

	/* the longest text, then the longest signature, then memory */
	call.op = KEYCTL_PKEY_VERIFY;
	call.in = self->edge;
	call.in_len = PKEY_RSA_BYTES + 1;
	call.second_len = PKEY_RSA_BYTES + 1;
	EXPECT_EQ(-EINVAL, pkey_do(&call));
	call.in_len = PKEY_DIGEST;
	EXPECT_EQ(-EKEYREJECTED, pkey_do(&call));
	call.second_len = PKEY_RSA_BYTES - 1;
	EXPECT_EQ(-EFAULT, pkey_do(&call));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
