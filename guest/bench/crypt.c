// SPDX-License-Identifier: GPL-2.0-only
/* Encrypting with a key that came by value, or from a keyring. */
#include "alg.h"
#include "bench.h"

#define ROUNDS	200

static const uint8_t key_bytes[] = "sixteen bytes...";
static const size_t sizes[] = { 16, 4096, 32768 };

/**
 * struct stream - What is encrypted
 * @op: Socket for operations.
 * @len: Bytes at a time.
 */
struct stream {
	int op;
	size_t len;
};

static long encrypt(void *arg, unsigned int round)
{
	static const uint8_t iv[ALG_IV_MAX], in[32768];
	static uint8_t out[sizeof(in)];
	const struct stream *stream = arg;
	const struct alg_text text = {
		.direction = ALG_OP_ENCRYPT, .iv = iv, .iv_len = sizeof(iv),
		.in = in, .in_len = stream->len,
	};

	(void)round;
	return alg_crypt(stream->op, &text, out, stream->len);
}

static void encrypt_with(int fd, const char *how)
{
	struct stream stream = { .op = must(alg_accept(fd), "accept") };
	const struct work work = {
		.run = encrypt, .arg = &stream, .rounds = ROUNDS,
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		stream.len = sizes[i];
		measure(&work, "crypt/cbc-aes/%zu/%s", stream.len, how);
	}
	close(stream.op);
	close(fd);
}

void bench_crypt(void)
{
	int fd = must(alg_open(&alg_cbc), "cbc(aes)"), err;
	key_serial_t key;

	must(alg_set_key(fd, key_bytes, alg_cbc.key_len), "ALG_SET_KEY");
	encrypt_with(fd, "value");

	fd = must(alg_open(&alg_cbc), "cbc(aes)");
	key = must(key_add_user("bench", key_bytes, alg_cbc.key_len), "add_key");
	err = alg_set_serial(fd, key);
	if (err == -ENOPROTOOPT)
		return;
	must(err, "ALG_SET_KEY_BY_KEY_SERIAL");
	encrypt_with(fd, "user");
}
