// SPDX-License-Identifier: GPL-2.0-only
/* disk-key(8): volumes, from their beginning to each of their ends. */
#include <signal.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "disk_key.h"

#define OTHER_DISK	"selftests-disk2"
#define WRITERS		3
#define WRITES_BEFORE	20

FIXTURE(disk_volume)
{
	struct disk_key disk;
	char uuid[37];
	char key[64];
};

FIXTURE_SETUP(disk_volume)
{
	DISK_KEY_SETUP(&self->disk);
	ASSERT_WORKS(FORMAT "$DEVICE");
	disk_key_uuid(self->uuid);
	snprintf(self->key, sizeof(self->key), "disk-key:%s", self->uuid);
	setenv("KEY", self->key, 1);
	ASSERT_WORKS(OPEN);
	ASSERT_EQ(0, disk_key_fill('v'));
	/* So that the test finds it, but not the program. */
	ASSERT_EQ(0, key_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_THREAD_KEYRING));
}

FIXTURE_TEARDOWN(disk_volume)
{
	if (access("/dev/mapper/" OTHER_DISK, F_OK) == 0)
		sh("dmsetup remove " OTHER_DISK);
	disk_key_end(&self->disk);
}

static key_serial_t find_key(FIXTURE_DATA(disk_volume) *self)
{
	return key_request("symmetric", self->key, NULL, 0);
}

/* Shows: DK-16. What the device mapper is told. */
TEST_F_TIMEOUT(disk_volume, table, DISK_SECONDS)
{
	EXPECT_EQ(0, sh("dmsetup table --showkeys " DISK_NAME " |"
			" grep -q \" :64:symmetric:$KEY 0 \""));
	EXPECT_EQ(0, sh("dmsetup info -c --noheadings -o uuid " DISK_NAME " |"
			" grep -q \"^CRYPT-[A-Z]*-$(echo %s | tr -d -)-\"",
			self->uuid));
	EXPECT_EQ(0, sh("blockdev --getsz " DISK_NODE " | grep -qx %d",
			(8 << 11) - 2048));
}

/* Shows: DK-16. For a device of another UUID, and with another cipher, it is none. */
TEST_F_TIMEOUT(disk_volume, bound, DISK_SECONDS)
{
	struct disk_table table = {
		.cipher = DISK_XTS, .size = 64, .below = self->disk.device,
	};
	char key[96];

	snprintf(key, sizeof(key), "symmetric:%s", self->key);
	table.key = key;
	ASSERT_EQ(0, disk_create(OTHER_DISK, NULL));
	EXPECT_EQ(-EKEYREJECTED, disk_load(OTHER_DISK, &table));
	ASSERT_EQ(0, dm_remove(OTHER_DISK));
	ASSERT_EQ(0, disk_create(OTHER_DISK, DISK_VOLUME));
	EXPECT_EQ(-EKEYREJECTED, disk_load(OTHER_DISK, &table));
	ASSERT_EQ(0, dm_remove(OTHER_DISK));
	/* The volume's own device, as another cipher */
	table.cipher = "aes-xts-plain";
	EXPECT_EQ(-EKEYREJECTED, disk_load(DISK_NAME, &table));
	EXPECT_EQ('v', disk_key_letter());
}

