// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keyslots that a key in the kernel opens: libcryptsetup's plugin for tokens of
 * type linux-keys, and linux-keys-cryptenroll(8).
 */
#include <dlfcn.h>

#include "cryptsetup_plugin.h"

#include "../kselftest_harness.h"

#define PASSPHRASE_SIZE	32
#define SALT_SIZE	32
/* A small Cyrillic tshe, and a sign of the euro */
#define LETTERS		"\xd1\x9b\xe2\x82\xac"
#define PURPOSE		"linux-keys LUKS2 token 1"

FIXTURE(plugin)
{
	struct disk disk;
	key_serial_t key;
};

FIXTURE_SETUP(plugin)
{
	PLUGIN_SETUP(self);
	ASSERT_EQ(0, disk_run(ENROL NAME)) {
		disk_said("Key slot 1, token 0.");
	}
}

FIXTURE_TEARDOWN(plugin)
{
	disk_end(&self->disk);
}

/* Shows: CS-35, CS-36. The token alone opens the volume. */
TEST_F_TIMEOUT(plugin, opens, DISK_SECONDS)
{
	EXPECT_TRUE(disk_said("Key slot 1, token 0."));
	EXPECT_EQ(0, disk_run(BY_TOKEN "-v"));
	EXPECT_TRUE(disk_said("Key slot 1 unlocked."));
	EXPECT_TRUE(disk_write_text());
	EXPECT_EQ(0, disk_run("cryptsetup luksSuspend $NAME"));
	EXPECT_EQ(0, disk_run("cryptsetup luksResume $NAME"));
	EXPECT_TRUE(disk_has_text());
	EXPECT_EQ(0, disk_run("cryptsetup resize --size 1024 $NAME"));
	EXPECT_TRUE(disk_has_text());
}

/* Shows: CS-41. luksDump shows the fields of the token. */
TEST_F_TIMEOUT(plugin, dump, DISK_SECONDS)
{
	EXPECT_EQ(0, disk_run("cryptsetup luksDump $IMAGE"));
	EXPECT_TRUE(disk_said("0: linux-keys"));
	EXPECT_TRUE(disk_said("Key description: " NAME "\n"));
	EXPECT_TRUE(disk_said("Salt:            "));
	EXPECT_EQ(0, disk_run("cryptsetup luksDump $IMAGE |"
			      " sed -n 's/.*Salt:            //p' |"
			      " grep -xE '[0-9a-f]{64}' >$FOLDER/salt &&"
			      " cryptsetup token export --token-id 0 $IMAGE |"
			      " grep -qF $(cat $FOLDER/salt)"));
}

/* Shows: CS-40, CS-41. Letters are shown, though bytes of them are those of controls. */
TEST_F_TIMEOUT(plugin, letters, DISK_SECONDS)
{
	ASSERT_LT(0, sym_add(LETTERS, LINE));
	EXPECT_EQ(0, disk_run(ENROL LETTERS));
	EXPECT_TRUE(disk_said("Key slot 2, token 1."));
	EXPECT_EQ(0, disk_run("cryptsetup luksDump $IMAGE"));
	EXPECT_TRUE(disk_said("Key description: " LETTERS "\n"));
	EXPECT_EQ(0, disk_run(TEST_TOKEN "--token-id 1"));
}

/*
 * Shows: CS-35. The passphrase can be computed by hand with the key, from
 * public values.
 */
TEST_F_TIMEOUT(plugin, formula, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("{ printf '" PURPOSE "\\0'; printf $UUID'\\0';"
			      " cryptsetup token export --token-id 0 $IMAGE |"
			      " sed 's/.*\"salt\":\"//; s/\".*//' | xxd -r -p;"
			      " } >$FOLDER/in"));
	ASSERT_EQ(0, disk_run("keyctl pkey_sign %d 0 $FOLDER/in >$FOLDER/mac",
			      self->key));
	EXPECT_EQ(0, disk_run("[ $(wc -c <$FOLDER/mac) = 32 ]"));
	EXPECT_EQ(0, disk_run("cryptsetup open --test-passphrase --key-slot 1"
			      " --disable-external-tokens"
			      " --key-file $FOLDER/mac $IMAGE"));
}

/*
 * Shows: CS-37. Without the key the token does not open the volume; with the
 * key it opens again.
 */
