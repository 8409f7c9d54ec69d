/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys of type "symmetric", and KEYCTL_PKEY_* on them. */
#ifndef SELFTESTS_KEYS_SYMMETRIC_H
#define SELFTESTS_KEYS_SYMMETRIC_H

#include <linux/symmetric_key.h>
#include <stdarg.h>

#include "pkey_call.h"

/*
 * Limits of the contract: text, additional bytes of a blob, MAC, associated
 * data
 */
#define SYM_DATA_MAX	32768
#define SYM_BLOB_EXTRA	40
#define SYM_MAC_MAX	64
#define SYM_AAD_MAX	1024
#define SYM_LINE_MAX	1024

/* Adds a key to the session keyring. */
static inline key_serial_t sym_add_line(const char *name, const void *line,
					size_t len)
{
	return key_add("symmetric", name, line, len, KEY_SPEC_SESSION_KEYRING);
}

static inline key_serial_t sym_add_text(const char *name, const char *format,
					va_list args)
{
	char line[2 * SYM_LINE_MAX];
	int len = vsnprintf(line, sizeof(line), format, args);

	return sym_add_line(name, line, len);
}

__attribute__((format(printf, 2, 3)))
static inline key_serial_t sym_add(const char *name, const char *format, ...)
{
	key_serial_t key;
	va_list args;

	va_start(args, format);
	key = sym_add_text(name, format, args);
	va_end(args);
	return key;
}

/* Returns how many bytes of quota a new key of this line is charged. */
__attribute__((format(printf, 1, 2)))
static inline int sym_cost(const char *format, ...)
{
	int keys, before, after;
	key_serial_t key;
	va_list args;

	quota_settled(geteuid(), &keys, &before);
	va_start(args, format);
	key = sym_add_text("cost", format, args);
	va_end(args);
	quota_of(geteuid(), &keys, &after);
	if (key < 0)
		return key;
	key_unlink(key, KEY_SPEC_SESSION_KEYRING);
	return after - before;
}

static inline long sym_query(key_serial_t key, struct keyctl_pkey_query *query)
{
	return pkey_query(key, "", query);
}

static inline long sym_mac(key_serial_t key, const void *in, size_t len,
			   void *mac, size_t size)
{
	const struct pkey_call call = {
		KEYCTL_PKEY_SIGN, key, "", in, len, mac, size,
	};

	return pkey_do(&call);
}

static inline long sym_verify(key_serial_t key, const void *in, size_t len,
			      const void *mac, size_t size)
{
	const struct pkey_call call = {
		KEYCTL_PKEY_VERIFY, key, "", in, len, (void *)mac, size,
	};

	return pkey_do(&call);
}

static inline long sym_seal(key_serial_t key, const char *info, const void *in,
			    size_t len, void *blob, size_t size)
{
	const struct pkey_call call = {
		KEYCTL_PKEY_ENCRYPT, key, info, in, len, blob, size,
	};

	return pkey_do(&call);
}

static inline long sym_open(key_serial_t key, const char *info,
			    const void *blob, size_t len, void *text,
			    size_t size)
{
	const struct pkey_call call = {
		KEYCTL_PKEY_DECRYPT, key, info, blob, len, text, size,
	};

	return pkey_do(&call);
}

/* Returns 0 if the key can still be used, else the error. */
static inline long sym_works(key_serial_t key)
{
	uint8_t out[SYM_BLOB_EXTRA + SYM_MAC_MAX];
	struct keyctl_pkey_query query;
	long ret = sym_query(key, &query);

	if (ret)
		return ret;
	if (query.supported_ops & KEYCTL_SUPPORTS_SIGN)
		ret = sym_mac(key, "abc", 3, out, query.max_sig_size);
	else if (query.supported_ops & KEYCTL_SUPPORTS_ENCRYPT)
		ret = sym_seal(key, "", "abc", 3, out, sizeof(out));
	return ret < 0 ? ret : 0;
}

/*
 * Returns 0 if both keys compute the same MAC, 1 if not, or a negative errno.
 */
static inline long sym_differ(key_serial_t one, key_serial_t other)
{
	uint8_t mac[SYM_MAC_MAX];
	struct keyctl_pkey_query query;
	long len = sym_query(one, &query);

	if (len)
		return len;
	len = sym_mac(one, "abc", 3, mac, query.max_sig_size);
	if (len < 0)
		return len;
	len = sym_verify(other, "abc", 3, mac, len);
	return len == -EKEYREJECTED || len == -EINVAL ? 1 : len;
}

/* Opens a session; skips the test on a kernel without such keys. */
#define REQUIRE_SYMMETRIC() do { \
	ASSERT_LT(0, session_new()); \
	if (sym_add("probe", "new alg=hmac-sha256 for=mac") == -ENODEV) \
		SKIP(return, "ours only: needs CONFIG_SYMMETRIC_KEYS"); \
} while (0)

/* How long it takes to revoke a key, or a negative errno */
static inline long sym_revoke_ms(key_serial_t key)
{
	long begun = now_ms();

	return key_revoke(key) ? -errno : now_ms() - begun;
}

#endif /* SELFTESTS_KEYS_SYMMETRIC_H */
