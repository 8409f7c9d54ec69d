/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What disk-key(8) writes to its devices: recorded, and the program killed before or
 * within any of it.  Include store.h of the program before.
 */
#ifndef SELFTESTS_KEYS_DISK_KEY_RECORD_H
#define SELFTESTS_KEYS_DISK_KEY_RECORD_H

#include <linux/dm-ioctl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "disk_key.h"

#define WRITES_MAX	64
#define SECTORS_OF_COPY	(HEADER_SIZE / HEADER_SECTOR)
#define COPY_1		65536
#define SYSCALL_STOP	(SIGTRAP | 0x80)

/*
 * struct record - what a command has written
 * @at:		where
 * @size:	how much
 * @epoch:	how often it had synced before
 * @bytes:	what
 */
struct record {
	int64_t at;
	size_t size;
	int epoch;
	uint8_t *bytes;
};

/*
 * struct recorder - all that it has written
 * @other_way:	something of it in a way that is not recorded
 */
struct recorder {
	struct record records[WRITES_MAX];
	int count;
	int syncs;
	bool other_way;
};

/* Where a program is killed: before a change, or after every other sector of it. */
enum kill_how {
	KILL_BEFORE,
	KILL_EVEN,
	KILL_ODD,
	KILL_WAYS,
};

static inline void recorder_clear(struct recorder *recorder)
{
	for (int i = 0; i < recorder->count; i++)
		free(recorder->records[i].bytes);
	memset(recorder, 0, sizeof(*recorder));
}

static inline bool read_call(pid_t task, const struct __ptrace_syscall_info *call,
			     void *bytes)
{
	size_t size = call->entry.args[2];
	struct iovec to = { bytes, size };
	struct iovec from = { (void *)(uintptr_t)call->entry.args[1], size };

	return process_vm_readv(task, &to, 1, &from, 1, 0) == (ssize_t)size;
}

/* A write of the program, stopped on its way into the kernel. */
static inline void take_call(struct recorder *recorder, pid_t task,
			     const struct __ptrace_syscall_info *call)
{
	struct record *record = &recorder->records[recorder->count];

	switch (call->entry.nr) {
	case __NR_fsync:
		recorder->syncs++;
		return;
	case __NR_write:
		/* What it says; nothing else goes to the device this way. */
		recorder->other_way |= call->entry.args[0] > 2;
		return;
	case __NR_pwrite64:
		break;
	default:
		return;
	}
	if (recorder->count == WRITES_MAX) {
		recorder->other_way = true;
		return;
	}
	record->size = call->entry.args[2];
	record->at = call->entry.args[3];
	record->epoch = recorder->syncs;
	record->bytes = malloc(record->size);
	recorder->other_way |= !record->bytes || !read_call(task, call, record->bytes);
	recorder->count++;
}

static inline bool is_change(const struct __ptrace_syscall_info *call)
{
	return call->op == PTRACE_SYSCALL_INFO_ENTRY &&
	       (call->entry.nr == __NR_pwrite64 || call->entry.nr == __NR_fsync);
}

static inline bool put(int fd, const void *bytes, size_t size, int64_t at)
{
	return pwrite(fd, bytes, size, at) == (ssize_t)size;
}

/* Writes every other sector of what the program is about to write. */
static inline bool tear(pid_t task, const struct __ptrace_syscall_info *call,
			enum kill_how how)
{
	size_t size = call->entry.args[2];
	uint8_t *bytes = malloc(size);
	char path[64];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", task,
		 (int)call->entry.args[0]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	done = bytes && fd >= 0 && read_call(task, call, bytes);
	for (size_t at = how == KILL_ODD ? HEADER_SECTOR : 0; done && at < size;
	     at += 2 * HEADER_SECTOR)
		done = put(fd, bytes + at, HEADER_SECTOR, call->entry.args[3] + at);
	done = done && fsync(fd) == 0;
	close(fd);
	free(bytes);
	return done;
}

