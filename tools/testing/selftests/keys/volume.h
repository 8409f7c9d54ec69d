/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A filesystem of the test's own, in a copy of an image that lies beside the
 * test program.  Everything happens in a mount namespace of the test's own, so
 * nothing stays mounted when a test dies.
 */
#ifndef SELFTESTS_KEYS_VOLUME_H
#define SELFTESTS_KEYS_VOLUME_H

#include <libgen.h>
#include <limits.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "keys.h"

#ifndef LOOP_CONFIGURE
#define LOOP_CONFIGURE	0x4C0A
#endif

#define VOLUME_BLOCK	4096
/* Another program may take the free loop device that the kernel named. */
#define VOLUME_LOOP_TRIES	64
/* A file that another process is just closing keeps a mount busy. */
#define VOLUME_UMOUNT_MS	5000

/*
 * struct volume - a filesystem image and its mount
 * @fs:		filesystem type, which also names the image
 * @base:	a tmpfs that holds the image and the mount point
 * @image:	the copy of the image
 * @mnt:	the mount point
 * @root:	descriptor of the root directory while mounted, else -1
 */
struct volume {
	const char *fs;
	char base[32];
	char image[64];
	char mnt[64];
	int root;
};

/* Copies the blocks that are not zero, so that the copy takes little memory. */
static inline int volume_copy(int from, int to)
{
	static const char zero[VOLUME_BLOCK];
	char block[VOLUME_BLOCK];
	off_t at = 0;
	ssize_t len;

	while ((len = read(from, block, sizeof(block))) > 0) {
		if (memcmp(block, zero, len) != 0 &&
		    pwrite(to, block, len, at) != len)
			return -EIO;
		at += len;
	}
	return len < 0 || ftruncate(to, at) ? -errno : 0;
}

