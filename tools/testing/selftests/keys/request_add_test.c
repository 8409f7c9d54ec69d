// SPDX-License-Identifier: GPL-2.0-only
/*
 * add_key(2): the order of its errors, and its effect where a request has
 * failed.
 */
#include "request_script.h"

#include "../kselftest_harness.h"

#define BIG_PAYLOAD	"a payload"

static void *const bad_pointer = (void *)1;

FIXTURE(order)
{
	key_serial_t session;
};

FIXTURE_VARIANT(order)
{
	const char *type;
	bool must_be_there;
};

#define ORDER_OF(name, text, required) \
	FIXTURE_VARIANT_ADD(order, name) { \
		.type = text, .must_be_there = required, \
	}

ORDER_OF(user, "user", true);
ORDER_OF(logon, "logon", true);
ORDER_OF(keyring, "keyring", true);
ORDER_OF(big_key, "big_key", true);
ORDER_OF(encrypted, "encrypted", true);
ORDER_OF(trusted, "trusted", true);
ORDER_OF(asymmetric, "asymmetric", true);
ORDER_OF(dns_resolver, "dns_resolver", true);
ORDER_OF(rxrpc, "rxrpc", false);
ORDER_OF(rxrpc_s, "rxrpc_s", false);
ORDER_OF(cifs_spnego, "cifs.spnego", true);
ORDER_OF(cifs_idmap, "cifs.idmap", true);
ORDER_OF(id_resolver, "id_resolver", false);
ORDER_OF(id_legacy, "id_legacy", false);
ORDER_OF(pkcs7, "pkcs7_test", false);
ORDER_OF(ceph, "ceph", false);
ORDER_OF(psk, "psk", false);
ORDER_OF(fscrypt, "fscrypt-provisioning", false);

FIXTURE_SETUP(order)
{
	self->session = session_new();
	ASSERT_LT(0, self->session);
}

FIXTURE_TEARDOWN(order)
{
}

/*
 * The error of a missing type comes after the keyring is found, and otherwise
 * last.
 */
static bool is_registered(const char *type, key_serial_t not_a_keyring)
{
	return key_add(type, "d:d", "p", 1, not_a_keyring) != -ENODEV;
}

/* Shows: RK-150. Errors of the arguments come before the type's refusal. */
TEST_F(order, of_errors)
{
	key_serial_t key = key_add_user("not a keyring", "p", 1);
	key_serial_t ring = keyring_new("ring", self->session);
	key_serial_t closed = keyring_new("closed", self->session);
	const char *type = variant->type;
	char long_text[4096 + 1];

	ASSERT_LT(0, key);
	ASSERT_LT(0, ring);
	ASSERT_EQ(0, key_set_rights(closed,
				    POSSESSOR(RIGHT_ALL & ~RIGHT_WRITE)));
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';

	EXPECT_EQ(-EINVAL, key_add(type, bad_pointer, bad_pointer, 1024 * 1024,
				   closed));
	EXPECT_EQ(-EFAULT, key_add(type, bad_pointer, bad_pointer, 1, closed));
	EXPECT_EQ(-EINVAL, key_add(type, long_text, bad_pointer, 1, closed));
	EXPECT_EQ(-EFAULT, key_add(type, "d:d", NULL, 1, closed));
	EXPECT_EQ(-EFAULT, key_add(type, "d:d", bad_pointer, 4096, closed));
	EXPECT_EQ(-EACCES, key_add(type, "d:d", "p", 1, closed));
	EXPECT_EQ(-ENOKEY, key_add(type, "d:d", "p", 1, key_unused_serial()));
	EXPECT_EQ(-EINVAL, key_add(type, "d:d", "p", 1, KEY_SPEC_GROUP_KEYRING));

	if (!is_registered(type, key)) {
		EXPECT_FALSE(variant->must_be_there);
		return;
	}
	EXPECT_EQ(-ENOTDIR, key_add(type, "d:d", "p", 1, key));
}

FIXTURE(kernel_only)
{
};

FIXTURE_VARIANT(kernel_only)
{
	const char *type;
};

FIXTURE_VARIANT_ADD(kernel_only, spnego) {
	.type = "cifs.spnego",
};

FIXTURE_VARIANT_ADD(kernel_only, idmap) {
	.type = "cifs.idmap",
};

FIXTURE_SETUP(kernel_only)
{
	ASSERT_LT(0, session_new());
}

FIXTURE_TEARDOWN(kernel_only)
{
}

/*
 * Shows: RK-14, RK-150. With valid arguments a program still cannot add such a
 * key.
 */
