// SPDX-License-Identifier: GPL-2.0-only
#include <linux/keyctl.h>

#include "error.h"
#include "keys.h"

#define LINE_ROOM	1024
#define NAME_ROOM	64
/* More than a connection ever has at one time */
#define KEYS_MAX	128

/* The connection's, and where it is linked */
static key_serial keyring, above;

static const struct cause causes[] = {
	{ ENODEV, "this kernel has no such keys" },
	{ ENOKEY, "there is no such key" },
	{ EACCES, "no permission to search it" },
	{ EKEYREVOKED, "the key was revoked" },
	{ EKEYEXPIRED, "the time of the key has passed" },
	{ EKEYREJECTED, "the key is for something else" },
	{ EOPNOTSUPP, "the key cannot do this" },
	{ EDQUOT, "the user has too many keys" },
	{ EALREADY, "this was taken from it before" },
	{ 0 }
};

const char *key_cause(long error)
{
	return cause_text(causes, -error);
}

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

#define keyctl(...) result(syscall(__NR_keyctl, __VA_ARGS__))

static key_serial add_in(key_serial where, const char *type, const char *name,
			 const void *payload, size_t size)
{
	return result(syscall(__NR_add_key, type, name, payload, size, where));
}

void keys_open(key_serial where)
{
	above = where;
	keyring = add_in(above, "keyring", TOOL_NAME, NULL, 0);
	if (keyring < 0)
		fail("cannot make a keyring: %s", key_cause(keyring));
	atexit(keys_close);
}

/* A key that somebody revoked already is as gone as it can be. */
void keys_close(void)
{
	key_serial keys[KEYS_MAX];
	long size;

	if (keyring <= 0)
		return;
	size = key_read(keyring, keys, sizeof(keys));
	for (long i = 0; i < size / (long)sizeof(keys[0]); i++)
		keyctl(KEYCTL_REVOKE, keys[i]);
	keyctl(KEYCTL_CLEAR, keyring);
	keyctl(KEYCTL_UNLINK, keyring, above);
	keyring = 0;
}

/* Of one description there is one link, so each key has its own. */
static key_serial add(const char *type, const char *what, const char *line)
{
	static unsigned int count;
	char name[NAME_ROOM];

	snprintf(name, sizeof(name), "%s %u", what, count++);
	return add_in(keyring, type, name, line, strlen(line));
}

__attribute__((format(printf, 2, 0)))
static key_serial make(const char *what, const char *format, va_list args)
{
	char line[LINE_ROOM];
	int size = vsnprintf(line, sizeof(line), format, args);

	return size >= (int)sizeof(line) ? -EMSGSIZE :
					   add("symmetric", what, line);
}

key_serial key_try(const char *what, const char *format, ...)
{
	key_serial key;
	va_list args;

	va_start(args, format);
	key = make(what, format, args);
	va_end(args);
	return key;
}

key_serial key_make(const char *what, const char *format, ...)
{
	key_serial key;
	va_list args;

	va_start(args, format);
	key = make(what, format, args);
	va_end(args);
	if (key < 0)
		fail("cannot make the %s key: %s", what, key_cause(key));
	return key;
}

key_serial key_make_in(key_serial where, const char *name, const char *format,
		       ...)
{
	char line[LINE_ROOM];
	key_serial key;
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	key = add_in(where, "symmetric", name, line, strlen(line));
	if (key < 0)
		fail("cannot make key %s: %s", name, key_cause(key));
	return key;
}

key_serial key_new_pair(const char *line)
{
	key_serial pair = add("asymmetric", "pair", line);

	if (pair < 0)
		fail("cannot make a key pair: %s", key_cause(pair));
	return pair;
}

size_t key_public(key_serial pair, uint8_t *public, size_t room)
{
	long size = keyctl(KEYCTL_READ, pair, public, room);

	if (size <= 0 || (size_t)size > room)
		fail("cannot read the public part of a key pair: %s",
		     key_cause(size));
	return size;
}

