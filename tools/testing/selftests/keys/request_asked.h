/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of requests that kernel code makes.
 *
 * The test cannot choose the callout information of such a request, so the
 * helper program finds the test by a fixed name.  The helper reports its
 * arguments and then obeys the test's order, so that the test knows, without a
 * guess about time, when a request is under way and when it ends.
 */
#ifndef SELFTESTS_KEYS_REQUEST_ASKED_H
#define SELFTESTS_KEYS_REQUEST_ASKED_H

#include "request_script.h"

#define ASKED_SOCKET	"request-asked"
#define ASKED_REJECT_SECONDS	30

/*
 * struct asked - the request that the helper was started for
 * @key:	key under construction
 * @uid: uid of the requester in the helper's arguments
 * @gid: gid of the requester, likewise
 * @origin: origin of the request in the environment, or empty
 * @environment: the whole environment
 * @net_ns:	inode number of the network namespace that the helper is in
 * @mnt_ns: inode number of its mount namespace
 * @type:	key type
 * @description: description of the key
 * @callout:	callout information
 */
struct asked {
	key_serial_t key;
	int uid;
	int gid;
	char origin[16];
	char environment[512];
	uint64_t net_ns;
	uint64_t mnt_ns;
	char type[32];
	char description[512];
	char callout[512];
};

/*
 * struct asked_order - an order of the test to the helper
 * @error:	reject with this errno, or 0 to instantiate
 * @len:	bytes in @payload
 * @payload: payload for the key
 */
struct asked_order {
	int32_t error;
	uint32_t len;
	uint8_t payload[512];
};

static inline socklen_t asked_address(struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
			ASKED_SOCKET);
}

/* Splits "type;uid;gid;rights;description". */
static inline void asked_take_description(struct asked *asked, char *text)
{
	char *rest = text;

	snprintf(asked->type, sizeof(asked->type), "%s", strsep(&rest, ";"));
	for (int i = 0; i < 3 && rest; i++)
		strsep(&rest, ";");
	snprintf(asked->description, sizeof(asked->description), "%s",
		 rest ? rest : "");
}

static inline uint64_t asked_namespace(const char *name)
{
	struct stat stat_of;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	return stat(path, &stat_of) ? 0 : stat_of.st_ino;
}

static inline long asked_obey(const struct asked *asked,
			      const struct asked_order *order)
{
	if (order->error)
		return keyctl(KEYCTL_REJECT, asked->key, ASKED_REJECT_SECONDS,
			      order->error, 0);
	return keyctl(KEYCTL_INSTANTIATE, asked->key, order->payload,
		      order->len, 0);
}

/* The helper's side. */
static inline int asked_help(char **argv)
{
	struct asked asked = {
		.key = atoi(argv[2]),
		.uid = atoi(argv[3]),
		.gid = atoi(argv[4]),
		.net_ns = asked_namespace("net"),
		.mnt_ns = asked_namespace("mnt"),
	};
	int link = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	const char *origin = getenv("KEY_REQUEST_ORIGIN");
	struct sockaddr_un address;
	struct asked_order order;
	char text[600];

	if (connect(link, (struct sockaddr *)&address,
		    asked_address(&address)))
		return 2;
	if (keyctl(KEYCTL_ASSUME_AUTHORITY, asked.key) < 0 ||
	    script_describe(asked.key, text, sizeof(text)) < 0)
		return 3;
	asked_take_description(&asked, text);
	script_read(KEY_SPEC_REQKEY_AUTH_KEY, asked.callout,
		    sizeof(asked.callout));
	snprintf(asked.origin, sizeof(asked.origin), "%s",
		 origin ? origin : "");
	script_join(asked.environment, sizeof(asked.environment), environ);

	send(link, &asked, sizeof(asked), MSG_NOSIGNAL);
	while (recv(link, &order, sizeof(order), 0) == sizeof(order)) {
		long ret = asked_obey(&asked, &order);

		send(link, &ret, sizeof(ret), MSG_NOSIGNAL);
	}
	return 0;
}

/*
 * The test's side: returns the socket that helpers connect to.  Children of an
 * earlier test may take a moment to die and give the name back.
 */
static inline int asked_open(void)
{
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), err;
	struct sockaddr_un address;
	socklen_t len = asked_address(&address);

	for (int ms = 0; ms < TASK_LIMIT_MS; ms++) {
		err = result(bind(listener, (struct sockaddr *)&address, len));
		if (err != -EADDRINUSE)
			break;
		sleep_ms(1);
	}
	if (!err)
		err = result(listen(listener, 64));
	return err ?: listener;
}

/*
 * struct asked_key - the key that a test expects helpers for
 * @type:	its type
 * @part: a part that only its description has, or all of it
 */
struct asked_key {
	const char *type;
	const char *part;
};

static inline bool asked_is_for(const struct asked *asked,
				const struct asked_key *key)
{
	return !strcmp(asked->type, key->type) &&
	       strstr(asked->description, key->part);
}

/* Accepts the next helper's connection, and reads its request. */
static inline int asked_accept(int listener, struct asked *asked)
{
	int link = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	memset(asked, 0, sizeof(*asked));
	if (link < 0)
		return -errno;
	if (!script_readable(link, TASK_LIMIT_MS)) {
		close(link);
		return -ETIMEDOUT;
	}
	/* A helper whose request has ended meanwhile sends nothing. */
	if (recv(link, asked, sizeof(*asked), 0) != sizeof(*asked))
		memset(asked, 0, sizeof(*asked));
	return link;
}

/*
 * Waits for a helper that is asked for @key; returns the connection to it.
 *
 * All tests have one socket name, and a thread of the kernel may request a key
 * long after the test that it works for: the test closes the connection of such
 * a helper, which ends its request.
 */
static inline int asked_next(int listener, struct asked *asked,
			     const struct asked_key *key)
{
	long end = now_ms() + TASK_LIMIT_MS;
	long left;

	while ((left = end - now_ms()) > 0 && script_readable(listener, left)) {
		int link = asked_accept(listener, asked);

		if (link < 0 || asked_is_for(asked, key))
			return link;
		close(link);
	}
	return -ETIMEDOUT;
}

/*
 * True if a helper for @key has connected that the test has not accepted yet.
 */
static inline bool asked_at_all(int listener, const struct asked_key *key)
{
	struct asked asked;
	bool found = false;

	while (!found && script_readable(listener, 0)) {
		int link = asked_accept(listener, &asked);

		found = link < 0 || asked_is_for(&asked, key);
		close(link);
	}
	return found;
}

static inline long asked_send(int link, const struct asked_order *order)
{
	long ret;

	if (send(link, order, sizeof(*order), MSG_NOSIGNAL) < 0)
		return -errno;
	if (!script_readable(link, TASK_LIMIT_MS))
		return -ETIMEDOUT;
	if (recv(link, &ret, sizeof(ret), 0) != sizeof(ret))
		return -EPROTO;
	return ret;
}

/* Orders the helper to instantiate its key. */
static inline long asked_answer(int link, const void *payload, size_t len)
{
	struct asked_order order = { .len = len };

	memcpy(order.payload, payload, len);
	return asked_send(link, &order);
}

/* Orders the helper to reject its key. */
static inline long asked_reject(int link, int error)
{
	struct asked_order order = { .error = error };

	return asked_send(link, &order);
}

/* main() of a program that is a test and such a helper in one. */
#define ASKED_TEST_MAIN REQUEST_HELPER_MAIN(asked_help)

#endif /* SELFTESTS_KEYS_REQUEST_ASKED_H */
