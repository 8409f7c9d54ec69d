// SPDX-License-Identifier: GPL-2.0-only
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <key_service.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expand.h"
#include "keys.h"
#include "pids.h"
#include "tree.h"

#define EXIT_NOT_RUN	126
#define HANDLER_UMASK	022

/* The first descriptor is the reader's. */
struct pipes {
	int in[2];
	int out[2];
	int err[2];
};

/* In the keeper, and in the handler until its program runs. */
static struct child_report *report;

/* Standard error is a pipe to the daemon, which escapes and logs the lines. */
__attribute__((noreturn))
static void child_give_up(const char *what)
{
	report->failure = errno;
	dprintf(STDERR_FILENO, "%s: %s\n", what, strerror(errno));
	_exit(EXIT_NOT_RUN);
}

static void child_reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_connect_files(const struct pipes *pipes)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (dup2(pipes->err[1], STDERR_FILENO) < 0)
		child_give_up("dup2");
	if (null < 0)
		child_give_up("/dev/null");
	if (dup2(pipes->in[0] < 0 ? null : pipes->in[0], STDIN_FILENO) < 0 ||
	    dup2(pipes->out[1] < 0 ? null : pipes->out[1], STDOUT_FILENO) < 0)
		child_give_up("dup2");
}

static void child_take_authority(const struct child_plan *plan)
{
	if (key_new_session())
		child_give_up("cannot make a session keyring");
	if (key_service_assume(plan->service, plan->id,
			       KEY_SPEC_SESSION_KEYRING) < 0)
		child_give_up("cannot get the authority to answer");
	if (key_assume_authority(plan->request->key))
		child_give_up("cannot assume the authority to answer");
}

/* The sets that a program inherits go with the others, and the ambient ones with these. */
static int child_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(__NR_capset, &header, none);
}

/*
 * Drops all capabilities, and every way to get any.  A change of the user drops them
 * only if it is one from root to another user.  Without new privileges the program has
 * none either, though it be root's.  The authority remains, since the process has
 * assumed it.
 */
