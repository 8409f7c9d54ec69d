/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests whose program is also the helper that the kernel starts for them.
 *
 * While such a program runs it is mounted over /sbin/request-key.  The callout
 * information of a request is a script: the name of the test's socket, then
 * steps, all separated by semicolons.  The helper runs the steps one by one and
 * reports the result of each to the test over the socket.
 */
#ifndef SELFTESTS_KEYS_REQUEST_SCRIPT_H
#define SELFTESTS_KEYS_REQUEST_SCRIPT_H

#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "task.h"

#define HELPER_PATH	"/sbin/request-key"
#define HELPER_ARGC	8
#define HELPER_SOCKET	"request-script-%d"
#define SCRIPT_SIZE	2048
#define KEYS_SYSCTL	"/proc/sys/kernel/keys/"

/*
 * struct script_report - result of one step
 * @step:	its letter
 * @value: result of the call, or a negative errno
 * @text: text that was read
 */
struct script_report {
	char step;
	int32_t value;
	char text[1024];
};

/*
 * struct script_helper - a running helper
 * @argv:	its arguments
 * @link:	connection to the test
 * @key:	key under construction
 */
struct script_helper {
	char **argv;
	int link;
	key_serial_t key;
};

static inline socklen_t script_address(struct sockaddr_un *address, int pid)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
			HELPER_SOCKET, pid);
}

/* Joins the strings of a vector, separated by bars. */
static inline void script_join(char *text, size_t size, char **vector)
{
	size_t used = 0;

	text[0] = '\0';
	for (; *vector && used < size; vector++)
		used += snprintf(text + used, size - used, "%s%s",
				 used ? "|" : "", *vector);
}

/* Gets properties of the process that the kernel promises to a helper. */
static inline void script_facts(char *text, size_t size)
{
	char cwd[PATH_MAX] = "";
	mode_t mask = umask(0);
	int open_files = 0;

	/* Only the connection to the test is open by now. */
	for (int fd = 0; fd < 64; fd++)
		open_files += fcntl(fd, F_GETFD) >= 0;
	if (!getcwd(cwd, sizeof(cwd)))
		cwd[0] = '\0';
	snprintf(text, size, "uid=%d gid=%d files=%d cwd=%s umask=%03o jit=%ld",
		 getuid(), getgid(), open_files, cwd, mask,
		 keyctl(KEYCTL_SET_REQKEY_KEYRING, -1));
}

static inline int script_read(key_serial_t key, char *text, size_t size)
{
	long len = key_read(key, text, size - 1);

	text[len > 0 && len < (long)size ? len : 0] = '\0';
	return len;
}

static inline int script_describe(key_serial_t key, char *text, size_t size)
{
	long len = key_describe(key, text, size);

	if (len < 0)
		text[0] = '\0';
	return len;
}

/* A nested script writes its separators as colons. */
static inline int script_nested(const char *description, char *callout)
{
	for (char *c = callout; *c; c++)
		if (*c == ':')
			*c = ';';
	return key_request("user", description, callout, 0);
}

/* Returns number @index of the step, counted from 0. */
static inline long script_number(const char *arguments, int index)
{
	while (index-- > 0 && arguments)
		arguments = strchr(arguments, ',') ?
			    strchr(arguments, ',') + 1 : NULL;
	return arguments ? strtol(arguments, NULL, 0) : 0;
}

/* Returns the text behind the first comma. */
static inline char *script_tail(char *arguments)
{
	char *comma = strchr(arguments, ',');

	if (!comma)
		return arguments + strlen(arguments);
	*comma = '\0';
	return comma + 1;
}

static inline void script_background(void)
{
	if (fork())
		_exit(0);
}

static inline int script_wait(struct script_helper *helper)
{
	char go;

	return recv(helper->link, &go, sizeof(go), 0) == sizeof(go) ?
	       0 : -EPIPE;
}

/* Additional steps of one program, see REQUEST_TEST_MAIN_WITH(). */
static int (*script_extra)(struct script_helper *helper, char *step, char *text,
			   size_t size) __attribute__((unused));

