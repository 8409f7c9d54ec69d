/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Openers and requesters: processes of several users.
 */
#ifndef SELFTESTS_KEYS_KEY_SERVICE_WHO_H
#define SELFTESTS_KEYS_KEY_SERVICE_WHO_H

#include "key_service.h"

/* Users of the host, each with a group of the same number. */
#define USER		5005
#define OTHER_USER	5006

/* A process that has changed its ids is not dumpable, so this is set again. */
static inline int settle(void)
{
	long session;

	if (prctl(PR_SET_DUMPABLE, 1))
		return -errno;
	session = session_new();
	return session < 0 ? session : 0;
}

static inline int become_ids(uid_t real, uid_t effective, uid_t saved)
{
	if (setgroups(0, NULL) || setresgid(USER, USER, USER) ||
	    setresuid(real, effective, saved))
		return -errno;
	return settle();
}

static inline int become_user(const void *arg)
{
	return become_ids(USER, USER, USER);
}

static inline int become_other(const void *arg)
{
	return become_ids(OTHER_USER, OTHER_USER, OTHER_USER);
}

static inline int stay_root(const void *arg)
{
	return settle();
}

/*
 * --- services opened by another process -------------------------------------
 */

/*
 * struct opener - a child that opens a service and sends it to the test
 * @become:	gives the child its identity; gets @arg
 * @arg:	for @become
 * @terms:	what the service is opened for
 * @afterwards:	what the child does once it has sent the descriptor; NULL if it
 *		only waits for its end
 * @link:	the child's end of a socket pair
 */
struct opener {
	int (*become)(const void *arg);
	const void *arg;
	struct service_terms terms;
	int (*afterwards)(void);
	int link;
};

/*
 * Runs in the child.  The child stays, since a user's service ends with its
 * opener.  A process that changes its ids loses its parent-death signal, so it
 * is set here once more.
 */
static inline int open_and_send(const void *arg)
{
	const struct opener *opener = arg;
	int fd, ret = opener->become(opener->arg);

	if (ret)
		return ret;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = service_open_with(&opener->terms);
	if (fd < 0)
		return fd;
	if (send_descriptor(opener->link, fd) != 1)
		return -EIO;
	syscall(__NR_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	if (opener->afterwards)
		return opener->afterwards();
	for (;;)
		pause();
}

/*
 * Starts the child, stores its id in @pid, and returns the service's descriptor.
 * The service has the identity of the child, whichever process uses the
 * descriptor.  The child lives as long as the test and keeps no descriptor.
 */
static inline int service_of_opener(struct opener *opener, pid_t *pid)
{
	int link[2], fd;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link))
		return -errno;
	opener->link = link[1];
	*pid = task_start(open_and_send, opener);
	close(link[1]);
	fd = receive_descriptor(link[0]);
	close(link[0]);
	return fd < 0 ? task_result(*pid) ?: -EIO : fd;
}

/* The same for a child that waits after @become. */
static inline int service_of_process(int (*become)(const void *arg),
				     const void *arg,
				     const struct service_terms *terms,
				     pid_t *pid)
{
	struct opener opener = {
		.become = become, .arg = arg, .terms = *terms,
	};

	return service_of_opener(&opener, pid);
}

static inline int service_of_params(int (*become)(const void *arg),
				    const void *arg,
				    const struct service_terms *params)
{
	pid_t opener;

	return service_of_process(become, arg, params, &opener);
}

static inline int service_of(int (*become)(const void *arg), const void *arg,
			     uint32_t scope, const char *type)
{
	const struct service_terms params = {
		.scope = scope, .type = type,
	};

	return service_of_params(become, arg, &params);
}

/*
 * Copies the running program to @path, with this owner and these rights, for
 * tests of set-user-id programs.  Returns 0 or a negative errno.
 */
static inline int copy_own_program(const char *path, uid_t owner, mode_t mode)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), out;
	char buffer[65536];
	ssize_t len;

	unlink(path);
	out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (in < 0 || out < 0)
		return -errno;
	while ((len = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, len) != len)
			return -EIO;
	if (fchown(out, owner, owner) || fchmod(out, mode))
		return -errno;
	close(in);
	return close(out) ? -errno : 0;
}

/*
 * Returns 1 if the service gets the request and its answer is used, 0 if the
 * helper's answer is, and a negative errno otherwise.
 */
static inline int answers(int fd, struct question *question)
{
	struct service_record record;
	pid_t asker;
	int ret;

	question->steps = HELPER_ANSWERS;
	question->reads = NULL;
	asker = question_start(question);
	for (int ms = 0; ms < TASK_LIMIT_MS; ms += 5) {
		if (service_readable(fd, 5))
			break;
		if (task_ended(asker, 0))
			return task_result(asker);
	}
	ret = service_next(fd, &record);
	if (ret < 0)
		return ret;
	ret = service_answer(fd, record.head.id, "p", 1);
	return ret ?: task_result(asker) ?: 1;
}

#endif /* SELFTESTS_KEYS_KEY_SERVICE_WHO_H */
