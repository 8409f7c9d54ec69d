// SPDX-License-Identifier: GPL-2.0-only
/* FS_IOC_ADD_ENCRYPTION_KEY: its fields, its callers, its errors in order. */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "fscrypt.h"
#include "fscrypt_upcall.h"
#include "volume.h"

#define RAW_HALF	32
#define TEST_UID	7102
FIXTURE(add)
{
	struct volume v;
};

FIXTURE_SETUP(add)
{
	VOLUME_SETUP(self, "ext4");
}

FIXTURE_TEARDOWN(add)
{
	volume_end(&self->v);
}

/* Shows: FP-16, FP-17. the specifier */
TEST_F(add, specifier)
{
	static const __u32 bad[] = { 0, 3, 0x100, 0xffffffff };
	key_serial_t key = prov_new_known();
	struct fscrypt_add_key_arg arg;

	ASSERT_LT(0, key);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		arg = add_arg(bad[i], 0, key);
		EXPECT_EQ(-EINVAL, fs_add(self->v.root, &arg));
	}
	arg = add_arg(V2, 0, key);
	arg.key_spec.__reserved = 1;
	EXPECT_EQ(-EINVAL, fs_add(self->v.root, &arg));
}

/* Shows: FP-18. each of the reserved words */
TEST_F(add, reserved)
{
	key_serial_t key = prov_new_known();

	ASSERT_LT(0, key);
	for (int i = 0; i < 8; i++) {
		struct fscrypt_add_key_arg arg = add_arg(V2, 0, key);

		arg.__reserved[i] = 1;
		EXPECT_EQ(-EINVAL, fs_add(self->v.root, &arg));
	}
}

/*
 * Shows: FP-19, FP-42, FP-43. the kernel ignores the union's input, and changes
 * 16 of its bytes
 */
TEST_F(add, identifier_is_output)
{
	key_serial_t key = prov_new_known();
	struct fscrypt_add_key_arg arg = add_arg(V2, 0, key);
	__u8 rest[32 - FSCRYPT_KEY_IDENTIFIER_SIZE];

	memset(&arg.key_spec.u, 0xff, sizeof(arg.key_spec.u));
	memset(rest, 0xff, sizeof(rest));
	ASSERT_EQ(0, fs_add(self->v.root, &arg));
	EXPECT_EQ(0, memcmp(arg.key_spec.u.identifier, known_identifier,
			    sizeof(known_identifier)));
	EXPECT_EQ(0, memcmp(arg.key_spec.u.__reserved +
			    FSCRYPT_KEY_IDENTIFIER_SIZE, rest, sizeof(rest)));
}

/*
 * Shows: FP-19. a descriptor has eight bytes; the kernel does not change the
 * bytes behind it
 */
TEST_F(add, descriptor_is_input)
{
	key_serial_t key = prov_new(V1, KNOWN_FILL, RAW_SIZE);
	struct fscrypt_add_key_arg arg = add_arg(V1, 7, key), before;

	memset(arg.key_spec.u.__reserved + FSCRYPT_KEY_DESCRIPTOR_SIZE, 0xff,
	       sizeof(arg.key_spec.u) - FSCRYPT_KEY_DESCRIPTOR_SIZE);
	before = arg;
	ASSERT_EQ(0, fs_add(self->v.root, &arg));
	EXPECT_EQ(0, memcmp(&before, &arg, sizeof(arg)));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
		  fs_status(self->v.root, &arg.key_spec));
}

/* Shows: FP-20, FP-42. raw mode has its own sizes and the same identifier */
TEST_F(add, raw_mode)
{
	static const size_t bad[] = { 0, 15, 65, 72, 0xffffffff };
	struct fscrypt_key_specifier spec;
	struct fscrypt_add_key_arg arg;
	__u8 raw[RAW_SIZE];

	memset(raw, KNOWN_FILL, sizeof(raw));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		arg = add_arg(V2, 0, 0);
		arg.raw_size = bad[i];
		EXPECT_EQ(-EINVAL, fs_add(self->v.root, &arg));
	}
	ASSERT_EQ(0, fs_add_raw(self->v.root, V2, 0, raw, RAW_HALF, &spec));
	EXPECT_EQ(0, memcmp(spec.u.identifier, known_identifier,
			    sizeof(known_identifier)));
}

