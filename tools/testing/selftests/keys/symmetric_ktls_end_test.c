// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets whose traffic secret ends, in each way and in the middle of each call; and
 * a thousand of them.
 */
#include <dirent.h>
#include <linux/if_alg.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>

#include "../kselftest_harness.h"
#include "alg.h"
#include "symmetric_ktls.h"

#define TEST_UID	61234
#define CONNECTIONS	1000
#define ROUNDS		12
#define CHUNK		20000
#define READERS		4
#define SPINNERS	30

/* Shown by a child where a call that had to fail did not. */
#define WENT_ON		(-TASK_ODD)

enum way { REVOKE, INVALIDATE, EXPIRE, UPDATE };

/* Ends the secret; returns what calls have to say from then on, or 0. */
static int end_secret(key_serial_t key, enum way way)
{
	switch (way) {
	case REVOKE:
		return key_revoke(key) ? 0 : -EKEYREVOKED;
	case INVALIDATE:
		return key_invalidate(key) ? 0 : -EKEYREVOKED;
	case EXPIRE:
		return key_set_to_expire(key) ||
		       key_wait_expired(key) != -EKEYEXPIRED ? 0 : -EKEYEXPIRED;
	case UPDATE:
		return ktls_derive(key, "traffic-upd") < 0 ? 0 : -EKEYREVOKED;
	}
	return 0;
}

static int socket_error(int fd)
{
	socklen_t size = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return -error;
}

/* Waits for some of @events; returns what there is. */
static int poll_for(int fd, int events)
{
	struct pollfd end = { .fd = fd };

	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 5) {
		poll(&end, 1, 0);
		if (end.revents & events)
			break;
		sleep_ms(5);
	}
	return end.revents;
}

/* --- a socket that its user keeps locked ------------------------------------ */

struct sender {
	pthread_t thread;
	int fd;
	const void *page;
	long ret;
};

static void *send_page(void *arg)
{
	struct sender *sender = arg;

	sender->ret = result(write(sender->fd, sender->page, 1));
	return NULL;
}

/* Workers of the kernel that wait for the lock of a socket */
static int workers_at_lock(void)
{
	char path[300], where[64];
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	int count = 0;
	FILE *file;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
		file = fopen(path, "re");
		/* Threads of the kernel have no arguments. */
		if (!file || fgetc(file) != EOF)
			goto next;
		fclose(file);
		snprintf(path, sizeof(path), "/proc/%s/wchan", entry->d_name);
		file = fopen(path, "re");
		if (file && fgets(where, sizeof(where), file) &&
		    strcmp(where, "__lock_sock") == 0)
			count++;
next:
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
	return count;
}

/* Shows: TL-51. A call that copies has the lock, and its page does not come. */
TEST(locked)
{
	struct uffdio_register missing = {
		.mode = UFFDIO_REGISTER_MODE_MISSING,
		.range.len = sysconf(_SC_PAGESIZE),
	};
	struct uffdio_zeropage zero = { .range.len = missing.range.len };
	struct uffdio_api api = { .api = UFFD_API };
	int faults = syscall(__NR_userfaultfd, O_CLOEXEC), fds[2];
	struct sender sender = {};
	struct ktls_end ends[2];
	struct uffd_msg fault;

	REQUIRE_KTLS();
	if (faults < 0 && errno == ENOSYS)
		SKIP(return, "debug kernels only: needs CONFIG_USERFAULTFD");
	ASSERT_LE(0, faults);
	signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(0, ktls_both(&ktls_suites[0], ends, fds));
	ASSERT_EQ(0, ioctl(faults, UFFDIO_API, &api));
	sender.page = mmap(NULL, missing.range.len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, sender.page);
	missing.range.start = zero.range.start = (uintptr_t)sender.page;
	ASSERT_EQ(0, ioctl(faults, UFFDIO_REGISTER, &missing));
	sender.fd = fds[0];
	ASSERT_EQ(0, pthread_create(&sender.thread, NULL, send_page, &sender));
	ASSERT_EQ(sizeof(fault), read(faults, &fault, sizeof(fault)));

	EXPECT_EQ(0, key_revoke(ends[0].tx));
	for (int ms = 0; ms < 2000; ms += 100) {
		EXPECT_EQ(0, workers_at_lock());
		sleep_ms(100);
	}
	EXPECT_EQ(0, ioctl(faults, UFFDIO_ZEROPAGE, &zero));
	pthread_join(sender.thread, NULL);
	EXPECT_EQ(-EKEYREVOKED, sender.ret);
	EXPECT_TRUE(poll_for(fds[1], POLLERR | POLLHUP));
	close(faults);
}

