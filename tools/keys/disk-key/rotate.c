// SPDX-License-Identifier: GPL-2.0-only
/* A disk gets another label, and with it another key; see chunks.c. */
#include "command.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "rotate.h"
#include "rotation.h"
#include "say.h"
#include "table.h"

static const struct cause rotate_causes[] = {
	{ ENXIO, "the volume was closed" },
	{ EBUSY, "the volume is suspended" },
	{ EXDEV, "the volume is not open from this device" },
	{ EKEYREJECTED, "the header is not the one that the parents vouched for last" },
	{ EKEYREVOKED, "the key was revoked" },
	{ EKEYEXPIRED, "the time of the key has passed" },
	{ ENOKEY, "the key was revoked, or is linked nowhere any more" },
	{ ETIME, "the volume's key has a timeout, which another key would not have" },
	{ 0 }
};

/* A slot that is not used has no family. */
int rotate_sign(struct rotate *rotate, struct header *header)
{
	int err = 0;

	for (int i = 0; !err && i < HEADER_SLOTS; i++)
		if (header->slots[i].used)
			err = family_sign(&rotate->families[i], header, i);
	return err;
}

int rotate_write(struct rotate *rotate)
{
	int err = rotate_sign(rotate, &rotate->store.header);

	rotate->doing = "write the header";
	return err ?: store_write(&rotate->store);
}

int rotate_check(struct rotate *rotate, const struct header *known)
{
	const struct header *header = &rotate->store.header;
	int err = 0;

	if (rotate->store.copy < 0 || !header->rotation.active ||
	    memcmp(header->uuid, known->uuid, HEADER_UUID) ||
	    strcmp(header->label, known->label) ||
	    strcmp(header->rotation.label, known->rotation.label))
		return -EKEYREJECTED;
	for (int i = 0; !err && i < HEADER_SLOTS; i++)
		if (header->slots[i].used)
			err = family_check(&rotate->families[i], header, i);
	return err;
}

static int first_slot(const struct header *header)
{
	for (int i = 0; i < HEADER_SLOTS; i++)
		if (header->slots[i].first)
			return i;
	return -1;
}

/* The new key by all parents, as forms of the rotation. */
static int seal_next(struct rotate *rotate, struct header *header, int first)
{
	struct header_rotation *rotation = &header->rotation;
	struct header next = *header;
	int err;

	memcpy(next.label, rotation->label, sizeof(next.label));
	memset(&next.rotation, 0, sizeof(next.rotation));
	for (int i = 0; i < HEADER_SLOTS; i++) {
		struct header_slot *slot = &next.slots[i];

		if (!slot->used)
			continue;
		err = family_seal(&rotate->families[i],
				  rotate->families[first].root, &next, i);
		if (err)
			return err;
		if (le16toh(slot->form_size) > HEADER_NEXT_FORM)
			return -E2BIG;
		memcpy(rotation->form[i], slot->form, HEADER_NEXT_FORM);
		rotation->form_size[i] = slot->form_size;
	}
	return 0;
}

static void begin(struct rotate *rotate, const char *label)
{
	struct header *header = &rotate->store.header;
	int first = first_slot(header), err;

	if (first < 0)
		fail("%s has no first parent, of which another key could be derived",
		     rotate->device);
	header->rotation.active = 1;
	label_take(header->rotation.label, label);
	err = seal_next(rotate, header, first);
	if (!err)
		err = rotate_sign(rotate, header);
	if (err)
		fail("cannot make the new key of %s: %s", rotate->device,
		     key_cause(err));
	disk_written(rotate->device, store_write(&rotate->store));
}

static void check_label(const struct header *header, const char *device,
			const char *label)
{
	char field[HEADER_LABEL];

	if (label)
		label_take(field, label);
	if (header->rotation.active) {
		if (label && strcmp(label, header->rotation.label))
			fail("%s is on its way to label %s already; rotate without -l goes on",
			     device, header->rotation.label);
		return;
	}
	if (!label)
		fail("there is no rotation of %s to go on with; -l begins one",
		     device);
	if (strcmp(label, header->label) == 0)
		fail("%s has label %s, and its key, already", device, label);
}

/* What a rotation that was killed has left goes. */
static void check_alone(const struct rotate *rotate)
{
	int runs = rotation_runs(rotate->uuid);
	int err = runs < 0 ? runs : 0;

	if (runs > 0)
		fail("another rotate of %s runs", rotate->device);
	if (!err)
		err = rotation_end(rotate->uuid);
	if (err)
		fail("cannot ask about a rotation of %s: %s", rotate->device,
		     strerror(-err));
}

/*
 * While the volume is suspended nothing may wait for it: neither the program's own
 * pages nor those that the kernel would like to have from somebody else.
 */
static void need_no_disk(void)
{
	prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		fail("cannot lock the program in memory: %s", strerror(errno));
}

/* The volume, if it is open, is what the header says, by the keys of today. */
static int take_keys(struct rotate *rotate, struct map *volume)
{
	int err = volume_hold(rotate, &rotate->store.header, volume);

	if (err)
		return err;
	err = volume_go_on(volume);
	if (err)
		volume_go_back(volume);
	return err;
}

