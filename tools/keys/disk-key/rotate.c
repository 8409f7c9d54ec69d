// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk gets another label, and with it another key.
 *
 * Chunk by chunk the data are copied to the journal, as they are; then the header
 * says so; then they are read by the old key and written by the new one; then the
 * header says that.  So of each sector there is one place at any time that the header
 * names and that nobody writes to.  Between two chunks others have the disk.
 */
#include "command.h"

#include <endian.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "move.h"
#include "rotation.h"
#include "say.h"
#include "table.h"

/* Others who wait for the disk get it meanwhile. */
#define PAUSE_NS	2000000

/*
 * struct rotate - a rotation at work
 * @store:	the disk, with its lock but for the pauses
 * @device:	its name
 * @uuid:	of the disk
 * @name:	of the rotation's device
 * @families:	of all parents
 * @keys:	that the rotation's device has
 * @renamed:	the volume, if it is open, does without them
 * @mover:	moves the data
 * @doing:	what cannot be done if there is an error
 */
struct rotate {
	struct store store;
	const char *device;
	char uuid[UUID_TEXT];
	char name[MAP_NAME_SIZE];
	struct family families[HEADER_SLOTS];
	struct volume_keys keys;
	bool renamed;
	struct mover mover;
	const char *doing;
};

static const struct cause rotate_causes[] = {
	{ ENXIO, "the volume was closed" },
	{ EBUSY, "the volume is suspended, or revoked" },
	{ EKEYREJECTED, "no parent vouches for the header any more" },
	{ EKEYREVOKED, "the key was revoked" },
	{ 0 }
};

/* A slot that is not used has no family. */
static int sign(struct rotate *rotate, struct header *header)
{
	int err = 0;

	for (int i = 0; !err && i < HEADER_SLOTS; i++)
		if (header->slots[i].used)
			err = family_sign(&rotate->families[i], header, i);
	return err;
}

static int write_header(struct rotate *rotate, const char *doing)
{
	int err = sign(rotate, &rotate->store.header);

	rotate->doing = doing;
	return err ?: store_write(&rotate->store);
}

