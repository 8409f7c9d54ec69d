// SPDX-License-Identifier: GPL-2.0-only
/*
 * disk-key(8) and the power: each write of a command is recorded, and done again on
 * the device up to every sector at which it could have ended.
 */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "disk_key.h"
#include "store.h"
#include "task.h"

#define WRITES_MAX	64
#define SECTORS_OF_COPY	(HEADER_SIZE / HEADER_SECTOR)
#define COPY_1		65536
/* Both copies, and what is between them */
#define REGION		(COPY_1 + HEADER_SIZE)
/* Each field has one of these bytes; disk_key_header_test turns all of them. */
#define BYTES_APART	7
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

FIXTURE(disk_cut)
{
	struct disk_key disk;
	uint8_t *before;
	struct header old;
	struct record records[WRITES_MAX];
	int count;
	int syncs;
	bool other_way;
};

FIXTURE_SETUP(disk_cut)
{
	if (task_is_traced())
		SKIP(return, "untraced only: a program has one tracer");
	DISK_KEY_SETUP(&self->disk);
	self->before = calloc(1, REGION);
	ASSERT_NE(NULL, self->before);
	ASSERT_LT(0, sym_add("second", PARENT_LINE));
}

FIXTURE_TEARDOWN(disk_cut)
{
	for (int i = 0; i < self->count; i++)
		free(self->records[i].bytes);
	free(self->before);
	disk_key_end(&self->disk);
}

/* A write of the program, stopped on its way into the kernel. */
static void take_call(FIXTURE_DATA(disk_cut) *self, pid_t task,
		      const struct __ptrace_syscall_info *call)
{
	struct record *record = &self->records[self->count];
	struct iovec from, to;

	switch (call->entry.nr) {
	case __NR_fsync:
		self->syncs++;
		return;
	case __NR_write:
		/* What it says; nothing else goes to the device this way. */
		self->other_way |= call->entry.args[0] > 2;
		return;
	case __NR_pwrite64:
		break;
	default:
		return;
	}
	if (self->count == WRITES_MAX) {
		self->other_way = true;
		return;
	}
	record->size = call->entry.args[2];
	record->at = call->entry.args[3];
	record->epoch = self->syncs;
	record->bytes = malloc(record->size);
	to = (struct iovec){ record->bytes, record->size };
	from = (struct iovec){ (void *)(uintptr_t)call->entry.args[1], record->size };
	if (process_vm_readv(task, &to, 1, &from, 1, 0) != (ssize_t)record->size)
		self->other_way = true;
	self->count++;
}

static bool is_change(const struct __ptrace_syscall_info *call)
{
	return call->op == PTRACE_SYSCALL_INFO_ENTRY &&
	       (call->entry.nr == __NR_pwrite64 || call->entry.nr == __NR_fsync);
}

static pid_t start(const char *arguments)
{
	char command[512];
	pid_t child = fork();

	if (child)
		return child;
	snprintf(command, sizeof(command), "exec >/dev/null 2>&1; exec $DISK_KEY %s",
		 arguments);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

/*
 * Runs the program, and kills it before its change number @deadly, if not negative.
 * Returns its exit status, -1 if it was killed, or -2.
 */
static int run_traced(FIXTURE_DATA(disk_cut) *self, const char *arguments,
		      int deadly)
{
	struct __ptrace_syscall_info call;
	pid_t child = start(arguments);
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
			take_call(self, child, &call);
		if (is_change(&call) && changes++ == deadly)
			kill(child, SIGKILL);
	}
}

static bool put(int fd, const void *bytes, size_t size, int64_t at)
{
	return pwrite(fd, bytes, size, at) == (ssize_t)size;
}

static bool put_record(int fd, const struct record *record)
{
	return put(fd, record->bytes, record->size, record->at);
}

static bool is_copy(const struct record *record)
{
	return record->size == HEADER_SIZE &&
	       (record->at == 0 || record->at == COPY_1);
}

/* Outside of the copies, or one of them. */
static bool is_apart(const struct record *record)
{
	int64_t end = record->at + record->size;

	return is_copy(record) || (record->at >= HEADER_SIZE && end <= COPY_1) ||
	       record->at >= REGION;
}

