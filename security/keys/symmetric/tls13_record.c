// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symmetric keys: records of TLS 1.3, sealed or opened by a traffic secret
 *
 * The number of a record is the kernel's: it is drawn, and so is spent whatever
 * fails afterwards, as a part of the ciphertext may have been seen.  A record that
 * cannot be opened ends the key, as it ends a connection.
 */

#include <crypto/aead.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "symmetric.h"
#include "tls13.h"

/* The header: a type, a version, the length of what follows */
#define TLS13_HEADER_SIZE	5
#define TLS13_TYPE_DATA		23
#define TLS13_VERSION		0x0303

/* A record's pages, if it is not contiguous, and the header before it */
#define TLS13_PARTS		(1 + DIV_ROUND_UP(TLS13_RECORD_MAX, PAGE_SIZE) + 1)

/**
 * struct tls13_record - a request that seals or opens a record
 * @from: header and input
 * @to: header and output
 * @header: associated data
 * @unused: where @to has the header, which nothing writes to that matters
 * @nonce: of the record
 * @req: the request
 */
struct tls13_record {
	struct scatterlist from[TLS13_PARTS];
	struct scatterlist to[TLS13_PARTS];
	u8 header[TLS13_HEADER_SIZE];
	u8 unused[TLS13_HEADER_SIZE];
	u8 nonce[TLS13_IV_SIZE];
	struct aead_request *req;
};

/**
 * tls13_record_up - expand key and IV of a traffic secret, and key the AEAD
 * @sk: the secret, with its transform
 *
 * Neither exists as a key.
 *
 * Context: process.  Loads no module.
 * Return: 0 or an error of the crypto API
 */
int tls13_record_up(struct symmetric_key *sk)
{
	struct tls13 *tls = sk->tls;
	u8 key[SYMMETRIC_SIZE_MAX];
	struct crypto_aead *aead;
	int err;

	aead = crypto_alloc_aead(tls->suite->aead, 0, CRYPTO_NOLOAD);
	if (IS_ERR(aead))
		return PTR_ERR(aead);
	tls->aead = aead;
	tls->request_size = sizeof(struct aead_request) +
			    crypto_aead_reqsize(aead);
	err = tls13_expand(sk, "key", strlen("key"), NULL, 0, key,
			   tls->suite->key_size);
	if (!err)
		err = crypto_aead_setkey(aead, key, tls->suite->key_size);
	if (!err)
		err = crypto_aead_setauthsize(aead, TLS13_TAG_SIZE);
	if (!err)
		err = tls13_expand(sk, "iv", strlen("iv"), NULL, 0, tls->iv,
				   sizeof(tls->iv));
	memzero_explicit(key, sizeof(key));
	return err;
}

/* The core's buffers are from kvmalloc(). */
static void tls13_parts(struct scatterlist *parts, u8 *header, const void *bytes,
			size_t size)
{
	size_t part;
	int i = 1;

	sg_init_table(parts, TLS13_PARTS);
	sg_set_buf(&parts[0], header, TLS13_HEADER_SIZE);
	for (; size; size -= part, bytes += part, i++) {
		part = size;
		if (is_vmalloc_addr(bytes)) {
			part = min_t(size_t, size,
				     PAGE_SIZE - offset_in_page(bytes));
			sg_set_page(&parts[i], vmalloc_to_page(bytes), part,
				    offset_in_page(bytes));
		} else {
			sg_set_buf(&parts[i], bytes, part);
		}
	}
	sg_mark_end(&parts[i - 1]);
}

static void tls13_record_free(struct tls13_record *record)
{
	if (record)
		kfree_sensitive(record->req);
	kfree_sensitive(record);
}

static struct tls13_record *tls13_record_alloc(const struct tls13 *tls)
{
	struct tls13_record *record = kzalloc(sizeof(*record), GFP_KERNEL);

	if (!record)
		return NULL;
	record->req = kzalloc(tls->request_size, GFP_KERNEL);
	if (record->req)
		return record;
	tls13_record_free(record);
	return NULL;
}

/**
 * tls13_nonce - the nonce that a number has
 * @tls: what a traffic secret has, in a bracket of which the caller is
 * @number: the number of a record
 * @nonce: receives it
 */
void tls13_nonce(const struct tls13 *tls, u64 number, u8 nonce[TLS13_IV_SIZE])
{
	memcpy(nonce, tls->iv, TLS13_IV_SIZE);
	for (int i = TLS13_IV_SIZE - 1; number; i--, number >>= 8)
		nonce[i] ^= number;
}

