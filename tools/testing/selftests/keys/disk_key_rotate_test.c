// SPDX-License-Identifier: GPL-2.0-only
/* disk-key(8): a disk gets another key, and what may happen meanwhile. */
#include <endian.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "store.h"
#include "disk_key_record.h"
#include "disk_key_content.h"
#include "task.h"

#define MIB		1048576
/* Of the volume: 6 chunks */
#define SECTORS		6144
#define SMALL_KIB	4096
#define CHUNK		HEADER_JOURNAL_SECTORS
#define ROTATE		"rotate -l next $DEVICE"
#define SECOND		"%%symmetric:second"
/* What stands on the device, and not what the kernel remembers of it */
#define ANEW		"blockdev --flushbufs $DEVICE && "
#define SUM		ANEW "sha256sum <$DEVICE >$FOLDER/sum"
#define SAME		ANEW "sha256sum <$DEVICE | cmp -s - $FOLDER/sum"
/* Where the program stands between two chunks, and where within one */
#define PAUSE		__NR_rt_sigtimedwait
#define WITHIN		__NR_pwrite64
/* Two for the header, then the journal, two for the header, then the data */
#define WRITE_OF_DATA	6
#define SECONDS		(3 * DISK_SECONDS)

FIXTURE(disk_rotate)
{
	struct disk_key disk;
	char uuid[37];
};

FIXTURE_SETUP(disk_rotate)
{
	DISK_KEY_SETUP(&self->disk);
	ASSERT_EQ(0, disk_key_small(SMALL_KIB));
	ASSERT_LT(0, sym_add("second", PARENT_LINE));
	ASSERT_WORKS(FORMAT "$DEVICE");
	disk_key_uuid(self->uuid);
	ASSERT_WORKS("add-parent $DEVICE " SECOND);
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, content_write(SECTORS, 1));
}

FIXTURE_TEARDOWN(disk_rotate)
{
	if (!self->disk.v.base[0])
		return;
	/* What the volume lies on is none of the copy, if all is well. */
	disk_key_let_go();
	sh("[ ! -e $FOLDER/copied ] || losetup -d $(cat $FOLDER/copied)");
	disk_key_end(&self->disk);
}

/* How many sectors the volume has as they were written; it is opened by this parent. */
static int count_by(const char *parent)
{
	int count;

	if (disk_key("open -p %s $DEVICE " DISK_NAME, parent))
		return -ENOKEY;
	count = content_count(SECTORS, 1);
	return disk_key("close " DISK_NAME) ? -EBUSY : count;
}

/* How many sectors of the disk's data are as in the file $FOLDER/before. */
static int count_same(void)
{
	static uint8_t old[DISK_SECTOR], new[DISK_SECTOR];
	char path[PATH_MAX];
	int before, now, same = 0;

	snprintf(path, sizeof(path), "%s/before", getenv("FOLDER"));
	before = open(path, O_RDONLY | O_CLOEXEC);
	now = open(getenv("DEVICE"), O_RDONLY | O_CLOEXEC);
	for (int i = 0; same >= 0 && i < SECTORS; i++) {
		off_t at = MIB + (off_t)i * DISK_SECTOR;

		if (pread(before, old, sizeof(old), at) != sizeof(old) ||
		    pread(now, new, sizeof(new), at) != sizeof(new))
			same = -EIO;
		else
			same += memcmp(old, new, sizeof(old)) == 0;
	}
	close(before);
	close(now);
	return same;
}