static inline pid_t start_traced(const char *arguments)
{
	char command[512];
	pid_t child = fork();

	if (child)
		return child;
	snprintf(command, sizeof(command),
		 "exec </dev/null >$FOLDER/said 2>$FOLDER/error; exec $DISK_KEY %s",
		 arguments);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

/*
 * Runs the program, and kills it at its change number @deadly, if not negative; else
 * it is recorded.  Returns its exit status, -1 if it was killed, or -2.
 */
static inline int run_traced(struct recorder *recorder, const char *arguments,
			     int deadly, enum kill_how how)
{
	struct __ptrace_syscall_info call;
	pid_t child = start_traced(arguments);
	int status, changes = 0;

	if (child < 0 || waitpid(child, &status, 0) != child ||
	    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD |
						PTRACE_O_EXITKILL))
		return -2;
	for (;;) {
		/* One that was just killed may be gone already. */
		if (ptrace(PTRACE_SYSCALL, child, 0, 0) && errno != ESRCH)
			return -2;
		if (waitpid(child, &status, 0) != child)
			return -2;
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return -1;
		if (WSTOPSIG(status) != SYSCALL_STOP ||
		    ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(call), &call) <= 0)
			continue;
		if (deadly < 0 && call.op == PTRACE_SYSCALL_INFO_ENTRY)
			take_call(recorder, child, &call);
		if (!is_change(&call) || changes++ != deadly)
			continue;
		if (how != KILL_BEFORE && call.entry.nr == __NR_pwrite64 &&
		    !tear(child, &call, how))
			return -2;
		kill(child, SIGKILL);
	}
}

/*
 * struct halt - where a program is to stand
 * @call:	the number of a call
 * @request:	of an ioctl about a volume, or 0 for any call of that number
 * @flags:	those of its flags in @mask
 * @mask:	which flags count
 */
struct halt {
	long call;
	unsigned long request;
	uint32_t flags;
	uint32_t mask;
};

/* Any call of this number; the volume gets a table; the volume's I/O goes on. */
#define HALT_CALL(number)	((struct halt){ (number), 0, 0, 0 })
#define HALT_LOAD	((struct halt){ __NR_ioctl, DM_TABLE_LOAD, 0, 0 })
#define HALT_RESUME	((struct halt){ __NR_ioctl, DM_DEV_SUSPEND, 0, DM_SUSPEND_FLAG })

static inline bool is_of_volume(pid_t task, const struct __ptrace_syscall_info *call,
				const struct halt *halt)
{
	struct dm_ioctl about;
	struct iovec to = { &about, sizeof(about) };
	struct iovec from = { (void *)(uintptr_t)call->entry.args[2], sizeof(about) };

	return call->entry.args[1] == halt->request &&
	       process_vm_readv(task, &to, 1, &from, 1, 0) == sizeof(about) &&
	       strcmp(about.name, DISK_NAME) == 0 &&
	       (about.flags & halt->mask) == halt->flags;
}

static inline bool is_halt(pid_t task, const struct halt *halt)
{
	struct __ptrace_syscall_info call;

	return ptrace(PTRACE_GET_SYSCALL_INFO, task, sizeof(call), &call) > 0 &&
	       call.op == PTRACE_SYSCALL_INFO_ENTRY &&
	       (long)call.entry.nr == halt->call &&
	       (!halt->request || is_of_volume(task, &call, halt));
}

/*
 * Has a program that stands go on until it is there for the time @times.  Returns its
 * process, or a negative errno if it has ended before.
 */
static inline pid_t hold_again(pid_t child, struct halt halt, int times)
{
	int status;

	while (times) {
		if (ptrace(PTRACE_SYSCALL, child, 0, 0) ||
		    waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			return -ESRCH;
		if (WSTOPSIG(status) == SYSCALL_STOP && is_halt(child, &halt))
			times--;
	}
	return child;
}

/* Runs the program until it is there, and has it stand. */
static inline pid_t hold_program_at(const char *arguments, struct halt halt, int times)
{
	pid_t child = start_traced(arguments);
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child ||
	    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD |
						PTRACE_O_EXITKILL))
		return -ECHILD;
	return hold_again(child, halt, times);
}

static inline pid_t hold_program(const char *arguments, long call_number, int times)
{
	return hold_program_at(arguments, HALT_CALL(call_number), times);
}

/* It goes on.  Returns its exit status, or -1. */
static inline int let_program_go(pid_t child)
{
	int status;

	/* One that was killed cannot go. */
	ptrace(PTRACE_DETACH, child, 0, 0);
	if (waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline bool put_record(int fd, const struct record *record)
{
	return put(fd, record->bytes, record->size, record->at);
}

static inline bool is_copy(const struct record *record)
{
	return record->size == HEADER_SIZE &&
	       (record->at == 0 || record->at == COPY_1);
}

/* What the program would read; the sequence is 0 if there is no header. */
static inline struct header header_now(void)
{
	struct store store;
	struct header header = {};

	if (store_open(&store, getenv("DEVICE"), O_RDONLY))
		return header;
	if (store.copy >= 0)
		header = store.header;
	store_close(&store);
	return header;
}

static inline bool same_header(const struct header *one, const struct header *other)
{
	return memcmp(one, other, sizeof(*one)) == 0;
}

#endif /* SELFTESTS_KEYS_DISK_KEY_RECORD_H */