/* In a bracket, which encloses the request until its completion. */
static int tls13_record_cross(struct tls13 *tls, struct tls13_record *record,
			      bool seal, size_t size)
{
	s64 number = atomic64_fetch_inc(&tls->number);
	DECLARE_CRYPTO_WAIT(wait);

	if (number < 0)
		return -EALREADY;
	if (number >= tls->suite->records)
		return -EKEYEXPIRED;
	tls13_nonce(tls, number, record->nonce);
	aead_request_set_tfm(record->req, tls->aead);
	aead_request_set_callback(record->req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				  crypto_req_done, &wait);
	aead_request_set_ad(record->req, TLS13_HEADER_SIZE);
	aead_request_set_crypt(record->req, record->from, record->to, size,
			       record->nonce);
	return crypto_wait_req(seal ? crypto_aead_encrypt(record->req) :
				      crypto_aead_decrypt(record->req), &wait);
}

/* A key that has no number any more, or has met a forgery, ends with its views. */
static int tls13_record_run(struct symmetric_key *sk, const u8 *header, bool seal,
			    const void *in, size_t in_size, void *out,
			    size_t out_size)
{
	struct symmetric_key *bearer = symmetric_bearer(sk);
	struct tls13_record *record;
	int err;

	record = tls13_record_alloc(bearer->tls);
	if (!record)
		return -ENOMEM;
	memcpy(record->header, header, TLS13_HEADER_SIZE);
	tls13_parts(record->from, record->header, in, in_size);
	tls13_parts(record->to, record->unused, out, out_size);
	err = symmetric_enter(sk);
	if (!err) {
		err = tls13_record_cross(bearer->tls, record, seal, in_size);
		symmetric_leave(sk);
		if (err == -EKEYEXPIRED)
			symmetric_kill(bearer, -EKEYEXPIRED);
		if (err && err != -EALREADY && !seal)
			symmetric_kill(bearer, -EKEYREVOKED);
	}
	tls13_record_free(record);
	return err ?: out_size;
}

/* The header is the one that TLS 1.3 has for what is in the record. */
static bool tls13_is_header(const struct kernel_pkey_params *params, size_t size)
{
	const u8 *header = params->aad;

	return params->aad_len == TLS13_HEADER_SIZE &&
	       header[0] == TLS13_TYPE_DATA &&
	       header[1] == TLS13_VERSION >> 8 &&
	       header[2] == (TLS13_VERSION & 0xff) &&
	       (header[3] << 8 | header[4]) == size;
}

/**
 * tls13_seal - KEYCTL_PKEY_ENCRYPT by a traffic secret
 * @params: the key, the header as associated data, and the lengths
 * @in: text, its type, padding
 * @out: receives the ciphertext and its tag
 *
 * Return: size of the record without its header, -EMSGSIZE, -EINVAL, -EOVERFLOW,
 * -ENOMEM, -EKEYREVOKED, -EKEYEXPIRED, -EALREADY if a connection has taken the
 * secret, or an error of the crypto API
 */
int tls13_seal(struct kernel_pkey_params *params, const void *in, void *out)
{
	size_t size = params->in_len + TLS13_TAG_SIZE;

	if (!params->in_len || params->in_len > TLS13_INNER_MAX)
		return -EMSGSIZE;
	if (!tls13_is_header(params, size))
		return -EINVAL;
	if (params->out_len < size)
		return -EOVERFLOW;
	return tls13_record_run(symmetric_of(params->key), params->aad, true, in,
				params->in_len, out, size);
}

/**
 * tls13_open - KEYCTL_PKEY_DECRYPT by a traffic secret
 * @params: the key, the header as associated data, and the lengths
 * @in: the record without its header
 * @out: receives text, its type, padding
 *
 * Return: size of the output, -EBADMSG, -EINVAL, -EOVERFLOW, -ENOMEM,
 * -EKEYREVOKED, -EKEYEXPIRED, -EALREADY as tls13_seal(), or an error of the crypto
 * API
 */
int tls13_open(struct kernel_pkey_params *params, const void *in, void *out)
{
	if (!tls13_is_header(params, params->in_len))
		return -EINVAL;
	/* No record is without a type */
	if (params->in_len <= TLS13_TAG_SIZE)
		return -EBADMSG;
	if (params->out_len < params->in_len - TLS13_TAG_SIZE)
		return -EOVERFLOW;
	return tls13_record_run(symmetric_of(params->key), params->aad, false,
				in, params->in_len, out,
				params->in_len - TLS13_TAG_SIZE);
}
