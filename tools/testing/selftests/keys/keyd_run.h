/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests with a running request-keyd, which was built together with them. */
#ifndef SELFTESTS_KEYS_KEYD_RUN_H
#define SELFTESTS_KEYS_KEYD_RUN_H

#include <libgen.h>
#include <limits.h>
#include <linux/key_service.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "keyd.h"
#include "task.h"

#define KEYD_PROGRAM	"request-keyd"
#define KEYD_ARGS_MAX	16
#define KEYD_LOG	"/tmp/keyd-log-XXXXXX"

/*
 * struct keyd - a running daemon
 * @etc: its rules, and its messages so far
 * @pid:	its process
 * @log:	file of its standard error, which others can read too
 * @notify: socket that it sends its state to
 */
struct keyd {
	struct keyd_folder etc;
	pid_t pid;
	char log[sizeof(KEYD_LOG)];
	int notify;
};

static inline const char *lacks_key_service(void)
{
	return keyctl(KEYCTL_SERVICE_OPEN, 0, NULL, 0) == -EOPNOTSUPP ?
	       "ours only: this kernel has no key service" : NULL;
}

#define REQUIRE_KEY_SERVICE() do { \
	const char *_lack = lacks_key_service(); \
	if (_lack) \
		SKIP(return, "%s", _lack); \
} while (0)

/* Makes everything that a daemon needs, for any user that starts it. */
static inline bool keyd_make(struct keyd *keyd)
{
	int fd;

	snprintf(keyd->log, sizeof(keyd->log), "%s", KEYD_LOG);
	fd = mkstemp(keyd->log);
	if (fd < 0)
		return false;
	fchmod(fd, 0666);
	close(fd);
	return keyd_make_folder(&keyd->etc) && !chmod(keyd->etc.path, 0755);
}

static inline void keyd_remove(const struct keyd *keyd)
{
	unlink(keyd->log);
	keyd_remove_folder(&keyd->etc);
}

static inline void keyd_program(char *path, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", path, size - 1);

	path[len > 0 ? len : 0] = '\0';
	len = strlen(dirname(path));
	snprintf(path + len, size - len, "/%s", KEYD_PROGRAM);
}

/* Makes an abstract socket of this process, whose name the daemons get. */
static inline int keyd_notify_socket(char *name, size_t size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(name, size, "@keyd-test-%d", getpid());
	memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
	if (bind(fd, (struct sockaddr *)&address,
		 offsetof(struct sockaddr_un, sun_path) + strlen(name)))
		return -1;
	return fd;
}

/* True if the next message of the daemon has this state. */
static inline bool keyd_says(struct keyd *keyd, const char *state)
{
	struct pollfd ready = { .fd = keyd->notify, .events = POLLIN };
	char text[128];
	ssize_t len;

	if (poll(&ready, 1, TASK_LIMIT_MS) != 1)
		return false;
	len = recv(keyd->notify, text, sizeof(text) - 1, 0);
	if (len < 0)
		return false;
	text[len] = '\0';
	return strstr(text, state) == text;
}

static inline void keyd_exec(const struct keyd *keyd, const char *name,
			     char *const *args)
{
	char program[PATH_MAX];
	char *argv[KEYD_ARGS_MAX + 1] = {
		KEYD_PROGRAM, "-f", "-c", (char *)keyd->etc.path,
	};

	for (int i = 4; i < KEYD_ARGS_MAX && *args; i++)
		argv[i] = *args++;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setenv("NOTIFY_SOCKET", name, 1);
	dup2(open(keyd->log, O_WRONLY | O_APPEND | O_CLOEXEC), STDERR_FILENO);
	keyd_program(program, sizeof(program));
	execv(program, argv);
	_exit(127);
}

/* Starts a daemon with the rules of @keyd->etc, and does not wait for it. */
static inline void keyd_spawn(struct keyd *keyd, char *const *args)
{
	char name[32];
	pid_t pid;

	keyd->notify = keyd_notify_socket(name, sizeof(name));
	pid = fork();
	if (!pid)
		keyd_exec(keyd, name, args);
	/*
	 * Stored only now, since the child may share the memory behind the
	 * pointer.
	 */
	keyd->pid = pid;
}

/* Starts a daemon; returns true once it is ready. */
static inline bool keyd_start(struct keyd *keyd, char *const *args)
{
	keyd_spawn(keyd, args);
	return keyd_says(keyd, "READY=1");
}

/* Ends a daemon; returns its exit status. */
static inline int keyd_end(struct keyd *keyd)
{
	int status = 0;

	if (keyd->pid <= 0)
		return -1;
	kill(keyd->pid, SIGTERM);
	waitpid(keyd->pid, &status, 0);
	keyd->pid = 0;
	close(keyd->notify);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline const char *keyd_read_log(struct keyd *keyd)
{
	int fd = open(keyd->log, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, keyd->etc.log, sizeof(keyd->etc.log) - 1);

	close(fd);
	keyd->etc.log[len > 0 ? len : 0] = '\0';
	return keyd->etc.log;
}

/* Waits for a text in the log: a line may come after the key. */
static inline bool keyd_logs(struct keyd *keyd, const char *text)
{
	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 10) {
		if (strstr(keyd_read_log(keyd), text))
			return true;
		sleep_ms(10);
	}
	fprintf(stderr, "# no \"%s\" in the log:\n%s", text, keyd->etc.log);
	return false;
}

/* Returns the key's payload as a text. */
static inline const char *keyd_payload(key_serial_t key)
{
	static char text[8192];
	long len = key < 0 ? key : key_read(key, text, sizeof(text) - 1);

	if (len < 0)
		snprintf(text, sizeof(text), "error %ld", -len);
	else
		text[len] = '\0';
	return text;
}

#define EXPECT_LOGS(keyd, text)	EXPECT_TRUE(keyd_logs(keyd, text))

#endif /* SELFTESTS_KEYS_KEYD_RUN_H */