/* The image is fscrypt-<fs>.img in the folder of the program. */
static inline int volume_take_image(const struct volume *v)
{
	char path[PATH_MAX], *folder;
	int from, to, err;
	ssize_t len;

	len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (len < 0)
		return -errno;
	path[len] = '\0';
	folder = dirname(path);
	len = strlen(folder);
	snprintf(folder + len, sizeof(path) - len, "/fscrypt-%s.img", v->fs);

	from = open(folder, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return -errno;
	to = open(v->image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	err = to < 0 ? -errno : volume_copy(from, to);
	close(from);
	close(to);
	return err;
}

static inline int volume_init(struct volume *v, const char *fs)
{
	*v = (struct volume) { .fs = fs, .root = -1 };
	snprintf(v->base, sizeof(v->base), "/tmp/volume.XXXXXX");
	if (!mkdtemp(v->base))
		return -errno;
	snprintf(v->image, sizeof(v->image), "%s/image", v->base);
	snprintf(v->mnt, sizeof(v->mnt), "%s/mnt", v->base);

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("volume", v->base, "tmpfs", 0, "mode=755") ||
	    mkdir(v->mnt, 0755))
		return -errno;
	return volume_take_image(v);
}

/* Makes a loop device of the image, which is removed with its last user. */
static inline int volume_loop(const struct volume *v, char *device, size_t size)
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int control, image, loop = -1, number, err = 0;

	control = result(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
	if (control < 0)
		return control;
	image = open(v->image, O_RDWR | O_CLOEXEC);
	config.fd = image;

	for (int i = 0; i < VOLUME_LOOP_TRIES; i++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		snprintf(device, size, "/dev/loop%d", number);
		loop = open(device, O_RDWR | O_CLOEXEC);
		if (loop < 0)
			err = -errno;
		else
			err = result(ioctl(loop, LOOP_CONFIGURE, &config));
		if (err != -EBUSY)
			break;
		close(loop);
	}
	close(image);
	close(control);
	return err ?: loop;
}

static inline int volume_mount_with(struct volume *v, unsigned long flags)
{
	char device[32];
	int loop, err = 0;

	loop = volume_loop(v, device, sizeof(device));
	if (loop < 0)
		return loop;
	if (mount(device, v->mnt, v->fs, flags, NULL))
		err = -errno;
	close(loop);
	if (err)
		return err;

	v->root = open(v->mnt, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return v->root < 0 ? -errno : 0;
}

static inline int volume_mount(struct volume *v)
{
	return volume_mount_with(v, 0);
}

static inline int volume_unmount(struct volume *v)
{
	int err;

	close(v->root);
	v->root = -1;
	for (int ms = 0;; ms++) {
		err = result(umount2(v->mnt, 0));
		if (err != -EBUSY || ms == VOLUME_UMOUNT_MS)
			return err;
		sleep_ms(1);
	}
}

static inline void volume_end(struct volume *v)
{
	if (v->root >= 0)
		volume_unmount(v);
	umount2(v->base, MNT_DETACH);
	rmdir(v->base);
}

/* Opens @name on the mounted volume. */
static inline int volume_open(const struct volume *v, const char *name,
			      int flags)
{
	return result(openat(v->root, name, flags | O_CLOEXEC, 0644));
}

/* Writes @size bytes to the new file @name and syncs them. */
static inline int volume_write(const struct volume *v, const char *name,
			       const void *data, size_t size)
{
	int fd = volume_open(v, name, O_WRONLY | O_CREAT | O_EXCL);
	int err = 0;

	if (fd < 0)
		return fd;
	if (write(fd, data, size) != (ssize_t)size || fsync(fd))
		err = -errno;
	close(fd);
	return err;
}

/*
 * Returns 0 if file @name has exactly @data, 1 if it has other bytes, or an
 * errno.
 */
static inline int volume_compare(const struct volume *v, const char *name,
				 const void *data, size_t size)
{
	int fd = volume_open(v, name, O_RDONLY);
	char back[VOLUME_BLOCK * 2];
	ssize_t len;

	if (fd < 0)
		return fd;
	len = result(read(fd, back, sizeof(back)));
	close(fd);
	if (len < 0)
		return len;
	return (size_t)len != size || memcmp(back, data, size) != 0;
}

/* ext4 keeps feature bits at these places of its superblock. */
#define EXT4_INCOMPAT_AT	(1024 + 0x60)
#define EXT4_INCOMPAT_ENCRYPT	0x10000u

/* Removes the encryption feature from an unmounted ext4 volume. */
static inline int volume_forbid_encryption(const struct volume *v)
{
	int fd = open(v->image, O_RDWR | O_CLOEXEC), err = 0;
	uint32_t incompat;

	if (fd < 0)
		return -errno;
	if (pread(fd, &incompat, sizeof(incompat), EXT4_INCOMPAT_AT) !=
	    sizeof(incompat))
		err = -EIO;
	incompat &= ~EXT4_INCOMPAT_ENCRYPT;
	if (!err && pwrite(fd, &incompat, sizeof(incompat), EXT4_INCOMPAT_AT) !=
	    sizeof(incompat))
		err = -EIO;
	close(fd);
	return err;
}

/* A fixture member "v" with a mounted volume of type @fs_. */
#define VOLUME_SETUP(self_, fs_) do { \
	int ret_; \
\
	if (geteuid() != 0) \
		SKIP(return, "needs root"); \
	ret_ = volume_init(&(self_)->v, fs_); \
	ASSERT_EQ(0, ret_) { \
		TH_LOG("no image fscrypt-%s.img beside the test?", fs_); \
	} \
	ret_ = volume_mount(&(self_)->v); \
	if (ret_ == -ENODEV) \
		SKIP(return, "needs %s in the kernel", fs_); \
	ASSERT_EQ(0, ret_); \
	ASSERT_LT(0, session_new()); \
} while (0)

#endif /* SELFTESTS_KEYS_VOLUME_H */
