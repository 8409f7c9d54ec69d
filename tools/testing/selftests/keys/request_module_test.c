// SPDX-License-Identifier: GPL-2.0-only
/*
 * A helper that makes the kernel load a module which has key types.
 *
 * The helper opens a socket of RxRPC: the kernel then loads the module, which
 * registers its key types before it is ready.
 */
#include "request_module.h"
#include "request_script.h"

#include "../kselftest_harness.h"

FIXTURE(module)
{
	struct script script;
	struct script_report report;
};

FIXTURE_SETUP(module)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	ASSERT_LT(0, session_new());
	ASSERT_EQ(0, script_open(&self->script));
	ASSERT_EQ(0, modules_unload());
	if (key_type_known())
		SKIP(return, "needs CONFIG_AF_RXRPC=m");
}

FIXTURE_TEARDOWN(module)
{
	script_close(&self->script);
}

/* Shows: RK-W6, RK-D13. The module is loaded, and the request answered. */
TEST_F(module, loaded_by_helper)
{
	char steps[32];

	REQUIRE_REQUEST_OURS("RK-D13: helper and module would wait for ever");
	snprintf(steps, sizeof(steps), "A;M%d;I0,p", AF_RXRPC);
	EXPECT_LT(0, script_user_key("d", steps, 0));
	EXPECT_LE(0, script_result(&self->script, 'M', &self->report));
	EXPECT_TRUE(module_loaded(MODULE));
	EXPECT_TRUE(key_type_known());
}

static int load_module(const void *arg)
{
	return open_socket();
}

/* Returns whether the task ends while a request is under way. */
static bool is_over(pid_t task)
{
	return task_ended(task, request_ours ? TASK_LIMIT_MS : 1000);
}

/*
 * Shows: RK-33, RK-W6, RK-D13. Others may load modules and add keys during a
 * request.
 */
TEST_F(module, loaded_beside_request)
{
	pid_t asker = script_user_key_child("d", "A;W;I0,p", 0), loader;

	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	loader = task_start(load_module, NULL);
	EXPECT_EQ(request_ours, is_over(loader));
	/*
	 * If one task waited for the registry's lock, all others would wait
	 * behind it
	 */
	if (request_ours)
		EXPECT_TRUE(key_type_known());
	script_go(&self->script);
	EXPECT_EQ(0, task_result(asker));
	EXPECT_EQ(0, task_result(loader));
	EXPECT_TRUE(key_type_known());
}

static int unload_module(const void *arg)
{
	return modules_unload();
}

/* Shows: RK-W6, RK-D14. Unregistering a type ends the requests for its keys. */
TEST_F(module, unloaded_under_request)
{
	struct script_request request = {
		.type = KEY_TYPE, .description = "d", .steps = "A;W",
		.test = getpid(),
	};
	pid_t asker, unloader;

	ASSERT_EQ(0, open_socket());
	asker = task_start(script_ask_child, &request);
	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	unloader = task_start(unload_module, NULL);
	EXPECT_EQ(request_ours, is_over(unloader));
	if (request_ours)
		EXPECT_FALSE(key_type_known());
	script_go(&self->script);
	EXPECT_EQ(-ENOKEY, task_result(asker));
	EXPECT_EQ(0, task_result(unloader));
	EXPECT_FALSE(key_type_known());
}

REQUEST_TEST_MAIN
