// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: the route of the helper program.
 *
 * The program runs as root in the initial namespaces.  It is told serial
 * numbers and ids on its command line, and finds the authority to answer in its
 * session keyring.  Nobody sleeps in the call that starts it: its end is
 * reported to key_helper_ended(), whether the requester still waits or not.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/umh.h>
#include <linux/user_namespace.h>
#include <trace/events/key_request.h>
#include "helper.h"

char *key_request_helper = CONFIG_KEYS_REQUEST_HELPER_PATH;

static int __init key_helper_set_path(char *path)
{
	if (*path)
		key_request_helper = path;
	return 1;
}
__setup("request_key_helper=", key_helper_set_path);

static char *kernel_env[] = {
	"HOME=/",
	"PATH=/sbin:/bin:/usr/sbin:/usr/bin",
	"KEY_REQUEST_ORIGIN=kernel",
	NULL
};

static char *user_env[] = {
	"HOME=/",
	"PATH=/sbin:/bin:/usr/sbin:/usr/bin",
	"KEY_REQUEST_ORIGIN=user",
	NULL
};

static int key_helper_set_arguments(struct key_helper *helper)
{
	const struct cred *cred = current_cred();
	struct key_request *req = helper->req;
	s32 ids[HELPER_IDS] = {
		key_serial(key_request_key(req)),
		from_kuid(&init_user_ns, cred->fsuid),
		from_kgid(&init_user_ns, cred->fsgid),
		key_serial(cred->thread_keyring),
		key_serial(cred->process_keyring),
	};
	char **arg = helper->argv;
	int i, ret;

	ret = key_search_session(cred, &ids[HELPER_IDS - 1]);
	if (ret < 0)
		return ret;

	*arg++ = key_request_helper;
	*arg++ = req->rka.op;
	for (i = 0; i < HELPER_IDS; i++) {
		snprintf(helper->ids[i], sizeof(helper->ids[i]), "%d", ids[i]);
		*arg++ = helper->ids[i];
	}
	*arg = NULL;
	return 0;
}

/*
 * Make the session keyring of the program, with the authority in it.
 */
static struct key *key_helper_make_session(const struct key_request *req,
					   struct key *authkey)
{
	const struct cred *cred = current_cred();
	char name[sizeof("_req.") + KEY_REQUEST_DECIMAL_SIZE];
	struct key *session;
	int ret;

	snprintf(name, sizeof(name), "_req.%d",
		 key_serial(key_request_key(req)));
	session = keyring_alloc(name, cred->fsuid, cred->fsgid, cred,
				KEY_POS_ALL | KEY_USR_VIEW | KEY_USR_READ,
				KEY_ALLOC_QUOTA_OVERRUN, NULL, NULL);
	if (IS_ERR(session))
		return session;

	ret = key_link(session, authkey);
	if (ret < 0) {
		key_put(session);
		return ERR_PTR(ret);
	}
	return session;
}

/*
 * Free a helper that is loaded, or will not be started.
 */
void key_helper_free(struct key_helper *helper)
{
	key_put(helper->session);
	if (!helper->watched)
		key_helper_watch_free(helper->watch);
	kfree(helper);
}

static struct key_helper *key_helper_alloc(struct key_request *req,
					   struct key *authkey)
{
	struct key_helper *helper;
	int ret;

	helper = kzalloc(sizeof(*helper), GFP_KERNEL);
	if (!helper)
		return ERR_PTR(-ENOMEM);
	helper->req = req;
	helper->watch = key_helper_watch_alloc(req);
	if (!helper->watch) {
		ret = -ENOMEM;
		goto error;
	}

	helper->session = key_helper_make_session(req, authkey);
	if (IS_ERR(helper->session)) {
		ret = PTR_ERR(helper->session);
		helper->session = NULL;
		goto error;
	}
	ret = key_helper_set_arguments(helper);
	if (ret < 0)
		goto error;
	return helper;

error:
	key_helper_free(helper);
	return ERR_PTR(ret);
}

/* Runs in the program's process, before the program is loaded */
static int key_helper_starts(struct subprocess_info *info, struct cred *cred)
{
	struct key_helper *helper = info->data;
	int ret;

	ret = install_session_keyring_to_cred(cred, helper->session);
	if (ret < 0)
		return ret;
	trace_key_request_deliver(helper->req->id,
				  key_request_key(helper->req),
				  task_pid_nr(current));
	key_helper_watch_begin(helper->watch);
	helper->watched = true;
	return 0;
}

