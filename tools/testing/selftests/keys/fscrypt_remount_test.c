// SPDX-License-Identifier: GPL-2.0-only
/*
 * Effects of an added key on a real filesystem, and state that outlives a
 * mount.
 */
#include <dirent.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "fscrypt.h"
#include "task.h"
#include "volume.h"

#define DESCRIPTOR	0x5a
#define TEST_UID	7103
#define TEXT_SIZE	5000

FIXTURE(mounted)
{
	struct volume v;
	key_serial_t key;
	struct fscrypt_key_specifier spec;
	char text[TEXT_SIZE];
};

FIXTURE_VARIANT(mounted)
{
	const char *fs;
	__u32 type;
};

FIXTURE_VARIANT_ADD(mounted, ext4_v1) { .fs = "ext4", .type = V1 };
FIXTURE_VARIANT_ADD(mounted, ext4_v2) { .fs = "ext4", .type = V2 };
FIXTURE_VARIANT_ADD(mounted, f2fs_v1) { .fs = "f2fs", .type = V1 };
FIXTURE_VARIANT_ADD(mounted, f2fs_v2) { .fs = "f2fs", .type = V2 };

FIXTURE_SETUP(mounted)
{
	VOLUME_SETUP(self, variant->fs);
	for (int i = 0; i < TEXT_SIZE; i++)
		self->text[i] = i * 7 + i / 256;
	self->key = prov_new(variant->type, 0x42, RAW_SIZE);
	ASSERT_LT(0, self->key);
	ASSERT_EQ(0, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				   self->key, &self->spec));
}

FIXTURE_TEARDOWN(mounted)
{
	volume_end(&self->v);
}

/* Makes the encrypted directory "dir"; 0 or a negative errno. */
static int make_encrypted(const struct volume *v,
			  const struct fscrypt_key_specifier *spec)
{
	int dir, err;

	if (mkdirat(v->root, "dir", 0755))
		return -errno;
	dir = volume_open(v, "dir", O_RDONLY | O_DIRECTORY);
	err = fs_set_policy(dir, spec);
	close(dir);
	return err;
}

static int remount(struct volume *v)
{
	return volume_unmount(v) ?: volume_mount(v);
}

/* Opens the only file in "dir" by its plain or encrypted name. */
static int open_only_file(const struct volume *v)
{
	int dir = volume_open(v, "dir", O_RDONLY | O_DIRECTORY), fd = -ENOENT;
	DIR *stream = fdopendir(dir);
	struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
			fd = result(openat(dir, entry->d_name, O_RDONLY));
	closedir(stream);
	return fd;
}

/* Shows: FP-55, FP-45, FP-56. the same serial opens the files of the last mount */
TEST_F(mounted, remount)
{
	struct fscrypt_key_specifier again;

	ASSERT_EQ(0, make_encrypted(&self->v, &self->spec));
	ASSERT_EQ(0, volume_write(&self->v, "dir/file", self->text, TEXT_SIZE));
	ASSERT_EQ(0, remount(&self->v));

	EXPECT_EQ(FSCRYPT_KEY_STATUS_ABSENT,
		  fs_status(self->v.root, &self->spec));
	EXPECT_EQ(-ENOENT, volume_open(&self->v, "dir/file", O_RDONLY));
	EXPECT_EQ(-ENOKEY, open_only_file(&self->v));

	ASSERT_EQ(0, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				   self->key, &again));
	EXPECT_EQ(0, memcmp(&self->spec, &again, sizeof(again)));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
		  fs_status(self->v.root, &self->spec));
	EXPECT_EQ(0, volume_compare(&self->v, "dir/file", self->text,
				    TEXT_SIZE));
}

/*
 * Shows: FP-20, FP-42, FP-55. the raw bytes open the files that were made with
 * the serial
 */
TEST_F(mounted, raw_after_serial)
{
	struct fscrypt_key_specifier again;
	__u8 raw[RAW_SIZE];

	raw_fill(raw, 0x42, sizeof(raw));
	ASSERT_EQ(0, make_encrypted(&self->v, &self->spec));
	ASSERT_EQ(0, volume_write(&self->v, "dir/file", self->text, TEXT_SIZE));
	ASSERT_EQ(0, remount(&self->v));
	ASSERT_EQ(0, fs_add_raw(self->v.root, variant->type, DESCRIPTOR, raw,
				sizeof(raw), &again));
	EXPECT_EQ(0, memcmp(&self->spec, &again, sizeof(again)));
	EXPECT_EQ(0, volume_compare(&self->v, "dir/file", self->text,
				    TEXT_SIZE));
}

