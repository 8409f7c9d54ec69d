// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attacks on keys that are used by their serials: each works on a logon key by
 * AF_ALG, and none on a key of type "symmetric".
 */
#include "../kselftest_harness.h"
#include "kernel.h"
#include "symmetric.h"

#define KEY_SIZE	16
#define BLOCK		16
#define WIDE_SIZE	32

static const uint8_t secret[WIDE_SIZE] = "the key that nobody should know";

FIXTURE(attack)
{
	key_serial_t logon;
	key_serial_t wide;
	key_serial_t mac;
	key_serial_t box;
};

FIXTURE_SETUP(attack)
{
	SKIP_IF(return, lacks_option());
	REQUIRE_SYMMETRIC();
	self->logon = key_add("logon", "a:narrow", secret, KEY_SIZE,
			      KEY_SPEC_SESSION_KEYRING);
	self->wide = key_add("logon", "a:wide", secret, WIDE_SIZE,
			     KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, self->logon);
	ASSERT_LT(0, self->wide);
	self->mac = sym_add("mac", "new alg=hmac-sha256 for=mac,verify");
	self->box = sym_add("box", "new alg=xchacha20-poly1305 for=seal,open");
	ASSERT_LT(0, self->mac);
	ASSERT_LT(0, self->box);
}

FIXTURE_TEARDOWN(attack)
{
}

/*
 * Opens an algorithm of AF_ALG with the key of this serial; returns a negative
 * errno on failure.
 */
static int op_of(const struct alg *alg, key_serial_t key)
{
	int fd = alg_open(alg), op;

	if (fd < 0)
		return fd;
	op = alg_set_serial(fd, key) ?: alg_accept(fd);
	close(fd);
	return op;
}

/*
 * AF_ALG takes no symmetric key that is for something else, whatever the algorithm
 * is: ENOPROTOOPT where it takes none at all.
 */
static bool refuses(const struct alg *alg, key_serial_t key)
{
	int op = op_of(alg, key);

	return op == -EKEYREJECTED || op == -ENOPROTOOPT;
}

#define OPEN_OP(op, alg, key) do { \
	(op) = op_of(alg, key); \
	if ((op) == -ENOENT) \
		SKIP(return, "needs %s in the kernel", (alg)->name); \
	ASSERT_LE(0, op); \
} while (0)

/* Shows: SY-19. A hash that multiplies by its key: the MAC of 1 is the key's own. */
TEST_F(attack, ghash)
{
	static const struct alg ghash = { .type = "hash", .name = "ghash" };
	static const struct alg ecb = { .type = "skcipher", .name = "ecb(aes)" };
	const uint8_t one[BLOCK] = { 0x80 };
	uint8_t seen[BLOCK];
	int op;

	OPEN_OP(op, &ghash, self->logon);
	EXPECT_EQ(BLOCK, alg_digest(op, one, BLOCK, seen, sizeof(seen)));
	EXPECT_EQ(0, memcmp(seen, secret, KEY_SIZE));
	close(op);
	EXPECT_TRUE(refuses(&ghash, self->mac));
	EXPECT_TRUE(refuses(&ecb, self->box));
}

/*
 * Shows: SY-19, SY-36. The plain block cipher with the same key opens and
 * forges texts of GCM.
 */
TEST_F(attack, ecb_on_gcm)
{
	static const struct alg ecb = { .type = "skcipher", .name = "ecb(aes)" };
	/* The counter that GCM gives its first block of text */
	const uint8_t iv[12] = { 7 };
	uint8_t counter[BLOCK] = { 7 }, stream[BLOCK], sealed[2 * BLOCK];
	struct alg_text seal = {
		.direction = ALG_OP_ENCRYPT, .iv = iv, .iv_len = sizeof(iv),
		.in = "attack at dawn!", .in_len = BLOCK,
	}, block = {
		.direction = ALG_OP_ENCRYPT, .in = counter, .in_len = BLOCK,
	};
	int op;

	counter[BLOCK - 1] = 2;
	OPEN_OP(op, &alg_gcm, self->logon);
	ASSERT_EQ(2 * BLOCK, alg_crypt(op, &seal, sealed, sizeof(sealed)));
	close(op);
	OPEN_OP(op, &ecb, self->logon);
	ASSERT_EQ(BLOCK, alg_crypt(op, &block, stream, sizeof(stream)));
	close(op);
	for (int i = 0; i < BLOCK; i++)
		stream[i] ^= sealed[i];
	EXPECT_EQ(0, memcmp("attack at dawn!", stream, BLOCK));

	/*
	 * A sealing key has no other use, and reveals nothing about a forgery.
	 */
	EXPECT_TRUE(refuses(&ecb, self->box));
	EXPECT_TRUE(refuses(&alg_gcm, self->box));
	EXPECT_EQ(-EOPNOTSUPP, sym_mac(self->box, counter, BLOCK, stream, 32));
}

