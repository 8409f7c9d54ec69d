// SPDX-License-Identifier: GPL-2.0-only
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls13_puppet.h"

/* --- bytes ---------------------------------------------------------------- */

void put(struct text *text, const void *bytes, size_t size)
{
	if (size > sizeof(text->bytes) - text->size)
		abort();
	if (size)
		memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

void put_number(struct text *text, unsigned int number, size_t size)
{
	uint8_t bytes[4];

	for (size_t i = 0; i < size; i++)
		bytes[i] = number >> 8 * (size - 1 - i);
	put(text, bytes, size);
}

size_t put_later(struct text *text, size_t size)
{
	put_number(text, 0, size);
	return text->size - size;
}

void put_length(struct text *text, size_t at, size_t size)
{
	size_t length = text->size - at - size;

	for (size_t i = 0; i < size; i++)
		text->bytes[at + i] = length >> 8 * (size - 1 - i);
}

void put_extension(struct text *text, int type, const void *bytes, size_t size)
{
	put_number(text, type, 2);
	put_number(text, size, 2);
	put(text, bytes, size);
}

unsigned int get_number(const uint8_t *at, size_t size)
{
	unsigned int value = 0;

	while (size--)
		value = value << 8 | *at++;
	return value;
}

/* --- records -------------------------------------------------------------- */

/* Whoever was refused may find that nobody listens any more. */
void puppet_raw(struct puppet *puppet, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	ssize_t sent;

	for (; size; size -= sent, at += sent) {
		sent = send(puppet->fd, at, size, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
	}
}

void puppet_inner(struct puppet *puppet, const void *inner, size_t size)
{
	struct text *record = &puppet->record;

	record->size = PEER_HEADER + size + PEER_TAG;
	peer_header(size + PEER_TAG, record->bytes);
	if (!peer_seal(puppet->suite, &puppet->own, puppet->own_number++, inner,
		       size, record->bytes + PEER_HEADER))
		abort();
	puppet_raw(puppet, record->bytes, record->size);
}

void puppet_record(struct puppet *puppet, int type, const void *bytes,
		   size_t size)
{
	struct text *text = calloc(1, sizeof(*text));

	if (puppet->has_own) {
		put(text, bytes, size);
		put_number(text, type, 1);
		puppet_inner(puppet, text->bytes, text->size);
	} else {
		put_number(text, type, 1);
		put_number(text, 0x0303, 2);
		put_number(text, size, 2);
		put(text, bytes, size);
		puppet->record = *text;
		puppet_raw(puppet, text->bytes, text->size);
	}
	free(text);
}

static bool receive(struct puppet *puppet, uint8_t *bytes, size_t size)
{
	ssize_t got;

	for (; size; size -= got, bytes += got) {
		got = recv(puppet->fd, bytes, size, 0);
		if (got <= 0)
			return false;
	}
	return true;
}

int puppet_read(struct puppet *puppet, struct text *text)
{
	uint8_t header[PEER_HEADER], record[PUPPET_TEXT_MAX];
	size_t size;

	if (!receive(puppet, header, sizeof(header)))
		return -1;
	size = get_number(header + 3, 2);
	if (size > sizeof(record) || !receive(puppet, record, size))
		return -1;
	text->size = size;
	if (!puppet->has_peer || header[0] != DATA) {
		memcpy(text->bytes, record, size);
		return header[0];
	}
	if (size <= PEER_TAG ||
	    !peer_open(puppet->suite, &puppet->peer, puppet->peer_number++,
		       record, size, text->bytes))
		return -2;
	size -= PEER_TAG;
	while (size && !text->bytes[size - 1])
		size--;
	if (!size)
		return -2;
	text->size = size - 1;
	return text->bytes[size - 1];
}

int puppet_alert(struct puppet *puppet)
{
	struct text *text = calloc(1, sizeof(*text));
	int type, alert = -1;

	do {
		type = puppet_read(puppet, text);
	} while (type >= 0 && type != ALERT);
	if (type == ALERT && text->size == 2)
		alert = text->bytes[1];
	free(text);
	return alert;
}

/* --- messages ------------------------------------------------------------- */

void message_begin(struct text *message, int type)
{
	message->size = 0;
	put_number(message, type, 1);
	put_number(message, 0, 3);
}

void message_end(struct text *message)
{
	put_length(message, 1, 3);
}

void puppet_message(struct puppet *puppet, struct text *message)
{
	message_end(message);
	put(&puppet->messages, message->bytes, message->size);
	puppet_record(puppet, HANDSHAKE, message->bytes, message->size);
}

void puppet_hash(const struct puppet *puppet, uint8_t hash[PEER_HASH_MAX])
{
	peer_hash(puppet->suite, puppet->messages.bytes, puppet->messages.size,
		  hash);
}

/* --- keys ----------------------------------------------------------------- */

void puppet_set_own(struct puppet *puppet, const struct peer_secret *secret)
{
	puppet->own = *secret;
	puppet->own_number = 0;
	puppet->has_own = true;
}

void puppet_set_peer(struct puppet *puppet, const struct peer_secret *secret)
{
	puppet->peer = *secret;
	puppet->peer_number = 0;
	puppet->has_peer = true;
}

void puppet_next(struct puppet *puppet, bool own)
{
	struct peer_secret *secret = own ? &puppet->own : &puppet->peer, next;

	peer_expand(puppet->suite, secret, "traffic upd", NULL, 0, next.bytes,
		    puppet->suite->size);
	if (own)
		puppet_set_own(puppet, &next);
	else
		puppet_set_peer(puppet, &next);
}

static void both(struct puppet *puppet, const struct peer_secret *from,
		 const char *client_label, const char *server_label,
		 struct peer_secret *own, struct peer_secret *peer)
{
	uint8_t hash[PEER_HASH_MAX];

	puppet_hash(puppet, hash);
	peer_derive(puppet->suite, from, client_label, hash,
		    puppet->server ? peer : own);
	peer_derive(puppet->suite, from, server_label, hash,
		    puppet->server ? own : peer);
}

bool puppet_agree(struct puppet *puppet)
{
	const struct peer_suite *suite = puppet->suite;
	struct peer_secret salt, own, peer;
	uint8_t shared[32];

	if (!peer_agree(puppet->pair, "X25519", puppet->share, 32, shared))
		return false;
	peer_extract(suite, NULL, puppet->psk, suite->size, &puppet->early);
	peer_derive(suite, &puppet->early, "derived", NULL, &salt);
	peer_extract(suite, &salt, shared, sizeof(shared), &puppet->handshake);
	both(puppet, &puppet->handshake, "c hs traffic", "s hs traffic", &own,
	     &peer);
	peer_derive(suite, &puppet->handshake, "derived", NULL, &salt);
	peer_extract(suite, &salt, NULL, 0, &puppet->master);
	puppet_set_own(puppet, &own);
	puppet_set_peer(puppet, &peer);
	return true;
}

void puppet_application(struct puppet *puppet, struct peer_secret *own,
			struct peer_secret *peer)
{
	both(puppet, &puppet->master, "c ap traffic", "s ap traffic", own, peer);
}

void puppet_finished(struct puppet *puppet, bool wrong)
{
	uint8_t hash[PEER_HASH_MAX], mac[PEER_HASH_MAX];
	struct text *message = calloc(1, sizeof(*message));
	struct peer_secret key;

	puppet_hash(puppet, hash);
	peer_expand(puppet->suite, &puppet->own, "finished", NULL, 0, key.bytes,
		    puppet->suite->size);
	peer_hmac(puppet->suite, &key, hash, puppet->suite->size, mac);
	mac[0] ^= wrong;
	message_begin(message, FINISHED);
	put(message, mac, puppet->suite->size);
	puppet_message(puppet, message);
	free(message);
}

void puppet_plain_alerts(struct puppet *puppet, int level, int alert, int count)
{
	const uint8_t record[] = { ALERT, 3, 3, 0, 2, level, alert };

	while (count--)
		puppet_raw(puppet, record, sizeof(record));
}

void puppet_update(struct puppet *puppet, int request)
{
	struct text *message = calloc(1, sizeof(*message));

	message_begin(message, KEY_UPDATE);
	put_number(message, request, 1);
	puppet_message(puppet, message);
	free(message);
}

void put_signature(const struct puppet *puppet, struct text *message,
		   EVP_PKEY *key)
{
	static const char by[34] = "TLS 1.3, server CertificateVerify";
	uint8_t text[64 + sizeof(by) + PEER_HASH_MAX], signature[512];
	size_t size = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;

	memset(text, ' ', 64);
	memcpy(text + 64, by, sizeof(by));
	puppet_hash(puppet, text + 64 + sizeof(by));
	if (EVP_DigestSignInit(ctx, &how, EVP_sha256(), NULL, key) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) <= 0 ||
	    EVP_DigestSign(ctx, signature, &size, text,
			   64 + sizeof(by) + puppet->suite->size) <= 0)
		abort();
	put_number(message, 0x0804, 2);
	put_number(message, size, 2);
	put(message, signature, size);
	EVP_MD_CTX_free(ctx);
}
