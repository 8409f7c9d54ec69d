/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symmetric keys: the key schedule of TLS 1.3 (RFC 8446, 7.1)
 */
#ifndef _SECURITY_KEYS_SYMMETRIC_TLS13_H
#define _SECURITY_KEYS_SYMMETRIC_TLS13_H

#include <crypto/sha2.h>
#include <keys/agreement-type.h>
#include <linux/atomic.h>
#include <linux/key.h>
#include <linux/limits.h>
#include <linux/types.h>

struct crypto_aead;
struct kernel_pkey_params;
struct kernel_pkey_query;
struct symmetric_alg;
struct symmetric_form;
struct symmetric_key;
struct symmetric_tls13;

/* Limits */
#define TLS13_HASH_MAX		SHA384_DIGEST_SIZE
#define TLS13_NONCE_MAX		255	/* of a ticket */
#define TLS13_EXPORT_MAX	255
#define TLS13_IV_SIZE		12

/* No count leads from here to a number that a record may have. */
#define TLS13_TAKEN		S64_MIN

/**
 * enum tls13_hash - the hashes that suites have, as an index
 * @TLS13_SHA256: SHA-256
 * @TLS13_SHA384: SHA-384
 * @TLS13_HASHES: how many there are
 */
enum tls13_hash {
	TLS13_SHA256,
	TLS13_SHA384,
	TLS13_HASHES,
};

/**
 * struct tls13_suite - a cipher suite
 * @name: the word of "suite="
 * @code: what TLS calls it
 * @hash: its hash
 * @hash_size: bytes of a digest, and so of every secret
 * @hmac: HMAC by its hash, as the crypto API calls it
 * @aead: what seals records
 * @key_size: bytes of a key of @aead
 * @records: how many records one key seals or opens
 */
struct tls13_suite {
	const char *name;
	u16 code;
	enum tls13_hash hash;
	unsigned int hash_size;
	const char *hmac;
	const char *aead;
	unsigned int key_size;
	u64 records;
};

/**
 * enum tls13_role - which end of a connection has the keys
 * @TLS13_NO_ROLE: the line does not say
 * @TLS13_CLIENT: the client
 * @TLS13_SERVER: the server
 */
enum tls13_role {
	TLS13_NO_ROLE = 0,
	TLS13_CLIENT,
	TLS13_SERVER,
};

/**
 * enum tls13_kind - what a secret is in the schedule, a bit each in masks
 * @TLS13_PSK: a pre-shared key of an earlier connection
 * @TLS13_EARLY: the early secret
 * @TLS13_BINDER: the binder key
 * @TLS13_SALT_HANDSHAKE: what extracts the handshake secret
 * @TLS13_HANDSHAKE: the handshake secret
 * @TLS13_TRAFFIC_HS: a traffic secret of the handshake
 * @TLS13_SALT_MASTER: what extracts the master secret
 * @TLS13_MASTER: the master secret
 * @TLS13_TRAFFIC_AP: a traffic secret of application data
 * @TLS13_EXP: the exporter master secret
 * @TLS13_RES: the resumption master secret
 * @TLS13_FINISHED: what authenticates a Finished message, or a binder
 * @TLS13_EXPORTER: the exporter of one label
 * @TLS13_KINDS: how many there are
 */
enum tls13_kind {
	TLS13_PSK,
	TLS13_EARLY,
	TLS13_BINDER,
	TLS13_SALT_HANDSHAKE,
	TLS13_HANDSHAKE,
	TLS13_TRAFFIC_HS,
	TLS13_SALT_MASTER,
	TLS13_MASTER,
	TLS13_TRAFFIC_AP,
	TLS13_EXP,
	TLS13_RES,
	TLS13_FINISHED,
	TLS13_EXPORTER,
	TLS13_KINDS,
};

