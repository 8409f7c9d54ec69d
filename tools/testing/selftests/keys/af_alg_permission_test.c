// SPDX-License-Identifier: GPL-2.0-only
/*
 * ALG_SET_KEY_BY_KEY_SERIAL: permission to use a key, and what BPF programs
 * see.
 */
#include "kernel.h"
#include "task.h"

#include "../kselftest_harness.h"

#include <linux/bpf.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>

/* Ids that own nothing on a test machine. */
#define OWNER_UID	62001
#define OWNER_GID	62002
#define OTHER_UID	62003
#define OTHER_GID	62004

#define ALL_BUT_SEARCH	(RIGHT_ALL & ~RIGHT_SEARCH)

static const char bytes[] = { '0', '1', '2', '3', '4', '5', '6', '7',
			      '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };
static const char others[] = { 'f', 'e', 'd', 'c', 'b', 'a', '9', '8',
			       '7', '6', '5', '4', '3', '2', '1', '0' };

/* A call of the option as somebody else. */
struct call_as {
	const struct caller *caller;
	int fd;
	key_serial_t key;
};

static int set_as(const void *arg)
{
	const struct call_as *call = arg;
	int err = caller_become(call->caller);

	return err ? err : alg_set_serial(call->fd, call->key);
}

static const struct caller root = { .stranger = true };
static const struct caller owner = {
	.uid = OWNER_UID, .gid = OTHER_GID, .stranger = true,
};

static const struct caller in_group = {
	.uid = OTHER_UID, .gid = OWNER_GID, .stranger = true,
};

static const struct caller in_supplementary_group = {
	.uid = OTHER_UID, .gid = OTHER_GID, .group = OWNER_GID,
	.stranger = true,
};

static const struct caller somebody = {
	.uid = OTHER_UID, .gid = OTHER_GID, .stranger = true,
};

static const struct caller root_as_owner = {
	.fsuid = OWNER_UID, .stranger = true,
};

static const struct caller possessor = { .uid = OTHER_UID, .gid = OTHER_GID };
static const struct caller owning_possessor = {
	.uid = OWNER_UID, .gid = OWNER_GID,
};

static const struct caller root_possessor = {};

FIXTURE(rights)
{
	int fd;
	key_serial_t key;
};

FIXTURE_VARIANT(rights)
{
	const struct caller *caller;
	uint32_t rights;
	int result;
};

FIXTURE_VARIANT_ADD(rights, owner_search) {
	&owner, OWNER(RIGHT_SEARCH), 0
};

FIXTURE_VARIANT_ADD(rights, owner_all_but_search) {
	&owner, OWNER(ALL_BUT_SEARCH), -EACCES
};

FIXTURE_VARIANT_ADD(rights, owner_is_not_other) {
	&owner, OWNER(RIGHT_VIEW) | OTHER(RIGHT_ALL), -EACCES
};

FIXTURE_VARIANT_ADD(rights, group_search) {
	&in_group, GROUP(RIGHT_SEARCH), 0
};

FIXTURE_VARIANT_ADD(rights, group_all_but_search) {
	&in_group, GROUP(ALL_BUT_SEARCH), -EACCES
};

FIXTURE_VARIANT_ADD(rights, group_is_not_other) {
	&in_group, GROUP(RIGHT_VIEW) | OTHER(RIGHT_ALL), -EACCES
};

FIXTURE_VARIANT_ADD(rights, group_without_bits_is_other) {
	&in_group, OTHER(RIGHT_SEARCH), 0
};

FIXTURE_VARIANT_ADD(rights, supplementary_group_search) {
	&in_supplementary_group, GROUP(RIGHT_SEARCH), 0
};

FIXTURE_VARIANT_ADD(rights, other_search) {
	&somebody, OTHER(RIGHT_SEARCH), 0
};

FIXTURE_VARIANT_ADD(rights, other_all_but_search) {
	&somebody, OTHER(ALL_BUT_SEARCH), -EACCES
};

FIXTURE_VARIANT_ADD(rights, other_is_not_owner) {
	&somebody, OWNER(RIGHT_ALL) | GROUP(RIGHT_ALL), -EACCES
};

FIXTURE_VARIANT_ADD(rights, fsuid_decides) {
	&root_as_owner, OWNER(RIGHT_SEARCH), 0
};

FIXTURE_VARIANT_ADD(rights, no_capability_helps) {
	&root, OWNER(RIGHT_ALL) | GROUP(RIGHT_ALL) | OTHER(ALL_BUT_SEARCH),
	-EACCES
};

FIXTURE_VARIANT_ADD(rights, possessor_search) {
	&possessor, POSSESSOR(RIGHT_SEARCH), 0
};

FIXTURE_VARIANT_ADD(rights, possessor_adds_to_owner) {
	&owning_possessor, OWNER(RIGHT_VIEW) | POSSESSOR(RIGHT_SEARCH), 0
};

FIXTURE_VARIANT_ADD(rights, possessor_all_but_search) {
	&root_possessor,
	POSSESSOR(ALL_BUT_SEARCH) | OWNER(ALL_BUT_SEARCH) |
	GROUP(ALL_BUT_SEARCH) | OTHER(ALL_BUT_SEARCH), -EACCES
};

FIXTURE_VARIANT_ADD(rights, possession_needs_link) {
	&somebody, POSSESSOR(RIGHT_ALL), -EACCES
};

FIXTURE_SETUP(rights)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	/* A keyring in which all callers can find the key. */
	ASSERT_EQ(0, key_set_rights(KEY_SPEC_SESSION_KEYRING,
				    POSSESSOR(RIGHT_ALL)));
	self->key = key_add("logon", "selftest:key", bytes, sizeof(bytes),
			    KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, self->key);
	ASSERT_EQ(0, key_set_owner(self->key, OWNER_UID, OWNER_GID));
	ASSERT_EQ(0, key_set_rights(self->key, variant->rights));
}

