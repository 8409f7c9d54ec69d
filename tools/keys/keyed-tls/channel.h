/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection: messages of the handshake, then data, and its end. */
#ifndef KEYED_TLS_CHANNEL_H
#define KEYED_TLS_CHANNEL_H

#include "hello.h"
#include "record.h"
#include "schedule.h"
#include "transcript.h"

/*
 * struct message - one message of the handshake
 * @type:	its type
 * @bytes:	all of it, with its header
 * @size:	bytes of that
 * @body:	what follows the header
 */
struct message {
	int type;
	const uint8_t *bytes;
	size_t size;
	struct reader body;
};

/*
 * struct channel - a connection
 * @records:	its records
 * @schedule:	its keys
 * @transcript:	the hash of its messages
 * @in:		messages that were received
 * @have:	bytes of that
 * @at:		where the next message begins
 * @idle:	alerts of a handshake that end nothing; then records without data, one after
 *		the other
 * @every:	so many records get new keys, see channel_update()
 * @asked:	the other end was asked for new keys
 * @by_socket:	the socket takes the secrets once the handshake is done
 * @ticket:	what is done with a NewSessionTicket, if one may come
 * @context:	for @ticket
 */
struct channel {
	struct records records;
	struct schedule schedule;
	struct transcript transcript;
	uint8_t in[MESSAGE_HEADER + MESSAGE_MAX + TEXT_MAX];
	size_t have;
	size_t at;
	unsigned int idle;
	uint64_t every;
	bool asked;
	bool by_socket;
	void (*ticket)(struct channel *channel, struct reader *body);
	void *context;
};

/* The next message, valid until the one after it. */
void message_receive(struct channel *channel, struct message *message);
void message_expect(struct channel *channel, enum message_type type,
		    struct message *message);

/* Ends the program unless a verdict is good. */
void channel_judge(struct channel *channel, struct verdict verdict);

/* The last message ends its record: keys change here. */
void channel_boundary(struct channel *channel);

/*
 * Sends a message that was written from its header on; and adds it to the hash, if it
 * is one of the handshake.
 */
void channel_send(struct channel *channel, struct writer *message);
void message_send(struct channel *channel, struct writer *message);

/* Finished, of this end and of the other one. */
void channel_finish(struct channel *channel);
void channel_expect_finished(struct channel *channel);

/* The handshake is done. */
void channel_begin(struct channel *channel);

/* The next bytes of data, or false after close_notify. */
bool channel_read(struct channel *channel, struct reader *data);
void channel_write(struct channel *channel, const void *data, size_t size);

/* Says close_notify. */
void channel_close(struct channel *channel);

#endif /* KEYED_TLS_CHANNEL_H */
