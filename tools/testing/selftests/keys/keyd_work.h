/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions of tests with a running request-keyd: rules and requesters. */
#ifndef SELFTESTS_KEYS_KEYD_WORK_H
#define SELFTESTS_KEYS_KEYD_WORK_H

#include <time.h>

#include "keyd_run.h"

#define ARGS(...)	((char *[]){ __VA_ARGS__, NULL })
#define USER_NS		"-s", "user-ns"

/* In the rules %F stands for their folder. */
static inline bool write_rules(const struct keyd *keyd, const char *rules)
{
	char text[4096];
	const char *mark;
	size_t len = 0;

	while ((mark = strstr(rules, "%F"))) {
		len += snprintf(text + len, sizeof(text) - len, "%.*s%s",
				(int)(mark - rules), rules, keyd->etc.path);
		rules = mark + 2;
	}
	snprintf(text + len, sizeof(text) - len, "%s", rules);
	return keyd_write(&keyd->etc, "request-key.conf", text);
}

static inline bool run(struct keyd *keyd, const char *rules, char *const *args)
{
	return write_rules(keyd, rules) && keyd_start(keyd, args);
}

static inline key_serial_t ask(const char *description, const char *callout)
{
	return key_request("user", description, callout,
			   KEY_SPEC_SESSION_KEYRING);
}

static inline int ask_of_child(const void *description)
{
	key_serial_t key = ask(description, "");

	return key < 0 ? key : 0;
}

static inline int ask_as_user(const void *description)
{
	static const struct caller user = {
		.uid = 1003, .gid = 1003, .stranger = true,
	};
	int err = caller_become(&user);

	return err ? err : ask_of_child(description);
}

/* True once the task is in the system call, interruptibly or not. */
static inline bool is_in(pid_t task, long nr)
{
	char text[512];

	for (int ms = 0; ms < TASK_LIMIT_MS; ms++) {
		task_read(task, "syscall", text, sizeof(text));
		if (text[0] >= '0' && text[0] <= '9' && atol(text) == nr)
			return true;
		sleep_ms(1);
	}
	return false;
}

/* A pipe that a script reads a line of when it is to go on; returns its descriptor. */
static inline int open_gate(const struct keyd *keyd)
{
	char path[128];

	keyd_file_path(&keyd->etc, "gate", path, sizeof(path));
	if (mkfifo(path, 0600))
		return -1;
	return open(path, O_RDWR | O_CLOEXEC);
}

#define EXPECT_KEY(text, description, callout) \
	EXPECT_STREQ(text, keyd_payload(ask(description, callout)))

#endif /* SELFTESTS_KEYS_KEYD_WORK_H */
