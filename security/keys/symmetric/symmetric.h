/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys of type "symmetric"
 */
#ifndef _SECURITY_KEYS_SYMMETRIC_H
#define _SECURITY_KEYS_SYMMETRIC_H

#include <crypto/sha2.h>
#include <keys/symmetric-type.h>
#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/key-type.h>
#include <linux/keyctl.h>
#include <linux/limits.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/symmetric_key.h>
#include <linux/uuid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "tls13.h"

struct crypto_shash;

/* Limits */
#define SYMMETRIC_LINE_MAX	1024
#define SYMMETRIC_LABEL_MAX	64
#define SYMMETRIC_NAME_MAX	32	/* of an algorithm or a group */
#define SYMMETRIC_SEALED_MAX	384	/* more than all that is in a sealed form */
#define SYMMETRIC_DATA_MAX	32768	/* N of the contract */
/* A parent below the strength of the strongest algorithm is no root of trust. */
#define SYMMETRIC_PARENT_MIN	32
/* trusted and encrypted keys have at most this many bytes. */
#define SYMMETRIC_PARENT_MAX	128

/* They are told to user space in 16 bits, and to HKDF in 8. */
static_assert(SYMMETRIC_DATA_MAX <= U16_MAX);
static_assert(SYMMETRIC_LABEL_MAX <= U8_MAX);
static_assert(SYMMETRIC_SIZE_MAX <= SYMMETRIC_PARENT_MAX);
static_assert(SYMMETRIC_SIZE_MAX >= SHA512_DIGEST_SIZE);

/**
 * struct symmetric_group - uses that one key may have together
 * @name: what HKDF is told, the same for each subset
 * @uses: SYMMETRIC_USE_*
 * @of_volume: a key can be for one volume
 */
struct symmetric_group {
	const char *name;
	u32 uses;
	bool of_volume;
};

/**
 * struct symmetric_alg - an algorithm
 * @name: the word of "alg="
 * @id: SYMMETRIC_ALG_*
 * @group: the uses it is for
 * @hash: the transform to allocate, or NULL
 * @digest_size: what @hash gives
 * @min_size: bytes of the shortest key
 * @max_size: bytes of the longest key
 * @step: bytes from one size to the next, or 0 if there are all between
 * @size: bytes if the line does not say
 */
struct symmetric_alg {
	const char *name;
	u32 id;
	const struct symmetric_group *group;
	const char *hash;
	unsigned int digest_size;
	unsigned int min_size;
	unsigned int max_size;
	unsigned int step;
	unsigned int size;
};

/**
 * enum symmetric_verb - first word of a line, a bit each
 * @SYMMETRIC_NEW: random bytes
 * @SYMMETRIC_DERIVE: HKDF of another key
 * @SYMMETRIC_VIEW: another key with fewer uses
 * @SYMMETRIC_RAW: bytes that the caller has
 * @SYMMETRIC_LOAD: a sealed form
 * @SYMMETRIC_AGREE: HKDF of what a private key and a peer's public key share
 * @SYMMETRIC_EXTRACT: the early or master secret of TLS 1.3
 */
enum symmetric_verb {
	SYMMETRIC_NEW		= 0x1,
	SYMMETRIC_DERIVE	= 0x2,
	SYMMETRIC_VIEW		= 0x4,
	SYMMETRIC_RAW		= 0x8,
	SYMMETRIC_LOAD		= 0x10,
	SYMMETRIC_AGREE		= 0x100,
	SYMMETRIC_EXTRACT	= 0x200,
};

/**
 * struct symmetric_form - what a line asks for
 * @verb: its first word
 * @alg: of a key that is made; NULL for a view
 * @uses: SYMMETRIC_USE_*, not none, of one group
 * @size: bytes of the key; 0 for a view, and where a sealed form says it
 * @serial: parent, root or private key, or 0
 * @keeper: what seals the key, or opens its sealed form; or 0
 * @uuid_size: size of @uuid, or 0
 * @uuid: the volume that the key is for
 * @label_size: size of @label
 * @label: what tells children of one parent apart, or stored keys
 * @key: bytes that the caller has
 * @blob_size: size of @blob
 * @blob: a sealed form
 * @peer: the peer's public key
 * @tls: what it says of TLS 1.3
 */
struct symmetric_form {
	enum symmetric_verb verb;
	const struct symmetric_alg *alg;
	u32 uses;
	unsigned int size;
	key_serial_t serial;
	key_serial_t keeper;
	unsigned int uuid_size;
	u8 uuid[UUID_SIZE];
	unsigned int label_size;
	u8 label[SYMMETRIC_LABEL_MAX];
	u8 key[SYMMETRIC_SIZE_MAX];
	unsigned int blob_size;
	u8 blob[SYMMETRIC_SEALED_MAX];
	struct agreement_public peer;
	struct tls13_form tls;
};

/* More than its parts with a length before each; TLS has the longest of them */
#define SYMMETRIC_INFO_MAX	336

/**
 * struct symmetric_info - what HKDF-Expand is told of its output
 * @size: size of @bytes
 * @bytes: group of uses, algorithm, size, volume, label
 */
struct symmetric_info {
	size_t size;
	u8 bytes[SYMMETRIC_INFO_MAX];
};

