/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's half of a handshake of TLS 1.3, and the peer's. */
#ifndef SELFTESTS_KEYS_SYMMETRIC_TLS13_H
#define SELFTESTS_KEYS_SYMMETRIC_TLS13_H

#include "kernel.h"
#include "symmetric.h"
#include "task.h"
#include "tls13_crypto.h"

#define TLS_RECORD_MAX	16640
#define TLS_INNER_MAX	16385
#define TLS_AAD_MAX	32

/* Room for two digits of each byte, and the zero byte */
#define HEX_MAX		(2 * 255 + 1)

static inline const char *tls_hex(const void *in, size_t size, char out[HEX_MAX])
{
	const uint8_t *bytes = in;

	out[0] = '\0';
	for (size_t i = 0; i < size; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return out;
}

/* --- lines ---------------------------------------------------------------- */

/*
 * A keyring has one link for each description, so each key has its own
 * description.
 */
static inline const char *tls_name(const char *what)
{
	static char name[48];
	static int number;

	snprintf(name, sizeof(name), "%s %d", what, number++);
	return name;
}

static inline key_serial_t tls_pair(const char *line)
{
	return key_add("asymmetric", tls_name("pair"), line, strlen(line),
		       KEY_SPEC_SESSION_KEYRING);
}

static inline key_serial_t tls_early(const struct peer_suite *suite,
				     const char *role, key_serial_t psk)
{
	return psk ? sym_add(tls_name("early"), "extract salt=0 suite=%s role=%s psk=%d",
			     suite->name, role, psk) :
		     sym_add(tls_name("early"), "extract salt=0 suite=%s role=%s",
			     suite->name, role);
}

static inline key_serial_t tls_agree(key_serial_t pair, const uint8_t *public,
				     size_t size, key_serial_t salt)
{
	char hex[HEX_MAX];

	return sym_add(tls_name("handshake"), "agree with=%d peer=%s salt=%d", pair,
		       tls_hex(public, size, hex), salt);
}

static inline key_serial_t tls_master(key_serial_t salt)
{
	return sym_add(tls_name("master"), "extract salt=%d", salt);
}

/* Derives with no hash of messages, or with one of @size bytes. */
static inline key_serial_t tls_derive_n(key_serial_t from, const char *label,
					const uint8_t *hash, size_t size)
{
	char hex[HEX_MAX];

	return hash ? sym_add(tls_name(label), "derive from=%d tls=%s hash=%s", from,
			      label, tls_hex(hash, size, hex)) :
		      sym_add(tls_name(label), "derive from=%d tls=%s", from, label);
}

static inline key_serial_t tls_derive(const struct peer_suite *suite,
				      key_serial_t from, const char *label,
				      const uint8_t *hash)
{
	return tls_derive_n(from, label, hash, suite->size);
}

/* --- records -------------------------------------------------------------- */

/* The information string of a record of @size bytes. */
static inline const char *tls_info(size_t size, char info[TLS_AAD_MAX])
{
	snprintf(info, TLS_AAD_MAX, "aad=170303%04zx", size);
	return info;
}

static inline long tls_seal(key_serial_t key, const void *text, size_t size,
			    uint8_t *record)
{
	char info[TLS_AAD_MAX];

	return sym_seal(key, tls_info(size + PEER_TAG, info), text, size, record,
			size + PEER_TAG);
}

static inline long tls_open(key_serial_t key, const uint8_t *record, size_t size,
			    uint8_t *text)
{
	char info[TLS_AAD_MAX];

	return sym_open(key, tls_info(size, info), record, size, text,
			size > PEER_TAG ? size - PEER_TAG : 0);
}

/* --- a connection --------------------------------------------------------- */

/*
 * struct tls - both halves of a handshake
 * @suite:	its suite
 * @role:	the kernel's
 * @hash: hash of the messages; the tests use one for all
 * @early: the kernel's secret, and so are those that follow
 * @peer_early: the peer's secret, and so are those that follow
 */
struct tls {
	const struct peer_suite *suite;
	const char *role;
	uint8_t hash[PEER_HASH_MAX];
	key_serial_t early, handshake, c_hs, s_hs, master, c_ap, s_ap;
	struct peer_secret peer_early, peer_handshake, peer_c_hs, peer_s_hs,
			   peer_master, peer_c_ap, peer_s_ap;
};

/* Computes the peer's secrets. */
static inline void tls_peer(struct tls *tls, const uint8_t *psk,
			    const uint8_t *shared)
{
	const struct peer_suite *suite = tls->suite;
	struct peer_secret salt;

	peer_extract(suite, NULL, psk, suite->size, &tls->peer_early);
	peer_derive(suite, &tls->peer_early, "derived", NULL, &salt);
	peer_extract(suite, &salt, shared, 32, &tls->peer_handshake);
	peer_derive(suite, &tls->peer_handshake, "c hs traffic", tls->hash,
		    &tls->peer_c_hs);
	peer_derive(suite, &tls->peer_handshake, "s hs traffic", tls->hash,
		    &tls->peer_s_hs);
	peer_derive(suite, &tls->peer_handshake, "derived", NULL, &salt);
	peer_extract(suite, &salt, NULL, 0, &tls->peer_master);
	peer_derive(suite, &tls->peer_master, "c ap traffic", tls->hash,
		    &tls->peer_c_ap);
	peer_derive(suite, &tls->peer_master, "s ap traffic", tls->hash,
		    &tls->peer_s_ap);
}

/*
 * Goes through a handshake with @curve from the early secret on.  Returns 0 or the
 * first error.
 */
static inline int tls_go(struct tls *tls, const char *curve, const uint8_t *psk)
{
	const char *line = strcmp(curve, "X25519") ? "new p256" : "new x25519";
	uint8_t own[PEER_PUBLIC_MAX], public[PEER_PUBLIC_MAX], shared[32];
	EVP_PKEY *peer = peer_pair(curve);
	key_serial_t pair = tls_pair(line), salt;
	size_t size = peer_public(peer, public);

	peer_hash(tls->suite, "messages", 8, tls->hash);
	if (pair < 0 || key_read(pair, own, sizeof(own)) != (long)size)
		return pair < 0 ? pair : -EPROTO;
	if (!peer_agree(peer, curve, own, size, shared))
		return -EBADE;
	tls_peer(tls, psk, shared);
	EVP_PKEY_free(peer);

	salt = tls_derive(tls->suite, tls->early, "derived", NULL);
	if (salt < 0)
		return salt;
	tls->handshake = tls_agree(pair, public, size, salt);
	if (tls->handshake < 0)
		return tls->handshake;
	tls->c_hs = tls_derive(tls->suite, tls->handshake, "c-hs-traffic",
			       tls->hash);
	tls->s_hs = tls_derive(tls->suite, tls->handshake, "s-hs-traffic",
			       tls->hash);
	salt = tls_derive(tls->suite, tls->handshake, "derived", NULL);
	if (tls->c_hs < 0 || tls->s_hs < 0 || salt < 0)
		return -ECANCELED;
	tls->master = tls_master(salt);
	tls->c_ap = tls_derive(tls->suite, tls->master, "c-ap-traffic",
			       tls->hash);
	tls->s_ap = tls_derive(tls->suite, tls->master, "s-ap-traffic",
			       tls->hash);
	return tls->master < 0 || tls->c_ap < 0 || tls->s_ap < 0 ? -ECANCELED : 0;
}

static inline int tls_connect(struct tls *tls, const struct peer_suite *suite,
			      const char *role, const char *curve)
{
	tls->suite = suite;
	tls->role = role;
	tls->early = tls_early(suite, role, 0);
	return tls->early < 0 ? tls->early : tls_go(tls, curve, NULL);
}

#define REQUIRE_TLS13() do { \
	SKIP_IF(return, lacks_keys()); \
	SKIP_IF(return, lacks_ours("ours only: there are no keys for TLS 1.3")); \
	ASSERT_LT(0, session_new()); \
} while (0)

#endif /* SELFTESTS_KEYS_SYMMETRIC_TLS13_H */
