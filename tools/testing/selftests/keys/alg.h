/* SPDX-License-Identifier: GPL-2.0-only */
/* AF_ALG sockets.  Results are counts or negative errnos, as in keys.h. */
#ifndef SELFTESTS_KEYS_ALG_H
#define SELFTESTS_KEYS_ALG_H

#include <linux/if_alg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "keys.h"

#ifndef SOL_ALG
#define SOL_ALG	279
#endif

#ifndef ALG_SET_KEY_BY_KEY_SERIAL
#define ALG_SET_KEY_BY_KEY_SERIAL	7
#endif

#define ALG_IV_MAX	16
#define ALG_OUT_MAX	256
/* Room for the name of an implementation, as a socket can be bound to it */
#define ALG_NAME_MAX	56

/*
 * struct alg - an algorithm that tests use
 * @type:	AF_ALG type
 * @name:	crypto API name
 * @config:	what a kernel without it lacks
 * @key_len:	a key length that the algorithm takes
 * @iv_len:	length of its initialisation vector
 * @text_len:	length of the text that alg_fingerprint() encrypts
 * @tag_len:	length of the tag that encryption adds
 */
struct alg {
	const char *type;
	const char *name;
	const char *config;
	unsigned int key_len;
	unsigned int iv_len;
	unsigned int text_len;
	unsigned int tag_len;
};

static const struct alg alg_hmac = {
	.type = "hash", .name = "hmac(sha256)", .key_len = 16, .text_len = 3,
	.config = "CONFIG_CRYPTO_USER_API_HASH, CONFIG_CRYPTO_HMAC and CONFIG_CRYPTO_SHA256",
};

static const struct alg alg_sha256 = {
	.type = "hash", .name = "sha256", .text_len = 3,
	.config = "CONFIG_CRYPTO_USER_API_HASH and CONFIG_CRYPTO_SHA256",
};

static const struct alg alg_crc32c = {
	.type = "hash", .name = "crc32c", .key_len = 4, .text_len = 3,
	.config = "CONFIG_CRYPTO_USER_API_HASH and CONFIG_CRYPTO_CRC32C",
};

static const struct alg alg_cbc = {
	.type = "skcipher", .name = "cbc(aes)", .key_len = 16,
	.iv_len = 16, .text_len = 16,
	.config = "CONFIG_CRYPTO_USER_API_SKCIPHER, CONFIG_CRYPTO_CBC and CONFIG_CRYPTO_AES",
};

static const struct alg alg_xts = {
	.type = "skcipher", .name = "xts(aes)", .key_len = 32,
	.iv_len = 16, .text_len = 16,
	.config = "CONFIG_CRYPTO_USER_API_SKCIPHER, CONFIG_CRYPTO_XTS and CONFIG_CRYPTO_AES",
};

static const struct alg alg_gcm = {
	.type = "aead", .name = "gcm(aes)", .key_len = 16,
	.iv_len = 12, .text_len = 16, .tag_len = 16,
	.config = "CONFIG_CRYPTO_USER_API_AEAD, CONFIG_CRYPTO_GCM and CONFIG_CRYPTO_AES",
};

static const struct alg alg_drbg = {
	.type = "rng", .name = "drbg_nopr_hmac_sha256", .key_len = 16,
	.config = "CONFIG_CRYPTO_USER_API_RNG and CONFIG_CRYPTO_DRBG_HMAC",
};

static inline int alg_bind(int fd, const struct alg *alg)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG };

	snprintf((char *)address.salg_type, sizeof(address.salg_type), "%s",
		 alg->type);
	snprintf((char *)address.salg_name, sizeof(address.salg_name), "%s",
		 alg->name);
	return result(bind(fd, (struct sockaddr *)&address, sizeof(address)));
}

