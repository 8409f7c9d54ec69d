// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: algorithms, and what keys of each are for
 *
 * An algorithm belongs to one group of uses, so the same bits never serve two
 * purposes, and a key of a hash function has exactly the digest's size: HMAC
 * pads shorter ones with zeros, and K and K with zeros would be one key.
 */

#include <crypto/aes.h>
#include <crypto/chacha20poly1305.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "symmetric.h"

static const struct {
	const char *name;
	u32 use;
} symmetric_use_names[] = {
	{ "mac",	SYMMETRIC_USE_MAC },
	{ "verify",	SYMMETRIC_USE_VERIFY },
	{ "seal",	SYMMETRIC_USE_SEAL },
	{ "open",	SYMMETRIC_USE_OPEN },
	{ "derive",	SYMMETRIC_USE_DERIVE },
	{ "wrap",	SYMMETRIC_USE_WRAP },
	{ "unwrap",	SYMMETRIC_USE_UNWRAP },
	{ "tls13",	SYMMETRIC_USE_TLS13 },
	{ "export",	SYMMETRIC_USE_EXPORT },
	{ "dm-crypt",	SYMMETRIC_USE_DM_CRYPT },
#ifdef CONFIG_SYMMETRIC_AF_ALG
	{ "af-alg",	SYMMETRIC_USE_AF_ALG },
#endif
};

static const struct symmetric_group symmetric_mac = {
	.name = "mac",
	.uses = SYMMETRIC_USE_MAC | SYMMETRIC_USE_VERIFY,
};

static const struct symmetric_group symmetric_seal = {
	.name = "seal",
	.uses = SYMMETRIC_USE_SEAL | SYMMETRIC_USE_OPEN,
};

/* The texts that these seal are keys, and no caller's. */
static const struct symmetric_group symmetric_wrap = {
	.name = "wrap",
	.uses = SYMMETRIC_USE_WRAP | SYMMETRIC_USE_UNWRAP,
};

/* Sinks take keys of the groups below, and rely on these having no views. */
static const struct symmetric_group symmetric_parent = {
	.name = "derive",
	.uses = SYMMETRIC_USE_DERIVE,
};

static const struct symmetric_group symmetric_disk = {
	.name = "dm-crypt",
	.uses = SYMMETRIC_USE_DM_CRYPT,
	.of_volume = true,
};

static const struct symmetric_group symmetric_af_alg = {
	.name = "af-alg",
	.uses = SYMMETRIC_USE_AF_ALG,
};

static const struct symmetric_group * const symmetric_groups[] = {
	&symmetric_mac, &symmetric_seal, &symmetric_wrap, &symmetric_parent,
	&symmetric_disk, &symmetric_af_alg,
};

#define SYMMETRIC_HMAC(bits) { \
	.name		= "hmac-sha" #bits, \
	.id		= SYMMETRIC_ALG_HMAC_SHA##bits, \
	.group		= &symmetric_mac, \
	.hash		= "hmac(sha" #bits ")", \
	.digest_size	= SHA##bits##_DIGEST_SIZE, \
	.min_size	= SHA##bits##_DIGEST_SIZE, \
	.max_size	= SHA##bits##_DIGEST_SIZE, \
	.size		= SHA##bits##_DIGEST_SIZE, \
}

#define SYMMETRIC_HKDF(bits) { \
	.name		= "hkdf-sha" #bits, \
	.id		= SYMMETRIC_ALG_HKDF_SHA##bits, \
	.group		= &symmetric_parent, \
	.hash		= "hmac(sha" #bits ")", \
	.digest_size	= SHA##bits##_DIGEST_SIZE, \
	.min_size	= SYMMETRIC_PARENT_MIN, \
	.max_size	= SYMMETRIC_SIZE_MAX, \
	.size		= SHA##bits##_DIGEST_SIZE, \
}

#define SYMMETRIC_AEAD(uses) { \
	.name		= "xchacha20-poly1305", \
	.id		= SYMMETRIC_ALG_XCHACHA20_POLY1305, \
	.group		= uses, \
	.min_size	= CHACHA20POLY1305_KEY_SIZE, \
	.max_size	= CHACHA20POLY1305_KEY_SIZE, \
	.size		= CHACHA20POLY1305_KEY_SIZE, \
}

/* XTS takes two keys of the cipher; 24 bytes each are no more than a way to err. */
#define SYMMETRIC_XTS(cipher, cipher_id) { \
	.name		= cipher "-xts-plain64", \
	.id		= cipher_id, \
	.group		= &symmetric_disk, \
	.min_size	= 32, \
	.max_size	= 64, \
	.step		= 32, \
	.size		= 64, \
}

#define SYMMETRIC_ADIANTUM(rounds) { \
	.name		= "xchacha" #rounds ",aes-adiantum-plain64", \
	.id		= SYMMETRIC_ALG_XCHACHA##rounds##_ADIANTUM_PLAIN64, \
	.group		= &symmetric_disk, \
	.min_size	= CHACHA20POLY1305_KEY_SIZE, \
	.max_size	= CHACHA20POLY1305_KEY_SIZE, \
	.size		= CHACHA20POLY1305_KEY_SIZE, \
}

/*
 * The name is the type and the algorithm that a socket of AF_ALG is bound to.  An
 * algorithm that gives its key away, as ghash does, or shows which blocks are alike,
 * as ecb does, is in no list of ours.
 */
#define SYMMETRIC_AF_ALG(what, what_id, min, max, usual) { \
	.name		= what, \
	.id		= SYMMETRIC_ALG_AF_ALG_##what_id, \
	.group		= &symmetric_af_alg, \
	.min_size	= min, \
	.max_size	= max, \
	.step		= (max) - (min), \
	.size		= usual, \
}

