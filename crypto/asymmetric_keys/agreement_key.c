// SPDX-License-Identifier: GPL-2.0-only
/*
 * Private keys for key agreement: a subtype of asymmetric keys
 *
 * They sign and decrypt nothing.  Their public part can be read; with the private
 * part the kernel computes secrets, which it keeps.
 */

#include <linux/init.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <keys/asymmetric-subtype.h>
#include <keys/asymmetric-parser.h>

#include "agreement.h"

static void agreement_describe(const struct key *key, struct seq_file *m)
{
	const struct agreement_pair *pair = key->payload.data[asym_crypto];

	seq_printf(m, "%s.%s", pair->pub.id_type, pair->curve->name);
	if (READ_ONCE(pair->state) == AGREEMENT_SPENT)
		seq_puts(m, " spent");
}

/* Under the lock; what was read before keeps its own copy. */
static void agreement_wipe(struct agreement_pair *pair,
			   enum agreement_state state)
{
	memzero_explicit(pair->private, sizeof(pair->private));
	WRITE_ONCE(pair->state, state);
}

static void agreement_revoke(void *payload)
{
	struct agreement_pair *pair = payload;

	spin_lock(&pair->lock);
	agreement_wipe(pair, AGREEMENT_GONE);
	spin_unlock(&pair->lock);
}

static void agreement_destroy(void *payload, void *auth)
{
	kfree_sensitive(payload);
}

/* The words are for what these keys do not do. */
static int agreement_query(const struct kernel_pkey_params *params,
			   struct kernel_pkey_query *info)
{
	const struct agreement_pair *pair =
		params->key->payload.data[asym_crypto];

	if (strcmp(params->encoding, "raw") != 0 || params->hash_algo)
		return -EINVAL;
	info->key_size = pair->curve->key_bits;
	return 0;
}

static int agreement_no_operation(struct kernel_pkey_params *params,
				  const void *in, void *out)
{
	return -EOPNOTSUPP;
}

static int agreement_no_signature(const struct key *key,
				  const struct public_key_signature *sig)
{
	return -EOPNOTSUPP;
}

static long agreement_read(const void *payload, char *buffer, size_t size)
{
	const struct agreement_pair *pair = payload;

	if (buffer && size >= pair->curve->public_size)
		memcpy(buffer, pair->public, pair->curve->public_size);
	return pair->curve->public_size;
}

static struct asymmetric_key_subtype agreement_subtype = {
	.owner			= THIS_MODULE,
	.name			= "agreement",
	.name_len		= sizeof("agreement") - 1,
	.describe		= agreement_describe,
	.revoke			= agreement_revoke,
	.destroy		= agreement_destroy,
	.query			= agreement_query,
	.eds_op			= agreement_no_operation,
	.verify_signature	= agreement_no_signature,
	.read			= agreement_read,
};

static int agreement_preparse(struct key_preparsed_payload *prep)
{
	struct agreement_pair *pair;
	int err;

	BUILD_BUG_ON(offsetof(struct agreement_pair, pub) != 0);

	pair = kzalloc(sizeof(*pair), GFP_KERNEL);
	if (!pair)
		return -ENOMEM;
	spin_lock_init(&pair->lock);
	err = agreement_parse(prep->data, prep->datalen, pair);
	if (!err)
		err = pair->curve->make_public(pair->private, pair->public);
	if (err) {
		kfree_sensitive(pair);
		return err;
	}
	pair->state = AGREEMENT_LIVE;
	pair->pub.id_type = pair->made_here ? "new" : "PKCS8";
	pair->pub.pkey_algo = pair->curve->name;
	prep->payload.data[asym_subtype] = &agreement_subtype;
	prep->payload.data[asym_crypto] = pair;
	prep->quotalen = sizeof(*pair);
	return 0;
}

static struct agreement_pair *agreement_of(const struct key *key)
{
	if (key->type != &key_type_asymmetric || !key_is_positive(key) ||
	    asymmetric_key_subtype(key) != &agreement_subtype)
		return NULL;
	return key->payload.data[asym_crypto];
}

/**
 * agreement_public_of - the public part of a key
 * @key: a key that the caller has looked up
 * @own: receives the public part
 *
 * Return: 0, or -EKEYREJECTED if @key is no private key for key agreement
 */
int agreement_public_of(const struct key *key, struct agreement_public *own)
{
	const struct agreement_pair *pair = agreement_of(key);

	if (!pair)
		return -EKEYREJECTED;
	own->size = pair->curve->public_size;
	memcpy(own->bytes, pair->public, own->size);
	return 0;
}

/* Copies the private part, and takes it away from the key if it is to be spent. */
static int agreement_take(struct agreement_pair *pair, bool spend, u8 *private)
{
	int err = 0;

	spin_lock(&pair->lock);
	switch (pair->state) {
	case AGREEMENT_LIVE:
		memcpy(private, pair->private, AGREEMENT_PRIVATE_SIZE);
		if (spend)
			agreement_wipe(pair, AGREEMENT_SPENT);
		break;
	case AGREEMENT_SPENT:
		err = -EALREADY;
		break;
	default:
		err = -EKEYREVOKED;
	}
	spin_unlock(&pair->lock);
	return err;
}

static int agreement_run(struct key *key, const struct agreement_public *peer,
			 bool spend, u8 *secret)
{
	struct agreement_pair *pair = agreement_of(key);
	u8 private[AGREEMENT_PRIVATE_SIZE];
	int err;

	if (!pair || peer->size != pair->curve->public_size ||
	    (spend && !pair->made_here))
		return -EKEYREJECTED;
	err = agreement_take(pair, spend, private);
	if (err)
		return err;
	err = pair->curve->agree(private, peer->bytes, secret);
	memzero_explicit(private, sizeof(private));
	if (err)
		memzero_explicit(secret, AGREEMENT_SECRET_SIZE);
	return err;
}

/**
 * agreement_compute - compute a shared secret
 * @key: a key that the caller has looked up
 * @peer: the peer's public part
 * @secret: receives the secret, only on success; the caller wipes it
 *
 * Context: process, under no spinlock
 * Return: 0, -EKEYREJECTED if @key is no private key for key agreement, or @peer
 * is of another curve, of low order or not on the curve; -EALREADY, -EKEYREVOKED,
 * -ENOMEM
 */
int agreement_compute(struct key *key, const struct agreement_public *peer,
		      u8 secret[AGREEMENT_SECRET_SIZE])
{
	return agreement_run(key, peer, false, secret);
}

/**
 * agreement_consume - compute the one secret that there will be of a private key
 * @key: a key that the caller has looked up
 * @peer: the peer's public part
 * @secret: receives the secret, only on success; the caller wipes it
 *
 * Of all that ask, one gets a secret; the private part is wiped, whatever comes
 * of it.  A key that somebody brought along is refused: others may have it, and
 * compute the same secret with it again.
 *
 * Context: process, under no spinlock
 * Return: as agreement_compute(), and -EKEYREJECTED for a key that the kernel did
 * not make
 */
int agreement_consume(struct key *key, const struct agreement_public *peer,
		      u8 secret[AGREEMENT_SECRET_SIZE])
{
	return agreement_run(key, peer, true, secret);
}

static struct asymmetric_key_parser agreement_parser = {
	.owner	= THIS_MODULE,
	.name	= "agreement",
	.parse	= agreement_preparse,
};

/*
 * Before the parser of PKCS#8, which says of these algorithms that the kernel does
 * not have them, and keeps others from being asked.
 */
static int __init agreement_init(void)
{
	return register_asymmetric_key_parser(&agreement_parser);
}
subsys_initcall(agreement_init);
