// SPDX-License-Identifier: GPL-2.0-only
/* Provisioning keys that are derived from a sealed parent. */
#include "../kselftest_harness.h"
#include "fscrypt_crypto.h"
#include "fscrypt_form.h"
#include "fscrypt_upcall.h"
#include "held_key.h"
#include "trusted.h"
#include "volume.h"

#define PARENT_SIZE	32
#define TEXT_BLOB_MAX	4096
#define DESCRIPTOR	0x5a

static const __u8 master[32] = {
	0x10, 0x21, 0x32, 0x43, 0x54, 0x65, 0x76, 0x87,
	0x98, 0xa9, 0xba, 0xcb, 0xdc, 0xed, 0xfe, 0x0f,
	0x1e, 0x2d, 0x3c, 0x4b, 0x5a, 0x69, 0x78, 0x87,
	0x96, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0, 0x01,
};

/* Adds an encrypted key of @size bytes whose master key user space knows. */
static key_serial_t parent_encrypted(const char *name, unsigned int size)
{
	char make[64];

	if (key_add_user("master", master, sizeof(master)) < 0)
		return -ENOKEY;
	snprintf(make, sizeof(make), "new default user:master %u", size);
	return key_add("encrypted", name, make, strlen(make),
		       KEY_SPEC_SESSION_KEYRING);
}

/* Gets the secret of such a key without using the kernel. */
static int parent_open(key_serial_t key, __u8 *secret, size_t size)
{
	char blob[TEXT_BLOB_MAX];
	long len = key_read(key, blob, sizeof(blob) - 1);

	if (len < 0)
		return len;
	blob[len] = '\0';
	return crypto_open_encrypted(blob, master, secret, size);
}

/* Returns whether this kernel can derive keys; tests nothing. */
#define REQUIRE_SEALED(parent) do { \
	struct form probe_ = form_sealed(V2, 32, parent, "probe"); \
\
	REQUIRE_OUR_FSCRYPT("sealed keys"); \
	if ((parent) == -ENODEV) \
		SKIP(return, "needs CONFIG_ENCRYPTED_KEYS"); \
	if (form_add(&probe_) == -EOPNOTSUPP) \
		SKIP(return, "needs CONFIG_FS_ENCRYPTION_SEALED_KEYS"); \
} while (0)

FIXTURE(sealed)
{
	struct volume v;
	key_serial_t parent;
	__u8 secret[PARENT_SIZE];
};

FIXTURE_SETUP(sealed)
{
	VOLUME_SETUP(self, "ext4");
	self->parent = parent_encrypted("parent", PARENT_SIZE);
	if (self->parent > 0)
		ASSERT_EQ(0, parent_open(self->parent, self->secret,
					 PARENT_SIZE));
}

FIXTURE_TEARDOWN(sealed)
{
	volume_end(&self->v);
}

/* Derives a key by @form, adds it to the volume and gets the identifier. */
static int derive_identifier(const struct volume *v, const struct form *form,
			     __u8 *identifier)
{
	struct fscrypt_key_specifier spec;
	key_serial_t key = form_add(form);
	int err;

	if (key < 0)
		return key;
	err = fs_add_serial(v->root, V2, 0, key, &spec);
	memcpy(identifier, spec.u.identifier, CRYPTO_IDENTIFIER_SIZE);
	return err;
}

/* Returns 0 if the kernel and OpenSSL derive the same key, 1 if they do not. */
static int compare_identifier_of(const struct volume *v,
				 const struct form *form, const __u8 *secret,
				 size_t secret_size)
{
	__u8 raw[RAW_SIZE];
	__u8 want[CRYPTO_IDENTIFIER_SIZE], seen[CRYPTO_IDENTIFIER_SIZE];
	int err = derive_identifier(v, form, seen);

	crypto_sealed_key(&form->head, secret, secret_size, raw);
	crypto_identifier(raw, form->head.raw_size, want);
	return err ?: !!memcmp(want, seen, sizeof(seen));
}

