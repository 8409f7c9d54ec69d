// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a test program so that every allocation and every copy of its calls fails
 * once, in turn.
 *
 *	faults PROGRAM [ARGUMENT...]
 *
 * A call of the interfaces under test is made with its first allocation or copy
 * failing, then with its second, and so on.  Each time it returns ENOMEM,
 * EFAULT or, see below, ENOKEY it is made again, as if the program had tried
 * again, until nothing is left to fail or it got by without.  The program is
 * told of none of this: what the failed calls left behind, it will stumble over,
 * and it judges every other errno.  Its children are treated alike, but not a
 * helper that the kernel runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/fscrypt.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"

#define TASKS_MAX	4096
#define SITES_MAX	16384
#define NTH_MAX		2000
/* How often the calls of one place in a program are treated like this */
#define PER_SITE	2
/* Calls take longer, and so may tests. */
#define PATIENCE	20
/* Bytes of the instruction of a system call, be it syscall or int 0x80 */
#define CALL_LEN	2

#ifndef SOL_ALG
#define SOL_ALG		279
#endif

enum call {
	CALL_OTHER, CALL_KEYS, CALL_SETSOCKOPT, CALL_IOCTL, CALL_FILE,
	CALL_ALARM,
};

/*
 * struct task - a task of the program
 * @tid:	its number, 0 if the entry is free
 * @armed:	a failure is on its way
 * @again:	the next call is the same one, made again
 * @nth:	which allocation or copy fails
 */
struct task {
	pid_t tid;
	bool armed, again;
	unsigned int nth;
};

static struct task tasks[TASKS_MAX];

static struct {
	uint64_t site;
	unsigned int times;
} sites[SITES_MAX];

static unsigned int failed_calls, got_by, places;

static struct task *task_of(pid_t tid)
{
	struct task *unused = NULL;

	for (int i = 0; i < TASKS_MAX; i++) {
		if (tasks[i].tid == tid)
			return &tasks[i];
		if (!tasks[i].tid && !unused)
			unused = &tasks[i];
	}
	if (unused)
		*unused = (struct task) { .tid = tid };
	return unused;
}

static void set_nth(pid_t tid, unsigned int nth)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fail-nth", tid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		dprintf(fd, "%u", nth);
	close(fd);
}

/* Zero if the failure came. */
static unsigned int left_of(pid_t tid)
{
	char path[64], text[16] = "1";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fail-nth", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '1';
	close(fd);
	return strtoul(text, NULL, 0);
}

static enum call call_of(bool compat, uint64_t nr)
{
	switch (compat ? nr + 1000 : nr) {
	case 248 ... 250: /* add_key, request_key, keyctl */
	case 1286 ... 1288:
		return CALL_KEYS;
	case 54:
	case 1366:
		return CALL_SETSOCKOPT;
	case 16:
	case 1054:
		return CALL_IOCTL;
	case 0: /* read, write, readv, writev */
	case 1:
	case 19:
	case 20:
	case 1003:
	case 1004:
	case 1145:
	case 1146:
		return CALL_FILE;
	case 37:
	case 1027:
		return CALL_ALARM;
	}
	return CALL_OTHER;
}

/* A key service, or a file about keys */
static bool file_of_ours(pid_t tid, int fd)
{
	char path[64], name[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, fd);
	len = readlink(path, name, sizeof(name) - 1);
	name[len > 0 ? len : 0] = '\0';
	return strstr(name, "[key-service]") ||
	       strstr(name, "/proc/key-requests") ||
	       strstr(name, "/proc/sys/kernel/keys/");
}

/*
 * To make or change a trusted key leaves an object in the TPM when memory runs
 * out half way, and it has room for three.  That is not for us to mend.
 */
static bool asks_tpm(pid_t tid, const uint64_t *args)
{
	union {
		long word;
		char text[sizeof(long)];
	} type = {
		.word = ptrace(PTRACE_PEEKDATA, tid, args[0], 0),
	};

	return !memcmp(type.text, "trusted", sizeof("trusted")) ||
	       args[0] == KEYCTL_UPDATE;
}

static bool is_ours(pid_t tid, enum call call, const uint64_t *args)
{
	switch (call) {
	case CALL_KEYS:
		return !asks_tpm(tid, args);
	case CALL_SETSOCKOPT:
		return args[1] == SOL_ALG;
	case CALL_IOCTL:
		return (uint32_t)args[1] == FS_IOC_ADD_ENCRYPTION_KEY ||
		       (uint32_t)args[1] == FS_IOC_REMOVE_ENCRYPTION_KEY;
	case CALL_FILE:
		return file_of_ours(tid, args[0]);
	default:
		return false;
	}
}

