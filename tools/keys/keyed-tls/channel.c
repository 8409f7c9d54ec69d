// SPDX-License-Identifier: GPL-2.0-only
#include "channel.h"
#include "error.h"

/* A peer that sends nothing of use gets no further */
#define IDLE_MAX	64

/* The longest body of each message that there is */
static size_t longest(int type)
{
	switch (type) {
	case CLIENT_HELLO:
	case SERVER_HELLO:
		return HELLO_MAX - MESSAGE_HEADER;
	case CERTIFICATE:
		return MESSAGE_MAX;
	case NEW_SESSION_TICKET:
	case ENCRYPTED_EXTENSIONS:
	case CERTIFICATE_REQUEST:
	case CERTIFICATE_VERIFY:
		return 8192;
	case FINISHED:
		return HASH_MAX;
	case KEY_UPDATE:
		return 1;
	default:
		return 0;
	}
}

static void __attribute__((noreturn)) cut_short(const struct channel *channel)
{
	leave(EXIT_ENDED, "the %s closed the connection without close_notify",
	      channel->records.name);
}

/* Takes an alert; returns true if it is close_notify. */
static bool take_alert(struct channel *channel, struct reader *text)
{
	int alert;

	read_number(text, 1);
	alert = read_number(text, 1);
	if (!read_whole(text))
		refuse(&channel->records, ALERT_DECODE_ERROR,
		       "the %s sent a malformed alert", channel->records.name);
	if (alert != ALERT_CLOSE_NOTIFY && alert != ALERT_USER_CANCELED)
		ended_by(&channel->records, alert);
	return alert == ALERT_CLOSE_NOTIFY;
}

static void __attribute__((noreturn)) out_of_place(struct channel *channel)
{
	refuse(&channel->records, ALERT_UNEXPECTED_MESSAGE,
	       "the %s sent something that has no place here",
	       channel->records.name);
}

/* Room at the end is made at the front. */
static void keep(struct channel *channel, const struct reader *text)
{
	if (channel->at) {
		memmove(channel->in, channel->in + channel->at,
			channel->have - channel->at);
		channel->have -= channel->at;
		channel->at = 0;
	}
	if (text->left > sizeof(channel->in) - channel->have)
		out_of_place(channel);
	memcpy(channel->in + channel->have, text->at, text->left);
	channel->have += text->left;
}

/* True if a whole message is there.  Its length is checked before it is waited for. */
static bool next_message(struct channel *channel, struct message *message)
{
	const size_t left = channel->have - channel->at;
	struct reader in = reader_of(channel->in + channel->at, left);
	size_t size;

	if (!left)
		return false;
	message->bytes = in.at;
	message->type = read_number(&in, 1);
	if (!longest(message->type))
		out_of_place(channel);
	if (left < MESSAGE_HEADER)
		return false;
	size = read_number(&in, 3);
	if (size > longest(message->type))
		refuse(&channel->records, ALERT_ILLEGAL_PARAMETER,
		       "the %s sent a message that is too long",
		       channel->records.name);
	if (in.left < size)
		return false;
	message->size = MESSAGE_HEADER + size;
	message->body = reader_of(in.at, size);
	channel->at += message->size;
	return true;
}

static void count_idle(struct channel *channel)
{
	if (++channel->idle > IDLE_MAX)
		refuse(&channel->records, ALERT_UNEXPECTED_MESSAGE,
		       "the %s goes on without data", channel->records.name);
}

void message_receive(struct channel *channel, struct message *message)
{
	struct reader text;
	int type;

	while (!next_message(channel, message)) {
		type = record_receive(&channel->records, &text);
		if (type < 0)
			cut_short(channel);
		if (type == RECORD_ALERT) {
			if (take_alert(channel, &text))
				ended_by(&channel->records, ALERT_CLOSE_NOTIFY);
			count_idle(channel);
			continue;
		}
		if (type != RECORD_HANDSHAKE)
			out_of_place(channel);
		keep(channel, &text);
	}
}

void message_expect(struct channel *channel, enum message_type type,
		    struct message *message)
{
	message_receive(channel, message);
	if (message->type != (int)type)
		out_of_place(channel);
}

void channel_judge(struct channel *channel, struct verdict verdict)
{
	if (verdict.alert)
		refuse(&channel->records, verdict.alert, "the %s %s",
		       channel->records.name, verdict.why);
}

void channel_boundary(struct channel *channel)
{
	if (channel->at != channel->have)
		refuse(&channel->records, ALERT_UNEXPECTED_MESSAGE,
		       "the %s sent a message across a change of keys",
		       channel->records.name);
}

/* A message can be longer than a record. */
void channel_send(struct channel *channel, struct writer *message)
{
	size_t part;

	write_length(message, 1, 3);
	if (message->bad)
		fail("a message has become too long");
	for (size_t at = 0; at < message->size; at += part) {
		part = message->size - at;
		if (part > TEXT_MAX)
			part = TEXT_MAX;
		record_send(&channel->records, RECORD_HANDSHAKE,
			    message->bytes + at, part);
	}
}

void message_send(struct channel *channel, struct writer *message)
{
	channel_send(channel, message);
	transcript_add(&channel->transcript, message->bytes, message->size);
}