FIXTURE_TEARDOWN(rights)
{
	close(self->fd);
}

/*
 * Shows: AA-34..36, AA-38. Each kind of caller needs Search permission and no
 * other; the error is EACCES, never EPERM.
 */
TEST_F(rights, decide)
{
	struct call_as call = {
		.caller = variant->caller, .fd = self->fd, .key = self->key,
	};

	EXPECT_EQ(variant->result, task_run(set_as, &call));
	EXPECT_EQ(variant->result == 0,
		  alg_has_key(self->fd, &alg_hmac, bytes, sizeof(bytes)));
}

FIXTURE(possession)
{
	int fd;
	key_serial_t outer;
	key_serial_t inner;
	key_serial_t key;
};

FIXTURE_VARIANT(possession)
{
	key_serial_t root;
};

FIXTURE_VARIANT_ADD(possession, thread) { KEY_SPEC_THREAD_KEYRING };
FIXTURE_VARIANT_ADD(possession, process) { KEY_SPEC_PROCESS_KEYRING };
FIXTURE_VARIANT_ADD(possession, session) { KEY_SPEC_SESSION_KEYRING };

/* root -> outer -> inner -> key, and the key grants its possessor alone. */
FIXTURE_SETUP(possession)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	self->outer = keyring_new("outer", variant->root);
	ASSERT_LT(0, self->outer);
	self->inner = keyring_new("inner", self->outer);
	ASSERT_LT(0, self->inner);
	self->key = key_add("user", "key", bytes, sizeof(bytes), self->inner);
	ASSERT_LT(0, self->key);
	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_ALL)));
}

FIXTURE_TEARDOWN(possession)
{
	close(self->fd);
}

/* Shows: AA-36. */
TEST_F(possession, through_keyrings)
{
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	/* A key that is linked nowhere would soon be collected. */
	ASSERT_EQ(0, key_link(self->inner, KEY_SPEC_USER_KEYRING));
	ASSERT_EQ(0, key_unlink(self->inner, self->outer));
	EXPECT_EQ(-EACCES, alg_set_serial(self->fd, self->key));
	EXPECT_EQ(0, key_unlink(self->inner, KEY_SPEC_USER_KEYRING));
}

/* Shows: AA-36. A keyring without Search permission hides its keys. */
TEST_F(possession, cut_by_keyring)
{
	ASSERT_EQ(0, key_set_rights(self->outer, POSSESSOR(ALL_BUT_SEARCH) |
						 OWNER(RIGHT_SETATTR)));
	EXPECT_EQ(-EACCES, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, key_set_rights(self->outer, POSSESSOR(RIGHT_ALL)));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
}

/* Shows: AA-34, AA-36. A key without possessor Search is not possessed. */
TEST_F(possession, cut_by_key)
{
	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(ALL_BUT_SEARCH)));
	EXPECT_EQ(-EACCES, alg_set_serial(self->fd, self->key));
}

/* A key in the keyring where log-in scripts put it. */
struct user_keyring_results {
	int unlinked;
	int linked;
};