/* Shows: DK-29, DK-37. All of it, by both parents, and nothing by the key of before. */
TEST_F_TIMEOUT(disk_rotate, whole, SECONDS)
{
	char line[64];

	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_EQ(0, sh(ANEW "cat $DEVICE >$FOLDER/before"));
	ASSERT_WORKS(ROTATE);
	EXPECT_TRUE(disk_key_gone(self->uuid));
	ASSERT_WORKS("status $DEVICE");
	snprintf(line, sizeof(line), "uuid: %s\n", self->uuid);
	EXPECT_TRUE(disk_key_said(line));
	EXPECT_TRUE(disk_key_said("label: next\n"));
	EXPECT_TRUE(disk_key_said("copy 0: valid"));
	EXPECT_TRUE(disk_key_said("copy 1: valid"));
	EXPECT_NE(0, sh("grep rotation $FOLDER/said"));
	EXPECT_EQ(SECTORS, count_by("%symmetric:parent"));
	EXPECT_EQ(SECTORS, count_by("%symmetric:second"));
	ASSERT_EQ(0, sh(ANEW "true"));
	EXPECT_EQ(0, count_same());
	EXPECT_EQ(0, sh("head -c %d $DEVICE | tail -c %d | tr -d '\\0' | cmp -s - /dev/null",
			MIB, CHUNK * DISK_SECTOR));

	/* Whoever puts the old header back has the old key, and it reads nothing. */
	ASSERT_EQ(0, sh("head -c %d $DEVICE >$FOLDER/header &&"
			" head -c %d $FOLDER/before | dd of=$DEVICE conv=notrunc 2>/dev/null",
			MIB, MIB));
	EXPECT_EQ(0, count_by("%symmetric:parent"));
	ASSERT_EQ(0, sh("dd if=$FOLDER/header of=$DEVICE conv=notrunc 2>/dev/null"));
	EXPECT_EQ(SECTORS, count_by("%symmetric:parent"));
}

/* Shows: DK-29. With a cipher that has another way to number sectors, and a small key. */
TEST_F_TIMEOUT(disk_rotate, ciphers, SECONDS)
{
	static const char * const kinds[] = {
		"aes-xts-plain64 -s 32", "xchacha12,aes-adiantum-plain64",
	};
	int rotated = 0;

	ASSERT_WORKS("close " DISK_NAME);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		ASSERT_WORKS(FORMAT "-c %s $DEVICE", kinds[i]);
		/* A kernel may lack it. */
		if (disk_key(OPEN)) {
			EXPECT_TRUE(disk_key_complained("no such cipher"));
			continue;
		}
		ASSERT_EQ(0, content_write(SECTORS, 1));
		ASSERT_WORKS(ROTATE);
		EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
		ASSERT_WORKS("close " DISK_NAME);
		EXPECT_EQ(SECTORS, count_by("%symmetric:parent"));
		rotated++;
	}
	EXPECT_LT(0, rotated);
}

/* Shows: DK-30. What is missing, and what makes no sense. */
TEST_F_TIMEOUT(disk_rotate, needs, SECONDS)
{
	key_serial_t second = key_request("symmetric", "second", NULL, 0);

	ASSERT_LT(0, second);
	ASSERT_WORKS("suspend " DISK_NAME);
	ASSERT_EQ(0, sh(SUM));
	EXPECT_FAILS("is suspended", ROTATE);
	EXPECT_EQ(0, sh(SAME));
	ASSERT_WORKS("resume " DISK_NAME);
	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_EQ(0, sh(SUM));
	EXPECT_FAILS("already", "rotate -l disk $DEVICE");
	EXPECT_FAILS("no rotation", "rotate $DEVICE");
	EXPECT_EQ(2, disk_key("rotate -l '' $DEVICE"));
	EXPECT_EQ(2, disk_key("rotate -l 'a b' $DEVICE"));
	EXPECT_FAILS("no parent of", "rotate -l next -p %d $DEVICE",
		     sym_add("other", PARENT_LINE));
	/* It lives on where the program does not find it. */
	ASSERT_EQ(0, key_link(second, KEY_SPEC_THREAD_KEYRING));
	ASSERT_EQ(0, key_unlink(second, KEY_SPEC_SESSION_KEYRING));
	EXPECT_FAILS("all are needed", ROTATE);
	EXPECT_FAILS("all are needed",
		     "rotate -l next -p " PARENT " $DEVICE");
	EXPECT_EQ(0, sh(SAME));

	ASSERT_EQ(0, key_link(second, KEY_SPEC_SESSION_KEYRING));
	ASSERT_WORKS("remove-parent --force -p " SECOND " $DEVICE 0");
	ASSERT_EQ(0, sh(SUM));
	EXPECT_FAILS("no first parent", ROTATE);
	EXPECT_EQ(0, sh(SAME));
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(disk_key_gone(self->uuid));
}

