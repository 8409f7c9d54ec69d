// SPDX-License-Identifier: GPL-2.0-only
/* Provisioning keys of fscrypt whose parent is of type "symmetric". */
#include "../kselftest_harness.h"
#include "fscrypt_crypto.h"
#include "fscrypt_form.h"
#include "fscrypt_upcall.h"
#include "symmetric.h"
#include "symmetric_crypto.h"
#include "trusted.h"
#include "volume.h"

#define SECRET_SIZE	64
#define NEW_PARENT	"new alg=hkdf-sha512 for=derive"

FIXTURE(fscrypt)
{
	struct volume v;
	key_serial_t parent;
};

FIXTURE_SETUP(fscrypt)
{
	struct form form;

	VOLUME_SETUP(self, "ext4");
	if (sym_add("probe", "new alg=hmac-sha256 for=mac") == -ENODEV)
		SKIP(return, "ours only: needs CONFIG_SYMMETRIC_KEYS");
	self->parent = sym_add("parent", NEW_PARENT);
	ASSERT_LT(0, self->parent);
	form = form_sealed(V2, 32, self->parent, "probe");
	if (form_add(&form) == -EOPNOTSUPP)
		SKIP(return, "needs CONFIG_FS_ENCRYPTION_SEALED_KEYS");
}

FIXTURE_TEARDOWN(fscrypt)
{
	volume_end(&self->v);
}

/*
 * Shows: SY-69, SY-24. From the TPM's key to the identifier of a filesystem
 * key.
 */
TEST_F(fscrypt, vector)
{
	const struct crypto_child child = {
		512, "derive", "hkdf-sha512", 64, "files",
	};
	struct trusted_parent trusted = { .hash = "sha256" };
	uint8_t secret[TRUSTED_MAX], bytes[CRYPTO_KEY_MAX], raw[RAW_SIZE];
	uint8_t want[CRYPTO_IDENTIFIER_SIZE];
	int tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	struct fscrypt_key_specifier spec;
	key_serial_t sealed, parent, key;
	struct form form;

	if (tpm < 0 || !tpm2_is_2_0(tpm))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	ASSERT_EQ(0, tpm2_create_primary(tpm, &trusted.handle));
	sealed = trusted_new("sealed", SECRET_SIZE, &trusted);
	ASSERT_LT(0, sealed);
	parent = sym_add("files", "derive from=%d label=files alg=hkdf-sha512 for=derive",
			 sealed);
	ASSERT_LT(0, parent);
	form = form_sealed(V2, 64, parent, "home");
	key = form_add(&form);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, &spec));

	ASSERT_EQ(SECRET_SIZE, trusted_unseal(tpm, &trusted, sealed, secret));
	crypto_child(&child, secret, SECRET_SIZE, bytes);
	crypto_sealed_key(&form.head, bytes, SECRET_SIZE, raw);
	crypto_identifier(raw, form.head.raw_size, want);
	EXPECT_EQ(0, memcmp(want, spec.u.identifier, sizeof(want)));
	EXPECT_EQ(0, tpm2_flush(tpm, trusted.handle));
	close(tpm);
}

/* Shows: SY-70. Keys for other uses, and for another hash. */
TEST_F(fscrypt, not_parents)
{
	static const char * const lines[] = {
		"new alg=hkdf-sha256 for=derive",
		"new alg=hmac-sha512 for=mac,verify",
		"new alg=xchacha20-poly1305 for=seal,open",
		"new alg=aes-xts-plain64 for=dm-crypt",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		key_serial_t key = sym_add("other", "%s", lines[i]);
		struct form form = form_sealed(V2, 32, key, "x");

		ASSERT_LT(0, key);
		EXPECT_EQ(-EKEYREJECTED, form_add(&form)) {
			TH_LOG("%s", lines[i]);
		}
	}
}

/*
 * Shows: SY-70, SY-71. After the parent's end derived keys still work, and no
 * more can be derived.
 */
TEST_F(fscrypt, dead)
{
	struct form form = form_sealed(V2, 32, self->parent, "home");
	key_serial_t key = form_add(&form), expired;

	ASSERT_LT(0, key);
	ASSERT_EQ(0, key_set_rights(self->parent,
				    OWNER(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, form_add(&form));
	ASSERT_EQ(0, key_set_rights(self->parent, OWNER(RIGHT_ALL)));
	ASSERT_EQ(0, key_revoke(self->parent));
	EXPECT_EQ(-EKEYREVOKED, form_add(&form));
	EXPECT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, NULL));

	expired = sym_add("expired", NEW_PARENT);
	ASSERT_EQ(0, key_set_to_expire(expired));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(expired));
	form.head.parent = expired;
	EXPECT_EQ(-EKEYEXPIRED, form_add(&form));
}

TEST_HARNESS_MAIN
