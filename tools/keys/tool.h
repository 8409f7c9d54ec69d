/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions shared by the programs that make keys: one clear line for each
 * error, after all secrets have been wiped, and arguments that name keyrings.
 *
 * The program defines TOOL_NAME and tool_wipe().
 */
#ifndef TOOLS_KEYS_TOOL_H
#define TOOLS_KEYS_TOOL_H

#include <errno.h>
#include <linux/keyctl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXIT_USAGE	2

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Wipes all keys in the program's memory. */
static void tool_wipe(void);

static inline void __attribute__((noreturn))
tool_leave(int status, const char *format, va_list args)
{
	tool_wipe();
	fputs(TOOL_NAME ": ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	exit(status);
}

static inline void __attribute__((noreturn, format(printf, 1, 2)))
fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tool_leave(EXIT_FAILURE, format, args);
}

/* Ends the program because an argument makes no sense. */
static inline void __attribute__((noreturn, format(printf, 1, 2)))
misuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tool_leave(EXIT_USAGE, format, args);
}

static inline bool tool_is_asked_for_help(int argc, char **argv)
{
	return argc == 2 && (strcmp(argv[1], "--help") == 0 ||
			     strcmp(argv[1], "-h") == 0);
}

/*
 * struct cause - explanation of an error of the kernel
 */
struct cause {
	int error;
	const char *text;
};

static inline const char *cause_text(const struct cause *causes, int error)
{
	for (; causes->text; causes++)
		if (causes->error == error)
			return causes->text;
	return strerror(error);
}

/* An empty argument is most often a variable of the shell that was never set. */
static inline const char *not_empty(const char *text, const char *what)
{
	if (!*text)
		misuse("the %s is empty; a variable that was never set?", what);
	return text;
}

static inline long number(const char *text, const char *what, long low,
			  long high)
{
	char *end;
	long value;

	not_empty(text, what);
	errno = 0;
	value = strtol(text, &end, 0);
	if (errno || end == text || *end || value < low || value > high)
		misuse("%s is no %s", text, what);
	return value;
}

static inline int32_t keyring_of(const char *text)
{
	static const struct {
		const char *name;
		int32_t serial;
	} special[] = {
		{ "@t", KEY_SPEC_THREAD_KEYRING },
		{ "@p", KEY_SPEC_PROCESS_KEYRING },
		{ "@s", KEY_SPEC_SESSION_KEYRING },
		{ "@u", KEY_SPEC_USER_KEYRING },
		{ "@us", KEY_SPEC_USER_SESSION_KEYRING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(special); i++)
		if (strcmp(text, special[i].name) == 0)
			return special[i].serial;
	return number(text, "keyring", 1, INT32_MAX);
}

/*
 * The kernel would give a process without a session keyring one that ends with
 * the process, and the key would die at once.  With a last argument of 0 the
 * kernel returns the keyring that the next process will have, too.
 */
static inline int32_t lasting_session(void)
{
	long keyring = syscall(__NR_keyctl, KEYCTL_GET_KEYRING_ID,
			       KEY_SPEC_SESSION_KEYRING, 0);

	return keyring < 0 ? KEY_SPEC_SESSION_KEYRING : keyring;
}

#endif /* TOOLS_KEYS_TOOL_H */
