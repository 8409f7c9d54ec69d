/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both ends of a connection of TLS 1.3, whose keys are the kernel's, and sockets that
 * take them.  There is no peer by another hand here, and so no library.
 */
#ifndef SELFTESTS_KEYS_SYMMETRIC_KTLS_H
#define SELFTESTS_KEYS_SYMMETRIC_KTLS_H

#include <arpa/inet.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "kernel.h"
#include "loopback.h"
#include "symmetric.h"
#include "task.h"

#ifndef SOL_TLS
#define SOL_TLS		282
#endif
#ifndef TCP_ULP
#define TCP_ULP		31
#endif

#define KTLS_PUBLIC	32
#define KTLS_HASH_MAX	48
#define KTLS_ALERT	21
#define KTLS_DATA	23

/* --- keys ----------------------------------------------------------------- */

/*
 * struct ktls_suite - a cipher suite
 * @name:	as in "suite="
 * @hash:	bytes of its hash
 * @cipher:	as kTLS calls it
 */
struct ktls_suite {
	const char *name;
	int hash;
	int cipher;
};

static const struct ktls_suite ktls_suites[] = {
	{ "tls13-aes128gcm-sha256", 32, TLS_CIPHER_AES_GCM_128 },
	{ "tls13-aes256gcm-sha384", 48, TLS_CIPHER_AES_GCM_256 },
	{ "tls13-chacha20poly1305-sha256", 32, TLS_CIPHER_CHACHA20_POLY1305 },
};

/*
 * struct ktls_end - the keys of one end
 * @pair:	its private key
 * @handshake:	the handshake secret
 * @tx:		seals what the end sends
 * @rx:		opens what it receives
 */
struct ktls_end {
	key_serial_t pair;
	key_serial_t handshake;
	key_serial_t tx;
	key_serial_t rx;
};

/* Of one description there is one link, so each key has its own. */
static inline const char *ktls_name(void)
{
	static char name[32];
	static int number;

	snprintf(name, sizeof(name), "ktls %d", number++);
	return name;
}

static inline key_serial_t ktls_derive(key_serial_t from, const char *label)
{
	return sym_add(ktls_name(), "derive from=%d tls=%s", from, label);
}

/* Both ends have seen the same messages; which ones does not matter here. */
static inline key_serial_t ktls_traffic(const struct ktls_suite *suite,
					key_serial_t from, const char *label)
{
	char hash[2 * KTLS_HASH_MAX + 1];

	memset(hash, 'a', 2 * suite->hash);
	hash[2 * suite->hash] = '\0';
	return sym_add(ktls_name(), "derive from=%d tls=%s hash=%s", from, label,
		       hash);
}

/* From a private key and the peer's public one to what records are sealed by. */
static inline int ktls_agree(const struct ktls_suite *suite, bool client,
			     const uint8_t peer[KTLS_PUBLIC],
			     struct ktls_end *end)
{
	char hex[2 * KTLS_PUBLIC + 1];
	key_serial_t early, salt, master;

	for (int i = 0; i < KTLS_PUBLIC; i++)
		snprintf(hex + 2 * i, 3, "%02x", peer[i]);
	early = sym_add(ktls_name(), "extract salt=0 suite=%s role=%s",
			suite->name, client ? "client" : "server");
	salt = ktls_derive(early, "derived");
	end->handshake = sym_add(ktls_name(), "agree with=%d peer=%s salt=%d",
				 end->pair, hex, salt);
	salt = ktls_derive(end->handshake, "derived");
	master = sym_add(ktls_name(), "extract salt=%d", salt);
	end->tx = ktls_traffic(suite, master, client ? "c-ap-traffic" :
						       "s-ap-traffic");
	end->rx = ktls_traffic(suite, master, client ? "s-ap-traffic" :
						       "c-ap-traffic");
	if (early < 0)
		return early;
	return end->tx < 0 ? end->tx : end->rx < 0 ? end->rx : 0;
}

static inline key_serial_t ktls_pair(void)
{
	return key_add("asymmetric", ktls_name(), "new x25519", 10,
		       KEY_SPEC_SESSION_KEYRING);
}

/* The first end is the client's. */
static inline int ktls_ends(const struct ktls_suite *suite,
			    struct ktls_end ends[2])
{
	uint8_t public[2][KTLS_PUBLIC];
	int err = 0;

