/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wrappers around the key system calls.  Each returns what the call returned,
 * or a negative errno, so that a test compares one number.
 */
#ifndef SELFTESTS_KEYS_H
#define SELFTESTS_KEYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int32_t key_serial_t;

/* One byte of permissions for each of the four kinds of caller. */
#define RIGHT_VIEW	0x01u
#define RIGHT_READ	0x02u
#define RIGHT_WRITE	0x04u
#define RIGHT_SEARCH	0x08u
#define RIGHT_LINK	0x10u
#define RIGHT_SETATTR	0x20u
#define RIGHT_ALL	0x3fu

#define POSSESSOR(rights)	((uint32_t)(rights) << 24)
#define OWNER(rights)		((uint32_t)(rights) << 16)
#define GROUP(rights)		((uint32_t)(rights) << 8)
#define OTHER(rights)		((uint32_t)(rights))

/* The user key type holds at most this many bytes. */
#define KEY_PAYLOAD_MAX		32767

static inline long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

/* Writes to a file that is there; returns 0 or a negative errno. */
static inline int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

#define keyctl(...) result(syscall(__NR_keyctl, __VA_ARGS__))

static inline key_serial_t key_add(const char *type, const char *description,
				   const void *payload, size_t len,
				   key_serial_t keyring)
{
	return result(syscall(__NR_add_key, type, description, payload, len,
			      keyring));
}

static inline key_serial_t key_request(const char *type,
				       const char *description,
				       const char *callout,
				       key_serial_t keyring)
{
	return result(syscall(__NR_request_key, type, description, callout,
			      keyring));
}

/* Adds a user key to the session keyring. */
static inline key_serial_t key_add_user(const char *description,
					const void *payload, size_t len)
{
	return key_add("user", description, payload, len,
		       KEY_SPEC_SESSION_KEYRING);
}

static inline key_serial_t keyring_new(const char *description,
				       key_serial_t keyring)
{
	return key_add("keyring", description, NULL, 0, keyring);
}

/*
 * Joins a new session keyring, so that no key of the test outlives its process.
 */