static inline int alg_socket(void)
{
	return result(socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}

/* A bound socket. */
static inline int alg_open(const struct alg *alg)
{
	int fd = alg_socket(), err;

	if (fd < 0)
		return fd;

	err = alg_bind(fd, alg);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/*
 * Makes the system call itself: the C library of a 32-bit program may use
 * socketcall(2), which would hide the call that a task sleeps in.
 */
static inline int sockopt_set(int fd, int level, int option, const void *value,
			      int len)
{
	return result(syscall(__NR_setsockopt, fd, level, option, value, len));
}

/* Gets the name of an implementation of the algorithm, or an empty string. */
static inline void alg_driver(const struct alg *alg, char driver[ALG_NAME_MAX])
{
	FILE *file = fopen("/proc/crypto", "re");
	char line[ALG_NAME_MAX + 16], name[ALG_NAME_MAX] = "";

	*driver = '\0';
	while (file && !*driver && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "name : %55s", name) == 1)
			continue;
		if (strcmp(name, alg->name) == 0)
			sscanf(line, "driver : %55s", driver);
	}
	if (file)
		fclose(file);
}

/*
 * Binds a socket to an asynchronous form of an implementation of the algorithm, which
 * the kernel prefers from then on.
 */
static inline int alg_bind_cryptd(int fd, const struct alg *alg)
{
	char driver[ALG_NAME_MAX], name[ALG_NAME_MAX + 8];
	struct alg other = *alg;
	int err;

	/* Makes one that there is only a template of */
	err = alg_bind(fd, alg);
	if (err)
		return err;
	alg_driver(alg, driver);
	/* The algorithm may be made of such parts already. */
	snprintf(name, sizeof(name),
		 strstr(driver, "cryptd(") ? "%s" : "cryptd(%s)", driver);
	other.name = name;
	return alg_bind(fd, &other);
}

static inline int alg_set_key(int fd, const void *key, size_t len)
{
	return sockopt_set(fd, SOL_ALG, ALG_SET_KEY, key, len);
}

static inline int alg_set_serial(int fd, key_serial_t serial)
{
	return sockopt_set(fd, SOL_ALG, ALG_SET_KEY_BY_KEY_SERIAL, &serial,
			   sizeof(serial));
}

