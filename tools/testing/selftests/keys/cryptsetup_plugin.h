/* SPDX-License-Identifier: GPL-2.0-only */
/* Keyslots that a key in the kernel opens, and the plugin for them. */
#ifndef SELFTESTS_KEYS_CRYPTSETUP_PLUGIN_H
#define SELFTESTS_KEYS_CRYPTSETUP_PLUGIN_H

#include <libcryptsetup.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>

#include "cryptsetup.h"
#include "symmetric.h"

#define PLUGIN		"libcryptsetup-token-linux-keys.so"
#define ENROL_PROGRAM	"linux-keys-cryptenroll"
#define NAME		"disk"
#define LINE		"new alg=hmac-sha256 for=mac,verify"
#define BY_TOKEN	"cryptsetup open --token-only $IMAGE $NAME "
#define TEST_TOKEN	"cryptsetup open --token-only --test-passphrase $IMAGE "
#define ENROL		"$ENROL --key-file $PASS $IMAGE "
#define MISSING		"Token 0 requires additional missing resource."

/* The folder of this program and of the plugin. */
static inline void folder_of_program(char *path)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	path[len > 0 ? len : 0] = '\0';
	dirname(path);
}

/*
 * Puts the plugin where libcryptsetup of this test and its children finds it.
 */
static inline int install_plugin(void)
{
	char folder[PATH_MAX], from[PATH_MAX + 64];
	const char *to = crypt_token_external_path();

	folder_of_program(folder);
	snprintf(from, sizeof(from), "%s/" ENROL_PROGRAM, folder);
	setenv("ENROL", from, 1);
	snprintf(from, sizeof(from), "%s/" PLUGIN, folder);
	setenv("PLUGIN", from, 1);
	setenv("PLUGINS", to, 1);
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return disk_run("mkdir -p $PLUGINS && mount -t tmpfs plugins $PLUGINS &&"
			" cp $PLUGIN $PLUGINS");
}

#define PLUGIN_SETUP(self_) do { \
	key_serial_t none_ = sym_add_line("x", NULL, 0); \
	if (none_ == -ENODEV) \
		SKIP(return, "ours only: this kernel has no symmetric keys"); \
	DISK_SETUP(&(self_)->disk); \
	ASSERT_EQ(0, install_plugin()); \
	(self_)->key = sym_add(NAME, LINE); \
	ASSERT_LT(0, (self_)->key); \
	ASSERT_EQ(0, disk_format()); \
} while (0)

#endif /* SELFTESTS_KEYS_CRYPTSETUP_PLUGIN_H */