/**
 * struct symmetric_key - the live object of a key
 * @usage: the key, its views and its sinks have one reference each
 * @brackets: %SYMMETRIC_DEAD, or not, and how many requests run
 * @reason: a negative errno, set once and before %SYMMETRIC_DEAD; else 0
 * @expiry: when it expires, or TIME64_MAX.  Written under the key's semaphore;
 *	the bracket reads it without a lock.
 * @timer: fires at @expiry
 * @work: wipes the object where no task waits to do it: @timer or a bracket
 *	found it expired, symmetric_end() was called, or the last bracket ended
 * @drained: the task that kills waits here for the last bracket
 * @sinks_mutex: guards @sinks, and @tfm and @bytes against being freed twice.
 *	The innermost lock.
 * @sinks: attached sinks
 * @root: the object that a view narrows, with a reference; else NULL
 * @alg: its algorithm
 * @uses: SYMMETRIC_USE_*
 * @origin: SYMMETRIC_ORIGIN_*
 * @uuid_size: size of @uuid, or 0
 * @uuid: the volume that it is for
 * @size: size of @bytes, those of the root for a view
 * @sealed_size: size of @sealed
 * @sealed: the sealed form, or NULL
 * @tfm: keyed transform, if @alg has one and it is no view.  Read inside a
 *	bracket; freed when there is none any more.
 * @tls: what a secret of TLS 1.3 has besides, or NULL
 * @bytes: the secret, as @tfm; a view has none
 *
 * A member that names no lock is fixed when the object is made.
 */
struct symmetric_key {
	refcount_t usage;
	int reason;
	atomic_long_t brackets;
	time64_t expiry;
	struct hrtimer timer;
	struct work_struct work;
	wait_queue_head_t drained;
	struct mutex sinks_mutex;	/* guards sinks; frees tfm and bytes */
	struct list_head sinks;
	struct symmetric_key *root;
	const struct symmetric_alg *alg;
	u32 uses;
	u32 origin;
	unsigned int uuid_size;
	u8 uuid[UUID_SIZE];
	unsigned int size;
	unsigned int sealed_size;
	u8 *sealed;
	struct crypto_shash *tfm;
	struct tls13 *tls;
	u8 bytes[];
};

/*
 * The sign of @brackets.  Each request is counted by somebody who takes more
 * memory than a bit, so the count does not get there.
 */
#define SYMMETRIC_DEAD	LONG_MIN

/* Fixed from instantiation to destruction, so it is read without a lock. */
static inline struct symmetric_key *symmetric_of(const struct key *key)
{
	return key->payload.data[0];
}

/* The object that has bytes and transform. */
static inline struct symmetric_key *symmetric_bearer(struct symmetric_key *sk)
{
	return sk->root ?: sk;
}

/* algorithms.c */
const struct symmetric_alg *symmetric_alg_find(const char *name);
const struct symmetric_alg *symmetric_alg_with(const struct symmetric_alg *alg,
					       u32 uses);
u32 symmetric_use_find(const char *name);
bool symmetric_uses_mix(u32 uses);
const char *symmetric_use_name(u32 use);

/* form.c */
int symmetric_form_parse(const void *line, size_t size,
			 struct symmetric_form *form);
int symmetric_form_number(const char *value, int *number);

/* life.c */
int symmetric_life_init(void);
struct symmetric_key *symmetric_alloc(unsigned int size);
void symmetric_kill(struct symmetric_key *sk, int reason);
void symmetric_end(struct symmetric_key *sk, int reason);
void symmetric_set_expiry(struct symmetric_key *sk, time64_t expiry);

/* derive.c */
struct crypto_shash *symmetric_hkdf_extract(const char *hash, const u8 *salt,
					    size_t salt_size, const u8 *secret,
					    size_t size);
int symmetric_hkdf_expand(struct crypto_shash *tfm,
			  const struct symmetric_info *info, u8 *out,
			  size_t size);
struct crypto_shash *symmetric_extract(const char *hash, const u8 *secret,
				       size_t size);
void symmetric_info_fill(struct symmetric_info *info,
			 const struct symmetric_form *form);
int symmetric_derive(const struct symmetric_form *form,
		     struct symmetric_key *sk);

/* agree.c */
#ifdef CONFIG_ASYMMETRIC_AGREEMENT_KEYS
int symmetric_agree(const struct symmetric_form *form, struct symmetric_key *sk);
#else
static inline int symmetric_agree(const struct symmetric_form *form,
				  struct symmetric_key *sk)
{
	return -EINVAL;
}
#endif

/* make.c */
struct symmetric_key *symmetric_make(const struct symmetric_form *form);
int symmetric_key_up(struct symmetric_key *sk);
size_t symmetric_quota(const struct symmetric_key *sk);

/* sealed.c */
#ifdef CONFIG_SYMMETRIC_KEYS_STORED
int symmetric_sealed_make(const struct symmetric_form *form,
			  struct symmetric_key *sk);
int symmetric_sealed_load(const struct symmetric_form *form,
			  struct symmetric_key *sk);
long symmetric_read(const struct key *key, char *buffer, size_t size);
#else
static inline int symmetric_sealed_make(const struct symmetric_form *form,
					struct symmetric_key *sk)
{
	return -EOPNOTSUPP;
}

static inline int symmetric_sealed_load(const struct symmetric_form *form,
					struct symmetric_key *sk)
{
	return -EOPNOTSUPP;
}

#define symmetric_read NULL
#endif

/* use.c */
int symmetric_query(const struct kernel_pkey_params *params,
		    struct kernel_pkey_query *info);
int symmetric_use(struct kernel_pkey_params *params, const void *in, void *out);
int symmetric_verify(struct kernel_pkey_params *params, const void *in,
		     const void *in2);

#endif /* _SECURITY_KEYS_SYMMETRIC_H */
