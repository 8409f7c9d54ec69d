// SPDX-License-Identifier: GPL-2.0-only
/*
 * What keyed-tls(1) makes of messages, by its own files: each has its end where memory
 * ends, so one byte too many is a fault.
 */
#include <sys/mman.h>
#include <sys/random.h>

#include "../kselftest_harness.h"
#include "flight.h"

/* Changed messages of each kind, with one to sixteen changes each */
#define ROUNDS		20000
#define CHANGES_MAX	16
#define BYTES_MAX	4096

/* --- messages ------------------------------------------------------------- */

static const uint8_t client_hello[] = {
	1, 0, 0, 0xbd, 3, 3,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	4, 9, 9, 9, 9, 0, 4, 0x13, 1, 0x13, 2, 1, 0,
	0, 0x8c,
	0, 43, 0, 5, 4, 3, 4, 3, 3,
	0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17,
	0, 13, 0, 4, 0, 2, 8, 4,
	0, 45, 0, 2, 1, 1,
	0, 51, 0, 38, 0, 36, 0, 0x1d, 0, 32,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	0, 21, 0, 2, 0, 0,
	0, 41, 0, 55, 0, 14, 0, 8, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 1,
	0, 37, 36,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
};

static const uint8_t server_hello[] = {
	2, 0, 0, 0x5c, 3, 3,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	0, 0x13, 1, 0, 0, 52,
	0, 43, 0, 2, 3, 4,
	0, 51, 0, 36, 0, 0x1d, 0, 32,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	0, 41, 0, 2, 0, 0,
};

static const uint8_t retry[] = {
	2, 0, 0, 60, 3, 3,
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02,
	0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
	0, 0x13, 1, 0, 0, 20,
	0, 43, 0, 2, 3, 4,
	0, 51, 0, 2, 0, 0x17,
	0, 44, 0, 4, 0, 2, 5, 5,
};

static const uint8_t extensions[] = {
	0, 14, 0, 0, 0, 0, 0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17,
};

static const uint8_t request[] = { 0, 0, 8, 0, 13, 0, 4, 0, 2, 8, 4 };

static const uint8_t certificate[] = {
	0, 0, 0, 16, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 3, 4, 5, 6, 0, 0,
};

static const uint8_t verify[] = { 8, 4, 0, 4, 1, 2, 3, 4 };

static const uint8_t ticket[] = {
	0, 0, 1, 0, 9, 9, 9, 9, 2, 0, 1, 0, 4, 1, 2, 3, 4, 0, 8, 0, 42, 0, 4, 0, 0, 0, 0,
};

/* --- what is made of them ------------------------------------------------- */

/* Everything that a message gives is looked at, so that what is out of reach is met. */
static volatile uint8_t seen;

static void see(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		seen ^= ((const uint8_t *)bytes)[i];
}

static void see_reader(const struct reader *reader)
{
	see(reader->at, reader->left);
}

static int judge_client(const uint8_t *message, size_t size)
{
	struct client_hello hello;
	struct verdict verdict = parse_client_hello(message, size, &hello);
	const uint8_t *public;

	if (verdict.alert)
		return verdict.alert;
	see(hello.random, RANDOM_SIZE);
	see_reader(&hello.session);
	see_reader(&hello.suites);
	see_reader(&hello.identities);
	see_reader(&hello.binders);
	see(message, hello.bound);
	for (int i = 0; i < GROUPS; i++) {
		verdict = find_share(&hello, &groups[i], &public);
		if (!verdict.alert && public)
			see(public, groups[i].size);
	}
	return 0;
}

static int judge_server(const uint8_t *message, size_t size)
{
	struct server_hello hello;
	struct verdict verdict = parse_server_hello(message, size, &hello);

	if (verdict.alert)
		return verdict.alert;
	see_reader(&hello.session);
	see_reader(&hello.cookie);
	if (hello.public)
		see(hello.public, hello.group->size);
	return 0;
}

static int judge_extensions(const uint8_t *body, size_t size)
{
	struct reader reader = reader_of(body, size);

	return parse_encrypted_extensions(&reader, true).alert;
}

static int judge_request(const uint8_t *body, size_t size)
{
	struct reader reader = reader_of(body, size);

	return parse_certificate_request(&reader).alert;
}

static int judge_certificate(const uint8_t *body, size_t size)
{
	struct reader reader = reader_of(body, size);
	struct verdict verdict;
	struct chain chain;

	verdict = parse_certificate(&reader, &chain);
	for (size_t i = 0; !verdict.alert && i < chain.count; i++)
		see_reader(&chain.der[i]);
	return verdict.alert;
}

