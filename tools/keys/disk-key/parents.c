// SPDX-License-Identifier: GPL-2.0-only
/* The parents of a disk come and go. */
#include "command.h"

#include <fcntl.h>

#include "say.h"

/* The key of the volume can be sealed once more by whoever derives it. */
static void take_first(struct unlocked *first, const struct store *store,
		       const char *device, const char *parent)
{
	disk_unlock(first, store, device, parent);
	if (!store->header.slots[first->slot].first) {
		family_end(&first->family);
		fail("only the first parent of %s can have another one added",
		     device);
	}
}

static int add(struct header *header, const struct parent *parent,
	       const struct family *first, const struct family *family)
{
	int slot = header_free_slot(header);
	struct header_slot *to = &header->slots[slot];

	to->used = 1;
	to->type = parent->type;
	memcpy(to->parent, parent->name, sizeof(to->parent));
	return family_seal(family, first->root, header, slot);
}

static bool has_parent(const struct header *header, const struct family *family)
{
	for (int i = 0; i < HEADER_SLOTS; i++)
		if (header->slots[i].used && !family_check(family, header, i))
			return true;
	return false;
}

void command_add_parent(char **args, const struct options *options)
{
	const char *device = args[0];
	struct unlocked first;
	struct parent parent;
	struct family family;
	struct store store;
	bool known;
	int err = 0;

	parent_named(&parent, args[1]);
	disk_take(&store, device, O_RDWR);
	if (store.header.rotation.active)
		fail("%s is between two keys; rotate has to end first", device);
	if (header_free_slot(&store.header) < 0)
		fail("%s has %d parents, and no room for more", device,
		     HEADER_SLOTS);
	take_first(&first, &store, device, options->parent);
	parent_family(&family, &parent, &store.header);
	known = has_parent(&store.header, &family);
	if (!known)
		err = add(&store.header, &parent, &first.family, &family);
	family_end(&first.family);
	family_end(&family);
	if (known)
		fail("%s is a parent of %s already", args[1], device);
	if (err)
		fail("cannot seal the key of the volume: %s", key_cause(err));
	disk_written(device, store_write(&store));
	store_close(&store);
}

/* By its number, as status shows it: the parent may be lost. */
static int slot_named(const struct header *header, const char *device,
		      const char *text)
{
	int slot = number(text, "number of a parent", 0, HEADER_SLOTS - 1);

	if (!header->slots[slot].used)
		fail("%s has no parent %d", device, slot);
	return slot;
}

static void take_away(struct header *header, int slot)
{
	struct header_rotation *rotation = &header->rotation;

	memset(&header->slots[slot], 0, sizeof(header->slots[slot]));
	memset(rotation->form[slot], 0, sizeof(rotation->form[slot]));
	rotation->form_size[slot] = 0;
}

/* A caller that takes one away shows that another one still opens the disk. */
void command_remove_parent(char **args, const struct options *options)
{
	const char *device = args[0];
	struct unlocked by;
	struct store store;
	int slot;

	disk_take(&store, device, O_RDWR);
	slot = slot_named(&store.header, device, args[1]);
	if (header_used_slots(&store.header) == 1)
		fail("%s has no other parent: nothing would open it", device);
	if (store.header.slots[slot].first && !options->force)
		fail("without its first parent %s gets no other one any more (see --force)",
		     device);
	disk_unlock(&by, &store, device, options->parent);
	family_end(&by.family);
	if (by.slot == slot)
		fail("parent %d is the one that opens %s here; name another: -p",
		     slot, device);
	take_away(&store.header, slot);
	disk_written(device, store_write(&store));
	store_close(&store);
}