/* --- readers that get no processor ------------------------------------------ */

static int write_always(const void *arg)
{
	uint8_t text[4000] = {};

	while (write(*(const int *)arg, text, sizeof(text)) > 0)
		;
	return 0;
}

static int read_idly(const void *arg)
{
	uint8_t text[4000];

	task_be_idle();
	while (read(*(const int *)arg, text, sizeof(text)) > 0)
		;
	return 0;
}

FIXTURE(readers)
{
	int unused;
};

FIXTURE_SETUP(readers)
{
	REQUIRE_KTLS();
	signal(SIGPIPE, SIG_IGN);
}

FIXTURE_TEARDOWN(readers)
{
}

/* Shows: SY-97. The cipher opens records later, and the readers are idle by policy. */
TEST_F_TIMEOUT(readers, idle, 120)
{
	struct ktls_end ends[READERS][2];
	int fds[READERS][2], cipher;
	pid_t tasks[2 * READERS + SPINNERS];
	long slowest = 0;

	cipher = alg_socket();
	ASSERT_LE(0, cipher);
	ASSERT_EQ(0, alg_bind_cryptd(cipher, &alg_gcm));
	for (int i = 0; i < READERS; i++) {
		ASSERT_EQ(0, ktls_both(&ktls_suites[0], ends[i], fds[i]));
		tasks[2 * i] = task_start(write_always, &fds[i][1]);
		tasks[2 * i + 1] = task_start(read_idly, &fds[i][0]);
	}
	/* Most of them stand in a record then. */
	sleep_ms(200);
	for (int i = 0; i < SPINNERS; i++)
		tasks[2 * READERS + i] = task_start(task_spin, NULL);
	task_run_on(sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0);
	sleep_ms(3000);
	for (int i = 0; i < READERS; i++) {
		long ms = sym_revoke_ms(ends[i][0].rx);

		EXPECT_LE(0, ms);
		slowest = ms > slowest ? ms : slowest;
	}
	tasks_kill(tasks, ARRAY_SIZE(tasks));
	EXPECT_GT(2000, slowest);
	TH_LOG("revoked in %ld ms", slowest);
	for (int i = 0; i < READERS; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	close(cipher);
}

/* --- once it has ended ---------------------------------------------------- */

FIXTURE(end)
{
	struct ktls_end ends[2];
	int fds[2];
	int file;
	int pipes[2];
};

FIXTURE_VARIANT(end)
{
	enum way way;
	bool tx;
};

FIXTURE_VARIANT_ADD(end, revoke_tx) { REVOKE, true };
FIXTURE_VARIANT_ADD(end, revoke_rx) { REVOKE, false };
FIXTURE_VARIANT_ADD(end, invalidate_tx) { INVALIDATE, true };
FIXTURE_VARIANT_ADD(end, invalidate_rx) { INVALIDATE, false };
FIXTURE_VARIANT_ADD(end, expire_tx) { EXPIRE, true };
FIXTURE_VARIANT_ADD(end, expire_rx) { EXPIRE, false };
FIXTURE_VARIANT_ADD(end, update_tx) { UPDATE, true };
FIXTURE_VARIANT_ADD(end, update_rx) { UPDATE, false };

FIXTURE_SETUP(end)
{
	REQUIRE_KTLS();
	signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(0, ktls_both(&ktls_suites[0], self->ends, self->fds));
	self->file = memfd_create("text", MFD_CLOEXEC);
	ASSERT_EQ(6, write(self->file, "a file", 6));
	ASSERT_EQ(0, pipe2(self->pipes, O_CLOEXEC));
}

FIXTURE_TEARDOWN(end)
{
}

/* One way of sending, or a negative errno. */
static long send_by(int fd, int how, int file, const int pipes[2])
{
	off_t start = 0;
	char byte;

	switch (how) {
	case 0:
		return result(write(fd, "a", 1));
	case 1:
		return result(send(fd, "a", 1, MSG_MORE));
	case 2:
		return ktls_send_type(fd, KTLS_ALERT, "a", 1);
	case 3:
		return result(sendfile(fd, file, &start, 6));
	default:
		if (write(pipes[1], "a", 1) != 1)
			return -EPROTO;
		start = result(splice(pipes[0], NULL, fd, NULL, 1, 0));
		if (start < 0 && read(pipes[0], &byte, 1) != 1)
			return -EPROTO;
		return start;
	}
}

static long receive_by(int fd, int how, const int pipes[2])
{
	char text[16];

	switch (how) {
	case 0:
		return result(read(fd, text, sizeof(text)));
	case 1:
		return result(recv(fd, text, sizeof(text), MSG_PEEK));
	case 2:
		return result(recv(fd, text, sizeof(text), MSG_WAITALL));
	case 3:
		return result(recv(fd, text, sizeof(text), MSG_DONTWAIT));
	default:
		return result(splice(fd, NULL, pipes[1], NULL, sizeof(text), 0));
	}
}

/* Of a connection that works: it fails by nothing but the secret's end. */
static bool works(int from, int to, int file, const int pipes[2])
{
	uint8_t type, text[16];
	long ret;

	for (int how = 0; how < 5; how++) {
		/* what it leaves would be sent with what follows */
		if (how == 1)
			continue;
		ret = send_by(from, how, file, pipes);
		if (ret <= 0 ||
		    ktls_recv_type(to, &type, text, sizeof(text)) != ret)
			return false;
	}
	return true;
}

/*
 * Shows: TL-43, TL-47. Every call, in any order, whoever has read the error; and a
 * text that was opened before is not given out.
 */
TEST_F(end, every_call)
{
	int fd = self->fds[0], err;
	char text[16];

	ASSERT_TRUE(works(fd, self->fds[1], self->file, self->pipes));
	ASSERT_TRUE(works(self->fds[1], fd, self->file, self->pipes));
	ASSERT_EQ(10, write(self->fds[1], "0123456789", 10));
	ASSERT_EQ(4, read(fd, text, 4));

	err = end_secret(variant->tx ? self->ends[0].tx : self->ends[0].rx,
			 variant->way);
	ASSERT_NE(0, err);
	for (int round = 0; round < 3; round++) {
		for (int how = 0; how < 5; how++) {
			EXPECT_EQ(err, receive_by(fd, how, self->pipes)) {
				TH_LOG("receive %d", how);
			}
			EXPECT_EQ(err, send_by(fd, how, self->file,
					       self->pipes)) {
				TH_LOG("send %d", how);
			}
			socket_error(fd);
		}
		/* the connection is gone for whoever looks for events, too */
		EXPECT_TRUE(poll_for(fd, POLLHUP) & POLLHUP);
	}
}

/* Shows: TL-43. Whoever reads the error first finds it, and nobody lives by that. */
TEST_F(end, error_is_read)
{
	int fd = self->fds[0], err;

	err = end_secret(variant->tx ? self->ends[0].tx : self->ends[0].rx,
			 variant->way);
	ASSERT_NE(0, err);
	EXPECT_NE(0, poll_for(fd, POLLERR) & POLLERR);
	EXPECT_EQ(err, socket_error(fd));
	EXPECT_EQ(err, send_by(fd, 0, self->file, self->pipes));
	socket_error(fd);
	EXPECT_EQ(err, receive_by(fd, 0, self->pipes));
}

/* Shows: TL-43. The peer is told: this was not the end of the text. */
TEST_F(end, peer)
{
	char text[16];
	int err;

	ASSERT_EQ(2, write(self->fds[0], "ab", 2));
	ASSERT_EQ(0, ktls_read(self->fds[1], text, 2));
	err = end_secret(variant->tx ? self->ends[0].tx : self->ends[0].rx,
			 variant->way);
	ASSERT_NE(0, err);
	EXPECT_EQ(-ECONNRESET, result(read(self->fds[1], text, 1)));
}

/* --- calls that sleep ----------------------------------------------------- */

/* Until it cannot; each has room for nothing any more at some time. */
static int send_for_ever(const void *arg)
{
	static const char text[CHUNK];
	ssize_t ret;

	do {
		ret = write(*(const int *)arg, text, sizeof(text));
	} while (ret > 0);
	return ret ? -errno : WENT_ON;
}

static int receive_for_ever(const void *arg)
{
	char text[16];
	ssize_t ret;

	do {
		ret = read(*(const int *)arg, text, sizeof(text));
	} while (ret > 0);
	return ret ? -errno : WENT_ON;
}

static int poll_for_ever(const void *arg)
{
	struct pollfd end = { .fd = *(const int *)arg, .events = POLLIN };

	return syscall(__NR_ppoll, &end, 1, NULL, NULL, 0) == 1 &&
	       end.revents & (POLLERR | POLLHUP) ? 0 : WENT_ON;
}

/*
 * Shows: TL-44. Two that sleep, one way each, have one error of the socket between
 * them; both are told, and neither is told of an end of the stream.
 */
TEST_F(end, sleepers)
{
	pid_t sender = task_start(send_for_ever, &self->fds[0]);
	pid_t receiver = task_start(receive_for_ever, &self->fds[0]);
	pid_t poller = task_start(poll_for_ever, &self->fds[0]);
	int err;

	ASSERT_TRUE(task_sleeps_in(sender, __NR_write));
	ASSERT_TRUE(task_sleeps_in(receiver, __NR_read));
	ASSERT_TRUE(task_sleeps_in(poller, __NR_ppoll));
	/* it sleeps for room, and not for a moment */
	sleep_ms(100);
	ASSERT_TRUE(task_sleeps_in(sender, __NR_write));
	err = end_secret(variant->tx ? self->ends[0].tx : self->ends[0].rx,
			 variant->way);
	ASSERT_NE(0, err);
	EXPECT_EQ(err, task_result(sender));
	EXPECT_EQ(err, task_result(receiver));
	EXPECT_EQ(0, task_result(poller));
}

/* --- on two processors ---------------------------------------------------- */

/*
 * struct race - what a child does while the secret ends
 * @fd:		its socket
 * @pipes:	for splicing
 * @how:	to receive or to send
 * @moved:	how often it was done
 * @ended:	the secret has ended: what begins now has to fail
 */
struct race {
	int fd;
	int pipes[2];
	enum { SENDS, RECEIVES, SPLICES } how;
	int moved;
	int ended;
};

static long move(const struct race *race, char *text)
{
	long ret;

	switch (race->how) {
	case SENDS:
		return result(write(race->fd, text, CHUNK));
	case RECEIVES:
		return result(read(race->fd, text, CHUNK));
	default:
		ret = result(splice(race->fd, NULL, race->pipes[1], NULL, CHUNK,
				    0));
		if (ret > 0 && ktls_read(race->pipes[0], text, ret))
			return -EPROTO;
		return ret;
	}
}

static int move_until_the_end(const void *arg)
{
	struct race *race = (struct race *)arg;
	static char text[CHUNK];
	long ret;
	int ended;

	task_run_on(1);
	for (;;) {
		ended = __atomic_load_n(&race->ended, __ATOMIC_SEQ_CST);
		ret = move(race, text);
		if (ret <= 0)
			return ret ? ret : WENT_ON;
		if (ended)
			return WENT_ON;
		__atomic_add_fetch(&race->moved, 1, __ATOMIC_SEQ_CST);
	}
}

#define LATER	"cryptd("

/* The driver that "gcm(aes)" and its like mean: that of the highest priority. */
static void driver_of(const char *name, char driver[128])
{
	char line[160], this[128] = "", by[128] = "";
	int priority, best = -1;
	FILE *file = fopen("/proc/crypto", "re");

	driver[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "name : %127s", this) == 1 ||
		    sscanf(line, "driver : %127s", by) == 1 ||
		    sscanf(line, "priority : %d", &priority) != 1)
			continue;
		if (strcmp(this, name) == 0 && priority > best) {
			best = priority;
			snprintf(driver, 128, "%s", by);
		}
	}
	if (file)
		fclose(file);
}