/* What the program would read; the sequence is 0 if there is no header. */
static struct header header_now(void)
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

static bool same(const struct header *one, const struct header *other)
{
	return memcmp(one, other, sizeof(*one)) == 0;
}

/* The device before write @last, and some of the sectors that it writes. */
static bool put_cut(FIXTURE_DATA(disk_cut) *self, int last, unsigned int sectors)
{
	const struct record *record = &self->records[last];
	int fd = self->disk.loop;
	bool done = put(fd, self->before, HEADER_SIZE, 0) &&
		    put(fd, self->before + COPY_1, HEADER_SIZE, COPY_1);

	for (int i = 0; done && i < last; i++)
		done = !is_copy(&self->records[i]) ||
		       put_record(fd, &self->records[i]);
	for (int i = 0; done && i < SECTORS_OF_COPY; i++)
		if (sectors & 1u << i)
			done = put(fd, record->bytes + i * HEADER_SECTOR,
				   HEADER_SECTOR, record->at + i * HEADER_SECTOR);
	return done;
}

/*
 * Every set of sectors of every copy that was being written.  Returns how often the
 * header was neither the old nor the new one; @news how often it was the new one.
 */
static int cuts(FIXTURE_DATA(disk_cut) *self, const struct header *new, int *news)
{
	int wrong = 0;

	for (int i = 0; i < self->count; i++) {
		if (!is_copy(&self->records[i]))
			continue;
		for (unsigned int set = 0; set < 1u << SECTORS_OF_COPY; set++) {
			struct header now;

			if (!put_cut(self, i, set))
				return -EIO;
			now = header_now();
			if (same(&now, new))
				(*news)++;
			else if (!same(&now, &self->old))
				wrong++;
		}
	}
	return wrong;
}

/* One copy at a time, with a sync behind each, so that there is no other order. */
static bool is_ordered(FIXTURE_DATA(disk_cut) *self)
{
	const struct record *last = NULL;
	int copies = 0;

	for (int i = 0; i < self->count; i++) {
		const struct record *record = &self->records[i];

		if (!is_apart(record))
			return false;
		if (!is_copy(record))
			continue;
		if (last && (last->at == record->at ||
			     last->epoch == record->epoch))
			return false;
		last = record;
		copies++;
	}
	return copies == 2 && self->syncs > last->epoch && !self->other_way;
}

static bool keep_before(FIXTURE_DATA(disk_cut) *self)
{
	self->old = header_now();
	return pread(self->disk.loop, self->before, REGION, 0) == REGION;
}

/* What there is to show of a command. */
#define SHOW_CUTS(arguments) do { \
	struct header new_; \
	int news_ = 0; \
\
	ASSERT_TRUE(keep_before(self)); \
	ASSERT_EQ(0, run_traced(self, arguments, -1)); \
	EXPECT_TRUE(is_ordered(self)); \
	new_ = header_now(); \
	EXPECT_TRUE(header_valid(&new_)); \
	EXPECT_FALSE(same(&new_, &self->old)); \
	EXPECT_EQ(0, cuts(self, &new_, &news_)); \
	/* All that belongs to the second copy, and the whole of the first */ \
	EXPECT_LE(1 << SECTORS_OF_COPY, news_); \
	EXPECT_GT(2 << SECTORS_OF_COPY, news_); \
} while (0)

#define ADD	"add-parent -p %symmetric:parent $DEVICE %symmetric:second"
#define REMOVE	"remove-parent -p %symmetric:parent $DEVICE 1"
#define AGAIN	"format -p %symmetric:parent --force $DEVICE"

/* Shows: DK-6. A parent comes. */
TEST_F_TIMEOUT(disk_cut, add, DISK_SECONDS)
{
	ASSERT_WORKS(FORMAT "$DEVICE");
	SHOW_CUTS(ADD);
}

/* Shows: DK-6. A parent goes. */
TEST_F_TIMEOUT(disk_cut, remove, DISK_SECONDS)
{
	ASSERT_WORKS(FORMAT "$DEVICE");
	ASSERT_EQ(0, disk_key("%s", ADD));
	SHOW_CUTS(REMOVE);
}