/* A page with nothing mapped behind it. */
static char *last_page(int prot)
{
	const size_t page = 4096;
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p + page, page) ||
	    mprotect(p, page, prot))
		return NULL;
	return p + page;
}

/* Shows: FP-20. raw bytes that cannot be read */
TEST_F(add, raw_unreadable)
{
	char *end = last_page(PROT_READ | PROT_WRITE);
	struct fscrypt_add_key_arg *arg;

	ASSERT_NE(NULL, end);
	arg = (void *)(end - sizeof(*arg));
	*arg = add_arg(V2, 0, 0);
	arg->raw_size = RAW_HALF;
	EXPECT_EQ(-EFAULT, fs_add(self->v.root, arg));
	EXPECT_EQ(-EFAULT, fs_add(self->v.root, (void *)(end - 8)));
}

/*
 * Shows: FP-21. with a serial the size must be zero, and the kernel does not
 * read raw
 */
TEST_F(add, serial_without_size)
{
	key_serial_t key = prov_new_known();
	char *end = last_page(PROT_READ | PROT_WRITE);
	struct fscrypt_add_key_arg *arg;

	ASSERT_NE(NULL, end);
	ASSERT_LT(0, key);
	arg = (void *)(end - sizeof(*arg));
	*arg = add_arg(V2, 0, key);
	arg->raw_size = RAW_HALF;
	EXPECT_EQ(-EINVAL, fs_add(self->v.root, arg));
	arg->raw_size = 0;
	EXPECT_EQ(0, fs_add(self->v.root, arg));
}

/*
 * Shows: FP-22, FP-30, FP-31, FP-32. special serials, and numbers that are no
 * serial
 */
TEST_F(add, special_serials)
{
	static const struct {
		key_serial_t serial;
		int want;
	} rows[] = {
		{ KEY_SPEC_SESSION_KEYRING, -EKEYREJECTED },
		{ KEY_SPEC_THREAD_KEYRING, -ENOKEY },
		{ KEY_SPEC_GROUP_KEYRING, -EINVAL },
		{ -9, -EINVAL },
		{ -0x7fffffff - 1, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].want,
			  fs_add_serial(self->v.root, V2, 0, rows[i].serial,
					NULL)) {
			TH_LOG("serial %d", rows[i].serial);
		}
	}
	EXPECT_EQ(-ENOKEY, fs_add_serial(self->v.root, V2, 0,
					 key_unused_serial(), NULL));
}

/* Shows: FP-31, FP-37. keys of other types with the right payload */
TEST_F(add, other_types)
{
	struct plain plain = plain_of(V2, KNOWN_FILL);
	key_serial_t user = key_add_user("u", &plain, PLAIN_HEAD + RAW_HALF);
	key_serial_t logon = key_add("logon", "fscrypt:l", &plain,
				     PLAIN_HEAD + RAW_HALF,
				     KEY_SPEC_SESSION_KEYRING);

	ASSERT_LT(0, user);
	ASSERT_LT(0, logon);
	EXPECT_EQ(-EKEYREJECTED,
		  fs_add_serial(self->v.root, V2, 0, user, NULL));
	EXPECT_EQ(-EKEYREJECTED,
		  fs_add_serial(self->v.root, V2, 0, logon, NULL));
}

/* Shows: FP-33. a key for one version of policies is refused for the other */
TEST_F(add, other_version)
{
	key_serial_t v1 = prov_new(V1, 1, RAW_SIZE);
	key_serial_t v2 = prov_new(V2, 1, RAW_SIZE);

	EXPECT_EQ(-EKEYREJECTED, fs_add_serial(self->v.root, V2, 0, v1, NULL));
	EXPECT_EQ(-EKEYREJECTED, fs_add_serial(self->v.root, V1, 0, v2, NULL));
}

/*
 * Shows: FP-34, FP-58, FP-14. dead keys are refused; a key that was added
 * before stays
 */