static int use_user_keyring(struct user_keyring_results *results)
{
	int fd = alg_open(&alg_hmac);
	long session = session_new();
	key_serial_t key;

	if (fd < 0 || session < 0)
		return fd < 0 ? fd : session;
	key = key_add("user", "key", bytes, sizeof(bytes),
		      KEY_SPEC_USER_KEYRING);
	if (key < 0)
		return key;

	results->unlinked = alg_set_serial(fd, key);
	key_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING);
	results->linked = alg_set_serial(fd, key);
	key_unlink(key, KEY_SPEC_USER_KEYRING);
	return 0;
}

/*
 * Shows: AA-37. Keys are made without Search for their owner, so the owner must
 * possess a key to use it.
 */
TEST(user_keyring)
{
	struct user_keyring_results results = { -1, -1 };
	int probe;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, probe, &alg_hmac);
	close(probe);
	ASSERT_EQ(0, caller_become(&owner));
	EXPECT_EQ(0, use_user_keyring(&results));
	EXPECT_EQ(-EACCES, results.unlinked);
	EXPECT_EQ(0, results.linked);
}

/* Makes the caller root of a user namespace of its own. */
static int become_namespace_root(void)
{
	uid_t uid = geteuid();
	char map[32];
	int err;

	/*
	 * The change of ids took the process's right to write its own files in
	 * /proc.
	 */
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER))
		return -errno;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	err = file_write("uid_map", map);
	if (err)
		return err;
	return setresuid(0, 0, 0) ? -errno : 0;
}

static int set_as_namespace_root(const void *arg)
{
	const struct call_as *call = arg;
	int err;

	if (chdir("/proc/self"))
		return -errno;
	err = caller_become(call->caller);
	if (!err)
		err = become_namespace_root();
	return err ? err : alg_set_serial(call->fd, call->key);
}

FIXTURE(user_namespace)
{
	int fd;
	key_serial_t key;
};

FIXTURE_SETUP(user_namespace)
{
	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	self->key = key_add_user("key", bytes, sizeof(bytes));
	ASSERT_LT(0, self->key);
}

FIXTURE_TEARDOWN(user_namespace)
{
	close(self->fd);
}

/*
 * Shows: AA-41. Root of another user namespace is not the owner of root's key.
 */
TEST_F(user_namespace, root_is_no_owner)
{
	struct call_as call = {
		.caller = &somebody, .fd = self->fd, .key = self->key,
	};

	ASSERT_EQ(0, key_set_rights(self->key, OWNER(RIGHT_ALL)));
	EXPECT_EQ(-EACCES, task_run(set_as_namespace_root, &call));
}

/*
 * Shows: AA-41. The owner remains the owner if its uid has another number in
 * its namespace.
 */
TEST_F(user_namespace, owner_stays)
{
	struct call_as call = {
		.caller = &somebody, .fd = self->fd, .key = self->key,
	};

	ASSERT_EQ(0, key_set_owner(self->key, somebody.uid, somebody.gid));
	ASSERT_EQ(0, key_set_rights(self->key, OWNER(RIGHT_SEARCH)));
	EXPECT_EQ(0, task_run(set_as_namespace_root, &call));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_hmac, bytes, sizeof(bytes)));
}

/* BPF programs of a few instructions, written by hand. */
#define INSN(op, dst, src, offset, value) ((struct bpf_insn) { \
	.code = (op), .dst_reg = (dst), .src_reg = (src), .off = (offset), \
	.imm = (value) })
#define LOAD(size, dst, src, offset) \
	INSN(BPF_LDX | BPF_MEM | (size), dst, src, offset, 0)
#define STORE(size, dst, offset, src) \
	INSN(BPF_STX | BPF_MEM | (size), dst, src, offset, 0)
#define SET(dst, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value)
#define COPY(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ADD(dst, value) INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, value)
#define UNLESS_EQUAL(dst, value, jump) \
	INSN(BPF_JMP | BPF_JNE | BPF_K, dst, 0, jump, value)
#define IF_GREATER(dst, src, jump) \
	INSN(BPF_JMP | BPF_JGT | BPF_X, dst, src, jump, 0)
#define MAP(dst, fd) \
	INSN(BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_MAP_FD, 0, fd)
#define MAP_HIGH_HALF() INSN(0, 0, 0, 0, 0)
#define CALL(function) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define RETURN() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

#define SOCKOPT(field) offsetof(struct bpf_sockopt, field)
#define REFUSE	0
#define LET_PASS	1

static int bpf(int command, union bpf_attr *attr)
{
	return result(syscall(__NR_bpf, command, attr, sizeof(*attr)));
}

static uint64_t bpf_pointer(const void *pointer)
{
	return (uintptr_t)pointer;
}

