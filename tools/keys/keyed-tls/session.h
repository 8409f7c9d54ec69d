/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sessions that can be resumed.  A PSK is a key of the kernel, in a keyring that both
 * connections have; what is beside it is no secret.
 */
#ifndef KEYED_TLS_SESSION_H
#define KEYED_TLS_SESSION_H

#include "flight.h"
#include "schedule.h"

/*
 * struct sessions - where a client keeps them
 * @keyring:	in which keyring
 * @name:	whose they are: of a server's name and port
 * @trust:	by which authorities it was believed
 */
struct sessions {
	key_serial keyring;
	const char *name;
	const uint8_t *trust;
};

/*
 * struct session - what a client has of a server for the next connection
 * @suite:	the suite that it was had by
 * @psk:	the key
 * @age_add:	what hides its age
 * @since:	when it was had, in ms
 * @size:	bytes of the ticket; 0 if there is none
 * @ticket:	what the server wants to see again
 */
struct session {
	const struct suite *suite;
	key_serial psk;
	uint32_t age_add;
	uint64_t since;
	size_t size;
	uint8_t ticket[TICKET_MAX];
};

/* Keeps what the server gave in place of what there was. */
void session_keep(const struct sessions *sessions, struct schedule *schedule,
		  const struct new_ticket *ticket);

/* Takes it out: it is used once.  False if there is none. */
bool session_take(const struct sessions *sessions, struct session *session);

/* How old a session is, hidden */
uint32_t session_age(const struct session *session);

/*
 * A server's ticket is the name of its PSK, which the kernel keeps for some time and
 * this program for one use.  TICKETS_MAX can wait; with one more all are dropped, since
 * a user has so many keys and no more.
 */
#define TICKET_SIZE	32
#define TICKETS_MAX	32

void ticket_keep(key_serial tickets, struct schedule *schedule,
		 const uint8_t ticket[TICKET_SIZE], uint32_t life);
key_serial ticket_find(key_serial tickets, const struct suite *suite,
		       const struct reader *ticket);

#endif /* KEYED_TLS_SESSION_H */
