// SPDX-License-Identifier: GPL-2.0-only
/* ALG_SET_KEY_BY_KEY_SERIAL: trusted keys, sealed by a real TPM 2.0. */
#include "encrypted.h"
#include "kernel.h"
#include "task.h"
#include "trusted.h"

#include "../kselftest_harness.h"

/*
 * Shows: AA-71. Without a trust source the kernel has no such keys.  With one
 * the type exists, and add_key() only fails for lack of a parent key.
 */
TEST(trust_source)
{
	bool present = access(TPM2_DEVICE, F_OK) == 0;

	SKIP_IF(return, lacks_keys());
	SKIP_IF(return, lacks_symbols());
	if (!kernel.has[SYMBOL_TRUSTED])
		SKIP(return, "needs CONFIG_TRUSTED_KEYS_TPM");
	ASSERT_LT(0, session_new());
	EXPECT_EQ(present ? -EINVAL : -ENODEV, trusted_add("key", "new 32"));
}

FIXTURE(trusted)
{
	int fd;
	int tpm;
	struct trusted_parent parent;
	key_serial_t key;
	uint8_t bytes[TRUSTED_MAX];
};

FIXTURE_VARIANT(trusted)
{
	size_t len;
	const char *hash;
};

/* With SHA-256 the longest key makes a TPM's answer too long for the kernel. */
FIXTURE_VARIANT_ADD(trusted, shortest) { TRUSTED_MIN, "sha256" };
FIXTURE_VARIANT_ADD(trusted, odd) { TRUSTED_MIN + 1, "sha256" };
FIXTURE_VARIANT_ADD(trusted, longest) { TRUSTED_MAX, "sha1" };

FIXTURE_SETUP(trusted)
{
	SKIP_IF(return, lacks_option());
	SKIP_IF(return, lacks_symbols());
	if (!kernel.has[SYMBOL_TRUSTED])
		SKIP(return, "needs CONFIG_TRUSTED_KEYS_TPM");
	self->tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	if (self->tpm < 0 && (errno == ENOENT || errno == ENODEV))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE " and CONFIG_TCG_TIS");
	ASSERT_LE(0, self->tpm);
	if (!tpm2_is_2_0(self->tpm))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE ", this one is older");

	OPEN_ALG(return, self->fd, &alg_hmac);
	ASSERT_LT(0, session_new());
	self->parent.hash = variant->hash;
	ASSERT_EQ(0, tpm2_create_primary(self->tpm, &self->parent.handle));
	self->key = trusted_new("key", variant->len, &self->parent);
	EXPECT_LT(0, self->key)
		tpm2_flush(self->tpm, self->parent.handle);
}

FIXTURE_TEARDOWN(trusted)
{
	close(self->fd);
	EXPECT_EQ(0, tpm2_flush(self->tpm, self->parent.handle));
	close(self->tpm);
}

/*
 * Shows: AA-44. The algorithm gets the key alone, without the bytes behind it
 * in its array.
 */
TEST_F(trusted, unsealed_bytes)
{
	ASSERT_EQ((ssize_t)variant->len,
		  trusted_unseal(self->tpm, &self->parent, self->key,
				 self->bytes));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_hmac, self->bytes,
				variant->len));
}

/* Shows: AA-44, AA-48. The algorithm gets the real length of the key. */
TEST_F(trusted, length_is_exact)
{
	int fd;

	OPEN_ALG(return, fd, &alg_cbc);
	if (variant->len != TRUSTED_MIN) {
		EXPECT_EQ(-EINVAL, alg_set_serial(fd, self->key));
		return;
	}
	ASSERT_EQ((ssize_t)variant->len,
		  trusted_unseal(self->tpm, &self->parent, self->key,
				 self->bytes));
	EXPECT_EQ(0, alg_set_serial(fd, self->key));
	EXPECT_TRUE(alg_has_key(fd, &alg_cbc, self->bytes, variant->len));
}

/*
 * Shows: AA-44. Two trusted keys have different bytes; the same key always has
 * the same.
 */
TEST_F(trusted, differs_from_other)
{
	struct fingerprint first, second, other;
	key_serial_t key;
	int fd;

	OPEN_ALG(return, fd, &alg_hmac);
	key = trusted_new("other", variant->len, &self->parent);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, alg_set_serial(fd, self->key));
	first = alg_fingerprint(self->fd, &alg_hmac);
	second = alg_fingerprint(fd, &alg_hmac);
	ASSERT_EQ(0, alg_set_serial(fd, key));
	other = alg_fingerprint(fd, &alg_hmac);
	EXPECT_TRUE(same_fingerprint(&first, &second));
	EXPECT_FALSE(same_fingerprint(&first, &other));
}

/*
 * Shows: AA-44. A key that is unsealed from its blob has the same bytes as
 * before.
 */
