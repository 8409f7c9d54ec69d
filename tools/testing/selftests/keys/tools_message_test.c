// SPDX-License-Identifier: GPL-2.0-only
/*
 * keyed-cipher and fscrypt-key: their messages, and the use of the named key.
 */
#include <libgen.h>
#include <linux/limits.h>

#include "../kselftest_harness.h"
#include "fscrypt.h"
#include "kernel.h"
#include "volume.h"

#define LINE	512
#define SECRET	"sixteen letters!"
#define TEXT	"attack at dawn!\n"
#define ID_LEN	32U

/*
 * Runs a shell command in the programs' folder; returns its exit status and the
 * last line that it printed.
 */
static int run_tool(const char *command, char line[LINE])
{
	char path[PATH_MAX] = "", full[PATH_MAX + LINE], at[LINE];
	FILE *pipe;
	int status;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return -errno;
	snprintf(full, sizeof(full), "PATH=%s:$PATH; exec 2>&1; %s",
		 dirname(path), command);
	pipe = popen(full, "r");
	if (!pipe)
		return -errno;
	line[0] = '\0';
	while (fgets(at, sizeof(at), pipe))
		snprintf(line, LINE, "%s", at);
	line[strcspn(line, "\n")] = '\0';
	status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* The program names the cause before it calls the kernel. */
static const struct {
	const char *command;
	const char *says;
} rows[] = {
	{ "keyed-cipher 0",
	  "no key has this serial" },
	{ "keyed-cipher ''",
	  "it is empty" },
	{ "keyed-cipher kmk",
	  "not a serial" },
	{ "keyed-cipher -c '' 1",
	  "name of the cipher is empty" },
	{ "keyed-cipher -i 123 1",
	  "pairs of hexadecimal digits" },
	{ "fscrypt-key new -b 00000000-0000-0000-0000-000000000000 x",
	  "the nil UUID is that of no filesystem" },
	{ "fscrypt-key new -b '' x",
	  "the UUID is empty" },
	{ "head -c 64 /dev/zero | fscrypt-key new ''",
	  "the name of the key is empty" },
	{ "fscrypt-key derive '' x",
	  "the key serial is empty" },
	{ "fscrypt-key add '' /",
	  "the key serial is empty" },
	{ "fscrypt-key status ''",
	  "the name of the directory is empty" },
	{ "head -c 16 /dev/zero | fscrypt-key new x",
	  "a key of 16 bytes is of no use: policies of v2 need 32" },
	{ "head -c 32 /dev/zero | fscrypt-key new -1 x",
	  "a key of 32 bytes is of no use: policies of v1 need 64" },
	{ "fscrypt-key derive -s 16 1 x",
	  "a key of 16 bytes is of no use" },
};

TEST(messages)
{
	char line[LINE];

	if (run_tool("command -v keyed-cipher fscrypt-key >/dev/null", line))
		SKIP(return, "needs keyed-cipher and fscrypt-key of tools/keys");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_NE(0, run_tool(rows[i].command, line));
		EXPECT_NE(NULL, strstr(line, rows[i].says)) {
			TH_LOG("%s: %s", rows[i].command, line);
		}
	}
}

/*
 * Shows: AA-3. With many open descriptors, including other AF_ALG sockets, the
 * named key still encrypts.
 */