static void child_become_user(const struct rule_options *options)
{
	if (setgroups(0, NULL) ||
	    setresgid(options->gid, options->gid, options->gid) ||
	    setresuid(options->uid, options->uid, options->uid))
		child_give_up("cannot become the user of the rule");
	if (child_drop_capabilities())
		child_give_up("cannot drop capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		child_give_up("prctl");
}

/*
 * KEY_REQUEST_PID tells the handler the requester's process id in the daemon's
 * pid namespace.  A description of the kernel has the id in the initial pid
 * namespace.  A handler in a pid namespace of its own would take another process
 * for the requester, so it is not told.
 */
__attribute__((noreturn))
static void child_execute(const struct child_plan *plan, char **argv)
{
	char pid[sizeof("KEY_REQUEST_PID=-2147483648")];
	char *env[] = {
		"HOME=/",
		"PATH=/sbin:/bin:/usr/sbin:/usr/bin",
		plan->request->from_kernel ? "KEY_REQUEST_ORIGIN=kernel" :
					     "KEY_REQUEST_ORIGIN=user",
		plan->request->pid && !pids_are_private() ? pid : NULL,
		NULL
	};

	snprintf(pid, sizeof(pid), "KEY_REQUEST_PID=%" PRId32,
		 plan->request->pid);
	execve(plan->rule->program, argv, env);
	child_give_up(plan->rule->program);
}

__attribute__((noreturn))
static void child_run(const struct child_plan *plan, const struct pipes *pipes)
{
	const char *failed;
	char **argv;

	child_connect_files(pipes);
	child_reset_signals();
	setsid();
	if (pids_join())
		child_give_up("cannot hide processes");
	umask(HANDLER_UMASK);
	if (chdir("/"))
		child_give_up("/");
	child_take_authority(plan);
	failed = expand_rule(plan->rule, plan->op, plan->request, &argv);
	if (failed)
		child_give_up(failed);
	/*
	 * Closes all other descriptors of the daemon, including those of
	 * libraries.
	 */
	if (syscall(__NR_close_range, STDERR_FILENO + 1, ~0U, 0))
		child_give_up("close_range");
	if (plan->rule->options.as_user)
		child_become_user(&plan->rule->options);
	/* Last, since a change of the user would undo it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		child_give_up("prctl");
	child_execute(plan, argv);
}

__attribute__((noreturn))
static void keeper_give_up(void)
{
	report->failure = errno;
	_exit(EXIT_NOT_RUN);
}

/* Orphans of the handler come here as well, and nobody else waits for them. */
__attribute__((noreturn))
static void keeper_wait(pid_t handler)
{
	pid_t ended;

	do {
		ended = waitpid(-1, &report->status, 0);
		if (ended < 0 && errno != EINTR)
			keeper_give_up();
	} while (ended != handler);
	_exit(EXIT_SUCCESS);
}

/*
 * All that comes from the handler descends from this process: orphans, also of a handler
 * that has ceased to be a subreaper, and what it forks by CLONE_PARENT.  A handler that
 * were the root of its tree could lose both.  The pipes and services are not to stay open
 * because of this process, which outlives the daemon if that is killed.
 */
__attribute__((noreturn))
static void keeper_run(const struct child_plan *plan, const struct pipes *pipes)
{
	pid_t handler;

	setsid();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		keeper_give_up();
	handler = fork();
	if (!handler)
		child_run(plan, pipes);
	if (handler < 0)
		keeper_give_up();
	syscall(__NR_close_range, 0, ~0U, 0);
	keeper_wait(handler);
}

static void child_close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void child_close_pipes(struct pipes *pipes)
{
	for (int i = 0; i < 2; i++) {
		child_close_end(&pipes->in[i]);
		child_close_end(&pipes->out[i]);
		child_close_end(&pipes->err[i]);
	}
}

static int child_open_pipes(struct pipes *pipes, bool all)
{
	static const struct pipes none = { { -1, -1 }, { -1, -1 }, { -1, -1 } };

	*pipes = none;
	if (pipe2(pipes->err, O_CLOEXEC))
		return -1;
	if (all && (pipe2(pipes->in, O_CLOEXEC) ||
		    pipe2(pipes->out, O_CLOEXEC))) {
		child_close_pipes(pipes);
		return -1;
	}
	return 0;
}

/* Only the daemon's ends do not block: a handler expects blocking files. */
static int child_keep(int *fd)
{
	int kept = *fd;

	*fd = -1;
	if (kept >= 0)
		fcntl(kept, F_SETFL, O_NONBLOCK);
	return kept;
}

static struct child_report *child_share_report(void)
{
	void *shared = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return shared == MAP_FAILED ? NULL : shared;
}

static void child_take_ends(struct child *child, struct pipes *pipes)
{
	child->in = child_keep(&pipes->in[1]);
	child->out = child_keep(&pipes->out[0]);
	child->err = child_keep(&pipes->err[0]);
}

int child_start(struct child *child, const struct child_plan *plan)
{
	struct pipes pipes;
	int saved;

	if (child_open_pipes(&pipes, plan->rule->pipe))
		return -1;
	report = child_share_report();
	if (!report)
		goto fail;
	child->pid = fork();
	if (!child->pid)
		keeper_run(plan, &pipes);
	if (child->pid < 0)
		goto fail;
	child->report = report;
	child_take_ends(child, &pipes);
	child_close_pipes(&pipes);
	return 0;

fail:
	saved = errno;
	if (report)
		munmap(report, sizeof(*report));
	child_close_pipes(&pipes);
	child->pid = 0;
	errno = saved;
	return -1;
}

void child_kill(const struct child *child)
{
	tree_kill(child->pid);
}

int child_failure(const struct child *child)
{
	return child->report ? child->report->failure : 0;
}

int child_status(const struct child *child, int status)
{
	return WIFEXITED(status) && !WEXITSTATUS(status) && child->report ?
	       child->report->status : status;
}

void child_close(struct child *child)
{
	child_close_end(&child->in);
	child_close_end(&child->out);
	child_close_end(&child->err);
	if (child->report)
		munmap(child->report, sizeof(*child->report));
	child->report = NULL;
	child->pid = 0;
}
