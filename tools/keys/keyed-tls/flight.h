/* SPDX-License-Identifier: GPL-2.0-only */
/* The messages behind the hellos (RFC 8446, 4.3, 4.4 and 4.6.1). */
#ifndef KEYED_TLS_FLIGHT_H
#define KEYED_TLS_FLIGHT_H

#include "hello.h"

#define CERTIFICATES_MAX	8

/* @body is what follows the message's header, in each. */
struct verdict parse_encrypted_extensions(struct reader *body, bool named);
struct verdict parse_certificate_request(struct reader *body);

/*
 * struct chain - certificates as they came, the peer's own first
 * @count:	how many
 * @der:	each of them
 */
struct chain {
	size_t count;
	struct reader der[CERTIFICATES_MAX];
};

struct verdict parse_certificate(struct reader *body, struct chain *chain);
struct verdict parse_certificate_verify(struct reader *body,
					struct reader *signature);

/*
 * struct new_ticket - what a server gives for the next connection
 * @life:	seconds
 * @age_add:	what hides its age
 * @nonce:	makes its PSK
 * @ticket:	what the server wants to see again
 */
struct new_ticket {
	uint32_t life;
	uint32_t age_add;
	struct reader nonce;
	struct reader ticket;
};

struct verdict parse_new_ticket(struct reader *body, struct new_ticket *ticket);

/* What a signature in CertificateVerify is of; returns its size. */
#define SIGNED_MAX	(64 + 34 + HASH_MAX)
size_t write_signed(bool server, const uint8_t *hash, size_t size,
		    uint8_t signed_text[SIGNED_MAX]);

#endif /* KEYED_TLS_FLIGHT_H */
