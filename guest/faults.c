// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a test program so that every allocation and every copy of its calls fails
 * once, in turn.
 *
 *	faults PROGRAM [ARGUMENT...]
 *
 * A call of the interfaces under test is made with its first allocation or copy
 * failing, then with its second, and so on.  Each time the call returns ENOMEM,
 * EFAULT, ENOKEY or ENOBUFS (see below), it is made again, as if the program had tried
 * again.  This ends when no allocation or copy is left to fail, or when the
 * call succeeds despite the failure.  The program does not know about this.  It
 * notices anything that the failed calls leave behind, and it judges every
 * other errno.  The program's children are treated in the same way; helpers
 * that the kernel starts are not.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fscrypt.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <linux/tls.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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
/* How many calls of one place in a program are made to fail */
#define PER_SITE	2
/* Calls take longer, so tests get more time. */
#define PATIENCE	20
/* Bytes of the instruction of a system call, be it syscall or int 0x80 */
#define CALL_LEN	2

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#ifndef SOL_ALG
#define SOL_ALG		279
#endif
#ifndef SOL_TLS
#define SOL_TLS		282
#endif

enum call {
	CALL_OTHER, CALL_KEYS, CALL_KEYCTL, CALL_SETSOCKOPT, CALL_IOCTL,
	CALL_FILE, CALL_ALARM,
};

/*
 * struct task - a task of the program
 * @tid:	its number, 0 if the entry is free
 * @armed:	a failure is on its way
 * @again:	the next call is the same one, made again
 * @call:	what it calls
 * @nth:	which allocation or copy fails
 */
struct task {
	pid_t tid;
	bool armed, again;
	enum call call;
	unsigned int nth;
};

static struct task tasks[TASKS_MAX];

static struct {
	uint64_t site;
	unsigned int times;
} sites[SITES_MAX];

/*
 * @broken counts calls that could not be made to fail, and has to stay zero.
 */
static unsigned int failed_calls, got_by, places, broken;

/* Each test has its own count of a place, since it runs in its own process. */
static pid_t program;
static unsigned int test;

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

static bool set_nth(pid_t tid, unsigned int nth)
{
	char path[64];
	bool set;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fail-nth", tid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	set = dprintf(fd, "%u", nth) > 0;
	close(fd);
	return set;
}

/* Zero if the failure came. */
static unsigned int left_of(pid_t tid)
{
	char path[64], text[16] = "";
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fail-nth", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 1;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	return len > 0 ? strtoul(text, NULL, 0) : 1;
}

static const struct {
	uint32_t arch, nr;
	enum call call;
} calls[] = {
	{ AUDIT_ARCH_X86_64, 248, CALL_KEYS },	/* add_key */
	{ AUDIT_ARCH_X86_64, 249, CALL_KEYS },	/* request_key */
	{ AUDIT_ARCH_X86_64, 250, CALL_KEYCTL },
	{ AUDIT_ARCH_X86_64, 54, CALL_SETSOCKOPT },
	{ AUDIT_ARCH_X86_64, 16, CALL_IOCTL },
	{ AUDIT_ARCH_X86_64, 37, CALL_ALARM },
	{ AUDIT_ARCH_X86_64, 0, CALL_FILE },	/* read */
	{ AUDIT_ARCH_X86_64, 1, CALL_FILE },	/* write */
	{ AUDIT_ARCH_X86_64, 19, CALL_FILE },	/* readv */
	{ AUDIT_ARCH_X86_64, 20, CALL_FILE },	/* writev */
	{ AUDIT_ARCH_I386, 286, CALL_KEYS },
	{ AUDIT_ARCH_I386, 287, CALL_KEYS },
	{ AUDIT_ARCH_I386, 288, CALL_KEYCTL },
	{ AUDIT_ARCH_I386, 366, CALL_SETSOCKOPT },
	{ AUDIT_ARCH_I386, 54, CALL_IOCTL },
	{ AUDIT_ARCH_I386, 27, CALL_ALARM },
	{ AUDIT_ARCH_I386, 3, CALL_FILE },
	{ AUDIT_ARCH_I386, 4, CALL_FILE },
	{ AUDIT_ARCH_I386, 145, CALL_FILE },
	{ AUDIT_ARCH_I386, 146, CALL_FILE },
};

static enum call call_of(uint32_t arch, uint32_t nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].arch == arch && calls[i].nr == nr)
			return calls[i].call;
	return CALL_OTHER;
}

/*
 * Only these system calls stop for the tracer.  Programs that test sockets and
 * volumes open no service, but read and write a lot.
 */
static int watch_calls(const char *path)
{
	struct sock_filter filter[5 * ARRAY_SIZE(calls) + 1], *to = filter;
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	bool files = strncmp(name, "fscrypt_", strlen("fscrypt_")) &&
		     strncmp(name, "af_alg_", strlen("af_alg_"));
	struct sock_fprog watched = { .filter = filter };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].call == CALL_FILE && !files)
			continue;
		*to++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
				offsetof(struct seccomp_data, arch));
		*to++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
				calls[i].arch, 0, 3);
		*to++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
				offsetof(struct seccomp_data, nr));
		*to++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
				calls[i].nr, 0, 1);
		*to++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
				SECCOMP_RET_TRACE);
	}
	*to++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	watched.len = to - filter;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &watched);
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
 * If memory runs out half way, add_key() and KEYCTL_UPDATE of a trusted key
 * leave an object in the TPM, which has room for three.  This is a bug of the
 * base that the series does not mend.
 */
