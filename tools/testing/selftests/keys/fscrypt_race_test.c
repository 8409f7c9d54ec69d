// SPDX-License-Identifier: GPL-2.0-only
/* Races of adding, removing, revoking and unmounting. */
#include <stdatomic.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "fscrypt.h"
#include "task.h"
#include "volume.h"

#define RACE_MS		3000
#define RACE_MAX_MS	20000
#define RACE_STEP_MS	100
/*
 * After this many rounds the calls have surely met; more rounds only take time.
 */
#define RACE_MIN	20
/* One round could have been over before the others began. */
#define MOUNTS_MIN	2

/*
 * struct race - what the racing children share
 * @v:		the volume
 * @key:	the provisioning key of the moment
 * @stop: whether the children must end
 * @added:	successful additions
 * @revoked: additions that found a revoked key before it was collected
 * @removed:	successful removals
 * @mounts:	times the volume was mounted again
 */
struct race {
	struct volume v;
	atomic_int key;
	atomic_bool stop;
	atomic_int added;
	atomic_int revoked;
	atomic_int removed;
	atomic_int mounts;
};

FIXTURE(race)
{
	struct race *r;
	struct volume v;
};

FIXTURE_SETUP(race)
{
	VOLUME_SETUP(self, "ext4");
	self->r = mmap(NULL, sizeof(*self->r), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->r);
	self->r->v = self->v;
	self->r->key = prov_new_known();
	ASSERT_LT(0, self->r->key);
}

FIXTURE_TEARDOWN(race)
{
	volume_end(&self->v);
}

static int open_mount(const struct race *r)
{
	return open(r->v.mnt, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/*
 * While unmounted, the directory below belongs to a tmpfs.  A reader that sees
 * half a revocation finds the key expired, because the kernel keeps both times
 * in one field.
 */
static bool adding_may_give(int err)
{
	return err == 0 || err == -ENOKEY || err == -EKEYREVOKED ||
	       err == -EKEYEXPIRED || err == -ENOTTY;
}

/*
 * A key that was copied while it was wiped would have another identifier, so
 * the returned identifier shows that the copy is complete.
 */
static int race_add(const void *arg)
{
	struct race *r = (void *)arg;
	struct fscrypt_key_specifier spec;
	int fd, err;

	while (!r->stop) {
		fd = open_mount(r);
		err = fs_add_serial(fd, V2, 0, r->key, &spec);
		close(fd);
		if (!adding_may_give(err))
			return err;
		if (err == 0 && memcmp(spec.u.identifier, known_identifier,
				       sizeof(known_identifier)) != 0)
			return -EBADMSG;
		r->added += err == 0;
		r->revoked += err == -EKEYREVOKED || err == -EKEYEXPIRED;
	}
	return 0;
}

static int race_remove(const void *arg)
{
	struct race *r = (void *)arg;
	struct fscrypt_key_specifier spec = { .type = V2 };
	int fd, err;

	memcpy(spec.u.identifier, known_identifier, sizeof(known_identifier));
	while (!r->stop) {
		fd = open_mount(r);
		err = fs_remove(fd, &spec, NULL);
		close(fd);
		if (err && err != -ENOKEY && err != -ENOTTY)
			return err;
		r->removed += err == 0;
	}
	return 0;
}

/* Publishes a new key, and then revokes the old one while others use it. */
static int race_revoke(const void *arg)
{
	struct race *r = (void *)arg;
	key_serial_t old, fresh;

	while (!r->stop) {
		old = r->key;
		fresh = prov_new_known();
		if (fresh < 0)
			return fresh;
		r->key = fresh;
		if (key_revoke(old) || key_unlink(old, KEY_SPEC_SESSION_KEYRING))
			return -EUCLEAN;
	}
	return 0;
}

static int race_mount(const void *arg)
{
	struct race *r = (void *)arg;
	struct volume v = r->v;
	int err = 0;

	/* Each copy of the descriptor would keep the volume busy. */
	while (!err && !r->stop) {
		err = volume_unmount(&v);
		if (!err)
			err = volume_mount(&v);
		r->mounts += !err;
		sleep_ms(5);
	}
	return err;
}

/* On a busy machine the slowest child takes longer. */
static int race_run(struct race *r, int (*const calls[])(const void *), int n,
		    const atomic_int *slowest, int least)
{
	pid_t child[8];
	int err = 0;
	int ms;

	for (int i = 0; i < n; i++)
		child[i] = task_start(calls[i], r);
	for (ms = 0; ms < RACE_MS || (*slowest < least && ms < RACE_MAX_MS);
	     ms += RACE_STEP_MS)
		sleep_ms(RACE_STEP_MS);
	r->stop = true;
	for (int i = 0; i < n; i++)
		err = task_result(child[i]) ?: err;
	return err;
}

/*
 * Shows: FP-13, FP-14, FP-34, FP-38. a copy is complete or refused, and never
 * has wiped bytes
 */
TEST_F(race, add_against_revoke)
{
	int (*const calls[])(const void *) = {
		race_add, race_add, race_revoke,
	};

	EXPECT_EQ(0, race_run(self->r, calls, 3, &self->r->revoked, 1));
	EXPECT_LE(RACE_MIN, self->r->added);
	EXPECT_LE(1, self->r->revoked);
}

/*
 * Shows: FP-46, FP-50, FP-51, FP-52. as many claims are removed as were added
 */
TEST_F(race, add_against_remove)
{
	int (*const calls[])(const void *) = {
		race_add, race_add, race_remove, race_remove,
	};
	int keys, bytes, keys_after, bytes_after;

	quota_settled(0, &keys, &bytes);
	EXPECT_EQ(0, race_run(self->r, calls, 4, &self->r->removed, RACE_MIN));
	EXPECT_LE(RACE_MIN, self->r->added);
	EXPECT_LE(RACE_MIN, self->r->removed);
	ASSERT_EQ(0, volume_unmount(&self->v));
	quota_settled(0, &keys_after, &bytes_after);
	EXPECT_EQ(keys, keys_after);
	EXPECT_EQ(bytes, bytes_after);
}

/*
 * Shows: FP-56, FP-55, FP-48. unmounting removes all keys, and they can be
 * added again
 */
TEST_F(race, everything_against_unmount)
{
	int (*const calls[])(const void *) = {
		race_add, race_remove, race_revoke, race_mount,
	};

	close(self->v.root);
	self->v.root = -1;
	EXPECT_EQ(0, race_run(self->r, calls, 4, &self->r->mounts, MOUNTS_MIN));
	EXPECT_LE(RACE_MIN, self->r->added);
	EXPECT_LE(MOUNTS_MIN, self->r->mounts);

	/* The volume can still be used. */
	umount2(self->v.mnt, MNT_DETACH);
	ASSERT_EQ(0, volume_mount(&self->v));
	EXPECT_EQ(0, fs_add_serial(self->v.root, V2, 0, prov_new_known(),
				   NULL));
}

TEST_HARNESS_MAIN
