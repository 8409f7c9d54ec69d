// SPDX-License-Identifier: GPL-2.0-only
/* The keys of a volume together: one, or two during a rotation. */
#include "keys.h"

void volume_keys_end(struct volume_keys *keys)
{
	for (int i = 0; i < KEYS; i++) {
		if (keys->key[i] > 0)
			volume_key_end(keys->key[i]);
		keys->key[i] = 0;
	}
}

int volume_keys_load(struct volume_keys *keys, const struct family *family,
		     const struct header *header, int slot)
{
	int err;

	keys->key[KEY_NEXT] = 0;
	keys->key[KEY_NOW] = volume_key_load(family, header, slot, KEY_NOW);
	if (keys->key[KEY_NOW] < 0)
		return keys->key[KEY_NOW];
	if (!header->rotation.active)
		return 0;
	keys->key[KEY_NEXT] = volume_key_load(family, header, slot, KEY_NEXT);
	if (keys->key[KEY_NEXT] > 0)
		return 0;
	err = keys->key[KEY_NEXT];
	volume_keys_end(keys);
	return err;
}

void volume_keys_find(struct volume_keys *keys, const char *uuid)
{
	for (int i = 0; i < KEYS; i++)
		keys->key[i] = volume_key_find(uuid, i);
}
