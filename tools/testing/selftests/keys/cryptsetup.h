/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks of cryptsetup(8), and its messages about them.
 *
 * The shell runs commands as a person would type them, with the variables
 * $IMAGE, $PASS (a file with the passphrase) and $NAME.
 */
#ifndef SELFTESTS_KEYS_CRYPTSETUP_H
#define SELFTESTS_KEYS_CRYPTSETUP_H

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "shell.h"
#include "task.h"

#define DISK_NAME	"selftests-disk"
#define DISK_UUID	"11223344-5566-7788-99aa-bbccddeeff00"
/* cryptsetup's description of the key of the first segment. */
#define DISK_KEY	"cryptsetup:" DISK_UUID "-d0"
#define DISK_PASSPHRASE	"a passphrase"
#define DISK_SIZE	(24 << 20)
/* A cheap key derivation, since no test is about guessing passphrases. */
#define DISK_PBKDF	"--pbkdf pbkdf2 --pbkdf-force-iterations 1000 "
#define DISK_FORMAT	"cryptsetup luksFormat --batch-mode --uuid " DISK_UUID \
			" --key-file $PASS --pbkdf pbkdf2" \
			" --pbkdf-force-iterations 1000 "
#define DISK_LUKS2	"--type luks2 --luks2-keyslots-size 1m "
/* The header and keyslots of such a disk, and where a program keeps them */
#define DISK_HEADER_MIB	"2"
#define DISK_MADE	"/tmp/selftests-disk.%d"
#define DISK_OPEN	"cryptsetup open --key-file $PASS $IMAGE $NAME "
/* Room for all output of a program, traced or not */
#define DISK_SAID_MAX	65536
#define DISK_TEXT	"selftests-keys-text"
/* The message of -v about a token without a usable key. */
#define DISK_WRONG_TOKEN "Token 0 cannot unlock assigned keyslot(s)" \
			" (wrong keyslot passphrase)."
/* The exit code of a shell for a program that does not exist. */
#define DISK_NOT_FOUND	127
/* Many programs run in each test, perhaps under emulation. */
#define DISK_SECONDS	170
/* How long the garbage collector may take to free a key without references. */
#define DISK_GONE_MS	60000

/* cryptsetup(8), "EXIT STATUS" */
enum disk_exit {
	DISK_OK,
	DISK_BAD_PARAMETERS,
	DISK_NO_PERMISSION,
	DISK_NO_MEMORY,
	DISK_WRONG_DEVICE,
	DISK_EXISTS,
};

/*
 * struct disk - an image with a volume in it
 * @folder: the test's own folder with all files of the disk
 */
struct disk {
	char folder[32];
};

static inline void disk_path(const struct disk *disk, const char *name,
			     char *path, size_t size)
{
	snprintf(path, size, "%s/%s", disk->folder, name);
}

/* Runs a command of the shell; returns its exit code. */
__attribute__((format(printf, 1, 2)))
static inline int disk_run(const char *format, ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = sh_behind("exec </dev/null >$SAID 2>&1; ", format, args);
	va_end(args);
	return ret;
}

/*
 * True if the output of the last command has @text; @all gets the whole output.
 */
static inline bool disk_mentions(const char *text, char *all, size_t size)
{
	int fd = open(getenv("SAID"), O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, all, size - 1);

	close(fd);
	all[len > 0 ? len : 0] = '\0';
	return strstr(all, text);
}

static inline bool disk_said(const char *text)
{
	char all[DISK_SAID_MAX];

	if (disk_mentions(text, all, sizeof(all)))
		return true;
	fprintf(stderr, "# no \"%s\" in:\n%s", text, all);
	return false;
}

static inline bool disk_did_not_say(const char *text)
{
	char all[DISK_SAID_MAX];

	if (!disk_mentions(text, all, sizeof(all)))
		return true;
	fprintf(stderr, "# \"%s\" in:\n%s", text, all);
	return false;
}

static inline int disk_write_file(const struct disk *disk, const char *name,
				  const char *text, off_t size)
{
	char path[64];
	int fd, err = 0;

	disk_path(disk, name, path, sizeof(path));
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    (size && ftruncate(fd, size)))
		err = -errno;
	close(fd);
	return err;
}

/* Returns why there can be no disks on this machine, or NULL. */
static inline const char *disk_lacks(void)
{
	setenv("SAID", "/dev/null", 1);
	if (geteuid() != 0)
		return "needs root";
	if (disk_run("cryptsetup --version") == DISK_NOT_FOUND ||
	    disk_run("dmsetup version") == DISK_NOT_FOUND)
		return "needs cryptsetup and dmsetup";
	return NULL;
}

static inline void disk_set(const struct disk *disk, const char *variable,
			    const char *name)
{
	char path[64];

	disk_path(disk, name, path, sizeof(path));
	setenv(variable, path, 1);
}

