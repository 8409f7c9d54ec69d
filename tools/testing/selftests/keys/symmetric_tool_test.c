// SPDX-License-Identifier: GPL-2.0-only
/* symmetric-key(1): streams, damaged streams, and messages. */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "filter.h"
#include "shell.h"
#include "symmetric.h"

#define HEAD_SIZE	32
#define FRAME_SIZE	32768
#define FRAME_TEXT	(FRAME_SIZE - SYM_BLOB_EXTRA)

FIXTURE(tool)
{
	char folder[40];
	key_serial_t key;
};

FIXTURE_SETUP(tool)
{
	REQUIRE_SYMMETRIC();
	ASSERT_EQ(0, sh_finds_own_tools());
	if (sh("command -v symmetric-key >/dev/null"))
		SKIP(return, "needs symmetric-key of tools/keys");
	snprintf(self->folder, sizeof(self->folder), "/tmp/symmetric.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->folder));
	ASSERT_EQ(0, chdir(self->folder));
	self->key = sym_add("box", "new alg=xchacha20-poly1305 for=seal,open");
	ASSERT_LT(0, self->key);
}

FIXTURE_TEARDOWN(tool)
{
	EXPECT_EQ(0, chdir("/"));
	if (self->folder[0])
		EXPECT_EQ(0, sh("rm -rf %s", self->folder));
}

static long file_size(const char *name)
{
	struct stat st;

	return stat(name, &st) ? -errno : st.st_size;
}

/*
 * Shows: SY-35, SY-36. Streams of several numbers of frames are sealed and
 * opened through pipes.
 */
TEST_F(tool, streams)
{
	static const int sizes[] = {
		0, 1, FRAME_TEXT - 1, FRAME_TEXT, FRAME_TEXT + 1, 2 * FRAME_TEXT,
		3 * FRAME_TEXT + 100,
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int size = sizes[i];
		int frames = size ? (size + FRAME_TEXT - 1) / FRAME_TEXT : 1;

		ASSERT_EQ(0, sh("head -c %d /dev/urandom >text", size));
		ASSERT_EQ(0, sh("cat text | symmetric-key seal %d | cat >sealed",
				 self->key));
		EXPECT_EQ(HEAD_SIZE + size + frames * SYM_BLOB_EXTRA,
			  file_size("sealed"));
		EXPECT_EQ(0, sh("cat sealed | symmetric-key open %%:box >again"));
		EXPECT_EQ(0, sh("cmp text again")) {
			TH_LOG("%d bytes", size);
		}
	}
	ASSERT_EQ(0, sh("symmetric-key seal %d <text >other", self->key));
	EXPECT_NE(0, sh("cmp -s sealed other"));
}

/*
 * struct damage - a change of a stream
 * @command: makes "bad" from "sealed", and from "other", a stream of the same
 *	key
 * @written: whole frames that are written before the damage is noticed
 */
struct damage {
	const char *command;
	int written;
};

/* Counted from 1, the frames of "sealed" begin at 33, 32801 and 65569. */
static const struct damage damages[] = {
	{ "printf x | cat - sealed >bad", 0 },
	{ ": >bad", 0 },
	{ "head -c 15 sealed >bad", 0 },
	{ "head -c 32 sealed >bad", 0 },
	/* The id of another stream, and its first frame */
	{ "(head -c 32 other; tail -c +33 sealed) >bad", 0 },
	{ "(head -c 32 sealed; tail -c +33 other | head -c 32768; tail -c +32801 sealed) >bad", 0 },
	/* Cut off at the end of a frame, and within one */
	{ "head -c 32800 sealed >bad", 0 },
	{ "head -c 65568 sealed >bad", 1 },
	{ "head -c 65600 sealed >bad", 2 },
	/* A frame is left out, doubled, or two change places */
	{ "(head -c 32 sealed; tail -c +32801 sealed) >bad", 0 },
	{ "(head -c 65568 sealed; tail -c +32801 sealed) >bad", 2 },
	{ "(head -c 32 sealed; tail -c +32801 sealed | head -c 32768; tail -c +33 sealed | "
		"head -c 32768; tail -c +65569 sealed) >bad", 0 },
	{ "(cat sealed; printf x) >bad", 2 },
	{ "(cat sealed sealed) >bad", 2 },
	/* Some bytes of the last frame */
	{ "(head -c 65700 sealed; printf XXXXXXXX; tail -c +65709 sealed) >bad", 2 },
};

/* Shows: SY-36. No frame can be cut off, left out, moved, doubled or replaced. */
TEST_F(tool, damaged)
{
	ASSERT_EQ(0, sh("head -c %d /dev/zero >text", 2 * FRAME_TEXT + 500));
	ASSERT_EQ(0, sh("symmetric-key seal %d <text >sealed", self->key));
	ASSERT_EQ(0, sh("symmetric-key seal %d <text >other", self->key));
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		ASSERT_EQ(0, sh("%s", damages[i].command));
		EXPECT_EQ(1, sh("symmetric-key open %d <bad >again 2>error",
				 self->key)) {
			TH_LOG("%s", damages[i].command);
		}
		EXPECT_EQ(damages[i].written * FRAME_TEXT, file_size("again")) {
			TH_LOG("%s", damages[i].command);
		}
		EXPECT_EQ(0, sh("test $(wc -l <error) = 1"));
	}
}