TEST_F(add, dead_keys)
{
	key_serial_t revoked = prov_new(V2, 1, RAW_HALF);
	key_serial_t expired = prov_new(V2, 2, RAW_HALF);
	struct fscrypt_key_specifier spec[2];

	ASSERT_EQ(0, fs_add_serial(self->v.root, V2, 0, revoked, &spec[0]));
	ASSERT_EQ(0, fs_add_serial(self->v.root, V2, 0, expired, &spec[1]));

	EXPECT_EQ(0, key_revoke(revoked));
	EXPECT_EQ(-EKEYREVOKED,
		  fs_add_serial(self->v.root, V2, 0, revoked, NULL));
	EXPECT_EQ(0, key_set_to_expire(expired));
	EXPECT_EQ(-EKEYEXPIRED, key_wait_expired(expired));
	EXPECT_EQ(-EKEYEXPIRED,
		  fs_add_serial(self->v.root, V2, 0, expired, NULL));

	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
			  fs_status(self->v.root, &spec[i]));
	}
}

/*
 * Shows: FP-34. an invalidated key counts as no key, whatever its permissions
 */
TEST_F(add, invalidated)
{
	key_serial_t key = prov_new(V2, 1, RAW_HALF);

	ASSERT_LT(0, key);
	EXPECT_EQ(0, key_invalidate(key));
	EXPECT_EQ(-ENOKEY, fs_add_serial(self->v.root, V2, 0, key, NULL));
}

/*
 * Shows: FP-35, FP-40. Search permission is required even of root, and checked
 * before the key's fields
 */
TEST_F(add, search_right)
{
	key_serial_t key = prov_new(V2, 1, RAW_HALF);

	ASSERT_LT(0, key);
	/* A key without Search permission is not possessed, either. */
	ASSERT_EQ(0, key_set_rights(key, OWNER(RIGHT_VIEW | RIGHT_SETATTR)));
	EXPECT_EQ(-EACCES, fs_add_serial(self->v.root, V2, 0, key, NULL));
	EXPECT_EQ(-EACCES, fs_add_serial(self->v.root, V1, 0, key, NULL));
	ASSERT_EQ(0, key_set_rights(key, OWNER(RIGHT_SEARCH)));
	EXPECT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, NULL));
}

struct call {
	int fd;
	__u32 type;
	key_serial_t serial;
	__u32 raw_size;
	struct caller caller;
	bool new_user_ns;
};

static int call_add(const void *arg)
{
	const struct call *call = arg;
	struct fscrypt_add_key_arg add = add_arg(call->type, 1, call->serial);
	int err = 0;

	if (call->new_user_ns)
		err = result(unshare(CLONE_NEWUSER));
	else if (call->caller.uid)
		err = caller_become(&call->caller);
	if (err)
		return -ENOTRECOVERABLE;
	add.raw_size = call->raw_size;
	return fs_add(call->fd, &add);
}

/*
 * Shows: FP-24, FP-39. without the capability v1 is refused, whatever else is
 * wrong
 */
TEST_F(add, v1_unprivileged)
{
	struct call call = {
		.fd = self->v.root, .type = V1,
		.serial = prov_new(V1, 1, RAW_SIZE),
		.caller = { .uid = TEST_UID, .gid = TEST_UID },
	};

	EXPECT_EQ(-EACCES, task_run(call_add, &call));
	call.raw_size = RAW_HALF;
	EXPECT_EQ(-EACCES, task_run(call_add, &call));
	call.serial = -9;
	EXPECT_EQ(-EACCES, task_run(call_add, &call));
}

/* Shows: FP-24. root of another user namespace does not count as root */
TEST_F(add, v1_user_namespace)
{
	struct call call = {
		.fd = self->v.root, .type = V1, .new_user_ns = true,
		.serial = prov_new(V1, 1, RAW_SIZE),
	};
	int err = task_run(call_add, &call);

	if (err == -ENOTRECOVERABLE)
		SKIP(return, "needs CONFIG_USER_NS");
	EXPECT_EQ(-EACCES, err);
	call.new_user_ns = false;
	EXPECT_EQ(0, task_run(call_add, &call));
}

/*
 * Shows: FP-25, FP-35. an ordinary user needs permission for the key, and no
 * other right
 */