TEST_F_TIMEOUT(plugin, unlinked, DISK_SECONDS)
{
	ASSERT_EQ(0, key_link(self->key, KEY_SPEC_PROCESS_KEYRING));
	ASSERT_EQ(0, key_unlink(self->key, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(DISK_BAD_PARAMETERS, disk_run(BY_TOKEN "--token-id 0 -v"));
	EXPECT_TRUE(disk_said("Key \"" NAME "\": Required key not available."));
	EXPECT_TRUE(disk_said(MISSING));
	EXPECT_FALSE(disk_is_open());
	ASSERT_EQ(0, key_link(self->key, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, disk_run(BY_TOKEN));
}

/*
 * Shows: CS-38. Another key with the same name, algorithm and use makes another
 * MAC.
 */
TEST_F_TIMEOUT(plugin, another_key, DISK_SECONDS)
{
	ASSERT_LT(0, sym_add(NAME, LINE));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(BY_TOKEN "--token-id 0 -v"));
	EXPECT_TRUE(disk_said(DISK_WRONG_TOKEN));
	EXPECT_FALSE(disk_is_open());
}

/* Shows: CS-38. Keys for other uses do not open the volume. */
TEST_F_TIMEOUT(plugin, wrong_key, DISK_SECONDS)
{
	static const char *const lines[] = {
		"new alg=hmac-sha512 for=mac,verify",
		"new alg=hmac-sha256 for=verify",
		"new alg=xchacha20-poly1305 for=seal,open",
		"new alg=hkdf-sha512 for=derive size=32",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		ASSERT_LT(0, sym_add(NAME, "%s", lines[i])) {
			TH_LOG("%s", lines[i]);
		}
		EXPECT_EQ(DISK_BAD_PARAMETERS,
			  disk_run(TEST_TOKEN "--token-id 0 -v"));
		EXPECT_TRUE(disk_said("Key \"" NAME "\": Wrong medium type."));
		EXPECT_TRUE(disk_said(MISSING));
		EXPECT_EQ(1, disk_run(ENROL NAME));
		EXPECT_TRUE(disk_said("key \"" NAME "\" is not of hmac-sha256 for mac"));
	}
}

/* Shows: CS-39. A token that is carried to another volume opens nothing there. */
TEST_F_TIMEOUT(plugin, carried_away, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("cp $IMAGE $IMAGE.2 && cryptsetup luksUUID"
			      " --batch-mode --uuid aaaabbbb-5566-7788-99aa-bbccddeeff00"
			      " $IMAGE.2"));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
	EXPECT_EQ(DISK_NO_PERMISSION,
		  disk_run("cryptsetup open --token-only --test-passphrase"
			   " $IMAGE.2"));
}

/*
 * Shows: CS-39. The passphrase depends on the salt, and each enrolment has its
 * own salt.
 */
TEST_F_TIMEOUT(plugin, salt, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run(ENROL NAME));
	EXPECT_TRUE(disk_said("Key slot 2, token 1."));
	EXPECT_EQ(2, disk_run("exit $(cryptsetup luksDump $IMAGE |"
			      " grep Salt: | grep -vE '[0-9a-f] [0-9a-f]' |"
			      " sort -u | wc -l)"));
	ASSERT_EQ(0, disk_run("cryptsetup token export --token-id 0 $IMAGE |"
			      " sed 's/\"salt\":\"[0-9a-f]/\"salt\":\"g/; "
			      "s/\"salt\":\"g/\"salt\":\"0/' >$FOLDER/zero &&"
			      " cryptsetup token export --token-id 0 $IMAGE |"
			      " sed 's/\"salt\":\"[0-9a-f]/\"salt\":\"f/'"
			      " >$FOLDER/ones"));
	/* One of the two digits differs from the first digit of the salt. */
	ASSERT_EQ(0, disk_run("cmp -s $FOLDER/zero $FOLDER/ones;"
			      " cryptsetup token export --token-id 0 $IMAGE |"
			      " cmp -s - $FOLDER/zero && mv $FOLDER/ones $FOLDER/zero;"
			      " cryptsetup token import --token-id 0"
			      " --token-replace --json-file $FOLDER/zero $IMAGE"));
	EXPECT_EQ(DISK_NO_PERMISSION, disk_run(TEST_TOKEN "--token-id 0"));
	EXPECT_EQ(0, disk_run(TEST_TOKEN "--token-id 1"));
}

/*
 * Shows: CS-37. The parent of a key that was derived with hkdf may end without
 * ending the key.
 */