static inline int alg_accept(int fd)
{
	return result(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
}

/* Digest of @in, all of it in one message. */
static inline ssize_t alg_digest(int op, const void *in, size_t len, void *out,
				 size_t size)
{
	ssize_t done = result(send(op, in, len, 0));

	if (done < 0)
		return done;
	return result(recv(op, out, size, 0));
}

/*
 * struct alg_text - one encryption or decryption
 * @direction:	ALG_OP_ENCRYPT or ALG_OP_DECRYPT
 * @iv:		initialisation vector
 * @iv_len:	its length
 * @in:		associated data followed by the text
 * @in_len:	length of both
 * @aad_len:	length of the associated data
 */
struct alg_text {
	uint32_t direction;
	const void *iv;
	uint32_t iv_len;
	const void *in;
	size_t in_len;
	uint32_t aad_len;
};

static inline struct cmsghdr *alg_put_control(struct msghdr *message,
					      struct cmsghdr *at, int type,
					      size_t len)
{
	at = at ? CMSG_NXTHDR(message, at) : CMSG_FIRSTHDR(message);
	at->cmsg_level = SOL_ALG;
	at->cmsg_type = type;
	at->cmsg_len = CMSG_LEN(len);
	return at;
}

/* @size must be the length of the result: recv() waits for the rest of it. */
static inline ssize_t alg_crypt(int op, const struct alg_text *text, void *out,
				size_t size)
{
	char control[CMSG_SPACE(sizeof(uint32_t)) * 2 +
		     CMSG_SPACE(sizeof(struct af_alg_iv) + ALG_IV_MAX)] = {};
	struct iovec part = {
		.iov_base = (void *)text->in,
		.iov_len = text->in_len,
	};
	struct msghdr message = {
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(sizeof(uint32_t)) * 2 +
			CMSG_SPACE(sizeof(struct af_alg_iv) + text->iv_len),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};
	struct af_alg_iv *iv;
	struct cmsghdr *at;
	ssize_t done;

	at = alg_put_control(&message, NULL, ALG_SET_OP, sizeof(uint32_t));
	memcpy(CMSG_DATA(at), &text->direction, sizeof(text->direction));

	at = alg_put_control(&message, at, ALG_SET_AEAD_ASSOCLEN,
			     sizeof(uint32_t));
	memcpy(CMSG_DATA(at), &text->aad_len, sizeof(text->aad_len));

	at = alg_put_control(&message, at, ALG_SET_IV,
			     sizeof(*iv) + text->iv_len);
	iv = (struct af_alg_iv *)CMSG_DATA(at);
	iv->ivlen = text->iv_len;
	memcpy(iv->iv, text->iv, text->iv_len);

	done = result(sendmsg(op, &message, 0));
	if (done < 0)
		return done;
	return result(recv(op, out, size, 0));
}

/*
 * struct fingerprint - result of encrypting a fixed text with a key
 * @len:	number of bytes in @bytes, or a negative errno
 *
 * Two sockets with the same algorithm have the same fingerprint if their keys
 * are equal.
 */
struct fingerprint {
	ssize_t len;
	uint8_t bytes[ALG_OUT_MAX];
};

static inline struct fingerprint alg_fingerprint_op(int op,
						    const struct alg *alg)
{
	static const uint8_t no_iv[ALG_IV_MAX];
	struct alg_text text = {
		.direction = ALG_OP_ENCRYPT,
		.iv = no_iv,
		.iv_len = alg->iv_len,
		.in = "AAAAAAAAAAAAAAAA",
		.in_len = alg->text_len,
	};
	struct fingerprint print = {};

	if (strcmp(alg->type, "hash") == 0)
		print.len = alg_digest(op, "abc", alg->text_len, print.bytes,
				       sizeof(print.bytes));
	else
		print.len = alg_crypt(op, &text, print.bytes,
				      alg->text_len + alg->tag_len);
	return print;
}

/* Leaves no operation socket behind. */
static inline struct fingerprint alg_fingerprint(int fd, const struct alg *alg)
{
	struct fingerprint print = { .len = alg_accept(fd) };
	int op = print.len;

	if (op < 0)
		return print;
	print = alg_fingerprint_op(op, alg);
	close(op);
	return print;
}

/* Of a socket of its own, on which setting a key gave @err; closes the socket. */
static inline struct fingerprint alg_fingerprint_once(const struct alg *alg,
						      int fd, int err)
{
	struct fingerprint print = { .len = err };

	if (!err)
		print = alg_fingerprint(fd, alg);
	close(fd);
	return print;
}

/* The fingerprint of known bytes, set the old way on a socket of its own. */
static inline struct fingerprint alg_fingerprint_of(const struct alg *alg,
						    const void *key, size_t len)
{
	int fd = alg_open(alg);

	if (fd < 0)
		return (struct fingerprint){ .len = fd };
	return alg_fingerprint_once(alg, fd, alg_set_key(fd, key, len));
}

static inline bool same_fingerprint(const struct fingerprint *a,
				    const struct fingerprint *b)
{
	return a->len > 0 && a->len == b->len &&
	       memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* True if the socket encrypts as ALG_SET_KEY with these bytes would. */
static inline bool alg_has_key(int fd, const struct alg *alg, const void *key,
			       size_t len)
{
	struct fingerprint expected = alg_fingerprint_of(alg, key, len);
	struct fingerprint seen = alg_fingerprint(fd, alg);

	return same_fingerprint(&expected, &seen);
}

/*
 * Opens an algorithm into @fd.  A kernel that lacks it skips the test, which
 * ends by @statement.
 */
#define OPEN_ALG(statement, fd, wanted) do { \
	const struct alg *_alg = wanted; \
	int _fd = alg_open(_alg); \
	if (_fd == -ENOENT || _fd == -EAFNOSUPPORT) \
		SKIP(statement, "needs %s", _alg->config); \
	ASSERT_LE(0, _fd); \
	(fd) = _fd; \
} while (0)

#endif /* SELFTESTS_KEYS_ALG_H */
