/* SPDX-License-Identifier: GPL-2.0-only */
/* The hash of all messages of a handshake so far (RFC 8446, 4.4.1). */
#ifndef KEYED_TLS_TRANSCRIPT_H
#define KEYED_TLS_TRANSCRIPT_H

#include "protocol.h"
#include "suite.h"

/*
 * struct transcript - all messages so far
 * @suite:	whose hash it is; until it is known, the messages are kept
 * @digest:	the hash
 * @kept:	messages before the suite was known: a hello
 * @size:	bytes of these
 */
struct transcript {
	const struct suite *suite;
	EVP_MD_CTX *digest;
	uint8_t kept[HELLO_MAX];
	size_t size;
};

void transcript_add(struct transcript *transcript, const void *message,
		    size_t size);
void transcript_begin(struct transcript *transcript, const struct suite *suite);

/* After a HelloRetryRequest a hash stands for the first hello. */
void transcript_retry(struct transcript *transcript);

/* The hash, or that with @size bytes of @more behind the messages. */
void transcript_hash(const struct transcript *transcript, uint8_t hash[HASH_MAX]);
void transcript_hash_with(const struct transcript *transcript,
			  const struct suite *suite, const void *more,
			  size_t size, uint8_t hash[HASH_MAX]);

void transcript_end(struct transcript *transcript);

/* SHA-256 of some bytes */
void hash_sha256(const void *bytes, size_t size, uint8_t hash[32]);

#endif /* KEYED_TLS_TRANSCRIPT_H */
