// SPDX-License-Identifier: GPL-2.0-only
/*
 * ALG_SET_KEY_BY_KEY_SERIAL when memory runs out, or the serial cannot be read.
 */
#include "fault.h"
#include "kernel.h"

#include "../kselftest_harness.h"

static const char bytes[] = { '0', '1', '2', '3', '4', '5', '6', '7',
			      '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };

FIXTURE(fault)
{
	const struct alg *alg;
	int fd;
};

FIXTURE_VARIANT(fault)
{
	const struct alg *alg;
};

FIXTURE_VARIANT_ADD(fault, hash) { .alg = &alg_hmac };
FIXTURE_VARIANT_ADD(fault, skcipher) { .alg = &alg_cbc };
FIXTURE_VARIANT_ADD(fault, aead) { .alg = &alg_gcm };

FIXTURE_SETUP(fault)
{
	SKIP_IF(return, lacks_option());
	REQUIRE_FAULTS();
	self->alg = variant->alg;
	OPEN_ALG(return, self->fd, self->alg);
	ASSERT_LT(0, session_new());
}

FIXTURE_TEARDOWN(fault)
{
	close(self->fd);
}

/*
 * struct set_call - a key for a socket
 * @fd:		the socket
 * @key:	the key
 */
struct set_call {
	int fd;
	key_serial_t key;
};

static long call_set(void *arg)
{
	const struct set_call *call = arg;

	return alg_set_serial(call->fd, call->key);
}

/* Shows: AA-18. ENOMEM or EFAULT, and the last call sets the key. */
TEST_F(fault, user_key)
{
	struct set_call call = {
		.fd = self->fd, .key = key_add_user("key", bytes, sizeof(bytes)),
	};
	struct faulty faulty = { .call = call_set, .arg = &call };
	struct charge before = charge_now(geteuid());

	ASSERT_LT(0, call.key);
	EXPECT_EQ(0, each_fault(&faulty));
	EXPECT_LE(1, faulty.faults);
	EXPECT_TRUE(alg_has_key(self->fd, self->alg, bytes, sizeof(bytes)));
	EXPECT_TRUE(charge_returns(&before));
}

/* Shows: AA-18. The same with a type that decrypts its payload. */
TEST_F(fault, encrypted_key)
{
	static const char make[] = "new default user:master 32";
	struct set_call call = { .fd = self->fd };
	struct faulty faulty = { .call = call_set, .arg = &call };
	struct charge before;

	ASSERT_LT(0, key_add_user("master", bytes, sizeof(bytes)));
	call.key = key_add("encrypted", "key", make, strlen(make),
			   KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, call.key);
	before = charge_now(geteuid());
	EXPECT_EQ(0, each_fault(&faulty));
	EXPECT_LE(1, faulty.faults);
	EXPECT_LT(0, alg_fingerprint(self->fd, self->alg).len);
	EXPECT_TRUE(charge_returns(&before));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
