// SPDX-License-Identifier: GPL-2.0-only
/*
 * keyed-cipher - encrypt with a key that this program never sees
 *
 * The key stays in the kernel: the program names it by serial, the kernel hands
 * it to the algorithm, and libkcapi moves the data.  Written to be copied from.
 */
#include <errno.h>
#include <getopt.h>
#include <kcapi.h>
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
#define MAX_DATA	1048576
#define MAX_IV		64
#define MAX_FDS		64

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

static int complain(const char *what, int err)
{
	fprintf(stderr, "keyed-cipher: %s: %s\n", what, strerror(err));
	return 1;
}

/* What an errno of the kernel means for a person who named a key. */
static const char *explain(int err)
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

static bool is_alg_socket(int fd)
{
	int domain;
	socklen_t len = sizeof(domain);

	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	       domain == AF_ALG;
}

/*
 * libkcapi keeps its sockets to itself and sets keys by value only.  So note
 * which AF_ALG sockets there were before it opened its own, and set the key on
 * the new one that takes a key.  The socket for the data refuses the option.
 */
static void note_sockets(bool *there)
{
	for (int fd = 0; fd < MAX_FDS; fd++)
		there[fd] = is_alg_socket(fd);
}

static int set_key(const bool *before, int32_t serial)
{
	int err = EBADF;

	for (int fd = 0; fd < MAX_FDS; fd++) {
		if (before[fd] || !is_alg_socket(fd))
			continue;
		if (!setsockopt(fd, SOL_ALG, ALG_SET_KEY_BY_KEY_SERIAL, &serial,
				sizeof(serial)))
			return 0;
		if (errno != EOPNOTSUPP)
			err = errno;
	}
	return err;
}

static size_t parse_hex(const char *hex, uint8_t *out, size_t max)
{
	size_t n = strlen(hex) / 2;

	if (strlen(hex) % 2 || n > max)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &out[i]) != 1)
			return 0;
	return n;
}

static void parse(int argc, char **argv, struct options *options)
{
	char *end;
	long serial;
	int c;

	while ((c = getopt(argc, argv, "c:di:h")) != -1) {
		switch (c) {
		case 'c':
			options->cipher = optarg;
			break;
		case 'd':
			options->decrypt = true;
			break;
		case 'i':
			options->iv_len = parse_hex(optarg, options->iv, MAX_IV);
			if (!options->iv_len)
				usage(2);
			break;
		default:
			usage(c == 'h' ? 0 : 2);
		}
	}
	if (optind != argc - 1)
		usage(2);
	errno = 0;
	serial = strtol(argv[optind], &end, 0);
	if (errno || *end || end == argv[optind] || serial != (int32_t)serial)
		usage(2);
	options->serial = serial;
}

/* There has to be room for one byte more, which tells too much from enough. */
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

static int convert(struct kcapi_handle *handle, const struct options *options)
{
	static uint8_t in[MAX_DATA + 1], out[MAX_DATA];
	ssize_t len = read_all(in, MAX_DATA);

	if (len < 0)
		return complain("cannot read the input", -len);
	if (len % kcapi_cipher_blocksize(handle))
		return complain("the input is no whole number of blocks", EINVAL);
	if (options->decrypt)
		len = kcapi_cipher_decrypt(handle, in, len, options->iv, out,
					   len, KCAPI_ACCESS_HEURISTIC);
	else
		len = kcapi_cipher_encrypt(handle, in, len, options->iv, out,
					   len, KCAPI_ACCESS_HEURISTIC);
	if (len < 0)
		return complain(options->cipher, -len);
	if (fwrite(out, 1, len, stdout) != (size_t)len || fflush(stdout))
		return complain("cannot write the output", errno);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { .cipher = DEFAULT_CIPHER };
	bool before[MAX_FDS];
	struct kcapi_handle *handle;
	int err;

	parse(argc, argv, &options);
	note_sockets(before);
	err = kcapi_cipher_init(&handle, options.cipher, 0);
	if (err)
		return complain(options.cipher, -err);

	if (options.iv_len && options.iv_len != kcapi_cipher_ivsize(handle)) {
		err = complain("the initial vector has a wrong length", EINVAL);
		goto out;
	}
	err = set_key(before, options.serial);
	if (err) {
		fprintf(stderr, "keyed-cipher: key %d: %s\n", options.serial,
			explain(err));
		err = 1;
		goto out;
	}
	err = convert(handle, &options);
out:
	kcapi_cipher_destroy(handle);
	return err;
}
