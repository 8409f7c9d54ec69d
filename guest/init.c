// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of a test guest.
 *
 * Starts from the initramfs, moves onto the root disk, runs /keys/job, and
 * tells the host how that ended through a channel of its own.  The console's
 * output does not matter.  Only the word on the channel counts, and a guest
 * that dies too early sends no word.  Together with the word, init sends the
 * build ids of the kernel and of the modules, and the checksums of the job's
 * files, so that the host can check that they are its own builds.
 *
 * The job's output goes to a second channel.  With "keys.console" on the kernel
 * command line the job uses the console instead, as a person would.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOT_DISK	"/dev/vda"
#define ROOT		"/root"
#define JOB		"/keys/job"
#define PORTS		"/sys/class/virtio-ports"
#define OUTPUT_PORT	"keys.output"
#define VERDICT_PORT	"keys.verdict"
#define LEAKS		"/sys/kernel/debug/kmemleak"
#define KERNEL_NOTES	"/sys/kernel/notes"
#define MODULE_NOTES	"/sys/module/*/notes/.note.gnu.build-id"
#define NOTES_MAX	4096
/* The files of the job: everything from the host except disk images */
#define SUM_FILES	"cd /keys && find . -type f ! -name '*.img' -print0 | " \
			"xargs -0 -r -n 16 -P 2 sha256sum"
/* kmemleak trusts a block for five seconds before it calls it lost. */
#define LEAK_AGE	6
#define LEAK_SCANS	2
/* A bad page, an oops, a warning, a stuck processor */
#define TAINTS		(1 << 5 | 1 << 7 | 1 << 9 | 1 << 14)
/* How long the last output may take to reach the host. */
#define CARRIER_TRIES	200
#define CARRIER_STEP_US	10000

static const struct {
	const char *source, *target, *type, *options;
	unsigned long flags;
} mounts[] = {
	{ "proc", "/proc", "proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "sysfs", "/sys", "sysfs", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "debugfs", "/sys/kernel/debug", "debugfs", NULL, 0 },
	{ "securityfs", "/sys/kernel/security", "securityfs", NULL, 0 },
	{ "cgroup", "/sys/fs/cgroup", "cgroup2", NULL, 0 },
	{ "devpts", "/dev/pts", "devpts", "mode=620,ptmxmode=666", 0 },
	{ "shm", "/dev/shm", "tmpfs", "mode=1777", 0 },
	{ "tmp", "/tmp", "tmpfs", "mode=1777", 0 },
	{ "run", "/run", "tmpfs", "mode=755", 0 },
};

/* What udev would add to /dev, and the modules of this kernel. */
static const char *const links[][2] = {
	{ "/keys/lib/modules", "/lib/modules" },
	{ "/proc/self/fd", "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" },
};

static void leave(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

__attribute__((format(printf, 1, 2)))
static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "init: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(args);
	leave();
}

static void enter_root(void)
{
	if (mount(ROOT_DISK, ROOT, "ext4", MS_NOATIME, NULL) &&
	    mount(ROOT_DISK, ROOT, "ext2", MS_NOATIME, NULL))
		fail("cannot mount " ROOT_DISK);
	if (mkdir(ROOT "/keys", 0755) && errno != EEXIST)
		fail("cannot make /keys");
	if (mount("/keys", ROOT "/keys", NULL, MS_BIND, NULL))
		fail("cannot bring /keys along");
	if (mount("/dev", ROOT "/dev", NULL, MS_MOVE, NULL))
		fail("cannot bring /dev along");
	/* Moving the disk over "/" keeps user namespaces possible: a mere
	 * chroot would forbid them.
	 */
	if (chdir(ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) ||
	    chroot(".") || chdir("/"))
		fail("cannot move onto the root disk");
}

static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		mkdir(mounts[i].target, 0755);
		/* A kernel without one of these is a kernel under test too. */
		if (mount(mounts[i].source, mounts[i].target, mounts[i].type,
			  mounts[i].flags, mounts[i].options) &&
		    errno != ENODEV && errno != ENOENT)
			fail("cannot mount %s", mounts[i].target);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (symlink(links[i][0], links[i][1]) && errno != EEXIST)
			fail("cannot link %s", links[i][1]);
}

static bool on_command_line(const char *word)
{
	char line[4096] = "";
	FILE *file = fopen("/proc/cmdline", "r");
	bool found;

	if (!file)
		fail("cannot read the command line");
	found = fgets(line, sizeof(line), file) && strstr(line, word);
	fclose(file);
	return found;
}

/* The host gives channels names; the kernel gives them numbers. */
static int open_port(const char *wanted)
{
	char path[512], name[64];
	struct dirent *entry;
	FILE *file;
	DIR *dir = opendir(PORTS);
	int fd = -1;

	if (!dir)
		fail("no virtio ports");
	while (fd < 0 && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), PORTS "/%s/name", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%63s", name) == 1 && !strcmp(name, wanted)) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			fd = open(path, O_WRONLY | O_CLOEXEC);
		}
		fclose(file);
	}
	closedir(dir);
	if (fd < 0)
		fail("no channel %s", wanted);
	return fd;
}

/*
 * The job writes into a pipe, and another process copies the pipe to the
 * channel: a port can be open only once, and shells like to open /dev/stdout.
 */
static pid_t start_carrier(int *in)
{
	char text[4096];
	int ends[2], port;
	ssize_t n;
	pid_t pid;

	if (pipe(ends))
		fail("cannot make a pipe");
	port = open_port(OUTPUT_PORT);
	pid = fork();
	if (pid < 0)
		fail("cannot fork");
	if (!pid) {
		close(ends[1]);
		while ((n = read(ends[0], text, sizeof(text))) > 0)
			if (write(port, text, n) != n)
				_exit(1);
		_exit(0);
	}
	close(ends[0]);
	close(port);
	*in = ends[1];
	return pid;
}

