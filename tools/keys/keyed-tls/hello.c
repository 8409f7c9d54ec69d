// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "hello.h"
#include "transcript.h"

/* SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3) */
const uint8_t retry_random[RANDOM_SIZE] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02,
	0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static const struct verdict good;
static const struct verdict malformed = {
	ALERT_DECODE_ERROR, "sent a malformed hello",
};

static struct verdict illegal(const char *why)
{
	return (struct verdict){ ALERT_ILLEGAL_PARAMETER, why };
}

/* --- extensions ----------------------------------------------------------- */

bool next_extension(struct extensions *extensions, int *type,
		    struct reader *body, struct verdict *verdict)
{
	struct reader *list = &extensions->list;

	*verdict = good;
	if (read_whole(list))
		return false;
	*type = read_number(list, 2);
	*body = read_vector(list, 2, 0, UINT16_MAX);
	if (list->bad) {
		*verdict = (struct verdict){ ALERT_DECODE_ERROR,
					     "sent malformed extensions" };
		return false;
	}
	for (size_t i = 0; i < extensions->count; i++)
		if (extensions->types[i] == *type) {
			*verdict = illegal("sent an extension twice");
			return false;
		}
	if (extensions->count == EXTENSIONS_MAX) {
		*verdict = illegal("sent too many extensions");
		return false;
	}
	extensions->types[extensions->count++] = *type;
	return true;
}

bool has_number(struct reader list, uint16_t number)
{
	while (list.left)
		if (read_number(&list, 2) == number)
			return true;
	return false;
}

/* A list of numbers, none of which is half. */
static struct reader read_numbers(struct reader *from)
{
	struct reader list = read_vector(from, 2, 2, UINT16_MAX - 1);

	if (list.left % 2)
		from->bad = true;
	return list;
}

/* --- ClientHello ---------------------------------------------------------- */

/* Only tickets that can be used are there, each with a binder. */
static struct verdict parse_psk(const uint8_t *message, struct reader *body,
				struct client_hello *hello)
{
	struct reader identities, binders;
	size_t count = 0;

	hello->has.psk = true;
	hello->identities = read_vector(body, 2, 7, UINT16_MAX);
	hello->bound = body->at ? body->at - message : 0;
	hello->binders = read_vector(body, 2, BINDER_MIN + 1, UINT16_MAX);
	identities = hello->identities;
	while (identities.left) {
		read_vector(&identities, 2, 1, UINT16_MAX);
		read_number(&identities, 4);
		count++;
	}
	binders = hello->binders;
	for (; binders.left; count--) {
		read_vector(&binders, 1, BINDER_MIN, UINT8_MAX);
		if (!count)
			return illegal("sent more binders than tickets");
	}
	if (body->bad || identities.bad || binders.bad)
		return malformed;
	return count ? illegal("sent more tickets than binders") : good;
}

static void parse_modes(struct reader *body, struct client_hello *hello)
{
	struct reader modes = read_vector(body, 1, 1, UINT8_MAX);

	hello->has.modes = true;
	while (modes.left)
		if (read_number(&modes, 1) == PSK_DHE_KE)
			hello->modes = true;
}

static void parse_versions(struct reader *body, struct client_hello *hello)
{
	struct reader versions = read_vector(body, 1, 2, 254);

	if (versions.left % 2)
		body->bad = true;
	hello->tls13 = has_number(versions, TLS13_VERSION);
}

/* The shape of each share, and that there is but one for a group. */
static struct verdict parse_shares(struct reader *body,
				   struct client_hello *hello)
{
	struct reader shares = read_vector(body, 2, 0, UINT16_MAX), all, before;
	uint16_t group;

	hello->has.shares = true;
	hello->shares = shares;
	for (all = shares; all.left; read_vector(&all, 2, 1, UINT16_MAX)) {
		const uint8_t *here = all.at;

		group = read_number(&all, 2);
		for (before = shares; before.at < here;
		     read_vector(&before, 2, 1, UINT16_MAX))
			if (read_number(&before, 2) == group)
				return illegal("sent two shares of one group");
	}
	return all.bad ? malformed : good;
}

static struct verdict parse_client_extension(const uint8_t *message, int type,
					     struct reader *body,
					     struct client_hello *hello)
{
	struct verdict verdict = good;

