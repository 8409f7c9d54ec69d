// SPDX-License-Identifier: GPL-2.0-only
/* Keyrings full of keys, and their names. */
#include "bench.h"

#define PAYLOAD	"sixteen bytes..."

/* The names are made beforehand, so that making them is not timed. */
const char *key_name(unsigned int index)
{
	static char names[KEYS_MANY][NAME_SIZE];

	if (!names[0][0])
		for (unsigned int i = 0; i < KEYS_MANY; i++)
			snprintf(names[i], NAME_SIZE, "bench:%u", i);
	return names[index % KEYS_MANY];
}

const char *unique_name(char *name)
{
	static unsigned int count;

	snprintf(name, NAME_SIZE, "new:%d:%u", getpid(), count++);
	return name;
}

void fill_ring(key_serial_t ring, unsigned int keys)
{
	for (unsigned int i = 0; i < keys; i++)
		must(key_add("user", key_name(i), PAYLOAD,
			     sizeof(PAYLOAD) - 1, ring), "add_key");
}