/* What a child that uses the volume shares with the test. */
struct user {
	bool stop;
	uint32_t rounds;
	uint8_t writers[SECTORS];
};

/* Writes sectors, and reads others, until it is told to stop. */
static int use_volume(struct user *user)
{
	static uint8_t have[DISK_SECTOR] __attribute__((aligned(4096)));
	static uint8_t want[DISK_SECTOR] __attribute__((aligned(4096)));
	int fd = content_open();

	srandom(1);
	while (!__atomic_load_n(&user->stop, __ATOMIC_ACQUIRE)) {
		uint32_t to = random() % SECTORS, from = random() % SECTORS;
		uint8_t writer = user->writers[to] + 1;

		content_make(want, to, writer);
		if (pwrite(fd, want, sizeof(want), (off_t)to * DISK_SECTOR) !=
		    sizeof(want))
			return 1;
		user->writers[to] = writer;
		content_make(want, from, user->writers[from]);
		if (pread(fd, have, sizeof(have), (off_t)from * DISK_SECTOR) !=
		    sizeof(have))
			return 2;
		if (memcmp(have, want, sizeof(have)))
			return 3;
		__atomic_add_fetch(&user->rounds, 1, __ATOMIC_RELEASE);
	}
	return 0;
}

static int count_of_user(const struct user *user)
{
	static uint8_t have[DISK_SECTOR] __attribute__((aligned(4096)));
	static uint8_t want[DISK_SECTOR] __attribute__((aligned(8)));
	int fd = content_open(), count = 0;

	for (uint32_t i = 0; i < SECTORS; i++) {
		content_make(want, i, user->writers[i]);
		if (pread(fd, have, sizeof(have), (off_t)i * DISK_SECTOR) ==
		    sizeof(have))
			count += memcmp(have, want, sizeof(have)) == 0;
	}
	close(fd);
	return count;
}

/* Shows: DK-33, DK-29. Somebody reads and writes all the time. */
TEST_F_TIMEOUT(disk_rotate, in_use, SECONDS)
{
	struct user *user = mmap(NULL, sizeof(*user), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t before;
	int status;
	pid_t child;

	ASSERT_NE(MAP_FAILED, user);
	memset(user->writers, 1, sizeof(user->writers));
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(use_volume(user));
	while (!__atomic_load_n(&user->rounds, __ATOMIC_ACQUIRE) &&
	       waitpid(child, &status, WNOHANG) == 0)
		sleep_ms(1);
	before = user->rounds;
	EXPECT_WORKS(ROTATE);
	EXPECT_LT(before, user->rounds);
	__atomic_store_n(&user->stop, true, __ATOMIC_RELEASE);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(SECTORS, count_of_user(user));
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: open\n"));
	EXPECT_EQ(1, disk_key_count(self->uuid));
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_TRUE(disk_key_gone(self->uuid));
	ASSERT_WORKS(OPEN);
	EXPECT_EQ(SECTORS, count_of_user(user));
	munmap(user, sizeof(*user));
}

/* $COPY becomes a device with the same bytes, of which $FOLDER/copy is kept. */
static bool make_copy(void)
{
	char name[DISK_SAID_MAX];

	if (sh(ANEW "cat $DEVICE >$FOLDER/copy && cp $FOLDER/copy $FOLDER/second &&"
	       " losetup --find --show $FOLDER/second >$FOLDER/copied"))
		return false;
	disk_key_read("copied", name);
	name[strcspn(name, "\n")] = '\0';
	return setenv("COPY", name, 1) == 0;
}

#define TABLE		"dmsetup table " DISK_NAME
#define KEEP_TABLE	TABLE " >$FOLDER/table"
#define SAME_TABLE	TABLE " | cmp -s - $FOLDER/table"

/* Shows: DK-43. The volume stays on the disk that it was opened from. */
TEST_F_TIMEOUT(disk_rotate, copy, SECONDS)
{
	ASSERT_TRUE(make_copy());
	ASSERT_EQ(0, sh(KEEP_TABLE));
	EXPECT_FAILS("not open from this device", "rotate -l next $COPY");
	EXPECT_EQ(0, sh(SAME_TABLE));
	EXPECT_EQ(0, sh("blockdev --flushbufs $COPY && cmp $COPY $FOLDER/copy"));
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	EXPECT_EQ(1, disk_key_count(self->uuid));
	EXPECT_EQ(0, content_write(SECTORS, 2));
	EXPECT_WORKS(ROTATE);
	EXPECT_EQ(SECTORS, content_count(SECTORS, 2));
	EXPECT_EQ(0, sh("blockdev --flushbufs $COPY && cmp $COPY $FOLDER/copy"));
}

/* A program that is held has one tracer. */
#define NEED_TRACER() do { \
	if (task_is_traced()) \
		SKIP(return, "untraced only: a program has one tracer"); \
} while (0)

