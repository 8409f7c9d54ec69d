/* SPDX-License-Identifier: GPL-2.0-only */
/* KEYCTL_PKEY_*, and a key pair to call it with. */
#ifndef SELFTESTS_KEYS_PKEY_H
#define SELFTESTS_KEYS_PKEY_H

#include "encrypted.h"
#include "kernel.h"

/* An RSA key of 2048 bits, in PKCS#8.  It guards nothing but these tests. */
#define PKEY_RSA_BYTES	256
static const char pkey_rsa_pkcs8[] =
	"308204bd020100300d06092a864886f70d0101010500048204a7308204a30201"
	"000282010100a87f3bb0ae6d9d94a69ff404f552e72194ff1c194bd910bb2dec"
	"38b135a6cf98aa7b16d5a6e45ea4dd2823ff02cf729ea7c8714a901576facb36"
	"a536c0a167300f0ca3a1db08effb464db2eb1d02d9220b8fbfcf989115465f54"
	"a24c78a8f100f3cb4048bd3019cf927e4d19e8d6a5726306ceab1e1b91bbbce7"
	"1cc310bcbc8d76dbd4d11834d69b7560bef75b6d66ec255725a76772bd934377"
	"30c1cd278b5703818b711f2ba3c88e6d8a716ba3ca3a25ea3e31d41b85514ddf"
	"5393d1105d62cf1e601242d2dc83889a01b173b8b3e2fe7d6fd4d4f09308f4e0"
	"1a7bfbdc61c4a3b5dc425c6f4895d82847cb2150956bbf2e8a40c59fff01e07b"
	"25a034ce2e8502030100010282010050b8433c2d13ce3dfc64fc5db3b8f7891a"
	"fbebd62283e6840547f910cc0711c4ad4732753ff27f74b38e1b507b642e20db"
	"7826edf58092f32a8f0f2edfb172e18f141affdb12b904c3754d955cdc9470be"
	"e12a9ea5143c00ee82790df16fdda4fb260fb1c910560d1ebceaead2a4a1b5de"
	"c2d01721e14b3b890f9eb3c43ce68687bd0eaa3f4fdd36b1277461e70ceab6e8"
	"b2c41ac43615d5b6dbeb28220bc025a95fa1c26d7e20d4318270b3833ecf6a64"
	"e6c1908af28b0f4fdf0c2dd882ee6a5763ef27b322125081dc6a02a4c3b1c3f2"
	"91348012e62b1dfd2ac0010821541720c4d7d164a36d1bd84f71d95239a22d43"
	"d54ad454b10404af516f4eea19643102818100d1e10b003937b46b2d5e28087e"
	"ed16d55c93af870322c4353b30a025006041338f705b429897fb7055864d7d8f"
	"215ed8ac11e56340182e5a90f8c80c318b82e9f90e08a602d4059723b4fa7514"
	"0f6d33c3b5ee78770a2687859d60cf79a2df8e0483d6acf53bac466f1f8b464e"
	"b5640b27769178406bc5e2eb1da9461b210d6302818100cd863355463b8e392a"
	"82124e8f685373280d7e0a253a1283fdc295edad45d200ef0479a5df51c14f2b"
	"2ee8c1787db37becb53b7dc0a37fa72a1c6cf62f379029cb378653bcaba86cd5"
	"3f78f10aa55773abb7c2737f04ef8571ab0d987b4a778b59a8bce5d45c01d0e1"
	"fa87efabbca739fdf2a02745c9cae61d665e4f6411ecf702818100aee053b940"
	"f3c05a19783de52e5540d4510a21945eb18649506368dccbde68159d2c226e70"
	"151b05f3cd2f1e32b7bc7ecf892dd8301cb5eaf2a6c891186b458eccddbba90f"
	"ec38284231570b5cc6a9d81af7a99728a1058fa06e8caef38c19b80cdd09701d"
	"fa35c68e6afb327efcb73a700c64938d21ffc5dee05d1e3416ab3f0281803d88"
	"deb9bb6b7d6bb4447982b8013e6b0e24ec05d19b8f8ba160af4f183ffd5e7631"
	"dad24508cf5e0ac9e2ba7a7ef84c345516d8d1e2a207c4ddf9e9c3bd59168a57"
	"b78a3ec50e8a7756a7b953bca970628b8456dc42f80bf63a86b98ec07f0663f3"
	"d78ae08823ab0cdddbf17073ed85b978f96688c8a04d41a432bc8673af850281"
	"8079633aae8179157ce5044e460d322ade3e2f82e270d781fc1f1a15d23d7524"
	"b7d557026344793bc64ba873f440eebebf02c9f6f1141aecbb269139364a3785"
	"e03bc82a5f804ae243ddefbf048cc1c7b31380157693ee0902db3d8998807c1c"
	"a59f2f09d1ef2737cb3614b1c4efa910a7631faa8ad6748576c61642f1917fcc"
	"88";

