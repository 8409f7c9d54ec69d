// SPDX-License-Identifier: GPL-2.0-only
/* Records of TLS 1.3 that a socket seals and opens, by bytes or by serials. */
#include "symmetric_ktls.h"

#include "bench.h"

#define ROUNDS	100

static const size_t sizes[] = { 1024, 16384 };

/**
 * struct pass - Text that goes from one end to the other
 * @fds: The ends.
 * @size: Bytes of it, one record.
 */
struct pass {
	int fds[2];
	size_t size;
};

/* The other end has room for a record, so one process can be both ends. */
static long pass_text(void *arg, unsigned int round)
{
	static uint8_t text[16384];
	const struct pass *pass = arg;

	(void)round;
	if (write(pass->fds[0], text, pass->size) != (ssize_t)pass->size)
		return -errno;
	return ktls_read(pass->fds[1], text, pass->size);
}

static void pass_all(struct pass *pass, const char *how)
{
	const struct work work = {
		.run = pass_text, .arg = pass, .rounds = ROUNDS,
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		pass->size = sizes[i];
		measure(&work, "tls/pass/%zu/%s", pass->size, how);
	}
	close(pass->fds[0]);
	close(pass->fds[1]);
}

static int take_bytes(int fd, int option)
{
	static const struct tls12_crypto_info_aes_gcm_128 info = {
		.info = { TLS_1_3_VERSION, TLS_CIPHER_AES_GCM_128 },
		.key = "sixteen bytes...",
	};

	return result(setsockopt(fd, SOL_TLS, option, &info, sizeof(info)));
}

void bench_tls(void)
{
	const key_serial_t none = 0;
	struct ktls_end ends[2];
	struct pass pass;
	int err;

	must(loopback_up(), "loopback");
	must(ktls_connect(pass.fds), "connect");
	for (int i = 0; i < 2; i++)
		must(ktls_ulp(pass.fds[i]), "TCP_ULP");
	err = ktls_take(pass.fds[0], TLS_TX_BY_KEY_SERIAL, none);
	must(take_bytes(pass.fds[0], TLS_TX), "TLS_TX");
	must(take_bytes(pass.fds[1], TLS_RX), "TLS_RX");
	pass_all(&pass, "bytes");

	if (err == -ENOPROTOOPT)
		return;
	must(ktls_both(&ktls_suites[0], ends, pass.fds), "TLS_TX_BY_KEY_SERIAL");
	pass_all(&pass, "serial");
}