TEST_F(add, v2_unprivileged)
{
	struct call call = {
		.fd = self->v.root, .type = V2,
		.serial = prov_new(V2, 1, RAW_HALF),
		.caller = { .uid = TEST_UID, .gid = TEST_UID },
	};

	/*
	 * The key is in the session keyring of the caller, who thus possesses
	 * it.
	 */
	EXPECT_EQ(0, task_run(call_add, &call));
	call.caller.stranger = true;
	EXPECT_EQ(-EACCES, task_run(call_add, &call));
	ASSERT_EQ(0, key_set_rights(call.serial, POSSESSOR(RIGHT_ALL) |
				    OTHER(RIGHT_SEARCH)));
	EXPECT_EQ(0, task_run(call_add, &call));
}

/* Shows: FP-23. kinds of file descriptors */
TEST_F(add, descriptors)
{
	key_serial_t key = prov_new(V2, 1, RAW_HALF);
	int fd;

	fd = open(self->v.mnt, O_PATH | O_CLOEXEC);
	EXPECT_EQ(-EBADF, fs_add_serial(fd, V2, 0, key, NULL));
	close(fd);

	ASSERT_EQ(0, volume_write(&self->v, "file", "x", 1));
	fd = volume_open(&self->v, "file", O_RDONLY);
	EXPECT_EQ(0, fs_add_serial(fd, V2, 0, key, NULL));
	close(fd);
}

/* Shows: FP-23. a read-only mount */
TEST_F(add, read_only_mount)
{
	struct fscrypt_key_specifier spec;
	key_serial_t key = prov_new(V2, 1, RAW_HALF);

	ASSERT_EQ(0, volume_unmount(&self->v));
	ASSERT_EQ(0, volume_mount_with(&self->v, MS_RDONLY));
	EXPECT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, &spec));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT, fs_status(self->v.root, &spec));
}

/*
 * Shows: FP-27, FP-28. a filesystem without the encrypt feature, and one that
 * does not support encryption
 */
TEST_F(add, no_encryption)
{
	key_serial_t key = prov_new(V2, 1, RAW_HALF);
	int fd;

	ASSERT_EQ(0, volume_unmount(&self->v));
	ASSERT_EQ(0, volume_forbid_encryption(&self->v));
	ASSERT_EQ(0, volume_mount(&self->v));
	EXPECT_EQ(-EOPNOTSUPP, fs_add_serial(self->v.root, V2, 0, key, NULL));
	EXPECT_EQ(-EOPNOTSUPP, fs_add(self->v.root, NULL));

	fd = open(self->v.base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EXPECT_EQ(-ENOTTY, fs_add_serial(fd, V2, 0, key, NULL));
	close(fd);
}

/*
 * Shows: FP-36. the call waits for a key under construction, and then adds it
 */
TEST_F(add, under_construction)
{
	struct plain plain = plain_of(V2, KNOWN_FILL);
	struct call call = { .fd = self->v.root, .type = V2 };
	struct upcall upcall = {};
	pid_t child;

	ASSERT_EQ(0, prov_upcall_start(&upcall));
	call.serial = upcall.key;
	child = task_start(call_add, &call);
	EXPECT_TRUE(task_sleeps_in(child, __NR_ioctl));
	EXPECT_EQ(0, upcall_instantiate(&upcall, &plain,
					PLAIN_HEAD + RAW_HALF));
	EXPECT_EQ(0, task_result(child));
	EXPECT_EQ(0, upcall_end(&upcall));
}

/* Shows: FP-36. the wait can be ended by a signal */
TEST_F(add, wait_is_interruptible)
{
	struct call call = { .fd = self->v.root, .type = V2 };
	struct upcall upcall = {};
	pid_t child;

	ASSERT_EQ(0, prov_upcall_start(&upcall));
	call.serial = upcall.key;
	child = task_start(call_add, &call);
	EXPECT_TRUE(task_sleeps_in(child, __NR_ioctl));
	kill(child, SIGTERM);
	EXPECT_EQ(TASK_KILLED(SIGTERM), task_result(child));
	EXPECT_EQ(0, upcall_reject(&upcall, 1, ENOKEY));
	EXPECT_EQ(-ENOKEY, upcall_end(&upcall));
}

/* Shows: FP-36. a negative key returns the error that it was rejected with */
TEST_F(add, negative)
{
	static const int errors[] = { ENOKEY, EKEYREJECTED, EPROTO };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct upcall upcall = {};

		ASSERT_LT(0, session_new());
		ASSERT_EQ(0, prov_upcall_start(&upcall));
		EXPECT_EQ(0, upcall_reject(&upcall, 60, errors[i]));
		EXPECT_EQ(-errors[i], fs_add_serial(self->v.root, V2, 0,
						    upcall.key, NULL));
		EXPECT_EQ(-errors[i], upcall_end(&upcall));
	}
}