/* Shows: DK-35, DK-33, DK-37. Between two chunks, on its way. */
TEST_F_TIMEOUT(disk_rotate, meanwhile, SECONDS)
{
	pid_t child;

	NEED_TRACER();
	child = hold_program(ROTATE, PAUSE, 3);
	ASSERT_LT(0, child);
	EXPECT_FAILS("another rotate", "rotate $DEVICE");
	EXPECT_FAILS("another rotate", ROTATE);
	EXPECT_FAILS("on its way to label next", "rotate -l other $DEVICE");
	ASSERT_LT(0, sym_add("third", PARENT_LINE));
	EXPECT_FAILS("between two keys",
		     "add-parent -p " PARENT " $DEVICE %%symmetric:third");
	EXPECT_WORKS("status $DEVICE");
	EXPECT_TRUE(disk_key_said("label: disk\n"));
	EXPECT_TRUE(disk_key_said("rotation: to next, 3072 sectors\n"));
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	EXPECT_WORKS("remove-parent -p " PARENT " $DEVICE 1");
	EXPECT_EQ(0, let_program_go(child));
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_EQ(SECTORS, count_by("%symmetric:parent"));
	EXPECT_EQ(-ENOKEY, count_by("%symmetric:second"));
	EXPECT_EQ(SECTORS, count_by("%symmetric:parent"));
}

/* Shows: DK-33. What was closed at first is opened, written to, and closed. */
TEST_F_TIMEOUT(disk_rotate, opened, SECONDS)
{
	pid_t child;

	NEED_TRACER();
	ASSERT_WORKS("close " DISK_NAME);
	child = hold_program(ROTATE, PAUSE, 2);
	ASSERT_LT(0, child);
	ASSERT_WORKS("open -p " SECOND " $DEVICE " DISK_NAME);
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	EXPECT_EQ(0, content_write(SECTORS, 2));
	EXPECT_EQ(0, let_program_go(child));
	EXPECT_EQ(SECTORS, content_count(SECTORS, 2));
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_TRUE(disk_key_gone(self->uuid));
	ASSERT_WORKS(OPEN);
	EXPECT_EQ(SECTORS, content_count(SECTORS, 2));
}

/* Shows: DK-34. Between two chunks: no key is left, and it can go on later. */
TEST_F_TIMEOUT(disk_rotate, ended, SECONDS)
{
	static const char * const ends[] = { "close ", "suspend ", "revoke " };

	NEED_TRACER();
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		pid_t child = hold_program(i ? "rotate $DEVICE" : ROTATE, PAUSE,
					   i ? 1 : 2);

		ASSERT_LT(0, child);
		ASSERT_WORKS("%s " DISK_NAME, ends[i]);
		EXPECT_EQ(1, let_program_go(child));
		EXPECT_TRUE(disk_key_complained("cannot rotate"));
		EXPECT_TRUE(disk_key_gone(self->uuid)) {
			TH_LOG("%s", ends[i]);
		}
		EXPECT_NE(0, sh("ls /dev/mapper/disk-key-rotation-* 2>/dev/null"));
		if (i == 2) {
			EXPECT_EQ(-EIO, disk_key_letter());
			ASSERT_WORKS("close " DISK_NAME);
		}
		ASSERT_TRUE(disk_key_worked(i == 1 ? disk_key("resume " DISK_NAME) :
						     disk_key(OPEN)));
		EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	}
	ASSERT_WORKS("rotate $DEVICE");
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_EQ(SECTORS, count_by("%symmetric:parent"));
}