/*
 * The key of the new label takes the name of the old one.  What is revoked or closed
 * meanwhile has none: whoever does that looks for keys when the volume has no target
 * any more, and here the volume is looked at once the key is there.
 */
static int rename_key(struct rotate *rotate, int slot)
{
	const struct header *header = &rotate->store.header;
	struct map volume;
	int32_t key;
	int err = volume_look(rotate, &volume);

	if (volume.state == MAP_REVOKED)
		return 0;
	if (err || volume.state == MAP_NONE)
		return err;
	key = volume_key_load(&rotate->families[slot], header, slot, KEY_NOW);
	if (key < 0)
		return key;
	err = take_keys(rotate, &volume);
	rotate->doing = "give the volume its key by another name";
	rotate->renamed = !err && volume.state == MAP_ACTIVE;
	if (!rotate->renamed)
		volume_key_end(key);
	return volume.state == MAP_REVOKED ? 0 : err;
}

/*
 * The journal has data of today under the old key.  So it is cleared while the header
 * still has a rotation, with which another rotate would come back here.
 */
static int finish(struct rotate *rotate)
{
	struct header *header = &rotate->store.header, next;
	struct map volume;
	int slot = 0, err = volume_look(rotate, &volume);

	if (err)
		return err;
	rotate->doing = "clear the journal";
	err = journal_clear(&rotate->mover);
	if (err)
		return err;
	header_rotated(&next, header);
	*header = next;
	err = rotate_write(rotate);
	if (err)
		return err;
	while (!header->slots[slot].used)
		slot++;
	return rename_key(rotate, slot);
}

/*
 * Its keys are the volume's as well, if it is open between two keys.  The volume of a
 * copy of the disk has keys of its own by the same names.
 */
static void let_go(struct rotate *rotate)
{
	struct volume_keys named = {};
	struct map volume;
	int err = map_find(rotate->uuid, MAP_VOLUME, &volume);
	bool open = volume.state != MAP_NONE && volume.state != MAP_REVOKED;
	bool elsewhere = open && volume_is_elsewhere(rotate, &volume);

	rotation_end(rotate->uuid);
	if (err || (open && !elsewhere && !rotate->renamed))
		return;
	if (!elsewhere)
		volume_keys_find(&named, rotate->uuid);
	if (open)
		named.key[KEY_NOW] = 0;
	volume_keys_end(&rotate->keys);
	volume_keys_end(&named);
}

static int fill(struct rotate *rotate)
{
	struct map_table table;
	int err;

	table_of_rotation(&table, &rotate->store.header, rotate->store.dev);
	rotate->doing = "make the device of the rotation";
	err = map_load(rotate->name, &table);
	if (!err)
		err = map_resume_hidden(rotate->name);
	return err ?: mover_open(&rotate->mover, &rotate->store, rotate->name);
}

/* An open volume has its keys under the names from now on that they are ended by. */
static int take_over(struct rotate *rotate)
{
	struct map volume;

	return take_keys(rotate, &volume);
}

static int work(struct rotate *rotate)
{
	int err = fill(rotate);

	if (err)
		return err;
	err = take_over(rotate);
	if (!err)
		err = chunks_move(rotate);
	if (!err)
		err = finish(rotate);
	mover_close(&rotate->mover);
	return err;
}

static void load_keys(struct rotate *rotate)
{
	const struct header *header = &rotate->store.header;
	int slot = 0, err;

	while (!header->slots[slot].used)
		slot++;
	err = volume_keys_load(&rotate->keys, &rotate->families[slot], header,
			       slot);
	if (err)
		fail("cannot load the keys of %s: %s", rotate->device,
		     key_cause(err));
}

static void run(struct rotate *rotate)
{
	int err;

	load_keys(rotate);
	err = rotation_create(rotate->uuid, rotate->name);
	rotate->doing = "make the device of the rotation";
	if (!err)
		err = work(rotate);
	let_go(rotate);
	if (err == -EINTR)
		fail("the rotation of %s was stopped; rotate without -l goes on",
		     rotate->device);
	if (err)
		fail("cannot rotate %s: cannot %s: %s", rotate->device,
		     rotate->doing, cause_text(rotate_causes, -err));
}

static void check_volume(struct rotate *rotate)
{
	struct map volume;
	int err = volume_look(rotate, &volume);

	if (err)
		fail("cannot rotate %s: %s", rotate->device,
		     cause_text(rotate_causes, -err));
}

void command_rotate(char **args, const struct options *options)
{
	struct rotate rotate = { .device = args[0] };

	chunks_block_signals();
	disk_take(&rotate.store, rotate.device, O_RDWR);
	header_uuid(&rotate.store.header, rotate.uuid);
	disk_fits(&rotate.store, rotate.device);
	check_label(&rotate.store.header, rotate.device, options->label);
	check_alone(&rotate);
	disk_unlock_all(rotate.families, &rotate.store, rotate.device,
			options->parent);
	need_no_disk();
	check_volume(&rotate);
	if (!rotate.store.header.rotation.active)
		begin(&rotate, options->label);
	run(&rotate);
	for (int i = 0; i < HEADER_SLOTS; i++)
		family_end(&rotate.families[i]);
	store_close(&rotate.store);
}