/* Shows: FP-52, FP-57. removal from the filesystem does not change the key */
TEST_F(mounted, remove)
{
	__u32 flags = ~0u;

	ASSERT_EQ(0, make_encrypted(&self->v, &self->spec));
	ASSERT_EQ(0, volume_write(&self->v, "dir/file", self->text, TEXT_SIZE));
	EXPECT_EQ(0, fs_remove(self->v.root, &self->spec, &flags));
	EXPECT_EQ(0, flags);
	EXPECT_EQ(FSCRYPT_KEY_STATUS_ABSENT,
		  fs_status(self->v.root, &self->spec));
	EXPECT_EQ(-ENOKEY, open_only_file(&self->v));
	EXPECT_EQ(-ENOKEY, fs_remove(self->v.root, &self->spec, NULL));

	EXPECT_LT(0, key_state(self->key));
	EXPECT_EQ(0, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				   self->key, NULL));
	EXPECT_EQ(0, volume_compare(&self->v, "dir/file", self->text,
				    TEXT_SIZE));
}

/*
 * Shows: FP-50, FP-52. a removal that an open file delays can be undone by
 * adding the key
 */
TEST_F(mounted, incompletely_removed)
{
	__u32 flags = 0;
	int fd;

	ASSERT_EQ(0, make_encrypted(&self->v, &self->spec));
	ASSERT_EQ(0, volume_write(&self->v, "dir/file", self->text, TEXT_SIZE));
	fd = volume_open(&self->v, "dir/file", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fs_remove(self->v.root, &self->spec, &flags));
	EXPECT_EQ(FSCRYPT_KEY_REMOVAL_STATUS_FLAG_FILES_BUSY, flags);
	EXPECT_EQ(FSCRYPT_KEY_STATUS_INCOMPLETELY_REMOVED,
		  fs_status(self->v.root, &self->spec));

	EXPECT_EQ(0, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				   self->key, NULL));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
		  fs_status(self->v.root, &self->spec));
	EXPECT_EQ(0, volume_write(&self->v, "dir/more", self->text, TEXT_SIZE));
	close(fd);
}

/* Shows: FP-58, FP-34, FP-14. the filesystem does not need the key any more */
TEST_F(mounted, revoked_after_add)
{
	ASSERT_EQ(0, make_encrypted(&self->v, &self->spec));
	EXPECT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
		  fs_status(self->v.root, &self->spec));
	EXPECT_EQ(0, volume_write(&self->v, "dir/file", self->text, TEXT_SIZE));
	EXPECT_EQ(0, volume_compare(&self->v, "dir/file", self->text,
				    TEXT_SIZE));
	EXPECT_EQ(-EKEYREVOKED, fs_add_serial(self->v.root, variant->type,
					      DESCRIPTOR, self->key, NULL));
}

/* Shows: FP-56. an open descriptor keeps the superblock, and thus the key */
TEST_F(mounted, lazy_unmount)
{
	ASSERT_EQ(0, umount2(self->v.mnt, MNT_DETACH));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
		  fs_status(self->v.root, &self->spec));
}

/*
 * Shows: FP-45, FP-42. a key that was added to one filesystem is not added to
 * another, but has the same identifier there
 */
TEST_F(mounted, per_filesystem)
{
	struct fscrypt_key_specifier spec;
	struct volume other;

	ASSERT_EQ(0, volume_init(&other, variant->fs));
	ASSERT_EQ(0, volume_mount(&other));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_ABSENT,
		  fs_status(other.root, &self->spec));
	EXPECT_EQ(0, fs_add_serial(other.root, variant->type, DESCRIPTOR,
				   self->key, &spec));
	EXPECT_EQ(0, memcmp(&self->spec, &spec, sizeof(spec)));
	volume_end(&other);
}

/*
 * Shows: FP-44. a short key can be added, and is refused as too short for the
 * first file
 */