/* Shows: DK-17, DK-19. Each cipher and size; one that the kernel lacks leaves nothing. */
TEST_F_TIMEOUT(disk_volume, ciphers, 2 * DISK_SECONDS)
{
	static const struct {
		const char *cipher;
		int size;
		const char *driver;
	} kinds[] = {
		{ "aes-xts-plain64", 64, NULL },
		{ "aes-xts-plain64", 32, NULL },
		{ "serpent-xts-plain64", 64, "serpent" },
		{ "twofish-xts-plain64", 32, "twofish" },
		{ "xchacha12,aes-adiantum-plain64", 32, "adiantum(xchacha12,aes)" },
		{ "xchacha20,aes-adiantum-plain64", 32, "adiantum(xchacha20,aes)" },
	};
	char raw[DISK_SECTOR], plain[DISK_SECTOR];

	memset(plain, 'c', sizeof(plain));
	ASSERT_WORKS("close " DISK_NAME);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		ASSERT_WORKS(FORMAT "-c %s -s %d $DEVICE", kinds[i].cipher,
			     kinds[i].size);
		disk_key_uuid(self->uuid);
		if (disk_key(OPEN)) {
			EXPECT_TRUE(disk_key_complained("no such cipher"));
			EXPECT_NE(NULL, kinds[i].driver);
			EXPECT_NE(0, sh("grep -qF ': %s' /proc/crypto",
					kinds[i].driver ?: "xts(aes)"));
			EXPECT_FALSE(disk_is_open());
			EXPECT_TRUE(disk_key_gone(self->uuid));
			continue;
		}
		ASSERT_EQ(0, disk_key_fill('c'));
		ASSERT_WORKS("close " DISK_NAME);
		ASSERT_EQ(DISK_SECTOR, pread(self->disk.loop, raw,
					     DISK_SECTOR, 1 << 20));
		EXPECT_NE(0, memcmp(raw, plain, sizeof(raw)));
		ASSERT_WORKS(OPEN);
		EXPECT_EQ('c', disk_key_letter());
		ASSERT_WORKS("close " DISK_NAME);
	}
}

/* Shows: DK-18. One after the other, by the same and by another name. */
TEST_F_TIMEOUT(disk_volume, twice, DISK_SECONDS)
{
	key_serial_t key = find_key(self);

	ASSERT_LT(0, key);
	EXPECT_FAILS("the disk is open", OPEN);
	EXPECT_FAILS("the disk is open", "open $DEVICE " OTHER_DISK);
	EXPECT_NE(0, access("/dev/mapper/" OTHER_DISK, F_OK));
	EXPECT_EQ(key, find_key(self));
	EXPECT_EQ('v', disk_key_letter());
}

/* Shows: DK-18. A copy of the disk is the same disk. */
TEST_F_TIMEOUT(disk_volume, copy, DISK_SECONDS)
{
	ASSERT_EQ(0, sh("head -c 4M $DEVICE >$FOLDER/copy &&"
			" truncate -s 8M $FOLDER/copy &&"
			" losetup --find --show $FOLDER/copy >$FOLDER/loop"));
	EXPECT_FAILS("the disk is open", "open $(cat $FOLDER/loop) " OTHER_DISK);
	EXPECT_EQ('v', disk_key_letter());
	EXPECT_EQ(0, sh("losetup -d $(cat $FOLDER/loop)"));
}

/* Shows: DK-18. At the same time. */
TEST_F_TIMEOUT(disk_volume, race, DISK_SECONDS)
{
	for (int i = 0; i < 5; i++) {
		ASSERT_WORKS("close " DISK_NAME);
		EXPECT_EQ(1, sh("exec >/dev/null 2>&1; $DISK_KEY open $DEVICE " DISK_NAME
				" & one=$!; $DISK_KEY open $DEVICE " DISK_NAME
				" && two=0 || two=1; wait $one && one=0 || one=1;"
				" exit $((one + two))"));
		EXPECT_EQ('v', disk_key_letter());
	}
}