static int find_aead(const char *name)
{
	struct sockaddr_alg alg = { .salg_family = AF_ALG, .salg_type = "aead" };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), err;

	snprintf((char *)alg.salg_name, sizeof(alg.salg_name), "%s", name);
	err = result(bind(fd, (struct sockaddr *)&alg, sizeof(alg)));
	close(fd);
	return err;
}

/*
 * An algorithm whose requests are answered later comes before the others then.  It is
 * made of a driver, by the name of which the kernel finds it.
 */
static int make_asynchronous(const char *name)
{
	char driver[128], later[144];
	int err = find_aead(name);

	driver_of(name, driver);
	if (err || strncmp(driver, LATER, strlen(LATER)) == 0)
		return err;
	snprintf(later, sizeof(later), LATER "%s)", driver);
	return find_aead(later);
}

FIXTURE(race)
{
	struct ktls_end ends[2];
	int fds[2];
	struct race *race;
};

FIXTURE_VARIANT(race)
{
	const char *later;
	int suite;
};

FIXTURE_VARIANT_ADD(race, at_once) { NULL, 0 };
FIXTURE_VARIANT_ADD(race, later) { "gcm(aes)", 1 };
FIXTURE_VARIANT_ADD(race, later_chacha) { "rfc7539(chacha20,poly1305)", 2 };

