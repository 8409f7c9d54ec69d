// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: what KEYCTL_PKEY_* do with secrets of TLS 1.3
 *
 * The key that authenticates a Finished message is an HMAC key like any other.
 */

#include <linux/keyctl.h>

#include "symmetric.h"
#include "tls13.h"

static struct tls13 *tls13_of(struct symmetric_key *sk)
{
	return symmetric_bearer(sk)->tls;
}

/**
 * tls13_query - what a query tells besides
 * @sk: the key, of any algorithm
 * @info: the answer so far
 */
void tls13_query(struct symmetric_key *sk, struct kernel_pkey_query *info)
{
	const struct tls13 *tls = tls13_of(sk);

	if (!tls)
		return;
	info->spare[SYMMETRIC_QUERY_TLS13_SUITE] = tls->suite->code;
	info->spare[SYMMETRIC_QUERY_TLS13_ROLE] = tls->role;
	if (tls13_is_traffic(tls->kind)) {
		info->max_enc_size = TLS13_RECORD_MAX;
		info->max_dec_size = TLS13_RECORD_MAX;
	}
	if (tls->kind == TLS13_EXPORTER) {
		info->supported_ops = KEYCTL_SUPPORTS_SIGN;
		info->max_data_size = tls->suite->hash_size;
		info->max_sig_size = TLS13_EXPORT_MAX;
	}
}

/**
 * tls13_uses - tell whether tls13_use() is what uses a key
 * @sk: the key, of any algorithm
 *
 * Return: true if it is
 */
bool tls13_uses(struct symmetric_key *sk)
{
	const struct tls13 *tls = tls13_of(sk);

	return tls && tls->kind != TLS13_FINISHED;
}

/* RFC 8446, 7.5: these bytes may leave. */
static int tls13_export(struct kernel_pkey_params *params, const void *in,
			void *out)
{
	struct symmetric_key *sk = symmetric_of(params->key);
	int err;

	if (params->in_len != sk->tls->suite->hash_size || !params->out_len)
		return -EINVAL;
	err = symmetric_enter(sk);
	if (err)
		return err;
	err = tls13_expand(sk, "exporter", strlen("exporter"), in,
			   params->in_len, out, params->out_len);
	symmetric_leave(sk);
	return err ?: params->out_len;
}

/**
 * tls13_use - KEYCTL_PKEY_SIGN, _ENCRYPT and _DECRYPT
 * @params: the key, the operation, which the key has, and the lengths
 * @in: data
 * @out: receives the result
 *
 * Return: size of the result, or the errors of tls13_seal() and tls13_open()
 */
int tls13_use(struct kernel_pkey_params *params, const void *in, void *out)
{
	switch (params->op) {
	case kernel_pkey_sign:
		return tls13_export(params, in, out);
	case kernel_pkey_encrypt:
		return tls13_seal(params, in, out);
	case kernel_pkey_decrypt:
		return tls13_open(params, in, out);
	default:
		return -EOPNOTSUPP;
	}
}
