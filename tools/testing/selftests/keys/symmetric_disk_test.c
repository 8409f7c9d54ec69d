// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys of type "symmetric" for dm-crypt: the sectors on the disk, and the end
 * of the key.
 */
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "alg.h"
#include "shell.h"
#include "symmetric_crypto.h"
#include "symmetric_disk.h"
#include "trusted.h"

#define DEVICE		"selftests-sym"
#define SECOND		"selftests-sym2"
#define KEY		"symmetric:disk"
#define NEW_KEY		"new alg=" DISK_XTS " for=dm-crypt"
#define OTHER_VOLUME	"00112233445566778899aabbccddee00"
#define ROUNDS		15
#define WRITERS		2
#define WRITES_BEFORE	4

FIXTURE(disk)
{
	struct volume v;
	char below[32];
	int loop;
	int fd;
	key_serial_t key;
	struct disk_table table;
	uint8_t *text;
	bool second;
};

FIXTURE_SETUP(disk)
{
	if (geteuid() != 0)
		SKIP(return, "needs root");
	REQUIRE_SYMMETRIC();
	self->fd = -1;
	self->text = aligned_alloc(DISK_SECTOR, DISK_SECTOR);
	ASSERT_NE(NULL, self->text);
	memset(self->text, 'a', DISK_SECTOR);
	ASSERT_EQ(0, volume_init(&self->v, "ext4"));
	self->loop = volume_loop(&self->v, self->below, sizeof(self->below));
	ASSERT_LE(0, self->loop);
	ASSERT_EQ(0, disk_create(DEVICE, DISK_VOLUME));
	self->table = (struct disk_table){
		.cipher = DISK_XTS, .size = 64, .key = KEY,
		.below = self->below,
	};
	self->key = sym_add("disk", NEW_KEY);
	ASSERT_LT(0, self->key);
}

FIXTURE_TEARDOWN(disk)
{
	close(self->fd);
	if (self->second)
		EXPECT_EQ(0, dm_remove(SECOND));
	EXPECT_EQ(0, dm_remove(DEVICE));
	close(self->loop);
	volume_end(&self->v);
	free(self->text);
}

/* Activates the fixture's table, and opens the device until the test ends. */
static int disk_up(FIXTURE_DATA(disk) *self)
{
	int err = disk_load(DEVICE, &self->table) ?: disk_resume(DEVICE);

	if (err)
		return err;
	close(self->fd);
	self->fd = disk_open(DEVICE);
	return self->fd;
}

/*
 * Returns the error of I/O, which is the same for a write, a read and a
 * discard; a flush has to work.
 */
static int disk_io(FIXTURE_DATA(disk) *self, int fd)
{
	uint64_t range[2] = { 0, VOLUME_BLOCK };
	int wrote = disk_write(fd, self->text);
	int read = disk_read(fd, self->text);
	int discarded = result(ioctl(fd, BLKDISCARD, range));

	if (discarded == -EOPNOTSUPP)
		discarded = wrote;
	if (fsync(fd))
		return -errno;
	return wrote == read && read == discarded ? wrote : -ENODATA;
}