	switch (type) {
	case EXT_GROUPS:
		hello->has.groups = true;
		hello->groups = read_numbers(body);
		break;
	case EXT_SIGNATURES:
		hello->has.signatures = true;
		hello->pss = has_number(read_numbers(body),
					RSA_PSS_RSAE_SHA256);
		break;
	case EXT_KEY_SHARE:
		verdict = parse_shares(body, hello);
		break;
	case EXT_VERSIONS:
		parse_versions(body, hello);
		break;
	case EXT_PSK_MODES:
		parse_modes(body, hello);
		break;
	case EXT_PSK:
		verdict = parse_psk(message, body, hello);
		break;
	case EXT_EARLY_DATA:
		return illegal("offers early data, which no ticket allows");
	case EXT_COOKIE:
		return illegal("sent a cookie that it was not given");
	default:
		/* What a server does not know it ignores. */
		return good;
	}
	if (!verdict.alert && !read_whole(body))
		return malformed;
	return verdict;
}

/* What may be another in a second hello; the rest is hashed. */
static bool may_change(int type)
{
	return type == EXT_KEY_SHARE || type == EXT_PSK || type == EXT_PADDING;
}

/*
 * struct sameness - a hash that grows
 *
 * It is that of the hash so far and of what is added.
 */
struct sameness {
	uint8_t hash[32];
};

static void add_same(struct sameness *same, const void *bytes, size_t size)
{
	uint8_t both[64];

	memcpy(both, same->hash, 32);
	hash_sha256(bytes, size, both + 32);
	hash_sha256(both, sizeof(both), same->hash);
}

static struct verdict parse_client_extensions(const uint8_t *message,
					      struct reader list,
					      struct sameness *same,
					      struct client_hello *hello)
{
	struct extensions extensions = { .list = list };
	struct verdict verdict;
	struct reader body;
	int type;

	while (next_extension(&extensions, &type, &body, &verdict)) {
		if (hello->has.psk)
			return illegal("sent an extension behind its tickets");
		if (!may_change(type))
			add_same(same, body.at - 4, body.left + 4);
		verdict = parse_client_extension(message, type, &body, hello);
		if (verdict.alert)
			return verdict;
	}
	return verdict;
}

/* What has to come together. */
static struct verdict check_client(const struct client_hello *hello)
{
	static const struct verdict missing = {
		ALERT_MISSING_EXTENSION, "left out an extension",
	};

	if (!hello->tls13)
		return (struct verdict){ ALERT_PROTOCOL_VERSION,
					 "does not speak TLS 1.3" };
	if (!hello->has.groups || !hello->has.shares)
		return missing;
	if (!hello->has.psk && !hello->has.signatures)
		return missing;
	if (hello->has.psk && !hello->has.modes)
		return missing;
	return good;
}

struct verdict parse_client_hello(const uint8_t *message, size_t size,
				  struct client_hello *hello)
{
	struct reader in = reader_of(message, size), compressions, extensions;
	struct sameness same = {};
	struct verdict verdict;
	unsigned int version;

	memset(hello, 0, sizeof(*hello));
	read_bytes(&in, MESSAGE_HEADER);
	version = read_number(&in, 2);
	hello->random = read_bytes(&in, RANDOM_SIZE);
	hello->session = read_vector(&in, 1, 0, SESSION_ID_MAX);
	hello->suites = read_numbers(&in);
	compressions = read_vector(&in, 1, 1, UINT8_MAX);
	if (in.bad)
		return malformed;
	add_same(&same, message + MESSAGE_HEADER,
		 in.at - message - MESSAGE_HEADER);
	/* Clients of long ago have no extensions at all. */
	if (!in.left)
		return check_client(hello);
	extensions = read_vector(&in, 2, 0, UINT16_MAX);
	if (!read_whole(&in))
		return malformed;
	verdict = parse_client_extensions(message, extensions, &same, hello);
	if (!verdict.alert)
		verdict = check_client(hello);
	if (verdict.alert)
		return verdict;
	if (version != LEGACY_VERSION || compressions.left != 1 ||
	    *compressions.at)
		return illegal("sent a hello that TLS 1.3 does not have");
	memcpy(hello->same, same.hash, sizeof(hello->same));
	return good;
}

