// SPDX-License-Identifier: GPL-2.0-only
/*
 * keyed-cipher - encrypt with a key that this program never sees
 *
 * The key stays in the kernel: the program names it by serial, and the kernel
 * hands it to the algorithm.  This program is made to be copied from:
 * open_cipher(), which keys a socket, and crypt_data(), which moves the data,
 * need nothing else.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/if_alg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef ALG_SET_KEY_BY_KEY_SERIAL
#define ALG_SET_KEY_BY_KEY_SERIAL 7
#endif
#ifndef SOL_ALG
#define SOL_ALG 279
#endif

#define DEFAULT_CIPHER	"cbc(aes)"
/*
 * The most bytes that a socket takes in one message, whatever its buffers are
 */
#define MAX_DATA	65536
#define MAX_IV		64

struct options {
	const char *cipher;
	uint8_t iv[MAX_IV];
	size_t iv_len;
	bool decrypt;
	int32_t serial;
};

static void usage(int status)
{
	fprintf(status ? stderr : stdout,
		"Use: keyed-cipher [-d] [-c CIPHER] [-i IV] SERIAL <in >out\n"
		"  -d         decrypt; encrypt otherwise\n"
		"  -c CIPHER  a cipher of /proc/crypto (%s)\n"
		"  -i IV      initial vector, in hex (all zero)\n"
		"SERIAL names a user, logon, encrypted or trusted key; see keyctl(1).\n",
		DEFAULT_CIPHER);
	exit(status);
}

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "keyed-cipher: %s: %s\n", what, why);
	return 1;
}

static void misuse(const char *what, const char *why)
{
	complain(what, why);
	exit(2);
}

/* Explains an errno of the kernel to a person who named a key. */
static const char *explain_key(int err)
{
	switch (err) {
	case ENOKEY:
		return "no such key, or user space failed to make it";
	case EKEYREVOKED:
		return "the key was revoked";
	case EKEYEXPIRED:
		return "the key has expired";
	case EACCES:
		return "no permission to search for the key: is it linked to a keyring of yours?";
	case ENOPROTOOPT:
		return "a key of this type cannot be used, or not by this kernel";
	case EINVAL:
		return "the cipher cannot use a key of this length";
	default:
		return strerror(err);
	}
}

static const char *explain_cipher(int err)
{
	switch (err) {
	case ENOENT:
		return "this kernel has no such cipher";
	case EAFNOSUPPORT:
		return "this kernel is built without CONFIG_CRYPTO_USER_API_SKCIPHER";
	case EPERM:
	case EACCES:
		return "AF_ALG is not allowed here";
	default:
		return strerror(err);
	}
}