TEST_F(mounted, short_key)
{
	const size_t size = variant->type == V1 ? 32 : 16;
	struct fscrypt_key_specifier spec;
	key_serial_t key = prov_new(variant->type, 0x17, size);

	ASSERT_EQ(0, fs_add_serial(self->v.root, variant->type, DESCRIPTOR + 1,
				   key, &spec));
	ASSERT_EQ(0, make_encrypted(&self->v, &spec));
	EXPECT_EQ(-ENOKEY, volume_write(&self->v, "dir/file", "x", 1));
}

/*
 * Shows: FP-49, FP-52. the base returns success and keeps the old key; the
 * series returns EEXIST.  With the same bytes there is no clash on either
 * kernel.
 */
TEST_F(mounted, same_name_other_bytes)
{
	enum fscrypt_kernel which = fscrypt_kernel();
	int want = which == FSCRYPT_OURS && variant->type == V1 ? -EEXIST : 0;
	key_serial_t other = prov_new(variant->type, 0x43, RAW_SIZE);
	key_serial_t shorter = prov_new(variant->type, 0x42, RAW_SIZE - 1);
	struct fscrypt_key_specifier spec;
	__u8 raw[RAW_SIZE];

	REQUIRE_KALLSYMS(which);
	raw_fill(raw, 0x43, sizeof(raw));
	ASSERT_EQ(0, make_encrypted(&self->v, &self->spec));
	EXPECT_EQ(0, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				   self->key, NULL));
	EXPECT_EQ(want, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				      other, &spec));
	EXPECT_EQ(want, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				      shorter, &spec));
	EXPECT_EQ(want, fs_add_raw(self->v.root, variant->type, DESCRIPTOR, raw,
				   sizeof(raw), &spec));

	/* Whatever the call returned, the first key is in use. */
	EXPECT_EQ(0, volume_write(&self->v, "dir/file", self->text, TEXT_SIZE));
	ASSERT_EQ(0, remount(&self->v));
	ASSERT_EQ(0, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				   self->key, NULL));
	EXPECT_EQ(0, volume_compare(&self->v, "dir/file", self->text,
				    TEXT_SIZE));
}

FIXTURE(claims)
{
	struct volume v;
};

FIXTURE_SETUP(claims)
{
	VOLUME_SETUP(self, "ext4");
}

FIXTURE_TEARDOWN(claims)
{
	volume_end(&self->v);
}

/*
 * struct visit - calls of an ordinary user who shares the test's session
 * keyring
 * @fd: folder of the volume
 * @key:	the first of @count keys
 * @count: how many keys
 * @added:	how many of them were added, from the child
 * @spec:	specifier of the last one, from the child
 */
struct visit {
	int fd;
	const key_serial_t *key;
	int count;
	int added;
	struct fscrypt_key_specifier spec;
};

static int visit_add(const void *arg)
{
	static const struct caller user = { .uid = TEST_UID, .gid = TEST_UID };
	struct visit *visit = (void *)arg;
	int err = caller_become(&user);

	while (!err && visit->added < visit->count) {
		err = fs_add_serial(visit->fd, V2, 0,
				    visit->key[visit->added], &visit->spec);
		visit->added += !err;
	}
	return err;
}

static int visit_remove(const void *arg)
{
	static const struct caller user = { .uid = TEST_UID, .gid = TEST_UID };
	const struct visit *visit = arg;
	int err = caller_become(&user);

	return err ?: fs_remove(visit->fd, &visit->spec, NULL);
}

/*
 * The last key is added again, which changes nothing and returns its specifier.
 */
static int visit_remove_last(const void *arg)
{
	struct visit visit = *(const struct visit *)arg;
	int err;

	visit.added--;
	visit.count = visit.added + 1;
	err = visit_add(&visit);
	return err ?: fs_remove(visit.fd, &visit.spec, NULL);
}

