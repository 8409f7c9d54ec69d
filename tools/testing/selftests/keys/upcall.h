/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A key that stays under construction for as long as a test wants.
 *
 * The kernel runs /sbin/request-key to build a key.  While a test program runs,
 * request_key_slow is mounted over that path.  That program decides nothing:
 * the callout information names a socket of the test, which gives it orders.
 * So the test knows, without a guess about time, when construction has begun
 * and when it ends.  A test that dies closes its socket and so ends the upcall.
 */
#ifndef SELFTESTS_KEYS_UPCALL_H
#define SELFTESTS_KEYS_UPCALL_H

#include <libgen.h>
#include <limits.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "../kselftest.h"
#include "task.h"

#define UPCALL_PATH	"/sbin/request-key"
#define UPCALL_PROGRAM	"request_key_slow"
#define UPCALL_PREFIX	"selftests-keys:"
#define UPCALL_PAYLOAD_MAX	64

enum upcall_order {
	UPCALL_INSTANTIATE,
	UPCALL_REJECT,
	UPCALL_TRY_SERIAL,
};

/*
 * struct upcall_message - an order to the program, or its answer
 * @order: the order
 * @value: errno for a rejection, or a serial to try; in an answer the result
 * @seconds:	how long a rejection lasts
 * @len:	bytes in @payload
 * @payload: payload for the key
 */
struct upcall_message {
	int32_t order;
	int32_t value;
	uint32_t seconds;
	uint32_t len;
	uint8_t payload[UPCALL_PAYLOAD_MAX];
};

/* The address is abstract, so it leaves nothing behind in the file system. */
static inline socklen_t upcall_address(struct sockaddr_un *address,
				       const char *name)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "%s",
		 name);
	return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name);
}

/*
 * struct upcall_route - changes that make the kernel start the program
 * @owner: process that has to undo them, 0 if there are none
 * @mounted: whether the program is mounted over UPCALL_PATH
 * @made_file: whether UPCALL_PATH was made as a mount point
 * @made_folder: whether its folder was made
 * @err: error for which the kernel cannot start the program, or 0
 */
struct upcall_route {
	pid_t owner;
	bool mounted;
	bool made_file;
	bool made_folder;
	int err;
};

static struct upcall_route upcall_route;

static inline void upcall_route_restore(void)
{
	char path[] = UPCALL_PATH;

	if (upcall_route.owner != getpid())
		return;
	if (upcall_route.mounted)
		umount2(UPCALL_PATH, MNT_DETACH);
	if (upcall_route.made_file)
		unlink(UPCALL_PATH);
	if (upcall_route.made_folder)
		rmdir(dirname(path));
	upcall_route.owner = 0;
}

static inline void upcall_route_signal(int sig)
{
	upcall_route_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

static inline int upcall_route_mount(void)
{
	char place[] = UPCALL_PATH, *folder = dirname(place);
	char program[PATH_MAX];
	ssize_t len;
	int fd;

	len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (len < 0)
		return -errno;
	program[len] = '\0';
	len = strlen(dirname(program));
	snprintf(program + len, sizeof(program) - len, "/%s", UPCALL_PROGRAM);

	if (mkdir(folder, 0755) == 0)
		upcall_route.made_folder = true;
	else if (errno != EEXIST)
		return -errno;

	fd = open(UPCALL_PATH, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
	if (fd >= 0) {
		upcall_route.made_file = true;
		close(fd);
	} else if (errno != EEXIST) {
		return -errno;
	}

	if (mount(program, UPCALL_PATH, NULL, MS_BIND, NULL))
		return -errno;
	upcall_route.mounted = true;
	return 0;
}

/*
 * For main(), before any test: the process that outlives failed and timed-out
 * tests is the one that cleans up.
 */
static inline void upcall_route_install(void)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };

	upcall_route.owner = getpid();
	atexit(upcall_route_restore);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		signal(ends[i], upcall_route_signal);
	upcall_route.err = upcall_route_mount();
}

