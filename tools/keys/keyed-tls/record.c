// SPDX-License-Identifier: GPL-2.0-only
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "../hex.h"
#include "error.h"
#include "record.h"
#include "socket.h"

/* The information string of a record: its header in hex */
#define INFO_ROOM	sizeof("aad=1703030000")

/* A handshake, or a question, has so many times as long as the next bytes of it */
#define WHOLE_TIMES	2

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void record_limit(struct records *records)
{
	records->deadline = now_ms() + WHOLE_TIMES * records->timeout;
}

/* --- the socket ----------------------------------------------------------- */

static void __attribute__((noreturn)) late(const struct records *records)
{
	leave(EXIT_ENDED, "the %s did not go on in time", records->name);
}

/* Waits for the socket; however slowly bytes drip, the deadline stands. */
static void wait_for(const struct records *records, short events)
{
	struct pollfd poll_fd = { .fd = records->fd, .events = events };
	int64_t left = records->timeout;
	int ready;

	if (records->deadline && records->deadline - now_ms() < left)
		left = records->deadline - now_ms();
	if (left <= 0)
		late(records);
	do {
		ready = poll(&poll_fd, 1, left);
	} while (ready < 0 && errno == EINTR);
	if (!ready)
		late(records);
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Reads all of @size bytes; fewer only where the other end has closed. */
static size_t receive(const struct records *records, uint8_t *bytes, size_t size)
{
	size_t have = 0;
	ssize_t got;

	while (have < size) {
		got = recv(records->fd, bytes + have, size - have, 0);
		if (!got)
			break;
		if (got > 0)
			have += got;
		else if (would_block())
			wait_for(records, POLLIN);
		else
			leave(EXIT_ENDED, "the connection to the %s broke: %s",
			      records->name, strerror(errno));
	}
	return have;
}

/*
 * Sends what is sealed, or text to a socket that seals it in a record of @type.
 * Returns false with errno if the socket takes no more.
 */
static bool transmit(const struct records *records, int type,
		     const uint8_t *bytes, size_t size)
{
	ssize_t sent;

	while (size) {
		sent = records->taken ?
		       socket_send(records->fd, type, bytes, size) :
		       send(records->fd, bytes, size, MSG_NOSIGNAL);
		if (sent < 0 && !would_block())
			return false;
		if (sent < 0) {
			wait_for(records, POLLOUT);
			continue;
		}
		bytes += sent;
		size -= sent;
	}
	return true;
}

/* --- what goes out -------------------------------------------------------- */

static void put_header(uint8_t *header, int type, size_t size)
{
	header[0] = type;
	header[1] = LEGACY_VERSION >> 8;
	header[2] = LEGACY_VERSION & 0xff;
	header[3] = size >> 8;
	header[4] = size;
}

static const char *info_of(const uint8_t *header, char info[INFO_ROOM])
{
	memcpy(info, "aad=", 4);
	hex_write(info + 4, header, HEADER_SIZE);
	return info;
}

/* Seals into @record with its header; returns the size or a negative errno. */
static long seal(struct records *records, int type, const void *text,
		 size_t size)
{
	uint8_t *record = records->record, *inner = records->text;
	char info[INFO_ROOM];
	long ret;

	memcpy(inner, text, size);
	inner[size] = type;
	put_header(record, RECORD_DATA, size + 1 + TAG_SIZE);
	ret = key_seal(records->own, info_of(record, info), inner, size + 1,
		       record + HEADER_SIZE, SEALED_MAX);
	if (ret < 0)
		return ret;
	records->sealed++;
	return HEADER_SIZE + ret;
}

/* Makes a record unless the socket does; returns what there is to send. */
static long put_record(struct records *records, int type, const void *text,
		       size_t size)
{
	if (records->taken)
		return size;
	if (records->own)
		return seal(records, type, text, size);
	put_header(records->record, type, size);
	memcpy(records->record + HEADER_SIZE, text, size);
	return HEADER_SIZE + size;
}

/* A key has ended, or is not for this; all else is about the connection. */
static bool is_about_key(int error)
{
	return error == EKEYREVOKED || error == EKEYEXPIRED ||
	       error == EKEYREJECTED;
}

void record_send(struct records *records, enum record_type type,
		 const void *text, size_t size)
{
	long done = put_record(records, type, text, size);

	if (done < 0)
		fail("cannot seal a record: %s", key_cause(done));
	if (transmit(records, type, records->taken ? text : records->record, done))
		return;
	if (is_about_key(errno))
		fail("cannot seal a record: %s", key_cause(-errno));
	leave(EXIT_ENDED, "the connection to the %s broke: %s", records->name,
	      strerror(errno));
}

void record_set_own(struct records *records, key_serial own)
{
	records->own = own;
	records->sealed = 0;
}

/* --- alerts --------------------------------------------------------------- */

static const struct {
	enum alert alert;
	const char *name;
} alerts[] = {
	{ ALERT_CLOSE_NOTIFY, "close_notify" },
	{ ALERT_UNEXPECTED_MESSAGE, "unexpected_message" },
	{ ALERT_BAD_RECORD_MAC, "bad_record_mac" },
	{ ALERT_RECORD_OVERFLOW, "record_overflow" },
	{ ALERT_HANDSHAKE_FAILURE, "handshake_failure" },
	{ ALERT_BAD_CERTIFICATE, "bad_certificate" },
	{ ALERT_UNSUPPORTED_CERTIFICATE, "unsupported_certificate" },
	{ ALERT_CERTIFICATE_REVOKED, "certificate_revoked" },
	{ ALERT_CERTIFICATE_EXPIRED, "certificate_expired" },
	{ ALERT_CERTIFICATE_UNKNOWN, "certificate_unknown" },
	{ ALERT_ILLEGAL_PARAMETER, "illegal_parameter" },
	{ ALERT_UNKNOWN_CA, "unknown_ca" },
	{ ALERT_ACCESS_DENIED, "access_denied" },
	{ ALERT_DECODE_ERROR, "decode_error" },
	{ ALERT_DECRYPT_ERROR, "decrypt_error" },
	{ ALERT_PROTOCOL_VERSION, "protocol_version" },
	{ ALERT_INSUFFICIENT_SECURITY, "insufficient_security" },
	{ ALERT_INTERNAL_ERROR, "internal_error" },
	{ ALERT_USER_CANCELED, "user_canceled" },
	{ ALERT_MISSING_EXTENSION, "missing_extension" },
	{ ALERT_UNSUPPORTED_EXTENSION, "unsupported_extension" },
	{ ALERT_UNRECOGNIZED_NAME, "unrecognized_name" },
	{ ALERT_UNKNOWN_PSK_IDENTITY, "unknown_psk_identity" },
	{ ALERT_CERTIFICATE_REQUIRED, "certificate_required" },
	{ ALERT_NO_APPLICATION_PROTOCOL, "no_application_protocol" },
};

const char *alert_name(int alert)
{
	for (size_t i = 0; i < ARRAY_SIZE(alerts); i++)
		if ((int)alerts[i].alert == alert)
			return alerts[i].name;
	return "an alert that TLS 1.3 does not have";
}

void record_alert(struct records *records, enum alert alert)
{
	const bool warning = alert == ALERT_CLOSE_NOTIFY ||
			     alert == ALERT_USER_CANCELED;
	const uint8_t text[] = { warning ? 1 : 2, alert };
	long done = put_record(records, RECORD_ALERT, text, sizeof(text));

	if (done > 0)
		transmit(records, RECORD_ALERT,
			 records->taken ? text : records->record, done);
}

void refuse(struct records *records, enum alert alert, const char *format, ...)
{
	char why[256];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	record_alert(records, alert);
	leave(EXIT_REFUSED, "%s (%s)", why, alert_name(alert));
}

void ended_by(const struct records *records, int alert)
{
	leave(EXIT_ENDED, "the %s ended the connection (%s)", records->name,
	      alert_name(alert));
}

/* --- what comes in -------------------------------------------------------- */

static bool is_known(int type)
{
	return type >= RECORD_CHANGE_CIPHER_SPEC && type <= RECORD_DATA;
}

/* Reads a header and what it is of; false at the end of the connection. */
static bool receive_record(struct records *records, size_t *size)
{
	uint8_t *header = records->record;
	size_t got = receive(records, header, HEADER_SIZE);

	if (!got)
		return false;
	*size = header[3] << 8 | header[4];
	if (got == HEADER_SIZE) {
		if (!is_known(header[0]) || header[1] != LEGACY_VERSION >> 8)
			refuse(records, ALERT_UNEXPECTED_MESSAGE,
			       "the %s does not speak TLS", records->name);
		if (*size > (header[0] == RECORD_DATA ? SEALED_MAX : TEXT_MAX))
			refuse(records, ALERT_RECORD_OVERFLOW,
			       "the %s sent a record that is too long",
			       records->name);
		got += receive(records, header + HEADER_SIZE, *size);
	}
	if (got < HEADER_SIZE + *size)
		leave(EXIT_ENDED,
		      "the %s closed the connection within a record",
		      records->name);
	return true;
}

/* One may come from each end, for middleboxes; it means nothing. */
static void take_spec(struct records *records, size_t size)
{
	if (!records->plain_at || records->spec_had || size != 1 ||
	    records->record[HEADER_SIZE] != 1)
		refuse(records, ALERT_UNEXPECTED_MESSAGE,
		       "the %s sent a change_cipher_spec that has no place here",
		       records->name);
	records->spec_had = true;
}

static bool is_sealed(struct records *records)
{
	const int type = records->record[0];

	if (!records->peer) {
		if (type == RECORD_DATA)
			refuse(records, ALERT_UNEXPECTED_MESSAGE,
			       "the %s sent data before there are keys",
			       records->name);
		return false;
	}
	/*
	 * A client that makes nothing of our hello can only say so in the open.  Once
	 * the handshake is done anybody on the path could end the connection so, and a
	 * page without a length with it.
	 */
	if (type == RECORD_ALERT && records->plain_at && !records->opened)
		return false;
	if (type != RECORD_DATA)
		refuse(records, ALERT_UNEXPECTED_MESSAGE,
		       "the %s sent a record that is not sealed",
		       records->name);
	return true;
}

/* Opens into @text, without the zeros behind it; returns the type. */
static int open_record(struct records *records, size_t size,
		       struct reader *text)
{
	const uint8_t *record = records->record;
	char info[INFO_ROOM];
	long left;

	left = record[2] != (LEGACY_VERSION & 0xff) || size <= TAG_SIZE ?
		-EBADMSG : key_open(records->peer, info_of(record, info),
				    record + HEADER_SIZE, size, records->text,
				    size - TAG_SIZE);
	if (left == -EBADMSG)
		refuse(records, ALERT_BAD_RECORD_MAC,
		       "a record of the %s was changed, left out or sent again",
		       records->name);
	if (left < 0)
		fail("cannot open a record: %s", key_cause(left));
	records->opened++;
	if (left > INNER_MAX)
		refuse(records, ALERT_RECORD_OVERFLOW,
		       "the %s sent a record that is too long", records->name);
	while (left && !records->text[left - 1])
		left--;
	if (!left)
		refuse(records, ALERT_UNEXPECTED_MESSAGE,
		       "the %s sent a record without a type", records->name);
	*text = reader_of(records->text, left - 1);
	return records->text[left - 1];
}

/* Ends the program: a socket's secret has ended, with a forged record or without. */
static void __attribute__((noreturn)) no_record(const struct records *records)
{
	if (is_about_key(errno))
		fail("cannot open a record: %s", key_cause(-errno));
	if (errno == EBADMSG || errno == EMSGSIZE || errno == EINVAL)
		leave(EXIT_REFUSED,
		      "a record of the %s was changed, left out or sent again",
		      records->name);
	leave(EXIT_ENDED, "the connection to the %s broke: %s", records->name,
	      strerror(errno));
}

/* The text of a record that the socket has opened; returns its type, or -1. */
static int receive_opened(struct records *records, struct reader *text)
{
	uint8_t type;
	ssize_t got;

	for (;;) {
		got = socket_receive(records->fd, 0, &type, records->text,
				     sizeof(records->text));
		if (got >= 0)
			break;
		if (!would_block())
			no_record(records);
		wait_for(records, POLLIN);
	}
	*text = reader_of(records->text, got);
	return got || type ? type : -1;
}

static int receive_any(struct records *records, struct reader *text)
{
	size_t size;
	int type;

	do {
		if (!receive_record(records, &size))
			return -1;
		type = records->record[0];
		if (type == RECORD_CHANGE_CIPHER_SPEC)
			take_spec(records, size);
	} while (type == RECORD_CHANGE_CIPHER_SPEC);
	if (is_sealed(records))
		return open_record(records, size, text);
	*text = reader_of(records->record + HEADER_SIZE, size);
	return type;
}

int record_receive(struct records *records, struct reader *text)
{
	int type;

	/* One that never lets the socket run dry is late as well. */
	if (records->deadline && now_ms() >= records->deadline)
		late(records);
	type = records->taken ? receive_opened(records, text) :
				receive_any(records, text);
	if (type < 0)
		return type;
	if (type == RECORD_CHANGE_CIPHER_SPEC || !is_known(type))
		refuse(records, ALERT_UNEXPECTED_MESSAGE,
		       "the %s sent a record of an unknown type",
		       records->name);
	if (type != RECORD_DATA && !text->left)
		refuse(records, ALERT_UNEXPECTED_MESSAGE,
		       "the %s sent an empty record", records->name);
	return type;
}

void record_set_peer(struct records *records, key_serial peer)
{
	records->peer = peer;
	records->opened = 0;
}

void record_give_to_socket(struct records *records)
{
	int err = socket_take(records->fd, records->own, records->peer);

	if (err)
		fail("the socket cannot take the secrets: %s", key_cause(err));
	records->taken = true;
}

/* To close a socket with bytes in it would throw away what the other end has to read. */
void record_drain(struct records *records)
{
	struct pollfd poll_fd = { .fd = records->fd, .events = POLLIN };
	const int64_t end = now_ms() + records->timeout;
	int64_t left;
	uint8_t type;

	shutdown(records->fd, SHUT_WR);
	while ((left = end - now_ms()) > 0 && poll(&poll_fd, 1, left) > 0)
		if (socket_receive(records->fd, MSG_DONTWAIT, &type,
				   records->record, sizeof(records->record)) <= 0)
			break;
}