/* Shows: SY-55, SY-56, SY-18, SY-7. Words of the line for keys of disks. */
TEST_F(disk, form)
{
	static const char * const wrong[] = {
		NEW_KEY " size=48", NEW_KEY " size=31", NEW_KEY " size=128",
		"new alg=aes-xts-plain64 for=seal",
		"new alg=aes-xts-plain64 for=dm-crypt,seal",
		"new alg=aes-cbc-plain64 for=dm-crypt",
		"new alg=xchacha12,aes-adiantum-plain64 for=dm-crypt size=32",
		"new alg=hmac-sha256 for=dm-crypt",
		"new alg=hmac-sha256 for=mac uuid=" DISK_VOLUME,
		NEW_KEY " uuid=", NEW_KEY " uuid=00",
		NEW_KEY " uuid=" DISK_VOLUME "00",
		NEW_KEY " uuid=0011223344556677-8899aabbccddeeff-000",
		NEW_KEY " uuid=0x112233445566778899aabbccddeeff",
		NEW_KEY " uuid=" DISK_VOLUME " uuid=" DISK_VOLUME,
	};
	static const char * const right[] = {
		NEW_KEY " size=32", NEW_KEY " size=64",
		"new alg=serpent-xts-plain64 for=dm-crypt",
		"new alg=twofish-xts-plain64 for=dm-crypt size=32",
		"new alg=xchacha12,aes-adiantum-plain64 for=dm-crypt",
		"new alg=xchacha20,aes-adiantum-plain64 for=dm-crypt",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, sym_add("x", "%s", wrong[i])) {
			TH_LOG("%s", wrong[i]);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
		EXPECT_LT(0, sym_add("x", "%s", right[i])) {
			TH_LOG("%s", right[i]);
		}
	}
	EXPECT_EQ(-EINVAL, sym_add("x", "view of=%d for=dm-crypt uuid="
				   DISK_VOLUME, self->key));
}

/*
 * Shows: SY-56, SY-21, SY-20. The volume's UUID is shown, whether it was given
 * with dashes or without.
 */
TEST_F(disk, shown)
{
	static const char dashes[] = "00112233-4455-6677-8899-aabbccddeeff";
	struct keyctl_pkey_query query;
	char line[256];

	key_line(sym_add("x", NEW_KEY " uuid=" DISK_VOLUME), line,
		      sizeof(line));
	EXPECT_NE(NULL, strstr(line, ": aes-xts-plain64 for=dm-crypt inside uuid="));
	EXPECT_NE(NULL, strstr(line, dashes));
	key_line(sym_add("y", NEW_KEY " uuid=%s", dashes), line,
		      sizeof(line));
	EXPECT_NE(NULL, strstr(line, dashes));
	key_line(self->key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, "inside\n"));

	ASSERT_EQ(0, sym_query(self->key, &query));
	EXPECT_EQ(0, query.supported_ops);
	EXPECT_EQ(512, query.key_size);
	EXPECT_EQ(SYMMETRIC_USE_DM_CRYPT, query.__spare[SYMMETRIC_QUERY_USES]);
	EXPECT_EQ(SYMMETRIC_ALG_AES_XTS_PLAIN64,
		  query.__spare[SYMMETRIC_QUERY_ALG]);
}

/* Shows: SY-57, SY-58. The errors of loading a table, in their order. */
TEST_F(disk, errors_in_order)
{
	struct disk_table *t = &self->table;
	key_serial_t expired = sym_add("expired", NEW_KEY);

	ASSERT_EQ(0, key_set_to_expire(expired));
	t->key = "symmetric:none";
	t->size = 32;
	EXPECT_EQ(-ENOKEY, disk_load(DEVICE, t));
	t->key = "symmetric:";
	EXPECT_EQ(-EINVAL, disk_load(DEVICE, t));
	ASSERT_LT(0, sym_add("mac", "new alg=hmac-sha256 for=mac"));
	t->key = "symmetric:mac";
	EXPECT_EQ(-EKEYREJECTED, disk_load(DEVICE, t));
	/* The size of the key is checked after the volume. */
	t->key = KEY;
	t->cipher = "capi:xts(aes)-plain64";
	EXPECT_EQ(-EKEYREJECTED, disk_load(DEVICE, t));
	t->cipher = "aes-xts-plain";
	EXPECT_EQ(-EKEYREJECTED, disk_load(DEVICE, t));
	t->cipher = DISK_XTS;
	EXPECT_EQ(-EINVAL, disk_load(DEVICE, t));
	t->size = 64;
	EXPECT_EQ(0, disk_load(DEVICE, t));

	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(expired));
	t->key = "symmetric:expired";
	EXPECT_EQ(-ENOKEY, disk_load(DEVICE, t));
	ASSERT_EQ(0, key_revoke(self->key));
	t->key = KEY;
	EXPECT_EQ(-EKEYREVOKED, disk_load(DEVICE, t));
}

