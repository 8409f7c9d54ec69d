// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>

#include "../hex.h"
#include "error.h"
#include "session.h"

/* What a note of a session begins with */
#define NOTE_MAGIC	"keyed-tls 1\n"
#define NOTE_MAX	(sizeof(NOTE_MAGIC) + 64 + TICKET_MAX)
#define NAME_ROOM	128

/* Keys do not outlive the machine, so its own time will do. */
static uint64_t time_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- the client's --------------------------------------------------------- */

static void write_note(struct writer *note, const struct sessions *sessions,
		       const struct suite *suite, key_serial psk,
		       const struct new_ticket *ticket)
{
	uint64_t now = time_ms();

	write_bytes(note, NOTE_MAGIC, strlen(NOTE_MAGIC));
	write_bytes(note, sessions->trust, 32);
	write_number(note, suite->code, 2);
	write_number(note, psk, 4);
	write_number(note, now >> 32, 4);
	write_number(note, now, 4);
	write_number(note, ticket->age_add, 4);
	write_number(note, ticket->ticket.left, 2);
	write_bytes(note, ticket->ticket.at, ticket->ticket.left);
}

void session_keep(const struct sessions *sessions, struct schedule *schedule,
		  const struct new_ticket *ticket)
{
	uint8_t bytes[NOTE_MAX];
	struct writer note = { .bytes = bytes, .room = sizeof(bytes) };
	key_serial psk, key;

	if (!ticket->life || ticket->ticket.left > TICKET_MAX)
		return;
	psk = schedule_psk(schedule, ticket->nonce.at, ticket->nonce.left,
			   sessions->keyring, sessions->name);
	write_note(&note, sessions, schedule->suite, psk, ticket);
	key = key_note(sessions->keyring, sessions->name, note.bytes,
		       note.size);
	if (key < 0)
		fail("cannot keep the session: %s", key_cause(key));
	key_lives(psk, ticket->life);
	key_lives(key, ticket->life);
}

static bool read_note(const uint8_t *bytes, size_t size,
		      const struct sessions *sessions, struct session *session)
{
	struct reader note = reader_of(bytes, size), ticket;
	const uint8_t *magic = read_bytes(&note, strlen(NOTE_MAGIC));
	const uint8_t *trust = read_bytes(&note, 32);

	if (!trust || memcmp(magic, NOTE_MAGIC, strlen(NOTE_MAGIC)) != 0 ||
	    memcmp(trust, sessions->trust, 32) != 0)
		return false;
	session->suite = suite_of_code(read_number(&note, 2));
	session->psk = read_number(&note, 4);
	session->since = (uint64_t)read_number(&note, 4) << 32;
	session->since |= read_number(&note, 4);
	session->age_add = read_number(&note, 4);
	ticket = read_vector(&note, 2, 1, TICKET_MAX);
	if (!read_whole(&note) || !session->suite)
		return false;
	session->size = ticket.left;
	memcpy(session->ticket, ticket.at, ticket.left);
	return true;
}

bool session_take(const struct sessions *sessions, struct session *session)
{
	uint8_t bytes[NOTE_MAX];
	key_serial key = key_find(sessions->keyring, "user", sessions->name);
	long size = key < 0 ? key : key_read(key, bytes, sizeof(bytes));

	if (size < 0)
		return false;
	key_unlink(key, sessions->keyring);
	if (read_note(bytes, size, sessions, session) &&
	    key_take(session->psk, sessions->keyring))
		return true;
	session->size = 0;
	session->psk = 0;
	return false;
}

uint32_t session_age(const struct session *session)
{
	return time_ms() - session->since + session->age_add;
}

/* --- the server's --------------------------------------------------------- */

static void name_ticket(char name[NAME_ROOM], const struct suite *suite,
			const uint8_t *ticket)
{
	int size = snprintf(name, NAME_ROOM, "ticket %zu ", 8 * suite->size);

	hex_write(name + size, ticket, TICKET_SIZE);
}

static void make_room(key_serial tickets)
{
	key_serial keys[TICKETS_MAX];
	long size = key_read(tickets, keys, sizeof(keys));

	if (size == -EMSGSIZE || size == sizeof(keys))
		key_clear(tickets);
}

/* Each ticket has its own PSK by its nonce, which is the ticket. */
void ticket_keep(key_serial tickets, struct schedule *schedule,
		 const uint8_t ticket[TICKET_SIZE], uint32_t life)
{
	char name[NAME_ROOM];
	key_serial psk;

	make_room(tickets);
	name_ticket(name, schedule->suite, ticket);
	psk = schedule_psk(schedule, ticket, TICKET_SIZE, tickets, name);
	key_lives(psk, life);
}

key_serial ticket_find(key_serial tickets, const struct suite *suite,
		       const struct reader *ticket)
{
	char name[NAME_ROOM];
	key_serial psk;

	if (ticket->left != TICKET_SIZE)
		return 0;
	name_ticket(name, suite, ticket->at);
	psk = key_find(tickets, "symmetric", name);
	return psk > 0 ? psk : 0;
}