/**
 * enum tls13_context - what a label is expanded with
 * @TLS13_NOTHING: no bytes
 * @TLS13_NO_MESSAGES: the hash of no messages
 * @TLS13_MESSAGES: the hash of the messages so far, which the caller gives
 * @TLS13_TICKET: the nonce of a ticket, which the caller gives
 * @TLS13_NAME: as @TLS13_NO_MESSAGES, with a label that the caller gives
 */
enum tls13_context {
	TLS13_NOTHING,
	TLS13_NO_MESSAGES,
	TLS13_MESSAGES,
	TLS13_TICKET,
	TLS13_NAME,
};

/**
 * struct tls13_label - a label
 * @name: the word of "tls="
 * @text: what TLS calls it
 * @from: kinds that have it, a bit each
 * @to: kind of the child
 * @context: what it is expanded with
 * @sender: whose records the child is for, if it is for records and that is not
 *	as with the parent
 * @many: the same parent may give more children than one
 * @ends: the parent ends
 * @refused: TLS has it, and there is none here
 */
struct tls13_label {
	const char *name;
	const char *text;
	unsigned long from;
	enum tls13_kind to;
	enum tls13_context context;
	enum tls13_role sender;
	bool many;
	bool ends;
	bool refused;
};

/**
 * struct tls13_form - what a line says of TLS
 * @seen: it says something
 * @suite: "suite="
 * @role: "role="
 * @starts: "salt=0": a chain begins
 * @salt: "salt=", or 0
 * @psk: "psk=", or 0
 * @label: "tls="
 * @size: size of @context
 * @has_hash: @context is "hash="
 * @has_nonce: @context is "nonce="
 * @context: "hash=" or "nonce="
 */
struct tls13_form {
	bool seen;
	const struct tls13_suite *suite;
	enum tls13_role role;
	bool starts;
	key_serial_t salt;
	key_serial_t psk;
	const struct tls13_label *label;
	unsigned int size;
	bool has_hash;
	bool has_nonce;
	u8 context[TLS13_NONCE_MAX];
};

/**
 * struct tls13 - what a secret has beside other symmetric keys
 * @kind: what it is
 * @suite: the chain's suite
 * @role: the chain's role
 * @sender: of a traffic secret: whose records it is for
 * @has_psk: of an early secret: it was made of a PSK
 * @given: labels that were given, a bit each; of a salt, whether it was used.
 *	Atomic.
 * @number: the next record's number, or negative: a connection counts it.
 *	Atomic.
 * @aead: seals or opens records; as the transform of struct symmetric_key
 * @request_size: what a request of @aead takes
 * @iv: wiped with @aead
 *
 * A member that names no guard is fixed when the key is made.
 */
struct tls13 {
	enum tls13_kind kind;
	const struct tls13_suite *suite;
	enum tls13_role role;
	enum tls13_role sender;
	bool has_psk;
	unsigned long given;
	atomic64_t number;
	struct crypto_aead *aead;
	size_t request_size;
	u8 iv[TLS13_IV_SIZE];
};

#ifdef CONFIG_SYMMETRIC_TLS13

/* tls13_form.c */
int tls13_form_suite(struct symmetric_form *form, char *value);
int tls13_form_role(struct symmetric_form *form, char *value);
int tls13_form_salt(struct symmetric_form *form, char *value);
int tls13_form_psk(struct symmetric_form *form, char *value);
int tls13_form_label(struct symmetric_form *form, char *value);
int tls13_form_hash(struct symmetric_form *form, char *value);
int tls13_form_nonce(struct symmetric_form *form, char *value);
int tls13_form_check(struct symmetric_form *form);

/* tls13_life.c */
struct symmetric_key *tls13_alloc(enum tls13_kind kind,
				  const struct tls13_suite *suite,
				  enum tls13_role role, u32 uses);
int tls13_key_up(struct symmetric_key *sk);
void tls13_wipe(struct symmetric_key *sk);
void tls13_free(struct symmetric_key *sk);
size_t tls13_quota(const struct symmetric_key *sk);