/* Shows: SY-57. A key without Search permission is not found. */
TEST_F(disk, no_search)
{
	int err;

	ASSERT_EQ(0, key_set_rights(self->key, POSSESSOR(RIGHT_ALL & ~RIGHT_SEARCH)));
	err = disk_load(DEVICE, &self->table);
	EXPECT_TRUE(err == -EACCES || err == -ENOKEY);
}

/* Shows: SY-59. A key for this volume, for any volume, and for another one. */
TEST_F(disk, volume)
{
	struct disk_table *t = &self->table;

	t->key = "symmetric:mine";
	ASSERT_LT(0, sym_add("mine", NEW_KEY " uuid=" DISK_VOLUME));
	ASSERT_LT(0, sym_add("other", NEW_KEY " uuid=" OTHER_VOLUME));
	EXPECT_EQ(0, disk_load(DEVICE, t));
	t->key = "symmetric:other";
	EXPECT_EQ(-EKEYREJECTED, disk_load(DEVICE, t));

	ASSERT_EQ(0, disk_create(SECOND, NULL));
	self->second = true;
	t->key = "symmetric:mine";
	EXPECT_EQ(-EKEYREJECTED, disk_load(SECOND, t));
	t->key = KEY;
	EXPECT_EQ(0, disk_load(SECOND, t));
}

static const char * const options[] = {
	"", "1 same_cpu_crypt", "2 no_read_workqueue no_write_workqueue",
	"1 allow_discards",
};

static void revoke_with_options(struct __test_metadata *_metadata,
				FIXTURE_DATA(disk) *self)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		key_serial_t key = sym_add("disk", NEW_KEY);
		int fd;

		ASSERT_LT(0, key);
		self->table.options = options[i];
		fd = disk_up(self);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, disk_io(self, fd));
		ASSERT_EQ(0, key_revoke(key));
		EXPECT_EQ(-EIO, disk_io(self, fd)) {
			TH_LOG("%s", options[i]);
		}
	}
}

/* Shows: SY-61, SY-46. Only a flush works after the key is revoked. */
TEST_F(disk, revoke)
{
	revoke_with_options(_metadata, self);
}

/*
 * Shows: SY-60, SY-61. A cipher completes requests later, where no write may be
 * submitted.  If one is, the kernel complains.
 */
TEST_F(disk, asynchronous)
{
	int fd = alg_socket();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, alg_bind_cryptd(fd, &alg_xts));
	revoke_with_options(_metadata, self);
	close(fd);
}

/* Shows: SY-61. The same holds for the other ends of a key. */
TEST_F(disk, invalidate)
{
	int fd = disk_up(self);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, key_invalidate(self->key));
	EXPECT_EQ(-EIO, disk_io(self, fd));
}

/*
 * Shows: SY-61, SY-62, SY-47. The key's expiry ends I/O of the device even if
 * the key is linked nowhere.
 */
TEST_F(disk, expiry)
{
	int fd = disk_up(self), ret = 0;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, self->key, 2));
	ASSERT_EQ(0, key_unlink(self->key, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, disk_write(fd, self->text));
	for (int ms = 0; !ret && ms < 10000; ms += 20) {
		sleep_ms(20);
		ret = disk_write(fd, self->text);
	}
	EXPECT_EQ(-EIO, ret);
	EXPECT_EQ(-EIO, disk_io(self, fd));
}

/*
 * Shows: SY-62, SY-53. The keyring is collected, and the device goes on
 * working.
 */