FIXTURE_SETUP(race)
{
	char driver[128];

	REQUIRE_KTLS();
	signal(SIGPIPE, SIG_IGN);
	self->race = mmap(NULL, sizeof(*self->race), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(self->race != MAP_FAILED);
	if (variant->later) {
		ASSERT_EQ(0, make_asynchronous(variant->later));
		driver_of(variant->later, driver);
		ASSERT_EQ(0, strncmp(driver, LATER, strlen(LATER))) {
			TH_LOG("%s", driver);
		}
	}
	task_run_on(0);
}

FIXTURE_TEARDOWN(race)
{
}

/* What the other end does: the opposite. */
static pid_t answer(int how, const int *fd)
{
	return task_start(how == SENDS ? receive_for_ever : send_for_ever, fd);
}

/* Shows: TL-43. Nothing begins once the revocation has returned. */
TEST_F_TIMEOUT(race, revoked, 170)
{
	struct race *race = self->race;
	pid_t mover, peer;

	for (int i = 0; i < ROUNDS; i++) {
		race->how = i % 3;
		race->moved = 0;
		race->ended = 0;
		ASSERT_EQ(0, ktls_both(&ktls_suites[variant->suite], self->ends,
				       self->fds));
		ASSERT_EQ(0, pipe2(race->pipes, O_CLOEXEC));
		race->fd = self->fds[0];
		mover = task_start(move_until_the_end, race);
		peer = answer(race->how, &self->fds[1]);
		while (__atomic_load_n(&race->moved, __ATOMIC_SEQ_CST) <= i)
			sched_yield();
		ASSERT_EQ(0, key_revoke(race->how == SENDS ? self->ends[0].tx :
							     self->ends[0].rx));
		__atomic_store_n(&race->ended, 1, __ATOMIC_SEQ_CST);
		EXPECT_EQ(-EKEYREVOKED, task_result(mover)) {
			TH_LOG("round %d", i);
		}
		EXPECT_EQ(-ECONNRESET, task_result(peer));
		for (int fd = 0; fd < 2; fd++) {
			close(self->fds[fd]);
			close(race->pipes[fd]);
		}
		keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
	}
}

/* Shows: TL-34. Texts by such an algorithm are those by others. */
TEST_F(race, moved)
{
	static char sent[CHUNK], got[CHUNK];

	ASSERT_EQ(0, ktls_both(&ktls_suites[variant->suite], self->ends,
			       self->fds));
	for (int i = 0; i < 8; i++) {
		memset(sent, 'a' + i, sizeof(sent));
		ASSERT_EQ(CHUNK, write(self->fds[i % 2], sent, sizeof(sent)));
		ASSERT_EQ(0, ktls_read(self->fds[!(i % 2)], got, sizeof(got)));
		EXPECT_EQ(0, memcmp(sent, got, sizeof(sent)));
	}
}

/* --- many ----------------------------------------------------------------- */

/* Linux 6.1 gives the quota of keys back when it has collected them. */
static int patient_agree(const struct ktls_suite *suite, struct ktls_end *end)
{
	/* the base point is somebody's public key as well as any other */
	static const uint8_t peer[KTLS_PUBLIC] = { 9 };
	int err = -EDQUOT;

	for (int tries = 0; tries < 100 && err == -EDQUOT; tries++) {
		end->pair = ktls_pair();
		err = end->pair < 0 ? end->pair :
				      ktls_agree(suite, true, peer, end);
		/* a line that names a key that was not made */
		if (err == -EINVAL || err == -EDQUOT) {
			keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
			sleep_ms(100);
			err = -EDQUOT;
		}
	}
	return err;
}

static int connections[CONNECTIONS][2];

static int many_connections(const void *arg)
{
	struct ktls_end end;
	int keys, bytes, err = 0;

	if (setresgid(TEST_UID, TEST_UID, TEST_UID) ||
	    setresuid(TEST_UID, TEST_UID, TEST_UID) || session_new() < 0)
		return WENT_ON;
	for (int i = 0; i < CONNECTIONS && !err; i++) {
		err = patient_agree(&ktls_suites[i % 3], &end);
		if (!err)
			err = ktls_connect(connections[i]);
		if (!err)
			err = ktls_ulp(connections[i][0]);
		if (!err)
			err = ktls_take_both(connections[i][0], &end);
		keyctl(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
	}
	/* They are all there, and work. */
	for (int i = 0; i < CONNECTIONS && !err; i++)
		if (write(connections[i][0], "a", 1) != 1)
			err = -errno;
	/* The session keyring is what is left */
	quota_settled(TEST_UID, &keys, &bytes);
	return err ? err : keys > 3 ? -ETOOMANYREFS : 0;
}

FIXTURE(many)
{
};

FIXTURE_SETUP(many)
{
	REQUIRE_KTLS();
}

FIXTURE_TEARDOWN(many)
{
}

/* Shows: TL-42. All at one time, by somebody who may have two hundred keys. */
TEST_F_TIMEOUT(many, thousand, 290)
{
	const struct rlimit files = { 3 * CONNECTIONS, 3 * CONNECTIONS };
	int err = TASK_STUCK;
	pid_t task;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	task = task_start(many_connections, NULL);
	for (int i = 0; i < 28 && err == TASK_STUCK; i++)
		if (task_ended(task, TASK_LIMIT_MS))
			err = task_result(task);
	EXPECT_EQ(0, err);
	EXPECT_TRUE(quota_returns_to(TEST_UID, 0, 0, TASK_LIMIT_MS));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