TEST_F_TIMEOUT(plugin, derived, DISK_SECONDS)
{
	key_serial_t parent = sym_add("parent", "new alg=hkdf-sha512 for=derive"
				      " size=32");
	key_serial_t key = sym_add("child", "derive from=%d label=luks"
				   " alg=hmac-sha256 for=mac", parent);

	ASSERT_LT(0, key);
	ASSERT_EQ(0, disk_run(ENROL "child"));
	EXPECT_EQ(0, disk_run(TEST_TOKEN "--token-id 1"));
	ASSERT_EQ(0, key_revoke(key));
	EXPECT_NE(0, disk_run(TEST_TOKEN "--token-id 1"));
	/* After the next boot the key is derived again. */
	ASSERT_LT(0, sym_add("child", "derive from=%d label=luks"
			     " alg=hmac-sha256 for=mac", parent));
	EXPECT_EQ(0, disk_run(TEST_TOKEN "--token-id 1"));
}

/* Shows: CS-42. The header is changed completely or not at all. */
TEST_F_TIMEOUT(plugin, enrol_fails, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("cp $IMAGE $FOLDER/before"));
	EXPECT_EQ(1, disk_run("echo -n wrong | $ENROL --key-file - $IMAGE " NAME));
	EXPECT_TRUE(disk_said("linux-keys-cryptenroll: the volume has no such passphrase"));
	EXPECT_EQ(1, disk_run(ENROL "nothing"));
	EXPECT_TRUE(disk_said("linux-keys-cryptenroll: key \"nothing\":"
			      " Required key not available"));
	EXPECT_EQ(1, disk_run(ENROL "\"$(printf 'a\\033b')\""));
	EXPECT_EQ(1, disk_run("$ENROL --key-file $FOLDER/none $IMAGE " NAME));
	EXPECT_TRUE(disk_said("linux-keys-cryptenroll: no passphrase from "));
	EXPECT_EQ(1, disk_run("$ENROL --key-file $PASS $PASS " NAME));
	EXPECT_EQ(2, disk_run("$ENROL $IMAGE"));
	EXPECT_TRUE(disk_said("usage: linux-keys-cryptenroll"));
	EXPECT_EQ(2, disk_run("$ENROL --nonsense $IMAGE " NAME));
	EXPECT_EQ(0, disk_run("cmp $IMAGE $FOLDER/before"));
}

/*
 * Shows: CS-42. If the header has no room for a token, the keyslot is removed
 * again.
 */
TEST_F_TIMEOUT(plugin, enrol_full, DISK_SECONDS)
{
	ASSERT_EQ(0, disk_run("n=1; while cryptsetup token add --unbound"
			      " --key-description n:$n $IMAGE; do n=$((n + 1));"
			      " done; [ $n -ge 31 ]"));
	EXPECT_EQ(1, disk_run(ENROL NAME));
	EXPECT_TRUE(disk_said("linux-keys-cryptenroll: no new token"));
	EXPECT_EQ(0, disk_run("! cryptsetup luksDump $IMAGE |"
			      " sed -n '/^Keyslots:/,/^Tokens:/p' |"
			      " grep '^  2: luks2'"));
	EXPECT_EQ(0, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, disk_run("cryptsetup open --test-passphrase --key-slot 0"
			      " --key-file $PASS $IMAGE"));
}

/* Shows: CS-42. Keyslot and token can be removed like any other. */
TEST_F_TIMEOUT(plugin, taken_away, DISK_SECONDS)
{
	EXPECT_EQ(0, disk_run("cryptsetup luksKillSlot --key-file $PASS"
			      " --batch-mode $IMAGE 1 &&"
			      " cryptsetup token remove --token-id 0 $IMAGE"));
	EXPECT_NE(0, disk_run(TEST_TOKEN));
	EXPECT_EQ(0, disk_run(DISK_OPEN));
}