TEST_F(disk, unlink)
{
	key_serial_t ring = keyring_new("ring", KEY_SPEC_SESSION_KEYRING), key;
	int fd;

	key = key_add("symmetric", "ringed", NEW_KEY, strlen(NEW_KEY), ring);
	ASSERT_LT(0, key);
	self->table.key = "symmetric:ringed";
	fd = disk_up(self);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, disk_write(fd, self->text));
	ASSERT_EQ(0, key_unlink(ring, KEY_SPEC_SESSION_KEYRING));
	ASSERT_EQ(-ENOKEY, key_wait_state(ring, -ENOKEY));
	ASSERT_EQ(-ENOKEY, key_wait_state(key, -ENOKEY));
	memset(self->text, 0, DISK_SECTOR);
	EXPECT_EQ(0, disk_read(fd, self->text));
	EXPECT_EQ('a', self->text[DISK_SECTOR - 1]);
	EXPECT_EQ(0, disk_io(self, fd));
}

/* Shows: SY-68. Two devices of one key. */
TEST_F(disk, two)
{
	int fd = disk_up(self), other;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, disk_create(SECOND, NULL));
	self->second = true;
	ASSERT_EQ(0, disk_load(SECOND, &self->table));
	ASSERT_EQ(0, disk_resume(SECOND));
	ASSERT_EQ(0, dm_remove(SECOND));
	EXPECT_EQ(0, disk_io(self, fd));

	ASSERT_EQ(0, disk_create(SECOND, NULL));
	ASSERT_EQ(0, disk_load(SECOND, &self->table));
	ASSERT_EQ(0, disk_resume(SECOND));
	other = disk_open(SECOND);
	ASSERT_LE(0, other);
	EXPECT_EQ(0, disk_write(other, self->text));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EIO, disk_io(self, fd));
	EXPECT_EQ(-EIO, disk_io(self, other));
	close(other);
}

/*
 * struct waiting - a write that waits for a suspended device
 * @fd:		the device
 * @text:	a sector
 * @ret: result of the write
 * @ended: whether the write has ended
 */
struct waiting {
	int fd;
	const uint8_t *text;
	int ret;
	atomic_bool ended;
};

static void *waiting_write(void *arg)
{
	struct waiting *w = arg;

	w->ret = disk_write(w->fd, w->text);
	atomic_store(&w->ended, true);
	return NULL;
}

/*
 * Shows: SY-63, SY-64. I/O of a suspended device waits until a message sets
 * another key.
 */
TEST_F(disk, suspended)
{
	struct waiting w = { .fd = disk_up(self), .text = self->text };
	pthread_t writer;

	ASSERT_LE(0, w.fd);
	ASSERT_EQ(0, disk_suspend(DEVICE));
	ASSERT_EQ(0, pthread_create(&writer, NULL, waiting_write, &w));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, disk_resume(DEVICE));
	sleep_ms(100);
	EXPECT_FALSE(atomic_load(&w.ended));
	EXPECT_EQ(-EKEYREVOKED, disk_message(DEVICE, "key set :64:" KEY));
	ASSERT_LT(0, sym_add("disk", NEW_KEY));
	EXPECT_EQ(0, disk_message(DEVICE, "key set :64:" KEY));
	EXPECT_EQ(0, disk_resume(DEVICE));
	EXPECT_EQ(0, pthread_join(writer, NULL));
	EXPECT_EQ(0, w.ret);
	EXPECT_EQ(0, disk_io(self, w.fd));
}

/* Shows: SY-63. I/O also goes on with another table. */
TEST_F(disk, replaced)
{
	struct waiting w = { .fd = disk_up(self), .text = self->text };
	pthread_t writer;

	ASSERT_LE(0, w.fd);
	ASSERT_EQ(0, disk_suspend(DEVICE));
	ASSERT_EQ(0, pthread_create(&writer, NULL, waiting_write, &w));
	ASSERT_EQ(0, key_set_to_expire(self->key));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(self->key));
	EXPECT_EQ(-EKEYEXPIRED, disk_resume(DEVICE));
	ASSERT_LT(0, sym_add("disk", NEW_KEY));
	ASSERT_EQ(0, disk_load(DEVICE, &self->table));
	EXPECT_EQ(0, disk_resume(DEVICE));
	EXPECT_EQ(0, pthread_join(writer, NULL));
	EXPECT_EQ(0, w.ret);
}