/* Shows: FP-36, FP-51. a call that waits does not block other calls */
TEST_F(add, waiting_blocks_nobody)
{
	struct call call = { .fd = self->v.root, .type = V2 };
	struct upcall upcall = {};
	pid_t child;

	ASSERT_EQ(0, prov_upcall_start(&upcall));
	call.serial = upcall.key;
	child = task_start(call_add, &call);
	EXPECT_TRUE(task_sleeps_in(child, __NR_ioctl));
	EXPECT_EQ(0, fs_add_serial(self->v.root, V2, 0,
				   prov_new(V2, 9, RAW_HALF), NULL));
	EXPECT_FALSE(task_ended(child, 0));
	kill(child, SIGKILL);
	task_result(child);
	EXPECT_EQ(0, upcall_reject(&upcall, 1, ENOKEY));
	upcall_end(&upcall);
}

/*
 * Shows: FP-16..18, FP-21, FP-39, FP-40. of two errors the first in the
 * contract's order is returned
 */
TEST_F(add, order)
{
	struct fscrypt_add_key_arg arg;
	key_serial_t v2 = prov_new(V2, 1, RAW_HALF);

	ASSERT_EQ(0, key_set_rights(v2, OWNER(RIGHT_VIEW | RIGHT_SETATTR)));

	/* the size is checked before the serial; each has its own error */
	arg = add_arg(V2, 0, key_unused_serial());
	EXPECT_EQ(-ENOKEY, fs_add(self->v.root, &arg));
	arg.raw_size = RAW_HALF;
	EXPECT_EQ(-EINVAL, fs_add(self->v.root, &arg));
	/* permission is checked before the version */
	EXPECT_EQ(-EACCES, fs_add_serial(self->v.root, V1, 0, v2, NULL));
	/* the state is checked before permission and version */
	EXPECT_EQ(-EACCES, fs_add_serial(self->v.root, V2, 0, v2, NULL));
	ASSERT_EQ(0, key_revoke(v2));
	EXPECT_EQ(-EKEYREVOKED, fs_add_serial(self->v.root, V2, 0, v2, NULL));
	EXPECT_EQ(-EKEYREVOKED, fs_add_serial(self->v.root, V1, 0, v2, NULL));
}

/*
 * Shows: FP-41. the base has added the key in spite of the error.  The series
 * has not: there is no key, no claim and no charged quota.
 */
TEST_F(add, unwritable_argument)
{
	enum fscrypt_kernel which = fscrypt_kernel();
	char *end = last_page(PROT_READ | PROT_WRITE);
	struct fscrypt_get_key_status_arg status;
	struct fscrypt_key_specifier spec = { .type = V2 };
	struct fscrypt_add_key_arg *arg;
	char claim[64], line[256];

	REQUIRE_KALLSYMS(which);
	ASSERT_NE(NULL, end);
	arg = (void *)(end - sizeof(*arg));
	*arg = add_arg(V2, 0, prov_new_known());
	ASSERT_EQ(0, mprotect(end - 4096, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, fs_add(self->v.root, arg));

	memcpy(spec.u.identifier, known_identifier, sizeof(known_identifier));
	ASSERT_EQ(0, fs_status_full(self->v.root, &spec, &status));
	snprintf(claim, sizeof(claim), KNOWN_IDENTIFIER_HEX ".uid.%u",
		 geteuid());
	proc_keys_find(claim, line, sizeof(line));
	if (which == FSCRYPT_OURS) {
		EXPECT_EQ(FSCRYPT_KEY_STATUS_ABSENT, status.status);
		EXPECT_STREQ("", line);
	} else {
		EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT, status.status);
		EXPECT_EQ(1, status.user_count);
		EXPECT_NE(NULL, strstr(line, ".fscrypt"));
	}
}

int main(int argc, char **argv)
{
	upcall_route_install();
	return test_harness_run(argc, argv);
}
