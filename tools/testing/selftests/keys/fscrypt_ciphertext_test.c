// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files under a key that was added by serial are encrypted with that key: the
 * test compares blocks of the unmounted image with a computation of OpenSSL.
 */
#include <linux/fiemap.h>
#include <linux/fs.h>

#include "../kselftest_harness.h"
#include "fscrypt.h"
#include "fscrypt_crypto.h"
#include "volume.h"

#define DESCRIPTOR	0x5a
#define SEED		0x42
#define UNITS		3
#define FILE_SIZE	(UNITS * CRYPTO_UNIT_SIZE)
#define FILE_NAME	"a-name-that-must-not-appear-on-the-disk"

FIXTURE(ciphertext)
{
	struct volume v;
	__u8 text[FILE_SIZE];
	__u8 nonce[CRYPTO_NONCE_SIZE];
	off_t place[UNITS];
};

FIXTURE_VARIANT(ciphertext)
{
	const char *fs;
	__u32 type;
};

FIXTURE_VARIANT_ADD(ciphertext, ext4_v1) { .fs = "ext4", .type = V1 };
FIXTURE_VARIANT_ADD(ciphertext, ext4_v2) { .fs = "ext4", .type = V2 };
FIXTURE_VARIANT_ADD(ciphertext, f2fs_v1) { .fs = "f2fs", .type = V1 };
FIXTURE_VARIANT_ADD(ciphertext, f2fs_v2) { .fs = "f2fs", .type = V2 };

/*
 * Finds the places of the file's data units on the image; 0 or a negative
 * errno.
 */
static int find_units(int fd, off_t place[UNITS])
{
	struct {
		struct fiemap map;
		struct fiemap_extent extent;
	} ask;

	for (int i = 0; i < UNITS; i++) {
		memset(&ask, 0, sizeof(ask));
		ask.map.fm_start = i * CRYPTO_UNIT_SIZE;
		ask.map.fm_length = CRYPTO_UNIT_SIZE;
		ask.map.fm_flags = FIEMAP_FLAG_SYNC;
		ask.map.fm_extent_count = 1;
		if (ioctl(fd, FS_IOC_FIEMAP, &ask))
			return -errno;
		if (ask.map.fm_mapped_extents != 1)
			return -ENODATA;
		place[i] = ask.extent.fe_physical + ask.map.fm_start -
			   ask.extent.fe_logical;
	}
	return 0;
}

FIXTURE_SETUP(ciphertext)
{
	struct fscrypt_key_specifier spec;
	key_serial_t key;
	int fd;

	VOLUME_SETUP(self, variant->fs);
	for (int i = 0; i < FILE_SIZE; i++)
		self->text[i] = i * 7 + i / 256;
	key = prov_new(variant->type, SEED, RAW_SIZE);
	ASSERT_EQ(0, fs_add_serial(self->v.root, variant->type, DESCRIPTOR,
				   key, &spec));
	ASSERT_EQ(0, mkdirat(self->v.root, "dir", 0755));
	fd = volume_open(&self->v, "dir", O_RDONLY | O_DIRECTORY);
	ASSERT_EQ(0, fs_set_policy(fd, &spec));
	close(fd);
	ASSERT_EQ(0, volume_write(&self->v, "dir/" FILE_NAME, self->text,
				  FILE_SIZE));

	fd = volume_open(&self->v, "dir/" FILE_NAME, O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, FS_IOC_GET_ENCRYPTION_NONCE, self->nonce));
	ASSERT_EQ(0, find_units(fd, self->place));
	close(fd);
	ASSERT_EQ(0, volume_unmount(&self->v));
}

FIXTURE_TEARDOWN(ciphertext)
{
	volume_end(&self->v);
}

/*
 * Shows: FP-42, FP-55. each block is the text encrypted with the key and the
 * nonce
 */
TEST_F(ciphertext, blocks)
{
	__u8 raw[RAW_SIZE], key[CRYPTO_XTS_KEY_SIZE];
	__u8 want[CRYPTO_UNIT_SIZE], unit[CRYPTO_UNIT_SIZE];
	int image = open(self->v.image, O_RDONLY | O_CLOEXEC);

	raw_fill(raw, SEED, sizeof(raw));
	if (variant->type == V1)
		crypto_file_key_v1(raw, self->nonce, key);
	else
		crypto_file_key_v2(raw, sizeof(raw), self->nonce, key);

	ASSERT_LE(0, image);
	for (int i = 0; i < UNITS; i++) {
		crypto_encrypt_unit(key, i, self->text + i * CRYPTO_UNIT_SIZE,
				    want);
		ASSERT_EQ(sizeof(unit), pread(image, unit, sizeof(unit),
					      self->place[i]));
		EXPECT_EQ(0, memcmp(want, unit, sizeof(unit)));
	}
	close(image);
}

/*
 * Shows: FP-55. the image has neither the content nor the name nor the key in
 * the clear
 */
TEST_F(ciphertext, nothing_in_clear)
{
	__u8 raw[RAW_SIZE], block[2 * CRYPTO_UNIT_SIZE] = { 0 };
	int image = open(self->v.image, O_RDONLY | O_CLOEXEC);
	bool found = false;

	raw_fill(raw, SEED, sizeof(raw));
	ASSERT_LE(0, image);
	/*
	 * A window of two blocks also finds text that crosses the border of two
	 * blocks.
	 */
	while (read(image, block + CRYPTO_UNIT_SIZE, CRYPTO_UNIT_SIZE) > 0) {
		found |= memmem(block, sizeof(block), self->text, 32) ||
			 memmem(block, sizeof(block), FILE_NAME,
				strlen(FILE_NAME)) ||
			 memmem(block, sizeof(block), raw, 32);
		memcpy(block, block + CRYPTO_UNIT_SIZE, CRYPTO_UNIT_SIZE);
	}
	EXPECT_FALSE(found);
	close(image);
}

/* Shows: FP-42, FP-43. OpenSSL and the contract agree about identifiers */
TEST(identifier)
{
	__u8 raw[KNOWN_SIZE], identifier[CRYPTO_IDENTIFIER_SIZE];

	memset(raw, KNOWN_FILL, sizeof(raw));
	crypto_identifier(raw, sizeof(raw), identifier);
	EXPECT_EQ(0, memcmp(known_identifier, identifier, sizeof(identifier)));
}

TEST_HARNESS_MAIN