static int compare_identifier(const struct volume *v, const struct form *form,
			      const __u8 *secret)
{
	return compare_identifier_of(v, form, secret, PARENT_SIZE);
}

/* Shows: FP-42. sizes and labels: the kernel and OpenSSL agree */
TEST_F(sealed, vectors)
{
	static const char * const labels[] = {
		"", "x", "home",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	};

	REQUIRE_SEALED(self->parent);
	for (__u32 size = RAW_MIN; size <= RAW_SIZE; size++) {
		struct form form = form_sealed(V2, size, self->parent,
					       labels[size % 4]);

		EXPECT_EQ(0, compare_identifier(&self->v, &form, self->secret)) {
			TH_LOG("size %u label %s", size, labels[size % 4]);
		}
	}
}

/*
 * Shows: FP-49. a v1 key has no identifier, but other bytes under the same
 * descriptor would be a clash
 */
TEST_F(sealed, vector_v1)
{
	struct form form = form_sealed(V1, RAW_SIZE, self->parent, "v1");
	__u8 raw[RAW_SIZE];
	key_serial_t key;

	REQUIRE_SEALED(self->parent);
	key = form_add(&form);
	ASSERT_LT(0, key);
	crypto_sealed_key(&form.head, self->secret, PARENT_SIZE, raw);
	ASSERT_EQ(0, fs_add_serial(self->v.root, V1, DESCRIPTOR, key, NULL));
	EXPECT_EQ(0, fs_add_raw(self->v.root, V1, DESCRIPTOR, raw, RAW_SIZE,
				NULL));
	raw[RAW_SIZE - 1] ^= 1;
	EXPECT_EQ(-EEXIST, fs_add_raw(self->v.root, V1, DESCRIPTOR, raw,
				      RAW_SIZE, NULL));
}

/*
 * Shows: FP-42. a parent of known bytes: the kernel, OpenSSL and the document
 * agree, so that a change of the derivation would be noticed
 */
TEST_F(sealed, known_answer)
{
	static const __u8 named[CRYPTO_IDENTIFIER_SIZE] = {
		0x3d, 0xd3, 0xf0, 0x65, 0xec, 0x61, 0x3b, 0x1e,
		0xcf, 0x17, 0x4a, 0x81, 0x61, 0x4c, 0x23, 0x7e,
	};
	static const __u8 want[32] = {
		0x01, 0xea, 0x7c, 0x8c, 0xe0, 0x38, 0xd6, 0xee,
		0xca, 0xf8, 0xd7, 0x57, 0xe7, 0x2b, 0x93, 0x20,
		0x8b, 0x38, 0x59, 0x84, 0xcb, 0x54, 0x21, 0x7d,
		0xad, 0xad, 0xd6, 0xd3, 0x08, 0xfd, 0x46, 0xa5,
	};
	__u8 raw[32], identifier[CRYPTO_IDENTIFIER_SIZE];
	key_serial_t parent;
	struct form form;

	REQUIRE_SEALED(self->parent);
	parent = encrypted_new_of("known", "default", "user:master", master,
				  sizeof(master));
	if (parent == -EINVAL)
		SKIP(return, "needs CONFIG_USER_DECRYPTED_DATA");
	ASSERT_LT(0, parent);
	form = form_sealed(V2, 32, parent, "home");
	ASSERT_EQ(0, derive_identifier(&self->v, &form, identifier));
	EXPECT_EQ(0, memcmp(named, identifier, sizeof(named)));

	crypto_sealed_key(&form.head, master, sizeof(master), raw);
	EXPECT_EQ(0, memcmp(want, raw, sizeof(raw)));
	crypto_identifier(raw, sizeof(raw), identifier);
	EXPECT_EQ(0, memcmp(named, identifier, sizeof(named)));
}