static int bpf_load(const struct bpf_insn *insns, size_t count)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SOCKOPT,
		.expected_attach_type = BPF_CGROUP_SETSOCKOPT,
		.insns = bpf_pointer(insns),
		.insn_cnt = count,
		.license = bpf_pointer("GPL"),
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

/* An array with one value of eight bytes. */
static int bpf_array(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(uint64_t),
		.max_entries = 1,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static int bpf_array_read(int array, uint64_t *value)
{
	const uint32_t index = 0;
	union bpf_attr attr = {
		.map_fd = array,
		.key = bpf_pointer(&index),
		.value = bpf_pointer(value),
	};

	return bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

/* Refuses every socket option @option; lets the others pass. */
static int bpf_refuse(int option)
{
	const struct bpf_insn insns[] = {
		LOAD(BPF_W, BPF_REG_2, BPF_REG_1, SOCKOPT(optname)),
		SET(BPF_REG_0, LET_PASS),
		UNLESS_EQUAL(BPF_REG_2, option, 1),
		SET(BPF_REG_0, REFUSE),
		RETURN(),
	};

	return bpf_load(insns, ARRAY_SIZE(insns));
}

/* Replaces the caller's serial by @serial. */
static int bpf_rewrite(key_serial_t serial)
{
	const struct bpf_insn insns[] = {
		LOAD(BPF_W, BPF_REG_2, BPF_REG_1, SOCKOPT(optname)),
		UNLESS_EQUAL(BPF_REG_2, ALG_SET_KEY_BY_KEY_SERIAL, 7),
		LOAD(BPF_DW, BPF_REG_2, BPF_REG_1, SOCKOPT(optval)),
		LOAD(BPF_DW, BPF_REG_3, BPF_REG_1, SOCKOPT(optval_end)),
		COPY(BPF_REG_4, BPF_REG_2),
		ADD(BPF_REG_4, sizeof(serial)),
		IF_GREATER(BPF_REG_4, BPF_REG_3, 2),
		SET(BPF_REG_5, serial),
		STORE(BPF_W, BPF_REG_2, 0, BPF_REG_5),
		SET(BPF_REG_0, LET_PASS),
		RETURN(),
	};

	return bpf_load(insns, ARRAY_SIZE(insns));
}

/* Stores the first four bytes of the value in @array. */
static int bpf_watch(int array)
{
	const struct bpf_insn insns[] = {
		LOAD(BPF_DW, BPF_REG_6, BPF_REG_1, SOCKOPT(optval)),
		LOAD(BPF_DW, BPF_REG_7, BPF_REG_1, SOCKOPT(optval_end)),
		INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
		COPY(BPF_REG_2, BPF_REG_10),
		ADD(BPF_REG_2, -4),
		MAP(BPF_REG_1, array),
		MAP_HIGH_HALF(),
		CALL(BPF_FUNC_map_lookup_elem),
		UNLESS_EQUAL(BPF_REG_0, 0, 1),
		INSN(BPF_JMP | BPF_JA, 0, 0, 5, 0),
		COPY(BPF_REG_4, BPF_REG_6),
		ADD(BPF_REG_4, 4),
		IF_GREATER(BPF_REG_4, BPF_REG_7, 2),
		LOAD(BPF_W, BPF_REG_5, BPF_REG_6, 0),
		STORE(BPF_DW, BPF_REG_0, 0, BPF_REG_5),
		SET(BPF_REG_0, LET_PASS),
		RETURN(),
	};

	return bpf_load(insns, ARRAY_SIZE(insns));
}

/* The kernel runs no programs for 32-bit callers of a 64-bit kernel. */
static bool unseen_by_bpf(void)
{
	struct utsname kernel_name;

	return sizeof(long) == sizeof(int32_t) && uname(&kernel_name) == 0 &&
	       strcmp(kernel_name.machine, "x86_64") == 0;
}

FIXTURE(cgroup_bpf)
{
	char mount_point[32];
	char group[48];
	int group_fd;
	int fd;
	key_serial_t key;
	key_serial_t other;
	bool unseen;
};

static int enter_group(const char *group)
{
	char members[64];

	snprintf(members, sizeof(members), "%s/cgroup.procs", group);
	return file_write(members, "0");
}

FIXTURE_SETUP(cgroup_bpf)
{
	SKIP_IF(return, lacks_option());
	SKIP_IF(return, lacks_symbols());
	if (!kernel.has[SYMBOL_CGROUP_SETSOCKOPT])
		SKIP(return, "needs CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF");
	self->unseen = unseen_by_bpf();
	ASSERT_LT(0, session_new());
	self->key = key_add_user("key", bytes, sizeof(bytes));
	ASSERT_LT(0, self->key);
	self->other = key_add_user("other", others, sizeof(others));
	ASSERT_LT(0, self->other);

	/*
	 * The mount is in the process's own mount namespace, and so ends with
	 * the process.
	 */
	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	snprintf(self->mount_point, sizeof(self->mount_point),
		 "/tmp/cgroup-XXXXXX");
	ASSERT_FALSE(!mkdtemp(self->mount_point));
	ASSERT_EQ(0, mount("none", self->mount_point, "cgroup2", 0, NULL));
	snprintf(self->group, sizeof(self->group), "%s/af_alg-%d",
		 self->mount_point, getpid());
	ASSERT_EQ(0, mkdir(self->group, 0700));
	self->group_fd = open(self->group, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->group_fd);

	/* The kernel uses the cgroup in which a socket was made. */
	ASSERT_EQ(0, enter_group(self->group));
	OPEN_ALG(return, self->fd, &alg_hmac);
}

FIXTURE_TEARDOWN(cgroup_bpf)
{
	close(self->fd);
	close(self->group_fd);
	enter_group(self->mount_point);
	rmdir(self->group);
	umount2(self->mount_point, MNT_DETACH);
	rmdir(self->mount_point);
}

static int attach(int group, int program)
{
	union bpf_attr attr = {
		.target_fd = group,
		.attach_bpf_fd = program,
		.attach_type = BPF_CGROUP_SETSOCKOPT,
	};

	return program < 0 ? program : bpf(BPF_PROG_ATTACH, &attr);
}

/*
 * Shows: AA-40. A program can forbid a cgroup this option and allow all others.
 */
TEST_F(cgroup_bpf, refuses)
{
	ASSERT_EQ(0, attach(self->group_fd, bpf_refuse(ALG_SET_KEY_BY_KEY_SERIAL)));
	EXPECT_EQ(self->unseen ? 0 : -EPERM,
		  alg_set_serial(self->fd, self->key));
	EXPECT_EQ(0, alg_set_key(self->fd, bytes, sizeof(bytes)));
}

/*
 * Shows: AA-40. The program runs before the kernel checks the socket's state.
 */
TEST_F(cgroup_bpf, refuses_first)
{
	int unbound = alg_socket(), op;

	ASSERT_LE(0, unbound);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	op = alg_accept(self->fd);
	ASSERT_LE(0, op);

	ASSERT_EQ(0, attach(self->group_fd, bpf_refuse(ALG_SET_KEY_BY_KEY_SERIAL)));
	EXPECT_EQ(self->unseen ? -ENOPROTOOPT : -EPERM,
		  alg_set_serial(unbound, self->key));
	EXPECT_EQ(self->unseen ? -EBUSY : -EPERM,
		  alg_set_serial(self->fd, self->key));
	EXPECT_EQ(self->unseen ? -EOPNOTSUPP : -EPERM,
		  alg_set_serial(op, self->key));
	/* Only a negative length is refused before the program runs. */
	EXPECT_EQ(-EINVAL, sockopt_set(self->fd, SOL_ALG,
				       ALG_SET_KEY_BY_KEY_SERIAL, &self->key,
				       -1));
}

/*
 * Shows: AA-40. The program may replace the value, which then lies in kernel
 * memory.
 */
TEST_F(cgroup_bpf, rewrites)
{
	const char *expected = self->unseen ? bytes : others;

	ASSERT_EQ(0, attach(self->group_fd, bpf_rewrite(self->other)));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_hmac, expected, sizeof(bytes)));
}

/* Shows: AA-40. A program sees the serial of the key, but not its payload. */
TEST_F(cgroup_bpf, sees_serial_not_bytes)
{
	uint32_t first_bytes;
	uint64_t seen = 0;
	int array = bpf_array();

	ASSERT_LE(0, array);
	ASSERT_EQ(0, attach(self->group_fd, bpf_watch(array)));
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, bpf_array_read(array, &seen));
	EXPECT_EQ(self->unseen ? 0 : self->key, (key_serial_t)seen);

	memcpy(&first_bytes, bytes, sizeof(first_bytes));
	ASSERT_EQ(0, alg_set_key(self->fd, bytes, sizeof(bytes)));
	ASSERT_EQ(0, bpf_array_read(array, &seen));
	EXPECT_EQ(self->unseen ? 0 : first_bytes, (uint32_t)seen);
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
