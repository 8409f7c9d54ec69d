/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks of disk-key(8), and what it says about them.
 *
 * The program is run by the shell, as a person would, with $DEVICE (a loop device)
 * and $FOLDER in the arguments.
 */
#ifndef SELFTESTS_KEYS_DISK_KEY_H
#define SELFTESTS_KEYS_DISK_KEY_H

#include "shell.h"
#include "symmetric_disk.h"

#define DISK_NAME	"selftests-disk"
#define DISK_NODE	"/dev/mapper/" DISK_NAME
#define DISK_BELOW	"/dev/mapper/selftests-below"
#define PARENT		"%%symmetric:parent"
#define PARENT_LINE	"new alg=hkdf-sha512 for=derive"
#define FORMAT		"format -p " PARENT " --force "
#define OPEN		"open -p " PARENT " $DEVICE " DISK_NAME
#define DISK_SAID_MAX	4096
/* Many programs run in each test, perhaps under emulation. */
#define DISK_SECONDS	170
/* How long the collector may take to forget a key that nobody has. */
#define DISK_GONE_MS	60000

/*
 * struct disk_key - a device, which holds an ext4 file system at first
 * @v:		the file below it
 * @device:	the loop device
 * @loop:	keeps it
 * @parent:	a key that disks can have as their parent
 */
struct disk_key {
	struct volume v;
	char device[32];
	int loop;
	key_serial_t parent;
};

/* The program lies beside this one. */
static inline int disk_key_find_program(void)
{
	char path[PATH_MAX] = "", full[PATH_MAX + 16];

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return -errno;
	snprintf(full, sizeof(full), "%s/disk-key", dirname(path));
	if (access(full, X_OK))
		return -errno;
	return result(setenv("DISK_KEY", full, 1));
}

/* Runs the program; returns its exit code.  What it says is kept. */
__attribute__((format(printf, 1, 2)))
static inline int disk_key(const char *format, ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = sh_behind("exec </dev/null >$FOLDER/said 2>$FOLDER/error;"
			" $DISK_KEY ", format, args);
	va_end(args);
	return ret;
}

static inline void disk_key_read(const char *name, char text[DISK_SAID_MAX])
{
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", getenv("FOLDER"), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, text, DISK_SAID_MAX - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
}

/* True if the last answer has @text. */
static inline bool disk_key_said(const char *text)
{
	char all[DISK_SAID_MAX];

	disk_key_read("said", all);
	if (strstr(all, text))
		return true;
	fprintf(stderr, "# no \"%s\" in:\n%s", text, all);
	return false;
}

/* True if the last error was one line of the program, with @text in it. */
static inline bool disk_key_complained(const char *text)
{
	char all[DISK_SAID_MAX], *end;

	disk_key_read("error", all);
	end = strchr(all, '\n');
	if (strncmp(all, "disk-key: ", 10) == 0 && end && !end[1] &&
	    strstr(all, text))
		return true;
	fprintf(stderr, "# not a line with \"%s\":\n%s", text, all);
	return false;
}

/* True if that was no failure; else the error is printed. */
static inline bool disk_key_worked(int status)
{
	if (status)
		disk_key_complained("nothing to complain about");
	return !status;
}

/* A failure is 1 and one line; what is then printed says what came instead. */
#define EXPECT_FAILS(text, ...) \
	EXPECT_TRUE(disk_key(__VA_ARGS__) == 1 && disk_key_complained(text))

#define ASSERT_WORKS(...)	ASSERT_TRUE(disk_key_worked(disk_key(__VA_ARGS__)))
#define EXPECT_WORKS(...)	EXPECT_TRUE(disk_key_worked(disk_key(__VA_ARGS__)))

/* format prints the UUID, and nothing else. */
static inline void disk_key_uuid(char uuid[37])
{
	char all[DISK_SAID_MAX];

	disk_key_read("said", all);
	snprintf(uuid, 37, "%.36s", all);
}

/* How many keys of that description somebody on this machine has. */
static inline int disk_key_count(const char *description)
{
	FILE *keys = fopen("/proc/keys", "re");
	char line[1024];
	int found = 0;

	while (keys && fgets(line, sizeof(line), keys))
		found += !!strstr(line, description);
	if (keys)
		fclose(keys);
	return found;
}

/* True once nobody has one. */
static inline bool disk_key_gone(const char *description)
{
	for (int ms = 0; ms < DISK_GONE_MS; ms += 50) {
		if (!disk_key_count(description))
			return true;
		sleep_ms(50);
	}
	sh("grep '%s' /proc/keys | sed 's/^/# /' >&2", description);
	return false;
}

static inline bool disk_is_open(void)
{
	return access(DISK_NODE, F_OK) == 0;
}