/* A daemon that the job has left running may hold the pipe open for ever. */
static void stop_carrier(pid_t pid, int in)
{
	close(in);
	for (int i = 0; i < CARRIER_TRIES; i++) {
		if (waitpid(pid, NULL, WNOHANG))
			return;
		usleep(CARRIER_STEP_US);
	}
}

static int run_job(bool console)
{
	char *const argv[] = { "sh", JOB, NULL };
	pid_t pid, ended, carrier = 0;
	int out = -1, status;

	if (!console)
		carrier = start_carrier(&out);
	pid = fork();
	if (pid < 0)
		fail("cannot fork");
	if (!pid) {
		setsid();
		if (console)
			ioctl(STDIN_FILENO, TIOCSCTTY, 1);
		else if (dup2(out, STDOUT_FILENO) < 0 ||
			 dup2(out, STDERR_FILENO) < 0)
			_exit(126);
		execv("/bin/sh", argv);
		_exit(127);
	}
	/* As the first process, init also waits for orphans. */
	do {
		ended = wait(&status);
	} while (ended != pid && (ended > 0 || errno == EINTR));
	if (carrier)
		stop_carrier(carrier, out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/*
 * A debug kernel looks for lost memory, and the host fails the run on a report.
 * The first scan only notes the contents of a block: a block that has changed
 * by the second scan is in use.
 */
static void report_leaks(void)
{
	int fd = open(LEAKS, O_RDWR);
	char text[4096];
	ssize_t n;

	if (fd < 0)
		return;
	sleep(LEAK_AGE);
	for (int i = 0; i < LEAK_SCANS; i++)
		if (write(fd, "scan", 4) != 4)
			fail("kmemleak will not scan");
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, text, sizeof(text))) > 0)
		fwrite(text, 1, n, stderr);
	close(fd);
}

/* The number behind @name in a file, or @otherwise. */
static unsigned long number_in(const char *path, const char *name,
			       unsigned long otherwise)
{
	FILE *file = fopen(path, "r");
	unsigned long value = otherwise;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		char *at = strstr(line, name);

		if (!at)
			continue;
		value = strtoul(at + strlen(name), NULL, 0);
		break;
	}
	if (file)
		fclose(file);
	return value;
}

/* Tells the build id that stands among the ELF notes in a file: "LABEL ID" */
static void tell_build_id(int verdict, const char *path, const char *label)
{
	char notes[NOTES_MAX], *at = notes, *end, *id = NULL;
	int fd = open(path, O_RDONLY);
	size_t id_len = 0;
	ssize_t len;

	if (fd < 0)
		return;
	len = read(fd, notes, sizeof(notes));
	close(fd);
	for (end = notes + len; end - at > (ssize_t)sizeof(Elf64_Nhdr);) {
		const Elf64_Nhdr *note = (void *)at;
		char *name = at + sizeof(*note);
		char *data = name + (note->n_namesz + 3) / 4 * 4;

		at = data + (note->n_descsz + 3) / 4 * 4;
		if (note->n_type == NT_GNU_BUILD_ID && at <= end &&
		    !memcmp(name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU))) {
			id = data;
			id_len = note->n_descsz;
		}
	}
	dprintf(verdict, "%s ", label);
	for (size_t i = 0; i < id_len; i++)
		dprintf(verdict, "%02x", (unsigned char)id[i]);
	dprintf(verdict, "\n");
}

/* The modules that are loaded: "module NAME ID" */
static void tell_modules(int verdict)
{
	glob_t found;
	char label[256];

	if (glob(MODULE_NOTES, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (sscanf(found.gl_pathv[i], "/sys/module/%200[^/]", label + 7) != 1)
			continue;
		memcpy(label, "module ", 7);
		tell_build_id(verdict, found.gl_pathv[i], label);
	}
	globfree(&found);
}

/* The files that the job is run from: "file SUM  PATH" */
static void tell_files(int verdict)
{
	FILE *sums = popen(SUM_FILES, "r");
	char line[1024];

	while (sums && fgets(line, sizeof(line), sums))
		dprintf(verdict, "file %s", line);
	if (!sums || pclose(sums))
		fail("cannot sum up the files of the job");
}

/*
 * Tells the host how the guest ended.  The kernel's taint is checked in case a
 * complaint was missed.
 */
static void tell(int verdict, int code)
{
	unsigned long taint = number_in("/proc/sys/kernel/tainted", "", 0);

	if (taint & TAINTS)
		dprintf(verdict, "tainted %lu\n", taint);
	else if (!number_in("/proc/lockdep_stats", "debug_locks:", 1))
		dprintf(verdict, "lockdep is off\n");
	else
		dprintf(verdict, "exit %d\n", code);
}

int main(void)
{
	bool console;
	int verdict, code;

	if (getpid() != 1) {
		fprintf(stderr, "init: runs as the first process of a guest\n");
		return 1;
	}
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	mkdir(ROOT, 0755);
	mkdir("/dev", 0755);
	if (mount("dev", "/dev", "devtmpfs", 0, NULL) && errno != EBUSY)
		fail("cannot mount /dev");
	enter_root();
	mount_all();

	console = on_command_line("keys.console");
	verdict = open_port(VERDICT_PORT);
	if (!console) {
		tell_build_id(verdict, KERNEL_NOTES, "kernel");
		tell_files(verdict);
	}
	code = run_job(console);
	tell_modules(verdict);
	report_leaks();
	tell(verdict, code);
	close(verdict);
	leave();
}