/* Shows: FP-42. the kernel finds the secret of a parent of each format */
TEST_F(sealed, ecryptfs_parent)
{
	__u8 secret[ENCRYPTED_ECRYPTFS];
	char blob[TEXT_BLOB_MAX];
	key_serial_t parent;
	struct form form;
	long len;

	REQUIRE_SEALED(self->parent);
	parent = encrypted_new("0123456789abcdef", "ecryptfs", "user:master",
			       ENCRYPTED_ECRYPTFS);
	ASSERT_LT(0, parent);
	len = key_read(parent, blob, sizeof(blob) - 1);
	ASSERT_LT(0, len);
	blob[len] = '\0';
	ASSERT_EQ(0, crypto_open_encrypted(blob, master, secret,
					   sizeof(secret)));
	form = form_sealed(V2, 64, parent, "home");
	EXPECT_EQ(0, compare_identifier_of(&self->v, &form, secret,
					   sizeof(secret)));
}

/* Shows: FP-42. each difference in the form makes another key */
TEST_F(sealed, separation)
{
	struct form forms[] = {
		form_sealed(V2, 32, self->parent, ""),
		form_sealed(V2, 32, self->parent, "a"),
		form_sealed(V2, 32, self->parent, "ab"),
		form_sealed(V2, 33, self->parent, ""),
		form_sealed(V2, 32, parent_encrypted("other", PARENT_SIZE), ""),
	};
	enum { COUNT = ARRAY_SIZE(forms) };
	__u8 identifier[COUNT + 1][CRYPTO_IDENTIFIER_SIZE];

	REQUIRE_SEALED(self->parent);
	for (int i = 0; i < COUNT; i++)
		ASSERT_EQ(0, derive_identifier(&self->v, &forms[i],
					       identifier[i]));
	/* The parent itself cannot be added as a filesystem key. */
	crypto_identifier(self->secret, PARENT_SIZE, identifier[COUNT]);

	for (int i = 0; i <= COUNT; i++) {
		for (int j = 0; j < i; j++) {
			EXPECT_NE(0, memcmp(identifier[i], identifier[j],
					    CRYPTO_IDENTIFIER_SIZE)) {
				TH_LOG("%d and %d", i, j);
			}
		}
	}
}

/*
 * Shows: FP-42. a bound derived key depends on the filesystem and can be added
 * only to it
 */
