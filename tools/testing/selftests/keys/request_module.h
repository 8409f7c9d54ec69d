/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel module that has key types and can be unloaded. */
#ifndef SELFTESTS_KEYS_REQUEST_MODULE_H
#define SELFTESTS_KEYS_REQUEST_MODULE_H

#include <fcntl.h>
#include <sys/socket.h>

#include "keys.h"

#define MODULE		"rxrpc"
/* Modules that may use this module, and have to be unloaded first. */
#define USER_OF_MODULE	"kafs"
#define KEY_TYPE	"rxrpc"
/* Users of a module may take a moment to end. */
#define UNLOAD_MS	5000

static inline bool module_loaded(const char *name)
{
	char line[512], found[64];
	FILE *file = fopen("/proc/modules", "re");
	bool loaded = false;

	while (file && fgets(line, sizeof(line), file))
		loaded |= sscanf(line, "%63s", found) == 1 &&
			  !strcmp(found, name);
	if (file)
		fclose(file);
	return loaded;
}

static inline int module_unload(const char *name)
{
	int err = result(syscall(__NR_delete_module, name, O_NONBLOCK));

	return err == -ENOENT ? 0 : err;
}

/* Unloads the module and its users; returns 0 or the last error. */
static inline int modules_unload(void)
{
	int err;

	for (int ms = 0; ms < UNLOAD_MS; ms += 10) {
		err = module_unload(USER_OF_MODULE) ?: module_unload(MODULE);
		if (!err)
			break;
		sleep_ms(10);
	}
	return err;
}

/*
 * add_key() returns ENODEV for an unknown type; the payload is wrong for every
 * type.
 */
static inline bool key_type_known(void)
{
	return key_add(KEY_TYPE, "d", "x", 1, KEY_SPEC_SESSION_KEYRING) !=
	       -ENODEV;
}

static inline int open_socket(void)
{
	int fd = result(socket(AF_RXRPC, SOCK_DGRAM, PF_INET));

	return fd < 0 ? fd : close(fd);
}

#endif /* SELFTESTS_KEYS_REQUEST_MODULE_H */