/* tls13_schedule.c */
struct symmetric_key *tls13_early(const struct tls13_suite *suite,
				  enum tls13_role role,
				  struct symmetric_key *psk);
struct symmetric_key *tls13_handshake(struct symmetric_key *salt,
				      const u8 secret[AGREEMENT_SECRET_SIZE]);
struct symmetric_key *tls13_master(struct symmetric_key *salt);
struct symmetric_key *tls13_child(struct symmetric_key *parent,
				  const struct symmetric_form *form);
struct symmetric_key *tls13_make(const struct symmetric_form *form);

/* tls13_use.c */
void tls13_query(struct symmetric_key *sk, struct kernel_pkey_query *info);
bool tls13_uses(struct symmetric_key *sk);
int tls13_use(struct kernel_pkey_params *params, const void *in, void *out);

#else

static inline int tls13_form_none(struct symmetric_form *form, char *value)
{
	return -EINVAL;
}

#define tls13_form_suite	tls13_form_none
#define tls13_form_role		tls13_form_none
#define tls13_form_salt		tls13_form_none
#define tls13_form_psk		tls13_form_none
#define tls13_form_label	tls13_form_none
#define tls13_form_hash		tls13_form_none
#define tls13_form_nonce	tls13_form_none

static inline int tls13_form_check(struct symmetric_form *form)
{
	return -EINVAL;
}

static inline void tls13_wipe(struct symmetric_key *sk)
{
}

static inline void tls13_free(struct symmetric_key *sk)
{
}

static inline size_t tls13_quota(const struct symmetric_key *sk)
{
	return 0;
}

static inline struct symmetric_key *tls13_make(const struct symmetric_form *form)
{
	return ERR_PTR(-EINVAL);
}

static inline void tls13_query(struct symmetric_key *sk,
			       struct kernel_pkey_query *info)
{
}

static inline bool tls13_uses(struct symmetric_key *sk)
{
	return false;
}

static inline int tls13_use(struct kernel_pkey_params *params, const void *in,
			    void *out)
{
	return -EOPNOTSUPP;
}

#endif /* CONFIG_SYMMETRIC_TLS13 */

/* tls13_suite.c */
const struct tls13_suite *tls13_suite_find(const char *name);
const struct symmetric_alg *tls13_alg(enum tls13_kind kind, enum tls13_hash hash);

/* tls13_label.c */
const struct tls13_label *tls13_label_find(const char *name, unsigned long kind);
unsigned int tls13_label_bit(const struct tls13_label *label);
int tls13_expand(struct symmetric_key *sk, const void *text, size_t text_size,
		 const u8 *context, size_t context_size, u8 *out, size_t size);
int tls13_expand_label(struct symmetric_key *sk, const struct tls13_label *label,
		       const struct symmetric_form *form, u8 *out);

/* tls13_record.c */
int tls13_record_up(struct symmetric_key *sk);
void tls13_nonce(const struct tls13 *tls, u64 number, u8 nonce[TLS13_IV_SIZE]);
int tls13_seal(struct kernel_pkey_params *params, const void *in, void *out);
int tls13_open(struct kernel_pkey_params *params, const void *in, void *out);

/* tls13_sink.c */
int tls13_sink_init(struct symmetric_tls13 *secret, struct symmetric_key *sk);

/* The bytes of a record that is sealed: its text, its type, its tag, padding */
#define TLS13_TAG_SIZE		16
#define TLS13_TEXT_MAX		16384
#define TLS13_INNER_MAX		(TLS13_TEXT_MAX + 1)
#define TLS13_RECORD_MAX	(TLS13_TEXT_MAX + 256)

static inline bool tls13_is_traffic(enum tls13_kind kind)
{
	return kind == TLS13_TRAFFIC_HS || kind == TLS13_TRAFFIC_AP;
}

#endif /* _SECURITY_KEYS_SYMMETRIC_TLS13_H */