TEST_F(sealed, bound)
{
	struct form form = form_sealed(V2, 32, self->parent, "");
	__u8 uuid[FSCRYPT_PROVISIONING_UUID_SIZE];
	const off_t ext4_uuid_at = 1024 + 0x68;
	int fd;

	REQUIRE_SEALED(self->parent);
	fd = open(self->v.image, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(sizeof(uuid), pread(fd, uuid, sizeof(uuid), ext4_uuid_at));
	close(fd);

	form_bind(&form, uuid);
	EXPECT_EQ(0, compare_identifier(&self->v, &form, self->secret));
	form.head.fs_uuid[0] ^= 1;
	EXPECT_EQ(-EXDEV, compare_identifier(&self->v, &form, self->secret));
}

/*
 * Shows: FP-12, FP-7, FP-9. a derived key is shown as sealed, charged like any
 * other, and never readable
 */
TEST_F(sealed, description)
{
	struct form form = form_sealed(V2, 32, self->parent, "home");
	char line[256], bytes[128];
	key_serial_t key;

	REQUIRE_SEALED(self->parent);
	key = form_add_as("derived", &form);
	ASSERT_LT(0, key);
	key_line(key, line, sizeof(line));
	EXPECT_NE(NULL, strstr(line, " fscrypt-p derived: 40 [2] sealed\n")) {
		TH_LOG("%s", line);
	}
	EXPECT_EQ(0, key_set_rights(key, POSSESSOR(RIGHT_ALL)));
	EXPECT_EQ(-EOPNOTSUPP, key_read(key, bytes, sizeof(bytes)));
}

/*
 * Shows: FP-30, FP-31, FP-34, FP-35. keys that cannot be a parent, and parents
 * that are dead
 */
TEST_F(sealed, parents)
{
	struct form form = form_sealed(V2, 32, 0, "");
	struct plain plain = plain_of(V2, 1);
	const struct {
		key_serial_t key;
		int want;
	} rows[] = {
		{ key_add_user("u", master, sizeof(master)), -EKEYREJECTED },
		{ key_add("logon", "fscrypt:l", master, sizeof(master),
			  KEY_SPEC_SESSION_KEYRING), -EKEYREJECTED },
		{ prov_add("p", &plain, PLAIN_HEAD + 32), -EKEYREJECTED },
		{ keyring_new("ring", KEY_SPEC_SESSION_KEYRING),
		  -EKEYREJECTED },
		{ parent_encrypted("short", PARENT_SIZE - 1), -EKEYREJECTED },
		{ key_unused_serial(), -ENOKEY },
	};
	key_serial_t key;

	REQUIRE_SEALED(self->parent);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_LT(0, rows[i].key);
		form.head.parent = rows[i].key;
		EXPECT_EQ(rows[i].want, form_add(&form)) TH_LOG("row %zu", i);
	}

	key = parent_encrypted("a", PARENT_SIZE);
	form.head.parent = key;
	ASSERT_EQ(0, key_set_rights(key, OWNER(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, form_add(&form));
	ASSERT_EQ(0, key_set_rights(key, OWNER(RIGHT_SEARCH | RIGHT_SETATTR)));
	EXPECT_LT(0, form_add(&form));
	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, form_add(&form));

	key = parent_encrypted("b", PARENT_SIZE);
	form.head.parent = key;
	ASSERT_EQ(0, key_set_to_expire(key));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(key));
	EXPECT_EQ(-EKEYEXPIRED, form_add(&form));
}

/* Shows: FP-58. once derived, a key does not need its parent */
TEST_F(sealed, outlives_parent)
{
	struct form form = form_sealed(V2, 32, self->parent, "");
	key_serial_t key;

	REQUIRE_SEALED(self->parent);
	key = form_add(&form);
	ASSERT_LT(0, key);
	EXPECT_EQ(0, key_revoke(self->parent));
	EXPECT_EQ(0, fs_add_serial(self->v.root, V2, 0, key, NULL));
}

static int call_derive(const void *arg)
{
	key_serial_t key = form_add(arg);

	return key < 0 ? key : 0;
}

/*
 * Shows: KS-45. a parent under construction is refused, since its maker would
 * decide how long the new key and its requesters wait
 */
TEST_F(sealed, parent_under_construction)
{
	struct plain plain = plain_of(V2, 1);
	struct upcall upcall = {};
	struct form form;

	REQUIRE_SEALED(self->parent);
	ASSERT_EQ(0, prov_upcall_start(&upcall));
	form = form_sealed(V2, 32, upcall.key, "");
	EXPECT_EQ(-ENOKEY, task_run(call_derive, &form));
	EXPECT_EQ(0, upcall_instantiate(&upcall, &plain, PLAIN_HEAD + 32));
	EXPECT_EQ(-EKEYREJECTED, task_run(call_derive, &form));
	EXPECT_EQ(0, upcall_end(&upcall));
}

/*
 * Shows: FP-7. a derivation whose key cannot be linked charges no quota.  An
 * invalid parent shows that the derivation comes first, since its error is
 * returned.
 */
