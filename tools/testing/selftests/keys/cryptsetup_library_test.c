// SPDX-License-Identifier: GPL-2.0-only
/*
 * libcryptsetup(3), the library of cryptsetup(8), in a program whose thread
 * stays alive and so can look at its keyring.
 */
#include <pthread.h>

#include "cryptsetup_library.h"

#include "../kselftest_harness.h"

#define TOKEN_KEY	"selftests:library"

FIXTURE(library)
{
	struct disk disk;
	struct crypt_device *cd;
};

FIXTURE_SETUP(library)
{
	DISK_SETUP(&self->disk);
	ASSERT_EQ(0, disk_format());
	ASSERT_EQ(0, disk_attach());
	self->cd = load_disk();
	ASSERT_NE(NULL, self->cd);
}

FIXTURE_TEARDOWN(library)
{
	crypt_free(self->cd);
	disk_end(&self->disk);
}

static void *find_in_thread(void *result)
{
	*(key_serial_t *)result = find_key();
	return NULL;
}

/* Searches for the key in another thread; returns that thread's result. */
static key_serial_t found_by_thread(void)
{
	key_serial_t found = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, find_in_thread, &found))
		return -EAGAIN;
	pthread_join(thread, NULL);
	return found;
}

static int find_in_child(const void *unused)
{
	key_serial_t found = find_key();

	return found < 0 ? found : 0;
}

/* Tries what a process of the same user can with a serial from /proc/keys. */
static int grasp_in_child(const void *arg)
{
	const key_serial_t *key = arg;
	char bytes[64];

	if (key_read(*key, bytes, sizeof(bytes)) >= 0 ||
	    key_link(*key, KEY_SPEC_PROCESS_KEYRING) >= 0 ||
	    key_update(*key, bytes, sizeof(bytes)) >= 0 ||
	    key_revoke(*key) >= 0 ||
	    key_set_rights(*key, RIGHT_ALL) >= 0)
		return -EPERM;
	return 0;
}

/* Shows: CS-3. Only the thread that opened the volume possesses the key. */
TEST_F_TIMEOUT(library, whose_key, DISK_SECONDS)
{
	struct caller root_elsewhere = { .stranger = true };
	key_serial_t key;
	char bytes[64];

	ASSERT_LE(0, open_disk(self->cd, 0));
	key = find_key();
	ASSERT_LT(0, key);
	EXPECT_EQ(key, keyctl(KEYCTL_SEARCH, KEY_SPEC_THREAD_KEYRING, "logon",
			      DISK_KEY, 0));
	EXPECT_EQ(-EOPNOTSUPP, key_read(key, bytes, sizeof(bytes)));
	EXPECT_EQ(-ENOKEY, found_by_thread());
	EXPECT_EQ(-ENOKEY, task_run(find_in_child, NULL));
	EXPECT_EQ(0, caller_become(&root_elsewhere));
	EXPECT_EQ(key, find_key());
}

/*
 * Shows: CS-3. Other processes of the user see that the key exists, and can do
 * nothing with it.
 */
TEST_F_TIMEOUT(library, seen, DISK_SECONDS)
{
	key_serial_t key;
	char about[256];

	ASSERT_LE(0, open_disk(self->cd, 0));
	key = find_key();
	ASSERT_LT(0, key);
	EXPECT_TRUE(disk_key_exists(DISK_KEY));
	ASSERT_LT(0, key_describe(key, about, sizeof(about)));
	EXPECT_NE(NULL, strstr(about, ";3d010000;" DISK_KEY)) {
		TH_LOG("%s", about);
	}
	EXPECT_EQ(0, task_run(grasp_in_child, &key));
	EXPECT_LT(0, key_state(key));
}

