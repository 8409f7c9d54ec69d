// SPDX-License-Identifier: GPL-2.0-only
/* Requests that a keyring answers, and requests that nothing answers. */
#include "bench.h"

#define ROUNDS		4000
/* Rounds do not take keys in the order in which they were added. */
#define STRIDE		7919
/* How deep the innermost ring lies: searches follow six levels at most. */
#define DEPTH		4
#define RINGS		100

/**
 * struct place - Where keys are looked for
 * @name: What the figure is called.
 * @ring: The special keyring that holds them.
 * @keys: How many there are.
 */
struct place {
	const char *name;
	key_serial_t ring;
	unsigned int keys;
};

static const struct place places[] = {
	{ "session", KEY_SPEC_SESSION_KEYRING, KEYS_FEW },
	{ "session", KEY_SPEC_SESSION_KEYRING, KEYS_SOME },
	{ "session", KEY_SPEC_SESSION_KEYRING, KEYS_MANY },
	{ "process", KEY_SPEC_PROCESS_KEYRING, KEYS_FEW },
	{ "thread", KEY_SPEC_THREAD_KEYRING, KEYS_FEW },
};

static long ask(void *arg, unsigned int round)
{
	const unsigned int *keys = arg;

	return key_request("user", key_name(round * STRIDE % *keys), NULL, 0);
}

static long ask_in_vain(void *arg, unsigned int round)
{
	(void)arg;
	(void)round;
	return key_request("user", "nobody has this", NULL, 0) == -ENOKEY ?
	       0 : -EEXIST;
}

static void from_place(const void *arg)
{
	struct place place = *(const struct place *)arg;
	const struct work hit = {
		.run = ask, .arg = &place.keys, .rounds = ROUNDS,
	};
	const struct work miss = { .run = ask_in_vain, .rounds = ROUNDS };

	fill_ring(place.ring, place.keys);
	settle();
	measure(&hit, "served/%s/%u", place.name, place.keys);
	measure(&miss, "miss/%s/%u", place.name, place.keys);
}

static void from_depth(const void *arg)
{
	unsigned int keys = KEYS_FEW;
	const struct work work = {
		.run = ask, .arg = &keys, .rounds = ROUNDS,
	};
	key_serial_t ring = KEY_SPEC_SESSION_KEYRING;

	(void)arg;
	for (int i = 0; i < DEPTH; i++)
		ring = must(keyring_new("ring", ring), "keyring");
	fill_ring(ring, keys);
	measure(&work, "served/deep/%d", DEPTH);
}

static void from_rings(const void *arg)
{
	unsigned int keys = RINGS;
	const struct work work = {
		.run = ask, .arg = &keys, .rounds = ROUNDS,
	};
	char name[NAME_SIZE];
	key_serial_t ring;

	(void)arg;
	for (unsigned int i = 0; i < keys; i++) {
		ring = must(keyring_new(unique_name(name),
					KEY_SPEC_SESSION_KEYRING), "keyring");
		must(key_add("user", key_name(i), "x", 1, ring), "add_key");
	}
	measure(&work, "served/rings/%u", keys);
}

void bench_served(void)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		apart(from_place, &places[i]);
	apart(from_depth, NULL);
	apart(from_rings, NULL);
}
