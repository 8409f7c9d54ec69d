// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: the cipher suites of TLS 1.3, and the kinds of secrets
 *
 * A chain has one suite, fixed when it starts: AES-128-GCM and AES-128-CCM would
 * expand the same key and IV of one secret.
 */

#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "symmetric.h"
#include "tls13.h"

/*
 * RFC 8446, 5.5: 2^24.5 full records by one key of AES-GCM are the most that are
 * safe.  The other count is never reached.
 */
#define TLS13_GCM_RECORDS	BIT_ULL(24)
#define TLS13_CHACHA_RECORDS	BIT_ULL(62)

static const struct tls13_suite tls13_suites[] = {
	{
		.name		= "tls13-aes128gcm-sha256",
		.code		= 0x1301,
		.hash		= TLS13_SHA256,
		.hash_size	= SHA256_DIGEST_SIZE,
		.hmac		= "hmac(sha256)",
		.aead		= "gcm(aes)",
		.key_size	= 16,
		.records	= TLS13_GCM_RECORDS,
	}, {
		.name		= "tls13-aes256gcm-sha384",
		.code		= 0x1302,
		.hash		= TLS13_SHA384,
		.hash_size	= SHA384_DIGEST_SIZE,
		.hmac		= "hmac(sha384)",
		.aead		= "gcm(aes)",
		.key_size	= 32,
		.records	= TLS13_GCM_RECORDS,
	}, {
		.name		= "tls13-chacha20poly1305-sha256",
		.code		= 0x1303,
		.hash		= TLS13_SHA256,
		.hash_size	= SHA256_DIGEST_SIZE,
		.hmac		= "hmac(sha256)",
		.aead		= "rfc7539(chacha20,poly1305)",
		.key_size	= 32,
		.records	= TLS13_CHACHA_RECORDS,
	},
};

#define TLS13_ALG_OF(kind, text, hmac, bytes) { \
	.name		= "tls13-" text, \
	.id		= SYMMETRIC_ALG_TLS13_##kind, \
	.hash		= hmac, \
	.digest_size	= bytes, \
	.min_size	= bytes, \
	.max_size	= bytes, \
	.size		= bytes, \
}

#define TLS13_ALGS_OF(kind, text, hmac256, hmac384) { \
	[TLS13_SHA256] = TLS13_ALG_OF(kind, text, hmac256, SHA256_DIGEST_SIZE), \
	[TLS13_SHA384] = TLS13_ALG_OF(kind, text, hmac384, SHA384_DIGEST_SIZE), \
}

/* A secret keys HMAC, and is needed no more then. */
#define TLS13_SECRET(kind, text) \
	TLS13_ALGS_OF(kind, text, "hmac(sha256)", "hmac(sha384)")

/*
 * None of these belongs to a group: no line asks for one by its name, and HKDF of
 * other keys never has the name for an input.  A PSK is what is extracted of, and
 * keys nothing.
 */
static const struct symmetric_alg tls13_algs[TLS13_KINDS][TLS13_HASHES] = {
	[TLS13_PSK]		= TLS13_ALGS_OF(PSK, "psk", NULL, NULL),
	[TLS13_EARLY]		= TLS13_SECRET(EARLY, "early"),
	[TLS13_BINDER]		= TLS13_SECRET(BINDER, "binder"),
	[TLS13_SALT_HANDSHAKE]	= TLS13_SECRET(SALT, "salt"),
	[TLS13_HANDSHAKE]	= TLS13_SECRET(HANDSHAKE, "handshake"),
	[TLS13_TRAFFIC_HS]	= TLS13_SECRET(TRAFFIC, "traffic"),
	[TLS13_SALT_MASTER]	= TLS13_SECRET(SALT, "salt"),
	[TLS13_MASTER]		= TLS13_SECRET(MASTER, "master"),
	[TLS13_TRAFFIC_AP]	= TLS13_SECRET(TRAFFIC, "traffic"),
	[TLS13_EXP]		= TLS13_SECRET(EXP, "exp"),
	[TLS13_RES]		= TLS13_SECRET(RES, "res"),
	[TLS13_FINISHED]	= TLS13_SECRET(FINISHED, "finished"),
	[TLS13_EXPORTER]	= TLS13_SECRET(EXPORTER, "exporter"),
};

/**
 * tls13_suite_find - the suite of a name
 * @name: the word after "suite="
 *
 * Return: the suite, or NULL
 */
const struct tls13_suite *tls13_suite_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tls13_suites); i++)
		if (strcmp(name, tls13_suites[i].name) == 0)
			return &tls13_suites[i];
	return NULL;
}

/**
 * tls13_alg - what a kind of secret is to the rest of the type
 * @kind: the kind
 * @hash: the hash of its chain
 *
 * Return: an algorithm
 */
const struct symmetric_alg *tls13_alg(enum tls13_kind kind, enum tls13_hash hash)
{
	return &tls13_algs[kind][hash];
}