/*
 * Shows: SY-37, SY-19. Opening needs the same associated data and the same key.
 */
TEST_F(tool, bound)
{
	key_serial_t other = sym_add("other", "new alg=xchacha20-poly1305 for=seal,open");

	ASSERT_EQ(0, sh("echo text | symmetric-key seal -a 'a b' %%:box >sealed"));
	EXPECT_EQ(0, sh("symmetric-key open -a 'a b' %%:box <sealed | grep -qx text"));
	EXPECT_EQ(1, sh("symmetric-key open %%:box <sealed 2>error"));
	EXPECT_EQ(1, sh("symmetric-key open -a 'a  b' %%:box <sealed 2>error"));
	EXPECT_EQ(1, sh("symmetric-key open -a 'a b' %d <sealed 2>error", other));
	EXPECT_EQ(0, sh("grep -q 'are others, or the text was changed' error"));
	ASSERT_EQ(0, sh("symmetric-key view %%:box seal box-in >id"));
	EXPECT_EQ(0, sh("echo text | symmetric-key seal %%:box-in >sealed"));
	EXPECT_EQ(1, sh("symmetric-key open %%:box-in <sealed 2>error"));
	EXPECT_EQ(0, sh("grep -q 'the key is not for this' error"));
	EXPECT_EQ(0, sh("symmetric-key open %d <sealed | grep -qx text",
			 self->key));
	/* The longest associated data, and one byte more */
	EXPECT_EQ(0, sh("echo text | symmetric-key seal -a $(head -c 983 /dev/zero | tr '\\0' "
		"a) %%:box >sealed"));
	EXPECT_EQ(0, sh("symmetric-key open -a $(head -c 983 /dev/zero | tr '\\0' a) %%:box "
		"<sealed | grep -qx text"));
	EXPECT_EQ(2, sh("echo text | symmetric-key seal -a $(head -c 984 /dev/zero | tr '\\0' "
		"a) %%:box 2>error >sealed"));
}

/* Shows: SY-33, SY-34. The same MAC as keyctl's, at every size. */
TEST_F(tool, mac)
{
	static const char * const algs[] = {
		"hmac-sha256", "hmac-sha384", "hmac-sha512",
	};

	for (size_t i = 0; i < ARRAY_SIZE(algs); i++) {
		ASSERT_EQ(0, sh("symmetric-key new %s mac,verify m >id",
				 algs[i]));
		ASSERT_EQ(0, sh("printf abc | symmetric-key mac %%:m >mac"));
		EXPECT_EQ(0, sh("printf abc >text; keyctl pkey_sign $(cat id) 0 text | od -An "
			"-v -tx1 | tr -d ' \\n' >want; echo >>want"));
		EXPECT_EQ(0, sh("cmp mac want"));
		EXPECT_EQ(0, sh("printf abc | symmetric-key verify %%:m $(cat mac)"));
		EXPECT_EQ(1, sh("printf abd | symmetric-key verify %%:m $(cat mac) 2>error"));
		EXPECT_EQ(0, sh("grep -q 'not that of this text' error"));
		EXPECT_EQ(1, sh("printf abc | symmetric-key verify %%:m $(cut -c 1-62 mac) "
			"2>error"));
	}
	EXPECT_EQ(0, sh("head -c 32768 /dev/zero | symmetric-key mac %%:m >mac"));
	EXPECT_EQ(1, sh("head -c 32769 /dev/zero | symmetric-key mac %%:m 2>error"));
	EXPECT_EQ(0, sh("grep -q 'longer than 32768 bytes' error"));
}