/* Whoever had the disk meanwhile may have changed it. */
static int check(struct rotate *rotate)
{
	const struct header *header = &rotate->store.header;
	char uuid[UUID_TEXT];
	int err = 0;

	header_uuid(header, uuid);
	rotate->doing = "go on";
	if (rotate->store.copy < 0 || !header->rotation.active ||
	    strcmp(uuid, rotate->uuid))
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
		err = sign(rotate, header);
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

/* Has the volume, if it is open, be what the header is to say, once it is resumed. */
static int volume_hold(const struct rotate *rotate, const struct header *header,
		       const struct map *volume)
{
	struct map_table table;
	int err;

	if (volume->state == MAP_NONE)
		return 0;
	table_of_volume(&table, header, rotate->store.dev);
	err = map_load(volume->name, &table);
	if (!err)
		err = map_suspend_io(volume->name);
	if (err)
		map_clear(volume->name);
	return err;
}

static int volume_go_on(const struct map *volume)
{
	return volume->state == MAP_NONE ? 0 : map_resume(volume->name);
}

static int volume_look(struct rotate *rotate, struct map *volume)
{
	int err = map_find(rotate->uuid, MAP_VOLUME, volume);

	rotate->doing = "take the volume";
	if (!err && volume->state != MAP_NONE && volume->state != MAP_ACTIVE)
		err = -EBUSY;
	return err;
}

/* Without its key the volume has nobody whom its I/O could wait for. */
static void volume_give_up(struct map *volume, int err)
{
	if (err != -EKEYREVOKED && err != -EKEYEXPIRED && err != -ENOKEY)
		return;
	volume->state = MAP_SUSPENDED;
	map_break(volume);
}

/* What was held is as it was before. */
static void volume_go_back(struct map *volume)
{
	if (volume->state == MAP_NONE)
		return;
	map_clear(volume->name);
	volume_give_up(volume, map_resume(volume->name));
}

/*
 * After an error the disk has the last word, so that whatever is written to the volume
 * goes where the next one who opens it looks.  If that cannot be had, its I/O waits.
 */
static void volume_settle(struct rotate *rotate, struct map *volume)
{
	int err = 0;

	if (volume->state == MAP_NONE)
		return;
	store_reread(&rotate->store);
	if (rotate->store.copy < 0)
		return;
	err = volume_hold(rotate, &rotate->store.header, volume);
	if (!err)
		err = map_resume(volume->name);
	volume_give_up(volume, err);
}

/* Puts the chunk into the journal, and says so, unless that has been done. */
static int chunk_keep(struct rotate *rotate, uint64_t start, uint32_t sectors)
{
	struct header_rotation *rotation = &rotate->store.header.rotation;

	if (rotation->moving) {
		rotate->doing = "read the journal back";
		return move_from_journal(&rotate->mover, start, sectors);
	}
	rotate->doing = "write the journal";
	return move_to_journal(&rotate->mover, start, sectors);
}

static int chunk_turn(struct rotate *rotate, uint64_t start, uint32_t sectors)
{
	struct header_rotation *rotation = &rotate->store.header.rotation;
	int err = 0;

	if (!rotation->moving) {
		rotation->moving = htole32(sectors);
		err = write_header(rotate, "write the header");
	}
	if (!err) {
		rotate->doing = "write the data";
		err = move_to_key(&rotate->mover, start, sectors);
	}
	if (err)
		return err;
	rotation->position = htole64(start + sectors);
	rotation->moving = 0;
	return write_header(rotate, "write the header");
}

static int chunk(struct rotate *rotate)
{
	struct header *header = &rotate->store.header, after = *header;
	uint64_t start = le64toh(header->rotation.position);
	uint64_t rest = le64toh(header->sectors) - start;
	uint32_t sectors = le32toh(header->rotation.moving);
	struct map volume;
	int err;

	if (!sectors)
		sectors = rest < HEADER_JOURNAL_SECTORS ? rest :
			  HEADER_JOURNAL_SECTORS;
	after.rotation.position = htole64(start + sectors);
	after.rotation.moving = 0;
	err = volume_look(rotate, &volume);
	if (!err)
		err = volume_hold(rotate, &after, &volume);
	if (err)
		return err;
	err = chunk_keep(rotate, start, sectors);
	if (err) {
		volume_go_back(&volume);
		return err;
	}
	err = chunk_turn(rotate, start, sectors);
	if (!err) {
		rotate->doing = "resume the volume";
		err = volume_go_on(&volume);
	}
	if (err)
		volume_settle(rotate, &volume);
	return err;
}

static bool is_done(const struct rotate *rotate)
{
	const struct header *header = &rotate->store.header;

	return header->rotation.position == header->sectors;
}

/* Each of them would end the program, or a call of it, within a chunk. */
static void signals_that_end(sigset_t *ends)
{
	sigemptyset(ends);
	sigaddset(ends, SIGHUP);
	sigaddset(ends, SIGINT);
	sigaddset(ends, SIGQUIT);
	sigaddset(ends, SIGTERM);
}

static void block_signals(void)
{
	sigset_t ends;

	signals_that_end(&ends);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	/* A program that is stopped could have the volume wait for it. */
	signal(SIGTSTP, SIG_IGN);
}

/* True if a signal asks for an end. */
static bool pause_for_others(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	sigset_t ends;

	signals_that_end(&ends);
	return sigtimedwait(&ends, NULL, &pause) > 0;
}

static int chunks(struct rotate *rotate)
{
	int err = 0;

	while (!err && !is_done(rotate)) {
		bool ends;

		err = chunk(rotate);
		if (err)
			break;
		store_unlock(&rotate->store);
		ends = pause_for_others();
		err = store_lock(&rotate->store);
		if (!err)
			err = check(rotate);
		if (ends && !err) {
			rotate->doing = "go on";
			err = -EINTR;
		}
	}
	return err;
}

/* The key of the new label takes the name of the old one. */
static int rename_key(struct rotate *rotate, int slot)
{
	const struct header *header = &rotate->store.header;
	struct map volume;
	int32_t key;
	int err = map_find(rotate->uuid, MAP_VOLUME, &volume);

	rotate->doing = "give the volume its key by another name";
	if (err)
		return err;
	rotate->renamed = volume.state != MAP_ACTIVE;
	if (rotate->renamed)
		return 0;
	key = volume_key_load(&rotate->families[slot], header, slot, KEY_NOW);
	if (key < 0)
		return key;
	err = volume_hold(rotate, header, &volume);
	if (!err)
		err = volume_go_on(&volume);
	rotate->renamed = !err;
	return err;
}

static int finish(struct rotate *rotate)
{
	struct header *header = &rotate->store.header, next;
	int slot = 0, err;

	header_rotated(&next, header);
	*header = next;
	err = write_header(rotate, "write the header");
	if (err)
		return err;
	while (!header->slots[slot].used)
		slot++;
	err = rename_key(rotate, slot);
	if (err)
		return err;
	rotate->doing = "clear the journal";
	return journal_clear(&rotate->mover);
}

/* Its keys are the volume's as well, if it is open between two keys. */
static void let_go(struct rotate *rotate)
{
	struct volume_keys named;
	struct map volume;
	int err = map_find(rotate->uuid, MAP_VOLUME, &volume);

	rotation_end(rotate->uuid);
	if (err || (volume.state != MAP_NONE && !rotate->renamed))
		return;
	volume_keys_find(&named, rotate->uuid);
	if (volume.state != MAP_NONE)
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
	int err = volume_look(rotate, &volume);

	if (!err)
		err = volume_hold(rotate, &rotate->store.header, &volume);
	return err ?: volume_go_on(&volume);
}

static int work(struct rotate *rotate)
{
	int err = fill(rotate);

	if (err)
		return err;
	err = take_over(rotate);
	if (!err)
		err = chunks(rotate);
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

	block_signals();
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