/* Whether this place was met often enough; it is known by who called libc. */
static bool had_enough(pid_t tid, const struct __ptrace_syscall_info *info)
{
	uint64_t site = ptrace(PTRACE_PEEKDATA, tid, info->stack_pointer, 0);
	unsigned int at;

	site = (site + info->entry.nr) * 0x9e3779b97f4a7c15ull;
	site = (site ^ info->entry.args[0]) * 0x9e3779b97f4a7c15ull | 1;
	for (at = site >> 40; sites[at % SITES_MAX].site; at++)
		if (sites[at % SITES_MAX].site == site)
			break;
	if (!sites[at % SITES_MAX].site) {
		if (places == SITES_MAX - 1)
			return true;
		places++;
		sites[at % SITES_MAX].site = site;
	}
	return ++sites[at % SITES_MAX].times > PER_SITE;
}

static void grant_patience(pid_t tid)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, tid, 0, &regs))
		return;
	if (regs.cs == 0x23)
		regs.rbx *= PATIENCE;
	else
		regs.rdi *= PATIENCE;
	ptrace(PTRACE_SETREGS, tid, 0, &regs);
}

static void on_entry(struct task *task, const struct __ptrace_syscall_info *info)
{
	bool compat = info->arch == AUDIT_ARCH_I386;
	enum call call = call_of(compat, info->entry.nr);
	bool again = task->again;

	task->again = false;
	if (call == CALL_ALARM)
		grant_patience(task->tid);
	if (!is_ours(task->tid, call, info->entry.args))
		return;
	if (!again) {
		if (had_enough(task->tid, info))
			return;
		task->nth = 1;
	}
	task->armed = true;
	set_nth(task->tid, task->nth);
}

static void make_again(struct task *task)
{
	struct user_regs_struct regs;

	if (task->nth >= NTH_MAX || ptrace(PTRACE_GETREGS, task->tid, 0, &regs))
		return;
	regs.rip -= CALL_LEN;
	regs.rax = regs.orig_rax;
	task->again = !ptrace(PTRACE_SETREGS, task->tid, 0, &regs);
	task->nth++;
}

/* The base looks a user's keyrings up in vain when it cannot make them. */
static bool tells_of_failure(int64_t ret)
{
	return ret == -ENOMEM || ret == -EFAULT || ret == -ENOKEY;
}

static void on_exit_of(struct task *task, const struct __ptrace_syscall_info *info)
{
	unsigned int left;

	if (!task->armed)
		return;
	task->armed = false;
	left = left_of(task->tid);
	set_nth(task->tid, 0);
	if (left)
		return;
	if (tells_of_failure(info->exit.rval)) {
		failed_calls++;
		make_again(task);
	} else {
		got_by++;
	}
}

static void on_call(pid_t tid)
{
	struct task *task = task_of(tid);
	struct __ptrace_syscall_info info = {};

	if (!task || ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info),
			    &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		on_entry(task, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		on_exit_of(task, &info);
}

static bool stops_all(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
	       sig == SIGTTOU;
}

static void on_stop(pid_t tid, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (sig == (SIGTRAP | 0x80)) {
		on_call(tid);
		sig = 0;
	} else if (event == PTRACE_EVENT_STOP && stops_all(sig)) {
		ptrace(PTRACE_LISTEN, tid, 0, 0);
		return;
	} else if (event) {
		sig = 0;
	}
	ptrace(PTRACE_SYSCALL, tid, 0, sig);
}

/* Returns what the program's first process ended with. */
static int follow(pid_t program)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			on_stop(tid, status);
			continue;
		}
		task_of(tid)->tid = 0;
		if (tid == program)
			return WIFEXITED(status) ? WEXITSTATUS(status) :
						   128 + WTERMSIG(status);
	}
	return 125;
}

int main(int argc, char **argv)
{
	/* To be told of a stop by a signal would take an allocation, too. */
	struct sigaction quiet = {
		.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP,
	};
	pid_t program;
	int code;

	if (argc < 2)
		return 125;
	code = faults_prepare();
	if (code) {
		fprintf(stderr, "this kernel injects no failures: %s\n",
			strerror(-code));
		return 125;
	}
	sigaction(SIGCHLD, &quiet, NULL);
	program = fork();
	if (!program) {
		raise(SIGSTOP);
		execv(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	waitpid(program, &code, WUNTRACED);
	if (ptrace(PTRACE_SEIZE, program, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
		   PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
		   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC)) {
		perror("ptrace");
		return 125;
	}
	kill(program, SIGCONT);
	code = follow(program);
	printf("# faults: %u calls failed and were made again, %u got by, at %u places\n",
	       failed_calls, got_by, places);
	return code;
}
