/* SPDX-License-Identifier: GPL-2.0-only */
/* Properties of the running kernel, determined once, before the first test. */
#ifndef SELFTESTS_KEYS_KERNEL_H
#define SELFTESTS_KEYS_KERNEL_H

#include <sys/wait.h>

#include "alg.h"

enum kernel_symbol {
	SYMBOL_OURS,
	SYMBOL_CGROUP_SETSOCKOPT,
	SYMBOL_TRUSTED,
	SYMBOL_COUNT,
};

/*
 * struct kernel - facts that decide what a test may expect
 * @keys: whether there are system calls for keys
 * @symbols: whether /proc/kallsyms could be read
 * @has: whether the symbol exists
 * @option: whether ALG_SET_KEY_BY_KEY_SERIAL exists
 */
struct kernel {
	bool keys;
	bool symbols;
	bool has[SYMBOL_COUNT];
	bool option;
};

static struct kernel kernel;

static inline void kernel_read_symbols(void)
{
	static const char * const names[SYMBOL_COUNT] = {
		[SYMBOL_OURS] = "af_alg_set_key_by_serial",
		[SYMBOL_CGROUP_SETSOCKOPT] =
			"__cgroup_bpf_run_filter_setsockopt",
		[SYMBOL_TRUSTED] = "trusted_instantiate",
	};
	char line[512], name[256];
	FILE *file;

	file = fopen("/proc/kallsyms", "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %255s", name) != 1)
			continue;
		kernel.symbols = true;
		for (int i = 0; i < SYMBOL_COUNT; i++)
			if (strcmp(name, names[i]) == 0)
				kernel.has[i] = true;
	}
	fclose(file);
}

/*
 * Only a call without any other error shows whether the kernel knows the
 * option.  A child makes the call, so that the test does not get the key, and
 * returns the answer as its exit code.
 */
static inline bool kernel_try_option(void)
{
	int status = 0;
	pid_t child;

	child = fork();
	if (child == 0) {
		int fd = alg_open(&alg_hmac);
		key_serial_t key;

		session_new();
		key = key_add_user("probe", "probe", sizeof("probe"));
		_exit(fd >= 0 && key > 0 &&
		      alg_set_serial(fd, key) == -ENOPROTOOPT);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return true;
	return !WIFEXITED(status) || WEXITSTATUS(status) == 0;
}

/*
 * A kernel of the series must have the option, so a test fails if it does not.
 * AF_ALG may be a module, whose symbols exist once the option was tried.
 */
static inline void kernel_probe(void)
{
	bool works;

	kernel.keys = keyctl(-1) == -EOPNOTSUPP;
	works = kernel_try_option();
	kernel_read_symbols();
	kernel.option = works || kernel.has[SYMBOL_OURS];
}

/* Returns why a test cannot run on this kernel, or NULL. */
static inline const char *lacks_keys(void)
{
	return kernel.keys ? NULL : "needs CONFIG_KEYS";
}

static inline const char *lacks_option(void)
{
	if (!kernel.keys)
		return lacks_keys();
	if (!kernel.option)
		return "ours only: this kernel has no ALG_SET_KEY_BY_KEY_SERIAL";
	return NULL;
}

/* For tests whose expectations differ between the series and other kernels. */
static inline const char *lacks_symbols(void)
{
	return kernel.symbols ? NULL : "needs CONFIG_KALLSYMS";
}

static inline const char *lacks_ours(const char *why)
{
	if (!kernel.symbols)
		return lacks_symbols();
	return kernel.has[SYMBOL_OURS] ? NULL : why;
}

/* Ends the test by @statement if there is a reason to skip it. */
#define SKIP_IF(statement, reason) do { \
	const char *_reason = reason; \
	if (_reason) \
		SKIP(statement, "%s", _reason); \
} while (0)

#endif /* SELFTESTS_KEYS_KERNEL_H */
