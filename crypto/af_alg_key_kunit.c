// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of af_alg_key.c, for facts that user space cannot see: the exact
 * bytes that reach an algorithm, keys in states that no system call makes, and
 * events between the search for a key and its use.
 */

#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/key-type.h>
#include <linux/key.h>
#include <linux/kthread.h>
#include <linux/net.h>
#include <linux/rwsem.h>
#include <crypto/if_alg.h>
#include <keys/encrypted-type.h>
#include <keys/user-type.h>
#include <net/net_namespace.h>
#include <keys/trusted-type.h>

#include "af_alg_key.h"

#define SECRET		"sixteen is fine."
#define SECRET_LEN	(sizeof(SECRET) - 1)
/* How long a thread may take to go to sleep, even on an emulated machine. */
#define PATIENCE	500
#define STEP_MS		20

/* An algorithm that remembers its key. */
static struct {
	const u8 *key;
	unsigned int len;
	struct key *watched;
	bool locked;
	int err;
} seen;

static void *recorder_bind(const char *name, u32 type, u32 mask)
{
	return &seen;
}

static void recorder_release(void *private)
{
}

static int recorder_setkey(void *private, const u8 *key, unsigned int len)
{
	seen.key = key;
	seen.len = len;
	seen.locked = rwsem_is_locked(&seen.watched->sem);
	return seen.err;
}

static struct proto_ops recorder_ops = {
	.family = PF_ALG,
};

static const struct af_alg_type recorder = {
	.bind = recorder_bind,
	.release = recorder_release,
	.setkey = recorder_setkey,
	.ops = &recorder_ops,
	.owner = THIS_MODULE,
	.name = "recorder",
};

static const struct af_alg_type keyless = {
	.bind = recorder_bind,
	.release = recorder_release,
	.ops = &recorder_ops,
	.owner = THIS_MODULE,
	.name = "keyless",
};

/* Key types whose payload the test chooses freely. */
static int take_pointer(struct key *key, struct key_preparsed_payload *prep)
{
	rcu_assign_keypointer(key, (void *)prep->data);
	return 0;
}

static struct key_type fake_encrypted = {
	.name = "encrypted",
	.instantiate = take_pointer,
};

static struct key_type fake_trusted = {
	.name = "trusted",
	.instantiate = take_pointer,
};

static struct key_type fake_other = {
	.name = "kunit_other",
	.instantiate = take_pointer,
};

static struct socket *open_socket(struct kunit *test, const char *type)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG };
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, AF_ALG,
						  SOCK_SEQPACKET, 0, &sock));
	strscpy((char *)address.salg_type, type, sizeof(address.salg_type));
	strscpy((char *)address.salg_name, "any", sizeof(address.salg_name));
	KUNIT_ASSERT_EQ(test, 0, kernel_bind(sock, (struct sockaddr *)&address,
					     sizeof(address)));
	return sock;
}

static struct key *alloc_key(struct kunit *test, struct key_type *type)
{
	struct key *key;

	key = key_alloc(type, "kunit", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
			current_cred(), KEY_POS_ALL | KEY_USR_ALL,
			KEY_ALLOC_NOT_IN_QUOTA, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	return key;
}

static struct key *make_key(struct kunit *test, struct key_type *type,
			    const void *data, size_t len)
{
	struct key *key = alloc_key(test, type);

	KUNIT_ASSERT_EQ(test, 0, key_instantiate_and_link(key, data, len, NULL,
							  NULL));
	return key;
}

static int set_serial(struct socket *sock, key_serial_t serial)
{
	return af_alg_set_key_by_serial(sock, KERNEL_SOCKPTR(&serial),
					sizeof(serial));
}

static void expect_result(struct kunit *test, struct key *key, int result)
{
	struct socket *sock = open_socket(test, "recorder");

	memset(&seen, 0, sizeof(seen));
	seen.watched = key;
	KUNIT_EXPECT_EQ(test, result, set_serial(sock, key_serial(key)));
	sock_release(sock);
}

static void borrow_type(struct kunit *test, struct key_type *type)
{
	int err = register_key_type(type);

	if (err == -EEXIST)
		kunit_skip(test, "the real key type %s is built in", type->name);
	KUNIT_ASSERT_EQ(test, 0, err);
}

/*
 * Shows: AA-3, AA-42, AA-60, AA-61. The algorithm gets a pointer to the payload
 * itself, so no copy has to be wiped.  This is better than AA-60: nobody can
 * change the key during the call.
 */
static void user_key_is_not_copied(struct kunit *test)
{
	struct key *key = make_key(test, &key_type_user, SECRET, SECRET_LEN);

	expect_result(test, key, 0);
	KUNIT_EXPECT_EQ(test, (unsigned int)SECRET_LEN, seen.len);
	KUNIT_EXPECT_TRUE(test, seen.locked);
	KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&key->sem));
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, (const u8 *)user_key_payload_rcu(key)->data,
			    seen.key);
	rcu_read_unlock();
	key_put(key);
}