static inline int script_step(struct script_helper *helper, char *step,
			      char *text, size_t size)
{
	char *arguments = step + 1, *tail;

	switch (*step) {
	case 'A': /* assume authority over the key, or over a given one */
		return keyctl(KEYCTL_ASSUME_AUTHORITY, *arguments ?
			      script_number(arguments, 0) : helper->key);
	case 'I': /* ring,payload: instantiate */
		tail = script_tail(arguments);
		return keyctl(KEYCTL_INSTANTIATE, helper->key, tail,
			      strlen(tail), script_number(arguments, 0));
	case 'N': /* seconds,ring: negate */
		return keyctl(KEYCTL_NEGATE, helper->key,
			      script_number(arguments, 0),
			      script_number(arguments, 1));
	case 'R': /* seconds,errno,ring: reject */
		return keyctl(KEYCTL_REJECT, helper->key,
			      script_number(arguments, 0),
			      script_number(arguments, 1),
			      script_number(arguments, 2));
	case 'L': /* length,ring: instantiate with this number of zero bytes */
		tail = calloc(1, script_number(arguments, 0) + 1);
		return keyctl(KEYCTL_INSTANTIATE, helper->key, tail,
			      script_number(arguments, 0),
			      script_number(arguments, 1));
	case 'T': /* seconds: set the key's timeout */
		return keyctl(KEYCTL_SET_TIMEOUT, helper->key,
			      script_number(arguments, 0));
	case 'C': /* callout information */
		return script_read(KEY_SPEC_REQKEY_AUTH_KEY, text, size);
	case 'D': /* description of the key, or of a given one */
		return script_describe(*arguments ?
				       script_number(arguments, 0) :
				       helper->key, text, size);
	case 'G': /* id: returns the serial of this key */
		return keyctl(KEYCTL_GET_KEYRING_ID,
			      script_number(arguments, 0), 0);
	case 'O': /* option,id: an operation with one argument */
		return keyctl(script_number(arguments, 0),
			      script_number(arguments, 1), 0, 0, 0);
	case 'Q': /* description,ring: search */
		tail = script_tail(arguments);
		return key_request("user", arguments, NULL,
				   script_number(tail, 0));
	case 'q': /* description,script: request with an upcall of its own */
		tail = script_tail(arguments);
		return script_nested(arguments, tail);
	case 'E':
		script_join(text, size, environ);
		return 0;
	case 'V':
		script_join(text, size, helper->argv);
		return 0;
	case 'P':
		script_facts(text, size);
		return 0;
	case 'F':
		script_background();
		return 0;
	case 'W':
		return script_wait(helper);
	case 'S':
		sleep_ms(script_number(arguments, 0));
		return 0;
	case 'M': /* family: open a socket, which may load a module */
		return result(socket(script_number(arguments, 0), SOCK_DGRAM,
				     PF_INET));
	case 'K':
		return raise(SIGKILL);
	case 'X':
		_exit(script_number(arguments, 0));
	case 'x': /* ends the only thread, but not the process */
		return syscall(__NR_exit, script_number(arguments, 0));
	}
	return script_extra ? script_extra(helper, step, text, size) :
	       -EOPNOTSUPP;
}

static inline int script_connect(int test)
{
	int link = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	struct sockaddr_un address;
	socklen_t len = script_address(&address, test);

	if (connect(link, (struct sockaddr *)&address, len))
		return -1;
	return link;
}

/*
 * The authorisation key is the only key in the helper's session keyring.  The
 * helper can read it without assuming the authority, so that the script decides
 * whether to assume it.
 */
static inline int script_fetch(char *script, size_t size)
{
	key_serial_t authkey = 0;
	long len;

	if (key_read(KEY_SPEC_SESSION_KEYRING, &authkey,
		     sizeof(authkey)) < (long)sizeof(authkey))
		return -1;
	len = key_read(authkey, script, size - 1);
	if (len < 0 || len >= (long)size)
		return -1;
	script[len] = '\0';
	return 0;
}

#define SCRIPT_NONE	"no script"

/*
 * Reports that there was no callout information, by the key's payload, as there
 * is no other way left.
 */
static inline int script_without(key_serial_t key)
{
	if (keyctl(KEYCTL_ASSUME_AUTHORITY, key) < 0)
		return 2;
	return keyctl(KEYCTL_INSTANTIATE, key, SCRIPT_NONE,
		      strlen(SCRIPT_NONE), 0) ? 2 : 0;
}