TEST_F(kernel_only, refused)
{
	key_serial_t member;

	EXPECT_EQ(-EPERM, key_add(variant->type, "d:d", "p", 1,
				  KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(-EPERM, key_add(variant->type, "d:d", NULL, 0,
				  KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, key_read(KEY_SPEC_SESSION_KEYRING, &member,
			      sizeof(member)));
}

FIXTURE(over)
{
	struct script script;
	struct script_report report;
	key_serial_t session;
};

FIXTURE_VARIANT(over)
{
	const char *type;
	const char *payload;
};

FIXTURE_VARIANT_ADD(over, user) {
	.type = "user", .payload = "p",
};

FIXTURE_VARIANT_ADD(over, big_key) {
	.type = "big_key", .payload = BIG_PAYLOAD,
};

FIXTURE_VARIANT_ADD(over, encrypted) {
	.type = "encrypted", .payload = "new user:master 32",
};

FIXTURE_SETUP(over)
{
	REQUIRE_HELPER();
	REQUIRE_REQUEST_SYMBOLS();
	self->session = session_new();
	ASSERT_LT(0, self->session);
	ASSERT_LT(0, key_add_user("master", "0123456789abcdef0123456789abcdef",
				  32));
	ASSERT_EQ(0, script_open(&self->script));
}

FIXTURE_TEARDOWN(over)
{
	script_close(&self->script);
}

static key_serial_t ask(const FIXTURE_VARIANT(over) *variant, const char *steps)
{
	struct script_request request = {
		.type = variant->type, .description = "d", .steps = steps,
		.test = getpid(),
	};

	return script_ask(&request);
}

static key_serial_t add(const FIXTURE_VARIANT(over) *variant)
{
	return key_add(variant->type, "d", variant->payload,
		       strlen(variant->payload), KEY_SPEC_SESSION_KEYRING);
}

/*
 * Shows: RK-D31. add_key(2) inherits neither the failure's expiry nor its
 * error.
 */
TEST_F(over, failure)
{
	key_serial_t key;
	int state;

	EXPECT_EQ(-ECONNREFUSED, ask(variant, "A;" SCRIPT_REJECT_SHORT));
	key = add(variant);
	if (request_ours) {
		ASSERT_LT(0, key);
	} else if (key < 0) {
		/*
		 * Only a type that needs the old payload returns an error at
		 * once
		 */
		EXPECT_EQ(-ENOKEY, key);
		return;
	}
	sleep_ms(SCRIPT_REJECT_PAST_MS);
	state = key_state(key);
	/* An update of a user key sets its expiry anew, on the base too */
	if (request_ours || strcmp(variant->type, "user") == 0) {
		EXPECT_LT(0, state);
	} else {
		EXPECT_EQ(-EKEYEXPIRED, state);
	}
}

/*
 * Shows: RK-D31. A key that is added in place of an expired one has not
 * expired.
 */
TEST_F(over, expired)
{
	key_serial_t old = add(variant), key;

	ASSERT_LT(0, old);
	ASSERT_EQ(0, key_set_to_expire(old));
	ASSERT_EQ(-EKEYEXPIRED, key_wait_expired(old));
	key = add(variant);
	/* An encrypted key only takes updates of its own format */
	if (!request_ours && strcmp(variant->type, "encrypted") == 0) {
		EXPECT_GT(0, key);
		return;
	}
	ASSERT_LT(0, key);
	if (request_ours || strcmp(variant->type, "user") == 0) {
		EXPECT_LT(0, key_state(key));
	} else {
		EXPECT_EQ(-EKEYEXPIRED, key_state(key));
	}
	if (request_ours)
		EXPECT_NE(old, key);
}

static int add_child(const void *arg)
{
	const FIXTURE_VARIANT(over) *variant = arg;
	key_serial_t key = add(variant);

	if (key < 0)
		return key;
	return key_state(key) < 0 ? key_state(key) : 0;
}

static int ask_child(const void *arg)
{
	const FIXTURE_VARIANT(over) *variant = arg;
	struct script_request request = {
		.type = variant->type, .description = "d", .steps = "A;W;R60,111,0",
		.test = getppid(),
	};

	return script_ask_child(&request);
}

/*
 * Shows: RK-72, RK-D31. add_key(2) during a request does not return the
 * request's failure.
 */
TEST_F(over, request_under_way)
{
	pid_t asker = task_start(ask_child, variant), adder;

	ASSERT_LT(0, script_result(&self->script, 'A', &self->report));
	adder = task_start(add_child, variant);
	ASSERT_TRUE(task_sleeps_in(adder, __NR_add_key));
	script_go(&self->script);
	EXPECT_EQ(0, script_result(&self->script, 'R', &self->report));
	EXPECT_EQ(request_ours ? 0 : -ECONNREFUSED, task_result(adder));
	EXPECT_EQ(-ECONNREFUSED, task_result(asker));
}

REQUEST_TEST_MAIN