	for (int i = 0; i < 2; i++) {
		ends[i].pair = ktls_pair();
		if (ends[i].pair < 0)
			return ends[i].pair;
		if (key_read(ends[i].pair, public[i], KTLS_PUBLIC) !=
		    KTLS_PUBLIC)
			return -EPROTO;
	}
	for (int i = 0; i < 2 && !err; i++)
		err = ktls_agree(suite, !i, public[!i], &ends[i]);
	return err;
}

/* --- sockets -------------------------------------------------------------- */

/* A connection over the loopback device; returns 0 or a negative errno. */
static inline int ktls_connect(int fds[2])
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err = 0;
	socklen_t size = sizeof(address);

	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fds[1] = -1;
	if (listener < 0 || fds[0] < 0 ||
	    bind(listener, (struct sockaddr *)&address, size) ||
	    listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &size) ||
	    connect(fds[0], (struct sockaddr *)&address, size))
		err = -errno;
	if (!err) {
		fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fds[1] < 0)
			err = -errno;
	}
	close(listener);
	return err;
}

static inline int ktls_ulp(int fd)
{
	return result(setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", 3));
}

static inline int ktls_take(int fd, int option, key_serial_t key)
{
	return result(setsockopt(fd, SOL_TLS, option, &key, sizeof(key)));
}

/* Both directions of one end. */
static inline int ktls_take_both(int fd, const struct ktls_end *end)
{
	int err = ktls_take(fd, TLS_TX_BY_KEY_SERIAL, end->tx);

	return err ? err : ktls_take(fd, TLS_RX_BY_KEY_SERIAL, end->rx);
}

/* A connection whose ends have keys of their own, by serial. */
static inline int ktls_both(const struct ktls_suite *suite,
			    struct ktls_end ends[2], int fds[2])
{
	int err = ktls_ends(suite, ends);

	if (!err)
		err = ktls_connect(fds);
	for (int i = 0; i < 2 && !err; i++) {
		err = ktls_ulp(fds[i]);
		if (!err)
			err = ktls_take_both(fds[i], &ends[i]);
	}
	return err;
}

/* Exactly @size bytes; returns 0 or a negative errno, -EPIPE at the end. */
static inline int ktls_read(int fd, void *bytes, size_t size)
{
	ssize_t got;

	for (size_t at = 0; at < size; at += got) {
		got = read(fd, (uint8_t *)bytes + at, size - at);
		if (got <= 0)
			return got ? -errno : -EPIPE;
	}
	return 0;
}

/* A record of another type than data. */
static inline long ktls_send_type(int fd, uint8_t type, const void *bytes,
				  size_t size)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(type))];
	} control = {};
	struct iovec text = { (void *)bytes, size };
	struct msghdr message = {
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.head.cmsg_level = SOL_TLS;
	control.head.cmsg_type = TLS_SET_RECORD_TYPE;
	control.head.cmsg_len = CMSG_LEN(sizeof(type));
	memcpy(CMSG_DATA(&control.head), &type, sizeof(type));
	return result(sendmsg(fd, &message, 0));
}

/* The next text, and the type of its record. */
static inline long ktls_recv_type(int fd, uint8_t *type, void *bytes,
				  size_t size)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(*type))];
	} control = {};
	struct iovec text = { bytes, size };
	struct msghdr message = {
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	long ret = result(recvmsg(fd, &message, 0));
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	*type = 0;
	if (ret >= 0 && head && head->cmsg_level == SOL_TLS &&
	    head->cmsg_type == TLS_GET_RECORD_TYPE)
		memcpy(type, CMSG_DATA(head), sizeof(*type));
	return ret;
}

/*
 * Ends a test on a kernel without the options.  The module, if it is one, is loaded
 * here, as root.
 */
#define REQUIRE_KTLS() do { \
	int _fds[2]; \
	SKIP_IF(return, lacks_keys()); \
	SKIP_IF(return, lacks_ours("ours only: no sockets take keys")); \
	ASSERT_LT(0, session_new()); \
	ASSERT_EQ(0, loopback_up()); \
	ASSERT_EQ(0, ktls_connect(_fds)); \
	ASSERT_EQ(0, ktls_ulp(_fds[0])); \
	close(_fds[0]); \
	close(_fds[1]); \
} while (0)

#endif /* SELFTESTS_KEYS_SYMMETRIC_KTLS_H */