/* Shows: SY-35, SY-37. A caller that chooses the nonce can use one twice. */
TEST_F(attack, nonce_twice)
{
	const uint8_t iv[12] = { 7 };
	uint8_t one[2 * BLOCK], two[2 * BLOCK];
	struct alg_text seal = {
		.direction = ALG_OP_ENCRYPT, .iv = iv, .iv_len = sizeof(iv),
		.in = "aaaaaaaaaaaaaaa", .in_len = BLOCK,
	};
	uint8_t blob[SYM_BLOB_EXTRA + BLOCK], other[SYM_BLOB_EXTRA + BLOCK];
	int op;

	OPEN_OP(op, &alg_gcm, self->logon);
	ASSERT_EQ(2 * BLOCK, alg_crypt(op, &seal, one, sizeof(one)));
	seal.in = "bbbbbbbbbbbbbbb";
	ASSERT_EQ(2 * BLOCK, alg_crypt(op, &seal, two, sizeof(two)));
	close(op);
	/*
	 * The difference of the two ciphertexts is the difference of the two
	 * texts.
	 */
	for (int i = 0; i < BLOCK - 1; i++)
		EXPECT_EQ('a' ^ 'b', one[i] ^ two[i]);

	ASSERT_EQ((long)sizeof(blob), sym_seal(self->box, "", "same", 4, blob,
					       SYM_BLOB_EXTRA + 4) + BLOCK - 4);
	ASSERT_EQ((long)sizeof(other), sym_seal(self->box, "", "same", 4, other,
						SYM_BLOB_EXTRA + 4) + BLOCK - 4);
	EXPECT_NE(0, memcmp(blob, other, 24));
	EXPECT_EQ(-EINVAL, sym_seal(self->box, "nonce=00", "same", 4, blob,
				    sizeof(blob)));
	EXPECT_EQ(-EINVAL, sym_seal(self->box, "iv=00", "same", 4, blob,
				    sizeof(blob)));
}

/* Shows: SY-33, SY-34. A MAC that is truncated to one byte can be guessed. */
TEST_F(attack, short_mac)
{
	uint8_t mac[32], part[1];
	int op;

	OPEN_OP(op, &alg_hmac, self->logon);
	EXPECT_EQ(1, alg_digest(op, "abc", 3, part, sizeof(part)));
	close(op);
	EXPECT_EQ(-EOVERFLOW, sym_mac(self->mac, "abc", 3, part, sizeof(part)));
	ASSERT_EQ(32, sym_mac(self->mac, "abc", 3, mac, sizeof(mac)));
	for (size_t len = 1; len < sizeof(mac); len++)
		EXPECT_EQ(-EKEYREJECTED,
			  sym_verify(self->mac, "abc", 3, mac, len));
	EXPECT_EQ(0, sym_verify(self->mac, "abc", 3, mac, sizeof(mac)));
}

/* Shows: SY-36. A tag of four bytes is guessed in 2^32 tries; these have sixteen. */
TEST_F(attack, short_tag)
{
	uint8_t blob[SYM_BLOB_EXTRA + 4], text[4];
	int fd = alg_open(&alg_gcm);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, alg_set_serial(fd, self->logon));
	EXPECT_EQ(0, sockopt_set(fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, 4));
	close(fd);
	ASSERT_EQ((long)sizeof(blob), sym_seal(self->box, "", "text", 4, blob,
					       sizeof(blob)));
	for (int cut = 1; cut <= 16; cut++)
		EXPECT_EQ(-EBADMSG, sym_open(self->box, "", blob,
					     sizeof(blob) - cut, text, 4));
}