/* Shows: SY-64, SY-65. Effects of the messages, and refused messages. */
TEST_F(disk, messages)
{
	const char *hex = "key set "
			  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	int fd = disk_up(self);
	uint8_t logon[64] = { 1 };

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, disk_write(fd, self->text));
	EXPECT_EQ(-EINVAL, disk_message(DEVICE, "key wipe"));
	EXPECT_EQ(-EINVAL, disk_message(DEVICE, "key set :64:" KEY));

	ASSERT_LT(0, key_add("logon", "a:b", logon, sizeof(logon),
			     KEY_SPEC_SESSION_KEYRING));
	ASSERT_LT(0, sym_add("other", NEW_KEY " uuid=" OTHER_VOLUME));
	ASSERT_LT(0, sym_add("short", NEW_KEY " size=32"));
	ASSERT_EQ(0, disk_suspend(DEVICE));
	EXPECT_EQ(-EINVAL, disk_message(DEVICE, hex));
	EXPECT_EQ(-EINVAL, disk_message(DEVICE, "key set :64:logon:a:b"));
	EXPECT_EQ(-ENOKEY, disk_message(DEVICE, "key set :64:symmetric:none"));
	EXPECT_EQ(-EKEYREJECTED,
		  disk_message(DEVICE, "key set :64:symmetric:other"));
	EXPECT_EQ(-EINVAL, disk_message(DEVICE, "key set :64:symmetric:short"));
	/* None of these messages removed the key. */
	EXPECT_EQ(0, disk_resume(DEVICE));
	EXPECT_EQ(0, disk_read(fd, self->text));
	EXPECT_EQ('a', self->text[0]);

	ASSERT_EQ(0, disk_suspend(DEVICE));
	EXPECT_EQ(0, disk_message(DEVICE, "key wipe"));
	EXPECT_EQ(-EAGAIN, disk_resume(DEVICE));
	EXPECT_EQ(0, disk_message(DEVICE, "key set :64:" KEY));
	EXPECT_EQ(0, disk_resume(DEVICE));
	EXPECT_EQ(0, disk_read(fd, self->text));
	EXPECT_EQ('a', self->text[0]);
}

/*
 * Shows: SY-67, SY-64. A device with a key of another type works as on the
 * base.
 */
TEST_F(disk, other_types)
{
	uint8_t bytes[64] = { 1 };
	key_serial_t key;
	int fd;

	key = key_add("logon", "a:b", bytes, sizeof(bytes),
		      KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, key);
	self->table.key = "logon:a:b";
	fd = disk_up(self);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(0, disk_io(self, fd));
	ASSERT_EQ(0, disk_suspend(DEVICE));
	EXPECT_EQ(-EINVAL, disk_message(DEVICE, "key set :64:" KEY));
	EXPECT_EQ(0, disk_resume(DEVICE));
	EXPECT_EQ(0, disk_io(self, fd));
}

/* Shows: SY-66. The output of the usual programs. */
TEST_F(disk, programs)
{
	char text[DM_PARAMS_MAX];
	int fd;

	if (access("/usr/sbin/dmsetup", X_OK) && access("/sbin/dmsetup", X_OK))
		SKIP(return, "needs dmsetup");
	if (access("/run/udev/control", F_OK))
		setenv("DM_DISABLE_UDEV", "1", 1);
	ASSERT_EQ(0, sh("dmsetup load " DEVICE " --table '0 64 crypt "
			 DISK_XTS " :64:" KEY " 0 %s 0'", self->below));
	ASSERT_EQ(0, sh("dmsetup resume " DEVICE));
	fd = disk_open(DEVICE);
	ASSERT_LE(0, fd);
	self->fd = fd;
	EXPECT_EQ(0, disk_io(self, fd));
	EXPECT_EQ(0, sh("dmsetup table --showkeys " DEVICE
			 " | grep -q ' :64:" KEY " 0 '"));
	EXPECT_EQ(0, sh("cryptsetup status " DEVICE " >/tmp/said"));
	EXPECT_EQ(0, sh("grep -q 'cipher: .*" DISK_XTS "' /tmp/said"));
	ASSERT_EQ(0, sh("dmsetup suspend " DEVICE));
	ASSERT_EQ(0, sh("dmsetup message " DEVICE " 0 key wipe"));
	disk_describe(DEVICE, text);
	EXPECT_EQ(2 * 64, strspn(text + strlen(DISK_XTS " "), "0"));
	ASSERT_EQ(0, sh("dmsetup message " DEVICE " 0 key set :64:" KEY));
	ASSERT_EQ(0, sh("dmsetup resume " DEVICE));
	EXPECT_EQ(0, disk_io(self, fd));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(0, sh("dmsetup table --showkeys " DEVICE
			 " | grep -q ' :64:" KEY " 0 '"));
	EXPECT_EQ(0, sh("cryptsetup status " DEVICE " >/tmp/said"));
}

