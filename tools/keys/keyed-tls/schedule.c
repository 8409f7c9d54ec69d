// SPDX-License-Identifier: GPL-2.0-only
#include "../hex.h"
#include "bytes.h"
#include "error.h"
#include "schedule.h"

/* Room for two digits a byte, and the end of the string */
#define HASH_ROOM	(2 * HASH_MAX + 1)
#define PUBLIC_ROOM	(2 * PUBLIC_MAX + 1)
#define NONCE_ROOM	(2 * 255 + 1)

static key_serial derive(key_serial from, const char *label)
{
	return key_make(label, "derive from=%d tls=%s", from, label);
}

static key_serial derive_by(const struct schedule *schedule, key_serial from,
			    const char *label, const uint8_t *hash)
{
	char hex[HASH_ROOM];

	hex_write(hex, hash, schedule->suite->size);
	return key_make(label, "derive from=%d tls=%s hash=%s", from, label,
			hex);
}

void schedule_begin(struct schedule *schedule, const struct suite *suite,
		    key_serial psk)
{
	const char *role = schedule->server ? "server" : "client";

	key_end(&schedule->early);
	schedule->suite = suite;
	schedule->early = psk ?
		key_make("early", "extract salt=0 suite=%s role=%s psk=%d",
			 suite->name, role, psk) :
		key_make("early", "extract salt=0 suite=%s role=%s",
			 suite->name, role);
}

static key_serial binder_key(struct schedule *schedule)
{
	key_serial binder = derive(schedule->early, "res-binder");
	key_serial finished = derive(binder, "finished");

	key_end(&binder);
	return finished;
}

static void mac(const struct schedule *schedule, key_serial key,
		const uint8_t *hash, uint8_t *out)
{
	const size_t size = schedule->suite->size;
	long ret = key_mac(key, hash, size, out, size);

	if (ret != (long)size)
		fail("cannot make a MAC: %s", key_cause(ret));
}

static bool is_mac(const struct schedule *schedule, key_serial key,
		   const uint8_t *hash, const uint8_t *is)
{
	const size_t size = schedule->suite->size;
	long ret = key_check(key, hash, size, is, size);

	if (ret && ret != -EKEYREJECTED)
		fail("cannot check a MAC: %s", key_cause(ret));
	return !ret;
}

void schedule_binder(struct schedule *schedule, const uint8_t *hash,
		     uint8_t *binder)
{
	key_serial key = binder_key(schedule);

	mac(schedule, key, hash, binder);
	key_end(&key);
}

bool schedule_is_binder(struct schedule *schedule, const uint8_t *hash,
			const uint8_t *binder)
{
	key_serial key = binder_key(schedule);
	bool right = is_mac(schedule, key, hash, binder);

	key_end(&key);
	return right;
}

/* Both directions of @what; those of the client have a label with "c". */
static void derive_traffic(struct schedule *schedule, key_serial from,
			   bool handshake, const uint8_t *hash, key_serial *own,
			   key_serial *peer)
{
	key_serial client, server;

	client = derive_by(schedule, from,
			   handshake ? "c-hs-traffic" : "c-ap-traffic", hash);
	server = derive_by(schedule, from,
			   handshake ? "s-hs-traffic" : "s-ap-traffic", hash);
	*own = schedule->server ? server : client;
	*peer = schedule->server ? client : server;
}

bool schedule_agree(struct schedule *schedule, key_serial *pair,
		    const uint8_t *public, size_t size, const uint8_t *hash)
{
	key_serial salt = derive(schedule->early, "derived"), handshake;
	char hex[PUBLIC_ROOM];

	key_end(&schedule->early);
	hex_write(hex, public, size);
	handshake = key_try("handshake", "agree with=%d peer=%s salt=%d", *pair,
			    hex, salt);
	key_end(pair);
	key_end(&salt);
	if (handshake == -EKEYREJECTED)
		return false;
	if (handshake < 0)
		fail("cannot agree on a key: %s", key_cause(handshake));

	derive_traffic(schedule, handshake, true, hash, &schedule->own,
		       &schedule->peer);
	salt = derive(handshake, "derived");
	key_end(&handshake);
	schedule->master = key_make("master", "extract salt=%d", salt);
	key_end(&salt);
	return true;
}

void schedule_finished(struct schedule *schedule, const uint8_t *hash,
		       uint8_t *out)
{
	key_serial key = derive(schedule->own, "finished");

	mac(schedule, key, hash, out);
	key_end(&key);
}

bool schedule_is_finished(struct schedule *schedule, const uint8_t *hash,
			  const uint8_t *is)
{
	key_serial key = derive(schedule->peer, "finished");
	bool right = is_mac(schedule, key, hash, is);

	key_end(&key);
	return right;
}

void schedule_application(struct schedule *schedule, const uint8_t *hash,
			  key_serial *own, key_serial *peer)
{
	derive_traffic(schedule, schedule->master, false, hash, own, peer);
}

void schedule_resumption(struct schedule *schedule, const uint8_t *hash)
{
	schedule->res = derive_by(schedule, schedule->master, "res-master",
				  hash);
	key_end(&schedule->master);
}

key_serial schedule_psk(struct schedule *schedule, const uint8_t *nonce,
			size_t size, key_serial where, const char *name)
{
	char hex[NONCE_ROOM];

	hex_write(hex, nonce, size);
	return size ? key_make_in(where, name,
				  "derive from=%d tls=resumption nonce=%s",
				  schedule->res, hex) :
		      key_make_in(where, name, "derive from=%d tls=resumption",
				  schedule->res);
}

void schedule_update(key_serial *traffic)
{
	key_serial next = derive(*traffic, "traffic-upd");

	key_end(traffic);
	*traffic = next;
}
