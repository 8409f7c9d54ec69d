// SPDX-License-Identifier: GPL-2.0-only
/* Symmetric keys by key agreement with a peer. */
#include "../kselftest_harness.h"
#include "symmetric_crypto.h"
#include "symmetric_tls13.h"

#define USES	"label=calls alg=hmac-sha256 for=mac,verify"
#define MAC	32

static const char * const curves[] = { "X25519", "P-256" };
static const char * const lines[] = { "new x25519", "new p256" };

/* A point of low order, with which every private key has the secret 0 */
static const char * const low_order[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	/* the same with the bit that X25519 ignores */
	"0000000000000000000000000000000000000000000000000000000000000080",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static key_serial_t agree(key_serial_t pair, const uint8_t *public, size_t size,
			  const char *uses)
{
	char hex[HEX_MAX];

	return sym_add(tls_name("agreed"), "agree with=%d peer=%s %s", pair,
		       tls_hex(public, size, hex), uses);
}

FIXTURE(agree)
{
	key_serial_t pair[2];
	uint8_t public[2][PEER_PUBLIC_MAX];
	size_t size;
	uint8_t mac[MAC];
};

FIXTURE_VARIANT(agree)
{
	int curve;
};

FIXTURE_VARIANT_ADD(agree, x25519) { 0 };
FIXTURE_VARIANT_ADD(agree, p256) { 1 };

FIXTURE_SETUP(agree)
{
	REQUIRE_TLS13();
	for (int i = 0; i < 2; i++) {
		self->pair[i] = tls_pair(lines[variant->curve]);
		ASSERT_LT(0, self->pair[i]);
		self->size = key_read(self->pair[i], self->public[i],
				      PEER_PUBLIC_MAX);
	}
}

FIXTURE_TEARDOWN(agree)
{
}

/* Shows: TL-1, TL-4. Both ends get the same key, and the same one each time. */
TEST_F(agree, both_ends)
{
	struct keyctl_pkey_query query;
	key_serial_t key[3];

	key[0] = agree(self->pair[0], self->public[1], self->size, USES);
	key[1] = agree(self->pair[1], self->public[0], self->size, USES);
	key[2] = agree(self->pair[0], self->public[1], self->size, USES);
	ASSERT_LT(0, key[0]);
	ASSERT_LT(0, key[1]);
	ASSERT_LT(0, key[2]);
	ASSERT_EQ(MAC, sym_mac(key[0], "text", 4, self->mac, MAC));
	EXPECT_EQ(0, sym_verify(key[1], "text", 4, self->mac, MAC));
	EXPECT_EQ(0, sym_verify(key[2], "text", 4, self->mac, MAC));
	ASSERT_EQ(0, sym_query(key[0], &query));
	EXPECT_EQ((uint32_t)SYMMETRIC_ORIGIN_OUTSIDE,
		  query.__spare[SYMMETRIC_QUERY_ORIGIN]);
}

/* Shows: TL-1, TL-3. By Documentation/security/keys/tls13.rst, with OpenSSL. */
TEST_F(agree, with_openssl)
{
	static const char salt[] = "key type symmetric, agreement";
	static const uint8_t info[] =
		"\x14key type symmetric 1\x03mac\x0bhmac-sha256\x02\x00\x20\x00"
		"\x05" "calls\x01\x00\x01";
	const size_t info_size = sizeof(info) - 1;
	uint8_t shared[32 + 2 * PEER_PUBLIC_MAX], prk[64], okm[64], want[MAC];
	EVP_PKEY *peer = peer_pair(curves[variant->curve]);
	uint8_t public[PEER_PUBLIC_MAX];
	size_t size = peer_public(peer, public);
	key_serial_t key;
	bool own_first;

	ASSERT_EQ(self->size, size);
	ASSERT_TRUE(peer_agree(peer, curves[variant->curve], self->public[0],
			       size, shared));
	own_first = memcmp(self->public[0], public, size) < 0;
	memcpy(shared + 32, own_first ? self->public[0] : public, size);
	memcpy(shared + 32 + size, own_first ? public : self->public[0], size);
	crypto_hmac(512, (const uint8_t *)salt, sizeof(salt) - 1, shared,
		    32 + 2 * size, prk);
	crypto_hmac(512, prk, sizeof(prk), info, info_size, okm);
	crypto_hmac(256, okm, MAC, "text", 4, want);

	key = agree(self->pair[0], public, size, USES);
	ASSERT_LT(0, key);
	EXPECT_EQ(0, sym_verify(key, "text", 4, want, MAC));
	EVP_PKEY_free(peer);
}

/*
 * Shows: TL-3. Another label, another peer or another group makes another key.
 */
TEST_F(agree, depends)
{
	key_serial_t key, other, third = tls_pair(lines[variant->curve]);
	uint8_t public[PEER_PUBLIC_MAX];

	ASSERT_LT(0, third);
	ASSERT_EQ((long)self->size, key_read(third, public, sizeof(public)));
	key = agree(self->pair[0], self->public[1], self->size, USES);
	ASSERT_LT(0, key);
	ASSERT_EQ(MAC, sym_mac(key, "text", 4, self->mac, MAC));
	other = agree(self->pair[0], self->public[1], self->size,
		      "label=calls2 alg=hmac-sha256 for=mac,verify");
	ASSERT_LT(0, other);
	EXPECT_EQ(-EKEYREJECTED, sym_verify(other, "text", 4, self->mac, MAC));
	other = agree(self->pair[0], public, self->size, USES);
	ASSERT_LT(0, other);
	EXPECT_EQ(-EKEYREJECTED, sym_verify(other, "text", 4, self->mac, MAC));
	EXPECT_LT(0, agree(self->pair[0], self->public[1], self->size,
			   "label=calls alg=hkdf-sha512 for=derive size=40"));
	EXPECT_LT(0, agree(self->pair[0], self->public[1], self->size,
			   "labelhex=00 alg=xchacha20-poly1305 for=open"));
}

/* Shows: TL-2. Bytes that are no public key of the curve. */
TEST_F(agree, refused)
{
	uint8_t other[PEER_PUBLIC_MAX] = { 4, 1 };
	size_t size = self->size == 32 ? 65 : 32;
	key_serial_t rsa;

	EXPECT_EQ(-EKEYREJECTED, agree(self->pair[0], other, size, USES));
	EXPECT_EQ(-EKEYREJECTED, agree(self->pair[0], self->public[1],
				       self->size - 1, USES));
	EXPECT_EQ(-EINVAL, agree(self->pair[0], other, 1, "label=calls"));
	if (self->size == 65) {
		/* not on the curve, and compressed */
		EXPECT_EQ(-EKEYREJECTED, agree(self->pair[0], other, 65, USES));
		memcpy(other, self->public[1], 65);
		other[64] ^= 1;
		EXPECT_EQ(-EKEYREJECTED, agree(self->pair[0], other, 65, USES));
		other[64] ^= 1;
		other[0] = 2;
		EXPECT_EQ(-EKEYREJECTED, agree(self->pair[0], other, 65, USES));
		memset(other + 1, 0, 64);
		other[0] = 4;
		EXPECT_EQ(-EKEYREJECTED, agree(self->pair[0], other, 65, USES));
		memset(other + 1, 0xff, 64);
		EXPECT_EQ(-EKEYREJECTED, agree(self->pair[0], other, 65, USES));
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(low_order); i++)
			EXPECT_EQ(-EKEYREJECTED,
				  sym_add("agreed", "agree with=%d peer=%s %s",
					  self->pair[0], low_order[i], USES));
	}
	rsa = key_add_user("user", "secret", 6);
	EXPECT_EQ(-EKEYREJECTED, agree(rsa, self->public[0], self->size, USES));
	EXPECT_EQ(-ENOKEY, agree(key_unused_serial(), self->public[0],
				 self->size, USES));
}

/* Shows: TL-2, TL-5. */
TEST_F(agree, ended)
{
	EXPECT_LT(0, agree(self->pair[0], self->public[1], self->size, USES));
	ASSERT_EQ(0, key_revoke(self->pair[0]));
	EXPECT_EQ(-EKEYREVOKED, agree(self->pair[0], self->public[1],
				      self->size, USES));

	/*
	 * a caller without Search permission does not possess the key, either
	 */
	ASSERT_EQ(0, key_set_rights(self->pair[1], POSSESSOR(RIGHT_ALL &
							     ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, agree(self->pair[1], self->public[0], self->size,
				 USES));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