/*
 * Shows: AA-15. All algorithm types of the base have a setkey operation; the
 * test brings one that has none.
 */
static void type_without_setkey(struct kunit *test)
{
	struct key *key = make_key(test, &key_type_user, SECRET, SECRET_LEN);
	struct socket *sock = open_socket(test, "keyless");

	KUNIT_EXPECT_EQ(test, -ENOPROTOOPT, set_serial(sock, key_serial(key)));
	/* The kernel answers before it looks at the value. */
	KUNIT_EXPECT_EQ(test, -ENOPROTOOPT,
			af_alg_set_key_by_serial(sock, KERNEL_SOCKPTR(NULL), 0));
	sock_release(sock);
	key_put(key);
}

/* Shows: AA-31. */
static void never_built(struct kunit *test)
{
	struct key *key = alloc_key(test, &key_type_user);

	expect_result(test, key, -EIO);
	key_put(key);
}

/*
 * Shows: AA-43, AA-46, AA-70. The kernel knows the type by its name alone.  The
 * plaintext may stand anywhere in the payload, as it does in the ecryptfs
 * format.
 */
static void encrypted_plaintext(struct kunit *test)
{
	static u8 token[] = "auth token with " SECRET " inside";
	static struct encrypted_key_payload payload = {
		.decrypted_data = token + 16,
		.decrypted_datalen = SECRET_LEN,
		.payload_datalen = SECRET_LEN,
		.datablob_len = 99,
	};
	struct key *key;

	borrow_type(test, &fake_encrypted);
	key = make_key(test, &fake_encrypted, &payload, sizeof(payload));
	expect_result(test, key, 0);
	KUNIT_EXPECT_PTR_EQ(test, (const u8 *)token + 16, seen.key);
	KUNIT_EXPECT_EQ(test, (unsigned int)SECRET_LEN, seen.len);
	key_put(key);
	unregister_key_type(&fake_encrypted);
}

/*
 * Shows: AA-44, AA-46, AA-70. The longest key does not include the last byte.
 */
static void trusted_length(struct kunit *test)
{
	static struct trusted_key_payload payload = {
		.key_len = MAX_KEY_SIZE,
		.blob_len = MAX_BLOB_SIZE,
	};
	struct key *key;

	borrow_type(test, &fake_trusted);
	key = make_key(test, &fake_trusted, &payload, sizeof(payload));
	expect_result(test, key, 0);
	KUNIT_EXPECT_PTR_EQ(test, (const u8 *)payload.key, seen.key);
	KUNIT_EXPECT_EQ(test, 128U, seen.len);
	key_put(key);
	unregister_key_type(&fake_trusted);
}

/* Shows: AA-45. A key of an unknown type gives nothing away. */
static void other_type(struct kunit *test)
{
	struct key *key;

	borrow_type(test, &fake_other);
	key = make_key(test, &fake_other, SECRET, SECRET_LEN);
	expect_result(test, key, -ENOPROTOOPT);
	KUNIT_EXPECT_NULL(test, seen.key);
	key_put(key);
	unregister_key_type(&fake_other);
}

/* Shows: AA-25. Keys of a type that was unregistered are dead. */
static void unregistered_type(struct kunit *test)
{
	static struct encrypted_key_payload payload;
	struct key *key;

	borrow_type(test, &fake_encrypted);
	key = make_key(test, &fake_encrypted, &payload, sizeof(payload));
	unregister_key_type(&fake_encrypted);
	expect_result(test, key, -EKEYREVOKED);
	KUNIT_EXPECT_NULL(test, seen.key);
	key_put(key);
}

/* Shows: AA-48. The caller gets the error of the algorithm. */
static void algorithm_refuses(struct kunit *test)
{
	struct key *key = make_key(test, &key_type_user, SECRET, SECRET_LEN);
	struct socket *sock = open_socket(test, "recorder");

	seen.watched = key;
	seen.err = -EINVAL;
	KUNIT_EXPECT_EQ(test, -EINVAL, set_serial(sock, key_serial(key)));
	seen.err = 0;
	sock_release(sock);
	key_put(key);
}

/* A call that waits for a key, and its result. */
struct call {
	struct socket *sock;
	key_serial_t serial;
	struct task_struct *task;
	int result;
};

static int call_thread(void *data)
{
	struct call *call = data;

	call->result = set_serial(call->sock, call->serial);
	while (!kthread_should_stop())
		msleep(STEP_MS);
	return 0;
}