#define SYMMETRIC_AF_ALG_AES(what, what_id) \
	SYMMETRIC_AF_ALG(what, what_id, AES_KEYSIZE_128, AES_KEYSIZE_256, \
			 AES_KEYSIZE_256)

#define SYMMETRIC_AF_ALG_OF(what, what_id, bytes) \
	SYMMETRIC_AF_ALG(what, what_id, bytes, bytes, bytes)

static const struct symmetric_alg symmetric_algs[] = {
	SYMMETRIC_HMAC(256),
	SYMMETRIC_HMAC(384),
	SYMMETRIC_HMAC(512),
	SYMMETRIC_HKDF(256),
	SYMMETRIC_HKDF(512),
	SYMMETRIC_AEAD(&symmetric_seal),
	SYMMETRIC_AEAD(&symmetric_wrap),
	SYMMETRIC_XTS("aes", SYMMETRIC_ALG_AES_XTS_PLAIN64),
	SYMMETRIC_XTS("serpent", SYMMETRIC_ALG_SERPENT_XTS_PLAIN64),
	SYMMETRIC_XTS("twofish", SYMMETRIC_ALG_TWOFISH_XTS_PLAIN64),
	SYMMETRIC_ADIANTUM(12),
	SYMMETRIC_ADIANTUM(20),
#ifdef CONFIG_SYMMETRIC_AF_ALG
	SYMMETRIC_AF_ALG_AES("skcipher:cbc(aes)", CBC_AES),
	SYMMETRIC_AF_ALG_AES("skcipher:ctr(aes)", CTR_AES),
	SYMMETRIC_AF_ALG_AES("skcipher:cts(cbc(aes))", CTS_CBC_AES),
	SYMMETRIC_AF_ALG("skcipher:xts(aes)", XTS_AES, 2 * AES_KEYSIZE_128,
			 2 * AES_KEYSIZE_256, 2 * AES_KEYSIZE_256),
	SYMMETRIC_AF_ALG_OF("skcipher:adiantum(xchacha12,aes)",
			    ADIANTUM_XCHACHA12, CHACHA20POLY1305_KEY_SIZE),
	SYMMETRIC_AF_ALG_OF("skcipher:adiantum(xchacha20,aes)",
			    ADIANTUM_XCHACHA20, CHACHA20POLY1305_KEY_SIZE),
	SYMMETRIC_AF_ALG_AES("aead:gcm(aes)", GCM_AES),
	SYMMETRIC_AF_ALG_AES("aead:ccm(aes)", CCM_AES),
	SYMMETRIC_AF_ALG_OF("aead:rfc7539(chacha20,poly1305)",
			    CHACHA20_POLY1305, CHACHA20POLY1305_KEY_SIZE),
	SYMMETRIC_AF_ALG_OF("hash:hmac(sha256)", HMAC_SHA256,
			    SHA256_DIGEST_SIZE),
	SYMMETRIC_AF_ALG_OF("hash:hmac(sha384)", HMAC_SHA384,
			    SHA384_DIGEST_SIZE),
	SYMMETRIC_AF_ALG_OF("hash:hmac(sha512)", HMAC_SHA512,
			    SHA512_DIGEST_SIZE),
	SYMMETRIC_AF_ALG_AES("hash:cmac(aes)", CMAC_AES),
#endif
};

/**
 * symmetric_alg_find - the algorithm of a name
 * @name: the word after "alg="
 *
 * Return: the algorithm, or NULL; the first one, where there is one for each of
 * several groups of uses
 */
const struct symmetric_alg *symmetric_alg_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(symmetric_algs); i++)
		if (strcmp(name, symmetric_algs[i].name) == 0)
			return &symmetric_algs[i];
	return NULL;
}

/**
 * symmetric_alg_with - the same algorithm for other uses
 * @alg: what symmetric_alg_find() has found
 * @uses: SYMMETRIC_USE_*
 *
 * Return: the algorithm, or NULL if it is not for all of these
 */
const struct symmetric_alg *symmetric_alg_with(const struct symmetric_alg *alg,
					       u32 uses)
{
	for (size_t i = 0; i < ARRAY_SIZE(symmetric_algs); i++)
		if (symmetric_algs[i].id == alg->id &&
		    !(uses & ~symmetric_algs[i].group->uses))
			return &symmetric_algs[i];
	return NULL;
}

/**
 * symmetric_use_find - the use of a name
 * @name: one of the words after "for="
 *
 * Return: SYMMETRIC_USE_*, or 0
 */
u32 symmetric_use_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(symmetric_use_names); i++)
		if (strcmp(name, symmetric_use_names[i].name) == 0)
			return symmetric_use_names[i].use;
	return 0;
}

/**
 * symmetric_use_name - the name of a use
 * @use: one of SYMMETRIC_USE_*
 *
 * Return: the name, or NULL
 */
const char *symmetric_use_name(u32 use)
{
	for (size_t i = 0; i < ARRAY_SIZE(symmetric_use_names); i++)
		if (symmetric_use_names[i].use == use)
			return symmetric_use_names[i].name;
	return NULL;
}

/**
 * symmetric_uses_mix - tell whether uses are of more groups than one
 * @uses: SYMMETRIC_USE_*
 *
 * Return: true if no key can have them together
 */
bool symmetric_uses_mix(u32 uses)
{
	for (size_t i = 0; i < ARRAY_SIZE(symmetric_groups); i++)
		if (!(uses & ~symmetric_groups[i]->uses))
			return false;
	return true;
}