/* Returns a socket with the cipher, or -1 */
static int bind_cipher(const char *name)
{
	struct sockaddr_alg address = {
		.salg_family = AF_ALG, .salg_type = "skcipher",
	};
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -1;
	memcpy(address.salg_name, name, strlen(name));
	if (!bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* Returns a socket for data that has the cipher and the key, or -1. */
static int open_cipher(const struct options *options)
{
	int fd = bind_cipher(options->cipher), op = -1;
	char what[32];

	if (fd < 0) {
		complain(options->cipher, explain_cipher(errno));
		return -1;
	}
	snprintf(what, sizeof(what), "key %d", options->serial);
	if (setsockopt(fd, SOL_ALG, ALG_SET_KEY_BY_KEY_SERIAL, &options->serial,
		       sizeof(options->serial))) {
		complain(what, explain_key(errno));
	} else {
		op = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (op < 0)
			complain(what, strerror(errno));
	}
	/* The accepted socket keeps the key. */
	close(fd);
	return op;
}

static void put_control(struct cmsghdr *at, int type, const void *data,
			size_t len)
{
	at->cmsg_level = SOL_ALG;
	at->cmsg_type = type;
	at->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(at), data, len);
}

/*
 * Converts @len bytes in place; returns 0 or -1.  Without an initial vector,
 * zeros are used.
 */
static int crypt_data(int op, const struct options *options, uint8_t *data,
		      size_t len)
{
	const uint32_t direction = options->decrypt ? ALG_OP_DECRYPT :
						      ALG_OP_ENCRYPT;
	struct {
		struct af_alg_iv head;
		uint8_t bytes[MAX_IV];
	} iv = { .head.ivlen = options->iv_len };
	const size_t iv_size = sizeof(iv.head) + options->iv_len;
	char control[CMSG_SPACE(sizeof(direction)) + CMSG_SPACE(sizeof(iv))] = { 0 };
	struct iovec part = { .iov_base = data, .iov_len = len };
	struct msghdr message = {
		.msg_control = control,
		.msg_controllen = sizeof(control),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};
	struct cmsghdr *at = CMSG_FIRSTHDR(&message);
	ssize_t done;

	put_control(at, ALG_SET_OP, &direction, sizeof(direction));
	message.msg_controllen = CMSG_SPACE(sizeof(direction));
	if (options->iv_len) {
		message.msg_controllen += CMSG_SPACE(iv_size);
		memcpy(iv.bytes, options->iv, options->iv_len);
		put_control(CMSG_NXTHDR(&message, at), ALG_SET_IV, &iv, iv_size);
	}
	if (sendmsg(op, &message, 0) < 0) {
		complain(options->cipher, errno == EINVAL ?
			 "the initial vector has a wrong length" :
			 strerror(errno));
		return -1;
	}
	for (size_t have = 0; have < len; have += done) {
		done = read(op, data + have, len - have);
		if (done > 0)
			continue;
		complain(options->cipher, done < 0 && errno == EINVAL ?
			 "the input is no whole number of blocks" :
			 strerror(done < 0 ? errno : EIO));
		return -1;
	}
	return 0;
}

static size_t parse_hex(const char *hex, uint8_t *out, size_t max)
{
	size_t n = strlen(hex) / 2;

	if (strlen(hex) % 2 || n > max ||
	    hex[strspn(hex, "0123456789abcdefABCDEF")])
		return 0;
	for (size_t i = 0; i < n; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &out[i]) != 1)
			return 0;
	return n;
}

/*
 * The kernel returns EINVAL for serial 0, as it does for a key that is too
 * long.
 */
static int32_t parse_serial(const char *text)
{
	char *end;
	long serial;

	if (!*text)
		misuse("SERIAL", "it is empty; a variable that was never set?");
	errno = 0;
	serial = strtol(text, &end, 0);
	if (errno || *end || serial != (int32_t)serial)
		misuse(text, "not a serial; keyctl(1) prints serials");
	if (!serial)
		misuse(text, "no key has this serial");
	return serial;
}

static void parse(int argc, char **argv, struct options *options)
{
	const size_t name_max =
		sizeof(((struct sockaddr_alg *)NULL)->salg_name) - 1;
	int c;

	while ((c = getopt(argc, argv, "c:di:h")) != -1) {
		switch (c) {
		case 'c':
			options->cipher = optarg;
			if (!*optarg)
				misuse("-c", "the name of the cipher is empty");
			if (strlen(optarg) > name_max)
				misuse(optarg, "this kernel has no such cipher");
			break;
		case 'd':
			options->decrypt = true;
			break;
		case 'i':
			options->iv_len = parse_hex(optarg, options->iv, MAX_IV);
			if (!options->iv_len)
				misuse("-i",
				       "the initial vector is not of pairs of hexadecimal digits");
			break;
		default:
			usage(c == 'h' ? 0 : 2);
		}
	}
	if (optind != argc - 1)
		usage(2);
	options->serial = parse_serial(argv[optind]);
}

/* One more byte is read, to notice input that is too long. */
static ssize_t read_all(uint8_t *data, size_t max)
{
	size_t have = 0;
	ssize_t n;

	while (have <= max) {
		n = read(STDIN_FILENO, data + have, max + 1 - have);
		if (n < 0)
			return -errno;
		if (!n)
			return have;
		have += n;
	}
	return -EFBIG;
}

static int convert(int op, const struct options *options)
{
	static uint8_t data[MAX_DATA + 1];
	ssize_t len = read_all(data, MAX_DATA);

	if (len < 0)
		return complain("cannot read the input", strerror(-len));
	if (crypt_data(op, options, data, len))
		return 1;
	if (fwrite(data, 1, len, stdout) != (size_t)len || fflush(stdout))
		return complain("cannot write the output", strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { .cipher = DEFAULT_CIPHER };
	int op, err;

	parse(argc, argv, &options);
	op = open_cipher(&options);
	if (op < 0)
		return 1;
	err = convert(op, &options);
	close(op);
	return err;
}