/*
 * Shows: SY-15, SY-72. For HMAC a key and the same key with zeros behind it are
 * equal.
 */
TEST_F(attack, zeros)
{
	uint8_t padded[64] = { 0 }, one[32], two[32];
	key_serial_t longer;
	int op;

	memcpy(padded, secret, KEY_SIZE);
	longer = key_add("logon", "a:padded", padded, sizeof(padded),
			 KEY_SPEC_SESSION_KEYRING);
	OPEN_OP(op, &alg_hmac, self->logon);
	EXPECT_EQ(32, alg_digest(op, "abc", 3, one, sizeof(one)));
	close(op);
	OPEN_OP(op, &alg_hmac, longer);
	EXPECT_EQ(32, alg_digest(op, "abc", 3, two, sizeof(two)));
	close(op);
	EXPECT_EQ(0, memcmp(one, two, sizeof(one)));

	EXPECT_EQ(-EINVAL, sym_add("x", "raw keyhex=000102030405060708090a0b0c0d0e0f "
		"alg=hmac-sha256 for=mac"));
	EXPECT_EQ(-EINVAL, sym_add("x", "new alg=hmac-sha256 for=mac size=16"));
}

/* Shows: SY-18, SY-25, SY-52. The same 32 bytes as keys for three uses. */
TEST_F(attack, many_uses)
{
	static const struct alg aes = { .type = "skcipher", .name = "cbc(aes)" };
	const struct alg *algs[] = { &aes, &alg_xts, &alg_hmac };
	key_serial_t parent = sym_add("parent", "new alg=hkdf-sha512 for=derive");
	key_serial_t keys[2];
	uint8_t out[SYM_BLOB_EXTRA + 1];
	int op;

	for (size_t i = 0; i < ARRAY_SIZE(algs); i++) {
		OPEN_OP(op, algs[i], self->wide);
		close(op);
		EXPECT_TRUE(refuses(algs[i], parent));
		EXPECT_TRUE(refuses(algs[i], self->mac));
	}
	/*
	 * With one label each derived key has its own algorithm and only its
	 * own use.
	 */
	keys[0] = sym_add("k0", "derive from=%d label=a alg=hmac-sha256 for=mac",
			  parent);
	keys[1] = sym_add("k1", "derive from=%d label=a alg=xchacha20-poly1305 for=seal",
			  parent);
	EXPECT_EQ(-EOPNOTSUPP, sym_seal(keys[0], "", "a", 1, out, sizeof(out)));
	EXPECT_EQ(-EOPNOTSUPP, sym_mac(keys[1], "a", 1, out, 32));
}

/* Shows: SY-46. A socket goes on using a key that was revoked. */
TEST_F(attack, revoked)
{
	uint8_t mac[32];
	int op;

	OPEN_OP(op, &alg_hmac, self->logon);
	ASSERT_EQ(0, key_revoke(self->logon));
	EXPECT_EQ(32, alg_digest(op, "abc", 3, mac, sizeof(mac)));
	close(op);
	ASSERT_EQ(0, key_revoke(self->mac));
	EXPECT_EQ(-EKEYREVOKED, sym_mac(self->mac, "abc", 3, mac, sizeof(mac)));
}

/*
 * Shows: SY-8, SY-9. The bytes of a key with the same serial are replaced by
 * known ones.
 */
TEST_F(attack, planted)
{
	key_serial_t ring = keyring_new("ring", KEY_SPEC_SESSION_KEYRING);
	key_serial_t mac, again;

	ASSERT_EQ(0, key_link(self->mac, ring));
	/* add_key(2) replaces the bytes of the key with the old serial. */
	again = key_add("logon", "a:narrow", "0123456789abcdef", KEY_SIZE,
			KEY_SPEC_SESSION_KEYRING);
	EXPECT_EQ(self->logon, again);
	mac = sym_add("mac", "new alg=hmac-sha256 for=mac,verify");
	EXPECT_LT(0, mac);
	EXPECT_NE(self->mac, mac);
	EXPECT_EQ(1, sym_differ(self->mac, mac));
	EXPECT_GT(0, key_update(self->mac, "x", 1));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