/* A digest of SHA-256, and what PKCS#1 v1.5 adds to any text */
#define PKEY_DIGEST	32
#define PKEY_PADDING	11

#define PKEY_PKCS1		"enc=pkcs1"
#define PKEY_PKCS1_SHA256	"enc=pkcs1 hash=sha256"

/*
 * struct pkey_call - one call on a pair
 * @op:		KEYCTL_PKEY_ENCRYPT, KEYCTL_PKEY_DECRYPT, KEYCTL_PKEY_SIGN or
 *		KEYCTL_PKEY_VERIFY
 * @key:	serial
 * @info:	encoding and hash
 * @in:		text, ciphertext or digest
 * @in_len:	its length as the kernel is told
 * @second:	where the output goes, or the signature to verify
 * @second_len:	its length as the kernel is told
 */
struct pkey_call {
	int op;
	key_serial_t key;
	const char *info;
	const void *in;
	size_t in_len;
	void *second;
	size_t second_len;
};

static inline long pkey_do(const struct pkey_call *call)
{
	struct keyctl_pkey_params params = {
		.key_id = call->key,
		.in_len = call->in_len,
		.out_len = call->second_len,
	};

	return keyctl(call->op, &params, call->info, call->in, call->second);
}

static inline long pkey_query(key_serial_t key, const char *info,
			      struct keyctl_pkey_query *query)
{
	return keyctl(KEYCTL_PKEY_QUERY, key, 0, info, query);
}

static inline long pkey_encrypt(key_serial_t key, const char *info,
				const void *text, size_t len,
				uint8_t out[PKEY_RSA_BYTES])
{
	const struct pkey_call call = {
		KEYCTL_PKEY_ENCRYPT, key, info, text, len, out, PKEY_RSA_BYTES,
	};

	return pkey_do(&call);
}

static inline long pkey_decrypt(key_serial_t key, const char *info,
				const void *cipher, size_t len,
				uint8_t out[PKEY_RSA_BYTES])
{
	const struct pkey_call call = {
		KEYCTL_PKEY_DECRYPT, key, info, cipher, len, out,
		PKEY_RSA_BYTES,
	};

	return pkey_do(&call);
}

static inline long pkey_sign(key_serial_t key, const char *info,
			     const void *digest, size_t len,
			     uint8_t out[PKEY_RSA_BYTES])
{
	const struct pkey_call call = {
		KEYCTL_PKEY_SIGN, key, info, digest, len, out, PKEY_RSA_BYTES,
	};

	return pkey_do(&call);
}

static inline long pkey_verify(key_serial_t key, const char *info,
			       const void *digest, size_t len,
			       const void *signature, size_t signature_len)
{
	const struct pkey_call call = {
		KEYCTL_PKEY_VERIFY, key, info, digest, len,
		(void *)signature, signature_len,
	};

	return pkey_do(&call);
}

/* The pair above, in the session keyring. */
static inline key_serial_t pkey_add_rsa(const char *description)
{
	uint8_t der[sizeof(pkey_rsa_pkcs8) / 2];
	ssize_t len = hex_decode(pkey_rsa_pkcs8, strlen(pkey_rsa_pkcs8), der);

	if (len < 0)
		return len;
	return key_add("asymmetric", description, der, len,
		       KEY_SPEC_SESSION_KEYRING);
}

/* Opens a session with the pair, or skips the test where none can be had. */
#define REQUIRE_PAIR(key) do { \
	SKIP_IF(return, lacks_keys()); \
	ASSERT_LT(0, session_new()); \
	(key) = pkey_add_rsa("pair"); \
	if ((key) == -ENODEV || (key) == -EBADMSG) \
		SKIP(return, "needs CONFIG_PKCS8_PRIVATE_KEY_PARSER and CONFIG_CRYPTO_RSA"); \
	ASSERT_LT(0, key); \
} while (0)

/* What the base has done with lengths since 2026 writes past the buffer. */
#define REQUIRE_LENGTHS() \
	SKIP_IF(return, lacks_ours("ours only: the base ignores these lengths"))

#endif /* SELFTESTS_KEYS_PKEY_H */