/* Shows: CS-26. The program names a key that has the passphrase. */
TEST_F_TIMEOUT(library, by_keyring, DISK_SECONDS)
{
	key_serial_t key;

	EXPECT_EQ(-EINVAL, crypt_activate_by_keyring(self->cd, DISK_NAME,
						     TOKEN_KEY, CRYPT_ANY_SLOT,
						     0));
	EXPECT_FALSE(disk_is_open());
	key = key_add_user(TOKEN_KEY, DISK_PASSPHRASE, strlen(DISK_PASSPHRASE));
	ASSERT_LT(0, key);
	EXPECT_EQ(0, crypt_activate_by_keyring(self->cd, NULL, TOKEN_KEY,
					       CRYPT_ANY_SLOT, 0));
	EXPECT_FALSE(disk_is_open());
	EXPECT_EQ(0, crypt_activate_by_keyring(self->cd, DISK_NAME, TOKEN_KEY,
					       0, 0));
	EXPECT_TRUE(disk_is_open());
	EXPECT_LT(0, find_key());
	EXPECT_TRUE(disk_write_text());
	EXPECT_EQ(-EEXIST, crypt_activate_by_keyring(self->cd, DISK_NAME,
						     TOKEN_KEY, 0, 0));
}

/* Shows: CS-26. The key must have the right passphrase, and must be alive. */
TEST_F_TIMEOUT(library, by_keyring_errors, DISK_SECONDS)
{
	key_serial_t key = key_add_user(TOKEN_KEY, "x", 1);

	ASSERT_LT(0, key);
	EXPECT_EQ(-EPERM, crypt_activate_by_keyring(self->cd, DISK_NAME,
						    TOKEN_KEY, CRYPT_ANY_SLOT,
						    0));
	ASSERT_EQ(0, key_update(key, DISK_PASSPHRASE, strlen(DISK_PASSPHRASE)));
	EXPECT_EQ(-ENOENT, crypt_activate_by_keyring(self->cd, DISK_NAME,
						     TOKEN_KEY, 1, 0));
	EXPECT_EQ(-EINVAL, crypt_activate_by_keyring(self->cd, DISK_NAME, NULL,
						     CRYPT_ANY_SLOT, 0));
	ASSERT_EQ(0, key_revoke(key));
	EXPECT_EQ(-EINVAL, crypt_activate_by_keyring(self->cd, DISK_NAME,
						     TOKEN_KEY, CRYPT_ANY_SLOT,
						     0));
	EXPECT_FALSE(disk_is_open());
}

/*
 * Shows: CS-26. The passphrase can be in a keyring even if the volume's key is
 * not.
 */
TEST_F_TIMEOUT(library, by_keyring_without, DISK_SECONDS)
{
	ASSERT_LT(0, key_add_user(TOKEN_KEY, DISK_PASSPHRASE,
				  strlen(DISK_PASSPHRASE)));
	ASSERT_EQ(0, crypt_volume_key_keyring(self->cd, 0));
	EXPECT_EQ(0, crypt_activate_by_keyring(self->cd, DISK_NAME, TOKEN_KEY,
					       CRYPT_ANY_SLOT, 0));
	EXPECT_EQ(-ENOKEY, find_key());
	EXPECT_TRUE(disk_table_has(" [0-9a-f]\\{128\\} "));
	crypt_volume_key_keyring(NULL, 1);
}

/* Shows: CS-27. libcryptsetup's functions for tokens of type luks2-keyring. */
TEST_F_TIMEOUT(library, token, DISK_SECONDS)
{
	struct crypt_token_params_luks2_keyring params = {
		.key_description = TOKEN_KEY,
	}, back = {};
	const char *type = NULL;

	EXPECT_EQ(0, crypt_token_luks2_keyring_set(self->cd, CRYPT_ANY_TOKEN,
						   &params));
	EXPECT_TRUE(crypt_token_status(self->cd, 0, &type) ==
		    CRYPT_TOKEN_INTERNAL);
	EXPECT_STREQ("luks2-keyring", type);
	EXPECT_EQ(0, crypt_token_luks2_keyring_get(self->cd, 0, &back));
	EXPECT_STREQ(TOKEN_KEY, back.key_description);
	EXPECT_EQ(0, crypt_token_assign_keyslot(self->cd, 0, 0));
	EXPECT_EQ(-EPERM, crypt_activate_by_token(self->cd, DISK_NAME, 0, NULL,
						  0));
	ASSERT_LT(0, key_add_user(TOKEN_KEY, DISK_PASSPHRASE,
				  strlen(DISK_PASSPHRASE)));
	EXPECT_EQ(0, crypt_activate_by_token(self->cd, DISK_NAME, 0, NULL, 0));
	EXPECT_TRUE(disk_is_open());
}

TEST_HARNESS_MAIN
