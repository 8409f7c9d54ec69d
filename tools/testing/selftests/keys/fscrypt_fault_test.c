// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of a call fails once, in turn.  Each such call has to fail
 * cleanly, and the call with no failure left has to succeed.
 */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "fscrypt_form.h"
#include "volume.h"

#define FAULTS_MAX	2000

/* What the debug kernel's documentation asks for: everything, also GFP_KERNEL. */
static const char * const failslab[][2] = {
	{ "ignore-gfp-wait", "N" },
	{ "verbose", "0" },
};

/* 0, or a negative errno if this kernel injects no failures. */
static int faults_prepare(void)
{
	char path[64];
	int fd;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(failslab); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/failslab/%s",
			 failslab[i][0]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		if (write(fd, failslab[i][1], strlen(failslab[i][1])) < 0)
			return -errno;
		close(fd);
	}
	return 0;
}

/*
 * Sets the number of the allocation to fail; tells what is left of the last
 * one, which is 0 if it did fail.  The file is opened but once, because opening
 * allocates.
 */
static int fault_in(int nth)
{
	char left[16] = "", set[16];
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	snprintf(set, sizeof(set), "%d", nth);
	if (pread(fd, left, sizeof(left) - 1, 0) < 0 ||
	    pwrite(fd, set, strlen(set), 0) < 0)
		return -errno;
	return atoi(left);
}

FIXTURE(fault)
{
	struct volume v;
	key_serial_t parent;
};

FIXTURE_SETUP(fault)
{
	static const char make[] = "new default user:master 32";

	VOLUME_SETUP(self, "ext4");
	if (faults_prepare())
		SKIP(return, "debug kernels only: needs CONFIG_FAILSLAB in debugfs");
	ASSERT_LT(0, key_add_user("master", "0123456789abcdef0123456789abcdef",
				  32));
	self->parent = key_add("encrypted", "parent", make, strlen(make),
			       KEY_SPEC_SESSION_KEYRING);
}

FIXTURE_TEARDOWN(fault)
{
	volume_end(&self->v);
}

/*
 * Calls until no allocation is left to fail, with @undo after each success that
 * got by without the one that failed.  Returns the last result, or -ELOOP.
 */
static int each_fault(int (*call)(void *arg), void (*undo)(void *arg),
		      void *arg, int *faults)
{
	for (int nth = 1; nth < FAULTS_MAX; nth++) {
		int left, err;

		if (fault_in(nth) < 0)
			return -ENOTSUP;
		err = call(arg);
		left = fault_in(0);
		if (left)
			return err;
		*faults += 1;
		if (err >= 0)
			undo(arg);
		else if (err != -ENOMEM)
			return err;
	}
	return -ELOOP;
}

/* For what the next call displaces. */
static void undo_nothing(void *arg)
{
}

static int call_plain(void *arg)
{
	struct plain plain = plain_of(V2, 1);

	return prov_add("test", &plain, PLAIN_HEAD + 32);
}

/* Shows: FP-5, FP-7. ENOMEM, and nothing charged for it */
TEST_F(fault, add_key)
{
	int keys, bytes, keys_after, bytes_after, faults = 0;

	ASSERT_LT(0, call_plain(NULL));
	quota_settled(geteuid(), &keys, &bytes);
	EXPECT_LT(0, each_fault(call_plain, undo_nothing,
				NULL, &faults));
	EXPECT_LT(2, faults);
	quota_settled(geteuid(), &keys_after, &bytes_after);
	EXPECT_EQ(keys, keys_after);
	EXPECT_EQ(bytes, bytes_after);
}

static int call_sealed(void *arg)
{
	return form_add_as("test", arg);
}

/* Shows: FP-5, FP-7. the same for a derivation, wherever it breaks off */
TEST_F(fault, derive)
{
	struct form form = form_sealed(V2, 32, self->parent, "");
	int keys, bytes, keys_after, bytes_after, faults = 0;

	REQUIRE_OUR_FSCRYPT("sealed keys");
	ASSERT_LT(0, call_sealed(&form));
	quota_settled(geteuid(), &keys, &bytes);
	EXPECT_LT(0, each_fault(call_sealed, undo_nothing,
				&form, &faults));
	EXPECT_LT(4, faults);
	quota_settled(geteuid(), &keys_after, &bytes_after);
	EXPECT_EQ(keys, keys_after);
	EXPECT_EQ(bytes, bytes_after);
}

struct add_call {
	int fd;
	key_serial_t key;
	struct fscrypt_key_specifier spec;
};

static int call_add(void *arg)
{
	struct add_call *call = arg;

	return fs_add_serial(call->fd, V2, 0, call->key, NULL);
}

static void undo_add(void *arg)
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
	int keys, bytes, keys_after, bytes_after, faults = 0;

	ASSERT_LT(0, call.key);
	memcpy(call.spec.u.identifier, known_identifier,
	       sizeof(known_identifier));
	quota_settled(geteuid(), &keys, &bytes);
	EXPECT_EQ(0, each_fault(call_add, undo_add, &call, &faults));
	EXPECT_LT(4, faults);
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
		  fs_status(self->v.root, &call.spec));
	/* One claim, and nothing of those that failed. */
	EXPECT_EQ(0, fs_remove(self->v.root, &call.spec, NULL));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_ABSENT,
		  fs_status(self->v.root, &call.spec));
	quota_settled(geteuid(), &keys_after, &bytes_after);
	EXPECT_EQ(keys, keys_after);
	EXPECT_EQ(bytes, bytes_after);
}

TEST_HARNESS_MAIN