static int judge_verify(const uint8_t *body, size_t size)
{
	struct reader reader = reader_of(body, size), signature;
	struct verdict verdict = parse_certificate_verify(&reader, &signature);

	if (!verdict.alert)
		see_reader(&signature);
	return verdict.alert;
}

static int judge_ticket(const uint8_t *body, size_t size)
{
	struct reader reader = reader_of(body, size);
	struct new_ticket new;
	struct verdict verdict = parse_new_ticket(&reader, &new);

	if (!verdict.alert) {
		see_reader(&new.nonce);
		see_reader(&new.ticket);
	}
	return verdict.alert;
}

FIXTURE(parse)
{
	uint8_t *end;
};

FIXTURE_VARIANT(parse)
{
	int (*judge)(const uint8_t *bytes, size_t size);
	const uint8_t *good;
	size_t size;
};

#define KIND(name, judge, good) \
	FIXTURE_VARIANT_ADD(parse, name) { judge, good, sizeof(good) }

KIND(client_hello, judge_client, client_hello);
KIND(server_hello, judge_server, server_hello);
KIND(retry, judge_server, retry);
KIND(encrypted_extensions, judge_extensions, extensions);
KIND(certificate_request, judge_request, request);
KIND(certificate, judge_certificate, certificate);
KIND(certificate_verify, judge_verify, verify);
KIND(new_ticket, judge_ticket, ticket);

FIXTURE_SETUP(parse)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	uint8_t *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, mprotect(map + page, page, PROT_NONE));
	self->end = map + page;
}

FIXTURE_TEARDOWN(parse)
{
}

/* Ends where memory ends. */
static const uint8_t *at_end(uint8_t *end, const void *bytes, size_t size)
{
	return memcpy(end - size, bytes, size);
}

/* Shows: KT-18, KT-23. Of a message that is good no shorter one is, nor a longer one. */
TEST_F(parse, lengths)
{
	const size_t size = variant->size;
	uint8_t longer[BYTES_MAX] = {};

	ASSERT_EQ(0, variant->judge(at_end(self->end, variant->good, size), size));
	for (size_t less = 1; less <= size; less++) {
		EXPECT_NE(0, variant->judge(at_end(self->end, variant->good, size - less),
					    size - less)) {
			TH_LOG("%zu bytes less", less);
		}
	}
	memcpy(longer, variant->good, size);
	for (size_t more = 1; more < 8; more++)
		EXPECT_EQ(ALERT_DECODE_ERROR,
			  variant->judge(at_end(self->end, longer, size + more),
					 size + more));
}

static const int alerts[] = {
	0, ALERT_UNEXPECTED_MESSAGE, ALERT_HANDSHAKE_FAILURE, ALERT_BAD_CERTIFICATE,
	ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_PROTOCOL_VERSION,
	ALERT_MISSING_EXTENSION, ALERT_UNSUPPORTED_EXTENSION,
};

static bool is_verdict(int alert)
{
	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (alerts[i] == alert)
			return true;
	return false;
}

/* A generator that anybody can run again */
static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

/* Changes bytes, or cuts some out, or doubles some. */
static size_t change(uint8_t *bytes, size_t size, uint64_t *state)
{
	size_t at = next_random(state) % size, part;

	switch (next_random(state) % 4) {
	case 0:
		bytes[at] ^= 1 << next_random(state) % 8;
		return size;
	case 1:
		bytes[at] = next_random(state) % 2 ? 0 : 0xff;
		return size;
	case 2:
		part = next_random(state) % (size - at);
		memmove(bytes + at, bytes + at + part, size - at - part);
		return size - part;
	default:
		part = next_random(state) % (size - at);
		if (size + part > BYTES_MAX)
			return size;
		memmove(bytes + at + part, bytes + at, size - at);
		return size + part;
	}
}

/* Shows: KT-23. */
TEST_F_TIMEOUT(parse, changed, 300)
{
	uint8_t bytes[BYTES_MAX];
	uint64_t seed, state;
	size_t length;

	ASSERT_EQ((ssize_t)sizeof(seed), getrandom(&seed, sizeof(seed), 0));
	TH_LOG("seed %llu", (unsigned long long)seed);
	state = seed;
	for (int i = 0; i < ROUNDS; i++) {
		length = variant->size;
		memcpy(bytes, variant->good, length);
		for (int n = 1 + next_random(&state) % CHANGES_MAX; n && length; n--)
			length = change(bytes, length, &state);
		ASSERT_TRUE(is_verdict(variant->judge(at_end(self->end, bytes, length),
						      length)));
	}
}

TEST_HARNESS_MAIN