/*
 * struct upcall - a key under construction
 * @requester: child that waits in request_key()
 * @link:	connection to the program, which waits for orders
 * @key:	the key being built, linked in the session keyring
 */
struct upcall {
	pid_t requester;
	int link;
	key_serial_t key;
};

struct upcall_request {
	const char *type;
	const char *callout;
	key_serial_t keyring;
};

static inline int upcall_request(const void *arg)
{
	const struct upcall_request *request = arg;
	key_serial_t key = key_request(request->type, "slow", request->callout,
				       request->keyring);

	return key < 0 ? key : 0;
}

static inline int upcall_accept(int listener)
{
	struct pollfd caller = { .fd = listener, .events = POLLIN };

	if (poll(&caller, 1, TASK_LIMIT_MS) != 1)
		return -ETIMEDOUT;
	return result(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

/* Returns the program's answer, or the error of the connection. */
static inline int upcall_answer(int link)
{
	struct pollfd answer = { .fd = link, .events = POLLIN };
	struct upcall_message message;

	if (poll(&answer, 1, TASK_LIMIT_MS) != 1)
		return -ETIMEDOUT;
	if (recv(link, &message, sizeof(message), 0) != sizeof(message))
		return -EPROTO;
	return message.value;
}

/*
 * Starts construction of a key of @type linked in @keyring.  On success the
 * program is running and has assumed the authority over the key.
 */
static inline int upcall_start_of(struct upcall *upcall, const char *type,
				  key_serial_t keyring)
{
	struct sockaddr_un address;
	char name[32], callout[64];
	struct upcall_request request = {
		.type = type, .callout = callout, .keyring = keyring,
	};
	socklen_t len;
	int listener;

	if (upcall_route.err)
		return upcall_route.err;

	snprintf(name, sizeof(name), UPCALL_PREFIX "%d", getpid());
	snprintf(callout, sizeof(callout), "%s", name);

	listener = result(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	if (listener < 0)
		return listener;
	len = upcall_address(&address, name);
	if (bind(listener, (struct sockaddr *)&address, len) ||
	    listen(listener, 1)) {
		close(listener);
		return -errno;
	}

	upcall->requester = task_start(upcall_request, &request);
	upcall->link = upcall_accept(listener);
	close(listener);
	if (upcall->link < 0)
		return upcall->link;

	upcall->key = upcall_answer(upcall->link);
	return upcall->key < 0 ? upcall->key : 0;
}

static inline int upcall_start(struct upcall *upcall, key_serial_t keyring)
{
	return upcall_start_of(upcall, "user", keyring);
}

static inline int upcall_send(struct upcall *upcall,
			      const struct upcall_message *message)
{
	if (send(upcall->link, message, sizeof(*message), MSG_NOSIGNAL) < 0)
		return -errno;
	return upcall_answer(upcall->link);
}

static inline int upcall_instantiate(struct upcall *upcall, const void *payload,
				     size_t len)
{
	struct upcall_message message = {
		.order = UPCALL_INSTANTIATE, .len = len,
	};

	memcpy(message.payload, payload, len);
	return upcall_send(upcall, &message);
}

static inline int upcall_reject(struct upcall *upcall, unsigned int seconds,
				int error)
{
	struct upcall_message message = {
		.order = UPCALL_REJECT, .value = error, .seconds = seconds,
	};

	return upcall_send(upcall, &message);
}

/* Orders the program, which has the authorisation key, to use AF_ALG itself. */
static inline int upcall_try_serial(struct upcall *upcall, key_serial_t serial)
{
	struct upcall_message message = {
		.order = UPCALL_TRY_SERIAL, .value = serial,
	};

	return upcall_send(upcall, &message);
}

/*
 * Ends the upcall, even if others still have the connection open; returns the
 * requester's result of request_key().
 */
static inline int upcall_end(struct upcall *upcall)
{
	shutdown(upcall->link, SHUT_RDWR);
	close(upcall->link);
	return task_result(upcall->requester);
}

#endif /* SELFTESTS_KEYS_UPCALL_H */