TEST_F(trusted, loaded)
{
	char command[2 * TRUSTED_BLOB_MAX + 64] = "load ";
	size_t used = strlen(command);
	key_serial_t loaded;
	long len;

	len = key_read(self->key, command + used, 2 * TRUSTED_BLOB_MAX);
	ASSERT_LT(0, len);
	ASSERT_GE(2 * TRUSTED_BLOB_MAX, len);
	snprintf(command + used + len, sizeof(command) - used - len,
		 " keyhandle=0x%x", self->parent.handle);
	loaded = trusted_add("loaded", command);
	ASSERT_LT(0, loaded);

	ASSERT_EQ((ssize_t)variant->len,
		  trusted_unseal(self->tpm, &self->parent, self->key,
				 self->bytes));
	EXPECT_EQ(0, alg_set_serial(self->fd, loaded));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_hmac, self->bytes,
				variant->len));
}

/*
 * Shows: AA-44. KEYCTL_UPDATE seals the key anew, but does not change its
 * bytes.
 */
TEST_F(trusted, updated)
{
	char command[64];

	ASSERT_EQ((ssize_t)variant->len,
		  trusted_unseal(self->tpm, &self->parent, self->key,
				 self->bytes));
	snprintf(command, sizeof(command), "update keyhandle=0x%x hash=%s",
		 self->parent.handle, self->parent.hash);
	ASSERT_EQ(0, key_update(self->key, command, strlen(command)));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_hmac, self->bytes,
				variant->len));
}

/* Shows: AA-43, AA-44, AA-47. An encrypted key under a trusted master. */
TEST_F(trusted, master_of_encrypted)
{
	static uint8_t plain[ENCRYPTED_MAX + ENCRYPTED_BLOCK];
	const size_t len = 50;
	key_serial_t key = encrypted_new("key", "default", "trusted:key", len);

	if (key == -ENODEV)
		SKIP(return, "needs CONFIG_ENCRYPTED_KEYS");
	ASSERT_LT(0, key);
	ASSERT_EQ((ssize_t)variant->len,
		  trusted_unseal(self->tpm, &self->parent, self->key,
				 self->bytes));
	ASSERT_EQ((ssize_t)len,
		  encrypted_read(key, self->bytes, variant->len, plain));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(0, alg_set_serial(self->fd, key));
	EXPECT_TRUE(alg_has_key(self->fd, &alg_hmac, plain, len));
}

/*
 * Shows: AA-25, AA-34, AA-35. State and permissions count as for any other key.
 */
TEST_F(trusted, permission_and_state)
{
	ASSERT_EQ(0, key_set_rights(self->key,
				    OWNER(RIGHT_ALL & ~RIGHT_SEARCH)));
	EXPECT_EQ(-EACCES, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, key_set_rights(self->key, OWNER(RIGHT_ALL)));
	EXPECT_EQ(0, alg_set_serial(self->fd, self->key));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, alg_set_serial(self->fd, self->key));
}

/* Shows: AA-44. The lengths in the row are the limits of the key type. */
TEST_F(trusted, limits)
{
	EXPECT_EQ(-EINVAL, trusted_new("limit", TRUSTED_MIN - 1,
				       &self->parent));
	EXPECT_EQ(-EINVAL, trusted_new("limit", TRUSTED_MAX + 1,
				       &self->parent));
}

#define ROUNDS	50

struct sealing {
	char description[32];
	const struct trusted_parent *parent;
};

static int seal(const void *arg)
{
	const struct sealing *sealing = arg;
	key_serial_t key = trusted_new(sealing->description, TRUSTED_MIN,
				       sealing->parent);

	return key < 0 ? key : 0;
}

/*
 * Returns the serial of the key, which /proc/keys shows as soon as the key has
 * one.
 */
static key_serial_t find_key(const char *description)
{
	char line[512];
	unsigned int serial = 0;
	FILE *file = fopen("/proc/keys", "re");

	if (!file)
		return -errno;
	while (serial == 0 && fgets(line, sizeof(line), file))
		if (strstr(line, description))
			sscanf(line, "%x", &serial);
	fclose(file);
	return serial;
}

/*
 * Sets the key by its serial while add_key() makes it; returns the first result
 * that is not ENOKEY.
 */
static int set_while_sealed(int fd, const struct sealing *sealing)
{
	pid_t sealer = task_start(seal, sealing);
	key_serial_t key = 0;
	int ret, err;

	while (key == 0 && !task_ended(sealer, 0))
		key = find_key(sealing->description);
	ret = key > 0 ? alg_set_serial(fd, key) : -ENOKEY;
	err = task_result(sealer);
	return err ? err : ret;
}

/*
 * Shows: AA-31. While the TPM seals a key for add_key(), the key has a serial
 * but no content, and no helper whose end could be awaited.  A caller that
 * comes too late finds a key that it does not possess.
 */
TEST_F(trusted, not_instantiated)
{
	struct sealing sealing = { .parent = &self->parent };
	int ret = 0;

	for (int round = 0; ret != -EIO && round < ROUNDS; round++) {
		snprintf(sealing.description, sizeof(sealing.description),
			 "sealing-%d-%d", getpid(), round);
		ret = set_while_sealed(self->fd, &sealing);
	}
	if (!ret && task_is_traced())
		SKIP(return, "untraced only: the TPM was faster each time");
	EXPECT_EQ(-EIO, ret);
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