/*
 * The program has ended with a wait status, or could not be started.
 */
void key_helper_ended(struct key_request *req, int status)
{
	struct key *key = key_request_key(req);

	if (status < 0) {
		key_request_end(req, NULL, status, KEY_CAUSE_NO_HELPER);
		return;
	}

	req->exit_status = status;
	if (key_under_construction(key) || key_validate(key) < 0)
		key_request_end(req, NULL, -ENOKEY, KEY_CAUSE_NO_ANSWER);
	else
		key_request_end(req, NULL, 0, KEY_CAUSE_ANSWER);
}

/*
 * Runs once: in the program's process, when the program is loaded or cannot be;
 * elsewhere, when there is no such process.
 */
static void key_helper_is_loaded(struct subprocess_info *info)
{
	struct key_helper *helper = info->data;
	int error = info->retval;

	if (error < 0 && helper->watched)
		key_helper_watch_fail(helper->watch, error);
	else if (error < 0)
		key_helper_ended(helper->req, error);
	else if (!helper->watched)
		set_bit(KEY_REQUEST_NOT_RUN, &helper->req->flags);
	key_helper_free(helper);
	key_sleep_allow();
}

/*
 * Start the program.  Frees the helper, now or once it is loaded.
 */
static int key_helper_start(struct key_request *req, struct key_helper *helper)
{
	char **env = req->origin == KEY_ORIGIN_KERNEL ? kernel_env : user_env;
	struct subprocess_info *info;
	int ret;

	if (!key_sleep_delay(false)) {
		key_helper_free(helper);
		return -EBUSY;
	}
	info = call_usermodehelper_setup(helper->argv[0], helper->argv, env,
					 GFP_KERNEL, key_helper_starts,
					 key_helper_is_loaded, helper);
	if (!info) {
		key_helper_free(helper);
		key_sleep_allow();
		return -ENOMEM;
	}

	/* From here on key_helper_is_loaded() is going to be called, whatever happens */
	ret = call_usermodehelper_exec(info, UMH_NO_WAIT);

	/* A kernel built to run no helpers at all calls that a success */
	if (ret == 0 && test_bit(KEY_REQUEST_NOT_RUN, &req->flags))
		return -ENOKEY;
	return ret;
}

/*
 * Start a program that has waited for its turn.
 */
void key_helper_start_late(struct key_helper *helper)
{
	struct key_request *req = helper->req;
	int ret = 0;

	refcount_inc(&req->rka.usage);
	if (test_bit(KEY_REQUEST_ENDED, &req->flags))
		key_helper_free(helper);
	else
		ret = key_helper_start(req, helper);
	if (ret < 0)
		key_request_end(req, NULL, ret, KEY_CAUSE_SETUP);
	key_request_put(req);
}

/*
 * Start the program now, or when it is its turn.  The time limit is for both: it
 * ends a request that waits behind programs which hang.
 */
static int key_helper_run(struct key_request *req, struct key_helper *helper)
{
	int ret;

	key_request_set_deadline(req, READ_ONCE(key_request_timeout) * HZ);
	ret = key_helper_queue(helper);
	if (ret > 0)
		return key_helper_start(req, helper);
	if (ret < 0)
		key_helper_free(helper);
	return ret;
}

static int key_helper_ask(struct key_request *req, void *aux)
{
	struct key_helper *helper;
	struct key *authkey;
	int ret;

	/* A service may have had it while its task was killed, see key_request_abandon() */
	smp_mb();
	if (READ_ONCE(req->state) == KEY_REQUEST_ABANDONED &&
	    !key_request_leave(req))
		return -EBUSY;

	authkey = request_key_auth_new(&req->rka);
	if (IS_ERR(authkey))
		return PTR_ERR(authkey);

	ret = 0;
	if (!key_request_keep_authkey(req, authkey))
		goto out;
	helper = key_helper_alloc(req, authkey);
	ret = IS_ERR(helper) ? PTR_ERR(helper) : key_helper_run(req, helper);
out:
	key_put(authkey);
	return ret;
}

const struct key_request_route key_route_helper = {
	.name		= "helper",
	.waits		= true,
	.start		= key_helper_ask,
	.may_leave	= key_request_leave,
	.forget		= key_helper_forget,
};
