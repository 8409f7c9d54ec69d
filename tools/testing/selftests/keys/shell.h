/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands of the shell, for tests that run other people's programs. */
#ifndef SELFTESTS_KEYS_SHELL_H
#define SELFTESTS_KEYS_SHELL_H

#include <errno.h>
#include <libgen.h>
#include <linux/limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL_COMMAND_MAX	4096

/* Runs a command behind @before; returns its exit code, or -1 if it has none. */
__attribute__((format(printf, 2, 0)))
static inline int sh_behind(const char *before, const char *format,
				   va_list args)
{
	char command[SHELL_COMMAND_MAX];
	int status, used;

	used = snprintf(command, sizeof(command), "%s", before);
	vsnprintf(command + used, sizeof(command) - used, format, args);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * Runs a command whose output goes to the test's; returns its exit code, or -1.
 */
__attribute__((format(printf, 1, 2)))
static inline int sh(const char *format, ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = sh_behind("", format, args);
	va_end(args);
	return ret;
}

/* Runs a command that reads nothing and whose output nobody sees. */
#define sh_unseen(...) sh("exec </dev/null >/dev/null 2>&1; " __VA_ARGS__)

/* Commands find the tools that are installed beside the test program. */
static inline int sh_finds_own_tools(void)
{
	char path[PATH_MAX] = "", full[PATH_MAX + 256];

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return -errno;
	snprintf(full, sizeof(full), "%s:%s", dirname(path),
		 getenv("PATH") ?: "/bin:/usr/bin");
	return setenv("PATH", full, 1);
}

#endif /* SELFTESTS_KEYS_SHELL_H */
