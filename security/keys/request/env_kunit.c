// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: functions that the KUnit tests share.
 */

#include <linux/completion.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/workqueue.h>
#include "kunit.h"

int (*request_behaviour)(struct key *authkey);
void *request_seen_aux;
int request_times_asked;

static struct key *kept_authkey;
static struct delayed_work late_work;

static int test_instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	return 0;
}

static int test_actor(struct key *authkey, void *aux)
{
	request_seen_aux = aux;
	request_times_asked++;
	return request_behaviour(authkey);
}

struct key_type request_test_type = {
	.name		= "request_kunit",
	.instantiate	= test_instantiate,
	.request_key	= test_actor,
};

struct key_type request_helped_type = {
	.name		= "request_kunit_helped",
	.instantiate	= test_instantiate,
};

int request_answer(struct key *authkey)
{
	struct key *key = get_request_key_auth(authkey)->target_key;

	return key_instantiate_and_link(key, NULL, 0, NULL, authkey);
}

int request_answers(struct key *authkey)
{
	int ret = request_answer(authkey);

	complete_request_key(authkey, ret);
	return ret;
}

int request_fails(struct key *authkey)
{
	complete_request_key(authkey, -ECONNRESET);
	return -ECONNRESET;
}

int request_lies(struct key *authkey)
{
	complete_request_key(authkey, 0);
	return 0;
}

int request_forgets(struct key *authkey)
{
	return 0;
}

int request_keeps(struct key *authkey)
{
	kept_authkey = key_get(authkey);
	return 0;
}

/*
 * Return: the authorisation key, with the reference that was kept.
 */
struct key *request_kept(void)
{
	struct key *authkey = kept_authkey;

	kept_authkey = NULL;
	return authkey;
}

static void answer_late(struct work_struct *work)
{
	struct key *authkey = request_kept();

	request_answers(authkey);
	/* A second completion must not count */
	complete_request_key(authkey, -EIO);
	key_put(authkey);
}

int request_answers_late(struct key *authkey)
{
	request_keeps(authkey);
	schedule_delayed_work(&late_work,
			      msecs_to_jiffies(REQUEST_TEST_DELAY_MS));
	return 0;
}

struct key *request_test_key(void *aux)
{
	return request_key_with_auxdata(&request_test_type, "d", NULL, "", 0,
					aux);
}

struct key *request_test_key_async(void *aux)
{
	return request_key_async_with_auxdata(&request_test_type, "d", "", 0,
					      aux);
}

/*
 * The keyring that a test's requests search, and that gets their keys.
 */
struct key *request_test_keyring(struct kunit *test)
{
	struct requester *requester = test->priv;

	return requester->cred->thread_keyring;
}

int request_test_init(struct kunit *test)
{
	struct requester *requester;
	struct key *keyring;

	requester = kunit_kzalloc(test, sizeof(*requester), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, requester);
	requester->cred = prepare_kernel_cred(&init_task);
	KUNIT_ASSERT_NOT_NULL(test, requester->cred);
	keyring = keyring_alloc(".request_kunit", GLOBAL_ROOT_UID,
				GLOBAL_ROOT_GID, requester->cred,
				KEY_POS_ALL | KEY_USR_ALL,
				KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, keyring);
	requester->cred->thread_keyring = keyring;
	requester->old = override_creds(requester->cred);
	test->priv = requester;

	KUNIT_ASSERT_EQ(test, 0, register_key_type(&request_test_type));
	KUNIT_ASSERT_EQ(test, 0, register_key_type(&request_helped_type));
	INIT_DELAYED_WORK(&late_work, answer_late);
	request_behaviour = request_answers;
	request_seen_aux = NULL;
	request_times_asked = 0;
	return 0;
}

void request_test_exit(struct kunit *test)
{
	struct requester *requester = test->priv;

	flush_delayed_work(&late_work);
	key_put(request_kept());
	unregister_key_type(&request_helped_type);
	unregister_key_type(&request_test_type);
	revert_creds(requester->old);
	put_cred(requester->cred);
}

/**
 * struct program - a task that looks like a program in a system call
 * @test: The test.
 * @body: The function that the task runs.
 * @done: Completed when @body has returned.
 */
struct program {
	struct kunit		*test;
	void			(*body)(struct kunit *test);
	struct completion	done;
};

static int run_program(void *data)
{
	struct program *program = data;
	struct cred *cred = prepare_creds();
	unsigned long flags;

	/* Signals as a program has them, which threads of the kernel ignore */
	if (lock_task_sighand(current, &flags)) {
		flush_signal_handlers(current, 1);
		unlock_task_sighand(current, &flags);
	}

	if (cred) {
		key_put(cred->thread_keyring);
		cred->thread_keyring =
			key_get(request_test_keyring(program->test));
		commit_creds(cred);
		program->body(program->test);
	} else {
		KUNIT_FAIL(program->test, "no memory for credentials");
	}
	complete(&program->done);
	do_exit(0);
}

/*
 * A kernel thread has no cache of a key and gets no signals, so tests of these
 * run in a task of their own.  A failed assertion would not be caught in that
 * task: use EXPECT, not ASSERT.
 */
void request_as_program(struct kunit *test, void (*body)(struct kunit *test))
{
	struct program program = { .test = test, .body = body };
	pid_t pid;

	init_completion(&program.done);
	pid = user_mode_thread(run_program, &program, CLONE_PARENT | SIGCHLD);
	KUNIT_ASSERT_GT(test, pid, 0);
	wait_for_completion(&program.done);
}