TEST_F(sealed, failed_addition_leaves_nothing)
{
	struct form form = form_sealed(V2, 32, self->parent, "");
	struct form orphan = form_sealed(V2, 32, key_unused_serial(), "");
	key_serial_t ring = keyring_new("closed", KEY_SPEC_SESSION_KEYRING);
	int keys, bytes, keys_after, bytes_after;

	REQUIRE_SEALED(self->parent);
	ASSERT_EQ(0, keyctl(KEYCTL_RESTRICT_KEYRING, ring, NULL, NULL));
	quota_settled(geteuid(), &keys, &bytes);
	/* an empty description, and a keyring without Write permission */
	EXPECT_EQ(-ENOKEY, prov_add_to("", &orphan, FORM_HEAD, ring));
	EXPECT_EQ(-EINVAL, prov_add_to("", &form, FORM_HEAD, ring));
	EXPECT_EQ(-ENOKEY, prov_add_to("test", &orphan, FORM_HEAD, ring));
	EXPECT_EQ(-EPERM, prov_add_to("test", &form, FORM_HEAD, ring));
	quota_settled(geteuid(), &keys_after, &bytes_after);
	EXPECT_EQ(keys, keys_after);
	EXPECT_EQ(bytes, bytes_after);
}

/*
 * Shows: FP-34. the parent is revoked while the derivation waits for its
 * semaphore.  The base keeps the bytes of a revoked encrypted key, so the
 * derivation must check the state.
 */
TEST_F(sealed, parent_revoked_meanwhile)
{
	struct held_key held = {};
	struct form form;
	pid_t child;

	REQUIRE_SEALED(self->parent);
	ASSERT_EQ(0, held_key_start(&held));
	form = form_sealed(V2, 32, held.key, "");
	ASSERT_EQ(0, held_key_queue_revoke(&held));
	child = task_start(call_derive, &form);
	ASSERT_TRUE(task_blocks_in(child, __NR_add_key));
	EXPECT_EQ(0, held_key_end(&held));
	EXPECT_EQ(-EKEYREVOKED, task_result(child));
}

/* Adds a trusted key, or loads it from @blob unless that is NULL. */
static key_serial_t parent_trusted(const char *name, uint32_t handle,
				   const char *blob)
{
	char make[TEXT_BLOB_MAX + 64];

	if (blob)
		snprintf(make, sizeof(make), "load %s keyhandle=0x%x", blob,
			 handle);
	else
		snprintf(make, sizeof(make), "new 32 keyhandle=0x%x", handle);
	return trusted_add(name, make);
}

/*
 * Shows: FP-42, FP-55. a sealed key opens the same files later, when only the
 * blob is left; the derived key depends on the secret, not on the blob
 */
TEST_F(sealed, tpm)
{
	__u8 first[CRYPTO_IDENTIFIER_SIZE], again[CRYPTO_IDENTIFIER_SIZE];
	char blob[TEXT_BLOB_MAX] = "";
	__u8 secret[TRUSTED_MAX];
	key_serial_t parent;
	struct form form;
	uint32_t handle;
	long len;
	int tpm;

	REQUIRE_SEALED(self->parent);
	tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	if (tpm < 0 || !tpm2_is_2_0(tpm))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	/*
	 * The TPM computes this key from its seed, so it is the same at each
	 * boot.
	 */
	ASSERT_EQ(0, tpm2_create_primary(tpm, &handle));
	parent = parent_trusted("kmk", handle, NULL);
	ASSERT_LT(0, parent);
	len = key_read(parent, blob, sizeof(blob) - 1);
	ASSERT_LT(0, len);
	form = form_sealed(V2, 32, parent, "home");
	ASSERT_EQ(0, derive_identifier(&self->v, &form, first));
	ASSERT_EQ(PARENT_SIZE,
		  trusted_unseal(tpm, &(struct trusted_parent){ handle },
				 parent, secret));
	EXPECT_EQ(0, compare_identifier(&self->v, &form, secret));

	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, volume_unmount(&self->v));
	ASSERT_EQ(0, volume_mount(&self->v));
	form.head.parent = parent_trusted("loaded", handle, blob);
	ASSERT_LT(0, form.head.parent);
	ASSERT_EQ(0, derive_identifier(&self->v, &form, again));
	EXPECT_EQ(0, memcmp(first, again, sizeof(first)));

	/* A second key of the same TPM is another parent. */
	form.head.parent = parent_trusted("second", handle, NULL);
	ASSERT_EQ(0, derive_identifier(&self->v, &form, again));
	EXPECT_NE(0, memcmp(first, again, sizeof(first)));
	/* The TPM has room for few keys, so this one is removed. */
	EXPECT_EQ(0, tpm2_flush(tpm, handle));
	close(tpm);
}