/* A child that reads the first sector, which waits; its exit status is the errno. */
static pid_t reader_start(void)
{
	pid_t child = fork();

	if (child)
		return child;
	_exit(-disk_key_io(NULL, aligned_alloc(4096, DISK_SECTOR)));
}

/* Shows: DK-34, DK-31. Within a chunk, whose I/O waits: all of it fails. */
TEST_F_TIMEOUT(disk_rotate, revoked, SECONDS)
{
	pid_t child, reader;
	int status;

	NEED_TRACER();
	child = hold_program(ROTATE, WITHIN, WRITE_OF_DATA);
	ASSERT_LT(0, child);
	reader = reader_start();
	ASSERT_LT(0, reader);
	ASSERT_WORKS("revoke " DISK_NAME);
	ASSERT_EQ(reader, waitpid(reader, &status, 0));
	EXPECT_EQ(EIO, WEXITSTATUS(status));
	EXPECT_EQ(1, let_program_go(child));
	EXPECT_TRUE(disk_key_complained("cannot rotate"));
	EXPECT_EQ(-EIO, disk_key_letter());
	EXPECT_TRUE(disk_key_gone(self->uuid));
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: revoked\n"));
	EXPECT_FAILS("revoked", "rotate $DEVICE");
	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_WORKS(OPEN);
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	EXPECT_EQ(0, content_write(SECTORS, 2));
	ASSERT_WORKS("rotate $DEVICE");
	EXPECT_EQ(SECTORS, content_count(SECTORS, 2));
}

/* Shows: DK-43. The disk is opened while its copy is rotated. */
TEST_F_TIMEOUT(disk_rotate, copy_meanwhile, SECONDS)
{
	pid_t child;

	NEED_TRACER();
	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_TRUE(make_copy());
	child = hold_program("rotate -l next $COPY", PAUSE, 2);
	ASSERT_LT(0, child);
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, sh(KEEP_TABLE));
	EXPECT_EQ(1, let_program_go(child));
	EXPECT_TRUE(disk_key_complained("not open from this device"));
	EXPECT_EQ(0, sh(SAME_TABLE));
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: open\n"));
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_TRUE(disk_key_gone(self->uuid));
	ASSERT_WORKS("rotate $COPY");
}

/* The collector takes its time with what was revoked. */
static bool no_key_lives(const char *uuid)
{
	char command[160];

	snprintf(command, sizeof(command),
		 "! grep -v '^[0-9a-f]* IR' /proc/keys | grep %s >&2", uuid);
	return sh("%s", command) == 0;
}

/*
 * Where a rotation of 6 chunks stands with a volume that it has seen, and takes it for
 * one that does I/O: 6 keys are derived from two parents, 2 are sealed, 2 are loaded
 * for the way, and 1 is in the end.
 */
static const struct {
	struct halt halt;
	int times;
	int status;
} lates[] = {
	{ { __NR_add_key }, 9, 1 },
	{ { __NR_add_key }, 10, 1 },
	{ HALT_LOAD, 1, 1 },
	{ HALT_LOAD, 3, 1 },
	{ { __NR_add_key }, 11, 0 },
	{ HALT_LOAD, 8, 1 },
	{ HALT_RESUME, 8, 0 },
};

