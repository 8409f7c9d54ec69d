// SPDX-License-Identifier: GPL-2.0-only
/*
 * dm-crypt with a key that no program has ever seen: an encrypted key, and one
 * that a TPM has sealed.
 *
 * The test compares the sectors on the disk with the same text encrypted by
 * AF_ALG with the bytes of the key, which the test gets without the kernel's
 * help.
 */
#include "request_asked.h"
#include "request_dm.h"
#include "trusted.h"
#include "volume.h"

#include "../kselftest_harness.h"

#define DEVICE		"selftests-crypt"
#define NAME		"disk"
#define MASTER_SIZE	32
#define XTS_SIZE	64
#define SECTOR		512

static const char master[MASTER_SIZE] = "a master key, known to the test";

FIXTURE(crypt)
{
	struct volume v;
	char below[32];
	int loop;
	int tpm;
	struct trusted_parent parent;
	int listener;
	int link;
	struct asked asked;
	char command[TRUSTED_COMMAND_MAX];
};

/*
 * struct crypt variant - a type of key
 * @type:	its name
 * @prepare: makes whatever protects such a key, and the payload that makes one
 * @open: gets the bytes of the key; returns their number
 */
FIXTURE_VARIANT(crypt)
{
	const char *type;
	int (*prepare)(FIXTURE_DATA(crypt) *self);
	ssize_t (*open)(const FIXTURE_DATA(crypt) *self, key_serial_t key,
			uint8_t *bytes);
};

static int prepare_encrypted(FIXTURE_DATA(crypt) *self)
{
	key_serial_t key = key_add_user("master", master, sizeof(master));

	snprintf(self->command, sizeof(self->command),
		 "new default user:master %d", XTS_SIZE);
	return key < 0 ? key : 0;
}

static ssize_t open_encrypted(const FIXTURE_DATA(crypt) *self, key_serial_t key,
			      uint8_t *bytes)
{
	return encrypted_read(key, master, sizeof(master), bytes);
}

FIXTURE_VARIANT_ADD(crypt, encrypted) {
	.type = "encrypted", .prepare = prepare_encrypted,
	.open = open_encrypted,
};

static int prepare_trusted(FIXTURE_DATA(crypt) *self)
{
	self->parent.hash = "sha256";
	if (tpm2_create_primary(self->tpm, &self->parent.handle))
		return -EIO;
	trusted_command(self->command, XTS_SIZE, &self->parent);
	return 0;
}

static ssize_t open_trusted(const FIXTURE_DATA(crypt) *self, key_serial_t key,
			    uint8_t *bytes)
{
	return trusted_unseal(self->tpm, &self->parent, key, bytes);
}

FIXTURE_VARIANT_ADD(crypt, trusted) {
	.type = "trusted", .prepare = prepare_trusted, .open = open_trusted,
};

FIXTURE_SETUP(crypt)
{
	REQUIRE_HELPER();
	self->tpm = open(TPM2_DEVICE, O_RDWR | O_CLOEXEC);
	if (self->tpm < 0 || !tpm2_is_2_0(self->tpm))
		SKIP(return, "needs a TPM 2.0 at " TPM2_DEVICE);
	self->link = -1;
	ASSERT_LT(0, session_new());
	self->listener = asked_open();
	ASSERT_LE(0, self->listener);
	self->loop = dm_create_over(DEVICE, &self->v, self->below,
				    sizeof(self->below));
	ASSERT_LE(0, self->loop);
	ASSERT_EQ(0, variant->prepare(self));
}

FIXTURE_TEARDOWN(crypt)
{
	close(self->link);
	close(self->listener);
	EXPECT_EQ(0, dm_remove(DEVICE));
	close(self->loop);
	volume_end(&self->v);
	if (self->parent.handle)
		EXPECT_EQ(0, tpm2_flush(self->tpm, self->parent.handle));
	close(self->tpm);
}

static key_serial_t make_key(const FIXTURE_DATA(crypt) *self,
			     const FIXTURE_VARIANT(crypt) *variant)
{
	return key_add(variant->type, NAME, self->command,
		       strlen(self->command), KEY_SPEC_SESSION_KEYRING);
}

/*
 * struct load - a table that names a key
 * @type:	type of the key
 * @below:	the device below
 */
struct load {
	const char *type;
	const char *below;
};