/* Shows: DK-20. Whoever has it open keeps it. */
TEST_F_TIMEOUT(disk_volume, close, DISK_SECONDS)
{
	key_serial_t key = find_key(self);
	int fd = open(DISK_NODE, O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_FAILS("it is in use", "close " DISK_NAME);
	EXPECT_EQ(key, find_key(self));
	EXPECT_EQ('v', disk_key_letter());
	close(fd);
	ASSERT_WORKS("close " DISK_NAME);
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(disk_key_gone(self->uuid));
}

/* A child that writes until it cannot; its exit status is the errno. */
static pid_t writer_start(int tell)
{
	int fd = open(DISK_NODE, O_RDWR | O_DIRECT | O_CLOEXEC), err = 0;
	uint8_t text[DISK_SECTOR] __attribute__((aligned(DISK_SECTOR)));
	pid_t child = fork();

	if (child) {
		close(fd);
		return child;
	}
	memset(text, 'w', sizeof(text));
	while (!err) {
		err = disk_write(fd, text);
		if (!err && write(tell, "", 1) != 1)
			err = -EPIPE;
	}
	_exit(-err);
}

static int writer_end(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

/* Shows: DK-21, DK-22. A write waits for the parent. */
TEST_F_TIMEOUT(disk_volume, suspend, DISK_SECONDS)
{
	int pipes[2], fd;
	char one;
	pid_t child;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_WORKS("suspend " DISK_NAME);
	EXPECT_TRUE(disk_key_gone(self->uuid));
	EXPECT_FAILS("already", "suspend " DISK_NAME);
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: suspended\n"));
	child = writer_start(pipes[1]);
	ASSERT_LT(0, child);
	ASSERT_EQ(0, key_unlink(self->disk.parent, KEY_SPEC_SESSION_KEYRING));
	EXPECT_FAILS("there is none in your keyrings", "resume " DISK_NAME);
	EXPECT_FAILS("no parent of", "resume -p %d " DISK_NAME,
		     sym_add("other", PARENT_LINE));
	EXPECT_TRUE(disk_key_gone(self->uuid));
	fd = pipes[0];
	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, result(read(fd, &one, 1)));
	ASSERT_EQ(0, fcntl(fd, F_SETFL, 0));
	EXPECT_EQ(0, kill(child, 0));

	/* What waits for a key that will not come fails with the volume. */
	ASSERT_WORKS("revoke " DISK_NAME);
	EXPECT_EQ(-EIO, writer_end(child));
	close(pipes[0]);
	close(pipes[1]);
}

/* Shows: DK-21. With it, it goes on. */
TEST_F_TIMEOUT(disk_volume, resume, DISK_SECONDS)
{
	int pipes[2];
	pid_t child;
	char one;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_WORKS("suspend " DISK_NAME);
	child = writer_start(pipes[1]);
	ASSERT_LT(0, child);
	EXPECT_WORKS("resume -p " PARENT " " DISK_NAME);
	EXPECT_EQ(1, read(pipes[0], &one, 1));
	EXPECT_EQ('w', disk_key_letter());
	EXPECT_FAILS("is not suspended", "resume " DISK_NAME);
	EXPECT_WORKS("suspend " DISK_NAME);
	EXPECT_WORKS("resume " DISK_NAME);
	EXPECT_EQ('w', disk_key_letter());
	EXPECT_WORKS("revoke " DISK_NAME);
	EXPECT_EQ(-EIO, writer_end(child));
	close(pipes[0]);
	close(pipes[1]);
}

/* Shows: DK-22. While several write. */
TEST_F_TIMEOUT(disk_volume, revoke, DISK_SECONDS)
{
	key_serial_t key = find_key(self);
	pid_t children[WRITERS];
	int pipes[2];
	char one;

	ASSERT_LT(0, key);
	ASSERT_EQ(0, pipe(pipes));
	for (int i = 0; i < WRITERS; i++) {
		children[i] = writer_start(pipes[1]);
		ASSERT_LT(0, children[i]);
	}
	for (int i = 0; i < WRITES_BEFORE; i++)
		ASSERT_EQ(1, read(pipes[0], &one, 1));
	ASSERT_WORKS("revoke " DISK_NAME);
	EXPECT_EQ(-EIO, disk_key_letter());
	EXPECT_EQ(-EIO, disk_key_fill('x'));
	for (int i = 0; i < WRITERS; i++)
		EXPECT_EQ(-EIO, writer_end(children[i]));
	EXPECT_TRUE(disk_key_gone(self->uuid));
	EXPECT_WORKS("revoke " DISK_NAME);
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: revoked\n"));
	EXPECT_FAILS("already", "suspend " DISK_NAME);
	EXPECT_FAILS("is not suspended", "resume " DISK_NAME);
	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_WORKS(OPEN);
	EXPECT_EQ('w', disk_key_letter());
	close(pipes[0]);
	close(pipes[1]);
}

/* Shows: DK-22, DK-25. The key is linked nowhere. */
TEST_F_TIMEOUT(disk_volume, revoke_unlinked, DISK_SECONDS)
{
	key_serial_t key = find_key(self);

	ASSERT_LT(0, key);
	ASSERT_EQ(0, key_unlink(key, KEY_SPEC_USER_KEYRING));
	EXPECT_EQ('v', disk_key_letter());
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: unknown\n"));
	ASSERT_WORKS("revoke " DISK_NAME);
	EXPECT_EQ(-EIO, disk_key_letter());
	EXPECT_TRUE(disk_key_gone(self->uuid));
}

/* Shows: DK-23, DK-25. The key's own ends. */
TEST_F_TIMEOUT(disk_volume, keyctl, DISK_SECONDS)
{
	ASSERT_EQ(0, key_revoke(find_key(self)));
	EXPECT_EQ(-EIO, disk_key_letter());
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: revoked\n"));
	EXPECT_WORKS("revoke " DISK_NAME);
	EXPECT_EQ(-EIO, disk_key_letter());
	ASSERT_WORKS("close " DISK_NAME);
}

/* Shows: DK-23, DK-25. Its time has passed. */
TEST_F_TIMEOUT(disk_volume, expiry, DISK_SECONDS)
{
	int ret = 'v';

	ASSERT_EQ(0, keyctl(KEYCTL_SET_TIMEOUT, find_key(self), 1));
	for (int ms = 0; ret == 'v' && ms < 10000; ms += 20) {
		sleep_ms(20);
		ret = disk_key_letter();
	}
	EXPECT_EQ(-EIO, ret);
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: expired\n"));
	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_WORKS(OPEN);
	EXPECT_EQ('v', disk_key_letter());
}

/* Shows: DK-24, DK-19. A block is missing at the end. */
TEST_F_TIMEOUT(disk_volume, shrunk, DISK_SECONDS)
{
	ASSERT_WORKS("close " DISK_NAME);
	ASSERT_EQ(0, sh("dmsetup create " OTHER_DISK
			" --table \"0 16376 linear $DEVICE 0\""));
	EXPECT_FAILS("smaller than it was",
		     "open /dev/mapper/" OTHER_DISK " " DISK_NAME);
	EXPECT_FALSE(disk_is_open());
	EXPECT_TRUE(disk_key_gone(self->uuid));
}

/* Shows: DK-25. What there is to know, without a parent. */
TEST_F_TIMEOUT(disk_volume, status, DISK_SECONDS)
{
	char line[64];

	/* Nobody has a parent here. */
	ASSERT_EQ(0, key_unlink(self->disk.parent, KEY_SPEC_SESSION_KEYRING));
	snprintf(line, sizeof(line), "uuid: %s\n", self->uuid);
	ASSERT_WORKS("status " DISK_NAME);
	EXPECT_TRUE(disk_key_said("state: open\n"));
	EXPECT_TRUE(disk_key_said(line));
	EXPECT_TRUE(disk_key_said("cipher: aes-xts-plain64\n"));
	EXPECT_TRUE(disk_key_said("sectors: 14336\n"));
	EXPECT_TRUE(disk_key_said("users: 0\n"));
	ASSERT_WORKS("status $DEVICE");
	EXPECT_TRUE(disk_key_said(line));
	EXPECT_TRUE(disk_key_said("label: disk\n"));
	EXPECT_TRUE(disk_key_said("key: 512 bits\n"));
	EXPECT_TRUE(disk_key_said("parent 0: symmetric:parent (first)\n"));
	EXPECT_TRUE(disk_key_said("copy 0: valid"));
	EXPECT_TRUE(disk_key_said("copy 1: valid"));
}

/* Shows: DK-26. Somebody else's device, and none. */
TEST_F_TIMEOUT(disk_volume, others, DISK_SECONDS)
{
	static const char * const commands[] = {
		"close", "suspend", "resume", "revoke", "status",
	};

	ASSERT_EQ(0, sh("dmsetup create " OTHER_DISK " --uuid CRYPT-PLAIN-x"
			" --table \"0 64 linear $DEVICE 0\""));
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		EXPECT_FAILS("no volume of this program", "%s " OTHER_DISK,
			     commands[i]);
		EXPECT_FAILS("there is no volume", "%s selftests-none",
			     commands[i]);
	}
	EXPECT_EQ(0, sh("dmsetup info -c --noheadings -o suspended " OTHER_DISK
			" | grep -qx Active"));
	EXPECT_EQ(0, sh("dmsetup table " OTHER_DISK " | grep -q linear"));
}

TEST_HARNESS_MAIN