/* Shows: DK-34, DK-22. Whatever a rotation is about to do, it revives nothing. */
TEST_F_TIMEOUT(disk_rotate, revoked_late, 2 * SECONDS)
{
	NEED_TRACER();
	for (size_t i = 0; i < ARRAY_SIZE(lates); i++) {
		char rotate[64];
		pid_t child;

		snprintf(rotate, sizeof(rotate), "rotate -l label%zu $DEVICE", i);
		child = hold_program_at(rotate, lates[i].halt, lates[i].times);
		ASSERT_LT(0, child);
		ASSERT_WORKS("revoke " DISK_NAME);
		EXPECT_EQ(-EIO, disk_key_letter());
		EXPECT_EQ(lates[i].status, let_program_go(child)) {
			TH_LOG("place %zu", i);
		}
		EXPECT_TRUE(no_key_lives(self->uuid)) {
			TH_LOG("place %zu", i);
		}
		ASSERT_WORKS("status " DISK_NAME);
		EXPECT_TRUE(disk_key_said("state: revoked\n")) {
			TH_LOG("place %zu", i);
		}
		EXPECT_EQ(-EIO, disk_key_letter());
		ASSERT_WORKS("close " DISK_NAME);
		ASSERT_WORKS(OPEN);
		EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
		if (lates[i].status && header_now().rotation.active) {
			ASSERT_WORKS("rotate $DEVICE");
		}
	}
}

/* A key of the volume, by its name; the test has to have the user's keyring. */
static key_serial_t volume_key(const char *uuid, const char *behind)
{
	char name[64];

	snprintf(name, sizeof(name), "disk-key:%s%s", uuid, behind);
	return key_request("symmetric", name, NULL, 0);
}

/* Shows: DK-44, DK-23. A key that has ended gets no successor. */
TEST_F_TIMEOUT(disk_rotate, ended_key, SECONDS)
{
	key_serial_t key;

	ASSERT_EQ(0, key_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_THREAD_KEYRING));
	ASSERT_EQ(0, sh(SUM));
	key = volume_key(self->uuid, "");
	ASSERT_EQ(0, key_unlink(key, KEY_SPEC_USER_KEYRING));
	EXPECT_FAILS("linked nowhere", ROTATE);
	EXPECT_EQ(0, sh(SAME));
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	ASSERT_WORKS("close " DISK_NAME);

	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, key_revoke(volume_key(self->uuid, "")));
	EXPECT_FAILS("the key was revoked", ROTATE);
	EXPECT_EQ(0, sh(SAME));
	EXPECT_EQ(-EIO, disk_key_letter());
	EXPECT_GT(0, volume_key(self->uuid, ""));
}

#define TIMEOUT		3600

/* Shows: DK-44, DK-23. A timeout is neither lost nor guessed. */
TEST_F_TIMEOUT(disk_rotate, timeout, SECONDS)
{
	static const char * const names[] = { "", ":next" };
	key_serial_t key;

	NEED_TRACER();
	ASSERT_EQ(0, key_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_THREAD_KEYRING));
	key = volume_key(self->uuid, "");
	ASSERT_LT(0, key);
	ASSERT_EQ(0, sh(SUM));
	ASSERT_EQ(0, key_set_timeout(key, TIMEOUT));
	EXPECT_FAILS("has a timeout", ROTATE);
	EXPECT_EQ(0, sh(SAME));
	EXPECT_EQ(key, volume_key(self->uuid, ""));
	ASSERT_EQ(0, key_set_timeout(key, 0));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		/* The second time all chunks have moved. */
		pid_t child = hold_program(i ? "rotate $DEVICE" : ROTATE, PAUSE,
					   i ? 4 : 2);

		ASSERT_LT(0, child);
		key = volume_key(self->uuid, names[i]);
		ASSERT_EQ(0, key_set_timeout(key, TIMEOUT));
		EXPECT_EQ(1, let_program_go(child));
		EXPECT_TRUE(disk_key_complained("has a timeout"));
		EXPECT_FAILS("has a timeout", "rotate $DEVICE");
		EXPECT_EQ(key, volume_key(self->uuid, names[i]));
		EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
		ASSERT_EQ(0, key_set_timeout(key, 0));
	}
	ASSERT_WORKS("rotate $DEVICE");
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
}