/*
 * Shows: SY-20, SY-2, SY-3, SY-4, SY-56. Keys are made, derived, narrowed, and
 * shown.
 */
TEST_F(tool, make_and_show)
{
	ASSERT_EQ(0, sh("symmetric-key new hkdf-sha512 derive p >id"));
	EXPECT_EQ(0, sh("symmetric-key show $(cat id) | grep -qx 'alg=hkdf-sha512 for=derive "
		"size=64 origin=inside'"));
	ASSERT_EQ(0, sh("symmetric-key new -s 32 hkdf-sha256 derive q >id"));
	EXPECT_EQ(0, sh("symmetric-key show %%:q | grep -q size=32"));
	ASSERT_EQ(0, sh("symmetric-key derive %%:p label hmac-sha256 mac one >id"));
	ASSERT_EQ(0, sh("symmetric-key derive %%:p label hmac-sha256 verify two >id"));
	EXPECT_EQ(0, sh("printf abc | symmetric-key verify %%:two $(printf abc | "
		"symmetric-key mac %%:one)"));
	ASSERT_EQ(0, sh("symmetric-key new -u 00112233-4455-6677-8899-aabbccddeeff "
		"aes-xts-plain64 dm-crypt d >id"));
	EXPECT_EQ(0, sh("symmetric-key show %%:d | grep -q 'for=dm-crypt size=64'"));
	/* A kernel may be without keys for AF_ALG. */
	if (sh("symmetric-key new -s 16 'aead:gcm(aes)' af-alg g >id") == 0) {
		EXPECT_EQ(0, sh("symmetric-key show %%:g | grep -qx 'alg=aead:gcm(aes) "
			"for=af-alg size=16 origin=inside'"));
	}
	EXPECT_EQ(0, sh("symmetric-key view %%:box open o >id && symmetric-key show %%:o | "
		"grep -q 'for=open size=32'"));
}

/*
 * Shows: SY-72, SY-76, SY-77, SY-80. Keys are imported, stored, and loaded
 * again.
 */
TEST_F(tool, stored)
{
	ASSERT_EQ(0, sh("symmetric-key new xchacha20-poly1305 wrap,unwrap keeper >id"));
	ASSERT_EQ(0, sh("head -c 32 /dev/urandom >bytes"));
	ASSERT_EQ(0, sh("symmetric-key import -w %%:keeper -l partner hmac-sha256 mac,verify "
		"p <bytes >id"));
	EXPECT_EQ(0, sh("symmetric-key show %%:p | grep -qx 'alg=hmac-sha256 for=mac,verify "
		"size=32 origin=outside'"));
	EXPECT_EQ(0, sh("printf abc | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(od -An "
		"-v -tx1 bytes | tr -d ' \n') | sed 's/.*= //' >want"));
	EXPECT_EQ(0, sh("printf abc | symmetric-key mac %%:p | cmp - want"));
	ASSERT_EQ(0, sh("symmetric-key save %%:p >form"));
	EXPECT_EQ(0, sh("keyctl revoke $(cat id)"));
	ASSERT_EQ(0, sh("symmetric-key load %%:keeper partner hmac-sha256 mac q <form >id"));
	EXPECT_EQ(0, sh("printf abc | symmetric-key mac %%:q | cmp - want"));
	EXPECT_EQ(0, sh("symmetric-key show %%:q | grep -qx 'alg=hmac-sha256 for=mac size=32 "
		"origin=outside'"));
	EXPECT_EQ(1, sh("symmetric-key load %%:keeper other hmac-sha256 mac r <form 2>error"));
	EXPECT_EQ(0, sh("grep -q 'is not for this' error"));
	EXPECT_EQ(1, sh("sed 's/.$/x/' form | symmetric-key load %%:keeper partner "
		"hmac-sha256 mac r 2>error"));
	EXPECT_EQ(0, sh("grep -q 'no sealed form' error"));
	EXPECT_EQ(1, sh("tr 0 1 <form | symmetric-key load %%:keeper partner hmac-sha256 mac "
		"r 2>error"));
	EXPECT_EQ(0, sh("grep -q 'was changed, or another key sealed it' error"));
	EXPECT_EQ(1, sh("symmetric-key save %%:q 2>error"));
	EXPECT_EQ(0, sh("grep -q 'has no sealed form' error"));
	EXPECT_EQ(1, sh("head -c 65 /dev/zero | symmetric-key import hmac-sha512 mac x 2>error"));
	EXPECT_EQ(1, sh("symmetric-key import hmac-sha512 mac x </dev/null 2>error"));
	EXPECT_EQ(2, sh("symmetric-key new -w %%:keeper hmac-sha512 mac x 2>error"));
}

