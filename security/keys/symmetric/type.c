// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: the key type
 *
 * There is no .update: add_key(2) on a description that exists makes a new key.
 * It would change the old key's bytes under its serial, revive what has expired,
 * and give possessors Write.
 */

#include <linux/init.h>
#include <linux/seq_file.h>

#include "../internal.h"
#include "symmetric.h"

static int symmetric_preparse(struct key_preparsed_payload *prep)
{
	struct symmetric_form form;
	struct symmetric_key *sk;
	int err;

	err = symmetric_form_parse(prep->data, prep->datalen, &form);
	sk = err ? ERR_PTR(err) : symmetric_make(&form);
	memzero_explicit(&form, sizeof(form));
	if (IS_ERR(sk))
		return PTR_ERR(sk);
	prep->payload.data[0] = sk;
	prep->quotalen = symmetric_quota(sk);
	return 0;
}

static void symmetric_free_preparse(struct key_preparsed_payload *prep)
{
	symmetric_key_put(prep->payload.data[0]);
}

/*
 * A handler may have set the end of the key before it answers, or revoked it:
 * the semaphore has both either before or after.
 */
static int symmetric_instantiate(struct key *key,
				 struct key_preparsed_payload *prep)
{
	struct symmetric_key *sk = prep->payload.data[0];
	int err = key_payload_reserve(key, prep->quotalen);

	if (err)
		return err;
	down_write(&key->sem);
	if (test_bit(KEY_FLAG_REVOKED, &key->flags) ||
	    test_bit(KEY_FLAG_INVALIDATED, &key->flags)) {
		err = -EKEYREVOKED;
	} else {
		prep->payload.data[0] = NULL;
		key->payload.data[0] = sk;
		symmetric_set_expiry(sk, key_expiry_wall(key));
	}
	up_write(&key->sem);
	return err;
}

/* The core has the semaphore; a key under construction has no object. */
static void symmetric_revoke(struct key *key)
{
	struct symmetric_key *sk = symmetric_of(key);

	if (sk)
		symmetric_kill(sk, -EKEYREVOKED);
}

static void symmetric_key_expiry(struct key *key, time64_t expiry)
{
	struct symmetric_key *sk = symmetric_of(key);

	if (sk)
		symmetric_set_expiry(sk, expiry);
}

static void symmetric_destroy(struct key *key)
{
	symmetric_key_put(symmetric_of(key));
}

static void symmetric_describe(const struct key *key, struct seq_file *m)
{
	const struct symmetric_key *sk;
	const char *separator = "";

	seq_puts(m, key->description);
	if (!key_is_positive(key))
		return;
	sk = symmetric_of(key);
	seq_printf(m, ": %s for=", sk->alg->name);
	for (u32 use = 1; use && use <= sk->uses; use <<= 1) {
		if (!(sk->uses & use))
			continue;
		seq_printf(m, "%s%s", separator, symmetric_use_name(use));
		separator = ",";
	}
	seq_puts(m, sk->origin == SYMMETRIC_ORIGIN_INSIDE ? " inside" :
							    " outside");
	if (sk->sealed)
		seq_puts(m, " sealed");
	if (sk->uuid_size)
		seq_printf(m, " uuid=%pUb", sk->uuid);
}

struct key_type key_type_symmetric = {
	.name			= "symmetric",
	.flags			= KEY_TYPE_FOR_USES,
	.preparse		= symmetric_preparse,
	.free_preparse		= symmetric_free_preparse,
	.instantiate		= symmetric_instantiate,
	.revoke			= symmetric_revoke,
	.set_expiry		= symmetric_key_expiry,
	.destroy		= symmetric_destroy,
	.describe		= symmetric_describe,
	.read			= symmetric_read,
	.asym_query		= symmetric_query,
	.asym_eds_op		= symmetric_use,
	.asym_verify_signature	= symmetric_verify,
};
EXPORT_SYMBOL_GPL(key_type_symmetric);

static int __init symmetric_init(void)
{
	return symmetric_life_init() ?: register_key_type(&key_type_symmetric);
}
late_initcall(symmetric_init);