static int load_table(const void *arg)
{
	const struct load *load = arg;
	char key[64];

	snprintf(key, sizeof(key), ":%d:%s:" NAME, XTS_SIZE, load->type);
	return dm_load_crypt(DEVICE, key, load->below);
}

/* Compares a sector of text through the device with the encrypted one below. */
static int write_sector(const FIXTURE_DATA(crypt) *self, const uint8_t *text,
			uint8_t *stored)
{
	int fd = dm_open(DEVICE), image, err = 0;

	if (fd < 0)
		return fd;
	if (pwrite(fd, text, SECTOR, 0) != SECTOR || fsync(fd))
		err = -errno;
	close(fd);
	image = open(self->v.image, O_RDONLY | O_CLOEXEC);
	if (!err && pread(image, stored, SECTOR, 0) != SECTOR)
		err = -EIO;
	close(image);
	return err;
}

/* Computes the right first sector of the disk. */
static ssize_t encrypt_sector(int fd, const uint8_t *text, uint8_t *out)
{
	static const uint8_t sector_number[ALG_IV_MAX];
	const struct alg_text job = {
		.direction = ALG_OP_ENCRYPT, .iv = sector_number,
		.iv_len = sizeof(sector_number), .in = text, .in_len = SECTOR,
	};
	int op = alg_accept(fd);
	ssize_t len = op < 0 ? op : alg_crypt(op, &job, out, SECTOR);

	close(op);
	return len;
}

/* Shows: RK-18. The found key encrypts the device. */
TEST_F(crypt, found)
{
	const struct asked_key wanted = { variant->type, NAME };
	struct load load = { variant->type, self->below };
	uint8_t text[SECTOR], stored[SECTOR], expected[SECTOR];
	static uint8_t bytes[ENCRYPTED_MAX + ENCRYPTED_BLOCK];
	key_serial_t key;
	int fd;

	OPEN_ALG(return, fd, &alg_xts);
	key = make_key(self, variant);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, load_table(&load));
	EXPECT_FALSE(asked_at_all(self->listener, &wanted));

	memset(text, 'a', sizeof(text));
	ASSERT_EQ(0, write_sector(self, text, stored));
	ASSERT_EQ(XTS_SIZE, variant->open(self, key, bytes));
	ASSERT_EQ(0, alg_set_key(fd, bytes, XTS_SIZE));
	ASSERT_EQ(SECTOR, encrypt_sector(fd, text, expected));
	EXPECT_EQ(0, memcmp(expected, stored, SECTOR));
	close(fd);
}

/*
 * Shows: RK-18, RK-34. Without the key the table is refused, and no helper is
 * started.
 */
TEST_F(crypt, missing)
{
	const struct asked_key wanted = { variant->type, NAME };
	struct load load = { variant->type, self->below };

	EXPECT_EQ(-ENOKEY, load_table(&load));
	EXPECT_FALSE(asked_at_all(self->listener, &wanted));
}

/* Shows: RK-18, RK-40. A revoked key is not used. */
TEST_F(crypt, revoked)
{
	struct load load = { variant->type, self->below };
	key_serial_t key = make_key(self, variant);

	ASSERT_LT(0, key);
	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, load_table(&load));
}

static int request_key_of(const void *arg)
{
	key_serial_t key = key_request(arg, NAME, "", KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? key : 0;
}

/*
 * Shows: RK-18, RK-38, RK-84. dm-crypt waits for a key under construction; its
 * maker finds the protecting key in the requester's keyrings.
 */
TEST_F(crypt, waits)
{
	const struct asked_key wanted = { variant->type, NAME };
	struct load load = { variant->type, self->below };
	pid_t maker = task_start(request_key_of, variant->type), loader;

	self->link = asked_next(self->listener, &self->asked, &wanted);
	ASSERT_LE(0, self->link);
	EXPECT_STREQ(variant->type, self->asked.type);
	loader = task_start(load_table, &load);
	EXPECT_FALSE(task_ended(loader, 200));
	EXPECT_EQ(0, asked_answer(self->link, self->command,
				  strlen(self->command)));
	EXPECT_EQ(0, task_result(loader));
	close(self->link);
	EXPECT_EQ(0, task_result(maker));
	EXPECT_FALSE(asked_at_all(self->listener, &wanted));
}

ASKED_TEST_MAIN