static void wait_asleep(struct kunit *test, struct call *call, unsigned int how)
{
	int i;

	for (i = 0; i < PATIENCE; i++) {
		if (READ_ONCE(call->task->__state) & how)
			return;
		msleep(STEP_MS);
	}
	KUNIT_FAIL(test, "the call did not go to sleep");
}

/*
 * Start a call on a key under construction.  Return once the call has found the
 * key and waits for the socket's lock, which the test holds.
 */
static void catch_between(struct kunit *test, struct call *call, struct key *key)
{
	call->sock = open_socket(test, "recorder");
	call->serial = key_serial(key);
	seen.watched = key;
	set_bit(KEY_FLAG_USER_CONSTRUCT, &key->flags);
	call->task = kthread_run(call_thread, call, "af_alg_key_call");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, call->task);

	wait_asleep(test, call, TASK_INTERRUPTIBLE);
	/* Other calls can use the socket while this call waits. */
	lock_sock(call->sock->sk);
	KUNIT_EXPECT_EQ(test, 0, key_instantiate_and_link(key, SECRET, SECRET_LEN,
							  NULL, NULL));
	wait_asleep(test, call, TASK_UNINTERRUPTIBLE);
}

static void let_go(struct call *call)
{
	release_sock(call->sock->sk);
	kthread_stop(call->task);
	sock_release(call->sock);
}

/* Shows: AA-27. */
static void built_while_waiting(struct kunit *test)
{
	struct key *key = alloc_key(test, &key_type_user);
	struct call call = {};

	catch_between(test, &call, key);
	let_go(&call);
	KUNIT_EXPECT_EQ(test, 0, call.result);
	KUNIT_EXPECT_EQ(test, (unsigned int)SECRET_LEN, seen.len);
	key_put(key);
}

/* A key that is revoked between the search and its use */
static void revoke_between(struct kunit *test, struct key_type *type)
{
	struct key *key = alloc_key(test, type);
	struct call call = {};

	memset(&seen, 0, sizeof(seen));
	catch_between(test, &call, key);
	key_revoke(key);
	let_go(&call);
	KUNIT_EXPECT_EQ(test, -EKEYREVOKED, call.result);
	KUNIT_EXPECT_NULL(test, seen.key);
	key_put(key);
}

/* Shows: AA-32. */
static void user_key_revoked_between(struct kunit *test)
{
	revoke_between(test, &key_type_user);
}

/*
 * Shows: AA-33. This is better than the row: a type without a revoke method
 * keeps its payload, but no call uses the payload any more.
 */
static void sealed_key_revoked_between(struct kunit *test)
{
	borrow_type(test, &fake_trusted);
	revoke_between(test, &fake_trusted);
	unregister_key_type(&fake_trusted);
}

/* Shows: AA-9. A socket that was accepted on during the wait keeps its key. */
static void busy_between(struct kunit *test)
{
	struct key *key = alloc_key(test, &key_type_user);
	struct call call = {};

	memset(&seen, 0, sizeof(seen));
	catch_between(test, &call, key);
	atomic_inc(&alg_sk(call.sock->sk)->refcnt);
	let_go(&call);
	KUNIT_EXPECT_EQ(test, -EBUSY, call.result);
	KUNIT_EXPECT_NULL(test, seen.key);
	key_put(key);
}

static int af_alg_key_suite_init(struct kunit_suite *suite)
{
	int err = af_alg_register_type(&recorder);

	if (err)
		return err;
	err = af_alg_register_type(&keyless);
	if (err)
		af_alg_unregister_type(&recorder);
	return err;
}

static void af_alg_key_suite_exit(struct kunit_suite *suite)
{
	af_alg_unregister_type(&keyless);
	af_alg_unregister_type(&recorder);
}

static struct kunit_case af_alg_key_cases[] = {
	KUNIT_CASE(user_key_is_not_copied),
	KUNIT_CASE(type_without_setkey),
	KUNIT_CASE(never_built),
	KUNIT_CASE(encrypted_plaintext),
	KUNIT_CASE(trusted_length),
	KUNIT_CASE(other_type),
	KUNIT_CASE(unregistered_type),
	KUNIT_CASE(algorithm_refuses),
	KUNIT_CASE(built_while_waiting),
	KUNIT_CASE(user_key_revoked_between),
	KUNIT_CASE(sealed_key_revoked_between),
	KUNIT_CASE(busy_between),
	{}
};

static struct kunit_suite af_alg_key_suite = {
	.name = "af_alg_key",
	.suite_init = af_alg_key_suite_init,
	.suite_exit = af_alg_key_suite_exit,
	.test_cases = af_alg_key_cases,
};

kunit_test_suite(af_alg_key_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of AF_ALG keys by serial");