/* Makes an image without a volume, and a session keyring of the test's own. */
static inline int disk_init(struct disk *disk)
{
	long session = session_new();

	if (session < 0)
		return session;
	/* Without udev libdevmapper has to make the device nodes. */
	if (access("/run/udev/control", F_OK))
		setenv("DM_DISABLE_UDEV", "1", 1);
	setenv("LC_ALL", "C", 1);
	snprintf(disk->folder, sizeof(disk->folder), "/tmp/disk.XXXXXX");
	if (!mkdtemp(disk->folder))
		return -errno;
	setenv("FOLDER", disk->folder, 1);
	disk_set(disk, "SAID", "said");
	disk_set(disk, "IMAGE", "image");
	disk_set(disk, "PASS", "passphrase");
	setenv("NAME", DISK_NAME, 1);
	setenv("UUID", DISK_UUID, 1);
	return disk_write_file(disk, "passphrase", DISK_PASSPHRASE, 0) ?:
	       disk_write_file(disk, "image", "", DISK_SIZE);
}

/*
 * Formats $IMAGE as LUKS2.  To format measures the machine's speed for a second and more,
 * so that a program does it once, and its other tests copy what came of it.
 */
static inline int disk_format(void)
{
	char made[64];
	int err;

	/* Each test is a child of the program's first process. */
	snprintf(made, sizeof(made), DISK_MADE, getppid());
	setenv("MADE", made, 1);
	if (access(made, F_OK) == 0)
		return disk_run("dd if=$MADE of=$IMAGE bs=1M conv=notrunc");
	err = disk_run(DISK_FORMAT DISK_LUKS2 "$IMAGE");
	if (err)
		return err;
	return disk_run("dd if=$IMAGE of=$MADE.new bs=1M count=" DISK_HEADER_MIB
			" && mv $MADE.new $MADE");
}

static inline void disk_forget(void)
{
	char made[64];

	snprintf(made, sizeof(made), DISK_MADE, getpid());
	unlink(made);
}

/* Only the first process removes what has its name. */
__attribute__((constructor))
static inline void disk_begin(void)
{
	atexit(disk_forget);
}

/*
 * Makes the image a block device.  cryptsetup would do so by itself, but its
 * device would only exist as long as the volume, and would have the rights of
 * the process that opened the volume.
 */
static inline int disk_attach(void)
{
	char device[64] = "";
	FILE *said;
	int err = disk_run("losetup --find --show $IMAGE");

	if (err)
		return err;
	said = fopen(getenv("SAID"), "re");
	if (!said || fscanf(said, "%63s", device) != 1)
		err = -EIO;
	if (said)
		fclose(said);
	setenv("IMAGE", device, 1);
	return err;
}

static inline int disk_remove_file(const char *path, const struct stat *about,
				   int kind, struct FTW *at)
{
	return remove(path);
}

static inline bool disk_is_open(void)
{
	return access("/dev/mapper/" DISK_NAME, F_OK) == 0;
}

static inline void disk_end(const struct disk *disk)
{
	if (!disk->folder[0])
		return;
	/*
	 * Resumes the volume: a process that waits for a suspended volume
	 * cannot be killed.
	 */
	disk_run("dmsetup resume $NAME");
	if (disk_is_open() && disk_run("cryptsetup close $NAME"))
		disk_did_not_say("");
	disk_run("losetup --detach $IMAGE");
	nftw(disk->folder, disk_remove_file, 8, FTW_DEPTH | FTW_PHYS);
}

/* Prints the system calls of a program for keys, with their arguments. */
#define DISK_TRACE	"strace -f -s 256 -e trace=add_key,keyctl,request_key "

#define REQUIRE_STRACE() do { \
	if (disk_run("strace -V") == DISK_NOT_FOUND) \
		SKIP(return, "needs strace"); \
	if (task_is_traced()) \
		SKIP(return, "untraced only: a program has one tracer"); \
} while (0)

/* A fixture whose only member is a disk. */
#define DISK_SETUP(disk) do { \
	const char *lacks_ = disk_lacks(); \
	if (lacks_) \
		SKIP(return, "%s", lacks_); \
	ASSERT_EQ(0, disk_init(disk)); \
} while (0)

/* True if the kernel's table of the volume matches @pattern of grep(1). */
static inline bool disk_table_has(const char *pattern)
{
	return disk_run("dmsetup table --showkeys $NAME | grep -q -- '%s'",
			pattern) == 0;
}

/*
 * Writes a text through the volume, and checks that the image does not have it
 * in the clear.  A whole block is written at once, since an authenticated
 * sector cannot be read before its first write.
 */
static inline bool disk_write_text(void)
{
	return disk_run("printf %%-4096s " DISK_TEXT " | dd of=/dev/mapper/$NAME"
			" bs=4096 iflag=fullblock oflag=direct"
			" && ! grep -aq " DISK_TEXT " $IMAGE") == 0;
}

static inline bool disk_has_text(void)
{
	return disk_run("dd if=/dev/mapper/$NAME iflag=direct bs=4096 count=1 |"
			" grep -aq " DISK_TEXT) == 0;
}

/* True if anybody on this machine has a key of that description. */
static inline bool disk_key_exists(const char *description)
{
	FILE *keys = fopen("/proc/keys", "re");
	char line[1024];
	bool found = false;

	while (keys && !found && fgets(line, sizeof(line), keys))
		found = strstr(line, description);
	if (keys)
		fclose(keys);
	return found;
}

/* True once no keyring on this machine has such a key. */
static inline bool disk_key_gone(const char *description)
{
	for (int ms = 0; ms < DISK_GONE_MS; ms += 50) {
		if (!disk_key_exists(description))
			return true;
		sleep_ms(50);
	}
	return false;
}

#endif /* SELFTESTS_KEYS_CRYPTSETUP_H */