/*
 * struct race - threads that write while the key is ended
 * @fd:		the device
 * @writes:	writes that have returned
 * @ended: whether the call that ends the key has returned
 * @late:	writes that began after @ended and still worked
 * @wrong: a result that is neither success nor the error of the end
 */
struct race {
	int fd;
	atomic_int writes;
	atomic_bool ended;
	atomic_int late;
	atomic_int wrong;
};

static void *race_writer(void *arg)
{
	uint8_t *text = aligned_alloc(DISK_SECTOR, DISK_SECTOR);
	struct race *race = arg;
	bool ended;
	int ret;

	memset(text, 'b', DISK_SECTOR);
	do {
		ended = atomic_load(&race->ended);
		ret = disk_write(race->fd, text) ?: disk_read(race->fd, text);
		if (!ret && ended)
			atomic_fetch_add(&race->late, 1);
		if (ret && ret != -EIO)
			atomic_store(&race->wrong, ret);
		atomic_fetch_add(&race->writes, 1);
	} while (!ret && !ended);
	free(text);
	return NULL;
}

static void *second_revoker(void *arg)
{
	key_revoke(*(key_serial_t *)arg);
	return NULL;
}

/*
 * Shows: SY-61, SY-50, SY-52. No I/O that begins after the end works; two tasks
 * end the key.
 */
TEST_F(disk, race)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct race race = { .fd = -1 };
		pthread_t writers[WRITERS], revoker;
		key_serial_t key = sym_add("disk", NEW_KEY);
		long ret;

		ASSERT_LT(0, key);
		self->table.options = options[i % ARRAY_SIZE(options)];
		race.fd = disk_up(self);
		ASSERT_LE(0, race.fd);
		for (int w = 0; w < WRITERS; w++)
			ASSERT_EQ(0, pthread_create(&writers[w], NULL,
						    race_writer, &race));
		while (atomic_load(&race.writes) < WRITES_BEFORE)
			sched_yield();
		ASSERT_EQ(0, pthread_create(&revoker, NULL, second_revoker,
					    &key));
		ret = key_revoke(key);
		EXPECT_TRUE(ret == 0 || ret == -EKEYREVOKED);
		atomic_store(&race.ended, true);
		for (int w = 0; w < WRITERS; w++)
			pthread_join(writers[w], NULL);
		pthread_join(revoker, NULL);
		EXPECT_EQ(0, atomic_load(&race.late));
		EXPECT_EQ(0, atomic_load(&race.wrong));
	}
}

/* Loads tables and sets keys until the test stops it. */
static void *race_loader(void *arg)
{
	struct race *race = arg;

	while (!atomic_load(&race->ended)) {
		disk_suspend(DEVICE);
		disk_message(DEVICE, "key set :64:" KEY);
		if (atomic_fetch_add(&race->writes, 1) % 2)
			disk_message(DEVICE, "key wipe");
		disk_resume(DEVICE);
	}
	return NULL;
}

/*
 * Shows: SY-64, SY-65, SY-52. Messages, resumptions, I/O and ends of keys at
 * the same time.
 */
