// SPDX-License-Identifier: GPL-2.0-only
/* Keys for one use by their serials, beside AF_ALG with a key by its bytes. */
#include "alg.h"
#include "symmetric.h"

#include "bench.h"

#define ROUNDS	1000
#define TEXT	64
#define MAC	32
#define TAG	16
/* What a sealed text has more than the text, at most */
#define SEALED	(TEXT + SYM_BLOB_EXTRA)

static const uint8_t bytes[32] = "thirty-two bytes of a secret key";
static const uint8_t iv[ALG_IV_MAX];

static long mac_by_socket(void *arg, unsigned int round)
{
	static const uint8_t text[TEXT];
	const int *op = arg;
	uint8_t mac[MAC];

	(void)round;
	return alg_digest(*op, text, sizeof(text), mac, sizeof(mac));
}

static long mac_by_key(void *arg, unsigned int round)
{
	static const uint8_t text[TEXT];
	const key_serial_t *key = arg;
	uint8_t mac[MAC];

	(void)round;
	return sym_mac(*key, text, sizeof(text), mac, sizeof(mac));
}

static long seal_and_open_by_socket(void *arg, unsigned int round)
{
	static uint8_t text[TEXT], sealed[TEXT + TAG];
	const int *op = arg;
	struct alg_text seal = {
		.direction = ALG_OP_ENCRYPT, .iv = iv, .iv_len = alg_gcm.iv_len,
		.in = text, .in_len = sizeof(text),
	};
	struct alg_text open = {
		.direction = ALG_OP_DECRYPT, .iv = iv, .iv_len = alg_gcm.iv_len,
		.in = sealed, .in_len = sizeof(sealed),
	};
	long len = alg_crypt(*op, &seal, sealed, sizeof(sealed));

	(void)round;
	return len < 0 ? len : alg_crypt(*op, &open, text, sizeof(text));
}

static long seal_and_open_by_key(void *arg, unsigned int round)
{
	static uint8_t text[TEXT], sealed[SEALED];
	const key_serial_t *key = arg;
	long len = sym_seal(*key, "", text, sizeof(text), sealed, sizeof(sealed));

	(void)round;
	return len < 0 ? len : sym_open(*key, "", sealed, len, text, sizeof(text));
}

static int keyed_socket(const struct alg *alg, size_t size)
{
	int fd = must(alg_open(alg), alg->name);

	must(alg_set_key(fd, bytes, size), "ALG_SET_KEY");
	return must(alg_accept(fd), "accept");
}

static long derive(void *arg, unsigned int round)
{
	const key_serial_t *parent = arg;
	char name[NAME_SIZE];

	return sym_add(unique_name(name), "derive from=%d label=%u alg=hmac-sha256 for=mac",
		       *parent, round);
}

static void derive_beside(const void *arg)
{
	const unsigned int *keys = arg;
	key_serial_t parent = must(sym_add("parent", "new alg=hkdf-sha256 for=derive"),
				   "parent");
	const struct work work = {
		.run = derive, .arg = &parent, .rounds = ROUNDS,
	};

	fill_ring(KEY_SPEC_SESSION_KEYRING, *keys);
	settle();
	measure(&work, "symmetric/derive/%u", *keys);
}

void bench_symmetric(void)
{
	static const unsigned int sizes[] = { KEYS_FEW, KEYS_MANY };
	int hmac = keyed_socket(&alg_hmac, sizeof(bytes));
	int gcm = keyed_socket(&alg_gcm, 16);
	key_serial_t key = sym_add("mac", "new alg=hmac-sha256 for=mac");
	struct work work = { .rounds = ROUNDS };

	work.run = mac_by_socket, work.arg = &hmac;
	measure(&work, "symmetric/mac/afalg");
	work.run = seal_and_open_by_socket, work.arg = &gcm;
	measure(&work, "symmetric/seal/afalg");
	if (key == -ENODEV)
		return;
	work.run = mac_by_key, work.arg = &key;
	must(key, "symmetric");
	measure(&work, "symmetric/mac/key");
	key = must(sym_add("box", "new alg=xchacha20-poly1305 for=seal,open"), "box");
	work.run = seal_and_open_by_key;
	measure(&work, "symmetric/seal/key");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		apart(derive_beside, &sizes[i]);
}
