// SPDX-License-Identifier: GPL-2.0-only
/* Making and changing keys without a request. */
#include "bench.h"

#define ROUNDS	1000
#define PAYLOAD	"sixteen bytes..."

static long add_new(void *arg, unsigned int round)
{
	char name[NAME_SIZE];

	(void)arg;
	(void)round;
	return key_add_user(unique_name(name), PAYLOAD, sizeof(PAYLOAD) - 1);
}

static long update(void *arg, unsigned int round)
{
	(void)round;
	return key_update(*(key_serial_t *)arg, PAYLOAD, sizeof(PAYLOAD) - 1);
}

static void add_to(const void *arg)
{
	const unsigned int *keys = arg;
	const struct work work = { .run = add_new, .rounds = ROUNDS };

	fill_ring(KEY_SPEC_SESSION_KEYRING, *keys);
	settle();
	measure(&work, "add_key/%u", *keys);
}

void bench_add(void)
{
	static const unsigned int sizes[] = { KEYS_FEW, KEYS_MANY };
	key_serial_t key = must(key_add_user("key", "x", 1), "add_key");
	const struct work work = {
		.run = update, .arg = &key, .rounds = ROUNDS,
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		apart(add_to, &sizes[i]);
	measure(&work, "key_update");
}