/* Shows: DK-6. A disk becomes another one. */
TEST_F_TIMEOUT(disk_cut, again, DISK_SECONDS)
{
	ASSERT_WORKS(FORMAT "$DEVICE");
	SHOW_CUTS(AGAIN);
}

/* Shows: DK-6. Where there was none before. */
TEST_F_TIMEOUT(disk_cut, format, DISK_SECONDS)
{
	ASSERT_TRUE(put(self->disk.loop, self->before, REGION, 0));
	SHOW_CUTS("format -p %symmetric:parent $DEVICE");
}

/* Shows: DK-6, DK-8. One copy is damaged before, be it the first or the second. */
TEST_F_TIMEOUT(disk_cut, damaged, DISK_SECONDS)
{
	for (int copy = 0; copy < 2; copy++) {
		ASSERT_WORKS(FORMAT "$DEVICE");
		ASSERT_TRUE(put(self->disk.loop, "x", 1,
				copy * COPY_1 + HEADER_SIZE / 2));
		for (int i = 0; i < self->count; i++)
			free(self->records[i].bytes);
		self->count = 0;
		self->syncs = 0;
		SHOW_CUTS(ADD);
	}
}

/* Shows: DK-6. The program is killed before each of its writes and syncs. */
TEST_F_TIMEOUT(disk_cut, killed, 2 * DISK_SECONDS)
{
	static const char * const commands[] = { ADD, AGAIN };
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		int killed = 0;

		for (status = -1; status == -1; killed++) {
			struct header now;

			ASSERT_WORKS(FORMAT "$DEVICE");
			ASSERT_TRUE(keep_before(self));
			status = run_traced(self, commands[i], killed);
			ASSERT_LE(-1, status);
			now = header_now();
			EXPECT_TRUE(header_valid(&now));
			EXPECT_WORKS(OPEN);
			EXPECT_WORKS("close " DISK_NAME);
		}
		EXPECT_EQ(0, status);
		/* Two writes and two syncs at least */
		EXPECT_LE(4, killed - 1);
	}
}

/* Shows: DK-8. Bits turn over, in one copy and then in both. */
TEST_F_TIMEOUT(disk_cut, bits, DISK_SECONDS)
{
	uint8_t byte, turned;
	struct header now;

	ASSERT_WORKS(FORMAT "$DEVICE");
	self->old = header_now();
	for (int copy = 0; copy < 2; copy++) {
		for (int at = 0; at < HEADER_SIZE; at += BYTES_APART) {
			int64_t place = copy * COPY_1 + at;

			ASSERT_EQ(1, pread(self->disk.loop, &byte, 1, place));
			turned = byte ^ 1 << at % 8;
			ASSERT_TRUE(put(self->disk.loop, &turned, 1, place));
			now = header_now();
			EXPECT_TRUE(same(&now, &self->old));
			if (at % (100 * BYTES_APART) == 0) {
				EXPECT_WORKS("status $DEVICE");
				EXPECT_TRUE(disk_key_said(copy ? "copy 1: damaged" :
							  "copy 0: damaged"));
				EXPECT_WORKS(OPEN);
				EXPECT_WORKS("close " DISK_NAME);
			}
			ASSERT_TRUE(put(self->disk.loop, &byte, 1, place));
		}
	}
	ASSERT_TRUE(put(self->disk.loop, "x", 1, 100));
	EXPECT_EQ(0, disk_key("%s", ADD));
	EXPECT_WORKS("status $DEVICE");
	EXPECT_TRUE(disk_key_said("copy 0: valid"));
	ASSERT_TRUE(put(self->disk.loop, "x", 1, 100));
	ASSERT_TRUE(put(self->disk.loop, "x", 1, COPY_1 + 4000));
	EXPECT_FAILS("no valid header", "status $DEVICE");
	EXPECT_FAILS("no valid header", OPEN);
	EXPECT_FAILS("no valid header", "add-parent $DEVICE %%symmetric:second");
}

TEST_HARNESS_MAIN