void key_end(key_serial *key)
{
	if (*key > 0) {
		keyctl(KEYCTL_REVOKE, *key);
		keyctl(KEYCTL_UNLINK, *key, keyring);
	}
	*key = 0;
}

static long use(int op, key_serial key, const char *info, const void *in,
		size_t in_size, const void *out, size_t out_size)
{
	struct keyctl_pkey_params params = {
		.key_id = key, .in_len = in_size, .out_len = out_size,
	};

	return keyctl(op, &params, info, in, out);
}

long key_mac(key_serial key, const void *text, size_t size, void *mac,
	     size_t mac_size)
{
	return use(KEYCTL_PKEY_SIGN, key, "", text, size, mac, mac_size);
}

long key_check(key_serial key, const void *text, size_t size, const void *mac,
	       size_t mac_size)
{
	return use(KEYCTL_PKEY_VERIFY, key, "", text, size, mac, mac_size);
}

long key_seal(key_serial key, const char *info, const void *text, size_t size,
	      void *sealed, size_t room)
{
	return use(KEYCTL_PKEY_ENCRYPT, key, info, text, size, sealed, room);
}

long key_open(key_serial key, const char *info, const void *sealed, size_t size,
	      void *text, size_t room)
{
	return use(KEYCTL_PKEY_DECRYPT, key, info, sealed, size, text, room);
}

long key_sign(key_serial key, const uint8_t hash[32], void *signature,
	      size_t room)
{
	struct keyctl_pkey_query query;
	long ret = keyctl(KEYCTL_PKEY_QUERY, key, 0, "enc=pss hash=sha256",
			  &query);

	if (ret < 0)
		return ret;
	if (query.max_sig_size > room)
		return -EMSGSIZE;
	return use(KEYCTL_PKEY_SIGN, key, "enc=pss hash=sha256", hash, 32,
		   signature, query.max_sig_size);
}

long key_link(key_serial key, key_serial where)
{
	return keyctl(KEYCTL_LINK, key, where);
}

long key_unlink(key_serial key, key_serial where)
{
	return keyctl(KEYCTL_UNLINK, key, where);
}

key_serial key_find(key_serial where, const char *type, const char *name)
{
	return keyctl(KEYCTL_SEARCH, where, type, name, 0);
}

long key_lives(key_serial key, uint32_t seconds)
{
	return keyctl(KEYCTL_SET_TIMEOUT, key, seconds);
}

long key_read(key_serial key, void *bytes, size_t room)
{
	long size = keyctl(KEYCTL_READ, key, bytes, room);

	return size > (long)room ? -EMSGSIZE : size;
}

long key_clear(key_serial ring)
{
	return keyctl(KEYCTL_CLEAR, ring);
}

key_serial key_note(key_serial where, const char *name, const void *bytes,
		    size_t size)
{
	return add_in(where, "user", name, bytes, size);
}

bool key_take(key_serial key, key_serial from)
{
	return key_link(key, keyring) == 0 && key_unlink(key, from) == 0;
}

static void move(key_serial key, key_serial from, key_serial to)
{
	long ret = key_link(key, to);

	if (ret < 0)
		fail("cannot use key %d: %s", key, key_cause(ret));
	if (from)
		key_unlink(key, from);
}

/* The process's own keyring has both while one session is left for another. */
void session_with(key_serial one, key_serial other)
{
	const key_serial keys[] = { one, other };
	long ret;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i] > 0)
			move(keys[i], 0, KEY_SPEC_PROCESS_KEYRING);
	ret = keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (ret < 0)
		fail("cannot have a session keyring: %s", key_cause(ret));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i] > 0)
			move(keys[i], KEY_SPEC_PROCESS_KEYRING,
			     KEY_SPEC_SESSION_KEYRING);
}

key_serial key_new_ring(const char *name)
{
	key_serial ring = add_in(KEY_SPEC_SESSION_KEYRING, "keyring", name,
				 NULL, 0);

	if (ring < 0)
		fail("cannot make a keyring: %s", key_cause(ring));
	return ring;
}