/*
 * Loads the parent again from its blob; @options begin with a blank.  The key
 * gets a new description, since "load" does not update an existing key.
 */
static key_serial_t parent_load(const char *blob, uint32_t handle,
				const char *options)
{
	static unsigned int count;
	char make[TEXT_BLOB_MAX + 256], name[16];

	snprintf(name, sizeof(name), "again%u", count++);
	snprintf(make, sizeof(make), "load %s keyhandle=0x%x%s", blob, handle,
		 options);
	return trusted_add(name, make);
}

/*
 * Shows: FP-60. as Documentation/filesystems/fscrypt-provisioning.rst says
 * about a machine that boots in another way, the kernel ignores pcrinfo=, and a
 * policy holds.
 */
TEST_F(sealed, tpm_policy)
{
	char blob[TEXT_BLOB_MAX] = "", make[256], options[256];
	char hex[2 * TPM2_DIGEST + 1];
	__u8 digest[TPM2_DIGEST];
	uint32_t handle, session;
	key_serial_t parent;
	int tpm;

	REQUIRE_SEALED(self->parent);
	tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	if (tpm < 0 || !tpm2_is_2_0(tpm))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	ASSERT_EQ(0, tpm2_create_primary(tpm, &handle));
	ASSERT_EQ(0, tpm2_policy_digest(tpm, digest));
	hex_encode(digest, sizeof(digest), hex);

	/* without a session for the policy the TPM does not unseal the key */
	snprintf(make, sizeof(make),
		 "new 32 keyhandle=0x%x hash=sha256 policydigest=%s", handle,
		 hex);
	parent = trusted_add("kmk", make);
	ASSERT_LT(0, parent);
	ASSERT_LT(0, key_read(parent, blob, sizeof(blob) - 1));
	snprintf(options, sizeof(options), " hash=sha256 policydigest=%s", hex);
	EXPECT_GT(0, parent_load(blob, handle, options));

	/* with a session it does, as long as the PCR has the right value */
	ASSERT_EQ(0, tpm2_start_policy(tpm, TPM2_SE_POLICY, &session));
	snprintf(options, sizeof(options),
		 " hash=sha256 policydigest=%s policyhandle=0x%x", hex,
		 session);
	EXPECT_LT(0, parent_load(blob, handle, options));
	ASSERT_EQ(0, tpm2_pcr_extend(tpm));
	ASSERT_EQ(0, tpm2_start_policy(tpm, TPM2_SE_POLICY, &session));
	snprintf(options, sizeof(options),
		 " hash=sha256 policydigest=%s policyhandle=0x%x", hex,
		 session);
	EXPECT_GT(0, parent_load(blob, handle, options));
	tpm2_flush(tpm, session);

	/* pcrinfo= is accepted, and has no effect */
	snprintf(make, sizeof(make), "new 32 keyhandle=0x%x pcrinfo=16",
		 handle);
	parent = trusted_add("bound", make);
	ASSERT_LT(0, parent);
	memset(blob, 0, sizeof(blob));
	ASSERT_LT(0, key_read(parent, blob, sizeof(blob) - 1));
	ASSERT_EQ(0, tpm2_pcr_extend(tpm));
	EXPECT_LT(0, parent_load(blob, handle, " pcrinfo=16"));

	EXPECT_EQ(0, tpm2_flush(tpm, handle));
	close(tpm);
}

int main(int argc, char **argv)
{
	upcall_route_install();
	return test_harness_run(argc, argv);
}