/* The key's MAC over the token's salt, with all bits inverted. */
static int compute_inverted(key_serial_t key, const uint8_t *salt,
			    uint8_t *inverted)
{
	uint8_t in[sizeof(PURPOSE) + sizeof(DISK_UUID) + SALT_SIZE];
	int ends[2], status = -1;
	pid_t child;

	memcpy(in, PURPOSE, sizeof(PURPOSE));
	memcpy(in + sizeof(PURPOSE), DISK_UUID, sizeof(DISK_UUID));
	memcpy(in + sizeof(PURPOSE) + sizeof(DISK_UUID), salt, SALT_SIZE);
	if (pipe(ends))
		return -errno;
	/* The MAC itself is never in the searched memory. */
	child = fork();
	if (!child) {
		long len = sym_mac(key, in, sizeof(in), inverted,
				   PASSPHRASE_SIZE);

		for (long i = 0; i < len; i++)
			inverted[i] = ~inverted[i];
		_exit(len != PASSPHRASE_SIZE ||
		      write(ends[1], inverted, PASSPHRASE_SIZE) !=
		      PASSPHRASE_SIZE);
	}
	waitpid(child, &status, 0);
	if (!status && read(ends[0], inverted, PASSPHRASE_SIZE) != PASSPHRASE_SIZE)
		status = -1;
	close(ends[0]);
	close(ends[1]);
	return status;
}

static bool is_inverse(const uint8_t *bytes, const uint8_t *inverted)
{
	for (int i = 0; i < PASSPHRASE_SIZE; i++)
		if ((bytes[i] ^ inverted[i]) != 0xff)
			return false;
	return true;
}

static int count_in(const uint8_t *start, const uint8_t *end,
		    const uint8_t *inverted)
{
	int found = 0;

	for (; start + PASSPHRASE_SIZE <= end; start++)
		found += is_inverse(start, inverted);
	return found;
}

/* Returns how often this process's writable memory has the passphrase. */
static int count_in_memory(const uint8_t *inverted)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	char line[512], rights[8];
	int found = 0;

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) == 3 &&
		    !strncmp(rights, "rw", 2))
			found += count_in((void *)start, (void *)end, inverted);
	if (maps)
		fclose(maps);
	return found;
}

typedef int open_call(struct crypt_device *cd, int token, char **buffer,
		      size_t *len, void *unused);
typedef void free_call(void *buffer, size_t len);

static int read_salt(const char *json, uint8_t *salt)
{
	const char *hex = strstr(json, "\"salt\":\"");

	for (int i = 0; hex && i < SALT_SIZE; i++)
		if (sscanf(hex + 8 + 2 * i, "%2hhx", &salt[i]) != 1)
			return -EINVAL;
	return hex ? 0 : -EINVAL;
}

/* Shows: CS-43. The passphrase is in memory once, and is wiped after use. */
TEST_F_TIMEOUT(plugin, wiped, DISK_SECONDS)
{
	uint8_t salt[SALT_SIZE], inverted[PASSPHRASE_SIZE];
	struct crypt_device *cd;
	const char *json, *type = NULL;
	free_call *give_back;
	open_call *open_token;
	char *buffer = NULL;
	size_t len = 0;
	void *library;

	ASSERT_EQ(0, crypt_init(&cd, getenv("IMAGE")));
	ASSERT_EQ(0, crypt_load(cd, CRYPT_LUKS2, NULL));
	EXPECT_TRUE(crypt_token_status(cd, 0, &type) == CRYPT_TOKEN_EXTERNAL);
	EXPECT_STREQ("linux-keys", type);
	ASSERT_LE(0, crypt_token_json_get(cd, 0, &json));
	ASSERT_EQ(0, read_salt(json, salt));
	ASSERT_EQ(0, compute_inverted(self->key, salt, inverted));
	EXPECT_EQ(0, count_in_memory(inverted));

	library = dlopen(getenv("PLUGIN"), RTLD_NOW);
	ASSERT_NE(NULL, library);
	open_token = dlvsym(library, CRYPT_TOKEN_ABI_OPEN,
			    CRYPT_TOKEN_ABI_VERSION1);
	give_back = dlvsym(library, CRYPT_TOKEN_ABI_BUFFER_FREE,
			   CRYPT_TOKEN_ABI_VERSION1);
	ASSERT_NE(NULL, open_token);
	ASSERT_NE(NULL, give_back);
	ASSERT_EQ(0, open_token(cd, 0, &buffer, &len, NULL));
	EXPECT_EQ((size_t)PASSPHRASE_SIZE, len);
	EXPECT_TRUE(is_inverse((uint8_t *)buffer, inverted));
	EXPECT_EQ(1, count_in_memory(inverted));
	give_back(buffer, len);
	EXPECT_EQ(0, count_in_memory(inverted));

	/* A failed attempt leaves no copy, either. */
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(-EAGAIN, open_token(cd, 0, &buffer, &len, NULL));
	EXPECT_EQ(0, count_in_memory(inverted));
	crypt_free(cd);
}

TEST_HARNESS_MAIN