void channel_finish(struct channel *channel)
{
	const size_t size = channel->schedule.suite->size;
	uint8_t hash[HASH_MAX], mac[HASH_MAX];
	uint8_t bytes[MESSAGE_HEADER + HASH_MAX];
	struct writer message = { .bytes = bytes, .room = sizeof(bytes) };

	transcript_hash(&channel->transcript, hash);
	schedule_finished(&channel->schedule, hash, mac);
	write_number(&message, FINISHED, 1);
	write_number(&message, 0, 3);
	write_bytes(&message, mac, size);
	message_send(channel, &message);
}

void channel_expect_finished(struct channel *channel)
{
	const size_t size = channel->schedule.suite->size;
	uint8_t hash[HASH_MAX];
	struct message message;
	const uint8_t *mac;

	transcript_hash(&channel->transcript, hash);
	message_expect(channel, FINISHED, &message);
	mac = read_bytes(&message.body, size);
	if (!mac || !read_whole(&message.body))
		refuse(&channel->records, ALERT_DECODE_ERROR,
		       "the %s sent a Finished of another length",
		       channel->records.name);
	if (!schedule_is_finished(&channel->schedule, hash, mac))
		refuse(&channel->records, ALERT_DECRYPT_ERROR,
		       "the Finished of the %s is wrong", channel->records.name);
	transcript_add(&channel->transcript, message.bytes, message.size);
	channel_boundary(channel);
	channel->records.plain_at = false;
}

void channel_begin(struct channel *channel)
{
	transcript_end(&channel->transcript);
	channel->records.deadline = 0;
	channel->idle = 0;
	if (channel->by_socket)
		record_give_to_socket(&channel->records);
}

/* --- new keys ------------------------------------------------------------- */

static void update_own(struct channel *channel, int request)
{
	uint8_t bytes[MESSAGE_HEADER + 1];
	struct writer message = { .bytes = bytes, .room = sizeof(bytes) };

	write_number(&message, KEY_UPDATE, 1);
	write_number(&message, 0, 3);
	write_number(&message, request, 1);
	channel_send(channel, &message);
	schedule_update(&channel->schedule.own);
	record_set_own(&channel->records, channel->schedule.own);
}

/* A socket has one secret a direction, and never gets another one. */
static void __attribute__((noreturn))
end_for_want_of_keys(struct channel *channel)
{
	channel_close(channel);
	leave(EXIT_ENDED,
	      "the %s has new keys, which a socket cannot take: try without --ktls",
	      channel->records.name);
}

static void take_update(struct channel *channel, struct reader *body)
{
	int request = read_number(body, 1);

	if (!read_whole(body))
		refuse(&channel->records, ALERT_DECODE_ERROR,
		       "the %s sent a malformed KeyUpdate",
		       channel->records.name);
	if (request != UPDATE_REQUESTED && request != UPDATE_NOT_REQUESTED)
		refuse(&channel->records, ALERT_ILLEGAL_PARAMETER,
		       "the %s sent a KeyUpdate that asks for nothing known",
		       channel->records.name);
	channel_boundary(channel);
	if (channel->records.taken)
		end_for_want_of_keys(channel);
	schedule_update(&channel->schedule.peer);
	record_set_peer(&channel->records, channel->schedule.peer);
	channel->asked = false;
	if (request == UPDATE_REQUESTED)
		update_own(channel, UPDATE_NOT_REQUESTED);
}

/* After so many records both ends get new keys; each is asked once at a time. */
static void update_if_due(struct channel *channel)
{
	const struct records *records = &channel->records;

	if (records->taken)
		return;
	if (!channel->asked &&
	    records->sealed + records->opened >= channel->every) {
		update_own(channel, UPDATE_REQUESTED);
		channel->asked = true;
	} else if (records->sealed >= channel->every) {
		update_own(channel, UPDATE_NOT_REQUESTED);
	}
}

/* --- data ----------------------------------------------------------------- */

static void take_messages(struct channel *channel, const struct reader *text)
{
	struct message message;

	keep(channel, text);
	while (next_message(channel, &message)) {
		if (message.type == KEY_UPDATE)
			take_update(channel, &message.body);
		else if (message.type == NEW_SESSION_TICKET && channel->ticket)
			channel->ticket(channel, &message.body);
		else
			out_of_place(channel);
	}
}

bool channel_read(struct channel *channel, struct reader *data)
{
	int type;

	for (;;) {
		update_if_due(channel);
		type = record_receive(&channel->records, data);
		if (type < 0)
			cut_short(channel);
		if (type != RECORD_HANDSHAKE && channel->at != channel->have)
			out_of_place(channel);
		if (type == RECORD_ALERT && take_alert(channel, data))
			return false;
		if (type == RECORD_HANDSHAKE)
			take_messages(channel, data);
		if (type == RECORD_DATA && data->left)
			break;
		count_idle(channel);
	}
	channel->idle = 0;
	return true;
}

void channel_write(struct channel *channel, const void *data, size_t size)
{
	const uint8_t *at = data;
	size_t part;

	for (; size; size -= part, at += part) {
		part = size < TEXT_MAX ? size : TEXT_MAX;
		update_if_due(channel);
		record_send(&channel->records, RECORD_DATA, at, part);
	}
}

void channel_close(struct channel *channel)
{
	record_alert(&channel->records, ALERT_CLOSE_NOTIFY);
}