TEST(cipher_of_the_named_key)
{
	static const uint8_t no_iv[ALG_IV_MAX];
	const struct alg_text text = {
		.direction = ALG_OP_ENCRYPT, .iv = no_iv,
		.iv_len = sizeof(no_iv), .in = TEXT, .in_len = strlen(TEXT),
	};
	char command[LINE], line[LINE], want[2 * 16 + 1] = "";
	key_serial_t key;
	uint8_t out[16];
	int fd, op;

	SKIP_IF(return, lacks_option());
	OPEN_ALG(return, fd, &alg_cbc);
	ASSERT_LT(0, session_new());
	if (run_tool("command -v keyed-cipher >/dev/null", line))
		SKIP(return, "needs keyed-cipher of tools/keys");
	key = key_add("logon", "test:key", SECRET, strlen(SECRET),
		      KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, alg_set_key(fd, SECRET, strlen(SECRET)));
	op = alg_accept(fd);
	ASSERT_EQ((ssize_t)sizeof(out), alg_crypt(op, &text, out, sizeof(out)));
	for (size_t i = 0; i < sizeof(out); i++)
		sprintf(want + 2 * i, "%02x", out[i]);

	for (int i = 0; i < 100; i++)
		ASSERT_LE(0, fcntl(fd, F_DUPFD, 0));
	snprintf(command, sizeof(command),
		 "printf '" TEXT "' | keyed-cipher %d | od -An -v -tx1 | tr -d ' \\n'; echo",
		 key);
	EXPECT_EQ(0, run_tool(command, line));
	EXPECT_EQ(0, strcmp(want, line)) {
		TH_LOG("%s", line);
	}
	snprintf(command, sizeof(command),
		 "printf '" TEXT "' | keyed-cipher %d | keyed-cipher -d %d", key,
		 key);
	EXPECT_EQ(0, run_tool(command, line));
	EXPECT_EQ(0, strcmp("attack at dawn!", line));
	snprintf(command, sizeof(command), "printf short | keyed-cipher %d",
		 key);
	EXPECT_EQ(1, run_tool(command, line));
	EXPECT_NE(NULL, strstr(line, "no whole number of blocks"));
	close(op);
	close(fd);
}

FIXTURE(tool)
{
	struct volume v;
	char line[LINE];
	char command[LINE];
	char id[ID_LEN + 1];
	key_serial_t key;
};

FIXTURE_SETUP(tool)
{
	VOLUME_SETUP(self, "ext4");
	if (run_tool("command -v fscrypt-key >/dev/null", self->line))
		SKIP(return, "needs fscrypt-key of tools/keys");
	self->key = prov_new(V2, 1, RAW_SIZE);
	ASSERT_LT(0, self->key);
	snprintf(self->command, LINE, "fscrypt-key add %d %s", self->key,
		 self->v.mnt);
	ASSERT_EQ(0, run_tool(self->command, self->line));
	ASSERT_EQ(ID_LEN, strlen(self->line));
	memcpy(self->id, self->line, ID_LEN);
}

FIXTURE_TEARDOWN(tool)
{
	volume_end(&self->v);
}

/* A key that is not the expected one is an error. */
TEST_F(tool, expected_identifier)
{
	snprintf(self->command, LINE, "fscrypt-key add -i %s %d %s", self->id,
		 self->key, self->v.mnt);
	EXPECT_EQ(0, run_tool(self->command, self->line));
	snprintf(self->command, LINE, "fscrypt-key add -i %s %d %s", self->id,
		 prov_new(V2, 2, RAW_SIZE), self->v.mnt);
	EXPECT_EQ(1, run_tool(self->command, self->line));
	EXPECT_NE(NULL, strstr(self->line, "another label, size or parent")) {
		TH_LOG("%s", self->line);
	}
}

/* The directory itself says which key it needs. */
TEST_F(tool, status_of_directory)
{
	snprintf(self->command, LINE,
		 "mkdir %1$s/d && fscrypt-key encrypt %2$s %1$s/d && fscrypt-key status %1$s/d",
		 self->v.mnt, self->id);
	EXPECT_EQ(0, run_tool(self->command, self->line));
	EXPECT_EQ(0, strncmp(self->id, self->line, ID_LEN));
	EXPECT_NE(NULL, strstr(self->line, " present, added by 1 user")) {
		TH_LOG("%s", self->line);
	}
	snprintf(self->command, LINE, "fscrypt-key status %s", self->v.mnt);
	EXPECT_EQ(1, run_tool(self->command, self->line));
	EXPECT_NE(NULL, strstr(self->line, "it is not encrypted"));
}

int main(int argc, char **argv)
{
	kernel_probe();
	return test_harness_run(argc, argv);
}