static inline long session_new(void)
{
	return keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static inline long key_update(key_serial_t key, const void *payload, size_t len)
{
	return keyctl(KEYCTL_UPDATE, key, payload, len);
}

static inline long key_revoke(key_serial_t key)
{
	return keyctl(KEYCTL_REVOKE, key);
}

static inline long key_invalidate(key_serial_t key)
{
	return keyctl(KEYCTL_INVALIDATE, key);
}

static inline long key_link(key_serial_t key, key_serial_t keyring)
{
	return keyctl(KEYCTL_LINK, key, keyring);
}

static inline long key_unlink(key_serial_t key, key_serial_t keyring)
{
	return keyctl(KEYCTL_UNLINK, key, keyring);
}

static inline long key_set_rights(key_serial_t key, uint32_t rights)
{
	return keyctl(KEYCTL_SETPERM, key, rights);
}

static inline long key_set_owner(key_serial_t key, uid_t uid, gid_t gid)
{
	return keyctl(KEYCTL_CHOWN, key, uid, gid);
}

static inline long key_read(key_serial_t key, void *buffer, size_t len)
{
	return keyctl(KEYCTL_READ, key, buffer, len);
}

static inline long key_describe(key_serial_t key, char *buffer, size_t len)
{
	return keyctl(KEYCTL_DESCRIBE, key, buffer, len);
}

/*
 * Returns the kernel's error for the key's state, without reading its payload.
 */
static inline long key_state(key_serial_t key)
{
	return key_describe(key, NULL, 0);
}

/*
 * poll() is used since it takes no struct timespec, whose 32-bit form not every
 * kernel has.
 */
static inline void sleep_ms(int ms)
{
	poll(NULL, 0, ms);
}

/* Polls until the kernel answers @state for @key; returns the last answer. */
static inline long key_wait_state(key_serial_t key, long state)
{
	const int step_ms = 5, limit_ms = 10000;
	long now = key_state(key);

	for (int ms = 0; now != state && ms < limit_ms; ms += step_ms) {
		sleep_ms(step_ms);
		now = key_state(key);
	}
	return now;
}

/* No timeout is 0. */
static inline long key_set_timeout(key_serial_t key, unsigned int seconds)
{
	return keyctl(KEYCTL_SET_TIMEOUT, key, seconds);
}

/* One second is the shortest life a key can be given. */
static inline long key_set_to_expire(key_serial_t key)
{
	return key_set_timeout(key, 1);
}

static inline long key_wait_expired(key_serial_t key)
{
	return key_wait_state(key, -EKEYEXPIRED);
}

/*
 * Returns a serial that names no key.  Serials are random, so a free one
 * practically stays free until the test ends.
 */
static inline key_serial_t key_unused_serial(void)
{
	key_serial_t serial = INT32_MAX;

	while (key_state(serial) != -ENOKEY)
		serial--;
	return serial;
}

/*
 * A quota is settled once this many reads, this far apart, give the same
 * number.
 */
#define QUOTA_SAME	3
#define QUOTA_STEP_MS	150
#define QUOTA_TRIES	60

/* Gets the charged quota of @uid: keys and bytes, both 0 if there is none. */
static inline void quota_of(uid_t uid, int *keys, int *bytes)
{
	FILE *file = fopen("/proc/key-users", "re");
	char line[128];
	unsigned int who;

	*keys = 0;
	*bytes = 0;
	while (file && fgets(line, sizeof(line), file)) {
		int k, b;

		if (sscanf(line, "%u: %*d %*d/%*d %d/%*d %d/%*d", &who, &k,
			   &b) == 3 && who == uid) {
			*keys = k;
			*bytes = b;
			break;
		}
	}
	if (file)
		fclose(file);
}

/*
 * The same once the quota has stopped changing: Linux 6.1 gives the quota of a
 * key back when it collects the key, and not when the last reference is
 * dropped.
 */
static inline void quota_settled(uid_t uid, int *keys, int *bytes)
{
	int before, same = 0;

	quota_of(uid, keys, bytes);
	for (int tries = 0; tries < QUOTA_TRIES && same < QUOTA_SAME; tries++) {
		before = *bytes;
		sleep_ms(QUOTA_STEP_MS);
		quota_of(uid, keys, bytes);
		same = *bytes == before ? same + 1 : 0;
	}
}

/* True once the charged quota of @uid has these values again. */
static inline bool quota_returns_to(uid_t uid, int keys, int bytes,
				    int limit_ms)
{
	int now_keys = 0, now_bytes = 0;

	for (int ms = 0; ms < limit_ms; ms += QUOTA_STEP_MS) {
		quota_of(uid, &now_keys, &now_bytes);
		if (now_keys == keys && now_bytes == bytes)
			return true;
		sleep_ms(QUOTA_STEP_MS);
	}
	fprintf(stderr, "%d keys, %d bytes became %d, %d\n", keys, bytes,
		now_keys, now_bytes);
	return false;
}

static inline long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Finds a line with @part in it; @line gets the line. */
static inline bool find_line(const char *path, const char *part, char *line,
			     int size)
{
	FILE *file = fopen(path, "re");
	bool found = false;

	while (file && !found && fgets(line, size, file))
		found = strstr(line, part);
	if (file)
		fclose(file);
	return found;
}

/* Gets the line of /proc/keys about the key, or an empty string. */
static inline void key_line(int32_t key, char *line, int size)
{
	FILE *file = fopen("/proc/keys", "re");
	char serial[16];

	snprintf(serial, sizeof(serial), "%08x ", key);
	while (file && fgets(line, size, file))
		if (strncmp(line, serial, strlen(serial)) == 0)
			goto out;
	line[0] = '\0';
out:
	if (file)
		fclose(file);
}

/* Seconds that a line of /proc/keys has its key live, or -ENOKEY if it names none. */
static inline int key_line_seconds(const char *line)
{
	char unit;
	int count;

	if (sscanf(line, "%*x %*s %*d %d%c", &count, &unit) != 2)
		return -ENOKEY;
	switch (unit) {
	case 's':
		return count;
	case 'm':
		return count * 60;
	case 'h':
		return count * 3600;
	default:
		return -ENOKEY;
	}
}

#endif /* SELFTESTS_KEYS_H */
