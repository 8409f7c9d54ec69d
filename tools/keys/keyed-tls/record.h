/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records (RFC 8446, 5).  Nobody else touches the socket or uses a traffic secret.
 * The kernel seals, opens and counts: a record is one system call beside those of the
 * socket, and nothing but @own and @peer says by which key.  Once the socket has taken
 * both, it does so itself.
 */
#ifndef KEYED_TLS_RECORD_H
#define KEYED_TLS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "keys.h"
#include "protocol.h"

/*
 * struct records - one connection's
 * @fd:		socket, which does not block
 * @name:	what the other end is called: "server" or "client"
 * @timeout:	milliseconds that the other end has for its next bytes
 * @deadline:	when the handshake, or a question, has to be there, by now_ms(); else 0
 * @own:	seals what is sent; 0 as long as it is plain
 * @peer:	opens what is received; 0 as long as it is plain
 * @sealed:	how many records @own has sealed
 * @opened:	how many records @peer has opened
 * @plain_at:	a change_cipher_spec may come, and until @peer has opened a record an alert
 *		in the open: only while the handshake runs
 * @spec_had:	the change_cipher_spec has come
 * @taken:	the socket has both secrets, and seals and opens itself
 * @record:	the last one received, and then one to send
 * @text:	the text of the last one received
 */
struct records {
	int fd;
	const char *name;
	int timeout;
	int64_t deadline;
	key_serial own;
	key_serial peer;
	uint64_t sealed;
	uint64_t opened;
	bool plain_at;
	bool spec_had;
	bool taken;
	uint8_t record[HEADER_SIZE + SEALED_MAX];
	uint8_t text[SEALED_MAX];
};

/* Milliseconds of a clock that nobody sets. */
int64_t now_ms(void);

/* The other end has so long for a whole handshake, or a question, from now on. */
void record_limit(struct records *records);

/*
 * The next record, but for a change_cipher_spec that is due.  Returns its type, or
 * -1 where the other end has closed the connection between two records.
 */
int record_receive(struct records *records, struct reader *text);

/* Sends a record of up to TEXT_MAX bytes. */
void record_send(struct records *records, enum record_type type,
		 const void *text, size_t size);

/* What is sent, or received, is under another key from now on. */
void record_set_own(struct records *records, key_serial own);
void record_set_peer(struct records *records, key_serial peer);

/* The socket, which socket_prepare() has seen, takes both secrets. */
void record_give_to_socket(struct records *records);

/* Takes whatever comes, unopened, until the other end closes or is late. */
void record_drain(struct records *records);

/* Sends an alert if it can be sent. */
void record_alert(struct records *records, enum alert alert);

/* What the other end sent is refused: it is told by an alert, the user by a line. */
void refuse(struct records *records, enum alert alert, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* An alert that came, which is not close_notify, ends the program. */
void ended_by(const struct records *records, int alert)
	__attribute__((noreturn));

const char *alert_name(int alert);

#endif /* KEYED_TLS_RECORD_H */
