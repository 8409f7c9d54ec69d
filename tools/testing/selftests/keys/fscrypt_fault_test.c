// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provisioning keys when memory runs out, or a program's memory cannot be
 * accessed.
 */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "fault.h"
#include "fscrypt_form.h"
#include "volume.h"

FIXTURE(fault)
{
	struct volume v;
	key_serial_t parent;
};

FIXTURE_SETUP(fault)
{
	static const char make[] = "new default user:master 32";

	VOLUME_SETUP(self, "ext4");
	REQUIRE_FAULTS();
	ASSERT_LT(0, key_add_user("master", "0123456789abcdef0123456789abcdef",
				  32));
	self->parent = key_add("encrypted", "parent", make, strlen(make),
			       KEY_SPEC_SESSION_KEYRING);
}

FIXTURE_TEARDOWN(fault)
{
	volume_end(&self->v);
}

static long call_plain(void *arg)
{
	struct plain plain = plain_of(V2, 1);

	return prov_add("test", &plain, PLAIN_HEAD + 32);
}

/*
 * Shows: FP-5, FP-7. add_key() fails with ENOMEM or EFAULT, and charges no
 * quota
 */
TEST_F(fault, add_key)
{
	struct faulty faulty = { .call = call_plain };
	struct charge before;

	ASSERT_LT(0, call_plain(NULL));
	before = charge_now(geteuid());
	EXPECT_LT(0, each_fault(&faulty));
	EXPECT_LT(4, faulty.faults);
	EXPECT_TRUE(charge_returns(&before));
}

static long call_sealed(void *arg)
{
	return form_add_as("test", arg);
}

/* Shows: FP-5, FP-7. the same for a derivation, at whichever step it fails */
TEST_F(fault, derive)
{
	struct form form = form_sealed(V2, 32, self->parent, "");
	struct faulty faulty = { .call = call_sealed, .arg = &form };
	struct charge before;

	REQUIRE_OUR_FSCRYPT("sealed keys");
	ASSERT_LT(0, call_sealed(&form));
	before = charge_now(geteuid());
	EXPECT_LT(0, each_fault(&faulty));
	EXPECT_LT(6, faulty.faults);
	EXPECT_TRUE(charge_returns(&before));
}

struct add_call {
	int fd;
	key_serial_t key;
	struct fscrypt_key_specifier spec;
};

static long call_add(void *arg)
{
	struct add_call *call = arg;

	return fs_add_serial(call->fd, V2, 0, call->key, NULL);
}

static void undo_add(void *arg, long ret)
{
	struct add_call *call = arg;

	fs_remove(call->fd, &call->spec, NULL);
}

/* Shows: FP-46..48. a failed addition leaves neither key nor claim */
TEST_F(fault, add_to_filesystem)
{
	struct add_call call = {
		.fd = self->v.root, .key = prov_new_known(),
		.spec.type = V2,
	};
	struct faulty faulty = {
		.call = call_add, .undo = undo_add, .arg = &call,
	};
	struct charge before;

	ASSERT_LT(0, call.key);
	memcpy(call.spec.u.identifier, known_identifier,
	       sizeof(known_identifier));
	before = charge_now(geteuid());
	EXPECT_EQ(0, each_fault(&faulty));
	EXPECT_LT(6, faulty.faults);
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
		  fs_status(self->v.root, &call.spec));
	/* The volume has one claim, and none of the calls that failed. */
	EXPECT_EQ(0, fs_remove(self->v.root, &call.spec, NULL));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_ABSENT,
		  fs_status(self->v.root, &call.spec));
	EXPECT_TRUE(charge_returns(&before));
}

TEST_HARNESS_MAIN
