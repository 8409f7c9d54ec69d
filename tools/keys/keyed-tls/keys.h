/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys by their serial numbers.  All that this program ever has of a secret is a
 * key_serial.
 */
#ifndef KEYED_TLS_KEYS_H
#define KEYED_TLS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t key_serial;

/*
 * A keyring for the keys of a connection, in another one that may be the process's.
 * keys_close(), which exit() calls, too, revokes all that is in it.
 */
void keys_open(key_serial where);
void keys_close(void);

/*
 * Makes a key of type "symmetric" by a line, in the keyring of the connection.
 * Returns its serial, or a negative errno.
 */
key_serial key_try(const char *what, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, and the program ends if there is none. */
key_serial key_make(const char *what, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same with a name and a place of its own, so that others can find it. */
key_serial key_make_in(key_serial where, const char *name, const char *format,
		       ...) __attribute__((format(printf, 3, 4)));

/* A private key for key agreement, by "new x25519" or "new p256". */
key_serial key_new_pair(const char *line);

/* The public part; returns its size. */
size_t key_public(key_serial pair, uint8_t *public, size_t room);

/* Ends a key that the connection has no more use for. */
void key_end(key_serial *key);

/* One use of a key.  Each returns what keyctl(2) did, or a negative errno. */
long key_mac(key_serial key, const void *text, size_t size, void *mac,
	     size_t mac_size);
long key_check(key_serial key, const void *text, size_t size, const void *mac,
	       size_t mac_size);
long key_seal(key_serial key, const char *info, const void *text, size_t size,
	      void *sealed, size_t room);
long key_open(key_serial key, const char *info, const void *sealed, size_t size,
	      void *text, size_t room);

/* RSASSA-PSS of a SHA-256 hash by an RSA key of type "asymmetric". */
long key_sign(key_serial key, const uint8_t hash[32], void *signature,
	      size_t room);

/* What keyctl(2) did, or a negative errno, where a key is in a keyring of others. */
long key_link(key_serial key, key_serial where);
long key_unlink(key_serial key, key_serial where);
key_serial key_find(key_serial where, const char *type, const char *name);
long key_lives(key_serial key, uint32_t seconds);
long key_read(key_serial key, void *bytes, size_t room);
long key_clear(key_serial ring);
key_serial key_note(key_serial where, const char *name, const void *bytes,
		    size_t size);

/* Has the connection's keyring take a key from another one, where it was till now. */
bool key_take(key_serial key, key_serial from);

/* A session keyring of this process and its children, with two keys of the old one. */
void session_with(key_serial one, key_serial other);
key_serial key_new_ring(const char *name);

/* What an error of the kernel says about a key. */
const char *key_cause(long error);

#endif /* KEYED_TLS_KEYS_H */