static struct visit *shared_visit(int fd, const key_serial_t *key, int count)
{
	struct visit *visit = mmap(NULL, sizeof(*visit), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (visit != MAP_FAILED)
		*visit = (struct visit) {
			.fd = fd, .key = key, .count = count,
		};
	return visit;
}

/*
 * Shows: FP-46, FP-52. each user has one claim; the key is removed with the
 * last claim
 */
TEST_F(claims, users)
{
	key_serial_t key = prov_new(V2, 0x21, 32);
	struct visit *visit = shared_visit(self->v.root, &key, 1);
	struct fscrypt_get_key_status_arg status;
	__u32 flags = 0;

	ASSERT_EQ(0, task_run(visit_add, visit));
	ASSERT_EQ(0, fs_status_full(self->v.root, &visit->spec, &status));
	EXPECT_EQ(1, status.user_count);
	EXPECT_EQ(0, status.status_flags);

	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, NULL));
		ASSERT_EQ(0, fs_status_full(self->v.root, &visit->spec,
					    &status));
		EXPECT_EQ(2, status.user_count);
		EXPECT_EQ(FSCRYPT_KEY_STATUS_FLAG_ADDED_BY_SELF,
			  status.status_flags);
	}

	EXPECT_EQ(0, fs_remove(self->v.root, &visit->spec, &flags));
	EXPECT_EQ(FSCRYPT_KEY_REMOVAL_STATUS_FLAG_OTHER_USERS, flags);
	EXPECT_EQ(FSCRYPT_KEY_STATUS_PRESENT,
		  fs_status(self->v.root, &visit->spec));
	EXPECT_EQ(0, task_run(visit_remove, visit));
	EXPECT_EQ(FSCRYPT_KEY_STATUS_ABSENT,
		  fs_status(self->v.root, &visit->spec));
}

/* Shows: FP-47. the quota of a claim, and its line in /proc/keys */
TEST_F(claims, charge)
{
	key_serial_t key = prov_new_known();
	struct visit *visit = shared_visit(self->v.root, &key, 1);
	int keys, bytes;
	char line[256];

	ASSERT_EQ(0, task_run(visit_add, visit));
	quota_settled(TEST_UID, &keys, &bytes);
	EXPECT_EQ(1, keys);
	EXPECT_EQ(106, bytes);

	ASSERT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, NULL));
	proc_keys_find(KNOWN_IDENTIFIER_HEX ".uid.0", line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " 08010000 ")) TH_LOG("%s", line);
	EXPECT_NE(NULL, strstr(line, " .fscrypt ")) TH_LOG("%s", line);
}

/*
 * Shows: FP-48. a claim by raw bytes lasts as long as the filesystem is mounted
 */
TEST_F(claims, limit)
{
	static key_serial_t key[200];
	struct visit *visit = shared_visit(self->v.root, key, 200);
	int keys, bytes;

	for (int i = 0; i < 200; i++) {
		key[i] = prov_new(V2, i + 1, 32);
		ASSERT_LT(0, key[i]);
	}
	EXPECT_EQ(-EDQUOT, task_run(visit_add, visit));
	EXPECT_EQ(188, visit->added);
	quota_settled(TEST_UID, &keys, &bytes);
	EXPECT_EQ(188, keys);
	EXPECT_EQ(188 * 106, bytes);

	EXPECT_EQ(0, task_run(visit_remove_last, visit));
	quota_settled(TEST_UID, &keys, &bytes);
	EXPECT_EQ(187, keys);
	ASSERT_EQ(0, volume_unmount(&self->v));
	quota_settled(TEST_UID, &keys, &bytes);
	EXPECT_EQ(0, keys);
	EXPECT_EQ(0, bytes);
}

static int visit_policy(const void *arg)
{
	static const struct caller user = { .uid = TEST_UID, .gid = TEST_UID };
	const struct visit *visit = arg;
	int dir, err = caller_become(&user);

	if (err)
		return err;
	dir = openat(visit->fd, "theirs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = fs_set_policy(dir, &visit->spec);
	close(dir);
	return err;
}

/* Shows: FP-53. setting a policy needs a claim of the same user */
TEST_F(claims, policy_needs_claim)
{
	key_serial_t key = prov_new(V2, 0x22, 32);
	struct visit *visit = shared_visit(self->v.root, &key, 1);

	ASSERT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, &visit->spec));
	ASSERT_EQ(0, mkdirat(self->v.root, "theirs", 0755));
	ASSERT_EQ(0, fchownat(self->v.root, "theirs", TEST_UID, TEST_UID, 0));
	EXPECT_EQ(-ENOKEY, task_run(visit_policy, visit));
	EXPECT_EQ(0, task_run(visit_add, visit));
	EXPECT_EQ(0, task_run(visit_policy, visit));
}

TEST_HARNESS_MAIN