/* The first sector of the volume, past the page cache. */
static inline int disk_key_io(const void *text, void *back)
{
	int fd = result(open(DISK_NODE, O_RDWR | O_DIRECT | O_CLOEXEC)), err;

	if (fd < 0)
		return fd;
	err = text ? disk_write(fd, text) : disk_read(fd, back);
	close(fd);
	return err;
}

/* 0 once the sector of the volume is full of @letter, or an errno. */
static inline int disk_key_fill(char letter)
{
	uint8_t text[DISK_SECTOR] __attribute__((aligned(DISK_SECTOR)));

	memset(text, letter, sizeof(text));
	return disk_key_io(text, NULL);
}

/* The letter that fills the sector, 0 if it is not full of one, or an errno. */
static inline int disk_key_letter(void)
{
	uint8_t text[DISK_SECTOR] __attribute__((aligned(DISK_SECTOR)));
	int err = disk_key_io(NULL, text);

	if (err)
		return err;
	for (size_t i = 1; i < sizeof(text); i++)
		if (text[i] != text[0])
			return 0;
	return text[0];
}

/* $DEVICE becomes a loop device of this file, which is to be detached. */
static inline int disk_key_loop(const char *file)
{
	char loop[DISK_SAID_MAX];

	if (sh("losetup --find --show %s >$FOLDER/loop", file))
		return -EIO;
	disk_key_read("loop", loop);
	loop[strcspn(loop, "\n")] = '\0';
	return result(setenv("DEVICE", loop, 1));
}

/* $DEVICE becomes one that is so large, in a file of $FOLDER. */
static inline int disk_key_small(int kib)
{
	if (sh("truncate -s %dK $FOLDER/small", kib))
		return -EIO;
	return disk_key_loop("$FOLDER/small");
}

/*
 * DISK_BELOW becomes a device of the first @all sectors of $LOOP, of which @sectors
 * from @start on fail, or none with 0 of them.
 */
static inline int disk_key_below(unsigned int all, unsigned int start,
				 unsigned int sectors)
{
	unsigned int end = start + sectors;

	return sh("below=$(basename " DISK_BELOW ");"
		  " { [ %u = 0 ] || echo \"0 %u linear $LOOP 0\";"
		  " [ %u = 0 ] || echo \"%u %u error\";"
		  " echo \"%u %u linear $LOOP %u\"; } >$FOLDER/table &&"
		  " if [ -e " DISK_BELOW " ]; then"
		  " dmsetup suspend $below && dmsetup load $below $FOLDER/table &&"
		  " dmsetup resume $below; else"
		  " dmsetup create $below $FOLDER/table; fi",
		  start, start, sectors, start, sectors, end, all - end, end);
}

static inline void disk_key_below_end(void)
{
	sh("[ ! -e " DISK_BELOW " ] || dmsetup remove $(basename " DISK_BELOW ")");
}

static inline int disk_key_init(struct disk_key *disk)
{
	int err = volume_init(&disk->v, "ext4");

	if (err)
		return err;
	/* Nobody else makes the device nodes where udev does not run. */
	if (access("/run/udev/control", F_OK))
		setenv("DM_DISABLE_UDEV", "1", 1);
	setenv("LC_ALL", "C", 1);
	setenv("FOLDER", disk->v.base, 1);
	disk->loop = volume_loop(&disk->v, disk->device, sizeof(disk->device));
	if (disk->loop < 0)
		return disk->loop;
	setenv("DEVICE", disk->device, 1);
	disk->parent = sym_add("parent", PARENT_LINE);
	return disk->parent < 0 ? disk->parent : 0;
}

/* Nothing is open any more. */
static inline void disk_key_let_go(void)
{
	/* What waits for a suspended volume could never be ended. */
	if (disk_is_open()) {
		disk_key("revoke " DISK_NAME);
		disk_key("close " DISK_NAME);
	}
	/* What a rotation that was killed has left. */
	sh("for left in /dev/mapper/disk-key-rotation-*; do"
	   " [ ! -e $left ] || dmsetup remove $left; done");
}

static inline void disk_key_end(struct disk_key *disk)
{
	if (!disk->v.base[0])
		return;
	disk_key_let_go();
	sh("[ ! -e $FOLDER/loop ] || losetup -d $(cat $FOLDER/loop)");
	close(disk->loop);
	volume_end(&disk->v);
}

#define DISK_KEY_SETUP(disk) do { \
	if (geteuid() != 0) \
		SKIP(return, "needs root"); \
	REQUIRE_SYMMETRIC(); \
	if (disk_key_find_program()) \
		SKIP(return, "needs disk-key of tools/keys"); \
	ASSERT_EQ(0, disk_key_init(disk)); \
} while (0)

#endif /* SELFTESTS_KEYS_DISK_KEY_H */
