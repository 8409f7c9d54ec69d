// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "flight.h"

static const struct verdict good;

static struct verdict verdict_of(int alert, const char *why)
{
	return (struct verdict){ alert, why };
}

/* A server may tell its groups, and say that it knows its name. */
struct verdict parse_encrypted_extensions(struct reader *body, bool named)
{
	struct extensions extensions = {
		.list = read_vector(body, 2, 0, UINT16_MAX),
	};
	struct verdict verdict;
	struct reader data;
	int type;

	if (!read_whole(body))
		return verdict_of(ALERT_DECODE_ERROR,
				  "sent malformed EncryptedExtensions");
	while (next_extension(&extensions, &type, &data, &verdict)) {
		if (type != EXT_GROUPS && (type != EXT_SERVER_NAME || !named))
			return verdict_of(ALERT_UNSUPPORTED_EXTENSION,
					  "sent an extension that was not asked for");
		if (type == EXT_SERVER_NAME && data.left)
			return verdict_of(ALERT_DECODE_ERROR,
					  "sent a malformed extension");
	}
	return verdict;
}

/* The server gets no certificate, whatever it asks for. */
struct verdict parse_certificate_request(struct reader *body)
{
	struct reader context = read_vector(body, 1, 0, UINT8_MAX);
	struct extensions extensions = {
		.list = read_vector(body, 2, 2, UINT16_MAX),
	};
	struct verdict verdict;
	bool signatures = false;
	struct reader data;
	int type;

	if (!read_whole(body))
		return verdict_of(ALERT_DECODE_ERROR,
				  "sent a malformed CertificateRequest");
	if (context.left)
		return verdict_of(ALERT_ILLEGAL_PARAMETER,
				  "sent a CertificateRequest with a context");
	while (next_extension(&extensions, &type, &data, &verdict))
		signatures |= type == EXT_SIGNATURES;
	if (!verdict.alert && !signatures)
		return verdict_of(ALERT_MISSING_EXTENSION,
				  "left out an extension");
	return verdict;
}

/* Nothing was asked for that a certificate could have beside it. */
static struct verdict parse_entry(struct reader *list, struct chain *chain)
{
	struct reader der = read_vector(list, 3, 1, MESSAGE_MAX);
	struct reader extensions = read_vector(list, 2, 0, UINT16_MAX);

	if (list->bad)
		return verdict_of(ALERT_DECODE_ERROR,
				  "sent a malformed Certificate");
	if (extensions.left)
		return verdict_of(ALERT_UNSUPPORTED_EXTENSION,
				  "sent an extension that was not asked for");
	if (chain->count == CERTIFICATES_MAX)
		return verdict_of(ALERT_BAD_CERTIFICATE,
				  "sent too many certificates");
	chain->der[chain->count++] = der;
	return good;
}

struct verdict parse_certificate(struct reader *body, struct chain *chain)
{
	struct reader context = read_vector(body, 1, 0, UINT8_MAX);
	struct reader list = read_vector(body, 3, 0, MESSAGE_MAX);
	struct verdict verdict;

	chain->count = 0;
	if (!read_whole(body))
		return verdict_of(ALERT_DECODE_ERROR,
				  "sent a malformed Certificate");
	if (context.left)
		return verdict_of(ALERT_ILLEGAL_PARAMETER,
				  "sent a Certificate with a context");
	while (list.left) {
		verdict = parse_entry(&list, chain);
		if (verdict.alert)
			return verdict;
	}
	if (!chain->count)
		return verdict_of(ALERT_DECODE_ERROR, "sent no certificate");
	return good;
}

struct verdict parse_certificate_verify(struct reader *body,
					struct reader *signature)
{
	unsigned int scheme = read_number(body, 2);

	*signature = read_vector(body, 2, 1, UINT16_MAX);
	if (!read_whole(body))
		return verdict_of(ALERT_DECODE_ERROR,
				  "sent a malformed CertificateVerify");
	if (scheme != RSA_PSS_RSAE_SHA256)
		return verdict_of(ALERT_ILLEGAL_PARAMETER,
				  "signed in a way that was not offered");
	return good;
}

/* Its extensions are about early data, of which there is none. */
struct verdict parse_new_ticket(struct reader *body, struct new_ticket *ticket)
{
	struct extensions extensions = {};
	struct verdict verdict;
	struct reader data;
	int type;

	ticket->life = read_number(body, 4);
	ticket->age_add = read_number(body, 4);
	ticket->nonce = read_vector(body, 1, 0, UINT8_MAX);
	ticket->ticket = read_vector(body, 2, 1, UINT16_MAX);
	extensions.list = read_vector(body, 2, 0, UINT16_MAX);
	if (!read_whole(body))
		return verdict_of(ALERT_DECODE_ERROR,
				  "sent a malformed NewSessionTicket");
	if (ticket->life > TICKET_LIFE_MAX)
		return verdict_of(ALERT_ILLEGAL_PARAMETER,
				  "sent a ticket that lives too long");
	while (next_extension(&extensions, &type, &data, &verdict))
		;
	return verdict;
}

size_t write_signed(bool server, const uint8_t *hash, size_t size,
		    uint8_t signed_text[SIGNED_MAX])
{
	static const char by_server[34] = "TLS 1.3, server CertificateVerify";
	static const char by_client[34] = "TLS 1.3, client CertificateVerify";

	memset(signed_text, ' ', 64);
	memcpy(signed_text + 64, server ? by_server : by_client, 34);
	memcpy(signed_text + 64 + 34, hash, size);
	return 64 + 34 + size;
}
