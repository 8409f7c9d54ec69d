// SPDX-License-Identifier: GPL-2.0-only
/* Volumes that authenticate their sectors. */
#include "cryptsetup.h"

#include "../kselftest_harness.h"

FIXTURE(integrity)
{
	struct disk disk;
};

/*
 * struct integrity variant - a way to authenticate sectors
 * @options: options of luksFormat
 * @table: text that the kernel's table then has
 */
FIXTURE_VARIANT(integrity)
{
	const char *options;
	const char *table;
};

/* The second half of the key is the key of the MAC. */
FIXTURE_VARIANT_ADD(integrity, hmac) {
	.options = "--integrity hmac-sha256",
	.table = "crypt capi:authenc(hmac(sha256),xts(aes))-[a-z0-9]* :96:logon:"
		 DISK_KEY " ",
};

FIXTURE_VARIANT_ADD(integrity, gcm) {
	.options = "--cipher aes-gcm-random --integrity aead --key-size 256",
	.table = "crypt capi:gcm(aes)-random :32:logon:" DISK_KEY " ",
};

FIXTURE_VARIANT_ADD(integrity, chacha20) {
	.options = "--cipher chacha20-random --integrity poly1305 --key-size 256",
	.table = "crypt capi:rfc7539(chacha20,poly1305)-random :32:logon:"
		 DISK_KEY " ",
};

FIXTURE_SETUP(integrity)
{
	DISK_SETUP(&self->disk);
}

FIXTURE_TEARDOWN(integrity)
{
	disk_end(&self->disk);
}

/* Shows: CS-9. Volumes with integrity have their key in a keyring, too. */
TEST_F_TIMEOUT(integrity, reference, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(DISK_FORMAT DISK_LUKS2 "--integrity-no-wipe %s"
			      " $IMAGE", variant->options));
	ASSERT_EQ(0, disk_run(DISK_OPEN));
	EXPECT_TRUE(disk_table_has(variant->table));
	EXPECT_TRUE(disk_write_text());
	EXPECT_TRUE(disk_has_text());
}

TEST_HARNESS_MAIN