TEST_F(disk, race_messages)
{
	struct race race = { .fd = disk_up(self) };
	pthread_t loaders[2];

	ASSERT_LE(0, race.fd);
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&loaders[i], NULL, race_loader,
					    &race));
	for (int i = 0; i < 4 * ROUNDS; i++) {
		key_serial_t key = sym_add("disk", NEW_KEY);

		EXPECT_LT(0, key);
		sleep_ms(10);
		EXPECT_EQ(0, key_revoke(key));
	}
	atomic_store(&race.ended, true);
	for (int i = 0; i < 2; i++)
		pthread_join(loaders[i], NULL);
	ASSERT_LT(0, sym_add("disk", NEW_KEY));
	disk_suspend(DEVICE);
	EXPECT_EQ(0, disk_message(DEVICE, "key set :64:" KEY));
	EXPECT_EQ(0, disk_resume(DEVICE));
	EXPECT_EQ(0, disk_io(self, race.fd));
}

/* Computes a sector on the disk, by AF_ALG with @bytes. */
static ssize_t encrypt_sector(int fd, const uint8_t *text, uint8_t *out)
{
	static const uint8_t sector_number[ALG_IV_MAX];
	const struct alg_text job = {
		.direction = ALG_OP_ENCRYPT, .iv = sector_number,
		.iv_len = sizeof(sector_number), .in = text,
		.in_len = DISK_SECTOR,
	};
	int op = alg_accept(fd);
	ssize_t len = op < 0 ? op : alg_crypt(op, &job, out, DISK_SECTOR);

	close(op);
	return len;
}

/*
 * Shows: SY-60, SY-56, SY-24. From the TPM's key to the sector, compared with
 * OpenSSL and AF_ALG.
 */
TEST_F(disk, ciphertext)
{
	static const uint8_t uuid[16] = {
		0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
		0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
	};
	const struct crypto_child parent = {
		512, "derive", "hkdf-sha512", 64, "disks",
	}, child = {
		.hash = 512, .group = "dm-crypt", .alg = DISK_XTS, .size = 64,
		.label = "one", .uuid = uuid,
	};
	uint8_t secret[TRUSTED_MAX], bytes[CRYPTO_KEY_MAX];
	uint8_t stored[DISK_SECTOR], expected[DISK_SECTOR];
	struct trusted_parent trusted = { .hash = "sha256" };
	int tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC), fd, alg, image;
	key_serial_t sealed, key;

	if (tpm < 0 || !tpm2_is_2_0(tpm))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	OPEN_ALG(return, alg, &alg_xts);
	ASSERT_EQ(0, tpm2_create_primary(tpm, &trusted.handle));
	sealed = trusted_new("sealed", 64, &trusted);
	ASSERT_LT(0, sealed);
	key = sym_add("disks", "derive from=%d label=disks alg=hkdf-sha512 for=derive",
		      sealed);
	ASSERT_LT(0, sym_add("disk", "derive from=%d label=one alg=" DISK_XTS
			     " for=dm-crypt uuid=" DISK_VOLUME, key));
	fd = disk_up(self);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, disk_write(fd, self->text));
	ASSERT_EQ(0, fsync(fd));
	image = open(self->v.image, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(DISK_SECTOR, pread(image, stored, DISK_SECTOR, 0));

	ASSERT_EQ(64, trusted_unseal(tpm, &trusted, sealed, secret));
	crypto_child(&parent, secret, 64, bytes);
	memcpy(secret, bytes, 64);
	crypto_child(&child, secret, 64, bytes);
	ASSERT_EQ(0, alg_set_key(alg, bytes, 64));
	ASSERT_EQ(DISK_SECTOR, encrypt_sector(alg, self->text, expected));
	EXPECT_EQ(0, memcmp(expected, stored, DISK_SECTOR));
	EXPECT_EQ(0, tpm2_flush(tpm, trusted.handle));
	close(image);
	close(alg);
	close(tpm);
}

TEST_HARNESS_MAIN