static inline int script_run(char **argv)
{
	struct script_helper helper = { .argv = argv, .key = atoi(argv[2]) };
	char script[SCRIPT_SIZE], *rest = script, *step;

	if (script_fetch(script, sizeof(script)))
		return 2;
	if (!*script)
		return script_without(helper.key);
	step = strsep(&rest, ";");
	helper.link = script_connect(atoi(step));

	while ((step = strsep(&rest, ";"))) {
		struct script_report report = { .step = *step };

		report.value = script_step(&helper, step, report.text,
					   sizeof(report.text));
		send(helper.link, &report, sizeof(report), MSG_NOSIGNAL);
	}
	return 0;
}

/*
 * struct script_route - changes that make the kernel start this program
 * @owner: process that has to undo them, 0 if there are none
 * @made_file: whether HELPER_PATH was made as a mount point
 * @made_folder: whether its folder was made
 * @err: error for which the kernel cannot start this program, or 0
 */
struct script_route {
	pid_t owner;
	bool made_file;
	bool made_folder;
	int err;
};

static struct script_route script_route __attribute__((unused));

static inline void script_route_restore(void)
{
	char path[] = HELPER_PATH;

	if (script_route.owner != getpid())
		return;
	umount2(HELPER_PATH, MNT_DETACH);
	if (script_route.made_file)
		unlink(HELPER_PATH);
	if (script_route.made_folder)
		rmdir(dirname(path));
	script_route.owner = 0;
}

static inline int script_route_mount(void)
{
	char path[] = HELPER_PATH;
	int fd;

	if (mkdir(dirname(path), 0755) == 0)
		script_route.made_folder = true;
	else if (errno != EEXIST)
		return -errno;
	fd = open(HELPER_PATH, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
	if (fd >= 0) {
		script_route.made_file = true;
		close(fd);
	} else if (errno != EEXIST) {
		return -errno;
	}
	if (mount("/proc/self/exe", HELPER_PATH, NULL, MS_BIND, NULL))
		return -errno;
	return 0;
}

static inline void script_route_install(void)
{
	script_route.owner = getpid();
	atexit(script_route_restore);
	script_route.err = script_route_mount();
}

/* True on a kernel with the request-key service of this series. */
static bool request_ours __attribute__((unused));
static bool request_symbols __attribute__((unused));

static inline void request_probe(void)
{
	char line[512], name[256];
	FILE *file = fopen("/proc/kallsyms", "re");

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %255s", name) != 1)
			continue;
		request_symbols = true;
		request_ours |= !strcmp(name, "key_request_dispatch");
	}
	fclose(file);
}

/* For tests whose expectations differ between the series and other kernels. */
#define REQUIRE_REQUEST_SYMBOLS() do { \
	if (!request_symbols) \
		SKIP(return, "needs CONFIG_KALLSYMS to tell which kernel this is"); \
} while (0)

/*
 * @why begins with the rows of "Differences from mainline" because of which the
 * test cannot run on other kernels.
 */
#define REQUIRE_REQUEST_OURS(why) do { \
	REQUIRE_REQUEST_SYMBOLS(); \
	if (!request_ours) \
		SKIP(return, "ours only: %s", why); \
} while (0)

#define REQUIRE_HELPER() do { \
	if (script_route.err) \
		SKIP(return, "cannot put a program at %s: %s", HELPER_PATH, \
		     strerror(-script_route.err)); \
} while (0)

/* Sets one of kernel.keys.*; returns 0 or a negative errno. */
static inline int set_knob(const char *name, const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), KEYS_SYSCTL "%s", name);
	return file_write(path, value);
}

/* main() of a program that is a test and also the helper @help. */
#define REQUEST_HELPER_MAIN(help) \
	int main(int argc, char **argv) \
	{ \
		if (argc == HELPER_ARGC && strcmp(argv[1], "create") == 0) \
			return help(argv); \
		request_probe(); \
		script_route_install(); \
		return test_harness_run(argc, argv); \
	}

/* The same for a program whose helper runs scripts. */
#define REQUEST_TEST_MAIN REQUEST_TEST_MAIN_WITH(NULL)

/* The same for a program whose helper knows additional steps. */
#define REQUEST_TEST_MAIN_WITH(extra) \
	static int script_help(char **argv) \
	{ \
		script_extra = extra; \
		return script_run(argv); \
	} \
	REQUEST_HELPER_MAIN(script_help)

/*
 * A step that rejects the key for a while.  The helper must have ended before that is
 * over: the kernel looks at the key then, and an expired one is no answer (ENOKEY).
 * SCRIPT_REJECT_PAST_MS is long enough for that: the kernel counts whole seconds.
 */