struct verdict find_share(const struct client_hello *hello,
			  const struct group *group, const uint8_t **public)
{
	struct reader shares = hello->shares, key;
	uint16_t code;

	*public = NULL;
	while (shares.left) {
		code = read_number(&shares, 2);
		key = read_vector(&shares, 2, 1, UINT16_MAX);
		if (!has_number(hello->groups, code))
			return illegal("sent a share of a group it has not");
		if (code != group->code)
			continue;
		if (key.left != group->size)
			return illegal("sent a public key of another length");
		*public = key.at;
	}
	return good;
}

/* --- ServerHello ---------------------------------------------------------- */

/* A share, or in a HelloRetryRequest the group alone. */
static struct verdict parse_share(struct reader *body,
				  struct server_hello *hello)
{
	struct reader key;

	hello->group = group_of_code(read_number(body, 2));
	if (!hello->group)
		return body->bad ? malformed : illegal("chose an unknown group");
	if (hello->retry)
		return good;
	key = read_vector(body, 2, 1, UINT16_MAX);
	if (!key.bad && key.left != hello->group->size)
		return illegal("sent a public key of another length");
	hello->public = key.at;
	return good;
}

static struct verdict parse_server_extension(int type, struct reader *body,
					     struct server_hello *hello,
					     bool *tls13)
{
	static const struct verdict unsupported = {
		ALERT_UNSUPPORTED_EXTENSION,
		"sent an extension that was not asked for",
	};
	struct verdict verdict = good;

	switch (type) {
	case EXT_VERSIONS:
		*tls13 = true;
		if (read_number(body, 2) != TLS13_VERSION && !body->bad)
			return illegal("chose a version that was not offered");
		break;
	case EXT_KEY_SHARE:
		verdict = parse_share(body, hello);
		break;
	case EXT_PSK:
		if (hello->retry)
			return unsupported;
		hello->psk = true;
		if (read_number(body, 2))
			return illegal("chose a ticket that was not offered");
		break;
	case EXT_COOKIE:
		if (!hello->retry)
			return unsupported;
		hello->cookie = read_vector(body, 2, 1, UINT16_MAX);
		break;
	default:
		return unsupported;
	}
	if (!verdict.alert && !read_whole(body))
		return malformed;
	return verdict;
}

static struct verdict parse_server_extensions(struct reader list,
					      struct server_hello *hello)
{
	struct extensions extensions = { .list = list };
	struct verdict verdict;
	struct reader body;
	bool tls13 = false;
	int type;

	while (next_extension(&extensions, &type, &body, &verdict)) {
		verdict = parse_server_extension(type, &body, hello, &tls13);
		if (verdict.alert)
			return verdict;
	}
	if (!verdict.alert && !tls13)
		return (struct verdict){ ALERT_PROTOCOL_VERSION,
					 "does not speak TLS 1.3" };
	return verdict;
}

struct verdict parse_server_hello(const uint8_t *message, size_t size,
				  struct server_hello *hello)
{
	struct reader in = reader_of(message, size), extensions;
	unsigned int version, compression;
	struct verdict verdict;
	const uint8_t *random;
	uint16_t suite;

	memset(hello, 0, sizeof(*hello));
	read_bytes(&in, MESSAGE_HEADER);
	version = read_number(&in, 2);
	random = read_bytes(&in, RANDOM_SIZE);
	hello->session = read_vector(&in, 1, 0, SESSION_ID_MAX);
	suite = read_number(&in, 2);
	compression = read_number(&in, 1);
	if (in.bad)
		return malformed;
	hello->retry = memcmp(random, retry_random, RANDOM_SIZE) == 0;
	hello->suite = suite_of_code(suite);
	extensions = in.left ? read_vector(&in, 2, 0, UINT16_MAX) :
			       reader_of("", 0);
	if (!read_whole(&in))
		return malformed;
	verdict = parse_server_extensions(extensions, hello);
	if (verdict.alert)
		return verdict;
	if (version != LEGACY_VERSION || compression)
		return illegal("sent a hello that TLS 1.3 does not have");
	if (!hello->suite)
		return illegal("chose a cipher suite that was not offered");
	return good;
}

/* --- both ----------------------------------------------------------------- */

void write_message(struct writer *to, enum message_type type)
{
	write_number(to, type, 1);
	write_number(to, 0, 3);
}

void write_hello(struct writer *to, enum message_type type,
		 const uint8_t *random)
{
	write_message(to, type);
	write_number(to, LEGACY_VERSION, 2);
	write_bytes(to, random, RANDOM_SIZE);
}