/* Each message is one line that names the cause. */
static const struct {
	const char *command;
	int status;
	const char *says;
} rows[] = {
	{ "symmetric-key --help 2>/dev/null | head -1", 0, "usage: symmetric-key new" },
	{ "symmetric-key 2>&1 | head -1", 0, "usage: symmetric-key new" },
	{ "symmetric-key seal 2>&1 | head -1", 0, "usage: symmetric-key new" },
	{ "symmetric-key show ''", 2, "the key is empty" },
	{ "symmetric-key show box", 2, "box is no serial of a key" },
	{ "symmetric-key show %box", 2, "%box is no %TYPE:NAME" },
	{ "symmetric-key show %:none", 1, "there is none in your keyrings" },
	{ "symmetric-key show 2147483647", 1, "there is no such key" },
	{ "symmetric-key show @s", 2, "@s is no serial" },
	{ "symmetric-key new hmac-md5 mac x", 1, "no such algorithm" },
	{ "symmetric-key new 'hmac-sha256 size=1' mac x", 2, "printable ASCII" },
	{ "symmetric-key new hmac-sha256 mac ''", 2, "the name is empty" },
	{ "symmetric-key new -k @x hmac-sha256 mac x", 2, "@x is no keyring" },
	{ "symmetric-key derive %:box l hmac-sha256 mac x", 1, "is not for this" },
	{ "symmetric-key view %:box seal,open x", 1, "is not for this" },
	{ "symmetric-key verify %:box xyz", 2, "xyz is no MAC in hex" },
	{ "echo text | symmetric-key open %:box", 1, "nothing that this program has sealed" },
	{ "echo | symmetric-key mac %:box", 1, "the key is not for this" },
	{ "symmetric-key seal %:box <. | wc -c", 0, "cannot read" },
	{ "echo | symmetric-key seal %:box >/dev/full", 1, "cannot write: No space left" },
};

TEST_F(tool, messages)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].status,
			  sh("{ %s; } >said 2>&1", rows[i].command)) {
			TH_LOG("%s", rows[i].command);
		}
		EXPECT_EQ(0, sh("grep -qF -- '%s' said", rows[i].says)) {
			TH_LOG("%s", rows[i].command);
			sh("cat said");
		}
	}
}

/* Shows: SY-46. The message says that a key is dead. */
TEST_F(tool, dead)
{
	ASSERT_EQ(0, sh("echo text | symmetric-key seal %d >sealed", self->key));
	ASSERT_EQ(0, key_revoke(self->key));
	EXPECT_EQ(1, sh("symmetric-key open %d <sealed 2>error", self->key));
	EXPECT_EQ(0, sh("grep -qx 'symmetric-key: cannot open with key %d: the key was "
		"revoked' error",
			 self->key));
}

/*
 * Makes keyctl(2) and add_key(2) fail with @error, as filters of containers do.
 */
static int deny_keys(int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_keyctl, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_add_key, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return filter_install(filter, ARRAY_SIZE(filter));
}

FIXTURE(denied)
{
};

FIXTURE_VARIANT(denied)
{
	int error;
};

FIXTURE_VARIANT_ADD(denied, eperm) { EPERM };
FIXTURE_VARIANT_ADD(denied, enosys) { ENOSYS };

FIXTURE_SETUP(denied)
{
	ASSERT_EQ(0, sh_finds_own_tools());
	if (sh("command -v symmetric-key >/dev/null"))
		SKIP(return, "needs symmetric-key of tools/keys");
	ASSERT_EQ(0, deny_keys(variant->error));
}

FIXTURE_TEARDOWN(denied)
{
}

/* Behind a filter of system calls every command says so. */
TEST_F(denied, named)
{
	static const char * const commands[] = {
		"symmetric-key new hmac-sha256 mac x",
		"symmetric-key show 1", "echo | symmetric-key seal 1 | cat",
		"echo | symmetric-key mac 1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		EXPECT_EQ(0, sh("{ %s; } 2>&1 | grep -q seccomp",
				 commands[i])) {
			TH_LOG("%s", commands[i]);
		}
	}
}

TEST_HARNESS_MAIN