#define SCRIPT_REJECT_SHORT	"R5,111,0"
#define SCRIPT_REJECT_PAST_MS	7100

/*
 * struct script - the test's side
 * @listener: socket that helpers connect to
 * @link:	the helper whose reports are read, -1 before the first
 */
struct script {
	int listener;
	int link;
};

static inline int script_open(struct script *script)
{
	struct sockaddr_un address;
	socklen_t len = script_address(&address, getpid());

	script->link = -1;
	script->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (bind(script->listener, (struct sockaddr *)&address, len) ||
	    listen(script->listener, 64))
		return -errno;
	return 0;
}

static inline void script_close(struct script *script)
{
	close(script->link);
	close(script->listener);
}

static inline bool script_readable(int fd, int limit_ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return poll(&ready, 1, limit_ms) == 1;
}

/* Accepts the connection of the next helper. */
static inline int script_accept(struct script *script)
{
	if (!script_readable(script->listener, TASK_LIMIT_MS))
		return -ETIMEDOUT;
	close(script->link);
	script->link = accept4(script->listener, NULL, NULL, SOCK_CLOEXEC);
	return script->link < 0 ? -errno : 0;
}

/*
 * Returns the number of helpers that have connected and were not accepted yet.
 */
static inline int script_count(struct script *script)
{
	int count = 0;

	while (script_readable(script->listener, 0)) {
		close(accept4(script->listener, NULL, NULL, SOCK_CLOEXEC));
		count++;
	}
	return count;
}

/*
 * Gets the report of the helper's next step; returns its result, or -EPIPE at
 * the end.
 */
static inline int script_next(struct script *script,
			      struct script_report *report)
{
	memset(report, 0, sizeof(*report));
	if (script->link < 0 && script_accept(script))
		return -ETIMEDOUT;
	if (!script_readable(script->link, TASK_LIMIT_MS))
		return -ETIMEDOUT;
	if (recv(script->link, report, sizeof(*report), 0) != sizeof(*report))
		return -EPIPE;
	return report->value;
}

/* Skips to the report of a step, by its letter. */
static inline int script_result(struct script *script, char step,
				struct script_report *report)
{
	int ret;

	do {
		ret = script_next(script, report);
		if (!report->step)
			return ret;
	} while (report->step != step);
	return ret;
}

/* Lets a waiting helper go on. */
static inline void script_go(struct script *script)
{
	send(script->link, "g", 1, MSG_NOSIGNAL);
}

/*
 * struct script_request - a request whose helper gets a script
 * @type:	key type
 * @description: description of the key
 * @ring:	destination keyring, or 0
 * @steps:	steps of the script
 * @test:	process that listens
 */
struct script_request {
	const char *type;
	const char *description;
	key_serial_t ring;
	const char *steps;
	pid_t test;
};

static inline int script_ask(const void *arg)
{
	const struct script_request *request = arg;
	char callout[SCRIPT_SIZE];

	snprintf(callout, sizeof(callout), "%d;%s", request->test,
		 request->steps);
	return key_request(request->type, request->description, callout,
			   request->ring);
}

/* The same, for a child, whose exit code cannot hold a serial. */
static inline int script_ask_child(const void *arg)
{
	int ret = script_ask(arg);

	return ret < 0 ? ret : 0;
}

/* Requests a user key and waits for it. */
static inline int script_user_key(const char *description, const char *steps,
				  key_serial_t ring)
{
	struct script_request request = {
		.type = "user", .description = description, .ring = ring,
		.steps = steps, .test = getpid(),
	};

	return script_ask(&request);
}

/* Requests a user key in a child. */
static inline pid_t script_user_key_child(const char *description,
					  const char *steps, key_serial_t ring)
{
	struct script_request request = {
		.type = "user", .description = description, .ring = ring,
		.steps = steps, .test = getpid(),
	};

	return task_start(script_ask_child, &request);
}

/*
 * Returns the key that the helper was started for; the script must have the
 * step V.
 */
static inline key_serial_t script_target(struct script *script,
					 struct script_report *report)
{
	int key = 0;

	if (script_result(script, 'V', report) ||
	    sscanf(report->text, "%*[^|]|create|%d|", &key) != 1)
		return -ENOKEY;
	return key;
}

#endif /* SELFTESTS_KEYS_REQUEST_SCRIPT_H */
