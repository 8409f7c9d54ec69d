// SPDX-License-Identifier: GPL-2.0-only
/* What several commands do: find parents, and take disks and volumes. */
#include "command.h"

#include <endian.h>

#include "say.h"

static const struct cause key_causes[] = {
	{ ENODEV, "this kernel has no keys of type symmetric" },
	{ EINVAL, "this kernel cannot store keys of type symmetric" },
	{ EDQUOT, "the key quota is used up" },
	{ ENOKEY, "there is none in your keyrings that works" },
	{ EACCES, "no permission to search it; is it linked to a keyring of yours?" },
	{ EKEYREVOKED, "it was revoked" },
	{ EKEYEXPIRED, "its time has passed" },
	{ EKEYREJECTED, "it is no key that others are derived from and nobody has seen" },
	{ EBADMSG, "what it has sealed was changed" },
	{ 0 }
};

const char *key_cause(int err)
{
	return cause_text(key_causes, -err);
}

void parent_named(struct parent *parent, const char *text)
{
	char type[32];
	const char *name;
	int err;

	not_empty(text, "parent");
	if (text[0] != '%') {
		err = parent_describe(parent, number(text, "serial of a key, nor %TYPE:NAME",
						     1, INT32_MAX));
	} else {
		name = strchr(text, ':');
		if (!name || name - text > (long)sizeof(type))
			misuse("%s is no %%TYPE:NAME", text);
		snprintf(type, sizeof(type), "%.*s", (int)(name - text - 1),
			 text + 1);
		if (!parent_type(type))
			misuse("a parent is a key of type trusted, encrypted or symmetric");
		name++;
		if (!text_fits(name, HEADER_PARENT, true))
			misuse("the name of a parent has 1 to %d printable characters",
			       HEADER_PARENT - 1);
		err = parent_find(parent, parent_type(type), name);
	}
	if (err)
		fail("cannot take parent %s: %s", text, key_cause(err));
}

void parent_family(struct family *family, const struct parent *parent,
		   const struct header *header)
{
	int err = family_make(family, parent, header);

	if (err)
		fail("cannot derive from %s: %s", parent->name, key_cause(err));
}

void label_take(char field[HEADER_LABEL], const char *text)
{
	if (!text_fits(text, HEADER_LABEL, false))
		misuse("the label has 1 to %d printable characters, none of them blank",
		       HEADER_LABEL - 1);
	memset(field, 0, HEADER_LABEL);
	snprintf(field, HEADER_LABEL, "%s", text);
}

static const struct cause device_causes[] = {
	{ ENOTBLK, "it is no block device (see losetup(8) for files)" },
	{ EBUSY, "it is in use" },
	{ 0 }
};

void device_take(struct store *store, const char *device, int flags)
{
	int err = store_open(store, not_empty(device, "device"), flags);

	if (err)
		fail("cannot open %s: %s", device, cause_text(device_causes, -err));
}

void disk_take(struct store *store, const char *device, int flags)
{
	device_take(store, device, flags);
	if (store->copy < 0)
		fail("%s has no valid header of a disk", device);
}

void disk_written(const char *device, int err)
{
	if (err == -EOVERFLOW)
		fail("the header of %s was changed more often than there are numbers",
		     device);
	if (err)
		fail("cannot write to %s: %s", device, strerror(-err));
}

/* A slot that this key answers for, or -1. */
static int slot_of(const struct header *header, const struct family *family)
{
	for (int i = 0; i < HEADER_SLOTS; i++)
		if (header->slots[i].used && !family_check(family, header, i))
			return i;
	return -1;
}

static void unlock_named(struct unlocked *unlocked, const struct store *store,
			 const char *device, const char *name)
{
	struct parent parent;

	parent_named(&parent, name);
	parent_family(&unlocked->family, &parent, &store->header);
	unlocked->slot = slot_of(&store->header, &unlocked->family);
	if (unlocked->slot >= 0)
		return;
	family_end(&unlocked->family);
	fail("%s is no parent of %s, or the header was changed", name, device);
}

/* 0, or why the parent that the slot names does not unlock it. */
static int unlock_slot(struct unlocked *unlocked, const struct header *header,
		       int slot)
{
	const struct header_slot *at = &header->slots[slot];
	struct parent parent;
	int err = parent_find(&parent, at->type, at->parent);

	if (!err)
		err = family_make(&unlocked->family, &parent, header);
	if (err)
		return err;
	unlocked->slot = slot;
	err = family_check(&unlocked->family, header, slot);
	if (err)
		family_end(&unlocked->family);
	return err;
}

void disk_unlock(struct unlocked *unlocked, const struct store *store,
		 const char *device, const char *parent)
{
	const struct header *header = &store->header;
	int err = -ENOKEY;

	if (parent) {
		unlock_named(unlocked, store, device, parent);
		return;
	}
	for (int i = 0; i < HEADER_SLOTS; i++) {
		int why = header->slots[i].used ?
			  unlock_slot(unlocked, header, i) : -ENOKEY;

		if (!why)
			return;
		/* A key that is there says more than one that is not. */
		if (why != -ENOKEY)
			err = why;
	}
	if (err == -EKEYREJECTED)
		fail("no key that %s names is a parent of it, or the header was changed",
		     device);
	fail("cannot find a parent of %s: %s", device, key_cause(err));
}

void disk_unlock_all(struct family families[HEADER_SLOTS],
		     const struct store *store, const char *device,
		     const char *parent)
{
	const struct header *header = &store->header;
	struct unlocked named = { .slot = -1 }, other;
	int err;

	if (parent)
		disk_unlock(&named, store, device, parent);
	for (int i = 0; i < HEADER_SLOTS; i++) {
		families[i] = (struct family){ -1, -1, -1 };
		if (!header->slots[i].used)
			continue;
		if (i == named.slot) {
			families[i] = named.family;
			continue;
		}
		err = unlock_slot(&other, header, i);
		if (err)
			fail("cannot use parent %d of %s, and all are needed: %s",
			     i, device, key_cause(err));
		families[i] = other.family;
	}
}

void disk_fits(const struct store *store, const char *device)
{
	uint64_t sectors = le64toh(store->header.sectors);

	if (store->sectors < HEADER_DATA + sectors)
		fail("%s is smaller than it was when it was formatted", device);
}

void volume_take(struct map *map, const char *name)
{
	int err;

	if (!map_name_fits(name))
		misuse("%s is no name of a volume", name);
	err = map_look(name, map);
	if (err)
		fail("cannot ask about %s: %s", name, strerror(-err));
	if (map->state == MAP_NONE)
		fail("there is no volume %s", name);
	if (map->state == MAP_OTHER)
		fail("%s is no volume of this program", name);
}