/* Shows: DK-45, DK-23. A key ends while the volume is held that it is for. */
TEST_F_TIMEOUT(disk_rotate, held, SECONDS)
{
	static const struct {
		int resume;
		int status;
	} places[] = {
		/* The keys are taken over; a chunk has moved; the key has its name. */
		{ 1, 1 }, { 3, 1 }, { 6, 0 },
	};

	NEED_TRACER();
	ASSERT_EQ(0, key_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_THREAD_KEYRING));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		pid_t child = hold_program_at(i ? "rotate $DEVICE" : ROTATE, HALT_RESUME,
					      places[i].resume);

		ASSERT_LT(0, child);
		ASSERT_EQ(0, key_revoke(volume_key(self->uuid, "")));
		EXPECT_EQ(places[i].status, let_program_go(child)) {
			TH_LOG("place %zu", i);
		}
		/* One that is suspended would have the test wait for ever. */
		ASSERT_WORKS("status " DISK_NAME);
		ASSERT_TRUE(disk_key_said("state: revoked\n")) {
			TH_LOG("place %zu", i);
		}
		EXPECT_EQ(-EIO, disk_key_letter());
		EXPECT_TRUE(no_key_lives(self->uuid));
		ASSERT_WORKS("close " DISK_NAME);
		ASSERT_WORKS(OPEN);
		EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	}
}

/* Shows: DK-34, DK-23. The keys are revoked one by one, by their names. */
TEST_F_TIMEOUT(disk_rotate, keyctl, SECONDS)
{
	static const char * const names[] = { "disk-key:%s", "disk-key:%s:next" };

	NEED_TRACER();
	ASSERT_EQ(0, key_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_THREAD_KEYRING));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		pid_t child = hold_program(i ? "rotate $DEVICE" : ROTATE, WITHIN,
					   i ? WRITE_OF_DATA - 2 : WRITE_OF_DATA);
		char name[64];

		ASSERT_LT(0, child);
		snprintf(name, sizeof(name), names[i], self->uuid);
		ASSERT_EQ(0, key_revoke(key_request("symmetric", name, NULL, 0)));
		EXPECT_EQ(1, let_program_go(child));
		EXPECT_TRUE(disk_key_complained("cannot rotate"));
		/* It does not wait for a key that does not come. */
		EXPECT_EQ(-EIO, disk_key_letter());
		ASSERT_WORKS("close " DISK_NAME);
		EXPECT_TRUE(no_key_lives(self->uuid));
		ASSERT_WORKS(OPEN);
		EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	}
}

/* Shows: DK-36. It is asked to end, with a volume and without one. */
TEST_F_TIMEOUT(disk_rotate, signals, SECONDS)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

	NEED_TRACER();
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		pid_t child = hold_program(i ? "rotate $DEVICE" : ROTATE, WITHIN,
					   i ? WRITE_OF_DATA - 2 : WRITE_OF_DATA);

		ASSERT_LT(0, child);
		ASSERT_EQ(0, kill(child, signals[i]));
		EXPECT_EQ(1, let_program_go(child));
		EXPECT_TRUE(disk_key_complained("was stopped"));
		ASSERT_WORKS("status $DEVICE");
		EXPECT_TRUE(disk_key_said("rotation: to next"));
		if (i) {
			EXPECT_TRUE(disk_key_gone(self->uuid));
			EXPECT_EQ(SECTORS, count_by(i == 1 ? "%symmetric:parent" :
							     "%symmetric:second"));
			continue;
		}
		EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
		ASSERT_WORKS("close " DISK_NAME);
	}
}

/* Shows: DK-30, DK-31. The first parent is lost on the way. */
TEST_F_TIMEOUT(disk_rotate, lost, SECONDS)
{
	pid_t child;

	NEED_TRACER();
	child = hold_program(ROTATE, PAUSE, 5);
	ASSERT_LT(0, child);
	ASSERT_EQ(0, kill(child, SIGKILL));
	EXPECT_EQ(-1, let_program_go(child));
	ASSERT_EQ(0, key_unlink(self->disk.parent, KEY_SPEC_SESSION_KEYRING));
	EXPECT_FAILS("all are needed", "rotate $DEVICE");
	ASSERT_WORKS("remove-parent --force -p " SECOND " $DEVICE 0");
	ASSERT_WORKS("rotate $DEVICE");
	EXPECT_EQ(SECTORS, content_count(SECTORS, 1));
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_TRUE(disk_key_gone(self->uuid));
	EXPECT_EQ(SECTORS, count_by("%symmetric:second"));
}

TEST_HARNESS_MAIN