static bool is_trusted(pid_t tid, uint64_t type)
{
	union {
		long word;
		char text[sizeof(long)];
	} start = {
		.word = ptrace(PTRACE_PEEKDATA, tid, type, 0),
	};

	return !memcmp(start.text, "trusted", sizeof("trusted"));
}

static bool is_ours(pid_t tid, enum call call, const uint64_t *args)
{
	switch (call) {
	case CALL_KEYS:
		return !is_trusted(tid, args[0]);
	case CALL_KEYCTL:
		/*
		 * KEYCTL_UPDATE has no type among its arguments; the caller may
		 * be the only one who knows it.
		 */
		return args[0] != KEYCTL_UPDATE;
	case CALL_SETSOCKOPT:
		return args[1] == SOL_ALG ||
		       (args[1] == SOL_TLS &&
			(args[2] == TLS_TX_BY_KEY_SERIAL ||
			 args[2] == TLS_RX_BY_KEY_SERIAL));
	case CALL_IOCTL:
		return (uint32_t)args[1] == FS_IOC_ADD_ENCRYPTION_KEY ||
		       (uint32_t)args[1] == FS_IOC_REMOVE_ENCRYPTION_KEY;
	case CALL_FILE:
		return file_of_ours(tid, args[0]);
	default:
		return false;
	}
}

static uint64_t mix(uint64_t site, uint64_t value)
{
	return (site ^ value) * 0x9e3779b97f4a7c15ull;
}

/*
 * Whether this place was made to fail often enough.  A place is identified by
 * the test, the call, its first argument and the return address of the libc
 * function.  In a 32-bit program the word at that place of the stack is only a
 * guess.
 */
static bool had_enough(pid_t tid, const struct __ptrace_syscall_info *info)
{
	uint64_t site = mix(test, info->seccomp.nr);
	unsigned int at;

	site = mix(site, ptrace(PTRACE_PEEKDATA, tid, info->stack_pointer, 0));
	site = mix(site, info->seccomp.args[0]) | 1;
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
	enum call call = call_of(info->arch, info->seccomp.nr);
	bool again = task->again;

	task->again = false;
	if (call == CALL_ALARM)
		grant_patience(task->tid);
	if (!is_ours(task->tid, call, info->seccomp.args))
		return;
	if (!again) {
		if (had_enough(task->tid, info))
			return;
		task->nth = 1;
	}
	task->call = call;
	task->armed = set_nth(task->tid, task->nth);
	if (!task->armed)
		broken++;
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

/*
 * When the base cannot make a user's keyrings, it returns ENOKEY, whatever call
 * needs them.  A socket that is out of memory says ENOBUFS.
 */
static bool tells_of_failure(enum call call, int64_t ret)
{
	return ret == -ENOMEM || ret == -EFAULT ||
	       (ret == -ENOKEY && call != CALL_FILE) ||
	       (ret == -ENOBUFS && call == CALL_SETSOCKOPT);
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
	if (tells_of_failure(task->call, info->exit.rval)) {
		failed_calls++;
		make_again(task);
	} else {
		got_by++;
	}
}

static void on_call(struct task *task)
{
	struct __ptrace_syscall_info info = {};
	pid_t tid = task->tid;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP)
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
	struct task *task = task_of(tid);

	if (task && (sig == (SIGTRAP | 0x80) ||
		     event == PTRACE_EVENT_SECCOMP)) {
		on_call(task);
		sig = 0;
	} else if (event == PTRACE_EVENT_STOP && stops_all(sig)) {
		ptrace(PTRACE_LISTEN, tid, 0, 0);
		return;
	} else if (event) {
		/* A child of the program's first process is a test. */
		test += tid == program && (event == PTRACE_EVENT_FORK ||
					   event == PTRACE_EVENT_VFORK ||
					   event == PTRACE_EVENT_CLONE);
		sig = 0;
	}
	/* The tracer wants to see the exit of a call that is to fail. */
	ptrace(task && task->armed ? PTRACE_SYSCALL : PTRACE_CONT, tid, 0, sig);
}

/* Returns the exit status of the program's first process. */
static int follow(void)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			on_stop(tid, status);
			continue;
		}
		if (task_of(tid))
			task_of(tid)->tid = 0;
		if (tid == program)
			return WIFEXITED(status) ? WEXITSTATUS(status) :
						   128 + WTERMSIG(status);
	}
	return 125;
}

int main(int argc, char **argv)
{
	/*
	 * With SA_NOCLDSTOP the kernel sends no SIGCHLD for a stop, which would
	 * take an allocation that could fail.
	 */
	struct sigaction quiet = {
		.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP,
	};
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
		if (watch_calls(argv[1]))
			_exit(125);
		execv(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	waitpid(program, &code, WUNTRACED);
	if (ptrace(PTRACE_SEIZE, program, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP |
		   PTRACE_O_EXITKILL |
		   PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
		   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC)) {
		perror("ptrace");
		return 125;
	}
	kill(program, SIGCONT);
	code = follow();
	printf("# faults: %u calls failed and were made again, %u got by, at %u places\n",
	       failed_calls, got_by, places);
	if (!broken && (failed_calls || !places))
		return code;
	fprintf(stderr, "%u calls could not be made to fail\n", broken);
	return code ?: 125;
}
